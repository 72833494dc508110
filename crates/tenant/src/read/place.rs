//! Where a walk goes on.

use joinery_model::{Failure, Key, Place};
use serde::{Deserialize, Serialize};

/// A [`Place`] as this source means it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum At {
    /// The tenant keeps the place: the path and query of its next page.
    Link(String),
    /// A list of keys in order: the last one that was read.
    After(Key),
}

impl At {
    /// The place of a next link, whatever host it names.
    pub(crate) fn link(url: &str) -> Self {
        let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or(url, |(_, path)| path);
        Self::Link(path.trim_start_matches('/').to_owned())
    }

    /// As the journal keeps it.
    pub(crate) fn place(&self) -> Place {
        Place(serde_json::to_string(self).unwrap_or_default())
    }

    /// What the journal kept.
    ///
    /// # Errors
    /// [`joinery_model::Retry::Restart`] when it is none of ours.
    pub(crate) fn of(place: &Place) -> Result<Self, Failure> {
        serde_json::from_str(&place.0)
            .map_err(|error| Failure::restart("the place of the walk cannot be read; the walk restarts").because(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_link_keeps_its_path_and_loses_its_host() {
        let at = At::link("https://apihost.example.com:443/odata/v2/User?$skiptoken=a%3D&x=http://y");
        assert_eq!(at, At::Link("odata/v2/User?$skiptoken=a%3D&x=http://y".into()));
        assert_eq!(At::of(&at.place()).unwrap(), at);
        assert_eq!(At::link("odata/v2/User?a=b"), At::Link("odata/v2/User?a=b".into()));
    }

    #[test]
    fn a_place_that_is_not_ours_restarts_the_walk() {
        assert_eq!(At::of(&Place("x".into())).unwrap_err().retry(), joinery_model::Retry::Restart);
    }
}
