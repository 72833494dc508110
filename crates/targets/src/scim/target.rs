//! The target.

use joinery_model::{
    Can, Change, Clock, Correlation, Failure, Finding, Found, HeldPage, Outcome, Place, RunId, Tally, Target,
};

use super::Settings;

/// The target.
#[derive(Debug)]
pub struct Scim<C> {
    settings: Settings,
    _http: reqwest::Client,
    _clock: C,
}

impl<C: Clock + 'static> Scim<C> {
    /// Checks the settings.
    pub fn open(settings: Settings, http: reqwest::Client, clock: C) -> Result<Self, Failure> {
        Ok(Self { settings, _http: http, _clock: clock })
    }
}

impl<C: Clock + 'static> Target for Scim<C> {
    fn can(&self) -> Can {
        let parallel = self.settings.parallel;
        Can { find: true, list: true, disable: true, delete: true, references_by_id: true, batch: 20, parallel }
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
