//! Stories of Employee Central, written row by row.

use jiff::SignedDuration;

use super::*;
use crate::schema::Set;
use crate::world::laws::{cell, company, follow, follow_at, person, text, user};
use crate::world::{AsOf, Cell, Day, RowId, Value, World};

/// A row from names and values.
fn row(set: Set, values: &[(&str, Value)]) -> RowWrite {
    let mut row = RowWrite::new(set);
    let table = set.table();
    row.values = values.iter().map(|(name, value)| (table.property(name).unwrap(), value.clone())).collect();
    row
}

fn t(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn d(day: Day) -> Value {
    Value::Date(day)
}

fn written(world: &mut World, rows: &[RowWrite], manner: &Manner) -> Vec<Result<Done, WriteRefused>> {
    world.write(rows, manner).into_iter().map(|done| done.map(|done| done.done)).collect()
}

fn write(world: &mut World, row: &RowWrite) -> Result<Done, WriteRefused> {
    written(world, std::slice::from_ref(row), &Manner::default()).remove(0)
}

fn account(id: &str) -> RowWrite {
    row(
        Set::User,
        &[("userId", t(id)), ("username", t(id)), ("status", t("t")), ("firstName", t("X")), ("email", t("x@y.z"))],
    )
}

fn biography(id: &str) -> RowWrite {
    row(Set::PerPerson, &[("personIdExternal", t(id)), ("dateOfBirth", d(Day(3000))), ("userId", t(id))])
}

fn employed(id: &str, user: &str, start: Day) -> RowWrite {
    row(Set::EmpEmployment, &[("personIdExternal", t(id)), ("userId", t(user)), ("startDate", d(start))])
}

fn job(user: &str, start: Day, reason: &str, more: &[(&str, Value)]) -> RowWrite {
    let mut values = vec![("userId", t(user)), ("startDate", d(start)), ("eventReason", t(reason))];
    values.extend(more.iter().cloned());
    row(Set::EmpJob, &values)
}

fn hired_job(world: &World, user: &str, start: Day, reason: &str) -> RowWrite {
    let some = world.rows(Set::EmpJob, AsOf::Day(world.today())).next().unwrap();
    let names = ["company", "businessUnit", "jobCode", "department", "location"];
    let more: Vec<(&str, Value)> = names.iter().map(|name| (*name, t(text(world, some, name)))).collect();
    job(user, start, reason, &more)
}

fn named(id: &str, start: Day, first: &str, last: &str) -> RowWrite {
    let values = [("personIdExternal", t(id)), ("startDate", d(start)), ("firstName", t(first)), ("lastName", t(last))];
    row(Set::PerPersonal, &values)
}

fn mail(id: &str, kind: &str, address: &str, primary: bool) -> RowWrite {
    let values = [
        ("personIdExternal", t(id)),
        ("emailType", t(kind)),
        ("emailAddress", t(address)),
        ("isPrimary", Value::Bool(primary)),
    ];
    row(Set::PerEmail, &values)
}

/// Somebody hired in the documented order, and the employment.
fn hire(world: &mut World, id: &str, start: Day) -> RowId {
    let job = hired_job(world, id, start, "HIRNEW");
    let rows = [
        account(id),
        biography(id),
        employed(id, id, start),
        job,
        named(id, start, "Ada", "Byron"),
        mail(id, "B", "ada@acme.example", true),
    ];
    for row in rows {
        assert!(matches!(write(world, &row), Ok(Done::Inserted | Done::Upserted)), "{:?}", row.set);
    }
    follow(world, person(world, id), "employmentNav")[0]
}

fn status<'a>(world: &'a World, id: &str) -> &'a str {
    text(world, user(world, id), "status")
}

#[test]
fn a_hire_in_the_documented_order() {
    let mut world = company(1, 50);
    let start = world.today().plus(1);
    let employment = hire(&mut world, "Z9", start);
    let account = user(&world, "Z9");
    assert_eq!((status(&world, "Z9"), text(&world, account, "firstName")), ("f", "Ada"));
    assert_eq!(text(&world, account, "email"), "ada@acme.example");
    assert!(follow(&world, employment, "jobInfoNav").is_empty());
    world.advance(SignedDuration::from_hours(24));
    assert_eq!(status(&world, "Z9"), "t");
    let job = follow(&world, employment, "jobInfoNav")[0];
    assert_eq!(text(&world, follow(&world, job, "emplStatusNav")[0], "externalCode"), "A");
    assert!(text(&world, account, "department").contains(text(&world, job, "department")));
    assert_eq!(text(&world, job, "lastModifiedBy"), "API_USER");
}

#[test]
fn what_stands_on_nothing_is_refused() {
    let mut world = company(1, 50);
    let start = world.today();
    let hired = hired_job(&world, "Z9", start, "HIRNEW");
    assert_eq!(write(&mut world, &named("Z9", start, "A", "B")), Err(WriteRefused::NoPerson));
    assert_eq!(write(&mut world, &mail("Z9", "B", "a@b.c", true)), Err(WriteRefused::NoPerson));
    assert_eq!(write(&mut world, &employed("Z9", "Z9", start)), Err(WriteRefused::NoPerson));
    let order = |set, id: &str| Err(WriteRefused::Order { set, id: id.to_owned() });
    assert_eq!(write(&mut world, &biography("Z9")), order("User", "Z9"));
    assert_eq!(write(&mut world, &hired), order("EmpEmployment", "Z9"));
    write(&mut world, &account("Z9")).unwrap();
    assert_eq!(write(&mut world, &hired), order("EmpEmployment", "Z9"));
    let required = |names: &[&str]| Err(WriteRefused::Required(names.iter().map(|name| (*name).to_owned()).collect()));
    let bare = row(Set::PerPerson, &[("personIdExternal", t("Z9"))]);
    assert_eq!(write(&mut world, &bare), required(&["dateOfBirth"]));
    write(&mut world, &biography("Z9")).unwrap();
    write(&mut world, &employed("Z9", "Z9", start)).unwrap();
    let reasoned = job("Z9", start, "HIRNEW", &[]);
    assert_eq!(write(&mut world, &reasoned), required(&["businessUnit", "company", "jobCode"]));
    for (day, reason) in [(1, "HIRNEW"), (0, "DATACHG"), (0, "REHREH"), (0, "HIRCONC")] {
        let wrong = hired_job(&world, "Z9", start.plus(day), reason);
        assert!(matches!(write(&mut world, &wrong), Err(WriteRefused::Rule(_))), "{reason} on day {day}");
    }
    let unknown = hired_job(&world, "Z9", start, "NONSENSE");
    assert!(matches!(write(&mut world, &unknown), Err(WriteRefused::Value { .. })));
    let dated = row(
        Set::EmpEmploymentTermination,
        &[("personIdExternal", t("Z9")), ("userId", t("Z9")), ("endDate", d(start)), ("eventReason", t("TERRESIG"))],
    );
    assert_eq!(write(&mut world, &dated), order("EmpJob", "Z9"));
    assert_eq!(write(&mut world, &hired), Ok(Done::Upserted));
    // The account is somebody else's.
    let taken = row(Set::PerPerson, &[("personIdExternal", t("Z8")), ("dateOfBirth", d(start)), ("userId", t("Z9"))]);
    assert_eq!(write(&mut world, &taken), Err(WriteRefused::NoPerson));
}

#[test]
fn job_information_is_split_merged_and_deleted() {
    let mut world = company(1, 50);
    let today = world.today();
    let employment = hire(&mut world, "Z9", today.plus(-100));
    let slices = |world: &World| follow_at(world, employment, "jobInfoNav", AsOf::ALL);
    write(&mut world, &job("Z9", today, "DATACHG", &[("jobTitle", t("Poet")), ("notes", t("by api"))])).unwrap();
    assert_eq!(slices(&world).len(), 2);
    let [first, second] = slices(&world)[..] else { panic!("two slices") };
    assert_eq!(cell(&world, first, "endDate"), Cell::Date(today.plus(-1)));
    assert_eq!((text(&world, second, "jobTitle"), text(&world, second, "notes")), ("Poet", "by api"));
    assert_eq!(text(&world, second, "department"), text(&world, first, "department"));
    assert_eq!(text(&world, user(&world, "Z9"), "title"), "Poet");
    // What was written stays when a slice is copied.
    write(&mut world, &job("Z9", today, "TRANSUPV", &[("seqNumber", Value::Int(2)), ("managerId", t("100001"))]))
        .unwrap();
    let third = slices(&world)[2];
    assert_eq!((text(&world, third, "notes"), text(&world, third, "managerId")), ("by api", "100001"));
    assert_eq!(follow(&world, user(&world, "Z9"), "manager"), [user(&world, "100001")]);
    assert!(matches!(
        write(&mut world, &job("Z9", today, "DATACHG", &[("seqNumber", Value::Int(7))])),
        Err(WriteRefused::Rule(_))
    ));
    // The same once more changes nothing, and stamps nothing.
    world.advance(SignedDuration::from_hours(1));
    let before = cell(&world, third, "lastModifiedDateTime");
    let before = format!("{before:?}");
    let same = job("Z9", today, "TRANSUPV", &[("seqNumber", Value::Int(2)), ("managerId", t("100001"))]);
    assert_eq!(write(&mut world, &same), Ok(Done::Unchanged));
    assert_eq!(format!("{:?}", cell(&world, third, "lastModifiedDateTime")), before);
    let mut gone = job("Z9", today, "TRANSUPV", &[("seqNumber", Value::Int(2))]);
    gone.operation = Some(Operation::Delimit);
    assert!(matches!(write(&mut world, &gone), Err(WriteRefused::Rule(_))));
    gone.operation = Some(Operation::Delete);
    assert_eq!(write(&mut world, &gone), Ok(Done::Upserted));
    assert_eq!(slices(&world).len(), 2);
    assert_eq!(cell(&world, slices(&world)[1], "endDate"), Cell::Date(Day::FOREVER));
    let mut hire = job("Z9", today.plus(-100), "HIRNEW", &[]);
    hire.operation = Some(Operation::Delete);
    assert!(matches!(write(&mut world, &hire), Err(WriteRefused::Rule(_))));
    for status in ["emplStatus", "event"] {
        let refused = write(&mut world, &job("Z9", today, "DATACHG", &[(status, t("A"))]));
        assert!(matches!(refused, Err(WriteRefused::ReadOnly(_))));
    }
    let nobody = job("Z9", today.plus(1), "TRANSUPV", &[("managerId", t("nobody"))]);
    assert!(matches!(write(&mut world, &nobody), Err(WriteRefused::Link { .. })));
    assert_eq!(slices(&world).len(), 2, "a refused row leaves no slice behind");
}

#[test]
fn terminations_rehires_and_taking_back() {
    let mut world = company(1, 50);
    let today = world.today();
    let employment = hire(&mut world, "Z9", today.plus(-100));
    let ending = |end: Day, reason: &str| {
        let values =
            [("personIdExternal", t("Z9")), ("userId", t("Z9")), ("endDate", d(end)), ("eventReason", t(reason))];
        row(Set::EmpEmploymentTermination, &values)
    };
    assert!(matches!(write(&mut world, &ending(today, "HIRNEW")), Err(WriteRefused::Value { .. })));
    assert!(matches!(write(&mut world, &ending(today.plus(-200), "TERRESIG")), Err(WriteRefused::Rule(_))));
    let mut told = ending(today.plus(-1), "TERRESIG");
    told.values.push((Set::EmpEmploymentTermination.table().property("okToRehire").unwrap(), Value::Bool(false)));
    assert_eq!(write(&mut world, &told), Ok(Done::Upserted));
    assert_eq!(write(&mut world, &told), Ok(Done::Unchanged));
    assert_eq!(status(&world, "Z9"), "f");
    let info = follow(&world, person(&world, "Z9"), "personEmpTerminationInfoNav")[0];
    assert_eq!(cell(&world, info, "activeEmploymentsCount"), Cell::Int(0));
    assert_eq!(cell(&world, employment, "okToRehire"), Cell::Bool(false));
    let last = *follow_at(&world, employment, "jobInfoNav", AsOf::ALL).last().unwrap();
    assert_eq!((text(&world, last, "eventReason"), cell(&world, last, "startDate")), ("TERRESIG", Cell::Date(today)));
    assert!(matches!(write(&mut world, &ending(today, "TERRESIG")), Err(WriteRefused::Rule(_))), "already terminated");
    assert!(matches!(write(&mut world, &job("Z9", today.plus(1), "DATACHG", &[])), Err(WriteRefused::Rule(_))));

    // The old employment opens again: job information first, then the employment.
    write(&mut world, &job("Z9", today.plus(1), "REHREH", &[])).unwrap();
    write(&mut world, &employed("Z9", "Z9", today.plus(1))).unwrap();
    assert_eq!(cell(&world, employment, "endDate"), Cell::Null);
    world.advance(SignedDuration::from_hours(24));
    assert_eq!(status(&world, "Z9"), "t");

    // Ended by job information, and taken back by deleting that slice.
    let leave = job("Z9", today.plus(10), "TERRETIR", &[]);
    write(&mut world, &leave).unwrap();
    assert_eq!(cell(&world, employment, "endDate"), Cell::Date(today.plus(9)));
    assert_eq!(write(&mut world, &RowWrite { operation: Some(Operation::Delete), ..leave }), Ok(Done::Upserted));
    assert_eq!(cell(&world, employment, "endDate"), Cell::Null);
}

#[test]
fn several_employments_and_a_no_show() {
    let mut world = company(1, 50);
    let today = world.today();
    hire(&mut world, "Z9", today.plus(-100));
    let add = |world: &mut World, id: &str, reason: &str| {
        write(world, &account(id)).unwrap();
        write(world, &employed("Z9", id, today)).unwrap();
        let job = hired_job(world, id, today, reason);
        write(world, &job)
    };
    assert!(matches!(add(&mut world, "Z9-1", "HIRNEW"), Err(WriteRefused::Rule(_))));
    assert_eq!(add(&mut world, "Z9-2", "HIRCONC"), Ok(Done::Upserted));
    assert_eq!(add(&mut world, "Z9-3", "GASTART"), Ok(Done::Upserted));
    let employments = follow(&world, person(&world, "Z9"), "employmentNav");
    let classes: Vec<(&str, &str)> =
        employments.iter().map(|row| (text(&world, *row, "userId"), text(&world, *row, "assignmentClass"))).collect();
    assert_eq!(classes, [("Z9", "ST"), ("Z9-1", "ST"), ("Z9-2", "ST"), ("Z9-3", "GA")]);
    assert!(matches!(add(&mut world, "Z9-4", "REHREH"), Err(WriteRefused::Rule(_))), "somebody who works here");

    let employment = hire(&mut world, "Y1", today.plus(3));
    let never = job("Y1", today.plus(3), "TERNOSHW", &[("seqNumber", Value::Int(2))]);
    write(&mut world, &never).unwrap();
    assert_eq!(cell(&world, employment, "endDate"), Cell::Date(today.plus(2)));
    world.advance(SignedDuration::from_hours(24 * 4));
    assert_eq!(status(&world, "Y1"), "f");
}

#[test]
fn one_primary_address_and_rows_of_a_person_stand_together() {
    let mut world = company(1, 50);
    let today = world.today();
    hire(&mut world, "Z9", today);
    let primary = |world: &World| {
        let rows = follow(world, person(world, "Z9"), "emailNav");
        let primary = rows.iter().find(|row| cell(world, **row, "isPrimary") == Cell::Bool(true)).unwrap();
        text(world, *primary, "emailType").to_owned()
    };
    let private = mail("Z9", "P", "ada@home.example", true);
    assert_eq!(write(&mut world, &private), Err(WriteRefused::Primary(Set::PerEmail)));
    let business = row(
        Set::PerEmail,
        &[("personIdExternal", t("Z9")), ("emailType", t("8448")), ("isPrimary", Value::Bool(false))],
    );
    let both = [private.clone(), business.clone()];
    assert_eq!(written(&mut world, &both, &Manner::default()), [Ok(Done::Upserted), Ok(Done::Upserted)]);
    assert_eq!(primary(&world), "8447");
    assert_eq!(text(&world, user(&world, "Z9"), "email"), "ada@home.example");
    // With the company's option one row is enough.
    let moves = Manner { primary_moves: true, ..Manner::default() };
    let back = mail("Z9", "B", "ada@acme.example", true);
    assert_eq!(written(&mut world, std::slice::from_ref(&back), &moves), [Ok(Done::Upserted)]);
    assert_eq!(primary(&world), "8448");
    // One bad row takes the good one of the same person with it, and nobody else's.
    let bad = mail("Z9", "NONSENSE", "x@y.example", false);
    let other = text(&world, world.rows(Set::PerEmail, AsOf::ALL).next().unwrap(), "personIdExternal").to_owned();
    let mixed = [mail("Z9", "O", "ada@other.example", false), bad, mail(&other, "O", "o@other.example", false)];
    let done = written(&mut world, &mixed, &Manner::default());
    assert_eq!((&done[0], done[1].is_err(), &done[2]), (&Err(WriteRefused::Together), true, &Ok(Done::Upserted)));
    assert_eq!(follow(&world, person(&world, "Z9"), "emailNav").len(), 2);
    // Deleting.
    let go = |kind: &str, flag: Option<bool>| {
        let mut values = vec![("personIdExternal", t("Z9")), ("emailType", t(kind))];
        values.extend(flag.map(|flag| ("isPrimary", Value::Bool(flag))));
        RowWrite { operation: Some(Operation::Delete), ..row(Set::PerEmail, &values) }
    };
    assert_eq!(write(&mut world, &go("P", None)), Err(WriteRefused::Flag));
    assert_eq!(write(&mut world, &go("B", Some(true))), Err(WriteRefused::Primary(Set::PerEmail)));
    assert_eq!(write(&mut world, &go("P", Some(false))), Ok(Done::Upserted));
    assert_eq!(write(&mut world, &go("P", Some(false))), Err(WriteRefused::Missing(Set::PerEmail)));
    // All there shall be.
    let full = Manner { purge: Purge::Full, ..Manner::default() };
    assert_eq!(written(&mut world, &[mail("Z9", "O", "ada@only.example", true)], &full), [Ok(Done::Upserted)]);
    assert_eq!(follow(&world, person(&world, "Z9"), "emailNav").len(), 1);
}

#[test]
fn names_by_slices() {
    let mut world = company(1, 50);
    let today = world.today();
    hire(&mut world, "Z9", today.plus(-10));
    let slices = |world: &World| follow_at(world, person(world, "Z9"), "personalInfoNav", AsOf::ALL);
    let married = row(
        Set::PerPersonal,
        &[
            ("personIdExternal", t("Z9")),
            ("startDate", d(today)),
            ("lastName", t("Lovelace")),
            ("title", Value::Null),
            ("maritalStatus", t("M")),
            ("nationality", t("GBR")),
        ],
    );
    assert_eq!(write(&mut world, &married), Ok(Done::Upserted));
    assert_eq!(text(&world, user(&world, "Z9"), "nationality"), "GBR");
    assert_eq!(text(&world, user(&world, "Z9"), "defaultFullName"), "Ada Lovelace");
    let second = slices(&world)[1];
    assert_eq!((text(&world, second, "firstName"), text(&world, second, "maritalStatus")), ("Ada", "7002"));
    let odd =
        row(Set::PerPersonal, &[("personIdExternal", t("Z9")), ("startDate", d(today)), ("maritalStatus", t("happy"))]);
    assert!(matches!(write(&mut world, &odd), Err(WriteRefused::Value { .. })));
    let gone = RowWrite { operation: Some(Operation::Delete), ..married };
    assert_eq!(write(&mut world, &gone), Ok(Done::Upserted));
    assert_eq!(text(&world, user(&world, "Z9"), "lastName"), "Byron");
    assert_eq!(cell(&world, slices(&world)[0], "endDate"), Cell::Date(Day::FOREVER));
}

#[test]
fn users_wait_for_the_sync_when_it_comes_on_order() {
    let mut world = company(1, 50);
    let today = world.today();
    hire(&mut world, "Z9", today.plus(-10));
    let waits = Manner { sync_waits: true, ..Manner::default() };
    let rows = [named("Z9", today, "Ada", "King")];
    assert_eq!(written(&mut world, &rows, &waits), [Ok(Done::Upserted)]);
    let ended = [job("Z9", today, "TERRESIG", &[])];
    assert_eq!(written(&mut world, &ended, &waits), [Ok(Done::Upserted)]);
    let shown = |world: &World| {
        let account = user(world, "Z9");
        (text(world, account, "lastName").to_owned(), text(world, account, "status").to_owned())
    };
    assert_eq!(shown(&world), ("Byron".to_owned(), "t".to_owned()));
    assert_eq!(world.hris_sync(), 1);
    assert_eq!(shown(&world), ("King".to_owned(), "f".to_owned()));
    assert_eq!(world.hris_sync(), 0);
}

#[test]
fn addresses_ids_and_relationships() {
    let mut world = company(1, 50);
    let today = world.today();
    let employment = hire(&mut world, "Z9", today.plus(-10));
    let home = |start: Day, more: &[(&str, Value)]| {
        let mut values = vec![("personIdExternal", t("Z9")), ("addressType", t("home")), ("startDate", d(start))];
        values.extend(more.iter().cloned());
        row(Set::PerAddressDEFLT, &values)
    };
    assert!(matches!(write(&mut world, &home(today.plus(-10), &[])), Err(WriteRefused::Required(_))));
    let first = home(today.plus(-10), &[("country", t("DEU")), ("city", t("Ulm")), ("address3", t("c/o"))]);
    assert_eq!(write(&mut world, &first), Ok(Done::Upserted));
    assert_eq!(write(&mut world, &home(today, &[("city", t("Bonn"))])), Ok(Done::Upserted));
    let cities = |world: &World| -> Vec<(String, String, String)> {
        let rows = follow_at(world, person(world, "Z9"), "homeAddressNavDEFLT", AsOf::ALL);
        let show = |row: &RowId, name: &str| match cell(world, *row, name) {
            Cell::Date(day) => day.to_string(),
            _ => text(world, *row, name).to_owned(),
        };
        rows.iter().map(|row| (show(row, "city"), show(row, "address3"), show(row, "endDate"))).collect()
    };
    let ulm = ("Ulm".to_owned(), "c/o".to_owned(), today.plus(-1).to_string());
    assert_eq!(cities(&world), [ulm.clone(), ("Bonn".into(), "c/o".into(), "9999-12-31".into())]);
    assert!(matches!(write(&mut world, &home(today, &[("country", t("XYZ"))])), Err(WriteRefused::Value { .. })));
    let end = RowWrite { operation: Some(Operation::Delimit), ..home(today.plus(5), &[]) };
    assert_eq!(write(&mut world, &end), Ok(Done::Upserted));
    assert_eq!(cities(&world)[1].2, today.plus(4).to_string());
    let gone = RowWrite { operation: Some(Operation::Delete), ..home(today, &[]) };
    assert_eq!(write(&mut world, &gone), Ok(Done::Upserted));
    assert_eq!(cities(&world), [("Ulm".into(), "c/o".into(), today.plus(4).to_string())]);

    let card = |more: &[(&str, Value)]| {
        let mut values = vec![("personIdExternal", t("Z9")), ("country", t("USA")), ("cardType", t("ssn"))];
        values.extend(more.iter().cloned());
        row(Set::PerNationalId, &values)
    };
    assert!(matches!(write(&mut world, &card(&[])), Err(WriteRefused::Required(_))));
    let number = [("nationalId", t("123-45-6789")), ("isPrimary", Value::Bool(true))];
    assert_eq!(write(&mut world, &card(&number)), Ok(Done::Upserted));
    let found = follow(&world, person(&world, "Z9"), "nationalIdNav")[0];
    assert_eq!(text(&world, found, "nationalId"), "123-45-6789");

    let kind = world.picks.list("jobRelType").and_then(|list| {
        let first = world.picks.lists.get(list)?.first;
        Some(world.picks.choices.get(usize::from(first))?.text.clone())
    });
    let related = |to: &str, start: Day| {
        let values = [
            ("userId", t("Z9")),
            ("relationshipType", t(&kind.clone().unwrap())),
            ("startDate", d(start)),
            ("relUserId", t(to)),
        ];
        row(Set::EmpJobRelationships, &values)
    };
    assert!(matches!(write(&mut world, &related("nobody", today)), Err(WriteRefused::Link { .. })));
    assert_eq!(write(&mut world, &related("100001", today.plus(-5))), Ok(Done::Upserted));
    assert_eq!(write(&mut world, &related("100002", today)), Ok(Done::Upserted));
    let relations = follow_at(&world, employment, "empJobRelationshipNav", AsOf::ALL);
    let to: Vec<&str> = relations.iter().map(|row| text(&world, *row, "relUserId")).collect();
    assert_eq!(to, ["100001", "100002"]);
}

#[test]
fn accounts_external_users_and_photos() {
    let mut world = company(1, 50);
    let name = text(&world, user(&world, "100003"), "username").to_owned();
    let method = |method: &str| row(Set::UserAccount, &[("username", t(&name)), ("loginMethod", t(method))]);
    assert_eq!(write(&mut world, &method("PWD")), Ok(Done::Updated));
    assert!(matches!(write(&mut world, &method("MAGIC")), Err(WriteRefused::Value { .. })));
    let none = row(Set::UserAccount, &[("username", t("nobody")), ("loginMethod", t("SSO"))]);
    assert_eq!(write(&mut world, &none), Err(WriteRefused::Missing(Set::UserAccount)));

    let guest = |more: &[(&str, Value)]| {
        let mut values = vec![("userId", t("guest"))];
        values.extend(more.iter().cloned());
        row(Set::ExternalUser, &values)
    };
    assert!(matches!(write(&mut world, &guest(&[])), Err(WriteRefused::Required(_))));
    let mut made = guest(&[("status", t("e")), ("productName", t("Onboarding")), ("userName", t("guest"))]);
    let part = row(Set::ExtPersonalInfo, &[("firstName", t("Ada"))]);
    made.nested = vec![(Set::ExternalUser.table().navigation("extPersonalInfo").unwrap(), part)];
    assert_eq!(write(&mut world, &made), Ok(Done::Inserted));
    let account = user(&world, "guest");
    assert_eq!((text(&world, account, "status"), text(&world, account, "firstName")), ("e", "Ada"));
    assert_eq!(write(&mut world, &row(Set::User, &[("userId", t("guest"))])), Err(WriteRefused::External));

    let photo = |bytes: &[u8]| {
        row(Set::Photo, &[("userId", t("100003")), ("photoType", Value::Int(5)), ("photo", Value::Bytes(bytes.into()))])
    };
    let gif = photo(b"GIF89a\x10\0\x20\0");
    assert_eq!(write(&mut world, &gif), Ok(Done::Inserted));
    assert_eq!(write(&mut world, &gif), Ok(Done::Updated));
    assert!(matches!(write(&mut world, &photo(b"no image")), Err(WriteRefused::Rule(_))));
    assert_eq!(world.delete(&gif), Ok(()));
    assert_eq!(world.delete(&gif), Err(WriteRefused::Missing(Set::Photo)));
}
