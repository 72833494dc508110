//! Addresses and national ids of persons.

use super::define::entity_set;

entity_set! {
    /// Properties of `PerAddressDEFLT`.
    per_address_deflt: PerAddressDEFLT, "Addresses", keys ["addressType", "personIdExternal", "startDate"], operations "P";
    address1 = text(256, "P"),
    address2 = text(256, "P"),
    address3 = text(256, "P"),
    address4 = text(256, "P"),
    address5 = text(256, "P"),
    addressType = text(30, "RPSF!"),
    city = text(256, "PSF"),
    country = text(256, "RPSF"),
    county = text(256, "PSF").picklist("COUNTY_GBR"),
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    empUsersSysId = text(256, "P"),
    endDate = date("PSF"),
    includeAllRecords = boolean("FH"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    notes = text(4000, "P"),
    operation = text(0, "PH"),
    personIdExternal = text(100, "RPSF!"),
    province = text(256, "PSF"),
    startDate = date("RPSF!"),
    state = text(256, "PSF").picklist("STATE_USA"),
    zipCode = text(256, "PSF"),
    ;
    countryNav -> one Territory,
    personNav -> one PerPerson,
}

entity_set! {
    /// Properties of `PerNationalId`.
    per_national_id: PerNationalId, "National ID Information", keys ["cardType", "country", "personIdExternal"], operations "P";
    cardType = text(256, "RPSF!"),
    country = text(100, "RPSF!"),
    createdBy = text(100, "SF"),
    createdDateTime = instant("SF"),
    createdOn = wall_clock("SF"),
    isPrimary = boolean("RPSF"),
    lastModifiedBy = text(100, "SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedOn = wall_clock("SF"),
    nationalId = text(256, "RPSF"),
    notes = text(4000, "P"),
    operation = text(0, "PH"),
    personIdExternal = text(100, "RPSF!"),
    ;
    countryNav -> one Territory,
    personNav -> one PerPerson,
}
