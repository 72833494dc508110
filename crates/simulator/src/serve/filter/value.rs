//! Values as filters compare them.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;
use joinery_odata::Literal;

use crate::world::{Cell, Clock, Day};

/// A value of a row or of a filter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Val<'a> {
    Null,
    Text(Cow<'a, str>),
    Bool(bool),
    Int(i64),
    Double(f64),
    /// Milliseconds; of what, the property says: a date, the server's wall clock, or an instant.
    Millis(i64),
}

impl<'a> Val<'a> {
    pub(crate) fn of(cell: Cell<'a>) -> Self {
        match cell {
            // Nothing compares with bytes: no such property can be filtered.
            Cell::Null | Cell::Bytes(_) => Self::Null,
            Cell::Str(text) => Self::Text(Cow::Borrowed(text)),
            Cell::Bool(truth) => Self::Bool(truth),
            Cell::Int(number) => Self::Int(number),
            Cell::Double(number) => Self::Double(number),
            Cell::Date(day) => Self::Millis(day.millis()),
            Cell::LocalStamp(millis) | Cell::Stamp(millis) => Self::Millis(millis),
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Double(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Order between two values; `None` when one is null or they are of kinds that do not mix.
    pub(crate) fn compare(&self, other: &Val<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Val::Text(b)) => Some(a.as_ref().cmp(b.as_ref())),
            (Self::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
            (Self::Int(a), Val::Int(b)) | (Self::Millis(a), Val::Millis(b)) => Some(a.cmp(b)),
            (Self::Null, _) | (_, Val::Null) => None,
            _ => self.number()?.partial_cmp(&other.number()?),
        }
    }

    /// Order for `$orderby`: null first.
    pub(crate) fn sort(&self, other: &Val<'_>) -> Ordering {
        match (self, other) {
            (Self::Null, Val::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            (_, Val::Null) => Ordering::Greater,
            _ => self.compare(other).unwrap_or(Ordering::Equal),
        }
    }
}

/// What a property's milliseconds mean, and so how a literal beside it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beside {
    /// A calendar date.
    Date,
    /// The server's wall clock.
    WallClock,
    /// An instant.
    Instant,
    /// No time at all.
    Other,
}

/// A literal as a value, read the way the property beside it wants: a `datetime` beside an instant is in the server's
/// zone (KBA 2933028), a `datetimeoffset` beside a wall clock is turned to that clock.
pub(crate) fn constant(literal: &Literal, beside: Beside, clock: &Clock) -> Val<'static> {
    match literal {
        Literal::Null => Val::Null,
        Literal::Bool(truth) => Val::Bool(*truth),
        Literal::Int(number) | Literal::Int64(number) => Val::Int(*number),
        Literal::Decimal(digits) => Val::Double(digits.parse().unwrap_or(f64::NAN)),
        Literal::Single(number) => Val::Double(f64::from(*number)),
        Literal::Double(number) => Val::Double(*number),
        Literal::DateTime(civil) => {
            let as_written = civil_millis(*civil);
            Val::Millis(match beside {
                Beside::Instant => clock
                    .server_zone()
                    .to_ambiguous_timestamp(*civil)
                    .compatible()
                    .map_or(as_written, Timestamp::as_millisecond),
                Beside::Date | Beside::WallClock | Beside::Other => as_written,
            })
        }
        Literal::DateTimeOffset(instant) => Val::Millis(match beside {
            Beside::WallClock => civil_millis(clock.server_zone().to_datetime(*instant)),
            Beside::Date | Beside::Instant | Beside::Other => instant.as_millisecond(),
        }),
        Literal::Text(text) => Val::Text(Cow::Owned(text.to_string())),
        Literal::Time(_) | Literal::Guid(_) | Literal::Binary(_) => Val::Text(Cow::Owned(literal.to_plain())),
    }
}

fn civil_millis(civil: jiff::civil::DateTime) -> i64 {
    let time = civil.time();
    let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    Day::from(civil.date()).millis() + seconds * 1000 + i64::from(time.millisecond())
}
