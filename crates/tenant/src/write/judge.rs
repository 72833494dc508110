//! Results to outcomes, by index.

use joinery_odata::UpsertResult;
use joinery_odata::payload::EditStatus;

use super::outcome::{RowOutcome, RowRefusal, RowWritten, WhyRefused};
use crate::refusal::masked;

/// The outcome of each of `rows` rows. Results are told apart by their index alone: their order and their key mean
/// nothing. A row that no result, or more than one, speaks of is unknown.
pub(super) fn outcomes(rows: usize, results: &[UpsertResult]) -> Vec<RowOutcome> {
    let mut slots: Vec<Option<&UpsertResult>> = vec![None; rows];
    let mut twice = vec![false; rows];
    for result in results {
        let at = result.index as usize;
        if let Some(slot) = slots.get_mut(at) {
            twice[at] |= slot.is_some();
            *slot = Some(result);
        }
    }
    let silent = || RowOutcome::Unknown("the tenant's answer does not say what became of this row".to_owned());
    slots.into_iter().zip(twice).map(|(slot, twice)| slot.filter(|_| !twice).map_or_else(silent, outcome)).collect()
}

fn outcome(result: &UpsertResult) -> RowOutcome {
    if result.is_ok() {
        let created = match result.edit_status {
            Some(EditStatus::Inserted) => Some(true),
            Some(EditStatus::Updated) => Some(false),
            _ => None,
        };
        let unchanged = result.message.as_deref().is_some_and(|text| text.contains("no new changes"));
        return RowOutcome::Written(RowWritten { created, unchanged });
    }
    let text = result.reason().unwrap_or_default();
    if may_pass(result.http_code, text) {
        return RowOutcome::Again(None, format!("the tenant could not write it now (HTTP {})", result.http_code));
    }
    RowOutcome::Refused(refusal(result.http_code, text))
}

/// Whether the same row may be taken later: the retry classes of whole answers, as a row's own status.
fn may_pass(status: u16, text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let busy = || text.contains("timed out") || text.contains("metadata is being generated");
    matches!(status, 429 | 502..=504) || status == 500 && busy()
}

/// What the tenant's words mean.
pub(crate) fn refusal(status: u16, text: &str) -> RowRefusal {
    let lower = text.to_ascii_lowercase();
    let says = |part: &str| lower.contains(part);
    let (why, advice) = if says("duplicate username") || says("duplicate_username") {
        (WhyRefused::UserNameTaken, "another user, perhaps an inactive one, has this username".to_owned())
    } else if says("inactive user.") {
        (
            WhyRefused::Inactive,
            "the user is inactive: send processInactiveEmployees, or reactivate the user first".to_owned(),
        )
    } else if says("external users") || says("property name:status. property value:e") {
        (WhyRefused::External, "the user is external (status e or d) and not written through User".to_owned())
    } else if let Some(names) = required(text) {
        let list = names.join(", ");
        (WhyRefused::Required(names), format!("this tenant requires {list}"))
    } else if says("[coe0021]") {
        (WhyRefused::UnknownProperty, masked(text))
    } else if says("password") {
        (WhyRefused::Password, "the password does not keep the tenant's password policy".to_owned())
    } else if status == 403 || says("[coe0020]") {
        (
            WhyRefused::NotPermitted,
            "the API user may not write this; grant the permission in Manage Permission Roles".to_owned(),
        )
    } else if says("can not get personid") || says("does not exist") || says("[coe0028]") {
        (WhyRefused::NotThere, masked(text))
    } else if says("isprimary") || says("primary record") {
        (WhyRefused::Primary, masked(text))
    } else if says("[coe0019]") {
        (WhyRefused::Value, value_name(text))
    } else {
        (WhyRefused::Other, format!("the tenant refuses it: {}", masked(text)))
    };
    RowRefusal { why, status, message: format!("{advice} (HTTP {status})") }
}

/// The names in "Required properties a, b are missing".
fn required(text: &str) -> Option<Vec<String>> {
    let (_, after) = text.split_once("Required properties ")?;
    let (names, _) = after.split_once(" are missing").or_else(|| after.split_once(" is missing"))?;
    let word = |name: &str| name.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '/');
    Some(names.split(',').filter(|name| word(name)).map(|name| name.trim().to_owned()).collect())
}

/// "[COE0019]Invalid property value. Property name:x. Property value:y." without y.
fn value_name(text: &str) -> String {
    match text.split_once("Property name:").and_then(|(_, after)| after.split_once('.')) {
        Some((name, _)) if name.len() < 64 => format!("{name}: the tenant does not take this value"),
        _ => "the tenant does not take a value".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(index: u32, http_code: u16, message: Option<&str>) -> UpsertResult {
        UpsertResult {
            key: None,
            status: if http_code < 300 { "OK" } else { "ERROR" }.to_owned(),
            edit_status: (http_code == 201).then_some(EditStatus::Inserted),
            message: message.map(str::to_owned),
            index,
            http_code,
            inline_results: None,
        }
    }

    #[test]
    fn results_are_taken_by_index_and_silence_is_no_success() {
        let results = [result(2, 201, None), result(0, 200, None), result(7, 200, None)];
        let found = outcomes(4, &results);
        assert_eq!(found[0], RowOutcome::Written(RowWritten::default()));
        assert_eq!(found[2], RowOutcome::Written(RowWritten { created: Some(true), unchanged: false }));
        assert!(matches!((&found[1], &found[3]), (RowOutcome::Unknown(_), RowOutcome::Unknown(_))));
        let doubled = [result(0, 200, None), result(0, 200, None)];
        assert!(outcomes(2, &doubled).iter().all(|one| matches!(one, RowOutcome::Unknown(_))));
    }

    // The messages that KBAs quote.
    #[test]
    fn words_of_a_tenant() {
        let why = |status, text: &str| refusal(status, text).why;
        assert_eq!(why(500, "Cannot upsert an inactive user..  "), WhyRefused::Inactive);
        let duplicate =
            "DUPLICATE_USERNAME : Failed to add/update user [X] \"\" (N/A;N/A;N/A): Duplicate Username - \"anna\".";
        assert_eq!(why(500, duplicate), WhyRefused::UserNameTaken);
        assert!(!refusal(500, duplicate).message.contains("anna"));
        let required =
            "Please add required properties in payload. Required properties department, timeZone are missing. You can";
        assert_eq!(why(500, required), WhyRefused::Required(vec!["department".into(), "timeZone".into()]));
        let external = "You're not allowed to add or update external users (status e and d) with the User API…";
        assert_eq!(why(500, external), WhyRefused::External);
        let value = "[COE0019]Invalid property value. Property name:timeZone. Property value:Mars.";
        assert_eq!(why(500, value), WhyRefused::Value);
        assert_eq!(refusal(500, value).message, "timeZone: the tenant does not take this value (HTTP 500)");
        assert_eq!(why(500, "…ServiceCreateFailedException: can not get personId."), WhyRefused::NotThere);
        assert_eq!(why(403, "[COE0020]no"), WhyRefused::NotPermitted);
        assert!(matches!(outcomes(1, &[result(0, 503, Some("later"))])[0], RowOutcome::Again(..)));
        assert!(matches!(outcomes(1, &[result(0, 500, Some("The request has timed out"))])[0], RowOutcome::Again(..)));
    }
}
