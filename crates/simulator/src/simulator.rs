//! The running tenant: what all requests share, and the handle that tests and the control API turn it with.

use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use jiff::{SignedDuration, Timestamp};

use crate::faults::{Fault, Faults};
use crate::log::{Entry, Log};
use crate::oauth::{Logins, SignInRules, Tokens};
use crate::replay::Replay;
use crate::serve::{Rates, Refusal, Requests, Sessions, Snapshots, Statistics, View, Views, Visibility};
use crate::settings::Settings;
use crate::time::SimulatedTime;
use crate::world::{Day, World};

/// What all requests share.
pub(crate) struct Tenant {
    pub(crate) settings: Settings,
    pub(crate) time: SimulatedTime,
    pub(crate) world: RwLock<World>,
    pub(crate) views: Views,
    pub(crate) tokens: Tokens,
    pub(crate) logins: Logins,
    pub(crate) snapshots: Snapshots,
    pub(crate) faults: Faults,
    pub(crate) statistics: Statistics,
    pub(crate) log: Log,
    /// A capture that answers in place of the company.
    pub(crate) replay: Option<Replay>,
    pub(crate) sessions: Sessions,
    pub(crate) rates: Rates,
    /// Held while the state file is written.
    pub(crate) saving: Mutex<()>,
    /// `http://127.0.0.1:port`
    pub(crate) base_url: String,
    /// `https://127.0.0.1:port`, where clients show certificates.
    pub(crate) certificate_url: Option<String>,
    /// What stands in the addresses of answers.
    pub(crate) public_url: String,
}

impl Tenant {
    /// The world on the simulated clock's day. Held only while an answer is made, never while one is sent.
    pub(crate) fn read_world(&self) -> RwLockReadGuard<'_, World> {
        loop {
            let world = self.world.read().unwrap_or_else(PoisonError::into_inner);
            let now = self.time.now();
            // Reading depends on the day alone; writing sets the instant itself.
            if Day::from(world.clock().tenant_zone().to_datetime(now).date()) == world.today() {
                return world;
            }
            drop(world);
            let mut world = self.world.write().unwrap_or_else(PoisonError::into_inner);
            // Whoever held it before may have moved the clock.
            world.set_now(self.time.now());
            world.settle();
        }
    }

    /// Counts a request and keeps it for the console. `began` is when it came, by the real clock.
    pub(crate) fn note(&self, mut entry: Entry, began: Timestamp) {
        entry.millis = self.time.source_now().duration_since(began).as_secs_f64() * 1000.0;
        self.statistics.add(&entry.resource, entry.status, entry.rows);
        self.log.add(entry);
    }

    /// Runs something heavy where it holds nobody up.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Tenant>) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let tenant = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&tenant)).await.map_err(|error| {
            tracing::error!(%error, "answering a request failed");
            Refusal::new(500, "COE_GENERAL_SERVER_FAILURE", "[COE0019]An internal error occurred.")
        })
    }
}

/// A handle on a running tenant: everything that the control API can do, as methods. Cheap to clone.
#[derive(Clone)]
pub struct Simulator {
    pub(crate) tenant: Arc<Tenant>,
}

impl Simulator {
    /// Where it listens: `http://127.0.0.1:port`.
    pub fn base_url(&self) -> &str {
        &self.tenant.base_url
    }

    /// Where clients show certificates, when that is switched on: `https://127.0.0.1:port`.
    pub fn certificate_url(&self) -> Option<&str> {
        self.tenant.certificate_url.as_deref()
    }

    /// The company id.
    pub fn company_id(&self) -> &str {
        &self.tenant.settings.company_id
    }

    /// The simulated present.
    pub fn now(&self) -> Timestamp {
        self.tenant.time.now()
    }

    /// Looks at the company.
    pub fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.tenant.read_world())
    }

    /// Changes the company. What is changed is stamped with the simulated present.
    pub fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let changed = {
            let mut world = self.tenant.world.write().unwrap_or_else(PoisonError::into_inner);
            world.set_now(self.tenant.time.now());
            let changed = change(&mut world);
            world.settle();
            changed
        };
        self.refresh_view();
        changed
    }

    /// Makes `now` the present. Nothing is touched; what comes due comes due.
    pub fn set_clock(&self, now: Timestamp) {
        self.tenant.time.set(now);
        self.refresh_view();
    }

    /// Moves the present.
    pub fn advance(&self, by: SignedDuration) {
        self.tenant.time.advance(by);
        self.refresh_view();
    }

    /// What the API user may see now.
    pub fn visibility(&self) -> Visibility {
        self.tenant.views.current().rules.clone()
    }

    /// Changes what the API user may see: now (`after_pages` 0), or once that many more pages were answered.
    pub fn set_visibility(&self, rules: Visibility, after_pages: u64) {
        let view = View::new(rules, &self.tenant.read_world());
        self.tenant.views.set(view, after_pages);
    }

    /// A department hides whoever is in it now, so a change of the company can change who is seen.
    pub(crate) fn refresh_view(&self) {
        let view = self.tenant.views.current();
        if view.depends_on_departments() {
            let fresh = View::new(view.rules.clone(), &self.tenant.read_world());
            self.tenant.views.replace(&view, fresh);
        }
    }

    /// Arms a fault.
    pub fn arm(&self, fault: Fault) {
        self.tenant.faults.arm(fault);
    }

    /// Takes one fault away, by the number that [`Simulator::armed`] gives; false when there is none of that number.
    pub fn disarm(&self, number: u64) -> bool {
        self.tenant.faults.disarm(number)
    }

    /// The armed faults by number, and how many requests each has met.
    pub fn armed(&self) -> Vec<(u64, Fault, u64)> {
        self.tenant.faults.armed()
    }

    /// The armed faults, and how many requests each has met.
    pub fn faults(&self) -> Vec<(Fault, u64)> {
        self.tenant.faults.list()
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.tenant.faults.clear();
    }

    /// Makes every access token expired.
    pub fn expire_tokens(&self) {
        self.tenant.tokens.expire_all(self.tenant.time.now());
    }

    /// Ends every session: cookies and CSRF tokens are of no more use, access tokens stay.
    pub fn expire_sessions(&self) {
        self.tenant.sessions.clear();
    }

    /// How many sessions have begun since the start: a client that brings no cookies begins one with every request.
    pub fn sessions_begun(&self) -> u64 {
        self.tenant.sessions.begun()
    }

    /// What is set for a user's signing in.
    pub fn sign_in_rules(&self, user_id: &str) -> SignInRules {
        self.tenant.logins.rules(user_id)
    }

    /// Replaces what is set for a user's signing in; wrong passwords are forgotten.
    pub fn set_sign_in_rules(&self, user_id: &str, rules: SignInRules) {
        self.tenant.logins.set(user_id, rules);
    }

    /// Loses every place of `paging=snapshot`.
    pub fn expire_snapshots(&self) {
        self.tenant.snapshots.clear();
    }

    /// Requests since the start; the control API's own are not counted.
    pub fn requests(&self) -> Requests {
        self.tenant.statistics.all()
    }

    /// Requests since the last mark.
    pub fn requests_since_mark(&self) -> Requests {
        self.tenant.statistics.since_mark()
    }

    /// Sets a mark to count requests from.
    pub fn mark(&self) {
        self.tenant.statistics.mark();
    }

    /// Makes the company anew from its seed, at the seed's instant; forgets faults, views, tokens, places and counts.
    pub fn reset(&self) {
        let mut fresh = World::generate(&self.tenant.settings.seed);
        fresh.settle();
        {
            let mut world = self.tenant.world.write().unwrap_or_else(PoisonError::into_inner);
            // While nobody reads: at the old time the fresh company would be settled on a day of the old one.
            self.tenant.time.set(self.tenant.settings.seed.now);
            *world = fresh;
        }
        self.tenant.views.set(View::default(), 0);
        self.tenant.views.refresh_metadata();
        self.tenant.faults.clear();
        self.tenant.logins.clear();
        self.expire_tokens();
        self.expire_sessions();
        self.expire_snapshots();
        self.tenant.rates.clear();
        self.tenant.statistics.clear();
        self.tenant.log.clear();
        if let Some(replay) = &self.tenant.replay {
            replay.rewind();
        }
    }
}
