//! Pay: compensation, its recurring components, pay grades.

use super::define::entity_set;

// From SAP's OpenAPI document ECCompensationInformation, which has types, lengths and keys and no flags: those are
// EmpJob's. The calculated parts are left out.
entity_set! {
    /// Properties of `EmpCompensation`.
    emp_compensation: EmpCompensation, "Compensation Information", keys ["startDate", "userId"], operations "P";
    benefitsRate = double("P"),
    bonusTarget = double("P"),
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    endDate = date("PSF"),
    event = text(45, "SF").picklist("event"),
    eventReason = text(0, "RPF"),
    isEligibleForBenefits = boolean("P"),
    isEligibleForCar = boolean("P"),
    isHighlyCompensatedEmployee = boolean("P"),
    isInsider = boolean("P"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    operation = text(0, "PH"),
    payGrade = text(256, "P"),
    payGroup = text(32, "PSF"),
    payrollSystemId = text(32, "P"),
    seqNumber = int64("PSF"),
    startDate = date("RPSF!"),
    userId = text(100, "RPSF!").label_is("User Id"),
    ;
    employmentNav -> one EmpEmployment,
    empPayCompRecurringNav -> many EmpPayCompRecurring,
    eventReasonNav -> one FOEventReason,
    payGradeNav -> one FOPayGrade,
    userNav -> one User,
}

entity_set! {
    /// Properties of `EmpPayCompRecurring`.
    emp_pay_comp_recurring: EmpPayCompRecurring, "Recurring Pay Components", keys ["payComponent", "seqNumber", "startDate", "userId"], operations "P";
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    currencyCode = text(32, "RP"),
    endDate = date("PSF"),
    frequency = text(30, "RP").picklist("payFrequency"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    notes = text(4000, "P"),
    operation = text(0, "PH"),
    payComponent = text(32, "RPSF!"),
    paycompvalue = double("RP"),
    seqNumber = int64("RPSF!"),
    startDate = date("RPSF!"),
    userId = text(100, "RPSF!").label_is("User Id"),
    ;
    compensationNav -> one EmpCompensation,
}

entity_set! {
    /// Properties of `FOPayGrade`.
    fo_pay_grade: FOPayGrade, "Pay Grade", keys ["externalCode", "startDate"], operations "P";
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    customString1 = text(256, ""),
    description = text(128, "P"),
    endDate = date("PSF"),
    externalCode = text(32, "RPSF!"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    name = text(32, "PSF"),
    paygradeLevel = int64("P"),
    startDate = date("RPSF!"),
    status = text(0, "RPSF"),
    ;
}
