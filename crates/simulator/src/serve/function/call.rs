//! Calling a function import: its parameters are literals, strings in quotes.

use joinery_odata::Literal;
use serde_json::json;

use super::table::Returns;
use super::{FUNCTIONS, Function};
use crate::oauth::parameters;
use crate::schema::Edm;
use crate::serve::Refusal;
use crate::serve::asked::{Answer, Asked};
use crate::serve::turn::Turn;

/// A call of a function import.
pub(crate) struct Call<'a, 't> {
    pub(crate) turn: &'a Turn<'t>,
    pub(crate) asked: &'a Asked,
    pub(crate) arguments: Arguments,
}

/// The arguments, of their parameters' types. The accessors take the name of a parameter of that type; one that was not
/// given is empty, 0 or false, and `given` tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arguments(Vec<(&'static str, Literal)>);

impl Arguments {
    pub(crate) fn given(&self, name: &str) -> Option<&Literal> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.given(name).and_then(Literal::as_text).unwrap_or_default()
    }

    pub(crate) fn int(&self, name: &str) -> i64 {
        match self.given(name) {
            Some(Literal::Int(number) | Literal::Int64(number)) => *number,
            _ => 0,
        }
    }

    pub(crate) fn truth(&self, name: &str) -> bool {
        matches!(self.given(name), Some(Literal::Bool(true)))
    }
}

/// The function import that a path names.
pub(crate) fn named(path: &str) -> Option<&'static Function> {
    let name = path.trim_end_matches('/');
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// Answers a call.
pub(crate) fn answer(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    let function = named(&asked.path).ok_or_else(Refusal::no_entity)?;
    // HEAD is GET without the body.
    let method = if asked.method == "HEAD" { "GET" } else { asked.method.as_str() };
    // Metadata declares POST for this one, and only GET works (KBA 3728375).
    let served = if function.name == "checkUserPermissions" { "GET" } else { function.method };
    if method != served {
        return Err(Refusal::no_method(&asked.method));
    }
    let arguments = arguments(function, &asked.query)?;
    let d = (function.call)(&Call { turn, asked, arguments })?;
    let results = turn.settings().switches.function_lists_in_results;
    let d = match function.returns {
        Returns::Value(_) => json!({ function.name: d }),
        Returns::Complex(name, _) => json!({ name: d }),
        Returns::Complexes(..) | Returns::Entities(_) if results => json!({ "results": d }),
        Returns::Complexes(..) | Returns::Entities(_) | Returns::Entity(_) => d,
    };
    Ok(Answer::json(200, &json!({ "d": d })))
}

/// Reads the parameters; what is no parameter is passed over, as `$format` and unknown options are.
fn arguments(function: &Function, query: &str) -> Result<Arguments, Refusal> {
    let given = parameters(query);
    let mut read = Vec::new();
    for parameter in function.parameters {
        match given.iter().find(|(name, _)| name == parameter.name) {
            Some((_, text)) => {
                let value = literal(parameter.edm, text.trim()).ok_or_else(|| {
                    let (name, kind) = (parameter.name, parameter.edm.name());
                    let hint = if parameter.edm == Edm::String { ", in single quotes" } else { "" };
                    Refusal::bad_request(&format!("The value of parameter {name} is not valid: {kind}{hint}."))
                })?;
                read.push((parameter.name, value));
            }
            None if parameter.required => {
                let name = parameter.name;
                return Err(Refusal::bad_request(&format!("Parameter {name} of {} is missing.", function.name)));
            }
            None => {}
        }
    }
    Ok(Arguments(read))
}

fn literal(edm: Edm, text: &str) -> Option<Literal> {
    let literal = Literal::parse(text).ok()?;
    let fits = match edm {
        Edm::String => matches!(literal, Literal::Text(_)),
        Edm::Boolean => matches!(literal, Literal::Bool(_)),
        Edm::Int32 | Edm::Int64 => matches!(literal, Literal::Int(_) | Literal::Int64(_)),
        Edm::DateTime => matches!(literal, Literal::DateTime(_)),
        Edm::DateTimeOffset => matches!(literal, Literal::DateTimeOffset(_)),
        Edm::Binary => matches!(literal, Literal::Binary(_)),
        Edm::Double | Edm::Single | Edm::Decimal => !matches!(literal, Literal::Text(_)),
    };
    (fits || literal == Literal::Null).then_some(literal)
}
