//! Asking a run to stop.

use tokio::sync::watch;

/// Asks runs to stop. Dropping it asks nothing.
#[derive(Debug)]
pub struct StopHandle(watch::Sender<bool>);

/// What a run looks at between two steps. Cloned for every run that the same handle may stop.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl StopHandle {
    /// Asks every run that holds the signal to finish its page or batch and return.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// A signal and the handle that gives it.
    pub fn channel() -> (StopHandle, Self) {
        let (sender, receiver) = watch::channel(false);
        (StopHandle(sender), Self(receiver))
    }

    /// A signal that never comes.
    pub fn never() -> Self {
        Self::channel().1
    }

    /// Was the signal given?
    pub fn asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the signal; for ever, if nobody can give it any more.
    pub async fn wait(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_seen_by_every_clone() {
        let (handle, stop) = Stop::channel();
        let other = stop.clone();
        assert!(!stop.asked());
        handle.stop();
        assert!(stop.asked() && other.asked());
        assert!(!Stop::never().asked());
    }
}
