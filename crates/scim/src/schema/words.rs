//! Members of descriptions, read tolerantly.

use serde_json::Value as Json;

use crate::place::{Resource, member};

/// A truth value, also as text.
pub(crate) fn flag(object: &Resource, name: &str) -> Option<bool> {
    match member(object, name)? {
        Json::Bool(flag) => Some(*flag),
        Json::String(text) => text.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

/// A text.
pub(crate) fn text(object: &Resource, name: &str) -> Option<String> {
    member(object, name)?.as_str().map(str::to_owned)
}
