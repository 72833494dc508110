//! What holds in every company at every time, whatever was done to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::SignedDuration;
use proptest::prelude::*;

use super::{AsOf, Cell, Day, Ending, Hire, KeyPart, Leave, Move, Refused, Related, RowId, Seed, World};
use crate::schema::{Edm, Set};

const NOON: &str = "2026-11-21T12:00:00Z";

pub(super) fn company(seed: u64, people: u32) -> World {
    World::generate(&Seed::new(seed, people, NOON.parse().unwrap()))
}

/// A cell by the property's name.
pub(super) fn cell<'a>(world: &'a World, row: RowId, property: &str) -> Cell<'a> {
    world.cell(row, row.set().table().property(property).unwrap())
}

pub(super) fn text<'a>(world: &'a World, row: RowId, property: &str) -> &'a str {
    match cell(world, row, property) {
        Cell::Str(text) => text,
        _ => "",
    }
}

/// Rows that a navigation leads to, today.
pub(super) fn follow(world: &World, row: RowId, navigation: &str) -> Vec<RowId> {
    follow_at(world, row, navigation, AsOf::Day(world.today()))
}

pub(super) fn follow_at(world: &World, row: RowId, navigation: &str, as_of: AsOf) -> Vec<RowId> {
    match world.related(row, row.set().table().navigation(navigation).unwrap(), as_of) {
        Related::One(one) => one.into_iter().collect(),
        Related::Many(many) => many,
    }
}

pub(super) fn person(world: &World, id: &str) -> RowId {
    world.find(Set::PerPerson, &[KeyPart::Str(id)]).unwrap()
}

pub(super) fn user(world: &World, id: &str) -> RowId {
    world.find(Set::User, &[KeyPart::Str(id)]).unwrap()
}

/// Every row with every cell: equal worlds print the same.
pub(super) fn print(world: &World) -> String {
    let mut settled = world.clone();
    settled.settle();
    let world = &settled;
    let mut out = String::new();
    for set in Set::all() {
        for row in world.rows(set, AsOf::ALL) {
            let cells = (0..set.table().properties.len()).map(|property| world.cell(row, property));
            writeln!(out, "{set:?}{:?}{:?}", world.key(row), cells.collect::<Vec<_>>()).unwrap();
        }
    }
    out
}

/// Slices of one thing follow each other without gap or overlap, several of one day by their sequence numbers, and
/// exactly one is in force on every day.
pub(super) fn gap_free(world: &World) {
    for set in Set::all().filter(|set| set.effective_dated()) {
        let mut seen = BTreeSet::new();
        for row in world.rows(set, AsOf::ALL) {
            let slices = world.slices(row);
            assert!(slices.contains(&row));
            if !seen.insert(slices[0]) {
                continue;
            }
            let spans: Vec<(Day, Day)> = slices.iter().map(|slice| world.span(*slice).unwrap()).collect();
            assert_eq!(spans.last().unwrap().1, Day::FOREVER, "{set:?}");
            for pair in spans.windows(2) {
                let ((start, end), (next, _)) = (pair[0], pair[1]);
                assert!(start <= end, "{set:?} {spans:?}");
                let same_day = set == Set::EmpJob && start == next && end == next;
                assert!(same_day || end.plus(1) == next, "{set:?} {spans:?}");
            }
        }
    }
}

/// Keys name rows, one each, and cells are of the kind that the table says.
pub(super) fn well_formed(world: &World) {
    let mut settled = world.clone();
    settled.settle();
    let world = &settled;
    for set in Set::all() {
        let table = set.table();
        let mut keys = BTreeSet::new();
        for row in world.rows(set, AsOf::ALL) {
            let key = world.key(row);
            assert_eq!(key.len(), table.keys.len());
            assert!(keys.insert(format!("{key:?}")), "{set:?} {key:?} twice");
            assert_eq!(world.find(set, &key), Some(row), "{set:?} {key:?}");
            for (part, name) in key.iter().zip(table.keys) {
                let expected = match part {
                    KeyPart::Str(text) => Cell::Str(text),
                    KeyPart::Int(number) => Cell::Int(*number),
                    KeyPart::Day(day) => Cell::Date(*day),
                };
                assert_eq!(cell(world, row, name), expected);
            }
            for (property, at) in table.properties.iter().zip(0..) {
                let cell = world.cell(row, at);
                let right = match (property.edm, cell) {
                    (_, Cell::Null) => property.flags.nullable() || set == Set::User,
                    (Edm::String, Cell::Str(text)) => {
                        property.max_length == 0 || text.chars().count() <= property.max_length as usize
                    }
                    (Edm::DateTime, Cell::Date(_)) => !property.wall_clock,
                    (Edm::DateTime, Cell::LocalStamp(_)) => property.wall_clock,
                    (Edm::Boolean, Cell::Bool(_))
                    | (Edm::Int32 | Edm::Int64, Cell::Int(_))
                    | (Edm::Double | Edm::Single, Cell::Double(_))
                    | (Edm::Decimal, Cell::Int(_) | Cell::Double(_))
                    | (Edm::Binary, Cell::Bytes(_))
                    | (Edm::DateTimeOffset, Cell::Stamp(_)) => true,
                    _ => false,
                };
                assert!(right, "{set:?}.{} {cell:?}", property.name);
            }
            for (navigation, at) in table.navigations.iter().zip(0..) {
                let (many, rows) = match world.related(row, at, AsOf::Day(world.today())) {
                    Related::One(one) => (false, one.into_iter().collect()),
                    Related::Many(many) => (true, many),
                };
                assert_eq!(many, navigation.many);
                assert!(rows.iter().all(|row: &RowId| row.set() == navigation.target && !world.key(*row).is_empty()));
            }
        }
    }
}

/// Somebody with e-mails or phones has exactly one primary of each.
pub(super) fn one_primary(world: &World) {
    for row in world.rows(Set::PerPerson, AsOf::ALL) {
        for navigation in ["emailNav", "phoneNav"] {
            let rows = follow(world, row, navigation);
            let primary = rows.iter().filter(|one| cell(world, **one, "isPrimary") == Cell::Bool(true)).count();
            assert_eq!(primary, usize::from(!rows.is_empty()));
        }
    }
}

/// Every stamp of every row; without those of users, and of accounts and pictures, which come and go with users.
fn stamps(world: &World) -> BTreeMap<String, Vec<Cell<'_>>> {
    let mut out = BTreeMap::new();
    for set in Set::all().filter(|set| !matches!(set, Set::User | Set::UserAccount | Set::Photo)) {
        let table = set.table();
        for row in world.rows(set, AsOf::ALL) {
            let cells = table.properties.iter().zip(0..).filter(|(property, _)| property.edm == Edm::DateTimeOffset);
            let cells = cells.map(|(_, at)| world.cell(row, at)).collect();
            out.insert(format!("{set:?}{:?}", world.key(row)), cells);
        }
    }
    out
}

#[test]
fn the_same_seed_is_the_same_company() {
    assert_eq!(print(&company(7, 300)), print(&company(7, 300)));
    assert_ne!(print(&company(7, 300)), print(&company(8, 300)));
}

#[test]
fn generated_companies_keep_the_laws() {
    for (seed, people) in [(1, 10), (2, 199), (3, 2500)] {
        let world = company(seed, people);
        assert_eq!(world.headcount(), people as usize);
        gap_free(&world);
        well_formed(&world);
        one_primary(&world);
    }
}

#[test]
fn nothing_was_changed_within_the_last_day() {
    let world = company(4, 2500);
    let newest = world.now().as_millisecond() - 86_400_000;
    for cells in stamps(&world).values() {
        assert!(cells.iter().all(|cell| !matches!(cell, Cell::Stamp(at) if *at > newest)));
    }
    for row in world.rows(Set::User, AsOf::ALL) {
        assert!(!matches!(cell(&world, row, "lastModifiedDateTime"), Cell::Stamp(at) if at > newest));
    }
}

#[test]
fn managers_form_a_tree_on_every_day() {
    let world = company(5, 2500);
    for ago in [0, -400, -1500, 30] {
        let day = world.today().plus(ago);
        let mut above: BTreeMap<&str, &str> = BTreeMap::new();
        for row in world.rows(Set::EmpJob, AsOf::Day(day)) {
            above.insert(text(&world, row, "userId"), text(&world, row, "managerId"));
        }
        for start in above.keys() {
            let (mut at, mut steps) = (*start, 0);
            while let Some(next) = above.get(at).filter(|next| **next != "NO_MANAGER") {
                at = next;
                steps += 1;
                assert!(steps < 40, "a cycle above {start}, {ago} days from now");
            }
        }
    }
}

#[test]
fn time_passing_touches_no_stamp() {
    let mut world = company(6, 500);
    let before: BTreeMap<_, _> = stamps(&world).into_iter().map(|(key, cells)| (key, format!("{cells:?}"))).collect();
    let shown = print(&world);
    world.advance(SignedDuration::from_hours(24 * 30));
    let after: BTreeMap<_, _> = stamps(&world).into_iter().map(|(key, cells)| (key, format!("{cells:?}"))).collect();
    assert_eq!(before, after);
    assert_ne!(shown, print(&world), "a month passed and nothing came into force");
}

#[derive(Clone, Debug)]
pub(super) enum Deed {
    Hire(i32),
    Move(usize, i32),
    Terminate(usize, i32),
    NoShow(usize),
    Rehire(usize, i32),
    Away(usize, i32),
    Back(usize, i32),
    Rename(usize, i32),
    RenameUnit(i32),
    Mail(usize, bool),
    NoMail(usize),
    Phone(usize, bool),
    Purge(usize),
    Days(i64),
}

pub(super) fn deed() -> impl Strategy<Value = Deed> {
    let (who, day) = (0_usize..40, -300_i32..300);
    prop_oneof![
        day.clone().prop_map(Deed::Hire),
        (who.clone(), day.clone()).prop_map(|(who, day)| Deed::Move(who, day)),
        (who.clone(), day.clone()).prop_map(|(who, day)| Deed::Terminate(who, day)),
        who.clone().prop_map(Deed::NoShow),
        (who.clone(), day.clone()).prop_map(|(who, day)| Deed::Rehire(who, day)),
        (who.clone(), day.clone()).prop_map(|(who, day)| Deed::Away(who, day)),
        (who.clone(), day.clone()).prop_map(|(who, day)| Deed::Back(who, day)),
        (who.clone(), day.clone()).prop_map(|(who, day)| Deed::Rename(who, day)),
        day.prop_map(Deed::RenameUnit),
        (who.clone(), any::<bool>()).prop_map(|(who, primary)| Deed::Mail(who, primary)),
        who.clone().prop_map(Deed::NoMail),
        (who.clone(), any::<bool>()).prop_map(|(who, primary)| Deed::Phone(who, primary)),
        who.prop_map(Deed::Purge),
        (1_i64..100).prop_map(Deed::Days),
    ]
}

pub(super) fn commit(world: &mut World, deed: &Deed) -> Result<(), Refused> {
    let people: Vec<String> =
        world.rows(Set::PerPerson, AsOf::ALL).map(|row| text(world, row, "personIdExternal").to_owned()).collect();
    let who = |at: usize| people[at % people.len()].as_str();
    let day = world.today();
    match *deed {
        Deed::Hire(on) => world.hire(&Hire::new("Ada", "O'Neil", day.plus(on))).map(drop),
        Deed::Move(at, on) => {
            let to = Move { department: Some("DEP00002".into()), title: Some("Poet".into()), ..Move::default() };
            world.relocate(who(at), day.plus(on), &to)
        }
        Deed::Terminate(at, on) => world.terminate(who(at), day.plus(on), Ending::Resignation),
        Deed::NoShow(at) => world.no_show(who(at)),
        Deed::Rehire(at, on) => world.rehire(who(at), day.plus(on)).map(drop),
        Deed::Away(at, on) => world.away(who(at), day.plus(on), Leave::Unpaid),
        Deed::Back(at, on) => world.back(who(at), day.plus(on)),
        Deed::Rename(at, on) => world.rename_person(who(at), "Zoë", "", day.plus(on)),
        Deed::RenameUnit(on) => world.rename_unit(Set::FODepartment, "DEP00003", "Other", Some(day.plus(on))),
        Deed::Mail(at, primary) => world.set_email(who(at), "P", "a@home.example", primary),
        Deed::NoMail(at) => world.remove_email(who(at), "B"),
        Deed::Phone(at, primary) => world.set_phone(who(at), "C", "5551234", primary),
        Deed::Purge(at) => world.purge(who(at)),
        Deed::Days(days) => {
            world.advance(SignedDuration::from_hours(24 * days));
            Ok(())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_keeps_the_laws(deeds in proptest::collection::vec(deed(), 1..40)) {
        let mut world = company(9, 40);
        for deed in &deeds {
            let before = world.clone();
            if commit(&mut world, deed).is_err() {
                prop_assert_eq!(print(&before), print(&world), "refused and yet changed: {:?}", deed);
            }
        }
        gap_free(&world);
        well_formed(&world);
        one_primary(&world);
        super::ties::hold(&world);
    }
}
