//! The target.

use joinery_model::{
    Can, Change, Correlation, Failure, Finding, Found, HeldPage, Outcome, Place, RunId, Tally, Target,
};

use super::Settings;

/// The target.
#[derive(Debug)]
pub struct Csv {
    settings: Settings,
}

impl Csv {
    /// Checks the settings.
    pub fn open(settings: Settings) -> Result<Self, Failure> {
        Ok(Self { settings })
    }
}

impl Target for Csv {
    fn can(&self) -> Can {
        let disable = self.settings.active.is_some();
        Can { find: true, list: true, disable, delete: true, references_by_id: false, batch: 500, parallel: 1 }
    }
    async fn find(&self, _wanted: &[Correlation]) -> Result<Vec<Found>, Failure> {
        Err(Failure::refused("this target is being built"))
    }
    async fn list(&self, _place: Option<&Place>) -> Result<HeldPage, Failure> {
        Err(Failure::refused("this target is being built"))
    }
    async fn apply(&self, _run: RunId, _changes: &[Change]) -> Result<Vec<Outcome>, Failure> {
        Err(Failure::refused("this target is being built"))
    }
    async fn close(&self, _run: RunId, _tally: &Tally) -> Result<(), Failure> {
        Err(Failure::refused("this target is being built"))
    }
    async fn test(&self) -> Vec<Finding> {
        Vec::new()
    }
}
