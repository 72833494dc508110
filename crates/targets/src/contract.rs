//! One suite for every target.
