//! Log-in accounts: one for each person, whatever number of users they have, and one for each user without a person.

use serde::{Deserialize, Serialize};

use super::World;
use super::data::NOBODY;
use super::text::Text;

/// What an account holds that its user does not say.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Account {
    /// `SSO`, `PWD`, or nothing: the company's default.
    pub login_method: Text,
    /// The Global User ID, once an identity service wrote it back.
    pub global_id: Text,
}

impl World {
    /// Place of the user that is a person's account: of the employment that best stands for them today.
    pub(super) fn account_of(&self, person: u32) -> Option<u32> {
        let user = self.people.get(person as usize)?.main_employment(self.today())?.user;
        self.user_exists(user).then_some(user)
    }

    /// Whether this user is an account of its own.
    pub(super) fn has_account(&self, place: u32) -> bool {
        let Some(user) = self.users.get(place as usize) else { return false };
        self.user_exists(place) && (user.person == NOBODY || self.account_of(user.person) == Some(place))
    }

    /// Place of the account with that log-in name, case-sensitive.
    pub(super) fn account_named(&self, username: &str) -> Option<u32> {
        let named = |place: &u32| {
            self.users.get(*place as usize).is_some_and(|user| {
                user.name.len() == username.len() && self.texts.read(user.name) == username && self.has_account(*place)
            })
        };
        self.users_order.iter().copied().find(named)
    }
}
