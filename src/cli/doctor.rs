//! `joinery doctor`: sign in, look for permissions and fields, test the targets.

use jiff::SignedDuration;
use joinery_model::{Clock, Finding, FindingKind, Scope, Source, Target};

use super::args::{Cli, SelectArgs};
use super::failure::Wrong;
use super::warned;
use crate::config::Configuration;
use crate::{Exit, SystemClock, app, show};
use crate::{put, say};

/// The tenant's clock and ours may differ by this much before it is worth a line.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(120);

/// Checks a sync from end to end without writing anything.
pub async fn run(cli: &Cli, args: &SelectArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    let scheduled = configuration.sync(args.sync.as_deref()).map_err(Wrong::usage)?;
    let sync = &scheduled.sync;
    let source = app::source(&configuration, sync, app::Wait::Briefly)?;
    let now = SystemClock.now();
    let mut tenant = warned::found(&configuration, sync, now)?;
    match joinery_tenant::sign_in_steps(source.transport()).await {
        Ok(steps) => {
            tenant.extend(steps);
            tenant.extend(source.test(&sync.ask(Scope::Full, now)).await);
        }
        Err((steps, failure)) => {
            tenant.extend(steps);
            let subject = "sign-in".to_owned();
            tenant.push(Finding { kind: FindingKind::Problem, subject, message: failure.message });
        }
    }
    let signed_in = tenant.iter().any(|finding| finding.subject == "sign-in" && finding.kind == FindingKind::Good);
    // Where a target writes back to this connection, rights to write are what it needs.
    if signed_in && !configuration.is_written_to(sync.connection()) {
        match joinery_tenant::write_rights(source.transport()).await {
            Ok(rights) => tenant.extend(rights),
            Err(failure) => return Err(Wrong::failed(Exit::Source, &failure)),
        }
    }
    let differ = source.transport().clock_difference().map(SignedDuration::abs);
    if let Some(differ) = differ.filter(|differ| *differ > CLOCKS_DIFFER) {
        tenant.push(Finding {
            kind: FindingKind::Warning,
            subject: "clock".to_owned(),
            message: format!(
                "this machine's clock and the tenant's differ by {} s; set this one by NTP: assertions are only valid for \
                 some minutes",
                differ.as_secs()
            ),
        });
    }
    let mut found = vec![(format!("connection {}", sync.connection()), tenant)];
    for name in sync.targets() {
        let target = app::target(&configuration, sync, name)?;
        found.push((format!("target {name}"), target.test().await));
    }
    let problem = found.iter().flat_map(|(_, list)| list).any(|finding| finding.kind == FindingKind::Problem);
    if cli.json {
        let all: Vec<_> =
            found.iter().map(|(title, list)| serde_json::json!({ "of": title, "findings": list })).collect();
        say!("{}", serde_json::json!({ "ok": !problem, "checks": all }));
    } else {
        let columns = show::columns();
        for (title, list) in &found {
            put!("{}", show::findings(title, list, columns));
        }
        say!("{}", verdict(&found));
    }
    Ok(if problem { Exit::Failed } else { Exit::Done })
}

fn verdict(found: &[(String, Vec<Finding>)]) -> String {
    let count = |kind| found.iter().flat_map(|(_, list)| list).filter(|finding| finding.kind == kind).count();
    match (count(FindingKind::Problem), count(FindingKind::Warning)) {
        (0, 0) => "ready".to_owned(),
        (0, 1) => "ready, with one thing to look at".to_owned(),
        (0, looks) => format!("ready, with {looks} things to look at"),
        (1, _) => "not ready: one PROBLEM to mend".to_owned(),
        (problems, _) => format!("not ready: {problems} PROBLEMs to mend"),
    }
}
