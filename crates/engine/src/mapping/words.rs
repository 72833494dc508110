//! A rule in words, as `explain` shows it.

use crate::spec::{MissingReference, RuleSpec, RuleTable, Scalar, WhenNull};

/// The rule of one attribute, in the words of the configuration.
pub(super) fn words(rule: &RuleSpec) -> String {
    let table = match rule {
        RuleSpec::Path(path) => return path.clone(),
        RuleSpec::Table(table) => table,
    };
    let RuleTable { path, template, cel, value, person, map, default, when_null, missing } = table;
    let mut words = match (path, template, cel, value, person) {
        (Some(path), ..) => path.clone(),
        (_, Some(template), ..) => format!("template \"{template}\""),
        (_, _, Some(cel), ..) => format!("cel {cel}"),
        (_, _, _, Some(value), _) => format!("always {}", plain(value)),
        (.., Some(path)) => format!("the person at {path}"),
        _ => String::new(),
    };
    if let Some(map) = map {
        let map: Vec<String> = map.iter().map(|(from, to)| format!("{from} → {}", plain(to))).collect();
        words.push_str(&format!(", mapped ({})", map.join(", ")));
    }
    if let Some(default) = default {
        words.push_str(&format!(", else {}", plain(default)));
    }
    if *when_null == Some(WhenNull::Keep) {
        words.push_str(", kept when there is none");
    }
    match missing {
        Some(MissingReference::Clear) => words.push_str(", cleared while they have no account"),
        Some(MissingReference::Keep) => words.push_str(", kept while they have no account"),
        Some(MissingReference::Wait) | None => {}
    }
    words
}

fn plain(value: &Scalar) -> String {
    value.to_value().to_plain()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_told_as_it_was_written() {
        let told = |rule: &str| {
            let table: std::collections::BTreeMap<String, RuleSpec> = toml::from_str(&format!("a = {rule}")).unwrap();
            words(&table["a"])
        };
        assert_eq!(told("'personalInfoNav.lastName'"), "personalInfoNav.lastName");
        assert_eq!(told("{ path = 's', map = { A = 'on' }, default = 'off' }"), "s, mapped (A → on), else off");
        assert_eq!(
            told("{ template = '{a} {b}', when_null = 'keep' }"),
            "template \"{a} {b}\", kept when there is none"
        );
        assert_eq!(told("{ value = 1 }"), "always 1");
        assert_eq!(told("{ person = 'm', missing = 'clear' }"), "the person at m, cleared while they have no account");
    }
}
