//! `xmlsec1` and Python's `signxml`, which sign assertions for us and judge ours.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{in_repository, missing};

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// Debian's `xmlsec1`.
    Xmlsec1,
    /// PyPI's `signxml`.
    Signxml,
}

impl Signer {
    fn name(self) -> &'static str {
        match self {
            Self::Xmlsec1 => "xmlsec1",
            Self::Signxml => "signxml",
        }
    }
}

/// An assertion to sign: arguments of `tests/judges/saml_sign.py`.
#[derive(Clone, Debug)]
pub struct Wish(pub Vec<String>);

/// Lets `signer` sign assertions with the key and certificate in PEM files; each comes back as XML.
pub fn sign(signer: Signer, key: &Path, certificate: &Path, wishes: &[Wish]) -> Vec<String> {
    let mut lines = String::new();
    for Wish(arguments) in wishes {
        let mut whole = vec!["--tool".to_owned(), signer.name().to_owned()];
        whole.extend(["--key".to_owned(), key.display().to_string()]);
        whole.extend(["--cert".to_owned(), certificate.display().to_string()]);
        whole.extend(arguments.iter().cloned());
        lines.push_str(&serde_json::to_string(&whole).expect("JSON"));
        lines.push('\n');
    }
    let answer = ask("saml_sign.py", &["--batch"], &lines);
    let signed: Vec<String> = serde_json::from_slice(&answer.stdout).expect("a list of documents");
    assert_eq!(signed.len(), wishes.len(), "one document for each wish");
    signed
}

/// What both judges say of a folder of assertions.
#[derive(Debug)]
pub struct Judged {
    /// A line for each assertion, and what went wrong.
    pub said: String,
    /// How many both accepted, while refusing every changed copy.
    pub accepted: usize,
}

/// Lets both judge every `*.xml` in `folder`, with the user of each in `*.user` beside it, under one certificate.
pub fn verify(certificate: &Path, folder: &Path) -> Judged {
    let path = |path: &Path| path.display().to_string();
    let answer = ask("saml_verify.py", &["--cert", &path(certificate), &path(folder)], "");
    let said = String::from_utf8_lossy(&answer.stdout).into_owned();
    Judged { accepted: said.lines().filter(|line| line.contains("accepted by both")).count(), said }
}

/// Runs a script of `tests/judges` to its good end.
fn ask(script: &str, arguments: &[&str], input: &str) -> Output {
    let python: PathBuf = in_repository(".judges/bin/python");
    if !python.exists() {
        missing("the Python of the judges (.judges)");
    }
    let mut child = Command::new("timeout")
        .args(["--signal=KILL", "180"])
        .arg(python)
        .arg(in_repository("tests/judges").join(script))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python starts");
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("the input is read");
    let answer = child.wait_with_output().expect("Python ends");
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match answer.status.code() {
        Some(0) => answer,
        Some(2) => missing(&format!("a judge of {script} ({})", shown(&answer.stderr).trim())),
        _ => panic!("{script} failed:\n{}{}", shown(&answer.stdout), shown(&answer.stderr)),
    }
}
