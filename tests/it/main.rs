//! The whole product against the simulated tenant and real servers.

mod assertions;
mod company;
mod imports;
mod real_targets;
mod servers;
mod stories;
