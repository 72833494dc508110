//! A condition as the house's own filter, and a resource as the house's own value.

use std::sync::Arc;

use jiff::tz::Offset;
use joinery_model::{Case, Filter as Model, Op, Path, Value};
use serde_json::{Number, Value as Json};

use super::{Condition, Literal, Spot};
use crate::moment::instant;
use crate::place::{Resource, member};
use crate::schema::{Attribute, Kind};
use crate::{AttrPath, ScimError, Shape};

/// Which names a place is asked for in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// The path begins at the resource.
    Resource,
    /// The path begins at an element of the attribute that is named: `emails.type` is the element's `type`.
    Element,
}

impl Condition {
    /// The same as a [`joinery_model::Filter`] over other names: `place` gives for each attribute where it stands there.
    ///
    /// # Errors
    /// `invalidFilter` that names the attribute that `place` does not know.
    pub fn compile(&self, place: &impl Fn(&AttrPath, Within) -> Option<Path>) -> Result<Model, ScimError> {
        self.compiled(None, place)
    }

    /// The same over the resource's own names, as [`typed`] has them.
    pub fn compile_plain(&self) -> Model {
        let plain = |path: &AttrPath, within: Within| {
            let whole = [path.urn.as_deref(), Some(&*path.name), path.sub.as_deref()];
            let names = if within == Within::Element { &whole[2..] } else { &whole[..] };
            Some(Path::of(&names.iter().flatten().copied().collect::<Vec<_>>()))
        };
        self.compile(&plain).unwrap_or(Model::None)
    }

    fn compiled(
        &self,
        of: Option<&AttrPath>,
        place: &impl Fn(&AttrPath, Within) -> Option<Path>,
    ) -> Result<Model, ScimError> {
        let at = |spot: &Spot| {
            let path = match of {
                Some(of) => AttrPath { sub: Some(spot.path.name.clone()), ..of.clone() },
                None => spot.path.clone(),
            };
            let found = place(&path, if of.is_some() { Within::Element } else { Within::Resource });
            found.ok_or_else(|| ScimError::filter(format!("The clause on `{path}`: it cannot be filtered by.")))
        };
        let all = |parts: &[Self]| parts.iter().map(|part| part.compiled(of, place)).collect::<Result<Vec<_>, _>>();
        Ok(match self {
            Self::All => Model::All,
            Self::Nothing => Model::None,
            Self::And(parts) => Model::And(all(parts)?),
            Self::Or(parts) => Model::Or(all(parts)?),
            Self::Not(inner) => Model::Not(Box::new(inner.compiled(of, place)?)),
            Self::Present(spot) => Model::Present(at(spot)?),
            Self::Compare(spot, op, literal) => compare(at(spot)?, *op, literal, spot),
            Self::Element(spot, inner) => {
                Model::Any { path: at(spot)?, filter: Box::new(inner.compiled(Some(&spot.path), place)?) }
            }
        })
    }
}

fn compare(path: Path, op: Op, literal: &Literal, spot: &Spot) -> Model {
    let case = if spot.exact { Case::Exact } else { Case::Fold };
    let value = match literal {
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Number(value) => number(value),
        Literal::Text(text) => Value::Text(text.clone()),
        Literal::Instant(value, _) => Value::Instant(*value),
    };
    Model::Compare { path, op, value, case }
}

fn number(number: &Number) -> Value {
    number.as_i64().map_or_else(|| Value::Decimal(number.to_string().into()), Value::Int)
}

/// A resource as the house's own value, by its schema: what [`Condition::compile_plain`] is judged over. What is null is
/// not there; date-times without a zone are read as UTC; names are the registry's, and an extension's attributes stand under
/// its URN.
pub fn typed(shape: &Shape, resource: &Resource) -> Value {
    let mut members = object(shape.top(), resource);
    for (schema, _) in &shape.extensions {
        let inside = member(resource, &schema.id).and_then(Json::as_object);
        let inside = inside.map(|inside| object(schema.attributes.iter(), inside)).unwrap_or_default();
        if !inside.is_empty() {
            members.push((schema.id.clone(), Value::Object(inside)));
        }
    }
    Value::Object(members)
}

fn object<'a>(attributes: impl Iterator<Item = &'a Attribute>, object: &Resource) -> Vec<(Arc<str>, Value)> {
    let value =
        |attribute: &Attribute| Some((attribute.name.clone(), value(attribute, member(object, &attribute.name)?)?));
    attributes.filter_map(value).collect()
}

fn value(attribute: &Attribute, json: &Json) -> Option<Value> {
    Some(match (json, attribute.kind) {
        (Json::Array(items), _) => Value::List(items.iter().filter_map(|item| value(attribute, item)).collect()),
        (Json::Object(inside), Kind::Complex) => Value::Object(object(attribute.sub.iter(), inside)),
        (Json::String(text), Kind::DateTime) => {
            instant(text, Offset::UTC).map_or_else(|| Value::text(text.as_str()), Value::Instant)
        }
        (Json::String(text), _) => Value::text(text.as_str()),
        (Json::Bool(flag), _) => Value::Bool(*flag),
        (Json::Number(value), _) => number(value),
        (Json::Object(_) | Json::Null, _) => return None,
    })
}
