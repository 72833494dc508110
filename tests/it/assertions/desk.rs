//! The token endpoint of a simulated tenant with two registered clients, asked in plain HTTP.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use joinery_simulator::world::{Ending, Hire, Seed, World};
use joinery_simulator::{Client, Running, Settings, Simulator, TimeSource};
use joinery_tenant::{Host, KeyFile, KeySize, KeyWish, PlainHttp, SigningKey, make_key};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tempfile::TempDir;

use crate::company::http;

pub const COMPANY: &str = "ACME";
pub const CLIENT: &str = "c2ltdWxhdG9y";
pub const OTHER_CLIENT: &str = "b3RoZXItb25l";
pub const USER: &str = "API_USER";
/// The tenant's time, which stands.
pub const NOW: &str = "2026-11-21T12:00:00Z";

/// The tenant and the clients' keys.
pub struct Desk {
    pub tenant: Running,
    pub key: PathBuf,
    pub certificate: PathBuf,
    pub other_key: PathBuf,
    pub other_certificate: PathBuf,
    _folder: TempDir,
}

/// A token, or the status and the sentence of the refusal.
pub type Answer = Result<String, (u16, String)>;

impl Desk {
    /// Starts the tenant. Both clients are registered as administrators do: by the body of a certificate that
    /// `joinery keys new` made.
    pub async fn open() -> Self {
        let now: Timestamp = NOW.parse().expect("a time");
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::new(COMPANY, Seed::new(1, 20, now), TimeSource::fixed(now));
        settings.strict_clock = true;
        let mut pair = |client: &str| {
            let wish = KeyWish {
                name: client.to_owned(),
                size: KeySize::Bits2048,
                now,
                lasts: SignedDuration::from_hours(24 * 3650),
            };
            let made = make_key(&wish).expect("a pair");
            settings.clients.push(Client::new(client, &made.certificate_body).expect("a certificate"));
            let write = |extension: &str, text: &str| {
                let path = folder.path().join(client).with_extension(extension);
                std::fs::write(&path, text).expect("a file");
                path
            };
            (write("key", made.private_key.expose_secret()), write("crt", &made.certificate_pem))
        };
        let (key, certificate) = pair(CLIENT);
        let (other_key, other_certificate) = pair(OTHER_CLIENT);
        let tenant = Simulator::start(settings).await.expect("the tenant starts");
        Self { tenant, key, certificate, other_key, other_certificate, _folder: folder }
    }

    pub fn now(&self) -> Timestamp {
        self.tenant.now()
    }

    pub fn host(&self) -> Host {
        Host::parse(self.tenant.base_url(), PlainHttp::LoopbackOnly).expect("a host")
    }

    /// The client's key as the product reads it.
    pub fn signing_key(&self) -> SigningKey {
        KeyFile::read(&std::fs::read(&self.key).expect("a file"), None).expect("a key").key
    }

    /// Hires people who have worked here for a month.
    pub fn hire(&self, ids: &[&str]) {
        self.tenant.change(|world| {
            for id in ids {
                let hire =
                    Hire { person_id: Some((*id).to_owned()), ..Hire::new("Odd", "User", world.today().plus(-30)) };
                world.hire(&hire).expect("hired");
            }
        });
    }

    /// Their last day was yesterday.
    pub fn terminate(&self, id: &str) {
        let ended = |world: &mut World| world.terminate(id, world.today().plus(-1), Ending::Resignation);
        self.tenant.change(ended).expect("terminated");
    }

    /// Asks for a token with an assertion.
    pub async fn exchange(&self, assertion: &str) -> Answer {
        let packed = STANDARD.encode(assertion);
        self.ask(&[
            ("company_id", COMPANY),
            ("client_id", CLIENT),
            ("grant_type", "urn:ietf:params:oauth:grant-type:saml2-bearer"),
            ("assertion", &packed),
        ])
        .await
    }

    /// Asks for a token with a form.
    pub async fn ask(&self, form: &[(&str, &str)]) -> Answer {
        let answer = http().post(format!("{}/oauth/token", self.tenant.base_url())).form(form).send().await;
        let answer = answer.expect("an answer");
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.expect("JSON");
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        match status {
            200 => Ok(text("access_token").expect("a token")),
            _ => {
                assert_eq!(text("errorHttpCode").as_deref(), Some(&*status.to_string()));
                Err((status, text("errorMessage").expect("a sentence")))
            }
        }
    }

    /// How many users a token reads when it asks for one.
    pub async fn read_with(&self, token: &str) -> usize {
        self.get(token, "User?$top=1").await["results"].as_array().expect("users").len()
    }

    /// Log-in name and e-mail address of a user.
    pub async fn names_of(&self, token: &str, id: &str) -> (String, String) {
        let user = self.get(token, &format!("User('{id}')?$select=username,email")).await;
        let text = |name: &str| user[name].as_str().expect("text").to_owned();
        (text("username"), text("email"))
    }

    async fn get(&self, token: &str, what: &str) -> Value {
        let url = format!("{}/odata/v2/{what}&$format=json", self.tenant.base_url());
        let answer = http().get(url).bearer_auth(token).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{what}");
        let mut body: Value = answer.json().await.expect("JSON");
        body["d"].take()
    }
}

/// The userId that a token was given for: tokens are base64 of JSON.
pub fn holder(token: &str) -> String {
    let content = STANDARD.decode(token).expect("base64");
    let content: Value = serde_json::from_slice(&content).expect("JSON");
    let principal = content["tokenContent"]["sfPrinciple"].as_str().expect("a principal");
    principal.strip_suffix(&format!("#DIV#{COMPANY}")).expect("this company").to_owned()
}
