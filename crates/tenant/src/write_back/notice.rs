//! What a write-back mapping brings with it that nobody may expect.

use std::sync::Arc;

use joinery_model::{Finding, FindingKind};

use super::Attribute;
use crate::WriteSettings;
use crate::users::SYNCED;

/// Warnings about writing these attributes back through `User`, for the target of this name: what an HRIS sync would
/// overwrite, and what goes out to people where no API option profile says no. Names that are no attributes are passed
/// over.
pub fn write_back_notices(target: &str, attributes: &[Arc<str>], settings: &WriteSettings) -> Vec<Finding> {
    let written = attributes.iter().filter_map(|name| match Attribute::parse(name) {
        Ok(Attribute::User(property)) => Some(property),
        _ => None,
    });
    let written: Vec<String> = written.collect();
    let warning = |key: &str, message: String| Finding {
        kind: FindingKind::Warning,
        subject: format!("target.{target}.{key}"),
        message,
    };
    let mut found = Vec::new();
    let synced = |name: &&String| SYNCED.contains(&name.as_str()) || name.starts_with("custom");
    let synced: Vec<&str> = written.iter().filter(synced).map(String::as_str).collect();
    if !synced.is_empty() {
        let message = format!(
            "{} {} written through User: where the tenant's HRIS sync fills {} too (HRIS Sync Mappings of its data \
             model), that overwrites it with the next change of the person; leave such a field to Employee Central",
            synced.join(", "),
            if synced.len() == 1 { "is" } else { "are" },
            if synced.len() == 1 { "it" } else { "one" },
        );
        found.push(warning("mapping", message));
    }
    if !written.is_empty() && settings.option_profile.is_none() {
        let message = "is not set, so the tenant's own settings decide what a write of users sets off, welcome mails \
                       among it; name an API option profile (Admin Center, API Option Profile) that says no";
        found.push(warning("option_profile", message.to_owned()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_last_or_is_noticed_is_told_once() {
        let told = |names: &[&str], profile: Option<&str>| {
            let names: Vec<Arc<str>> = names.iter().map(|name| Arc::from(*name)).collect();
            let option_profile = profile.map(str::to_owned);
            let settings = WriteSettings { option_profile, ..WriteSettings::default() };
            let found = write_back_notices("back", &names, &settings);
            found.into_iter().map(|one| format!("{}: {}", one.subject, one.message)).collect::<Vec<_>>()
        };
        let both = told(&["user_id", "username", "custom01", "custom15"], None);
        assert_eq!(both.len(), 2);
        assert!(both[0].starts_with("target.back.mapping: custom01, custom15 are written through User"), "{}", both[0]);
        assert!(
            both[1].starts_with("target.back.option_profile: ") && both[1].contains("welcome mails"),
            "{}",
            both[1]
        );
        assert_eq!(told(&["username"], Some("silent")), Vec::<String>::new());
        assert_eq!(told(&["user_id", "person_id", "email_B", "loginMethod"], None), Vec::<String>::new());
    }
}
