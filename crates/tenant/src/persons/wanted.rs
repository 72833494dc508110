//! Attributes of persons as connectors name them: `EmpJob_All`, `PerPhone_secondaryPhoneNumber`, `EmpJob_locationNav`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What stands in place of a property and means all of them.
const ALL: &str = "All";

/// What is read when nothing is named.
const USUAL: [&str; 4] = ["EmpEmployment", "EmpJob", "PerPerson", "PerPersonal"];

/// One name: a segment, and what of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    /// The entity set: `EmpJob`.
    pub(super) segment: Arc<str>,
    /// What stands behind the underscore; `None` for every property.
    pub(super) rest: Option<Arc<str>>,
}

/// Which attributes of persons are meant.
///
/// Written `Segment_property`, separated by commas. The segment is an entity set of the person: `PerPerson`,
/// `PerPersonal`, `PerEmail`, `PerPhone`, `PerAddressDEFLT`, `EmpEmployment`, `EmpJob`, `User` and what else the tenant
/// leads to from a person, an employment or a job (`FODepartment`, `EmpCompensation`). `Segment_All`, or the segment
/// alone, means every property of it. `PerEmail_…` and `PerPhone_…` are those of the primary record,
/// `PerEmail_secondaryEmailAddress` (`secondary` before a property) those of the first other one.
///
/// Navigations follow likewise: `EmpJob_locationNav` is every property of the job's location,
/// `EmpJob_locationNav_name` one, `EmpJob_employeeClassNav_label` an option's label.
///
/// Nothing at all means `EmpEmployment`, `EmpJob`, `PerPerson` and `PerPersonal`, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonAttributes(BTreeSet<Wanted>);

/// A name that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no attribute of a person; write Segment_property, such as EmpJob_jobTitle, EmpJob_All or \
     PerPhone_secondaryPhoneNumber"
)]
pub struct PersonAttributesError(String);

impl Default for PersonAttributes {
    fn default() -> Self {
        Self(USUAL.iter().map(|segment| Wanted { segment: (*segment).into(), rest: None }).collect())
    }
}

impl PersonAttributes {
    /// These names; none of them means what [`PersonAttributes::default`] does.
    ///
    /// # Errors
    /// Names the first that is none.
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, PersonAttributesError> {
        let names = names.into_iter().map(str::trim).filter(|name| !name.is_empty());
        let all = names.map(Wanted::parse).collect::<Result<BTreeSet<_>, _>>()?;
        Ok(if all.is_empty() { Self::default() } else { Self(all) })
    }

    /// These and those.
    pub(super) fn and(&self, others: impl IntoIterator<Item = Wanted>) -> Self {
        Self(self.0.iter().cloned().chain(others).collect())
    }

    /// These and nothing else, even if that is nothing.
    pub(super) fn only(names: impl IntoIterator<Item = Wanted>) -> Self {
        Self(names.into_iter().collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Wanted> {
        self.0.iter()
    }
}

impl FromStr for PersonAttributes {
    type Err = PersonAttributesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::of(text.split(','))
    }
}

impl Wanted {
    pub(super) fn parse(name: &str) -> Result<Self, PersonAttributesError> {
        let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        // Objects that a customer made have an underscore of their own.
        let own = name.strip_prefix("cust_").map_or(0, |_| "cust_".len());
        let (segment, rest) = match name[own..].find('_') {
            Some(at) => (&name[..own + at], Some(&name[own + at + 1..])),
            None => (name, None),
        };
        if segment.len() <= own || !word(segment) || rest.is_some_and(|rest| !word(rest)) {
            return Err(PersonAttributesError(name.to_owned()));
        }
        Ok(Self { segment: segment.into(), rest: rest.filter(|rest| *rest != ALL).map(Arc::from) })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.segment, self.rest.as_deref().unwrap_or(ALL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The spellings of PingIDM's `personSegments`.
    #[test]
    fn names_as_connectors_write_them() {
        let names = |text: &str| {
            let list: PersonAttributes = text.parse().unwrap();
            list.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(names("EmpJob_All, PerPhone_phoneNumber ,EmpJob"), ["EmpJob_All", "PerPhone_phoneNumber"]);
        assert_eq!(names(""), ["EmpEmployment_All", "EmpJob_All", "PerPerson_All", "PerPersonal_All"]);
        assert_eq!(names("EmpJob_locationNav_name"), ["EmpJob_locationNav_name"]);
        assert_eq!(names("cust_Badge_number,cust_Badge"), ["cust_Badge_All", "cust_Badge_number"]);
        for wrong in ["_x", "EmpJob_", "Emp Job_x", "EmpJob_a/b", "cust_", "é_x"] {
            assert!(wrong.parse::<PersonAttributes>().is_err(), "{wrong}");
        }
    }
}
