//! What the groups of many users cost: requests, bytes and seconds, by group and by user, against a simulated tenant.
//!
//! `cargo run --release -p joinery-tenant --example groups -- [people]`

use std::time::Instant;

use jiff::Timestamp;
use joinery_simulator::schema::Set;
use joinery_simulator::world::{AsOf, KeyPart, Seed};
use joinery_simulator::{Settings as Simulated, Simulator, TimeSource};
use joinery_tenant::groups::{GroupOptions, Groups};
use joinery_tenant::{Host, PlainHttp, Settings, Transport};

#[derive(Clone)]
struct Clock;

impl joinery_model::Clock for Clock {
    #[expect(clippy::disallowed_methods, reason = "an example is a binary: it has the real clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    async fn sleep(&self, duration: std::time::Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "an example is a binary: it has the real clock and makes its own client")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let people: u32 = std::env::args().nth(1).map(|text| text.parse()).transpose()?.unwrap_or(10_000);
    let now: Timestamp = "2026-11-21T12:00:00Z".parse()?;
    let mut settings = Simulated::new("ACME", Seed::new(1, people, now), TimeSource::new(Timestamp::now));
    settings.basic_password = Some("example".into());
    let running = Simulator::start(settings).await?;
    let ids: Vec<String> = running.look(|world| {
        let users = world.rows(Set::User, AsOf::ALL).filter_map(|row| match world.key(row).first() {
            Some(KeyPart::Str(id)) => Some((*id).to_owned()),
            _ => None,
        });
        users.take(people as usize).collect()
    });
    let users: Vec<&str> = ids.iter().map(String::as_str).collect();

    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let host = Host::parse(running.base_url(), PlainHttp::LoopbackOnly)?;
    let settings = Settings::basic("acme", host, "ACME", "API_USER", "example".into());
    let transport = Transport::new(client, settings, Clock, 1);
    let groups = Groups::new(transport.clone(), GroupOptions::default());
    // Who is in which group is worked out once by the tenant; that is not what is measured.
    groups.of_user(users[0], Some("permission")).await?;

    let mut before = transport.counts();
    let mut say = |what: &str, started: Instant, memberships: usize| {
        let after = transport.counts();
        println!(
            "{what}: {} users, {memberships} memberships, {} requests, {:.1} MB, {:.2?}",
            users.len(),
            after.requests - before.requests,
            (after.bytes - before.bytes) as f64 / 1e6,
            started.elapsed()
        );
        before = after;
    };
    let total = |found: &joinery_tenant::groups::Memberships| users.iter().map(|user| found.of(user).len()).sum();
    let started = Instant::now();
    let all = groups.of_users(&users, Some("permission")).await?;
    say("groups of all, together", started, total(&all));
    let started = Instant::now();
    let mut count = 0;
    for run in users.chunks(100) {
        let some = groups.of_users(run, Some("permission")).await?;
        count += run.iter().map(|user| some.of(user).len()).sum::<usize>();
    }
    say("groups, a hundred users a batch", started, count);
    let started = Instant::now();
    let mut count = 0;
    for user in users.iter().take(200) {
        count += groups.of_user(user, Some("permission")).await?.map_or(0, |groups| groups.len());
    }
    say("groups, one by one (the first 200)", started, count);
    let started = Instant::now();
    let roles = groups.roles_of_users(&users).await?;
    say("roles of all", started, roles.values().map(Vec::len).sum());
    Ok(())
}
