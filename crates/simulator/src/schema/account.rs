//! Accounts: of persons, of people from outside, and pictures.

use super::define::entity_set;

entity_set! {
    /// Properties of `PersonKey`.
    person_key: PersonKey, "Biographical Information", keys ["personIdExternal"], operations "";
    perPersonUuid = text(32, "SF"),
    personId = int64("SF"),
    personIdExternal = text(32, "RSF!"),
    ;
    userAccountNav -> one UserAccount,
}

// Not in the published metadata. The set, its key and most properties: SAP's KBA 2653202; `accountUuid` and
// `sapGlobalUserId`: the transformations of SAP Cloud Identity Services; `userType`, `email`: what Flexera's connector
// says that it reads. Lengths and flags are those of the same properties of User and ExternalUser.
entity_set! {
    /// Properties of `UserAccount`.
    user_account: UserAccount, "User Account", keys ["username"], operations "P";
    accountStatus = text(32, "PSF"),
    accountUuid = text(36, "SF"),
    createdDateTime = instant("SF"),
    email = text(100, "SF"),
    lastInactivationDateTime = instant("SF"),
    lastLoginFailedDateTime = instant("SF"),
    lastModifiedDateTime = instant("SF"),
    locale = text(32, "PSF"),
    loginMethod = text(8, "PSF"),
    personIdExternal = text(100, "SF"),
    sapGlobalUserId = text(36, "PSF"),
    username = text(100, "RPSF!").label_is("User Name"),
    userType = text(32, "SF"),
    ;
}

entity_set! {
    /// Properties of `ExternalUser`.
    external_user: ExternalUser, "ExternalUser", keys ["userId"], operations "CP";
    defaultLocale = text(32, "CPSF"),
    is_deleted = boolean(""),
    lastModifiedDateTime = instant("CPSF"),
    loginMethod = text(8, "CPSF"),
    password = text(128, "CPH"),
    personGUID = text(32, "SF"),
    personId = decimal("SF"),
    personIdExternal = text(100, "SF"),
    productName = text(32, "RCPH"),
    status = text(2, "RCPSF"),
    timeZone = text(64, "CPSF"),
    userId = text(100, "RCPSF!"),
    userName = text(100, "CPSF"),
    ;
    extAddressInfo -> many ExtAddressInfo,
    extEmailInfo -> many ExtEmailInfo,
    extPersonalInfo -> one ExtPersonalInfo,
    extPhoneInfo -> many ExtPhoneInfo,
}

entity_set! {
    /// Properties of `ExtPersonalInfo`.
    ext_personal_info: ExtPersonalInfo, "Personal Information", keys ["personalInfoId"], operations "CP";
    firstName = text(128, "CPSF"),
    lastModifiedDateTime = instant("CPF"),
    lastName = text(128, "CPSF"),
    middleName = text(128, "CPSF"),
    personalInfoId = int64("CSF!"),
    ;
}

entity_set! {
    /// Properties of `ExtEmailInfo`.
    ext_email_info: ExtEmailInfo, "Email Information", keys ["emailInfoId"], operations "CP";
    emailAddress = text(100, "RCPF!"),
    emailInfoId = int64("CSF!"),
    emailType = text(38, "RCPF!"),
    isPrimary = text(4, "CPF"),
    lastModifiedDateTime = instant("CPF"),
    ;
    emailTypeNav -> one PicklistOption,
}

entity_set! {
    /// Properties of `ExtPhoneInfo`.
    ext_phone_info: ExtPhoneInfo, "Phone Information", keys ["phoneInfoId"], operations "CP";
    areaCode = text(32, "CP"),
    countryCode = text(32, "CP"),
    extension = text(32, "CP"),
    isPrimary = text(4, "CP"),
    lastModifiedDateTime = instant("CPF"),
    phoneInfoId = int64("CSF!"),
    phoneNumber = text(600, "RCP"),
    phoneType = text(100, "RCPF"),
    ;
    phoneTypeNav -> one PicklistOption,
}

entity_set! {
    /// Properties of `ExtAddressInfo`.
    ext_address_info: ExtAddressInfo, "Addresses", keys ["addressId"], operations "CP";
    address1 = text(1536, "CP"),
    address2 = text(1536, "CP"),
    addressId = int64("CSF!"),
    addressType = text(30, "RCPF"),
    city = text(1536, "CP"),
    country = text(256, "RCP"),
    lastModifiedDateTime = instant("CPF"),
    province = text(1536, "CP"),
    state = text(1536, "CP"),
    zipCode = text(1536, "CP"),
    ;
    addressTypeNav -> one PicklistOption,
}

entity_set! {
    /// Properties of `Photo`.
    photo: Photo, "Photo", keys ["photoType", "userId"], operations "CUPD";
    height = int32("SF!"),
    lastModified = wall_clock("SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedWithTZ = instant("SF"),
    mimeType = text(32, "SF"),
    photo = binary("RCUP"),
    photoId = int64("SF!"),
    photoName = text(128, "CUPSF"),
    photoType = int32("RCUPSF!"),
    userId = text(100, "RCUPSF!"),
    width = int32("SF!"),
    ;
    userNav -> one User,
}
