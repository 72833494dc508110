//! Every personal value of a simulated company.

use std::collections::BTreeSet;

use joinery_simulator::schema::Set;
use joinery_simulator::world::{AsOf, Cell, RowId, World};

/// Names, log-in names, ids, addresses, numbers: whatever tells of somebody.
const PERSONAL: &[(Set, &[&str])] = &[
    (
        Set::User,
        &[
            "userId",
            "username",
            "firstName",
            "lastName",
            "displayName",
            "defaultFullName",
            "email",
            "businessPhone",
            "cellPhone",
            "empId",
        ],
    ),
    (Set::PerPerson, &["personIdExternal", "perPersonUuid"]),
    (Set::PerPersonal, &["firstName", "lastName", "middleName", "preferredName", "displayName"]),
    (Set::PerEmail, &["emailAddress"]),
    (Set::PerPhone, &["phoneNumber"]),
    (Set::PerNationalId, &["nationalId"]),
    (Set::PerAddressDEFLT, &["address1"]),
];

/// What names organisations and places: words of it may be somebody's name too.
const ORGANISATION: &[(Set, &str)] = &[
    (Set::FOCompany, "name"),
    (Set::FODepartment, "name"),
    (Set::FODivision, "name"),
    (Set::FOLocation, "name"),
    (Set::FOJobCode, "name"),
    (Set::FOCorporateAddressDEFLT, "city"),
];

/// All of them, of everybody at any time. Names of up to three letters are left out: every made-up word of that length is
/// somebody's name by chance, and that no word stays what it was is a law of the cipher.
pub(super) fn values(world: &World) -> BTreeSet<String> {
    let texts = |set: Set, name: &str| {
        let property = set.table().property(name);
        let rows = world.rows(set, AsOf::ALL).filter(|row| is_of_a_person(world, *row));
        let texts = rows.filter_map(move |row| match world.cell(row, property?) {
            Cell::Str(text) => Some(text.trim().to_owned()),
            _ => None,
        });
        texts.collect::<Vec<_>>()
    };
    let of_places: BTreeSet<String> = ORGANISATION
        .iter()
        .flat_map(|(set, name)| texts(*set, name))
        .flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let all = PERSONAL.iter().flat_map(|(set, names)| names.iter().flat_map(|name| texts(*set, name)));
    all.filter(|value| value.chars().count() > 3 && !of_places.contains(value)).collect()
}

/// Not one of the users that every tenant has, such as `sfadmin`.
fn is_of_a_person(world: &World, row: RowId) -> bool {
    row.set() != Set::User || world.person_of(row).is_some()
}
