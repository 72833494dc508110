//! From a request below `/odata/v2` to the room that answers it.

use super::asked::{Answer, Asked};
use super::turn::Turn;
use super::{Refusal, function, metadata, read, write};

/// Answers one request, a refusal in the form that was asked for.
pub(crate) fn answer(turn: &Turn<'_>, asked: &Asked) -> Answer {
    room(turn, asked).unwrap_or_else(|refusal| refusal.answer(asked.wire()))
}

/// One line a room.
fn room(turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    match asked.path.as_str() {
        "upsert" => write::upsert(turn, asked),
        path if path.ends_with("$metadata") => metadata::answer(turn, asked),
        path if function::is_named(path) => function::answer(turn, asked),
        _ if asked.reads() => read::answer(turn, asked),
        _ => write::answer(turn, asked),
    }
}
