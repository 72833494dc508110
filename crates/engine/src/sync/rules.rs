//! Validation: mapped → valid, or the name of the rule that was broken. Messages name the field, never the value.

use std::collections::HashSet;
use std::sync::Arc;

use joinery_model::{LeftOut, Valid, Value};
use regex::{Regex, RegexBuilder};

use crate::mapping::Mapped;
use crate::spec::{SpecError, ValidationSpec};

/// The validation rules of a sync.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    name: Arc<str>,
    attribute: Arc<str>,
    required: bool,
    matches: Option<Regex>,
    max_length: Option<usize>,
    one_of: Option<HashSet<String>>,
    unique: bool,
}

impl Rules {
    /// Compiles the rules; `known` says whether some mapping gives an attribute.
    pub(crate) fn compile(
        key: &str,
        specs: &[ValidationSpec],
        known: impl Fn(&str) -> bool,
        errors: &mut Vec<SpecError>,
    ) -> Self {
        let mut rules: Vec<Rule> = Vec::new();
        for (at, spec) in specs.iter().enumerate() {
            let key = format!("{key}.rule[{at}]");
            if spec.name.is_empty() {
                errors.push(SpecError::at(format!("{key}.name"), "a rule needs a name; the balance counts by it"));
            }
            if rules.iter().any(|rule| *rule.name == *spec.name) {
                errors.push(SpecError::at(format!("{key}.name"), format!("there is another rule named {}", spec.name)));
            }
            if !known(&spec.attribute) {
                let message = format!("no mapping of this sync gives the attribute {}", spec.attribute);
                errors.push(SpecError::at(format!("{key}.attribute"), message));
            }
            let matches = spec.matches.as_deref().and_then(|pattern| {
                let built = RegexBuilder::new(pattern).size_limit(1 << 20).build();
                built
                    .map_err(|error| {
                        errors.push(SpecError::at(format!("{key}.matches"), last_line(&error.to_string())));
                    })
                    .ok()
            });
            let rule = Rule {
                name: spec.name.as_str().into(),
                attribute: spec.attribute.as_str().into(),
                required: spec.required.unwrap_or(false),
                matches,
                max_length: spec.max_length,
                one_of: spec.one_of.as_ref().map(|list| list.iter().map(|one| one.to_value().to_plain()).collect()),
                unique: spec.unique.unwrap_or(false),
            };
            let demands = rule.required
                || rule.unique
                || spec.matches.is_some()
                || rule.max_length.is_some()
                || rule.one_of.is_some();
            if !demands {
                let message = "the rule demands nothing; give required, matches, max_length, one_of or unique";
                errors.push(SpecError::at(key, message));
            }
            rules.push(rule);
        }
        Self { rules }
    }

    /// Vouches for a record, or names the first rule that it breaks. `has` says whether its mapping gives an
    /// attribute: a rule about one that it does not give says nothing. `unique` rules are judged over the whole run.
    pub(crate) fn validate(&self, mapped: Mapped, has: impl Fn(&str) -> bool) -> Result<Valid<Mapped>, LeftOut> {
        for rule in &self.rules {
            if let Some(message) = rule.broken(&mapped, &has) {
                return Err(LeftOut { rule: Arc::clone(&rule.name), message });
            }
        }
        Ok(Valid::vouch(mapped))
    }

    /// The values that must be this person's alone: rule, attribute, value without regard to case.
    pub(crate) fn claims<'a>(
        &'a self,
        mapped: &'a Mapped,
    ) -> impl Iterator<Item = (&'a Arc<str>, &'a Arc<str>, String)> {
        self.rules.iter().filter(|rule| rule.unique).filter_map(|rule| {
            let value = mapped.attributes.get(&rule.attribute)?;
            let plain = value.to_plain().to_lowercase();
            (!plain.is_empty()).then_some((&rule.name, &rule.attribute, plain))
        })
    }

    /// The rule that demands this attribute.
    pub(crate) fn requiring(&self, attribute: &str) -> Option<&str> {
        self.rules.iter().find(|rule| rule.required && &*rule.attribute == attribute).map(|rule| &*rule.name)
    }

    /// Is any rule about uniqueness?
    pub(crate) fn any_unique(&self) -> bool {
        self.rules.iter().any(|rule| rule.unique)
    }
}

impl Rule {
    fn broken(&self, mapped: &Mapped, has: &impl Fn(&str) -> bool) -> Option<String> {
        let name = &self.attribute;
        if let Some(reference) = mapped.references.get(name) {
            return (self.required && reference.is_none()).then(|| format!("{name} is empty and is required"));
        }
        let value = match mapped.attributes.get(name) {
            None if !has(name) => return None,
            None => &Value::Null,
            Some(value) => value,
        };
        let text = match value {
            Value::Null => "",
            Value::Text(text) => text,
            other => &other.to_plain(),
        };
        if text.is_empty() {
            return self.required.then(|| format!("{name} is empty and is required; fill it in the source"));
        }
        if self.max_length.is_some_and(|most| text.chars().count() > most) {
            let most = self.max_length.unwrap_or_default();
            return Some(format!("{name} is longer than {most} characters"));
        }
        if self.matches.as_ref().is_some_and(|pattern| !pattern.is_match(text)) {
            return Some(format!("{name} does not have the demanded form"));
        }
        if self.one_of.as_ref().is_some_and(|list| !list.contains(text)) {
            return Some(format!("{name} is none of the allowed values; add it to the value map or to one_of"));
        }
        None
    }
}

fn last_line(text: &str) -> String {
    format!("not a regular expression: {}", text.lines().last().unwrap_or_default().trim())
}
