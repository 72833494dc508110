//! The whole product against the simulated tenant and real servers.

mod imports;
