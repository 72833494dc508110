//! What happens in a company, and what must arrive.

mod basics;
mod lost_sight;
mod one_day;
