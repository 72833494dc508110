//! Where a sync delivers: a target of its own kind, or a tenant that is written back to.

use joinery_model::{
    Can, Change, Correlation, Failure, Finding, Found, HeldPage, Outcome, Place, RunId, Tally, Target,
};
use joinery_targets::Any;
use joinery_tenant::WriteBack;

use crate::SystemClock;

/// A target of any kind. Targets know no tenant and the tenant no targets, so both meet here.
pub enum Destination {
    /// An application, a table, a file.
    Elsewhere(Any<SystemClock>),
    /// A tenant: write-back.
    Tenant(Box<WriteBack>),
}

impl Target for Destination {
    fn can(&self) -> Can {
        match self {
            Self::Elsewhere(target) => target.can(),
            Self::Tenant(target) => target.can(),
        }
    }

    async fn find(&self, wanted: &[Correlation]) -> Result<Vec<Found>, Failure> {
        match self {
            Self::Elsewhere(target) => target.find(wanted).await,
            Self::Tenant(target) => target.find(wanted).await,
        }
    }

    async fn list(&self, place: Option<&Place>) -> Result<HeldPage, Failure> {
        match self {
            Self::Elsewhere(target) => target.list(place).await,
            Self::Tenant(target) => target.list(place).await,
        }
    }

    async fn apply(&self, run: RunId, changes: &[Change]) -> Result<Vec<Outcome>, Failure> {
        match self {
            Self::Elsewhere(target) => target.apply(run, changes).await,
            Self::Tenant(target) => target.apply(run, changes).await,
        }
    }

    async fn close(&self, run: RunId, tally: &Tally) -> Result<(), Failure> {
        match self {
            Self::Elsewhere(target) => target.close(run, tally).await,
            Self::Tenant(target) => target.close(run, tally).await,
        }
    }

    async fn test(&self) -> Vec<Finding> {
        match self {
            Self::Elsewhere(target) => target.test().await,
            Self::Tenant(target) => target.test().await,
        }
    }
}
