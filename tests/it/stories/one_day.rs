//! One day passes, and nothing else: what was entered before for that day arrives in one delta run.

use jiff::SignedDuration;
use joinery::SystemClock;
use joinery_model::Clock;
use joinery_simulator::schema::Set;
use joinery_simulator::world::{AsOf, Ending, Hire, KeyPart, Move, World};

use crate::company::{Company, exit};

const PEOPLE: u32 = 8_000;
const IN_THE_DEPARTMENT: usize = 3_000;
const RENAMED: &str = "Reinvented";

/// Moves people into the largest department until it has the size that the story needs; gives its code.
fn fill_largest_department(world: &mut World) -> String {
    let code = world.largest_department().expect("departments").to_owned();
    let ids: Vec<String> = world
        .rows(Set::PerPerson, AsOf::ALL)
        .filter_map(|row| match world.key(row).as_slice() {
            [KeyPart::Str(id), ..] => Some((*id).to_owned()),
            _ => None,
        })
        .collect();
    let within = |world: &World, id: &str| world.placement_of(id).is_some_and(|at| at.department == code);
    let mut inside = ids.iter().filter(|id| within(world, id)).count();
    let today = world.today();
    for id in &ids {
        if inside >= IN_THE_DEPARTMENT + 200 {
            break;
        }
        let to = Move { department: Some(code.clone()), ..Move::default() };
        if !within(world, id) && world.relocate(id, today, &to).is_ok() {
            inside += 1;
        }
    }
    code
}

#[tokio::test]
async fn the_hire_the_leaver_the_transfer_the_rename_and_the_new_manager_of_the_day_arrive_in_one_delta_run() {
    let company = Company::of(PEOPLE).await;
    let department = company.tenant.change(fill_largest_department);
    // What was moved just now must not look fresh to the delta runs below.
    company.tenant.advance(SignedDuration::from_hours(6));
    let began = SystemClock.now();
    company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    println!("first full run of {PEOPLE} people: {:?}", SystemClock.now().duration_since(began));

    let before = company.table();
    let name = company.tenant.look(|world| world.unit_name(Set::FODepartment, &department).map(str::to_owned));
    let name = name.expect("a name");
    let colleagues: Vec<&str> =
        before.active().filter(|(_, cells)| cells["department"] == name).map(|(id, _)| id).collect();
    assert!(colleagues.len() >= IN_THE_DEPARTMENT, "{} colleagues", colleagues.len());

    // Everything is entered today, for tomorrow.
    let plain = company.plain_people();
    let elsewhere: Vec<&String> = plain.iter().filter(|id| before.person(id)["department"] != name).collect();
    let [leaver, mover, led, model, ..] = elsewhere.as_slice() else { panic!("too few plain people") };
    let chief = before.active().find(|(id, cells)| cells["user_id"] == *id && before.person(led)["manager"] != *id);
    let chief = chief.expect("somebody who can lead").0.to_owned();
    let (today, tomorrow) = (company.today(), company.today().plus(1));
    let target = company.tenant.look(|world| world.placement_of(model).expect("a place").department.to_owned());
    let hired = company.change(|world| {
        world.terminate(leaver, today, Ending::Resignation)?;
        world.relocate(
            mover,
            tomorrow,
            &Move { department: Some(target), title: Some("Explorer".into()), ..Move::default() },
        )?;
        world.rename_unit(Set::FODepartment, &department, RENAMED, Some(tomorrow))?;
        world.relocate(led, tomorrow, &Move { manager: Some(chief.clone()), ..Move::default() })?;
        world.hire(&Hire::new("Zoë", "O'Hara-Nguyễn", tomorrow))
    });
    let due = company.due_on(tomorrow);
    let entered = company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    let still = company.table();
    let expected: Vec<String> = vec!["end_date".into()];
    for (id, columns) in still.changed_since(&before) {
        assert!(id == **leaver && columns == expected, "{id} changed before its day: {columns:?}\n{entered}");
    }

    // Only the clock moves.
    let before = still;
    company.one_day_passes();
    company.tenant.mark();
    let began = SystemClock.now();
    let delta = company.joinery(&["--json", "sync", "--delta"]).await.expect(exit::DONE);
    let took = SystemClock.now().duration_since(began);
    let requests = company.tenant.requests_since_mark();
    println!("one delta run: {} requests, {took:?}; {:?}", requests.total.requests, requests.by_resource);

    let after = company.table();
    let zoe = after.person(&hired.person_id);
    assert_eq!((zoe["active"].as_str(), zoe["last_name"].as_str()), ("1", "O'Hara-Nguyễn"));
    assert_eq!(after.person(leaver)["active"], "0");
    let moved = after.person(mover);
    assert_eq!((&moved["department"], moved["job_title"].as_str()), (&after.person(model)["department"], "Explorer"));
    assert_eq!(after.person(led)["manager"], chief);
    for id in colleagues.iter().filter(|id| !due.contains(**id)) {
        assert_eq!(after.person(id)["department"], RENAMED, "{id}");
    }

    // Nothing else: every changed account is one of theirs, or of somebody for whom the company had a day of its own.
    for (id, columns) in after.changed_since(&before) {
        let renamed = columns == ["department"] && after.person(&id)["department"] == RENAMED;
        assert!(renamed || due.contains(&id), "{id} changed though nothing was due for them: {columns:?}");
    }

    // People are fetched in lists; about a hundred ids fit into a question that every gateway lets through. Besides
    // there are the sign-in, the metadata, and for each of a dozen entity sets a page of what changed in it. One
    // question a person would be thousands.
    let bound = (colleagues.len() as u64 + due.len() as u64).div_ceil(80) + 25;
    assert!(requests.total.requests <= bound, "{} requests, at most {bound}: {requests:?}", requests.total.requests);
    assert_eq!(requests.total.failed, 0, "{requests:?}");
    let touched = delta.json()["balance"]["people"]["touched"].as_u64().expect("a count");
    assert!(touched as usize >= IN_THE_DEPARTMENT, "{touched} touched");

    // A full run has nothing to add.
    let full = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(full.delivered(), 0, "{full}");
    assert_eq!(company.table(), after);
}
