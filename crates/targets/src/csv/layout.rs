//! Which columns the file has and what a row of it looks like.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use joinery_model::{Failure, Record, Value};

use super::{Files, Formulas, Settings};

/// A row's cells by attribute, as text; null is *known to be empty*.
pub(super) type Cells = BTreeMap<String, Option<String>>;

/// Where one column's cells come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Action,
    Key,
    Attribute(Arc<str>),
    Active,
}

/// The columns in order with their headers.
pub(super) fn columns(settings: &Settings) -> Result<Vec<(Arc<str>, Column)>, Failure> {
    let mut columns = Vec::new();
    if settings.files == Files::Delta {
        columns.push((settings.action.clone(), Column::Action));
    }
    if !settings.attributes.contains(&settings.key) {
        columns.push((settings.key.clone(), Column::Key));
    }
    columns.extend(settings.attributes.iter().map(|name| (name.clone(), Column::Attribute(name.clone()))));
    if let Some(active) = &settings.active {
        columns.push((active.clone(), Column::Active));
    }
    let mut seen = BTreeSet::new();
    for (header, _) in &columns {
        if header.is_empty() || header.contains(['"', '\0']) {
            return Err(Failure::refused(format!(
                "`{header}` cannot be a header: it is empty or holds a double quote"
            )));
        }
        if !seen.insert(header) {
            return Err(Failure::refused(format!(
                "the header {header} would stand twice; give the attribute, `active` or `action` another name"
            )));
        }
    }
    Ok(columns)
}

/// What a record says, by attribute; what it does not say is not in it.
pub(super) fn cells(record: &Record) -> Cells {
    let plain = |value: &Value| (!value.is_null()).then(|| value.to_plain());
    let attributes = record.attributes.iter().map(|(name, value)| (name.to_string(), plain(value)));
    // Somebody without an account has nothing to be written: the cell is left alone.
    let references = record.references.iter().filter_map(|(name, other)| match other {
        Some(other) => other.target_id.as_ref().map(|id| (name.to_string(), Some(id.to_string()))),
        None => Some((name.to_string(), None)),
    });
    references.chain(attributes).collect()
}

/// A cell as the file gets it.
pub(super) fn shown(text: &str, formulas: Formulas) -> String {
    match formulas {
        Formulas::Neutralise if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        _ => text.to_owned(),
    }
}
