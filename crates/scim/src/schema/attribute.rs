//! An attribute as a schema describes it (RFC 7643, sections 2.2 and 7).

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::words::{flag, text};
use crate::place::member;

/// What kind of value an attribute holds (RFC 7643, section 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text.
    #[default]
    String,
    /// True or false.
    Boolean,
    /// A number.
    Decimal,
    /// A whole number.
    Integer,
    /// A date with a time, as XML Schema writes it.
    DateTime,
    /// Bytes in base64.
    Binary,
    /// A URI: of a resource here, or of anything.
    Reference,
    /// Sub-attributes.
    Complex,
}

/// May an attribute be written?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mutability {
    /// Yes.
    #[default]
    ReadWrite,
    /// By the server alone.
    ReadOnly,
    /// Once.
    Immutable,
    /// Yes, but it is never shown.
    WriteOnly,
}

/// Is an attribute shown?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Returned {
    /// Whatever is asked for.
    Always,
    /// Whatever is asked for, not.
    Never,
    /// Unless something else is asked for.
    #[default]
    Default,
    /// Only when asked for.
    Request,
}

/// Where is a value taken only once?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Uniqueness {
    /// Nowhere.
    #[default]
    None,
    /// Among the resources of the server.
    Server,
    /// In the world.
    Global,
}

macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $type {
            /// The word of the standard for it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// What the word means, in any case of letters.
            pub fn named(word: &str) -> Option<Self> {
                [$(Self::$variant),*].into_iter().find(|is| is.word().eq_ignore_ascii_case(word))
            }
        }
    };
}

words!(Kind {
    String = "string",
    Boolean = "boolean",
    Decimal = "decimal",
    Integer = "integer",
    DateTime = "dateTime",
    Binary = "binary",
    Reference = "reference",
    Complex = "complex",
});
words!(Mutability {
    ReadWrite = "readWrite",
    ReadOnly = "readOnly",
    Immutable = "immutable",
    WriteOnly = "writeOnly"
});
words!(Returned { Always = "always", Never = "never", Default = "default", Request = "request" });
words!(Uniqueness { None = "none", Server = "server", Global = "global" });

/// An attribute as a schema describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: Arc<str>,
    /// What kind of value.
    pub kind: Kind,
    /// What it is, in words.
    pub description: Arc<str>,
    /// Several values?
    pub multi_valued: bool,
    /// Must it have a value?
    pub required: bool,
    /// Does upper and lower case matter?
    pub case_exact: bool,
    /// May it be written?
    pub mutability: Mutability,
    /// Is it shown?
    pub returned: Returned,
    /// Is its value taken only once?
    pub uniqueness: Uniqueness,
    /// The values that are meant; others are refused only where the judge is told to.
    pub canonical: Vec<Arc<str>>,
    /// What a reference leads to: names of resource types, `external`, `uri`.
    pub references: Vec<Arc<str>>,
    /// Its sub-attributes.
    pub sub: Vec<Attribute>,
}

/// Describing an attribute, one word at a time: `Attribute::text("userName", "…").required().unique()`.
impl Attribute {
    /// An attribute of that kind; everything else is the standard's default.
    pub fn new(name: &str, kind: Kind, description: &str) -> Self {
        let case_exact = matches!(kind, Kind::Binary | Kind::Reference);
        Self { name: name.into(), kind, description: description.into(), case_exact, ..Self::default() }
    }

    /// Text.
    pub fn text(name: &str, description: &str) -> Self {
        Self::new(name, Kind::String, description)
    }

    /// True or false.
    pub fn boolean(name: &str, description: &str) -> Self {
        Self::new(name, Kind::Boolean, description)
    }

    /// A whole number.
    pub fn integer(name: &str, description: &str) -> Self {
        Self::new(name, Kind::Integer, description)
    }

    /// A date with a time.
    pub fn date_time(name: &str, description: &str) -> Self {
        Self::new(name, Kind::DateTime, description)
    }

    /// A URI that leads to one of these: names of resource types, `external` or `uri`.
    pub fn reference(name: &str, to: &[&str], description: &str) -> Self {
        let references = to.iter().map(|to| (*to).into()).collect();
        Self { references, ..Self::new(name, Kind::Reference, description) }
    }

    /// Sub-attributes.
    pub fn complex(name: &str, description: &str, sub: Vec<Self>) -> Self {
        Self { sub, ..Self::new(name, Kind::Complex, description) }
    }

    /// With several values.
    pub fn many(self) -> Self {
        Self { multi_valued: true, ..self }
    }

    /// With a value, always.
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Compared letter for letter.
    pub fn exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    /// Written by the server alone; so are its sub-attributes.
    pub fn read_only(self) -> Self {
        let sub = self.sub.into_iter().map(Self::read_only).collect();
        Self { mutability: Mutability::ReadOnly, sub, ..self }
    }

    /// Written once.
    pub fn immutable(self) -> Self {
        Self { mutability: Mutability::Immutable, ..self }
    }

    /// Written and never shown.
    pub fn secret(self) -> Self {
        Self { mutability: Mutability::WriteOnly, returned: Returned::Never, ..self }
    }

    /// Shown by that rule.
    pub fn returned(self, returned: Returned) -> Self {
        Self { returned, ..self }
    }

    /// Taken once on this server.
    pub fn unique(self) -> Self {
        Self { uniqueness: Uniqueness::Server, ..self }
    }

    /// With these values in mind.
    pub fn meaning(self, canonical: &[&str]) -> Self {
        Self { canonical: canonical.iter().map(|value| (*value).into()).collect(), ..self }
    }

    /// The sub-attribute of that name in any case.
    pub fn part(&self, name: &str) -> Option<&Self> {
        self.sub.iter().find(|sub| sub.name.eq_ignore_ascii_case(name))
    }

    /// Its description as schemas show it (RFC 7643, section 7). A complex attribute has neither case nor uniqueness
    /// (erratum 6004).
    pub fn body(&self) -> Json {
        let mut body = json!({
            "name": self.name,
            "type": self.kind.word(),
            "multiValued": self.multi_valued,
            "description": self.description,
            "required": self.required,
            "mutability": self.mutability.word(),
            "returned": self.returned.word(),
        });
        if self.kind == Kind::Complex {
            body["subAttributes"] = self.sub.iter().map(Self::body).collect();
        } else {
            body["caseExact"] = self.case_exact.into();
            body["uniqueness"] = self.uniqueness.word().into();
        }
        let words = |words: &[Arc<str>]| words.iter().map(|word| Json::from(&**word)).collect::<Json>();
        if !self.canonical.is_empty() {
            body["canonicalValues"] = words(&self.canonical);
        }
        if self.kind == Kind::Reference {
            body["referenceTypes"] = words(&self.references);
        }
        body
    }

    /// Reads a description tolerantly: what is not said is the standard's default; `None` without a name. Descriptions
    /// nested deeper than attribute and sub-attribute do not exist (erratum 8415) and are left out.
    pub fn read(description: &Json) -> Option<Self> {
        Self::read_level(description, true)
    }

    fn read_level(description: &Json, with_sub: bool) -> Option<Self> {
        let said = description.as_object()?;
        let list = |name: &str| member(said, name).and_then(Json::as_array).into_iter().flatten();
        let words = |name: &str| list(name).filter_map(Json::as_str).map(Into::into).collect();
        let sub = list("subAttributes").filter(|_| with_sub).filter_map(|sub| Self::read_level(sub, false));
        Some(Self {
            name: text(said, "name")?.into(),
            kind: text(said, "type").and_then(|word| Kind::named(&word)).unwrap_or_default(),
            description: text(said, "description").unwrap_or_default().into(),
            multi_valued: flag(said, "multiValued").unwrap_or(false),
            required: flag(said, "required").unwrap_or(false),
            case_exact: flag(said, "caseExact").unwrap_or(false),
            mutability: text(said, "mutability").and_then(|word| Mutability::named(&word)).unwrap_or_default(),
            returned: text(said, "returned").and_then(|word| Returned::named(&word)).unwrap_or_default(),
            uniqueness: text(said, "uniqueness").and_then(|word| Uniqueness::named(&word)).unwrap_or_default(),
            canonical: words("canonicalValues"),
            references: words("referenceTypes"),
            sub: sub.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_reads_as_what_it_was() {
        let attribute = Attribute::complex(
            "badges",
            "Badges",
            vec![
                Attribute::text("value", "A number").required().exact().immutable().unique(),
                Attribute::text("type", "Which").meaning(&["door", "car"]),
                Attribute::reference("$ref", &["Badge"], "Where it is").read_only(),
            ],
        )
        .many()
        .returned(Returned::Request);
        assert_eq!(Attribute::read(&attribute.body()), Some(attribute));
        assert_eq!(Attribute::read(&json!({"type": "string"})), None);
    }
}
