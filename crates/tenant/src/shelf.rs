//! Metadata kept between runs: a tenant's `$metadata` has megabytes and changes rarely.
//!
//! What is kept is named by everything that it depends on (the connection, the tenant, who signs in, which sets were asked
//! for), so that nobody is shown what another may see. It is believed for a while; where the tenant gave an `ETag`, it is
//! asked whether that still holds. What turns out to be stale is forgotten and read anew.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256, digest};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use joinery_model::Failure;
use reqwest::StatusCode;
use reqwest::header::{ETAG, HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::catalogue::described;
use crate::{IasClient, Response, Settings, SignIn, Transport};

/// Where bytes are kept between runs, by name: 64 letters and digits. What it holds may be lost at any time.
pub trait Shelf: Send + Sync {
    /// The bytes of that name, when they are there.
    fn take(&self, name: &str) -> Option<Vec<u8>>;

    /// Keeps bytes. When it cannot, nothing is lost but time.
    fn keep(&self, name: &str, bytes: &[u8]);
}

/// A shelf as a connection uses it.
pub(crate) struct Kept {
    shelf: Box<dyn Shelf>,
    /// How long metadata without an `ETag` is believed.
    believed: SignedDuration,
    /// What was read up to this instant is stale.
    forgotten: Mutex<Option<Timestamp>>,
}

/// Metadata that was asked for.
#[derive(Clone, Debug)]
pub struct Told {
    /// The answer.
    pub response: Response,
    /// When the tenant last said so.
    pub at: Timestamp,
    /// It is from the shelf, and the tenant was not asked.
    pub from_shelf: bool,
}

/// The line before a document.
#[derive(Serialize, Deserialize)]
struct Head {
    read: Timestamp,
    etag: Option<String>,
    sha256: String,
}

impl Kept {
    pub(crate) fn new(shelf: impl Shelf + 'static, believed: SignedDuration) -> Self {
        Self { shelf: Box::new(shelf), believed, forgotten: Mutex::default() }
    }

    /// The document of that name with what is known of it, unless it was forgotten or is damaged.
    fn take(&self, name: &str) -> Option<(Head, Bytes)> {
        let bytes = Bytes::from(self.shelf.take(name)?);
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let document = bytes.slice(end + 1..);
        let forgotten = *self.forgotten.lock().unwrap_or_else(PoisonError::into_inner);
        (head.sha256 == hex(digest(&SHA256, &document).as_ref()) && forgotten.is_none_or(|at| head.read > at))
            .then_some((head, document))
    }

    fn keep(&self, name: &str, read: Timestamp, etag: Option<String>, document: &[u8]) {
        let head = Head { read, etag, sha256: hex(digest(&SHA256, document).as_ref()) };
        if let Ok(mut bytes) = serde_json::to_vec(&head) {
            bytes.push(b'\n');
            bytes.extend_from_slice(document);
            self.shelf.keep(name, &bytes);
        }
    }

    fn forget(&self, now: Timestamp) {
        *self.forgotten.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
}

impl Transport {
    /// Keeps metadata on a shelf, and believes for `believed` what the tenant gives no `ETag` for.
    pub fn keeping(self, shelf: impl Shelf + 'static, believed: SignedDuration) -> Self {
        self.set_kept(Kept::new(shelf, believed));
        self
    }

    /// Metadata by its path, from the shelf when that still holds.
    pub(crate) async fn metadata(&self, path: &str) -> Result<Told, Failure> {
        let now = self.now();
        let Some(kept) = self.kept() else {
            return Ok(Told { response: self.get(path).await?, at: now, from_shelf: false });
        };
        let name = name_of(self.settings(), path);
        let known = kept.take(&name);
        let age = |head: &Head| now.duration_since(head.read);
        if let Some((head, document)) = &known
            && head.etag.is_none()
            && age(head) < kept.believed
            && age(head) >= SignedDuration::ZERO
        {
            return Ok(Told { response: answer(path, document.clone()), at: head.read, from_shelf: true });
        }
        let etag = known.as_ref().and_then(|(head, _)| HeaderValue::try_from(head.etag.as_deref()?).ok());
        let response = self.get_unless(path, etag).await?;
        if response.status == StatusCode::NOT_MODIFIED
            && let Some((head, document)) = known
        {
            kept.keep(&name, now, head.etag, &document);
            return Ok(Told { response: answer(path, document), at: now, from_shelf: false });
        }
        // A gateway's page is no metadata, whatever its status.
        if response.status.is_success() && described(&response.bytes).is_ok() {
            let etag = response.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
            kept.keep(&name, now, etag, &response.bytes);
        }
        Ok(Told { response, at: now, from_shelf: false })
    }

    /// What was kept until now is stale.
    pub(crate) fn forget_metadata(&self) {
        if let Some(kept) = self.kept() {
            kept.forget(self.now());
        }
    }
}

fn answer(path: &str, document: Bytes) -> Response {
    Response {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        bytes: document,
        correlation_id: String::new(),
        at_place: false,
        subject: path.to_owned(),
    }
}

/// A name that differs when anything does that the document depends on; nothing can be read from it.
fn name_of(settings: &Settings, path: &str) -> String {
    let mut context = Context::new(&SHA256);
    let mut add = |part: &[u8]| {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    };
    add(b"joinery metadata 1");
    for part in [settings.name.as_str(), &settings.host.to_string(), &settings.company_id, path] {
        add(part.as_bytes());
    }
    add(format!("{:?}", settings.api).as_bytes());
    match &settings.sign_in {
        SignIn::SamlBearer(saml) => {
            let is = format!("{:?}", saml.user_is);
            for part in ["saml_bearer", &saml.client_id, &saml.user, &is] {
                add(part.as_bytes());
            }
        }
        SignIn::X509(x509) => {
            add(b"x509");
            add(x509.certificate.der());
        }
        SignIn::Ias(ias) => {
            let server = ias.token_server.to_string();
            for part in ["ias", &server, &ias.client_id, ias.resource.as_deref().unwrap_or_default()] {
                add(part.as_bytes());
            }
            if let IasClient::Certificate(x509) = &ias.client {
                add(x509.certificate.der());
            }
        }
        SignIn::Basic { user, .. } => {
            add(b"basic");
            add(user.as_bytes());
        }
    }
    hex(context.finish().as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Host, PlainHttp};

    fn settings(name: &str, host: &str, company: &str, user: &str) -> Settings {
        let host = Host::parse(host, PlainHttp::LoopbackOnly).expect("host");
        Settings::basic(name, host, company, user, "s3cret".into())
    }

    #[test]
    fn a_name_depends_on_tenant_user_and_question_and_on_no_password() {
        let of = |name, host, company, user, path| name_of(&settings(name, host, company, user), path);
        let base = of("a", "a.example", "A", "u", "p");
        for other in [
            of("b", "a.example", "A", "u", "p"),
            of("a", "b.example", "A", "u", "p"),
            of("a", "a.example", "B", "u", "p"),
            of("a", "a.example", "A", "v", "p"),
            of("a", "a.example", "A", "u", "q"),
        ] {
            assert_ne!(base, other);
        }
        assert_eq!(base.len(), 64);
        let mut changed = settings("a", "a.example", "A", "u");
        changed.sign_in = SignIn::Basic { user: "u".to_owned(), password: "new".into() };
        assert_eq!(base, name_of(&changed, "p"), "a new password is no new user");
    }

    #[test]
    fn what_is_damaged_is_not_there() {
        struct One(Mutex<Vec<u8>>);
        impl Shelf for One {
            fn take(&self, _: &str) -> Option<Vec<u8>> {
                Some(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
            }
            fn keep(&self, _: &str, bytes: &[u8]) {
                *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bytes.to_vec();
            }
        }
        let now: Timestamp = "2026-11-22T00:00:00Z".parse().expect("an instant");
        let kept = Kept::new(One(Mutex::default()), SignedDuration::from_hours(1));
        assert!(kept.take("n").is_none(), "nothing is no document");
        kept.keep("n", now, Some("\"tag\"".to_owned()), b"a\ndocument");
        let whole = kept.shelf.take("n").expect("bytes");
        let (head, document) = kept.take("n").expect("a document");
        assert_eq!((head.read, head.etag.as_deref(), &document[..]), (now, Some("\"tag\""), &b"a\ndocument"[..]));
        for cut in 0..whole.len() {
            kept.shelf.keep("n", &whole[..cut]);
            assert!(kept.take("n").is_none(), "cut at {cut}");
        }
        kept.shelf.keep("n", &whole);
        kept.forget(now);
        assert!(kept.take("n").is_none(), "forgotten");
    }
}
