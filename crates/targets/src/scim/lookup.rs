//! Finding accounts: by id, by filter, and by an index of our own where the server cannot filter.
//!
//! A server's answer to a filter is never taken on trust: some ignore filters that they do not know and answer with
//! everybody. Only accounts that hold the wanted value count.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::{Clock, HeldPage, Place};
use joinery_scim::{ListResponse, Path, Resource, Schema, get};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use super::account::{as_read, id_of, same};
use super::client::{Answer, Ask, Trouble};
use super::server::Server;
use super::target::Scim;

/// What stays as it is in a path's step or a query's value.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// How accounts are looked up by an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// By a filter; for an element of several, a filter on one element.
    Filter,
    /// By a filter that names the attribute without its element, for servers that know no element filters.
    Loose,
    /// By our own index: the server cannot.
    Index,
}

/// Ids by attribute and value, from one listing.
#[derive(Debug, Default)]
pub(super) struct Index {
    ids: BTreeMap<String, BTreeMap<String, Vec<Arc<str>>>>,
}

impl Index {
    fn add(&mut self, resource: &Resource) {
        let Some(id) = id_of(resource) else { return };
        for (path, values) in &mut self.ids {
            let Ok(path) = path.parse::<Path>() else { continue };
            if let Some(value) = get(resource, &path) {
                let ids = values.entry(folded(value)).or_default();
                if !ids.contains(&id) {
                    ids.push(id.clone());
                }
            }
        }
    }
}

fn folded(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_lowercase)
}

/// The address of one account.
pub(super) fn at(server: &Server, id: &str) -> String {
    format!("{}/{}", server.users, utf8_percent_encode(id, KEPT))
}

impl<C: Clock + 'static> Scim<C> {
    /// The account of that id with its version; `None` when there is none.
    pub(super) async fn by_id(&self, server: &Server, id: &str) -> Result<Option<(Resource, Option<String>)>, Trouble> {
        let url = at(server, id);
        let answer = self.client.ask(&Ask::get(&url)).await?;
        match answer {
            Answer { status: 200..=299, body: Json::Object(resource), etag, .. } => Ok(Some((resource, etag))),
            answer if self.is_gone(server, &answer).await? => Ok(None),
            answer => Err(refused(&answer, "GET /Users/{id}")),
        }
    }

    /// Does this answer say that the account is not there? A 404 may as well come from a gateway that has lost the
    /// server, or from a tenant that is gone: only when the listing answers is it the account that is missing.
    pub(super) async fn is_gone(&self, server: &Server, answer: &Answer) -> Result<bool, Trouble> {
        if !matches!(answer.status, 404 | 410) {
            return Ok(false);
        }
        let url = format!("{}?count=1", server.users);
        let listing = self.client.ask(&Ask::get(&url)).await?;
        if listing.is_good() && ListResponse::read(listing.body).is_some() {
            return Ok(true);
        }
        Err(Trouble::Again {
            after: None,
            why: "the server answers 404 to everything; look at url".to_owned(),
            sent: false,
            down: true,
        })
    }

    /// Does upper and lower case matter in this attribute? The RFC says so of `id` and `externalId`.
    fn is_exact(server: &Server, path: &Path) -> bool {
        let external = path.extension().is_none() && path.name.eq_ignore_ascii_case("externalId");
        Schema::attribute(&server.schemas, path).map_or(external, |attribute| attribute.case_exact)
    }

    /// Every account that holds this value at this path. Without `list`, `None` says that only a listing of everybody
    /// could tell.
    pub(super) async fn by_value(
        &self,
        server: &Server,
        path: &Path,
        value: &Json,
        list: bool,
    ) -> Result<Option<Vec<Resource>>, Trouble> {
        let path = as_read(path);
        let exact = Self::is_exact(server, &path);
        let holds = |resource: &Resource| get(resource, &path).is_some_and(|found| same(found, value, exact));
        loop {
            let style = self.style(server, &path);
            let filter = match style {
                Style::Filter => path.equals(value.clone()),
                Style::Loose => Path { filter: None, ..path.clone() }.equals(value.clone()),
                Style::Index if !list => return Ok(None),
                Style::Index => return self.by_index(server, &path, value, &holds).await.map(Some),
            };
            let text = filter.to_string();
            let url = format!("{}?filter={}&startIndex=1&count=20", server.users, utf8_percent_encode(&text, KEPT));
            let answer = self.client.ask(&Ask { lenient: true, ..Ask::get(&url) }).await?;
            let page = if answer.is_good() { ListResponse::read(answer.body) } else { None };
            match page {
                Some(page) if style == Style::Loose || page.resources.iter().all(holds) => {
                    return Ok(Some(page.resources.into_iter().filter(holds).collect()));
                }
                // Everybody, or somebody else: the filter was not understood and nobody said so.
                None if style == Style::Filter && path.filter.is_some() => self.set_style(&path, Style::Loose),
                Some(_) | None => self.set_style(&path, Style::Index),
            }
        }
    }

    fn style(&self, server: &Server, path: &Path) -> Style {
        if server.config.filter == Some(false) {
            return Style::Index;
        }
        self.styles().get(&path.to_string()).copied().unwrap_or(Style::Filter)
    }

    fn set_style(&self, path: &Path, style: Style) {
        tracing::warn!(attribute = %path.attribute(), ?style, "the SCIM server does not answer this filter; looking up another way");
        self.styles().insert(path.to_string(), style);
    }

    async fn by_index(
        &self,
        server: &Server,
        path: &Path,
        value: &Json,
        holds: &impl Fn(&Resource) -> bool,
    ) -> Result<Vec<Resource>, Trouble> {
        let ids = {
            let mut held = self.index.lock().await;
            let mut index = held.take().unwrap_or_default();
            if !index.ids.contains_key(&path.to_string()) {
                // Another attribute is asked for: one listing more fills it beside those already asked for.
                index.ids.values_mut().for_each(BTreeMap::clear);
                index.ids.insert(path.to_string(), BTreeMap::new());
                let mut place = None;
                loop {
                    let (resources, next) = self.page(server, place.as_ref()).await?;
                    for resource in &resources {
                        index.add(resource);
                    }
                    place = next;
                    if place.is_none() {
                        break;
                    }
                }
            }
            let ids = index.ids.get(&path.to_string()).and_then(|values| values.get(&folded(value)));
            let ids = ids.cloned().unwrap_or_default();
            *held = Some(index);
            ids
        };
        let mut found = Vec::new();
        for id in ids {
            found.extend(
                self.by_id(server, &id).await?.map(|(resource, _)| resource).filter(|resource| holds(resource)),
            );
        }
        Ok(found)
    }

    /// Keeps the index in step with what we write.
    pub(super) async fn note(&self, resource: &Resource) {
        if let Some(index) = self.index.lock().await.as_mut() {
            index.add(resource);
        }
    }

    /// Forgets the index: something may have happened that it does not show.
    pub(super) async fn forget(&self) {
        *self.index.lock().await = None;
    }

    /// One page of the listing and where it goes on.
    pub(super) async fn page(
        &self,
        server: &Server,
        place: Option<&Place>,
    ) -> Result<(Vec<Resource>, Option<Place>), Trouble> {
        let most = server.config.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        let count = self.settings.page_size.clamp(1, most);
        let by_cursor = server.config.cursor == Some(true);
        let (url, start) = match place.map(|place| place.0.split_once(':').unwrap_or(("start", &place.0))) {
            None if by_cursor => (format!("{}?cursor&count={count}", server.users), 1),
            None => (format!("{}?startIndex=1&count={count}", server.users), 1),
            Some(("cursor", cursor)) => {
                (format!("{}?cursor={}&count={count}", server.users, utf8_percent_encode(cursor, KEPT)), 1)
            }
            Some((_, start)) => {
                let start: u64 = start.parse().unwrap_or(1);
                (format!("{}?startIndex={start}&count={count}", server.users), start)
            }
        };
        let answer = self.client.ask(&Ask::get(&url)).await?;
        if !answer.is_good() {
            return Err(refused(&answer, "GET /Users"));
        }
        let Some(list) = ListResponse::read(answer.body) else {
            return Err(Trouble::Whole(joinery_model::Failure::refused(
                "the server's answer to GET /Users is no SCIM list; look at url, it must end before /Users",
            )));
        };
        let next = match (list.next_cursor, list.total) {
            (Some(cursor), _) => Some(Place(format!("cursor:{cursor}"))),
            _ if list.resources.is_empty()
                || (by_cursor && place.is_none_or(|place| place.0.starts_with("cursor:"))) =>
            {
                None
            }
            (None, total) => {
                let seen = start + list.resources.len() as u64;
                total.is_none_or(|total| seen <= total).then(|| Place(format!("start:{seen}")))
            }
        };
        Ok((list.resources, next))
    }

    /// A page of accounts.
    pub(super) async fn held_page(&self, server: &Server, place: Option<&Place>) -> Result<HeldPage, Trouble> {
        let (resources, next) = self.page(server, place).await?;
        Ok(HeldPage { held: resources.iter().filter_map(|resource| self.layout.held(resource)).collect(), next })
    }
}

/// A question that every server must answer was refused.
fn refused(answer: &Answer, what: &str) -> Trouble {
    let kind = answer.error().scim_type.map(|kind| format!(" ({kind:?})")).unwrap_or_default();
    Trouble::Whole(joinery_model::Failure::refused(format!(
        "the server answers {}{kind} to {what}; look at url",
        answer.status
    )))
}
