//! What will not last, or will be noticed by people.

use joinery_model::{Finding, FindingKind};

use super::Users;

/// What the HRIS sync of a tenant with Employee Central writes into User: whatever was written over it is gone with the
/// next change of the person.
pub(crate) const SYNCED: [&str; 28] = [
    "businessPhone",
    "cellPhone",
    "city",
    "country",
    "defaultFullName",
    "department",
    "division",
    "email",
    "empId",
    "fax",
    "firstName",
    "gender",
    "hireDate",
    "homePhone",
    "jobCode",
    "jobTitle",
    "lastName",
    "localCurrencyCode",
    "location",
    "manager",
    "mi",
    "nationality",
    "nickname",
    "origHireDate",
    "salutation",
    "state",
    "timeZone",
    "title",
];

impl Users {
    /// Warnings about writing these properties and links through `User`: those that a tenant with Employee Central
    /// overwrites at its next HRIS sync, and, for new users, welcome mails that would go out.
    pub fn notices<'n>(&self, names: impl IntoIterator<Item = &'n str>, new: bool) -> Vec<Finding> {
        let connection = &self.transport().settings().name;
        let warning = |subject: String, message: String| Finding { kind: FindingKind::Warning, subject, message };
        let synced: Vec<&str> = names.into_iter().filter(|name| SYNCED.contains(name)).collect();
        let mut found = Vec::new();
        if !synced.is_empty() {
            found.push(warning(
                format!("connection.{connection}"),
                format!(
                    "{}: where Employee Central is in use, its HRIS sync overwrites what is written here through User; \
                     write PerEmail, PerPhone, PerPersonal or EmpJob instead",
                    synced.join(", ")
                ),
            ));
        }
        if new && self.writer.settings().option_profile.is_none() {
            found.push(warning(
                format!("connection.{connection}.option_profile"),
                "is not set, so the tenant may send a welcome mail to each new user; name an API option profile (Admin \
                 Center, API Option Profile) that says no"
                    .to_owned(),
            ));
        }
        found
    }
}
