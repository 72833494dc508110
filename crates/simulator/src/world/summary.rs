//! A person in a few words: for lists that people look at.

use super::data::NOBODY;
use super::rows::terminations;
use super::units::UnitKind;
use super::{AsOf, Day, RowId, World};
use crate::schema::Set;

/// Where somebody stands today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Works.
    Active,
    /// On leave, suspended or away.
    Away,
    /// Starts on a later day.
    Future,
    /// Every employment has ended.
    Left,
    /// Never had an employment.
    None,
}

impl Standing {
    /// All of them, in the order in which people pass through them.
    pub const ALL: [Self; 5] = [Self::Active, Self::Away, Self::Future, Self::Left, Self::None];

    /// `active`, `away`, `future`, `left`, `none`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Away => "away",
            Self::Future => "future",
            Self::Left => "left",
            Self::None => "none",
        }
    }
}

/// A person in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary<'a> {
    /// `personIdExternal`.
    pub person_id: &'a str,
    /// `userId` of the employment that best stands for the person.
    pub user_id: Option<&'a str>,
    /// Its log-in name.
    pub username: Option<&'a str>,
    /// First name today.
    pub first_name: &'a str,
    /// Last name today.
    pub last_name: &'a str,
    /// Primary e-mail.
    pub email: Option<&'a str>,
    /// Where the person stands.
    pub standing: Standing,
    /// First day of that employment.
    pub start: Option<Day>,
    /// Its last day.
    pub end: Option<Day>,
    /// Job title.
    pub title: Option<&'a str>,
    /// Code and today's name of the department.
    pub department: Option<(&'a str, &'a str)>,
    /// Code and today's name of the location.
    pub location: Option<(&'a str, &'a str)>,
    /// The manager's user.
    pub manager: Option<RowId>,
    /// How many employments there are.
    pub employments: usize,
}

impl World {
    /// The person of a `PerPerson` row in a few words.
    pub fn summary(&self, row: RowId) -> Option<Summary<'_>> {
        let (person, today) = (self.person(row)?, self.today());
        let name = person.name_around(today);
        let read = |text| self.texts.read(text);
        let main = person.main_employment(today);
        let job = main.and_then(|main| main.job_around(today));
        let user = main.and_then(|main| self.users.get(main.user as usize));
        let unit = |kind, place| {
            let unit = self.units.get(kind, place)?;
            let slice = unit.slices.get(unit.at(AsOf::Day(today))?)?;
            Some((read(unit.code), read(slice.name)))
        };
        let standing = match (main, job) {
            (None, _) => Standing::None,
            (Some(main), _) if main.end < today => Standing::Left,
            (Some(main), _) if main.start > today => Standing::Future,
            (_, Some(job)) if job.reason.status() != "A" => Standing::Away,
            _ => Standing::Active,
        };
        Some(Summary {
            person_id: read(person.external),
            user_id: user.map(|user| read(user.id)),
            username: user.map(|user| read(user.name)),
            first_name: name.map_or("", |name| read(name.first)),
            last_name: name.map_or("", |name| read(name.last)),
            email: person.primary_email().map(|email| read(email.address)),
            standing,
            start: main.map(|main| main.start),
            end: main.map(|main| main.end).filter(|end| *end != Day::FOREVER),
            title: job.map(|job| read(job.title)),
            department: job.and_then(|job| unit(UnitKind::Department, job.department)),
            location: job.and_then(|job| unit(UnitKind::Location, job.location)),
            manager: main
                .map(|main| self.manager_today(main.user))
                .filter(|manager| *manager != NOBODY)
                .map(|manager| RowId::new(Set::User, manager, 0, 0)),
            employments: person.employments.len(),
        })
    }

    /// The `PerPerson` row of the person meant by a personIdExternal or by the userId of one of their employments.
    pub fn person_named(&self, who: &str) -> Option<RowId> {
        let by_user = || self.users.get(self.user_by_id(who)? as usize).map(|user| user.person);
        let top = self.person_by_id(who).or_else(by_user).filter(|top| *top != NOBODY)?;
        self.people.get(top as usize).filter(|person| !person.gone).map(|_| RowId::new(Set::PerPerson, top, 0, 0))
    }

    /// Rows of the terminations of a person.
    pub fn terminations(&self, person: RowId) -> Vec<RowId> {
        self.person(person).map(|one| terminations(person.top, one)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Seed;

    #[test]
    fn everybody_has_a_summary_and_every_standing_occurs() {
        let world = World::generate(&Seed::new(3, 400, "2026-11-21T12:00:00Z".parse().unwrap()));
        let all: Vec<_> = world.rows(Set::PerPerson, AsOf::Day(world.today())).collect();
        let mut seen = Vec::new();
        for row in all {
            let summary = world.summary(row).unwrap();
            assert_eq!(world.person_named(summary.person_id), Some(row));
            if let Some(user) = summary.user_id {
                assert_eq!(world.person_named(user), Some(row));
            }
            assert!(!summary.last_name.is_empty());
            assert_eq!(summary.standing == Standing::None, summary.employments == 0);
            seen.push(summary.standing.name());
        }
        assert!(Standing::ALL.iter().all(|standing| seen.contains(&standing.name())), "{seen:?}");
        assert_eq!(world.person_named("nobody"), None);
    }
}
