//! The table as the operator means it, the table as it is, and what a change becomes there.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::{Action, Change, Correlation, Failure, Finding, FindingKind, Held, Record, Value};

use super::convert::{Cell, is_true, to_cell, to_value};
use super::{ColumnType, Database, Settings};

/// A column as the database describes it.
#[derive(Clone, Debug)]
pub(super) struct Described {
    pub name: String,
    /// The type's name in the database, without a length, as a cast wants it.
    pub sql_type: String,
    pub kind: ColumnType,
    /// Characters at the most.
    pub longest: Option<usize>,
}

/// A column that we read and write.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub described: Described,
    pub attribute: Option<Arc<str>>,
}

/// A table that fits the settings: the key is column 0.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub columns: Vec<Column>,
    pub active: Option<usize>,
}

/// What a change becomes: cells go by the shape's column number, the key's among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Make the row or write over it. `old` is the key of the row that is known to be there; `fresh` says that none may
    /// be there yet, so that a row of that key is somebody else's.
    Put { key: String, old: Option<String>, fresh: bool, cells: Vec<(usize, Cell)> },
    /// Write over the row, if it is there.
    Alter { key: String, cells: Vec<(usize, Cell)> },
    /// Remove the row, if it is there.
    Delete { key: String },
    /// Nothing to write.
    Keep { key: String },
    /// It cannot be written: why.
    Refuse(String),
}

impl Settings {
    /// The column that an attribute goes to.
    pub(super) fn column_of(&self, attribute: &str) -> Arc<str> {
        self.columns.get(attribute).cloned().unwrap_or_else(|| attribute.into())
    }

    /// The attribute that fills the key column, if one does.
    pub(super) fn key_attribute(&self) -> Option<&Arc<str>> {
        self.attributes.iter().find(|attribute| self.column_of(attribute) == self.key)
    }

    /// The wanted columns, key first, with the attribute that fills each.
    pub(super) fn wanted(&self) -> Vec<(Arc<str>, Option<Arc<str>>)> {
        let mut wanted = vec![(self.key.clone(), self.key_attribute().cloned())];
        for attribute in &self.attributes {
            let column = self.column_of(attribute);
            if column != self.key {
                wanted.push((column, Some(attribute.clone())));
            }
        }
        if let Some(active) = &self.active {
            wanted.push((active.clone(), None));
        }
        wanted
    }

    /// The kind of a column that we make.
    pub(super) fn made_as(&self, column: &str) -> ColumnType {
        match self.types.get(column) {
            Some(kind) => *kind,
            None if self.active.as_deref() == Some(column) && self.active_values.is_none() => ColumnType::Bool,
            None => ColumnType::Text,
        }
    }

    /// Settings that cannot work, whatever the database looks like.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let mut seen = BTreeMap::new();
        if self.table.is_empty() || self.key.is_empty() {
            return Err(Failure::refused("table and key must not be empty"));
        }
        if matches!(self.database, Database::Sqlite(_)) && self.table.contains('.') {
            return Err(Failure::refused("table of a SQLite target has no schema before it; leave out the dot"));
        }
        for (column, attribute) in self.wanted() {
            if column.is_empty() || column.contains('\0') {
                return Err(Failure::refused("a column's name must not be empty"));
            }
            let filled_by = attribute.as_deref().unwrap_or("the target itself").to_owned();
            if let Some(other) = seen.insert(column.to_ascii_lowercase(), filled_by.clone()) {
                return Err(Failure::refused(format!(
                    "the column {column} would be filled twice, by {other} and by {filled_by}; give one of them another \
                     column under `columns`"
                )));
            }
        }
        Ok(())
    }

    /// Lays the settings over the table as it is; the error names the columns that it lacks. `fold` says that names
    /// differ only beyond upper and lower case.
    pub(super) fn fit(&self, described: &[Described], fold: bool) -> Result<Shape, Vec<Arc<str>>> {
        let (shape, missing) = self.lay(described, fold);
        if missing.is_empty() { Ok(shape) } else { Err(missing) }
    }

    /// What can be read of a table that lacks columns which the next change makes; `None` without the key.
    pub(super) fn fit_for_reading(&self, described: &[Described], fold: bool) -> Option<Shape> {
        let (shape, missing) = self.lay(described, fold);
        (!missing.contains(&self.key)).then_some(shape)
    }

    fn lay(&self, described: &[Described], fold: bool) -> (Shape, Vec<Arc<str>>) {
        let mut shape = Shape { columns: Vec::new(), active: None };
        let mut missing = Vec::new();
        for (name, attribute) in self.wanted() {
            let same = |is: &&Described| is.name == *name || (fold && is.name.eq_ignore_ascii_case(&name));
            let Some(described) = described.iter().find(same) else {
                missing.push(name);
                continue;
            };
            if attribute.is_none() && name != self.key {
                shape.active = Some(shape.columns.len());
            }
            shape.columns.push(Column { described: described.clone(), attribute });
        }
        (shape, missing)
    }
}

impl Shape {
    /// What a change becomes in this table.
    pub(super) fn step(&self, settings: &Settings, change: &Change) -> Step {
        let key = match self.key_of(settings, change) {
            Ok(key) => key,
            Err(why) => return Step::Refuse(why),
        };
        let at = change.target_id.as_deref().unwrap_or(&key).to_owned();
        match change.action {
            Action::Adopt => return Step::Keep { key: at },
            Action::Delete => return Step::Delete { key: at },
            _ => {}
        }
        let active = match change.action {
            Action::Disable => false,
            Action::Enable => true,
            _ => change.after.active,
        };
        let cells = match self.cells(settings, &change.after, active) {
            Ok(cells) => cells,
            Err(why) => return Step::Refuse(why),
        };
        if change.action == Action::Disable {
            return Step::Alter { key: at, cells };
        }
        let old = change.target_id.as_deref().map(str::to_owned);
        let mut all = cells;
        all.insert(0, (0, Some(key.clone())));
        // Where no attribute fills the key column the key is the person's own, and so is the row. A creation that was
        // tried before may have made the row itself.
        let fresh = change.target_id.is_none() && change.attempts == 0 && settings.key_attribute().is_some();
        Step::Put { key, old, fresh, cells: all }
    }

    /// The key: the attribute that fills the key column, else the account's id, else the person's key.
    fn key_of(&self, settings: &Settings, change: &Change) -> Result<String, String> {
        let written = settings.key_attribute().and_then(|attribute| value_of(&change.after, attribute));
        let value = match (written, &change.target_id) {
            (Some(value), _) => value,
            (None, Some(target_id)) => Value::text(target_id.clone()),
            (None, None) => Value::text(change.person.as_str()),
        };
        match self.checked(0, &value)? {
            Some(key) => Ok(key),
            None => Err(format!("the key column {} would be empty; map an attribute that everybody has", settings.key)),
        }
    }

    fn cells(&self, settings: &Settings, record: &Record, active: bool) -> Result<Vec<(usize, Cell)>, String> {
        // The key goes before them.
        let mut cells = Vec::with_capacity(self.columns.len() + 1);
        // Columns and attributes are in the order of their names as a rule: then each is where the last one ended.
        let mut near = record.attributes.iter().peekable();
        for (at, column) in self.columns.iter().enumerate().skip(1) {
            let Some(attribute) = &column.attribute else {
                let value = match &settings.active_values {
                    Some((yes, no)) => Value::text(if active { yes.clone() } else { no.clone() }),
                    None => Value::Bool(active),
                };
                cells.push((at, self.checked(at, &value)?));
                continue;
            };
            while near.next_if(|(name, _)| **name < *attribute).is_some() {}
            if let Some((_, value)) = near.next_if(|(name, _)| **name == *attribute) {
                cells.push((at, self.checked(at, value)?));
            } else if let Some(value) = value_of(record, attribute) {
                cells.push((at, self.checked(at, &value)?));
            }
        }
        Ok(cells)
    }

    fn checked(&self, at: usize, value: &Value) -> Result<Cell, String> {
        let column = &self.columns[at].described;
        let cell = to_cell(value, column.kind)
            .map_err(|holds| format!("column {} holds {holds}; map {} to that", column.name, self.named(at)))?;
        match (&cell, column.longest) {
            (Some(text), Some(longest)) if text.chars().count() > longest => {
                Err(format!("column {} holds at most {longest} characters; {} is longer", column.name, self.named(at)))
            }
            _ => Ok(cell),
        }
    }

    fn named(&self, at: usize) -> &str {
        self.columns[at].attribute.as_deref().unwrap_or("the person's key")
    }

    /// The column that holds an attribute.
    fn holding(&self, attribute: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.attribute.as_deref() == Some(attribute))
    }

    /// A wanted value as the column at `at` spells it; `None` when no row can hold it.
    fn sought(&self, at: usize, value: &Value) -> Cell {
        to_cell(value, self.columns[at].described.kind).ok().flatten()
    }

    /// A look-up as columns and cells, in order: the account's id when it is known, else the attributes.
    pub(super) fn questions(&self, settings: &Settings, wanted: &Correlation) -> Result<Vec<(usize, Cell)>, Failure> {
        if let Some(target_id) = &wanted.target_id {
            return Ok(vec![(0, self.sought(0, &Value::text(target_id.clone())))]);
        }
        let asked = wanted.by.iter().filter_map(|(attribute, value)| match self.holding(attribute) {
            Some(at) => Some(Ok((at, self.sought(at, value)))),
            // Its column is made with the first change: until then nobody holds anything there.
            None if settings.attributes.contains(attribute) => None,
            None => Some(Err(Failure::refused(format!(
                "`correlate` names {attribute}, which the mapping does not write to this table; map it or leave it out"
            )))),
        });
        asked.collect()
    }

    /// A cell that was read, as a cell that is sought spells it.
    pub(super) fn spelled(&self, at: usize, cell: String) -> String {
        let kind = self.columns[at].described.kind;
        to_cell(&to_value(Some(cell.clone()), kind), kind).ok().flatten().unwrap_or(cell)
    }

    /// Does a row hold the texts of these cells? Other kinds come back in spellings of the database's own.
    pub(super) fn says(&self, row: &[Cell], cells: &[(usize, Cell)]) -> bool {
        let mut texts = cells.iter().filter(|(at, _)| {
            let kind = self.columns[*at].described.sql_type.to_ascii_lowercase();
            self.columns[*at].attribute.is_some() && (kind.contains("text") || kind.contains("char"))
        });
        texts.all(|(at, cell)| {
            let (held, wanted) = (row.get(*at).and_then(Option::as_deref), cell.as_deref());
            // A column of fixed length is filled up with blanks.
            held.unwrap_or_default().trim_end() == wanted.unwrap_or_default().trim_end()
        })
    }

    /// A row that was read, all columns in order.
    pub(super) fn held(&self, settings: &Settings, cells: Vec<Cell>) -> Held {
        let active = self.active.and_then(|at| {
            let text = cells.get(at)?.as_deref()?;
            match &settings.active_values {
                Some((yes, no)) => (text == &**yes).then_some(true).or((text == &**no).then_some(false)),
                None => is_true(text),
            }
        });
        let target_id: Arc<str> = cells.first().cloned().flatten().unwrap_or_default().into();
        let attributes = self
            .columns
            .iter()
            .zip(cells)
            .filter_map(|(column, cell)| Some((column.attribute.clone()?, to_value(cell, column.described.kind))))
            .collect();
        Held { target_id, active, attributes }
    }
}

/// An attribute or a reference of a record; `None` when the record does not say, or names somebody without an account.
fn value_of(record: &Record, attribute: &str) -> Option<Value> {
    if let Some(value) = record.attributes.get(attribute) {
        return Some(value.clone());
    }
    match record.references.get(attribute)? {
        Some(other) => other.target_id.clone().map(Value::Text),
        None => Some(Value::Null),
    }
}

/// One line of a check.
pub(super) fn finding(kind: FindingKind, subject: &str, message: impl Into<String>) -> Finding {
    Finding { kind, subject: subject.to_owned(), message: message.into() }
}
