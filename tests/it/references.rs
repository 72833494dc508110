//! References to other people in tables and files: the other's key there, by the rules of the mapping.

use std::collections::{BTreeMap, BTreeSet};

use joinery_simulator::world::{Hire, Move};

use crate::company::{Company, Table, exit};

/// Accounts by key, each with the columns that a file or table has.
type Accounts = BTreeMap<String, BTreeMap<String, String>>;

/// A table and a file whose keys are neither a userId nor a person's id, with the plain userIds beside the reference.
async fn company() -> Company {
    let mut company = Company::of(120).await;
    company.configure(|config| {
        config.targets = "[target.table]\ntype = \"sql\"\npath = \"people.db\"\ntable = \"people\"\ncreate_table = true\nkey = \"account\"\n\
                          [target.file]\ntype = \"csv\"\npath = \"people.csv\"\nkey = \"account\"\n"
            .into();
        config.sync.insert("targets", "[\"table\", \"file\"]".into());
        config.sync.insert("mapping", "\"own\"".into());
        config.sync.remove("correlate");
        config.rest = "[mapping.own]\naccount = { template = \"A-{personIdExternal}\" }\n\
                       employee_id = \"personIdExternal\"\nuser = \"employmentNav.userId\"\n\
                       manager = { person = \"employmentNav.jobInfoNav.managerId\" }\n\
                       manager_user = \"employmentNav.jobInfoNav.managerId\"\n"
            .into();
    });
    company
}

/// What the file says.
fn file(company: &Company) -> Accounts {
    let mut reader = csv::Reader::from_path(company.path("people.csv")).expect("the file");
    let rows = reader.deserialize::<BTreeMap<String, String>>().map(|row| row.expect("a row"));
    rows.map(|row| (row["account"].clone(), row)).collect()
}

fn table(company: &Company) -> Accounts {
    Table::read(&company.path("people.db")).0.into_values().map(|row| (row["account"].clone(), row)).collect()
}

#[tokio::test]
async fn the_manager_in_a_table_and_in_a_file_is_the_key_that_they_have_there() {
    let company = company().await;
    company.joinery(&["sync"]).await.expect(exit::DONE);
    for accounts in [table(&company), file(&company)] {
        let of_user: BTreeMap<&String, &String> = accounts.iter().map(|(key, row)| (&row["user"], key)).collect();
        let (mut led, mut without) = (0, 0);
        for row in accounts.values() {
            // A manager without an account (gone, or not there yet) leaves nothing behind.
            match of_user.get(&row["manager_user"]) {
                Some(key) => {
                    assert_eq!(&row["manager"], *key, "{row:?}");
                    led += 1;
                }
                None => {
                    assert_eq!(row["manager"], "", "{row:?}");
                    without += 1;
                }
            }
        }
        assert!(led > 10 * without.max(1) && led > 100, "{led} led, {without} not");
    }
    let again = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(again.delivered(), 0, "{again}");
}

#[tokio::test]
async fn the_missing_rules_hold_in_tables() {
    const RULES: [&str; 3] = ["wait", "clear", "keep"];
    let mut company = Company::of(120).await;
    company.configure(|config| {
        config.targets.clear();
        let mut mappings = BTreeMap::new();
        for rule in RULES {
            config.targets +=
                &format!("[target.{rule}]\ntype = \"sql\"\npath = \"{rule}.db\"\ntable = \"people\"\ncreate_table = true\nkey = \"employee_id\"\n");
            config.rest += &format!(
                "[mapping.{rule}]\nemployee_id = \"personIdExternal\"\n\
                 manager = {{ person = \"employmentNav.jobInfoNav.managerId\", missing = \"{rule}\" }}\n"
            );
            mappings.insert(rule, rule);
        }
        let mappings: Vec<String> = RULES.iter().map(|rule| format!("{rule} = \"{rule}\"")).collect();
        config.sync.insert("targets", format!("{RULES:?}"));
        config.sync.insert("mapping", format!("{{ {} }}", mappings.join(", ")));
    });
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let read = |rule: &str| Table::read(&company.path(&format!("{rule}.db")));
    // Whatever the rule, a first run leaves nobody without the manager who got an account in it.
    let led = |table: &Table| table.0.values().filter(|row| !row["manager"].is_empty()).count();
    assert!(led(&read("wait")) > 100, "{}", led(&read("wait")));
    assert_eq!((led(&read("wait")), led(&read("wait"))), (led(&read("clear")), led(&read("keep"))));

    let today = company.today();
    let bosses: BTreeSet<String> = read("wait").0.values().map(|row| row["manager"].clone()).collect();
    let wait = read("wait");
    let (report, before) =
        wait.0.iter().find(|(id, row)| !bosses.contains(*id) && !row["manager"].is_empty()).expect("somebody");
    let before = before["manager"].clone();
    let boss = company.change(|world| world.hire(&Hire::new("Grace", "Hopper", today.plus(1))));
    let to = Move { manager: Some(boss.user_id.clone()), ..Move::default() };
    company.change(|world| world.relocate(report, today, &to));
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    let now = RULES.map(|rule| read(rule).person(report)["manager"].clone());
    assert_eq!(now, [before.clone(), String::new(), before.clone()]);
    company.one_day_passes();
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    let now = RULES.map(|rule| read(rule).person(report)["manager"].clone());
    assert_eq!(now[..2], [boss.person_id.clone(), boss.person_id.clone()]);
    assert!(now[2] == before || now[2] == boss.person_id, "kept, or filled if the person was read again: {}", now[2]);
    company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(read("keep").person(report)["manager"], boss.person_id, "read again");
}

/// Where the key is an e-mail address it changes one day; whoever refers to it follows in the same run.
#[tokio::test]
async fn references_follow_a_key_that_changes() {
    let mut company = Company::of(120).await;
    company.configure(|config| {
        config.targets = "[target.people]\ntype = \"sql\"\npath = \"people.db\"\ntable = \"people\"\ncreate_table = true\nkey = \"mail\"\n".into();
        config.sync.insert("mapping", "\"own\"".into());
        config.rest =
            "[mapping.own]\nemployee_id = \"personIdExternal\"\nmail = \"emailNav[emailType=B].emailAddress\"\n\
                       manager = { person = \"employmentNav.jobInfoNav.managerId\" }\n"
                .into();
    });
    // People without an address are refused by name: the rest of the run is done.
    let _ = company.joinery(&["sync"]).await;
    let before = company.table();
    let mut teams: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, row) in &before.0 {
        teams.entry(&row["manager"]).or_default().push(id);
    }
    let biggest = teams.iter().filter(|(mail, _)| !mail.is_empty()).max_by_key(|(_, team)| team.len());
    let (mail, team) = biggest.expect("a team");
    assert!(team.len() >= 3, "{team:?}");
    let boss = before.0.iter().find(|(_, row)| row["mail"] == **mail).expect("the manager has an account").0;
    company.change(|world| world.set_email(boss, "B", "renamed@example.org", true));
    let report = company.joinery(&["--json", "sync", "--delta"]).await;
    let after = company.table();
    assert_eq!(after.person(boss)["mail"], "renamed@example.org", "{report}");
    for id in team {
        assert_eq!(after.person(id)["manager"], "renamed@example.org", "{id}: {report}");
    }
    let others = after.changed_since(&before);
    assert!(others.keys().all(|id| id == boss || team.contains(&id.as_str())), "{others:?}");
}
