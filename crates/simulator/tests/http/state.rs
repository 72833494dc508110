//! The tenant in a file.

use joinery_simulator::{Settings, Simulator, StartError, StateError};
use serde_json::json;

use crate::support::{asker, settings};

#[tokio::test]
async fn a_tenant_goes_on_from_its_file() {
    let file = std::env::temp_dir().join(format!("joinery-tenant-{}.state", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let kept = |people| {
        let mut settings = settings(people);
        settings.state = Some(file.clone());
        settings
    };
    let path = "PerPerson?$expand=personalInfoNav,homeAddressNavDEFLT,employmentNav/jobInfoNav,employmentNav/userNav";
    let before = {
        let asker = asker(kept(40)).await;
        let hire = json!({"first_name": "Ada", "last_name": "Byron", "person_id": "ada", "start": "2026-12-01"});
        assert_eq!(asker.control("POST", "people/hire", &hire).await.0, 200);
        let rules = json!({"hidden_sets": ["Photo"], "hidden_rows": {"EmpCompensation": {"percent": 50}}});
        assert_eq!(asker.control("POST", "visibility", &rules).await.0, 200);
        asker.control("POST", "clock", &json!({"advance": "3d"})).await;
        let (status, saved) = asker.control("POST", "save", &json!({})).await;
        assert_eq!((status, saved["bytes"].as_u64()), (200, Some(std::fs::metadata(&file).unwrap().len())));
        asker.rows(path).await
    };
    // Another size and seed say nothing now; addresses hold the port.
    let asker = asker(kept(80)).await;
    let (old, new) = (json!(before).to_string(), json!(asker.rows(path).await).to_string());
    let port = |text: &str| text.split("127.0.0.1:").nth(1).and_then(|rest| rest.split('/').next()).map(str::to_owned);
    assert_eq!(old.replace(&port(&old).unwrap(), ""), new.replace(&port(&new).unwrap(), ""));
    let (_, state) = asker.control("GET", "state", &json!({})).await;
    assert_eq!((&state["people"], &state["today"]), (&json!(41), &json!("2026-11-24")));
    assert_eq!(asker.get("Photo").await.status(), 404, "what may be seen is kept too");

    std::fs::write(&file, "something else").unwrap();
    let wrong = Simulator::start(kept(40)).await.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(wrong.contains("this is no saved tenant"), "{wrong}");
    std::fs::remove_file(&file).unwrap();
}

#[tokio::test]
async fn without_a_file_there_is_nothing_to_save_to() {
    let asker = asker(settings(10)).await;
    assert!(matches!(asker.running.save(), Err(StateError::NoFile)));
    assert_eq!(asker.control("POST", "save", &json!({})).await.0, 400);
    let mut unreadable = settings(10);
    unreadable.state = Some(std::env::temp_dir());
    assert!(matches!(Simulator::start(unreadable).await, Err(StartError::State(StateError::File { .. }))));
}

/// Whoever saves last wins, and what is in the file is whole.
#[tokio::test]
async fn two_may_save_at_once() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tenant.state");
    let asker = asker(Settings { state: Some(file.clone()), ..settings(10) }).await;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..5).for_each(|_| assert!(asker.running.save().is_ok())));
        }
    });
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}
