//! An application that is away while another target is there.

use std::time::Duration;

use joinery_simulator::world::{Ending, Hire};

use super::scim_app::ScimApp;
use crate::company::{Company, SQLITE, exit};

#[tokio::test]
async fn the_table_goes_on_while_the_application_is_away() {
    let (mut company, app) = (Company::of(120).await, ScimApp::start().await);
    let address = app.address();
    company.configure(|config| {
        config.targets = format!("{}\n{}", SQLITE, ScimApp::target(address).replace("target.people", "target.app"));
        config.sync.insert("targets", "[\"app\", \"people\"]".into());
        config.sync.insert("mapping", "{ people = \"table\", app = \"app\" }".into());
        config.sync.insert("correlate", "[\"externalId\"]".into());
        config.rest = "[mapping.app]\nuserName = \"personIdExternal\"\nexternalId = \"personIdExternal\"\n\
                       \"name.familyName\" = \"personalInfoNav.lastName\"\n\
                       [mapping.table]\nemployee_id = \"personIdExternal\"\nexternalId = \"personIdExternal\"\n"
            .into();
    });
    company.joinery(&["sync"]).await.expect(exit::DONE);
    let users = app.users().clone();
    let leaver = company.table().active().next().expect("somebody").0.to_owned();
    drop(app);
    let hired = company.change(|world| {
        world.terminate(&leaver, world.today().plus(-1), Ending::Resignation)?;
        world.hire(&Hire::new("Grace", "Hopper", world.today()))
    });
    let away = company.joinery(&["--json", "sync"]).await.expect(exit::TARGET);
    assert!(away.json()["unreachable"]["app"].is_string(), "{away}");
    assert_eq!(away.json()["balance"]["targets"]["app"]["pending"], 2, "{away}");
    assert_eq!(company.table().person(&leaver)["active"], "0", "{away}");
    assert!(company.table().active().any(|(person, _)| *person == *hired.person_id), "{away}");

    let app = ScimApp::at(address).await;
    app.users().extend(users);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let back = company.joinery(&["--json", "sync"]).await.expect(exit::DONE);
    assert_eq!(app.named(&leaver).1["active"], false, "{back}");
    app.named(&hired.person_id);
}
