//! Picklists are read when they are needed and kept for a day.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use joinery_model::Failure;
use tokio::sync::Mutex;

use super::book::{Book, Picklist};
use super::read::read;
use crate::Transport;
use crate::read::Get;

/// How long a picklist is believed.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A picklist that lacked an option is read again, but not more often than this.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// A tenant's picklists, filled as they are asked for.
#[derive(Debug, Default)]
pub struct Picklists {
    kept: Mutex<BTreeMap<Arc<str>, Kept>>,
}

#[derive(Clone, Debug)]
struct Kept {
    read: Timestamp,
    /// `None`: the tenant does not show it.
    list: Option<Arc<Picklist>>,
}

/// A book that holds what was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    pub(crate) book: Arc<Book>,
    /// Requests that it cost now.
    pub(crate) requests: u32,
}

impl Picklists {
    /// The picklist of that name; `None` when the tenant does not show it to the API user.
    ///
    /// # Errors
    /// As [`Transport::get`], when it must be asked for.
    pub async fn list(&self, transport: &Transport, name: &str) -> Result<Option<Arc<Picklist>>, Failure> {
        let name: Arc<str> = name.into();
        let mut kept = self.kept.lock().await;
        load(&mut kept, transport, &name, KEPT).await?;
        Ok(kept.get(&name).and_then(|one| one.list.clone()))
    }

    /// A book of these picklists; those that the tenant does not show are not in it.
    pub(crate) async fn open<G: Get>(&self, get: &G, names: &BTreeSet<Arc<str>>) -> Result<Opened, Failure> {
        let mut requests = 0;
        let mut kept = self.kept.lock().await;
        for name in names {
            requests += load(&mut kept, get, name, KEPT).await?;
        }
        let list = |name: &Arc<str>| Some((name.clone(), kept.get(name)?.list.clone()?));
        Ok(Opened { book: Arc::new(Book::new(names.iter().filter_map(list).collect())), requests })
    }

    /// A newer book when one of `names` lacked something in `book` and was not read a moment ago.
    pub(crate) async fn renewed<G: Get>(
        &self,
        get: &G,
        names: &BTreeSet<Arc<str>>,
        book: &Book,
    ) -> Result<Option<Opened>, Failure> {
        let lacking = book.lacking();
        if lacking.is_empty() {
            return Ok(None);
        }
        let mut requests = 0;
        {
            let mut kept = self.kept.lock().await;
            for name in &lacking {
                requests += load(&mut kept, get, name, AGAIN).await?;
            }
        }
        if requests == 0 {
            return Ok(None);
        }
        let opened = self.open(get, names).await?;
        Ok(Some(Opened { requests: opened.requests + requests, ..opened }))
    }
}

/// Reads the picklist unless it was read that short ago; the requests that it cost.
async fn load<G: Get>(
    kept: &mut BTreeMap<Arc<str>, Kept>,
    get: &G,
    name: &Arc<str>,
    believed: SignedDuration,
) -> Result<u32, Failure> {
    let now = get.now();
    if kept.get(name).is_some_and(|one| now.duration_since(one.read) <= believed) {
        return Ok(0);
    }
    let (list, requests) = read(get, name).await?;
    if list.is_none() {
        tracing::warn!(
            picklist = &**name,
            "the tenant does not show this picklist to the API user; its labels are not known. Grant the role {}",
            crate::probe::permission_of("Picklist")
        );
    }
    kept.insert(name.clone(), Kept { read: now, list: list.map(Arc::new) });
    Ok(requests)
}
