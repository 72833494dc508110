//! What may stay as it is. Everything else of a person is replaced: what is not known to be harmless is taken for personal.

use crate::schema::{Edm, Set};

/// Properties whose values are codes, types, flags and links to what is no person, whatever the entity.
const KEPT: &[&str] = &[
    // Codes of the organisation.
    "company",
    "businessUnit",
    "division",
    "department",
    "location",
    "costCenter",
    "jobCode",
    "payGrade",
    "payGroup",
    "payComponent",
    "payComponentGroup",
    "employeeClass",
    "employmentType",
    "regularTemp",
    "event",
    "eventReason",
    "currency",
    "currencyCode",
    "frequency",
    "timezone",
    "timeZone",
    "countryOfCompany",
    "country",
    // Types, states and flags.
    "status",
    "userStatus",
    "effectiveStatus",
    "recordStatus",
    "emplStatus",
    "emailType",
    "phoneType",
    "addressType",
    "cardType",
    "relationshipType",
    "assignmentClass",
    "assignmentType",
    "loginMethod",
    "accountStatus",
    "accountUuidType",
    "defaultLocale",
    "locale",
    "isPrimary",
    "photoType",
    "operation",
    "primary",
    "active",
    "type",
    "resourceType",
    "schemas",
    // Order and counts.
    "seqNumber",
    "sequenceNumber",
    "sortOrder",
    "fte",
    "standardHours",
    "workingDaysPerWeek",
    "jobNumber",
    "activeEmploymentsCount",
    "latestTerminationDate",
    "totalMemberCount",
    "activeMembershipCount",
    "totalResults",
    "startIndex",
    "itemsPerPage",
    "index",
    "httpCode",
    "editStatus",
    "__count",
    // Groups and roles: numbers and words of the system.
    "groupID",
    "groupId",
    "groupType",
    "groupSubType",
    "staticGroup",
    "userType",
    "peoplePoolId",
    "filterId",
    "expressionID",
    "roleId",
    "ruleId",
    "accessUserType",
    "targetUserType",
    "relationRole",
    "permissionId",
    "permissionType",
    "permissionStringValue",
    "permissionLongValue",
    "permType",
    "permStringValue",
    "permLongValue",
    "activeOnly",
    "picklistId",
    "optionId",
];

/// Function imports whose answer is a catalogue of the system, as text.
const CATALOGUES: &[&str] =
    &["getUsersPermissions", "getRolesPermissions", "getPermissionMetadata", "getPasswordPolicy", "isValidSession"];

/// Entity sets that describe the organisation or the system, beside all whose name begins with `FO`.
const ORGANISATION: &[&str] = &[
    "Picklist",
    "PicklistOption",
    "PicklistLabel",
    "PickListV2",
    "PickListValueV2",
    "Territory",
    "MDFEnumValue",
    "DGField",
    "DGFieldOperator",
    "RBPBasicPermission",
    "Currency",
    "Country",
    "Entity",
    "EntityProperty",
    "EntityNavigation",
];

/// In them, properties with one of these in their name are about a person all the same.
const OF_PEOPLE: &[&str] = &[
    "manager",
    "head",
    "user",
    "email",
    "phone",
    "fax",
    "person",
    "incumbent",
    "contact",
    "representative",
    "name_of",
    "cust",
];

/// Properties and navigations with one of these in their name say what is nobody's business; codes of them are
/// replaced too, with whatever they lead to.
const SENSITIVE: &[&str] = &[
    "gender",
    "marital",
    "nationality",
    "ethnic",
    "religi",
    "disab",
    "veteran",
    "birth",
    "salutation",
    "nativepreferredlang",
    "challenge",
    "partner",
    "military",
    "nationalid",
    "gradeobesity",
    "health",
    "bank",
    "iban",
];

/// Values that are no person though they stand where one does.
const NOBODY: &[&str] = &["NO_MANAGER", "NO_HR", "hris_import", "sfadmin", "v4admin", "sys_ta"];

/// Properties that name people: their words are looked for in messages.
const NAMES: &[&str] = &[
    "userid",
    "username",
    "personidexternal",
    "managerid",
    "firstname",
    "lastname",
    "middlename",
    "preferredname",
    "displayname",
    "formattedname",
    "defaultfullname",
    "email",
    "emailaddress",
    "id",
    "fullname",
    "businessfirstname",
    "businesslastname",
    "givenname",
    "familyname",
    "reluserid",
    "assignmentidexternal",
    "empid",
    "value",
    "createdby",
    "lastmodifiedby",
];

pub(super) fn is_kept_name(name: &str) -> bool {
    KEPT.contains(&name)
}

pub(super) fn is_catalogue(name: &str) -> bool {
    CATALOGUES.contains(&name)
}

pub(super) fn is_nobody(value: &str) -> bool {
    NOBODY.contains(&value) || (value.starts_with("$$") && value.ends_with("$$"))
}

pub(super) fn is_sensitive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SENSITIVE.iter().any(|part| name.contains(part))
}

pub(super) fn names_people(name: &str) -> bool {
    NAMES.contains(&name.to_ascii_lowercase().as_str())
}

/// A day of somebody's life rather than of an employment.
pub(super) fn is_day_of_life(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("birth") || name.contains("death")
}

pub(super) fn is_organisation(set: &str) -> bool {
    set.starts_with("FO") || ORGANISATION.contains(&set)
}

/// Whether a property's value may stay.
pub(super) fn is_kept(set: Option<&str>, name: &str) -> bool {
    if is_sensitive(name) {
        return false;
    }
    if set.is_some_and(is_organisation) {
        let lower = name.to_ascii_lowercase();
        return !lower.ends_with("by") && !OF_PEOPLE.iter().any(|part| lower.contains(part));
    }
    if is_kept_name(name) {
        return true;
    }
    // SAP's published metadata says which properties are options of a picklist.
    let property = set.and_then(Set::named).and_then(|set| {
        let table = set.table();
        table.properties.get(table.property(name)?)
    });
    property.is_some_and(|property| property.picklist.is_some() || property.edm == Edm::Boolean)
}

/// Whether something is the name of an entity set, a property or a navigation: in messages such names are quoted.
pub(super) fn is_of_the_model(word: &str) -> bool {
    Set::all().any(|set| {
        let table = set.table();
        table.name == word || table.property(word).is_some() || table.navigation(word).is_some()
    })
}

/// Whether the tables know an entity set of this name, or it is one of the organisation.
pub(super) fn is_a_set(name: &str) -> bool {
    Set::named(name).is_some() || is_organisation(name)
}

/// The property that stands alone in the key of a set.
pub(super) fn only_key(set: &str) -> Option<&'static str> {
    match Set::named(set)?.table().keys {
        [only] => Some(only),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_stay_and_people_do_not() {
        for (set, name) in [
            ("EmpJob", "department"),
            ("EmpJob", "emplStatus"),
            ("PerEmail", "emailType"),
            ("PerEmail", "isPrimary"),
            ("FODepartment", "name"),
            ("FOLocation", "externalCode"),
            ("PicklistLabel", "label"),
            ("User", "status"),
            ("DynamicGroup", "groupID"),
            ("EmpJob", "employeeClass"),
        ] {
            assert!(is_kept(Some(set), name), "{set}/{name}");
        }
        for (set, name) in [
            ("User", "userId"),
            ("User", "firstName"),
            ("User", "custom01"),
            ("PerPersonal", "gender"),
            ("EmpJob", "managerId"),
            ("PerPersonal", "maritalStatus"),
            ("PerPerson", "countryOfBirth"),
            ("FODepartment", "createdBy"),
            ("EmpJob", "jobTitle"),
            ("FODepartment", "headOfUnit"),
            ("FODepartment", "cust_hrPartner"),
            ("PerNationalId", "nationalId"),
            ("DGFieldValue", "fieldValue"),
            ("DynamicGroup", "groupName"),
            ("cust_Badge", "cust_number"),
            ("EmpJob", "somethingNew"),
        ] {
            assert!(!is_kept(Some(set), name), "{set}/{name}");
        }
        assert!(!is_kept(None, "userName") && is_kept(None, "totalResults"));
    }
}
