//! Laws: what is printed reads back as what it was, and nothing that is read ever panics.

mod arbitrary;
mod grammars;
mod payloads;
mod v4;
mod wire;
