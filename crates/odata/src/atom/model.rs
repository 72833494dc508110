//! The nouns of Atom.

/// What a document is.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    /// A list.
    Feed(Feed),
    /// One entity.
    Entry(Entry),
}

/// A list of entities.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feed {
    /// The address of the list.
    pub id: String,
    /// Name of the entity set or navigation.
    pub title: String,
    /// RFC 3339; required by Atom, so an empty one is written as the year 1970.
    pub updated: String,
    /// `m:count`.
    pub count: Option<u64>,
    /// The entities.
    pub entries: Vec<Entry>,
    /// The address of the next page.
    pub next: Option<String>,
}

/// An entity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// Its address; empty in what is sent for insertion.
    pub id: String,
    /// Its type with namespace, `SFOData.User`; empty when not said.
    pub kind: String,
    /// RFC 3339, as [`Feed::updated`].
    pub updated: String,
    /// Navigations, in order.
    pub links: Vec<Link>,
    /// Properties, in order.
    pub properties: Vec<(String, Value)>,
}

/// A navigation of an entity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// Its name.
    pub name: String,
    /// Where it leads.
    pub href: String,
    /// To many entities.
    pub many: bool,
    /// What is there, when it is expanded or sent along.
    pub inline: Option<Inline>,
}

/// An expanded navigation.
#[derive(Clone, Debug, PartialEq)]
pub enum Inline {
    /// Nothing.
    Empty,
    /// One entity.
    Entry(Box<Entry>),
    /// Several.
    Feed(Feed),
}

/// A value with its type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Value {
    /// `m:type`: `Edm.Int64`, `SFOData.UpsertResult`, `Bag(SFOData.UpsertResult)`. `None` is `Edm.String`, or unsaid.
    pub kind: Option<String>,
    /// What it holds.
    pub content: Content,
}

/// What a value holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Content {
    /// Null: `m:null="true"`.
    #[default]
    Null,
    /// A primitive value as XML writes it.
    Text(String),
    /// The members of a complex value.
    Members(Vec<(String, Value)>),
    /// The items of a collection.
    Items(Vec<Value>),
}

impl Value {
    /// A null of this type.
    pub fn null(kind: Option<&str>) -> Self {
        Self { kind: kind.map(str::to_owned), content: Content::Null }
    }

    /// A primitive value.
    pub fn text(kind: Option<&str>, text: impl Into<String>) -> Self {
        Self { kind: kind.map(str::to_owned), content: Content::Text(text.into()) }
    }
}
