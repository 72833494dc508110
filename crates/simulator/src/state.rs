//! The tenant in a file: loaded when it starts, written when it stops and on order.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use crate::Simulator;
use crate::serve::{View, Visibility, random_text};
use crate::world::{NotLoaded, World, append_section, read_section};

/// Why the tenant's state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// There is no file to write to.
    #[error("the tenant was started without a state file: give it one to save to")]
    NoFile,
    /// The file cannot be read or written.
    #[error("the state file {path} cannot be {done}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// `read` or `written`.
        done: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// What is in it is no tenant.
    #[error("the state file {path}: {source}")]
    Content {
        /// Which.
        path: PathBuf,
        /// Why.
        source: NotLoaded,
    },
}

/// The section that says what the API user may see.
const VISIBILITY: &str = "visibility";

/// The company and the visibility of a file; nothing when there is no file yet.
pub(crate) fn load(path: &Path) -> Result<Option<(World, Visibility)>, StateError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StateError::File { path: path.to_owned(), done: "read", source }),
    };
    let wrong = |source| StateError::Content { path: path.to_owned(), source };
    let world = World::load(&bytes).map_err(wrong)?;
    let rules = read_section::<String>(&bytes, VISIBILITY).map_err(wrong)?;
    // Rules are written as JSON: those of another version that cannot be read show everything.
    Ok(Some((world, serde_json::from_str(&rules).unwrap_or_default())))
}

impl Simulator {
    /// Writes the tenant as it is now into its state file: company, clock and visibility; not tokens, faults or counts.
    /// The file is whole at every moment, also when two save at once: it is written beside and then put in place. Only
    /// its owner may read it. Answers how many bytes it has.
    ///
    /// # Errors
    /// [`StateError`] when the tenant was started without a file, or it cannot be written.
    pub fn save(&self) -> Result<u64, StateError> {
        let path = self.tenant.settings.state.as_deref().ok_or(StateError::NoFile)?;
        let _alone = self.tenant.saving.lock().unwrap_or_else(PoisonError::into_inner);
        // The world's own clock stands at the last change; what is saved is the present.
        let mut bytes = self.change(|world| world.save());
        append_section(&mut bytes, VISIBILITY, &serde_json::to_string(&self.visibility()).unwrap_or_default());
        let wrong = |source| StateError::File { path: path.to_owned(), done: "written", source };
        let mut beside = path.as_os_str().to_owned();
        // Another process may save to the same file, and nobody may have put a link there.
        beside.push(format!(".{}.new", random_text()));
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).map_err(wrong)?;
        let done = file.write_all(&bytes).and_then(|()| file.sync_all()).and_then(|()| std::fs::rename(&beside, path));
        if done.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        done.map_err(wrong)?;
        Ok(bytes.len() as u64)
    }

    /// Where the tenant is saved.
    pub fn state_file(&self) -> Option<&Path> {
        self.tenant.settings.state.as_deref()
    }

    /// Puts rules that were loaded in force.
    pub(crate) fn restore_visibility(&self, rules: Visibility) {
        let view = View::new(rules, &self.tenant.read_world());
        self.tenant.views.set(view, 0);
    }
}
