//! The product's figures, by name. `docs/reference/metrics.md` lists them.

use joinery_engine::{Ended, Event, Report};
use metrics::{counter, gauge};

/// Counts what happens in a run.
pub fn event(sync: &str, event: &Event) {
    let sync = sync.to_owned();
    match event {
        Event::Page { people, requests, .. } => {
            counter!("joinery_people_read_total", "sync" => sync.clone()).increment(*people);
            counter!("joinery_tenant_requests_total", "sync" => sync).increment(*requests);
        }
        Event::Delivered { target, done, again, dead } => {
            for (outcome, count) in [("done", done), ("again", again), ("dead", dead)] {
                counter!(
                    "joinery_deliveries_total",
                    "sync" => sync.clone(), "target" => target.to_string(), "outcome" => outcome
                )
                .increment(*count);
            }
        }
        Event::Unreachable { target, .. } => {
            counter!("joinery_target_outages_total", "sync" => sync, "target" => target.to_string()).increment(1);
        }
        _ => {}
    }
}

/// Counts how a run ended.
pub fn report(sync: &str, report: &Report, now_s: f64) {
    let ended = match report.ended {
        Ended::Complete => "complete",
        Ended::Planned => "planned",
        Ended::Held => "held",
        Ended::Pending => "pending",
        Ended::Dead => "dead",
        Ended::Stopped => "stopped",
    };
    counter!("joinery_runs_total", "sync" => sync.to_owned(), "ended" => ended).increment(1);
    if let Some(balance) = &report.balance {
        for (target, count) in &balance.targets {
            for (state, count) in [("held", count.held), ("pending", count.pending), ("dead", count.dead)] {
                gauge!(
                    "joinery_changes_open",
                    "sync" => sync.to_owned(), "target" => target.clone(), "state" => state
                )
                .set(count as f64);
            }
        }
        gauge!("joinery_last_run_ended_seconds", "sync" => sync.to_owned()).set(now_s);
    }
}

/// Counts a run that failed.
pub fn failed(sync: &str) {
    counter!("joinery_runs_total", "sync" => sync.to_owned(), "ended" => "failed").increment(1);
}

/// Says when the certificate of a connection ends, in seconds of Unix time.
pub fn certificate(connection: &str, ends_s: f64) {
    gauge!("joinery_certificate_expires_seconds", "connection" => connection.to_owned()).set(ends_s);
}

/// Says how late a watched sync is; zero when it is not.
pub fn late(sync: &str, seconds: f64) {
    gauge!("joinery_sync_late_seconds", "sync" => sync.to_owned()).set(seconds);
}
