//! Writing pay: compensation in slices, and what it pays every month.

use super::refused::WriteRefused;
use super::row::{Done, Operation, RowDone, RowWrite};
use super::rows::Written;
use crate::schema::Set;
use crate::schema::pay::{emp_compensation, emp_pay_comp_recurring};
use crate::world::data::{Audit, Author, NOTHING, Reason};
use crate::world::segments::Pay;
use crate::world::units::UnitKind;
use crate::world::{Cell, Day, RowId, Value, World};

impl World {
    pub(super) fn write_compensation(&mut self, row: &RowWrite) -> Written {
        use emp_compensation::P;
        Self::demand(row, &[P::startDate as usize, P::userId as usize])?;
        let (top, child) = self.employment_of_row(row.text(P::userId as usize))?;
        let start = row.day(P::startDate as usize).unwrap_or(Day::ALWAYS);
        one_a_day(row, P::seqNumber as usize)?;
        let place = |at: usize| RowId::new(Set::EmpCompensation, top, child, at as u16);
        let employment = self.employment(place(0)).ok_or(WriteRefused::NoPerson)?;
        let same = employment.pay.iter().position(|one| one.start == start);
        if let Some(operation) = row.operation {
            return self.take_pay(top, child, same, operation);
        }
        let reason = match row.text(P::eventReason as usize) {
            Some(code) => Some(Reason::named(code).ok_or_else(|| WriteRefused::value("eventReason", code))?),
            None => None,
        };
        let sent = |property: P| row.values.iter().any(|(at, _)| *at == property as usize);
        let grade = match row.text(P::payGrade as usize) {
            _ if !sent(P::payGrade) => None,
            None => Some(NOTHING),
            Some(code) => Some(self.unit_of_row("payGrade", UnitKind::PayGrade, Some(code))?),
        };
        let before = same.map(|at| self.shown(place(at)));
        let at = match same {
            Some(at) => at,
            None => {
                Self::demand(row, &[P::eventReason as usize])?;
                self.insert_pay(top, child, start, reason.unwrap_or(Reason::DataChange))?
            }
        };
        if let Some(pay) = self.pay_at(top, child, at) {
            pay.reason = reason.unwrap_or(pay.reason);
            pay.grade = grade.unwrap_or(pay.grade);
        }
        let own = [P::startDate, P::endDate, P::userId, P::seqNumber, P::eventReason, P::payGrade];
        let rest = row.values.iter().filter(|(at, _)| !own.iter().any(|one| *one as usize == *at));
        let more = rest.map(|(at, value)| (*at as u16, value.clone())).collect();
        self.write_more(place(at), more);
        Ok(self.written_row(place(at), before))
    }

    fn pay_at(&mut self, top: u32, child: u16, at: usize) -> Option<&mut Pay> {
        self.people.get_mut(top as usize)?.employments.get_mut(usize::from(child))?.pay.get_mut(at)
    }

    /// A slice from that day on: a copy of the one in force, or one before all others.
    fn insert_pay(&mut self, top: u32, child: u16, start: Day, reason: Reason) -> Result<usize, WriteRefused> {
        let audit = Audit::at(self.stamp(), Author::Api);
        let person = self.people.get_mut(top as usize).ok_or(WriteRefused::NoPerson)?;
        let employment = person.employments.get_mut(usize::from(child)).ok_or(WriteRefused::NoPerson)?;
        if start < employment.start {
            let told = format!("Compensation information can not start before the hire date {}.", employment.start);
            return Err(WriteRefused::rule(told));
        }
        let all = &mut employment.pay;
        let at = all.partition_point(|one| one.start < start);
        let made = match at.checked_sub(1).and_then(|before| all.get(before)) {
            Some(before) => Pay { start, reason, audit: Audit { more: before.audit.more, ..audit }, ..before.clone() },
            None => Pay {
                start,
                end: Day::FOREVER,
                reason,
                grade: NOTHING,
                bonus: 0,
                car: false,
                salary: 0,
                audit,
                cents: 0,
            },
        };
        all.insert(at, made);
        Pay::close_gaps(all);
        Ok(at)
    }

    /// The slice goes; the one before takes its time.
    fn take_pay(&mut self, top: u32, child: u16, at: Option<usize>, operation: Operation) -> Written {
        let at = at.ok_or(WriteRefused::Missing(Set::EmpCompensation))?;
        if operation == Operation::Delimit {
            return Err(WriteRefused::rule("DELIMIT is not possible: compensation information has no gaps."));
        }
        let key = self.key_of_row(RowId::new(Set::EmpCompensation, top, child, at as u16));
        let person = self.people.get_mut(top as usize).ok_or(WriteRefused::NoPerson)?;
        let employment = person.employments.get_mut(usize::from(child)).ok_or(WriteRefused::NoPerson)?;
        employment.pay.remove(at);
        Pay::close_gaps(&mut employment.pay);
        Ok(Self::taken_away(key))
    }

    /// The one pay component of a slice of compensation: base pay, monthly, in the company's currency.
    pub(super) fn write_component(&mut self, row: &RowWrite) -> Written {
        use emp_pay_comp_recurring::P;
        let needed = [P::payComponent, P::seqNumber, P::startDate, P::userId].map(|one| one as usize);
        Self::demand(row, &needed)?;
        let (top, child) = self.employment_of_row(row.text(P::userId as usize))?;
        one_a_day(row, P::seqNumber as usize)?;
        if let Some(other) = row.text(P::payComponent as usize).filter(|code| *code != BASE) {
            return Err(WriteRefused::value("payComponent", other));
        }
        if row.operation.is_some() {
            return Err(WriteRefused::rule("The base pay goes with its compensation information."));
        }
        let start = row.day(P::startDate as usize).unwrap_or(Day::ALWAYS);
        let place = RowId::new(Set::EmpPayCompRecurring, top, child, 0);
        let slices = self.employment(place).map_or(&[][..], |employment| employment.pay.as_slice());
        let at = slices.iter().position(|one| one.start == start);
        let at = at.ok_or_else(|| WriteRefused::Order { set: "EmpCompensation", id: start.to_string() })?;
        let place = RowId { slice: at as u16, ..place };
        let before = self.shown(place);
        let worked_out = [(P::frequency, "frequency"), (P::currencyCode, "currencyCode"), (P::notes, "notes")];
        for (property, name) in worked_out {
            let shown = match self.cell(place, property as usize) {
                Cell::Str(text) => Some(text),
                _ => None,
            };
            if let Some(sent) = row.text(property as usize).filter(|sent| Some(*sent) != shown) {
                return Err(WriteRefused::value(name, sent));
            }
        }
        if let Some(amount) = row.amount(P::paycompvalue as usize) {
            let cents = (amount * 100.0).round();
            if !(0.0..=f64::from(u32::MAX)).contains(&amount) {
                return Err(WriteRefused::value("paycompvalue", &amount.to_string()));
            }
            if let Some(pay) = self.pay_at(top, child, at) {
                (pay.salary, pay.cents) = ((cents / 100.0).floor() as u32, (cents % 100.0) as u8);
            }
        }
        let done = if before == self.shown(place) { Done::Unchanged } else { Done::Upserted };
        let now = self.stamp();
        if done == Done::Upserted
            && let Some(pay) = self.pay_at(top, child, at)
        {
            pay.audit.touch(now, Author::Api);
        }
        Ok(RowDone { done, row: Some(place), key: self.key_of_row(place) })
    }
}

/// The pay component that everybody has.
const BASE: &str = "BASE";

/// Pay changes once a day here.
fn one_a_day(row: &RowWrite, property: usize) -> Result<(), WriteRefused> {
    match row.int(property) {
        None | Some(1) => Ok(()),
        Some(other) => Err(WriteRefused::value("seqNumber", &other.to_string())),
    }
}

impl RowWrite {
    /// A number that was sent.
    fn amount(&self, property: usize) -> Option<f64> {
        self.values.iter().find(|(at, _)| *at == property).and_then(|(_, value)| match value {
            Value::Double(number) => Some(*number),
            Value::Int(number) => Some(*number as f64),
            _ => None,
        })
    }
}
