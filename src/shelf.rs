//! A tenant's metadata in files beside the state, for the next run.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use joinery_tenant::Shelf;
use tracing::debug;

/// What nobody has written for so long belongs to a connection or a mapping that is no more.
const FORSAKEN: Duration = Duration::from_hours(30 * 24);

/// Tells the writes of this process apart.
static WRITES: AtomicU64 = AtomicU64::new(0);

/// A folder of files, one a document. It may be removed at any time.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// `joinery.db.metadata` beside `joinery.db`.
    pub fn beside(store: &Path) -> Self {
        let mut name = store.file_name().unwrap_or_default().to_owned();
        name.push(".metadata");
        Self(store.with_file_name(name))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        match fs::DirBuilder::new().mode(0o700).create(&self.0) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        // Readers see the old document or the new one, whole. Several of one process may write the same one at once; a
        // process of the same number may have left its half behind.
        let (new, mut file) = loop {
            let count = WRITES.fetch_add(1, Ordering::Relaxed);
            let new = self.0.join(format!("{name}.{}.{count}", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new) {
                Ok(file) => break (new, file),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        };
        let written = file.write_all(bytes).and_then(|()| fs::rename(&new, self.0.join(name)));
        if written.is_err() {
            let _ = fs::remove_file(&new);
        }
        written
    }

    /// Removes what nobody uses any more.
    fn tidy(&self) {
        for entry in fs::read_dir(&self.0).into_iter().flatten().flatten() {
            let age = entry.metadata().and_then(|about| about.modified()).ok().and_then(|at| at.elapsed().ok());
            if age.is_some_and(|age| age > FORSAKEN) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

impl Shelf for Folder {
    fn take(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.0.join(name)).ok()
    }

    fn keep(&self, name: &str, bytes: &[u8]) {
        match self.write(name, bytes) {
            Ok(()) => self.tidy(),
            Err(error) => debug!(folder = %self.0.display(), %error, "metadata cannot be kept for the next run"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn documents_are_their_owners_alone_and_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Folder::beside(&folder.path().join("joinery.db"));
        assert_eq!(shelf.take("a"), None);
        shelf.keep("a", b"one");
        shelf.keep("a", b"two");
        shelf.keep("b", b"three");
        assert_eq!((shelf.take("a").as_deref(), shelf.take("b").as_deref()), (Some(&b"two"[..]), Some(&b"three"[..])));
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        let kept = folder.path().join("joinery.db.metadata");
        assert_eq!((mode(&kept), mode(&kept.join("a"))), (0o700, 0o600));
        assert_eq!(fs::read_dir(&kept).unwrap().count(), 2, "nothing half-written is left");
    }

    #[test]
    fn many_write_the_same_document_at_once_and_nobody_removes_what_another_writes() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Folder::beside(&folder.path().join("joinery.db"));
        shelf.keep("a", b"first");
        let kept = folder.path().join("joinery.db.metadata");
        let strange = kept.join(format!("a.{}", std::process::id()));
        fs::write(&strange, "another's").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..20).for_each(|_| shelf.write("a", &[b'x'; 4096]).unwrap()));
            }
        });
        assert_eq!(shelf.take("a").unwrap(), [b'x'; 4096]);
        assert_eq!(fs::read(&strange).unwrap(), b"another's");
        assert_eq!(fs::read_dir(&kept).unwrap().count(), 2, "nothing half-written is left");
    }

    #[test]
    fn what_cannot_be_kept_is_no_failure_and_what_is_old_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("joinery.db.metadata"), "a file").unwrap();
        let shelf = Folder::beside(&folder.path().join("joinery.db"));
        shelf.keep("a", b"one");
        assert_eq!(shelf.take("a"), None);
        fs::remove_file(folder.path().join("joinery.db.metadata")).unwrap();
        shelf.keep("a", b"one");
        let old = OpenOptions::new().write(true).open(folder.path().join("joinery.db.metadata/a")).unwrap();
        old.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        shelf.keep("b", b"two");
        assert_eq!((shelf.take("a"), shelf.take("b").is_some()), (None, true));
    }
}
