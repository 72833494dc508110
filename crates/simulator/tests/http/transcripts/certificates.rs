//! Client certificates for cases: `> Certificate: whose`.

use std::sync::{Arc, OnceLock};

use jiff::SignedDuration;
use joinery_simulator::{Application, Authority, ClientCertificate, MutualTls, Settings};
use secrecy::ExposeSecret;

use crate::support::now;

/// No header: which certificate the connection is begun with.
pub const HEADER: &str = "Certificate";

struct Certificates {
    authority: Arc<Authority>,
    mapped: ClientCertificate,
    of_nobody: ClientCertificate,
    unmapped: ClientCertificate,
}

/// Made once: keys take a while.
fn made() -> &'static Certificates {
    static MADE: OnceLock<Certificates> = OnceLock::new();
    MADE.get_or_init(|| {
        let authority = Arc::new(Authority::generate().unwrap());
        let day = SignedDuration::from_hours(24);
        let issue = |name| authority.issue(name, now() - day, now() + day).unwrap();
        let (mapped, of_nobody, unmapped) = (issue("API_USER"), issue("NOBODY"), issue("UNMAPPED"));
        Certificates { authority, mapped, of_nobody, unmapped }
    })
}

/// A tenant that asks for certificates: that of `API_USER` is mapped to it and is the application `certified`'s, that of
/// `NOBODY` is mapped to a user who is not there.
pub fn asked_for(settings: Settings) -> Settings {
    let made = made();
    let mutual =
        MutualTls::new(Arc::clone(&made.authority)).map(&made.mapped, "API_USER").map(&made.of_nobody, "NOBODY");
    let application = Application::new("certified", "API_USER").certificate(&made.mapped);
    Settings { mutual_tls: Some(mutual), ..settings.application(application) }
}

/// A client that shows the certificate of this common name, or `none`.
pub fn client(whose: &str) -> Option<reqwest::Client> {
    let made = made();
    let certificate = match whose {
        "API_USER" => Some(&made.mapped),
        "NOBODY" => Some(&made.of_nobody),
        "UNMAPPED" => Some(&made.unmapped),
        "none" => None,
        _ => return None,
    };
    #[expect(clippy::disallowed_methods, reason = "tests talk to loopback with a client of their own")]
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([reqwest::Certificate::from_pem(made.authority.pem().as_bytes()).unwrap()]);
    if let Some(certificate) = certificate {
        let pem = format!("{}{}", certificate.certificate_pem, certificate.private_pem.expose_secret());
        builder = builder.identity(reqwest::Identity::from_pem(pem.as_bytes()).unwrap());
    }
    builder.build().ok()
}
