//! The other ways to sign in to a simulated tenant: what they need, and a ready connection for each.

use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use joinery_simulator::{Application, Authority, Client, ClientCertificate, MutualTls, Settings};
use secrecy::{ExposeSecret, SecretString};

use super::failure::Wrong;
use super::simulated::{API_USER, CLIENT_ID, COMPANY, KEY_FILE, write};
use crate::Exit;

const APPLICATION_ID: &str = "simulated-application";
const SECRET_FILE: &str = "application.secret";
const AUTHORITY_FILE: &str = "authority.crt.pem";
const CERTIFICATE_FILE: &str = "certificate.crt.pem";
const CERTIFICATE_KEY_FILE: &str = "certificate.key.pem";
/// Where the connections stand.
pub const SIGN_IN_FILE: &str = "sign-in.toml";
/// Every file that is written for them.
pub const FILES: [&str; 5] = [SECRET_FILE, AUTHORITY_FILE, CERTIFICATE_FILE, CERTIFICATE_KEY_FILE, SIGN_IN_FILE];

/// How long the client certificate counts.
const LASTS: SignedDuration = SignedDuration::from_hours(730 * 24);

/// What a tenant is started with for them, and their clients' halves.
pub struct Ways {
    secret: SecretString,
    authority: Arc<Authority>,
    certificate: ClientCertificate,
}

impl Ways {
    /// Makes a secret and a client certificate.
    pub fn new(now: Timestamp) -> Result<Self, Wrong> {
        let failed = |error: joinery_simulator::ClientError| Wrong::new(Exit::Failed, error.to_string());
        let mut bytes = [0_u8; 16];
        aws_lc_rs::rand::fill(&mut bytes)
            .map_err(|_| Wrong::new(Exit::Failed, "the random source fails".to_owned()))?;
        let authority = Authority::generate().map_err(failed)?;
        let certificate =
            authority.issue(API_USER, now - SignedDuration::from_hours(1), now + LASTS).map_err(failed)?;
        Ok(Self {
            secret: format!("{:032x}", u128::from_be_bytes(bytes)).into(),
            authority: Arc::new(authority),
            certificate,
        })
    }

    /// Switches them on. `client` is whose key signs an application's assertions, too.
    pub fn open(&self, settings: Settings, client: &Client) -> Settings {
        let application = Application::new(APPLICATION_ID, API_USER)
            .secret(self.secret.clone())
            .signs_like(client)
            .certificate(&self.certificate);
        let mutual = MutualTls::new(Arc::clone(&self.authority)).map(&self.certificate, API_USER);
        Settings { mutual_tls: Some(mutual), ..settings.application(application) }
    }

    /// Writes keys, certificates and connections into `folder`. `certificate_url` is where certificates are asked for.
    pub fn write(&self, folder: &Path, base_url: &str, certificate_url: &str) -> Result<(), Wrong> {
        write(&folder.join(SECRET_FILE), self.secret.expose_secret(), 0o600)?;
        write(&folder.join(AUTHORITY_FILE), self.authority.pem(), 0o644)?;
        write(&folder.join(CERTIFICATE_FILE), &self.certificate.certificate_pem, 0o644)?;
        write(&folder.join(CERTIFICATE_KEY_FILE), self.certificate.private_pem.expose_secret(), 0o600)?;
        write(&folder.join(SIGN_IN_FILE), &text(base_url, certificate_url), 0o644)
    }
}

/// A connection for each way to sign in but the one of `joinery.toml`.
fn text(base_url: &str, certificate_url: &str) -> String {
    format!(
        r#"# The simulated tenant once more, for other ways to sign in: copy one into joinery.toml and name it in the sync (connection = "x509").

# A client certificate that the tenant maps to the API user. Real tenants ask for it at a host with .cert. in its name.
[connection.x509]
api_server = "{certificate_url}"
company_id = "{COMPANY}"
sign_in = "x509"
certificate = "{CERTIFICATE_FILE}"
private_key = {{ file = "{CERTIFICATE_KEY_FILE}" }}
ca_file = "{AUTHORITY_FILE}"
read_only = true

# A token of SAP Cloud Identity Services, which the simulated tenant plays too; the application has a secret.
[connection.ias-secret]
api_server = "{base_url}"
company_id = "{COMPANY}"
sign_in = "ias"
token_server = "{base_url}"
client_id = "{APPLICATION_ID}"
client_secret = {{ file = "{SECRET_FILE}" }}
read_only = true

# The same, the application signs an assertion.
[connection.ias-assertion]
api_server = "{base_url}"
company_id = "{COMPANY}"
sign_in = "ias"
token_server = "{base_url}"
client_id = "{APPLICATION_ID}"
private_key = {{ file = "{KEY_FILE}" }}
read_only = true

# The same, the application shows a client certificate.
[connection.ias-certificate]
api_server = "{base_url}"
company_id = "{COMPANY}"
sign_in = "ias"
token_server = "{certificate_url}"
client_id = "{APPLICATION_ID}"
proof = "certificate"
certificate = "{CERTIFICATE_FILE}"
private_key = {{ file = "{CERTIFICATE_KEY_FILE}" }}
ca_file = "{AUTHORITY_FILE}"
read_only = true

# SAML bearer in its other shape: the client id is the issuer.
[connection.saml-issuer]
api_server = "{base_url}"
company_id = "{COMPANY}"
sign_in = "saml_bearer"
client_id = "{CLIENT_ID}"
user = "{API_USER}"
assertion = "issuer"
private_key = {{ file = "{KEY_FILE}" }}
read_only = true
"#
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::app;
    use crate::cli::simulated;
    use crate::config::Configuration;

    #[tokio::test]
    async fn every_connection_that_is_written_signs_in() {
        let folder = tempfile::tempdir().expect("a folder");
        let started = simulated::start(
            folder.path(),
            ([127, 0, 0, 1], 0).into(),
            simulated::Company { people: 10, seed: 1, ..simulated::Company::default() },
        )
        .await;
        let Ok(started) = started else { panic!("it does not start") };
        let both = [&started.configuration, &started.sign_in]
            .map(|file| std::fs::read_to_string(file).expect("text"))
            .join("\n");
        let file = folder.path().join("both.toml");
        std::fs::write(&file, &both).expect("written");
        let configuration = Configuration::read(&file).unwrap_or_else(|problems| panic!("{problems}"));
        let tables: BTreeMap<String, toml::Value> =
            toml::from_str::<BTreeMap<String, BTreeMap<String, toml::Value>>>(&both).expect("tables")["connection"]
                .clone();
        assert_eq!(tables.len(), 6, "one each, and that of joinery.toml");
        for name in tables.keys() {
            let connection = configuration.open_connection(name).unwrap_or_else(|problems| panic!("{problems:?}"));
            let Ok(transport) = app::transport(name, connection) else { panic!("{name}: no client") };
            let answer = transport.get("odata/v2/User?$top=1&$select=userId&$format=json").await;
            let answer = answer.unwrap_or_else(|failure| panic!("{name}: {failure}"));
            answer.ok().unwrap_or_else(|failure| panic!("{name}: {failure}"));
        }
        started.tenant.stop().await;
    }
}
