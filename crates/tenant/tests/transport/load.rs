use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use joinery_model::{Clock, FixedClock};
use joinery_tenant::{PaceLimits, Settings, Transport};
use tokio::sync::Notify;

use crate::fake::{Answer, Fake, client, clock, opened_with, saml};

async fn most_in_flight(concurrency: usize, answers: Vec<Answer>) -> usize {
    let pace = PaceLimits { concurrency, per_second: None };
    let (fake, _, transport) = opened_with(|settings| Settings { pace, ..settings }).await;
    transport.sign_in().await.expect("token");
    fake.answers(answers);
    if fake.api.lock().expect("lock").front().is_some() {
        transport.get("odata/v2/User").await.expect("answer");
    }
    *fake.takes.lock().expect("lock") = Duration::from_millis(10);
    let workers: Vec<_> = (0..12)
        .map(|_| {
            let transport = transport.clone();
            tokio::spawn(async move { transport.get("odata/v2/User").await })
        })
        .collect();
    for worker in workers {
        worker.await.expect("worker").expect("answer");
    }
    fake.most_in_flight.load(Ordering::SeqCst)
}

#[tokio::test]
async fn no_more_than_the_configured_number_are_in_flight() {
    assert_eq!(most_in_flight(2, Vec::new()).await, 2);
    assert_eq!(most_in_flight(5, Vec::new()).await, 5);
}

#[tokio::test]
async fn load_on_the_tenant_brings_the_number_down() {
    let refusals = (0..2).map(|_| Answer::new(429, "").with("retry-after", "1")).collect();
    // Eight, halved twice is two; twelve requests that go well bring back fewer than six.
    let most = most_in_flight(8, refusals).await;
    assert!((2..8).contains(&most), "{most}");
}

/// A clock on which nobody wakes before the test says so.
#[derive(Clone)]
struct Standing(FixedClock, Arc<Notify>);

impl Clock for Standing {
    fn now(&self) -> jiff::Timestamp {
        self.0.now()
    }
    async fn sleep(&self, _: Duration) {
        self.1.notified().await;
    }
}

#[tokio::test]
async fn a_request_that_waits_for_its_next_try_holds_up_nobody() {
    let fake = Arc::new(Fake::default());
    let pace = PaceLimits { concurrency: 1, per_second: None };
    let settings = Settings { pace, ..saml(fake.serve().await) };
    let wake = Arc::new(Notify::new());
    let transport = Transport::new(client(), settings, Standing(clock(), Arc::clone(&wake)), 7);
    transport.sign_in().await.expect("token");
    fake.answers([Answer::new(502, "")]);
    let waiting = tokio::spawn({
        let transport = transport.clone();
        async move { transport.get("odata/v2/User").await }
    });
    while transport.counts().retries == 0 {
        tokio::task::yield_now().await;
    }
    let second = tokio::time::timeout(Duration::from_secs(5), transport.get("odata/v2/PerPerson"));
    second.await.expect("the waiting one is in the way").expect("answer");
    assert!(!waiting.is_finished());
    wake.notify_one();
    waiting.await.expect("worker").expect("answer").ok().expect("200");
}
