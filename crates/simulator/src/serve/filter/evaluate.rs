//! Judging rows.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;
use joinery_odata::{BinaryOp, Function};

use super::compile::{Operand, Test};
use super::value::Val;
use crate::serve::view::View;
use crate::world::{AsOf, Related, RowId, World};

/// Judges rows of one request.
pub(crate) struct Judge<'w> {
    pub(crate) world: &'w World,
    pub(crate) view: &'w View,
    pub(crate) as_of: AsOf,
    pub(crate) range_reaches_down: bool,
}

impl<'w> Judge<'w> {
    /// Whether the row fulfils the condition.
    pub(crate) fn accepts(&self, test: &Test, row: RowId) -> bool {
        self.judge(test, row) == Some(true)
    }

    /// True, false, or neither because of a null.
    fn judge(&self, test: &Test, row: RowId) -> Option<bool> {
        match test {
            Test::Constant(truth) => Some(*truth),
            Test::All(tests) => {
                let mut known = Some(true);
                for test in tests {
                    match self.judge(test, row) {
                        Some(false) => return Some(false),
                        Some(true) => {}
                        None => known = None,
                    }
                }
                known
            }
            Test::Any(tests) => any(tests.iter().map(|test| self.judge(test, row))),
            Test::Not(test) => self.judge(test, row).map(|truth| !truth),
            Test::Compare(op, left, right) => {
                let mut right_values = Vec::new();
                self.values(right, row, &mut right_values);
                let null_wanted =
                    matches!(left, Operand::Constant(Val::Null)) || matches!(right, Operand::Constant(Val::Null));
                let mut left_values = Vec::new();
                self.values(left, row, &mut left_values);
                any(left_values
                    .iter()
                    .flat_map(|left| right_values.iter().map(move |right| compare(*op, left, right, null_wanted))))
            }
            Test::In(operand, wanted) => {
                let mut values = Vec::new();
                self.values(operand, row, &mut values);
                any(values.iter().flat_map(|value| {
                    wanted.iter().map(move |wanted| compare(BinaryOp::Eq, value, wanted, *wanted == Val::Null))
                }))
            }
            Test::Holds(operand) => {
                let mut values = Vec::new();
                self.values(operand, row, &mut values);
                any(values.iter().map(|value| if let Val::Bool(truth) = value { Some(*truth) } else { None }))
            }
        }
    }

    /// The first value of an operand, for sorting.
    pub(crate) fn first(&self, operand: &Operand, row: RowId) -> Val<'w> {
        let mut values = Vec::new();
        self.values(operand, row, &mut values);
        values.into_iter().next().unwrap_or(Val::Null)
    }

    fn values(&self, operand: &Operand, row: RowId, into: &mut Vec<Val<'w>>) {
        match operand {
            Operand::Constant(value) => into.push(value.clone()),
            Operand::Path { navigations, property, every_slice, .. } => {
                if navigations.is_empty() && !every_slice {
                    into.push(Val::of(self.view.cell(self.world, row, *property)));
                    return;
                }
                let start = into.len();
                self.walk(row, navigations, self.as_of, *every_slice, &mut |row| {
                    if *every_slice {
                        let slices = self.world.slices(row);
                        into.extend(slices.into_iter().map(|row| Val::of(self.view.cell(self.world, row, *property))));
                    } else {
                        into.push(Val::of(self.view.cell(self.world, row, *property)));
                    }
                });
                if into.len() == start {
                    into.push(Val::Null);
                }
            }
            Operand::Link { navigations } => {
                let mut found = false;
                self.walk(row, navigations, self.as_of, false, &mut |_| found = true);
                into.push(if found { Val::Bool(true) } else { Val::Null });
            }
            Operand::Negate(inner) => {
                let mut values = Vec::new();
                self.values(inner, row, &mut values);
                into.extend(values.iter().map(|value| match value {
                    Val::Int(number) => Val::Int(number.saturating_neg()),
                    other => other.number().map_or(Val::Null, |number| Val::Double(-number)),
                }));
            }
            Operand::Arithmetic(op, left, right) => {
                let (mut a, mut b) = (Vec::new(), Vec::new());
                self.values(left, row, &mut a);
                self.values(right, row, &mut b);
                into.extend(a.iter().flat_map(|a| b.iter().map(|b| arithmetic(*op, a, b))));
            }
            Operand::Call(function, arguments) => {
                let mut lists = arguments.iter().map(|argument| {
                    let mut values = Vec::new();
                    self.values(argument, row, &mut values);
                    values
                });
                let lists: Vec<Vec<Val<'w>>> = lists.by_ref().collect();
                // Only one argument can have several values in practice; all combinations are formed all the same.
                let mut combinations: Vec<Vec<Val<'w>>> = vec![Vec::new()];
                for list in lists {
                    combinations = combinations
                        .iter()
                        .flat_map(|start| {
                            list.iter().map(|value| {
                                let mut longer = start.clone();
                                longer.push(value.clone());
                                longer
                            })
                        })
                        .collect();
                }
                into.extend(combinations.iter().map(|arguments| call(*function, arguments)));
            }
        }
    }

    fn walk(&self, row: RowId, navigations: &[usize], as_of: AsOf, all_slices: bool, found: &mut dyn FnMut(RowId)) {
        let Some((&navigation, rest)) = navigations.split_first() else {
            return found(row);
        };
        let below = self.world.below(row, as_of, self.range_reaches_down);
        // A person without a slice in force (yet) has slices all the same.
        let reach = if all_slices && rest.is_empty() { AsOf::ALL } else { below };
        let rows = match self.world.related(row, navigation, reach) {
            Related::One(row) => row.into_iter().collect(),
            Related::Many(rows) => rows,
        };
        for row in rows {
            if self.view.sees(self.world, row) {
                self.walk(row, rest, below, all_slices, found);
            }
        }
    }
}

/// True when any is true; unknown when none is but one is unknown.
fn any(judged: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(false);
    for one in judged {
        match one {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = None,
        }
    }
    known
}

fn compare(op: BinaryOp, left: &Val<'_>, right: &Val<'_>, null_wanted: bool) -> Option<bool> {
    if null_wanted {
        let same = *left == Val::Null && *right == Val::Null;
        return match op {
            BinaryOp::Eq => Some(same),
            BinaryOp::Ne => Some(!same),
            _ => None,
        };
    }
    if op == BinaryOp::Like {
        return Some(like(left.text()?, right.text()?));
    }
    let order = left.compare(right)?;
    Some(match op {
        BinaryOp::Eq => order == Ordering::Equal,
        BinaryOp::Ne => order != Ordering::Equal,
        BinaryOp::Gt => order == Ordering::Greater,
        BinaryOp::Ge => order != Ordering::Less,
        BinaryOp::Lt => order == Ordering::Less,
        BinaryOp::Le => order != Ordering::Greater,
        _ => return None,
    })
}

/// `%` stands for any text, `_` for one character.
fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut in_pattern) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some('%') => {
                retry = Some((in_pattern + 1, at));
                in_pattern += 1;
            }
            Some(&c) if c == '_' || c == text[at] => {
                at += 1;
                in_pattern += 1;
            }
            _ => match retry {
                Some((after, start)) => {
                    in_pattern = after;
                    at = start + 1;
                    retry = Some((after, start + 1));
                }
                None => return false,
            },
        }
    }
    pattern[in_pattern..].iter().all(|&c| c == '%')
}

fn arithmetic<'w>(op: BinaryOp, left: &Val<'_>, right: &Val<'_>) -> Val<'w> {
    if let (Val::Int(a), Val::Int(b)) = (left, right) {
        let whole = match op {
            BinaryOp::Add => a.checked_add(*b),
            BinaryOp::Sub => a.checked_sub(*b),
            BinaryOp::Mul => a.checked_mul(*b),
            BinaryOp::Div => a.checked_div(*b),
            BinaryOp::Mod => a.checked_rem(*b),
            _ => None,
        };
        return whole.map_or(Val::Null, Val::Int);
    }
    let (Some(a), Some(b)) = (left.number(), right.number()) else { return Val::Null };
    Val::Double(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::Mod => a % b,
        _ => return Val::Null,
    })
}

fn call<'w>(function: Function, arguments: &[Val<'w>]) -> Val<'w> {
    if arguments.contains(&Val::Null) {
        return Val::Null;
    }
    let text = |at: usize| arguments.get(at).and_then(Val::text).unwrap_or_default();
    let int = |at: usize| arguments.get(at).and_then(Val::number).map_or(0, |number| number.max(0.0) as usize);
    let owned = |text: String| Val::Text(Cow::Owned(text));
    let length = |text: &str| Val::Int(i64::try_from(text.chars().count()).unwrap_or(i64::MAX));
    let time = || match arguments.first() {
        Some(Val::Millis(millis)) => Timestamp::from_millisecond(*millis).ok(),
        _ => None,
    };
    let clock = |part: fn(&jiff::civil::DateTime) -> i64| {
        time().map_or(Val::Null, |instant| Val::Int(part(&jiff::tz::Offset::UTC.to_datetime(instant))))
    };
    let number = |round: fn(f64) -> f64| {
        arguments.first().and_then(Val::number).map_or(Val::Null, |number| Val::Double(round(number)))
    };
    match function {
        Function::StartsWith => Val::Bool(text(0).starts_with(text(1))),
        Function::EndsWith => Val::Bool(text(0).ends_with(text(1))),
        Function::SubstringOf => Val::Bool(text(1).contains(text(0))),
        Function::ToLower => owned(text(0).to_lowercase()),
        Function::ToUpper => owned(text(0).to_uppercase()),
        Function::Trim => owned(text(0).trim().to_owned()),
        Function::Length => length(text(0)),
        Function::IndexOf => text(0).find(text(1)).map_or(Val::Int(-1), |at| length(&text(0)[..at])),
        Function::Concat => owned(format!("{}{}", text(0), text(1))),
        Function::Substring => {
            let count = if arguments.len() > 2 { int(2) } else { usize::MAX };
            owned(text(0).chars().skip(int(1)).take(count).collect())
        }
        Function::Replace => owned(text(0).replace(text(1), text(2))),
        Function::Year => clock(|at| i64::from(at.year())),
        Function::Month => clock(|at| i64::from(at.month())),
        Function::Day => clock(|at| i64::from(at.day())),
        Function::Hour => clock(|at| i64::from(at.hour())),
        Function::Minute => clock(|at| i64::from(at.minute())),
        Function::Second => clock(|at| i64::from(at.second())),
        Function::Round => number(f64::round),
        Function::Floor => number(f64::floor),
        Function::Ceiling => number(f64::ceil),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_knows_its_wildcards() {
        assert!(like("Müller", "M%l_r"));
        assert!(like("", "%"));
        assert!(like("a%b", "a%b"));
        assert!(!like("Müller", "m%"));
        assert!(!like("abc", "ab"));
        assert!(like("xabab", "%ab"));
    }

    #[test]
    fn null_is_neither_equal_nor_unequal_but_to_null() {
        let text = Val::Text("x".into());
        assert_eq!(compare(BinaryOp::Ne, &Val::Null, &text, false), None);
        assert_eq!(compare(BinaryOp::Eq, &Val::Null, &Val::Null, true), Some(true));
        assert_eq!(compare(BinaryOp::Ne, &text, &Val::Null, true), Some(true));
    }

    #[test]
    fn functions_give_what_the_protocol_says() {
        let text = |text: &'static str| Val::Text(text.into());
        assert_eq!(call(Function::SubstringOf, &[text("b"), text("abc")]), Val::Bool(true));
        assert_eq!(call(Function::Substring, &[text("äbc"), Val::Int(1)]), text("bc"));
        assert_eq!(call(Function::IndexOf, &[text("äbc"), text("c")]), Val::Int(2));
        assert_eq!(call(Function::Length, &[Val::Null]), Val::Null);
        assert_eq!(call(Function::Year, &[Val::Millis(1_388_534_400_000)]), Val::Int(2014));
    }
}
