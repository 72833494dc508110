//! A SuccessFactors tenant in a process: people, rules, faults, a clock.

mod capture;
mod console;
mod control;
mod disguise;
mod faults;
mod log;
mod oauth;
mod recorder;
mod replay;
mod running;
pub mod saml;
pub mod schema;
mod serve;
mod settings;
mod simulator;
mod state;
mod time;
pub mod world;

pub use capture::CaptureError;
pub use faults::{Fault, FaultKind, When};
pub use oauth::{Application, Authority, Client, ClientCertificate, ClientError, ClientKey, MutualTls, SignInRules};
pub use recorder::{RecordError, Recorder, RecorderSettings, Recording};
pub use running::{Running, StartError};
pub use saml::{KeyError, PublicKey};
pub use serve::{Counts, HiddenPeople, RateLimits, Requests, Visibility};
pub use settings::{OptionProfile, Settings, Switches, Writing};
pub use simulator::Simulator;
pub use state::StateError;
pub use time::TimeSource;
