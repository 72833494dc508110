//! Reading users.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use jiff::tz::TimeZone;
use joinery_model::{Failure, Filter, Needs, Path, Place, Root, Value};
use joinery_odata::{EntityAddress, KeyPredicate, Literal, Paging, Query};

use super::{UserEntity, Users};
use crate::Response;
use crate::catalogue::{Catalogue, Ready};
use crate::push_down::{fields, push_down};
use crate::query::{Plan, Refused};
use crate::read::{At, refused_members, status_stated};
use crate::row::{Entity, Reading};

/// Longest pushed-down filter, in characters.
const LONGEST_FILTER: usize = 2_000;

/// How often one question is mended: each refusal may name one property only.
const MOST_MENDS: usize = 8;

/// Which users, and what of them.
#[derive(Clone, Debug)]
pub struct Search {
    /// Who is wanted; paths are those of the data.
    pub filter: Filter,
    /// What is read of each: properties (`firstName`), and through navigations (`manager.userId`). What the tenant does
    /// not have is left out with a warning in the log.
    pub paths: BTreeSet<Path>,
    /// Users of one answer before the filter's last word, 1 to 1000.
    pub page_size: u32,
}

impl Search {
    /// Everybody, with these paths; what is no path is left out.
    pub fn everybody<'p>(paths: impl IntoIterator<Item = &'p str>) -> Self {
        let paths = paths.into_iter().filter_map(|path| Path::parse(path).ok()).collect();
        Self { filter: Filter::All, paths, page_size: 200 }
    }

    /// Those whom the filter accepts.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    fn needs(&self) -> Needs {
        let mut paths = self.paths.clone();
        collect(&self.filter, None, &mut paths);
        paths.extend(["userId", "status"].iter().filter_map(|path| Path::parse(path).ok()));
        Needs { paths }
    }
}

/// The paths that a filter looks at.
fn collect(filter: &Filter, inside: Option<&Path>, into: &mut BTreeSet<Path>) {
    let whole = |path: &Path| match inside {
        None => Some(path.clone()),
        Some(inside) => Path::parse(&format!("{inside}.{path}")).ok(),
    };
    match filter {
        Filter::All | Filter::None => {}
        Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| collect(part, inside, into)),
        Filter::Not(part) => collect(part, inside, into),
        Filter::Present(path) | Filter::Compare { path, .. } | Filter::In { path, .. } | Filter::Whole { path, .. } => {
            into.extend(whole(path));
        }
        Filter::Any { path, filter } => collect(filter, whole(path).as_ref(), into),
    }
}

/// Users of one answer, and where the next one begins.
#[derive(Clone, Debug, Default)]
pub struct UserPage {
    /// Those whom the filter accepts; perhaps none of this answer.
    pub users: Vec<UserEntity>,
    /// Where it goes on; `None` at the end. It may be lost after some minutes.
    pub next: Option<Place>,
}

/// What a question is made from.
struct Prepared {
    catalogue: Arc<Catalogue>,
    plan: Plan,
    reading: Reading,
    /// Some of the catalogue is from before this process.
    from_shelf: bool,
}

impl Users {
    /// One page of a search.
    ///
    /// # Errors
    /// As [`crate::Transport::get`]; when the API user sees no users; [`joinery_model::Retry::Restart`] when `place`
    /// is lost.
    pub async fn search(&self, search: &Search, place: Option<&Place>) -> Result<UserPage, Failure> {
        let needs = search.needs();
        let at = place.map(At::of).transpose()?;
        let (prepared, response) = match at {
            Some(At::Link(link)) => {
                let prepared = self.prepare(&needs).await?;
                (prepared, self.transport().get(&link).await?.ok()?)
            }
            Some(At::After(_)) => return Err(Failure::restart("the place belongs to another search; it starts again")),
            None => self.ask(&needs, |prepared| walk(search, prepared, &self.zone)).await?,
        };
        let (mut users, next) = self.entities(&prepared, &response).await?;
        users.retain(|user| search.filter.accepts(&user.data));
        Ok(UserPage { users, next: next.map(|next| At::link(&next).place()) })
    }

    /// The users of an answer, and the link to the next one. Where they hold an option that its picklist lacked, that is
    /// read again, and then they.
    async fn entities(
        &self,
        prepared: &Prepared,
        response: &Response,
    ) -> Result<(Vec<UserEntity>, Option<String>), Failure> {
        let entities = |reading: &Reading| {
            let mut users = Vec::new();
            let next = reading.page(&response.bytes, |entity| users.extend(read(entity))).map_err(unreadable)?;
            Ok((users, next))
        };
        let found = entities(&prepared.reading)?;
        let book = prepared.reading.book();
        match self.picklists.renewed(self.transport(), &prepared.plan.picklists, book).await? {
            Some(opened) => entities(&prepared.reading.clone().with_book(opened.book)),
            None => Ok(found),
        }
    }

    /// Everybody of a search, page after page: for searches that find few.
    ///
    /// # Errors
    /// As [`Users::search`]. A lost place starts the search again, once.
    pub async fn all(&self, search: &Search) -> Result<Vec<UserEntity>, Failure> {
        let (mut found, mut place, mut restarted) = (Vec::new(), None, false);
        loop {
            match self.search(search, place.as_ref()).await {
                Ok(page) => {
                    found.extend(page.users);
                    let Some(next) = page.next else { return Ok(found) };
                    place = Some(next);
                }
                Err(failure) if failure.retry() == joinery_model::Retry::Restart && !restarted => {
                    (restarted, place) = (true, None);
                    found.clear();
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// One user, whatever the status; `None` when there is none of that id or the API user may not see it.
    ///
    /// # Errors
    /// As [`Users::search`].
    pub async fn get<'p>(
        &self,
        user_id: &str,
        paths: impl IntoIterator<Item = &'p str>,
    ) -> Result<Option<UserEntity>, Failure> {
        let search = Search::everybody(paths);
        let key = KeyPredicate::new([("userId", Literal::text(user_id))]);
        let address = key.map_or_else(|| EntityAddress::set("User"), |key| EntityAddress::entity("User", key));
        let path = |prepared: &Prepared| format!("odata/v2/{address}?{}", query(prepared));
        let (prepared, response) = match self.ask_raw(&search.needs(), path).await? {
            (_, response) if response.status.as_u16() == 404 && is_missing(&response) => return Ok(None),
            (prepared, response) => (prepared, response.ok()?),
        };
        Ok(self.entities(&prepared, &response).await?.0.pop())
    }

    async fn prepare(&self, needs: &Needs) -> Result<Prepared, Failure> {
        let lacks = |ready: &Ready| {
            let plan = Plan::new(&ready.catalogue, Root::Users, needs, &Refused::default());
            plan.is_none_or(|plan| plan.missing.iter().any(|missing| missing.wanted))
        };
        let ready = self.catalogues.ready_with(self.transport(), Root::Users, needs, lacks).await?;
        let Ready { catalogue, from_shelf, .. } = ready;
        let Some(plan) = Plan::new(&catalogue, Root::Users, needs, &self.refused_now()) else {
            self.catalogues.forget(self.transport()).await;
            return Err(Failure::refused(format!(
                "the tenant shows no User to the API user; grant its role {}",
                crate::probe::permission_of("User")
            )));
        };
        for missing in plan.missing.iter().filter(|missing| missing.wanted) {
            self.warn_once(missing.to_string());
        }
        let opened = self.picklists.open(self.transport(), &plan.picklists).await?;
        let reading = Reading::new(plan.shape.clone(), self.zone.clone()).with_book(opened.book);
        Ok(Prepared { catalogue, plan, reading, from_shelf })
    }

    async fn ask(&self, needs: &Needs, path: impl Fn(&Prepared) -> String) -> Result<(Prepared, Response), Failure> {
        let (prepared, response) = self.ask_raw(needs, path).await?;
        Ok((prepared, response.ok()?))
    }

    /// Asks. A property that the tenant refuses although its metadata has it is left out from then on.
    async fn ask_raw(
        &self,
        needs: &Needs,
        path: impl Fn(&Prepared) -> String,
    ) -> Result<(Prepared, Response), Failure> {
        let mut mends = 0;
        loop {
            let prepared = self.prepare(needs).await?;
            let response = self.transport().get(&path(&prepared)).await?;
            let members =
                if response.status.is_success() { Vec::new() } else { refused_members(&response, &prepared.plan) };
            if members.is_empty() || mends == MOST_MENDS {
                return Ok((prepared, response));
            }
            mends += 1;
            if prepared.from_shelf {
                // Metadata of an earlier run: it may have changed since.
                self.catalogues.forget(self.transport()).await;
                continue;
            }
            self.refused.lock().unwrap_or_else(PoisonError::into_inner).extend(members);
        }
    }
}

fn is_missing(response: &Response) -> bool {
    let error = response.error();
    error.number == "COE0028" || error.code == "COE_RECORD_NOT_FOUND"
}

fn query(prepared: &Prepared) -> Query {
    let plan = &prepared.plan;
    Query::new().json().select(plan.select.iter().cloned()).expand(plan.expand.iter().cloned())
}

fn walk(search: &Search, prepared: &Prepared, zone: &TimeZone) -> String {
    let mut query = query(prepared).filter(status_stated());
    let known = fields(&prepared.catalogue, Root::Users, zone);
    if let Some(filter) = push_down(&search.filter, &known, LONGEST_FILTER) {
        query = query.filter(filter);
    }
    let query = query.page_size(search.page_size.clamp(1, 1000)).paging(Paging::Snapshot);
    format!("odata/v2/User?{query}")
}

fn read(entity: Entity) -> Option<UserEntity> {
    let text = |name: &str| entity.value.get(name).and_then(Value::as_text).map(Arc::from);
    let (user_id, status) = (text("userId")?, text("status"));
    Some(UserEntity { user_id, status, data: entity.value })
}

fn unreadable(error: joinery_odata::PayloadError) -> Failure {
    Failure::later("the tenant's answer cannot be read as users", None).because(error)
}
