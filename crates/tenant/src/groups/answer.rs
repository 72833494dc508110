//! Answers of function imports, in whichever of their wrappings: `d`, `d.results`, `d.<function>`.

use joinery_model::Failure;
use joinery_odata::Page;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// The rows of an answer, read one by one.
///
/// # Errors
/// When the bytes are no such answer, or a row is not what it should be.
pub(super) fn rows<T: DeserializeOwned>(bytes: &[u8], function: &str) -> Result<Vec<T>, Failure> {
    let mut rows = Vec::new();
    each(bytes, function, |row: T| rows.push(row))?;
    Ok(rows)
}

/// Hands over the rows of an answer one by one: an answer may hold every user of the tenant.
///
/// # Errors
/// As [`rows`].
pub(super) fn each<T: DeserializeOwned>(bytes: &[u8], function: &str, mut take: impl FnMut(T)) -> Result<(), Failure> {
    let unreadable = || Failure::later(format!("{function}: the tenant's answer cannot be read"), None);
    let page = Page::parse(bytes).map_err(|error| unreadable().because(error))?;
    let read = |row: &str| serde_json::from_str::<T>(row).map_err(|_| unreadable());
    if page.is_list {
        for row in &page.entities {
            take(read(row)?);
        }
        return Ok(());
    }
    // One object: the list stands in it under the function's name, bare or with `results`; or it is an empty answer.
    let Some(only) = page.entities.first() else { return Ok(()) };
    let object: Json = serde_json::from_str(only).map_err(|_| unreadable())?;
    let inner = object.get(function).ok_or_else(unreadable)?;
    let list = inner.get("results").unwrap_or(inner);
    for row in list.as_array().ok_or_else(unreadable)? {
        take(T::deserialize(row).map_err(|_| unreadable())?);
    }
    Ok(())
}

/// The entity of an answer: `{"d":{…}}`, or `{"d":{"<function>":{…}}}`; `None` when there is none.
pub(super) fn entity(bytes: &[u8], function: &str) -> Result<Option<Json>, Failure> {
    let unreadable = || Failure::later(format!("{function}: the tenant's answer cannot be read"), None);
    let page = Page::parse(bytes).map_err(|error| unreadable().because(error))?;
    let Some(first) = page.entities.first() else { return Ok(None) };
    let mut object: Json = serde_json::from_str(first).map_err(|_| unreadable())?;
    Ok(Some(match object.get_mut(function) {
        Some(inner @ Json::Object(_)) => inner.take(),
        _ => object,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::Member;

    // The three wrappings that clients of real tenants read: an array, `results`, the function's name.
    #[test]
    fn lists_in_every_wrapping() {
        let bean = r#"{"firstName":"Ada","lastName":"Example","middleName":null,"personGUID":"F674BA41","userId":"103266","userName":"aexample"}"#;
        for body in [
            format!(r#"{{"d":[{bean}]}}"#),
            format!(r#"{{"d":{{"results":[{bean}]}}}}"#),
            format!(r#"{{"d":{{"getUsersByDynamicGroup":[{bean}]}}}}"#),
            format!(r#"{{"d":{{"getUsersByDynamicGroup":{{"results":[{bean}]}}}}}}"#),
        ] {
            let members: Vec<Member> = rows(body.as_bytes(), "getUsersByDynamicGroup").expect("rows");
            assert_eq!(members.len(), 1, "{body}");
            assert_eq!((members[0].user_id.as_str(), members[0].middle_name.as_deref()), ("103266", None));
        }
        for empty in [r#"{"d":[]}"#, r#"{"d":null}"#, r#"{"d":{"results":[]}}"#] {
            assert_eq!(rows::<Member>(empty.as_bytes(), "x").expect("rows").len(), 0, "{empty}");
        }
        assert!(rows::<Member>(br#"{"d":{"other":1}}"#, "x").is_err());
        assert!(rows::<Member>(b"<html>", "x").is_err());
    }
}
