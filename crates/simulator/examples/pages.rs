//! How fast the simulator streams: walks all people with six segments expanded and says how many a second.
//!
//! `cargo run --release -p joinery-simulator --example pages -- [people] [walkers] [host threads]`; the client only
//! reads bytes. With several walkers each walks a share of the people by `$skip` and `$top`.

use std::time::Instant;

use jiff::Timestamp;
use joinery_simulator::world::Seed;
use joinery_simulator::{Settings, Simulator, TimeSource};

const SEGMENTS: &str = "personalInfoNav,emailNav,phoneNav,employmentNav/jobInfoNav,employmentNav/userNav,\
                        personEmpTerminationInfoNav";

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "an example is a binary: it has the real clock and makes its own client")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let people = arguments.next().transpose()?.unwrap_or(10_000);
    let walkers = arguments.next().transpose()?.unwrap_or(2);

    let started = Instant::now();
    let now: Timestamp = "2026-11-21T12:00:00Z".parse()?;
    let mut settings =
        Settings::new("ACME", Seed::new(1, u32::try_from(people)?, now), TimeSource::new(Timestamp::now));
    settings.basic_password = Some("example".into());
    let running = Simulator::start(settings).await?;
    println!("generated {people} people in {:.2?}", started.elapsed());

    let client = reqwest::Client::new();
    let started = Instant::now();
    let share = people.div_ceil(walkers);
    let mut walks = tokio::task::JoinSet::new();
    for walker in 0..walkers {
        let skip = walker * share;
        let mut next = Some(format!(
            "{}/odata/v2/PerPerson?$format=json&$expand={SEGMENTS}&$skip={skip}&$top={share}",
            running.base_url()
        ));
        let client = client.clone();
        walks.spawn(async move {
            let (mut bytes, mut rows) = (0_usize, 0_usize);
            while let Some(url) = next.take() {
                let request = client.get(url).basic_auth("API_USER@ACME", Some("example"));
                let answer = request.send().await?.error_for_status()?;
                rows += answer.headers()["x-sf-record-count-recursive"].to_str().unwrap_or("0").parse().unwrap_or(0);
                let body = answer.bytes().await?;
                bytes += body.len();
                let tail = String::from_utf8_lossy(&body[body.len().saturating_sub(4096)..]).into_owned();
                next =
                    tail.split_once("\"__next\":\"").map(|(_, rest)| rest.split('"').next().unwrap_or("").to_owned());
            }
            Ok::<_, reqwest::Error>((bytes, rows))
        });
    }
    let (mut bytes, mut rows) = (0, 0);
    while let Some(walk) = walks.join_next().await {
        let (more_bytes, more_rows) = walk??;
        bytes += more_bytes;
        rows += more_rows;
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{rows} people, {:.1} MB, {:.0} bytes a person, {seconds:.2} s: {:.0} people/s, {:.0} MB/s, {walkers} walkers",
        bytes as f64 / 1e6,
        bytes as f64 / rows as f64,
        rows as f64 / seconds,
        bytes as f64 / 1e6 / seconds,
    );
    running.stop().await;
    Ok(())
}
