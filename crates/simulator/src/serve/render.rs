//! Rows as JSON, written straight into bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use joinery_odata::SEGMENT_UNSAFE;
use percent_encoding::utf8_percent_encode;

use super::filter::Judge;
use super::plan::{Column, Link, Plan};
use super::refusal::Refusal;
use super::view::View;
use crate::schema::user::user;
use crate::schema::{Edm, Set};
use crate::world::{AsOf, Cell, Related, RowId, World};

/// Writes rows.
pub(crate) struct Renderer<'w> {
    pub(crate) world: &'w World,
    pub(crate) view: &'w View,
    pub(crate) out: Vec<u8>,
    /// Users that are reached through a navigation must be active.
    pub(crate) only_active_users: bool,
    pub(crate) range_reaches_down: bool,
    /// The most records that may be written.
    limit: usize,
    records: usize,
}

impl<'w> Renderer<'w> {
    pub(crate) fn new(world: &'w World, view: &'w View, limit: usize) -> Self {
        Self { world, view, out: Vec::new(), only_active_users: false, range_reaches_down: true, limit, records: 0 }
    }

    /// The address of a row.
    pub(crate) fn address(&mut self, plan: &Plan, row: RowId) -> String {
        let start = self.out.len();
        self.out.extend_from_slice(&plan.address);
        self.key(plan, row);
        let address = String::from_utf8_lossy(self.out.get(start..).unwrap_or_default()).into_owned();
        self.out.truncate(start);
        address
    }

    /// Writes one row and what is expanded below it.
    pub(crate) fn entity(&mut self, plan: &Plan, row: RowId, as_of: AsOf) -> Result<(), Refusal> {
        self.records += 1;
        if self.records > self.limit {
            return Err(Refusal::too_much(self.limit));
        }
        self.out.extend_from_slice(plan.open);
        let start = self.out.len();
        self.out.extend_from_slice(&plan.address);
        self.key(plan, row);
        let address = start..self.out.len();
        self.out.extend_from_slice(&plan.kind);
        for column in &plan.columns {
            self.out.extend_from_slice(&column.name);
            value(&mut self.out, self.view.cell(self.world, row, column.property), column.edm);
        }
        let below = if plan.expands() { self.world.below(row, as_of, self.range_reaches_down) } else { as_of };
        for link in &plan.navigations {
            self.out.extend_from_slice(&link.name);
            match &link.expanded {
                Some(plan) => self.expansion(plan, link, row, below)?,
                None => {
                    self.out.extend_from_slice(b"{\"__deferred\":{\"uri\":\"");
                    self.out.extend_from_within(address.clone());
                    self.out.extend_from_slice(&link.deferred);
                }
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn expansion(&mut self, plan: &Plan, link: &Link, row: RowId, as_of: AsOf) -> Result<(), Refusal> {
        match self.world.related(row, link.navigation, as_of) {
            Related::One(Some(row)) if self.shows(row) => self.entity(plan, row, as_of),
            Related::One(_) => {
                self.out.extend_from_slice(b"null");
                Ok(())
            }
            Related::Many(mut rows) => {
                self.out.push(b'{');
                if let Some(narrow) = &link.narrow {
                    rows.retain(|&row| self.shows(row));
                    let judge = Judge {
                        world: self.world,
                        view: self.view,
                        as_of,
                        range_reaches_down: self.range_reaches_down,
                    };
                    let (left, count) = narrow.apply(&judge, rows);
                    rows = left;
                    if narrow.count {
                        self.out.extend_from_slice(format!("\"__count\":\"{count}\",").as_bytes());
                    }
                }
                self.out.extend_from_slice(b"\"results\":[");
                let mut first = true;
                for row in rows {
                    if self.shows(row) {
                        if !first {
                            self.out.push(b',');
                        }
                        first = false;
                        self.entity(plan, row, as_of)?;
                    }
                }
                self.out.extend_from_slice(b"]}");
                Ok(())
            }
        }
    }

    fn shows(&self, row: RowId) -> bool {
        let banned = self.only_active_users
            && row.set() == Set::User
            && !matches!(self.world.cell(row, user::P::status as usize), Cell::Str("t" | "T"));
        !banned && self.view.sees(self.world, row)
    }

    /// `('x')`, or `(a='x',b=1L)`.
    fn key(&mut self, plan: &Plan, row: RowId) {
        self.out.push(b'(');
        for (at, column) in plan.keys.iter().enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            if plan.keys.len() > 1 {
                self.out.extend_from_slice(&column.name);
            }
            key_value(&mut self.out, self.world.cell(row, column.property), column);
        }
        self.out.push(b')');
    }
}

fn key_value(out: &mut Vec<u8>, cell: Cell<'_>, column: &Column) {
    match cell {
        Cell::Str(text) => {
            out.push(b'\'');
            if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@')) {
                out.extend_from_slice(text.as_bytes());
            } else {
                for piece in utf8_percent_encode(text, SEGMENT_UNSAFE) {
                    out.extend_from_slice(piece.replace('\'', "''").as_bytes());
                }
            }
            out.push(b'\'');
        }
        Cell::Int(number) => {
            integer(out, number);
            match column.edm {
                Edm::Int64 => out.push(b'L'),
                Edm::Decimal => out.push(b'M'),
                _ => {}
            }
        }
        Cell::Date(day) => {
            let date = day.date();
            out.extend_from_slice(b"datetime'");
            padded(out, i64::from(date.year()), 4);
            out.push(b'-');
            padded(out, i64::from(date.month()), 2);
            out.push(b'-');
            padded(out, i64::from(date.day()), 2);
            out.extend_from_slice(b"T00:00:00'");
        }
        Cell::Bool(truth) => out.extend_from_slice(if truth { b"true" } else { b"false" }),
        Cell::Null | Cell::Double(_) | Cell::LocalStamp(_) | Cell::Stamp(_) | Cell::Bytes(_) => {
            out.extend_from_slice(b"null");
        }
    }
}

/// Base64 in lines of 76 characters with CRLF between them, as real answers have it, in a JSON string.
fn base64_lines(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for (at, line) in bytes.chunks(57).enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\\r\\n");
        }
        out.extend_from_slice(STANDARD.encode(line).as_bytes());
    }
    out.push(b'"');
}

/// A value as JSON has it: 64-bit and decimal numbers are strings, dates are `/Date(ms)/`, instants `/Date(ms+0000)/`.
pub(crate) fn value(out: &mut Vec<u8>, cell: Cell<'_>, edm: Edm) {
    match cell {
        Cell::Null => out.extend_from_slice(b"null"),
        Cell::Str(text) => string(out, text),
        Cell::Bytes(bytes) => base64_lines(out, bytes),
        Cell::Bool(truth) => out.extend_from_slice(if truth { b"true" } else { b"false" }),
        Cell::Int(number) if edm == Edm::Int64 || edm == Edm::Decimal => {
            out.push(b'"');
            integer(out, number);
            out.push(b'"');
        }
        Cell::Int(number) => integer(out, number),
        Cell::Double(number) if edm == Edm::Decimal => string(out, &number.to_string()),
        Cell::Double(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Cell::Date(day) => {
            out.extend_from_slice(b"\"/Date(");
            integer(out, day.millis());
            out.extend_from_slice(b")/\"");
        }
        Cell::LocalStamp(millis) => {
            out.extend_from_slice(b"\"/Date(");
            integer(out, millis);
            out.extend_from_slice(b")/\"");
        }
        Cell::Stamp(millis) => {
            out.extend_from_slice(b"\"/Date(");
            integer(out, millis);
            out.extend_from_slice(b"+0000)/\"");
        }
    }
}

/// A JSON string.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[copied..at]);
        copied = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out.push(b'"');
}

fn integer(out: &mut Vec<u8>, number: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

fn padded(out: &mut Vec<u8>, number: i64, width: usize) {
    let start = out.len();
    integer(out, number);
    while out.len() - start < width {
        out.insert(start, b'0');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Day;

    fn written(cell: Cell<'_>, edm: Edm) -> String {
        let mut out = Vec::new();
        value(&mut out, cell, edm);
        String::from_utf8(out).unwrap()
    }

    /// The literal forms of real answers: see `samples` of a PerPerson and a User list.
    #[test]
    fn values_have_the_forms_of_real_answers() {
        assert_eq!(written(Cell::Int(467), Edm::Int64), "\"467\"");
        assert_eq!(written(Cell::Int(-3), Edm::Int32), "-3");
        assert_eq!(written(Cell::Date(Day(16_071)), Edm::DateTime), "\"/Date(1388534400000)/\"");
        assert_eq!(written(Cell::Stamp(1_587_072_082_000), Edm::DateTimeOffset), "\"/Date(1587072082000+0000)/\"");
        assert_eq!(written(Cell::LocalStamp(1_587_079_282_000), Edm::DateTime), "\"/Date(1587079282000)/\"");
        assert_eq!(written(Cell::Str("O'Hara \"x\\\n\u{1}é"), Edm::String), r#""O'Hara \"x\\\n\u0001é""#);
        assert_eq!(written(Cell::Null, Edm::String), "null");
        assert_eq!(written(Cell::Int(i64::MIN), Edm::Int32), i64::MIN.to_string());
    }

    #[test]
    fn keys_are_encoded_as_addresses() {
        let column = Column { property: 0, name: Vec::new(), edm: Edm::Int64 };
        let key = |cell| {
            let mut out = Vec::new();
            key_value(&mut out, cell, &column);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(key(Cell::Str("O'Hara+é/1")), "'O''Hara%2B%C3%A9%2F1'");
        assert_eq!(key(Cell::Date(Day(17_167))), "datetime'2017-01-01T00:00:00'");
        assert_eq!(key(Cell::Int(1)), "1L");
    }
}
