//! The function imports: names, methods, parameters and results, as SAP's metadata declares them, less `upsert`.
//!
//! The service "PLT - Role Based Permissions" declares those of groups and roles, "PLT - User Management" those of user
//! names and passwords, "EC - Personal Information" `generateNextPersonID`. `isValidSession` and `logout` are in the
//! metadata of real tenants.

use super::{Edm, Set};

/// A function import.
#[derive(Clone, Copy, Debug)]
pub struct FunctionImport {
    /// Name, as in metadata and URLs.
    pub name: &'static str,
    /// `m:HttpMethod`
    pub method: &'static str,
    /// Parameters by name and type, in the order of the declaration.
    pub parameters: &'static [(&'static str, Edm)],
    /// What it answers with.
    pub returns: Returns,
}

/// What a function import answers with.
#[derive(Clone, Copy, Debug)]
pub enum Returns {
    /// One value.
    Value(Edm),
    /// One entity of a set.
    Entity(Set),
    /// Entities of a set.
    Entities(Set),
    /// One complex value.
    Complex(&'static ComplexType),
    /// Complex values.
    Complexes(&'static ComplexType),
}

/// A complex type of `SFOData`.
#[derive(Debug)]
pub struct ComplexType {
    /// Name.
    pub name: &'static str,
    /// Members by name and type, all of them nullable.
    pub members: &'static [(&'static str, Edm)],
}

/// A group as `getDynamicGroupsByUser` gives it.
pub static DYNAMIC_GROUP_BEAN: ComplexType =
    ComplexType { name: "DynamicGroupBean", members: &[("groupId", Edm::Int64), ("groupName", Edm::String)] };

/// A member as `getUsersByDynamicGroup` gives it.
pub static DYNAMIC_GROUP_USER_BEAN: ComplexType = ComplexType {
    name: "DynamicGroupUserBean",
    members: &[
        ("firstName", Edm::String),
        ("lastName", Edm::String),
        ("middleName", Edm::String),
        ("personGUID", Edm::String),
        ("userId", Edm::String),
        ("userName", Edm::String),
    ],
};

/// What `generateNextPersonID` gives.
pub static NEXT_PERSON_ID: ComplexType =
    ComplexType { name: "GenerateNextPersonIDResponse", members: &[("personID", Edm::String)] };

const TEXT: Edm = Edm::String;

/// All of them.
pub static FUNCTIONS: &[FunctionImport] = &[
    FunctionImport {
        name: "checkUserPermission",
        method: "GET",
        parameters: &[
            ("accessUserId", TEXT),
            ("permType", TEXT),
            ("permStringValue", TEXT),
            ("permLongValue", Edm::Int64),
            ("targetUserId", TEXT),
            ("includeInactiveUser", Edm::Boolean),
            ("includeTBHUser", Edm::Boolean),
        ],
        returns: Returns::Value(Edm::Boolean),
    },
    FunctionImport { name: "checkUserPermissions", method: "POST", parameters: &[], returns: Returns::Value(TEXT) },
    FunctionImport {
        name: "generateNextPersonID",
        method: "POST",
        parameters: &[],
        returns: Returns::Complex(&NEXT_PERSON_ID),
    },
    FunctionImport {
        name: "getDynamicGroupsByUser",
        method: "GET",
        parameters: &[("userId", TEXT), ("groupSubType", TEXT)],
        returns: Returns::Complexes(&DYNAMIC_GROUP_BEAN),
    },
    FunctionImport {
        name: "getExpandedDynamicGroupById",
        method: "GET",
        parameters: &[("groupId", Edm::Int64)],
        returns: Returns::Entity(Set::DynamicGroup),
    },
    FunctionImport {
        name: "getExpandedDynamicGroupByName",
        method: "GET",
        parameters: &[("groupName", TEXT)],
        returns: Returns::Entity(Set::DynamicGroup),
    },
    FunctionImport {
        name: "getExpandedDynamicGroupByNameAndSubType",
        method: "GET",
        parameters: &[("groupName", TEXT), ("groupType", TEXT)],
        returns: Returns::Entity(Set::DynamicGroup),
    },
    FunctionImport {
        name: "getPasswordPolicy",
        method: "GET",
        parameters: &[("locale", TEXT)],
        returns: Returns::Value(TEXT),
    },
    FunctionImport {
        name: "getPermissionMetadata",
        method: "GET",
        parameters: &[("locale", TEXT)],
        returns: Returns::Value(TEXT),
    },
    FunctionImport {
        name: "getRolesPermissions",
        method: "GET",
        parameters: &[("roleIds", TEXT), ("locale", TEXT)],
        returns: Returns::Value(TEXT),
    },
    FunctionImport {
        name: "getUserNameFormat",
        method: "GET",
        parameters: &[("locale", TEXT)],
        returns: Returns::Value(TEXT),
    },
    FunctionImport {
        name: "getUserRolesByUserId",
        method: "GET",
        parameters: &[("userId", TEXT)],
        returns: Returns::Entities(Set::RBPRole),
    },
    FunctionImport {
        name: "getUserRolesReport",
        method: "GET",
        parameters: &[("userIds", TEXT)],
        returns: Returns::Value(TEXT),
    },
    FunctionImport {
        name: "getUsersByDynamicGroup",
        method: "GET",
        parameters: &[("groupId", Edm::Int64), ("activeOnly", Edm::Boolean)],
        returns: Returns::Complexes(&DYNAMIC_GROUP_USER_BEAN),
    },
    FunctionImport {
        name: "getUsersPermissions",
        method: "GET",
        parameters: &[("userIds", TEXT), ("locale", TEXT)],
        returns: Returns::Value(TEXT),
    },
    FunctionImport { name: "isValidSession", method: "GET", parameters: &[], returns: Returns::Value(Edm::Boolean) },
    FunctionImport { name: "logout", method: "GET", parameters: &[], returns: Returns::Value(Edm::Boolean) },
    FunctionImport {
        name: "updateStaticGroup",
        method: "GET",
        parameters: &[("groupId", Edm::Int64), ("action", TEXT), ("userIds", TEXT)],
        returns: Returns::Value(Edm::Int32),
    },
];

impl FunctionImport {
    /// The function import of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The function imports of SAP's metadata that change something with GET are the reason to be careful: there is one.
    #[test]
    fn names_are_unique_and_in_order() {
        assert!(FUNCTIONS.is_sorted_by(|one, other| one.name < other.name));
        assert_eq!(FunctionImport::named("updateStaticGroup").map(|one| one.method), Some("GET"));
        assert!(FunctionImport::named("upsert").is_none());
    }
}
