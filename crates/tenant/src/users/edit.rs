//! Writing users.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::tz::TimeZone;
use joinery_model::{Failure, Needs, Path, Root, Value};
use secrecy::SecretString;

use super::Users;
use crate::row::Kind;
use crate::write::{RowOutcome, Unsent, UpsertOptions, WriteRow};

/// What shall change of a user, or be set of a new one. What is not named stays as it is.
#[derive(Clone, Default)]
pub struct UserChange {
    /// Properties by their names in the tenant; [`Value::Null`] clears one. `userId` cannot change, `status` is what
    /// [`Users::deactivate`] and [`Users::reactivate`] are for, though it may stand here.
    pub properties: BTreeMap<Arc<str>, Value>,
    /// The manager's `userId`, `Some(None)` for nobody. Must exist and be active.
    pub manager: Option<Option<String>>,
    /// The HR representative's `userId`, `Some(None)` for nobody. Must exist and be active.
    pub hr: Option<Option<String>>,
    /// A password. It must keep the tenant's policy and be changed at the next log-in.
    pub password: PasswordChange,
}

/// Whether a password is set.
#[derive(Clone, Default)]
pub enum PasswordChange {
    /// It is left alone.
    #[default]
    Leave,
    /// It becomes this one.
    Set(SecretString),
}

impl UserChange {
    /// Sets a property.
    pub fn put(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.properties.insert(name.into(), value.into());
        self
    }

    /// `stamps` are the properties that the server reads by its wall clock, in `zone`.
    fn row(&self, user_id: &str, stamps: &BTreeSet<Arc<str>>, zone: &TimeZone) -> WriteRow {
        let properties = self.properties.iter().filter(|(name, _)| &***name != "userId");
        let mut row = properties.fold(WriteRow::user(user_id), |row, (name, value)| match value {
            Value::Instant(instant) if stamps.contains(name) => row.put_stamp(name, *instant, zone),
            value => row.put(name, value),
        });
        for (link, change, nobody) in [("manager", &self.manager, "NO_MANAGER"), ("hr", &self.hr, "NO_HR")] {
            if let Some(to) = change {
                row = row.link(link, "User", to.as_deref().unwrap_or(nobody));
            }
        }
        match &self.password {
            PasswordChange::Leave => row,
            PasswordChange::Set(password) => row.put_secret("password", password.clone()),
        }
    }
}

impl std::fmt::Debug for UserChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.properties.keys().map(|name| &**name).collect();
        write!(f, "UserChange({})", names.join(", "))
    }
}

impl Users {
    /// Makes a user. `username` is needed, and what else this tenant requires ([`crate::WhyRefused::Required`] names
    /// it); `status` is `t` unless given.
    ///
    /// The tenant's `upsert` does not tell making from changing, so the id is looked for first: `None` when a user of
    /// that id is there, and nothing was written.
    ///
    /// # Errors
    /// As [`crate::Writer::upsert`] and [`Users::get`].
    pub async fn create(&self, user_id: &str, change: &UserChange) -> Result<Option<RowOutcome>, Failure> {
        self.may_write()?;
        if self.get(user_id, ["userId"]).await?.is_some() {
            return Ok(None);
        }
        let mut change = change.clone();
        change.properties.entry("status".into()).or_insert_with(|| Value::text("t"));
        self.tell(&change, true);
        self.write(self.row(user_id, &change).await?, UpsertOptions::default()).await.map(Some)
    }

    /// Changes a user. Inactive ones are refused ([`crate::WhyRefused::Inactive`]) unless the settings or `inactive`
    /// say otherwise. A user that is not there would be made: look first, where that matters.
    ///
    /// # Errors
    /// As [`crate::Writer::upsert`].
    pub async fn update(&self, user_id: &str, change: &UserChange, inactive: bool) -> Result<RowOutcome, Failure> {
        self.may_write()?;
        self.tell(change, false);
        let options = UpsertOptions { process_inactive: inactive, ..UpsertOptions::default() };
        self.write(self.row(user_id, change).await?, options).await
    }

    /// Writes a user anew: properties and to-many links that are not sent are cleared.
    ///
    /// # Errors
    /// As [`crate::Writer::upsert`].
    pub async fn replace(&self, user_id: &str, change: &UserChange) -> Result<RowOutcome, Failure> {
        self.may_write()?;
        self.tell(change, false);
        let options = UpsertOptions { unsent: Unsent::IsCleared, process_inactive: true };
        self.write(self.row(user_id, change).await?, options).await
    }

    /// Makes a user inactive: the tenant deletes none. Doing it twice does no harm.
    ///
    /// # Errors
    /// As [`crate::Writer::upsert`].
    pub async fn deactivate(&self, user_id: &str) -> Result<RowOutcome, Failure> {
        self.status(user_id, "f").await
    }

    /// Makes an inactive user active again.
    ///
    /// # Errors
    /// As [`crate::Writer::upsert`].
    pub async fn reactivate(&self, user_id: &str) -> Result<RowOutcome, Failure> {
        self.status(user_id, "t").await
    }

    /// Sets a password; the user must change it at the next log-in. The user must be active: `status` is sent along, as
    /// the tenant wants it (KBA 2888224).
    ///
    /// # Errors
    /// As [`crate::Writer::upsert`].
    pub async fn set_password(&self, user_id: &str, password: &SecretString) -> Result<RowOutcome, Failure> {
        self.may_write()?;
        let row = WriteRow::user(user_id).put("status", &Value::text("t")).put_secret("password", password.clone());
        self.write(row, UpsertOptions::default()).await
    }

    /// Gives a user another manager, or none.
    ///
    /// # Errors
    /// As [`crate::Writer::upsert`].
    pub async fn set_manager(&self, user_id: &str, manager: Option<&str>) -> Result<RowOutcome, Failure> {
        let change = UserChange { manager: Some(manager.map(str::to_owned)), ..UserChange::default() };
        self.update(user_id, &change, false).await
    }

    /// Gives a user another HR representative, or none.
    ///
    /// # Errors
    /// As [`crate::Writer::upsert`].
    pub async fn set_hr(&self, user_id: &str, hr: Option<&str>) -> Result<RowOutcome, Failure> {
        let change = UserChange { hr: Some(hr.map(str::to_owned)), ..UserChange::default() };
        self.update(user_id, &change, false).await
    }

    async fn status(&self, user_id: &str, status: &str) -> Result<RowOutcome, Failure> {
        self.may_write()?;
        let row = WriteRow::user(user_id).put("status", &Value::text(status));
        self.write(row, UpsertOptions { process_inactive: true, ..UpsertOptions::default() }).await
    }

    /// The row, with instants as the server reads them.
    async fn row(&self, user_id: &str, change: &UserChange) -> Result<WriteRow, Failure> {
        let instants = change.properties.iter().filter(|(_, value)| matches!(value, Value::Instant(_)));
        let names: Vec<&Arc<str>> = instants.map(|(name, _)| name).collect();
        let mut stamps = BTreeSet::new();
        if !names.is_empty() {
            let needs = Needs { paths: names.iter().map(|name| Path::of(&[name])).collect() };
            let ready = self.catalogues.ready(self.transport(), Root::Users, &needs).await?;
            let kind = |name: &str| ready.catalogue.set("User").and_then(|set| Some(set.property(name)?.kind));
            stamps.extend(names.into_iter().filter(|name| kind(name) == Some(Kind::Stamp)).cloned());
        }
        Ok(change.row(user_id, &stamps, &self.zone))
    }

    fn may_write(&self) -> Result<(), Failure> {
        self.writer.settings().may_write(&self.transport().settings().name)
    }

    async fn write(&self, row: WriteRow, options: UpsertOptions) -> Result<RowOutcome, Failure> {
        self.writer.upsert_one(row, options).await
    }

    /// Logs what will not last or will be noticed by people.
    fn tell(&self, change: &UserChange, new: bool) {
        let names: Vec<&str> = change.properties.keys().map(|name| &**name).collect();
        let links = [("manager", &change.manager)].into_iter().filter(|(_, to)| to.is_some()).map(|(name, _)| name);
        for finding in self.notices(names.into_iter().chain(links), new) {
            self.warn_once(format!("{}: {}", finding.subject, finding.message));
        }
    }
}
