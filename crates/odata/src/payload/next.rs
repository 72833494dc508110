//! Finding the next page before reading this one.

use super::page::string_value;
use super::scan::JsonScanner;

/// The `__next` of a page (of v4 its `@odata.nextLink`), found from the end of the bytes (where servers write it) or, failing that, before the
/// results. Looks at a few members only, whatever the size of the page, and counts on `d` being the only member.
///
/// `None` when there is none in either place; also for an answer that ends early, which may have had one:
/// [`super::Page::parse`] tells the difference.
pub fn find_next(answer: &[u8]) -> Option<String> {
    from_the_end(answer, 2, b"\"__next\"")
        .or_else(|| from_the_end(answer, 1, b"\"@odata.nextLink\""))
        .or_else(|| from_the_start(answer))
}

fn from_the_end(answer: &[u8], braces: usize, wanted: &[u8]) -> Option<String> {
    let mut tail = Backwards { bytes: answer };
    for _ in 0..braces {
        tail.eat(b'}')?;
    }
    loop {
        let value = tail.simple_value()?;
        tail.eat(b':')?;
        let name = tail.string()?;
        if name == wanted {
            return string_value(std::str::from_utf8(value).ok()?);
        }
        // A comma means another member before this one; an opening brace means that this was the first.
        tail.eat(b',')?;
    }
}

/// Reads a JSON text from its end. A quote that closes a string is the last one before it that no backslash escapes,
/// so a string's beginning is never mistaken.
struct Backwards<'a> {
    bytes: &'a [u8],
}

impl<'a> Backwards<'a> {
    fn eat(&mut self, byte: u8) -> Option<()> {
        self.bytes = self.bytes.trim_ascii_end();
        self.bytes = self.bytes.strip_suffix(&[byte])?;
        Some(())
    }

    /// A string with its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.bytes = self.bytes.trim_ascii_end();
        let whole = self.bytes;
        let mut end = whole.len().checked_sub(1).filter(|last| whole.get(*last) == Some(&b'"'))?;
        loop {
            let open = whole.get(..end)?.iter().rposition(|byte| *byte == b'"')?;
            let (before, string) = whole.split_at_checked(open)?;
            let escapes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
            if escapes.is_multiple_of(2) {
                self.bytes = before;
                return Some(string);
            }
            end = open;
        }
    }

    /// A string, a number or a word; not an array or an object.
    fn simple_value(&mut self) -> Option<&'a [u8]> {
        self.bytes = self.bytes.trim_ascii_end();
        if self.bytes.last() == Some(&b'"') {
            return self.string();
        }
        let length =
            self.bytes.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'));
        let at = self.bytes.len() - length.count();
        let (before, value) = self.bytes.split_at_checked(at).filter(|(_, value)| !value.is_empty())?;
        self.bytes = before;
        Some(value)
    }
}

fn from_the_start(answer: &[u8]) -> Option<String> {
    // The results are not looked at, so the answer need not be UTF-8 as a whole: cut before them.
    let head = answer.get(..answer.len().min(HEAD))?;
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?,
    };
    let mut scanner = JsonScanner::new(text);
    scanner.expect(b'{', "an object").ok()?;
    if scanner.name().ok()? != "d" {
        return None;
    }
    scanner.expect(b'{', "an object").ok()?;
    loop {
        let name = scanner.name().ok()?;
        if matches!(scanner.peek()?, b'[' | b'{') {
            return None;
        }
        let value = scanner.value().ok()?;
        if name == "__next" {
            return string_value(value);
        }
        scanner.expect(b',', "a comma").ok()?;
    }
}

/// How much of the beginning may hold `__count` and `__next`.
const HEAD: usize = 64 * 1024;
