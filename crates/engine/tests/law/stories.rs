//! Stories that each show one rule.
