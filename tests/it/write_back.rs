//! Write-back: the tenant as the target of a sync.

use joinery_simulator::schema::Set;
use joinery_simulator::world::{Cell, KeyPart};

use crate::company::{Company, exit};

async fn company() -> Company {
    let mut company = Company::of(60).await;
    company.configure(|config| {
        config.connection.insert("read_only", "false".into());
        config.targets = "[target.back]\ntype = \"successfactors\"\nconnection = \"acme\"\n".into();
        config.sync.insert("targets", "[\"back\"]".into());
        config.sync.insert("mapping", "\"back\"".into());
        config.sync.insert("correlate", "[\"user_id\"]".into());
        config.rest = "[mapping.back]\nuser_id = \"employmentNav.userId\"\nperson_id = \"personIdExternal\"\n\
                       custom05 = { template = \"J-{personIdExternal}\" }\n\
                       email_B = { template = \"{personIdExternal}@joinery.example\" }\nemail_primary = { value = \"B\" }\n\
                       [sync.people.guard]\nupdate = \"100%\"\n"
            .into();
    });
    company
}

fn business_mail(company: &Company, person: &str) -> Option<String> {
    company.tenant.look(|world| {
        let row = world.find(Set::PerEmail, &[KeyPart::Str("8448"), KeyPart::Str(person)])?;
        match world.cell(row, Set::PerEmail.table().property("emailAddress")?) {
            Cell::Str(text) => Some(text.to_owned()),
            _ => None,
        }
    })
}

#[tokio::test]
async fn what_a_rule_decides_goes_back_and_then_there_is_rest() {
    let company = company().await;
    company.joinery(&["sync"]).await.expect(exit::DONE);
    assert_eq!(company.user("100003", "custom05").as_deref(), Some("J-100003"));
    assert_eq!(business_mail(&company, "100003").as_deref(), Some("100003@joinery.example"));
    let again = company.joinery(&["--json", "sync", "--full"]).await.expect(exit::DONE);
    assert_eq!(again.delivered(), 0, "{again}");
}

#[tokio::test]
async fn a_plan_for_accounts_that_were_found_with_an_empty_field_is_applied() {
    let company = company().await;
    company.joinery(&["plan"]).await.expect(exit::DONE).says(&["custom05: J-100003"]);
    company.joinery(&["apply", "1"]).await.expect(exit::DONE);
    assert_eq!(company.user("100003", "custom05").as_deref(), Some("J-100003"));
}

#[tokio::test]
async fn a_connection_that_is_read_only_is_no_target() {
    let mut company = company().await;
    company.configure(|config| {
        config.connection.insert("read_only", "true".into());
    });
    let told = company.joinery(&["check"]).await.expect(exit::USAGE);
    assert!(told.to_string().contains("target.back.connection"), "{told}");
}

/// What would not last, or would be noticed by people, is said once wherever somebody looks before writing.
#[tokio::test]
async fn check_plan_and_doctor_warn_once_of_what_a_write_back_brings_with_it() {
    let company = company().await;
    for arguments in [&["check"][..], &["plan"], &["doctor"]] {
        let told = company.joinery(arguments).await.expect(exit::DONE).to_string();
        for part in ["custom05 is written through User", "welcome mails among it"] {
            assert_eq!(told.replace('\n', " ").matches(part).count(), 1, "{arguments:?} {part}: {told}");
        }
    }
}
