//! What an operator can set for a CSV file.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

/// What is written at the end of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Files {
    /// Everybody, into the file of that name, in place of the one before.
    #[default]
    Full,
    /// Only what the run changed, with an action column, into a file of the run's own: `people-42.csv` beside
    /// `people.csv`. A run that changed nothing writes none.
    Delta,
}

/// What is done with a cell that a spreadsheet would take for a formula (begins with `= + - @`, tab or CR).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formulas {
    /// An apostrophe is put before it.
    #[default]
    Neutralise,
    /// It is written as it is: for files that no spreadsheet opens.
    Keep,
}

/// A file and how to write it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The file. Its state stands beside it in `<name>.state`, its manifest in `<name>.manifest.json`.
    pub path: PathBuf,
    /// The header of the column that tells people apart; its value is the account's id. An attribute of that name
    /// fills it, otherwise the person's key does.
    pub key: Arc<str>,
    /// The header of the column that says whether the account is usable; without it nothing can be disabled.
    pub active: Option<Arc<str>>,
    /// What the active column holds for usable and not usable.
    pub active_values: (Arc<str>, Arc<str>),
    /// Every attribute and reference that the mapping writes: the headers, in this order.
    pub attributes: Vec<Arc<str>>,
    /// What is written.
    pub files: Files,
    /// The header of the action column of delta files: `create`, `update`, `disable`, `enable`, `delete`.
    pub action: Arc<str>,
    /// Between cells.
    pub delimiter: u8,
    /// Does the file begin with a UTF-8 byte order mark (older spreadsheets need one)?
    pub bom: bool,
    /// Do lines end with CR LF, as RFC 4180 has it?
    pub crlf: bool,
    /// Cells that look like formulas.
    pub formulas: Formulas,
    /// Is a manifest written?
    pub manifest: bool,
}

impl Settings {
    /// A file with every other setting at its default: full files, comma, CR LF, no byte order mark, formulas
    /// neutralised, a manifest, column `active` of true and false.
    pub fn new(path: impl Into<PathBuf>, key: impl Into<Arc<str>>, attributes: Vec<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            key: key.into(),
            active: Some("active".into()),
            active_values: ("true".into(), "false".into()),
            attributes,
            files: Files::Full,
            action: "action".into(),
            delimiter: b',',
            bom: false,
            crlf: true,
            formulas: Formulas::Neutralise,
            manifest: true,
        }
    }
}
