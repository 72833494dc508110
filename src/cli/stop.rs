//! Ctrl-C: the first asks the run to finish its page or batch, the second ends the process; so does the first, when
//! what is under way takes too long.

use std::time::Duration;

use joinery_engine::Stop;
use joinery_model::Clock;

use crate::{Exit, SystemClock};

/// What is under way may take so long once a stop is asked for: a target that does not answer must not outlast the
/// patience of whoever stops the service. What is lost then is what a crash would lose: nothing.
const MOST: Duration = Duration::from_secs(10);

/// A signal that Ctrl-C (or SIGTERM) gives.
pub fn on_ctrl_c() -> Stop {
    let (handle, stop) = Stop::channel();
    tokio::spawn(async move {
        asked().await;
        crate::tell!(
            "stopping: finishing what is under way (Ctrl-C again ends at once; the next run goes on either way)"
        );
        handle.stop();
        tokio::select! {
            () = asked() => {}
            () = SystemClock.sleep(MOST) => {
                crate::tell!("what is under way does not end; it is left as it is, and the next run goes on with it");
            }
        }
        std::process::exit(i32::from(Exit::Stopped.code()));
    });
    stop
}

async fn asked() {
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        // Without signals only Ctrl-C can be heard.
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
