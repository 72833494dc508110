//! Runs that end in the middle: whatever the moment, the next run goes on, and at the end everything is as if nothing
//! had happened: the same state of every target, exactly one account each, and books that balance.

mod accounts;
mod commits;
mod death;
mod kills;
mod postgres;
mod scene;
mod steps;
