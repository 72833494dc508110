//! The folder of a capture. Only its owner can read it.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Exchange;

const INDEX: &str = "index.json";
const REQUESTS: &str = "requests";
const FORMAT: &str = "joinery-capture";
const VERSION: u32 = 1;

/// Why a capture cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// A file or the folder.
    #[error("{path} cannot be {done}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// `read` or `written`.
        done: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The folder holds something else.
    #[error("{0} is not empty and holds no capture: choose another folder")]
    Foreign(PathBuf),
    /// There is no capture.
    #[error("{0} holds no capture: there is no index.json of one in it")]
    Missing(PathBuf),
    /// A file cannot be understood.
    #[error("{path} is no part of a capture that this version can read: {why}")]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// It was begun with another key.
    #[error("the capture in {0} was begun with another key: give the same --key, or another folder")]
    OtherKey(PathBuf),
}

#[derive(Debug, Serialize, Deserialize)]
struct Index {
    format: String,
    version: u32,
    /// The tenant's time when it began: a replay starts its clock there.
    began: Timestamp,
    /// Tells whether a key is the one that this was made with, and nothing else of it.
    key_check: String,
    requests: Vec<Listed>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Listed {
    file: String,
    request: String,
    status: u16,
}

/// A capture that is being written.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    index: Index,
}

/// A capture that was read.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) began: Timestamp,
    /// In the order in which they were made.
    pub(crate) exchanges: Vec<Exchange>,
}

fn file(path: &Path, done: &'static str) -> impl Fn(std::io::Error) -> CaptureError {
    move |source| CaptureError::File { path: path.to_owned(), done, source }
}

impl Folder {
    /// Opens a folder for writing: an empty or new one, or one that holds a capture made with the same key, which goes on.
    pub(crate) fn open(path: &Path, key_check: String, now: Timestamp) -> Result<Self, CaptureError> {
        match read_index(path) {
            Ok(index) if index.key_check == key_check => return Ok(Self { path: path.to_owned(), index }),
            Ok(_) => return Err(CaptureError::OtherKey(path.to_owned())),
            Err(CaptureError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        if std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(CaptureError::Foreign(path.to_owned()));
        }
        let requests = path.join(REQUESTS);
        DirBuilder::new().recursive(true).mode(0o700).create(&requests).map_err(file(&requests, "written"))?;
        // A folder that was there keeps its mode, and would show the names of files.
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(path, private).map_err(file(path, "written"))?;
        let index = Index { format: FORMAT.to_owned(), version: VERSION, began: now, key_check, requests: Vec::new() };
        let folder = Self { path: path.to_owned(), index };
        folder.write_index()?;
        Ok(folder)
    }

    /// How many requests it holds.
    pub(crate) fn len(&self) -> usize {
        self.index.requests.len()
    }

    /// Begins at the tenant's own time, which is known with its first answer.
    pub(crate) fn begin_at(&mut self, now: Timestamp) {
        if self.index.requests.is_empty() {
            self.index.began = now;
        }
    }

    /// Writes one more.
    pub(crate) fn add(&mut self, exchange: &Exchange) -> Result<(), CaptureError> {
        let name = format!("{:06}-{}-{}.json", self.len() + 1, exchange.method, slug(&exchange.path));
        let path = self.path.join(REQUESTS).join(&name);
        let content = |error: serde_json::Error| CaptureError::Content { path: path.clone(), why: error.to_string() };
        let text = serde_json::to_string_pretty(exchange).map_err(content)? + "\n";
        write_private(&path, &text).map_err(file(&path, "written"))?;
        let file = format!("{REQUESTS}/{name}");
        self.index.requests.push(Listed { file, request: exchange.line(), status: exchange.status });
        // The index is for people and for the clock; a replay reads the files themselves.
        if self.len().is_power_of_two() || self.len().is_multiple_of(64) { self.write_index() } else { Ok(()) }
    }

    /// Writes the index, in one step.
    pub(crate) fn write_index(&self) -> Result<(), CaptureError> {
        let path = self.path.join(INDEX);
        let content = |error: serde_json::Error| CaptureError::Content { path: path.clone(), why: error.to_string() };
        let text = serde_json::to_string_pretty(&self.index).map_err(content)? + "\n";
        let beside = self.path.join(".index.json.new");
        let _ = std::fs::remove_file(&beside);
        write_private(&beside, &text).map_err(file(&beside, "written"))?;
        std::fs::rename(&beside, &path).map_err(file(&path, "written"))
    }
}

impl Contents {
    /// Reads a whole capture.
    pub(crate) fn read(path: &Path) -> Result<Self, CaptureError> {
        let index = read_index(path)?;
        let folder = path.join(REQUESTS);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(file(&folder, "read"))? {
            let entry = entry.map_err(file(&folder, "read"))?.path();
            if entry.extension().is_some_and(|extension| extension == "json") {
                files.push(entry);
            }
        }
        files.sort();
        let mut exchanges = Vec::with_capacity(files.len());
        for path in files {
            let text = std::fs::read_to_string(&path).map_err(file(&path, "read"))?;
            let content =
                |error: serde_json::Error| CaptureError::Content { path: path.clone(), why: error.to_string() };
            exchanges.push(serde_json::from_str(&text).map_err(content)?);
        }
        Ok(Self { began: index.began, exchanges })
    }
}

fn read_index(folder: &Path) -> Result<Index, CaptureError> {
    let path = folder.join(INDEX);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(CaptureError::Missing(folder.to_owned())),
        Err(source) => return Err(CaptureError::File { path, done: "read", source }),
    };
    let wrong = |why: String| CaptureError::Content { path: path.clone(), why };
    let index: Index = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if index.format != FORMAT || index.version != VERSION {
        return Err(wrong(format!("format {} {}", index.format, index.version)));
    }
    Ok(index)
}

/// Writes a new file that only its owner reads.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// What a path is about, fit for a file's name: keys stay out of it.
fn slug(path: &str) -> String {
    let path = path.split('(').next().unwrap_or_default().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ',')).take(40).collect();
    if kept.is_empty() { "root".to_owned() } else { kept.replace(',', "+") }
}
