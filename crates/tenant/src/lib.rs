//! A SuccessFactors tenant: sign in, page, pace, retry, read, write.
//!
//! The signing-in half: [`Settings`] say where the tenant is and who we are, a [`Transport`] carries requests there,
//! signing in, pacing itself and retrying what may pass.
//!
//! The reading half: a [`Reader`] is the tenant as a [`joinery_model::Source`]. The [`Catalogue`] says what the tenant
//! has, [`employment`] which employment counts, [`push_down`] what of a filter the tenant can answer itself.
//!
//! The writing half: a [`Writer`] sends rows and looks at the result of each, [`Users`] are what faces do with accounts, and
//! [`WriteBack`] is the tenant as a [`joinery_model::Target`]. A connection that is read only refuses before anything is
//! sent.

mod assertion;
mod batch;
mod body;
mod catalogue;
mod certificate;
mod client_assertion;
mod clock;
mod cookies;
mod counters;
mod delta;
mod der_kind;
pub mod employment;
pub mod groups;
mod host;
mod key;
mod key_file;
mod key_legacy;
mod key_made;
mod pace;
mod patience;
mod pem;
mod persons;
mod picklists;
mod probe;
mod push_down;
mod query;
mod read;
mod refusal;
mod request;
mod response;
mod row;
mod server_clock;
mod session;
mod setting_error;
mod settings;
mod shelf;
mod sign_in;
mod source;
mod transport;
mod typed;
mod unreachable;
mod users;
mod v4;
mod warned;
mod write;
mod write_back;

pub use assertion::{AssertionStyle, Claims, UserIs};
pub use catalogue::Catalogue;
pub use certificate::{Certificate, Expiry};
pub use counters::Counts;
pub use host::{Host, PlainHttp};
pub use key::SigningKey;
pub use key_file::KeyFile;
pub use key_made::{KeySize, KeyWish, MadeKey, make_key};
pub use pace::PaceLimits;
pub use patience::{Patience, Trouble};
pub use persons::{
    PersonAttribute, PersonAttributes, PersonAttributesError, PersonChange, PersonEntity, PersonPage, PersonSearch,
    Persons, SegmentWritten,
};
pub use picklists::{Picklist, PicklistOption, Picklists};
pub use probe::{sign_in_steps, write_rights};
pub use push_down::{Target, fields, push_down};
pub use read::{Get, ReadSettings};
pub use request::{JSON, Once, Request};
pub use response::{Response, TenantError};
pub use row::Kind;
pub use server_clock::fixed_zone;
pub use setting_error::SettingError;
pub use settings::{Api, Ias, IasClient, SamlBearer, Settings, SignIn, X509};
pub use shelf::{Shelf, Told};
pub use source::Reader;
pub use transport::Transport;
pub use typed::{Typed, TypedIasClient, TypedSignIn};
pub use users::{PasswordChange, Photo, Search, UserChange, UserEntity, UserPage, Users};
pub use v4::not_over_v4;
pub use write::{
    RowOutcome, RowRefusal, RowWritten, Unsent, UpsertOptions, WhyRefused, WriteRow, WriteSettings, Writer,
};
pub use write_back::{Attribute, AttributeError, ContactPart, ContactSet, WriteBack, write_back_notices};
