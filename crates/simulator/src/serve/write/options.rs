//! What the query string and the tenant's settings say about a write.

use crate::oauth::parameters;
use crate::serve::Refusal;
use crate::settings::{OptionProfile, Settings};
use crate::world::{Manner, Purge, Verb};

/// How rows shall be written. When a parameter stands there twice, the first counts (KBA 2768078); unknown ones are
/// ignored.
pub(super) fn manner(raw_query: &str, settings: &Settings, verb: Verb) -> Result<Manner, Refusal> {
    let options = parameters(raw_query);
    let option = |name: &str| options.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let profile = match option("apiOptionProfileID").filter(|id| !id.is_empty()) {
        None => OptionProfile::default(),
        Some(id) => settings.writing.option_profiles.get(id).copied().ok_or_else(|| {
            Refusal::bad_request(&format!("The API option profile \"{id}\" does not exist. Please check Admin Center."))
        })?,
    };
    let purge = match option("purgeType") {
        None | Some("" | "incremental") => Purge::Incremental,
        Some("full") => Purge::Full,
        Some("record") => Purge::Record,
        Some(other) => return Err(Refusal::bad_request(&format!("purgeType \"{other}\" is not supported."))),
    };
    let said = option("processInactiveEmployees").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    Ok(Manner {
        verb,
        purge,
        process_inactive: said || profile.process_inactive,
        welcome_mail: profile.welcome_mail,
        primary_moves: settings.switches.primary_moves,
        sync_waits: settings.switches.hris_sync_on_order,
        demanded: settings.writing.demanded_of_users.clone(),
        passwords: settings.writing.passwords,
    })
}
