//! Joinery.
fn main() {}
