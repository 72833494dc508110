//! Picklists, their options and labels.

use super::define::entity_set;

entity_set! {
    /// Properties of `Picklist`.
    picklist: Picklist, "Picklist", keys ["picklistId"], operations "";
    picklistId = text(64, "RSF!"),
    ;
    picklistOptions -> many PicklistOption,
}

entity_set! {
    /// Properties of `PicklistOption`.
    picklist_option: PicklistOption, "Picklist Option", keys ["id"], operations "CU";
    externalCode = text(256, "CUF"),
    id = int64("USF!"),
    localeLabel = text(0, ""),
    maxValue = double("CUSF"),
    mdfExternalCode = text(255, "SF"),
    minValue = double("CUSF"),
    optionValue = double("CUSF"),
    sortOrder = int32("CUSF"),
    status = text(9, "CUSF"),
    ;
    childPicklistOptions -> many PicklistOption,
    parentPicklistOption -> one PicklistOption,
    picklist -> one Picklist,
    picklistLabels -> many PicklistLabel,
}

entity_set! {
    /// Properties of `PicklistLabel`.
    picklist_label: PicklistLabel, "Picklist Label", keys ["locale", "optionId"], operations "CUP";
    id = int64("SF"),
    label = text(255, "RCUPSF"),
    locale = text(32, "RCUPSF!"),
    optionId = int64("RCUPSF!"),
    ;
    picklistOption -> one PicklistOption,
}
