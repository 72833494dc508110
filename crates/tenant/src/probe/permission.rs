//! The permissions behind entity sets, in the words of Manage Permission Roles.

/// What is said of a set whose permission has no name that we know.
pub(super) const OF_THAT_OBJECT: &str =
    "the permission of that object (Manage Permission Roles, Miscellaneous Permissions)";

/// The permission without which the tenant shows nothing of a set.
pub(crate) fn permission_of(set: &str) -> &'static str {
    match set {
        "User" => "\"User Account OData API entity\" and \"Employee Export\" (Manage Integration Tools)",
        _ if set.starts_with("Per") || set.starts_with("Emp") => {
            "\"Employee Central HRIS OData API (read-only)\" (Employee Central API)"
        }
        _ if set.starts_with("FO") || set == "Position" => {
            "\"Employee Central Foundation OData API (read-only)\" (Employee Central API)"
        }
        _ if set.starts_with("Picklist") || set.starts_with("PickList") => {
            "\"Picklist Management and Picklists Mappings Set Up\" (Manage System Properties)"
        }
        _ => OF_THAT_OBJECT,
    }
}

/// Where the fields of a set are granted one by one.
pub(super) fn fields_of(set: &str) -> &'static str {
    match set {
        "PerPerson" => "Employee Data, Biographical Information",
        "PerPersonal" => "Employee Central Effective Dated Entities, Personal Information",
        "PerEmail" => "Employee Data, Email Information",
        "PerPhone" => "Employee Data, Phone Information",
        "EmpEmployment" | "PersonEmpTerminationInfo" => "Employee Data, Employment Details",
        "EmpJob" => "Employee Central Effective Dated Entities, Job Information",
        "User" => "Employee Data, HR Information",
        _ if set.starts_with("FO") => "Manage Foundation Objects Types",
        _ => "the fields of that object",
    }
}
