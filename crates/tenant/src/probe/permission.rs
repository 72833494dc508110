//! The permissions behind entity sets, in the words of Manage Permission Roles.

/// The permission without which the tenant shows nothing of a set.
pub(crate) fn permission_of(set: &str) -> &'static str {
    match set {
        "User" => "\"User Account OData API entity\" and \"Employee Export\" (Manage Integration Tools, Manage User)",
        _ if set.starts_with("Per") || set.starts_with("Emp") => {
            "\"Employee Central HRIS OData API (read-only)\" (Employee Central API)"
        }
        _ if set.starts_with("FO") || set == "Position" => {
            "\"Employee Central Foundation OData API (read-only)\" (Employee Central API)"
        }
        _ if set.starts_with("Picklist") || set.starts_with("PickList") => {
            "\"Picklist Management and Picklists Mappings Set Up\" (Manage System Properties)"
        }
        _ => "the permission of that object (Manage Permission Roles, Miscellaneous Permissions)",
    }
}
