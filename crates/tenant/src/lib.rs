//! A SuccessFactors tenant: sign in, page, pace, retry, read.
//!
//! The signing-in half: [`Settings`] say where the tenant is and who we are, a [`Transport`] carries requests there,
//! signing in, pacing itself and retrying what may pass.

mod assertion;
mod certificate;
mod der_kind;
mod host;
mod key;
mod key_file;
mod key_legacy;
mod key_made;
mod pem;
mod response;
mod setting_error;
mod settings;
mod transport;

pub use assertion::{AssertionStyle, Claims, UserIs};
pub use certificate::{Certificate, Expiry};
pub use host::{Host, PlainHttp};
pub use key::SigningKey;
pub use key_file::KeyFile;
pub use key_made::{KeySize, KeyWish, MadeKey, make_key};
pub use response::{Response, TenantError};
pub use setting_error::SettingError;
pub use settings::{Settings, SignIn};
pub use transport::Transport;
