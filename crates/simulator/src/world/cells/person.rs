//! Cells of persons, their names, e-mails and phones.

use super::stamp;
use crate::schema::person::{per_email, per_person, per_personal, per_phone};
use crate::world::{Cell, RowId, World};

impl World {
    pub(super) fn person_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use per_person::P;
        let person = self.person(row)?;
        let audit = &person.audit;
        Some(match P::ALL.get(property)? {
            P::personIdExternal => self.str(person.external),
            P::perPersonUuid => self.str(person.uuid),
            P::personId => Cell::Int(i64::from(row.top) + 1000),
            P::dateOfBirth => Cell::Date(person.birth),
            P::countryOfBirth => self.str(person.country),
            P::placeOfBirth => self.str(person.birthplace),
            P::createdBy => Cell::Str(audit.author.name()),
            P::createdDateTime => stamp(audit.created),
            P::createdOn => self.local(audit.created),
            P::lastModifiedBy => Cell::Str(audit.editor.name()),
            P::lastModifiedDateTime => stamp(audit.modified),
            P::lastModifiedOn => self.local(audit.modified),
            P::userId => match person.main_employment(self.today()) {
                Some(employment) => self.str(self.users.get(employment.user as usize)?.id),
                None => return None,
            },
            P::birthName | P::includeAllRecords | P::regionOfBirth => return None,
        })
    }

    pub(super) fn personal_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use per_personal::P;
        let person = self.person(row)?;
        let name = person.names.get(usize::from(row.child))?;
        let audit = &name.audit;
        Some(match P::ALL.get(property)? {
            P::personIdExternal => self.str(person.external),
            P::startDate => Cell::Date(name.start),
            P::endDate => Cell::Date(name.end),
            P::firstName => self.str(name.first),
            P::lastName => self.str(name.last),
            P::middleName => self.str(name.middle),
            P::preferredName => self.str(name.preferred),
            P::displayName => self.str(name.display),
            P::gender => Cell::Str(name.gender.letter()),
            P::nationality => self.str(name.nationality),
            P::salutation => self.option(name.salutation),
            P::maritalStatus => self.option(name.marital),
            P::nativePreferredLang => self.option(name.language),
            P::createdBy => Cell::Str(audit.author.name()),
            P::createdDateTime => stamp(audit.created),
            P::createdOn => self.local(audit.created),
            P::lastModifiedBy => Cell::Str(audit.editor.name()),
            P::lastModifiedDateTime => stamp(audit.modified),
            P::lastModifiedOn => self.local(audit.modified),
            _ => return None,
        })
    }

    pub(super) fn email_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use per_email::P;
        let person = self.person(row)?;
        let email = person.emails.get(usize::from(row.child))?;
        let audit = &email.audit;
        Some(match P::ALL.get(property)? {
            P::personIdExternal => self.str(person.external),
            P::emailType => self.option(email.kind),
            P::emailAddress => self.str(email.address),
            P::isPrimary => Cell::Bool(email.primary),
            P::createdBy => Cell::Str(audit.author.name()),
            P::createdDateTime => stamp(audit.created),
            P::createdOn => self.local(audit.created),
            P::lastModifiedBy => Cell::Str(audit.editor.name()),
            P::lastModifiedDateTime => stamp(audit.modified),
            P::lastModifiedOn => self.local(audit.modified),
            P::includeAllRecords | P::operation => return None,
        })
    }

    pub(super) fn phone_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use per_phone::P;
        let person = self.person(row)?;
        let phone = person.phones.get(usize::from(row.child))?;
        let audit = &phone.audit;
        Some(match P::ALL.get(property)? {
            P::personIdExternal => self.str(person.external),
            P::phoneType => self.option(phone.kind),
            P::phoneNumber => self.str(phone.number),
            P::areaCode => self.str(phone.area),
            P::countryCode => self.str(phone.country),
            P::extension => self.str(phone.extension),
            P::isPrimary => Cell::Bool(phone.primary),
            P::createdBy => Cell::Str(audit.author.name()),
            P::createdDateTime => stamp(audit.created),
            P::createdOn => self.local(audit.created),
            P::lastModifiedBy => Cell::Str(audit.editor.name()),
            P::lastModifiedDateTime => stamp(audit.modified),
            P::lastModifiedOn => self.local(audit.modified),
            P::includeAllRecords | P::operation => return None,
        })
    }
}
