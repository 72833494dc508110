//! What other objects point at: event reasons, addresses of locations, countries, enumerations.

use super::define::entity_set;

entity_set! {
    /// Properties of `FOEventReason`.
    fo_event_reason: FOEventReason, "Event Reason", keys ["externalCode", "startDate"], operations "P";
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    description = text(128, "P"),
    emplStatus = text(45, "P").picklist("employee-status"),
    endDate = date("PSF"),
    event = text(45, "RP").picklist("event"),
    externalCode = text(32, "RPSF!"),
    implicitPositionAction = int64("P").picklist("positionActionType"),
    includeInWorkExperience = boolean("P"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    name = text(32, "PSF"),
    payrollEvent = text(4, "P"),
    startDate = date("RPSF!"),
    status = text(0, "RPSF"),
    ;
    emplStatusNav -> one PicklistOption,
    eventNav -> one PicklistOption,
}

entity_set! {
    /// Properties of `FOCorporateAddressDEFLT`.
    fo_corporate_address_deflt: FOCorporateAddressDEFLT, "Corporate Address", keys ["addressId"], operations "P";
    address1 = text(256, ""),
    address2 = text(256, ""),
    address3 = text(256, ""),
    address4 = text(256, ""),
    address5 = text(256, ""),
    addressId = decimal("RSF!"),
    city = text(256, ""),
    country = text(256, "R"),
    county = text(256, "").picklist("COUNTY_GBR"),
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    endDate = date("SF"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    province = text(256, ""),
    startDate = date("RSF"),
    state = text(256, "").picklist("STATE_USA"),
    zipCode = text(256, ""),
    ;
    countryNav -> one Territory,
    stateNav -> one PicklistOption,
}

// `twoCharCountryCode` is not in the published metadata: Microsoft Entra's list of source attributes has it.
entity_set! {
    /// Properties of `Territory`.
    territory: Territory, "Territory", keys ["territoryCode"], operations "";
    territoryCode = text(32, "RSF!"),
    territoryName = text(512, "SF"),
    twoCharCountryCode = text(2, "SF"),
    ;
}

// Not in the published metadata: as answered to `$expand=statusNav` in public test data (FODepartment and others).
entity_set! {
    /// Properties of `MDFEnumValue`.
    mdf_enum_value: MDFEnumValue, "Enumeration Value", keys ["key", "value"], operations "";
    key = text(255, "RSF!"),
    localized = text(255, ""),
    value = text(255, "RSF!"),
    ;
}
