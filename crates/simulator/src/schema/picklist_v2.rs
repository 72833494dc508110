//! Picklists as the metadata framework has them: the same lists and options as the legacy ones.

use super::define::entity_set;

entity_set! {
    /// Properties of `PickListV2`.
    pick_list_v2: PickListV2, "Picklist", keys ["effectiveStartDate", "id"], operations "CUPD";
    createdBy = text(255, "SF"),
    createdDate = wall_clock("SF"),
    createdDateTime = instant("SF"),
    displayOrder = text(255, "CUPSF"),
    effectiveEndDate = date("SF"),
    effectiveStartDate = date("CUPSF!"),
    id = text(128, "RCUPSF!"),
    lastModifiedBy = text(255, "SF"),
    lastModifiedDate = wall_clock("SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedDateWithTZ = instant("SF"),
    legacyPickListId = text(255, "SF"),
    mdfSystemEntityId = text(255, "SF"),
    mdfSystemObjectType = text(255, "SF"),
    mdfSystemRecordId = text(255, "SF"),
    mdfSystemRecordStatus = text(255, "SF"),
    mdfSystemTransactionSequence = int64("SF"),
    mdfSystemVersionId = int64("SF"),
    name = text(128, "CUPSF"),
    parentPickList = text(128, "CUPSF"),
    picklistCreationSource = text(255, "SF"),
    status = text(255, "RCUPSF"),
    ;
    parentPickListNav -> one PickListV2,
    values -> many PickListValueV2,
}

entity_set! {
    /// Properties of `PickListValueV2`.
    pick_list_value_v2: PickListValueV2, "Picklist Value", keys ["PickListV2_effectiveStartDate", "PickListV2_id", "externalCode"], operations "CUPD";
    createdBy = text(255, "SF"),
    createdDate = wall_clock("SF"),
    createdDateTime = instant("SF"),
    externalCode = text(128, "RCUPSF!"),
    label_de_DE = text(255, "CUPSF"),
    label_defaultValue = text(255, "CUPSF"),
    label_en_US = text(255, "CUPSF"),
    label_fr_FR = text(255, "CUPSF"),
    label_localized = text(255, "CUP"),
    lastModifiedBy = text(255, "SF"),
    lastModifiedDate = wall_clock("SF"),
    lastModifiedDateTime = instant("SF"),
    lastModifiedDateWithTZ = instant("SF"),
    legacyStatus = int64("SF"),
    lValue = int64("SF"),
    maxVal = decimal("SF"),
    mdfSystemEffectiveEndDate = date("SF"),
    mdfSystemEffectiveStartDate = date("SF"),
    mdfSystemEntityId = text(255, "SF"),
    mdfSystemObjectType = text(255, "SF"),
    mdfSystemRecordId = text(255, "SF"),
    mdfSystemRecordStatus = text(255, "SF"),
    mdfSystemTransactionSequence = int64("SF"),
    mdfSystemVersionId = int64("SF"),
    minVal = decimal("SF"),
    nonUniqueExternalCode = text(255, "CUPSF"),
    optionId = int64("SF"),
    optValue = decimal("SF"),
    parentPickListValue = text(128, "CUPSF"),
    PickListV2_effectiveStartDate = date("RCUPSF!"),
    PickListV2_id = text(128, "RCUPSF!"),
    rValue = int64("SF"),
    status = text(255, "RCUPSF"),
    ;
    parentPickListValueNav -> many PickListValueV2,
}
