//! Writing Atom.

use std::fmt::Write as _;

use super::{ATOM, Content, DATA, Document, Entry, Feed, Inline, Link, METADATA, RELATED, SCHEME, Value};
use crate::metadata::escape;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
const BEGINNING: &str = "1970-01-01T00:00:00Z";

impl Document {
    /// The XML document. `base` is the address of the service root, with a slash at its end.
    pub fn to_xml(&self, base: &str) -> String {
        match self {
            Self::Feed(feed) => feed.to_xml(base),
            Self::Entry(entry) => entry.to_xml(base),
        }
    }
}

impl Feed {
    /// The feed as a document. `base` is the address of the service root, with a slash at its end.
    pub fn to_xml(&self, base: &str) -> String {
        let mut xml = Xml::document();
        xml.feed(self, Some(base));
        xml.text
    }
}

impl Entry {
    /// The entry as a document. `base` is the address of the service root, with a slash at its end.
    pub fn to_xml(&self, base: &str) -> String {
        let mut xml = Xml::document();
        xml.entry(self, Some(base));
        xml.text
    }
}

/// A value as a document: the answer for one property (`<d:firstName>`) or of a function import.
pub fn property(name: &str, value: &Value) -> String {
    let mut xml = Xml::document();
    let namespaces = format!(" xmlns:d=\"{DATA}\" xmlns:m=\"{METADATA}\"");
    xml.value(name, value, &namespaces);
    xml.text
}

/// The answer for `$links`: the addresses of what is linked, one alone when the navigation leads to one.
pub fn links(addresses: &[String], many: bool) -> String {
    let mut xml = Xml::document();
    let namespace = format!(" xmlns=\"{DATA}\"");
    if many {
        let _ = write!(xml.text, "<links{namespace}>");
        for address in addresses {
            xml.element("uri", address);
        }
        xml.text.push_str("</links>");
    } else if let Some(address) = addresses.first() {
        let _ = write!(xml.text, "<uri{namespace}>{}</uri>", escape(address));
    }
    xml.text
}

/// The service document (RFC 5023 section 8): the names of all entity sets.
pub fn service<'n>(base: &str, sets: impl IntoIterator<Item = &'n str>) -> String {
    let mut xml = Xml::document();
    let _ = write!(
        xml.text,
        "<service xmlns=\"http://www.w3.org/2007/app\" xmlns:atom=\"{ATOM}\" xml:base=\"{}\"><workspace>\
         <atom:title>Default</atom:title>",
        escape(base)
    );
    for set in sets {
        let name = escape(set);
        let _ = write!(xml.text, "<collection href=\"{name}\"><atom:title>{name}</atom:title></collection>");
    }
    xml.text.push_str("</workspace></service>");
    xml.text
}

struct Xml {
    text: String,
}

impl Xml {
    fn document() -> Self {
        Self { text: DECLARATION.to_owned() }
    }

    fn element(&mut self, name: &str, text: &str) {
        let _ = write!(self.text, "<{name}>{}</{name}>", escape(text));
    }

    /// Opens an element; the outermost one declares the namespaces.
    fn open(&mut self, name: &str, base: Option<&str>) {
        match base {
            Some(base) => {
                let base = escape(base);
                let _ = write!(
                    self.text,
                    "<{name} xmlns=\"{ATOM}\" xmlns:m=\"{METADATA}\" xmlns:d=\"{DATA}\" xml:base=\"{base}\">"
                );
            }
            None => {
                let _ = write!(self.text, "<{name}>");
            }
        }
    }

    fn updated(&mut self, updated: &str) {
        self.element("updated", if updated.is_empty() { BEGINNING } else { updated });
    }

    fn feed(&mut self, feed: &Feed, base: Option<&str>) {
        self.open("feed", base);
        let title = escape(&feed.title);
        let _ = write!(self.text, "<title type=\"text\">{title}</title>");
        self.element("id", &feed.id);
        self.updated(&feed.updated);
        let _ = write!(self.text, "<link rel=\"self\" title=\"{title}\" href=\"{title}\"/>");
        if let Some(count) = feed.count {
            self.element("m:count", &count.to_string());
        }
        for entry in &feed.entries {
            self.entry(entry, None);
        }
        if let Some(next) = &feed.next {
            let _ = write!(self.text, "<link rel=\"next\" href=\"{}\"/>", escape(next));
        }
        self.text.push_str("</feed>");
    }

    fn entry(&mut self, entry: &Entry, base: Option<&str>) {
        self.open("entry", base);
        if !entry.id.is_empty() {
            self.element("id", &entry.id);
        }
        self.text.push_str("<title type=\"text\"></title>");
        self.updated(&entry.updated);
        self.text.push_str("<author><name></name></author>");
        if !entry.id.is_empty() {
            let name = entry.kind.rsplit('.').next().unwrap_or_default();
            let _ = write!(self.text, "<link rel=\"edit\" title=\"{}\" href=\"{}\"/>", escape(name), escape(&entry.id));
        }
        for link in &entry.links {
            self.link(link);
        }
        if !entry.kind.is_empty() {
            let _ = write!(self.text, "<category term=\"{}\" scheme=\"{SCHEME}\"/>", escape(&entry.kind));
        }
        self.text.push_str("<content type=\"application/xml\"><m:properties>");
        for (name, value) in &entry.properties {
            self.value(name, value, "");
        }
        self.text.push_str("</m:properties></content></entry>");
    }

    fn link(&mut self, link: &Link) {
        let (name, href) = (escape(&link.name), escape(&link.href));
        let kind = if link.many { "feed" } else { "entry" };
        let _ = write!(
            self.text,
            "<link rel=\"{RELATED}{name}\" type=\"application/atom+xml;type={kind}\" title=\"{name}\" href=\"{href}\""
        );
        let Some(inline) = &link.inline else {
            self.text.push_str("/>");
            return;
        };
        self.text.push('>');
        match inline {
            Inline::Empty => self.text.push_str("<m:inline/>"),
            Inline::Entry(entry) => {
                self.text.push_str("<m:inline>");
                self.entry(entry, None);
                self.text.push_str("</m:inline>");
            }
            Inline::Feed(feed) => {
                self.text.push_str("<m:inline>");
                self.feed(feed, None);
                self.text.push_str("</m:inline>");
            }
        }
        self.text.push_str("</link>");
    }

    fn value(&mut self, name: &str, value: &Value, namespaces: &str) {
        let name = escape(name);
        let _ = write!(self.text, "<d:{name}{namespaces}");
        if let Some(kind) = &value.kind {
            let _ = write!(self.text, " m:type=\"{}\"", escape(kind));
        }
        match &value.content {
            Content::Null => {
                self.text.push_str(" m:null=\"true\"/>");
                return;
            }
            Content::Text(text) => {
                let _ = write!(self.text, ">{}", escape(text));
            }
            Content::Members(members) => {
                self.text.push('>');
                for (name, value) in members {
                    self.value(name, value, "");
                }
            }
            Content::Items(items) => {
                self.text.push('>');
                for item in items {
                    self.value("element", item, "");
                }
            }
        }
        let _ = write!(self.text, "</d:{name}>");
    }
}
