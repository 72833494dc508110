//! Writing: `upsert`, and `POST`, `PUT`, `MERGE`, `DELETE` on entity sets and entities. What rows say is read here; the
//! rules that they must keep are the world's.

mod entity;
mod options;
mod permission;
mod row;
mod upsert;
mod value;

pub(crate) use entity::answer;
pub(crate) use upsert::upsert;
