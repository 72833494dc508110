//! Tenants without Employee Central: people are users.

use joinery_simulator::world::{Hire, World};

use crate::company::{Company, exit};

/// A user who is yet to start is inactive, and on the first day nothing of theirs is stamped anew.
#[tokio::test]
async fn a_future_hire_among_users_comes_due_on_the_first_day() {
    for lead_days in [0, 2] {
        let mut company = Company::of(60).await;
        company.configure(|config| {
            config.sync.insert("read", "\"users\"".into());
            config.sync.insert("mapping", "\"standard_users\"".into());
            config.sync.insert("lead_days", lead_days.to_string());
        });
        company.joinery(&["sync"]).await.expect(exit::DONE);
        let start = company.today().plus(4);
        let id = company.change(|world: &mut World| world.hire(&Hire::new("Zoe", "Future", start))).user_id;
        company.one_day_passes();
        let early = company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
        assert!(!company.table().0.contains_key(&id), "{early}");
        for day in 2..=4 {
            company.one_day_passes();
            company.joinery(&["sync", "--delta"]).await.expect(exit::DONE);
            let there = company.table().0.get(&id).map(|cells| cells["active"].clone());
            let expected = (day >= 4 - lead_days).then(|| "1".to_owned());
            assert_eq!(there, expected, "{lead_days} days ahead, on day {day} of 4");
        }
    }
}
