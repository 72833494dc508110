//! Whether the server's clock is where the settings say: a user has two stamps of the same moment, one by that clock.

use jiff::SignedDuration;
use jiff::tz::{Offset, TimeZone};
use joinery_model::{Failure, Finding, FindingKind};
use joinery_odata::date::JsonDate;
use joinery_odata::{Page, Query, Selection, read_selected};

use super::run::finding;
use crate::read::{Get, status_stated};
use crate::server_clock::shown;

const WALL: &str = "lastModified";
const INSTANT: &str = "lastModifiedDateTime";

/// Stamps that are further apart than this are not of the same moment.
const SAME: SignedDuration = SignedDuration::from_secs(2);

/// What users' stamps say of the zone; nothing when they say nothing, or when the tenant shows none.
///
/// # Errors
/// When the tenant cannot be asked.
pub(super) async fn judged<G: Get>(get: &G, zone: &TimeZone) -> Result<Option<Finding>, Failure> {
    let query = Query::new().json().select(["userId", WALL, INSTANT]).filter(status_stated()).top(20);
    let response = get.get(&format!("odata/v2/User?{query}")).await?;
    if !response.status.is_success() {
        return Ok(None);
    }
    let Ok(page) = Page::parse(&response.bytes) else { return Ok(None) };
    let selection = Selection::of([WALL, INSTANT]);
    for entity in &page.entities {
        let Ok(row) = read_selected(entity, &selection) else { continue };
        let stamp = |name: &str| row.get(name).and_then(|value| value.as_text()).and_then(JsonDate::parse);
        let (Some(JsonDate::Civil(wall)), Some(instant)) = (stamp(WALL), stamp(INSTANT)) else { continue };
        let instant = instant.instant();
        let seen = wall.duration_since(shown(&TimeZone::UTC, instant));
        let expected = wall.duration_since(shown(zone, instant));
        // Clocks are set by quarters of an hour; whatever else lies between was not one moment.
        let quarters = (seen.as_secs() as f64 / 900.0).round() as i64 * 900;
        if (seen - SignedDuration::from_secs(quarters)).abs() > SAME {
            continue;
        }
        if expected.abs() <= SAME {
            return Ok(Some(finding(FindingKind::Good, "server_zone", "the server's clock shows what it says")));
        }
        let Some(offset) = i32::try_from(quarters).ok().and_then(|seconds| Offset::from_seconds(seconds).ok()) else {
            continue;
        };
        let message = format!(
            "the server's clock does not show what it says: lastModified is {} ahead of lastModifiedDateTime; set \
             datetime_offset = \"{}\", or server_zone where the clock changes with the season",
            text(offset),
            text(offset)
        );
        return Ok(Some(finding(FindingKind::Warning, "server_zone", message)));
    }
    Ok(None)
}

/// `+05:30`
fn text(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
