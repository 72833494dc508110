//! Whether a user is in a pool.

use std::collections::HashSet;

use super::data::{Filter, Pool};
use super::field::{CONTAINS, ENDS, EQ, FIELDS, FieldKind, GE, GT, LT, NE, STARTS};
use crate::world::{Cell, Day, World};

/// Pools made ready for judging many users.
pub(super) struct Judge<'g> {
    include: Vec<Vec<Ready<'g>>>,
    exclude: Vec<Vec<Ready<'g>>>,
}

/// A filter made ready: of the values of `eq` and of `ne` a set, since a pool may name thousands of users.
struct Ready<'g> {
    field: u16,
    kind: FieldKind,
    equal: HashSet<&'g str>,
    unequal: HashSet<&'g str>,
    others: Vec<(u16, &'g str)>,
    /// Says something that must hold beside what must not.
    wants: bool,
}

impl<'g> Judge<'g> {
    pub(super) fn new(include: &'g [Pool], exclude: &'g [Pool]) -> Self {
        let ready = |pools: &'g [Pool]| -> Vec<Vec<Ready<'g>>> {
            pools.iter().map(|pool| pool.filters.iter().map(Ready::new).collect()).collect()
        };
        Self { include: ready(include), exclude: ready(exclude) }
    }

    /// Whether the user meets an include pool and no exclude pool. A pool without filters takes everybody.
    pub(super) fn takes(&self, world: &World, user: u32) -> bool {
        let meets = |pool: &Vec<Ready<'g>>| pool.iter().all(|filter| filter.holds(world, user));
        self.include.iter().any(meets) && !self.exclude.iter().any(meets)
    }
}

impl<'g> Ready<'g> {
    fn new(filter: &'g Filter) -> Self {
        let kind = FIELDS.get(usize::from(filter.field)).map_or(FieldKind::Text, |field| field.kind);
        let mut ready = Self {
            field: filter.field,
            kind,
            equal: HashSet::new(),
            unequal: HashSet::new(),
            others: Vec::new(),
            wants: filter.expressions.iter().any(|one| one.operator != NE),
        };
        for expression in &filter.expressions {
            for value in &expression.values {
                match expression.operator {
                    EQ => drop(ready.equal.insert(value.as_str())),
                    NE => drop(ready.unequal.insert(value.as_str())),
                    operator => ready.others.push((operator, value.as_str())),
                }
            }
        }
        ready
    }

    /// One of the expressions that want something, and none of those that exclude a value.
    fn holds(&self, world: &World, user: u32) -> bool {
        match world.field_value(user, self.field) {
            Cell::Date(day) => self.dated(day),
            Cell::Str(text) => {
                let code = if self.kind == FieldKind::Choice { code(text) } else { None };
                let has =
                    |values: &HashSet<&str>| values.contains(text) || code.is_some_and(|code| values.contains(code));
                if has(&self.unequal) {
                    return false;
                }
                !self.wants
                    || has(&self.equal)
                    || self.others.iter().any(|(operator, value)| textual(*operator, text, value))
            }
            // Who has no value meets only what excludes others.
            _ => !self.wants,
        }
    }

    fn dated(&self, day: Day) -> bool {
        let text = day.to_string();
        if self.unequal.contains(text.as_str()) {
            return false;
        }
        // ISO dates sort as text.
        let ordered = |(operator, value): &(u16, &str)| match *operator {
            GT => text.as_str() > *value,
            GE => text.as_str() >= *value,
            LT => text.as_str() < *value,
            _ => text.as_str() <= *value,
        };
        !self.wants || self.equal.contains(text.as_str()) || self.others.iter().any(ordered)
    }
}

fn textual(operator: u16, text: &str, value: &str) -> bool {
    match operator {
        CONTAINS => text.contains(value),
        STARTS => text.starts_with(value),
        ENDS => text.ends_with(value),
        _ => false,
    }
}

/// The code in "Name (code)", as HRIS sync writes departments and their like into User.
fn code(text: &str) -> Option<&str> {
    text.strip_suffix(')')?.rsplit_once('(').map(|(_, code)| code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::groups::data::Expression;
    use crate::world::groups::field::field_named;
    use crate::world::laws::{company, text, user};

    fn filter(field: &str, expressions: &[(u16, &[&str])]) -> Filter {
        let expressions = expressions.iter().map(|(operator, values)| Expression {
            id: String::new(),
            operator: *operator,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        });
        Filter { id: String::new(), field: field_named(field).unwrap(), expressions: expressions.collect() }
    }

    fn pool(filters: Vec<Filter>) -> Pool {
        Pool::new(String::new(), filters)
    }

    #[test]
    fn filters_are_and_expressions_are_or_and_pools_are_or() {
        let world = company(1, 50);
        let row = user(&world, "100004");
        let (name, department) = (text(&world, row, "username"), text(&world, row, "department"));
        let takes = |include: Vec<Pool>, exclude: Vec<Pool>| Judge::new(&include, &exclude).takes(&world, row.top);
        let named = || filter("std_username", &[(EQ, &["nobody"]), (EQ, &["x", name])]);
        let there = || filter("std_department", &[(EQ, &[department])]);
        let elsewhere = || filter("std_department", &[(EQ, &["Elsewhere"])]);
        assert!(takes(vec![pool(vec![named(), there()])], vec![]));
        assert!(!takes(vec![pool(vec![named(), elsewhere()])], vec![]));
        assert!(takes(vec![pool(vec![elsewhere()]), pool(vec![named()])], vec![]));
        assert!(!takes(vec![pool(vec![named()])], vec![pool(vec![there()])]));
        assert!(takes(vec![pool(vec![])], vec![pool(vec![elsewhere()])]));
        assert!(!takes(vec![], vec![]));
    }

    #[test]
    fn operators() {
        let world = company(1, 50);
        let row = user(&world, "100004");
        let department = text(&world, row, "department");
        let code = code(department).unwrap();
        let holds = |field: &str, operator: u16, value: &str| {
            Ready::new(&filter(field, &[(operator, &[value])])).holds(&world, row.top)
        };
        assert!(holds("std_department", EQ, code) && holds("std_department", EQ, department));
        assert!(!holds("std_department", NE, code) && holds("std_department", NE, "DEP99999"));
        assert!(holds("std_userid", STARTS, "1000") && holds("std_userid", ENDS, "04"));
        assert!(holds("std_userid", CONTAINS, "00") && !holds("std_userid", CONTAINS, "x"));
        assert!(holds("std_hiredate", GT, "1990-01-01") && holds("std_hiredate", LT, "2100-01-01"));
        assert!(!holds("std_hiredate", LT, "1990-01-01") && !holds("std_custom07", EQ, ""));
        assert!(holds("std_custom07", NE, "x"), "who has no value is not excluded");
    }
}
