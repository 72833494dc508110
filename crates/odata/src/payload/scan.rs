//! Finding where JSON values begin and end, without reading them.

use std::borrow::Cow;

use super::PayloadError;

/// A cursor over JSON text. It judges only the structure; whoever reads the slices judges the rest.
pub(super) struct JsonScanner<'a> {
    text: &'a str,
    at: usize,
    /// Had the last string that was stepped over an escape?
    escaped: bool,
}

/// Every byte of a word is 1, or 128.
const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = u64::from_ne_bytes([128; 8]);

/// The first of eight bytes that ends a plain stretch of a string: a quote or a backslash.
fn first_special(word: u64) -> Option<usize> {
    // A byte is found where it is nought after the exclusive or. A borrow may mark bytes behind the first one found,
    // never before it.
    let found = |byte: u8| {
        let rest = word ^ (ONES * u64::from(byte));
        rest.wrapping_sub(ONES) & !rest & HIGHS
    };
    let at = (found(b'"') | found(b'\\')).trailing_zeros() / 8;
    (at < 8).then_some(at as usize)
}

impl<'a> JsonScanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, escaped: false }
    }

    /// The next byte that is no white space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), PayloadError> {
        if self.eat(byte) { Ok(()) } else { Err(self.error(expected)) }
    }

    pub(super) fn error(&mut self, expected: &'static str) -> PayloadError {
        match self.peek() {
            Some(_) => PayloadError::Json { position: self.at, expected },
            None => PayloadError::Truncated { length: self.text.len() },
        }
    }

    /// Steps over a string and gives what is between its quotes, escapes as they are.
    pub(super) fn string(&mut self) -> Result<&'a str, PayloadError> {
        self.expect(b'"', "a string")?;
        let start = self.at;
        self.skip_string()?;
        Ok(self.text.get(start..self.at - 1).unwrap_or_default())
    }

    /// From behind the opening quote to behind the closing one.
    fn skip_string(&mut self) -> Result<(), PayloadError> {
        let bytes = self.text.as_bytes();
        self.escaped = false;
        loop {
            while let Some(eight) = bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
                match first_special(u64::from_le_bytes(*eight)) {
                    None => self.at += 8,
                    Some(before) => {
                        self.at += before;
                        break;
                    }
                }
            }
            match bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.escaped = true;
                    self.at += 2;
                }
                Some(_) => self.at += 1,
                None => return Err(PayloadError::Truncated { length: self.text.len() }),
            }
        }
    }

    /// Had the string, or the name, that was just stepped over an escape?
    pub(super) fn had_escape(&self) -> bool {
        self.escaped
    }

    /// The name of a member and its colon.
    pub(super) fn name(&mut self) -> Result<&'a str, PayloadError> {
        let name = self.string()?;
        self.expect(b':', "a colon")?;
        Ok(name)
    }

    /// Steps over one value and gives its text.
    pub(super) fn value(&mut self) -> Result<&'a str, PayloadError> {
        let first = self.peek().ok_or(PayloadError::Truncated { length: self.text.len() })?;
        let start = self.at;
        match first {
            b'"' => {
                self.at += 1;
                self.skip_string()?;
            }
            b'{' | b'[' => self.skip_nested()?,
            _ => self.skip_word(),
        }
        match self.text.get(start..self.at) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(self.error("a value")),
        }
    }

    fn skip_nested(&mut self) -> Result<(), PayloadError> {
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        while let Some(byte) = bytes.get(self.at) {
            self.at += 1;
            match byte {
                b'"' => self.skip_string()?,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        Err(PayloadError::Truncated { length: self.text.len() })
    }

    /// A number, `true`, `false`, `null`.
    fn skip_word(&mut self) {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.')) {
            self.at += 1;
        }
    }

    /// Nothing but white space may follow.
    pub(super) fn end(&mut self) -> Result<(), PayloadError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(PayloadError::Json { position: self.at, expected: "the end" }),
        }
    }

    /// Walks the members of an object whose brace was just eaten.
    pub(super) fn members(
        &mut self,
        mut each: impl FnMut(&mut Self, &'a str) -> Result<(), PayloadError>,
    ) -> Result<(), PayloadError> {
        if self.eat(b'}') {
            return Ok(());
        }
        loop {
            let name = self.name()?;
            each(self, name)?;
            if self.eat(b'}') {
                return Ok(());
            }
            self.expect(b',', "a comma or a closing brace")?;
        }
    }

    /// Walks the elements of an array whose bracket was just eaten.
    pub(super) fn each_element(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<(), PayloadError>,
    ) -> Result<(), PayloadError> {
        if self.eat(b']') {
            return Ok(());
        }
        loop {
            each(self)?;
            if self.eat(b']') {
                return Ok(());
            }
            self.expect(b',', "a comma or a closing bracket")?;
        }
    }

    /// The elements of an array whose bracket was just eaten, each as it is read.
    pub(super) fn elements<E>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<E, PayloadError>,
    ) -> Result<Vec<E>, PayloadError> {
        let mut found = Vec::new();
        self.each_element(|scanner| {
            found.push(read(scanner)?);
            Ok(())
        })?;
        Ok(found)
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Stands again where it stood before.
    pub(super) fn back_to(&mut self, position: usize) {
        self.at = position;
    }

    /// The text from a position to here.
    pub(super) fn slice_from(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }
}

/// The text of a JSON string from what stands between its quotes; `None` for an escape that JSON does not know.
/// Half of a surrogate pair becomes U+FFFD.
pub(super) fn unescape(inner: &str) -> Option<Cow<'_, str>> {
    let Some(first) = inner.find('\\') else { return Some(Cow::Borrowed(inner)) };
    let (plain, mut rest) = inner.split_at_checked(first)?;
    let mut text = String::with_capacity(inner.len());
    text.push_str(plain);
    while let Some(after) = rest.strip_prefix('\\') {
        let kind = after.chars().next()?;
        rest = after.get(kind.len_utf8()..)?;
        match kind {
            '"' | '\\' | '/' => text.push(kind),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'u' => {
                let (unit, after) = code_unit(rest)?;
                rest = after;
                let low =
                    rest.strip_prefix("\\u").and_then(code_unit).filter(|(low, _)| (0xdc00..0xe000).contains(low));
                let mut code = unit;
                if let (0xd800..0xdc00, Some((low, after))) = (unit, low) {
                    code = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    rest = after;
                }
                text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => return None,
        }
        let (plain, after) = rest.split_at_checked(rest.find('\\').unwrap_or(rest.len()))?;
        text.push_str(plain);
        rest = after;
    }
    Some(Cow::Owned(text))
}

/// The four hexadecimal digits of `\u`.
fn code_unit(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let valid = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    valid.then(|| u32::from_str_radix(digits, 16).ok()).flatten().map(|unit| (unit, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Neighbours of the quote and of the backslash, a nought, and letters of more than one byte.
    const PLAIN: [&str; 8] = ["!", "#", "[", "]", "\u{0}", "é", "名", "\u{1f600}"];

    #[test]
    fn strings_end_at_their_quote_wherever_it_stands() {
        for plain in PLAIN {
            for before in 0..20 {
                for behind in [0, 1, 9] {
                    let inner = plain.repeat(before);
                    let text = format!("\"{inner}\"{}", plain.repeat(behind));
                    let mut scanner = JsonScanner::new(&text);
                    assert_eq!(scanner.string(), Ok(&*inner), "{text}");
                    assert!(!scanner.had_escape());
                }
            }
        }
    }

    #[test]
    fn escapes_are_seen_wherever_they_stand() {
        for plain in PLAIN {
            for at in 0..20 {
                let inner = format!("{}\\\"{}", plain.repeat(at), plain.repeat(3));
                let text = format!("\"{inner}\",\"plain\"");
                let mut scanner = JsonScanner::new(&text);
                assert_eq!(scanner.string(), Ok(&*inner), "{text}");
                assert!(scanner.had_escape());
                assert!(scanner.eat(b','));
                assert_eq!(scanner.string(), Ok("plain"));
                assert!(!scanner.had_escape());
                // Cut behind the backslash.
                let cut = &text[..=plain.len() * at + 1];
                assert!(JsonScanner::new(cut).string().is_err(), "{cut}");
            }
        }
    }
}
