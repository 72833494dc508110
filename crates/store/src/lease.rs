//! Is the holder of a lease still alive?
//!
//! A lease lapses with time. Nobody waits that long for a process that was killed: who takes a lease locks a file beside
//! the journal, named by sync and fence, and the system lets go of that lock when the process ends, however it ends. A
//! file that can be locked by somebody else tells that its lease is forsaken. One that is not there tells nothing: then
//! time alone decides. The lock guards no data; the fence does.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The locks of the leases that one open journal holds.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    /// `None` for a journal in memory, which nobody else sees.
    journal: Option<PathBuf>,
    held: Mutex<HashMap<Arc<str>, Lock>>,
}

#[derive(Debug)]
struct Lock {
    token: i64,
    path: PathBuf,
    /// The file of the holder before.
    before: Option<PathBuf>,
    _file: File,
}

impl Leases {
    /// The leases of a journal.
    pub(crate) fn beside(journal: Option<PathBuf>) -> Self {
        Self { journal, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Arc<str>, Lock>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, sync: i64, token: i64) -> Option<PathBuf> {
        let mut name = self.journal.as_ref()?.as_os_str().to_owned();
        name.push(format!("-lease-{sync}-{token}"));
        Some(name.into())
    }

    /// Marks the lease of a new fence as held by this process. Where that cannot be done nobody can tell that it is
    /// forsaken, and it lapses with time as ever.
    pub(crate) fn take(&self, name: &Arc<str>, sync: i64, token: i64) {
        let Some(path) = self.path(sync, token) else { return };
        // The file of the last holder stays: until the new fence is written down, the journal names that one, and when
        // this process dies before, the next asks for its lock. The one before it is asked for by nobody. And a fence
        // that was never written down may have left a file of the new one's name.
        for stale in self.path(sync, token - 2).iter().chain([&path]) {
            let _ = std::fs::remove_file(stale);
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let locked = options.open(&path).and_then(|file| file.try_lock().map(|()| file).map_err(Into::into));
        match locked {
            Ok(file) => {
                let before = self.path(sync, token - 1);
                drop(self.held().insert(Arc::clone(name), Lock { token, path, before, _file: file }));
            }
            Err(error) => tracing::debug!(%error, "the lease has no lock; it lapses with time alone"),
        }
    }

    /// Is the holder of this fence's lease certainly gone?
    pub(crate) fn forsaken(&self, name: &str, sync: i64, token: i64) -> bool {
        if self.held().get(name).is_some_and(|lock| lock.token == token) {
            return false;
        }
        let Some(path) = self.path(sync, token) else { return false };
        // Closing the file lets go of the lock again.
        OpenOptions::new().write(true).open(path).is_ok_and(|file| file.try_lock().is_ok())
    }

    /// The lease of this fence is over.
    pub(crate) fn let_go(&self, name: &str, token: i64) {
        let mut held = self.held();
        if held.get(name).is_some_and(|lock| lock.token == token)
            && let Some(lock) = held.remove(name)
        {
            // While it is still locked. That another process has it open already does no harm: fences share no names.
            for over in lock.before.iter().chain([&lock.path]) {
                let _ = std::fs::remove_file(over);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_forsaken_when_its_journal_is_closed_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Leases::beside(Some(folder.path().join("joinery.db")));
        let (people, ours, theirs) = (Arc::from("people"), open(), open());
        assert!(!ours.forsaken("people", 1, 1), "no lock tells nothing");
        ours.take(&people, 1, 1);
        assert!(!ours.forsaken("people", 1, 1) && !theirs.forsaken("people", 1, 1));
        drop(ours);
        assert!(theirs.forsaken("people", 1, 1));
        theirs.take(&people, 1, 2);
        let third = open();
        assert!(!third.forsaken("people", 1, 2));
        // Who dies between marking a fence and writing it down leaves the lease as forsaken as they found it.
        drop(theirs);
        assert!(third.forsaken("people", 1, 1) && third.forsaken("people", 1, 2));
        let theirs = open();
        theirs.take(&people, 1, 2);
        assert!(!third.forsaken("people", 1, 2));
        // A late holder's end does not touch the lease of its successor.
        theirs.let_go("people", 1);
        assert!(!third.forsaken("people", 1, 2));
        theirs.let_go("people", 2);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
    }
}
