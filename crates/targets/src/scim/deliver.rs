//! One change and what it costs: the requests for each action.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use joinery_model::{Action, Change, Clock, Failure, Outcome};
use joinery_scim::{PatchRequest, Path, Resource, ScimType, Write, get, operations, write_all};
use reqwest::Method;
use serde_json::Value as Json;

use super::account::{id_of, name_schemas, same, version_of};
use super::client::{Answer, Ask, Trouble};
use super::lookup::at;
use super::server::Server;
use super::target::Scim;
use super::words::safe;
use super::{Deactivate, Update};

/// Who holds the values that a creation needs.
enum Holder {
    /// Nobody.
    Nobody,
    /// This person: the account is theirs.
    Ours(Box<Resource>),
    /// Somebody else holds the value of this attribute.
    Other(String),
}

impl<C: Clock + 'static> Scim<C> {
    /// Delivers one change.
    pub(super) async fn deliver(&self, server: &Server, change: &Change) -> Result<Outcome, Trouble> {
        let Some(id) = &change.target_id else {
            return match change.action {
                Action::Delete | Action::Disable | Action::Adopt => {
                    Ok(Outcome::Refused("the change does not say which account it means; run a full sync".to_owned()))
                }
                _ => self.create(server, change, change.attempts > 0).await,
            };
        };
        match change.action {
            Action::Adopt => Ok(Outcome::Done { target_id: id.clone(), echo: None }),
            Action::Delete => self.delete(server, change, id).await,
            Action::Disable => self.disable(server, change, id).await,
            Action::Create | Action::Update | Action::Enable | Action::BackFill => {
                let mut writes = self.layout.said(change, &server.schemas);
                if matches!(change.action, Action::Enable) {
                    writes.push(Write { path: self.layout.active.clone(), value: Some(true.into()) });
                }
                match self.update(server, change, id, &writes, self.settings.update).await? {
                    Some(outcome) => Ok(outcome),
                    // Somebody removed the account: it is made again from all that is known.
                    None => self.create(server, change, true).await,
                }
            }
        }
    }

    /// POST. With `look`, an earlier try may have made the account already, so that is looked at first.
    async fn create(&self, server: &Server, change: &Change, look: bool) -> Result<Outcome, Trouble> {
        if look {
            match self.holder(server, change, true).await? {
                Holder::Ours(resource) => return self.take_over(server, change, &resource).await,
                Holder::Other(attribute) => return Ok(Outcome::Refused(taken(&attribute))),
                Holder::Nobody => {}
            }
        }
        let body = Json::Object(self.layout.resource(&change.after, change.after.active, &server.schemas));
        let ask = Ask { method: Method::POST, body: Some(&body), ..Ask::get(&server.users) };
        let answer = match self.client.ask(&ask).await {
            Ok(answer) => answer,
            Err(trouble) => {
                // Nobody knows whether the account was made.
                self.forget().await;
                return Err(trouble);
            }
        };
        if answer.is_good() {
            return self.created(server, change, answer).await;
        }
        if matches!(answer.status, 404 | 405 | 501) {
            let message = format!(
                "the server answers {} to POST {}: it makes no accounts there; look at url",
                answer.status, server.users
            );
            return Err(Trouble::Whole(Failure::refused(message).untried()));
        }
        let error = answer.error();
        if answer.status == 409 || error.scim_type == Some(ScimType::Uniqueness) {
            self.forget().await;
            return match self.holder(server, change, look).await? {
                Holder::Ours(resource) => self.take_over(server, change, &resource).await,
                Holder::Other(attribute) => Ok(Outcome::Refused(taken(&attribute))),
                Holder::Nobody => Ok(self.refused(change, &answer)),
            };
        }
        Ok(self.refused(change, &answer))
    }

    async fn created(&self, server: &Server, change: &Change, answer: Answer) -> Result<Outcome, Trouble> {
        if let Json::Object(resource) = &answer.body
            && let Some(held) = self.layout.held(resource)
        {
            self.note(resource).await;
            return Ok(Outcome::Done { target_id: held.target_id.clone(), echo: Some(held) });
        }
        // No body: the account is where the answer says, or where its values are.
        self.forget().await;
        let step = answer.location.as_deref().and_then(|location| location.trim_end_matches('/').rsplit('/').next());
        if let Some(id) = step.filter(|id| !id.is_empty()) {
            let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned();
            return Ok(Outcome::Done { target_id: id.into(), echo: None });
        }
        match self.holder(server, change, true).await.map_err(Trouble::after_a_write)? {
            Holder::Ours(resource) => match self.layout.held(&resource) {
                Some(held) => Ok(Outcome::Done { target_id: held.target_id.clone(), echo: Some(held) }),
                None => Ok(Outcome::Refused("the server's accounts have no id".to_owned())),
            },
            _ => Ok(Outcome::Again(None, "the server made an account and did not say which".to_owned())),
        }
    }

    /// Who holds what this person's account needs. An account is theirs when it carries their `externalId`; after a
    /// try whose answer was lost also when it carries no `externalId` and otherwise exactly what we sent.
    async fn holder(&self, server: &Server, change: &Change, tried: bool) -> Result<Holder, Trouble> {
        // Everybody is only listed when no attribute can be searched for.
        for list in [false, true] {
            if let Some(holder) = self.holder_by(server, change, tried, list).await? {
                return Ok(holder);
            }
        }
        Ok(Holder::Nobody)
    }

    /// `None` when there was nothing that could be asked.
    async fn holder_by(
        &self,
        server: &Server,
        change: &Change,
        tried: bool,
        list: bool,
    ) -> Result<Option<Holder>, Trouble> {
        let (mut other, mut asked) = (None, false);
        for name in &self.settings.match_by {
            let path = self.layout.place(name).map_err(Trouble::Whole)?;
            let Some(value) = self.layout.match_value(&change.after, &path, &server.schemas) else { continue };
            let Some(mut found) = self.by_value(server, &path, &value, list).await? else { continue };
            asked = true;
            match found.len() {
                0 => {}
                1 => {
                    let resource = found.remove(0);
                    if self.is_ours(server, change, &path, &resource, tried) {
                        return Ok(Some(Holder::Ours(Box::new(resource))));
                    }
                    other.get_or_insert_with(|| name.to_string());
                }
                _ => drop(other.get_or_insert_with(|| name.to_string())),
            }
        }
        Ok(asked.then(|| other.map_or(Holder::Nobody, Holder::Other)))
    }

    fn is_ours(&self, server: &Server, change: &Change, by: &Path, resource: &Resource, tried: bool) -> bool {
        let external_id = Path { urn: None, name: "externalId".into(), filter: None, sub: None };
        if *by == external_id {
            return true;
        }
        let wanted = self.layout.match_value(&change.after, &external_id, &server.schemas);
        match (get(resource, &external_id), wanted) {
            (Some(found), Some(wanted)) => *found == wanted,
            (Some(_), None) => false,
            (None, _) => {
                let said = self.layout.whole(&change.after, &server.schemas);
                let holds = |write: &Write| match (get(resource, &write.path), &write.value) {
                    (Some(found), Some(value)) => same(found, value, true),
                    (found, value) => found.is_none() && value.is_none(),
                };
                tried && said.iter().all(holds)
            }
        }
    }

    /// An account that is there already becomes this person's: it gets what differs.
    async fn take_over(&self, server: &Server, change: &Change, resource: &Resource) -> Result<Outcome, Trouble> {
        let Some(id) = id_of(resource) else {
            return Ok(Outcome::Refused("the server's accounts have no id".to_owned()));
        };
        let mut writes = self.layout.whole(&change.after, &server.schemas);
        writes.push(Write { path: self.layout.active.clone(), value: Some(change.after.active.into()) });
        let outcome = self.update(server, change, &id, &writes, self.settings.update).await?;
        Ok(outcome
            .unwrap_or_else(|| Outcome::Again(None, "the account was removed while it was taken over".to_owned())))
    }

    /// Disabling must not fail for an attribute's sake: what is refused with the rest is tried alone.
    async fn disable(&self, server: &Server, change: &Change, id: &Arc<str>) -> Result<Outcome, Trouble> {
        let how = match self.settings.deactivate {
            Deactivate::Never => {
                return Ok(Outcome::Refused(
                    "deactivate = \"never\": this target keeps no inactive accounts".to_owned(),
                ));
            }
            Deactivate::Auto => self.settings.update,
            Deactivate::Patch => Update::Patch,
            Deactivate::Put => Update::Put,
        };
        let alone = vec![Write { path: self.layout.active.clone(), value: Some(false.into()) }];
        let mut writes = self.layout.said(change, &server.schemas);
        let more = !writes.is_empty();
        writes.extend(alone.iter().cloned());
        // An account that is not there is not usable either.
        let gone = || Outcome::Done { target_id: id.clone(), echo: None };
        match self.update(server, change, id, &writes, how).await? {
            Some(Outcome::Refused(why)) if more => match self.update(server, change, id, &alone, how).await? {
                Some(Outcome::Done { .. }) => Ok(Outcome::Refused(format!(
                    "the account is disabled, but its other attributes are not written: {why}"
                ))),
                outcome => Ok(outcome.unwrap_or_else(gone)),
            },
            outcome => Ok(outcome.unwrap_or_else(gone)),
        }
    }

    async fn delete(&self, server: &Server, change: &Change, id: &Arc<str>) -> Result<Outcome, Trouble> {
        let url = at(server, id);
        let answer = self.client.ask(&Ask { method: Method::DELETE, ..Ask::get(&url) }).await?;
        if answer.is_good() || self.is_gone(server, &answer).await? {
            return Ok(Outcome::Done { target_id: id.clone(), echo: None });
        }
        if matches!(answer.status, 405 | 501) {
            return Ok(Outcome::Refused("the server deletes no accounts; set the leaver action to disable".to_owned()));
        }
        Ok(self.refused(change, &answer))
    }

    /// Writes to an account that is there; `None` when it is not.
    async fn update(
        &self,
        server: &Server,
        change: &Change,
        id: &Arc<str>,
        writes: &[Write],
        how: Update,
    ) -> Result<Option<Outcome>, Trouble> {
        if writes.is_empty() {
            return Ok(Some(Outcome::Done { target_id: id.clone(), echo: None }));
        }
        let can_patch = server.config.patch != Some(false) && !self.no_patch.load(Ordering::Relaxed);
        if how == Update::Put || (how == Update::Auto && !can_patch) {
            return self.put(server, change, id, writes).await;
        }
        // Which element a filter means can only be said when the account is known.
        let blind = writes.iter().all(|write| write.path.filter.is_none()) && change.attempts == 0;
        if blind {
            let url = at(server, id);
            let answer = self.patch(&url, operations(None, writes), None).await?;
            match answer.status {
                // It may take our removal of what is not there amiss; with the account known nothing needless is said.
                400 => {}
                _ => return self.patched(server, change, id, answer, writes, how).await,
            }
        }
        let Some((current, etag)) = self.by_id(server, id).await? else { return Ok(None) };
        let operations = operations(Some(&current), writes);
        if operations.is_empty() {
            return Ok(Some(Outcome::Done { target_id: id.clone(), echo: self.layout.held(&current) }));
        }
        let version = Self::version(server, etag, &current);
        let answer = self.patch(&at(server, id), operations, version.as_deref()).await?;
        self.patched(server, change, id, answer, writes, how).await
    }

    async fn patch(
        &self,
        url: &str,
        operations: Vec<joinery_scim::Operation>,
        if_match: Option<&str>,
    ) -> Result<Answer, Trouble> {
        let body = serde_json::to_value(PatchRequest::new(operations)).unwrap_or_default();
        self.client.ask(&Ask { method: Method::PATCH, body: Some(&body), if_match, ..Ask::get(url) }).await
    }

    async fn patched(
        &self,
        server: &Server,
        change: &Change,
        id: &Arc<str>,
        answer: Answer,
        writes: &[Write],
        how: Update,
    ) -> Result<Option<Outcome>, Trouble> {
        if how == Update::Auto && matches!(answer.status, 405 | 501) {
            tracing::warn!(status = answer.status, "the SCIM server does not take PATCH; changing accounts by PUT");
            self.no_patch.store(true, Ordering::Relaxed);
            return self.put(server, change, id, writes).await;
        }
        self.written(server, change, id, answer).await
    }

    /// Read, change, write back.
    async fn put(
        &self,
        server: &Server,
        change: &Change,
        id: &Arc<str>,
        writes: &[Write],
    ) -> Result<Option<Outcome>, Trouble> {
        let Some((current, etag)) = self.by_id(server, id).await? else { return Ok(None) };
        if operations(Some(&current), writes).is_empty() {
            return Ok(Some(Outcome::Done { target_id: id.clone(), echo: self.layout.held(&current) }));
        }
        let version = Self::version(server, etag, &current);
        let mut wanted = current;
        write_all(&mut wanted, writes);
        // The server's own; some refuse to have them told back.
        wanted.retain(|name, _| !name.eq_ignore_ascii_case("meta") && !name.eq_ignore_ascii_case("groups"));
        name_schemas(&mut wanted);
        let (url, body) = (at(server, id), Json::Object(wanted));
        let ask = Ask { method: Method::PUT, body: Some(&body), if_match: version.as_deref(), ..Ask::get(&url) };
        let answer = self.client.ask(&ask).await?;
        self.written(server, change, id, answer).await
    }

    /// The version to insist on, where the server keeps versions.
    fn version(server: &Server, etag: Option<String>, current: &Resource) -> Option<String> {
        if server.config.etag == Some(false) {
            return None;
        }
        etag.or_else(|| version_of(current).filter(|_| server.config.etag == Some(true)))
    }

    async fn written(
        &self,
        server: &Server,
        change: &Change,
        id: &Arc<str>,
        answer: Answer,
    ) -> Result<Option<Outcome>, Trouble> {
        if answer.is_good() {
            let mut echo = None;
            match &answer.body {
                Json::Object(resource) => {
                    echo = self.layout.held(resource);
                    self.note(resource).await;
                }
                // What it holds now is not said, so what an index says of it may be old.
                _ => self.forget().await,
            }
            return Ok(Some(Outcome::Done { target_id: id.clone(), echo }));
        }
        if answer.status == 412 {
            return Ok(Some(Outcome::Again(None, "the account changed while it was being changed".to_owned())));
        }
        if self.is_gone(server, &answer).await? {
            return Ok(None);
        }
        Ok(Some(self.refused(change, &answer)))
    }

    /// What the server says against it, without what it says about the person.
    fn refused(&self, change: &Change, answer: &Answer) -> Outcome {
        let error = answer.error();
        let detail = error.detail.map(|detail| safe(&detail, change, &self.layout.names)).unwrap_or_default();
        let kind = error.scim_type.map(|kind| format!(", {kind:?}")).unwrap_or_default();
        if answer.status == 409 || error.scim_type == Some(ScimType::Uniqueness) {
            let lower = detail.to_lowercase();
            let named = self.layout.places().map(|(name, path)| (name, path.name.to_lowercase()));
            if let Some((name, _)) = named.into_iter().find(|(_, short)| lower.contains(short.as_str())) {
                return Outcome::Refused(taken(name));
            }
            if self.layout.places().any(|(_, path)| path.name.eq_ignore_ascii_case("userName")) && detail.is_empty() {
                return Outcome::Refused(taken("userName"));
            }
        }
        Outcome::Refused(
            format!("the server refuses it ({}{kind}): {detail}", answer.status)
                .trim_end_matches([':', ' '])
                .to_owned(),
        )
    }
}

fn taken(attribute: &str) -> String {
    format!(
        "another account has the same {attribute}; if it is this person's, name {attribute} under `correlate` so that it \
         is adopted, else change one of the two"
    )
}
