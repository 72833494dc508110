//! Secrets out of texts: form parameters, JSON, XML and header lines, whole or cut short.

/// What stands in a secret's place.
const MASK: &str = "…";

/// Names of secrets end so, whatever the case: `newPassword`, `client_assertion`, `access_token`.
const ENDS: [&str; 13] = [
    "password",
    "passwd",
    "secret",
    "assertion",
    "access_token",
    "refresh_token",
    "id_token",
    "csrf-token",
    "csrftoken",
    "authorization",
    "cookie",
    "private_key",
    "jsessionid",
];

/// The text with the values of secrets masked. Never longer than it was by more than the masks.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find(is_word).unwrap_or(rest.len());
        let (before, after) = rest.split_at(start);
        let end = after.find(|letter| !is_word(letter)).unwrap_or(after.len());
        let (word, behind) = after.split_at(end);
        let quoted = before.ends_with('"');
        let tag = before.ends_with('<') || before.ends_with(':') && before.contains('<') || before.ends_with("<d:");
        out.push_str(before);
        out.push_str(word);
        rest = behind;
        if is_secret(word)
            && let Some((gap, value)) = value_of(behind, quoted, tag || out.ends_with(&format!("<d:{word}")))
        {
            out.push_str(behind.get(..gap).unwrap_or_default());
            if value > 0 {
                out.push_str(MASK);
            }
            rest = behind.get(gap + value..).unwrap_or_default();
        }
    }
    out
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')
}

fn is_secret(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ENDS.iter().any(|end| word.ends_with(end))
}

/// Where the value begins behind its name, and how long it is; none where no value follows.
fn value_of(behind: &str, quoted: bool, tag: bool) -> Option<(usize, usize)> {
    if tag {
        let open = behind.find('>')?;
        if behind.get(..open)?.ends_with('/') {
            return None;
        }
        let value = behind.get(open + 1..)?;
        return Some((open + 1, value.find('<').unwrap_or(value.len())));
    }
    let after = behind.strip_prefix('"').filter(|_| quoted).unwrap_or(behind);
    let mark = after.trim_start();
    let value = mark.strip_prefix([':', '=']).or_else(|| mark.strip_prefix("%3D"))?;
    let is_line = !quoted && mark.starts_with(':');
    let value = value.trim_start_matches([' ', '\t']);
    let gap = behind.len() - value.len();
    if quoted || value.starts_with('"') {
        if let Some(text) = value.strip_prefix('"') {
            return Some((gap + 1, end_of_json_text(text)));
        }
        return Some((gap, value.find([',', '}', ']', '\n']).unwrap_or(value.len())));
    }
    if let Some(text) = value.strip_prefix('\'') {
        return Some((gap + 1, end_of_literal(text)));
    }
    let ends: &[char] = if is_line { &['\r', '\n', '"'] } else { &['&', ' ', '\r', '\n', '"', '<', ';'] };
    Some((gap, value.find(ends).unwrap_or(value.len())))
}

fn end_of_json_text(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if !escaped => return at,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// Quotes inside an OData literal are doubled.
fn end_of_literal(text: &str) -> usize {
    let mut at = 0;
    while let Some(quote) = text.get(at..).and_then(|rest| rest.find('\'')) {
        if !text.get(at + quote + 1..).is_some_and(|rest| rest.starts_with('\'')) {
            return at + quote;
        }
        at += quote + 2;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn secrets_are_masked_in_every_form() {
        for (text, expected) in [
            (
                "company_id=A&assertion=PHNh%2Bd&grant_type=urn:saml2-bearer&client_secret=s",
                "company_id=A&assertion=…&grant_type=urn:saml2-bearer&client_secret=…",
            ),
            (r#"{"access_token":"a\"b","token_type":"Bearer"}"#, r#"{"access_token":"…","token_type":"Bearer"}"#),
            (r#"{"password" : "x", "userId":"1"}"#, r#"{"password" : "…", "userId":"1"}"#),
            (r#"{"password":12,"a":1}"#, r#"{"password":…,"a":1}"#),
            (
                "<d:password>geheim</d:password><d:custom01>c</d:custom01>",
                "<d:password>…</d:password><d:custom01>c</d:custom01>",
            ),
            ("<d:password m:type=\"x\">g</d:password>", "<d:password m:type=\"x\">…</d:password>"),
            ("<d:password m:null=\"true\"/><d:a>1</d:a>", "<d:password m:null=\"true\"/><d:a>1</d:a>"),
            ("<password>g</password>", "<password>…</password>"),
            ("userId='1'&newPassword='it''s'&x=1", "userId='1'&newPassword='…'&x=1"),
            (
                "POST upsert\r\nAuthorization: Bearer abc\r\nX-CSRF-Token: q\r\n\r\n",
                "POST upsert\r\nAuthorization: …\r\nX-CSRF-Token: …\r\n\r\n",
            ),
            ("a=1&password=cut sho", "a=1&password=… sho"),
            (r#"{"password":"cut sho"#, r#"{"password":"…"#),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            r#"{"token":"eq","label":"Equals"}"#,
            "<Property Name=\"password\" Type=\"Edm.String\" sap:label=\"Password\"/>",
            "$skiptoken=eyJzdGFydFJvdyI6&$top=1",
            "client_assertion_type=urn:ietf&grant_type=client_credentials",
            r#"{"d":{"getPasswordPolicy":"minimum 8"}}"#,
            "naïve “quotes” — Ω",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
