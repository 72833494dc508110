//! A setting that cannot be used.

/// Which setting is wrong, and what to do. Reads as `api_server must be https; …`. Carries no secret and no personal
/// data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {message}")]
pub struct SettingError {
    /// The key below `[connection.…]`.
    pub setting: &'static str,
    /// What is wrong with it and what to do; goes on where the key's name ends.
    pub message: String,
}

impl SettingError {
    /// `setting` is the key, `message` goes on after it.
    pub fn new(setting: &'static str, message: impl Into<String>) -> Self {
        Self { setting, message: message.into() }
    }
}
