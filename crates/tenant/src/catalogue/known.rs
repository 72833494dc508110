//! Navigations that every tenant with the module has.

/// The entity set behind a standard navigation. Where a tenant's metadata lacks one of these, it is not misspelt: the
/// API user may not see what is behind it.
pub fn known_target(set: &str, navigation: &str) -> Option<&'static str> {
    let known: &[(&str, &str)] = match set {
        "PerPerson" => &[
            ("personalInfoNav", "PerPersonal"),
            ("emailNav", "PerEmail"),
            ("phoneNav", "PerPhone"),
            ("employmentNav", "EmpEmployment"),
            ("homeAddressNavDEFLT", "PerAddressDEFLT"),
            ("nationalIdNav", "PerNationalId"),
            ("personEmpTerminationInfoNav", "PersonEmpTerminationInfo"),
        ],
        "EmpEmployment" => &[("jobInfoNav", "EmpJob"), ("userNav", "User"), ("compInfoNav", "EmpCompensation")],
        "EmpJob" => &[
            ("companyNav", "FOCompany"),
            ("businessUnitNav", "FOBusinessUnit"),
            ("divisionNav", "FODivision"),
            ("departmentNav", "FODepartment"),
            ("locationNav", "FOLocation"),
            ("costCenterNav", "FOCostCenter"),
            ("jobCodeNav", "FOJobCode"),
            ("payGradeNav", "FOPayGrade"),
            ("eventReasonNav", "FOEventReason"),
            ("positionNav", "Position"),
            ("managerUserNav", "User"),
            ("emplStatusNav", "PicklistOption"),
            ("employmentTypeNav", "PicklistOption"),
            ("employeeClassNav", "PicklistOption"),
            ("regularTempNav", "PicklistOption"),
        ],
        "PerEmail" => &[("emailTypeNav", "PicklistOption")],
        "PerPhone" => &[("phoneTypeNav", "PicklistOption")],
        "User" => &[("manager", "User"), ("hr", "User")],
        _ => &[],
    };
    known.iter().find(|(name, _)| *name == navigation).map(|(_, target)| *target)
}
