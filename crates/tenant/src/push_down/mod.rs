//! Filter → OData `$filter`: the part of a search that the tenant can answer itself.
//!
//! A translation may only *widen*: every row that the filter accepts, the `$filter` accepts too.
//! [`joinery_model::Filter::accepts`] then judges each row that comes back, so a clause that OData cannot say costs
//! bandwidth, never a wrong answer.

mod field;
mod law;

use jiff::tz::TimeZone;
use joinery_model::{Case, Filter, Op, Path, Value};
use joinery_odata::{Expr, Field, Literal};

use crate::row::Kind;
use crate::server_clock::shown_once;

pub use field::fields;

/// The property behind a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name, with the navigations before it.
    pub field: Field,
    /// What it holds.
    pub kind: Kind,
    /// Does a navigation lead to it? Then there may be no row, or several of which any counts.
    pub behind_navigation: bool,
    /// The zone of the server's wall clock, for what holds its readings.
    pub zone: TimeZone,
}

/// Lists longer than this are not pushed: the tenant bounds the expressions of a filter.
const MOST_VALUES: usize = 100;

/// The narrowest `$filter` of at most `limit` characters that `filter` implies; `None` when it implies nothing.
///
/// `target` names the property behind a path, or `None` where the tenant has none that may stand in a filter.
pub fn push_down(filter: &Filter, target: &impl Fn(&Path) -> Option<Target>, limit: usize) -> Option<Expr> {
    let mut expr = translate(filter, target, &[])?;
    // Dropping a conjunct widens; a disjunct cannot be dropped.
    while expr.to_string().len() > limit {
        expr = match expr {
            Expr::And(mut all) if all.len() > 1 => {
                let longest = (0..all.len()).max_by_key(|&at| all[at].to_string().len())?;
                all.remove(longest);
                Expr::all(all)?
            }
            _ => return None,
        };
    }
    Some(expr)
}

fn translate(filter: &Filter, target: &impl Fn(&Path) -> Option<Target>, inside: &[Path]) -> Option<Expr> {
    let find = |path: &Path| {
        let whole: Vec<String> = inside.iter().chain([path]).map(ToString::to_string).collect();
        target(&Path::parse(&whole.join(".")).ok()?)
    };
    match filter {
        // `None` accepts no row; saying nothing is wider than saying that. The negation of a widened clause is a
        // narrowed one: leave it to `accepts`.
        Filter::All | Filter::None | Filter::Whole { .. } | Filter::Not(_) => None,
        // Dropping one side of an `and` widens it. Dropping one side of an `or` would narrow it.
        Filter::And(parts) => Expr::all(parts.iter().filter_map(|part| translate(part, target, inside))),
        Filter::Or(parts) => {
            Expr::any(parts.iter().map(|part| translate(part, target, inside)).collect::<Option<Vec<_>>>()?)
        }
        Filter::Present(path) => Some(find(path)?.field.ne(Literal::Null)),
        Filter::Compare { path, op, value, case } => compare(find(path)?, *op, value, *case),
        Filter::In { path, values, case } => {
            let target = find(path).filter(|_| (1..=MOST_VALUES).contains(&values.len()))?;
            let literals =
                values.iter().map(|value| literal(&target, Op::Eq, value, *case)).collect::<Option<Vec<_>>>()?;
            Some(operand(&target, *case, values).is_in(literals))
        }
        // Two clauses about one element become two clauses about any elements: wider.
        Filter::Any { path, filter } => {
            let mut inside = inside.to_vec();
            inside.push(path.clone());
            translate(filter, target, &inside)
        }
    }
}

fn compare(target: Target, op: Op, value: &Value, case: Case) -> Option<Expr> {
    let value = literal(&target, op, value, case).map(|literal| (literal, std::slice::from_ref(value)))?;
    let (literal, values) = value;
    let operand = operand(&target, case, values);
    Some(match op {
        Op::Eq => operand.eq(literal),
        // An absent value differs from any here; in OData, `null` does not. Behind a navigation there may be no row at
        // all, which no clause about the row can say.
        Op::Ne if target.behind_navigation => return None,
        Op::Ne => operand.ne(literal).or(target.field.eq(Literal::Null)),
        Op::Lt => operand.lt(literal),
        Op::Le => operand.le(literal),
        Op::Gt => operand.gt(literal),
        Op::Ge => operand.ge(literal),
        Op::Sw => operand.starts_with(literal),
        Op::Ew => operand.ends_with(literal),
        Op::Co => operand.contains(literal),
    })
}

/// The property, folded when upper and lower case are to be the same: the tenant compares user names letter for letter
/// (SAP Note 2217113).
fn operand(target: &Target, case: Case, values: &[Value]) -> Expr {
    let letters = |value: &Value| value.as_text().is_some_and(|text| text.bytes().any(|b| b.is_ascii_alphabetic()));
    if target.kind == Kind::Text && case == Case::Fold && values.iter().any(letters) {
        target.field.clone().tolower()
    } else {
        Expr::from(target.field.clone())
    }
}

/// The value as the tenant compares it with the property; `None` where it could compare differently than we do.
fn literal(target: &Target, op: Op, value: &Value, case: Case) -> Option<Literal> {
    let is_text_test = matches!(op, Op::Sw | Op::Ew | Op::Co);
    let is_order = matches!(op, Op::Lt | Op::Le | Op::Gt | Op::Ge);
    match (target.kind, value) {
        // The order of text depends on a collation that we do not know.
        (Kind::Text, Value::Text(_)) if is_order => None,
        // `startswith` of nothing holds for us wherever there is text.
        (Kind::Text, Value::Text(text)) if text.is_empty() => None,
        // How the tenant folds letters beyond ASCII is not known.
        (Kind::Text, Value::Text(text)) if case == Case::Fold => {
            text.is_ascii().then(|| Literal::text(text.to_ascii_lowercase()))
        }
        (Kind::Text, Value::Text(text)) => Some(Literal::text(&**text)),
        _ if is_text_test => None,
        (Kind::Bool, Value::Bool(value)) if !is_order => Some(Literal::Bool(*value)),
        (Kind::Int, Value::Int(value)) => Some(Literal::Int(*value)),
        (Kind::Date, Value::Date(date)) => Some(Literal::date(*date)),
        (Kind::Instant, Value::Instant(instant)) => Some(Literal::DateTimeOffset(*instant)),
        (Kind::Stamp, Value::Instant(instant)) => shown_once(&target.zone, *instant).map(Literal::DateTime),
        // Decimals compare as doubles there or here.
        _ => None,
    }
}
