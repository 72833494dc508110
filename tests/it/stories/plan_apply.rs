//! What a plan says is what `apply` does, or it does nothing.

use joinery_simulator::world::{Ending, Move};

use crate::company::{Company, exit};

fn title(text: &str) -> Move {
    Move { title: Some(text.to_owned()), ..Move::default() }
}

async fn synced(people: u32) -> (Company, Vec<String>) {
    let company = Company::of(people).await;
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let plain = company.plain_people();
    (company, plain)
}

#[tokio::test]
async fn a_plan_shows_each_attribute_and_apply_does_exactly_it() {
    let (company, people) = synced(200).await;
    let [one, two, three, ..] = people.as_slice() else { panic!("too few plain people") };
    let before = company.table();
    company.change(|world| {
        world.relocate(one, world.today(), &title("First"))?;
        world.rename_person(two, "Ada", "King", world.today())?;
        world.terminate(three, world.today().plus(-1), Ending::Resignation)
    });
    let planned = company.joinery(&["plan"]).await.expect(exit::DONE);
    let old = before.person(one)["job_title"].clone();
    let shown = planned.says(&[
        &format!("{one} update in people"),
        &format!("job_title: {old} → First"),
        &format!("{two} update in people"),
        &format!("last_name: {} → King", before.person(two)["last_name"]),
        &format!("{three} disable in people (left)"),
        "people: 2 to update, 1 to disable",
        "joinery apply 2",
    ]);
    assert_eq!(company.table(), before, "a plan wrote\n{shown}");
    // What happens after the plan and does not touch its people is not in it, and not done by it.
    company.change(|world| world.relocate(&people[3], world.today(), &title("Later")));
    company.joinery(&["apply", "2"]).await.expect(exit::DONE).says(&["3 delivered"]);
    let after = company.table();
    let changed = after.changed_since(&before);
    assert_eq!(changed.keys().collect::<Vec<_>>(), [one, two, three].map(|id| id), "{changed:?}");
    assert_eq!(changed[one], ["job_title"]);
    assert_eq!(after.person(three)["active"], "0");
    // Once is enough.
    company.joinery(&["apply", "2"]).await.expect(exit::USAGE).says(&["nothing that waits"]);
    // The change in between was not lost to the plan's watermark.
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    assert_eq!(company.table().person(&people[3])["job_title"], "Later");
}

#[tokio::test]
async fn a_plan_from_which_the_tenant_and_the_target_moved_is_refused_with_both_names() {
    let (company, people) = synced(200).await;
    let [one, two, three, ..] = people.as_slice() else { panic!("too few plain people") };
    company.change(|world| {
        for id in [one, two, three] {
            world.relocate(id, world.today(), &title("Planned"))?;
        }
        Ok(())
    });
    let planned = company.joinery(&["--json", "plan"]).await.expect(exit::DONE);
    assert_eq!(planned.json()["totals"][0]["count"], 3, "{planned}");
    let run = planned.json()["report"]["run"].to_string();

    company.change(|world| world.relocate(one, world.today(), &title("Changed her mind")));
    company.write(&format!("UPDATE people SET job_title = 'By hand' WHERE employee_id = '{two}'"));
    let before = company.table();
    let refused = company.joinery(&["apply", &run]).await.expect(exit::STALE);
    assert_eq!(company.table(), before, "a refused plan wrote\n{refused}");
    assert!(refused.err.contains(&format!("{one} in the tenant (people: job_title)")), "{refused}");
    assert!(refused.err.contains(&format!("{two} in the target (people: job_title)")), "{refused}");
    assert!(!refused.err.contains(three.as_str()), "{three} did not move\n{refused}");
    assert!(refused.err.contains("Plan again"), "{refused}");

    // A new plan shows what is there, the hand edit included, and may be applied.
    let again = company.joinery(&["plan"]).await.expect(exit::DONE).says(&["job_title: By hand → Planned"]);
    let run = again.out.split("joinery apply ").nth(1).and_then(|rest| rest.split('`').next()).expect("a number");
    company.joinery(&["apply", run]).await.expect(exit::DONE);
    let table = company.table();
    let titles = [one, two, three].map(|id| table.person(id)["job_title"].as_str());
    assert_eq!(titles, ["Changed her mind", "Planned", "Planned"]);
}

#[tokio::test]
async fn a_held_run_is_approved_by_apply() {
    let (company, people) = synced(200).await;
    let before = company.table();
    let leavers = &people[..people.len().min(40)];
    assert!(leavers.len() > 25, "too few plain people");
    company.change(|world| {
        leavers.iter().try_for_each(|id| world.terminate(id, world.today().plus(-1), Ending::Dismissal))
    });
    let held = company.joinery(&["--json", "sync"]).await.expect(exit::HELD);
    let run = held.json()["run"].to_string();
    assert_eq!(held.json()["balance"]["targets"]["people"]["held"], leavers.len());
    assert_eq!(company.table(), before, "{held}");
    company.joinery(&["run", &run]).await.expect(exit::DONE).says(&["[held", "end_date: 2026-11-22", "at most 10%"]);
    // It stays held when the next run comes and reads the same people again; that run holds them then.
    let next = company.joinery(&["--json", "sync"]).await.expect(exit::HELD);
    assert_eq!(company.table(), before);
    let latest = next.json()["run"].to_string();
    let moved = format!("run {run}'s changes are now in run {latest}");
    company.joinery(&["apply", &run]).await.expect(exit::USAGE).says(&[&moved, &format!("joinery apply {latest}")]);
    assert_eq!(company.table(), before);
    company.joinery(&["apply", &latest]).await.expect(exit::DONE);
    let gone: Vec<String> = company.table().changed_since(&before).into_keys().collect();
    assert_eq!(gone, leavers);
    assert!(leavers.iter().all(|id| company.table().person(id)["active"] == "0"));
    let books = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(books.delivered(), 0, "{books}");
}
