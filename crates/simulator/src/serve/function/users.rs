//! Function imports of user names, passwords, sessions and person ids.

use serde_json::{Value as Json, json};

use super::Call;
use crate::serve::Refusal;

/// `getPasswordPolicy`: the policy as a sentence.
#[expect(clippy::unnecessary_wraps, reason = "the table of function imports wants one kind of function")]
pub(super) fn password_policy(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    Ok(Json::from(call.turn.settings().writing.passwords.text()))
}

/// `getUserNameFormat`: how names are put together.
#[expect(clippy::unnecessary_wraps, reason = "the table of function imports wants one kind of function")]
pub(super) fn name_format(_call: &Call<'_, '_>) -> Result<Json, Refusal> {
    Ok(Json::from("[FIRSTNAME] [LASTNAME]"))
}

/// `generateNextPersonID`: an id that nobody has and that is not given twice.
#[expect(clippy::unnecessary_wraps, reason = "the table of function imports wants one kind of function")]
pub(super) fn next_person_id(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    let id = call.turn.change(crate::world::World::next_person_id);
    Ok(json!({ "personID": id }))
}

/// `isValidSession`: whoever gets here is signed in.
#[expect(clippy::unnecessary_wraps, reason = "the table of function imports wants one kind of function")]
pub(super) fn valid_session(_call: &Call<'_, '_>) -> Result<Json, Refusal> {
    Ok(Json::from(true))
}

/// `logout`: the session's cookie is of no more use; the token stays.
#[expect(clippy::unnecessary_wraps, reason = "the table of function imports wants one kind of function")]
pub(super) fn log_out(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    call.turn.tenant.sessions.end(call.turn.session);
    Ok(Json::from(true))
}

/// `refreshMetadata`: `$metadata` is built anew.
#[expect(clippy::unnecessary_wraps, reason = "the table of function imports wants one kind of function")]
pub(super) fn refresh_metadata(call: &Call<'_, '_>) -> Result<Json, Refusal> {
    call.turn.tenant.views.refresh_metadata();
    Ok(Json::from("Metadata is refreshed."))
}
