//! Secrets stand in the configuration only by reference: the name of an environment variable or of a file.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "a secret is given by reference: { env = \"NAME\" } or { file = \"path\" }")]
pub enum SecretRef {
    /// In an environment variable.
    Env {
        /// Its name.
        env: String,
    },
    /// In a file; one trailing line break is not part of the secret.
    File {
        /// Its path, relative to the configuration file.
        file: PathBuf,
    },
}

impl SecretRef {
    /// Opens the secret as bytes. `base` is the folder of the configuration file.
    pub fn open_bytes(&self, base: &Path) -> Result<Vec<u8>, String> {
        match self {
            Self::Env { env } => {
                #[expect(clippy::disallowed_methods, reason = "the binary opens secrets from the environment here")]
                let value = std::env::var(env);
                match value {
                    Ok(value) if value.is_empty() => Err(format!("the environment variable {env} is empty")),
                    Ok(value) => Ok(value.into_bytes()),
                    Err(_) => {
                        Err(format!("the environment variable {env} is not set; set it before you start joinery"))
                    }
                }
            }
            Self::File { file } => {
                let path = base.join(file);
                std::fs::read(&path).map_err(|error| format!("the file {} cannot be read: {error}", path.display()))
            }
        }
    }

    /// Opens the secret as text.
    pub fn open(&self, base: &Path) -> Result<SecretString, String> {
        let bytes = self.open_bytes(base)?;
        let text = String::from_utf8(bytes).map_err(|_| "the secret is not UTF-8 text".to_owned())?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            return Err("the secret is empty".to_owned());
        }
        Ok(SecretString::from(text.to_owned()))
    }
}
