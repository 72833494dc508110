//! Canonical XML, inclusive and exclusive, of a whole document or of one element and what is in it.
//!
//! Sources: Canonical XML 1.0 (W3C, 15 March 2001), Canonical XML 1.1 (2 May 2008), Exclusive XML Canonicalization 1.0
//! (18 July 2002). `roxmltree` keeps no prefixes, so they are read from the source text at each name's position.

use roxmltree::{Attribute, Node, NodeType};

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Which canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Method {
    kind: Kind,
    comments: bool,
    /// `InclusiveNamespaces PrefixList`; `#default` stands for the default namespace. Exclusive form only.
    prefixes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Inclusive10,
    Inclusive11,
    Exclusive,
}

impl Method {
    /// What a reference is canonicalised by when no transform says how (XML Signature section 4.4.3.2).
    pub(super) const fn default_for_references() -> Self {
        Self { kind: Kind::Inclusive10, comments: false, prefixes: Vec::new() }
    }

    /// The method that a `CanonicalizationMethod` or `Transform` element names, with its prefix list.
    pub(super) fn of(element: Node<'_, '_>) -> Option<Self> {
        let mut method = Self::named(element.attribute("Algorithm")?)?;
        for child in element.children().filter(Node::is_element) {
            let known = child.has_tag_name(("http://www.w3.org/2001/10/xml-exc-c14n#", "InclusiveNamespaces"));
            if !known || method.kind != Kind::Exclusive || !method.prefixes.is_empty() {
                return None;
            }
            method.prefixes = child.attribute("PrefixList")?.split_ascii_whitespace().map(str::to_owned).collect();
        }
        Some(method)
    }

    /// The method of a URI, without prefixes.
    pub(super) fn named(uri: &str) -> Option<Self> {
        let (uri, comments) = match uri.strip_suffix("WithComments") {
            Some(bare) => (bare.strip_suffix('#').unwrap_or(bare), true),
            None => (uri.strip_suffix('#').unwrap_or(uri), false),
        };
        let kind = match uri {
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" => Kind::Inclusive10,
            "http://www.w3.org/2006/12/xml-c14n11" => Kind::Inclusive11,
            "http://www.w3.org/2001/10/xml-exc-c14n" => Kind::Exclusive,
            _ => return None,
        };
        Some(Self { kind, comments, prefixes: Vec::new() })
    }

    /// The canonical bytes of `apex`, which is a document's root or an element, without the element `left_out`.
    ///
    /// `keep_comments` is false for same-document references, whose node set has none, whatever the method says.
    pub(super) fn apply(&self, apex: Node<'_, '_>, left_out: Option<Node<'_, '_>>, keep_comments: bool) -> Vec<u8> {
        let mut writer = Writer {
            method: self,
            comments: self.comments && keep_comments,
            left_out,
            out: Vec::with_capacity(4096),
            rendered: Vec::new(),
        };
        if apex.is_root() {
            writer.document(apex);
        } else {
            writer.node(apex, true);
        }
        writer.out
    }
}

/// True when no element is nested deeper than `most`.
pub(super) fn within_depth(root: Node<'_, '_>, most: usize) -> bool {
    let mut level: Vec<Node<'_, '_>> = vec![root];
    for _ in 0..=most {
        level = level.iter().flat_map(Node::children).filter(Node::is_element).collect();
        if level.is_empty() {
            return true;
        }
    }
    false
}

struct Writer<'m, 'a, 'input> {
    method: &'m Method,
    comments: bool,
    left_out: Option<Node<'a, 'input>>,
    out: Vec<u8>,
    /// Namespace declarations in force in the output: prefix and URI, innermost last.
    rendered: Vec<(&'a str, &'a str)>,
}

impl<'a, 'input: 'a> Writer<'_, 'a, 'input> {
    fn document(&mut self, root: Node<'a, 'input>) {
        let mut before = true;
        for child in root.children() {
            let written = self.out.len();
            match child.node_type() {
                NodeType::Element => {
                    self.node(child, true);
                    before = false;
                }
                NodeType::PI | NodeType::Comment => {
                    if !before && (child.is_pi() || self.comments) {
                        self.out.push(b'\n');
                    }
                    self.node(child, false);
                    if before && self.out.len() > written {
                        self.out.push(b'\n');
                    }
                }
                NodeType::Root | NodeType::Text => {}
            }
        }
    }

    fn node(&mut self, node: Node<'a, 'input>, apex: bool) {
        match node.node_type() {
            NodeType::Element if self.left_out == Some(node) => {}
            NodeType::Element => self.element(node, apex),
            NodeType::Text => escape_text(&mut self.out, node.text().unwrap_or_default()),
            NodeType::Comment if self.comments => {
                self.out.extend_from_slice(b"<!--");
                self.out.extend_from_slice(node.text().unwrap_or_default().as_bytes());
                self.out.extend_from_slice(b"-->");
            }
            NodeType::PI => {
                if let Some(pi) = node.pi() {
                    self.out.extend_from_slice(b"<?");
                    self.out.extend_from_slice(pi.target.as_bytes());
                    if let Some(value) = pi.value {
                        self.out.push(b' ');
                        self.out.extend_from_slice(value.as_bytes());
                    }
                    self.out.extend_from_slice(b"?>");
                }
            }
            NodeType::Comment | NodeType::Root => {}
        }
    }

    fn element(&mut self, element: Node<'a, 'input>, apex: bool) {
        let name = name_of(element);
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        let outer = self.rendered.len();
        self.namespaces(element, name);
        self.attributes(element, apex);
        self.out.push(b'>');
        for child in element.children() {
            self.node(child, false);
        }
        self.rendered.truncate(outer);
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'>');
    }

    /// Declares what must be declared here: in the inclusive form whatever is in scope, in the exclusive form what
    /// this element visibly uses or the prefix list names; and in both only what the output does not say already.
    fn namespaces(&mut self, element: Node<'a, 'input>, name: &'a str) {
        let mut wanted: Vec<(&'a str, &'a str)> = Vec::new();
        let uses_default = !name.contains(':');
        for namespace in element.namespaces() {
            let prefix = namespace.name().unwrap_or_default();
            if prefix == "xml" || namespace.uri().is_empty() || wanted.iter().any(|(known, _)| *known == prefix) {
                continue;
            }
            let visible = || {
                prefix_of(name) == prefix
                    || (!prefix.is_empty() && element.attributes().any(|a| prefix_of(qualified(element, &a)) == prefix))
            };
            let listed =
                || self.method.prefixes.iter().any(|p| p == if prefix.is_empty() { "#default" } else { prefix });
            if self.method.kind != Kind::Exclusive || visible() || listed() {
                wanted.push((prefix, namespace.uri()));
            }
        }
        let default_cleared = element.default_namespace().is_none_or(str::is_empty);
        let default_matters = self.method.kind != Kind::Exclusive
            || uses_default
            || self.method.prefixes.iter().any(|prefix| prefix == "#default");
        if default_cleared && default_matters {
            wanted.push(("", ""));
        }
        wanted.sort_unstable();
        for (prefix, uri) in wanted {
            let said = self.rendered.iter().rev().find(|(known, _)| *known == prefix).map_or("", |(_, uri)| uri);
            if said == uri {
                continue;
            }
            self.rendered.push((prefix, uri));
            self.out.extend_from_slice(b" xmlns");
            if !prefix.is_empty() {
                self.out.push(b':');
                self.out.extend_from_slice(prefix.as_bytes());
            }
            self.out.extend_from_slice(b"=\"");
            escape_attribute(&mut self.out, uri);
            self.out.push(b'"');
        }
    }

    fn attributes(&mut self, element: Node<'a, 'input>, apex: bool) {
        let mut all: Vec<(&str, &str, &str, &str)> = element
            .attributes()
            .map(|a| (a.namespace().unwrap_or_default(), a.name(), qualified(element, &a), a.value()))
            .collect();
        if apex && self.method.kind != Kind::Exclusive {
            // An element that is taken out of its document brings the `xml:` attributes of its ancestors with it.
            for outer in element.ancestors().skip(1).filter(Node::is_element) {
                for a in outer.attributes().filter(|a| a.namespace() == Some(XML)) {
                    let stays = self.method.kind == Kind::Inclusive11 && a.name() == "id";
                    if !stays && !all.iter().any(|(uri, name, ..)| *uri == XML && *name == a.name()) {
                        all.push((XML, a.name(), qualified(outer, &a), a.value()));
                    }
                }
            }
        }
        all.sort_unstable();
        for (_, _, name, value) in all {
            self.out.push(b' ');
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(b"=\"");
            escape_attribute(&mut self.out, value);
            self.out.push(b'"');
        }
    }
}

/// An element's name as it is written, prefix included.
fn name_of<'a, 'input: 'a>(element: Node<'a, 'input>) -> &'a str {
    let text = element.document().input_text();
    let written = text.get(element.range().start + 1..).unwrap_or_default();
    let end = written.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/').unwrap_or(written.len());
    &written[..end]
}

/// An attribute's name as it is written, prefix included.
fn qualified<'a, 'input: 'a>(element: Node<'a, 'input>, attribute: &Attribute<'a, 'input>) -> &'a str {
    element.document().input_text().get(attribute.range_qname()).unwrap_or_default()
}

fn prefix_of(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

fn escape_text(out: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'\r' => out.extend_from_slice(b"&#xD;"),
            _ => out.push(byte),
        }
    }
}

fn escape_attribute(out: &mut Vec<u8>, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            b'\t' => out.extend_from_slice(b"&#x9;"),
            b'\n' => out.extend_from_slice(b"&#xA;"),
            b'\r' => out.extend_from_slice(b"&#xD;"),
            _ => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(kind: Kind, prefixes: &[&str], xml: &str, name: &str) -> String {
        let document = roxmltree::Document::parse(xml).unwrap();
        let apex = document.descendants().find(|node| node.tag_name().name() == name).unwrap_or(document.root());
        let method = Method { kind, comments: false, prefixes: prefixes.iter().map(|&p| p.to_owned()).collect() };
        String::from_utf8(method.apply(apex, None, false)).unwrap()
    }

    /// The example of Exclusive XML Canonicalization 1.0, section 2.2: the same inner element in two documents.
    #[test]
    fn exclusive_form_does_not_depend_on_where_the_element_stands() {
        let first = r#"<n0:local xmlns:n0="foo:bar" xmlns:n3="ftp://example.org"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n0:local>"#;
        let second = r#"<n2:pdu xmlns:n1="http://example.com" xmlns:n2="http://foo.example" xml:lang="fr" xml:space="retain"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"/></n1:elem2></n2:pdu>"#;
        let expected = r#"<n1:elem2 xmlns:n1="http://example.net" xml:lang="en"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff></n1:elem2>"#;
        assert_eq!(canonical(Kind::Exclusive, &[], first, "elem2"), expected);
        assert_eq!(canonical(Kind::Exclusive, &[], second, "elem2"), expected);
    }

    #[test]
    fn inclusive_form_brings_namespaces_and_xml_attributes_along() {
        let xml = r#"<n2:pdu xmlns:n1="http://example.com" xmlns:n2="http://foo.example" xml:lang="fr" xml:space="retain"><n1:elem2 xmlns:n1="http://example.net" xml:lang="en"/></n2:pdu>"#;
        assert_eq!(
            canonical(Kind::Inclusive10, &[], xml, "elem2"),
            r#"<n1:elem2 xmlns:n1="http://example.net" xmlns:n2="http://foo.example" xml:lang="en" xml:space="retain"></n1:elem2>"#
        );
    }

    #[test]
    fn listed_prefixes_are_declared_where_they_are_in_scope() {
        let xml = r#"<a xmlns="d" xmlns:x="u"><b:c xmlns:b="v">x:y</b:c></a>"#;
        assert_eq!(
            canonical(Kind::Exclusive, &["x", "#default"], xml, "c"),
            r#"<b:c xmlns="d" xmlns:b="v" xmlns:x="u">x:y</b:c>"#
        );
        assert_eq!(canonical(Kind::Exclusive, &[], xml, "c"), r#"<b:c xmlns:b="v">x:y</b:c>"#);
    }

    #[test]
    fn a_cleared_default_namespace_is_said_once() {
        let xml = r#"<a xmlns="d"><b xmlns=""><c/></b></a>"#;
        for kind in [Kind::Exclusive, Kind::Inclusive10] {
            assert_eq!(canonical(kind, &[], xml, "a"), r#"<a xmlns="d"><b xmlns=""><c></c></b></a>"#);
        }
    }

    /// Canonical XML 1.0, sections 3.1, 3.3 and 3.4: instructions around the root, order of attributes, escapes.
    #[test]
    fn order_escapes_and_instructions_follow_the_examples() {
        let xml = "<?xml version=\"1.0\"?>\n<?go  fast?>\n<!-- no -->\n<e z='1' b:a='2' a:b=\"3\" xmlns:a='w' xmlns:b='v' y='&lt;&quot;&#9;&#10;\r\n'>\
                   A&#13;<![CDATA[<&>]]>\r\n</e>\n<?end?>\n";
        assert_eq!(
            canonical(Kind::Inclusive10, &[], xml, "no such element"),
            "<?go fast?>\n<e xmlns:a=\"w\" xmlns:b=\"v\" y=\"&lt;&quot;&#x9;&#xA; \" z=\"1\" b:a=\"2\" a:b=\"3\">A&#xD;&lt;&amp;&gt;\n</e>\n<?end?>"
        );
    }
}
