//! Applying a PATCH to a copy: it is done whole or not at all.

use serde_json::{Value as Json, json};

use super::elements::{add, remove, settle_primary};
use super::request::at_operation;
use super::target::{Place, Target, implied, target};
use super::{Asked, PatchOp};
use crate::body::shown;
use crate::place::{Resource, member, spelled};
use crate::schema::{Attribute, Kind, Mutability, Schema};
use crate::value::{Checking, is_blank, without_nulls};
use crate::{Changed, Quirk, Rules, ScimError, ScimType, Shape, Tolerance};

impl Shape {
    /// What the operations make of a resource, done in order (RFC 7644, section 3.5.2). `current` is not touched: an error
    /// leaves everything as it was. No changes mean that `meta.lastModified` must not move.
    ///
    /// - What only the server writes may be said as it is (Okta sends the `id` along) and not otherwise.
    /// - A value path that finds nothing: an addition makes the element where equalities say what it is; a replacement is
    ///   `noTarget` unless [`Quirk::MadeElements`]; a removal has nothing to do.
    /// - A path such as `emails.value` without brackets means every element.
    /// - Where the `value` of one complex value changes (another manager), the server's part of it and its `$ref` go.
    ///
    /// # Errors
    /// `invalidPath`, `noTarget`, `mutability`, `invalidValue`, `invalidSyntax`, `invalidFilter`; the detail names the operation
    /// and the attribute.
    pub fn patch(
        &self,
        current: &Resource,
        operations: &[Asked],
        rules: Rules,
        tolerance: &mut Tolerance,
    ) -> Result<Changed, ScimError> {
        let mut patching = Patching { shape: self, resource: current.clone(), rules, tolerance };
        for (at, asked) in operations.iter().enumerate() {
            patching.operation(asked).map_err(|error| at_operation(at, &error))?;
        }
        let mut resource = patching.resource;
        let listed = member(&resource, "schemas").and_then(Json::as_array).cloned().unwrap_or_default();
        resource.remove(&spelled(&resource, "schemas"));
        self.write_schemas(&mut resource, &listed);
        if let Some(path) = self.missing(&resource) {
            return Err(ScimError::new(
                ScimType::Mutability,
                format!("`{path}` is required and cannot be taken away."),
            ));
        }
        Ok(Changed { changes: self.changes(current, &resource), resource })
    }
}

struct Patching<'a, 't> {
    shape: &'a Shape,
    resource: Resource,
    rules: Rules,
    tolerance: &'t mut Tolerance,
}

impl<'a> Patching<'a, '_> {
    fn operation(&mut self, asked: &Asked) -> Result<(), ScimError> {
        let value = asked.value.as_ref().unwrap_or(&Json::Null);
        match target(self.shape, asked.path.as_deref(), self.tolerance)? {
            Target::Unknown => Ok(()),
            Target::Resource if asked.op == PatchOp::Remove => {
                Err(ScimError::new(ScimType::NoTarget, "a removal needs the path of an attribute."))
            }
            Target::Resource => {
                let Json::Object(members) = value else {
                    return Err(ScimError::value("without a path the value must be an object of attributes."));
                };
                self.members(asked.op, members)
            }
            Target::Extension(schema) => self.extension(asked.op, schema, value),
            Target::Attribute(place)
                if self.rules.named_parts
                    && asked.op != PatchOp::Remove
                    && place.which.is_some()
                    && place.found.sub.is_none() =>
            {
                let name = place.name();
                Err(ScimError::new(
                    ScimType::InvalidPath,
                    format!("name a sub-attribute behind the brackets of `{name}`."),
                ))
            }
            Target::Attribute(place) => self.attribute(asked.op, &place, asked.value.as_ref()),
        }
    }

    /// A value without a path: each of its members is an operation on that attribute.
    fn members(&mut self, op: PatchOp, members: &Resource) -> Result<(), ScimError> {
        for (name, value) in members {
            // Whoever sends a whole resource back sends its metadata too, which nobody but the server writes.
            if name.eq_ignore_ascii_case("meta") {
                continue;
            }
            let plain = name.parse::<crate::AttrPath>().is_ok_and(|path| path.sub.is_none());
            let is_extension = self.shape.extension(name).is_some();
            if !plain && !is_extension && !self.tolerance.meets(Quirk::DottedKeys) {
                return Err(ScimError::syntax(format!("`{}` is no attribute's name; use a path.", shown(name))));
            }
            match target(self.shape, Some(name), self.tolerance) {
                Ok(Target::Extension(schema)) => self.extension(op, schema, value)?,
                Ok(Target::Attribute(place)) => self.attribute(op, &place, Some(value))?,
                Ok(Target::Unknown) => {}
                Ok(Target::Resource) => {
                    let Json::Object(inside) = value else {
                        return Err(ScimError::value(format!("`{}` must be an object.", shown(name))));
                    };
                    // Its own URN inside itself would go on for as long as the body is deep; once is enough.
                    if inside.keys().any(|name| name.eq_ignore_ascii_case(&self.shape.core.id)) {
                        return Err(ScimError::syntax("a schema does not stand within itself."));
                    }
                    self.members(op, inside)?;
                }
                Err(error) if error.scim_type == Some(ScimType::NoTarget) => {
                    return Err(ScimError { scim_type: Some(ScimType::InvalidSyntax), ..error });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn extension(&mut self, op: PatchOp, schema: &'a Schema, value: &Json) -> Result<(), ScimError> {
        if op == PatchOp::Remove || value.is_null() {
            for attribute in &schema.attributes {
                if attribute.mutability != Mutability::ReadOnly {
                    let found = crate::Found { extension: Some(schema), attribute, sub: None };
                    self.attribute(PatchOp::Remove, &Place { found, which: None }, None)?;
                }
            }
            return Ok(());
        }
        let Json::Object(members) = value else {
            return Err(ScimError::value(format!("`{}` must be an object of its attributes.", schema.id)));
        };
        for (name, value) in members {
            match schema.named(name) {
                Some(attribute) => {
                    let found = crate::Found { extension: Some(schema), attribute, sub: None };
                    self.attribute(op, &Place { found, which: None }, Some(value))?;
                }
                None if self.tolerance.meets(Quirk::UnknownAttributes) => {}
                None => {
                    return Err(ScimError::syntax(format!("`{}:{}`: no such attribute.", schema.id, shown(name))));
                }
            }
        }
        Ok(())
    }

    /// One attribute or a part of it. It is taken out of the resource, changed and put back.
    fn attribute(&mut self, op: PatchOp, place: &Place<'_>, value: Option<&Json>) -> Result<(), ScimError> {
        let attribute = place.found.attribute;
        let id = place.found.extension.map(|schema| schema.id.to_string());
        // Taken and not copied: a group has many members. After an error nobody looks at what is left.
        let before = self.take(id.as_deref(), attribute);
        let had = before.is_some();
        let settled = matches!(attribute.mutability, Mutability::ReadOnly | Mutability::Immutable);
        let was = before.clone().filter(|_| settled);
        let after = self.changed(op, place, before, value)?;
        // Of several values only those that were written are looked through, where they were written.
        let after =
            if attribute.multi_valued { after.filter(|after| !is_blank(after)) } else { after.and_then(without_nulls) };
        if attribute.mutability == Mutability::ReadOnly && was != after {
            return Err(ScimError::new(ScimType::Mutability, format!("`{}` is the server's alone.", place.name())));
        }
        if attribute.mutability == Mutability::Immutable && had && was != after {
            return Err(immutable(&place.name()));
        }
        // Each is judged here and not at the end, so that the error is that of the operation which takes it away.
        if attribute.required && had && after.as_ref().is_none_or(is_blank) {
            let name = place.name();
            return Err(ScimError::new(
                ScimType::Mutability,
                format!("`{name}` is required and cannot be taken away."),
            ));
        }
        self.put(id.as_deref(), attribute, after);
        Ok(())
    }

    fn take(&mut self, extension: Option<&str>, attribute: &Attribute) -> Option<Json> {
        let top = match extension {
            Some(id) => {
                let id = spelled(&self.resource, id);
                self.resource.get_mut(&id).and_then(Json::as_object_mut)?
            }
            None => &mut self.resource,
        };
        let name = spelled(top, &attribute.name);
        top.remove(&name).filter(|value| !value.is_null())
    }

    fn put(&mut self, extension: Option<&str>, attribute: &Attribute, value: Option<Json>) {
        let set = |top: &mut Resource| {
            let name = spelled(top, &attribute.name);
            match value {
                Some(value) => drop(top.insert(name, value)),
                None => drop(top.remove(&name)),
            }
        };
        let Some(id) = extension else { return set(&mut self.resource) };
        let id = spelled(&self.resource, id);
        let mut inside = match self.resource.remove(&id) {
            Some(Json::Object(inside)) => inside,
            _ => Resource::new(),
        };
        set(&mut inside);
        if !inside.is_empty() {
            self.resource.insert(id, inside.into());
        }
    }

    /// What an attribute is after the operation; nulls in it are parts that are taken away.
    fn changed(
        &mut self,
        op: PatchOp,
        place: &Place<'_>,
        before: Option<Json>,
        value: Option<&Json>,
    ) -> Result<Option<Json>, ScimError> {
        let attribute = place.found.attribute;
        let null = value.is_none_or(Json::is_null);
        if attribute.multi_valued {
            let elements = match before {
                Some(Json::Array(elements)) => elements,
                Some(one) => vec![one],
                None => Vec::new(),
            };
            return self.several(op, place, elements, value.filter(|_| !null)).map(|elements| Some(elements.into()));
        }
        let name = place.name();
        if let Some(sub) = place.found.sub {
            let mut members = match before {
                Some(Json::Object(members)) => members,
                _ => Resource::new(),
            };
            let value = if op == PatchOp::Remove || null { None } else { value };
            self.sub(&mut members, sub, &name, value)?;
            return Ok(Some(members.into()));
        }
        if op == PatchOp::Remove || (null && op == PatchOp::Replace) {
            return Ok(None);
        }
        let Some(value) = value.filter(|_| !null) else { return Ok(before) };
        let value = self.checking().value(attribute, &name, value, true)?;
        let Json::Object(new) = value else { return Ok(Some(value)) };
        let Some(Json::Object(old)) = before else { return Ok(Some(new.into())) };
        let whole = op == PatchOp::Replace && self.rules.replace_whole;
        laid_over(attribute, &name, old, new, whole).map(|members| Some(members.into()))
    }

    fn checking(&mut self) -> Checking<'_> {
        Checking { rules: self.rules, tolerance: self.tolerance }
    }

    /// One sub-attribute set or taken away.
    fn sub(
        &mut self,
        members: &mut Resource,
        sub: &Attribute,
        name: &str,
        value: Option<&Json>,
    ) -> Result<(), ScimError> {
        let value = value.map(|value| self.checking().value(sub, name, value, false)).transpose()?;
        set_sub(members, sub, name, value)
    }

    /// Several values.
    fn several(
        &mut self,
        op: PatchOp,
        place: &Place<'_>,
        mut elements: Vec<Json>,
        value: Option<&Json>,
    ) -> Result<Vec<Json>, ScimError> {
        let attribute = place.found.attribute;
        let name = place.name();
        if place.which.is_some() || place.found.sub.is_some() {
            return self.chosen(op, place, elements, value);
        }
        let Some(value) = value else {
            return Ok(if op == PatchOp::Add { elements } else { Vec::new() });
        };
        let checked = match (op, value) {
            // A single value is taken as an array of one here by all that are known to write it so.
            (PatchOp::Add, Json::Object(_)) => json!([value]),
            (_, value) => value.clone(),
        };
        let Json::Array(new) = self.checking().value(attribute, &name, &checked, false)? else { return Ok(elements) };
        match op {
            PatchOp::Add => {
                let written = add(attribute, &mut elements, new);
                settle_primary(&mut elements, &written, &name)?;
                Ok(elements)
            }
            PatchOp::Replace => {
                let mut unique = Vec::new();
                add(attribute, &mut unique, new);
                Ok(with_servers_part(attribute, unique, &elements))
            }
            PatchOp::Remove if self.tolerance.meets(Quirk::RemovedValues) => {
                remove(attribute, &mut elements, &new);
                Ok(elements)
            }
            PatchOp::Remove => Err(ScimError::syntax(format!(
                "a removal has no value; choose with `{name}[value eq …]`, or leave the value out to remove all."
            ))),
        }
    }

    /// Some of several values, or one sub-attribute of them.
    fn chosen(
        &mut self,
        op: PatchOp,
        place: &Place<'_>,
        mut elements: Vec<Json>,
        value: Option<&Json>,
    ) -> Result<Vec<Json>, ScimError> {
        let attribute = place.found.attribute;
        let name = place.name();
        let meets = |element: &Json| place.which.as_ref().is_none_or(|which| which.accepts_element(element));
        let mut at: Vec<usize> = (0..elements.len()).filter(|at| meets(&elements[*at])).collect();
        if place.found.sub.is_none() && (op == PatchOp::Remove || value.is_none()) {
            if op != PatchOp::Add {
                let mut number = 0..;
                elements.retain(|_| number.next().is_none_or(|index| at.binary_search(&index).is_err()));
            }
            return Ok(elements);
        }
        if at.is_empty() {
            if op == PatchOp::Remove || value.is_none() {
                return Ok(elements);
            }
            let made = match &place.which {
                Some(which) => implied(attribute, which),
                None => Some(Resource::new()),
            };
            let may = op == PatchOp::Add || self.tolerance.meets(Quirk::MadeElements);
            let Some(made) = made.filter(|_| may) else {
                return Err(ScimError::new(
                    ScimType::NoTarget,
                    format!("no value of `{name}` is what the path asks for."),
                ));
            };
            at.push(elements.len());
            elements.push(made.into());
        }
        for at in &at {
            let element = std::mem::take(&mut elements[*at]);
            let element = self.element(op, place, &name, element, value)?;
            elements[*at] = without_nulls(element).unwrap_or_else(|| Json::Object(Resource::new()));
        }
        settle_primary(&mut elements, &at, &name)?;
        // An element of which nothing is left is none.
        elements.retain(|element| element.as_object().is_none_or(|members| !members.is_empty()));
        Ok(elements)
    }

    /// One element that the path chose.
    fn element(
        &mut self,
        op: PatchOp,
        place: &Place<'_>,
        name: &str,
        element: Json,
        value: Option<&Json>,
    ) -> Result<Json, ScimError> {
        let attribute = place.found.attribute;
        if attribute.kind != Kind::Complex {
            let value = value.unwrap_or(&Json::Null);
            return self.checking().one(attribute, name, value, false);
        }
        let Json::Object(mut members) = element else { return Ok(element) };
        if let Some(sub) = place.found.sub {
            let value = if op == PatchOp::Remove { None } else { value };
            self.sub(&mut members, sub, name, value)?;
            return Ok(members.into());
        }
        let value = match value {
            // One element may come as an array of one.
            Some(Json::Array(items)) if items.len() == 1 && self.tolerance.meets(Quirk::ArrayForOne) => &items[0],
            Some(value) => value,
            None => &Json::Null,
        };
        let Json::Object(new) = self.checking().one(attribute, name, value, op == PatchOp::Add)? else {
            return Ok(members.into());
        };
        // A replacement replaces the record (section 3.5.2.3); an addition is laid over it.
        laid_over(attribute, name, members, new, op == PatchOp::Replace).map(Json::Object)
    }
}

/// Elements that stay keep what the server alone writes of them.
fn with_servers_part(attribute: &Attribute, new: Vec<Json>, old: &[Json]) -> Vec<Json> {
    let servers: Vec<&Attribute> = attribute.sub.iter().filter(|sub| sub.mutability == Mutability::ReadOnly).collect();
    if servers.is_empty() {
        return new;
    }
    let by_value: std::collections::HashMap<&str, &Json> =
        old.iter().filter_map(|element| Some((element.get("value")?.as_str()?, element))).collect();
    let keep = |mut element: Json| {
        let same = element.get("value").and_then(Json::as_str).and_then(|value| by_value.get(value));
        if let (Some(same), Json::Object(members)) = (same, &mut element) {
            for sub in &servers {
                members.extend(same.get(&*sub.name).map(|value| (sub.name.to_string(), value.clone())));
            }
        }
        element
    };
    new.into_iter().map(keep).collect()
}

/// A complex value over the one that is there.
fn laid_over(
    attribute: &Attribute,
    name: &str,
    mut old: Resource,
    new: Resource,
    whole: bool,
) -> Result<Resource, ScimError> {
    let other = new.get("value").is_some_and(|value| old.get("value") != Some(value));
    let given = |sub: &Attribute| new.contains_key(&*sub.name);
    let goes = |sub: &&Attribute| {
        let servers = sub.mutability == Mutability::ReadOnly;
        !given(sub) && ((whole && !servers) || (other && (servers || &*sub.name == "$ref")))
    };
    let gone: Vec<&str> = attribute.sub.iter().filter(goes).map(|sub| &*sub.name).collect();
    old.retain(|name, _| !gone.iter().any(|gone| gone.eq_ignore_ascii_case(name)));
    for (sub_name, value) in new {
        if let Some(sub) = attribute.part(&sub_name) {
            set_sub(&mut old, sub, &format!("{name}.{sub_name}"), Some(value))?;
        }
    }
    Ok(old)
}

fn immutable(name: &str) -> ScimError {
    ScimError::new(ScimType::Mutability, format!("`{name}` cannot be changed once it is set."))
}

fn set_sub(members: &mut Resource, sub: &Attribute, name: &str, value: Option<Json>) -> Result<(), ScimError> {
    let spelled = spelled(members, &sub.name);
    let value = value.and_then(without_nulls);
    let was = members.get(&spelled).filter(|was| !was.is_null());
    let differs = was != value.as_ref();
    match sub.mutability {
        Mutability::ReadOnly if differs => {
            return Err(ScimError::new(ScimType::Mutability, format!("`{name}` is the server's alone.")));
        }
        Mutability::Immutable if differs && was.is_some() => return Err(immutable(name)),
        _ => {}
    }
    if sub.required && was.is_some() && value.as_ref().is_none_or(is_blank) {
        return Err(ScimError::new(ScimType::Mutability, format!("`{name}` is required and cannot be taken away.")));
    }
    match value {
        Some(value) => drop(members.insert(spelled, value)),
        None => drop(members.remove(&spelled)),
    }
    Ok(())
}
