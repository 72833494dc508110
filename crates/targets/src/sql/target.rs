//! The target: changes become steps, a database takes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use joinery_model::{
    Can, Change, Correlation, Failure, Finding, Found, Held, HeldPage, Outcome, Place, RunId, Tally, Target,
};

use super::convert::Cell;
use super::postgres::Postgres;
use super::sqlite::{Done, Sqlite};
use super::table::{Shape, Step};
use super::verdict::not_ours;
use super::{Database, Settings};

/// Rows of a listing's page.
const PAGE: usize = 1_000;

enum Backend {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

/// A table as a target. The account's id is the key column's value; a row that a change needs and that is not there is
/// made from all that the change says, so that a repeated change leaves what it left the first time.
pub struct Sql {
    settings: Settings,
    backend: Backend,
}

impl Sql {
    /// Checks the settings; the database is opened by the first call that needs it.
    ///
    /// # Errors
    /// A setting that cannot work: two attributes in one column, an address that is none, certificates that are none.
    pub fn open(settings: Settings) -> Result<Self, Failure> {
        settings.check()?;
        let backend = match &settings.database {
            Database::Sqlite(path) => Backend::Sqlite(Sqlite::new(path, &settings)?),
            Database::Postgres { url, ca, connections } => {
                Backend::Postgres(Box::new(Postgres::new(url, ca.as_deref(), *connections, &settings)?))
            }
        };
        Ok(Self { settings, backend })
    }

    /// The table as it is; with `make`, made before where that is allowed.
    async fn shape(&self, make: bool) -> Result<Option<Shape>, Failure> {
        match &self.backend {
            Backend::Sqlite(backend) => backend.shape(make).await,
            Backend::Postgres(backend) => backend.shape(make).await,
        }
    }

    async fn matching(&self, shape: &Shape, at: usize, sought: Vec<String>) -> Result<Vec<Vec<Cell>>, Failure> {
        match &self.backend {
            Backend::Sqlite(backend) => backend.matching(at, sought).await,
            Backend::Postgres(backend) => backend.matching(shape, at, sought).await,
        }
    }

    /// The rows that are there although these steps are to make them, by key.
    async fn there_already(&self, shape: &Shape, steps: &[Step]) -> Result<BTreeMap<String, Vec<Cell>>, Failure> {
        if self.settings.key_attribute().is_none() {
            // The key is the person's own, and so is the row.
            return Ok(BTreeMap::new());
        }
        let made = steps.iter().filter_map(|step| match step {
            Step::Put { key, old: None, .. } => Some(key.clone()),
            _ => None,
        });
        let keys: BTreeSet<String> = made.collect();
        if keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = self.matching(shape, 0, keys.into_iter().collect()).await?;
        Ok(rows.into_iter().filter_map(|row| Some((shape.spelled(0, row.first()?.clone()?), row))).collect())
    }

    async fn write(&self, shape: &Shape, steps: Vec<Step>) -> Result<Done, Failure> {
        match &self.backend {
            Backend::Sqlite(backend) => backend.apply(steps).await,
            Backend::Postgres(backend) => backend.apply(shape, steps).await,
        }
    }

    /// Answers, by one query a column, every question whose turn it is to ask about that column.
    async fn look(
        &self,
        shape: &Shape,
        asked: BTreeMap<usize, Vec<(usize, String)>>,
        found: &mut [Option<Found>],
    ) -> Result<(), Failure> {
        for (at, questions) in asked {
            let sought: BTreeSet<String> = questions.iter().map(|(_, cell)| cell.clone()).collect();
            let mut by_cell: BTreeMap<String, Vec<Held>> = BTreeMap::new();
            for cells in self.matching(shape, at, sought.into_iter().collect()).await? {
                if let Some(cell) = cells.get(at).cloned().flatten() {
                    by_cell.entry(shape.spelled(at, cell)).or_default().push(shape.held(&self.settings, cells));
                }
            }
            for (question, cell) in questions {
                let held = by_cell.get(&cell).map_or(&[][..], Vec::as_slice);
                found[question] = match held {
                    [] => None,
                    [one] => Some(Found::One(one.clone())),
                    many => Some(Found::Many(many.iter().map(|held| held.target_id.clone()).collect())),
                };
            }
        }
        Ok(())
    }
}

impl Target for Sql {
    fn can(&self) -> Can {
        let parallel = match &self.settings.database {
            Database::Sqlite(_) => 1,
            Database::Postgres { connections, .. } => (*connections).clamp(1, 4),
        };
        let disable = self.settings.active.is_some();
        Can { find: true, list: true, disable, delete: true, references_by_id: true, batch: 500, parallel }
    }

    async fn find(&self, wanted: &[Correlation]) -> Result<Vec<Found>, Failure> {
        let Some(shape) = self.shape(false).await? else {
            return Ok(vec![Found::None; wanted.len()]);
        };
        let questions: Vec<Vec<(usize, Cell)>> =
            wanted.iter().map(|wanted| shape.questions(&self.settings, wanted)).collect::<Result<_, _>>()?;
        let mut found: Vec<Option<Found>> = vec![None; wanted.len()];
        let rounds = questions.iter().map(Vec::len).max().unwrap_or(0);
        for round in 0..rounds {
            let mut asked: BTreeMap<usize, Vec<(usize, String)>> = BTreeMap::new();
            for (number, question) in questions.iter().enumerate() {
                if let (None, Some((at, Some(cell)))) = (&found[number], question.get(round)) {
                    asked.entry(*at).or_default().push((number, cell.clone()));
                }
            }
            self.look(&shape, asked, &mut found).await?;
        }
        Ok(found.into_iter().map(|found| found.unwrap_or(Found::None)).collect())
    }

    async fn list(&self, place: Option<&Place>) -> Result<HeldPage, Failure> {
        let Some(shape) = self.shape(false).await? else {
            return Ok(HeldPage::default());
        };
        let after = place.map(|place| place.0.clone());
        let rows = match &self.backend {
            Backend::Sqlite(backend) => backend.page(after, PAGE).await?,
            Backend::Postgres(backend) => backend.page(&shape, after, PAGE).await?,
        };
        let full = rows.len() == PAGE;
        let held: Vec<Held> = rows.into_iter().map(|cells| shape.held(&self.settings, cells)).collect();
        let next = held.last().filter(|_| full).map(|last| Place(last.target_id.to_string()));
        Ok(HeldPage { held, next })
    }

    async fn apply(&self, _run: RunId, changes: &[Change]) -> Result<Vec<Outcome>, Failure> {
        let Some(shape) = self.shape(true).await.map_err(Failure::untried)? else {
            return Err(Failure::refused("the table is not there").untried());
        };
        let steps: Vec<Step> = changes.iter().map(|change| shape.step(&self.settings, change)).collect();
        let owned = self.there_already(&shape, &steps).await.map_err(Failure::untried)?;
        let mut taken = BTreeSet::new();
        let steps: Vec<Step> = steps
            .into_iter()
            .map(|step| match step {
                Step::Put { key, .. } if !taken.insert(key.clone()) => Step::Refuse(format!(
                    "another person has the same value for the key column {}; the key must tell people apart",
                    self.settings.key
                )),
                // A creation that was tried before may find the row that it made, and no other.
                Step::Put { key, old: None, fresh, cells }
                    if owned.get(&key).is_some_and(|row| fresh || !shape.says(row, &cells)) =>
                {
                    Step::Refuse(not_ours(&self.settings))
                }
                step => step,
            })
            .collect();
        let ends: Vec<Outcome> = steps
            .iter()
            .map(|step| match step {
                Step::Refuse(why) => Outcome::Refused(why.clone()),
                Step::Put { key, .. } | Step::Alter { key, .. } | Step::Delete { key } | Step::Keep { key } => {
                    Outcome::Done { target_id: Arc::from(key.as_str()), echo: None }
                }
            })
            .collect();
        let done = self.write(&shape, steps).await?;
        Ok(ends.into_iter().zip(done).map(|(end, done)| done.map_or_else(Outcome::Refused, |()| end)).collect())
    }

    async fn close(&self, _run: RunId, _tally: &Tally) -> Result<(), Failure> {
        Ok(())
    }

    async fn test(&self) -> Vec<Finding> {
        match &self.backend {
            Backend::Sqlite(backend) => backend.test().await,
            Backend::Postgres(backend) => backend.test().await,
        }
    }
}
