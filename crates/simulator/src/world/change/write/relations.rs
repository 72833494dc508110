//! Writing job relationships and global assignments.

use super::refused::WriteRefused;
use super::row::{Operation, RowWrite};
use super::rows::Written;
use crate::schema::Set;
use crate::schema::relations::{emp_global_assignment, emp_job_relationships};
use crate::world::data::{Assignment, Audit, Author, NOBODY};
use crate::world::segments::{Abroad, Relation};
use crate::world::{Day, RowId, Value, World};

impl World {
    /// Person and place of the employment of that user.
    pub(super) fn employment_of_row(&self, id: Option<&str>) -> Result<(u32, u16), WriteRefused> {
        let id = id.unwrap_or_default();
        let found = self.user_by_id(id).and_then(|user| {
            let (_, child, _) = self.employment_of(user)?;
            Some((self.users.get(user as usize)?.person, child))
        });
        found.ok_or_else(|| WriteRefused::Order { set: "EmpEmployment", id: id.to_owned() })
    }

    pub(super) fn write_relation(&mut self, row: &RowWrite) -> Written {
        use emp_job_relationships::P;
        Self::demand(row, &[P::relationshipType as usize, P::startDate as usize, P::userId as usize])?;
        let (top, child) = self.employment_of_row(row.text(P::userId as usize))?;
        let named = row.text(P::relationshipType as usize).unwrap_or_default();
        let missing = || WriteRefused::value("relationshipType", named);
        let kind = self.picks.named("jobRelType", named).ok_or_else(missing)?;
        let start = row.day(P::startDate as usize).unwrap_or(Day::ALWAYS);
        let employment = self.employment(RowId::new(Set::EmpEmployment, top, child, 0));
        let relations = employment.map_or(&[][..], |employment| employment.relations.as_slice());
        let same = relations.iter().position(|one| one.kind == kind && one.start == start);
        let in_force = relations.iter().position(|one| one.kind == kind && one.start <= start && start <= one.end);
        let place = |at: usize| RowId::new(Set::EmpJobRelationships, top, child, at as u16);
        if let Some(operation) = row.operation {
            let at = if operation == Operation::Delete { same } else { in_force };
            let at = at.ok_or(WriteRefused::Missing(Set::EmpJobRelationships))?;
            let key = self.key_of_row(place(at));
            self.take_relation(top, child, at, operation, start);
            return Ok(Self::taken_away(key));
        }
        let to = match row.text(P::relUserId as usize) {
            Some(id) => {
                let link = || WriteRefused::Link { role: "relUserId", user_id: id.to_owned() };
                Some(self.active_user(id).ok_or_else(link)?)
            }
            None => None,
        };
        let before = same.map(|at| self.shown(place(at)));
        let at = match same {
            Some(at) => at,
            None => {
                Self::demand(row, &[P::relUserId as usize])?;
                self.insert_relation(top, child, kind, start)?
            }
        };
        if let (Some(to), Some(relation)) = (to, self.relation_at(top, child, at)) {
            relation.to = to;
            let user = self.employment(place(at)).map_or(NOBODY, |employment| employment.user);
            let named = self.named_by.entry(to).or_default();
            if !named.contains(&user) {
                named.push(user);
            }
        }
        let own = [P::relationshipType, P::startDate, P::endDate, P::userId, P::relUserId];
        let rest = row.values.iter().filter(|(at, _)| !own.iter().any(|one| *one as usize == *at));
        let more = rest.map(|(at, value)| (*at as u16, value.clone())).collect();
        self.write_more(place(at), more);
        Ok(self.written_row(place(at), before))
    }

    fn relation_at(&mut self, top: u32, child: u16, at: usize) -> Option<&mut Relation> {
        self.people.get_mut(top as usize)?.employments.get_mut(usize::from(child))?.relations.get_mut(at)
    }

    fn insert_relation(&mut self, top: u32, child: u16, kind: u16, start: Day) -> Result<usize, WriteRefused> {
        let audit = Audit::at(self.stamp(), Author::Api);
        let person = self.people.get_mut(top as usize).ok_or(WriteRefused::NoPerson)?;
        let employment = person.employments.get_mut(usize::from(child)).ok_or(WriteRefused::NoPerson)?;
        let all = &mut employment.relations;
        let mut made = Relation { kind, start, end: Day::FOREVER, to: NOBODY, audit };
        if let Some(at) = all.iter().position(|one| one.kind == kind && one.start <= start && start <= one.end) {
            (made.end, made.to) = (all[at].end, all[at].to);
            all[at].end = start.plus(-1);
            all.insert(at + 1, made);
            return Ok(at + 1);
        }
        let later = all.iter().position(|one| one.kind == kind && one.start > start);
        if let Some(later) = later {
            made.end = all[later].start.plus(-1);
        }
        let after = all.iter().rposition(|one| one.kind == kind).map(|at| at + 1);
        let at = later.or(after).unwrap_or(all.len());
        all.insert(at, made);
        Ok(at)
    }

    fn take_relation(&mut self, top: u32, child: u16, at: usize, operation: Operation, from: Day) {
        let now = self.stamp();
        let person = self.people.get_mut(top as usize);
        let Some(employment) = person.and_then(|one| one.employments.get_mut(usize::from(child))) else { return };
        let all = &mut employment.relations;
        if operation == Operation::Delimit {
            let kind = all[at].kind;
            if all[at].start < from {
                all[at].end = from.plus(-1);
                all[at].audit.touch(now, Author::Api);
            }
            all.retain(|one| one.kind != kind || one.start < from);
            return;
        }
        let gone = all.remove(at);
        if let Some(before) = at.checked_sub(1).and_then(|before| all.get_mut(before))
            && before.kind == gone.kind
            && before.end.plus(1) == gone.start
        {
            before.end = gone.end;
        }
    }

    /// What a global assignment says of itself. It makes an employment that has no job information yet one abroad.
    pub(super) fn write_abroad(&mut self, row: &RowWrite) -> Written {
        use emp_global_assignment::P;
        Self::demand(row, &[P::userId as usize])?;
        let (top, child) = self.employment_of_row(row.text(P::userId as usize))?;
        let place = RowId::new(Set::EmpGlobalAssignment, top, child, 0);
        let employment = self.employment(place).ok_or(WriteRefused::NoPerson)?;
        let known = employment.abroad.is_some();
        if !known {
            Self::demand(row, &[P::assignmentType as usize, P::plannedEndDate as usize])?;
            if employment.assignment == Assignment::Standard && !employment.jobs.is_empty() {
                return Err(WriteRefused::rule("The employment is not a global assignment."));
            }
        }
        let before = known.then(|| self.shown(place));
        let kind =
            row.text(P::assignmentType as usize).map(|name| self.option_place("global_assignment_type", Some(name)));
        let planned = row.day(P::plannedEndDate as usize);
        let audit = Audit::at(self.stamp(), Author::Api);
        let person = self.people.get_mut(top as usize).ok_or(WriteRefused::NoPerson)?;
        let employment = person.employments.get_mut(usize::from(child)).ok_or(WriteRefused::NoPerson)?;
        employment.assignment = Assignment::Global;
        let nothing = crate::world::data::NOTHING;
        let made = || Box::new(Abroad { kind: nothing, planned_end: Day::FOREVER, audit });
        let abroad = employment.abroad.get_or_insert_with(made);
        abroad.kind = kind.unwrap_or(abroad.kind);
        abroad.planned_end = planned.unwrap_or(abroad.planned_end);
        // Company and dates are those of the employment and its job information.
        let own = [P::userId, P::assignmentType, P::plannedEndDate, P::company, P::startDate, P::endDate];
        let rest = row.values.iter().filter(|(at, _)| !own.iter().any(|one| *one as usize == *at));
        let more: Vec<(u16, Value)> = rest.map(|(at, value)| (*at as u16, value.clone())).collect();
        self.write_more(place, more);
        Ok(self.written_row(place, before))
    }
}
