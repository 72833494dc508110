//! Writing picklists: options and labels as the platform has them, lists and values as the metadata framework has them.
//!
//! Both are views of the same lists, so what is written through one shows in the other. A list has one slice, and what
//! is worked out may be sent as it reads only.

use super::refused::WriteRefused;
use super::row::{Done, Manner, RowDone, RowWrite, Verb};
use super::rows::Written;
use crate::schema::Set;
use crate::schema::picklist::{picklist_label, picklist_option};
use crate::schema::picklist_v2::{pick_list_v2, pick_list_value_v2};
use crate::world::picks::Choice;
use crate::world::{Cell, Day, RowId, Value, World};

impl World {
    /// An option: its code, whether it is active, its place in the list. A new one names its list by a link.
    pub(super) fn write_option(&mut self, row: &RowWrite, manner: &Manner) -> Written {
        use picklist_option::{N, P};
        let id = row.int(P::id as usize);
        let known = id.and_then(|id| self.picks.by_id(id));
        let inactive = match row.text(P::status as usize) {
            None => None,
            Some("ACTIVE") => Some(false),
            Some("DELETED") => Some(true),
            Some(other) => return Err(WriteRefused::value("status", other)),
        };
        let at = match (manner.verb, known) {
            (Verb::Insert, None) if id.is_none() => {
                Self::demand(row, &[P::externalCode as usize])?;
                let list = row.links.iter().find(|(at, _)| *at == N::picklist as usize);
                let list = list.and_then(|(_, to)| self.picks.list(to.first()?));
                let list = list.ok_or_else(|| WriteRefused::Required(vec!["picklist".to_owned()]))?;
                self.new_choice(list, row.text(P::externalCode as usize).unwrap_or_default())?
            }
            (Verb::Insert, _) => return Err(WriteRefused::rule("The id of an option is given by the system.")),
            (_, Some(at)) => at,
            (_, None) => return Err(WriteRefused::Missing(Set::PicklistOption)),
        };
        let place = RowId::new(Set::PicklistOption, at as u32, 0, 0);
        let own = [P::id, P::externalCode, P::status, P::sortOrder].map(|one| one as usize);
        if let Err(refused) = self.as_it_reads(row, place, &own) {
            self.undo_choice(known.is_none(), at);
            return Err(refused);
        }
        let code = row.text(P::externalCode as usize).map(str::to_owned);
        if let Some(choice) = self.choice_at(at) {
            choice.inactive = inactive.unwrap_or(choice.inactive);
            if let Some(code) = code {
                choice.code = code.into();
            }
            if let Some(order) = row.int(P::sortOrder as usize) {
                choice.order = u16::try_from(order.saturating_sub(1)).unwrap_or(choice.order);
            }
        }
        let done = if known.is_some() { Done::Updated } else { Done::Inserted };
        Ok(RowDone { done, row: Some(place), key: self.key_of_row(place) })
    }

    /// The label of an option in one language.
    pub(super) fn write_label(&mut self, row: &RowWrite, manner: &Manner) -> Written {
        use picklist_label::P;
        Self::demand(row, &[P::locale as usize, P::optionId as usize])?;
        let id = row.int(P::optionId as usize).unwrap_or_default();
        let option = self.picks.by_id(id);
        let option = option.ok_or_else(|| WriteRefused::Order { set: "PicklistOption", id: id.to_string() })?;
        let locale = row.text(P::locale as usize).unwrap_or_default().to_owned();
        let labels = self.picks.choice(option).map_or(&[][..], |choice| choice.labels.as_slice());
        let known = labels.iter().any(|(one, _)| *one == locale);
        match (manner.verb, known) {
            (Verb::Insert, true) => return Err(WriteRefused::Exists(Set::PicklistLabel)),
            (Verb::Replace | Verb::Merge, false) => return Err(WriteRefused::Missing(Set::PicklistLabel)),
            _ => {}
        }
        if !known {
            Self::demand(row, &[P::label as usize])?;
        }
        if let (Some(label), Some(choice)) = (row.text(P::label as usize), self.choice_at(option)) {
            put_label(choice, &locale, label);
        }
        let labels = self.picks.choice(option).map_or(&[][..], |choice| choice.labels.as_slice());
        let at = labels.iter().position(|(one, _)| *one == locale).unwrap_or_default();
        let place = RowId::new(Set::PicklistLabel, option as u32, at as u16, 0);
        let done = if known { Done::Updated } else { Done::Inserted };
        Ok(RowDone { done, row: Some(place), key: self.key_of_row(place) })
    }

    /// A list: made, or called by another name.
    pub(super) fn write_list_v2(&mut self, row: &RowWrite, manner: &Manner) -> Written {
        use pick_list_v2::P;
        Self::demand(row, &[P::id as usize])?;
        only_slice(row, P::effectiveStartDate as usize)?;
        let id = row.text(P::id as usize).unwrap_or_default().to_owned();
        let known = self.picks.list(&id);
        exists(manner.verb, known.is_some(), row.set)?;
        let at = match known {
            Some(at) => at,
            None => {
                Self::demand(row, &[P::status as usize])?;
                self.picks.add_list(id)
            }
        };
        let place = RowId::new(Set::PickListV2, at as u32, 0, 0);
        let own = [P::id, P::effectiveStartDate, P::name].map(|one| one as usize);
        if let Err(refused) = self.as_it_reads(row, place, &own) {
            if known.is_none() {
                self.picks.lists.pop();
            }
            return Err(refused);
        }
        if let (Some(name), Some(list)) = (row.text(P::name as usize), self.picks.lists.get_mut(at)) {
            list.name = Some(name.to_owned().into());
        }
        let done = if known.is_some() { Done::Updated } else { Done::Inserted };
        Ok(RowDone { done, row: Some(place), key: self.key_of_row(place) })
    }

    /// A value of a list: its labels, and whether it is active.
    pub(super) fn write_value_v2(&mut self, row: &RowWrite, manner: &Manner) -> Written {
        use pick_list_value_v2::P;
        Self::demand(row, &[P::PickListV2_id as usize, P::externalCode as usize])?;
        only_slice(row, P::PickListV2_effectiveStartDate as usize)?;
        let id = row.text(P::PickListV2_id as usize).unwrap_or_default().to_owned();
        let list = self.picks.list(&id).ok_or(WriteRefused::Order { set: "PickListV2", id: id.clone() })?;
        let code = row.text(P::externalCode as usize).unwrap_or_default().to_owned();
        let known = self.picks.option(&id, &code);
        exists(manner.verb, known.is_some(), row.set)?;
        let inactive = match row.text(P::status as usize) {
            None => None,
            Some("A") => Some(false),
            Some("I") => Some(true),
            Some(other) => return Err(WriteRefused::value("status", other)),
        };
        let at = match known {
            Some(at) => usize::from(at),
            None => {
                Self::demand(row, &[P::status as usize])?;
                self.new_choice(list, &code)?
            }
        };
        let place = RowId::new(Set::PickListValueV2, at as u32, 0, 0);
        let labels = [
            (P::label_defaultValue, "en_US"),
            (P::label_en_US, "en_US"),
            (P::label_localized, "en_US"),
            (P::label_de_DE, "de_DE"),
            (P::label_fr_FR, "fr_FR"),
        ];
        let mut own = vec![P::PickListV2_id as usize, P::PickListV2_effectiveStartDate as usize];
        own.extend([P::externalCode as usize, P::status as usize, P::nonUniqueExternalCode as usize]);
        own.extend(labels.iter().map(|(property, _)| *property as usize));
        if let Err(refused) = self.as_it_reads(row, place, &own) {
            self.undo_choice(known.is_none(), at);
            return Err(refused);
        }
        if let Some(choice) = self.choice_at(at) {
            choice.inactive = inactive.unwrap_or(choice.inactive);
            for (property, locale) in labels {
                if let Some(label) = row.text(property as usize) {
                    put_label(choice, locale, label);
                }
            }
        }
        let done = if known.is_some() { Done::Updated } else { Done::Inserted };
        Ok(RowDone { done, row: Some(place), key: self.key_of_row(place) })
    }

    /// Deletes a list or a value. Who has the value keeps its id.
    pub(super) fn delete_pick(&mut self, row: &RowWrite) -> Result<(), WriteRefused> {
        let missing = || WriteRefused::Missing(row.set);
        if row.set == Set::PickListV2 {
            let id = row.text(pick_list_v2::P::id as usize).ok_or_else(missing)?;
            let list = self.picks.list(id).and_then(|at| self.picks.lists.get_mut(at)).ok_or_else(missing)?;
            list.gone = true;
            return Ok(());
        }
        let text = |property: pick_list_value_v2::P| row.text(property as usize).ok_or_else(missing);
        let id = text(pick_list_value_v2::P::PickListV2_id)?;
        let code = text(pick_list_value_v2::P::externalCode)?;
        let at = self.picks.option(id, code).ok_or_else(missing)?;
        self.choice_at(usize::from(at)).ok_or_else(missing)?.gone = true;
        Ok(())
    }

    /// Takes back an option that was made for a row that is refused.
    fn undo_choice(&mut self, made: bool, at: usize) {
        if let Some(choice) = self.choice_at(at).filter(|_| made) {
            choice.gone = true;
        }
    }

    fn choice_at(&mut self, at: usize) -> Option<&mut Choice> {
        self.picks.choices.get_mut(at)
    }

    fn new_choice(&mut self, list: usize, code: &str) -> Result<usize, WriteRefused> {
        let full = || WriteRefused::rule("The company holds no more picklist options.");
        self.picks.add(list, code.to_owned()).map(usize::from).ok_or_else(full)
    }

    /// Refuses what was sent of properties beside `own` when it is not what they show.
    pub(super) fn as_it_reads(&self, row: &RowWrite, place: RowId, own: &[usize]) -> Result<(), WriteRefused> {
        let properties = row.set.table().properties;
        for (at, value) in row.values.iter().filter(|(at, _)| !own.contains(at)) {
            let same = match (value, self.cell(place, *at)) {
                (Value::Null, Cell::Null) => true,
                (Value::Text(sent), Cell::Str(shown)) => sent == shown,
                (Value::Int(sent), Cell::Int(shown)) => *sent == shown,
                (Value::Double(sent), Cell::Double(shown)) => (sent - shown).abs() < f64::EPSILON,
                (Value::Bool(sent), Cell::Bool(shown)) => *sent == shown,
                (Value::Date(sent), Cell::Date(shown)) => *sent == shown,
                _ => false,
            };
            if let Some(property) = properties.get(*at).filter(|_| !same) {
                return Err(WriteRefused::rule(format!("{} can not be changed in this company.", property.name)));
            }
        }
        Ok(())
    }
}

/// Whether the request may be made of a row that is there, or is not.
fn exists(verb: Verb, known: bool, set: Set) -> Result<(), WriteRefused> {
    match (verb, known) {
        (Verb::Insert, true) => Err(WriteRefused::Exists(set)),
        (Verb::Replace | Verb::Merge, false) => Err(WriteRefused::Missing(set)),
        _ => Ok(()),
    }
}

/// A list has one slice, from the beginning of time on.
fn only_slice(row: &RowWrite, property: usize) -> Result<(), WriteRefused> {
    match row.day(property) {
        None | Some(Day::ALWAYS) => Ok(()),
        Some(_) => Err(WriteRefused::rule("Picklists of this company have one slice; it starts on 1900-01-01.")),
    }
}

fn put_label(choice: &mut Choice, locale: &str, label: &str) {
    match choice.labels.iter_mut().find(|(one, _)| *one == locale) {
        Some((_, known)) => *known = label.to_owned().into(),
        None => {
            choice.labels.push((locale.to_owned().into(), label.to_owned().into()));
            choice.labels.sort_by(|one, other| one.0.cmp(&other.0));
        }
    }
}
