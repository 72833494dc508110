//! A page's bytes become what it shows, on a thread of its own.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use jiff::civil::Date;
use joinery_model::{Failure, Key, Root, Seen};

use crate::row::{Entity, Frame, Judged, person, user};

/// A page, read and judged.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    /// Who is on it, each key once.
    pub(crate) seen: Vec<Seen>,
    /// The link to the next page.
    pub(crate) next: Option<String>,
    /// Who is yet to start and must be asked for again, as of the first day.
    pub(crate) again: Vec<(Key, Date)>,
}

/// Reads and judges a page.
///
/// # Errors
/// When the bytes are not a list of entities.
pub(crate) async fn parse(bytes: Bytes, root: Root, frame: Arc<Frame>) -> Result<Parsed, Failure> {
    tokio::task::spawn_blocking(move || parse_now(&bytes, root, &frame))
        .await
        .map_err(|error| Failure::later("parsing a page stopped unexpectedly", None).because(error))?
}

fn parse_now(bytes: &[u8], root: Root, frame: &Frame) -> Result<Parsed, Failure> {
    let mut parsed = Parsed::default();
    let mut known = HashSet::new();
    let take = |entity: Entity| {
        let seen = match root {
            Root::Persons => person(entity, frame).map(|Judged { row, ask_again_for }| {
                if let Some(day) = ask_again_for {
                    parsed.again.push((row.key.clone(), day));
                }
                row
            }),
            Root::Users => user(entity, frame),
        };
        match seen {
            Ok(row) if known.insert(row.key.clone()) => parsed.seen.push(Seen::Row(row)),
            // Offset pages repeat rows when something is inserted before them; the first sight of a page counts.
            Ok(_) => {}
            Err(unreadable) => parsed.seen.push(*unreadable),
        }
    };
    let next = frame
        .reading
        .page(bytes, take)
        .map_err(|error| Failure::later("the tenant's answer cannot be read as a page", None).because(error))?;
    parsed.next = next;
    Ok(parsed)
}
