//! What stands between a user and the door beside the password: locks, addresses, passwords that are over.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// What an administrator has set for one user's signing in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignInRules {
    /// The account is locked; wrong passwords lock it too.
    pub locked: bool,
    /// The password has expired.
    pub password_expired: bool,
    /// The addresses that the user may sign in from by Basic; everywhere when there is none.
    pub addresses: BTreeSet<IpAddr>,
}

#[derive(Debug, Default)]
struct Login {
    rules: SignInRules,
    /// Wrong passwords since the last right one.
    failures: u32,
}

/// By userId.
#[derive(Debug, Default)]
pub(crate) struct Logins(Mutex<BTreeMap<String, Login>>);

impl Logins {
    pub(crate) fn rules(&self, user_id: &str) -> SignInRules {
        self.lock().get(user_id).map(|login| login.rules.clone()).unwrap_or_default()
    }

    /// Everybody for whom something is set.
    pub(crate) fn all(&self) -> BTreeMap<String, SignInRules> {
        let logins = self.lock();
        let set = logins.iter().filter(|(_, login)| login.rules != SignInRules::default());
        set.map(|(user, login)| (user.clone(), login.rules.clone())).collect()
    }

    /// Replaces what was set, and forgets wrong passwords.
    pub(crate) fn set(&self, user_id: &str, rules: SignInRules) {
        self.lock().insert(user_id.to_owned(), Login { rules, failures: 0 });
    }

    /// A wrong password: so many in a row lock the account.
    pub(super) fn failed(&self, user_id: &str, most: Option<u32>) {
        let mut logins = self.lock();
        let login = logins.entry(user_id.to_owned()).or_default();
        login.failures += 1;
        login.rules.locked |= most.is_some_and(|most| login.failures >= most);
    }

    /// A right password.
    pub(super) fn passed(&self, user_id: &str) {
        if let Some(login) = self.lock().get_mut(user_id) {
            login.failures = 0;
        }
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Login>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
