//! Addresses: hosts go, keys and filters are replaced by the rules of the properties that they are about.

use joinery_odata::{BinaryOp, Expr, Literal};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::{Disguise, Where, known};

/// What stands in a capture for the tenant's address.
pub(crate) const BASE: &str = "https://tenant.invalid";

/// Paths below which a tenant's services stand.
const SERVICES: [&str; 4] = ["/odata", "/rest/", "/oauth", "/sfapi"];

/// Options of a query that are about no value.
const OPTIONS: &[&str] = &[
    "$select",
    "$expand",
    "$orderby",
    "$top",
    "$skip",
    "$inlinecount",
    "$format",
    "$count",
    "asOfDate",
    "fromDate",
    "toDate",
    "paging",
    "customPageSize",
    "count",
    "startIndex",
    "attributes",
    "excludedAttributes",
    "sortBy",
    "sortOrder",
    "recordStatus",
    "includeAllRecords",
    "purgeType",
];

/// What must not stand raw in an option of a query.
const IN_QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The text with the address of every service replaced by `base`.
pub(crate) fn with_base(text: &str, base: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let before = rest.get(..at).unwrap_or_default();
        let scheme = ["https", "http"].into_iter().find(|scheme| before.ends_with(scheme));
        let behind = rest.get(at + 3..).unwrap_or_default();
        let end = behind
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']')))
            .unwrap_or(behind.len());
        let (host, path) = behind.split_at(end);
        match scheme {
            Some(scheme) if !host.is_empty() && SERVICES.iter().any(|service| path.starts_with(service)) => {
                out.push_str(before.get(..before.len() - scheme.len()).unwrap_or_default());
                out.push_str(base);
            }
            _ => {
                out.push_str(before);
                out.push_str("://");
                out.push_str(host);
            }
        }
        rest = path;
    }
    out.push_str(rest);
    out
}

/// The text without the names of hosts.
pub(super) fn without_hosts(text: &str) -> String {
    with_base(text, BASE)
}

impl Disguise {
    /// An address in an answer: whole, or from the root, or relative.
    pub(super) fn url(&self, url: &str, force: bool) -> String {
        let (base, rest) = match url.split_once("://") {
            Some((_, rest)) => (BASE, rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()),
            None => ("", url),
        };
        let (path, query) = split_query(rest);
        let encoded = path.contains('%');
        let plain = percent_decode_str(path).decode_utf8_lossy();
        let mut made = self.path_of(&plain, force);
        if encoded {
            made = utf8_percent_encode(&made, IN_QUERY).to_string();
        }
        let mut out = format!("{base}{made}");
        if let Some(query) = query {
            let options: Vec<String> = self
                .options(query, &set_of(&plain))
                .into_iter()
                .map(|(name, value)| {
                    format!("{}={}", utf8_percent_encode(&name, IN_QUERY), utf8_percent_encode(&value, IN_QUERY))
                })
                .collect();
            out.push('?');
            out.push_str(&options.join("&"));
        }
        out
    }

    /// A path, decoded.
    pub(crate) fn path(&self, path: &str) -> String {
        self.path_of(path, false)
    }

    fn path_of(&self, path: &str, force: bool) -> String {
        if let Some((service, below)) = below_rest(path) {
            let segments: Vec<String> = below
                .split('/')
                .enumerate()
                // The kind of resource, then its id; what follows is a word of the service.
                .map(|(at, one)| if at == 1 && !one.starts_with('.') { self.cipher.text(one) } else { one.to_owned() })
                .collect();
            return format!("{service}{}", segments.join("/"));
        }
        let mut out = String::with_capacity(path.len());
        let mut rest = path;
        while let Some(open) = rest.find('(') {
            let (before, after) = rest.split_at(open);
            let name = before.rsplit(['/', ',']).next().unwrap_or_default();
            let close = end_of_key(after);
            out.push_str(&self.segments(before));
            out.push('(');
            out.push_str(&self.key(name, after.get(1..close).unwrap_or_default(), force));
            rest = after.get(close..).unwrap_or_default();
        }
        out.push_str(&self.segments(rest));
        out
    }

    /// Names of sets, properties and functions; one with a long number in it is somebody's all the same.
    fn segments(&self, path: &str) -> String {
        let segments = path.split('/').map(|segment| {
            let digits = segment.bytes().filter(u8::is_ascii_digit).count();
            if digits > 3 && !known::is_of_the_model(segment) { self.cipher.text(segment) } else { segment.to_owned() }
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// What stands between the parentheses of a key.
    fn key(&self, set: &str, key: &str, force: bool) -> String {
        let at = Where { set: known::is_a_set(set).then(|| set.to_owned()), force };
        let parts = split_quoted(key, ',').into_iter().map(|part| match split_quoted(part, '=').as_slice() {
            [name, ..] if part.len() > name.len() && !name.contains('\'') => {
                let value = part.get(name.len() + 1..).unwrap_or_default();
                format!("{name}={}", self.literal(&at, name.trim(), value))
            }
            _ => self.literal(&at, known::only_key(set).unwrap_or("id"), part),
        });
        parts.collect::<Vec<_>>().join(",")
    }

    /// A literal as it stands in an address, about a property.
    fn literal(&self, at: &Where, name: &str, literal: &str) -> String {
        let trimmed = literal.trim();
        if let Some(inner) = trimmed.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            // Quotes inside are doubled, and stay so: they are no part of words.
            return format!("'{}'", self.value(at, name, inner));
        }
        if let Some((prefix, inner)) = trimmed.split_once('\'').filter(|(prefix, _)| prefix.starts_with("datetime")) {
            return format!("{prefix}'{}'", self.value(at, name, inner.trim_end_matches('\'')));
        }
        if matches!(trimmed, "true" | "false" | "null") || (!at.force && known::is_kept(at.set.as_deref(), name)) {
            return literal.to_owned();
        }
        let digits = trimmed.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let suffix = trimmed.get(digits.len()..).unwrap_or_default();
        format!("{}{suffix}", self.cipher.text(digits))
    }

    /// The options of a query string, decoded, personal values replaced; in the order in which they came.
    pub(crate) fn options(&self, query: &str, set: &str) -> Vec<(String, String)> {
        let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                let (name, value) = (decode(name), decode(value));
                let made = self.option(&name, &value, set);
                (name, made)
            })
            .collect()
    }

    fn option(&self, name: &str, value: &str, set: &str) -> String {
        let at = Where { set: known::is_a_set(set).then(|| set.to_owned()), force: false };
        match name {
            _ if OPTIONS.contains(&name) => value.to_owned(),
            "$skiptoken" => self.cipher.opaque("place", value),
            "$filter" => self.filter(&at, value),
            _ if value.starts_with('\'') => self.literal(&at, name, value),
            "filter" => self.quoted(value),
            _ if known::is_kept(at.set.as_deref(), name) => value.to_owned(),
            _ => self.cipher.text(value),
        }
    }

    /// A filter: literals are values of the properties that they are compared with.
    fn filter(&self, at: &Where, filter: &str) -> String {
        match Expr::parse(filter) {
            Ok(mut expression) => {
                self.judge(at, &mut expression, &[]);
                expression.to_string()
            }
            // What cannot be read: whatever is quoted is somebody's.
            Err(_) => self.quoted(filter),
        }
    }

    fn judge(&self, at: &Where, expression: &mut Expr, about: &[String]) {
        let fields: Vec<String> = match expression {
            Expr::Binary { .. } | Expr::In { .. } | Expr::Call { .. } if about.is_empty() => {
                expression.fields().iter().map(|field| field.as_str().to_owned()).collect()
            }
            _ => about.to_vec(),
        };
        match expression {
            Expr::Literal(literal) => self.compared(at, literal, &fields),
            Expr::Field(_) => {}
            Expr::And(all) | Expr::Or(all) => all.iter_mut().for_each(|one| self.judge(at, one, &[])),
            Expr::Not(one) => self.judge(at, one, &[]),
            Expr::Negate(one) => self.judge(at, one, &fields),
            Expr::Binary { op, left, right } => {
                let logical = !op.is_comparison() && matches!(op, BinaryOp::Eq);
                let fields = if logical { &[][..] } else { &fields };
                self.judge(at, left, fields);
                self.judge(at, right, fields);
            }
            Expr::In { operand, values } => {
                self.judge(at, operand, &fields);
                for literal in values {
                    self.compared(at, literal, &fields);
                }
            }
            Expr::Call { arguments, .. } => arguments.iter_mut().for_each(|one| self.judge(at, one, &fields)),
        }
    }

    /// A literal that is compared with these fields: it stays only when it may of each.
    fn compared(&self, at: &Where, literal: &mut Literal, fields: &[String]) {
        let text = literal.to_string();
        let mut made = text.clone();
        if fields.is_empty() {
            made = self.literal(&Where { force: true, ..at.clone() }, "", &text);
        }
        for field in fields {
            let (path, name) = field.rsplit_once('/').unwrap_or(("", field));
            let inside = Where {
                set: at.set.clone().filter(|_| path.is_empty()),
                force: path.split('/').any(known::is_sensitive),
            };
            let one = self.literal(&inside, name, &text);
            if one != text {
                made = one;
            }
        }
        if made != text {
            *literal = Literal::parse(&made).unwrap_or_else(|_| Literal::text("…"));
        }
    }

    /// The text with whatever stands in quotes replaced.
    fn quoted(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut quote = None;
        let mut piece = String::new();
        for letter in text.chars() {
            match quote {
                None if letter == '\'' || letter == '"' => {
                    quote = Some(letter);
                    out.push_str(&std::mem::take(&mut piece));
                    out.push(letter);
                }
                Some(open) if letter == open => {
                    quote = None;
                    out.push_str(&self.cipher.text(&std::mem::take(&mut piece)));
                    out.push(letter);
                }
                _ => piece.push(letter),
            }
        }
        out.push_str(&if quote.is_some() { self.cipher.text(&piece) } else { piece });
        out
    }
}

/// The set that a path is about: the name in front of the first key, or the only one.
pub(crate) fn set_of(path: &str) -> String {
    let below = path.find("/v2/").and_then(|at| path.get(at + 4..)).unwrap_or(path);
    below.trim_start_matches('/').split(['(', '/', '?']).next().unwrap_or_default().to_owned()
}

/// The part of a REST service's path up to its version, and the rest.
fn below_rest(path: &str) -> Option<(&str, &str)> {
    if !path.starts_with("/rest/") {
        return None;
    }
    let version = ["/v1/", "/v2/"].iter().filter_map(|version| path.find(version)).min()?;
    Some(path.split_at(version + 4))
}

/// A query begins at the first `?` outside quotes.
fn split_query(address: &str) -> (&str, Option<&str>) {
    match split_quoted(address, '?').first() {
        Some(path) if path.len() < address.len() => (path, address.get(path.len() + 1..)),
        _ => (address, None),
    }
}

/// Splits where the mark stands outside quotes.
fn split_quoted(text: &str, mark: char) -> Vec<&str> {
    let (mut parts, mut start, mut quoted) = (Vec::new(), 0, false);
    for (at, letter) in text.char_indices() {
        if letter == '\'' {
            quoted = !quoted;
        } else if letter == mark && !quoted {
            parts.push(text.get(start..at).unwrap_or_default());
            start = at + mark.len_utf8();
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// Where the parenthesis that opens the text is closed.
fn end_of_key(text: &str) -> usize {
    let mut quoted = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '\'' => quoted = !quoted,
            ')' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_services_go_and_others_stay() {
        let text = r#"{"uri":"https://api012.successfactors.eu:443/odata/v2/User('1')","see":"http://schemas.microsoft.com/ado/2007/08"}"#;
        let made = with_base(text, BASE);
        assert_eq!(
            made,
            r#"{"uri":"https://tenant.invalid/odata/v2/User('1')","see":"http://schemas.microsoft.com/ado/2007/08"}"#
        );
        assert_eq!(with_base(&made, "http://127.0.0.1:1"), made.replace(BASE, "http://127.0.0.1:1"));
        assert_eq!(with_base("ü://x://https://", "b"), "ü://x://https://");
    }

    #[test]
    fn keys_go_by_their_properties() {
        let disguise = Disguise::new(b"s");
        let id = disguise.personal("100003");
        let name = disguise.personal("o''neil");
        for (url, expected) in [
            ("https://a.b:443/odata/v2/User('100003')", format!("{BASE}/odata/v2/User('{id}')")),
            (
                "/odata/v2/PerEmail(emailType='8448',personIdExternal='100003')/personNav",
                format!("/odata/v2/PerEmail(emailType='8448',personIdExternal='{id}')/personNav"),
            ),
            (
                "FODepartment(externalCode='D1',startDate=datetime'2020-01-01T00:00:00')",
                "FODepartment(externalCode='D1',startDate=datetime'2020-01-01T00:00:00')".to_owned(),
            ),
            ("PicklistOption(8448L)", "PicklistOption(8448L)".to_owned()),
            ("User('o%27%27neil')", format!("User('{name}')")),
            ("cust_Thing('100003')", format!("cust_Thing('{id}')")),
            ("/rest/iam/scim/v2/Users/100003", format!("/rest/iam/scim/v2/Users/{id}")),
            ("/rest/iam/scim/v2/Users/.search", "/rest/iam/scim/v2/Users/.search".to_owned()),
            ("User,EmpJob/$metadata", "User,EmpJob/$metadata".to_owned()),
        ] {
            assert_eq!(disguise.url(url, false), expected);
        }
    }

    #[test]
    fn filters_go_by_what_is_compared() {
        let disguise = Disguise::new(b"s");
        let (id, name) = (disguise.personal("100003"), disguise.personal("neil"));
        let day = "lastModifiedDateTime ge datetimeoffset'2026-01-01T00:00:00Z'";
        for (filter, expected) in [
            ("userId eq '100003'".to_owned(), format!("userId eq '{id}'")),
            (
                "status in 't','f' and personIdExternal in '100003'".to_owned(),
                format!("status in 't','f' and personIdExternal in '{id}'"),
            ),
            (format!("{day} and department eq 'D1'"), format!("{day} and department eq 'D1'")),
            (
                "status eq 't' and substringof('neil',lastName) eq true".to_owned(),
                format!("status eq 't' and substringof('{name}',lastName) eq true"),
            ),
            (
                "employmentNav/jobInfoNav/managerId eq '100003' or 'neil' eq lastName".to_owned(),
                format!("employmentNav/jobInfoNav/managerId eq '{id}' or '{name}' eq lastName"),
            ),
            ("this is 'neil' no filter".to_owned(), format!("this is '{name}' no filter")),
        ] {
            let made = disguise.options(&format!("$filter={}", utf8_percent_encode(&filter, IN_QUERY)), "User");
            assert_eq!(made, [("$filter".to_owned(), expected)]);
        }
    }

    #[test]
    fn options_go_by_their_names() {
        let disguise = Disguise::new(b"s");
        let made = disguise.options(
            "userId='100003'&groupId=12L&$top=5&$skiptoken=abc&filter=userName%20eq%20%22neil%22&$search=neil",
            "getX",
        );
        let value = |name: &str| made.iter().find(|(known, _)| known == name).unwrap().1.clone();
        assert_eq!(value("userId"), format!("'{}'", disguise.personal("100003")));
        assert_eq!((value("groupId"), value("$top")), ("12L".to_owned(), "5".to_owned()));
        assert!(value("$skiptoken").len() == 32 && value("$skiptoken") != "abc");
        assert_eq!(value("filter"), format!("userName eq \"{}\"", disguise.personal("neil")));
        assert_eq!(value("$search"), disguise.personal("neil"));
        let next = disguise.url("https://a.b/odata/v2/User?$skiptoken=abc&$top=5", false);
        assert_eq!(next, format!("{BASE}/odata/v2/User?$skiptoken={}&$top=5", value("$skiptoken")), "a place leads on");
    }
}
