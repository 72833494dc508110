//! Passwords that were written to users: kept as digests, never shown.

use std::fmt;
use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2::{PBKDF2_HMAC_SHA256, derive, verify};
use serde::{Deserialize, Serialize};

use super::{Stamp, World};

/// Few, since the people are made up: a digest stands in for a password, it does not guard one.
const ROUNDS: NonZeroU32 = NonZeroU32::new(1000).expect("not zero");

/// A password as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Password {
    digest: Vec<u8>,
    since: Stamp,
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

impl World {
    /// Keeps the password that was written to a user.
    pub(super) fn keep_password(&mut self, user: u32, password: &str) {
        let mut digest = vec![0; 32];
        derive(PBKDF2_HMAC_SHA256, ROUNDS, self.user_id(user).as_bytes(), password.as_bytes(), &mut digest);
        let since = self.stamp();
        self.effects.passwords.insert(user, Password { digest, since });
    }

    /// Whether this is the user's written password, and since when there is one; `None` when none was written.
    pub(crate) fn password_of(&self, user_id: &str, given: &str) -> Option<(bool, Stamp)> {
        let kept = self.effects.passwords.get(&self.user_by_id(user_id)?)?;
        let right = verify(PBKDF2_HMAC_SHA256, ROUNDS, user_id.as_bytes(), given.as_bytes(), &kept.digest).is_ok();
        Some((right, kept.since))
    }
}

#[cfg(test)]
mod tests {
    use crate::schema::Set;
    use crate::schema::user::user::P;
    use crate::world::laws::company;
    use crate::world::{Manner, RowWrite, Value, World};

    #[test]
    fn a_password_is_known_again_also_from_a_file_and_shown_nowhere() {
        let mut world = company(1, 50);
        assert_eq!(world.password_of("100003", "Correct-horse-7"), None);
        let mut row = RowWrite::new(Set::User);
        let text = |text: &str| Value::Text(text.to_owned());
        row.values = vec![(P::userId as usize, text("100003")), (P::password as usize, text("Correct-horse-7"))];
        world.write(&[row], &Manner::default()).remove(0).unwrap();
        let saved = world.save();
        assert!(!saved.windows(15).any(|bytes| bytes == b"Correct-horse-7"));
        for world in [world, World::load(&saved).unwrap()] {
            let of = |given| world.password_of("100003", given).map(|(right, _)| right);
            assert_eq!((of("Correct-horse-7"), of("correct-horse-7")), (Some(true), Some(false)));
            assert!(!format!("{:?}", world.effects).contains("Correct"));
        }
    }
}
