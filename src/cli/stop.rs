//! Ctrl-C: the first asks the run to finish its page or batch, the second ends the process.

use joinery_engine::Stop;

use crate::Exit;

/// A signal that Ctrl-C (or SIGTERM) gives.
pub fn on_ctrl_c() -> Stop {
    let (handle, stop) = Stop::channel();
    tokio::spawn(async move {
        asked().await;
        eprintln!("stopping: finishing what is under way (Ctrl-C again ends at once; the next run goes on either way)");
        handle.stop();
        asked().await;
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
