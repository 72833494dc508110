//! The configuration as typed: what `joinery.toml` may say, nothing opened, nothing checked beyond its shape.

use std::collections::BTreeMap;
use std::path::PathBuf;

use joinery_engine::spec::{MappingSpec, SyncSpec};
use joinery_targets::csv::{Files, Formulas};
use joinery_targets::scim::{Deactivate, SecretPlace, Update};
use joinery_targets::sql::ColumnType;
use joinery_tenant::{AssertionStyle, UserIs};
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
    /// How long a tenant's metadata is believed without asking again: `24h`.
    pub metadata: String,
}

impl Default for StoreTable {
    fn default() -> Self {
        Self { path: "joinery.db".into(), keep: "400d".to_owned(), metadata: "24h".to_owned() }
    }
}

/// How the API user signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInWord {
    /// OAuth 2.0 SAML bearer.
    SamlBearer,
    /// A client certificate.
    X509,
    /// A token of SAP Cloud Identity Services.
    Ias,
    /// User and password; legacy.
    Basic,
}

/// What the key of an application proves it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofWord {
    /// It signs an assertion.
    Assertion,
    /// It is that of a client certificate.
    Certificate,
}

/// Which version of OData is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiVersion {
    /// v2, by which SuccessFactors serves its people.
    #[default]
    V2,
    /// v4, which the simulated tenant speaks too.
    V4,
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
    /// API Key of "Manage OAuth2 Client Applications"; for `ias` the application's Client ID.
    pub client_id: Option<String>,
    /// For `ias`: the Cloud Identity Services tenant, in any spelling.
    pub token_server: Option<String>,
    /// For `ias`: the application's secret.
    pub client_secret: Option<SecretRef>,
    /// For `ias`, with `private_key`: what the application proves itself by.
    #[serde(default)]
    pub proof: Option<ProofWord>,
    /// For `ias`: the dependency that the token is for.
    pub resource: Option<String>,
    /// The API user; `ias` maps the application to one.
    pub user: Option<String>,
    /// What `user` is.
    #[serde(default)]
    pub user_is: UserIs,
    /// The assertion's shape.
    #[serde(default)]
    pub assertion: AssertionStyle,
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
    /// Requests a second.
    pub rate: Option<f64>,
    /// The zone of the server's wall clock (IANA name), in which it writes `lastModified` and `createdOn`.
    pub server_zone: Option<String>,
    /// Which version of OData is spoken.
    #[serde(default)]
    pub api_version: ApiVersion,
    /// Where people are served over v4, below the API server.
    pub v4_root: Option<String>,
    /// `server_zone` as a fixed offset: `+05:30`.
    pub datetime_offset: Option<String>,
}

/// `[target.NAME]`
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TargetTable {
    /// A table in SQLite or PostgreSQL.
    Sql(SqlTable),
    /// A SCIM 2.0 service.
    Scim(ScimTable),
    /// A CSV file.
    Csv(CsvTable),
    /// A tenant that is written back to.
    Successfactors(SuccessfactorsTable),
}

/// `type = "successfactors"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuccessfactorsTable {
    /// The connection that is written to.
    pub connection: String,
    /// Id of the API option profile that says what a write of a user brings with it.
    pub option_profile: Option<String>,
    /// Rows of one request, 1 to 1000.
    pub batch: Option<usize>,
}

/// `type = "sql"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqlTable {
    /// A `postgres://` URL.
    pub url: Option<SecretRef>,
    /// A SQLite file.
    pub path: Option<PathBuf>,
    /// The table; for PostgreSQL optionally with its schema.
    pub table: String,
    /// The column that tells people apart.
    pub key: String,
    /// The column that says whether an account is usable; `""` when there is none.
    #[serde(default = "active")]
    pub active: String,
    /// What the active column holds for usable and not usable; without it true and false.
    pub active_values: Option<[String; 2]>,
    /// May the table, and columns that it lacks, be made?
    #[serde(default)]
    pub create_table: bool,
    /// Attribute to column, where their names differ.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// Column to type, for columns that we make; text otherwise.
    #[serde(default)]
    pub types: BTreeMap<String, ColumnType>,
    /// PEM file of certificates that PostgreSQL's must descend from.
    pub ca_file: Option<PathBuf>,
    /// Connections to PostgreSQL at the most.
    pub connections: Option<usize>,
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
    /// OAuth 2.0 client credentials.
    pub oauth: Option<ClientCredentialsTable>,
    /// Attributes that show that an account is ours when a creation collides or is repeated.
    #[serde(rename = "match")]
    pub match_by: Option<Vec<String>>,
    /// How an account is changed.
    #[serde(default)]
    pub update: Update,
    /// How an account is made unusable.
    #[serde(default)]
    pub deactivate: Deactivate,
    /// May accounts be deleted?
    #[serde(default = "yes")]
    pub delete: bool,
    /// Requests under way at once.
    pub parallel: Option<usize>,
    /// Requests a second.
    pub rate: Option<f64>,
    /// Accounts a page of a listing.
    pub page_size: Option<usize>,
    /// `http://host:port`
    pub proxy: Option<String>,
    /// PEM file of further trusted certificates.
    pub ca_file: Option<PathBuf>,
    /// Limit of one request.
    pub timeout: Option<String>,
}

/// `oauth = { … }` of a SCIM target.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientCredentialsTable {
    /// The token endpoint.
    pub token_url: String,
    /// The client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretRef,
    /// Wanted scope.
    pub scope: Option<String>,
    /// Where the client's credentials go.
    #[serde(default)]
    pub send: SecretPlace,
}

/// `type = "csv"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CsvTable {
    /// The file.
    pub path: PathBuf,
    /// The header of the column that tells people apart.
    pub key: String,
    /// The header of the column that says whether the account is usable; `""` when there is none.
    #[serde(default = "active")]
    pub active: String,
    /// What the active column holds for usable and not usable.
    pub active_values: Option<[String; 2]>,
    /// Full or delta files.
    #[serde(default)]
    pub files: Files,
    /// The character between cells.
    pub delimiter: Option<char>,
    /// Begin the file with a byte order mark, for older spreadsheets.
    #[serde(default)]
    pub bom: bool,
    /// End lines with CR LF.
    #[serde(default = "yes")]
    pub crlf: bool,
    /// Write a manifest beside the file.
    #[serde(default = "yes")]
    pub manifest: bool,
    /// Cells that a spreadsheet would take for a formula.
    #[serde(default)]
    pub formulas: Formulas,
}

fn active() -> String {
    "active".to_owned()
}

fn yes() -> bool {
    true
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
    /// `http://host:port`
    pub proxy: Option<String>,
    /// PEM file of further trusted certificates.
    pub ca_file: Option<PathBuf>,
    /// Limit of one request.
    pub timeout: Option<String>,
}
