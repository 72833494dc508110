//! Atom around the rooms, which speak JSON: what they answer is printed as Atom, what comes as Atom is read for them.

use joinery_odata::Literal;
use joinery_odata::atom::{self, Content, Document, Entry, Feed, Inline, Link, Value};
use joinery_odata::date::JsonDate;
use serde_json::{Map, Value as Json, json};

use super::Refusal;
use super::asked::{Answer, Asked, Shape};
use super::function::{Function, Returns};
use super::turn::Turn;
use crate::schema::{Edm, EntitySet, Set};

/// The content types of Atom, told apart as the specification asks.
const FEED: &str = "application/atom+xml;type=feed;charset=utf-8";
const ENTRY: &str = "application/atom+xml;type=entry;charset=utf-8";
const XML: &str = "application/xml;charset=utf-8";

/// The answer as Atom, when it has data in it.
pub(crate) fn dressed(turn: &Turn<'_>, asked: &Asked, mut answer: Answer) -> Answer {
    if matches!(answer.shape, Shape::Plain) {
        return answer;
    }
    let json: Json = serde_json::from_slice(&answer.pieces.concat()).unwrap_or_default();
    let d = json.get("d").unwrap_or(&json);
    let base = format!("{}{}/", turn.tenant.public_url, asked.root);
    let printer = Printer { base, path: &asked.path, updated: turn.tenant.time.now().to_string() };
    let (kind, xml) = printer.document(d, &answer.shape);
    answer.kind = kind;
    answer.pieces = vec![xml.into()];
    answer
}

struct Printer<'a> {
    base: String,
    path: &'a str,
    updated: String,
}

impl Printer<'_> {
    fn document(&self, d: &Json, shape: &Shape) -> (&'static str, String) {
        match shape {
            Shape::Plain | Shape::Data => match d.get("results") {
                Some(Json::Array(_)) => self.feed_document(d),
                _ => (ENTRY, self.entry(d).to_xml(&self.base)),
            },
            Shape::Property(set, at) => {
                let property = &set.table().properties[*at];
                let value = d.get(property.name).unwrap_or(&Json::Null);
                (XML, atom::property(property.name, &primitive(property.edm, value)))
            }
            Shape::Links => {
                let of = |link: &Json| link.get("uri").and_then(Json::as_str).unwrap_or_default().to_owned();
                let many = d.get("results").and_then(Json::as_array);
                let addresses = many.map_or_else(|| vec![of(d)], |links| links.iter().map(of).collect());
                (XML, atom::links(&addresses, many.is_some()))
            }
            Shape::Services => {
                let names = d.get("EntitySets").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
                let names = names.iter().filter_map(Json::as_str);
                ("application/atomsvc+xml;charset=utf-8", atom::service(&self.base, names))
            }
            Shape::Upsert(rows) => {
                let items = rows.iter().map(|row| result(row, "SFOData.UpsertResult")).collect();
                let kind = Some("Bag(SFOData.UpsertResult)".to_owned());
                (XML, atom::property("upsert", &Value { kind, content: Content::Items(items) }))
            }
            Shape::Function(function) => self.function(d, function),
        }
    }

    fn feed_document(&self, d: &Json) -> (&'static str, String) {
        let title = self.path.rsplit('/').next().unwrap_or_default();
        let title = title.split('(').next().unwrap_or_default();
        (FEED, self.feed(d, title, format!("{}{}", self.base, self.path)).to_xml(&self.base))
    }

    fn feed(&self, d: &Json, title: &str, id: String) -> Feed {
        let rows = d.get("results").or(Some(d)).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        Feed {
            id,
            title: title.to_owned(),
            updated: self.updated.clone(),
            count: d.get("__count").and_then(Json::as_str).and_then(|count| count.parse().ok()),
            entries: rows.iter().map(|row| self.entry(row)).collect(),
            next: d.get("__next").and_then(Json::as_str).map(str::to_owned),
        }
    }

    fn entry(&self, row: &Json) -> Entry {
        let of = |pointer| row.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
        let (id, kind) = (of("/__metadata/uri"), of("/__metadata/type"));
        let table = Set::named(kind.rsplit('.').next().unwrap_or_default()).map(Set::table);
        let mut entry =
            Entry { id: id.to_owned(), kind: kind.to_owned(), updated: self.updated.clone(), ..Entry::default() };
        for (name, value) in row.as_object().into_iter().flatten().filter(|(name, _)| *name != "__metadata") {
            match self.link(id, name, value, table) {
                Some(link) => entry.links.push(link),
                None => entry.properties.push((name.clone(), primitive(edm(table, name), value))),
            }
        }
        entry
    }

    fn link(&self, id: &str, name: &str, value: &Json, table: Option<&EntitySet>) -> Option<Link> {
        let known = table.and_then(|table| Some(&table.navigations[table.navigation(name)?]));
        let href = format!("{id}/{name}");
        let inline = match value {
            Json::Object(members) if members.contains_key("__deferred") => None,
            Json::Object(members) if members.contains_key("results") => {
                Some(Inline::Feed(self.feed(value, name, href.clone())))
            }
            Json::Object(_) => Some(Inline::Entry(Box::new(self.entry(value)))),
            _ if known.is_some() => Some(Inline::Empty),
            _ => return None,
        };
        let many = known.map_or(matches!(inline, Some(Inline::Feed(_))), |navigation| navigation.many);
        Some(Link { name: name.to_owned(), href, many, inline })
    }

    fn function(&self, d: &Json, function: &Function) -> (&'static str, String) {
        let list = d.get("results").unwrap_or(d).as_array().map(Vec::as_slice).unwrap_or_default();
        let complex = |members: &[(&'static str, Edm)], value: &Json| {
            let read = |(name, edm): &(&'static str, Edm)| {
                ((*name).to_owned(), primitive(*edm, value.get(*name).unwrap_or(&Json::Null)))
            };
            Content::Members(members.iter().map(read).collect())
        };
        match function.returns {
            Returns::Entity(_) => (ENTRY, self.entry(d).to_xml(&self.base)),
            Returns::Entities(_) => self.feed_document(&json!({ "results": list })),
            Returns::Value(edm) => {
                let value = primitive(edm, d.get(function.name).unwrap_or(&Json::Null));
                (XML, atom::property(function.name, &value))
            }
            Returns::Complex(name, members) => {
                let content = complex(members, d.get(name).unwrap_or(d));
                (XML, atom::property(function.name, &Value { kind: Some(format!("SFOData.{name}")), content }))
            }
            Returns::Complexes(name, members) => {
                let kind = Some(format!("SFOData.{name}"));
                let item = |value| Value { kind: kind.clone(), content: complex(members, value) };
                let content = Content::Items(list.iter().map(item).collect());
                let kind = Some(format!("Bag(SFOData.{name})"));
                (XML, atom::property(function.name, &Value { kind, content }))
            }
        }
    }
}

fn edm(table: Option<&EntitySet>, name: &str) -> Edm {
    table.and_then(|table| Some(table.properties[table.property(name)?].edm)).unwrap_or(Edm::String)
}

/// A JSON value as XML writes it.
fn primitive(edm: Edm, value: &Json) -> Value {
    let kind = (edm != Edm::String).then(|| edm.name());
    let text = match value {
        Json::Null => return Value::null(kind),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let date = JsonDate::parse(&text);
    Value::text(
        kind,
        match (edm, date) {
            (Edm::DateTime, Some(date)) => Literal::DateTime(date.civil()).to_plain(),
            (Edm::DateTimeOffset, Some(date)) => Literal::DateTimeOffset(date.instant()).to_plain(),
            _ => text,
        },
    )
}

/// The result of one row of an upsert.
fn result(row: &Json, kind: &str) -> Value {
    let member = |(name, value): (&String, &Json)| {
        let edm = if matches!(name.as_str(), "index" | "httpCode") { Edm::Int32 } else { Edm::String };
        (name.clone(), primitive(edm, value))
    };
    let members = row.as_object().into_iter().flatten().map(member).collect();
    Value { kind: Some(kind.to_owned()), content: Content::Members(members) }
}

/// The request with a body of Atom turned into JSON; another one as it is.
pub(crate) fn undressed(asked: &Asked) -> Result<Option<Asked>, Refusal> {
    let kind = asked.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    let xml = kind.contains("atom+xml") || kind.contains("application/xml") || kind.contains("text/xml");
    if !xml || asked.body.is_empty() {
        return Ok(None);
    }
    let bad = |error: atom::AtomError| {
        Refusal::new(400, "BadRequestException", format!("The payload cannot be read: {error}"))
    };
    let json = match Document::parse(&asked.body).map_err(bad)? {
        Document::Entry(entry) => row(&entry),
        Document::Feed(feed) => feed.entries.iter().map(row).collect(),
    };
    let mut read = asked.clone();
    read.body = json.to_string().into();
    read.content_type = Some("application/json".to_owned());
    Ok(Some(read))
}

/// An entry as a row of JSON. Where it has no id, the type's name says which entity set is meant.
fn row(entry: &Entry) -> Json {
    let uri = if entry.id.is_empty() { entry.kind.rsplit('.').next().unwrap_or_default() } else { &entry.id };
    let mut row = Map::new();
    row.insert("__metadata".to_owned(), json!({ "uri": uri, "type": entry.kind }));
    for (name, value) in &entry.properties {
        row.insert(name.clone(), plain(value));
    }
    for link in &entry.links {
        let value = match &link.inline {
            None if link.href.is_empty() => continue,
            None => json!({ "__metadata": { "uri": link.href } }),
            Some(Inline::Empty) => Json::Null,
            Some(Inline::Entry(entry)) => self::row(entry),
            Some(Inline::Feed(feed)) => json!({ "results": feed.entries.iter().map(self::row).collect::<Json>() }),
        };
        row.insert(link.name.clone(), value);
    }
    Json::Object(row)
}

fn plain(value: &Value) -> Json {
    match &value.content {
        Content::Null => Json::Null,
        Content::Text(text) => match (value.kind.as_deref(), text.as_str()) {
            (Some("Edm.Boolean"), "true" | "1") => Json::Bool(true),
            (Some("Edm.Boolean"), "false" | "0") => Json::Bool(false),
            _ => Json::String(text.clone()),
        },
        Content::Members(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.clone(), plain(value))).collect())
        }
        Content::Items(items) => items.iter().map(plain).collect(),
    }
}
