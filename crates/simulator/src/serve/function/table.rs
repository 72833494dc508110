//! The table of function imports: `$metadata` declares them from it, requests find them in it.

use serde_json::Value as Json;

use super::{Call, groups, roles, users};
use crate::schema::{Edm, Set};
use crate::serve::Refusal;

/// A function import.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// `GET` or `POST`.
    pub(crate) method: &'static str,
    pub(crate) parameters: &'static [Parameter],
    pub(crate) returns: Returns,
    /// Answers a call: what stands in `d`.
    pub(crate) call: fn(&Call<'_, '_>) -> Result<Json, Refusal>,
}

/// A parameter of a function import.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) edm: Edm,
    pub(crate) required: bool,
}

impl Parameter {
    /// A parameter that must be given.
    pub(crate) const fn required(name: &'static str, edm: Edm) -> Self {
        Self { name, edm, required: true }
    }

    /// A parameter that may be left out.
    pub(crate) const fn optional(name: &'static str, edm: Edm) -> Self {
        Self { name, edm, required: false }
    }
}

/// What a function import gives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Returns {
    /// One value of a primitive type.
    Value(Edm),
    /// One entity.
    Entity(Set),
    /// Entities.
    Entities(Set),
    /// One complex value: type name and members.
    Complex(&'static str, &'static [(&'static str, Edm)]),
    /// Complex values.
    Complexes(&'static str, &'static [(&'static str, Edm)]),
}

const TEXT: Edm = Edm::String;

const fn get(
    name: &'static str,
    parameters: &'static [Parameter],
    returns: Returns,
    call: fn(&Call<'_, '_>) -> Result<Json, Refusal>,
) -> Function {
    Function { name, method: "GET", parameters, returns, call }
}

const fn post(name: &'static str, returns: Returns, call: fn(&Call<'_, '_>) -> Result<Json, Refusal>) -> Function {
    Function { name, method: "POST", parameters: &[], returns, call }
}

/// All of them, in the order of their declaration in `$metadata`: those of SAP's services "PLT - Role Based
/// Permissions", "PLT - User Management" and "EC - Personal Information", and `isValidSession`, `logout` and
/// `refreshMetadata`, which real tenants have.
pub(crate) static FUNCTIONS: &[Function] = &[
    get(
        "checkUserPermission",
        &[
            Parameter::required("accessUserId", TEXT),
            Parameter::required("permType", TEXT),
            Parameter::required("permStringValue", TEXT),
            Parameter::optional("permLongValue", Edm::Int64),
            Parameter::optional("targetUserId", TEXT),
            Parameter::optional("includeInactiveUser", Edm::Boolean),
            Parameter::optional("includeTBHUser", Edm::Boolean),
        ],
        Returns::Value(Edm::Boolean),
        roles::check,
    ),
    post("checkUserPermissions", Returns::Value(TEXT), roles::check_many),
    post(
        "generateNextPersonID",
        Returns::Complex("GenerateNextPersonIDResponse", &[("personID", TEXT)]),
        users::next_person_id,
    ),
    get(
        "getDynamicGroupsByUser",
        &[Parameter::required("userId", TEXT), Parameter::optional("groupSubType", TEXT)],
        Returns::Complexes("DynamicGroupBean", &[("groupId", Edm::Int64), ("groupName", TEXT)]),
        groups::of_user,
    ),
    get(
        "getExpandedDynamicGroupById",
        &[Parameter::required("groupId", Edm::Int64)],
        Returns::Entity(Set::DynamicGroup),
        groups::expanded,
    ),
    get(
        "getExpandedDynamicGroupByName",
        &[Parameter::required("groupName", TEXT)],
        Returns::Entity(Set::DynamicGroup),
        groups::expanded,
    ),
    get(
        "getExpandedDynamicGroupByNameAndSubType",
        &[Parameter::required("groupName", TEXT), Parameter::required("groupType", TEXT)],
        Returns::Entity(Set::DynamicGroup),
        groups::expanded,
    ),
    get("getPasswordPolicy", &[Parameter::optional("locale", TEXT)], Returns::Value(TEXT), users::password_policy),
    get("getPermissionMetadata", &[Parameter::optional("locale", TEXT)], Returns::Value(TEXT), roles::catalogue),
    get(
        "getRolesPermissions",
        &[Parameter::required("roleIds", TEXT), Parameter::optional("locale", TEXT)],
        Returns::Value(TEXT),
        roles::of_roles,
    ),
    get("getUserNameFormat", &[Parameter::optional("locale", TEXT)], Returns::Value(TEXT), users::name_format),
    get(
        "getUserRolesByUserId",
        &[Parameter::required("userId", TEXT)],
        Returns::Entities(Set::RBPRole),
        roles::of_user,
    ),
    get("getUserRolesReport", &[Parameter::required("userIds", TEXT)], Returns::Value(TEXT), roles::report),
    get(
        "getUsersByDynamicGroup",
        &[Parameter::required("groupId", Edm::Int64), Parameter::optional("activeOnly", Edm::Boolean)],
        Returns::Complexes(
            "DynamicGroupUserBean",
            &[
                ("firstName", TEXT),
                ("lastName", TEXT),
                ("middleName", TEXT),
                ("personGUID", TEXT),
                ("userId", TEXT),
                ("userName", TEXT),
            ],
        ),
        groups::members,
    ),
    get(
        "getUsersPermissions",
        &[Parameter::required("userIds", TEXT), Parameter::optional("locale", TEXT)],
        Returns::Value(TEXT),
        roles::of_users,
    ),
    get("isValidSession", &[], Returns::Value(Edm::Boolean), users::valid_session),
    get("logout", &[], Returns::Value(Edm::Boolean), users::log_out),
    // What a tenant answers was not found.
    get("refreshMetadata", &[], Returns::Value(TEXT), users::refresh_metadata),
    get(
        "updateStaticGroup",
        &[
            Parameter::required("groupId", Edm::Int64),
            Parameter::required("action", TEXT),
            Parameter::required("userIds", TEXT),
        ],
        Returns::Value(Edm::Int32),
        groups::update_static,
    ),
];
