//! Servers that the tests start and stop themselves, and the judges that are not ours.
//!
//! Each server is a value: it listens on a free loopback port, lives in a process group and a folder of its own, and is
//! gone when the value is dropped. What is not installed is a failure that says how to install it, never a skip.

mod judges;
mod postgres;
mod process;
mod scim;

use std::path::PathBuf;

pub use judges::{Signer, Wish, sign, verify};
pub use postgres::{Encryption, Postgres};
pub use process::kill;
pub use scim::{ScimServer, TOKEN};

/// Stops the test: something that it needs is not here.
fn missing(what: &str) -> ! {
    panic!("{what} is not here; run `make test`, which installs it, or `tools/setup services`")
}

/// A file of this repository.
fn in_repository(path: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), path].iter().collect()
}
