//! Persons with any segments, flat: `EmpJob_jobTitle`, `PerPhone_secondaryPhoneNumber`, `EmpJob_locationNav_name`. What a
//! face (ICF, above all) does with persons stands on this.
//!
//! Names are resolved by the tenant's own metadata to what is selected and expanded, and what comes back is judged by
//! the employment policy as a sync judges it: of several employments the one that counts, of slices the one in force, of
//! e-mails and phones the primary one.

mod describe;
mod edit;
mod entity;
mod resolve;
mod search;
mod wanted;

pub use describe::PersonAttribute;
pub use edit::{PersonChange, SegmentWritten};
pub use entity::PersonEntity;
pub use search::{PersonPage, PersonSearch};
pub use wanted::{PersonAttributes, PersonAttributesError};

use std::sync::Arc;

use joinery_model::EmploymentPolicy;

use crate::{ReadSettings, Reader, Transport, WriteSettings, Writer};

/// The persons of a tenant.
#[derive(Debug)]
pub struct Persons {
    reader: Reader,
    writer: Writer,
    policy: Arc<EmploymentPolicy>,
}

impl Persons {
    /// The persons behind a way to a tenant; `policy` says which of several employments counts.
    pub fn new(transport: Transport, read: ReadSettings, write: WriteSettings, policy: EmploymentPolicy) -> Self {
        Self {
            reader: Reader::new(transport.clone(), read),
            writer: Writer::new(transport, write),
            policy: Arc::new(policy),
        }
    }

    /// What writes them.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }
}
