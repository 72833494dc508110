//! Reading Atom.

use roxmltree::{Node, ParsingOptions};
use thiserror::Error;

use super::{ATOM, Content, DATA, Document, Entry, Feed, Inline, Link, METADATA, RELATED, Value};

/// The most entries inside each other that are read.
pub const MAX_NESTING: usize = 32;

/// The most nodes of a document that is read: about 10,000 entities with 100 properties.
const MOST_NODES: u32 = 4_000_000;

/// A text that is no Atom document.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AtomError {
    /// Not UTF-8.
    #[error("the Atom document is not UTF-8")]
    Encoding,
    /// Not well-formed XML, or it has a document type declaration.
    #[error("the Atom document is not readable XML, line {line}")]
    Xml {
        /// Where it stops being readable.
        line: u32,
    },
    /// XML, but neither a feed nor an entry.
    #[error("the document is neither an Atom feed nor an Atom entry")]
    NotAtom,
    /// Deeper than [`MAX_NESTING`].
    #[error("the entries nest deeper than {MAX_NESTING}")]
    TooDeep,
    /// An element that is not what it must be.
    #[error("line {line}: {what}")]
    Element {
        /// The element's line.
        line: u32,
        /// What is wrong.
        what: &'static str,
    },
}

impl Document {
    /// Reads a feed or an entry.
    ///
    /// # Errors
    /// See [`AtomError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, AtomError> {
        let text = std::str::from_utf8(bytes).map_err(|_| AtomError::Encoding)?;
        let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
        let text = text.trim_start_matches('\u{feff}');
        let document = roxmltree::Document::parse_with_options(text, options)
            .map_err(|error| AtomError::Xml { line: error.pos().row })?;
        let root = document.root_element();
        if is(root, ATOM, "entry") {
            entry(root, 0).map(Self::Entry)
        } else if is(root, ATOM, "feed") {
            feed(root, 0).map(Self::Feed)
        } else {
            Err(AtomError::NotAtom)
        }
    }
}

fn is(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.is_element() && node.tag_name().namespace() == Some(namespace) && node.tag_name().name() == name
}

fn child<'a, 'i>(node: Node<'a, 'i>, namespace: &str, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| is(*child, namespace, name))
}

fn wrong(node: Node<'_, '_>, what: &'static str) -> AtomError {
    AtomError::Element { line: node.document().text_pos_at(node.range().start).row, what }
}

fn text(node: Option<Node<'_, '_>>) -> String {
    node.map(whole_text).unwrap_or_default()
}

/// All text directly inside, comments passed over.
fn whole_text(node: Node<'_, '_>) -> String {
    node.children().filter(Node::is_text).filter_map(|part| part.text()).collect()
}

fn feed(node: Node<'_, '_>, depth: usize) -> Result<Feed, AtomError> {
    let entries = node.children().filter(|child| is(*child, ATOM, "entry"));
    let count = child(node, METADATA, "count")
        .map(|count| whole_text(count).trim().parse().map_err(|_| wrong(count, "m:count is no number")));
    let next = node.children().find(|child| is(*child, ATOM, "link") && child.attribute("rel") == Some("next"));
    Ok(Feed {
        id: text(child(node, ATOM, "id")),
        title: text(child(node, ATOM, "title")),
        updated: text(child(node, ATOM, "updated")),
        count: count.transpose()?,
        entries: entries.map(|node| entry(node, depth)).collect::<Result<_, _>>()?,
        next: next.and_then(|link| link.attribute("href")).map(str::to_owned),
    })
}

fn entry(node: Node<'_, '_>, depth: usize) -> Result<Entry, AtomError> {
    if depth >= MAX_NESTING {
        return Err(AtomError::TooDeep);
    }
    let mut links = Vec::new();
    for link in node.children().filter(|child| is(*child, ATOM, "link")) {
        if let Some(name) = link.attribute("rel").and_then(|rel| rel.strip_prefix(RELATED)) {
            links.push(self::link(link, name, depth)?);
        }
    }
    let kind = child(node, ATOM, "category").and_then(|category| category.attribute("term"));
    // Beside the content for media entries, inside it for all others.
    let properties = child(node, METADATA, "properties")
        .or_else(|| child(node, ATOM, "content").and_then(|content| child(content, METADATA, "properties")));
    Ok(Entry {
        id: text(child(node, ATOM, "id")),
        kind: kind.unwrap_or_default().to_owned(),
        updated: text(child(node, ATOM, "updated")),
        links,
        properties: properties.map(|node| members(node, 0)).transpose()?.unwrap_or_default(),
    })
}

fn link(node: Node<'_, '_>, name: &str, depth: usize) -> Result<Link, AtomError> {
    let kind = node.attribute("type").unwrap_or_default().to_ascii_lowercase();
    let inline = child(node, METADATA, "inline").map(|inline| {
        if let Some(inner) = child(inline, ATOM, "entry") {
            return Ok(Inline::Entry(Box::new(entry(inner, depth + 1)?)));
        }
        match child(inline, ATOM, "feed") {
            Some(inner) => Ok(Inline::Feed(feed(inner, depth + 1)?)),
            None => Ok(Inline::Empty),
        }
    });
    let inline = inline.transpose()?;
    let many = kind.contains("type=feed") || matches!(inline, Some(Inline::Feed(_)));
    let href = node.attribute("href").unwrap_or_default().to_owned();
    Ok(Link { name: name.to_owned(), href, many, inline })
}

fn members(node: Node<'_, '_>, depth: usize) -> Result<Vec<(String, Value)>, AtomError> {
    let of_data = node.children().filter(|child| child.is_element() && child.tag_name().namespace() == Some(DATA));
    of_data.map(|child| Ok((child.tag_name().name().to_owned(), value(child, depth)?))).collect()
}

fn value(node: Node<'_, '_>, depth: usize) -> Result<Value, AtomError> {
    if depth >= MAX_NESTING {
        return Err(AtomError::TooDeep);
    }
    let kind = node.attribute((METADATA, "type")).map(str::to_owned);
    let null = node.attribute((METADATA, "null")).is_some_and(|null| matches!(null, "true" | "1"));
    let collection = kind.as_deref().is_some_and(|kind| kind.starts_with("Bag(") || kind.starts_with("Collection("));
    let content = if null {
        Content::Null
    } else if collection {
        let items = node.children().filter(|child| is(*child, DATA, "element"));
        Content::Items(items.map(|item| value(item, depth + 1)).collect::<Result<_, _>>()?)
    } else if node.children().any(|child| child.is_element()) {
        Content::Members(members(node, depth + 1)?)
    } else {
        Content::Text(whole_text(node))
    };
    Ok(Value { kind, content })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_atom_is_refused() {
        for (text, error) in [
            ("<entry/>", AtomError::NotAtom),
            ("<a:feed xmlns:a=\"http://www.w3.org/2005/Atom\">", AtomError::Xml { line: 1 }),
            ("<!DOCTYPE entry><entry xmlns=\"http://www.w3.org/2005/Atom\"/>", AtomError::Xml { line: 1 }),
        ] {
            assert_eq!(Document::parse(text.as_bytes()), Err(error), "{text}");
        }
        assert_eq!(Document::parse(b"\xff"), Err(AtomError::Encoding));
    }

    #[test]
    fn nesting_is_bounded() {
        let open = "<entry xmlns=\"http://www.w3.org/2005/Atom\" xmlns:m=\"http://schemas.microsoft.com/ado/2007/08/\
                    dataservices/metadata\"><link rel=\"http://schemas.microsoft.com/ado/2007/08/dataservices/related/a\">\
                    <m:inline>";
        let close = "</m:inline></link></entry>";
        let nested = |depth: usize| format!("{}{}", open.repeat(depth), close.repeat(depth));
        assert!(Document::parse(nested(MAX_NESTING).as_bytes()).is_ok());
        assert_eq!(Document::parse(nested(MAX_NESTING + 1).as_bytes()), Err(AtomError::TooDeep));
    }

    /// As the specification writes an entry of its sample service (OData v2, "Atom Format", section 6.1.1); prefixes
    /// and order are the sender's choice.
    #[test]
    fn an_entry_is_read_whatever_its_prefixes() {
        let text = r#"<?xml version="1.0" encoding="utf-8"?>
            <a:entry xmlns:a="http://www.w3.org/2005/Atom"
                xmlns:x="http://schemas.microsoft.com/ado/2007/08/dataservices"
                xmlns:y="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">
              <a:category term="SFOData.User"/>
              <a:content type="application/xml"><y:properties>
                <x:userId>a&amp;b</x:userId><x:email y:null="true"/><x:totalTeamSize y:type="Edm.Int64">3</x:totalTeamSize>
                <x:nickname/>
              </y:properties></a:content>
              <a:link rel="http://schemas.microsoft.com/ado/2007/08/dataservices/related/manager" href="User('m')"/>
              <a:link rel="edit" href="User('a')"/>
            </a:entry>"#;
        let Ok(Document::Entry(entry)) = Document::parse(text.as_bytes()) else { panic!("an entry") };
        assert_eq!(entry.kind, "SFOData.User");
        let expected = [
            ("userId", Value::text(None, "a&b")),
            ("email", Value::null(None)),
            ("totalTeamSize", Value::text(Some("Edm.Int64"), "3")),
            ("nickname", Value::text(None, "")),
        ];
        assert_eq!(entry.properties, expected.map(|(name, value)| (name.to_owned(), value)));
        assert_eq!(entry.links.len(), 1);
        assert_eq!((entry.links[0].name.as_str(), entry.links[0].href.as_str()), ("manager", "User('m')"));
    }
}
