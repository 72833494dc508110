//! Versions of resources (RFC 7644, section 3.14; RFC 7232).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::ScimError;

/// A version: a weak entity tag.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(String);

impl ETag {
    /// The version of a resource of these bytes, its `meta.version` left out of them.
    pub fn of(bytes: &[u8]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..12]))
    }

    /// Reads one: `W/"…"`, `"…"`, or what stands in it.
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        let text = text.strip_prefix("W/").or_else(|| text.strip_prefix("w/")).unwrap_or(text);
        Self(text.trim_matches('"').to_owned())
    }
}

/// `W/"…"`: for the header and for `meta.version`.
impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "W/\"{}\"", self.0)
    }
}

/// What a request's conditions make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// It is done.
    Holds,
    /// 304: the client has this version.
    NotModified,
    /// 412: the resource has changed.
    Failed,
}

impl Precondition {
    /// Judges `If-Match` and `If-None-Match` of a request; `current` is the resource's version, none when there is no resource. Tags
    /// compare weakly, since SCIM's own examples send weak ones in `If-Match` (section 3.14).
    pub fn judge(if_match: Option<&str>, if_none_match: Option<&str>, current: Option<&ETag>, reading: bool) -> Self {
        if if_match.is_some_and(|tags| !among(tags, current)) {
            return Self::Failed;
        }
        match if_none_match {
            Some(tags) if among(tags, current) => {
                if reading {
                    Self::NotModified
                } else {
                    Self::Failed
                }
            }
            _ => Self::Holds,
        }
    }

    /// The error of a condition that failed.
    pub fn error() -> ScimError {
        ScimError::status(
            412,
            "Failed to update. Resource changed on the server; read it again and send the change anew.",
        )
    }
}

/// Is the version among those of a header? `*` means any.
fn among(tags: &str, current: Option<&ETag>) -> bool {
    let Some(current) = current else { return false };
    // Our own tags hold no comma, so that one which a comma cuts in two is none of them anyway.
    tags.trim() == "*" || tags.split(',').filter(|tag| !tag.trim().is_empty()).any(|tag| ETag::read(tag) == *current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_weak_and_of_the_bytes() {
        let tag = ETag::of(b"{}");
        assert_eq!(tag, ETag::of(b"{}"));
        assert_ne!(tag, ETag::of(b"{ }"));
        assert!(tag.to_string().starts_with("W/\"") && tag.to_string().ends_with('"'));
        assert_eq!(ETag::read(&tag.to_string()), tag);
    }

    /// RFC 7644, section 3.14; RFC 7232, sections 3.1 and 3.2.
    #[test]
    fn conditions_are_judged() {
        let current = ETag::read("W/\"e180ee84f0671b1\"");
        let judge =
            |if_match, if_none_match, reading| Precondition::judge(if_match, if_none_match, Some(&current), reading);
        assert_eq!(judge(None, None, true), Precondition::Holds);
        assert_eq!(judge(Some("W/\"e180ee84f0671b1\""), None, false), Precondition::Holds);
        assert_eq!(judge(Some("\"x\", \"e180ee84f0671b1\""), None, false), Precondition::Holds);
        assert_eq!(judge(Some("W/\"a330bc54f0671c9\""), None, false), Precondition::Failed);
        assert_eq!(judge(Some("*"), None, false), Precondition::Holds);
        assert_eq!(judge(None, Some("W/\"e180ee84f0671b1\""), true), Precondition::NotModified);
        assert_eq!(judge(None, Some("W/\"other\""), true), Precondition::Holds);
        assert_eq!(judge(None, Some("*"), false), Precondition::Failed);
        assert_eq!(Precondition::judge(Some("*"), None, None, false), Precondition::Failed);
        assert_eq!(Precondition::judge(None, Some("*"), None, false), Precondition::Holds);
        assert_eq!(Precondition::error().status, 412);
    }
}
