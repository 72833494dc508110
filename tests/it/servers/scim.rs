//! PyPI's `scim2-server`: a SCIM 2.0 server that is not ours.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use super::process::{Process, mortal};
use super::{in_repository, missing};
use crate::company::http;

/// The bearer token that the server asks of its clients.
pub const TOKEN: &str = "a-token-of-the-tests";

/// A running SCIM server. Its accounts live in memory.
#[derive(Debug)]
pub struct ScimServer {
    _process: Process,
    _folder: TempDir,
    url: String,
}

impl ScimServer {
    /// Starts one without accounts.
    pub async fn start() -> Self {
        let program: PathBuf = in_repository(".judges/bin/scim2-server");
        if !program.exists() {
            missing("scim2-server (PyPI)");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let command = |port: u16| {
            let mut command = mortal(&program);
            command.args(["--hostname", "127.0.0.1", "--bearer-token", TOKEN, "--port", &port.to_string()]);
            command
        };
        let client = http();
        let answers = async |port: u16| {
            let answer = client.get(format!("{}/ServiceProviderConfig", base(port))).bearer_auth(TOKEN).send().await;
            answer.is_ok_and(|answer| answer.status().is_success())
        };
        let (process, port) = Process::start("scim2-server", &folder.path().join("log"), command, answers).await;
        Self { _process: process, _folder: folder, url: base(port) }
    }

    /// The base that `/Users` is added to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Every account, asked for without any code of ours in between.
    pub async fn users(&self) -> Vec<Value> {
        let mut users = Vec::new();
        loop {
            let from = users.len() + 1;
            let page = http().get(format!("{}/Users?startIndex={from}&count=200", self.url)).bearer_auth(TOKEN);
            let page: Value = page.send().await.expect("an answer").json().await.expect("JSON");
            let resources = page["Resources"].as_array().cloned().unwrap_or_default();
            let done = resources.is_empty();
            users.extend(resources);
            if done || users.len() as u64 >= page["totalResults"].as_u64().expect("a total") {
                return users;
            }
        }
    }
}

fn base(port: u16) -> String {
    format!("http://127.0.0.1:{port}/v2")
}
