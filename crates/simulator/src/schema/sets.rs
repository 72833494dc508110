//! The entity sets that exist.

use super::define::EntitySet;
use super::{
    account, background, catalogue, employment, groups, household, job, organization, pay, person, picklist,
    picklist_v2, position, relations, user,
};

/// An entity set of the simulated tenant.
#[expect(missing_docs, reason = "each is described by its table")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Set {
    User,
    PerPerson,
    PerPersonal,
    PerEmail,
    PerPhone,
    EmpEmployment,
    EmpEmploymentTermination,
    PersonEmpTerminationInfo,
    EmpJob,
    FOCompany,
    FOBusinessUnit,
    FODivision,
    FODepartment,
    FOLocation,
    FOCostCenter,
    FOJobCode,
    Picklist,
    PicklistOption,
    PicklistLabel,
    DynamicGroup,
    DGPeoplePool,
    DGFilter,
    DGField,
    DGExpression,
    DGFieldOperator,
    DGFieldValue,
    DynamicGroupDefinition,
    RBPRole,
    RBPRule,
    RBPBasicPermission,
    PerAddressDEFLT,
    PerNationalId,
    PersonKey,
    UserAccount,
    EmpJobRelationships,
    EmpGlobalAssignment,
    EmpCompensation,
    EmpPayCompRecurring,
    FOPayGrade,
    FOEventReason,
    FOCorporateAddressDEFLT,
    Position,
    Territory,
    MDFEnumValue,
    Photo,
    ExternalUser,
    ExtPersonalInfo,
    ExtEmailInfo,
    ExtPhoneInfo,
    ExtAddressInfo,
    PickListV2,
    PickListValueV2,
    #[expect(non_camel_case_types, reason = "the name is the data dictionary's")]
    Background_SpecialAssign,
}

static TABLES: &[EntitySet] = &[
    user::user::TABLE,
    person::per_person::TABLE,
    person::per_personal::TABLE,
    person::per_email::TABLE,
    person::per_phone::TABLE,
    employment::emp_employment::TABLE,
    employment::emp_employment_termination::TABLE,
    employment::person_emp_termination_info::TABLE,
    job::emp_job::TABLE,
    organization::fo_company::TABLE,
    organization::fo_business_unit::TABLE,
    organization::fo_division::TABLE,
    organization::fo_department::TABLE,
    organization::fo_location::TABLE,
    organization::fo_cost_center::TABLE,
    organization::fo_job_code::TABLE,
    picklist::picklist::TABLE,
    picklist::picklist_option::TABLE,
    picklist::picklist_label::TABLE,
    groups::dynamic_group::TABLE,
    groups::dg_people_pool::TABLE,
    groups::dg_filter::TABLE,
    groups::dg_field::TABLE,
    groups::dg_expression::TABLE,
    groups::dg_field_operator::TABLE,
    groups::dg_field_value::TABLE,
    groups::dynamic_group_definition::TABLE,
    groups::rbp_role::TABLE,
    groups::rbp_rule::TABLE,
    groups::rbp_basic_permission::TABLE,
    household::per_address_deflt::TABLE,
    household::per_national_id::TABLE,
    account::person_key::TABLE,
    account::user_account::TABLE,
    relations::emp_job_relationships::TABLE,
    relations::emp_global_assignment::TABLE,
    pay::emp_compensation::TABLE,
    pay::emp_pay_comp_recurring::TABLE,
    pay::fo_pay_grade::TABLE,
    catalogue::fo_event_reason::TABLE,
    catalogue::fo_corporate_address_deflt::TABLE,
    position::position::TABLE,
    catalogue::territory::TABLE,
    catalogue::mdf_enum_value::TABLE,
    account::photo::TABLE,
    account::external_user::TABLE,
    account::ext_personal_info::TABLE,
    account::ext_email_info::TABLE,
    account::ext_phone_info::TABLE,
    account::ext_address_info::TABLE,
    picklist_v2::pick_list_v2::TABLE,
    picklist_v2::pick_list_value_v2::TABLE,
    background::background_special_assign::TABLE,
];

impl Set {
    /// Every set, in the order of the declaration.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLES.iter().map(|table| table.set)
    }

    /// What the data dictionary says of it.
    pub fn table(self) -> &'static EntitySet {
        &TABLES[self as usize]
    }

    /// The set of that name, case-sensitive as in URLs.
    pub fn named(name: &str) -> Option<Self> {
        TABLES.iter().find(|table| table.name == name).map(|table| table.set)
    }

    /// Whether its rows are slices in time: asked for as of a date, today when none is given.
    pub fn effective_dated(self) -> bool {
        matches!(
            self,
            Self::PerPersonal
                | Self::EmpJob
                | Self::FOCompany
                | Self::FOBusinessUnit
                | Self::FODivision
                | Self::FODepartment
                | Self::FOLocation
                | Self::FOCostCenter
                | Self::FOJobCode
                | Self::FOPayGrade
                | Self::FOEventReason
                | Self::PerAddressDEFLT
                | Self::EmpJobRelationships
                | Self::EmpCompensation
                | Self::EmpPayCompRecurring
                | Self::Position
                | Self::PickListV2
        )
    }

    /// Whether it is built on the metadata framework: such sets refuse `paging=snapshot`.
    pub fn metadata_framework(self) -> bool {
        matches!(
            self,
            Self::FOCompany
                | Self::FOBusinessUnit
                | Self::FODivision
                | Self::FODepartment
                | Self::FOCostCenter
                | Self::FOJobCode
                | Self::Position
                | Self::PickListV2
                | Self::PickListValueV2
                | Self::Territory
                | Self::MDFEnumValue
        )
    }

    /// Whether it can be listed; the others answer by key and through navigation only.
    pub fn listable(self) -> bool {
        !matches!(
            self,
            Self::PersonEmpTerminationInfo
                | Self::MDFEnumValue
                | Self::DGPeoplePool
                | Self::DGFilter
                | Self::DGField
                | Self::DGExpression
                | Self::DGFieldOperator
                | Self::DGFieldValue
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_stand_in_the_order_of_the_sets() {
        for set in Set::all() {
            assert_eq!(set.table().set, set);
            assert_eq!(Set::named(set.table().name), Some(set));
        }
    }

    #[test]
    fn keys_are_properties_in_alphabetical_order() {
        for set in Set::all() {
            let table = set.table();
            assert!(!table.keys.is_empty(), "{}", table.name);
            assert!(table.keys.is_sorted(), "{}", table.name);
            assert!(table.keys.iter().all(|key| table.property(key).is_some()), "{}", table.name);
        }
    }

    #[test]
    fn names_are_unique_within_a_set() {
        for set in Set::all() {
            let table = set.table();
            let mut names: Vec<_> = table.properties.iter().map(|property| property.name).collect();
            names.extend(table.navigations.iter().map(|navigation| navigation.name));
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all, "{}", table.name);
        }
    }

    // The hub's metadata and KBA 2569829: these and no others.
    #[test]
    fn the_filterable_properties_of_user() {
        let filterable: Vec<_> =
            Set::User.table().properties.iter().filter(|one| one.flags.filterable()).map(|one| one.name).collect();
        let expected = [
            "department",
            "division",
            "firstName",
            "jobCode",
            "lastModified",
            "lastModifiedDateTime",
            "lastModifiedWithTZ",
            "lastName",
            "location",
            "sciLastModified",
            "status",
            "userId",
            "username",
        ];
        assert_eq!(filterable, expected);
    }

    #[test]
    fn employment_end_and_status_cannot_be_written() {
        let employment = Set::EmpEmployment.table();
        let end = employment.properties[employment.property("endDate").unwrap()];
        assert!(!end.flags.upsertable() && end.flags.filterable());
        let job = Set::EmpJob.table();
        assert!(!job.properties[job.property("emplStatus").unwrap()].flags.upsertable());
    }

    #[test]
    fn keys_and_what_identity_needs_are_in_the_data_model() {
        for set in Set::all() {
            let table = set.table();
            let on = |name: &str| table.property(name).is_some_and(|at| table.properties[at].flags.visible());
            assert!(table.keys.iter().all(|key| on(key)), "{}", table.name);
        }
        let on = |set: Set| set.table().properties.iter().filter(|one| one.flags.visible()).count();
        assert_eq!((Set::User.table().properties.len(), Set::EmpJob.table().properties.len()), (138, 91));
        assert!((55..75).contains(&on(Set::User)) && (35..50).contains(&on(Set::EmpJob)));
    }
}
