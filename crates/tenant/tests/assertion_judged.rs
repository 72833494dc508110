//! Our assertions before two verifiers that are not ours: `xmlsec1` and Python's `signxml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::SignedDuration;
use joinery_tenant::{
    AssertionStyle, Certificate, Claims, Host, KeyFile, KeySize, KeyWish, PlainHttp, UserIs, make_key,
};
use secrecy::ExposeSecret as _;

/// Users whose writing is where canonical forms go wrong.
const USERS: &[&str] =
    &["API_USER", "BJENSEN & søn >x", "O'Hara \"the <brave>\"", "张伟@example.com", "]]> ünï + 100%"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn xmlsec1_and_signxml_accept_ours_and_refuse_changed_copies() {
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys");
    let key = KeyFile::read(&std::fs::read(keys.join("pkcs8.pem")).expect("key file"), None).expect("key").key;
    let certificate =
        Certificate::read(&std::fs::read(keys.join("certificate.pem")).expect("file")).expect("certificate");
    let folder = tempfile::tempdir().expect("folder");
    let host = Host::parse("api012.successfactors.eu", PlainHttp::LoopbackOnly).expect("host");
    for (number, user) in USERS.iter().enumerate() {
        let style = if number % 2 == 0 { AssertionStyle::ApiKey } else { AssertionStyle::Issuer };
        let user_is = [UserIs::UserId, UserIs::Username, UserIs::Email][number % 3];
        let claims = Claims {
            host: &host,
            client_id: "MzQ5<key>&==",
            user,
            user_is,
            style,
            now: "2026-11-21T10:00:00Z".parse().expect("time"),
            id: &format!("_assertion-{number}"),
        };
        let beside = (number % 2 == 1).then_some(&certificate);
        let name = |extension| folder.path().join(format!("{number}.{extension}"));
        std::fs::write(name("xml"), claims.signed(&key, beside).expect("signed")).expect("write");
        std::fs::write(name("user"), user).expect("write");
    }

    judged(&keys.join("certificate.pem"), folder.path(), USERS.len());
}

#[test]
fn a_made_pair_signs_what_others_accept_under_its_certificate() {
    for size in [KeySize::Bits2048, KeySize::Bits3072] {
        let made = make_key(&KeyWish {
            name: "joinery & Söhne".to_owned(),
            size,
            now: "2026-11-21T10:00:00Z".parse().expect("time"),
            lasts: SignedDuration::from_hours(24 * 730),
        })
        .expect("pair");
        let key = KeyFile::read(made.private_key.expose_secret().as_bytes(), None).expect("key").key;
        let folder = tempfile::tempdir().expect("folder");
        let host = Host::parse("api012.successfactors.eu", PlainHttp::LoopbackOnly).expect("host");
        let claims = Claims {
            host: &host,
            client_id: "Zjk4",
            user: "API_USER",
            user_is: UserIs::UserId,
            style: AssertionStyle::ApiKey,
            now: "2026-11-21T10:00:00Z".parse().expect("time"),
            id: "_made",
        };
        let signed = claims.signed(&key, Some(&made.certificate)).expect("signed");
        std::fs::write(folder.path().join("made.xml"), signed).expect("write");
        std::fs::write(folder.path().join("made.user"), claims.user).expect("write");
        let certificate = folder.path().join("made.pem");
        std::fs::write(&certificate, &made.certificate_pem).expect("write");
        judged(&certificate, folder.path(), 1);
    }
}

/// Lets the judges judge every assertion in `folder`.
fn judged(certificate: &Path, folder: &Path, assertions: usize) {
    let own = root().join(".judges/bin/python");
    let python = if own.exists() { own } else { PathBuf::from("python3") };
    let verdict = Command::new("timeout")
        .args(["--signal=KILL", "180"])
        .arg(python)
        .arg(root().join("tests/judges/saml_verify.py"))
        .arg("--cert")
        .arg(certificate)
        .arg(folder)
        .output()
        .expect("python3 runs");
    let said = format!("{}{}", String::from_utf8_lossy(&verdict.stdout), String::from_utf8_lossy(&verdict.stderr));
    assert!(verdict.status.success(), "{said}");
    assert_eq!(said.lines().filter(|line| line.contains("accepted by both")).count(), assertions, "{said}");
}
