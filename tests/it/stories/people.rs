//! Ways into a company, through it and out of it.

use joinery_simulator::world::{Ending, Hire, Leave, Move, Seed};

use crate::company::{Company, exit, first_instant};

/// What `[sync.people]` says besides the usual.
async fn company(keys: &[(&'static str, &str)], rest: impl Into<String>) -> Company {
    let mut company = Company::of(120).await;
    company.configure(|config| {
        config.sync.extend(keys.iter().map(|(key, value)| (*key, (*value).to_owned())));
        config.rest = rest.into();
    });
    company.joinery(&["sync"]).await.expect(exit::DONE);
    company
}

async fn delta(company: &Company) {
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
}

fn state(company: &Company, id: &str) -> Option<String> {
    company.table().0.get(id).map(|cells| cells["active"].clone())
}

#[tokio::test]
async fn a_future_hire_gets_the_account_on_the_day_or_some_days_before() {
    for (lead, first_day_with_account) in [("0", 3), ("2", 1)] {
        let company = company(&[("lead_days", lead)], "").await;
        let start = company.today().plus(3);
        let hired = company.change(|world| world.hire(&Hire::new("Max", "Planck", start)));
        for day in 0..=4 {
            delta(&company).await;
            let expected = (day >= first_day_with_account).then(|| "1".to_owned());
            assert_eq!(state(&company, &hired.person_id), expected, "lead {lead}, day {day}");
            company.one_day_passes();
        }
        let table = company.table();
        let cells = table.person(&hired.person_id);
        assert!(!cells["department"].is_empty() && cells["hire_date"] == start.to_string(), "{cells:?}");
    }
}

#[tokio::test]
async fn a_leaver_is_disabled_the_day_after_the_last_day_and_stays_in_the_table() {
    let company = company(&[], "").await;
    let leaver = company.plain_people().swap_remove(5);
    company.change(|world| world.terminate(&leaver, world.today().plus(2), Ending::Resignation));
    for day in 0..=4 {
        delta(&company).await;
        let expected = if day <= 2 { "1" } else { "0" };
        assert_eq!(state(&company, &leaver).as_deref(), Some(expected), "day {day}");
        company.one_day_passes();
    }
}

#[tokio::test]
async fn the_last_day_ends_in_the_zone_of_the_sync() {
    // Noon in UTC: in Auckland (+13) it is 01:00 of the next day; in Honolulu (-10) 02:00 of the same.
    for (zone, disabled_after_hours) in [("Pacific/Auckland", 0), ("UTC", 12), ("Pacific/Honolulu", 22)] {
        let company = company(&[], format!("[sync.people.employment]\nzone = {zone:?}\n")).await;
        let leaver = company.plain_people().swap_remove(5);
        company.change(|world| world.terminate(&leaver, world.today(), Ending::Resignation));
        for hours in (0..=24).step_by(2) {
            delta(&company).await;
            let expected = if hours < disabled_after_hours { "1" } else { "0" };
            assert_eq!(state(&company, &leaver).as_deref(), Some(expected), "{zone}, {hours} hours after noon UTC");
            company.tenant.advance(jiff::SignedDuration::from_hours(2));
        }
    }
}

#[tokio::test]
async fn a_retroactive_termination_acts_at_once_and_so_does_one_that_is_brought_forward() {
    let company = company(&[], "").await;
    let people = company.plain_people();
    let (leaver, other) = (&people[3], &people[4]);
    company.change(|world| world.terminate(leaver, world.today().plus(-30), Ending::Dismissal));
    delta(&company).await;
    assert_eq!(state(&company, leaver).as_deref(), Some("0"));
    assert_eq!(state(&company, other).as_deref(), Some("1"));
    // A termination in the future that is brought forward to yesterday.
    company.change(|world| world.terminate(other, world.today().plus(20), Ending::Resignation));
    delta(&company).await;
    assert_eq!(state(&company, other).as_deref(), Some("1"));
    company.change(|world| world.terminate(other, world.today().plus(-1), Ending::Dismissal));
    delta(&company).await;
    assert_eq!(state(&company, other).as_deref(), Some("0"));
}

#[tokio::test]
async fn a_rehire_gets_the_old_account_back_under_the_new_user() {
    let company = company(&[], "").await;
    let person = company.plain_people().swap_remove(2);
    company.change(|world| world.terminate(&person, world.today().plus(-1), Ending::Resignation));
    delta(&company).await;
    assert_eq!(state(&company, &person).as_deref(), Some("0"));
    company.one_day_passes();
    let again = company.change(|world| world.rehire(&person, world.today().plus(1)));
    delta(&company).await;
    assert_eq!(state(&company, &person).as_deref(), Some("0"), "back only tomorrow");
    company.one_day_passes();
    delta(&company).await;
    let table = company.table();
    let cells = table.person(&person);
    assert_eq!((cells["active"].as_str(), &cells["user_id"]), ("1", &again.user_id));
    assert_eq!(cells["end_date"], "");
    assert_eq!(cells["hire_date"], company.today().to_string());
}

#[tokio::test]
async fn a_no_show_never_works_and_is_disabled_if_the_account_was_made_early() {
    let company = company(&[("lead_days", "10")], "").await;
    let [early, never] = ["Early", "Never"].map(|name| {
        let start = if name == "Early" { 3 } else { 30 };
        company.change(|world| world.hire(&Hire::new(name, "Bird", world.today().plus(start)))).person_id
    });
    delta(&company).await;
    assert_eq!(state(&company, &early).as_deref(), Some("1"));
    company.change(|world| {
        world.no_show(&early)?;
        world.no_show(&never)
    });
    delta(&company).await;
    assert_eq!(state(&company, &early).as_deref(), Some("0"));
    assert_eq!(state(&company, &never), None);
    for _ in 0..4 {
        company.tenant.advance(jiff::SignedDuration::from_hours(24 * 9));
        delta(&company).await;
    }
    assert_eq!(state(&company, &early).as_deref(), Some("0"));
    assert_eq!(state(&company, &never), None);
}

#[tokio::test]
async fn leave_keeps_the_account_or_disables_it_as_the_sync_says() {
    for (rule, during) in [("active", "1"), ("disable", "0")] {
        let company = company(&[], format!("[sync.people.leaver]\non_leave = {rule:?}\n")).await;
        let person = company.plain_people().swap_remove(7);
        company.change(|world| world.away(&person, world.today().plus(1), Leave::Unpaid));
        delta(&company).await;
        assert_eq!(state(&company, &person).as_deref(), Some("1"), "{rule}: leave begins tomorrow");
        company.one_day_passes();
        delta(&company).await;
        assert_eq!(state(&company, &person).as_deref(), Some(during), "{rule}");
        assert_eq!(company.table().person(&person)["status"], "leave");
        company.change(|world| world.back(&person, world.today().plus(1)));
        company.one_day_passes();
        delta(&company).await;
        assert_eq!(state(&company, &person).as_deref(), Some("1"), "{rule}: back");
        assert_eq!(company.table().person(&person)["status"], "active");
    }
}

#[tokio::test]
async fn grace_days_and_deletion_after_days_are_kept() {
    let company = company(&[], "[sync.people.leaver]\ngrace_days = 1\ndelete_after_days = 2\n").await;
    let person = company.plain_people().swap_remove(7);
    company.change(|world| world.terminate(&person, world.today(), Ending::Retirement));
    // Last day, grace, disabled, disabled, deleted.
    for (day, expected) in [Some("1"), Some("1"), Some("0"), Some("0"), None, None].into_iter().enumerate() {
        delta(&company).await;
        assert_eq!(state(&company, &person).as_deref(), expected, "day {day}");
        company.one_day_passes();
    }
}

#[tokio::test]
async fn of_several_employments_the_declared_one_counts_never_the_first_that_comes() {
    // Enough people that global assignments and concurrent jobs are among them.
    let mut company = Company::with(Seed::new(3, 1_000, first_instant()), |settings| settings).await;
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let usual = company.table();
    company.configure(|config| {
        config.rest =
            "[sync.people.employment]\nprefer = [\"active\", \"global_assignment\", \"earliest_start\"]\n".into();
    });
    company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    let abroad = company.table();
    let moved = abroad.changed_since(&usual);
    assert!(!moved.is_empty(), "nobody has several employments");
    for (id, columns) in &moved {
        assert!(columns.contains(&"user_id".to_owned()), "{id} changed without another employment: {columns:?}");
    }
    // The same policy chooses the same again.
    let again = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(again.delivered(), 0, "{again}");
    // Only standard employments: nobody is left under an assignment.
    company.configure(|config| {
        config.rest = "[sync.people.employment]\nclasses = [\"ST\"]\n".into();
    });
    company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    let home = company.table();
    let back = home.changed_since(&abroad);
    assert!(!back.is_empty());
}

#[tokio::test]
async fn who_is_purged_is_held_as_gone_and_disabled_only_with_approval() {
    let company = company(&[], "").await;
    let person = company.plain_people().swap_remove(7);
    company.change(|world| world.purge(&person));
    // A delta run cannot know.
    delta(&company).await;
    assert_eq!(state(&company, &person).as_deref(), Some("1"));
    let held = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::HELD);
    let json = held.json();
    assert_eq!(
        (&json["balance"]["people"]["gone"], &json["balance"]["targets"]["people"]["held"]),
        (&1.into(), &1.into())
    );
    assert!(json["held"][0].as_str().is_some_and(|why| why.contains("no longer in the source")), "{held}");
    assert_eq!(state(&company, &person).as_deref(), Some("1"), "{held}");
    let run = json["run"].to_string();
    company.joinery(&["apply", &run]).await.expect(exit::DONE);
    assert_eq!(state(&company, &person).as_deref(), Some("0"));
    company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
}

#[tokio::test]
async fn a_move_of_department_today_arrives_with_the_next_delta() {
    let company = company(&[], "").await;
    let people = company.plain_people();
    let table = company.table();
    let mover = &people[0];
    let model = people.iter().find(|id| table.person(id)["department"] != table.person(mover)["department"]);
    let model = model.expect("another department");
    let code = company.tenant.look(|world| world.placement_of(model).expect("a place").department.to_owned());
    let to = Move { department: Some(code), ..Move::default() };
    company.change(|world| world.relocate(mover, world.today(), &to));
    delta(&company).await;
    assert_eq!(company.table().person(mover)["department"], table.person(model)["department"]);
}
