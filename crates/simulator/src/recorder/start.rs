//! Starting and stopping.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::Router;
use secrecy::{ExposeSecret, SecretSlice};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::pass;
use crate::TimeSource;
use crate::capture::{CaptureError, Folder};
use crate::disguise::Disguise;

/// How long a stop waits for answers that are under way.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a recorder is started with.
#[derive(Clone, Debug)]
pub struct RecorderSettings {
    /// Where to listen, on the loopback interface; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The tenant: `https://api012.successfactors.eu`. Plain `http` only to loopback.
    pub from: String,
    /// Where the capture is written.
    pub folder: PathBuf,
    /// The secret that chooses the made-up values: 32 bytes. It is not written.
    pub key: SecretSlice<u8>,
    /// How the tenant is reached; it must not follow redirects.
    pub client: reqwest::Client,
    /// The present.
    pub time: TimeSource,
}

/// Why nothing can be recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The tenant's address.
    #[error("{0} is no address of a tenant: write it like https://api012.successfactors.eu")]
    From(String),
    /// The key is too short to keep anything.
    #[error("the key must have 32 bytes")]
    Key,
    /// Real answers go to whoever asks here.
    #[error("{0} is not on the loopback interface: the recorder hands out real data, to this machine only")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The folder.
    #[error(transparent)]
    Capture(#[from] CaptureError),
}

/// What all requests share.
pub(super) struct Shared {
    /// `https://api012.successfactors.eu`
    pub(super) from: String,
    /// Where the recorder answers.
    pub(super) base: String,
    pub(super) client: reqwest::Client,
    pub(super) disguise: Disguise,
    pub(super) folder: Mutex<Folder>,
    pub(super) counts: Mutex<Counts>,
    pub(super) time: TimeSource,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) refused: u64,
    pub(super) failed: Option<String>,
}

/// A handle on a running recorder.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

/// A running recorder. Stops when dropped, or by [`Recording::stop`], which writes the index.
pub struct Recording {
    recorder: Recorder,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<io::Result<()>>,
}

impl Recorder {
    /// Begins a capture, or goes on with one. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// [`RecordError`] when the address, the folder or the key will not do.
    pub async fn start(settings: RecorderSettings) -> Result<Recording, RecordError> {
        let from = address(&settings.from).ok_or_else(|| RecordError::From(settings.from.clone()))?;
        if settings.key.expose_secret().len() < 32 {
            return Err(RecordError::Key);
        }
        if !settings.listen.ip().is_loopback() {
            return Err(RecordError::NotLoopback(settings.listen));
        }
        let address = settings.listen;
        let listen = |source| RecordError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let base = format!("http://{}", listener.local_addr().map_err(listen)?);
        let key = settings.key.expose_secret();
        let folder = Folder::open(&settings.folder, check_of(key), settings.time.now())?;
        let shared = Arc::new(Shared {
            from,
            base,
            client: settings.client,
            disguise: Disguise::new(key),
            folder: Mutex::new(folder),
            counts: Mutex::default(),
            time: settings.time,
        });
        let router = Router::new().fallback(pass::pass).with_state(Arc::clone(&shared));
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            // A dropped sender stops it too.
            let _ = stopped.await;
        });
        let server = tokio::spawn(async move { serving.await });
        Ok(Recording { recorder: Recorder { shared }, stop: Some(stop), server })
    }

    /// Where it listens: `http://127.0.0.1:port`.
    pub fn base_url(&self) -> &str {
        &self.shared.base
    }

    /// How many requests the capture holds.
    pub fn captured(&self) -> usize {
        self.shared.folder.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// How many requests were refused, since they would have changed something.
    pub fn refused(&self) -> u64 {
        self.shared.counts.lock().unwrap_or_else(PoisonError::into_inner).refused
    }

    /// The first thing that could not be written.
    pub fn failed(&self) -> Option<String> {
        self.shared.counts.lock().unwrap_or_else(PoisonError::into_inner).failed.clone()
    }
}

impl Recording {
    /// A handle that outlives this one's borrow; it does not keep the recorder running.
    pub fn handle(&self) -> Recorder {
        self.recorder.clone()
    }

    /// Stops, and writes the index.
    ///
    /// # Errors
    /// [`CaptureError`] when the index cannot be written.
    pub async fn stop(mut self) -> Result<(), CaptureError> {
        drop(self.stop.take());
        if tokio::time::timeout(PATIENCE, &mut self.server).await.is_err() {
            self.server.abort();
        }
        self.recorder.shared.folder.lock().unwrap_or_else(PoisonError::into_inner).write_index()
    }
}

impl std::ops::Deref for Recording {
    type Target = Recorder;
    fn deref(&self) -> &Recorder {
        &self.recorder
    }
}

/// Scheme, host and port, however it was typed; plain http to this machine only.
fn address(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = reqwest::Url::parse(&whole).ok()?;
    let host = url.host_str()?;
    let loopback = host == "localhost"
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && loopback);
    let path = url.path().trim_end_matches('/');
    (plain && scheme && matches!(path, "" | "/odata/v2")).then(|| {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{host}{port}", url.scheme())
    })
}

/// Tells whether a key is the same, and nothing of it: a keyed hash of a constant.
fn check_of(key: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"joinery capture: which key");
    format!("{:016x}", tag.as_ref().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenants_address_in_every_spelling() {
        for typed in [
            "api4.example.com",
            "https://api4.example.com/",
            "https://api4.example.com:443/odata/v2",
            " HTTPS://API4.example.com ",
        ] {
            assert_eq!(address(typed).as_deref(), Some("https://api4.example.com"), "{typed}");
        }
        assert_eq!(address("http://127.0.0.1:8089").as_deref(), Some("http://127.0.0.1:8089"));
        for typed in [
            "",
            "http://api4.example.com",
            "ftp://a.b",
            "https://me:secret@a.b",
            "https://a.b/elsewhere",
            "https://a.b?x=1",
        ] {
            assert_eq!(address(typed), None, "{typed}");
        }
    }
}
