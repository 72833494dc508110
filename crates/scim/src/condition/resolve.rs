//! From what is written to what it means.

use jiff::tz::Offset;
use joinery_model::Op;
use serde_json::Value as Json;

use super::{Condition, Literal, Spot};
use crate::grammar::OPERATORS;
use crate::moment::instant;
use crate::schema::{Attribute, Kind, Returned};
use crate::{AttrPath, Filter, Quirk, Registry, ScimError, Shape, Tolerance};

/// How a filter is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolving {
    /// Where date-times without a zone are.
    pub unzoned: Offset,
}

impl Default for Resolving {
    /// UTC.
    fn default() -> Self {
        Self { unzoned: Offset::UTC }
    }
}

/// A filter that was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What it asks for.
    pub condition: Condition,
    /// The names of its clauses that were left out because nobody knows them.
    pub left_out: Vec<String>,
}

impl Registry {
    /// A filter's meaning for every kind of resource: what a search at the service's root asks for (RFC 7644, section 3.4.2.1). An
    /// attribute that only other kinds have has no value here.
    ///
    /// # Errors
    /// As [`Shape::judge`], for an attribute that no kind has.
    pub fn judge(
        &self,
        filter: &Filter,
        options: Resolving,
        tolerance: &mut Tolerance,
    ) -> Result<Vec<(&Shape, Judged)>, ScimError> {
        let one = |shape| Ok((shape, judged(shape, self.shapes(), filter, options, tolerance)?));
        self.shapes().iter().map(one).collect()
    }
}

fn judged(
    shape: &Shape,
    others: &[Shape],
    filter: &Filter,
    options: Resolving,
    tolerance: &mut Tolerance,
) -> Result<Judged, ScimError> {
    let mut reading = Reading { shape, others, options, tolerance, left_out: Vec::new() };
    let condition = reading.whole(filter)?.unwrap_or(Condition::All);
    Ok(Judged { condition, left_out: reading.left_out })
}

impl Shape {
    /// A filter's meaning here. Errors are `invalidFilter` and name the clause.
    ///
    /// With [`Quirk::UnknownClauses`] a clause on an attribute that nobody knows is left out as if it had not been written:
    /// `a and X` is `a`, `a or X` is `a`, `not (X)` goes whole, and so does a value path of nothing else. When nothing is
    /// left, every resource is meant. So a clause that is left out never makes an answer smaller than what the rest asks for,
    /// and inside `or` never larger.
    pub fn judge(&self, filter: &Filter, options: Resolving, tolerance: &mut Tolerance) -> Result<Judged, ScimError> {
        judged(self, &[], filter, options, tolerance)
    }

    /// A filter inside an attribute's brackets: its names are sub-attributes.
    pub(crate) fn judge_elements(
        &self,
        attribute: &Attribute,
        filter: &Filter,
        options: Resolving,
        tolerance: &mut Tolerance,
    ) -> Result<Condition, ScimError> {
        // Inside a path nothing may be left out: it would change more than was meant.
        let ignored = tolerance.allows(Quirk::UnknownClauses);
        *tolerance = tolerance.clone().without(Quirk::UnknownClauses);
        let mut reading = Reading { shape: self, others: &[], options, tolerance, left_out: Vec::new() };
        let inner = reading.inside(attribute, filter);
        if ignored {
            *tolerance = tolerance.clone().with(Quirk::UnknownClauses);
        }
        Ok(inner?.unwrap_or(Condition::All))
    }
}

struct Reading<'a, 't> {
    shape: &'a Shape,
    /// Kinds whose attributes have no value here.
    others: &'a [Shape],
    options: Resolving,
    tolerance: &'t mut Tolerance,
    left_out: Vec<String>,
}

/// What is left of a filter; nothing, when all of it was left out.
type Left = Result<Option<Condition>, ScimError>;

impl<'a> Reading<'a, '_> {
    fn whole(&mut self, filter: &Filter) -> Left {
        if let Some(absent) = self.of_another_kind(filter) {
            return Ok(Some(absent));
        }
        match filter {
            Filter::And(_) | Filter::Or(_) | Filter::Not(_) => self.joined(filter, Self::whole),
            Filter::Present(path) => {
                let Some(found) = self.find(path, "pr")? else { return Ok(None) };
                let spot = Spot { path: found.path(), ..spot(found.attribute, found.sub) };
                Ok(Some(Condition::Present(spot)))
            }
            Filter::Compare(path, op, value) => {
                let Some(found) = self.find(path, word(*op))? else { return Ok(None) };
                let found = found.valued();
                let spot = Spot { path: found.path(), ..spot(found.attribute, found.sub) };
                self.compare(spot, *op, value).map(Some)
            }
            Filter::Element(path, inner) => {
                let Some(found) = self.find(path, "[…]")? else { return Ok(None) };
                if found.sub.is_some() {
                    return Err(ScimError::filter(format!(
                        "The clause on `{path}`: brackets follow an attribute, not a sub-attribute."
                    )));
                }
                let spot = Spot { path: found.path(), ..spot(found.attribute, None) };
                let inner = self.inside(found.attribute, inner)?;
                Ok(inner.map(|inner| Condition::Element(spot, Box::new(inner))))
            }
        }
    }

    /// What a clause says of an attribute that only other kinds have.
    fn of_another_kind(&mut self, filter: &Filter) -> Option<Condition> {
        let (Filter::Present(path) | Filter::Compare(path, ..) | Filter::Element(path, _)) = filter else {
            return None;
        };
        let mut silent = self.tolerance.clone();
        if self.shape.find(path, &mut silent).is_some()
            || !self.others.iter().any(|other| other.find(path, &mut silent).is_some())
        {
            return None;
        }
        Some(match filter {
            Filter::Compare(_, Op::Ne, value) if !value.is_null() => Condition::All,
            Filter::Compare(_, Op::Eq, Json::Null) => Condition::All,
            _ => Condition::Nothing,
        })
    }

    fn inside(&mut self, attribute: &'a Attribute, filter: &Filter) -> Left {
        match filter {
            Filter::And(_) | Filter::Or(_) | Filter::Not(_) => {
                self.joined(filter, |reading, part| reading.inside(attribute, part))
            }
            Filter::Present(path) => {
                let Some(spot) = self.sub(attribute, path, "pr")? else { return Ok(None) };
                Ok(Some(Condition::Present(spot)))
            }
            Filter::Compare(path, op, value) => {
                let Some(spot) = self.sub(attribute, path, word(*op))? else { return Ok(None) };
                self.compare(spot, *op, value).map(Some)
            }
            Filter::Element(path, _) => Err(ScimError::filter(format!(
                "The clause on `{}[{path}[…]]`: brackets do not stand within brackets.",
                attribute.name
            ))),
        }
    }

    fn joined(&mut self, filter: &Filter, mut read: impl FnMut(&mut Self, &Filter) -> Left) -> Left {
        let mut all = |reading: &mut Self, parts: &[Filter]| {
            let mut left = Vec::with_capacity(parts.len());
            for part in parts {
                left.extend(read(reading, part)?);
            }
            Ok::<_, ScimError>(left)
        };
        Ok(match filter {
            Filter::And(parts) => together(all(self, parts)?, &Condition::All, &Condition::Nothing, Condition::And),
            Filter::Or(parts) => together(all(self, parts)?, &Condition::Nothing, &Condition::All, Condition::Or),
            Filter::Not(inner) => all(self, std::slice::from_ref(&**inner))?.pop().map(|inner| match inner {
                Condition::All => Condition::Nothing,
                Condition::Nothing => Condition::All,
                inner => Condition::Not(Box::new(inner)),
            }),
            _ => None,
        })
    }

    fn find(&mut self, path: &AttrPath, word: &str) -> Result<Option<crate::Found<'a>>, ScimError> {
        match self.shape.find(path, self.tolerance) {
            // Whoever may ask for a part of what is never shown learns the whole by asking often.
            Some(found) if found.is_hidden() => Err(hidden(&found.path().to_string())),
            Some(found) => Ok(Some(found)),
            None => self.unknown(path.to_string(), word),
        }
    }

    fn sub(&mut self, attribute: &Attribute, path: &AttrPath, word: &str) -> Result<Option<Spot>, ScimError> {
        let plain = path.urn.is_none() && path.sub.is_none();
        // A list of plain values has elements whose `value` they are.
        if plain && attribute.kind != Kind::Complex && path.name.eq_ignore_ascii_case("value") {
            let path = AttrPath { urn: None, name: "value".into(), sub: None };
            return Ok(Some(Spot { path, many: false, ..spot(attribute, None) }));
        }
        match attribute.part(&path.name).filter(|_| plain) {
            Some(sub) if sub.returned == Returned::Never => Err(hidden(&format!("{}[{path}]", attribute.name))),
            Some(sub) => {
                let path = AttrPath { urn: None, name: sub.name.clone(), sub: None };
                Ok(Some(Spot { path, ..spot(sub, None) }))
            }
            None => self.unknown(format!("{}[{path}]", attribute.name), word),
        }
    }

    fn unknown<T>(&mut self, name: String, word: &str) -> Result<Option<T>, ScimError> {
        if self.tolerance.meets(Quirk::UnknownClauses) {
            self.left_out.push(name);
            return Ok(None);
        }
        Err(ScimError::filter(format!("The clause `{name} {word}`: {} has no such attribute.", self.shape.kind.name)))
    }

    fn compare(&mut self, spot: Spot, op: Op, value: &Json) -> Result<Condition, ScimError> {
        let clause = format!("The clause `{} {}`", spot.path, word(op));
        let refused = |why: &str| Err(ScimError::filter(format!("{clause}: {why}")));
        if value.is_null() {
            return match op {
                Op::Eq => Ok(Condition::Not(Box::new(Condition::Present(spot)))),
                Op::Ne => Ok(Condition::Present(spot)),
                _ => refused("nothing is before, after or part of null; use eq, ne or pr."),
            };
        }
        let equality = matches!(op, Op::Eq | Op::Ne);
        let part = matches!(op, Op::Co | Op::Sw | Op::Ew);
        match spot.kind {
            Kind::Complex => return refused("it has sub-attributes; name one of them."),
            Kind::Boolean | Kind::Binary if !equality => {
                return refused(
                    "values that are true or false, or bytes, have no order and no parts; use eq, ne or pr.",
                );
            }
            Kind::Integer | Kind::Decimal | Kind::DateTime if part => {
                return refused("co, sw and ew are for text.");
            }
            _ => {}
        }
        let quirk = |tolerance: &mut Tolerance, quirk| tolerance.meets(quirk);
        let literal = match (spot.kind, value) {
            (Kind::Boolean, Json::Bool(value)) => Some(Literal::Bool(*value)),
            (Kind::Boolean, Json::String(text)) => {
                let read = text.to_ascii_lowercase().parse().ok().map(Literal::Bool);
                read.filter(|_| quirk(self.tolerance, Quirk::TextBooleans))
            }
            (Kind::Integer | Kind::Decimal, Json::Number(number)) => Some(Literal::Number(number.clone())),
            (Kind::Integer | Kind::Decimal, Json::String(text)) => {
                text.parse().ok().map(Literal::Number).filter(|_| quirk(self.tolerance, Quirk::TextNumbers))
            }
            (Kind::DateTime, Json::String(text)) => {
                instant(text, self.options.unzoned).map(|instant| Literal::Instant(instant, text.as_str().into()))
            }
            (Kind::String | Kind::Reference | Kind::Binary, Json::String(text)) => {
                Some(Literal::Text(text.as_str().into()))
            }
            _ => None,
        };
        match literal {
            Some(literal) => Ok(Condition::Compare(spot, op, literal)),
            None => refused(match spot.kind {
                Kind::Boolean => "true or false is expected, without quotes.",
                Kind::Integer | Kind::Decimal => "a number is expected, without quotes.",
                Kind::DateTime => "a date-time such as \"2026-01-31T12:00:00Z\" is expected.",
                _ => "text in double quotes is expected.",
            }),
        }
    }
}

/// What several parts come to. One that changes nothing goes, unless it is all there is; one that settles it settles it.
fn together(
    mut parts: Vec<Condition>,
    nothing_new: &Condition,
    settles: &Condition,
    join: fn(Vec<Condition>) -> Condition,
) -> Option<Condition> {
    if parts.contains(settles) {
        return Some(settles.clone());
    }
    let some = !parts.is_empty();
    parts.retain(|part| part != nothing_new);
    match parts.len() {
        0 => some.then(|| nothing_new.clone()),
        1 => parts.pop(),
        _ => Some(join(parts)),
    }
}

fn spot(attribute: &Attribute, sub: Option<&Attribute>) -> Spot {
    let target = sub.unwrap_or(attribute);
    let path = AttrPath { urn: None, name: target.name.clone(), sub: None };
    Spot { path, kind: target.kind, exact: target.case_exact, many: attribute.multi_valued }
}

fn hidden(name: &str) -> ScimError {
    ScimError::filter(format!("The clause on `{name}`: it is never shown, so nothing is found by it."))
}

fn word(op: Op) -> &'static str {
    OPERATORS.iter().find(|(_, is)| *is == op).map_or("eq", |(word, _)| word)
}
