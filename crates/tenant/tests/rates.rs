//! A tenant that lets a user call so many times a second: what is asked all the same, and how often it must refuse.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use joinery_model::{Clock, FixedClock};
use joinery_simulator::world::Seed;
use joinery_simulator::{RateLimits, Running, Settings as Simulated, Simulator, TimeSource};
use joinery_tenant::{Host, PaceLimits, PlainHttp, Settings, Transport};

const NOW: &str = "2026-11-21T12:00:00Z";
const ODATA: &str = "odata/v2/User?$top=1&$select=userId&$format=json";
const SCIM: &str = "rest/iam/scim/v2/Users?count=1";

/// A tenant and a client with one clock, which goes on when the client waits.
async fn pair(limits: RateLimits, pace: PaceLimits) -> (Running, Transport, FixedClock) {
    let now: Timestamp = NOW.parse().unwrap();
    let clock = FixedClock::at(now);
    let time = clock.clone();
    let mut settings = Simulated::new("ACME", Seed::new(7, 20, now), TimeSource::new(move || time.now()));
    settings.basic_password = Some("s3cret".into());
    settings.rate_limits = limits;
    let tenant = Simulator::start(settings).await.unwrap();
    let host = Host::parse(tenant.base_url(), PlainHttp::LoopbackOnly).unwrap();
    let mut settings = Settings::basic("acme", host, "ACME", "API_USER", "s3cret".to_owned().into());
    settings.pace = pace;
    settings.timeout = Duration::from_secs(20);
    #[expect(clippy::disallowed_methods, reason = "a test brings its own client, to loopback only")]
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let transport = Transport::new(http, settings, clock.clone(), 1);
    (tenant, transport, clock)
}

/// Asks so many times, several at once; how many were refused, and how long it took by the clock of both.
async fn asked(
    (tenant, transport, clock): (Running, Transport, FixedClock),
    path: &'static str,
    times: usize,
) -> (u64, SignedDuration) {
    let begin = clock.now();
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let transport = transport.clone();
            tokio::spawn(async move {
                for _ in 0..times / 4 {
                    transport.get(path).await.expect("an answer").ok().expect("a page");
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let refused = tenant.requests().by_status.get(&429).copied().unwrap_or(0);
    (refused, clock.now().duration_since(begin))
}

#[tokio::test]
async fn a_configured_rate_keeps_within_the_limit() {
    let limits = RateLimits { odata: Some(10), ..RateLimits::default() };
    let pair = pair(limits, PaceLimits { concurrency: 2, per_second: Some(8.0) }).await;
    let (refused, took) = asked(pair, ODATA, 60).await;
    assert_eq!(refused, 0);
    assert!(took < SignedDuration::from_secs(20), "{took:?}");
}

#[tokio::test]
async fn a_limit_that_nobody_configured_is_met_by_waiting_as_it_asks() {
    let limits = RateLimits { odata: Some(5), ..RateLimits::default() };
    let pair = pair(limits, PaceLimits { concurrency: 4, per_second: None }).await;
    let (refused, took) = asked(pair, ODATA, 60).await;
    assert!((1..=60).contains(&refused), "{refused} refusals for 60 answers");
    assert!((11..40).contains(&took.as_secs()), "{took:?}");
}

#[tokio::test]
async fn a_refusal_without_a_word_is_waited_out_for_five_minutes() {
    let limits = RateLimits { odata: Some(4), retry_after: None, ..RateLimits::default() };
    let pair = pair(limits, PaceLimits { concurrency: 1, per_second: None }).await;
    let (refused, took) = asked(pair, ODATA, 8).await;
    assert_eq!(refused, 1);
    assert!(took >= SignedDuration::from_mins(5), "{took:?}");
}

#[tokio::test]
async fn the_scim_api_is_never_asked_too_often() {
    let pair = pair(RateLimits::default(), PaceLimits { concurrency: 2, per_second: None }).await;
    let (refused, took) = asked(pair, SCIM, 80).await;
    assert_eq!(refused, 0);
    assert!((4..12).contains(&took.as_secs()), "{took:?}");
}
