//! Looking at the stored people: what of them counts on a day.

use super::data::{Email, Employment, Job, NOBODY, Name, Person, User};
use super::{AsOf, Day, RowId, World};
use crate::schema::Set;

impl Employment {
    /// Place of the job slice in force on a day: of several on one day the one with the highest sequence number.
    pub(super) fn job_at(&self, day: Day) -> Option<usize> {
        self.jobs.iter().rposition(|job| job.start <= day && day <= job.end)
    }

    /// The job slice that describes somebody on a day: the one in force, or the first of somebody yet to start.
    pub(super) fn job_around(&self, day: Day) -> Option<&Job> {
        self.job_at(day).map_or_else(|| self.jobs.first(), |place| self.jobs.get(place))
    }

    /// Places of the job slices that count.
    pub(super) fn jobs_at(&self, as_of: AsOf) -> Vec<u16> {
        match as_of {
            AsOf::Day(day) => self.job_at(day).map(|place| place as u16).into_iter().collect(),
            AsOf::Range(..) => {
                let counts = self.jobs.iter().enumerate().filter(|(_, job)| as_of.takes(job.start, job.end));
                counts.map(|(place, _)| place as u16).collect()
            }
        }
    }

    /// Whether somebody works under it on a day: started, not ended, no no-show.
    pub(super) fn active(&self, day: Day) -> bool {
        self.start <= day && day <= self.end
    }
}

impl Person {
    /// Place of the name slice in force on a day.
    pub(super) fn name_at(&self, day: Day) -> Option<usize> {
        self.names.iter().rposition(|name| name.start <= day && day <= name.end)
    }

    /// The name on a day, or the first of somebody yet to start.
    pub(super) fn name_around(&self, day: Day) -> Option<&Name> {
        self.name_at(day).map_or_else(|| self.names.first(), |place| self.names.get(place))
    }

    pub(super) fn primary_email(&self) -> Option<&Email> {
        self.emails.iter().find(|email| email.primary)
    }

    /// The employment that best stands for the person on a day: an active one, else the last to start.
    pub(super) fn main_employment(&self, day: Day) -> Option<&Employment> {
        let active = self.employments.iter().filter(|one| one.active(day)).min_by_key(|one| one.start);
        active.or_else(|| self.employments.iter().max_by_key(|one| one.start))
    }
}

/// Where somebody works: for rules about which rows may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement<'a> {
    /// External code of the company.
    pub company: &'a str,
    /// External code of the department.
    pub department: &'a str,
    /// External code of the location.
    pub location: &'a str,
}

impl World {
    pub(super) fn person(&self, row: RowId) -> Option<&Person> {
        self.people.get(row.top as usize).filter(|person| !person.gone)
    }

    pub(super) fn employment(&self, row: RowId) -> Option<&Employment> {
        self.person(row)?.employments.get(usize::from(row.child))
    }

    pub(super) fn job(&self, row: RowId) -> Option<&Job> {
        self.employment(row)?.jobs.get(usize::from(row.slice))
    }

    /// The user's person and employment.
    pub(super) fn employment_of(&self, place: u32) -> Option<(&Person, u16, &Employment)> {
        let user = self.users.get(place as usize)?;
        let person = self.people.get(user.person as usize)?;
        let at = person.employments.iter().position(|one| one.user == place)?;
        Some((person, at as u16, person.employments.get(at)?))
    }

    /// Whether the user exists today.
    pub(super) fn user_exists(&self, place: u32) -> bool {
        self.users.get(place as usize).is_some_and(|user| {
            !user.gone
                && (!user.late
                    || self.employment_of(place).is_none_or(|(_, _, employment)| employment.start <= self.today()))
        })
    }

    /// The status as read today: a derived `t` is `f` outside the employment.
    pub(super) fn user_status(&self, place: u32, user: &User) -> u8 {
        if user.status == b't' && user.derived {
            let active = self.employment_of(place).is_none_or(|(_, _, employment)| employment.active(self.today()));
            return if active { b't' } else { b'f' };
        }
        user.status
    }

    /// Place of the manager's user today, or [`NOBODY`].
    pub(super) fn manager_today(&self, place: u32) -> u32 {
        if let Some(written) = self.users.get(place as usize).and_then(|user| user.manager) {
            return written;
        }
        self.employment_of(place)
            .and_then(|(_, _, employment)| employment.job_around(self.today()))
            .map_or(NOBODY, |job| job.manager)
    }

    /// The user with that log-in name, case-sensitive.
    pub fn user_named(&self, username: &str) -> Option<RowId> {
        self.user_where(|user| self.texts.read(user.name) == username)
    }

    fn user_where(&self, meant: impl Fn(&User) -> bool) -> Option<RowId> {
        let place = self.users_order.iter().find(|place| self.users.get(**place as usize).is_some_and(&meant))?;
        Some(RowId::new(Set::User, *place, 0, 0))
    }

    /// The person a row belongs to, as a number that never changes; none for foundation objects, picklists and users
    /// without a person.
    pub fn person_of(&self, row: RowId) -> Option<u32> {
        match row.set {
            Set::User | Set::UserAccount | Set::Photo | Set::Background_SpecialAssign => {
                self.users.get(row.top as usize).map(|user| user.person).filter(|person| *person != NOBODY)
            }
            Set::PerPerson
            | Set::PerPersonal
            | Set::PerEmail
            | Set::PerPhone
            | Set::EmpEmployment
            | Set::EmpEmploymentTermination
            | Set::PersonEmpTerminationInfo
            | Set::EmpJob
            | Set::PerAddressDEFLT
            | Set::PerNationalId
            | Set::PersonKey
            | Set::EmpJobRelationships
            | Set::EmpGlobalAssignment
            | Set::EmpCompensation
            | Set::EmpPayCompRecurring => Some(row.top),
            _ => None,
        }
    }

    /// The user of a person's main employment today, if it exists already.
    pub fn main_user(&self, person: RowId) -> Option<RowId> {
        let user = self.person(person)?.main_employment(self.today())?.user;
        self.user_exists(user).then(|| RowId::new(Set::User, user, 0, 0))
    }

    /// The `PerPerson` row of the person that a row belongs to.
    pub fn person_row(&self, row: RowId) -> Option<RowId> {
        let top = self.person_of(row)?;
        self.people.get(top as usize).filter(|person| !person.gone).map(|_| RowId::new(Set::PerPerson, top, 0, 0))
    }

    /// Where a person works today (worked last, will work first), by the number that [`World::person_of`] gives.
    pub fn placement(&self, person: u32) -> Option<Placement<'_>> {
        use super::units::UnitKind::{Company, Department, Location};
        let job = self.people.get(person as usize)?.main_employment(self.today())?.job_around(self.today())?;
        let code = |kind, place| self.units.get(kind, place).map_or("", |unit| self.texts.read(unit.code));
        Some(Placement {
            company: code(Company, job.company),
            department: code(Department, job.department),
            location: code(Location, job.location),
        })
    }

    /// First and last day of a slice; none for rows that are not slices.
    pub fn span(&self, row: RowId) -> Option<(Day, Day)> {
        match row.set {
            Set::PerPersonal => self.person(row)?.names.get(usize::from(row.child)).map(|one| (one.start, one.end)),
            Set::EmpJob => self.job(row).map(|job| (job.start, job.end)),
            Set::PerAddressDEFLT => {
                self.person(row)?.addresses.get(usize::from(row.child)).map(|one| (one.start, one.end))
            }
            Set::EmpJobRelationships => {
                self.employment(row)?.relations.get(usize::from(row.slice)).map(|one| (one.start, one.end))
            }
            Set::EmpCompensation | Set::EmpPayCompRecurring => {
                self.employment(row)?.pay.get(usize::from(row.slice)).map(|one| (one.start, one.end))
            }
            Set::Position => self.position(row).map(|(_, one)| (one.start, one.end)),
            Set::PickListV2 => Some((Day::ALWAYS, Day::FOREVER)),
            _ => self.unit_slice(row).map(|slice| (slice.start, slice.end)),
        }
    }
}
