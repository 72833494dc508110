//! The simulated tenant over HTTP, asked as a client would.

mod applications;
mod capture;
mod console;
mod control;
mod data;
mod faults;
mod groups;
mod iam;
mod paging;
mod sign_in;
mod state;
mod support;
mod transcripts;
mod upsert;
mod visibility;
