//! A plan, person by person and attribute by attribute.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use joinery_model::{Action, Change, Situation, Value};

/// One change: a line for the account, a line for each attribute.
pub fn change(change: &Change) -> String {
    let mut out = String::new();
    let verb = match change.action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Disable => "disable",
        Action::Enable => "enable",
        Action::Delete => "delete",
        Action::Adopt => "adopt",
        Action::BackFill => "fill in",
    };
    let why = match change.situation {
        Situation::New => "no account yet",
        Situation::Found => "an account of theirs is there already",
        Situation::Ambiguous => "several accounts fit",
        Situation::Differs | Situation::Same => "",
        Situation::Left => "left",
        Situation::Returned => "is back",
        Situation::Gone => "no longer in the source",
        Situation::Missing => "the account is no longer in the target",
    };
    let _ = write!(out, "{} {verb} in {}", change.person, change.target);
    if !why.is_empty() {
        let _ = write!(out, " ({why})");
    }
    out.push('\n');
    for diff in &change.diff {
        let after = plain(&diff.after);
        let _ = match &diff.before {
            Some(before) => writeln!(out, "    {}: {} → {after}", diff.name, plain(before)),
            None => writeln!(out, "    {}: {after}", diff.name),
        };
    }
    if change.diff.is_empty() && change.action == Action::Create {
        for (name, value) in &change.after.attributes {
            let _ = writeln!(out, "    {name}: {}", plain(value));
        }
    }
    out
}

fn plain(value: &Value) -> String {
    if value.is_null() { "(empty)".to_owned() } else { value.to_plain() }
}

/// How many accounts are made, changed, disabled … in each target.
pub fn counts(counts: &BTreeMap<(Arc<str>, Action), u64>) -> String {
    let mut out = String::new();
    let mut targets: Vec<&Arc<str>> = counts.keys().map(|(target, _)| target).collect();
    targets.dedup();
    for target in targets {
        let parts: Vec<String> = Action::ALL
            .into_iter()
            .filter_map(|action| counts.get(&(Arc::clone(target), action)).map(|n| format!("{n} to {}", words(action))))
            .collect();
        let _ = writeln!(out, "{target}: {}", parts.join(", "));
    }
    out
}

fn words(action: Action) -> &'static str {
    match action {
        Action::BackFill => "fill in",
        action => action.name(),
    }
}
