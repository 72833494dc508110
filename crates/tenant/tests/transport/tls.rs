use std::path::Path;
use std::sync::Arc;

use joinery_model::Retry;
use joinery_tenant::{Host, PlainHttp, Settings, Transport};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::fake::{client, clock};

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_names_the_setting_and_is_not_tried_again() {
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys");
    let certificate = CertificateDer::from_pem_file(keys.join("certificate.pem")).expect("certificate");
    let key = PrivateKeyDer::from_pem_file(keys.join("pkcs8.pem")).expect("key");
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).expect("TLS");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    let host = Host::parse(&format!("https://{address}"), PlainHttp::LoopbackOnly).expect("host");
    let settings = Settings::basic("acme", host, "ACME", "API", "pw".into());
    let transport = Transport::new(client(), settings, clock(), 7);
    let failure = transport.get("odata/v2/User").await.expect_err("not trusted");
    assert!(failure.message.starts_with("connection.acme.ca_file: "), "{failure:?}");
    assert_eq!((failure.retry(), transport.counts().requests), (Retry::No, 1));
}
