//! Users of a tenant: search, get, create, change, deactivate, reactivate, password, manager and HR representative,
//! photo. What a face (SCIM, ICF) does with accounts stands on this.
//!
//! Reading asks the tenant's own metadata what there is, filters at the tenant what it can filter and the rest here
//! ([`joinery_model::Filter::accepts`] has the last word). Users of every status come: whoever wants some only says so
//! in the filter.

mod edit;
mod entity;
mod notice;
mod photo;
mod search;

pub use edit::{PasswordChange, UserChange};
pub use entity::UserEntity;
pub(crate) use notice::SYNCED;
pub use photo::Photo;
pub use search::{Search, UserPage};

use std::sync::{Mutex, PoisonError};

use jiff::tz::TimeZone;

use crate::catalogue::Catalogues;
use crate::picklists::Picklists;
use crate::query::Refused;
use crate::warned::Warned;
use crate::{Transport, WriteSettings, Writer};

/// The users of a tenant.
#[derive(Debug)]
pub struct Users {
    writer: Writer,
    catalogues: Catalogues,
    picklists: Picklists,
    zone: TimeZone,
    /// What the tenant refused although its metadata has it (COE0021).
    refused: Mutex<Refused>,
    /// What was warned of already.
    warned: Warned,
}

impl Users {
    /// The users behind a way to a tenant; `server_zone` is that of the server's wall clock (`lastModified`).
    pub fn new(transport: Transport, settings: WriteSettings, server_zone: TimeZone) -> Self {
        Self {
            writer: Writer::new(transport, settings),
            catalogues: Catalogues::default(),
            picklists: Picklists::default(),
            zone: server_zone,
            refused: Mutex::default(),
            warned: Warned::default(),
        }
    }

    /// What writes them.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    fn transport(&self) -> &Transport {
        self.writer.transport()
    }

    fn warn_once(&self, message: String) {
        self.warned.once(message);
    }

    fn refused_now(&self) -> Refused {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
