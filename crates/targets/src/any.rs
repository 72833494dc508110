//! Every kind of target behind one type.

use joinery_model::{
    Can, Change, Clock, Correlation, Failure, Finding, Found, HeldPage, Outcome, Place, RunId, Tally, Target,
};

use crate::{csv, scim, sql};

/// A target's settings as meant: checked spellings, secrets opened, attributes of its mapping listed.
#[derive(Clone, Debug)]
pub enum Settings {
    /// A SCIM 2.0 server.
    Scim(scim::Settings),
    /// A table in SQLite or PostgreSQL.
    Sql(sql::Settings),
    /// A CSV file.
    Csv(csv::Settings),
}

/// A target of any kind. The set is closed, so it is an enum and not a trait object.
pub enum Any<C> {
    /// A SCIM 2.0 server.
    Scim(Box<scim::Scim<C>>),
    /// A table in SQLite or PostgreSQL.
    Sql(Box<sql::Sql>),
    /// A CSV file.
    Csv(Box<csv::Csv>),
}

impl<C: Clock + 'static> Any<C> {
    /// Makes a target from its settings. Neither network nor disk is touched before the first call of the target, so
    /// this is also what a check without network uses.
    ///
    /// # Errors
    /// A setting or an attribute name that cannot work, named.
    pub fn open(settings: Settings, http: reqwest::Client, clock: C) -> Result<Self, Failure> {
        Ok(match settings {
            Settings::Scim(settings) => Self::Scim(Box::new(scim::Scim::open(settings, http, clock)?)),
            Settings::Sql(settings) => Self::Sql(Box::new(sql::Sql::open(settings)?)),
            Settings::Csv(settings) => Self::Csv(Box::new(csv::Csv::open(settings)?)),
        })
    }
}

impl<C: Clock + 'static> Target for Any<C> {
    fn can(&self) -> Can {
        match self {
            Self::Scim(target) => target.can(),
            Self::Sql(target) => target.can(),
            Self::Csv(target) => target.can(),
        }
    }

    async fn find(&self, wanted: &[Correlation]) -> Result<Vec<Found>, Failure> {
        match self {
            Self::Scim(target) => target.find(wanted).await,
            Self::Sql(target) => target.find(wanted).await,
            Self::Csv(target) => target.find(wanted).await,
        }
    }

    async fn list(&self, place: Option<&Place>) -> Result<HeldPage, Failure> {
        match self {
            Self::Scim(target) => target.list(place).await,
            Self::Sql(target) => target.list(place).await,
            Self::Csv(target) => target.list(place).await,
        }
    }

    async fn apply(&self, run: RunId, changes: &[Change]) -> Result<Vec<Outcome>, Failure> {
        match self {
            Self::Scim(target) => target.apply(run, changes).await,
            Self::Sql(target) => target.apply(run, changes).await,
            Self::Csv(target) => target.apply(run, changes).await,
        }
    }

    async fn close(&self, run: RunId, tally: &Tally) -> Result<(), Failure> {
        match self {
            Self::Scim(target) => target.close(run, tally).await,
            Self::Sql(target) => target.close(run, tally).await,
            Self::Csv(target) => target.close(run, tally).await,
        }
    }

    async fn test(&self) -> Vec<Finding> {
        match self {
            Self::Scim(target) => target.test().await,
            Self::Sql(target) => target.test().await,
            Self::Csv(target) => target.test().await,
        }
    }
}
