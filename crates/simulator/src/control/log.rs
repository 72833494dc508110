//! The request log, over the control API.

use axum::http::StatusCode;
use serde_json::{Value as Json, json};

use super::answer::{Wrong, wrong};
use crate::log::{BODY, Entry, SIZE};
use crate::simulator::Simulator;

/// `GET /control/requests/log`: the last requests, the newest first.
pub(super) fn list(simulator: &Simulator, query: &[(String, String)]) -> Result<Json, Wrong> {
    let get = |name| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let number = |name, default: u64| match get(name) {
        None | Some("") => Ok(default),
        Some(text) => text.parse().map_err(|_| wrong(format!("\"{name}\" takes a number"))),
    };
    let after = number("after", 0)?;
    let limit = number("limit", 100)?.min(SIZE as u64) as usize;
    let resource = get("resource").unwrap_or_default().to_lowercase();
    let status = Wanted::read(get("status").unwrap_or_default())?;
    let meant = |entry: &Entry| status.takes(entry) && contains(entry, &resource);
    let (entries, last) = simulator.tenant.log.list(after, meant, limit);
    Ok(json!({"entries": entries, "last": last, "size": SIZE, "body_size": BODY}))
}

/// `GET /control/requests/log/{number}`: one request with its bodies.
pub(super) fn one(simulator: &Simulator, number: &str) -> Result<Json, Wrong> {
    let found = number.parse().ok().and_then(|number| simulator.tenant.log.one(number));
    let found = found.ok_or((StatusCode::NOT_FOUND, "that request is no longer kept".to_owned()))?;
    let mut json = json!(*found);
    json["asked"] = json!(found.asked);
    json["answered"] = json!(found.answered);
    Ok(json)
}

fn contains(entry: &Entry, text: &str) -> bool {
    text.is_empty()
        || entry.resource.to_lowercase().contains(text)
        || entry.path.to_lowercase().contains(text)
        || entry.query.iter().any(|(_, value)| value.to_lowercase().contains(text))
}

/// Which status is wanted.
enum Wanted {
    All,
    /// 400 and above, or no answer.
    Failed,
    Class(u16),
    Exactly(u16),
}

impl Wanted {
    fn read(text: &str) -> Result<Self, Wrong> {
        Ok(match text {
            "" => Self::All,
            "failed" => Self::Failed,
            _ => match (text.strip_suffix("xx").map(str::parse), text.parse()) {
                (Some(Ok(class)), _) => Self::Class(class),
                (_, Ok(status)) => Self::Exactly(status),
                _ => return Err(wrong("\"status\" takes a status such as 404, a class such as 4xx, or failed")),
            },
        })
    }

    fn takes(&self, entry: &Entry) -> bool {
        match self {
            Self::All => true,
            Self::Failed => entry.status == 0 || entry.status >= 400,
            Self::Class(class) => entry.status / 100 == *class,
            Self::Exactly(status) => entry.status == *status,
        }
    }
}
