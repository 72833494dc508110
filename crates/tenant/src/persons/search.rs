//! Reading persons.

use std::sync::Arc;

use jiff::Timestamp;
use joinery_model::{Ask, Failure, Filter, Key, Needs, Path, Place, Root, Scope, Seen, Source as _, Value};

use super::Persons;
use super::entity::{PersonEntity, entity};
use super::resolve::{Flat, Resolved};
use super::wanted::{PersonAttributes, Wanted};

/// Which persons, and what of them.
#[derive(Clone, Debug)]
pub struct PersonSearch {
    /// What is read of each.
    pub attributes: PersonAttributes,
    /// Who is wanted; paths are names of flat attributes (`EmpJob_jobTitle`), whether they are read or not.
    pub filter: Filter,
    /// The instant whose day is "today", the same for every page of a search.
    pub as_of: Timestamp,
}

/// Persons of one answer, and where the next one begins.
#[derive(Clone, Debug, Default)]
pub struct PersonPage {
    /// Those whom the filter accepts; perhaps none of this answer.
    pub persons: Vec<PersonEntity>,
    /// Who is there and cannot be read, as far as the key was legible, and why (without personal data).
    pub unreadable: Vec<(Option<Key>, String)>,
    /// Where it goes on; `None` at the end. It may be lost after some minutes.
    pub next: Option<Place>,
}

impl Persons {
    /// A search for everybody, as of now.
    pub fn everybody(&self, attributes: PersonAttributes) -> PersonSearch {
        PersonSearch { attributes, filter: Filter::All, as_of: self.writer.transport().now() }
    }

    /// One page of a search. Part of the filter is put to the tenant, as far as it can filter; all of it is judged here.
    ///
    /// # Errors
    /// As [`crate::Transport::get`]; when the tenant shows no persons, or nothing by which to say who works there;
    /// [`joinery_model::Retry::Restart`] when `place` is lost.
    pub async fn search(&self, search: &PersonSearch, place: Option<&Place>) -> Result<PersonPage, Failure> {
        let looked_at = names_of(&search.filter);
        let resolved = self.resolve(&search.attributes.and(looked_at)).await?;
        let asked = self.resolve(&search.attributes).await?;
        let filter = rooted(&search.filter, &resolved.flats);
        let ask = self.ask(&resolved, Scope::Full, filter, search.as_of);
        let page = self.reader.page(&ask, place).await?;
        let mut found = PersonPage { next: page.next, ..PersonPage::default() };
        for seen in page.seen {
            match seen {
                Seen::Row(row) => {
                    let mut person = entity(row, &resolved.flats);
                    if search.filter.accepts(&object(&person)) {
                        let read = |name: &Arc<str>| asked.flats.iter().any(|flat| flat.name == *name);
                        person.attributes.retain(|name, _| read(name));
                        found.persons.push(person);
                    }
                }
                Seen::Unreadable(key, why) => found.unreadable.push((key, why)),
                Seen::Touched(_) | Seen::Gone(_) | Seen::Withheld(_) => {}
            }
        }
        Ok(found)
    }

    /// Everybody of a search, page after page: for searches that find few.
    ///
    /// # Errors
    /// As [`Persons::search`]; somebody cannot be read. A lost place starts the search again, once.
    pub async fn all(&self, search: &PersonSearch) -> Result<Vec<PersonEntity>, Failure> {
        let (mut found, mut place, mut restarted) = (Vec::new(), None, false);
        loop {
            match self.search(search, place.as_ref()).await {
                Ok(page) => {
                    if let Some((key, why)) = page.unreadable.into_iter().next() {
                        return Err(unreadable(key, &why));
                    }
                    found.extend(page.persons);
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

    /// One person; `None` when there is none of that `personIdExternal` or the API user may not see them.
    ///
    /// # Errors
    /// As [`Persons::search`]; the person is there and cannot be read.
    pub async fn get(&self, id: &str, attributes: &PersonAttributes) -> Result<Option<PersonEntity>, Failure> {
        Ok(self.get_many(&[Key::from(id)], attributes).await?.pop())
    }

    /// These persons, in no promised order and in few requests; who is not there is left out.
    ///
    /// # Errors
    /// As [`Persons::get`].
    pub async fn get_many(&self, ids: &[Key], attributes: &PersonAttributes) -> Result<Vec<PersonEntity>, Failure> {
        let resolved = self.resolve(attributes).await?;
        self.read(ids, &resolved).await
    }

    pub(super) async fn read(&self, ids: &[Key], resolved: &Resolved) -> Result<Vec<PersonEntity>, Failure> {
        let ask = self.ask(resolved, Scope::Keys(ids.to_vec()), Filter::All, self.writer.transport().now());
        let mut persons: Vec<PersonEntity> = Vec::new();
        for seen in self.reader.fetch(&ask, ids).await? {
            match seen {
                Seen::Row(row) => persons.push(entity(row, &resolved.flats)),
                Seen::Unreadable(key, why) => return Err(unreadable(key, &why)),
                Seen::Touched(_) | Seen::Gone(_) | Seen::Withheld(_) => {}
            }
        }
        persons.sort_by(|a, b| a.id.cmp(&b.id));
        persons.dedup_by(|a, b| a.id == b.id);
        Ok(persons)
    }

    fn ask(&self, resolved: &Resolved, scope: Scope, filter: Filter, as_of: Timestamp) -> Ask {
        let needs: Needs = resolved.needs_of();
        Ask { root: Root::Persons, needs, scope, as_of, policy: self.policy.clone(), filter }
    }
}

fn unreadable(key: Option<Key>, why: &str) -> Failure {
    let who = key.map_or_else(|| "a person".to_owned(), |key| format!("person {key}"));
    Failure::refused(format!("{who} cannot be read: {why}"))
}

fn object(person: &PersonEntity) -> Value {
    Value::Object(person.attributes.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// The attributes that a filter looks at.
fn names_of(filter: &Filter) -> Vec<Wanted> {
    match filter {
        Filter::All | Filter::None => Vec::new(),
        Filter::And(parts) | Filter::Or(parts) => parts.iter().flat_map(names_of).collect(),
        Filter::Not(part) => names_of(part),
        Filter::Present(path)
        | Filter::Compare { path, .. }
        | Filter::In { path, .. }
        | Filter::Whole { path, .. }
        | Filter::Any { path, .. } => {
            path.segments().first().and_then(|first| Wanted::parse(&first.name).ok()).into_iter().collect()
        }
    }
}

/// The filter with the paths of the data, for the tenant: every clause that cannot be said so is left open. What it says
/// of one record of a list is put of any record, which only widens it; the negation of that would narrow it, and is left
/// open by `push_down`.
fn rooted(filter: &Filter, flats: &[Flat]) -> Filter {
    let path = |path: &Path| -> Option<Path> {
        let [one] = path.segments() else { return None };
        flats.iter().find(|flat| flat.name == one.name).map(Flat::path)
    };
    match filter {
        Filter::And(parts) => Filter::And(parts.iter().map(|part| rooted(part, flats)).collect()),
        Filter::Or(parts) => Filter::Or(parts.iter().map(|part| rooted(part, flats)).collect()),
        Filter::Present(at) => path(at).map_or(Filter::All, Filter::Present),
        Filter::Compare { path: at, op, value, case } => {
            path(at).map_or(Filter::All, |path| Filter::Compare { path, op: *op, value: value.clone(), case: *case })
        }
        Filter::In { path: at, values, case } => {
            path(at).map_or(Filter::All, |path| Filter::In { path, values: values.clone(), case: *case })
        }
        Filter::None => Filter::None,
        Filter::All | Filter::Not(_) | Filter::Whole { .. } | Filter::Any { .. } => Filter::All,
    }
}
