//! The listener for clients that show a certificate.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use rustls::server::WebPkiClientVerifier;
use rustls::time_provider::TimeProvider;
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::UnixTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::door::Connection;
use crate::oauth::{MutualTls, fingerprint};
use crate::simulator::Tenant;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes that may wait to be served.
const WAITING: usize = 64;

/// Accepts connections whose handshake is done. A client without a certificate is let in, and is nobody yet.
pub(crate) struct TlsDoor {
    done: mpsc::Receiver<(Connection, SocketAddr)>,
    address: SocketAddr,
}

/// Certificates are judged by the simulated clock.
struct Clock(Arc<Tenant>);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.time.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

impl TlsDoor {
    /// `None` when certificates or TLS cannot be set up.
    pub(crate) fn new(listener: TcpListener, mutual: &MutualTls, tenant: &Arc<Tenant>) -> Option<Self> {
        let acceptor = TlsAcceptor::from(Arc::new(config(mutual, tenant)?));
        let address = listener.local_addr().ok()?;
        let (sender, done) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = sender.closed() => return,
                };
                match accepted {
                    Ok((stream, from)) => {
                        let (acceptor, sender) = (acceptor.clone(), sender.clone());
                        tokio::spawn(async move {
                            if let Ok(Some(connection)) =
                                tokio::time::timeout(HANDSHAKE, handshake(&acceptor, stream)).await
                            {
                                // A closed channel: the tenant stops.
                                let _ = sender.send((connection, from)).await;
                            }
                        });
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        });
        Some(Self { done, address })
    }
}

fn config(mutual: &MutualTls, tenant: &Arc<Tenant>) -> Option<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(mutual.authority.certificate()).ok()?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .allow_unauthenticated()
        .build()
        .ok()?;
    let (certificate, key) = mutual.authority.server().ok()?;
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(Clock(Arc::clone(tenant))))
        .with_safe_default_protocol_versions()
        .ok()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate], key)
        .ok()?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed session would bring yesterday's judgement of the certificate.
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Some(config)
}

async fn handshake(acceptor: &TlsAcceptor, stream: TcpStream) -> Option<Connection> {
    let _ = stream.set_nodelay(true);
    match acceptor.accept(stream).into_fallible().await {
        Ok(stream) => {
            let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
            let certificate = shown.map(|certificate| fingerprint(certificate));
            Some(Connection::tls(stream, certificate))
        }
        Err((_, mut stream)) => {
            // The alert must be read before the connection is reset under what the client has sent meanwhile.
            let _ = stream.shutdown().await;
            let mut rest = [0_u8; 1024];
            let drained = async { while matches!(stream.read(&mut rest).await, Ok(1..)) {} };
            let _ = tokio::time::timeout(Duration::from_secs(2), drained).await;
            None
        }
    }
}

impl Listener for TlsDoor {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        match self.done.recv().await {
            Some(accepted) => accepted,
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
