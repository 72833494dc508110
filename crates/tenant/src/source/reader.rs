//! The reader and its seam.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use joinery_model::{Ask, Failure, Finding, Key, Needs, Page, Place, Root, Scope, Seen, Source};

use super::delta::Remembered;
use super::starting::Starting;
use crate::Transport;
use crate::catalogue::{Catalogue, Catalogues};
use crate::picklists::Picklists;
use crate::query::Refused;
use crate::read::{Ahead, At, Get, ReadSettings};
use crate::warned::Warned;

/// Metadata that lacks something is read again by walks no more often than this.
const AGAIN: SignedDuration = SignedDuration::from_mins(10);

/// A tenant's people.
#[derive(Debug)]
pub struct Reader<G = Transport> {
    pub(super) get: G,
    pub(super) settings: ReadSettings,
    /// People on a page: as set, or fewer since the tenant found that too many.
    pub(super) page_size: AtomicU32,
    pub(super) catalogues: Catalogues,
    pub(super) picklists: Picklists,
    /// What the tenant refused although its metadata has it.
    pub(super) refused: Mutex<Refused>,
    /// What was warned of already.
    pub(super) warned: Warned,
    /// When a walk last forgot the metadata, since it lacked something.
    pub(super) looked_again: Mutex<Option<Timestamp>>,
    pub(super) ahead: Ahead,
    /// Whom the delta walk under way reads.
    pub(super) gathered: Mutex<Option<Remembered>>,
    /// Who was set aside by the full walk under way.
    pub(super) starting: Mutex<Option<Starting>>,
}

impl<G: Get> Reader<G> {
    /// A reader over a way to the tenant.
    pub fn new(get: G, settings: ReadSettings) -> Self {
        Self {
            get,
            page_size: AtomicU32::new(settings.page_size),
            settings,
            catalogues: Catalogues::default(),
            picklists: Picklists::default(),
            refused: Mutex::default(),
            warned: Warned::default(),
            looked_again: Mutex::default(),
            ahead: Ahead::default(),
            gathered: Mutex::default(),
            starting: Mutex::default(),
        }
    }

    /// The way to the tenant.
    pub fn transport(&self) -> &G {
        &self.get
    }

    /// What the tenant has, with every set that `needs` lead to. What was kept is read again when it lacks something.
    ///
    /// # Errors
    /// When the tenant does not answer or its metadata cannot be read.
    pub(crate) async fn catalogue(
        &self,
        root: Root,
        needs: &Needs,
        lacks: impl Fn(&Catalogue) -> bool,
    ) -> Result<Arc<Catalogue>, Failure> {
        let ready = self.catalogues.ready_with(&self.get, root, needs, |ready| lacks(&ready.catalogue)).await?;
        if ready.renewed {
            self.forget_refused();
        }
        Ok(ready.catalogue)
    }

    /// The zone of the server's wall clock.
    pub(crate) fn server_zone(&self) -> &TimeZone {
        &self.settings.server_zone
    }

    /// Logs `message` the first time it is said.
    pub(crate) fn warn_once(&self, message: String) {
        self.warned.once(message);
    }
}

impl<G: Get> Source for Reader<G> {
    /// The `Date` of an answer of the tenant; our own clock when it sends none.
    async fn now(&self) -> Result<Timestamp, Failure> {
        let response = self.get.get("odata/v2/User?$format=json&$select=userId&$top=1").await?;
        Ok(response.date().unwrap_or_else(|| self.get.now()))
    }

    async fn page(&self, ask: &Ask, place: Option<&Place>) -> Result<Page, Failure> {
        let at = place.map(At::of).transpose()?;
        match (&ask.scope, at) {
            (Scope::Keys(keys), at) => {
                let mut keys = keys.clone();
                keys.sort();
                keys.dedup();
                self.listed(ask, &keys, after(at)?.as_ref(), 0, self.prepare(ask).await?).await
            }
            (Scope::Since(watermark), at) if ask.root == Root::Persons => self.delta(ask, *watermark, after(at)?).await,
            (_, None) => self.walk(ask, None).await,
            (_, Some(At::Link(link))) => self.walk(ask, Some(link)).await,
            (_, Some(At::After(_))) => Err(lost()),
        }
    }

    async fn fetch(&self, ask: &Ask, keys: &[Key]) -> Result<Vec<Seen>, Failure> {
        self.people(ask, keys).await
    }

    async fn test(&self, ask: &Ask) -> Vec<Finding> {
        crate::probe::probe(self.transport(), ask, &self.settings.server_zone).await
    }
}

impl<G: Get> Reader<G> {
    /// Whether a walk may forget the metadata since it lacks something: not more often than every [`AGAIN`].
    pub(super) fn may_look_again(&self) -> bool {
        let now = self.get.now();
        let mut last = self.looked_again.lock().unwrap_or_else(PoisonError::into_inner);
        let may = last.is_none_or(|last| now.duration_since(last).abs() >= AGAIN);
        if may {
            *last = Some(now);
        }
        may
    }

    pub(super) fn refused_now(&self) -> Refused {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// New metadata may have what was refused.
    pub(super) fn forget_refused(&self) {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Leaves members out from now on; says whether that is news.
    pub(super) fn refuse(&self, members: Vec<(Arc<str>, Arc<str>)>) -> bool {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let before = refused.len();
        refused.extend(members);
        refused.len() > before
    }
}

/// The key after which a list goes on.
fn after(at: Option<At>) -> Result<Option<Key>, Failure> {
    match at {
        None => Ok(None),
        Some(At::After(key)) => Ok(Some(key)),
        Some(At::Link(_)) => Err(lost()),
    }
}

fn lost() -> Failure {
    Failure::restart("the place belongs to a walk of another kind; the walk restarts")
}
