//! What a search asks for, whoever asked.

use crate::{Path, Value};

/// How text compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Case {
    /// Upper and lower case are the same.
    Fold,
    /// Letter for letter.
    Exact,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal; an absent value is not equal to any.
    Ne,
    /// Before.
    Lt,
    /// Before or equal.
    Le,
    /// After.
    Gt,
    /// After or equal.
    Ge,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Contains.
    Co,
}

/// A condition on a row. Several grammars come in (SCIM, ICF, ours), one judgement comes out: [`Filter::accepts`].
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// Every row.
    All,
    /// No row.
    None,
    /// All of these.
    And(Vec<Filter>),
    /// At least one of these.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// The path has a value that is not null and not empty text; of a list or an object, some such value within.
    Present(Path),
    /// A comparison of the value at a path; of several values any may match.
    Compare {
        /// Where the value stands.
        path: Path,
        /// How it is compared.
        op: Op,
        /// With what.
        value: Value,
        /// Text case.
        case: Case,
    },
    /// The value is one of these.
    In {
        /// Where the value stands.
        path: Path,
        /// The wanted values.
        values: Vec<Value>,
        /// Text case.
        case: Case,
    },
    /// Some element of the list at the path meets the inner filter, whose paths start at the element.
    Any {
        /// Where the list stands.
        path: Path,
        /// What one element must meet.
        filter: Box<Filter>,
    },
    /// The list at the path holds exactly these values, in any order.
    Whole {
        /// Where the list stands.
        path: Path,
        /// The values, all of them.
        values: Vec<Value>,
    },
}

impl Filter {
    /// Does the filter hold for this row's data?
    pub fn accepts(&self, data: &Value) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::And(parts) => parts.iter().all(|part| part.accepts(data)),
            Self::Or(parts) => parts.iter().any(|part| part.accepts(data)),
            Self::Not(inner) => !inner.accepts(data),
            Self::Present(path) => path.find(data).iter().any(|value| is_present(value)),
            Self::Compare { path, op: Op::Ne, value, case } => {
                !path.find(data).iter().any(|found| holds(found, Op::Eq, value, *case))
            }
            Self::Compare { path, op, value, case } => {
                path.find(data).iter().any(|found| holds(found, *op, value, *case))
            }
            Self::In { path, values, case } => {
                let found = path.find(data);
                values.iter().any(|value| found.iter().any(|found| holds(found, Op::Eq, value, *case)))
            }
            Self::Any { path, filter } => path.find(data).iter().any(|element| filter.accepts(element)),
            Self::Whole { path, values } => {
                let found = path.find(data);
                found.len() == values.len() && values.iter().all(|value| found.contains(&value))
            }
        }
    }
}

impl Path {
    /// Every value at this path: lists on the way are walked through, so one path may find several.
    pub fn find<'a>(&self, data: &'a Value) -> Vec<&'a Value> {
        let mut at = vec![data];
        for segment in self.segments() {
            at = at
                .into_iter()
                .filter_map(|value| value.get(&segment.name))
                .flat_map(|value| match value {
                    Value::List(items) => items.iter().collect(),
                    one => vec![one],
                })
                .filter(|value| match &segment.select {
                    None => true,
                    Some((member, wanted)) => value.get(member).is_some_and(|found| found.to_plain() == **wanted),
                })
                .collect();
        }
        at
    }
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Text(text) => !text.is_empty(),
        Value::List(items) => items.iter().any(is_present),
        Value::Object(members) => members.iter().any(|(_, value)| is_present(value)),
        _ => true,
    }
}

fn holds(found: &Value, op: Op, wanted: &Value, case: Case) -> bool {
    let (folded, against);
    let (found, wanted) = match (found, wanted, case) {
        (Value::Text(a), Value::Text(b), Case::Fold) => {
            folded = Value::text(a.to_lowercase());
            against = Value::text(b.to_lowercase());
            (&folded, &against)
        }
        _ => (found, wanted),
    };
    let text = |test: fn(&str, &str) -> bool| match (found, wanted) {
        (Value::Text(a), Value::Text(b)) => test(a, b),
        _ => false,
    };
    let order = || found.compare(wanted);
    match op {
        Op::Eq => found == wanted || order().is_some_and(std::cmp::Ordering::is_eq),
        Op::Ne => !holds(found, Op::Eq, wanted, case),
        Op::Lt => order().is_some_and(std::cmp::Ordering::is_lt),
        Op::Le => order().is_some_and(std::cmp::Ordering::is_le),
        Op::Gt => order().is_some_and(std::cmp::Ordering::is_gt),
        Op::Ge => order().is_some_and(std::cmp::Ordering::is_ge),
        Op::Sw => text(|a, b| a.starts_with(b)),
        Op::Ew => text(|a, b| a.ends_with(b)),
        Op::Co => text(|a, b| a.contains(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Value {
        Value::Object(vec![
            ("username".into(), "O'Hara".into()),
            ("nickname".into(), Value::Null),
            (
                "emails".into(),
                Value::List(vec![
                    Value::Object(vec![("type".into(), "work".into()), ("value".into(), "a@x".into())]),
                    Value::Object(vec![("type".into(), "home".into()), ("value".into(), "b@x".into())]),
                ]),
            ),
        ])
    }

    fn compare(path: &str, op: Op, value: &str, case: Case) -> Filter {
        Filter::Compare { path: path.parse().unwrap(), op, value: value.into(), case }
    }

    #[test]
    fn text_folds_only_when_asked() {
        assert!(compare("username", Op::Eq, "o'hara", Case::Fold).accepts(&row()));
        assert!(!compare("username", Op::Eq, "o'hara", Case::Exact).accepts(&row()));
    }

    #[test]
    fn an_absent_value_is_not_equal_to_any() {
        assert!(compare("nickname", Op::Ne, "x", Case::Fold).accepts(&row()));
        assert!(compare("missing", Op::Ne, "x", Case::Fold).accepts(&row()));
        assert!(!Filter::Present("nickname".parse().unwrap()).accepts(&row()));
        assert!(Filter::Present("emails".parse().unwrap()).accepts(&row()));
        let hollow = Value::Object(vec![("name".into(), Value::Object(vec![("first".into(), Value::Null)]))]);
        assert!(!Filter::Present("name".parse().unwrap()).accepts(&hollow));
    }

    #[test]
    fn one_element_must_meet_the_whole_inner_filter() {
        let work_b = Filter::Any {
            path: "emails".parse().unwrap(),
            filter: Box::new(Filter::And(vec![
                compare("type", Op::Eq, "work", Case::Fold),
                compare("value", Op::Eq, "b@x", Case::Fold),
            ])),
        };
        assert!(!work_b.accepts(&row()));
    }
}
