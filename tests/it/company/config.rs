//! `joinery.toml`, as tests put it together.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{CLIENT_ID, COMPANY_ID, KEY_FILE};

/// What stands in `joinery.toml`. Values are TOML: a text brings its quotes.
#[derive(Clone)]
pub struct Config {
    /// The state's file.
    pub store: String,
    /// Keys of `[connection.acme]`.
    pub connection: BTreeMap<&'static str, String>,
    /// Target tables, whole.
    pub targets: String,
    /// Keys of `[sync.people]`.
    pub sync: BTreeMap<&'static str, String>,
    /// Everything else: mappings, tables below the sync, `[notify]`.
    pub rest: String,
}

impl Config {
    pub(super) fn new(base_url: &str) -> Self {
        let text = |value: &str| format!("{value:?}");
        Self {
            store: "state.db".to_owned(),
            connection: BTreeMap::from([
                ("api_server", text(base_url)),
                ("company_id", text(COMPANY_ID)),
                ("sign_in", text("saml_bearer")),
                ("client_id", text(CLIENT_ID)),
                ("user", text("API_USER")),
                ("private_key", format!("{{ file = {KEY_FILE:?} }}")),
                ("read_only", "true".to_owned()),
            ]),
            targets: SQLITE.to_owned(),
            sync: BTreeMap::from([
                ("connection", text("acme")),
                ("read", text("persons")),
                ("targets", "[\"people\"]".to_owned()),
                ("mapping", text("standard")),
                ("correlate", "[\"employee_id\"]".to_owned()),
            ]),
            rest: String::new(),
        }
    }

    pub(super) fn text(&self) -> String {
        let mut out = format!("[store]\npath = {:?}\n\n[connection.acme]\n", self.store);
        for (key, value) in &self.connection {
            let _ = writeln!(out, "{key} = {value}");
        }
        let _ = write!(out, "\n{}\n[sync.people]\n", self.targets);
        for (key, value) in &self.sync {
            let _ = writeln!(out, "{key} = {value}");
        }
        out.push('\n');
        out.push_str(&self.rest);
        out
    }
}

/// The target of [`Company`], unless a test names another: a SQLite file beside the configuration.
pub const SQLITE: &str = "[target.people]\ntype = \"sql\"\npath = \"people.db\"\ntable = \"people\"\n\
                          key = \"employee_id\"\ncreate_table = true\n";
