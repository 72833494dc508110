//! Secrets out of texts: form parameters, JSON, XML and header lines, whole or cut short.

use percent_encoding::percent_decode_str;

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

/// How a text is laid out: what a value may hold, and so where one ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Json,
    Xml,
    /// Parts of a batch: request lines, header lines and bodies.
    Parts,
    /// Pairs that `&` parts; whatever is nothing of the above is read so, for then the most is masked.
    Pairs,
}

impl Layout {
    fn of(kind: &str, text: &str) -> Self {
        let start = text.trim_start_matches('\u{feff}').trim_start();
        if start.starts_with(['{', '[']) {
            Self::Json
        } else if start.starts_with('<') {
            Self::Xml
        } else if kind.starts_with("multipart/") || start.starts_with("--") || text.contains(" HTTP/1.") {
            Self::Parts
        } else {
            Self::Pairs
        }
    }
}

/// The text with the values of secrets masked; `kind` is its content type. Never longer than it was by more than the
/// masks. Where it is not plain how far a value reaches, more is masked.
pub(crate) fn masked(kind: &str, text: &str) -> String {
    if kind.to_ascii_lowercase().contains("x-www-form-urlencoded") {
        let pairs = text.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let known = percent_decode_str(name).decode_utf8_lossy();
            if value.is_empty() || !is_secret(&known) { scanned(pair, Layout::Pairs) } else { format!("{name}={MASK}") }
        });
        return pairs.collect::<Vec<_>>().join("&");
    }
    scanned(text, Layout::of(kind, text))
}

/// One option of a query as name and value, both decoded: the value of a secret is masked whole, whatever is in it.
pub(crate) fn masked_option(name: &str, value: &str) -> (String, String) {
    if !value.is_empty() && is_secret(name) {
        return (name.to_owned(), MASK.to_owned());
    }
    (scanned(name, Layout::Pairs), scanned(value, Layout::Pairs))
}

fn scanned(text: &str, layout: Layout) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(length) = key_length(rest) {
            out.push_str(MASK);
            at += length;
            continue;
        }
        let Some(letter) = rest.chars().next() else { break };
        if !is_word(letter) || letter == '-' {
            out.push(letter);
            at += letter.len_utf8();
            continue;
        }
        let word = rest.split(|letter| !is_word(letter)).next().unwrap_or(rest);
        let before = text.get(..at).unwrap_or_default();
        let behind = rest.get(word.len()..).unwrap_or_default();
        out.push_str(word);
        at += word.len();
        if is_secret(word)
            && let Some((gap, value)) = value_of(before, word, behind, layout)
        {
            out.push_str(behind.get(..gap).unwrap_or_default());
            if value > 0 {
                out.push_str(MASK);
            }
            at += gap + value;
        }
    }
    out
}

/// The length of a private key in PEM (RFC 7468) that stands here, to its last line or to the end of the text.
fn key_length(rest: &str) -> Option<usize> {
    let label = rest.strip_prefix("-----BEGIN ")?;
    let label = label.get(..label.find("-----")?)?;
    if !label.ends_with("PRIVATE KEY") {
        return None;
    }
    let end = format!("-----END {label}-----");
    Some(rest.find(&end).map_or(rest.len(), |at| at + end.len()))
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')
}

fn is_secret(word: &str) -> bool {
    let word = word.trim().to_ascii_lowercase();
    ENDS.iter().any(|end| word.ends_with(end))
}

/// The prefix (`d:`, or nothing) when the word is the name of an opening tag.
fn tag_prefix(before: &str) -> Option<&str> {
    let prefix = before.get(before.rfind('<')? + 1..)?;
    let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let plain = prefix.is_empty() || prefix.strip_suffix(':').is_some_and(|name| name.chars().all(is_name));
    plain.then_some(prefix)
}

/// Where the value begins behind its name, and how long it is; none where no value follows.
fn value_of(before: &str, word: &str, behind: &str, layout: Layout) -> Option<(usize, usize)> {
    if let Some(prefix) = tag_prefix(before) {
        let open = end_of_tag(behind)?;
        if behind.get(..open)?.ends_with('/') {
            return None;
        }
        let value = behind.get(open + 1..)?;
        return Some((open + 1, end_of_element(value, &format!("</{prefix}{word}"))));
    }
    let quoted = before.ends_with('"');
    let after = behind.strip_prefix('"').filter(|_| quoted).unwrap_or(behind);
    let mark = after.trim_start();
    let value = mark.strip_prefix([':', '=']).or_else(|| mark.strip_prefix("%3D"))?;
    let is_line = mark.starts_with(':');
    let value = value.trim_start();
    let gap = behind.len() - value.len();
    if is_line && (quoted || layout == Layout::Json) && value.starts_with(['"', '{', '[']) {
        let quote = usize::from(value.starts_with('"'));
        let end = if quote == 1 { end_of_json_text(value.get(1..)?) } else { end_of_json_value(value) };
        return Some((gap + quote, end));
    }
    if is_line && quoted {
        return Some((gap, value.find([',', '}', ']', '\n']).unwrap_or(value.len())));
    }
    // A literal may hold whatever would end a value.
    let literal = value.strip_prefix('\'').map_or(0, |text| end_of_literal(text) + 1);
    let rest = value.get(literal..).unwrap_or_default();
    let end = match layout {
        Layout::Json => end_of_json_text(rest).min(rest.find('&').filter(|_| !is_line).unwrap_or(rest.len())),
        Layout::Xml if rest.starts_with('"') => rest.get(1..)?.find('"').map_or(rest.len(), |end| end + 1),
        Layout::Xml => rest.find('<').into_iter().chain(rest.find("&amp;")).min().unwrap_or(rest.len()),
        _ if is_line => rest.find(['\r', '\n']).unwrap_or(rest.len()),
        Layout::Parts => {
            let line = rest.find(['&', '\r', '\n']).unwrap_or(rest.len());
            rest.get(..line)?.find(" HTTP/").unwrap_or(line)
        }
        Layout::Pairs => rest.find('&').unwrap_or(rest.len()),
    };
    Some((gap, literal + end))
}

/// Where the `>` of a tag is; one in an attribute's value ends none.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
    }
    None
}

/// Where an element's closing tag begins; one in a CDATA section is text.
fn end_of_element(text: &str, closing: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let end = rest.find(closing);
        match (rest.find("<![CDATA["), end) {
            (Some(data), end) if end.is_none_or(|end| data < end) => {
                let Some(over) = rest.get(data..).and_then(|data| data.find("]]>")) else { break };
                at += data + over + 3;
            }
            (_, Some(end)) => return at + end,
            _ => break,
        }
    }
    text.len()
}

/// How long an object or a list is.
fn end_of_json_value(text: &str) -> usize {
    let (mut depth, mut at) = (0_u32, 0);
    while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
        at += letter.len_utf8();
        match letter {
            '"' => at += end_of_json_text(text.get(at..).unwrap_or_default()) + 1,
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
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
    use super::{masked, masked_option};

    const FORM: &str = "application/x-www-form-urlencoded";

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
            ("userId='1'&newPassword='it''s'&x=1", "userId='1'&newPassword=…&x=1"),
            (
                "POST upsert\r\nAuthorization: Bearer abc\r\nX-CSRF-Token: q\r\n\r\n",
                "POST upsert\r\nAuthorization: …\r\nX-CSRF-Token: …\r\n\r\n",
            ),
            ("a=1&password=cut sho", "a=1&password=…"),
            ("a=1&password=a;b\"c<d&x=1", "a=1&password=…&x=1"),
            ("<x:password><![CDATA[a</x:password>b]]></x:password><a/>", "<x:password>…</x:password><a/>"),
            ("<soap-env:password a='>'>g<b/>h</soap-env:password>!", "<soap-env:password a='>'>…</soap-env:password>!"),
            ("<é:password>cut <![CDATA[sho", "<é:password>…"),
            ("<a b=\"?password=x\">y</a>", "<a b=\"?password=…</a>"),
            ("<a>?password=x&quot;y&amp;z=1</a>", "<a>?password=…&amp;z=1</a>"),
            (
                "private_key=-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\n&x=1",
                "private_key=…&x=1",
            ),
            ("key:\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nx", "key:\n…\nx"),
            ("-----BEGIN PRIVATE KEY-----\nMII", "…"),
            (r#"{"private_key": "a\nb", "b":1}"#, r#"{"private_key": "…", "b":1}"#),
            (r#"{"password":{"a":"x}","b":["y"]},"c":1}"#, r#"{"password":…,"c":1}"#),
            (r#"{"uri":"User?password=a b;c<d","e":1}"#, r#"{"uri":"User?password=…","e":1}"#),
            ("--b\r\nPOST f?password=x;y HTTP/1.1\r\nHost: h\r\n", "--b\r\nPOST f?password=… HTTP/1.1\r\nHost: h\r\n"),
            (r#"{"password":"cut sho"#, r#"{"password":"…"#),
        ] {
            assert_eq!(masked("", text), expected);
        }
    }

    #[test]
    fn a_pair_of_a_form_is_masked_whole() {
        for (text, expected) in [
            ("a=1&client_secret=a;b \"<c&d=2", "a=1&client_secret=…&d=2"),
            ("client%5Fsecret=x&pass%77ord='a", "client%5Fsecret=…&pass%77ord=…"),
            ("private_key=MII\r\nabc\r\n&use_email=true", "private_key=…&use_email=true"),
            ("password=&a=b", "password=&a=b"),
        ] {
            assert_eq!(masked(FORM, text), expected);
        }
    }

    #[test]
    fn an_option_is_masked_by_its_name() {
        for value in ["a;b", "a b", "\"", "<x", "'it''s", "a=b&c"] {
            assert_eq!(masked_option("client_secret", value), ("client_secret".to_owned(), "…".to_owned()));
        }
        assert_eq!(masked_option("$filter", "name eq 'A&B'").1, "name eq 'A&B'");
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
            assert_eq!(masked("", text), text);
        }
    }
}
