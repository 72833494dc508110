//! The whole product against the simulated tenant and real servers.

mod assertions;
mod bad_input;
mod capture;
mod company;
mod crashes;
mod demo;
mod doctor;
mod faults;
mod house;
mod imports;
mod no_io;
mod real_targets;
mod references;
mod servers;
mod sign_in;
mod stories;
mod told;
mod watching;
mod write_back;
