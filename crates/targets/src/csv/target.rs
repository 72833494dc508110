//! The target: changes go to the state, a run's end writes the file.

use std::collections::BTreeMap;
use std::path::Path;

use joinery_model::{
    Can, Change, Correlation, Failure, Finding, FindingKind, Found, HeldPage, Outcome, Place, RunId, Tally, Target,
};

use super::Settings;
use super::layout::columns;
use super::state::{Row, State};
use crate::worker::Worker;

/// Rows of a listing's page.
const PAGE: usize = 1_000;

/// A CSV file as a target. The account's id is the key column's value.
pub struct Csv {
    settings: Settings,
    worker: Worker<State>,
}

impl Csv {
    /// Checks the settings; files are opened by the first call that needs them.
    ///
    /// # Errors
    /// A header that stands twice or cannot be one, a delimiter that is none.
    pub fn open(settings: Settings) -> Result<Self, Failure> {
        columns(&settings)?;
        if matches!(settings.delimiter, b'"' | b'\r' | b'\n' | 0) || !settings.delimiter.is_ascii() {
            return Err(Failure::refused("delimiter must be one character such as , ; or a tab"));
        }
        if settings.path.file_name().is_none() {
            return Err(Failure::refused("path of the CSV target names no file"));
        }
        let worker = Worker::start("target-csv", State::new(settings.clone()))?;
        Ok(Self { settings, worker })
    }

    fn found(&self, rows: Vec<Row>) -> Option<Found> {
        let mut held: Vec<_> = rows.into_iter().map(|row| row.held(&self.settings)).collect();
        match held.len() {
            0 => None,
            1 => held.pop().map(Found::One),
            _ => Some(Found::Many(held.into_iter().map(|held| held.target_id).collect())),
        }
    }

    /// Rows by key, for every key in order.
    async fn keyed(&self, keys: Vec<String>) -> Result<Vec<Vec<Row>>, Failure> {
        let rows = self.worker.call(move |state| state.keyed(&keys)).await?;
        Ok(rows.into_iter().map(|row| row.into_iter().collect()).collect())
    }

    /// Rows by attribute, for every text in order.
    async fn matching(&self, attribute: &str, texts: Vec<String>) -> Result<Vec<Vec<Row>>, Failure> {
        let (name, sought) = (attribute.to_owned(), texts.clone());
        let rows = self
            .worker
            .call(move |state| {
                let mut distinct = sought;
                distinct.sort();
                distinct.dedup();
                state.matching(&name, &distinct)
            })
            .await?;
        let mut by_text: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in rows {
            if let Some(text) = row.cells.get(attribute).cloned().flatten() {
                by_text.entry(text).or_default().push(row);
            }
        }
        Ok(texts.iter().map(|text| by_text.get(text).cloned().unwrap_or_default()).collect())
    }
}

impl Target for Csv {
    fn can(&self) -> Can {
        let disable = self.settings.active.is_some();
        Can { find: true, list: true, disable, delete: true, references_by_id: true, batch: 500, parallel: 1 }
    }

    async fn find(&self, wanted: &[Correlation]) -> Result<Vec<Found>, Failure> {
        let asked = wanted.iter().flat_map(|wanted| &wanted.by).map(|(attribute, _)| attribute);
        if let Some(unknown) =
            asked.into_iter().find(|name| **name != self.settings.key && !self.settings.attributes.contains(name))
        {
            return Err(Failure::refused(format!(
                "`correlate` names {unknown}, which the mapping does not write to this file; map it or leave it out"
            )));
        }
        let mut found: Vec<Option<Found>> = vec![None; wanted.len()];
        let rounds = wanted.iter().map(|wanted| wanted.by.len()).max().unwrap_or(0).max(1);
        for round in 0..rounds {
            let mut asked: BTreeMap<Option<&str>, Vec<(usize, String)>> = BTreeMap::new();
            for (number, wanted) in wanted.iter().enumerate().filter(|(number, _)| found[*number].is_none()) {
                match (&wanted.target_id, wanted.by.get(round)) {
                    (Some(id), _) if round == 0 => asked.entry(None).or_default().push((number, id.to_string())),
                    (None, Some((attribute, value))) if !value.is_null() => {
                        let by = (*attribute != self.settings.key).then_some(&**attribute);
                        asked.entry(by).or_default().push((number, value.to_plain()));
                    }
                    _ => {}
                }
            }
            for (attribute, questions) in asked {
                let texts: Vec<String> = questions.iter().map(|(_, text)| text.clone()).collect();
                let rows = match attribute {
                    None => self.keyed(texts).await?,
                    Some(attribute) => self.matching(attribute, texts).await?,
                };
                for ((number, _), rows) in questions.into_iter().zip(rows) {
                    found[number] = self.found(rows);
                }
            }
        }
        Ok(found.into_iter().map(|found| found.unwrap_or(Found::None)).collect())
    }

    async fn list(&self, place: Option<&Place>) -> Result<HeldPage, Failure> {
        let after = place.map(|place| place.0.clone()).unwrap_or_default();
        let rows = self.worker.call(move |state| state.page(&after, PAGE)).await?;
        let next = rows.last().filter(|_| rows.len() == PAGE).map(|last| Place(last.key.clone()));
        Ok(HeldPage { held: rows.into_iter().map(|row| row.held(&self.settings)).collect(), next })
    }

    async fn apply(&self, _run: RunId, changes: &[Change]) -> Result<Vec<Outcome>, Failure> {
        let changes = changes.to_vec();
        let done = self.worker.call(move |state| state.apply(&changes)).await?;
        Ok(done
            .into_iter()
            .map(|done| match done {
                Ok(target_id) => Outcome::Done { target_id, echo: None },
                Err(why) => Outcome::Refused(why),
            })
            .collect())
    }

    async fn close(&self, run: RunId, tally: &Tally) -> Result<(), Failure> {
        let tally = tally.clone();
        self.worker.call(move |state| state.close(run, &tally)).await
    }

    async fn test(&self) -> Vec<Finding> {
        let path = &self.settings.path;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (kind, message) = match folder.metadata() {
            Err(_) => (FindingKind::Problem, "its folder is not there; make it"),
            Ok(about) if !about.is_dir() => (FindingKind::Problem, "its folder is no folder; name another path"),
            Ok(about) if about.permissions().readonly() => {
                (FindingKind::Problem, "its folder cannot be written to; look at its owner")
            }
            Ok(_) if path.is_dir() => (FindingKind::Problem, "the path is a folder; name a file"),
            Ok(_) => (FindingKind::Good, "its folder is there"),
        };
        vec![Finding { kind, subject: format!("CSV {}", path.display()), message: message.to_owned() }]
    }
}
