//! What a write asks for, and what comes of it.

use crate::schema::Set;
use crate::world::{Day, RowId, Value};

/// One row to write.
#[derive(Clone, Debug, PartialEq)]
pub struct RowWrite {
    /// Into which set.
    pub set: Set,
    /// Properties by their index in the table; the key's are among them.
    pub values: Vec<(usize, Value)>,
    /// Navigations by their index in the table, and the keys that they shall lead to.
    pub links: Vec<(usize, Vec<String>)>,
    /// Rows that stand in it behind a navigation, by the navigation's index in the table (deep insert).
    pub nested: Vec<(usize, RowWrite)>,
    /// `operation` of Employee Central.
    pub operation: Option<Operation>,
}

impl RowWrite {
    /// A row without values.
    pub fn new(set: Set) -> Self {
        Self { set, values: Vec::new(), links: Vec::new(), nested: Vec::new(), operation: None }
    }

    fn value(&self, property: usize) -> Option<&Value> {
        self.values.iter().find(|(at, _)| *at == property).map(|(_, value)| value)
    }

    pub(super) fn has(&self, property: usize) -> bool {
        self.value(property).is_some_and(|value| *value != Value::Null && *value != Value::Text(String::new()))
    }

    /// A text that was sent and is not empty.
    pub(super) fn text(&self, property: usize) -> Option<&str> {
        match self.value(property)? {
            Value::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    pub(super) fn day(&self, property: usize) -> Option<Day> {
        match self.value(property)? {
            Value::Date(day) => Some(*day),
            _ => None,
        }
    }

    pub(super) fn int(&self, property: usize) -> Option<i64> {
        match self.value(property)? {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn flag(&self, property: usize) -> Option<bool> {
        match self.value(property)? {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }
}

/// How a record of Employee Central is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The record goes; of slices without gaps the one before takes its time.
    Delete,
    /// The record ends.
    Delimit,
}

/// By which request a row came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verb {
    /// `POST upsert`.
    #[default]
    Upsert,
    /// `POST` to a set: the row must be new.
    Insert,
    /// `PUT`: the row must be there; what is not sent is cleared.
    Replace,
    /// `POST` with `x-http-method: MERGE`: the row must be there.
    Merge,
}

/// What happens to what is not sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purge {
    /// `purgeType=incremental`: it stays.
    #[default]
    Incremental,
    /// `purgeType=full`: all records of the parent go that are not in the request.
    Full,
    /// `purgeType=record`: fields and to-many links of the row are cleared. Users and MDF objects only.
    Record,
}

/// How rows are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// By which request.
    pub verb: Verb,
    /// `purgeType`.
    pub purge: Purge,
    /// `processInactiveEmployees=true`, or an option profile that says so.
    pub process_inactive: bool,
    /// A new user is told by mail.
    pub welcome_mail: bool,
    /// Making an e-mail or phone primary takes that from the other one.
    pub primary_moves: bool,
    /// Users follow at the next [`World::hris_sync`](crate::world::World::hris_sync) only.
    pub sync_waits: bool,
    /// Properties that this tenant demands of new users beside `userId`, `username` and `status`.
    pub demanded: Vec<String>,
    /// What passwords must be like.
    pub passwords: PasswordPolicy,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// A new row of a set that says so: 201.
    Inserted,
    /// A changed one: 204.
    Updated,
    /// Either; Employee Central does not say which: 200.
    Upserted,
    /// Employee Central found nothing new in it.
    Unchanged,
}

/// A row that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowDone {
    /// What was done.
    pub done: Done,
    /// The row; none when it was deleted.
    pub row: Option<RowId>,
    /// What results call it: `Berg01`, or `PerEmail/emailType=8448,PerEmail/personIdExternal=1001`.
    pub key: String,
}

/// What passwords must be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Fewest characters.
    pub shortest: usize,
    /// Most characters.
    pub longest: usize,
    /// Of capital letters, small letters, digits and other characters so many must be among them.
    pub classes: usize,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { shortest: 8, longest: 64, classes: 3 }
    }
}

impl PasswordPolicy {
    /// The policy as a sentence: what `getPasswordPolicy` answers.
    pub fn text(&self) -> String {
        format!(
            "Password must be between {} and {} characters long and contain characters of at least {} of these kinds: \
             upper case letters, lower case letters, digits, special characters.",
            self.shortest, self.longest, self.classes
        )
    }

    pub(in crate::world::change) fn takes(&self, password: &str) -> bool {
        let length = password.chars().count();
        let kinds: [fn(char) -> bool; 4] =
            [char::is_uppercase, char::is_lowercase, |c| c.is_ascii_digit(), |c| !c.is_alphanumeric()];
        let classes = kinds.iter().filter(|kind| password.chars().any(**kind)).count();
        (self.shortest..=self.longest).contains(&length) && classes >= self.classes
    }
}
