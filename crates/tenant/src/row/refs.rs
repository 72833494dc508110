//! What else a row's values came from.

use std::collections::BTreeSet;
use std::sync::Arc;

use joinery_model::{Ref, Value};

use super::shape::{Shape, What};

/// What the tenant writes where there is nobody.
const NOBODY: [&str; 3] = ["NO_MANAGER", "NO_HR", ""];

/// Adds every other object that `value` was read through.
pub(super) fn collect(shape: &Shape, value: &Value, into: &mut BTreeSet<Ref>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| collect(shape, item, into)),
        Value::Object(_) => {
            for member in shape.members() {
                let found = value.get(&member.name);
                if let Some(refers) = &member.refers {
                    let mut add = |id: Option<&Value>| {
                        if let Some(id) = id.and_then(id_of)
                            && !NOBODY.contains(&&*id)
                        {
                            into.insert(Ref { kind: refers.kind.clone(), id });
                        }
                    };
                    match &refers.id {
                        None => add(found),
                        Some(id) => {
                            let others = match found {
                                Some(Value::List(items)) => items.as_slice(),
                                Some(one) => std::slice::from_ref(one),
                                None => &[],
                            };
                            for other in others {
                                add(other.get(id));
                            }
                        }
                    }
                    if let Some(beside) = &refers.beside {
                        add(value.get(beside));
                    }
                }
                if let (What::Navigation(inner), Some(found)) = (&member.what, found) {
                    collect(inner, found, into);
                }
            }
        }
        _ => {}
    }
}

fn id_of(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::Text(text) | Value::Decimal(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string().into()),
        _ => None,
    }
}
