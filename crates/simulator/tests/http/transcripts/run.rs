//! Running one case against a tenant of its own.

use joinery_simulator::{Application, RateLimits, Settings};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Response;
use serde_json::Value as Json;

use super::case::{Case, Step};
use super::certificates;
use super::pattern::{Names, differs, fill, fits, lines_differ, tags};
use crate::support::{Asker, Assertion, CLIENT, asker, private_key, settings};

/// What went wrong, in words.
pub async fn run(case: &Case) -> Result<(), String> {
    let people = case.settings.iter().find(|(name, _)| name == "people");
    let people = people.map_or(Ok(60), |(_, value)| value.parse()).map_err(|_| "! people: expected a number")?;
    let mut settings = settings(people)
        .application(Application::new("app", "API_USER").secret("open"))
        .application(Application::new("bare", "API_USER").secret("open").without_dependency());
    settings.rate_limits = RateLimits::default();
    if case.steps.iter().any(|step| step.headers.iter().any(|(name, _)| name == certificates::HEADER)) {
        settings = certificates::asked_for(settings);
    }
    for (name, value) in case.settings.iter().filter(|(name, _)| name != "people") {
        set(&mut settings, name, value).ok_or(format!("! {name} {value}: no such setting or value"))?;
    }
    let tenant = asker(settings).await;
    let mut names = Names::from([("base".to_owned(), tenant.running.base_url().to_owned())]);
    names.insert("certificate_base".to_owned(), tenant.running.certificate_url().unwrap_or_default().to_owned());
    // As forms carry them.
    let escaped = |text: String| utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
    names.insert("assertion".to_owned(), escaped(Assertion::of("API_USER").sign()));
    names.insert("private_key".to_owned(), escaped(private_key()));
    names.insert("client".to_owned(), CLIENT.to_owned());
    for step in &case.steps {
        let in_forms = names.iter().map(|(name, value)| (format!("{name}|form"), escaped(value.clone())));
        let answer = send(&tenant, step, &in_forms.chain(names.clone()).collect()).await?;
        judge(step, answer, &mut names)
            .await
            .map_err(|error| format!("line {}: {} {}\n  {error}", step.line, step.method, fill(&step.path, &names)))?;
    }
    Ok(())
}

fn set(settings: &mut Settings, name: &str, value: &str) -> Option<()> {
    match name {
        "page_size" => settings.page_size = value.parse().ok()?,
        "expand_limit" => settings.expand_limit = value.parse().ok()?,
        "odata_calls" => settings.rate_limits.odata = Some(value.parse().ok()?),
        "scim_calls" => settings.rate_limits.scim = Some(value.parse().ok()?),
        "retry_after" => settings.rate_limits.retry_after = value.parse().ok(),
        "basic" => settings.basic_password = (value == "on").then(|| "secret".into()),
        "lock_after" => settings.lock_after = Some(value.parse().ok()?),
        "password_age" => settings.password_age = Some(value.parse().ok()?),
        "public_url" => settings.public_url = Some(value.to_owned()),
        "switch" => {
            let (name, value) = value.split_once('=')?;
            switch(settings, name.trim(), value.trim())?;
        }
        _ => return None,
    }
    Some(())
}

/// Any switch there is, by its name.
fn switch(settings: &mut Settings, name: &str, value: &str) -> Option<()> {
    let mut all = serde_json::to_value(settings.switches).ok()?;
    *all.get_mut(name)? = serde_json::from_str(value).ok()?;
    settings.switches = serde_json::from_value(all).ok()?;
    Some(())
}

async fn send(tenant: &Asker, step: &Step, names: &Names) -> Result<Response, String> {
    let path = fill(&step.path, names).replace(' ', "%20");
    let shown = step.headers.iter().find(|(name, _)| name == certificates::HEADER).map(|(_, whose)| whose.as_str());
    let base = names[if shown.is_some() { "certificate_base" } else { "base" }].as_str();
    let url = match path.as_str() {
        whole if whole.starts_with("http") => whole.to_owned(),
        rooted if rooted.starts_with('/') => format!("{base}{rooted}"),
        below => format!("{base}/odata/v2/{below}"),
    };
    let method = step.method.parse().map_err(|_| format!("line {}: no method", step.line))?;
    let client = match shown {
        Some(whose) => certificates::client(whose).ok_or(format!("line {}: no such certificate", step.line))?,
        None => tenant.client.clone(),
    };
    let mut request = client.request(method, url);
    let (mut signed, mut multipart) = (shown.is_some(), false);
    for (name, value) in step.headers.iter().filter(|(name, _)| name != certificates::HEADER) {
        let value = fill(value, names);
        multipart |= name.eq_ignore_ascii_case("content-type") && value.starts_with("multipart/");
        if name.eq_ignore_ascii_case("authorization") {
            signed = true;
            if value == "none" {
                continue;
            }
        }
        request = request.header(name, value);
    }
    let typed = step.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if step.path.starts_with("/control/") && !typed && !step.body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    if !signed {
        request = request.basic_auth("API_USER@ACME", Some("secret"));
    }
    if !step.body.is_empty() {
        let end = if multipart { "\r\n" } else { "\n" };
        request = request.body(fill(&step.body.join(end), names) + if multipart { end } else { "" });
    }
    request.send().await.map_err(|error| format!("line {}: {error}", step.line))
}

async fn judge(step: &Step, answer: Response, names: &mut Names) -> Result<(), String> {
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    let body = answer.text().await.map_err(|error| error.to_string())?;
    let shown: String = body.chars().take(3000).collect();
    if status != step.status {
        return Err(format!("wanted {}, got {status}\n{shown}", step.status));
    }
    for (name, pattern) in &step.wanted_headers {
        let got = headers.get(name).and_then(|value| value.to_str().ok());
        match got {
            None if pattern == "-" => {}
            Some(value) if pattern != "-" && fits(pattern, value, names) => {}
            _ => return Err(format!("header {name}: wanted {pattern}, got {got:?}")),
        }
    }
    let difference = match step.wanted.first().map(|line| line.trim_start()) {
        None => None,
        Some("(empty)") => (!body.is_empty()).then(|| "wanted no body".to_owned()),
        Some(line) if line.starts_with(['{', '[']) && !line.starts_with("{{") => {
            let wanted: Json =
                serde_json::from_str(&step.wanted.join("\n")).map_err(|error| format!("wanted: {error}"))?;
            match serde_json::from_str(&body) {
                Ok(got) => differs(&wanted, &got, "", names),
                Err(error) => Some(format!("no JSON: {error}")),
            }
        }
        Some(line) if line.starts_with('<') => {
            let got = tags(&body);
            lines_differ(&tags(&step.wanted.join("\n")), &got.iter().map(String::as_str).collect::<Vec<_>>(), names)
        }
        Some(_) => lines_differ(&step.wanted, &body.lines().collect::<Vec<_>>(), names),
    };
    difference.map_or(Ok(()), |difference| Err(format!("{difference}\n{shown}")))
}
