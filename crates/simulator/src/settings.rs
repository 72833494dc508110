//! What a simulated tenant is started with.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use jiff::SignedDuration;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::serve::RateLimits;
use crate::time::TimeSource;
use crate::world::{PasswordPolicy, Seed};
use crate::{Application, Client, MutualTls};

/// What a simulated tenant is started with. [`Settings::new`] has defaults for all but the company and the time.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The company id, case-sensitive.
    pub company_id: String,
    /// Which company is made. Its `now` is the simulated clock's first instant.
    pub seed: Seed,
    /// The file that the tenant is loaded from when it exists, in place of a company from the seed, and saved to by
    /// `Simulator::save`.
    pub state: Option<PathBuf>,
    /// The folder of a capture that answers in place of the company; whoever asks is let in. The clock starts when the
    /// capture began.
    pub replay: Option<PathBuf>,
    /// Where real time comes from. The simulated clock goes on with it.
    pub time: TimeSource,
    /// Registered OAuth clients.
    pub clients: Vec<Client>,
    /// Applications of SAP Cloud Identity Services, whose token endpoint is `/oauth2/token` here.
    pub applications: Vec<Application>,
    /// How long a token of theirs lives.
    pub application_token_lifetime: SignedDuration,
    /// Signing in by client certificate; without it, that is switched off.
    pub mutual_tls: Option<MutualTls>,
    /// The password that every user has for Basic; without one, Basic is switched off, as SAP has planned for
    /// 20 November 2026.
    pub basic_password: Option<SecretString>,
    /// After how many wrong passwords in a row an account is locked; `None` never locks. Companies set their own number.
    pub lock_after: Option<u32>,
    /// How old a password may grow before it has expired; by default for ever, as an exception for API users says
    /// ("maximum password age -1").
    pub password_age: Option<SignedDuration>,
    /// How long a token lives.
    pub token_lifetime: SignedDuration,
    /// How long a session (`JSESSIONID`) lives after its last use, by the simulated clock (KBA 3308167).
    pub session_lifetime: SignedDuration,
    /// By how much a client's clock may differ.
    pub skew: SignedDuration,
    /// Judge assertions only by the simulated clock. Otherwise one that is valid by the real clock is good too, so
    /// that clients still get in when the tenant's day is moved.
    pub strict_clock: bool,
    /// What stands before `/odata/v2` in the addresses of answers, for instance `https://apihost.example.com:443`
    /// as older tenants write it; by default the address the simulator listens at.
    pub public_url: Option<String>,
    /// How often one user may call.
    pub rate_limits: RateLimits,
    /// Default and largest page.
    pub page_size: usize,
    /// The most records that one answer may hold, expansions included (COE0052, KBA 2819037).
    pub expand_limit: usize,
    /// How long a place of `paging=snapshot` lives after its last use, by the simulated clock.
    pub snapshot_lifetime: SignedDuration,
    /// Questions that evidence answers in two ways.
    pub switches: Switches,
    /// What this tenant demands of what is written.
    pub writing: Writing,
}

/// What a tenant demands of what is written, as Admin Center sets it.
#[derive(Clone, Debug)]
pub struct Writing {
    /// Properties of User that a new one must have, beside `userId`, `username` and `status` (KBA 3307746).
    pub demanded_of_users: Vec<String>,
    /// API option profiles by their ids (KBA 2768078): what `apiOptionProfileID` may name.
    pub option_profiles: BTreeMap<String, OptionProfile>,
    /// The password policy.
    pub passwords: PasswordPolicy,
}

impl Default for Writing {
    /// Two profiles: `silent` sends no welcome mail, `silent-inactive` writes inactive users too.
    fn default() -> Self {
        let silent = OptionProfile { welcome_mail: false, process_inactive: false };
        let inactive = OptionProfile { process_inactive: true, ..silent };
        Self {
            demanded_of_users: Vec::new(),
            option_profiles: BTreeMap::from([("silent".to_owned(), silent), ("silent-inactive".to_owned(), inactive)]),
            passwords: PasswordPolicy::default(),
        }
    }
}

/// An API option profile. The default is what happens without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionProfile {
    /// New users are welcomed by mail.
    pub welcome_mail: bool,
    /// Rows of inactive users are written, as by `processInactiveEmployees=true`.
    pub process_inactive: bool,
}

impl Default for OptionProfile {
    fn default() -> Self {
        Self { welcome_mail: true, process_inactive: false }
    }
}

/// Behaviours on which evidence conflicts or tenants differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// `fromDate`/`toDate` at a root that is not effective-dated reach the effective-dated rows below it.
    pub range_reaches_down: bool,
    /// Users below `User('key')` are only those with status `t` or `T` (KBA 3436023 and 2736579 disagree).
    pub active_users_below_user_key: bool,
    /// `email` of User can be filtered, against the published flags.
    pub email_filterable: bool,
    /// A field that the API user may not see is an error when it is selected (COE0021); otherwise it is left out.
    pub hidden_fields_are_errors: bool,
    /// A POST that brings a session cookie must bring its `X-CSRF-Token` too (KBA 2307715).
    pub csrf_required: bool,
    /// Users that do not exist make `updateStaticGroup` refuse the call; otherwise they are passed over.
    pub static_groups_refuse_unknown_users: bool,
    /// An upsert of a dynamic group without its pools removes them; otherwise they stay.
    pub unsent_pools_are_removed: bool,
    /// PATCH of a group in the authorization REST API adds the members that it names; otherwise they replace all.
    pub authorization_patch_adds: bool,
    /// Function imports answer lists as `{"d":{"results":[…]}}`, as some clients read them; otherwise as `{"d":[…]}`.
    pub function_lists_in_results: bool,
    /// `Edm.Double` is a JSON number, as SAP's OpenAPI documents allow; otherwise text (`"-1"`), as tenants answer.
    pub doubles_are_numbers: bool,
    /// The status of the answer to a `$batch` whose parts were answered: 202, or 200 as some have seen.
    pub batch_status: u16,
    /// The most requests in one `$batch`, those of changesets counted one by one. SAP's number was not found; products
    /// send at most 100.
    pub batch_requests: usize,
    /// A `$batch` may hold writes outside changesets.
    pub batch_writes_alone: bool,
    /// `$metadata` binds `sap:` in the container's schema to `http://www.sap.com/Protocols/SAPData`, as the documents of
    /// SAP's API hub do; otherwise everywhere to `http://www.successfactors.com/edm/sap`, as tenants do.
    pub hub_namespaces: bool,
    /// The method `PATCH` is taken for a MERGE, as clients of other OData v2 services send it; SAP documents the header
    /// `X-HTTP-Method: MERGE` only.
    pub native_patch: bool,
    /// `$metadata` shows the data model as it was when it was last built, until `refreshMetadata`: what was taken away
    /// since is in it and refused, what was added is not there. Otherwise it is always fresh.
    pub metadata_is_cached: bool,
    /// `$metadata` has an `ETag`, and `If-None-Match` is answered with 304. No public source says that tenants do so.
    pub metadata_etags: bool,
    /// An entity set that is not there is 400 `COE_ENTITY_NOT_FOUND`, as SAP's notes have it; otherwise 404
    /// `NotFoundException`, as SAP's published specifications do.
    pub unknown_entity_is_bad_request: bool,
    /// The host is one of the API servers; otherwise it is a company's login host, where neither tokens nor passwords
    /// open the API (LGN0004).
    pub api_host: bool,
    /// The company has the OData API (LGN0009 without).
    pub odata_enabled: bool,
    /// A password that was written to a user is what signs it in by Basic; otherwise all have
    /// [`Settings::basic_password`].
    pub written_passwords: bool,
    /// `POST /oauth/idp` signs assertions with a private key that it is sent: deprecated, new tenants do not have it.
    pub idp_endpoint: bool,
    /// An expired token is LGN0006, as a note of SAP's lists; otherwise LGN0022, as an integrator saw it.
    pub expired_tokens_are_internal: bool,
    /// The status of the answer to an expired token: 403 as integrators saw it, or 401.
    pub expired_token_status: u16,
    /// Rows of several entity sets may stand in one upsert; otherwise such a request is refused whole.
    pub mixed_upserts: bool,
    /// Making an e-mail or phone primary takes that from the other one, as companies may choose since 1H 2026;
    /// otherwise both rows must stand in one request.
    pub primary_moves: bool,
    /// What is written to Employee Central reaches users at the next HRIS sync (control API) instead of at once.
    pub hris_sync_on_order: bool,
    /// The status of the answer to a MERGE: 204, or 200 as one integrator saw it.
    pub merge_status: u16,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            range_reaches_down: true,
            active_users_below_user_key: true,
            email_filterable: false,
            hidden_fields_are_errors: true,
            csrf_required: false,
            static_groups_refuse_unknown_users: false,
            unsent_pools_are_removed: false,
            authorization_patch_adds: false,
            function_lists_in_results: false,
            doubles_are_numbers: false,
            batch_status: 202,
            batch_requests: 100,
            batch_writes_alone: false,
            hub_namespaces: false,
            native_patch: false,
            metadata_is_cached: false,
            metadata_etags: false,
            unknown_entity_is_bad_request: false,
            api_host: true,
            odata_enabled: true,
            written_passwords: false,
            idp_endpoint: false,
            expired_tokens_are_internal: false,
            expired_token_status: 403,
            mixed_upserts: false,
            primary_moves: false,
            hris_sync_on_order: false,
            merge_status: 204,
        }
    }
}

impl Settings {
    /// A tenant on a free port of the loopback interface.
    pub fn new(company_id: impl Into<String>, seed: Seed, time: TimeSource) -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            company_id: company_id.into(),
            seed,
            state: None,
            replay: None,
            time,
            clients: Vec::new(),
            applications: Vec::new(),
            mutual_tls: None,
            application_token_lifetime: SignedDuration::from_hours(1),
            basic_password: None,
            lock_after: Some(10),
            password_age: None,
            token_lifetime: SignedDuration::from_hours(24),
            session_lifetime: SignedDuration::from_mins(10),
            skew: SignedDuration::from_secs(60),
            strict_clock: false,
            public_url: None,
            rate_limits: RateLimits::default(),
            page_size: 1000,
            expand_limit: 300_000,
            snapshot_lifetime: SignedDuration::from_mins(15),
            switches: Switches::default(),
            writing: Writing::default(),
        }
    }

    /// With this application registered in SAP Cloud Identity Services.
    pub fn application(mut self, application: Application) -> Self {
        self.applications.push(application);
        self
    }

    /// With this client registered.
    pub fn client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }
}
