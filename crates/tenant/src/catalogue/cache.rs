//! The catalogue is read when it is needed and kept for a day.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use joinery_model::{Failure, Needs, Root};
use joinery_odata::Metadata;
use joinery_odata::metadata::MetadataError;
use joinery_odata::v4::{from_csdl, is_csdl};
use tokio::sync::Mutex;

use super::Catalogue;
use crate::Told;
use crate::query::Plan;
use crate::read::Get;

/// How long a tenant's metadata is believed.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The shelf may believe it for longer: then it is asked no more often than this.
const LOOKED: SignedDuration = SignedDuration::from_hours(1);

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
    /// Is some of it from before this process, and the tenant was not asked?
    pub from_shelf: bool,
}

/// A tenant's catalogue, filled as it is asked for.
#[derive(Debug, Default)]
pub struct Catalogues {
    kept: Mutex<Option<Read>>,
}

/// A catalogue as it was read.
#[derive(Clone, Debug)]
struct Read {
    /// The oldest of it.
    at: Timestamp,
    /// When this process began to read it, from wherever.
    loaded: Timestamp,
    from_shelf: bool,
    catalogue: Arc<Catalogue>,
}

impl Catalogues {
    /// The catalogue with every set that `needs` lead to.
    ///
    /// # Errors
    /// When the tenant does not answer or its metadata cannot be read. Sets that it does not have are no error.
    pub async fn ready<G: Get>(&self, get: &G, root: Root, needs: &Needs) -> Result<Ready, Failure> {
        let mut kept = self.kept.lock().await;
        let now = get.now();
        kept.take_if(|read| now.duration_since(read.at) > KEPT && now.duration_since(read.loaded) > LOOKED);
        let renewed = kept.is_none();
        let mut read =
            kept.clone().unwrap_or(Read { at: now, loaded: now, from_shelf: false, catalogue: Arc::default() });
        let mut requests = 0;
        for _ in 0..MOST_ROUNDS {
            let mut unknown = Plan::unknown_sets(&read.catalogue, root, needs);
            if root == Root::Persons && unknown.contains("PerPerson") {
                unknown.extend(PERSONS.map(Arc::from));
            }
            unknown.retain(|name| !read.catalogue.is_absent(name));
            if unknown.is_empty() {
                break;
            }
            requests += load(get, &mut read, &unknown).await?;
        }
        *kept = Some(read.clone());
        Ok(Ready { catalogue: read.catalogue, requests, renewed, from_shelf: read.from_shelf })
    }

    /// As [`Catalogues::ready`]. What is from before this process is read anew when it `lacks` something: that may have
    /// been granted since.
    ///
    /// # Errors
    /// As [`Catalogues::ready`].
    pub async fn ready_with<G: Get>(
        &self,
        get: &G,
        root: Root,
        needs: &Needs,
        lacks: impl Fn(&Ready) -> bool,
    ) -> Result<Ready, Failure> {
        let ready = self.ready(get, root, needs).await?;
        if !ready.from_shelf || !lacks(&ready) {
            return Ok(ready);
        }
        self.forget(get).await;
        let anew = self.ready(get, root, needs).await?;
        Ok(Ready { requests: anew.requests + ready.requests, ..anew })
    }

    /// Forgets what is kept, here and on the shelf: something is missing that may be granted any minute.
    pub async fn forget<G: Get>(&self, get: &G) {
        get.forget_metadata();
        *self.kept.lock().await = None;
    }
}

async fn load<G: Get>(get: &G, into: &mut Read, names: &BTreeSet<Arc<str>>) -> Result<u32, Failure> {
    let list = names.iter().map(|name| &**name).collect::<Vec<_>>().join(",");
    let mut requests = 0;
    if !add(get, into, &list, &mut requests).await? && names.len() > 1 {
        // One set that is not there refuses them all: ask for each.
        for name in names {
            add(get, into, name, &mut requests).await?;
        }
    }
    Arc::make_mut(&mut into.catalogue).note_absent(names.iter().cloned());
    Ok(requests)
}

/// Adds the metadata of these sets; false when one of them is not there.
async fn add<G: Get>(get: &G, into: &mut Read, list: &str, requests: &mut u32) -> Result<bool, Failure> {
    let Told { response, at, from_shelf } = get.metadata(&format!("odata/v2/{list}/$metadata")).await?;
    *requests += u32::from(!from_shelf);
    if matches!(response.status.as_u16(), 400 | 404) {
        return Ok(false);
    }
    Arc::make_mut(&mut into.catalogue).add(&read(&response.ok()?.bytes)?);
    into.at = into.at.min(at);
    into.from_shelf |= from_shelf;
    Ok(true)
}

fn read(bytes: &[u8]) -> Result<Metadata, Failure> {
    let broken = "the tenant's $metadata cannot be read; look whether the API server is the right one and not a proxy";
    described(bytes).map_err(|error| Failure::refused(broken).because(error))
}

/// What a `$metadata` of either version of OData says.
pub(crate) fn described(bytes: &[u8]) -> Result<Metadata, MetadataError> {
    if is_csdl(bytes) { from_csdl(bytes).map(without_flags) } else { Metadata::parse(bytes) }
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
