//! Cells of groups, roles and what belongs to them.

use super::data::{Access, Group, Pool};
use super::field::{FIELDS, OPERATORS};
use super::permission::PERMISSIONS;
use crate::schema::Set;
use crate::schema::groups::{
    dg_expression, dg_field, dg_field_operator, dg_field_value, dg_filter, dg_people_pool, dynamic_group,
    dynamic_group_definition, rbp_basic_permission, rbp_role, rbp_rule,
};
use crate::world::{Cell, RowId, Stamp, World};

impl World {
    /// What a row of one of the groups' sets holds.
    pub(in crate::world) fn group_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        match row.set {
            Set::DynamicGroup => self.dynamic_group_cell(row, property),
            Set::DGPeoplePool => match dg_people_pool::P::ALL.get(property)? {
                dg_people_pool::P::peoplePoolId => Some(Cell::Str(&self.pool(row)?.id)),
            },
            Set::DGFilter => match dg_filter::P::ALL.get(property)? {
                dg_filter::P::filterId => Some(Cell::Str(&self.group(row)?.filter(row.child, row.slice)?.id)),
            },
            Set::DGExpression => match dg_expression::P::ALL.get(property)? {
                dg_expression::P::expressionID => {
                    Some(Cell::Str(&self.group(row)?.expressions().nth(usize::from(row.child))?.id))
                }
            },
            Set::DGFieldValue => match dg_field_value::P::ALL.get(property)? {
                dg_field_value::P::fieldValue => {
                    let expression = self.group(row)?.expressions().nth(usize::from(row.child))?;
                    expression.values.get(usize::from(row.slice)).map(|value| Cell::Str(value))
                }
            },
            Set::DGField => {
                let field = FIELDS.get(row.top as usize)?;
                Some(match dg_field::P::ALL.get(property)? {
                    dg_field::P::name => Cell::Str(field.name),
                    dg_field::P::label => Cell::Str(field.label),
                    dg_field::P::dataType => Cell::Str(field.kind.name()),
                    dg_field::P::picklistId => return None,
                })
            }
            Set::DGFieldOperator => {
                let (token, label) = OPERATORS.get(row.top as usize)?;
                Some(Cell::Str(match dg_field_operator::P::ALL.get(property)? {
                    dg_field_operator::P::token => token,
                    dg_field_operator::P::label => label,
                }))
            }
            Set::DynamicGroupDefinition => self.definition_cell(row, property),
            Set::RBPRole => self.role_cell(row, property),
            Set::RBPRule => self.rule_cell(row, property),
            Set::RBPBasicPermission => {
                let permission = PERMISSIONS.get(row.top as usize)?;
                Some(match rbp_basic_permission::P::ALL.get(property)? {
                    rbp_basic_permission::P::permissionId => Cell::Int(permission.id),
                    rbp_basic_permission::P::permissionLongValue => Cell::Int(permission.long),
                    rbp_basic_permission::P::permissionStringValue => Cell::Str(permission.string),
                    rbp_basic_permission::P::permissionType => Cell::Str(permission.kind),
                })
            }
            _ => None,
        }
    }

    pub(super) fn group(&self, row: RowId) -> Option<&Group> {
        self.groups.all.get(row.top as usize)
    }

    pub(super) fn pool(&self, row: RowId) -> Option<&Pool> {
        self.group(row)?.pools().nth(usize::from(row.child))
    }

    fn dynamic_group_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use dynamic_group::P;
        let group = self.group(row)?;
        Some(match P::ALL.get(property)? {
            P::groupID => Cell::Int(group.id),
            P::groupName => Cell::Str(&group.name),
            P::groupType => Cell::Str(&group.kind),
            P::staticGroup => Cell::Bool(group.is_static()),
            P::createdBy => Cell::Str(&group.created_by),
            P::userType => Cell::Str(group.user_type.as_deref()?),
            P::lastModifiedDate => self.wall_clock(group.modified),
            P::activeMembershipCount => Cell::Int(i64::from(self.member_counts(row.top).0)),
            P::totalMemberCount => Cell::Int(i64::from(self.member_counts(row.top).1)),
        })
    }

    fn definition_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use dynamic_group_definition::P;
        let group = self.group(row)?;
        let (include, exclude) = match &group.membership {
            super::data::Membership::Pools { include, exclude } => (include.as_slice(), exclude.as_slice()),
            _ => (&[][..], &[][..]),
        };
        let word = match P::ALL.get(property)? {
            P::groupID => return Some(Cell::Int(group.id)),
            P::includedPeoplePool1 => include.first(),
            P::includedPeoplePool2 => include.get(1),
            P::includedPeoplePool3 => include.get(2),
            P::excludedPeoplePool1 => exclude.first(),
            P::excludedPeoplePool2 => exclude.get(1),
            P::excludedPeoplePool3 => exclude.get(2),
        };
        word.map(|pool| Cell::Str(&pool.words))
    }

    fn role_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use rbp_role::P;
        let role = self.groups.roles.get(row.top as usize)?;
        Some(match P::ALL.get(property)? {
            P::roleId => Cell::Int(role.id),
            P::roleName => Cell::Str(&role.name),
            P::roleDesc => Cell::Str(role.description.as_deref()?),
            P::userType => Cell::Str(role.user_type.as_deref()?),
            P::lastModifiedBy => Cell::Str(&role.modified_by),
            P::lastModifiedDate => self.wall_clock(role.modified),
        })
    }

    fn rule_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use rbp_rule::P;
        let rule = self.groups.rules.get(row.top as usize)?;
        Some(match P::ALL.get(property)? {
            P::ruleId => Cell::Int(rule.id),
            P::accessUserType => Cell::Str(match rule.access {
                Access::Groups => "group",
                Access::Everyone => "everyone",
                Access::Managers => "relation",
            }),
            P::relationRole => match rule.access {
                Access::Managers => Cell::Str("manager"),
                Access::Groups | Access::Everyone => return None,
            },
            P::targetUserType => Cell::Str(if rule.target_groups.is_empty() { "everyone" } else { "group" }),
            P::includeSelf => Cell::Bool(rule.include_self),
            P::excludeSelf => Cell::Bool(rule.exclude_self),
            P::status => Cell::Int(i64::from(rule.active)),
            P::accessGroupLevel | P::targetGroupLevel => Cell::Int(0),
            P::myFilter => return None,
        })
    }

    fn wall_clock(&self, stamp: Stamp) -> Cell<'_> {
        if stamp == Stamp::NEVER { Cell::Null } else { Cell::LocalStamp(self.clock.wall_clock(stamp)) }
    }
}
