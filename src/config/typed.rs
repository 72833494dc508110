//! The configuration as typed: what `joinery.toml` may say, nothing opened, nothing checked beyond its shape.

use std::collections::BTreeMap;
use std::path::PathBuf;

use joinery_engine::spec::{MappingSpec, SyncSpec};
use serde::Deserialize;

use super::secret::SecretRef;

/// A whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Where the state is kept.
    #[serde(default)]
    pub store: StoreTable,
    /// Tenants, by name.
    #[serde(default)]
    pub connection: BTreeMap<String, ConnectionTable>,
    /// Targets, by name.
    #[serde(default)]
    pub target: BTreeMap<String, TargetTable>,
    /// Mappings, by name.
    #[serde(default)]
    pub mapping: BTreeMap<String, MappingSpec>,
    /// Syncs, by name.
    #[serde(default)]
    pub sync: BTreeMap<String, SyncSpec>,
    /// Who is told when a run is held, dead or late.
    pub notify: Option<NotifyTable>,
}

/// `[store]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreTable {
    /// The state's file, relative to the configuration file.
    pub path: PathBuf,
    /// How long finished runs and delivered changes are kept: `400d`.
    pub keep: String,
}

impl Default for StoreTable {
    fn default() -> Self {
        Self { path: "joinery.db".into(), keep: "400d".to_owned() }
    }
}

/// How the API user signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInWord {
    /// OAuth 2.0 SAML bearer.
    SamlBearer,
    /// User and password; legacy.
    Basic,
}

/// What the API user's name is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserIs {
    /// A `userId`.
    #[default]
    UserId,
    /// A user name.
    Username,
    /// An e-mail address.
    Email,
}

/// Which of the two accepted assertion shapes is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionWord {
    /// The client id travels in an attribute `api_key`.
    #[default]
    ApiKey,
    /// The client id is the issuer.
    Issuer,
}

/// `[connection.NAME]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionTable {
    /// The API server, in any spelling.
    pub api_server: String,
    /// The company id; case matters.
    pub company_id: String,
    /// How to sign in.
    pub sign_in: SignInWord,
    /// API Key of "Manage OAuth2 Client Applications".
    pub client_id: Option<String>,
    /// The API user.
    pub user: String,
    /// What `user` is.
    #[serde(default)]
    pub user_is: UserIs,
    /// The assertion's shape.
    #[serde(default)]
    pub assertion: AssertionWord,
    /// The private key.
    pub private_key: Option<SecretRef>,
    /// The private key's password.
    pub private_key_password: Option<SecretRef>,
    /// The certificate that belongs to the key; its expiry is watched.
    pub certificate: Option<PathBuf>,
    /// The password, for `sign_in = "basic"`.
    pub password: Option<SecretRef>,
    /// Never write to this tenant.
    #[serde(default)]
    pub read_only: bool,
    /// `http://host:port`
    pub proxy: Option<String>,
    /// PEM file of further trusted certificates.
    pub ca_file: Option<PathBuf>,
    /// Limit of one request: `60s`.
    pub timeout: Option<String>,
    /// People a page, 1 to 1000.
    pub page_size: Option<u16>,
    /// Requests under way at once.
    pub parallel: Option<usize>,
    /// The tenant's preferred time zone (IANA name).
    pub time_zone: Option<String>,
}

/// `[target.NAME]`
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TargetTable {
    /// A table in SQLite or PostgreSQL.
    Sql(SqlTable),
    /// A SCIM 2.0 service.
    Scim(ScimTable),
    /// A CSV file.
    Csv(CsvTable),
}

/// `type = "sql"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqlTable {
    /// A `postgres://` URL.
    pub url: Option<SecretRef>,
    /// A SQLite file.
    pub path: Option<PathBuf>,
    /// The table.
    pub table: String,
    /// The attribute whose column is the key.
    pub key: String,
    /// The column that says whether an account is usable.
    pub active: Option<String>,
    /// Make the table when it is not there.
    #[serde(default)]
    pub create_table: bool,
    /// Column names that differ from attribute names.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// PEM file of further trusted certificates, for PostgreSQL.
    pub ca_file: Option<PathBuf>,
}

/// `type = "scim"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScimTable {
    /// The service's base URL, such as `https://app.example/scim/v2`.
    pub url: String,
    /// A bearer token.
    pub token: Option<SecretRef>,
    /// A user, for HTTP Basic.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<SecretRef>,
    /// OAuth 2.0 client credentials: the token endpoint.
    pub token_url: Option<String>,
    /// OAuth 2.0 client credentials: the client.
    pub client_id: Option<String>,
    /// OAuth 2.0 client credentials: its secret.
    pub client_secret: Option<SecretRef>,
    /// OAuth 2.0 client credentials: the scope.
    pub scope: Option<String>,
    /// Requests under way at once.
    pub parallel: Option<usize>,
    /// Requests a second.
    pub rate: Option<u32>,
    /// `http://host:port`
    pub proxy: Option<String>,
    /// PEM file of further trusted certificates.
    pub ca_file: Option<PathBuf>,
    /// Limit of one request.
    pub timeout: Option<String>,
}

/// Which files a CSV target writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CsvFiles {
    /// All rows, every time.
    #[default]
    Full,
    /// Only what changed in the run.
    Delta,
}

/// `type = "csv"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvTable {
    /// The file.
    pub path: PathBuf,
    /// The column that is the key.
    pub key: String,
    /// Full or delta files.
    #[serde(default)]
    pub files: CsvFiles,
    /// The character between cells.
    pub delimiter: Option<char>,
    /// Begin the file with a byte order mark, for Excel.
    #[serde(default)]
    pub bom: bool,
    /// End lines with CR LF.
    #[serde(default)]
    pub crlf: bool,
    /// Write a manifest beside the file.
    pub manifest: Option<bool>,
    /// Keep cells from being read as formulas by spreadsheets.
    pub formula_guard: Option<bool>,
}

/// `[notify]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotifyTable {
    /// Where to post.
    pub url: String,
    /// The signing secret.
    pub secret: SecretRef,
    /// An older secret that also signs while receivers change over.
    pub old_secret: Option<SecretRef>,
    /// A watched sync without a finished run for this long is late: `2h`.
    pub late_after: Option<String>,
}
