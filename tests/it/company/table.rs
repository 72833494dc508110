//! The SQLite target as anybody would read it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A row of the target, column by column; null is empty.
pub type Cells = BTreeMap<String, String>;

/// The SQLite target, by employee id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table(pub BTreeMap<String, Cells>);

impl Table {
    /// Reads the table `people` of a file; a file or table that is not there is empty.
    pub fn read(path: &Path) -> Self {
        let open = || -> rusqlite::Result<BTreeMap<String, Cells>> {
            let connection = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            let mut statement = connection.prepare("SELECT * FROM people")?;
            let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let mut rows = statement.query([])?;
            let mut people = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let mut cells = Cells::new();
                for (at, name) in names.iter().enumerate() {
                    use rusqlite::types::ValueRef;
                    let text = match row.get_ref(at)? {
                        ValueRef::Null => String::new(),
                        ValueRef::Integer(number) => number.to_string(),
                        ValueRef::Real(number) => number.to_string(),
                        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
                    };
                    cells.insert(name.clone(), text);
                }
                let key = cells.get("employee_id").cloned().unwrap_or_default();
                assert!(people.insert(key.clone(), cells).is_none(), "two accounts of {key}");
            }
            Ok(people)
        };
        Self(open().unwrap_or_default())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// One account.
    #[track_caller]
    pub fn person(&self, id: &str) -> &Cells {
        self.0.get(id).unwrap_or_else(|| panic!("{id} has no account"))
    }

    /// Usable accounts.
    pub fn active(&self) -> impl Iterator<Item = (&str, &Cells)> {
        self.0.iter().filter(|(_, cells)| cells["active"] == "1").map(|(id, cells)| (id.as_str(), cells))
    }

    /// What became of an older state: accounts with the columns that differ, new and lost ones with all.
    pub fn changed_since(&self, before: &Self) -> BTreeMap<String, Vec<String>> {
        let ids: BTreeSet<&String> = self.0.keys().chain(before.0.keys()).collect();
        let empty = Cells::new();
        let mut changed = BTreeMap::new();
        for id in ids {
            let (now, was) = (self.0.get(id).unwrap_or(&empty), before.0.get(id).unwrap_or(&empty));
            let names: BTreeSet<&String> = now.keys().chain(was.keys()).collect();
            let columns: Vec<String> =
                names.into_iter().filter(|name| now.get(*name) != was.get(*name)).cloned().collect();
            if !columns.is_empty() {
                changed.insert(id.clone(), columns);
            }
        }
        changed
    }
}
