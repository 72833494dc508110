//! The run: read, map, validate, compare, guard, release, deliver, balance.
//!
//! [`Sync::compile`] turns configuration into a [`Sync`]; an [`Engine`] runs it over any [`joinery_model::Source`],
//! [`joinery_model::Target`]s, [`joinery_model::Journal`] and [`joinery_model::Clock`]. Nothing here knows a tenant, a
//! kind of target or a database.
//!
//! What holds at every crash, page order and lost place: nothing is delivered from an unfinished walk, the watermark
//! moves only with a finished one, and whoever came in is in the balance.

mod cel;
mod engine;
mod look;
mod mapping;
mod report;
mod run;
pub mod spec;
mod stop;
mod sync;

pub use cel::{CelError, Expr};
pub use engine::Engine;
pub use report::{
    Ended, EngineError, Event, Explained, ExplainedAttribute, ExplainedTarget, Moved, Orphan, Patience, Report, Run,
    Stale, Unsaid,
};
pub use spec::SpecError;
pub use stop::{Stop, StopHandle};
pub use sync::Sync;
