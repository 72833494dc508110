//! The catalogue is read when it is needed and kept for a day.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use joinery_model::{Failure, Needs, Root};
use joinery_odata::Metadata;
use joinery_odata::v4::{from_csdl, is_csdl};
use tokio::sync::Mutex;

use super::Catalogue;
use crate::query::Plan;
use crate::read::Get;

/// How long a tenant's metadata is believed.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The sets that every walk over persons reads, asked for in one request.
const PERSONS: [&str; 9] = [
    "PerPerson",
    "PerPersonal",
    "PerEmail",
    "PerPhone",
    "EmpEmployment",
    "EmpJob",
    "PersonEmpTerminationInfo",
    "PicklistOption",
    "User",
];

/// What may stand in filters of every set that has it.
const FILTERED: [&str; 6] =
    ["endDate", "lastModifiedDateTime", "lastModifiedWithTZ", "startDate", "status", "username"];

/// Navigations lead to sets whose own navigations are needed; a path has that many steps at the most.
const MOST_ROUNDS: usize = 8;

/// A catalogue that holds what was asked of it.
#[derive(Clone, Debug)]
pub struct Ready {
    /// The catalogue.
    pub catalogue: Arc<Catalogue>,
    /// Requests that it cost now.
    pub requests: u32,
    /// Was it read from the beginning?
    pub renewed: bool,
}

/// A tenant's catalogue, filled as it is asked for.
#[derive(Debug, Default)]
pub struct Catalogues {
    kept: Mutex<Option<(Timestamp, Arc<Catalogue>)>>,
}

impl Catalogues {
    /// The catalogue with every set that `needs` lead to.
    ///
    /// # Errors
    /// When the tenant does not answer or its metadata cannot be read. Sets that it does not have are no error.
    pub async fn ready<G: Get>(&self, get: &G, root: Root, needs: &Needs) -> Result<Ready, Failure> {
        let mut kept = self.kept.lock().await;
        let now = get.now();
        kept.take_if(|(read, _)| now.duration_since(*read) > KEPT);
        let renewed = kept.is_none();
        let (read, mut catalogue) = kept.clone().unwrap_or_else(|| (now, Arc::default()));
        let mut requests = 0;
        for _ in 0..MOST_ROUNDS {
            let mut unknown = Plan::unknown_sets(&catalogue, root, needs);
            if root == Root::Persons && unknown.contains("PerPerson") {
                unknown.extend(PERSONS.map(Arc::from));
            }
            unknown.retain(|name| !catalogue.is_absent(name));
            if unknown.is_empty() {
                break;
            }
            requests += load(get, Arc::make_mut(&mut catalogue), &unknown).await?;
        }
        if requests > 0 {
            *kept = Some((read, catalogue.clone()));
        }
        Ok(Ready { catalogue, requests, renewed })
    }

    /// Forgets what is kept: something is missing that may be granted any minute.
    pub async fn forget(&self) {
        *self.kept.lock().await = None;
    }
}

async fn load<G: Get>(get: &G, catalogue: &mut Catalogue, names: &BTreeSet<Arc<str>>) -> Result<u32, Failure> {
    let list = names.iter().map(|name| &**name).collect::<Vec<_>>().join(",");
    let response = get.get(&format!("odata/v2/{list}/$metadata")).await?;
    let mut requests = 1;
    if response.status.is_success() {
        catalogue.add(&read(&response.bytes)?);
    } else if matches!(response.status.as_u16(), 400 | 404) {
        // One set that is not there refuses them all: ask for each.
        if names.len() > 1 {
            for name in names {
                let response = get.get(&format!("odata/v2/{name}/$metadata")).await?;
                requests += 1;
                if response.status.is_success() {
                    catalogue.add(&read(&response.bytes)?);
                } else if !matches!(response.status.as_u16(), 400 | 404) {
                    response.ok()?;
                }
            }
        }
    } else {
        response.ok()?;
    }
    catalogue.note_absent(names.iter().cloned());
    Ok(requests)
}

fn read(bytes: &[u8]) -> Result<Metadata, Failure> {
    let broken = "the tenant's $metadata cannot be read; look whether the API server is the right one and not a proxy";
    let read = if is_csdl(bytes) { from_csdl(bytes).map(without_flags) } else { Metadata::parse(bytes) };
    read.map_err(|error| Failure::refused(broken).because(error))
}

/// v4's metadata says nothing of filters: keys and what deltas are asked by may stand in one, everywhere.
fn without_flags(mut metadata: Metadata) -> Metadata {
    for kind in &mut metadata.types {
        let keys = kind.keys.clone();
        for property in &mut kind.properties {
            property.sap.filterable = keys.contains(&property.name) || FILTERED.contains(&property.name.as_str());
        }
    }
    metadata
}
