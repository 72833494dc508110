//! Groups, roles and permissions. Types, lengths and flags are those of SAP's published metadata of the service "PLT -
//! Role Based Permissions"; `DGField` and the navigation to it, which that document lacks, are those of the payload in
//! KBA 3341990.

use super::define::entity_set;

entity_set! {
    /// Properties of `DynamicGroup`, which stands for static groups too.
    dynamic_group: DynamicGroup, "Dynamic Group", keys ["groupID"], operations "P";
    activeMembershipCount = int32("PS"),
    createdBy = text(100, "PSF"),
    groupID = int64("PSF!"),
    groupName = text(100, "PSF!"),
    groupType = text(32, "PSF!"),
    lastModifiedDate = wall_clock("PSF"),
    staticGroup = boolean("PSF!"),
    totalMemberCount = int32("PS"),
    userType = text(32, "PSF"),
    ;
    dgExcludePools -> many DGPeoplePool,
    dgIncludePools -> many DGPeoplePool,
}

entity_set! {
    /// Properties of `DGPeoplePool`: people who meet all of some filters.
    dg_people_pool: DGPeoplePool, "Dynamic Group People Pool", keys ["peoplePoolId"], operations "";
    peoplePoolId = text(200, "R!"),
    ;
    filters -> many DGFilter,
}

entity_set! {
    /// Properties of `DGFilter`: a field and what it must be.
    dg_filter: DGFilter, "Dynamic Group Filter", keys ["filterId"], operations "";
    filterId = text(200, "R!"),
    ;
    expressions -> many DGExpression,
    field -> one DGField,
}

entity_set! {
    /// Properties of `DGField`: what can be filtered on.
    dg_field: DGField, "Dynamic Group Field", keys ["name"], operations "";
    dataType = text(200, ""),
    label = text(200, ""),
    name = text(200, "R!"),
    picklistId = text(200, ""),
    ;
    allowedOperators -> many DGFieldOperator,
}

entity_set! {
    /// Properties of `DGExpression`: an operator and its values.
    dg_expression: DGExpression, "Dynamic Group Expression", keys ["expressionID"], operations "";
    expressionID = text(200, "R!"),
    ;
    operator -> one DGFieldOperator,
    values -> many DGFieldValue,
}

entity_set! {
    /// Properties of `DGFieldOperator`.
    dg_field_operator: DGFieldOperator, "Dynamic Group FieldOperator", keys ["token"], operations "";
    label = text(200, "R!"),
    token = text(200, "RF!"),
    ;
}

entity_set! {
    /// Properties of `DGFieldValue`.
    dg_field_value: DGFieldValue, "Dynamic Group FieldValue", keys ["fieldValue"], operations "";
    fieldValue = text(200, "R!"),
    ;
}

entity_set! {
    /// Properties of `DynamicGroupDefinition`: the pools in words.
    dynamic_group_definition: DynamicGroupDefinition, "Dynamic Group Definition", keys ["groupID"], operations "";
    excludedPeoplePool1 = text(0, "SF"),
    excludedPeoplePool2 = text(0, "SF"),
    excludedPeoplePool3 = text(0, "SF"),
    groupID = int64("SF!"),
    includedPeoplePool1 = text(0, "SF"),
    includedPeoplePool2 = text(0, "SF"),
    includedPeoplePool3 = text(0, "SF"),
    ;
    group -> one DynamicGroup,
}

entity_set! {
    /// Properties of `RBPRole`.
    rbp_role: RBPRole, "RBP Role", keys ["roleId"], operations "PD";
    lastModifiedBy = text(100, "PSF!"),
    lastModifiedDate = wall_clock("PSF!"),
    roleDesc = text(4000, "P"),
    roleId = int64("PSF!"),
    roleName = text(256, "RPSF!"),
    userType = text(32, "PSF"),
    ;
    permissions -> many RBPBasicPermission,
    rules -> many RBPRule,
}

entity_set! {
    /// Properties of `RBPRule`: who has a role, and over whom.
    rbp_rule: RBPRule, "RBP Rule", keys ["ruleId"], operations "PD";
    accessGroupLevel = int32("RPSF"),
    accessUserType = text(32, "PSF"),
    excludeSelf = boolean("PSF!"),
    includeSelf = boolean("PSF"),
    myFilter = text(100, "PSF"),
    relationRole = text(20, "PSF"),
    ruleId = int64("PSF!"),
    status = int32("RPSF"),
    targetGroupLevel = int32("RPSF"),
    targetUserType = text(32, "PSF"),
    ;
    accessGroups -> many DynamicGroup,
    roles -> one RBPRole,
    targetGroups -> many DynamicGroup,
}

entity_set! {
    /// Properties of `RBPBasicPermission`.
    rbp_basic_permission: RBPBasicPermission, "RBP Basic Permission", keys ["permissionId"], operations "";
    permissionId = int64("RSF!"),
    permissionLongValue = int64("RSF"),
    permissionStringValue = text(256, "RSF!"),
    permissionType = text(100, "RSF!"),
    ;
}
