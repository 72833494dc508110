//! The target: look-ups, listings and changes, at the server's pace.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::{StreamExt, TryStreamExt, stream};
use joinery_model::{
    Can, Change, Clock, Correlation, Failure, Finding, FindingKind, Found, HeldPage, Outcome, Place, RunId, Tally,
    Target,
};
use joinery_scim::{Mutability, Schema};
use serde_json::Value as Json;
use tokio::sync::OnceCell;

use super::account::{Layout, id_of, to_json};
use super::auth::Credentials;
use super::client::{Client, Trouble};
use super::lookup::{Index, Style};
use super::pace::Pace;
use super::server::{Server, discover};
use super::{Auth, Deactivate, Settings};

/// A SCIM 2.0 server as a target. The account's id is the server's `id`.
pub struct Scim<C> {
    pub(super) settings: Settings,
    pub(super) layout: Layout,
    pub(super) client: Client<C>,
    server: OnceCell<Server>,
    /// The server showed that it does not take PATCH.
    pub(super) no_patch: AtomicBool,
    /// How each attribute is looked up, where the plain way failed.
    styles: Mutex<BTreeMap<String, Style>>,
    pub(super) index: tokio::sync::Mutex<Option<Index>>,
}

impl<C: Clock + 'static> Scim<C> {
    /// Checks the settings; the server is looked at by the first call that needs it.
    ///
    /// # Errors
    /// An address that is none, an attribute that is no SCIM path, is the server's own, or does not say which of
    /// several values it means.
    pub fn open(mut settings: Settings, http: reqwest::Client, clock: C) -> Result<Self, Failure> {
        while settings.url.ends_with('/') {
            settings.url.pop();
        }
        let url = reqwest::Url::parse(&settings.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        if url.is_none_or(|url| url.query().is_some() || url.fragment().is_some()) {
            return Err(Failure::refused("url of the SCIM target is no address such as https://app.example/scim/v2"));
        }
        let layout = Layout::new(&settings)?;
        let client = Client {
            http,
            clock,
            credentials: Credentials::new(settings.auth.clone(), settings.timeout),
            pace: Pace::new(settings.parallel, settings.rate),
            timeout: settings.timeout,
        };
        Ok(Self {
            settings,
            layout,
            client,
            server: OnceCell::new(),
            no_patch: AtomicBool::new(false),
            styles: Mutex::default(),
            index: tokio::sync::Mutex::default(),
        })
    }

    async fn server(&self) -> Result<&Server, Trouble> {
        self.server.get_or_try_init(|| discover(&self.client, &self.settings.url)).await
    }

    pub(super) fn styles(&self) -> MutexGuard<'_, BTreeMap<String, Style>> {
        self.styles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look(&self, server: &Server, wanted: &Correlation) -> Result<Found, Trouble> {
        if let Some(id) = &wanted.target_id {
            let found = self.by_id(server, id).await?.and_then(|(resource, _)| self.layout.held(&resource));
            return Ok(found.map_or(Found::None, Found::One));
        }
        let mut asked = Vec::new();
        // What carries the person's key was made by us. Nobody asked for it, so it is not worth a listing.
        if let Some(path) = self.layout.external_id()
            && self.settings.match_by.iter().any(|name| name.eq_ignore_ascii_case("externalId"))
        {
            asked.push((path.clone(), Json::from(wanted.person.as_str()), false));
        }
        for (attribute, value) in &wanted.by {
            let path = self.layout.place(attribute).map_err(Trouble::Whole)?;
            asked.extend(to_json(value, &path, &server.schemas).map(|value| (path, value, true)));
        }
        for (path, value, list) in asked {
            let Some(found) = self.by_value(server, &path, &value, list).await? else { continue };
            match found.as_slice() {
                [] => {}
                [one] => return Ok(self.layout.held(one).map_or(Found::None, Found::One)),
                many => return Ok(Found::Many(many.iter().filter_map(id_of).collect())),
            }
        }
        Ok(Found::None)
    }

    /// Do credentials or people leave this machine without TLS?
    pub(super) fn tells_secrets_in_clear(&self) -> bool {
        let token_url = match &self.settings.auth {
            Auth::ClientCredentials { token_url, .. } => Some(token_url),
            _ => None,
        };
        std::iter::once(&self.settings.url).chain(token_url).filter_map(|url| reqwest::Url::parse(url).ok()).any(
            |url| {
                let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
                let here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
                url.scheme() == "http" && !here
            },
        )
    }

    /// What the server's schemas say against the mapping.
    fn judge(&self, server: &Server) -> Vec<Finding> {
        let mut findings = Vec::new();
        if !self
            .layout
            .places()
            .any(|(_, path)| path.extension().is_none() && path.name.eq_ignore_ascii_case("userName"))
        {
            let message = "every SCIM account needs it (RFC 7643, section 4.1.1); map it";
            findings.push(finding(FindingKind::Problem, "userName", message));
        }
        if server.schemas.is_empty() {
            return findings;
        }
        for (name, path) in self.layout.places() {
            match Schema::attribute(&server.schemas, path) {
                None => {
                    let message = "the server's schemas do not have it; attributes of an extension begin with its URN, \
                                   such as urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
                    findings.push(finding(FindingKind::Warning, name, message));
                }
                Some(attribute) if attribute.mutability == Mutability::ReadOnly => {
                    let message =
                        "the server's schema says that only the server writes it; leave it out of the mapping";
                    findings.push(finding(FindingKind::Problem, name, message));
                }
                Some(_) => {}
            }
        }
        findings
    }
}

fn finding(kind: FindingKind, subject: &str, message: impl Into<String>) -> Finding {
    Finding { kind, subject: subject.to_owned(), message: message.into() }
}

impl<C: Clock + 'static> Target for Scim<C> {
    fn can(&self) -> Can {
        let parallel = self.settings.parallel.max(1);
        Can {
            find: true,
            list: true,
            disable: self.settings.deactivate != Deactivate::Never,
            delete: self.settings.delete,
            references_by_id: true,
            // Small enough that a stop or a kill leaves few answers unknown.
            batch: parallel * 4,
            parallel: 1,
        }
    }

    async fn find(&self, wanted: &[Correlation]) -> Result<Vec<Found>, Failure> {
        let server = self.server().await?;
        let looks: Vec<_> = wanted.iter().map(|wanted| self.look(server, wanted)).collect();
        stream::iter(looks).buffered(self.settings.parallel.max(1)).try_collect().await.map_err(Failure::from)
    }

    async fn list(&self, place: Option<&Place>) -> Result<HeldPage, Failure> {
        let server = self.server().await?;
        self.held_page(server, place).await.map_err(Failure::from)
    }

    async fn apply(&self, _run: RunId, changes: &[Change]) -> Result<Vec<Outcome>, Failure> {
        let server = self.server().await.map_err(|trouble| Failure::from(trouble).untried())?;
        let (stopped, down) = (&AtomicBool::new(false), &AtomicBool::new(true));
        let deliveries: Vec<_> = changes
            .iter()
            .map(|change| async move {
                if stopped.load(Ordering::Relaxed) {
                    return Ok(Outcome::NotTried(None, "the target failed before this change's turn".to_owned()));
                }
                match self.deliver(server, change).await {
                    Ok(outcome) => {
                        down.store(false, Ordering::Relaxed);
                        Ok(outcome)
                    }
                    Err(Trouble::Again { after, why, sent, down: outage }) => {
                        down.fetch_and(outage, Ordering::Relaxed);
                        Ok(if sent { Outcome::Again(after, why) } else { Outcome::NotTried(after, why) })
                    }
                    Err(Trouble::Whole(failure)) => {
                        stopped.store(true, Ordering::Relaxed);
                        Err(failure)
                    }
                }
            })
            .collect();
        // Every request under way ends before the call does, so that none is cut off half done.
        let outcomes: Vec<Result<Outcome, Failure>> =
            stream::iter(deliveries).buffered(self.settings.parallel.max(1)).collect().await;
        let nothing_done = |outcome: &Result<Outcome, Failure>| match outcome {
            Ok(outcome) => matches!(outcome, Outcome::NotTried(..)),
            Err(failure) => failure.untried,
        };
        let untried = outcomes.iter().all(nothing_done);
        let whole = |failure: Failure| Failure { untried, ..failure };
        let outcomes: Vec<Outcome> = outcomes.into_iter().collect::<Result<_, _>>().map_err(whole)?;
        match outcomes.first() {
            // A server that is down for all of them is no fault of any of them.
            Some(Outcome::Again(after, why) | Outcome::NotTried(after, why)) if down.load(Ordering::Relaxed) => {
                Err(whole(Failure::later(why, *after)))
            }
            _ => Ok(outcomes),
        }
    }

    async fn close(&self, _run: RunId, _tally: &Tally) -> Result<(), Failure> {
        // The next run must not trust what this one saw.
        self.forget().await;
        Ok(())
    }

    async fn test(&self) -> Vec<Finding> {
        let subject = format!("SCIM {}", self.settings.url);
        let server = match self.server().await {
            Ok(server) => server,
            Err(trouble) => return vec![finding(FindingKind::Problem, &subject, Failure::from(trouble).message)],
        };
        if let Err(trouble) = self.page(server, None).await {
            return vec![finding(FindingKind::Problem, &subject, Failure::from(trouble).message)];
        }
        let mut findings = vec![finding(FindingKind::Good, &subject, "signed in; users can be read")];
        if self.tells_secrets_in_clear() {
            let message = "plain http: whoever is on the way reads the credentials and the people; use https";
            findings.push(finding(FindingKind::Warning, "url", message));
        }
        let says = |what: Option<bool>, yes: &str, no: &str, unknown: &str| match what {
            Some(true) => yes.to_owned(),
            Some(false) => no.to_owned(),
            None => unknown.to_owned(),
        };
        if !server.described {
            let message =
                "the server does not describe itself here; PATCH and filters are tried and given up when refused";
            findings.push(finding(FindingKind::Warning, "ServiceProviderConfig", message));
        }
        let patch =
            says(server.config.patch, "accounts are changed by PATCH", "no PATCH: by PUT", "PATCH is tried first");
        findings.push(finding(FindingKind::Good, "PATCH", patch));
        let no = "no filters: every account is listed once a run to find people";
        let filter = says(server.config.filter, "accounts are found by filter", no, "filters are tried first");
        let kind = if server.config.filter == Some(false) { FindingKind::Warning } else { FindingKind::Good };
        findings.push(finding(kind, "filter", filter));
        findings.extend(self.judge(server));
        findings
    }
}
