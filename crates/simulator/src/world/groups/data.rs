//! How groups, roles and rules are stored.

use serde::{Deserialize, Serialize};

use std::sync::{Arc, OnceLock};

use super::index::Index;
use crate::world::Stamp;

/// All groups, roles and rules. None is ever taken out of its list, so a place names one for ever.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(in crate::world) struct Groups {
    /// In the order of their ids.
    pub(super) all: Vec<Group>,
    /// In the order of their ids.
    pub(super) roles: Vec<Role>,
    /// In the order of their ids.
    pub(super) rules: Vec<Rule>,
    /// Who is in which group, once somebody asked; none while the company may be changing.
    #[serde(skip)]
    pub(super) index: Option<Arc<OnceLock<Index>>>,
}

/// A group.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Group {
    pub id: i64,
    pub name: String,
    /// `permission`, `ectworkflow` and others.
    pub kind: String,
    pub user_type: Option<String>,
    pub created_by: String,
    pub modified: Stamp,
    pub membership: Membership,
}

/// Who is in a group.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Membership {
    /// Whoever there is.
    Everyone,
    /// These users, by place, in order.
    Listed(Vec<u32>),
    /// Who meets a pool of the first and none of the second.
    Pools { include: Vec<Pool>, exclude: Vec<Pool> },
}

/// People who meet all filters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pool {
    /// `<groupID>_<n>`
    pub id: String,
    pub filters: Vec<Filter>,
    /// The filters in words, made when they were written.
    pub words: String,
}

/// People whose field meets one of the expressions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Filter {
    /// `<peoplePoolId>_<n>`
    pub id: String,
    /// Place in [`super::field::FIELDS`].
    #[serde(with = "super::saved::field")]
    pub field: u16,
    pub expressions: Vec<Expression>,
}

/// An operator and its values, which are alternatives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Expression {
    /// `<filterId>_<n>`
    pub id: String,
    /// Place in [`super::field::OPERATORS`].
    #[serde(with = "super::saved::operator")]
    pub operator: u16,
    pub values: Vec<String>,
}

/// A role.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Role {
    pub id: i64,
    pub name: String,
    pub description: Option<String>,
    pub user_type: Option<String>,
    pub modified: Stamp,
    pub modified_by: String,
    /// Places in [`super::permission::PERMISSIONS`].
    #[serde(with = "super::saved::permissions")]
    pub permissions: Vec<u16>,
    pub gone: bool,
}

/// Who has a role, and over whom.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Rule {
    pub id: i64,
    /// Place of the role.
    pub role: u32,
    pub access: Access,
    /// Places of the groups of those who have the role.
    pub access_groups: Vec<u32>,
    /// Places of the groups of those over whom; none: over everybody.
    pub target_groups: Vec<u32>,
    pub include_self: bool,
    pub exclude_self: bool,
    pub active: bool,
    pub gone: bool,
}

/// To whom a rule gives its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Access {
    /// The members of its access groups.
    Groups,
    /// Every active user.
    Everyone,
    /// Whoever somebody reports to, over those who report.
    Managers,
}

impl Group {
    pub(super) fn is_static(&self) -> bool {
        matches!(self.membership, Membership::Listed(_))
    }

    /// Names in dollars belong to the system.
    pub(super) fn is_of_the_system(&self) -> bool {
        self.name.starts_with("$$") && self.name.ends_with("$$")
    }

    /// Include pools, then exclude pools.
    pub(super) fn pools(&self) -> impl Iterator<Item = &Pool> {
        let (include, exclude) = match &self.membership {
            Membership::Pools { include, exclude } => (include.as_slice(), exclude.as_slice()),
            Membership::Everyone | Membership::Listed(_) => (&[][..], &[][..]),
        };
        include.iter().chain(exclude)
    }

    pub(super) fn filter(&self, pool: u16, filter: u16) -> Option<&Filter> {
        self.pools().nth(usize::from(pool))?.filters.get(usize::from(filter))
    }

    /// Every expression in the order of pools and filters: an expression's place here names it in a row.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.pools().flat_map(|pool| &pool.filters).flat_map(|filter| &filter.expressions)
    }
}

impl Pool {
    /// A pool, with what it says in words.
    pub(super) fn new(id: String, filters: Vec<Filter>) -> Self {
        let words: Vec<String> = filters.iter().map(Filter::words).collect();
        Self { id, filters, words: words.join(" and ") }
    }
}

impl Filter {
    pub(super) fn words(&self) -> String {
        let label = super::field::FIELDS.get(usize::from(self.field)).map_or("", |field| field.label);
        let expressions = self.expressions.iter().map(|one| {
            let operator = super::field::OPERATORS.get(usize::from(one.operator)).map_or("", |operator| operator.1);
            format!("{label} {operator} {}", one.values.join(", "))
        });
        expressions.collect::<Vec<_>>().join(" or ")
    }
}
