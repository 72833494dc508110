//! The transport against a tenant of our own making, over real HTTP on loopback.

mod fake;
mod load;
mod sign_in;
mod tls;
mod trouble;
