//! What becomes of empty values, of accounts that are there already, and of accounts that nobody owns.

use std::collections::BTreeSet;

use crate::company::{Company, exit};

#[tokio::test]
async fn a_null_clears_or_keeps_as_each_rule_says() {
    let mut company = Company::of(120).await;
    company.configure(|config| {
        config.sync.insert("mapping", "\"mine\"".into());
        config.rest = "[mapping.mine]\nemployee_id = \"personIdExternal\"\n\
                       cleared = \"emailNav.emailAddress\"\n\
                       kept = { path = \"emailNav.emailAddress\", when_null = \"keep\" }\n\
                       instead = { path = \"emailNav.emailAddress\", default = \"none@example.org\" }\n"
            .into();
    });
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let table = company.table();
    let all = |cells: &crate::company::Cells| {
        !cells["cleared"].is_empty() && cells["cleared"] == cells["kept"] && cells["kept"] == cells["instead"]
    };
    let (person, before) = table.active().find(|(_, cells)| all(cells)).expect("somebody with e-mail");
    company.change(|world| world.set_email(person, "B", "new@acme.example", true));
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    let now = company.table().person(person).clone();
    assert!(all(&now) && now["kept"] == "new@acme.example", "{before:?} {now:?}");
    company.change(|world| {
        // Not everybody has a private one too.
        let _ = world.remove_email(person, "P");
        world.remove_email(person, "B")
    });
    company.joinery(&["sync", "--person", person]).await.expect(exit::DONE);
    let now = company.table().person(person).clone();
    let values = ["cleared", "kept", "instead"].map(|column| now[column].as_str());
    assert_eq!(values, ["", "new@acme.example", "none@example.org"]);
}

#[tokio::test]
async fn adopting_first_links_what_is_there_and_creates_nothing() {
    // A target that another system filled: everybody but three, and one whom the company does not know.
    let source = Company::of(120).await;
    source.joinery(&["sync"]).await.expect(exit::DONE);
    let missing: Vec<String> = source.plain_people().into_iter().take(3).collect();
    let differing = source.plain_people().swap_remove(4);
    for id in &missing {
        source.write(&format!("DELETE FROM people WHERE employee_id = '{id}'"));
    }
    source.write("INSERT INTO people (employee_id, last_name, active) VALUES ('X-1', 'Stranger', 1)");
    source.write(&format!("UPDATE people SET job_title = 'Old' WHERE employee_id = '{differing}'"));

    let mut company = Company::of(120).await;
    std::fs::copy(source.path("people.db"), company.path("people.db")).expect("the target is copied");
    let before = company.table();
    company.configure(|config| {
        config.sync.insert("adopt_only", "true".into());
    });
    // Three people are told as not found.
    let first = company.joinery(&["--json", "sync"]).await.expect(exit::INCOMPLETE);
    assert_eq!(first.json()["balance"]["targets"]["people"]["rejected"], 3, "{first}");
    assert_eq!(company.table(), before, "adopting wrote\n{first}");

    let orphans = company.joinery(&["--json", "orphans"]).await.expect(exit::DONE);
    let ids: Vec<String> = orphans.json()["orphans"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|orphan| orphan["account"]["target_id"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(ids, ["X-1"], "{orphans}");

    // The second full run makes the missing and writes what differs, and leaves the stranger alone.
    let second = company.joinery(&["sync", "--full"]).await.expect(exit::DONE);
    let changed: BTreeSet<String> = company.table().changed_since(&before).into_keys().collect();
    let expected: BTreeSet<String> = missing.iter().cloned().chain([differing.clone()]).collect();
    assert_eq!(changed, expected, "{second}");
    assert_ne!(company.table().person(&differing)["job_title"], "Old");
}

#[tokio::test]
async fn an_account_that_was_removed_in_the_target_comes_back_when_its_person_changes() {
    let company = Company::of(120).await;
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let before = company.table();
    let person = company.plain_people().swap_remove(4);
    company.write(&format!("DELETE FROM people WHERE employee_id = '{person}'"));
    company.change(|world| world.set_phone(&person, "B", "5550000", true));
    company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
    let after = company.table();
    assert_eq!(after.person(&person)["phone"], "5550000");
    assert_eq!(after.person(&person)["last_name"], before.person(&person)["last_name"]);
    assert_eq!(after.len(), before.len());
}

#[tokio::test]
async fn who_is_out_of_scope_is_left_out_by_name_and_disabled_or_kept() {
    for (rule, after) in [("disable", "0"), ("keep", "1")] {
        let mut company = Company::of(120).await;
        company.joinery(&["sync"]).await.expect(exit::DONE);
        let table = company.table();
        let people = company.plain_people();
        let outside = people[3].clone();
        company.configure(|config| {
            config.sync.insert("only", format!("\"p.personIdExternal != '{outside}'\""));
            config.rest = format!("[sync.people.leaver]\nout_of_scope = {rule:?}\n");
        });
        let full = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
        assert_eq!(full.json()["balance"]["people"]["left_out"]["only"], 1, "{full}");
        let changed = company.table().changed_since(&table);
        assert_eq!(company.table().person(&outside)["active"], after, "{rule}");
        assert_eq!(changed.len(), usize::from(after == "0"), "{changed:?}");
    }
}
