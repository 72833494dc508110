//! What a write of a group brings, and pools made of it.

use super::data::{Expression, Filter, Membership, Pool};
use super::field::{FIELDS, field_named, operator_named};

/// The longest value of an expression, by metadata.
const VALUE: usize = 200;
/// The most pools, filters or expressions of a group: as many as a row can be numbered.
const MOST_PARTS: usize = 65_535;

/// One row of an upsert of DynamicGroup. What is `None` was not sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupEdit {
    /// `groupID`; none makes a group.
    pub id: Option<i64>,
    /// `groupName`
    pub name: Option<String>,
    /// `groupType`
    pub kind: Option<String>,
    /// `userType`
    pub user_type: Option<String>,
    /// `staticGroup`
    pub is_static: Option<bool>,
    /// `dgIncludePools`, all of them.
    pub include: Option<Vec<PoolEdit>>,
    /// `dgExcludePools`, all of them.
    pub exclude: Option<Vec<PoolEdit>>,
    /// Pools that were not sent are removed, not kept.
    pub unsent_pools_go: bool,
}

/// A pool that was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PoolEdit {
    /// `peoplePoolId`; kept when it is one of this group's.
    pub id: Option<String>,
    /// All of these must be met.
    pub filters: Vec<FilterEdit>,
}

/// A filter that was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilterEdit {
    /// `field/name`
    pub field: String,
    /// Any of these may be met.
    pub expressions: Vec<ExpressionEdit>,
}

/// An expression that was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExpressionEdit {
    /// `operator/token`
    pub operator: String,
    /// Each `fieldValue`; they are alternatives.
    pub values: Vec<String>,
}

impl FilterEdit {
    /// A field that must be one of some values, each an expression of its own.
    pub fn one_of(field: impl Into<String>, values: impl IntoIterator<Item = String>) -> Self {
        let expression = |value| ExpressionEdit { operator: "eq".to_owned(), values: vec![value] };
        Self { field: field.into(), expressions: values.into_iter().map(expression).collect() }
    }
}

/// Why a group was not changed. Nothing was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupRefused {
    /// No group has that id.
    #[error("[COE0028]Record for entity DynamicGroup with specific key does not exist. Please check the key value.")]
    Unknown,
    /// No role, or no rule, has that id.
    #[error("[COE0028]Record for entity {} with specific key does not exist. Please check the key value.", .0.table().name)]
    NoRow(crate::schema::Set),
    /// Members of a dynamic group follow from its pools.
    #[error("[COE0018]Group {0} is not a static group.")]
    NotStatic(i64),
    /// A static group has no pools.
    #[error("[COE0018]Group {0} is a static group and has no people pools.")]
    Static(i64),
    /// Groups in dollars belong to the system.
    #[error("[COE0018]Group {0} is a system group and cannot be changed.")]
    System(i64),
    /// Required on creation.
    #[error("Please add required properties in payload. Required properties {} are missing.", .0.join(", "))]
    Required(Vec<&'static str>),
    /// A name is taken within the type.
    #[error("[COE0019]Invalid property value. Property name:groupName. A group with this name exists already.")]
    Taken,
    /// A value that the property does not take.
    #[error("[COE0019]Invalid property value. Property name:{name}. Property value:{value}.")]
    Value {
        /// Property.
        name: &'static str,
        /// What was sent, cut short.
        value: String,
    },
    /// Users that do not exist.
    #[error("[COE0018]Invalid userIds: {0}.")]
    Users(String),
    /// More than a group holds.
    #[error("[COE0018]The group has too many people pools, filters or expressions.")]
    TooMany,
}

impl GroupRefused {
    /// Status of an answer, or `httpCode` of a row.
    pub fn http_code(&self) -> u16 {
        match self {
            Self::Unknown | Self::NoRow(_) => 404,
            _ => 400,
        }
    }
}

pub(super) fn membership(
    id: i64,
    edit: &GroupEdit,
    include: &[Pool],
    exclude: &[Pool],
) -> Result<Membership, GroupRefused> {
    let mut taken: Vec<String> = Vec::new();
    let starts = format!("{id}_");
    // Ids that the group's pools have stay; others are numbered on.
    let kept = |edits: &Option<Vec<PoolEdit>>, old: &[Pool]| -> Vec<String> {
        match edits {
            Some(edits) => edits.iter().filter_map(|one| one.id.clone()).filter(|id| is_pool_id(id, &starts)).collect(),
            None => old.iter().map(|pool| pool.id.clone()).collect(),
        }
    };
    let claimed: Vec<String> = [kept(&edit.include, include), kept(&edit.exclude, exclude)].concat();
    let mut made = |edits: &Option<Vec<PoolEdit>>, old: &[Pool]| -> Result<Vec<Pool>, GroupRefused> {
        let Some(edits) = edits else {
            taken.extend(old.iter().map(|pool| pool.id.clone()));
            return Ok(old.to_vec());
        };
        let mut pools = Vec::new();
        for one in edits {
            let own = one.id.as_ref().filter(|id| is_pool_id(id, &starts) && !taken.contains(id)).cloned();
            let pool_id = own.unwrap_or_else(|| {
                let free = |n: &usize| {
                    let id = format!("{starts}{n}");
                    !taken.contains(&id) && !claimed.contains(&id)
                };
                format!("{starts}{}", (1..=MOST_PARTS).find(free).unwrap_or(MOST_PARTS))
            });
            taken.push(pool_id.clone());
            pools.push(pool(pool_id, &one.filters)?);
        }
        Ok(pools)
    };
    let include = made(&edit.include, include)?;
    let exclude = made(&edit.exclude, exclude)?;
    let membership = Membership::Pools { include, exclude };
    let count = |membership: &Membership| match membership {
        Membership::Pools { include, exclude } => {
            let filters = include.iter().chain(exclude).flat_map(|pool| &pool.filters);
            filters.map(|filter| filter.expressions.iter().map(|one| one.values.len()).sum::<usize>() + 1).sum()
        }
        Membership::Everyone | Membership::Listed(_) => 0,
    };
    if count(&membership) > MOST_PARTS { Err(GroupRefused::TooMany) } else { Ok(membership) }
}

fn is_pool_id(id: &str, starts: &str) -> bool {
    id.strip_prefix(starts)
        .is_some_and(|n| !n.is_empty() && n.len() <= 6 && n.bytes().all(|digit| digit.is_ascii_digit()))
}

/// A pool of checked filters; the ids of its parts follow from its own.
pub(super) fn pool(id: String, filters: &[FilterEdit]) -> Result<Pool, GroupRefused> {
    let mut made = Vec::new();
    for (FilterEdit { field, expressions }, n) in filters.iter().zip(1..) {
        let place = field_named(field).ok_or_else(|| bad("name", field))?;
        let allowed = FIELDS.get(usize::from(place)).map_or(&[][..], |field| field.kind.operators());
        let filter_id = format!("{id}_{n}");
        let mut checked = Vec::new();
        for (ExpressionEdit { operator: token, values }, n) in expressions.iter().zip(1..) {
            let operator =
                operator_named(token).filter(|at| allowed.contains(at)).ok_or_else(|| bad("token", token))?;
            if let Some(value) = values.iter().find(|value| value.is_empty() || value.chars().count() > VALUE) {
                return Err(bad("fieldValue", value));
            }
            if values.is_empty() {
                return Err(GroupRefused::Required(vec!["fieldValue"]));
            }
            checked.push(Expression { id: format!("{filter_id}_{n}"), operator, values: values.clone() });
        }
        made.push(Filter { id: filter_id, field: place, expressions: checked });
    }
    Ok(Pool::new(id, made))
}

pub(super) fn bad(name: &'static str, value: &str) -> GroupRefused {
    GroupRefused::Value { name, value: value.chars().take(40).collect() }
}
