//! Employments and how they end.

use super::define::entity_set;

entity_set! {
    /// Properties of `EmpEmployment`.
    emp_employment: EmpEmployment, "Employment Details", keys ["personIdExternal", "userId"], operations "P";
    assignmentClass = text(128, "SF"),
    // Not in the published metadata; PingIDM's connector names it, and KBAs on changing it. Flags are those of `userId`.
    assignmentIdExternal = text(100, "PSF"),
    benefitsEligibilityStartDate = date("PO"),
    benefitsEndDate = date("O"),
    bonusPayExpirationDate = date("O"),
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    eligibleForSalContinuation = boolean("O"),
    // Compensation, and on for PingIDM's connector, as initialOptionGrant and initialStockGrant are.
    eligibleForStock = boolean("P"),
    employeeFirstEmployment = boolean("P"),
    endDate = date("RSF"),
    firstDateWorked = date("RP"),
    includeAllRecords = boolean("FH"),
    initialOptionGrant = double("P"),
    initialStockGrant = double("P"),
    isContingentWorker = boolean("SF"),
    isECRecord = boolean("F"),
    jobNumber = int64("PSFH"),
    lastDateWorked = date(""),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    okToRehire = boolean(""),
    originalStartDate = date("P"),
    payrollEndDate = date(""),
    personIdExternal = text(100, "RPSF!").label_is("Person Id"),
    prevEmployeeId = text(256, "P"),
    professionalServiceDate = date("PSF"),
    regretTermination = boolean(""),
    salaryEndDate = date("O"),
    seniorityDate = date("P"),
    serviceDate = date("PSF"),
    startDate = date("RPSF"),
    StockEndDate = date("O"),
    userId = text(100, "RPSF!").label_is("User Id"),
    ;
    compInfoNav -> many EmpCompensation,
    empGlobalAssignmentNav -> one EmpGlobalAssignment,
    empJobRelationshipNav -> many EmpJobRelationships,
    jobInfoNav -> many EmpJob,
    personNav -> one PerPerson,
    userNav -> one User,
}

entity_set! {
    /// Properties of `EmpEmploymentTermination`.
    emp_employment_termination: EmpEmploymentTermination, "Employment Termination", keys ["endDate", "personIdExternal", "userId"], operations "P";
    attachmentId = text(0, "PH"),
    benefitsEndDate = date("PO"),
    bonusPayExpirationDate = date("PO"),
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    eligibleForSalContinuation = boolean("PO"),
    endDate = date("RPSF!"),
    eventReason = text(0, "RPH"),
    lastDateWorked = date("P"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    newMainEmploymentId = decimal("PHO"),
    notes = text(4000, "P"),
    okToRehire = boolean("P"),
    payrollEndDate = date("P"),
    personIdExternal = text(100, "RPSF!").label_is("Person Id"),
    regretTermination = boolean("P"),
    salaryEndDate = date("PO"),
    StockEndDate = date("PO"),
    userId = text(100, "RPSF!").label_is("User Id"),
    ;
    employmentNav -> one EmpEmployment,
    jobInfoNav -> one EmpJob,
    personNav -> one PerPerson,
    userNav -> one User,
}

entity_set! {
    /// Properties of `PersonEmpTerminationInfo`.
    person_emp_termination_info: PersonEmpTerminationInfo, "Person Termination Info", keys ["personIdExternal"], operations "";
    activeEmploymentsCount = int32("SF"),
    latestTerminationDate = date("SF"),
    personIdExternal = text(100, "RSF!").label_is("Person Id"),
    ;
    personNav -> one PerPerson,
}
