//! Starting and stopping.

use std::io;
use std::ops::Deref;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::capture::CaptureError;
use crate::faults::Faults;
use crate::log::Log;
use crate::oauth::{Logins, Tokens};
use crate::replay::Replay;
use crate::serve::{Caller, Door, Rates, Sessions, Snapshots, Statistics, TlsDoor, Views, Visibility, entry};
use crate::settings::Settings;
use crate::simulator::{Simulator, Tenant};
use crate::state::{self, StateError};
use crate::time::SimulatedTime;
use crate::world::World;

/// How long a stop waits for answers that are under way.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a tenant cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// Where.
        address: std::net::SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The state file is not what it should be.
    #[error(transparent)]
    State(#[from] StateError),
    /// The capture to replay cannot be read.
    #[error(transparent)]
    Replay(#[from] CaptureError),
    /// The listener for client certificates cannot be set up.
    #[error("the server's certificate or TLS cannot be set up")]
    Tls,
    /// The company could not be made.
    #[error("the company could not be generated")]
    Generate,
}

/// A running tenant. Stops when dropped, or by [`Running::stop`], which waits for answers under way.
pub struct Running {
    simulator: Simulator,
    stop: Vec<oneshot::Sender<()>>,
    servers: Vec<JoinHandle<io::Result<()>>>,
}

impl Simulator {
    /// Makes the company and serves it. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] when the address is taken.
    pub async fn start(settings: Settings) -> Result<Running, StartError> {
        let address = settings.listen;
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let base_url = format!("http://{}", listener.local_addr().map_err(listen)?);
        let certified = match &settings.mutual_tls {
            Some(mutual) => {
                let address = mutual.listen;
                let listen = |source| StartError::Listen { address, source };
                Some(TcpListener::bind(address).await.map_err(listen)?)
            }
            None => None,
        };
        let certificate_url = certified.as_ref().and_then(|listener| listener.local_addr().ok());
        let mut seed = settings.seed.clone();
        let replay = settings.replay.as_deref().map(Replay::read).transpose()?;
        if let Some(replay) = &replay {
            seed.now = replay.began();
        }
        let file = settings.state.clone();
        let made = tokio::task::spawn_blocking(move || {
            let loaded = file.as_deref().map(state::load).transpose()?.flatten();
            Ok::<_, StateError>(loaded.unwrap_or_else(|| (World::generate(&seed), Visibility::default())))
        });
        let (mut world, visibility) = made.await.map_err(|_| StartError::Generate)??;
        world.settle();
        let public_url = settings.public_url.clone().unwrap_or_else(|| base_url.clone());
        let tenant = Arc::new(Tenant {
            time: SimulatedTime::new(settings.time.clone(), Some(world.now())),
            world: RwLock::new(world),
            views: Views::default(),
            tokens: Tokens::default(),
            logins: Logins::default(),
            snapshots: Snapshots::default(),
            faults: Faults::default(),
            statistics: Statistics::default(),
            log: Log::default(),
            replay,
            sessions: Sessions::default(),
            rates: Rates::default(),
            saving: Mutex::default(),
            public_url: public_url.trim_end_matches('/').to_owned(),
            base_url,
            certificate_url: certificate_url.map(|address| format!("https://{address}")),
            settings,
        });
        Simulator { tenant: Arc::clone(&tenant) }.restore_visibility(visibility);
        let router = Router::new().fallback(entry).with_state(Arc::clone(&tenant));
        let service = router.clone().into_make_service_with_connect_info::<Caller>();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = axum::serve(Door(listener), service).with_graceful_shutdown(async {
            // A dropped sender stops it too.
            let _ = stopped.await;
        });
        let mut running = Running {
            simulator: Simulator { tenant: Arc::clone(&tenant) },
            stop: vec![stop],
            servers: vec![tokio::spawn(async move { serving.await })],
        };
        if let (Some(listener), Some(mutual)) = (certified, &tenant.settings.mutual_tls) {
            let door = TlsDoor::new(listener, mutual, &tenant).ok_or(StartError::Tls)?;
            let (stop, stopped) = oneshot::channel::<()>();
            let service = router.into_make_service_with_connect_info::<Caller>();
            let serving = axum::serve(door, service).with_graceful_shutdown(async {
                let _ = stopped.await;
            });
            running.stop.push(stop);
            running.servers.push(tokio::spawn(async move { serving.await }));
        }
        Ok(running)
    }
}

impl Running {
    /// A handle that outlives this one's borrow; it does not keep the tenant running.
    pub fn handle(&self) -> Simulator {
        self.simulator.clone()
    }

    /// Stops: no new connections, answers under way are finished for up to two seconds.
    pub async fn stop(mut self) {
        self.stop.clear();
        for server in &mut self.servers {
            if tokio::time::timeout(PATIENCE, &mut *server).await.is_err() {
                server.abort();
            }
        }
    }
}

impl Deref for Running {
    type Target = Simulator;
    fn deref(&self) -> &Simulator {
        &self.simulator
    }
}
