use std::sync::atomic::Ordering;
use std::time::Duration;

use joinery_tenant::PaceLimits;

use crate::fake::{Answer, opened_with};

async fn most_in_flight(concurrency: usize, answers: Vec<Answer>) -> usize {
    let pace = PaceLimits { concurrency, per_second: None };
    let (fake, _, transport) = opened_with(|settings| joinery_tenant::Settings { pace, ..settings }).await;
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
