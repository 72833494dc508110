//! The types of e-mails and phones: picklist options by external code.

use std::collections::BTreeMap;

use joinery_model::Failure;
use joinery_odata::{EntityAddress, KeyPredicate, Literal, Query};
use serde_json::Value as Json;

use super::attribute::ContactSet;
use super::rows::rows;
use crate::Transport;

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
        let mut options = Self::default();
        for set in [ContactSet::Email, ContactSet::Phone] {
            let key = KeyPredicate::new([("picklistId", Literal::text(set.picklist()))]);
            let Some(key) = key else { continue };
            let address = EntityAddress::entity("Picklist", key);
            let query = Query::new()
                .json()
                .expand(["picklistOptions"])
                .select(["picklistOptions/id", "picklistOptions/externalCode"]);
            let response = transport.get(&format!("odata/v2/{address}?{query}")).await?;
            if !response.status.is_success() {
                tracing::warn!(
                    connection = %transport.settings().name,
                    picklist = set.picklist(),
                    "the picklist cannot be read; types are sent as the mapping names them"
                );
                continue;
            }
            let lists = rows(&response)?.0;
            let found = lists.iter().filter_map(|list| list.get("picklistOptions")?.get("results")?.as_array());
            for option in found.flatten() {
                let text = |name: &str| match option.get(name) {
                    Some(Json::String(text)) => Some(text.clone()),
                    Some(Json::Number(number)) => Some(number.to_string()),
                    _ => None,
                };
                if let (Some(id), Some(code)) = (text("id"), text("externalCode")) {
                    options.ids.insert((set, code), id);
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
