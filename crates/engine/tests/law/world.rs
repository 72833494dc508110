//! A source and a target of the model: people who are edited while they are read, pages that repeat and lose their
//! place; a target that answers late, twice or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use joinery_model::{
    Action, Ask, Can, Change, Correlation, Failure, Finding, Found, Held, HeldPage, Key, Outcome, Page, Path, Place,
    Ref, Row, RunId, Scope, Seen, Source, Standing, StandingKind, Tally, Target, Value, Watermark,
};

use crate::fused::Fused;

/// What may happen to the world.
#[derive(Clone, Debug)]
pub enum Edit {
    Hire { who: u8, starts_in: u8 },
    Rename { who: u8, name: u8 },
    Move { who: u8, department: u8 },
    Manage { who: u8, by: Option<u8> },
    Leave { who: u8, in_days: u8 },
    Return { who: u8 },
    Vanish { who: u8 },
    RenameDepartment { department: u8, name: u8 },
    NextDay,
}

#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub department: u8,
    pub manager: Option<u8>,
    pub start: Date,
    pub end: Option<Date>,
    modified: Timestamp,
}

#[derive(Clone, Debug)]
struct Department {
    name: String,
    modified: Timestamp,
}

#[derive(Debug)]
pub struct Inner {
    pub now: Timestamp,
    pub people: BTreeMap<u8, Person>,
    departments: BTreeMap<u8, Department>,
    /// Edits that happen while somebody reads, one a page.
    pub meanwhile: Vec<Edit>,
    /// What goes wrong with reading, one entry a page: 0 nothing, 1 a place is lost, 2 a row is repeated.
    pub mishaps: Vec<u8>,
    /// Paths that the world does not say now.
    pub unsaid: Vec<Path>,
    /// People whom the reader may not see now.
    pub unseen: BTreeSet<u8>,
    /// The listing of changes still names whom the reader may not see.
    pub tells: bool,
    /// People whose rows cannot be read now; true when not even the key can.
    pub broken: BTreeMap<u8, bool>,
    /// True when names, departments and managers are not in the rows.
    pub hidden: bool,
}

/// The world as source.
#[derive(Clone, Debug)]
pub struct World(Arc<Mutex<Inner>>);

pub fn key(who: u8) -> Key {
    Key::new(format!("p{who:02}"))
}

fn user(who: u8) -> String {
    format!("u{who:02}")
}

impl World {
    pub fn new() -> Self {
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let department = |name: &str| Department { name: name.into(), modified: now };
        Self(Arc::new(Mutex::new(Inner {
            now,
            people: BTreeMap::new(),
            departments: (0..3).map(|at| (at, department(&format!("D{at}")))).collect(),
            meanwhile: Vec::new(),
            mishaps: Vec::new(),
            unsaid: Vec::new(),
            unseen: BTreeSet::new(),
            tells: false,
            broken: BTreeMap::new(),
            hidden: false,
        })))
    }

    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    pub fn today(&self) -> Date {
        self.now.to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    pub fn edit(&mut self, edit: &Edit) {
        self.now = self.now.checked_add(SignedDuration::from_secs(1)).unwrap();
        let (now, today) = (self.now, self.today());
        let day = |days: u8| today.checked_add(i64::from(days).days()).unwrap();
        match edit {
            Edit::Hire { who, starts_in } => {
                self.people.entry(*who).or_insert(Person {
                    name: format!("N{who}"),
                    department: 0,
                    manager: None,
                    start: day(*starts_in),
                    end: None,
                    modified: now,
                });
            }
            Edit::RenameDepartment { department, name } => {
                let department = self.departments.get_mut(department).unwrap();
                (department.name, department.modified) = (format!("D{name}"), now);
            }
            Edit::NextDay => self.now = now.checked_add(SignedDuration::from_hours(24)).unwrap(),
            Edit::Vanish { who } => {
                self.people.remove(who);
            }
            Edit::Rename { who, .. }
            | Edit::Move { who, .. }
            | Edit::Manage { who, .. }
            | Edit::Leave { who, .. }
            | Edit::Return { who } => {
                let Some(person) = self.people.get_mut(who) else { return };
                person.modified = now;
                match edit {
                    Edit::Rename { name, .. } => person.name = format!("N{name}"),
                    Edit::Move { department, .. } => person.department = *department,
                    Edit::Manage { by, .. } => person.manager = *by,
                    Edit::Leave { in_days, .. } => person.end = Some(day(*in_days).max(person.start)),
                    _ => person.end = None,
                }
            }
        }
    }

    pub fn department(&self, person: &Person) -> &str {
        &self.departments[&person.department].name
    }

    pub fn standing(person: &Person, today: Date) -> Standing {
        let kind = if person.start > today {
            StandingKind::Future
        } else if person.end.is_some_and(|end| end < today) {
            StandingKind::Left
        } else {
            StandingKind::Active
        };
        Standing { kind, start: Some(person.start), end: person.end }
    }

    fn shown(&self, who: u8, as_of: Timestamp) -> Seen {
        if self.unseen.contains(&who) {
            return Seen::Withheld(key(who));
        }
        match self.broken.get(&who) {
            None => Seen::Row(self.row(who, as_of)),
            Some(keyless) => Seen::Unreadable((!keyless).then(|| key(who)), "the row is broken off".to_owned()),
        }
    }

    fn row(&self, who: u8, as_of: Timestamp) -> Row {
        let person = &self.people[&who];
        let object =
            |members: Vec<(&str, Value)>| Value::Object(members.into_iter().map(|(n, v)| (n.into(), v)).collect());
        let department = object(vec![("name", self.department(person).into())]);
        let manager = person.manager.map_or_else(|| "NO_MANAGER".to_owned(), user);
        Row {
            key: key(who),
            aliases: vec![user(who)],
            data: object(if self.hidden {
                vec![("id", key(who).as_str().into())]
            } else {
                vec![
                    ("id", key(who).as_str().into()),
                    ("name", person.name.as_str().into()),
                    ("job", object(vec![("departmentNav", department), ("managerId", manager.into())])),
                ]
            }),
            refs: vec![Ref::new("Department", person.department.to_string())],
            standing: Self::standing(person, as_of.to_zoned(jiff::tz::TimeZone::UTC).date()),
            modified: Some(person.modified),
            unsaid: self.unsaid.clone(),
        }
    }
}

impl Source for World {
    async fn now(&self) -> Result<Timestamp, Failure> {
        Ok(self.lock().now)
    }

    /// Three people a page, in key order, whoever fits the scope at the time of the page.
    async fn page(&self, ask: &Ask, place: Option<&Place>) -> Result<Page, Failure> {
        let mut world = self.lock();
        if let Some(edit) = world.meanwhile.pop() {
            world.edit(&edit);
        }
        let mishap = world.mishaps.pop().unwrap_or(0);
        if mishap == 1 && place.is_some() {
            return Err(Failure::restart("the token expired"));
        }
        let since = match &ask.scope {
            Scope::Since(Watermark(since)) => Some(*since),
            _ => None,
        };
        let after: Option<u8> = place.map(|place| place.0.parse().unwrap());
        let fits = |person: &Person| since.is_none_or(|since| person.modified >= since);
        let shown: Vec<u8> = world
            .people
            .iter()
            .filter(|(who, person)| {
                let shown = world.tells && since.is_some() || !world.unseen.contains(*who);
                after.is_none_or(|after| **who > after) && fits(person) && shown
            })
            .map(|(who, _)| *who)
            .take(3)
            .collect();
        let mut page = Page { requests: 1, ..Page::default() };
        page.seen.extend(shown.iter().map(|who| world.shown(*who, ask.as_of)));
        if mishap == 2
            && let Some(first) = world.people.keys().next()
        {
            page.seen.push(Seen::Row(world.row(*first, ask.as_of)));
        }
        if after.is_none() {
            let touched = world.departments.iter().filter(|(_, it)| since.is_some_and(|since| it.modified >= since));
            page.seen.extend(touched.map(|(at, _)| Seen::Touched(Ref::new("Department", at.to_string()))));
        }
        page.next = (shown.len() == 3).then(|| Place(shown[2].to_string()));
        Ok(page)
    }

    async fn fetch(&self, ask: &Ask, keys: &[Key]) -> Result<Vec<Seen>, Failure> {
        let world = self.lock();
        let known = world.people.keys().filter(|who| keys.contains(&key(**who)) && !world.unseen.contains(*who));
        Ok(known.map(|who| world.shown(*who, ask.as_of)).collect())
    }

    async fn test(&self, _: &Ask) -> Vec<Finding> {
        Vec::new()
    }
}

/// An account of the model's target.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub active: bool,
    pub attributes: BTreeMap<Arc<str>, Value>,
}

/// What a target does with every call, for as long as it lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Trouble {
    #[default]
    None,
    /// Nothing answers.
    Away,
    /// It answers, and lets nobody in.
    Refuses,
    /// It cannot be closed.
    Closing,
}

impl Trouble {
    fn hits(self, closing: bool) -> Result<(), Failure> {
        match self {
            Self::Away => Err(Failure::later("no connection", None)),
            Self::Refuses => Err(Failure::refused("the token is not accepted; look at target.token")),
            Self::Closing if closing => Err(Failure::later("the disk is full", None)),
            Self::None | Self::Closing => Ok(()),
        }
    }
}

/// The target: a table that keeps the promise that applying twice is applying once.
#[derive(Clone, Debug)]
pub struct Accounts<J> {
    pub table: Arc<Mutex<BTreeMap<Arc<str>, Account>>>,
    /// How calls go wrong, one entry a call: 0 not at all, 1 the call fails before, 2 after its effect, 3 every other
    /// change is put off, 4 surely nothing was sent, 5 nothing was sent of every other change.
    pub mishaps: Arc<Mutex<Vec<u8>>>,
    /// What goes wrong with all of them.
    pub trouble: Arc<Mutex<Trouble>>,
    /// Whose changes may have reached it.
    pub sent: Arc<Mutex<BTreeSet<Key>>>,
    pub by_id: bool,
    pub journal: Fused<J>,
    /// What runs said when they closed.
    pub closed: Arc<Mutex<Vec<Tally>>>,
}

impl<J> Accounts<J> {
    pub fn new(by_id: bool, journal: Fused<J>) -> Self {
        let (table, mishaps, trouble, sent, closed) = Default::default();
        Self { table, mishaps, trouble, sent, by_id, journal, closed }
    }

    fn write(&self, change: &Change) -> Arc<str> {
        let mut table = self.table.lock().unwrap();
        // Its own key for an account is the person's number, as a table with a unique column would have it.
        let id: Arc<str> = change.target_id.clone().unwrap_or_else(|| format!("acc-{}", change.person).into());
        if change.action == Action::Delete {
            table.remove(&id);
            return id;
        }
        let account = table.entry(id.clone()).or_insert(Account { active: true, attributes: BTreeMap::new() });
        account.active = change.after.active;
        for (name, value) in &change.after.attributes {
            account.attributes.insert(name.clone(), value.clone());
        }
        for (name, reference) in &change.after.references {
            let value = match reference {
                None => Value::Null,
                Some(to) if self.by_id => match &to.target_id {
                    Some(id) => Value::Text(id.clone()),
                    None => continue,
                },
                Some(to) => Value::Text(to.alias.clone()),
            };
            account.attributes.insert(name.clone(), value);
        }
        id
    }
}

impl<J: Send + Sync> Target for Accounts<J> {
    fn can(&self) -> Can {
        Can { find: true, list: true, disable: true, delete: true, references_by_id: self.by_id, batch: 4, parallel: 2 }
    }

    async fn find(&self, wanted: &[Correlation]) -> Result<Vec<Found>, Failure> {
        self.trouble.lock().unwrap().hits(false)?;
        let table = self.table.lock().unwrap();
        let held = |(id, account): (&Arc<str>, &Account)| Held {
            target_id: id.clone(),
            active: Some(account.active),
            attributes: account.attributes.clone(),
        };
        let find = |wanted: &Correlation| {
            if let Some(id) = &wanted.target_id {
                return table.get_key_value(id).map_or(Found::None, |found| Found::One(held(found)));
            }
            for (name, value) in &wanted.by {
                let mut fits: Vec<Held> =
                    table.iter().filter(|(_, account)| account.attributes.get(name) == Some(value)).map(held).collect();
                match fits.len() {
                    0 => {}
                    1 => return Found::One(fits.remove(0)),
                    _ => return Found::Many(fits.into_iter().map(|held| held.target_id).collect()),
                }
            }
            Found::None
        };
        Ok(wanted.iter().map(find).collect())
    }

    async fn list(&self, _: Option<&Place>) -> Result<HeldPage, Failure> {
        let table = self.table.lock().unwrap();
        let held = table.iter().map(|(id, account)| Held {
            target_id: id.clone(),
            active: Some(account.active),
            attributes: account.attributes.clone(),
        });
        Ok(HeldPage { held: held.collect(), next: None })
    }

    async fn apply(&self, _: RunId, changes: &[Change]) -> Result<Vec<Outcome>, Failure> {
        assert!(!self.journal.walking(), "nothing is delivered while a walk is unfinished");
        let people: BTreeSet<&Key> = changes.iter().map(|change| &change.person).collect();
        assert_eq!(people.len(), changes.len(), "a call holds no two changes of one person");
        self.trouble.lock().unwrap().hits(false)?;
        let mishap = self.mishaps.lock().unwrap().pop().unwrap_or(0);
        if mishap == 1 {
            self.sent.lock().unwrap().extend(people.into_iter().cloned());
            return Err(Failure::later("no connection", None));
        }
        if mishap == 4 {
            return Err(Failure::later("no connection", None).untried());
        }
        tokio::task::yield_now().await;
        let apply = |(at, change): (usize, &Change)| {
            if mishap == 3 && at % 2 == 0 {
                self.sent.lock().unwrap().insert(change.person.clone());
                return Outcome::Again(None, "busy".to_owned());
            }
            if mishap == 5 && at % 2 == 0 {
                return Outcome::NotTried(None, "not sent".to_owned());
            }
            self.sent.lock().unwrap().insert(change.person.clone());
            Outcome::Done { target_id: self.write(change), echo: None }
        };
        let outcomes = changes.iter().enumerate().map(apply).collect();
        if mishap == 2 { Err(Failure::later("the answer was lost", None)) } else { Ok(outcomes) }
    }

    async fn close(&self, _: RunId, tally: &Tally) -> Result<(), Failure> {
        self.trouble.lock().unwrap().hits(true)?;
        self.closed.lock().unwrap().push(tally.clone());
        Ok(())
    }

    async fn test(&self) -> Vec<Finding> {
        Vec::new()
    }
}
