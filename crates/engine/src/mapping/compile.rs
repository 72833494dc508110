//! `[mapping.*]` → compiled rules, with everything that is wrong reported at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::Path;

use super::rule::{Attribute, From, Mapping, PersonReference, Piece};
use super::words::words;
use crate::cel::Expr;
use crate::spec::{MappingSpec, RuleSpec, RuleTable, SpecError};

impl Mapping {
    /// Compiles a mapping; `key` is its place in the configuration, such as `mapping.standard`.
    pub(crate) fn compile(key: &str, spec: &MappingSpec, errors: &mut Vec<SpecError>) -> Self {
        let mut made = Self { attributes: Vec::new(), references: Vec::new(), words: BTreeMap::new() };
        if spec.0.is_empty() {
            errors.push(SpecError::at(key, "the mapping is empty; give at least one attribute"));
        }
        for (name, rule) in &spec.0 {
            let key = format!("{key}.{name}");
            made.words.insert(name.as_str().into(), words(rule));
            let table = match rule {
                RuleSpec::Path(path) => RuleTable { path: Some(path.clone()), ..RuleTable::default() },
                RuleSpec::Table(table) => table.clone(),
            };
            made.add(&key, name, table, errors);
        }
        made
    }

    fn add(&mut self, key: &str, name: &str, table: RuleTable, errors: &mut Vec<SpecError>) {
        let RuleTable { path, template, cel, value, person, map, default, when_null, missing } = table;
        let kinds = [path.is_some(), template.is_some(), cel.is_some(), value.is_some(), person.is_some()];
        if kinds.iter().filter(|given| **given).count() != 1 {
            let message = "give exactly one of path, template, cel, value, person";
            errors.push(SpecError::at(key, message));
            return;
        }
        if missing.is_some() && person.is_none() {
            errors.push(SpecError::at(format!("{key}.missing"), "missing belongs to a reference; use it with person"));
        }
        if person.is_some() && (map.is_some() || default.is_some()) {
            errors.push(SpecError::at(key, "a reference to a person takes no map and no default"));
        }
        let name: Arc<str> = name.into();
        let when_null = when_null.unwrap_or_default();
        if let Some(path) = person {
            if let Some(path) = read_path(&format!("{key}.person"), &path, errors) {
                self.references.push(PersonReference { name, path, when_null, missing: missing.unwrap_or_default() });
            }
            return;
        }
        let from = if let Some(path) = path {
            read_path(key, &path, errors).map(From::Path)
        } else if let Some(template) = template {
            read_template(&format!("{key}.template"), &template, errors).map(From::Template)
        } else if let Some(cel) = cel {
            match Expr::compile(&cel) {
                Ok(expr) => Some(From::Cel(Box::new(expr))),
                Err(message) => {
                    errors.push(SpecError::at(format!("{key}.cel"), message));
                    None
                }
            }
        } else {
            value.map(|value| From::Constant(value.to_value()))
        };
        let Some(from) = from else { return };
        let map = map.map(|map| map.into_iter().map(|(from, to)| (from, to.to_value())).collect());
        let default = default.map(|default| default.to_value());
        self.attributes.push(Attribute { name, from, map, default, when_null });
    }
}

fn read_path(key: &str, text: &str, errors: &mut Vec<SpecError>) -> Option<Path> {
    Path::parse(text).map_err(|error| errors.push(SpecError::at(key, error.to_string()))).ok()
}

/// `{path}` is a place, `{{` and `}}` are braces.
fn read_template(key: &str, template: &str, errors: &mut Vec<SpecError>) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let (brace, tail) = rest[at..].split_at(1);
        if let Some(after) = tail.strip_prefix(brace) {
            text.push_str(brace);
            rest = after;
            continue;
        }
        let Some((inside, after)) = tail.split_once('}').filter(|_| brace == "{") else {
            errors.push(SpecError::at(key, "a brace has no partner; write {{ or }} for a brace itself"));
            return None;
        };
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(Piece::Path(read_path(key, inside.trim(), errors)?));
        rest = after;
    }
    text.push_str(rest);
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    if pieces.iter().any(|piece| matches!(piece, Piece::Path(_))) {
        Some(pieces)
    } else {
        errors.push(SpecError::at(key, "the template has no {path} in it; use value for a constant"));
        None
    }
}
