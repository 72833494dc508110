//! `multipart/mixed`: splitting bytes at a boundary, and heads of parts.

use crate::SyntaxError;

/// The longest boundary (RFC 2046 section 5.1.1).
const LONGEST_BOUNDARY: usize = 70;

/// The boundary in a `Content-Type` of `multipart/mixed`; `None` when it is another type or has none that RFC 2046
/// allows.
pub fn boundary_of(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    let value = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim())
    })?;
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    is_boundary(value).then_some(value)
}

/// `bchars` of RFC 2046, not ending with a space.
pub(super) fn is_boundary(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    !text.is_empty() && text.len() <= LONGEST_BOUNDARY && text.bytes().all(allowed) && !text.ends_with(' ')
}

/// A piece of the whole text and where it begins there, for positions in errors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) start: usize,
}

impl<'a> Piece<'a> {
    pub(super) fn error(&self, at: usize, reason: &str) -> SyntaxError {
        SyntaxError::new(self.start + at, reason)
    }

    fn from(&self, at: usize) -> Self {
        Self { bytes: self.bytes.get(at..).unwrap_or_default(), start: self.start + at }
    }

    /// The line that begins here, without its CRLF, and what follows; `None` when no line ends.
    pub(super) fn line(&self) -> Result<Option<(&'a str, Self)>, SyntaxError> {
        let Some(end) = self.bytes.iter().position(|&byte| byte == b'\n') else { return Ok(None) };
        let line = self.bytes.get(..end).unwrap_or_default();
        let Some(line) = line.strip_suffix(b"\r") else {
            return Err(self.error(end, "lines must end in CRLF"));
        };
        let line = std::str::from_utf8(line).map_err(|_| self.error(0, "a line of a head is not UTF-8"))?;
        Ok(Some((line, self.from(end + 1))))
    }

    /// The headers up to the blank line, and what follows it.
    pub(super) fn headers(&self, most: usize) -> Result<(Vec<(String, String)>, Self), SyntaxError> {
        let mut rest = *self;
        let mut headers = Vec::new();
        loop {
            let Some((line, after)) = rest.line()? else {
                return Err(rest.error(rest.bytes.len(), "expected a blank line after the headers"));
            };
            if line.is_empty() {
                return Ok((headers, after));
            }
            let named = line.split_once(':').map(|(name, value)| (name.trim_end(), value.trim()));
            let (name, value) = named
                .filter(|(name, _)| !name.is_empty() && name.bytes().all(is_token))
                .ok_or_else(|| rest.error(0, "expected a header, Name: value"))?;
            if headers.len() >= most {
                return Err(rest.error(0, "too many headers"));
            }
            headers.push((name.to_owned(), value.to_owned()));
            rest = after;
        }
    }
}

/// `tchar` of RFC 9110.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The parts between the delimiters; what stands before the first and after the last says nothing.
pub(super) fn split<'a>(whole: Piece<'a>, boundary: &str, most: usize) -> Result<Vec<Piece<'a>>, SyntaxError> {
    let delimiter = [b"--", boundary.as_bytes()].concat();
    let mut parts = Vec::new();
    let mut open: Option<usize> = None;
    let mut at = 0;
    while let Some(found) = find(whole.bytes, &delimiter, at) {
        let starts_line = found == 0 || whole.bytes.get(..found).is_some_and(|before| before.ends_with(b"\n"));
        let after = found + delimiter.len();
        let tail = whole.bytes.get(after..).unwrap_or_default();
        let (closes, tail_at) = if tail.starts_with(b"--") { (true, after + 2) } else { (false, after) };
        let tail = whole.bytes.get(tail_at..).unwrap_or_default();
        // Blanks may stand between a boundary and the end of its line.
        let blanks = tail.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let line_end = tail.get(blanks..).unwrap_or_default();
        let ends_line = line_end.starts_with(b"\r\n") || (closes && line_end.is_empty());
        if !starts_line || !ends_line {
            if starts_line && line_end.starts_with(b"\n") {
                return Err(whole.error(tail_at, "lines must end in CRLF"));
            }
            at = found + 1;
            continue;
        }
        if let Some(start) = open {
            // The CRLF before a delimiter belongs to the delimiter.
            let end = if found >= start + 2 { found - 2 } else { start };
            let bytes = whole.bytes.get(start..found).unwrap_or_default();
            if !bytes.is_empty() && !bytes.ends_with(b"\r\n") {
                return Err(whole.error(found, "lines must end in CRLF"));
            }
            if parts.len() >= most {
                return Err(whole.error(start, "too many parts"));
            }
            parts.push(Piece { bytes: whole.bytes.get(start..end).unwrap_or_default(), start: whole.start + start });
        }
        if closes {
            return Ok(parts);
        }
        at = tail_at + blanks + 2;
        open = Some(at);
    }
    Err(whole.error(whole.bytes.len(), "expected the closing boundary"))
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let tail = bytes.get(from..)?;
    tail.windows(wanted.len()).position(|window| window == wanted).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_a_parameter() {
        assert_eq!(boundary_of("multipart/mixed; boundary=batch_1"), Some("batch_1"));
        assert_eq!(boundary_of("Multipart/Mixed;charset=utf-8;Boundary=\"a b\""), Some("a b"));
        for other in
            ["multipart/mixed", "multipart/form-data; boundary=x", "multipart/mixed; boundary=", "x; boundary=é"]
        {
            assert_eq!(boundary_of(other), None, "{other}");
        }
    }

    #[test]
    fn a_boundary_counts_at_the_start_of_a_line_only() {
        let text = b"preamble\r\n--b\r\nx --b\r\n--bc\r\n\r\n--b  \r\n--b--\r\nepilogue --b";
        let parts = split(Piece { bytes: text, start: 0 }, "b", 9).unwrap();
        let texts: Vec<&[u8]> = parts.iter().map(|part| part.bytes).collect();
        assert_eq!(texts, [b"x --b\r\n--bc\r\n".as_slice(), b""]);
        assert!(split(Piece { bytes: text, start: 0 }, "b", 1).is_err());
        for bad in ["--b\r\nx\r\n", "--b\nx\n--b--\n", "", "--b\r\nx\n--b--"] {
            assert!(split(Piece { bytes: bad.as_bytes(), start: 0 }, "b", 9).is_err(), "{bad:?}");
        }
    }
}
