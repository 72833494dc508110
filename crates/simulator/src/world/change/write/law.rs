//! Whatever is written, and whatever is refused.

use proptest::prelude::*;

use super::*;
use crate::schema::Set;
use crate::world::laws::{company, gap_free, one_primary, print, well_formed};
use crate::world::{Value, World};

/// One row of somebody, with values that may or may not fit.
#[derive(Clone, Debug)]
struct Wild {
    set: usize,
    who: usize,
    day: i32,
    kind: usize,
    flag: Option<bool>,
    reason: usize,
    delete: bool,
    text: String,
}

const SETS: [Set; 14] = [
    Set::User,
    Set::PerPersonal,
    Set::PerEmail,
    Set::PerPhone,
    Set::PerAddressDEFLT,
    Set::PerNationalId,
    Set::EmpEmployment,
    Set::EmpEmploymentTermination,
    Set::EmpJob,
    Set::EmpJobRelationships,
    Set::EmpCompensation,
    Set::EmpPayCompRecurring,
    Set::FOLocation,
    Set::PickListValueV2,
];
const PEOPLE: [&str; 4] = ["100003", "100004", "100005", "nobody"];
const REASONS: [&str; 7] = ["DATACHG", "TERRESIG", "REHREH", "HIRNEW", "LOAPAID", "RETLOA", "TERNOSHW"];
const MAILS: [&str; 3] = ["P", "B", "O"];
const PHONES: [&str; 3] = ["B", "C", "X"];

fn wild() -> impl Strategy<Value = Wild> {
    let flag = proptest::option::of(any::<bool>());
    (0..SETS.len(), 0..PEOPLE.len(), -400_i32..400, 0_usize..3, flag, 0..REASONS.len(), any::<bool>(), "[a-zé']{0,6}")
        .prop_map(|(set, who, day, kind, flag, reason, delete, text)| Wild {
            set,
            who,
            day,
            kind,
            flag,
            reason,
            delete,
            text,
        })
}

fn row(world: &World, wild: &Wild) -> RowWrite {
    let (set, who) = (SETS[wild.set], PEOPLE[wild.who]);
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let day = Some(Value::Date(world.today().plus(wild.day)));
    let flag = wild.flag.map(Value::Bool);
    let pick = |list: &[&str; 3]| text(list[wild.kind]);
    let values: Vec<(&str, Option<Value>)> = match set {
        Set::User => vec![("userId", text(who)), ("custom01", text(&wild.text)), ("username", text(&wild.text))],
        Set::PerPersonal => vec![("personIdExternal", text(who)), ("startDate", day), ("lastName", text(&wild.text))],
        Set::PerEmail => vec![
            ("personIdExternal", text(who)),
            ("emailType", pick(&MAILS)),
            ("emailAddress", text(&wild.text)),
            ("isPrimary", flag),
        ],
        Set::PerPhone => vec![
            ("personIdExternal", text(who)),
            ("phoneType", pick(&PHONES)),
            ("phoneNumber", text(&wild.text)),
            ("isPrimary", flag),
        ],
        Set::PerAddressDEFLT => vec![
            ("personIdExternal", text(who)),
            ("addressType", pick(&["home", "mailing", "home"])),
            ("startDate", day),
            ("country", pick(&["DEU", "USA", "XYZ"])),
            ("city", text(&wild.text)),
        ],
        Set::PerNationalId => vec![
            ("personIdExternal", text(who)),
            ("country", pick(&["DEU", "USA", "XYZ"])),
            ("cardType", text("ssn")),
            ("nationalId", text(&wild.text)),
            ("isPrimary", flag),
        ],
        Set::EmpEmployment => vec![("personIdExternal", text(who)), ("userId", text(who)), ("startDate", day)],
        Set::EmpEmploymentTermination => vec![
            ("personIdExternal", text(who)),
            ("userId", text(who)),
            ("endDate", day),
            ("eventReason", text(REASONS[wild.reason])),
        ],
        Set::EmpJob => vec![
            ("userId", text(who)),
            ("startDate", day),
            ("seqNumber", Some(Value::Int(wild.kind as i64 + 1))),
            ("eventReason", text(REASONS[wild.reason])),
            ("jobTitle", text(&wild.text)),
        ],
        Set::EmpCompensation => vec![
            ("userId", text(who)),
            ("startDate", day),
            ("eventReason", text(REASONS[wild.reason])),
            ("bonusTarget", Some(Value::Double(f64::from(wild.day)))),
            ("isEligibleForCar", flag),
        ],
        Set::EmpPayCompRecurring => vec![
            ("userId", text(who)),
            ("startDate", day),
            ("seqNumber", Some(Value::Int(wild.kind as i64 + 1))),
            ("payComponent", pick(&["BASE", "BASE", "BONUS"])),
            ("paycompvalue", Some(Value::Double(f64::from(wild.day) / 8.0))),
        ],
        Set::FOLocation => vec![
            ("externalCode", pick(&["USA-CHI", "NEW", "NEWER"])),
            ("startDate", day),
            ("name", text(&wild.text)),
            ("status", pick(&["A", "I", "X"])),
            ("addressCity", text(&wild.text)),
            ("addressCountry", wild.flag.and_then(|odd| text(if odd { "XYZ" } else { "USA" }))),
        ],
        Set::PickListValueV2 => vec![
            ("PickListV2_id", pick(&["ecEmailType", "salutation", "nothing"])),
            ("externalCode", text(&format!("L{}", wild.text))),
            ("label_de_DE", text(&wild.text)),
            ("status", pick(&["A", "I", "X"])),
        ],
        _ => vec![
            ("userId", text(who)),
            ("startDate", day),
            ("relationshipType", text(&world.picks.choices[usize::from(first_relation(world))].text)),
            ("relUserId", text(PEOPLE[wild.kind])),
        ],
    };
    let mut row = RowWrite::new(set);
    let table = set.table();
    let sent = values.into_iter().filter_map(|(name, value)| Some((table.property(name).unwrap(), value?)));
    row.values = sent.collect();
    row.operation = (wild.delete && table.property("operation").is_some()).then_some(Operation::Delete);
    row
}

fn first_relation(world: &World) -> u16 {
    world.picks.lists[world.picks.list("jobRelType").unwrap()].first
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_keeps_the_laws(wilds in proptest::collection::vec(wild(), 1..40), full in any::<bool>()) {
        let mut world = company(9, 20);
        let purge = if full { Purge::Full } else { Purge::Incremental };
        for (turn, wild) in wilds.iter().enumerate() {
            let row = row(&world, wild);
            let purge = if turn % 5 == 4 { purge } else { Purge::Incremental };
            let manner = Manner { purge, process_inactive: true, ..Manner::default() };
            let before = print(&world);
            let done = world.write(std::slice::from_ref(&row), &manner);
            if done.iter().all(Result::is_err) {
                prop_assert_eq!(before, print(&world), "refused and yet changed: {:?}", row);
            }
        }
        gap_free(&world);
        well_formed(&world);
        one_primary(&world);
    }
}
