//! Date functions: `DateAdd`, `DateDiff`, `FormatDateTime`, with .NET's format letters. Instants are UTC.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Unit};
use joinery_model::Value;

use super::eval::kind;
use super::functions::{Args, integer};
use super::text;

type Made = Result<Value, String>;

/// What a value is as a point in time, and whether it is a whole day.
fn moment(value: &Value) -> Result<(DateTime, bool), String> {
    match value {
        Value::Date(date) => Ok((date.to_datetime(jiff::civil::Time::midnight()), true)),
        Value::Instant(instant) => Ok((instant.to_zoned(TimeZone::UTC).datetime(), false)),
        Value::Text(written) => {
            if let Ok(instant) = written.parse::<jiff::Timestamp>() {
                return Ok((instant.to_zoned(TimeZone::UTC).datetime(), false));
            }
            if let Ok(date) = written.parse::<Date>() {
                return Ok((date.to_datetime(jiff::civil::Time::midnight()), true));
            }
            written.parse::<DateTime>().map(|moment| (moment, false)).map_err(|_| "this text is not a date".to_owned())
        }
        other => Err(format!("needs a date, not {}", kind(other))),
    }
}

/// One of the interval's units, and whether it is smaller than a day.
fn interval(name: &str) -> Result<(Unit, i64, bool), String> {
    Ok(match name {
        "yyyy" => (Unit::Year, 1, false),
        "q" => (Unit::Month, 3, false),
        "m" => (Unit::Month, 1, false),
        "y" | "d" | "w" => (Unit::Day, 1, false),
        "ww" => (Unit::Week, 1, false),
        "h" => (Unit::Hour, 1, true),
        "n" => (Unit::Minute, 1, true),
        "s" => (Unit::Second, 1, true),
        _ => return Err("the interval is one of yyyy, q, m, d, ww, h, n, s".to_owned()),
    })
}

fn span(unit: Unit, count: i64) -> Result<Span, String> {
    let made = match unit {
        Unit::Year => Span::new().try_years(count),
        Unit::Month => Span::new().try_months(count),
        Unit::Week => Span::new().try_weeks(count),
        Unit::Day => Span::new().try_days(count),
        Unit::Hour => Span::new().try_hours(count),
        Unit::Minute => Span::new().try_minutes(count),
        _ => Span::new().try_seconds(count),
    };
    made.map_err(|_| "too far away".to_owned())
}

/// `DateAdd(interval, count, date)`: a day stays a day unless hours or less are added.
pub(super) fn add(args: Args<'_, '_>) -> Made {
    if args[2].is_null() || args[1].is_null() {
        return Ok(Value::Null);
    }
    let (unit, factor, small) = interval(&text::of(args, 0)?)?;
    let count = integer(&args[1])?.checked_mul(factor).ok_or("too far away")?;
    let (from, day) = moment(&args[2])?;
    let to = from.checked_add(span(unit, count)?).map_err(|_| "too far away".to_owned())?;
    if day && !small {
        return Ok(Value::Date(to.date()));
    }
    to.to_zoned(TimeZone::UTC).map(|zoned| Value::Instant(zoned.timestamp())).map_err(|_| "too far away".to_owned())
}

/// `DateDiff(interval, from, to)`: whole intervals between the two.
pub(super) fn difference(args: Args<'_, '_>) -> Made {
    if args[1].is_null() || args[2].is_null() {
        return Ok(Value::Null);
    }
    let (unit, factor, _) = interval(&text::of(args, 0)?)?;
    let ((from, _), (to, _)) = (moment(&args[1])?, moment(&args[2])?);
    let span = from.until((unit, to)).map_err(|_| "too far apart".to_owned())?;
    let count = match unit {
        Unit::Year => i64::from(span.get_years()),
        Unit::Month => i64::from(span.get_months()),
        Unit::Week => i64::from(span.get_weeks()),
        Unit::Day => i64::from(span.get_days()),
        Unit::Hour => i64::from(span.get_hours()),
        Unit::Minute => span.get_minutes(),
        _ => span.get_seconds(),
    };
    Ok(Value::Int(count / factor))
}

/// `FormatDateTime(date, output)` or, as Entra writes it, `FormatDateTime(source, styles, input, output)`.
pub(super) fn format(args: Args<'_, '_>) -> Made {
    if args[0].is_null() {
        return Ok(Value::Null);
    }
    let (moment, output) = match args.len() {
        2 => (moment(&args[0])?.0, text::of(args, 1)?),
        4 => {
            let input = text::of(args, 2)?;
            let read = match &*args[0] {
                Value::Text(written) if !input.is_empty() => read(written, &input)?,
                other => moment(other)?.0,
            };
            (read, text::of(args, 3)?)
        }
        _ => return Err("takes a date and a format, or source, styles, input format, output format".to_owned()),
    };
    write(moment, &output).map(Value::text)
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A format's runs: the same letter repeated, or a character that stands for itself.
fn runs(format: &str) -> Result<Vec<(char, usize)>, String> {
    let mut runs: Vec<(char, usize)> = Vec::new();
    let mut quoted = false;
    for c in format.chars() {
        match c {
            '\'' => quoted = !quoted,
            // A literal is a run of length 0, so that no letter in it is taken for a field.
            _ if quoted || !"yMdHhmsft".contains(c) => runs.push((c, 0)),
            _ => match runs.last_mut() {
                Some((last, count)) if *last == c && *count > 0 => *count += 1,
                _ => runs.push((c, 1)),
            },
        }
    }
    if quoted { Err("a quote in the format is not closed".to_owned()) } else { Ok(runs) }
}

fn write(moment: DateTime, format: &str) -> Result<String, String> {
    let mut made = String::new();
    for (letter, count) in runs(format)? {
        let number = |value: i64| format!("{value:0count$}");
        let hour12 = (i64::from(moment.hour()) + 11) % 12 + 1;
        let piece = match (letter, count) {
            (c, 0) => c.to_string(),
            ('y', 2) => format!("{:02}", moment.year().rem_euclid(100)),
            ('y', _) => number(i64::from(moment.year())),
            ('M', 3) => MONTHS[month(moment)][..3].to_owned(),
            ('M', 4..) => MONTHS[month(moment)].to_owned(),
            ('M', _) => number(i64::from(moment.month())),
            ('d', 3) => DAYS[weekday(moment)][..3].to_owned(),
            ('d', 4..) => DAYS[weekday(moment)].to_owned(),
            ('d', _) => number(i64::from(moment.day())),
            ('H', _) => number(i64::from(moment.hour())),
            ('h', _) => number(hour12),
            ('m', _) => number(i64::from(moment.minute())),
            ('s', _) => number(i64::from(moment.second())),
            ('f', _) => {
                let nanos = format!("{:09}", moment.subsec_nanosecond());
                nanos.get(..count).unwrap_or(&nanos).to_owned()
            }
            _ => {
                let half = if moment.hour() < 12 { "AM" } else { "PM" };
                half[..count.min(2)].to_owned()
            }
        };
        made.push_str(&piece);
    }
    Ok(made)
}

fn month(moment: DateTime) -> usize {
    usize::try_from(moment.month() - 1).unwrap_or(0).min(11)
}

fn weekday(moment: DateTime) -> usize {
    usize::try_from(moment.weekday().to_monday_zero_offset()).unwrap_or(0).min(6)
}

/// Reads a text by a format of numbers and literals.
fn read(written: &str, format: &str) -> Result<DateTime, String> {
    let wrong = || "the text does not fit the input format".to_owned();
    let mut rest = written;
    let (mut year, mut month, mut day, mut hour, mut minute, mut second) = (1i16, 1i8, 1i8, 0i8, 0i8, 0i8);
    let (mut afternoon, mut twelve) = (false, false);
    for (letter, count) in runs(format)? {
        if count == 0 {
            rest = rest.strip_prefix(letter).ok_or_else(wrong)?;
            continue;
        }
        if letter == 't' {
            let mark = rest.get(..count.min(2)).ok_or_else(wrong)?;
            afternoon = mark.to_ascii_uppercase().starts_with('P');
            rest = &rest[mark.len()..];
            continue;
        }
        if letter == 'M' && count >= 3 {
            let at = MONTHS.iter().position(|name| {
                let name = if count == 3 { &name[..3] } else { name };
                rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
            });
            let at = at.ok_or_else(wrong)?;
            rest = &rest[if count == 3 { 3 } else { MONTHS[at].len() }..];
            month = i8::try_from(at + 1).map_err(|_| wrong())?;
            continue;
        }
        let most = if count == 1 { 2 } else { count };
        let length = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if length == 0 || (count > 1 && length != count) {
            return Err(wrong());
        }
        let number: i64 = rest[..length].parse().map_err(|_| wrong())?;
        rest = &rest[length..];
        let small = || i8::try_from(number).map_err(|_| wrong());
        match letter {
            'y' => {
                let century = match (count, number) {
                    (2, ..50) => 2000,
                    (2, _) => 1900,
                    _ => 0,
                };
                year = i16::try_from(number + century).map_err(|_| wrong())?;
            }
            'M' => month = small()?,
            'd' => day = small()?,
            'H' => hour = small()?,
            'h' => (hour, twelve) = (small()?, true),
            'm' => minute = small()?,
            's' => second = small()?,
            _ => {}
        }
    }
    if twelve {
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    if !rest.is_empty() {
        return Err(wrong());
    }
    DateTime::new(year, month, day, hour, minute, second, 0).map_err(|_| wrong())
}
