//! Who has an id in the SCIM API: each person once, by the user of the main employment, and users without a person.

use std::fmt::Write as _;

use aws_lc_rs::digest;

use crate::schema::Set;
use crate::schema::person::per_person;
use crate::serve::View;
use crate::world::{AsOf, Cell, RowId, World};

/// A user and its id.
pub(super) struct Someone {
    pub(super) id: String,
    pub(super) user: RowId,
    pub(super) person: Option<RowId>,
}

/// Everybody the API user sees, in the order of their ids.
pub(super) fn everybody(world: &World, view: &View) -> Vec<Someone> {
    let persons = world.rows(Set::PerPerson, AsOf::ALL).filter_map(|person| {
        let user = world.main_user(person)?;
        Some(Someone { id: person_id(world, person)?, user, person: Some(person) })
    });
    let others = world.rows(Set::User, AsOf::ALL).filter(|user| world.person_of(*user).is_none());
    let others = others.map(|user| Someone { id: derived_id(world, user), user, person: None });
    let mut all: Vec<Someone> = persons.chain(others).filter(|one| view.sees(world, one.user)).collect();
    all.sort_by(|one, other| one.id.cmp(&other.id));
    all
}

/// The one with that id.
pub(super) fn someone(world: &World, view: &View, id: &str) -> Option<Someone> {
    everybody(world, view).into_iter().find(|one| one.id.eq_ignore_ascii_case(id))
}

/// The id of a member of a group; none of a user who is not the person's main one.
pub(super) fn member_id(world: &World, user: RowId) -> Option<String> {
    match world.person_row(user) {
        Some(person) if world.main_user(person) == Some(user) => person_id(world, person),
        Some(_) => None,
        None => Some(derived_id(world, user)),
    }
}

fn person_id(world: &World, person: RowId) -> Option<String> {
    match world.cell(person, per_person::P::perPersonUuid as usize) {
        Cell::Str(uuid) => Some(dashed(uuid)),
        _ => None,
    }
}

/// Users without a person have no `perPersonUuid`: theirs is made of the userId, so that it stays.
fn derived_id(world: &World, user: RowId) -> String {
    let id = match world.cell(user, crate::schema::user::user::P::userId as usize) {
        Cell::Str(id) => id,
        _ => "",
    };
    let digest = digest::digest(&digest::SHA256, id.as_bytes());
    let mut digits = String::new();
    for byte in digest.as_ref().iter().take(16) {
        let _ = write!(digits, "{byte:02x}");
    }
    dashed(&digits)
}

/// Thirty-two hexadecimal digits as a UUID with dashes.
fn dashed(digits: &str) -> String {
    let digits: String = digits.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_ascii_lowercase();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
mod tests {
    use super::dashed;

    #[test]
    fn uuids_have_dashes() {
        assert_eq!(dashed("F674BA4105E24E299485FD660935F2DF"), "f674ba41-05e2-4e29-9485-fd660935f2df");
    }
}
