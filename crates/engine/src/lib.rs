//! The run: read, map, validate, compare, guard, release, deliver, balance.
