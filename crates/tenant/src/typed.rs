//! A connection as it was typed, and the way from there to [`Settings`].

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use crate::assertion::{AssertionStyle, UserIs, is_xml};
use crate::certificate::Certificate;
use crate::key_file::KeyFile;
use crate::settings::{Ias, IasClient, SamlBearer, X509};
use crate::{Host, PlainHttp, SettingError, Settings, SignIn};

/// `[connection.…]` with its files and environment variables read, nothing checked yet.
#[derive(Debug)]
pub struct Typed {
    /// The connection's name.
    pub name: String,
    /// The API server in any spelling.
    pub api_server: String,
    /// Whether plain `http` may leave this machine.
    pub plain_http: PlainHttp,
    /// The company id.
    pub company_id: String,
    /// The sign-in.
    pub sign_in: TypedSignIn,
    /// How long one request may take.
    pub timeout: Duration,
}

/// The sign-in as it was typed.
pub enum TypedSignIn {
    /// `sign_in = "saml_bearer"`.
    SamlBearer {
        /// The API key.
        client_id: String,
        /// The user, perhaps with `@companyId`.
        user: String,
        /// What the user is.
        user_is: UserIs,
        /// The assertion's shape.
        assertion: AssertionStyle,
        /// The key file's bytes, in any form that [`KeyFile::read`] takes.
        private_key: SecretSlice<u8>,
        /// Its password.
        private_key_password: Option<SecretString>,
        /// The certificate's bytes.
        certificate: Option<Vec<u8>>,
    },
    /// `sign_in = "x509"`.
    X509 {
        /// The key file's bytes; PKCS#12 holds the certificate too.
        private_key: SecretSlice<u8>,
        /// Its password.
        private_key_password: Option<SecretString>,
        /// The certificate's bytes, perhaps with its chain.
        certificate: Option<Vec<u8>>,
    },
    /// `sign_in = "ias"`.
    Ias {
        /// The Cloud Identity Services tenant in any spelling.
        token_server: String,
        /// The application's client id.
        client_id: String,
        /// The dependency that the token is for.
        resource: Option<String>,
        /// How the application proves who it is.
        client: TypedIasClient,
    },
    /// `sign_in = "basic"`.
    Basic {
        /// The user, perhaps with `@companyId`.
        user: String,
        /// The password.
        password: SecretString,
    },
}

/// The application's proof as it was typed.
pub enum TypedIasClient {
    /// `client_secret`.
    Secret(SecretString),
    /// `private_key`: a signed assertion.
    Assertion {
        /// The key file's bytes.
        private_key: SecretSlice<u8>,
        /// Its password.
        private_key_password: Option<SecretString>,
        /// The certificate's bytes.
        certificate: Option<Vec<u8>>,
    },
    /// `private_key` with `proof = "certificate"`: a client certificate.
    Certificate {
        /// The key file's bytes; PKCS#12 holds the certificate too.
        private_key: SecretSlice<u8>,
        /// Its password.
        private_key_password: Option<SecretString>,
        /// The certificate's bytes, perhaps with its chain.
        certificate: Option<Vec<u8>>,
    },
}

impl fmt::Debug for TypedSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SamlBearer { .. } => "saml_bearer",
            Self::X509 { .. } => "x509",
            Self::Ias { .. } => "ias",
            Self::Basic { .. } => "basic",
        })
    }
}

impl Typed {
    /// The settings that were meant.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn check(self) -> Result<Settings, Vec<SettingError>> {
        let mut wrong = Vec::new();
        let host = Host::parse(&self.api_server, self.plain_http).map_err(|error| wrong.push(error)).ok();
        let company_id = plain("company_id", &self.company_id, "the company id as the tenant's login page shows it")
            .map_err(|error| wrong.push(error))
            .ok();
        // Without a company id the user cannot be judged; one error is enough then.
        let company = company_id.as_deref().unwrap_or_default();
        let sign_in = match self.sign_in {
            TypedSignIn::Basic { user, password } => basic(&user, password, company),
            TypedSignIn::X509 { private_key, private_key_password, certificate } => {
                if let Some(error) = host.as_ref().and_then(without_cert) {
                    wrong.push(error);
                }
                x509(private_key.expose_secret(), private_key_password.as_ref(), certificate.as_deref())
                    .map(SignIn::X509)
                    .map_err(|error| vec![error])
            }
            TypedSignIn::Ias { token_server, client_id, resource, client } => {
                ias(&token_server, self.plain_http, &client_id, resource, &client)
            }
            TypedSignIn::SamlBearer {
                client_id,
                user,
                user_is,
                assertion,
                private_key,
                private_key_password,
                certificate,
            } => {
                let user = split_user(&user, company, user_is);
                let client_id = client_id_of(&client_id, company);
                let keys = keys(private_key.expose_secret(), private_key_password.as_ref(), certificate.as_deref());
                match (client_id, user, keys) {
                    (Ok(client_id), Ok(user), Ok(keys)) => Ok(SignIn::SamlBearer(SamlBearer {
                        client_id,
                        user,
                        user_is,
                        style: assertion,
                        key: keys.key,
                        certificate: keys.certificate,
                    })),
                    (client_id, user, keys) => {
                        Err([client_id.err(), user.err(), keys.err()].into_iter().flatten().collect())
                    }
                }
            }
        };
        if self.timeout.is_zero() {
            wrong.push(SettingError::new("timeout", "is zero; give a time like \"60s\""));
        }
        match (host, company_id, sign_in) {
            (Some(host), Some(company_id), Ok(sign_in)) if wrong.is_empty() => {
                Ok(Settings { timeout: self.timeout, ..Settings::new(&self.name, host, &company_id, sign_in) })
            }
            (_, _, sign_in) => {
                wrong.extend(sign_in.err().unwrap_or_default());
                Err(wrong)
            }
        }
    }
}

fn basic(user: &str, password: SecretString, company: &str) -> Result<SignIn, Vec<SettingError>> {
    let user = split_user(user, company, UserIs::Username).map_err(|error| vec![error])?;
    // RFC 7617 section 2: what follows the first colon is the password.
    if user.contains(':') {
        return Err(vec![SettingError::new("user", "must not contain a colon with sign_in = \"basic\"")]);
    }
    if password.expose_secret().is_empty() {
        return Err(vec![SettingError::new("password", "is empty")]);
    }
    Ok(SignIn::Basic { user, password })
}

fn x509(private_key: &[u8], password: Option<&SecretString>, file: Option<&[u8]>) -> Result<X509, SettingError> {
    let keys = keys(private_key, password, file)?;
    let certificate = keys.certificate.ok_or_else(|| {
        SettingError::new(
            "certificate",
            "is missing; it is what the other side knows us by: give the file, or a PKCS#12 file with key and certificate \
             as private_key",
        )
    })?;
    let chain = file.map(Certificate::rest_of_chain).filter(|rest| !rest.is_empty()).unwrap_or(keys.chain);
    Ok(X509 { key: keys.key, certificate, chain })
}

/// Hosts of SuccessFactors ask for a client certificate only under their name with `.cert.` in it.
fn without_cert(host: &Host) -> Option<SettingError> {
    let (first, rest) = host.name().split_once('.')?;
    let theirs = ["successfactors.", "sapsf.", "hr.cloud.sap"].iter().any(|domain| rest.starts_with(domain));
    theirs.then(|| {
        SettingError::new("api_server", format!("never asks for a client certificate; write {first}.cert.{rest}"))
    })
}

fn ias(
    token_server: &str,
    plain_http: PlainHttp,
    client_id: &str,
    resource: Option<String>,
    client: &TypedIasClient,
) -> Result<SignIn, Vec<SettingError>> {
    const SERVER: &str = "token_server";
    let server = Host::parse(token_server, plain_http).map_err(|error| {
        let message = error.message.replace("write the API server alone, like api012.successfactors.eu", "")
            + "write the Cloud Identity tenant alone, like acme.accounts.ondemand.com";
        SettingError::new(SERVER, message)
    });
    let client_id = plain("client_id", client_id, "the Client ID of the application's Client Authentication page");
    let resource =
        resource.map(|text| plain("resource", &text, "urn:sap:identity:application:provider:name:<dependency>"));
    let client = match client {
        TypedIasClient::Secret(secret) if secret.expose_secret().is_empty() => {
            Err(SettingError::new("client_secret", "is empty"))
        }
        TypedIasClient::Secret(secret) => Ok(IasClient::Secret(secret.clone())),
        TypedIasClient::Assertion { private_key, private_key_password, certificate } => {
            keys(private_key.expose_secret(), private_key_password.as_ref(), certificate.as_deref())
                .map(|keys| IasClient::Assertion { key: keys.key, certificate: keys.certificate })
        }
        TypedIasClient::Certificate { private_key, private_key_password, certificate } => {
            x509(private_key.expose_secret(), private_key_password.as_ref(), certificate.as_deref())
                .map(IasClient::Certificate)
        }
    };
    match (server, client_id, resource.transpose(), client) {
        (Ok(token_server), Ok(client_id), Ok(resource), Ok(client)) => {
            Ok(SignIn::Ias(Ias { token_server, client_id, resource, client }))
        }
        (server, client_id, resource, client) => {
            Err([server.err(), client_id.err(), resource.err(), client.err()].into_iter().flatten().collect())
        }
    }
}

fn keys(
    private_key: &[u8],
    password: Option<&SecretString>,
    certificate: Option<&[u8]>,
) -> Result<KeyFile, SettingError> {
    let mut file = KeyFile::read(private_key, password)?;
    if let Some(bytes) = certificate {
        let certificate = Certificate::read(bytes)?;
        certificate.check_key(&file.key)?;
        file.certificate = Some(certificate);
    }
    Ok(file)
}

fn client_id_of(typed: &str, company: &str) -> Result<String, SettingError> {
    let client_id = plain("client_id", typed, "the API Key that Manage OAuth2 Client Applications shows")?;
    if !company.is_empty() && client_id == company {
        return Err(SettingError::new(
            "client_id",
            "is the company id; give the API Key that Manage OAuth2 Client Applications shows",
        ));
    }
    Ok(client_id)
}

/// The user without `@companyId`.
///
/// The last `@` splits, since names may be addresses themselves. What follows it is the company id, or belongs to an
/// address; anything else is a contradiction.
pub(crate) fn split_user(typed: &str, company: &str, user_is: UserIs) -> Result<String, SettingError> {
    const SETTING: &str = "user";
    let typed = plain(SETTING, typed, "the API user's name")?;
    let Some((user, tail)) = typed.rsplit_once('@') else {
        return Ok(typed);
    };
    if tail == company && !company.is_empty() {
        return plain(SETTING, user, "the API user's name before the @");
    }
    if tail.eq_ignore_ascii_case(company) {
        return Err(SettingError::new(
            SETTING,
            "and company_id write the company id in different case; it is case-sensitive: give it as the tenant does",
        ));
    }
    if tail.contains('.') || user_is == UserIs::Email {
        return Ok(typed);
    }
    Err(SettingError::new(
        SETTING,
        "names another company id after its last @ than company_id does; give the user alone, or make both agree",
    ))
}

/// One line of text that is not empty.
fn plain(setting: &'static str, typed: &str, wanted: &str) -> Result<String, SettingError> {
    let text = typed.trim();
    if text.is_empty() {
        return Err(SettingError::new(setting, format!("is empty; give {wanted}")));
    }
    if text.chars().any(|c| c.is_control() || !is_xml(c)) {
        return Err(SettingError::new(setting, format!("holds a control character or a line break; give {wanted}")));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn key(name: &str) -> Vec<u8> {
        std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name)).expect(name)
    }

    fn typed() -> Typed {
        Typed {
            name: "acme".to_owned(),
            api_server: "api012.successfactors.eu".to_owned(),
            plain_http: PlainHttp::LoopbackOnly,
            company_id: "ACME".to_owned(),
            sign_in: TypedSignIn::SamlBearer {
                client_id: "Zjk4".to_owned(),
                user: "API_USER@ACME".to_owned(),
                user_is: UserIs::UserId,
                assertion: AssertionStyle::ApiKey,
                private_key: key("pkcs8.pem").into(),
                private_key_password: None,
                certificate: Some(key("certificate.pem")),
            },
            timeout: Duration::from_mins(1),
        }
    }

    #[test]
    fn the_last_at_splits() {
        for (typed, user_is, user) in [
            ("API_USER", UserIs::UserId, "API_USER"),
            (" API_USER@ACME ", UserIs::UserId, "API_USER"),
            ("api@hr.example@ACME", UserIs::UserId, "api@hr.example"),
            ("api@hr.example", UserIs::Email, "api@hr.example"),
            ("api@hr.example", UserIs::Username, "api@hr.example"),
            ("api@localhost", UserIs::Email, "api@localhost"),
        ] {
            assert_eq!(split_user(typed, "ACME", user_is).as_deref(), Ok(user), "{typed}");
        }
        for (typed, part) in
            [("API@Acme", "case"), ("API@OTHER", "another company"), ("@ACME", "empty"), ("a\nb", "line break")]
        {
            let error = split_user(typed, "ACME", UserIs::UserId).expect_err(typed).to_string();
            assert!(error.starts_with("user ") && error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_good_connection_is_accepted() {
        let settings = typed().check().expect("settings");
        let SignIn::SamlBearer(saml) = &settings.sign_in else { panic!("{settings:?}") };
        assert_eq!((saml.user.as_str(), saml.client_id.as_str()), ("API_USER", "Zjk4"));
        assert!(saml.certificate.is_some());
        assert_eq!(settings.warnings("2026-11-22T00:00:00Z".parse().expect("time")), []);
        let late = settings.warnings("2056-11-22T00:00:00Z".parse().expect("time"));
        assert_eq!(late[0].subject, "connection.acme.certificate");
        assert!(late[0].message.starts_with("has expired"), "{late:?}");
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let TypedSignIn::SamlBearer { user_is, assertion, .. } = typed().sign_in else { panic!("saml") };
        let bad = Typed {
            api_server: "http://api012.successfactors.eu".to_owned(),
            timeout: Duration::ZERO,
            sign_in: TypedSignIn::SamlBearer {
                client_id: String::new(),
                user: "API@OTHER".to_owned(),
                user_is,
                assertion,
                private_key: key("pkcs8.pem").into(),
                private_key_password: None,
                certificate: Some(key("request.pem")),
            },
            ..typed()
        };
        let wrong: Vec<_> = bad.check().expect_err("bad").into_iter().map(|error| error.setting).collect();
        assert_eq!(wrong, ["api_server", "timeout", "client_id", "user", "certificate"]);
    }

    #[test]
    fn a_client_certificate_needs_its_host_and_its_key() {
        let x509 = |api_server: &str, certificate: Option<Vec<u8>>| {
            let sign_in =
                TypedSignIn::X509 { private_key: key("pkcs8.pem").into(), private_key_password: None, certificate };
            Typed { api_server: api_server.to_owned(), sign_in, ..typed() }.check()
        };
        let settings = x509("api012.cert.successfactors.eu", Some(key("certificate.pem"))).expect("settings");
        let identity = settings.tls_identity().expect("PEM").expect("an identity");
        let identity = identity.expose_secret();
        assert!(identity.contains("BEGIN CERTIFICATE") && identity.contains("BEGIN PRIVATE KEY"));
        assert!(KeyFile::read(identity.as_bytes(), None).expect("readable again").certificate.is_some());
        let wrong = x509("api012.successfactors.eu", None).expect_err("wrong");
        let settings: Vec<_> = wrong.iter().map(|error| error.setting).collect();
        assert_eq!(settings, ["api_server", "certificate"]);
        assert!(wrong[0].message.contains("api012.cert.successfactors.eu"), "{wrong:?}");
    }

    #[test]
    fn basic_warns() {
        let basic =
            Typed { sign_in: TypedSignIn::Basic { user: "API@ACME".to_owned(), password: "p:w".into() }, ..typed() };
        let settings = basic.check().expect("settings");
        assert_eq!(settings.warnings(Timestamp::UNIX_EPOCH)[0].subject, "connection.acme.sign_in");
        let shown = format!("{settings:?}");
        assert!(!shown.contains("p:w") && !shown.contains("API"), "{shown}");
    }
}
