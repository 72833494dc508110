//! One request's turn at the tenant: who asks, and what it reads and changes.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, PoisonError, RwLockWriteGuard};

use super::View;
use crate::settings::Settings;
use crate::simulator::{Simulator, Tenant};
use crate::world::World;

/// Where a room of the service gets the tenant from. Inside a changeset the company is held, so that nobody sees half
/// of it and all of it can be taken back; a room need not know.
pub(crate) struct Turn<'t> {
    pub(crate) tenant: &'t Arc<Tenant>,
    /// `userId` of the API user.
    pub(crate) user: &'t str,
    /// `JSESSIONID` of the session that the request is made in.
    pub(crate) session: &'t str,
    /// The request is a part of a batch.
    pub(crate) in_batch: bool,
    held: Option<RefCell<RwLockWriteGuard<'t, World>>>,
}

impl<'t> Turn<'t> {
    pub(crate) fn new(tenant: &'t Arc<Tenant>, user: &'t str, session: &'t str) -> Self {
        Self { tenant, user, session, in_batch: false, held: None }
    }

    /// The same, for the parts of a batch.
    pub(crate) fn inside_batch(&self) -> Self {
        Self { tenant: self.tenant, user: self.user, session: self.session, in_batch: true, held: None }
    }

    pub(crate) fn settings(&self) -> &'t Settings {
        &self.tenant.settings
    }

    /// What the API user may see.
    pub(crate) fn view(&self) -> Arc<View> {
        self.tenant.views.current()
    }

    /// Looks at the company. Neither this nor [`Turn::change`] may be called within the closure.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        match &self.held {
            Some(world) => look(&world.borrow()),
            None => look(&self.tenant.read_world()),
        }
    }

    /// Changes the company, stamped with the simulated present.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        match &self.held {
            Some(world) => change(&mut world.borrow_mut()),
            None => Simulator { tenant: Arc::clone(self.tenant) }.change(change),
        }
    }

    /// Does several things as one: when the work fails, the company is what it was before. Costs a copy of the company.
    pub(crate) fn changeset<T, E>(&self, work: impl FnOnce(&Turn<'t>) -> Result<T, E>) -> Result<T, E> {
        let mut world = self.tenant.world.write().unwrap_or_else(PoisonError::into_inner);
        world.set_now(self.tenant.time.now());
        let before = world.clone();
        let turn = Turn {
            in_batch: self.in_batch,
            held: Some(RefCell::new(world)),
            ..Turn::new(self.tenant, self.user, self.session)
        };
        // Half of a changeset must not stay, even if a room breaks down in the middle.
        let done = catch_unwind(AssertUnwindSafe(|| work(&turn)));
        if let Some(world) = turn.held {
            let mut world = world.into_inner();
            if !matches!(done, Ok(Ok(_))) {
                *world = before;
            }
            world.settle();
        }
        Simulator { tenant: Arc::clone(self.tenant) }.refresh_view();
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }
}
