//! Reading a PATCH request.

use serde_json::Value as Json;

use super::PatchOp;
use crate::body::shown;
use crate::place::{Resource, member};
use crate::{Quirk, ScimError, ScimType, Tolerance, urn};

/// Operations in one request at the most. Each may look at every member of a large group; many members come in one operation.
const MOST: usize = 1_000;

/// One operation that is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What it does.
    pub op: PatchOp,
    /// Where, as it is written; the resource itself where nothing is.
    pub path: Option<String>,
    /// With what. Null is a value: it clears.
    pub value: Option<Json>,
}

/// Reads the body of a PATCH.
///
/// # Errors
/// `invalidSyntax` for what is no PATCH, `noTarget` for a removal without a path (section 3.5.2.2), `invalidValue` for an
/// addition or replacement without a value.
pub fn read_patch(body: &Resource, tolerance: &mut Tolerance) -> Result<Vec<Asked>, ScimError> {
    let named = match member(body, "schemas") {
        Some(Json::Array(items)) => {
            items.iter().filter_map(Json::as_str).any(|item| item.eq_ignore_ascii_case(urn::PATCH_OP))
        }
        _ => false,
    };
    if !named && !tolerance.meets(Quirk::SchemasLeftOut) {
        return Err(ScimError::syntax(format!("`schemas` must name {}.", urn::PATCH_OP)));
    }
    let operations = match member(body, "Operations") {
        Some(Json::Array(operations)) if !operations.is_empty() => operations,
        Some(Json::Array(_)) | None => return Err(ScimError::syntax("`Operations` must hold at least one operation.")),
        Some(_) => return Err(ScimError::syntax("`Operations` must be an array.")),
    };
    if operations.len() > MOST {
        return Err(ScimError::syntax(format!("There are more than {MOST} operations; send them in parts.")));
    }
    let read =
        |(at, operation): (usize, &Json)| operation_of(operation, tolerance).map_err(|error| at_operation(at, &error));
    operations.iter().enumerate().map(read).collect()
}

/// The error with the operation that it is about.
pub(super) fn at_operation(at: usize, error: &ScimError) -> ScimError {
    ScimError { detail: format!("Operations[{at}]: {}", error.detail), ..*error }
}

fn operation_of(operation: &Json, tolerance: &mut Tolerance) -> Result<Asked, ScimError> {
    let Json::Object(operation) = operation else { return Err(ScimError::syntax("an operation is an object.")) };
    let Some(word) = member(operation, "op").and_then(Json::as_str) else {
        return Err(ScimError::syntax("`op` must be add, replace or remove."));
    };
    let op = match word {
        "add" => PatchOp::Add,
        "replace" => PatchOp::Replace,
        "remove" => PatchOp::Remove,
        other => {
            let known = [("add", PatchOp::Add), ("replace", PatchOp::Replace), ("remove", PatchOp::Remove)];
            let found = known.iter().find(|(word, _)| word.eq_ignore_ascii_case(other));
            match found.filter(|_| tolerance.meets(Quirk::CapitalOps)) {
                Some((_, op)) => *op,
                None => {
                    let other = shown(other);
                    return Err(ScimError::syntax(format!("`op` must be add, replace or remove, and not `{other}`.")));
                }
            }
        }
    };
    let path = match member(operation, "path") {
        None | Some(Json::Null) => None,
        Some(Json::String(path)) if path.is_empty() => None,
        Some(Json::String(path)) => Some(path.clone()),
        Some(_) => return Err(ScimError::new(ScimType::InvalidPath, "`path` must be text.")),
    };
    let value = member(operation, "value").cloned();
    if op == PatchOp::Remove && path.is_none() {
        return Err(ScimError::new(ScimType::NoTarget, "a removal needs a path."));
    }
    if op != PatchOp::Remove && value.is_none() {
        return Err(ScimError::value("`value` is missing."));
    }
    if path.is_none() && !tolerance.meets(Quirk::WithoutPath) {
        return Err(ScimError::syntax("every operation must have a path here."));
    }
    Ok(Asked { op, path, value })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Json, mut tolerance: Tolerance) -> Result<Vec<Asked>, ScimError> {
        read_patch(body.as_object().unwrap(), &mut tolerance)
    }

    #[test]
    fn what_is_no_patch_is_refused() {
        let of = |operations: Json| json!({"schemas": [urn::PATCH_OP], "Operations": operations});
        for (body, kind) in [
            (json!({"Operations": [{"op": "remove", "path": "a"}]}), ScimType::InvalidSyntax),
            (json!({"schemas": [urn::PATCH_OP]}), ScimType::InvalidSyntax),
            (of(json!([])), ScimType::InvalidSyntax),
            (of(json!({})), ScimType::InvalidSyntax),
            (of(json!([1])), ScimType::InvalidSyntax),
            (of(json!([{"path": "a", "value": 1}])), ScimType::InvalidSyntax),
            (of(json!([{"op": "move", "path": "a", "value": 1}])), ScimType::InvalidSyntax),
            (of(json!([{"op": "Replace", "path": "a", "value": 1}])), ScimType::InvalidSyntax),
            (of(json!([{"op": "add", "path": 5, "value": 1}])), ScimType::InvalidPath),
            (of(json!([{"op": "add", "path": "a"}])), ScimType::InvalidValue),
            (of(json!([{"op": "remove"}])), ScimType::NoTarget),
            (of(json!([{"op": "remove", "path": ""}])), ScimType::NoTarget),
        ] {
            let error = read(&body, Tolerance::strict()).unwrap_err();
            assert_eq!((error.status, error.scim_type), (400, Some(kind)), "{body}: {error}");
        }
        let without_path = of(json!([{"op": "add", "value": {"title": "T"}}]));
        assert!(read(&without_path, Tolerance::strict()).is_ok());
        assert_eq!(read(&without_path, Tolerance::of(&[])).unwrap_err().scim_type, Some(ScimType::InvalidSyntax));
        let entra = json!({"operations": [{"OP": "Replace", "Path": "active", "Value": "False"}]});
        let asked = read(&entra, Tolerance::lenient()).unwrap();
        assert_eq!(asked, [Asked { op: PatchOp::Replace, path: Some("active".into()), value: Some("False".into()) }]);
    }
}
