//! How a connection is written to.

use std::time::Duration;

use joinery_model::Failure;

/// How a connection is written to; the configuration decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteSettings {
    /// Nothing may ever be written: every write is refused before anything is sent.
    pub read_only: bool,
    /// Rows of one request at the most, 1 to 1000.
    pub batch: usize,
    /// Bytes of one request at the most; a single row may be larger.
    pub most_bytes: usize,
    /// `apiOptionProfileID`: the API option profile in Admin Center that says, among other things, whether new users
    /// get a welcome mail. Without one they may.
    pub option_profile: Option<String>,
    /// `processInactiveEmployees=true` with every write of users.
    pub process_inactive: bool,
    /// The waits before rows that may pass are sent again; where the list ends, the row is handed up.
    pub waits: Vec<Duration>,
}

impl Default for WriteSettings {
    fn default() -> Self {
        Self {
            read_only: false,
            batch: 200,
            most_bytes: 1 << 20,
            option_profile: None,
            process_inactive: false,
            waits: vec![Duration::from_secs(2), Duration::from_secs(20)],
        }
    }
}

impl WriteSettings {
    /// Refuses when the connection is read only.
    ///
    /// # Errors
    /// [`joinery_model::Retry::No`], naming the setting.
    pub fn may_write(&self, connection: &str) -> Result<(), Failure> {
        if self.read_only {
            return Err(Failure::refused(format!(
                "connection.{connection}.read_only: is true, so nothing is written to this tenant; set it to false if \
                 Joinery shall write there"
            )));
        }
        Ok(())
    }
}

/// What happens to what is not sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unsent {
    /// It stays as it is (`purgeType=incremental`).
    #[default]
    Stays,
    /// Fields and to-many links of the row are cleared (`purgeType=record`); users and MDF objects only.
    IsCleared,
    /// All records of the parent that are not sent are removed, whole histories (`purgeType=full`).
    IsRemoved,
}

/// How one upsert is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UpsertOptions {
    /// What happens to what is not sent.
    pub unsent: Unsent,
    /// Rows of inactive users are taken too (`processInactiveEmployees=true`), whatever the settings say.
    pub process_inactive: bool,
}
