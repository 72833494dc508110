//! A SuccessFactors tenant in a process: people, rules, faults, a clock.

mod saml;

pub use saml::{KeyError, PublicKey};
