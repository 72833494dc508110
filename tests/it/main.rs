//! Joinery.
#[test]
fn x() {}
