//! Who has which pictures.

use serde::{Deserialize, Serialize};

use std::collections::BTreeMap;

use super::data::{Audit, NOBODY};
use super::picture::{picture, side};
use super::text::Text;
use super::{Stamp, World};

/// Types that pictures are made in.
const TYPES: [u16; 2] = [1, 3];

/// A picture that was put in.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Photo {
    pub bytes: Box<[u8]>,
    pub mime: Text,
    pub name: Text,
    pub width: u32,
    pub height: u32,
    pub audit: Audit,
}

/// Pictures that were put in, or taken away, by user and type; they stand before the drawn ones.
pub(super) type Photos = BTreeMap<(u32, u16), Option<Photo>>;

/// A picture as it is read.
pub(super) struct Shown<'a> {
    pub bytes: &'a [u8],
    pub mime: &'a str,
    pub name: Text,
    pub width: u32,
    pub height: u32,
    pub modified: Stamp,
}

impl World {
    /// The picture of that type of a user.
    pub(super) fn photo(&self, user: u32, kind: u16) -> Option<Shown<'_>> {
        if let Some(stored) = self.photos.get(&(user, kind)) {
            let photo = stored.as_ref()?;
            return Some(Shown {
                bytes: &photo.bytes,
                mime: self.texts.read(photo.mime),
                name: photo.name,
                width: photo.width,
                height: photo.height,
                modified: photo.audit.modified,
            });
        }
        let face = self.face(user)?;
        if !TYPES.contains(&kind) || (kind != 1 && face % 7 > 2) {
            return None;
        }
        let modified = self.people.get(self.users.get(user as usize)?.person as usize)?.audit.created;
        let (width, height) = (side(kind), side(kind));
        Some(Shown { bytes: picture(face / 7, kind), mime: "image/png", name: Text::NONE, width, height, modified })
    }

    /// The types of the pictures that a user has, in order.
    pub(super) fn photo_types(&self, user: u32) -> Vec<u16> {
        let stored = self.photos.range((user, 0)..=(user, u16::MAX)).map(|((_, kind), _)| *kind);
        let mut types: Vec<u16> = TYPES.into_iter().chain(stored).collect();
        types.sort_unstable();
        types.dedup();
        types.retain(|kind| self.photo(user, *kind).is_some());
        types
    }

    /// A number for the face of somebody who has a picture: about seven in ten do.
    fn face(&self, user: u32) -> Option<u64> {
        let account = self.users.get(user as usize).filter(|one| one.person != NOBODY)?;
        let person = self.people.get(account.person as usize)?;
        let uuid = self.texts.read(person.uuid);
        let number = u64::from_str_radix(uuid.get(16..32)?, 16).ok()? ^ u64::from(user);
        (number % 10 < 7).then_some(number / 10)
    }
}
