//! One value of a property.

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use super::url::without_hosts;
use super::{Disguise, Where, known};

/// The smallest picture: one white point.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAG7buVgAAAABJRU5ErkJggg==";
/// How far a day of somebody's life is moved, at the most.
const DAYS: u64 = 180;
const DAY_MILLIS: i64 = 86_400_000;

impl Disguise {
    /// What stands for the text of a property.
    pub(super) fn value(&self, at: &Where, name: &str, text: &str) -> String {
        if text.is_empty() || known::is_nobody(text) || matches!(text, "true" | "false") {
            return text.to_owned();
        }
        if let Some(date) = self.date(name, text) {
            return date;
        }
        if known::is_catalogue(name) && !at.force {
            return without_hosts(text);
        }
        if text.starts_with("http://") || text.starts_with("https://") || text.starts_with("/odata/") {
            return self.url(text, at.force);
        }
        let kept = !at.force && known::is_kept(at.set.as_deref(), name);
        if kept && !text.contains('@') {
            return text.to_owned();
        }
        if is_bytes(text) {
            return PICTURE.to_owned();
        }
        if known::names_people(name) || text.contains('@') {
            self.remember(text);
        }
        self.cipher.text(text)
    }

    /// What stands for a number of a property.
    pub(super) fn figure(&self, at: &Where, name: &str, number: &serde_json::Number) -> serde_json::Number {
        if !at.force && known::is_kept(at.set.as_deref(), name) {
            return number.clone();
        }
        let made = self.cipher.number("figure", &number.to_string());
        if let Some(whole) = number.as_i64() {
            let digits = whole.unsigned_abs().to_string().len() as u32;
            let (low, high) = (10_u64.pow(digits.min(15) - 1), 10_u64.pow(digits.min(15)));
            // As many digits, none of them lost in front.
            return if whole == 0 { number.clone() } else { (low + made % (high - low)).into() };
        }
        let whole = number.as_f64().unwrap_or_default().abs().max(1.0);
        serde_json::Number::from_f64((made % 1_000) as f64 / 100.0 * whole.log10().max(1.0)).unwrap_or_else(|| 0.into())
    }

    /// A date or an instant, in any spelling; none when the text is something else. Days of somebody's life are moved.
    fn date(&self, name: &str, text: &str) -> Option<String> {
        let of_life = known::is_day_of_life(name);
        if let Some(ticks) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
            let split = ticks.get(1..).and_then(|rest| rest.find(['+', '-'])).map_or(ticks.len(), |at| at + 1);
            let (millis, offset) = ticks.split_at(split);
            let millis: i64 = millis.parse().ok()?;
            let all_digits = offset.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-'));
            if !of_life {
                return all_digits.then(|| text.to_owned());
            }
            let moved = millis.saturating_add(self.shift(&millis.to_string()).saturating_mul(DAY_MILLIS));
            return Some(format!("/Date({moved})/"));
        }
        let day = text.get(..10)?;
        let date: Date = day.parse().ok().filter(|_| day.as_bytes().get(4) == Some(&b'-'))?;
        let rest = text.get(10..).unwrap_or_default();
        if !rest.is_empty() && !rest.starts_with('T') {
            return None;
        }
        let is_time = rest.is_empty() || is_clock(rest) || text.parse::<Timestamp>().is_ok();
        if !is_time {
            return None;
        }
        if !of_life {
            return Some(text.to_owned());
        }
        let ticks = date.duration_since(Date::constant(1970, 1, 1)).as_millis();
        let days = self.shift(&ticks.to_string());
        let moved = date.checked_add(Span::new().days(days)).unwrap_or(date);
        Some(format!("{moved}{rest}"))
    }

    /// By how many days a day of somebody's life is moved: never by none.
    fn shift(&self, millis: &str) -> i64 {
        let number = self.cipher.number("day", millis);
        let days = (1 + number / 2 % DAYS) as i64;
        if number.is_multiple_of(2) { days } else { -days }
    }
}

/// `T12:30`, `T12:30:00.000`.
fn is_clock(text: &str) -> bool {
    text.chars().skip(1).all(|c| c.is_ascii_digit() || matches!(c, ':' | '.'))
}

/// Base64 of something large: a picture.
fn is_bytes(text: &str) -> bool {
    text.len() > 512
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'\r' | b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(set: &str, name: &str, text: &str) -> String {
        Disguise::new(b"s").value(&Where { set: Some(set.to_owned()), force: false }, name, text)
    }

    #[test]
    fn dates_stay_and_days_of_life_move() {
        for text in [
            "/Date(1762300800000)/",
            "/Date(1762300800000+0000)/",
            "2026-11-21",
            "2026-11-21T10:00:00",
            "2026-11-21T10:00:00Z",
        ] {
            assert_eq!(made("EmpJob", "startDate", text), text);
        }
        let moved = made("PerPerson", "dateOfBirth", "/Date(315532800000)/");
        assert_ne!(moved, "/Date(315532800000)/");
        let millis: i64 = moved["/Date(".len()..moved.len() - 2].parse().unwrap();
        assert!(millis % DAY_MILLIS == 0 && (millis - 315_532_800_000).abs() <= 180 * DAY_MILLIS);
        let day = made("PerPerson", "dateOfBirth", "1980-01-01");
        assert_eq!(
            day.parse::<Date>().unwrap().duration_since(Date::constant(1970, 1, 1)).as_millis() as i64,
            millis,
            "in every spelling the same day"
        );
        for text in ["/Date(x)/", "2026-11-21 Ada", "2026-11-21Tada", "2026-99-99"] {
            assert_ne!(made("EmpJob", "note", text), text);
        }
    }

    #[test]
    fn values_go_by_their_property() {
        assert_eq!(made("EmpJob", "department", "DEP00001"), "DEP00001");
        assert_eq!(made("User", "managerId", "NO_MANAGER"), "NO_MANAGER");
        assert_ne!(made("User", "custom01", "DEP00001"), "DEP00001");
        assert_ne!(
            made("EmpJob", "location", "ada@acme.example"),
            "ada@acme.example",
            "an address where a code should be"
        );
        assert_eq!(made("Photo", "photo", &"QUJD".repeat(300)), PICTURE);
        let (user, person) = (made("User", "userId", "100003"), made("PerPerson", "personIdExternal", "100003"));
        assert!(user == person && user != "100003" && user.len() == 6, "{user}");
    }

    #[test]
    fn figures_keep_their_length() {
        let disguise = Disguise::new(b"s");
        let at = Where { set: Some("EmpPayCompRecurring".to_owned()), force: false };
        let made = disguise.figure(&at, "paycompvalue", &4500.into());
        assert!(made.to_string().len() == 4 && made.to_string() != "4500");
        assert_eq!(disguise.figure(&at, "seqNumber", &4500.into()), 4500.into());
        assert_eq!(disguise.figure(&at, "paycompvalue", &0.into()), 0.into());
    }
}
