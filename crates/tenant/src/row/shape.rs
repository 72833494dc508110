//! What is read of an entity, and as what.

use std::sync::Arc;

/// How a property's JSON becomes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text; numbers and truth values in its place become text (real tenants do that).
    Text,
    /// True or false.
    Bool,
    /// A whole number; 64-bit ones come as text.
    Int,
    /// A decimal number, kept as it is written; comes as text or as a number.
    Decimal,
    /// A calendar date, never shifted.
    Date,
    /// A wall clock reading in the server's zone, written as if it were UTC (`lastModified`, `createdOn`).
    Stamp,
    /// An instant.
    Instant,
}

/// One member of an entity.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name.
    pub name: Arc<str>,
    /// Do the mappings read it? What is read for the judgement alone is cut off before the row leaves.
    pub wanted: bool,
    /// What it holds.
    pub what: What,
    /// Does its value mean another object?
    pub refers: Option<Refers>,
}

/// What a member holds.
#[derive(Clone, Debug)]
pub enum What {
    /// A value.
    Property(Kind),
    /// Another entity, or several.
    Navigation(Arc<Shape>),
    /// An option of a picklist, known by the property beside it: it is in no answer, and stands for a navigation.
    Option(Arc<Choice>),
    /// A label of the picklist option that the entity is: in no answer either.
    Label(Arc<str>),
}

/// How the option of a picklist is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The property that holds its id or code.
    pub property: Arc<str>,
    /// The picklist.
    pub picklist: Arc<str>,
    /// What is read of it: `externalCode`, `id`, `label`, `label_de_DE`.
    pub members: Vec<Arc<str>>,
}

/// How a member means another object, see [`joinery_model::Ref`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refers {
    /// The entity set of the other object.
    pub kind: Arc<str>,
    /// For a navigation: the property of the other object that is its business key.
    pub id: Option<Arc<str>>,
    /// For a navigation: the property beside it that holds the same key, for when the other object is not there
    /// (a department that starts tomorrow).
    pub beside: Option<Arc<str>>,
}

/// The members of an entity that are read; everything else in an answer is skipped unseen.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// The entity set.
    pub entity: Arc<str>,
    members: Vec<Member>,
    chooses: bool,
}

impl Shape {
    /// A shape of these members.
    pub fn new(entity: Arc<str>, mut members: Vec<Member>) -> Self {
        members.sort_by(|a, b| a.name.cmp(&b.name));
        members.dedup_by(|a, b| a.name == b.name);
        let chooses = members.iter().any(|member| matches!(member.what, What::Option(_) | What::Label(_)));
        Self { entity, members, chooses }
    }

    /// The same with further members.
    pub fn and(self, more: Vec<Member>) -> Self {
        if more.is_empty() { self } else { Self::new(self.entity, self.members.into_iter().chain(more).collect()) }
    }

    /// Are some members known by picklists?
    pub fn chooses(&self) -> bool {
        self.chooses
    }

    /// The members, by name.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member of that name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.binary_search_by(|member| (*member.name).cmp(name)).ok().map(|at| &self.members[at])
    }

    /// The member of that name, which may stand at `hint`: the next one then stands behind it.
    pub fn member_near(&self, name: &str, hint: &mut usize) -> Option<&Member> {
        if self.members.get(*hint).is_none_or(|member| *member.name != *name) {
            *hint = self.members.binary_search_by(|member| (*member.name).cmp(name)).ok()?;
        }
        let member = self.members.get(*hint);
        *hint += 1;
        member
    }

    /// The shape behind a navigation.
    pub fn navigation(&self, name: &str) -> Option<&Arc<Shape>> {
        match &self.member(name)?.what {
            What::Navigation(shape) => Some(shape),
            _ => None,
        }
    }
}
