//! The groups of many users: requests and seconds, each way that the client knows.

use std::time::Instant;

use joinery::SystemClock;
use joinery_tenant::groups::{GroupOptions, Groups, Memberships};
use joinery_tenant::{Host, PlainHttp, Settings, Transport};

use crate::figures::Figures;
use crate::shapes::{COMPANY, PASSWORD, Tenant, USER};

/// Users in one question where they are asked for in runs.
const RUN: usize = 100;

/// Asks a tenant of so many people for everybody's permission groups and roles.
pub async fn measure(people: u32, figures: &mut Figures) {
    let tenant = Tenant::start(people);
    let ids = tenant.user_ids(people as usize).await;
    let users: Vec<&str> = ids.iter().map(String::as_str).collect();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let host = Host::parse(&tenant.url, PlainHttp::LoopbackOnly).expect("a host");
    let settings = Settings::basic("bench", host, COMPANY, USER, PASSWORD.into());
    let transport = Transport::new(client, settings, SystemClock, 1);
    let groups = Groups::new(transport.clone(), GroupOptions::default());
    // Who is in which group is worked out once by the tenant; that is not what is measured.
    groups.of_user(users[0], Some("permission")).await.expect("groups");

    let count = |found: &Memberships, of: &[&str]| of.iter().map(|user| found.of(user).len()).sum::<usize>();
    let mut before = transport.counts();
    let mut say = |what: &str, began: Instant, found: usize| {
        let after = transport.counts();
        let told = format!(
            "{} requests, {:.2} s, {found} found, {:.1} MB",
            after.requests - before.requests,
            began.elapsed().as_secs_f64(),
            (after.bytes - before.bytes) as f64 / 1e6
        );
        figures.tell(&format!("groups of {} users: {what}", users.len()), told);
        before = after;
    };
    let began = Instant::now();
    let all = groups.of_users(&users, Some("permission")).await.expect("groups");
    let together = count(&all, &users);
    say("all together, members by group in $batch", began, together);
    let began = Instant::now();
    let mut in_runs = 0;
    for run in users.chunks(RUN) {
        let some = groups.of_users(run, Some("permission")).await.expect("groups");
        in_runs += count(&some, run);
    }
    say("a hundred at a time, groups by user in $batch", began, in_runs);
    assert_eq!(together, in_runs, "both ways find the same");
    let began = Instant::now();
    let roles = groups.roles_of_users(&users).await.expect("roles");
    say("their roles", began, roles.values().map(Vec::len).sum());
}
