//! The whole product against the simulated tenant and real servers.

mod assertions;
mod company;
mod crashes;
mod house;
mod imports;
mod real_targets;
mod servers;
mod stories;
