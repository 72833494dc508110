//! One request and its answer.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::disguise::{BASE, Body, Node};

/// One request and its answer, as a file holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Exchange {
    pub(crate) method: String,
    /// From the root of the host, percent-decoded: `/odata/v2/User('x')`.
    pub(crate) path: String,
    /// Options in the order in which they came, percent-decoded.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) status: u16,
    /// Those that matter, in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// The tenant's time.
    pub(crate) at: Timestamp,
    /// The body, when it is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) json: Option<Node>,
    /// The body, when it is other text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// Why there is no body though there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) left_out: Option<String>,
}

impl Exchange {
    /// With this body.
    pub(crate) fn with(mut self, body: Body) -> Self {
        match body {
            Body::Empty => {}
            Body::Json(node) => self.json = Some(node),
            Body::Text(text) => self.text = Some(text),
            Body::LeftOut(why) => self.left_out = Some(why.to_owned()),
        }
        self
    }

    /// The body as it is sent by whoever stands at `base`.
    pub(crate) fn body(&self, base: &str) -> Vec<u8> {
        let text = match (&self.json, &self.text) {
            (Some(node), _) => serde_json::to_string(node).unwrap_or_default(),
            (None, Some(text)) => text.clone(),
            (None, None) => String::new(),
        };
        base_in(&text, base).into_bytes()
    }

    /// The request in one line.
    pub(crate) fn line(&self) -> String {
        let options: Vec<String> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mark = if options.is_empty() { "" } else { "?" };
        format!("{} {}{mark}{}", self.method, self.path, options.join("&"))
    }
}

/// The text with the tenant's made-up address replaced by a real one.
pub(crate) fn base_in(text: &str, base: &str) -> String {
    text.replace(BASE, base)
}
