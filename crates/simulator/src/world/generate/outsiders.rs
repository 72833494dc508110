//! Users that no person stands behind: administrators, external users.

use super::cultures::CULTURES;
use super::dice::Dice;
use crate::schema::user::user::P;
use crate::world::data::{Audit, Author, NOBODY, User};
use crate::world::{Stamp, Value, World};

/// External users: status and how many there are for a thousand people, at least one of each.
const EXTERNALS: [(u8, u32); 4] = [(b'T', 10), (b'F', 4), (b'e', 6), (b'd', 2)];

impl World {
    /// Adds administrators (among them the API user and users without a last modification) and external users.
    pub(super) fn outsiders(&mut self, seed: u64, people: u32) {
        let mut dice = Dice::new(seed ^ 0x0071_5EED);
        for (id, last) in
            [("API_USER", "API"), ("sfadmin", "Administrator"), ("v4admin", "v4 Administrator"), ("sys_ta", "System")]
        {
            let values = [(P::firstName, "Technical"), (P::lastName, last)];
            // These were never changed by anybody: no lastModified, which breaks clients that compare.
            self.outsider(id, id, b't', Stamp::NEVER, &values);
        }
        let newest = self.stamp().0.saturating_sub(86_400);
        for (status, share) in EXTERNALS {
            for at in 0..(people * share / 1000).max(1) {
                let culture = dice.pick(CULTURES).unwrap_or(&CULTURES[0]);
                let first = dice.pick(culture.women).copied().unwrap_or_default();
                let last = dice.pick(culture.families).copied().unwrap_or_default();
                let id = format!(
                    "ext{}{}{at}",
                    char::from(status).to_ascii_lowercase(),
                    if status.is_ascii_uppercase() { "x" } else { "" }
                );
                let login = format!("{}.{}+{id}", first.1, last.1).to_ascii_lowercase();
                let mail = format!("{login}@partner.example");
                let city = culture.cities.first().map_or("", |city| city.0);
                let number = format!("+{} 555 {at:04}", culture.dial);
                let values = [
                    (P::firstName, first.0),
                    (P::lastName, last.0),
                    (P::email, &mail),
                    (P::gender, "U"),
                    (P::businessPhone, &number),
                    (P::addressLine1, "1 Partner Park"),
                    (P::city, city),
                    (P::country, culture.country),
                ];
                let modified = Stamp(newest.saturating_sub(dice.below(700 * 86_400)));
                self.outsider(&id, &login, status, modified, &values);
            }
        }
    }

    fn outsider(&mut self, id: &str, login: &str, status: u8, modified: Stamp, values: &[(P, &str)]) {
        let written: Vec<(u16, Value)> =
            values.iter().map(|(property, text)| (*property as u16, Value::Text((*text).to_owned()))).collect();
        let place = self.written.len() as u32;
        self.written.push(written);
        self.users.push(User {
            id: self.texts.add(id),
            name: self.texts.add(login),
            person: NOBODY,
            status,
            derived: false,
            late: false,
            gone: false,
            manager: None,
            hr: NOBODY,
            written: place,
            audit: Audit::at(modified, Author::Admin),
        });
    }
}
