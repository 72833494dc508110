//! What was asked and what was answered, lately: for whoever looks at the console.
//!
//! Only the last requests are kept, only the beginning of their bodies, and no secret.

mod mask;
mod ring;

pub(crate) use mask::{masked, masked_option};
pub(crate) use ring::{BODY, Entry, Log, SIZE, Sample, options};
