//! Relationships beside the manager, and assignments abroad.

use super::define::entity_set;

entity_set! {
    /// Properties of `EmpJobRelationships`.
    emp_job_relationships: EmpJobRelationships, "Job Relationships", keys ["relationshipType", "startDate", "userId"], operations "P";
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    endDate = date("PSF"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    operation = text(0, "PH"),
    relationshipType = text(100, "RPSF!").picklist("jobRelType"),
    relUserId = text(384, "RPSF"),
    startDate = date("RPSF!"),
    userId = text(100, "RPSF!"),
    ;
    employmentNav -> one EmpEmployment,
    relationshipTypeNav -> one PicklistOption,
    relEmploymentNav -> one EmpEmployment,
    relUserNav -> one User,
}

// Not in the published metadata. Properties: `global_assignment_information` of SAP's CompoundEmployee description;
// `assignmentTypeNav`: Microsoft Entra's query templates; key: SAP Help by way of a published table of EC entities.
entity_set! {
    /// Properties of `EmpGlobalAssignment`.
    emp_global_assignment: EmpGlobalAssignment, "Global Assignment Details", keys ["userId"], operations "P";
    assignmentClass = text(128, "SF"),
    assignmentType = text(256, "RPSF").picklist("global_assignment_type"),
    company = text(32, "RPSF"),
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    endDate = date("PSF"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    operation = text(0, "PH"),
    payrollEndDate = date("PSF"),
    plannedEndDate = date("RPSF"),
    startDate = date("RPSF"),
    userId = text(100, "RPSF!").label_is("User Id"),
    ;
    assignmentTypeNav -> one PicklistOption,
    companyNav -> one FOCompany,
    employmentNav -> one EmpEmployment,
    userNav -> one User,
}
