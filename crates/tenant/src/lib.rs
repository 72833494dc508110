//! A SuccessFactors tenant: sign in, page, pace, retry, read.
//!
//! The signing-in half: [`Settings`] say where the tenant is and who we are, a [`Transport`] carries requests there,
//! signing in, pacing itself and retrying what may pass.

mod host;
mod response;
mod setting_error;
mod settings;
mod transport;

pub use host::{Host, PlainHttp};
pub use response::{Response, TenantError};
pub use setting_error::SettingError;
pub use settings::{Settings, SignIn};
pub use transport::Transport;
