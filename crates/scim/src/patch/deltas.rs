//! What a PATCH does to the values of one attribute, said without knowing them: a large group need not be read to add a member.

use joinery_model::Op;
use serde_json::Value as Json;

use super::target::{Target, target};
use super::{Asked, PatchOp};
use crate::value::{Checking, without_nulls};
use crate::{Condition, Literal, Quirk, Rules, ScimError, Shape, Tolerance};

/// A step, to be done in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta {
    /// These come, where they are not there already.
    Add(Vec<Json>),
    /// Those of this `value` go.
    Remove(String),
    /// These are all there is; none takes all away.
    Set(Vec<Json>),
}

impl Shape {
    /// The steps that the operations take on one attribute of several values; nothing when they touch anything else, or choose by more than
    /// the `value`: then [`Shape::patch`] must see the resource.
    ///
    /// # Errors
    /// Those of [`Shape::patch`] for values that do not fit.
    pub fn deltas(
        &self,
        attribute: &str,
        operations: &[Asked],
        rules: Rules,
        tolerance: &mut Tolerance,
    ) -> Result<Option<Vec<Delta>>, ScimError> {
        let mut deltas = Vec::new();
        // Counted when all of it is done here: what is left to `patch` must not count twice.
        let mut trial = tolerance.clone();
        for asked in operations {
            let Ok(Target::Attribute(place)) = target(self, asked.path.as_deref(), &mut trial) else { return Ok(None) };
            let found = place.found;
            if found.sub.is_some()
                || !found.attribute.multi_valued
                || !found.attribute.name.eq_ignore_ascii_case(attribute)
            {
                return Ok(None);
            }
            let value = asked.value.as_ref().filter(|value| !value.is_null());
            match (asked.op, &place.which, value) {
                (PatchOp::Remove, Some(which), _) => {
                    let Some(values) = values_of(which) else { return Ok(None) };
                    deltas.extend(values.into_iter().map(Delta::Remove));
                }
                (PatchOp::Remove | PatchOp::Replace, None, None) => deltas.push(Delta::Set(Vec::new())),
                (PatchOp::Add, None, None) => {}
                (op, None, Some(value)) => {
                    if op == PatchOp::Remove && !trial.meets(Quirk::RemovedValues) {
                        return Ok(None);
                    }
                    let mut checking = Checking { rules, tolerance: &mut trial };
                    let checked = checking.value(found.attribute, &place.name(), value, false)?;
                    let Json::Array(items) = checked else { return Ok(None) };
                    let items: Vec<Json> = items.into_iter().filter_map(without_nulls).collect();
                    match op {
                        PatchOp::Add => deltas.push(Delta::Add(items)),
                        PatchOp::Replace => deltas.push(Delta::Set(items)),
                        PatchOp::Remove => {
                            let values = items.iter().map(|item| item.get("value")?.as_str().map(str::to_owned));
                            let Some(values) = values.collect::<Option<Vec<_>>>() else { return Ok(None) };
                            deltas.extend(values.into_iter().map(Delta::Remove));
                        }
                    }
                }
                (_, Some(_), _) => return Ok(None),
            }
        }
        *tolerance = trial;
        Ok(Some(deltas))
    }
}

/// The values that a condition names, when it asks for nothing else.
fn values_of(which: &Condition) -> Option<Vec<String>> {
    match which {
        Condition::Or(parts) => parts.iter().map(values_of).collect::<Option<Vec<_>>>().map(|lists| lists.concat()),
        Condition::Compare(spot, Op::Eq, Literal::Text(text)) if &*spot.path.name == "value" => {
            Some(vec![text.to_string()])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Registry, read_patch, urn};

    fn deltas(operations: &Json, mut tolerance: Tolerance) -> Result<Option<Vec<Delta>>, ScimError> {
        let registry = Registry::standard();
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
        let operations = read_patch(body.as_object().unwrap(), &mut tolerance).unwrap();
        registry.shape("Group").unwrap().deltas("members", &operations, Rules::default(), &mut tolerance)
    }

    #[test]
    fn members_come_and_go_without_being_read() {
        let steps = json!([
            {"op": "add", "path": "members", "value": [{"value": "1", "display": "One"}]},
            {"op": "remove", "path": "members[value eq \"2\" or value eq \"3\"]"},
            {"op": "replace", "path": "members", "value": [{"value": "4"}]},
            {"op": "remove", "path": "members"},
        ]);
        assert_eq!(
            deltas(&steps, Tolerance::strict()).unwrap().unwrap(),
            [
                Delta::Add(vec![json!({"value": "1"})]),
                Delta::Remove("2".into()),
                Delta::Remove("3".into()),
                Delta::Set(vec![json!({"value": "4"})]),
                Delta::Set(vec![]),
            ]
        );
        let entra = json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "5"}]}]);
        assert_eq!(deltas(&entra, Tolerance::lenient()).unwrap().unwrap(), [Delta::Remove("5".into())]);
    }

    #[test]
    fn what_is_more_than_that_must_see_the_group() {
        for operation in [
            json!({"op": "replace", "path": "displayName", "value": "x"}),
            json!({"op": "replace", "value": {"displayName": "x"}}),
            json!({"op": "remove", "path": "members[type eq \"User\"]"}),
            json!({"op": "remove", "path": "members", "value": [{"value": "5"}]}),
            json!({"op": "replace", "path": "members[value eq \"1\"].display", "value": "x"}),
            json!({"op": "remove", "path": "members["}),
        ] {
            assert_eq!(deltas(&json!([operation]), Tolerance::strict()).unwrap(), None);
        }
        assert!(
            deltas(&json!([{"op": "add", "path": "members", "value": [{"value": 1}]}]), Tolerance::strict()).is_err()
        );
    }
}
