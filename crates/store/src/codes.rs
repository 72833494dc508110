//! The small numbers that stand for states, actions and verdicts in rows. They are part of the schema: never reuse one.

use jiff::Timestamp;
use joinery_model::{Action, Became, ChangeState, RunKind, RunState, Situation, StandingKind, Tried, Verdict};
use rusqlite::types::Type;

/// A valid record was made. (0 is a verdict that nobody gave yet: the person is new, or their only run was dropped.)
pub(crate) const MAPPED: i64 = 1;
/// A condition left them out.
pub(crate) const LEFT_OUT: i64 = 2;
/// A rule was broken.
pub(crate) const INVALID: i64 = 3;
/// No longer in the source.
pub(crate) const GONE: i64 = 4;

/// Kinds of rows in `refusal`.
pub(crate) const REFUSED_LEFT_OUT: i64 = 0;
/// A broken rule.
pub(crate) const REFUSED_INVALID: i64 = 1;
/// Rejected at one target.
pub(crate) const REFUSED_REJECTED: i64 = 2;

/// Nanoseconds since 1970. Years beyond 2262 become the last instant that fits.
pub(crate) fn nanos(at: Timestamp) -> i64 {
    let wide = at.as_nanosecond();
    i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX })
}

/// The instant of so many nanoseconds.
pub(crate) fn instant(nanos: i64) -> Timestamp {
    // Every i64 of nanoseconds lies between the years 1677 and 2262, which a Timestamp holds.
    Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(crate) fn verdict(verdict: &Verdict) -> i64 {
    match verdict {
        Verdict::Mapped => MAPPED,
        Verdict::LeftOut(_) => LEFT_OUT,
        Verdict::Invalid(_) => INVALID,
        Verdict::Gone => GONE,
    }
}

/// The verdict without its reason; `None` for whom no run has judged.
pub(crate) fn became(verdict: i64) -> Option<Became> {
    match verdict {
        MAPPED => Some(Became::Mapped),
        LEFT_OUT => Some(Became::LeftOut),
        INVALID => Some(Became::Invalid),
        GONE => Some(Became::Gone),
        _ => None,
    }
}

pub(crate) fn tried(how: Tried) -> i64 {
    match how {
        Tried::Read => 0,
        Tried::Due => 1,
        Tried::Touched => 2,
        Tried::Gone => 3,
    }
}

pub(crate) fn standing(kind: StandingKind) -> i64 {
    match kind {
        StandingKind::Active => 0,
        StandingKind::OnLeave => 1,
        StandingKind::Future => 2,
        StandingKind::Left => 3,
        StandingKind::NoShow => 4,
    }
}

pub(crate) fn state(state: ChangeState) -> i64 {
    match state {
        ChangeState::Planned => 0,
        ChangeState::Held => 1,
        ChangeState::Released => 2,
        ChangeState::InFlight => 3,
        ChangeState::Dead => 4,
        ChangeState::Done => 5,
        ChangeState::Superseded => 6,
    }
}

pub(crate) fn state_of(code: i64) -> rusqlite::Result<ChangeState> {
    Ok(match code {
        0 => ChangeState::Planned,
        1 => ChangeState::Held,
        2 => ChangeState::Released,
        3 => ChangeState::InFlight,
        4 => ChangeState::Dead,
        5 => ChangeState::Done,
        6 => ChangeState::Superseded,
        _ => return Err(strange("change.state", Type::Integer)),
    })
}

pub(crate) fn action(action: Action) -> i64 {
    match action {
        Action::Create => 0,
        Action::Update => 1,
        Action::Disable => 2,
        Action::Enable => 3,
        Action::Delete => 4,
        Action::Adopt => 5,
        Action::BackFill => 6,
    }
}

pub(crate) fn action_of(code: i64) -> rusqlite::Result<Action> {
    Action::ALL.into_iter().find(|known| action(*known) == code).ok_or_else(|| strange("change.action", Type::Integer))
}

pub(crate) fn situation(situation: Situation) -> i64 {
    match situation {
        Situation::New => 0,
        Situation::Found => 1,
        Situation::Ambiguous => 2,
        Situation::Differs => 3,
        Situation::Same => 4,
        Situation::Left => 5,
        Situation::Returned => 6,
        Situation::Gone => 7,
        Situation::Missing => 8,
    }
}

pub(crate) fn situation_of(code: i64) -> rusqlite::Result<Situation> {
    Ok(match code {
        0 => Situation::New,
        1 => Situation::Found,
        2 => Situation::Ambiguous,
        3 => Situation::Differs,
        4 => Situation::Same,
        5 => Situation::Left,
        6 => Situation::Returned,
        7 => Situation::Gone,
        8 => Situation::Missing,
        _ => return Err(strange("change.situation", Type::Integer)),
    })
}

pub(crate) fn kind(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Full => "full",
        RunKind::Delta => "delta",
        RunKind::Keys => "keys",
    }
}

pub(crate) fn kind_of(text: &str) -> rusqlite::Result<RunKind> {
    Ok(match text {
        "full" => RunKind::Full,
        "delta" => RunKind::Delta,
        "keys" => RunKind::Keys,
        _ => return Err(strange("run.kind", Type::Text)),
    })
}

pub(crate) fn run_state_of(text: &str) -> rusqlite::Result<RunState> {
    Ok(match text {
        "walking" => RunState::Walking,
        "planned" => RunState::Planned,
        "delivering" => RunState::Delivering,
        "finished" => RunState::Finished,
        "failed" => RunState::Failed,
        "dropped" => RunState::Dropped,
        _ => return Err(strange("run.state", Type::Text)),
    })
}

/// A column that holds what no version of this program writes.
fn strange(column: &str, kind: Type) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, kind, format!("{column} holds an unknown code").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back_as_what_was_written() {
        for known in Action::ALL {
            assert_eq!(action_of(action(known)).unwrap(), known);
        }
        for code in 0..=6 {
            assert_eq!(state(state_of(code).unwrap()), code);
        }
        for code in 0..=8 {
            assert_eq!(situation(situation_of(code).unwrap()), code);
        }
        assert!(state_of(7).is_err());
    }

    #[test]
    fn instants_keep_their_nanoseconds() {
        let at: Timestamp = "2026-11-21T18:12:00.123456789Z".parse().unwrap();
        assert_eq!(instant(nanos(at)), at);
    }
}
