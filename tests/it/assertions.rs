//! Assertions across the border: signed by others for the simulated tenant, signed by us for others and for the tenant.
//!
//! The simulator verifies signatures itself, and `crates/tenant` writes them. That both are right can only be said by
//! signers and verifiers that are neither: `xmlsec1` and Python's `signxml`.

mod desk;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::ToSpan as _;
use joinery::SystemClock;
use joinery_tenant::{AssertionStyle, Certificate, Claims, Host, PlainHttp, Transport, Typed, TypedSignIn, UserIs};

use crate::company::http;
use crate::servers::{Signer, Wish, sign, verify};
use desk::{CLIENT, COMPANY, Desk, OTHER_CLIENT, USER};

/// Users whose writing is where canonical forms and escapes go wrong.
const ODD_USERS: &[&str] =
    &["O'BRIEN & <Søn>", "张伟 \"the brave\"", "a+b%20c/d@acme.example", "]]> ünï; ${x}", "ПЕТРОВ\\#?=&amp;"];

const SIGNERS: [Signer; 2] = [Signer::Xmlsec1, Signer::Signxml];
const STYLES: [Style; 2] = [Style::Issuer, Style::ApiKey];

/// The two shapes that clients of SuccessFactors send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// Client id as Issuer, inclusive canonicalisation, SHA-1, the whole document referred to, no KeyInfo.
    Issuer,
    /// Client id as attribute `api_key`, exclusive canonicalisation, SHA-256, referred to by ID.
    ApiKey,
}

impl Style {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Issuer => {
                &["--style=issuer", "--reference=empty", "--c14n=inclusive", "--algorithm=sha1", "--no-key-info"]
            }
            Self::ApiKey => &["--style=api_key", "--reference=id", "--c14n=exclusive", "--algorithm=sha256"],
        }
    }
}

/// An assertion that is right but for `changes`, which override what comes before them.
fn wish(style: Style, desk: &Desk, changes: &[(&str, &str)]) -> Wish {
    let mut all: Vec<String> = style.arguments().iter().map(|argument| (*argument).to_owned()).collect();
    let recipient = format!("{}/oauth/token", desk.tenant.base_url());
    let now = desk.now().to_string();
    let right = [("client-id", CLIENT), ("user", USER), ("recipient", &recipient), ("now", &now)];
    all.extend(right.iter().chain(changes).map(|(name, value)| format!("--{name}={value}")));
    Wish(all)
}

const SIGNATURE: &str = "Unable to verify the signature of the SAML assertion. Please ensure that the assertion has a \
                         signature and the key pairs match the client ID.";
const OUT_OF_TIME: &str = "The SAML assertion is not valid yet or has expired.";
const RECIPIENT: &str = "The recipient of the SAML assertion is not valid.";
const AUDIENCE: &str = "The audience of the SAML assertion is not valid.";
const OTHER_KEY: &str = "The API key of the SAML assertion does not match the client ID.";
const NO_USER: &str = "Unable to authenticate the client (Login failed - invalid user)";
const NO_COMPANY: &str = "Unable to authenticate the client (Login failed - invalid company)";
const NO_CLIENT: &str = "Unable to authenticate the client (Login failed - invalid client)";

#[tokio::test]
async fn assertions_of_other_signers_open_the_tenant_and_changed_ones_do_not() {
    let desk = Desk::open().await;
    for signer in SIGNERS {
        let wishes = STYLES.map(|style| wish(style, &desk, &[]));
        for (style, signed) in STYLES.iter().zip(sign(signer, &desk.key, &desk.certificate, &wishes)) {
            assert_eq!(signed.contains("KeyInfo"), *style == Style::ApiKey, "{signer:?} {style:?}");
            let token =
                desk.exchange(&signed).await.unwrap_or_else(|refusal| panic!("{signer:?} {style:?}: {refusal:?}"));
            assert_eq!(desk.read_with(&token).await, 1, "the token of {signer:?} {style:?} reads a user");
            for (what, copy) in tampered(&signed) {
                let refused = desk.exchange(&copy).await;
                assert_eq!(refused, Err((401, SIGNATURE.to_owned())), "{signer:?} {style:?}: {what}");
            }
        }
    }
}

/// Here the signatures are right, and what is signed is wrong.
#[tokio::test]
async fn wrong_claims_under_a_right_signature_are_refused_in_the_tenants_words() {
    let desk = Desk::open().await;
    desk.hire(&["LEFT"]);
    desk.terminate("LEFT");
    let (early, late) = (desk.now() + 12.minutes(), desk.now() - 12.minutes());
    let (early, late) = (early.to_string(), late.to_string());
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[("audience", "www.example.com")], AUDIENCE),
        (&[("recipient", "https://localhost/saml2/acs")], RECIPIENT),
        (&[("recipient", "")], RECIPIENT),
        (&[("client-id", OTHER_CLIENT)], OTHER_KEY),
        (&[("now", &late)], OUT_OF_TIME),
        (&[("now", &early)], OUT_OF_TIME),
        (&[("user", "NOBODY")], NO_USER),
        (&[("user", "LEFT")], NO_USER),
    ];
    for signer in SIGNERS {
        for style in STYLES {
            let wishes: Vec<Wish> = cases.iter().map(|(changes, _)| wish(style, &desk, changes)).collect();
            let signed = sign(signer, &desk.key, &desk.certificate, &wishes);
            for ((changes, words), signed) in cases.iter().zip(&signed) {
                let refused = desk.exchange(signed).await;
                assert_eq!(refused, Err((401, (*words).to_owned())), "{signer:?} {style:?} {changes:?}");
            }
        }
        // Another client's key signs what this client says.
        let wishes = STYLES.map(|style| wish(style, &desk, &[]));
        for signed in sign(signer, &desk.other_key, &desk.other_certificate, &wishes) {
            assert_eq!(desk.exchange(&signed).await, Err((401, SIGNATURE.to_owned())), "{signer:?}, wrong key");
        }
    }
}

#[tokio::test]
async fn a_wrong_form_around_a_right_assertion_is_refused() {
    let desk = Desk::open().await;
    let signed = sign(Signer::Xmlsec1, &desk.key, &desk.certificate, &[wish(Style::ApiKey, &desk, &[])]).remove(0);
    let packed = STANDARD.encode(&signed);
    let right = [
        ("company_id", COMPANY),
        ("client_id", CLIENT),
        ("grant_type", "urn:ietf:params:oauth:grant-type:saml2-bearer"),
        ("assertion", &packed),
    ];
    assert!(desk.ask(&right).await.is_ok());
    for (field, value, status, words) in [
        ("company_id", "acme", 401, NO_COMPANY),
        ("client_id", "unknown", 401, NO_CLIENT),
        ("client_id", OTHER_CLIENT, 401, SIGNATURE),
        ("grant_type", "password", 400, "The parameter grant_type is missing or not supported."),
        ("assertion", "<saml2:Assertion>", 400, "The parameter assertion is not base64."),
    ] {
        let form = right.map(|(name, given)| (name, if name == field { value } else { given }));
        assert_eq!(desk.ask(&form).await, Err((status, words.to_owned())), "{field}={value}");
    }
    for field in ["company_id", "client_id", "assertion"] {
        let form: Vec<_> = right.into_iter().filter(|(name, _)| *name != field).collect();
        assert_eq!(desk.ask(&form).await, Err((400, format!("The parameter {field} is missing."))));
    }
}

#[tokio::test]
async fn odd_users_are_who_they_are_whoever_signs() {
    let desk = Desk::open().await;
    desk.hire(ODD_USERS);
    for signer in SIGNERS {
        for style in STYLES {
            let wishes: Vec<Wish> = ODD_USERS.iter().map(|user| wish(style, &desk, &[("user", user)])).collect();
            for (user, signed) in ODD_USERS.iter().zip(sign(signer, &desk.key, &desk.certificate, &wishes)) {
                let token = desk.exchange(&signed).await;
                assert_eq!(token.map(|token| desk::holder(&token)), Ok((*user).to_owned()), "{signer:?} {style:?}");
            }
        }
    }
    let key = desk.signing_key();
    let host = desk.host();
    for (number, user) in ODD_USERS.iter().enumerate() {
        for style in [AssertionStyle::ApiKey, AssertionStyle::Issuer] {
            let id = format!("_odd-{number}");
            let signed = Claims { user, style, ..claims(&desk, &host, &id) }.signed(&key, None).expect("signed");
            let token = desk.exchange(&signed).await;
            assert_eq!(token.map(|token| desk::holder(&token)), Ok((*user).to_owned()), "ours, {style:?}");
        }
    }
}

fn claims<'a>(desk: &Desk, host: &'a Host, id: &'a str) -> Claims<'a> {
    Claims {
        host,
        client_id: CLIENT,
        user: USER,
        user_is: UserIs::UserId,
        style: AssertionStyle::ApiKey,
        now: desk.now(),
        id,
    }
}

/// Both judges accept ours and refuse changed copies (the script makes those); so does the simulated tenant.
#[tokio::test]
async fn ours_stand_before_both_judges_and_the_tenant_and_changed_copies_fall() {
    let desk = Desk::open().await;
    let (key, host) = (desk.signing_key(), desk.host());
    desk.hire(&["MOVER"]);
    let first = claims(&desk, &host, "_first").signed(&key, None).expect("signed");
    let first = desk.exchange(&first).await.expect("a token");
    let (username, email) = desk.names_of(&first, "MOVER").await;
    let named =
        [(USER, UserIs::UserId, USER), (&*username, UserIs::Username, "MOVER"), (&*email, UserIs::Email, "MOVER")];
    let certificate = Certificate::read(&std::fs::read(&desk.certificate).expect("a file")).expect("a certificate");
    let folder = tempfile::tempdir().expect("a folder");
    let mut written = 0;
    let mut write = |signed: &str, user: &str| {
        written += 1;
        std::fs::write(folder.path().join(format!("{written}.xml")), signed).expect("a file");
        std::fs::write(folder.path().join(format!("{written}.user")), user).expect("a file");
    };
    for (user, user_is, meant) in named {
        for style in [AssertionStyle::ApiKey, AssertionStyle::Issuer] {
            for beside in [None, Some(&certificate)] {
                let signed = Claims { user, user_is, style, ..claims(&desk, &host, "_one") };
                let signed = signed.signed(&key, beside).expect("signed");
                let token = desk.exchange(&signed).await.unwrap_or_else(|refusal| panic!("{style:?}: {refusal:?}"));
                assert_eq!(desk.read_with(&token).await, 1);
                assert_eq!(desk::holder(&token), meant, "{user_is:?} {style:?}");
                if user == USER {
                    for (what, copy) in tampered(&signed) {
                        let refused = desk.exchange(&copy).await;
                        assert_eq!(refused, Err((401, SIGNATURE.to_owned())), "ours, {style:?}: {what}");
                    }
                }
                write(&signed, user);
            }
        }
    }
    for (number, user) in ODD_USERS.iter().enumerate() {
        let style = [AssertionStyle::ApiKey, AssertionStyle::Issuer][number % 2];
        let signed = Claims { user, style, ..claims(&desk, &host, "_odd") }.signed(&key, None).expect("signed");
        write(&signed, user);
    }
    let verdict = verify(&desk.certificate, folder.path());
    assert_eq!(verdict.accepted, written, "{}", verdict.said);
}

/// The product's own way in, against a tenant that says no: the message names the setting to mend.
#[tokio::test]
async fn a_refused_sign_in_names_the_setting() {
    let desk = Desk::open().await;
    let settings = |company: &str, client: &str, user: &str, key: &std::path::Path| {
        let sign_in = TypedSignIn::SamlBearer {
            client_id: client.to_owned(),
            user: user.to_owned(),
            user_is: UserIs::UserId,
            assertion: AssertionStyle::ApiKey,
            private_key: std::fs::read(key).expect("a key file").into(),
            private_key_password: None,
            certificate: None,
        };
        let typed = Typed {
            name: "acme".to_owned(),
            api_server: desk.tenant.base_url().to_owned(),
            plain_http: PlainHttp::LoopbackOnly,
            company_id: company.to_owned(),
            sign_in,
            timeout: Duration::from_secs(20),
        };
        typed.check().expect("settings")
    };
    let transport = |settings| Transport::new(http(), settings, SystemClock, 7);
    let right = transport(settings(COMPANY, CLIENT, &format!("{USER}@{COMPANY}"), &desk.key));
    assert_eq!(right.sign_in().await.map_err(|failure| failure.message), Ok(()));
    for (settings, named) in [
        (settings(COMPANY, CLIENT, USER, &desk.other_key), "connection.acme.private_key: "),
        (settings("acme", CLIENT, USER, &desk.key), "connection.acme.company_id: "),
        (settings(COMPANY, "unknown", USER, &desk.key), "connection.acme.client_id: "),
        (settings(COMPANY, CLIENT, "NOBODY", &desk.key), "connection.acme.user: "),
    ] {
        let failure = transport(settings).sign_in().await.expect_err("refused");
        assert!(failure.message.starts_with(named), "{named} is named, not: {}", failure.message);
    }
}

/// Changed copies of a signed assertion, each with its name. It says [`USER`], [`CLIENT`] and a day of 2026.
fn tampered(signed: &str) -> Vec<(&'static str, String)> {
    let flipped = |element: &str| {
        let start = signed.find(&format!("{element}>")).expect("the element") + element.len() + 1;
        let text = &signed[start..start + signed[start..].find('<').expect("its end")];
        let packed: String = text.split_whitespace().collect();
        let mut bytes = STANDARD.decode(packed).expect("base64");
        bytes[7] ^= 1;
        signed.replacen(text, &STANDARD.encode(bytes), 1)
    };
    let prefix = if signed.contains("<saml2:Assertion") { "saml2:" } else { "" };
    let body = &signed[signed.find(&format!("<{prefix}Assertion")).expect("an assertion")..];
    let close = format!("</{prefix}Assertion>");
    let forged = body.replace(USER, "ADMIN").replace(" ID=\"", " ID=\"x");
    let (first, second) = (format!("<{prefix}Subject>"), format!("</{prefix}Subject>"));
    let subject = &body[body.find(&first).expect("a subject")..body.find(&second).expect("its end") + second.len()];
    let year = format!("NotOnOrAfter=\"{}", &desk::NOW[..4]);
    let copies = vec![
        ("subject", signed.replace(USER, "ADMIN")),
        ("audience", signed.replace("Audience>www.", "Audience>ww2.")),
        ("recipient", signed.replace("Recipient=\"http", "Recipient=\"https://elsewhere.example/http")),
        ("client", signed.replace(CLIENT, OTHER_CLIENT)),
        ("window", signed.replace(&year, "NotOnOrAfter=\"2036")),
        ("digest", flipped("DigestValue")),
        ("signature bytes", flipped("SignatureValue")),
        ("a second subject", body.replacen(&first, &format!("{}{first}", subject.replace(USER, "ADMIN")), 1)),
        ("the signed one inside a forged one", forged.replace(&close, &format!("{body}{close}"))),
        ("a forged one inside the signed one", body.replace(&close, &format!("{forged}{close}"))),
        ("a forged one without a signature", without_signature(&forged)),
    ];
    for (name, copy) in &copies {
        assert_ne!(copy, signed, "{name}: nothing was changed");
    }
    copies
}

fn without_signature(document: &str) -> String {
    let prefix = if document.contains("<ds:Signature") { "ds:" } else { "" };
    let start = document.find(&format!("<{prefix}Signature ")).expect("a signature");
    let close = format!("</{prefix}Signature>");
    let end = document.find(&close).expect("its end") + close.len();
    format!("{}{}", &document[..start], &document[end..])
}
