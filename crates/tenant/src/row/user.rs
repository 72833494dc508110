//! A user becomes a row: for tenants without Employee Central.

use std::collections::BTreeSet;

use jiff::civil::Date;
use joinery_model::{Key, Root, Row, Seen, Standing, StandingKind, Value};

use super::parts::{date, prune, text};
use super::person::Frame;
use super::read::Entity;
use super::refs::collect;

/// Judges an entity of User.
///
/// # Errors
/// The [`Seen::Unreadable`] that says why it cannot be judged, without personal data.
pub fn user(entity: Entity, frame: &Frame) -> Result<Row, Box<Seen>> {
    let key = text(&entity.value, "userId").map(Key::new);
    let unreadable = |why: &str| Box::new(Seen::Unreadable(key.clone(), why.to_owned()));
    let (mut data, lost) = (entity.value, entity.lost);
    if let Some(wrong) = entity.wrong {
        return Err(unreadable(&wrong));
    }
    let Some(key) = key.clone() else { return Err(unreadable("User.userId is empty")) };
    let Some(kind) = text(&data, "status").and_then(|status| standing(&status, date(&data, "hireDate"), frame.today))
    else {
        return Err(unreadable("User.status is missing or not one of t, T, f, F, e, d; it says who left"));
    };
    let standing = Standing { kind, start: date(&data, "hireDate"), end: None };
    let mut refs = BTreeSet::new();
    collect(&frame.shape, &data, &mut refs);
    let modified = match data.get("lastModifiedDateTime") {
        Some(Value::Instant(instant)) => Some(*instant),
        _ => None,
    };
    prune(&frame.shape, &mut data);
    let unsaid = frame.unsaid(Root::Users, lost);
    Ok(Row { aliases: vec![key.to_string()], key, data, refs: refs.into_iter().collect(), standing, modified, unsaid })
}

/// The statuses of SAP Note 2736579. An inactive or onboarding user whose hire date is to come has not left.
fn standing(status: &str, hired: Option<Date>, today: Date) -> Option<StandingKind> {
    if matches!(status, "t" | "T" | "active" | "active_external") {
        return Some(StandingKind::Active);
    }
    let to_come = hired.is_some_and(|hired| hired > today);
    match status {
        "e"
        | "active_external_suite"
        | "f"
        | "F"
        | "d"
        | "inactive"
        | "inactive_external"
        | "inactive_external_suite"
            if to_come =>
        {
            Some(StandingKind::Future)
        }
        "e" | "active_external_suite" => Some(StandingKind::Active),
        "f" | "F" | "d" | "inactive" | "inactive_external" | "inactive_external_suite" => Some(StandingKind::Left),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use StandingKind::{Active, Left};

    use super::*;

    #[test]
    fn the_six_statuses_stand_for_these() {
        let today = date(2026, 11, 21);
        let kinds: Vec<_> = ["t", "T", "e", "f", "F", "d"].map(|status| standing(status, None, today).unwrap()).into();
        assert_eq!(kinds, [Active, Active, Active, Left, Left, Left]);
        assert_eq!(standing("f", Some(date(2026, 12, 1)), today), Some(StandingKind::Future));
        assert_eq!(standing("t", Some(date(2026, 12, 1)), today), Some(Active));
        assert_eq!(standing("x", None, today), None);
    }
}
