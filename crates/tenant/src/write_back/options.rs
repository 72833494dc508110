//! The types of e-mails and phones: picklist options by external code.

use std::collections::BTreeMap;

use joinery_model::Failure;

use super::attribute::ContactSet;
use crate::{Picklists, Transport};

/// Option ids by external code, and back. Where the tenant shows no picklist, names are sent as they are.
#[derive(Debug, Default)]
pub struct Options {
    ids: BTreeMap<(ContactSet, String), String>,
}

impl Options {
    /// Reads both picklists.
    ///
    /// # Errors
    /// When the tenant cannot be reached; a picklist that it does not show is none.
    pub async fn read(transport: &Transport) -> Result<Self, Failure> {
        let picklists = Picklists::default();
        let mut options = Self::default();
        for set in [ContactSet::Email, ContactSet::Phone] {
            let Some(list) = picklists.list(transport, set.picklist()).await? else {
                tracing::warn!(
                    connection = %transport.settings().name,
                    picklist = set.picklist(),
                    "the tenant does not show the picklist; types are sent as the mapping names them"
                );
                continue;
            };
            for option in list.options() {
                // Codes of options that were given up may be in use again.
                let current = list.options().iter().find(|other| other.active && other.code == option.code);
                if let Some(id) = &current.unwrap_or(option).id {
                    options.ids.insert((set, option.code.to_string()), id.to_string());
                }
            }
        }
        Ok(options)
    }

    /// The id of a type that a mapping names by its code, or by its id.
    pub fn id<'a>(&'a self, set: ContactSet, name: &'a str) -> &'a str {
        self.ids.get(&(set, name.to_owned())).map_or(name, String::as_str)
    }

    /// The code of an option id.
    pub fn code<'a>(&'a self, set: ContactSet, id: &'a str) -> &'a str {
        self.ids.iter().find(|((of, _), known)| *of == set && known.as_str() == id).map_or(id, |((_, code), _)| code)
    }
}
