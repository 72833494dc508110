//! Managers: a person's reference to another person, who may come later, leave, or be nobody.

use joinery_simulator::world::{Ending, Hire, Move};

use super::scim_app::ScimApp;
use crate::company::{Company, exit};

fn led_by(manager: &str) -> Move {
    Move { manager: Some(manager.to_owned()), ..Move::default() }
}

/// Where a SCIM account's manager stands (RFC 7643, section 4.3).
const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A company that syncs into an application whose managers are account ids.
async fn with_app(missing: &str) -> (Company, ScimApp) {
    let (mut company, app) = (Company::of(120).await, ScimApp::start().await);
    company.configure(|config| {
        config.targets = ScimApp::target(app.address());
        config.sync.insert("mapping", "\"app\"".into());
        config.sync.insert("correlate", "[\"userName\"]".into());
        config.rest = format!(
            "[mapping.app]\nuserName = \"personIdExternal\"\n\"name.familyName\" = \"personalInfoNav.lastName\"\n\
             \"{MANAGER}:manager.value\" = {{ person = \"employmentNav.jobInfoNav.managerId\", missing = {missing:?} }}\n\
             [sync.people.guard]\nupdate = \"100%\"\n"
        );
    });
    company.joinery(&["sync"]).await.expect(exit::DONE);
    (company, app)
}

fn manager(app: &ScimApp, person: &str) -> Option<String> {
    app.named(person).1[MANAGER]["manager"]["value"].as_str().map(str::to_owned)
}

/// A person with a manager, both with accounts, whose userIds are their personIdExternal.
fn led(app: &ScimApp) -> String {
    let users = app.users();
    let people = users.values().rev().filter(|user| user[MANAGER]["manager"]["value"].is_string());
    let mut names = people.filter_map(|user| user["userName"].as_str());
    names.next().expect("somebody with a manager").to_owned()
}

#[tokio::test]
async fn everybody_has_the_account_of_their_manager_although_accounts_are_made_in_any_order() {
    let (company, app) = with_app("wait").await;
    let users = app.users().clone();
    let led = users.values().filter_map(|user| user[MANAGER]["manager"]["value"].as_str());
    let led: Vec<u64> = led.map(|id| id.parse().expect("an id")).collect();
    assert!(led.len() * 10 > users.len() * 9, "{} of {} have a manager", led.len(), users.len());
    assert!(led.iter().all(|id| users.contains_key(id)));
    let again = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(again.delivered(), 0, "{again}");
}

#[tokio::test]
async fn a_manager_without_an_account_is_filled_in_as_soon_as_there_is_one() {
    let (company, app) = with_app("wait").await;
    let (report, today) = (led(&app), company.today());
    let before = manager(&app, &report);
    // The manager begins in two days and has no account before.
    let boss = company.change(|world| world.hire(&Hire::new("Grace", "Hopper", today.plus(2))));
    company.change(|world| world.relocate(&report, today, &led_by(&boss.user_id)));
    let waiting = company.joinery(&["--json", "sync", "--delta"]).await.expect(exit::DONE);
    assert_eq!(waiting.json()["balance"]["targets"]["people"]["waiting"], 1, "{waiting}");
    assert_eq!(manager(&app, &report), before, "what waits is left as it was");
    company.one_day_passes();
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    company.one_day_passes();
    // The day on which the account is made is the day on which the reference is filled, in the same run.
    let filled = company.joinery(&["--json", "sync", "--delta"]).await.expect(exit::DONE);
    assert_eq!(filled.json()["balance"]["targets"]["people"]["back_filled"], 1, "{filled}");
    assert_eq!(manager(&app, &report), Some(app.named(&boss.person_id).0.to_string()));
    let again = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(again.delivered(), 0, "{again}");
}

#[tokio::test]
async fn nobody_as_manager_clears_the_reference_and_a_leaving_manager_leaves_it() {
    let company = Company::of(120).await;
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let people = company.plain_people();
    let (free, report) = (&people[1], &people[2]);
    company.change(|world| world.relocate(free, world.today(), &led_by("NO_MANAGER")));
    let boss = company.table().person(report)["manager"].clone();
    company.change(|world| world.terminate(&boss, world.today().plus(-1), Ending::Resignation));
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    let table = company.table();
    assert_eq!(table.person(free)["manager"], "");
    assert_eq!(table.person(&boss)["active"], "0");
    assert_eq!(table.person(report)["manager"], boss, "the job information still names them");
    // And back to somebody.
    company.change(|world| world.relocate(free, world.today(), &led_by(report)));
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    assert_eq!(&company.table().person(free)["manager"], report);
}

#[tokio::test]
async fn a_manager_out_of_scope_follows_the_named_rule() {
    for missing in ["wait", "keep", "clear"] {
        let (company, app) = with_app(missing).await;
        let report = led(&app);
        let before = manager(&app, &report);
        // The new manager is hired for next year: no account.
        let absent = company.change(|world| world.hire(&Hire::new("Next", "Year", world.today().plus(300))));
        company.change(|world| world.relocate(&report, world.today(), &led_by(&absent.user_id)));
        company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
        let expected = if missing == "clear" { None } else { before };
        assert_eq!(manager(&app, &report), expected, "{missing}");
    }
}

#[tokio::test]
async fn a_cycle_of_managers_is_written_as_it_is() {
    let company = Company::of(120).await;
    let people: Vec<String> = {
        company.joinery(&["sync"]).await.expect(exit::DONE);
        company.plain_people()
    };
    let [one, two, three, ..] = people.as_slice() else { panic!("too few plain people") };
    company.change(|world| {
        for (who, manager) in [(one, two), (two, three), (three, one)] {
            world.relocate(who, world.today(), &led_by(manager))?;
        }
        world.relocate(&people[3], world.today(), &led_by(&people[3]))
    });
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    // A fresh target, where nobody of the cycle has an account before the others.
    std::fs::remove_file(company.path("people.db")).expect("the target goes");
    std::fs::remove_file(company.path("state.db")).expect("the state goes");
    for file in ["state.db-wal", "state.db-shm", "people.db-wal", "people.db-shm"] {
        let _ = std::fs::remove_file(company.path(file));
    }
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let table = company.table();
    for (who, manager) in [(one, two), (two, three), (three, one), (&people[3], &people[3])] {
        assert_eq!(&table.person(who)["manager"], manager);
    }
}
