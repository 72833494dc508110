//! How a tenant's people are read.

use jiff::tz::TimeZone;

/// How people are read; the connection and the sync decide.
#[derive(Clone, Debug)]
pub struct ReadSettings {
    /// People on a page, 1 to 1000. Each comes with everything that is expanded below them.
    pub page_size: u32,
    /// How many days before their first day people are told: from then on the data of that day is asked for.
    pub lead_days: u16,
    /// Days after the last day on which a leaver must be seen again (the end of a grace period); the first day after
    /// the last is always among them.
    pub leaver_days: Vec<u16>,
    /// The zone of the server's wall clock, in which `createdOn`, `lastModified` and their like are written.
    pub server_zone: TimeZone,
}

impl Default for ReadSettings {
    fn default() -> Self {
        Self { page_size: 200, lead_days: 0, leaver_days: Vec::new(), server_zone: TimeZone::UTC }
    }
}
