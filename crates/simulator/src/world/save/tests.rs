use proptest::prelude::*;

use super::*;
use crate::world::laws::{commit, company, deed, print};
use crate::world::{AsOf, Seed};

fn again(world: &World) -> World {
    World::load(&world.save()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_company_comes_back_as_it_was() {
    let world = company(3, 300);
    let mut back = again(&world);
    assert_eq!(print(&world), print(&back));
    assert_eq!(world.save(), back.save());
    // Time goes on in both, and who reports to whom is known.
    let mut world = world;
    for one in [&mut world, &mut back] {
        one.advance(jiff::SignedDuration::from_hours(24 * 40));
    }
    assert_eq!(print(&world), print(&back));
    for row in world.rows(Set::User, AsOf::ALL) {
        for navigation in 0..Set::User.table().navigations.len() {
            let day = AsOf::Day(world.today());
            assert_eq!(world.related(row, navigation, day), back.related(row, navigation, day));
        }
    }
}

#[test]
fn the_clock_keeps_its_zones() {
    let mut seed = Seed::new(1, 10, "2026-11-21T23:30:00Z".parse().unwrap());
    seed.tenant_zone = TimeZone::get("Asia/Tokyo").unwrap();
    seed.server_zone = TimeZone::fixed(jiff::tz::offset(2));
    let world = World::generate(&seed);
    let back = again(&world);
    assert_eq!((world.now(), world.today()), (back.now(), back.today()));
    assert_eq!(print(&world), print(&back));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    // save, load and go on is going on.
    #[test]
    fn whatever_is_done_is_kept(before in proptest::collection::vec(deed(), 0..12), after in proptest::collection::vec(deed(), 0..12)) {
        let mut world = company(9, 30);
        for deed in &before {
            let _ = commit(&mut world, deed);
        }
        let mut back = again(&world);
        prop_assert_eq!(print(&world), print(&back));
        for deed in &after {
            prop_assert_eq!(commit(&mut world, deed), commit(&mut back, deed));
        }
        prop_assert_eq!(print(&world), print(&back));
    }

    // Damage is told, and never a panic.
    #[test]
    fn damaged_bytes_are_told(at in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = company(2, 10).save();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = with }
        let _ = World::load(&bytes).map(|world| world.headcount());
    }
}

#[test]
fn what_is_no_company_is_told_by_name() {
    assert!(matches!(World::load(b""), Err(NotLoaded::Other)));
    assert!(matches!(World::load(b"{}"), Err(NotLoaded::Other)));
    assert!(matches!(World::load(b"joinery simulated tenant 9\n"), Err(NotLoaded::Later(9))));
    let whole = company(2, 10).save();
    assert!(matches!(World::load(&whole[..whole.len() - 1]), Err(NotLoaded::Short(name)) if name == "groups"));
}

// Files grow by sections that today's reader does not know, and by fields at the end of structures.
#[test]
fn a_section_of_tomorrow_is_skipped() {
    let mut bytes = company(2, 10).save();
    let content = rmp_serde::to_vec("x").unwrap();
    bytes.extend_from_slice(b"\x08tomorrow");
    bytes.extend_from_slice(&(content.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&content);
    assert_eq!(World::load(&bytes).unwrap().headcount(), 10);
}

#[test]
fn fields_that_a_file_lacks_have_defaults() {
    #[derive(Serialize)]
    struct Before(u32, Vec<u8>);
    #[derive(Deserialize)]
    struct After {
        one: u32,
        other: Vec<u8>,
        #[serde(default)]
        more: Option<String>,
    }
    let after: After = rmp_serde::from_slice(&rmp_serde::to_vec(&Before(7, vec![1])).unwrap()).unwrap();
    assert_eq!((after.one, after.other.len(), after.more), (7, 1, None));
}
