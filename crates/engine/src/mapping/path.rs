//! Following a path through a row, with the rule for lists: a selector, else the primary element, else always the same.

use joinery_model::{Path, Segment, Value};

/// The member that marks the primary element of a list.
const PRIMARY: &str = "isPrimary";

/// The value at a path, if there is one that is not null.
pub(crate) fn pick<'a>(path: &Path, row: &'a Value) -> Option<&'a Value> {
    let mut at = row;
    let mut segments = path.segments().iter().peekable();
    while let Some(segment) = segments.next() {
        at = at.get(&segment.name)?;
        if let Value::List(items) = at {
            // A list at the end without a selector is the value itself.
            if segment.select.is_none() && segments.peek().is_none() {
                return Some(at);
            }
            at = choose(items, segment)?;
        } else if let Some((member, wanted)) = &segment.select
            && !selected(at, member, wanted)
        {
            return None;
        }
    }
    (!at.is_null()).then_some(at)
}

/// Among those that the selector means: the primary one, else the first of them in the order of their stored text, so
/// that the choice does not depend on the order in which the source gave them.
fn choose<'a>(items: &'a [Value], segment: &Segment) -> Option<&'a Value> {
    let fits = |item: &&Value| segment.select.as_ref().is_none_or(|(member, wanted)| selected(item, member, wanted));
    let mut fitting = items.iter().filter(fits);
    let first = fitting.next()?;
    if fitting.next().is_none() {
        return Some(first);
    }
    let all = || items.iter().filter(fits);
    if let Some(primary) = all().find(|item| is_primary(item)) {
        return Some(primary);
    }
    all().min_by_key(|item| item.to_plain())
}

fn is_primary(item: &Value) -> bool {
    match item.get(PRIMARY) {
        Some(Value::Bool(primary)) => *primary,
        Some(Value::Text(text)) => matches!(&**text, "true" | "Y" | "1"),
        _ => false,
    }
}

/// `[emailType=B]`: the member has that text, or what the member refers to (`emailTypeNav`) has it as its code.
fn selected(item: &Value, member: &str, wanted: &str) -> bool {
    let is = |value: &Value| match value {
        Value::Text(text) => &**text == wanted,
        Value::Null | Value::List(_) | Value::Object(_) => false,
        other => other.to_plain() == wanted,
    };
    if item.get(member).is_some_and(is) {
        return true;
    }
    let Value::Object(members) = item else { return false };
    let referred = members.iter().find(|(name, _)| name.strip_suffix("Nav").is_some_and(|stem| stem == member));
    referred.is_some_and(|(_, option)| option.get("externalCode").is_some_and(is))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(members: &[(&str, Value)]) -> Value {
        Value::Object(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
    }

    fn row() -> Value {
        let business = object(&[
            ("emailType", "8448".into()),
            ("emailTypeNav", object(&[("externalCode", "B".into())])),
            ("emailAddress", "b@x".into()),
            ("isPrimary", false.into()),
        ]);
        let private =
            object(&[("emailType", "8449".into()), ("emailAddress", "p@x".into()), ("isPrimary", true.into())]);
        object(&[
            ("emailNav", Value::List(vec![business, private])),
            ("phoneNav", Value::List(vec![object(&[("no", "2".into())]), object(&[("no", "1".into())])])),
            ("name", object(&[("first", Value::Null)])),
        ])
    }

    fn text(path: &str) -> Option<String> {
        pick(&path.parse().unwrap(), &row()).map(Value::to_plain)
    }

    #[test]
    fn a_list_gives_its_primary_element_or_the_selected_one() {
        assert_eq!(text("emailNav.emailAddress").as_deref(), Some("p@x"));
        assert_eq!(text("emailNav[emailType=B].emailAddress").as_deref(), Some("b@x"));
        assert_eq!(text("emailNav[emailType=8448].emailAddress").as_deref(), Some("b@x"));
        assert_eq!(text("emailNav[emailType=F].emailAddress"), None);
    }

    #[test]
    fn without_a_primary_the_choice_does_not_depend_on_the_order() {
        assert_eq!(text("phoneNav.no").as_deref(), Some("1"));
    }

    #[test]
    fn null_and_missing_are_nothing() {
        assert_eq!(text("name.first"), None);
        assert_eq!(text("nothing.here"), None);
    }
}
