//! A page's bytes become typed values, one entity at a time; members outside the shape are stepped over, not built.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::tz::TimeZone;
use joinery_model::{Object, Value};
use joinery_odata::date::JsonDate;
use joinery_odata::{Page, PayloadError, Selection, Tree};

use super::shape::{Kind, Shape, What};
use crate::picklists::{Book, PicklistOption};
use crate::server_clock;

/// How pages are read.
#[derive(Clone, Debug)]
pub struct Reading {
    shape: Arc<Shape>,
    selection: Selection,
    zone: TimeZone,
    /// What options of picklists are called.
    book: Arc<Book>,
}

/// One entity of a page.
#[derive(Debug)]
pub struct Entity {
    /// Its members; [`Value::Null`] when it cannot be read at all.
    pub value: Value,
    /// Why it is not to be trusted: `EmpJob.startDate is no date`. Holds nothing of the value.
    pub wrong: Option<String>,
    /// What was asked for, is read by mappings and did not come, as slashes from the root.
    pub lost: BTreeSet<String>,
}

impl Reading {
    /// Reads what `shape` says; wall clock readings are in `zone`.
    pub fn new(shape: Arc<Shape>, zone: TimeZone) -> Self {
        let mut selection = Selection::new();
        select(&shape, "", &mut selection);
        Self { shape, selection, zone, book: Arc::default() }
    }

    /// The same with what options of picklists are called.
    pub fn with_book(mut self, book: Arc<Book>) -> Self {
        self.book = book;
        self
    }

    /// What options of picklists are called.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// Gives each entity of the page to `each`; returns the link to the next page.
    ///
    /// # Errors
    /// When the bytes are not a page. What `each` was given before that does not count.
    pub fn page(&self, bytes: &[u8], mut each: impl FnMut(Entity)) -> Result<Option<String>, PayloadError> {
        Page::each(bytes, &self.selection, |tree| each(self.entity(tree)))
    }

    fn entity(&self, tree: Result<Tree<'_>, PayloadError>) -> Entity {
        let tree = match tree {
            Ok(tree) => tree,
            Err(error) => return Entity { value: Value::Null, wrong: Some(error.to_string()), lost: BTreeSet::new() },
        };
        let mut typing = Typing { zone: &self.zone, book: &self.book, wrong: None, lost: BTreeSet::new() };
        let value = typing.node(&self.shape, tree, None);
        Entity { value, wrong: typing.wrong, lost: typing.lost }
    }
}

fn select(shape: &Shape, path: &str, selection: &mut Selection) {
    for member in shape.members() {
        let path = if path.is_empty() { member.name.to_string() } else { format!("{path}/{}", member.name) };
        match &member.what {
            What::Property(_) => selection.add(&path),
            What::Navigation(inner) => select(inner, &path, selection),
            // Known by what stands beside it.
            What::Option(_) | What::Label(_) => {}
        }
    }
}

struct Typing<'a> {
    zone: &'a TimeZone,
    book: &'a Book,
    wrong: Option<String>,
    lost: BTreeSet<String>,
}

/// The way from the root to an entity.
#[derive(Clone, Copy)]
struct Trail<'a> {
    name: &'a str,
    before: Option<&'a Trail<'a>>,
}

impl std::fmt::Display for Trail<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(before) = self.before {
            write!(f, "{before}/")?;
        }
        f.write_str(self.name)
    }
}

impl Typing<'_> {
    /// An entity, or the entities of a list.
    fn node(&mut self, shape: &Shape, tree: Tree<'_>, trail: Option<&Trail<'_>>) -> Value {
        match tree {
            Tree::List(items) => Value::List(items.into_iter().map(|item| self.node(shape, item, trail)).collect()),
            Tree::Object(members) => {
                // Room for the members that the judgement puts in.
                let mut object = Object::with_capacity(members.len() + 2);
                let mut hint = 0;
                for (name, tree) in members {
                    let Some(member) = shape.member_near(&name, &mut hint) else { continue };
                    let value = match &member.what {
                        What::Property(kind) => self.leaf(*kind, tree, shape, &member.name),
                        What::Navigation(inner) => {
                            self.node(inner, tree, Some(&Trail { name: &member.name, before: trail }))
                        }
                        What::Option(_) | What::Label(_) => continue,
                    };
                    object.push((member.name.clone(), value));
                }
                if shape.chooses() {
                    self.choose(shape, &mut object);
                }
                if object.len() < shape.members().len() {
                    self.note_lost(shape, &object, trail);
                }
                Value::Object(object)
            }
            _ => Value::Null,
        }
    }

    /// Adds what picklists say. What they do not know is not said.
    fn choose(&self, shape: &Shape, object: &mut Object) {
        for member in shape.members() {
            let held = |names: &[&str]| {
                let found = names.iter().find_map(|name| object.iter().find(|(known, _)| **known == **name));
                found.map(|(_, value)| value)
            };
            let said = match &member.what {
                What::Option(choice) => {
                    held(&[&choice.property]).and_then(|held| self.option(held, &choice.picklist)).map(|option| {
                        let Some(option) = option else { return Value::Null };
                        Value::Object(choice.members.iter().map(|name| (name.clone(), option.member(name))).collect())
                    })
                }
                What::Label(picklist) => held(&["id", "externalCode"])
                    .and_then(|held| self.option(held, picklist))
                    .map(|option| option.map_or(Value::Null, |option| option.member(&member.name))),
                What::Property(_) | What::Navigation(_) => None,
            };
            if let Some(value) = said {
                object.push((member.name.clone(), value));
            }
        }
    }

    /// The option that a value means: `None` when it is not known, none at all when the value is empty.
    #[expect(clippy::option_option, reason = "not known and known to be empty differ, as everywhere in a row")]
    fn option(&self, held: &Value, picklist: &Arc<str>) -> Option<Option<&PicklistOption>> {
        match held {
            Value::Null => Some(None),
            Value::Text(text) if text.is_empty() => Some(None),
            held => self.book.option(picklist, &held.to_plain()).map(Some),
        }
    }

    /// A field without permission is no error of the tenant's: it is not in the answer, where null would be.
    fn note_lost(&mut self, shape: &Shape, object: &Object, trail: Option<&Trail<'_>>) {
        let lost = shape
            .members()
            .iter()
            .filter(|member| member.wanted && !object.iter().any(|(name, _)| *name == member.name));
        self.lost.extend(lost.map(|member| Trail { name: &member.name, before: trail }.to_string()));
    }

    fn leaf(&mut self, kind: Kind, tree: Tree<'_>, shape: &Shape, name: &str) -> Value {
        typed(kind, tree, self.zone).unwrap_or_else(|expected| {
            self.wrong.get_or_insert_with(|| format!("{}.{name} is no {expected}", shape.entity));
            Value::Null
        })
    }
}

/// The value, or what it should have been. The metadata says the type; the JSON may spell it as text or as a number.
fn typed(kind: Kind, tree: Tree<'_>, zone: &TimeZone) -> Result<Value, &'static str> {
    Ok(match (kind, tree) {
        (_, Tree::Null) => Value::Null,
        (Kind::Text, Tree::Text(text)) => Value::text(&*text),
        // Real tenants give numbers in the place of text (`riskOfLoss`).
        (Kind::Text, Tree::Int(number)) => Value::text(number.to_string()),
        (Kind::Text, Tree::Double(number)) => Value::text(number.to_string()),
        (Kind::Text, Tree::Bool(truth)) => Value::text(if truth { "true" } else { "false" }),
        (Kind::Bool, Tree::Bool(truth)) => Value::Bool(truth),
        (Kind::Bool, Tree::Text(text)) => match &*text {
            "true" | "Y" | "1" => Value::Bool(true),
            "false" | "N" | "0" => Value::Bool(false),
            _ => return Err("truth value"),
        },
        (Kind::Int, Tree::Int(number)) => Value::Int(number),
        (Kind::Int, Tree::Text(text)) => Value::Int(text.parse().map_err(|_| "whole number")?),
        (Kind::Decimal, Tree::Int(number)) => Value::Decimal(number.to_string().into()),
        (Kind::Decimal, Tree::Double(number)) => Value::Decimal(number.to_string().into()),
        (Kind::Decimal, Tree::Text(text)) => Value::Decimal(Arc::from(&*text)),
        (Kind::Date, Tree::Text(text)) => Value::Date(JsonDate::parse(&text).ok_or("date")?.date()),
        (Kind::Instant, Tree::Text(text)) => Value::Instant(JsonDate::parse(&text).ok_or("instant")?.instant()),
        (Kind::Stamp, Tree::Text(text)) => Value::Instant(match JsonDate::parse(&text).ok_or("time stamp")? {
            JsonDate::Instant(instant) => instant,
            JsonDate::Civil(civil) => server_clock::instant(zone, civil).ok_or("time stamp")?,
        }),
        (Kind::Bool, _) => return Err("truth value"),
        (Kind::Int, _) => return Err("whole number"),
        (Kind::Date | Kind::Instant | Kind::Stamp, _) => return Err("date"),
        (Kind::Text | Kind::Decimal, _) => return Err("single value"),
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::shape::Member;
    use super::*;

    fn member(name: &str, what: What) -> Member {
        Member { name: name.into(), wanted: true, what, refers: None }
    }

    fn shape() -> Shape {
        let email = Shape::new(
            "PerEmail".into(),
            vec![member("emailAddress", What::Property(Kind::Text)), member("isPrimary", What::Property(Kind::Bool))],
        );
        Shape::new(
            "PerPerson".into(),
            vec![
                member("personIdExternal", What::Property(Kind::Text)),
                member("personId", What::Property(Kind::Int)),
                member("dateOfBirth", What::Property(Kind::Date)),
                member("createdOn", What::Property(Kind::Stamp)),
                member("lastModifiedDateTime", What::Property(Kind::Instant)),
                member("fte", What::Property(Kind::Decimal)),
                member("riskOfLoss", What::Property(Kind::Text)),
                member("emailNav", What::Navigation(Arc::new(email))),
            ],
        )
    }

    fn read(json: &str) -> (Vec<Entity>, Option<String>) {
        let mut entities = Vec::new();
        let reading = Reading::new(Arc::new(shape()), TimeZone::fixed(jiff::tz::offset(2)));
        let next = reading.page(json.as_bytes(), |entity| entities.push(entity)).unwrap();
        (entities, next)
    }

    /// Shapes as in SAP's answers for PerPerson: 64-bit numbers as text, the same moment as a local stamp at +02:00.
    #[test]
    fn values_get_the_types_of_the_metadata() {
        let (entities, next) = read(
            r#"{"d":{"results":[{"__metadata":{"uri":"x","type":"SFOData.PerPerson"},"personIdExternal":"O'Hara",
                "unknown":{"a":[1,2,{"b":null}]},"personId":"467","dateOfBirth":"/Date(166838400000)/","fte":1,
                "createdOn":"/Date(1587079282000)/","lastModifiedDateTime":"/Date(1587072082000+0000)/","riskOfLoss":3,
                "emailNav":{"results":[{"emailAddress":"a@x","isPrimary":true}]}},
                {"personIdExternal":"2","fte":"0.50","emailNav":{"__deferred":{"uri":"y"}}}],
                "__next":"https://h:443/odata/v2/PerPerson?$skiptoken=a"}}"#,
        );
        assert_eq!(next.as_deref(), Some("https://h:443/odata/v2/PerPerson?$skiptoken=a"));
        let first = &entities[0].value;
        let instant: jiff::Timestamp = "2020-04-16T21:21:22Z".parse().unwrap();
        assert_eq!(first.get("personIdExternal"), Some(&"O'Hara".into()));
        assert_eq!(first.get("personId"), Some(&Value::Int(467)));
        assert_eq!(first.get("riskOfLoss"), Some(&"3".into()));
        assert_eq!(first.get("dateOfBirth"), Some(&Value::Date(date(1975, 4, 16))));
        assert_eq!(first.get("createdOn"), Some(&Value::Instant(instant)));
        assert_eq!(first.get("lastModifiedDateTime"), Some(&Value::Instant(instant)));
        assert_eq!(first.get("unknown"), None);
        assert_eq!(first.get("emailNav").unwrap().items().len(), 1);
        assert_eq!(entities[1].value.get("fte"), Some(&Value::Decimal("0.50".into())));
        assert_eq!(entities[1].value.get("emailNav"), None, "not expanded is not said");
    }

    #[test]
    fn a_value_that_is_not_of_its_type_is_named_without_being_shown() {
        let (entities, _) = read(r#"{"d":{"results":[{"personId":"secret"},{"personId":"7"}]}}"#);
        assert_eq!(entities[0].wrong.as_deref(), Some("PerPerson.personId is no whole number"));
        assert_eq!(entities[1].wrong, None);
    }
}
