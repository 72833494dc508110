//! What a tenant's refusals mean, and what to do about each.

mod answer;
mod ias;
mod shown;
mod sign_in;

pub(crate) use answer::answer;
pub(crate) use shown::masked;
pub(crate) use sign_in::{is_csrf, is_stale_token, not_signed_in, sign_in};
