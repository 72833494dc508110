//! What holds between rows of different sets, from both sides.

use std::collections::BTreeSet;

use super::laws::{cell, company, follow, text};
use super::{AsOf, Cell, RowId, World};
use crate::schema::Set;

fn today(world: &World) -> AsOf {
    AsOf::Day(world.today())
}

/// Everything that belongs to a person leads back to them.
fn parts_lead_back(world: &World) {
    for person in world.rows(Set::PerPerson, AsOf::ALL) {
        for navigation in ["homeAddressNavDEFLT", "nationalIdNav", "emailNav", "phoneNav", "employmentNav"] {
            for part in follow(world, person, navigation) {
                assert_eq!(follow(world, part, "personNav"), [person], "{navigation}");
            }
        }
        for employment in follow(world, person, "employmentNav") {
            let parts = ["jobInfoNav", "empJobRelationshipNav", "compInfoNav", "empGlobalAssignmentNav"];
            for part in parts.iter().flat_map(|navigation| follow(world, employment, navigation)) {
                assert_eq!(follow(world, part, "employmentNav"), [employment]);
                assert_eq!(text(world, part, "userId"), text(world, employment, "userId"));
            }
            for pay in follow(world, employment, "compInfoNav") {
                let components = follow(world, pay, "empPayCompRecurringNav");
                assert!(components.iter().all(|one| follow(world, *one, "compensationNav") == [pay]));
            }
        }
    }
}

/// A person has one account, and each of their users leads there.
fn accounts_are_shared(world: &World) {
    let mut seen = BTreeSet::new();
    for person in world.rows(Set::PerPerson, AsOf::ALL) {
        let account = follow(world, person, "userAccountNav");
        if let Some(account) = account.first() {
            assert!(seen.insert(*account));
            assert_eq!(text(world, *account, "personIdExternal"), text(world, person, "personIdExternal"));
        }
        for employment in follow(world, person, "employmentNav") {
            for user in follow(world, employment, "userNav") {
                let key = follow(world, user, "personKeyNav");
                assert_eq!(text(world, key[0], "perPersonUuid"), text(world, person, "perPersonUuid"));
                assert_eq!(follow(world, key[0], "userAccountNav"), account);
            }
        }
    }
    let listed: Vec<RowId> = world.rows(Set::UserAccount, AsOf::ALL).collect();
    assert!(seen.iter().all(|account| listed.contains(account)));
}

/// Who sits on a position has a job that says so, and positions above each other end at the top.
fn positions_are_a_tree(world: &World) {
    for position in world.rows(Set::Position, today(world)) {
        let incumbent = follow(world, position, "incumbentNav");
        assert_eq!(cell(world, position, "vacant"), Cell::Bool(text(world, position, "incumbent").is_empty()));
        for user in incumbent {
            let seats = follow(world, user, "incumbentOfPositionNav");
            assert_eq!(text(world, seats[0], "code"), text(world, position, "code"));
        }
        let (mut at, mut steps) = (position, 0);
        while let Some(above) = follow(world, at, "parentPosition").first() {
            at = *above;
            steps += 1;
            assert!(steps < 40, "a cycle above {}", text(world, position, "code"));
        }
    }
}

/// What job information names by code is what its navigations lead to.
fn codes_and_navigations_agree(world: &World) {
    for job in world.rows(Set::EmpJob, today(world)) {
        let pairs = [
            ("position", "positionNav", "code"),
            ("payGrade", "payGradeNav", "externalCode"),
            ("eventReason", "eventReasonNav", "externalCode"),
        ];
        for (property, navigation, code) in pairs {
            let named = follow(world, job, navigation);
            let named = named.first().map_or("", |row| text(world, *row, code));
            assert_eq!(text(world, job, property), named, "{property}");
        }
    }
    for location in world.rows(Set::FOLocation, today(world)) {
        let address = follow(world, location, "addressNavDEFLT")[0];
        assert_eq!(text(world, address, "country"), text(world, location, "addressCountry"));
        assert_eq!(follow(world, address, "countryNav").len(), 1);
    }
}

/// Matrix managers and their reports see each other.
fn matrix_is_mutual(world: &World) {
    for user in world.rows(Set::User, AsOf::ALL) {
        for manager in follow(world, user, "matrixManager") {
            assert!(follow(world, manager, "matrixReports").contains(&user));
        }
    }
}

pub(super) fn hold(world: &World) {
    parts_lead_back(world);
    accounts_are_shared(world);
    codes_and_navigations_agree(world);
    matrix_is_mutual(world);
}

#[test]
fn rows_of_a_company_agree_with_each_other() {
    for (seed, people) in [(1, 10), (2, 300)] {
        let world = company(seed, people);
        hold(&world);
        positions_are_a_tree(&world);
    }
}

#[test]
fn a_company_has_some_of_each() {
    let world = company(1, 2500);
    let count = |set| world.rows(set, today(&world)).count();
    assert!((2300..2700).contains(&count(Set::PerAddressDEFLT)));
    assert!((2200..2400).contains(&count(Set::PerNationalId)));
    assert!(count(Set::EmpJobRelationships) > 2000 && count(Set::EmpGlobalAssignment) > 20);
    assert!((2300..3000).contains(&count(Set::EmpCompensation)), "{}", count(Set::EmpCompensation));
    assert!((2400..=2500).contains(&count(Set::Position)), "{}", count(Set::Position));
    assert!((1500..2700).contains(&count(Set::Photo)), "{}", count(Set::Photo));
    assert!(count(Set::ExternalUser) > 10 && count(Set::ExtPhoneInfo) == count(Set::ExternalUser));
    let moved = world.rows(Set::PerAddressDEFLT, AsOf::ALL).count() - count(Set::PerAddressDEFLT);
    assert!(moved > 150, "{moved}");
    let vacant =
        world.rows(Set::Position, today(&world)).filter(|row| cell(&world, *row, "vacant") == Cell::Bool(true));
    let vacant = vacant.count();
    assert!((150..900).contains(&vacant), "{vacant}");
}
