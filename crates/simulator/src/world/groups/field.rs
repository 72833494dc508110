//! What dynamic groups can be made by: fields of the user and of the present job, and operators.
//!
//! The tokens `std_username` and `eq` are those of KBA 3341990; the others follow their pattern.

use crate::schema::user::user::P;
use crate::world::data::{Employment, Job, NOBODY, NOTHING};
use crate::world::units::UnitKind;
use crate::world::{Cell, RowId, World};

/// An operator: token, label.
pub(super) static OPERATORS: [(&str, &str); 9] = [
    ("eq", "Equals"),
    ("ne", "Does not equal"),
    ("contains", "Contains"),
    ("startsWith", "Starts with"),
    ("endsWith", "Ends with"),
    ("gt", "After"),
    ("ge", "On or after"),
    ("lt", "Before"),
    ("le", "On or before"),
];

pub(super) const EQ: u16 = 0;
pub(super) const NE: u16 = 1;
pub(super) const CONTAINS: u16 = 2;
pub(super) const STARTS: u16 = 3;
pub(super) const ENDS: u16 = 4;
pub(super) const GT: u16 = 5;
pub(super) const GE: u16 = 6;
pub(super) const LT: u16 = 7;

const TEXTUAL: &[u16] = &[EQ, NE, CONTAINS, STARTS, ENDS];
const CHOSEN: &[u16] = &[EQ, NE];
const DATED: &[u16] = &[EQ, NE, GT, GE, LT, 8];

/// A field.
pub(super) struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: FieldKind,
    source: Source,
}

/// What its values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldKind {
    Text,
    Choice,
    Date,
}

impl FieldKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "STRING",
            Self::Choice => "PICKLIST",
            Self::Date => "DATE",
        }
    }

    /// Places in [`OPERATORS`].
    pub(super) fn operators(self) -> &'static [u16] {
        match self {
            Self::Text => TEXTUAL,
            Self::Choice => CHOSEN,
            Self::Date => DATED,
        }
    }
}

/// Where a field's value comes from.
#[derive(Clone, Copy)]
enum Source {
    User(P),
    Manager,
    Unit(UnitKind),
    Class,
    Contract,
}

const fn field(name: &'static str, label: &'static str, kind: FieldKind, source: Source) -> Field {
    Field { name, label, kind, source }
}

const fn custom(name: &'static str, label: &'static str, property: P) -> Field {
    field(name, label, FieldKind::Text, Source::User(property))
}

/// All fields.
pub(super) static FIELDS: &[Field] = &[
    field("std_username", "Username", FieldKind::Text, Source::User(P::username)),
    field("std_userid", "User ID", FieldKind::Text, Source::User(P::userId)),
    field("std_department", "Department", FieldKind::Choice, Source::User(P::department)),
    field("std_division", "Division", FieldKind::Choice, Source::User(P::division)),
    field("std_location", "Location", FieldKind::Choice, Source::User(P::location)),
    field("std_country", "Country", FieldKind::Choice, Source::User(P::country)),
    field("std_city", "City", FieldKind::Text, Source::User(P::city)),
    field("std_state", "State", FieldKind::Text, Source::User(P::state)),
    field("std_jobcode", "Job Code", FieldKind::Choice, Source::User(P::jobCode)),
    field("std_title", "Title", FieldKind::Text, Source::User(P::title)),
    field("std_timezone", "Time Zone", FieldKind::Choice, Source::User(P::timeZone)),
    field("std_hiredate", "Hire Date", FieldKind::Date, Source::User(P::hireDate)),
    field("std_manager", "Manager", FieldKind::Text, Source::Manager),
    custom("std_custom01", "Customizable Field 1", P::custom01),
    custom("std_custom02", "Customizable Field 2", P::custom02),
    custom("std_custom03", "Customizable Field 3", P::custom03),
    custom("std_custom04", "Customizable Field 4", P::custom04),
    custom("std_custom05", "Customizable Field 5", P::custom05),
    custom("std_custom06", "Customizable Field 6", P::custom06),
    custom("std_custom07", "Customizable Field 7", P::custom07),
    custom("std_custom08", "Customizable Field 8", P::custom08),
    custom("std_custom09", "Customizable Field 9", P::custom09),
    custom("std_custom10", "Customizable Field 10", P::custom10),
    custom("std_custom11", "Customizable Field 11", P::custom11),
    custom("std_custom12", "Customizable Field 12", P::custom12),
    custom("std_custom13", "Customizable Field 13", P::custom13),
    custom("std_custom14", "Customizable Field 14", P::custom14),
    custom("std_custom15", "Customizable Field 15", P::custom15),
    field("jobinfo_company", "Company", FieldKind::Choice, Source::Unit(UnitKind::Company)),
    field("jobinfo_business_unit", "Business Unit", FieldKind::Choice, Source::Unit(UnitKind::BusinessUnit)),
    field("jobinfo_cost_center", "Cost Center", FieldKind::Choice, Source::Unit(UnitKind::CostCenter)),
    field("jobinfo_employee_class", "Employee Class", FieldKind::Choice, Source::Class),
    field("jobinfo_employment_type", "Employment Type", FieldKind::Choice, Source::Contract),
];

/// Place of the field of that name.
pub(super) fn field_named(name: &str) -> Option<u16> {
    FIELDS.iter().position(|field| field.name == name).map(|at| at as u16)
}

/// Place of the operator with that token.
pub(super) fn operator_named(token: &str) -> Option<u16> {
    OPERATORS.iter().position(|operator| operator.0 == token).map(|at| at as u16)
}

impl World {
    /// What the user holds in a field today.
    pub(super) fn field_value(&self, user: u32, field: u16) -> Cell<'_> {
        let row = RowId::new(crate::schema::Set::User, user, 0, 0);
        let Some(field) = FIELDS.get(usize::from(field)) else { return Cell::Null };
        let job = || -> Option<&Job> {
            let (_, _, employment): (_, _, &Employment) = self.employment_of(user)?;
            employment.job_around(self.today())
        };
        match field.source {
            Source::User(property) => self.cell(row, property as usize),
            Source::Manager => match self.manager_today(user) {
                NOBODY => Cell::Null,
                manager => Cell::Str(self.user_id(manager)),
            },
            Source::Unit(kind) => job().map_or(Cell::Null, |job| {
                let place = match kind {
                    UnitKind::Company => job.company,
                    UnitKind::BusinessUnit => job.business_unit,
                    _ => job.cost_center,
                };
                self.units.get(kind, place).map_or(Cell::Null, |unit| Cell::Str(self.texts.read(unit.code)))
            }),
            Source::Class => job().map_or(Cell::Null, |job| self.choice_code(job.class)),
            Source::Contract => job().map_or(Cell::Null, |job| self.choice_code(job.kind)),
        }
    }

    fn choice_code(&self, place: u16) -> Cell<'_> {
        if place == NOTHING {
            return Cell::Null;
        }
        self.picks.choices.get(usize::from(place)).map_or(Cell::Null, |choice| Cell::Str(&choice.code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_operators_are_found_by_their_tokens() {
        assert_eq!(field_named("std_username"), Some(0));
        assert_eq!(operator_named("eq"), Some(EQ));
        assert_eq!(operator_named("endsWith"), Some(ENDS));
        assert_eq!((operator_named("like"), field_named("username")), (None, None));
        for (at, field) in FIELDS.iter().enumerate() {
            assert_eq!(field_named(field.name), Some(at as u16));
            assert!(field.kind.operators().iter().all(|at| usize::from(*at) < OPERATORS.len()));
        }
    }
}
