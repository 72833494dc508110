//! Running a counted tree over one row, step by step, each step paid for.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use joinery_model::Value;

use super::bounds;
use super::node::{Each, Node, Operator};

/// Why an expression has no value. Names kinds and limits, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CelError(String);

impl CelError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

pub(super) type Answer<'a> = Result<Cow<'a, Value>, CelError>;

/// One run over one row.
pub(super) struct Evaluation<'a> {
    row: &'a Value,
    today: Date,
    locals: Vec<Cow<'a, Value>>,
    fuel: u32,
}

/// What kind of value this is, in words for a message.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Int(_) | Value::Decimal(_) => "a number",
        Value::Text(_) => "a text",
        Value::Date(_) => "a date",
        Value::Instant(_) => "an instant",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[expect(clippy::unnecessary_wraps, reason = "most steps end with it, and every step may fail")]
fn own<'a>(value: Value) -> Answer<'a> {
    Ok(Cow::Owned(value))
}

impl<'a> Evaluation<'a> {
    pub(super) fn new(row: &'a Value, today: Date) -> Self {
        Self { row, today, locals: Vec::new(), fuel: bounds::FUEL }
    }

    pub(super) fn run(mut self, node: &'a Node) -> Result<Value, CelError> {
        let value = self.value(node)?.into_owned();
        if let Value::Text(text) = &value {
            within(text.len())?;
        }
        Ok(value)
    }

    fn pay(&mut self, steps: usize) -> Result<(), CelError> {
        match u32::try_from(steps).ok().and_then(|steps| self.fuel.checked_sub(steps)) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => Err(CelError::new("the expression takes too many steps for this person; walk shorter lists")),
        }
    }

    fn value(&mut self, node: &'a Node) -> Answer<'a> {
        self.pay(1)?;
        match node {
            Node::Constant(value) => Ok(Cow::Borrowed(value)),
            Node::Path(names) => {
                let found = names.iter().try_fold(self.row, |at, name| at.get(name));
                Ok(found.map_or(Cow::Owned(Value::Null), Cow::Borrowed))
            }
            Node::Today => own(Value::Date(self.today)),
            Node::Local(at) => Ok(self.locals.get(*at).cloned().unwrap_or_default()),
            Node::Member(inner, name) => Ok(member(self.value(inner)?, name)),
            Node::Index(inner, index) => {
                let from = self.value(inner)?;
                let index = self.value(index)?;
                Ok(match &*index {
                    Value::Text(name) => member(from, name),
                    Value::Int(at) => item(from, usize::try_from(*at).ok()),
                    Value::Null => Cow::Owned(Value::Null),
                    other => return Err(CelError::new(format!("a list cannot be indexed by {}", kind(other)))),
                })
            }
            Node::Has(inner) => own(Value::Bool(!self.value(inner)?.is_null())),
            Node::All(terms) => self.all(terms, false),
            Node::Any(terms) => self.all(terms, true),
            Node::Not(inner) => {
                let truth = self.truth(inner)?;
                own(Value::Bool(!truth))
            }
            Node::Negate(inner) => match &*self.value(inner)? {
                Value::Null => own(Value::Null),
                Value::Int(number) => {
                    own(Value::Int(number.checked_neg().ok_or_else(|| CelError::new("a number is too large"))?))
                }
                Value::Decimal(text) => own(decimal(-number_of(text)?)),
                other => Err(CelError::new(format!("{} cannot be negated", kind(other)))),
            },
            Node::If(parts) => {
                let [condition, yes, no] = &**parts;
                if self.truth(condition)? { self.value(yes) } else { self.value(no) }
            }
            Node::Chain(first, rest) => {
                let mut left = self.value(first)?;
                for (operator, right) in rest {
                    let right = self.value(right)?;
                    left = Cow::Owned(self.apply(*operator, &left, &right)?);
                }
                Ok(left)
            }
            Node::List(items) => {
                let items = items.iter().map(|item| self.value(item).map(Cow::into_owned)).collect::<Result<_, _>>()?;
                own(Value::List(items))
            }
            Node::Object(members) => {
                let made = members.iter().map(|(name, node)| Ok((Arc::clone(name), self.value(node)?.into_owned())));
                own(Value::Object(made.collect::<Result<_, CelError>>()?))
            }
            Node::Comprehension { each, list, filter, body } => {
                self.comprehension(*each, list, filter.as_deref(), body)
            }
            Node::Matches(text, regex) => match &*self.value(text)? {
                Value::Null => own(Value::Bool(false)),
                Value::Text(text) => {
                    self.pay(text.len() / 16)?;
                    own(Value::Bool(regex.is_match(text)))
                }
                other => Err(CelError::new(format!("matches needs a text, not {}", kind(other)))),
            },
            Node::Call(function, args) => {
                let args = args.iter().map(|arg| self.value(arg)).collect::<Result<Vec<_>, _>>()?;
                let value =
                    (function.run)(&args).map_err(|error| CelError::new(format!("{}: {error}", function.name)))?;
                self.pay(weight(&value)?)?;
                own(value)
            }
        }
    }

    /// `&&` and `||`: an error on one side does not matter when another side decides, as the standard says.
    fn all(&mut self, terms: &'a [Node], decides: bool) -> Answer<'a> {
        let mut failed = None;
        for term in terms {
            match self.truth(term) {
                Ok(truth) if truth == decides => return own(Value::Bool(decides)),
                Ok(_) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or_else(|| own(Value::Bool(!decides)), Err)
    }

    fn truth(&mut self, node: &'a Node) -> Result<bool, CelError> {
        match &*self.value(node)? {
            Value::Bool(value) => Ok(*value),
            Value::Null => Ok(false),
            other => Err(CelError::new(format!("a condition needs true or false, not {}", kind(other)))),
        }
    }

    fn comprehension(&mut self, each: Each, list: &'a Node, filter: Option<&'a Node>, body: &'a Node) -> Answer<'a> {
        let items: Vec<Cow<'a, Value>> = match self.value(list)? {
            Cow::Borrowed(Value::List(items)) => items.iter().map(Cow::Borrowed).collect(),
            Cow::Owned(Value::List(items)) => items.into_iter().map(Cow::Owned).collect(),
            value if value.is_null() => Vec::new(),
            other => return Err(CelError::new(format!("only a list can be walked, not {}", kind(&other)))),
        };
        if items.len() > bounds::ITEMS {
            return Err(CelError::new(format!("a list has more than {} items", bounds::ITEMS)));
        }
        let mut made = Vec::new();
        let mut count = 0;
        let mut failed = None;
        for item in items {
            self.locals.push(item);
            let step = self.step(each, filter, body);
            let item = self.locals.pop().unwrap_or_default();
            match (each, step) {
                (Each::All, Ok(Step::No)) => return own(Value::Bool(false)),
                (Each::Exists, Ok(Step::Yes)) => return own(Value::Bool(true)),
                (Each::ExistsOne, Ok(Step::Yes)) => count += 1,
                (Each::Filter, Ok(Step::Yes)) => made.push(item.into_owned()),
                (Each::Map, Ok(Step::Made(value))) => made.push(value),
                (Each::All | Each::Exists, Err(error)) => failed = failed.or(Some(error)),
                (_, Err(error)) => return Err(error),
                _ => {}
            }
        }
        match each {
            Each::All | Each::Exists => failed.map_or_else(|| own(Value::Bool(each == Each::All)), Err),
            Each::ExistsOne => own(Value::Bool(count == 1)),
            Each::Filter | Each::Map => {
                let value = Value::List(made);
                self.pay(weight(&value)?)?;
                own(value)
            }
        }
    }

    fn step(&mut self, each: Each, filter: Option<&'a Node>, body: &'a Node) -> Result<Step, CelError> {
        if let Some(filter) = filter
            && !self.truth(filter)?
        {
            return Ok(Step::No);
        }
        Ok(match each {
            Each::Map => Step::Made(self.value(body)?.into_owned()),
            _ if self.truth(body)? => Step::Yes,
            _ => Step::No,
        })
    }

    fn apply(&mut self, operator: Operator, left: &Value, right: &Value) -> Result<Value, CelError> {
        match operator {
            Operator::Equal => Ok(Value::Bool(equal(left, right))),
            Operator::NotEqual => Ok(Value::Bool(!equal(left, right))),
            Operator::In => match right {
                Value::List(items) => {
                    self.pay(items.len())?;
                    Ok(Value::Bool(items.iter().any(|item| equal(item, left))))
                }
                Value::Object(_) => Ok(Value::Bool(left.as_text().is_some_and(|name| right.get(name).is_some()))),
                Value::Null => Ok(Value::Bool(false)),
                other => Err(CelError::new(format!("`in` needs a list, not {}", kind(other)))),
            },
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                if left.is_null() || right.is_null() {
                    return Ok(Value::Bool(false));
                }
                let order = compare(left, right)
                    .ok_or_else(|| CelError::new(format!("{} and {} cannot be compared", kind(left), kind(right))))?;
                Ok(Value::Bool(match operator {
                    Operator::Less => order == Ordering::Less,
                    Operator::LessOrEqual => order != Ordering::Greater,
                    Operator::Greater => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                }))
            }
            _ if left.is_null() || right.is_null() => Ok(Value::Null),
            Operator::Add => match (left, right) {
                (Value::Text(a), Value::Text(b)) => {
                    within(a.len() + b.len())?;
                    self.pay((a.len() + b.len()) / 16)?;
                    Ok(Value::text(format!("{a}{b}")))
                }
                (Value::List(a), Value::List(b)) => {
                    if a.len() + b.len() > bounds::ITEMS {
                        return Err(CelError::new(format!("a list has more than {} items", bounds::ITEMS)));
                    }
                    let value = Value::List(a.iter().chain(b).cloned().collect());
                    self.pay(weight(&value)?)?;
                    Ok(value)
                }
                _ => arithmetic(operator, left, right),
            },
            _ => arithmetic(operator, left, right),
        }
    }
}

enum Step {
    Yes,
    No,
    Made(Value),
}

fn member<'a>(from: Cow<'a, Value>, name: &str) -> Cow<'a, Value> {
    match from {
        Cow::Borrowed(value) => value.get(name).map_or(Cow::Owned(Value::Null), Cow::Borrowed),
        Cow::Owned(Value::Object(members)) => {
            let found = members.into_iter().find(|(key, _)| &**key == name);
            Cow::Owned(found.map_or(Value::Null, |(_, value)| value))
        }
        Cow::Owned(_) => Cow::Owned(Value::Null),
    }
}

fn item(from: Cow<'_, Value>, at: Option<usize>) -> Cow<'_, Value> {
    let Some(at) = at else { return Cow::Owned(Value::Null) };
    match from {
        Cow::Borrowed(value) => value.items().get(at).map_or(Cow::Owned(Value::Null), Cow::Borrowed),
        Cow::Owned(Value::List(mut items)) if at < items.len() => Cow::Owned(items.swap_remove(at)),
        Cow::Owned(_) => Cow::Owned(Value::Null),
    }
}

/// Equality as the standard has it, numbers as numbers; a date equals the text that writes it.
fn equal(left: &Value, right: &Value) -> bool {
    left == right || compare(left, right) == Some(Ordering::Equal)
}

fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Date(date), Value::Instant(instant)) => Some(date.cmp(&instant.to_zoned(TimeZone::UTC).date())),
        (Value::Instant(instant), Value::Date(date)) => Some(instant.to_zoned(TimeZone::UTC).date().cmp(date)),
        (Value::Date(date), Value::Text(text)) => Some(date.cmp(&text.parse().ok()?)),
        (Value::Text(text), Value::Date(date)) => Some(text.parse::<Date>().ok()?.cmp(date)),
        _ => left.compare(right),
    }
}

fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Result<Value, CelError> {
    let too_large = || CelError::new("a number is too large");
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => {
            let made = match operator {
                Operator::Add => a.checked_add(*b),
                Operator::Subtract => a.checked_sub(*b),
                Operator::Multiply => a.checked_mul(*b),
                _ if *b == 0 => return Err(CelError::new("division by zero")),
                Operator::Divide => a.checked_div(*b),
                _ => a.checked_rem(*b),
            };
            made.map(Value::Int).ok_or_else(too_large)
        }
        (Value::Int(_) | Value::Decimal(_), Value::Int(_) | Value::Decimal(_)) => {
            let (a, b) = (float(left)?, float(right)?);
            let made = match operator {
                Operator::Add => a + b,
                Operator::Subtract => a - b,
                Operator::Multiply => a * b,
                Operator::Divide => a / b,
                _ => a % b,
            };
            if made.is_finite() { Ok(decimal(made)) } else { Err(CelError::new("division by zero, or too large")) }
        }
        _ => Err(CelError::new(format!("{} and {} do not go together", kind(left), kind(right)))),
    }
}

fn float(value: &Value) -> Result<f64, CelError> {
    match value {
        Value::Int(number) => Ok(*number as f64),
        Value::Decimal(text) => number_of(text),
        other => Err(CelError::new(format!("{} is not a number", kind(other)))),
    }
}

fn number_of(text: &str) -> Result<f64, CelError> {
    text.parse().map_err(|_| CelError::new("a number cannot be read"))
}

fn decimal(number: f64) -> Value {
    Value::Decimal(number.to_string().into())
}

fn within(bytes: usize) -> Result<(), CelError> {
    if bytes > bounds::TEXT {
        return Err(CelError::new(format!("a text would be longer than {} KB", bounds::TEXT / 1024)));
    }
    Ok(())
}

/// What a made value costs, and whether it may be made at all.
fn weight(value: &Value) -> Result<usize, CelError> {
    match value {
        Value::Text(text) => {
            within(text.len())?;
            Ok(text.len() / 16)
        }
        Value::List(items) => {
            if items.len() > bounds::ITEMS {
                return Err(CelError::new(format!("a list has more than {} items", bounds::ITEMS)));
            }
            items.iter().try_fold(items.len(), |sum, item| Ok(sum + weight(item)?))
        }
        Value::Object(members) => members.iter().try_fold(members.len(), |sum, (_, item)| Ok(sum + weight(item)?)),
        _ => Ok(0),
    }
}
