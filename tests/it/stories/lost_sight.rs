//! The API user loses sight of people in the middle of a walk.

use std::collections::BTreeSet;

use joinery_simulator::world::Move;
use joinery_simulator::{HiddenPeople, Visibility};

use crate::company::{Company, exit};

fn hidden(percent: u8) -> Visibility {
    Visibility { hidden_people: HiddenPeople::Percent(percent), ..Visibility::default() }
}

#[tokio::test]
async fn forty_percent_out_of_sight_in_mid_walk_hold_the_run_and_no_write_reaches_the_target() {
    let mut company = Company::of(1_500).await;
    company.configure(|config| {
        config.connection.insert("page_size", "100".into());
    });
    company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    let before = company.table();
    // Something that a run would write if it were allowed to.
    let promoted = company.plain_people().swap_remove(0);
    let title = Move { title: Some("Keeper of Keys".into()), ..Move::default() };
    company.change(|world| world.relocate(&promoted, world.today(), &title));

    company.tenant.set_visibility(hidden(40), 3);
    company.tenant.mark();
    let held = company.joinery(&["sync", "--full"]).await.expect(exit::HELD);
    let pages = company.tenant.requests_since_mark().by_resource["GET PerPerson"].requests;
    assert!(pages > 4, "the walk had only {pages} pages: sight was not lost in the middle of it");
    assert_eq!(company.table(), before, "a held run wrote\n{held}");
    let held = held.says(&["missing from the source", "API user may still read", "joinery apply"]);
    assert!(held.out.contains("people: of"), "the target is not named\n{held}");

    // In the history the cause is there too.
    let run = company.joinery(&["runs", "--json"]).await.json()["runs"][0]["run"].as_i64().expect("a run");
    company.joinery(&["run", &run.to_string()]).await.expect(exit::DONE).says(&["[held", "missing from the source"]);

    // A delta run meanwhile delivers what it sees, and disables nobody; what the full run held is still held.
    let seen: Vec<String> = company.plain_people().into_iter().filter(|id| *id != promoted).take(20).collect();
    let title = Move { title: Some("Keeper of Doors".into()), ..Move::default() };
    company.change(|world| seen.iter().try_for_each(|id| world.relocate(id, world.today(), &title)));
    let delta = company.joinery(&["sync", "--delta"]).await.expect(exit::HELD).says(&["run 3 is complete"]);
    let changed = company.table().changed_since(&before);
    let arrived = changed.keys().filter(|id| seen.contains(id)).count();
    assert!(arrived > 0 && arrived < seen.len(), "{arrived} of {} are in sight\n{delta}", seen.len());
    assert!(changed.keys().all(|id| *id == promoted || seen.contains(id)), "{changed:?}\n{delta}");
    for id in changed.keys() {
        let mut now = company.table().person(id).clone();
        assert!(now["job_title"].starts_with("Keeper of"), "{now:?}");
        now.insert("job_title".into(), before.person(id)["job_title"].clone());
        assert_eq!(&now, before.person(id), "more than the title\n{delta}");
    }

    // Sight regained: every change goes through, and nobody else was ever touched.
    company.tenant.set_visibility(Visibility::default(), 0);
    let healed = company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    let changed = company.table().changed_since(&before);
    let all: BTreeSet<&String> = seen.iter().chain([&promoted]).collect();
    assert_eq!(changed.keys().collect::<BTreeSet<_>>(), all, "{healed}");
    assert_eq!(company.table().person(&promoted)["job_title"], "Keeper of Keys");
}

#[tokio::test]
async fn a_source_that_shows_nobody_is_held() {
    let company = Company::of(120).await;
    company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    let before = company.table();
    company.tenant.set_visibility(hidden(100), 0);
    let held = company.joinery(&["sync", "--full"]).await.expect(exit::HELD);
    assert_eq!(company.table(), before, "{held}");
}

#[tokio::test]
async fn a_lost_entity_is_no_reason_to_empty_a_column() {
    let company = Company::of(120).await;
    company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    let before = company.table();
    for set in ["PerEmail", "EmpJob", "EmpEmployment", "PerPersonal", "FODepartment"] {
        let lost = Visibility { hidden_sets: [set.to_owned()].into(), ..Visibility::default() };
        company.tenant.set_visibility(lost, 0);
        let answer = company.joinery(&["sync", "--full"]).await;
        assert_ne!(answer.code(), Some(exit::DONE), "{set} is hidden\n{answer}");
        assert_eq!(company.table(), before, "{set} is hidden\n{answer}");
        assert!(format!("{answer}").contains(set), "{set} is not named\n{answer}");
    }
    company.tenant.set_visibility(Visibility::default(), 0);
    company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(company.table(), before);
}
