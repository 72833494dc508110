//! What attributes there are, for a face's schema.

use std::sync::Arc;

use joinery_model::{Failure, Needs, Path, Root};

use super::Persons;
use super::resolve::Resolved;
use super::wanted::PersonAttributes;
use crate::catalogue::Catalogue;
use crate::row::Kind;

/// A jobs' way: it leads to every set that segments are looked for in.
const HUBS: [&str; 2] = ["employmentNav", "jobInfoNav"];

/// Each round brings the sets one navigation further.
const MOST_ROUNDS: usize = 10;

/// An attribute of persons in this tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonAttribute {
    /// `EmpJob_jobTitle`.
    pub name: Arc<str>,
    /// Its segment: `EmpJob`.
    pub segment: Arc<str>,
    /// What it holds.
    pub kind: Kind,
    /// What the tenant calls it.
    pub label: Option<String>,
    /// The picklist that its values come from.
    pub picklist: Option<String>,
    /// May it be written, as far as the metadata says? What navigations lead to may not: write the property beside.
    pub writable: bool,
}

impl Persons {
    /// The attributes that these names mean in this tenant, by name. What it does not have is left out, with a warning in
    /// the log.
    ///
    /// # Errors
    /// As [`crate::Transport::get`]; when the tenant shows no persons.
    pub async fn describe(&self, wanted: &PersonAttributes) -> Result<Vec<PersonAttribute>, Failure> {
        let resolved = self.resolve(wanted).await?;
        let described = resolved.flats.into_iter().map(|flat| PersonAttribute {
            writable: flat.is_own() && flat.property.writable,
            name: flat.name,
            segment: flat.segment,
            kind: flat.property.kind,
            label: flat.property.label,
            picklist: flat.property.picklist,
        });
        Ok(described.collect())
    }

    pub(super) async fn resolve(&self, wanted: &PersonAttributes) -> Result<Resolved, Failure> {
        let mut needs = Needs { paths: [Path::of(&HUBS)].into() };
        for _ in 0..MOST_ROUNDS {
            let lacks = |catalogue: &Catalogue| !Resolved::of(catalogue, wanted).unknown.is_empty();
            let catalogue = self.reader.catalogue(Root::Persons, &needs, lacks).await?;
            let resolved = Resolved::of(&catalogue, wanted);
            if resolved.load.iter().all(|path| needs.paths.contains(path)) {
                for (name, why) in &resolved.unknown {
                    self.reader.warn_once(format!("{name}: {why}; it is left out"));
                }
                return Ok(resolved);
            }
            needs.paths.extend(resolved.load);
        }
        Err(Failure::refused("the attributes lead through more navigations than a tenant expands; name fewer steps"))
    }
}
