//! Persons: biographical data, names, e-mail, phone.

use super::define::entity_set;

entity_set! {
    /// Properties of `PerPerson`.
    per_person: PerPerson, "Biographical Information", keys ["personIdExternal"], operations "P";
    birthName = text(128, "P"),
    countryOfBirth = text(100, "RPSF"),
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    dateOfBirth = date("RPSF"),
    includeAllRecords = boolean("FH"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    perPersonUuid = text(32, "SF").label_is("Person UUID"),
    personId = int64("SF"),
    personIdExternal = text(32, "RPSF!").label_is("Person Id"),
    placeOfBirth = text(100, "PSF"),
    regionOfBirth = text(100, "P"),
    // Not visible in the published metadata; PingIDM's connector reads it.
    userId = text(100, "P").label_is("User Id"),
    ;
    countryOfBirthNav -> one Territory,
    emailNav -> many PerEmail,
    employmentNav -> many EmpEmployment,
    homeAddressNavDEFLT -> many PerAddressDEFLT,
    nationalIdNav -> many PerNationalId,
    personEmpTerminationInfoNav -> one PersonEmpTerminationInfo,
    personalInfoNav -> many PerPersonal,
    phoneNav -> many PerPhone,
    userAccountNav -> one UserAccount,
}

entity_set! {
    /// Properties of `PerPersonal`.
    per_personal: PerPersonal, "Personal Information", keys ["personIdExternal", "startDate"], operations "P";
    attachmentId = text(0, "P"),
    businessFirstName = text(128, "P"),
    businessLastName = text(128, "P"),
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    displayName = text(128, "PSF"),
    endDate = date("PSF"),
    firstName = text(128, "RPSF"),
    gender = text(2, "PSF"),
    includeAllRecords = boolean("FH"),
    initials = text(128, "P"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    lastName = text(128, "RPSF"),
    maritalStatus = text(50, "PSF").picklist("ecMaritalStatus"),
    middleName = text(128, "PSF"),
    nationality = text(128, "RPSF"),
    nativePreferredLang = text(256, "RPSF").picklist("language"),
    operation = text(0, "PH"),
    personIdExternal = text(100, "RPSF!").label_is("Person Id"),
    preferredName = text(128, "P"),
    salutation = text(128, "P").picklist("salutation"),
    script = text(32, "P"),
    startDate = date("RPSF!"),
    title = text(128, "P").picklist("customTitle"),
    ;
    maritalStatusNav -> one PicklistOption,
    nativePreferredLangNav -> one PicklistOption,
    personNav -> one PerPerson,
    salutationNav -> one PicklistOption,
}

entity_set! {
    /// Properties of `PerEmail`.
    per_email: PerEmail, "Email Information", keys ["emailType", "personIdExternal"], operations "P";
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    emailAddress = text(100, "RPSF"),
    emailType = text(38, "RPSF!").picklist("ecEmailType"),
    includeAllRecords = boolean("FH"),
    isPrimary = boolean("RPSF"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    operation = text(0, "PH"),
    personIdExternal = text(100, "RPSF!").label_is("Person Id"),
    ;
    emailTypeNav -> one PicklistOption,
    personNav -> one PerPerson,
}

entity_set! {
    /// Properties of `PerPhone`.
    per_phone: PerPhone, "Phone Information", keys ["personIdExternal", "phoneType"], operations "P";
    areaCode = text(32, "PSF"),
    countryCode = text(32, "PSF"),
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    extension = text(32, "P"),
    includeAllRecords = boolean("FH"),
    isPrimary = boolean("RPSF"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    operation = text(0, "PH"),
    personIdExternal = text(100, "RPSF!").label_is("Person Id"),
    phoneNumber = text(100, "RPSF"),
    phoneType = text(100, "RPSF!").picklist("ecPhoneType"),
    ;
    personNav -> one PerPerson,
    phoneTypeNav -> one PicklistOption,
}
