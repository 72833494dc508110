//! `joinery explain`: one person's way from the tenant to each target, without writing anything.

use joinery_engine::{Explained, ExplainedTarget};
use joinery_model::{Key, LeftOut, Standing, StandingKind, Value};

use super::args::{Cli, ExplainArgs};
use super::failure::Wrong;
use crate::config::Configuration;
use crate::{Exit, app, say, show};

/// Explains; changes nothing.
pub async fn run(cli: &Cli, args: &ExplainArgs) -> Result<Exit, Wrong> {
    let configuration = Configuration::read(&cli.config)?;
    let scheduled = configuration.sync(args.sync.as_deref()).map_err(Wrong::usage)?;
    let engine = app::engine(&configuration, &scheduled.sync, app::Wait::Briefly)?;
    let key = Key::new(args.person.as_str());
    let Some(explained) = engine.explain(&scheduled.sync, &key).await? else {
        return Err(Wrong::new(
            Exit::Incomplete,
            format!(
                "the tenant does not have {key}, or the API user may not see them. A person is named by personIdExternal \
                 (by userId where users are read); `joinery doctor` says what the API user may read"
            ),
        ));
    };
    if cli.json {
        say!("{}", serde_json::json!({ "explained": explained }));
    } else {
        say!("{}", words(&explained));
    }
    Ok(Exit::Done)
}

fn words(explained: &Explained) -> String {
    let mut lines = vec![format!("{}: {}", explained.key, standing(&explained.standing))];
    let others: Vec<&str> =
        explained.aliases.iter().map(String::as_str).filter(|alias| *alias != explained.key.as_str()).collect();
    if !others.is_empty() {
        lines.push(format!("also known as {}", others.join(", ")));
    }
    lines.push("\nread from the tenant".to_owned());
    let width = explained.used.keys().map(String::len).max().unwrap_or(0);
    for (path, values) in &explained.used {
        let values: Vec<String> = values.iter().map(plain).collect();
        let values = if values.is_empty() { "(nothing)".to_owned() } else { values.join(" | ") };
        lines.push(format!("    {path:width$}  {values}"));
    }
    lines.extend(explained.unsaid.iter().map(|unsaid| format!("  {unsaid}")));
    if let Some(why) = &explained.left_out {
        lines.push(format!("\nno record is made: {}", because(why)));
    }
    for target in &explained.targets {
        lines.push(format!("\n{}", target.target));
        in_target(target, explained.left_out.is_some(), &mut lines);
    }
    lines.join("\n")
}

fn in_target(target: &ExplainedTarget, left_out: bool, lines: &mut Vec<String>) {
    let name = target.attributes.iter().map(|attribute| attribute.name.len()).max().unwrap_or(0);
    let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "(left as it is)".to_owned(), plain);
    let width = target.attributes.iter().map(|one| value(&one.value).chars().count()).max().unwrap_or(0).min(40);
    for one in &target.attributes {
        lines.push(format!("    {:name$}  {:width$}  ← {}", one.name, value(&one.value), one.rule));
    }
    match &target.invalid {
        Some(why) => lines.push(format!("  not valid: {}", because(why))),
        None if !left_out => lines.push("  valid".to_owned()),
        None => {}
    }
    match &target.last {
        Some(link) if target.now.is_some() || target.unreachable => {
            lines.push(format!("  linked to account {}", link.target_id));
        }
        Some(link) => lines.push(format!("  linked to account {}, which is not in the target now", link.target_id)),
        None => lines.push("  linked to no account".to_owned()),
    }
    if let Some(now) = &target.now {
        let state = match now.active {
            Some(true) => ", active",
            Some(false) => ", inactive",
            None => "",
        };
        if target.last.is_none() {
            lines.push(format!("  account {} fits{state}", now.target_id));
        } else {
            lines.push(format!("  the account is there{state}"));
        }
        for (name, held) in &now.attributes {
            let last = target.last.as_ref().and_then(|link| link.record.attributes.get(name));
            if let Some(last) = last.filter(|last| plain(last) != plain(held)) {
                lines.push(format!("    {name} is {} there; delivered last was {}", plain(held), plain(last)));
            }
        }
    }
    match (&target.plan, &target.rejected) {
        (Some(plan), _) => lines.push(format!("  a run would: {}", show::change(plan).trim_end())),
        (None, Some(why)) => lines.push(format!("  a run would reject this: {}", because(why))),
        (None, None) if target.unreachable => {
            lines.push("  the target cannot be asked; a run would postpone this person".to_owned());
        }
        (None, None) => lines.push("  a run would do nothing".to_owned()),
    }
}

fn standing(standing: &Standing) -> String {
    let kind = match standing.kind {
        StandingKind::Active => "active",
        StandingKind::OnLeave => "on leave",
        StandingKind::Future => "starts later",
        StandingKind::Left => "has left",
        StandingKind::NoShow => "never came (no-show)",
    };
    let day = |word: &str, day: Option<jiff::civil::Date>| day.map(|day| format!(", {word} {day}")).unwrap_or_default();
    format!("{kind}{}{}", day("first day", standing.start), day("last day", standing.end))
}

fn because(why: &LeftOut) -> String {
    format!("{} ({})", why.message, why.rule)
}

fn plain(value: &Value) -> String {
    if value.is_null() { "(empty)".to_owned() } else { value.to_plain() }
}
