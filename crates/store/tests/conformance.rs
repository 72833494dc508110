//! The journal on SQLite does what every journal must, in a file and in memory.

use joinery_store::conformance::Bench;
use joinery_store::{Store, conformance_tests};

/// Journals in files of a directory of their own, closed and opened again.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Bench for Files {
    type Journal = Store;

    async fn fresh(&self) -> Store {
        Store::open(self.0.path().join("joinery.db")).unwrap()
    }

    async fn reopen(&self, journal: Store) -> Store {
        drop(journal);
        self.fresh().await
    }
}

/// Journals in memory, which outlive nothing: to open one again is to go on with it.
struct Memory;

impl Bench for Memory {
    type Journal = Store;

    async fn fresh(&self) -> Store {
        Store::in_memory().unwrap()
    }

    async fn reopen(&self, journal: Store) -> Store {
        journal
    }
}

mod file {
    use super::Files;
    super::conformance_tests!(Files::new());
}

mod memory {
    use super::Memory;
    super::conformance_tests!(Memory);
}
