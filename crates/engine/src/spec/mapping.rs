//! `[mapping.*]`: one rule for each attribute of a target.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::Value;
use serde::{Deserialize, Serialize};

/// A mapping: the target's attribute on the left, how its value is made on the right.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MappingSpec(pub BTreeMap<String, RuleSpec>);

/// How one attribute's value is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "a rule is a source path in quotes, or a table with one of path, template, cel, value, person, and besides \
                 it only map, default, when_null, missing; look for a misspelt key"
)]
pub enum RuleSpec {
    /// A source path.
    Path(String),
    /// Everything else.
    Table(RuleTable),
}

/// The table form of a rule: exactly one of `path`, `template`, `cel`, `value`, `person`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleTable {
    /// A source path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A text with `{path}` in it; `{{` and `}}` are braces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// A CEL expression over `p` and `today`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cel: Option<String>,
    /// A constant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Scalar>,
    /// A source path whose value is another person's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Values to be replaced, compared as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<BTreeMap<String, Scalar>>,
    /// The value when the source has none, or none that `map` knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Scalar>,
    /// What a null does in the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_null: Option<WhenNull>,
    /// What a reference to a person without an account does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<MissingReference>,
}

/// A constant in a configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a value is a text in quotes, a number, true or false")]
pub enum Scalar {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
}

impl Scalar {
    /// The constant as a value.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Float(value) => Value::Decimal(Arc::from(value.to_string())),
            Self::Text(text) => Value::text(text.as_str()),
        }
    }
}

/// What a null from the source does to the target's attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenNull {
    /// Clears it.
    #[default]
    Clear,
    /// Leaves it as it is.
    Keep,
}

/// What is done while the other person of a reference has no account in the target: not made yet, out of scope or gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingReference {
    /// The attribute is left as it is and filled as soon as the account exists.
    #[default]
    Wait,
    /// The attribute is cleared, and filled as soon as the account exists.
    Clear,
    /// Whoever stands there stays until the person is read again; where nobody does, it is filled as soon as the account
    /// exists.
    Keep,
}
