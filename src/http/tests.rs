//! Ways out, on loopback: a proxy, a private CA, and a redirect that nobody follows.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::*;

const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nfine";

/// Reads the head of a request and answers it.
async fn answered(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &str) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    String::from_utf8(head).unwrap()
}

/// A server of one connection, and what it is asked.
async fn server(answer: &'static str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (address, tokio::spawn(async move { answered(listener.accept().await.unwrap().0, answer).await }))
}

async fn text(reach: &Reach, url: &str) -> Result<String, reqwest::Error> {
    client(reach).unwrap().get(url).send().await?.text().await
}

#[tokio::test]
async fn what_is_not_on_this_machine_goes_by_the_proxy() {
    let (address, asked) = server(FINE).await;
    let reach = Reach { proxy: Some(format!("http://someone:secret@{address}")), ..Reach::default() };
    assert_eq!(text(&reach, "http://tenant.invalid/odata/v2/User").await.unwrap(), "fine");
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("GET http://tenant.invalid/odata/v2/User HTTP/1.1\r\n"), "{asked}");
    assert!(asked.to_lowercase().contains("proxy-authorization: basic "), "{asked}");
}

#[tokio::test]
async fn encrypted_connections_are_tunnelled_and_the_proxy_sees_the_host_only() {
    let (address, asked) = server("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
    let reach = Reach { proxy: Some(format!("http://{address}")), ..Reach::default() };
    assert!(text(&reach, "https://tenant.invalid/odata/v2/User").await.is_err());
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("CONNECT tenant.invalid:443 HTTP/1.1\r\n") && !asked.contains("odata"), "{asked}");
}

#[tokio::test]
async fn this_machine_is_reached_without_the_proxy() {
    let (address, asked) = server(FINE).await;
    // Nothing listens there.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let reach = Reach { proxy: Some(format!("http://{closed}")), ..Reach::default() };
    assert_eq!(text(&reach, &format!("http://{address}/here")).await.unwrap(), "fine");
    assert!(asked.await.unwrap().starts_with("GET /here HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = elsewhere.local_addr().unwrap();
    let answer = format!("HTTP/1.1 302 Found\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n");
    let (address, asked) = server(answer.leak()).await;
    let client = client(&Reach::default()).unwrap();
    let given = client.get(format!("http://{address}/")).bearer_auth("token").send().await.unwrap();
    assert_eq!(given.status(), 302);
    assert!(asked.await.unwrap().contains("token"));
    let followed = tokio::time::timeout(Duration::from_millis(200), elsewhere.accept()).await;
    assert!(followed.is_err(), "the token travelled to another host");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_left_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let reach = Reach { timeout: Some(Duration::from_millis(200)), ..Reach::default() };
    let waited = tokio::time::timeout(Duration::from_secs(10), text(&reach, &url)).await.expect("the limit holds");
    assert!(waited.unwrap_err().is_timeout());
}

/// A CA of our own, as PEM, and a server under its certificate that serves so many connections.
async fn private(connections: usize) -> (String, SocketAddr) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let ca = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&own, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(own.serialize_der()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for _ in 0..connections {
            let (stream, _) = listener.accept().await.unwrap();
            // Whoever does not trust us hangs up.
            if let Ok(stream) = acceptor.accept(stream).await {
                answered(stream, FINE).await;
            }
        }
    });
    (ca.pem(), address)
}

#[tokio::test]
async fn a_private_ca_is_trusted_where_it_is_named_and_nowhere_else() {
    let (ca, address) = private(3).await;
    let (other, _) = private(0).await;
    let folder = tempfile::tempdir().unwrap();
    let url = format!("https://{address}/");
    let reach = |name: &str, pem: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, pem).unwrap();
        Reach { ca_file: Some(file), ..Reach::default() }
    };
    assert_eq!(text(&reach("ca.pem", &ca), &url).await.unwrap(), "fine");
    assert!(text(&Reach::default(), &url).await.is_err(), "nobody vouches for it");
    assert!(text(&reach("other.pem", &other), &url).await.is_err(), "somebody else does");
}

#[test]
fn what_is_no_proxy_and_no_certificate_is_refused_by_its_key() {
    let proxy = Reach { proxy: Some("::".to_owned()), ..Reach::default() };
    assert!(client(&proxy).unwrap_err().to_string().contains("`proxy`"));
    let missing = Reach { ca_file: Some("/nowhere/ca.pem".into()), ..Reach::default() };
    assert!(client(&missing).unwrap_err().to_string().contains("`ca_file` /nowhere/ca.pem cannot be read"));
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "-----BEGIN CERTIFICATE-----\nno base64!\n-----END CERTIFICATE-----\n").unwrap();
    assert!(client(&Reach { ca_file: Some(empty), ..Reach::default() }).is_err());
}
