//! The permission catalogue: what a role can allow. The words are ours; their form is that of `RBPBasicPermission`.

/// One permission.
pub(super) struct Permission {
    pub id: i64,
    pub kind: &'static str,
    pub string: &'static str,
    pub long: i64,
    pub label: &'static str,
}

const fn permission(id: i64, kind: &'static str, string: &'static str, label: &'static str) -> Permission {
    Permission { id, kind, string, long: -1, label }
}

/// All permissions.
pub(super) static PERMISSIONS: &[Permission] = &[
    permission(1, "login", "user_login", "User Login"),
    permission(2, "user_search", "company_info_access", "Company Info Access"),
    permission(3, "manage_integration_tools", "odata_api_access", "Access to OData API"),
    permission(4, "manage_integration_tools", "odata_api_audit_log", "OData API Audit Log"),
    permission(5, "manage_integration_tools", "oauth_clients", "Manage OAuth2 Client Applications"),
    permission(6, "manage_user", "user_account_odata_entity", "User Account OData API entity"),
    permission(7, "manage_user", "employee_export", "Employee Export"),
    permission(8, "manage_user", "employee_import", "Employee Import"),
    permission(9, "manage_user", "rbp_access", "Manage Role-Based Permission Access"),
    permission(
        10,
        "employee_central_api",
        "foundation_odata_readonly",
        "Employee Central Foundation OData API (read-only)",
    ),
    permission(11, "employee_central_api", "hris_odata_readonly", "Employee Central HRIS OData API (read-only)"),
    permission(12, "employee_central_api", "hris_odata_editable", "Employee Central HRIS OData API (editable)"),
    permission(13, "employee_data", "job_information_view", "View Job Information"),
    permission(14, "employee_data", "job_information_edit", "Edit Job Information"),
    permission(15, "employee_data", "personal_information_view", "View Personal Information"),
    permission(16, "employee_data", "compensation_view", "View Compensation Information"),
    permission(17, "employee_data", "national_id_view", "View National ID"),
    permission(18, "ec_workflow", "manage_workflow_requests", "Manage Workflow Requests"),
    permission(19, "reports", "run_report", "Run Report"),
    permission(20, "reports", "create_report", "Create Report"),
];

/// Place of the permission of that type and value.
pub(super) fn permission_named(kind: &str, string: &str) -> Option<u16> {
    PERMISSIONS.iter().position(|one| one.kind == kind && one.string == string).map(|at| at as u16)
}

/// Places of the permissions with these ids.
pub(super) fn permissions(ids: &[i64]) -> Vec<u16> {
    ids.iter().filter_map(|id| PERMISSIONS.iter().position(|one| one.id == *id)).map(|at| at as u16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_unique() {
        for (at, one) in PERMISSIONS.iter().enumerate() {
            assert_eq!(permission_named(one.kind, one.string), Some(at as u16));
            assert_eq!(permissions(&[one.id]), [at as u16]);
        }
    }
}
