//! Background elements of the employee profile: tables that a company defines for itself.

use super::define::entity_set;

// From a tenant's own metadata, as recorded by data-integrations/successfactors-plugins; the property that its recorders
// added is left out. Read only here: what an identity product reads of a profile it does not write.
entity_set! {
    /// Properties of `Background_SpecialAssign`.
    background_special_assign: Background_SpecialAssign, "Background_SpecialAssign", keys ["backgroundElementId", "userId"], operations "";
    backgroundElementId = int64("UP!"),
    bgOrderPos = int64("UPS!"),
    description = text(0, "CUP"),
    endDate = date("CUP"),
    lastModifiedDate = instant("F!"),
    project = text(0, "RCUP!"),
    startDate = date("RCUP!"),
    userId = text(0, "RCUPF!"),
    ;
}
