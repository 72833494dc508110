//! A tenant, a client, and a signer of assertions.

use std::sync::OnceLock;

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use joinery_simulator::world::Seed;
use joinery_simulator::{Client, Running, Settings, Simulator, TimeSource};
use reqwest::{Response, StatusCode};
use secrecy::ExposeSecret;
use serde_json::Value as Json;

pub const NOW: &str = "2026-11-21T12:00:00Z";
pub const CLIENT: &str = "c2ltdWxhdG9y";

pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// One key pair for all tests: making one takes a while.
fn registered() -> &'static (Client, Vec<u8>) {
    static PAIR: OnceLock<(Client, Vec<u8>)> = OnceLock::new();
    PAIR.get_or_init(|| {
        let (client, key) = Client::generate(CLIENT).unwrap();
        let pem: String = key.private_pem.expose_secret().lines().filter(|line| !line.starts_with('-')).collect();
        (client, STANDARD.decode(pem).unwrap())
    })
}

/// The private half of the registered key, as the one line that `/oauth/idp` takes.
pub fn private_key() -> String {
    STANDARD.encode(&registered().1)
}

pub fn settings(people: u32) -> Settings {
    let mut settings = Settings::new("ACME", Seed::new(7, people, now()), TimeSource::fixed(now()));
    settings.basic_password = Some("secret".into());
    // Time stands still: a second never ends.
    settings.rate_limits.scim = None;
    settings.client(registered().0.clone())
}

/// A tenant of so many people whose real time stands still.
pub async fn tenant(people: u32) -> Asker {
    asker(settings(people)).await
}

pub async fn asker(settings: Settings) -> Asker {
    #[expect(clippy::disallowed_methods, reason = "tests talk to loopback with a client of their own")]
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    Asker { running: Simulator::start(settings).await.unwrap(), client }
}

/// A tenant and a client that signs in by Basic, so that tests of data need no assertion.
pub struct Asker {
    pub running: Running,
    pub client: reqwest::Client,
}

impl Asker {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.base_url())
    }

    pub async fn get(&self, path: &str) -> Response {
        self.try_get(path).await.unwrap()
    }

    pub async fn try_get(&self, path: &str) -> reqwest::Result<Response> {
        let url = if path.starts_with("http") { path.to_owned() } else { self.url(&format!("/odata/v2/{path}")) };
        let request = self.client.get(url).header("accept", "application/json");
        request.basic_auth("API_USER@ACME", Some("secret")).send().await
    }

    /// `d` of the answer.
    pub async fn data(&self, path: &str) -> Json {
        let answer = self.get(path).await;
        let (status, mut json) = (answer.status(), answer.json::<Json>().await.unwrap());
        assert_eq!(status, StatusCode::OK, "{path}: {json}");
        json["d"].take()
    }

    pub async fn rows(&self, path: &str) -> Vec<Json> {
        self.data(path).await["results"].as_array().unwrap().clone()
    }

    /// Status, code and text of an error.
    pub async fn error(&self, path: &str) -> (u16, String, String) {
        let answer = self.get(path).await;
        let (status, json) = (answer.status().as_u16(), answer.json::<Json>().await.unwrap());
        let text = |pointer| json.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned();
        (status, text("/error/code"), text("/error/message/value"))
    }

    pub async fn count(&self, path: &str) -> usize {
        self.get(path).await.text().await.unwrap().parse().unwrap()
    }

    /// Every row of a list, following `__next`; and the number of pages.
    pub async fn walk(&self, path: &str) -> (Vec<Json>, usize) {
        let (mut rows, mut pages, mut next) = (Vec::new(), 0, Some(path.to_owned()));
        while let Some(path) = next {
            let mut page = self.data(&path).await;
            rows.append(page["results"].as_array_mut().unwrap());
            next = page["__next"].as_str().map(str::to_owned);
            pages += 1;
        }
        (rows, pages)
    }

    pub async fn control(&self, method: &str, path: &str, body: &Json) -> (u16, Json) {
        let url = self.url(&format!("/control/{path}"));
        let request = self.client.request(method.parse().unwrap(), url).json(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Asks for a token: status and body.
    pub async fn token(&self, assertion: &Assertion) -> (u16, Json) {
        let form = [
            ("company_id", assertion.company),
            ("client_id", CLIENT),
            ("grant_type", "urn:ietf:params:oauth:grant-type:saml2-bearer"),
            ("assertion", &assertion.sign()),
        ];
        let answer = self.client.post(self.url("/oauth/token")).form(&form).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

/// What an assertion says; signed by [`Assertion::sign`], written in canonical form from the start.
#[derive(Clone)]
pub struct Assertion {
    pub company: &'static str,
    pub issuer: &'static str,
    pub name_id: String,
    pub recipient: &'static str,
    pub audience: &'static str,
    pub now: Timestamp,
    pub attributes: Vec<(&'static str, &'static str)>,
}

impl Assertion {
    pub fn of(name_id: &str) -> Self {
        Self {
            company: "ACME",
            issuer: "www.successfactors.com",
            name_id: name_id.to_owned(),
            recipient: "https://localhost/oauth/token",
            audience: "www.successfactors.com",
            now: now(),
            attributes: vec![("api_key", CLIENT)],
        }
    }

    pub fn xml(&self) -> String {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let (start, end) = (self.now - SignedDuration::from_mins(10), self.now + SignedDuration::from_mins(10));
        let mut attributes = String::new();
        for (name, value) in &self.attributes {
            attributes += &format!("<Attribute Name=\"{name}\"><AttributeValue>{value}</AttributeValue></Attribute>");
        }
        let head = format!(
            "<Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"a1\" IssueInstant=\"{}\" Version=\"2.0\">\
             <Issuer>{}</Issuer>",
            self.now, self.issuer
        );
        let tail = format!(
            "<Subject><NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified\">{}</NameID>\
             <SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><SubjectConfirmationData \
             NotOnOrAfter=\"{end}\" Recipient=\"{}\"></SubjectConfirmationData></SubjectConfirmation></Subject>\
             <Conditions NotBefore=\"{start}\" NotOnOrAfter=\"{end}\"><AudienceRestriction><Audience>{}</Audience>\
             </AudienceRestriction></Conditions><AttributeStatement>{attributes}</AttributeStatement></Assertion>",
            escape(&self.name_id),
            self.recipient,
            self.audience
        );
        let digest = STANDARD.encode(digest::digest(&digest::SHA256, format!("{head}{tail}").as_bytes()));
        let info = format!(
            "<SignedInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><CanonicalizationMethod \
             Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></CanonicalizationMethod><SignatureMethod \
             Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></SignatureMethod><Reference URI=\"#a1\">\
             <Transforms><Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></Transform>\
             <Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></Transform></Transforms><DigestMethod \
             Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></DigestMethod><DigestValue>{digest}</DigestValue>\
             </Reference></SignedInfo>"
        );
        let pair = RsaKeyPair::from_pkcs8(&registered().1).unwrap();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), info.as_bytes(), &mut signature).unwrap();
        format!(
            "{head}<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">{info}<SignatureValue>{}</SignatureValue>\
             </Signature>{tail}",
            STANDARD.encode(signature)
        )
    }

    pub fn sign(&self) -> String {
        STANDARD.encode(self.xml())
    }
}
