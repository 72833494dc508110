//! Sections in a row of bytes.

use std::collections::HashMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::NotLoaded;

/// What a file begins with; the version follows, then a line feed.
const MAGIC: &[u8] = b"joinery simulated tenant ";
const VERSION: u32 = 1;

/// Sections being written.
pub(super) struct Sections(Vec<u8>);

impl Sections {
    pub(super) fn new() -> Self {
        Self([MAGIC, VERSION.to_string().as_bytes(), b"\n"].concat())
    }

    pub(super) fn put<T: Serialize + ?Sized>(&mut self, name: &str, content: &T) {
        // Writing into memory what derives its form cannot fail; a section that did would be missing, and reading
        // would say so.
        let Ok(content) = rmp_serde::to_vec(content) else { return };
        self.0.push(name.len() as u8);
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(&(content.len() as u64).to_le_bytes());
        self.0.extend_from_slice(&content);
    }

    pub(super) fn done(self) -> Vec<u8> {
        self.0
    }
}

/// Adds a section to a saved company.
pub(crate) fn append_section<T: Serialize + ?Sized>(bytes: &mut Vec<u8>, name: &str, content: &T) {
    let mut sections = Sections(std::mem::take(bytes));
    sections.put(name, content);
    *bytes = sections.done();
}

/// A section of a saved company by its name; the default when it has none.
pub(crate) fn read_section<T: DeserializeOwned + Default>(bytes: &[u8], name: &'static str) -> Result<T, NotLoaded> {
    sections(bytes)?.read(name)
}

/// Sections that were found.
pub(super) struct Found<'a>(HashMap<&'a str, &'a [u8]>);

/// Takes a file apart.
pub(super) fn sections(bytes: &[u8]) -> Result<Found<'_>, NotLoaded> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(NotLoaded::Other)?;
    let line = rest.iter().take(12).position(|byte| *byte == b'\n').ok_or(NotLoaded::Other)?;
    let version = std::str::from_utf8(&rest[..line]).ok().and_then(|text| text.parse::<u32>().ok());
    match version {
        Some(VERSION) => {}
        Some(later) => return Err(NotLoaded::Later(later)),
        None => return Err(NotLoaded::Other),
    }
    let mut rest = &rest[line + 1..];
    let mut found = HashMap::new();
    while let Some((length, behind)) = rest.split_first() {
        let short = |name: &[u8]| NotLoaded::Short(String::from_utf8_lossy(name).into_owned());
        let (name, behind) = behind.split_at_checked(usize::from(*length)).ok_or_else(|| short(behind))?;
        let (size, behind) = behind.split_first_chunk::<8>().ok_or_else(|| short(name))?;
        let size = usize::try_from(u64::from_le_bytes(*size)).map_err(|_| short(name))?;
        let (content, behind) = behind.split_at_checked(size).ok_or_else(|| short(name))?;
        if let Ok(name) = std::str::from_utf8(name) {
            found.insert(name, content);
        }
        rest = behind;
    }
    Ok(Found(found))
}

impl Found<'_> {
    /// A section without which there is no company.
    pub(super) fn need<T: DeserializeOwned>(&self, section: &'static str) -> Result<T, NotLoaded> {
        let content = self.0.get(section);
        let content = content.ok_or_else(|| NotLoaded::Section { section, why: "it is not there".to_owned() })?;
        rmp_serde::from_slice(content).map_err(|error| NotLoaded::Section { section, why: error.to_string() })
    }

    /// A section that files of before may lack.
    pub(super) fn read<T: DeserializeOwned + Default>(&self, section: &'static str) -> Result<T, NotLoaded> {
        if self.0.contains_key(section) { self.need(section) } else { Ok(T::default()) }
    }
}
