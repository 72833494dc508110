//! XML: Atom, errors, and whatever else comes as tags and text. Read a piece at a time, written as it came.

use super::{Disguise, Where, known};

/// The set of an entry, once its category says it; and whether everything in it goes.
#[derive(Clone, Debug, Default)]
struct Entry {
    at: Where,
}

impl Disguise {
    /// The document without personal values; none when it is no XML.
    pub(super) fn xml(&self, text: &str) -> Option<String> {
        // Reading it once by the book: what follows relies on tags being closed.
        roxmltree::Document::parse(text).ok()?;
        let mut out = String::with_capacity(text.len());
        let mut open: Vec<String> = Vec::new();
        let mut entries: Vec<Entry> = vec![Entry::default()];
        let mut forced: Vec<usize> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let Some(start) = rest.find('<') else {
                out.push_str(&self.content(&open, &entries, !forced.is_empty(), rest));
                break;
            };
            let (content, after) = rest.split_at(start);
            out.push_str(&self.content(&open, &entries, !forced.is_empty(), content));
            let end = end_of_tag(after);
            let (tag, next) = after.split_at(end);
            rest = next;
            if tag.starts_with("<![CDATA[") {
                let inner = tag.trim_start_matches("<![CDATA[").trim_end_matches("]]>");
                out.push_str(&self.content(&open, &entries, !forced.is_empty(), &escaped(inner)));
                continue;
            }
            if tag.starts_with("<!--") {
                continue;
            }
            if tag.starts_with("<?") || tag.starts_with("<!") {
                out.push_str(tag);
                continue;
            }
            if tag.starts_with("</") {
                let name = open.pop().unwrap_or_default();
                if name == "entry" && entries.len() > 1 {
                    entries.pop();
                }
                if forced.last().is_some_and(|depth| *depth > open.len()) {
                    forced.pop();
                }
                out.push_str(tag);
                continue;
            }
            let name = name_of(tag);
            let closed = tag.ends_with("/>");
            if name == "entry" && !closed {
                entries.push(Entry::default());
            }
            if name == "category"
                && let (Some(term), Some(entry)) = (attribute(tag, "term"), entries.last_mut())
            {
                entry.at.set = term.rsplit('.').next().map(str::to_owned);
            }
            if !closed {
                open.push(name.to_owned());
                let about = attribute(tag, "title").filter(|_| name == "link").unwrap_or(name);
                if known::is_sensitive(about) && (name == "link" || tag.contains("m:type=\"SFOData")) {
                    forced.push(open.len());
                }
            }
            out.push_str(&self.tag(tag));
        }
        Some(out)
    }

    /// A tag with its addresses replaced and its etag gone.
    fn tag(&self, tag: &str) -> String {
        let mut out = tag.to_owned();
        for name in ["href", "src", "xml:base"] {
            if let Some(value) = attribute(&out, name) {
                let made = escaped(&self.url(&unescaped(value), false));
                out = out.replacen(&format!("{name}=\"{value}\""), &format!("{name}=\"{made}\""), 1);
            }
        }
        if let Some(value) = attribute(&out, "m:etag") {
            out = out.replacen(&format!(" m:etag=\"{value}\""), "", 1);
        }
        out
    }

    /// What stands between two tags.
    fn content(&self, open: &[String], entries: &[Entry], force: bool, content: &str) -> String {
        if content.trim().is_empty() {
            return content.to_owned();
        }
        let name = open.last().map(String::as_str).unwrap_or_default();
        let text = unescaped(content);
        let is_error = open.iter().any(|one| one == "error");
        let made =
            match name {
                "id" | "uri" if !open.iter().any(|one| one == "properties") => self.url(&text, force),
                "message" if is_error => self.message(&text),
                "code" if is_error => text,
                "updated" | "published" | "count" | "title" => {
                    if name == "title" && !known::is_of_the_model(text.trim()) { self.cipher.text(&text) } else { text }
                }
                name => {
                    let mut at = entries.last().map(|entry| entry.at.clone()).unwrap_or_default();
                    at.force |= force || open.iter().any(|one| known::is_sensitive(one));
                    self.value(&at, name, &text)
                }
            };
        escaped(&made)
    }
}

/// Where the tag that opens the text ends; a `>` in an attribute's quotes does not end it.
fn end_of_tag(text: &str) -> usize {
    for (open, close) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] {
        if text.starts_with(open) {
            return text.find(close).map_or(text.len(), |at| at + close.len());
        }
    }
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// The name of a tag, without its prefix.
fn name_of(tag: &str) -> &str {
    let name = tag.trim_start_matches('<').split([' ', '>', '/', '\t', '\r', '\n']).next().unwrap_or_default();
    name.rsplit(':').next().unwrap_or_default()
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag.get(start..)?.split('"').next()
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let end = after.find(';').unwrap_or(0);
        let name = after.get(1..end).unwrap_or_default();
        let number = name
            .strip_prefix("#x")
            .map(|hex| u32::from_str_radix(hex, 16))
            .or_else(|| name.strip_prefix('#').map(str::parse));
        let letter = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => number.and_then(Result::ok).and_then(char::from_u32),
        };
        match letter {
            Some(letter) => {
                out.push(letter);
                rest = after.get(end + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = after.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEED: &str = r#"<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" xml:base="https://api4.x.com:443/odata/v2/"><title type="text">User</title><id>https://api4.x.com:443/odata/v2/User</id><entry m:etag="W/&quot;q&quot;"><id>https://api4.x.com:443/odata/v2/User('100003')</id><title type="text"></title><updated>2026-11-21T12:00:00Z</updated><link href="User('100003')/manager" rel="http://schemas.microsoft.com/ado/2007/08/dataservices/related/manager" type="application/atom+xml;type=entry" title="manager"/><category term="SFOData.User" scheme="http://schemas.microsoft.com/ado/2007/08/dataservices/scheme"/><content type="application/xml"><m:properties><d:userId>100003</d:userId><d:lastName>O&apos;Neil &amp; King</d:lastName><d:status>t</d:status><d:gender>F</d:gender><d:hireDate m:type="Edm.DateTime">2020-01-01T00:00:00</d:hireDate><d:custom01 m:null="true"/></m:properties></content></entry><link rel="next" href="https://api4.x.com:443/odata/v2/User?$skiptoken=abc&amp;$top=1"/></feed>"#;

    #[test]
    fn a_feed_keeps_its_structure_and_loses_its_people() {
        let disguise = Disguise::new(b"s");
        let made = disguise.xml(FEED).unwrap();
        roxmltree::Document::parse(&made).expect("still a document");
        for personal in ["100003", "Neil", "King", "x.com", ">F<", "abc", "etag"] {
            assert!(!made.contains(personal), "{personal}: {made}");
        }
        let id = disguise.personal("100003");
        for kept in [
            format!("User('{id}')/manager"),
            format!("<d:userId>{id}</d:userId>"),
            "<d:status>t</d:status>".to_owned(),
            "2020-01-01T00:00:00".to_owned(),
            "dataservices/related/manager".to_owned(),
            "term=\"SFOData.User\"".to_owned(),
            ">User</title>".to_owned(),
            format!("<d:lastName>{} &amp; ", disguise.personal("O'Neil")),
        ] {
            assert!(made.contains(&kept), "{kept}: {made}");
        }
    }

    #[test]
    fn errors_and_what_is_no_xml() {
        let disguise = Disguise::new(b"s");
        let error = "<error xmlns=\"http://x\"><code>COE0021</code><message xml:lang=\"en\">User 100003 is wrong</message></error>";
        let made = disguise.xml(error).unwrap();
        assert!(
            made.contains("<code>COE0021</code>") && made.contains(" is wrong") && !made.contains("100003"),
            "{made}"
        );
        assert_eq!(disguise.xml("<a><b></a>"), None);
        assert_eq!(unescaped("a&#228;&#x41;&nope;&"), "aäA&nope;&");
    }
}
