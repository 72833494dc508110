//! The law of the run, on a model of everything around it: however the world is edited, pages repeat and lose their
//! place, deliveries fail and the process dies, the target ends up as the mapping of the source.

mod absent;
mod between;
mod doubt;
mod fused;
mod guard;
mod harsh;
mod journal;
mod laws;
mod outage;
mod state;
mod stories;
mod unsaid;
mod world;
