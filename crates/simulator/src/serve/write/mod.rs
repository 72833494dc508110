//! Writing to an entity set or an entity: `POST`, `PUT`, `MERGE`, `DELETE`.

use super::Refusal;
use super::asked::{Answer, Asked};
use super::turn::Turn;

/// Answers a write: no entity set takes one by these methods.
pub(crate) fn answer(_turn: &Turn<'_>, asked: &Asked) -> Result<Answer, Refusal> {
    Err(Refusal::no_method(&asked.method))
}
