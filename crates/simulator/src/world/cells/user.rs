//! Cells of users: what was written, else what follows from the person, as HRIS sync would have it.

use super::stamp;
use crate::schema::user::user;
use crate::world::data::Email;
use crate::world::units::{UnitKind, UnitSlice};
use crate::world::{AsOf, Cell, RowId, World};

impl World {
    pub(super) fn user_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use user::P;
        let user = self.users.get(row.top as usize).filter(|user| !user.gone)?;
        if let Some(written) = self.written.get(user.written as usize)
            && let Some((_, value)) = written.iter().find(|(at, _)| usize::from(*at) == property)
        {
            return Some(match value.cell() {
                Cell::Stamp(millis) if user_wall_clock(property) => Cell::LocalStamp(millis),
                cell => cell,
            });
        }
        let today = self.today();
        let name = || self.people.get(user.person as usize)?.name_around(today);
        let employment = || self.employment_of(row.top).map(|(_, _, employment)| employment);
        let job = || employment()?.job_around(today);
        let unit = |kind, place| -> Option<&UnitSlice> {
            let unit = self.units.get(kind, place)?;
            unit.slices.get(unit.at(AsOf::Day(today)).unwrap_or(0))
        };
        // What HRIS sync writes of where somebody lives, when they said; else of where they work.
        let home = || {
            let homes = &self.people.get(user.person as usize)?.addresses;
            homes.iter().find(|one| one.start <= today && today <= one.end && self.texts.read(one.kind) == "home")
        };
        let email = || self.people.get(user.person as usize)?.primary_email();
        let phone = |kind| self.people.get(user.person as usize)?.phones.iter().find(|phone| phone.kind == kind);
        Some(match P::ALL.get(property)? {
            P::userId => self.str(user.id),
            P::username => self.str(user.name),
            P::status => Cell::Str(letter(self.user_status(row.top, user))),
            P::lastModified => self.local(user.audit.modified),
            P::lastModifiedDateTime | P::lastModifiedWithTZ | P::sciLastModified => stamp(user.audit.modified),
            P::firstName => self.str(name()?.first),
            P::lastName => self.str(name()?.last),
            P::mi => self.str(name()?.middle),
            P::nickname => self.str(name()?.preferred),
            P::defaultFullName => self.str(name()?.display),
            P::gender => Cell::Str(name()?.gender.letter()),
            P::nationality | P::citizenship => self.str(name()?.nationality),
            P::email => self.str(email().map(|email: &Email| email.address)?),
            P::businessPhone => self.str(phone(self.picks.usual.business_phone)?.number),
            P::cellPhone => self.str(phone(self.picks.usual.cell_phone)?.number),
            P::empId => self.str(self.people.get(user.person as usize)?.external),
            P::hireDate => Cell::Date(employment()?.start),
            P::origHireDate => Cell::Date(employment()?.first_start),
            P::department => self.str(unit(UnitKind::Department, job()?.department)?.synced),
            P::division => self.str(unit(UnitKind::Division, job()?.division)?.synced),
            P::location => self.str(unit(UnitKind::Location, job()?.location)?.synced),
            P::jobCode => self.str(unit(UnitKind::JobCode, job()?.code)?.synced),
            P::title | P::jobTitle => self.str(job()?.title),
            P::addressLine1 => self.str(home()?.street),
            P::addressLine2 => self.str(home()?.more),
            P::state => self.str(home()?.state),
            P::zipCode => self.str(home()?.zip),
            P::city => self.str(match home() {
                Some(home) => home.city,
                None => unit(UnitKind::Location, job()?.location)?.city,
            }),
            P::country => self.str(match home() {
                Some(home) => home.country,
                None => unit(UnitKind::Location, job()?.location)?.country,
            }),
            P::dateOfBirth => Cell::Date(self.people.get(user.person as usize)?.birth),
            P::married => Cell::Bool(name()?.marital == self.picks.usual.married),
            P::salutation => self.option(name()?.salutation),
            P::payGrade => self.code(UnitKind::PayGrade, job()?.pay_grade),
            P::jobLevel => Cell::Str(LEVELS.get(usize::from(job()?.pay_grade))?),
            P::timeZone => self.str(unit(UnitKind::Location, job()?.location)?.zone),
            P::localCurrencyCode => self.str(unit(UnitKind::Company, job()?.company)?.currency),
            P::defaultLocale => Cell::Str("en_US"),
            P::totalTeamSize => Cell::Int(self.direct_reports(row.top).len() as i64),
            P::matrixManaged => Cell::Bool(false),
            _ => return None,
        })
    }
}

/// Job levels, by pay grade.
const LEVELS: [&str; 7] = ["1", "2", "3", "4", "5", "6", "7"];

fn user_wall_clock(property: usize) -> bool {
    user::TABLE.properties.get(property).is_some_and(|property| property.wall_clock)
}

fn letter(status: u8) -> &'static str {
    match status {
        b't' => "t",
        b'T' => "T",
        b'F' => "F",
        b'e' => "e",
        b'd' => "d",
        _ => "f",
    }
}
