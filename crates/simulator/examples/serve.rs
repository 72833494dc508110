//! A tenant on a port, for clients that others wrote: `cargo run -p joinery-simulator --example serve -- 8123 [people]`.
//!
//! Company `ACME`, Basic as `API_USER@ACME` with the password `secret`; it runs until it is stopped.

use jiff::Timestamp;
use joinery_simulator::world::Seed;
use joinery_simulator::{Settings, Simulator, TimeSource};

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "an example is a binary: it has the real clock")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let port = u16::try_from(arguments.next().transpose()?.unwrap_or(8123))?;
    let people = arguments.next().transpose()?.unwrap_or(500);
    let now: Timestamp = "2026-11-21T12:00:00Z".parse()?;
    let mut settings = Settings::new("ACME", Seed::new(7, people, now), TimeSource::new(Timestamp::now));
    settings.listen = ([127, 0, 0, 1], port).into();
    settings.basic_password = Some("secret".into());
    let running = Simulator::start(settings).await?;
    println!("{}/odata/v2", running.base_url());
    std::future::pending::<()>().await;
    Ok(())
}
