//! Bodies of answers: JSON, XML, plain text.

use super::url::{set_of, without_hosts};
use super::{Disguise, Node, Where, known};

/// A body that may be written down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Empty,
    Json(Node),
    Text(String),
    /// Bytes or text that nobody here can read: left out, with the reason.
    LeftOut(&'static str),
}

impl Disguise {
    /// The body of an answer to a request for this path (decoded), without personal values.
    pub(crate) fn body(&self, path: &str, kind: &str, bytes: &[u8]) -> Body {
        if bytes.is_empty() {
            return Body::Empty;
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return Body::LeftOut("the bytes are no text") };
        let text = text.trim_start_matches('\u{feff}');
        let kind = kind.to_ascii_lowercase();
        if kind.contains("json") {
            return match serde_json::from_str::<Node>(text) {
                Ok(node) => Body::Json(self.node(&Where::default(), &last_segment(path), node)),
                Err(_) => Body::LeftOut("the JSON cannot be read"),
            };
        }
        if path.ends_with("$metadata") {
            return Body::Text(without_hosts(text));
        }
        if kind.contains("xml") {
            return self.xml(text).map_or(Body::LeftOut("the XML cannot be read"), Body::Text);
        }
        if kind.contains("html") {
            return Body::LeftOut("a page for people");
        }
        if path.ends_with("/$count") && text.trim().bytes().all(|byte| byte.is_ascii_digit()) {
            return Body::Text(text.to_owned());
        }
        let property = path.trim_end_matches("/$value").rsplit('/').next().unwrap_or_default();
        let set = Some(set_of(path)).filter(|set| known::is_a_set(set));
        Body::Text(self.value(&Where { set, force: false }, property, text))
    }

    /// A JSON value that stands under a name.
    fn node(&self, at: &Where, name: &str, node: Node) -> Node {
        match node {
            Node::Plain(_) => node,
            Node::Number(number) => Node::Number(self.figure(at, name, &number)),
            Node::Text(text) => Node::Text(self.value(at, name, &text)),
            Node::List(items) => Node::List(items.into_iter().map(|item| self.node(at, name, item)).collect()),
            Node::Object(members) => self.object(at, name, members),
        }
    }

    fn object(&self, at: &Where, name: &str, members: Vec<(String, Node)>) -> Node {
        let kind = members.iter().find(|(name, _)| name == "__metadata");
        let kind = kind.and_then(|(_, about)| about.get("type")?.as_text()?.rsplit('.').next().map(str::to_owned));
        let force = at.force || known::is_sensitive(name);
        let inside = Where { set: kind.or_else(|| at.set.clone().filter(|_| name == "results" || name == "d")), force };
        let is_error = members.iter().any(|(name, _)| name == "scimType" || name == "detail");
        let made = members.into_iter().map(|(member, value)| {
            let made = match (member.as_str(), value) {
                ("__metadata" | "__deferred", Node::Object(about)) => self.address(about, force),
                ("__next", Node::Text(url)) => Node::Text(self.url(&url, force)),
                ("error", Node::Object(error)) => self.error(error),
                ("detail", Node::Text(text)) if is_error => Node::Text(self.message(&text)),
                ("$ref" | "@odata.nextLink" | "@odata.id" | "@odata.context" | "@odata.editLink", Node::Text(url)) => {
                    Node::Text(self.url(&url, force))
                }
                ("errorMessage" | "error_description", Node::Text(text)) => Node::Text(self.message(&text)),
                (_, value) => self.node(&inside, &member, value),
            };
            (self.member(member), made)
        });
        Node::Object(made.collect())
    }

    /// The name of a member; one with a long number in it is somebody's all the same.
    fn member(&self, name: String) -> String {
        let digits = name.bytes().filter(u8::is_ascii_digit).count();
        if digits > 3 && !known::is_of_the_model(&name) { self.personal(&name) } else { name }
    }

    /// `__metadata` and `__deferred`: addresses and types; an `etag` may say anything and goes.
    fn address(&self, members: Vec<(String, Node)>, force: bool) -> Node {
        let made =
            members.into_iter().filter(|(name, _)| name != "etag" && name != "media_etag").map(|(name, value)| {
                let made = match (name.as_str(), value) {
                    ("type" | "content_type", value) => value,
                    (_, Node::Text(url)) => Node::Text(self.url(&url, force)),
                    (_, other) => self.node(&Where { set: None, force: true }, &name, other),
                };
                (name, made)
            });
        Node::Object(made.collect())
    }

    /// An error of v2 or v4: the code stays, the message is looked through, details of the server go.
    fn error(&self, members: Vec<(String, Node)>) -> Node {
        let made =
            members.into_iter().filter(|(name, _)| matches!(name.as_str(), "code" | "message")).map(|(name, value)| {
                let made = match value {
                    Node::Text(text) if name == "message" => Node::Text(self.message(&text)),
                    Node::Object(message) => Node::Object(
                        message
                            .into_iter()
                            .map(|(part, value)| match value {
                                Node::Text(text) if part == "value" => (part, Node::Text(self.message(&text))),
                                other => (part, other),
                            })
                            .collect(),
                    ),
                    other => other,
                };
                (name, made)
            });
        Node::Object(made.collect())
    }
}

/// What a value that stands alone is called: the property or the function at the end of the path.
fn last_segment(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().split('(').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(path: &str, json: &str) -> String {
        match Disguise::new(b"s").body(path, "application/json;charset=utf-8", json.as_bytes()) {
            Body::Json(node) => serde_json::to_string(&node).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer_keeps_its_structure_and_loses_its_people() {
        let json = r#"{"d":{"results":[{"__metadata":{"uri":"https://api4.x.com:443/odata/v2/User('100003')","type":"SFOData.User","etag":"abc"},"userId":"100003","firstName":"Ada","displayName":"Ada King","status":"t","custom01":"secret thing","isECRecord":true,"manager":{"__deferred":{"uri":"https://api4.x.com:443/odata/v2/User('100003')/manager"}},"empInfo":null}],"__next":"https://api4.x.com:443/odata/v2/User?$skiptoken=eyJx&$filter=userId%20eq%20'100003'"}}"#;
        let text = made("/odata/v2/User", json);
        for personal in ["100003", "Ada", "King", "secret", "x.com", "eyJx", "abc"] {
            assert!(!text.contains(personal), "{personal}: {text}");
        }
        let disguise = Disguise::new(b"s");
        let (id, first, last) = (disguise.personal("100003"), disguise.personal("Ada"), disguise.personal("King"));
        assert!(text.contains(&format!(r#""displayName":"{first} {last}","status":"t""#)), "{text}");
        assert!(text.contains(&format!("https://tenant.invalid/odata/v2/User('{id}')/manager")), "{text}");
        assert!(text.contains(&format!("userId%20eq%20'{id}'")), "{text}");
        assert!(text.contains(r#""empInfo":null"#) && text.contains(r#""isECRecord":true"#));
    }

    #[test]
    fn what_is_sensitive_goes_with_whatever_it_leads_to() {
        let json = r#"{"d":{"__metadata":{"uri":"x","type":"SFOData.PerPersonal"},"maritalStatus":"8511","maritalStatusNav":{"__metadata":{"uri":"https://a.b/odata/v2/PicklistOption(8511L)","type":"SFOData.PicklistOption"},"id":"8511","externalCode":"M","picklistLabels":{"results":[{"__metadata":{"uri":"y","type":"SFOData.PicklistLabel"},"label":"Married"}]}},"emailTypeNav":{"__metadata":{"uri":"z","type":"SFOData.PicklistOption"},"externalCode":"B"}}}"#;
        let text = made("/odata/v2/PerPersonal", json);
        for personal in ["8511", "\"M\"", "Married"] {
            assert!(!text.contains(personal), "{personal}: {text}");
        }
        assert!(text.contains(r#""externalCode":"B""#), "other codes stay: {text}");
    }

    #[test]
    fn errors_counts_and_single_values() {
        let text = made(
            "/odata/v2/Nope",
            r#"{"error":{"code":"COE_PROPERTY_NOT_FOUND","message":{"lang":"en-US","value":"[COE0021]Invalid property names: User/x100003."},"innererror":{"trace":"Ada"}}}"#,
        );
        assert!(
            text.contains("[COE0021]Invalid property names: User/")
                && !text.contains("100003")
                && !text.contains("Ada"),
            "{text}"
        );
        let disguise = Disguise::new(b"s");
        assert_eq!(disguise.body("/odata/v2/User/$count", "text/plain", b"12345"), Body::Text("12345".to_owned()));
        assert_eq!(disguise.body("/odata/v2/User('x')/status/$value", "text/plain", b"t"), Body::Text("t".to_owned()));
        assert_eq!(
            disguise.body("/odata/v2/User('x')/lastName/$value", "text/plain", b"King"),
            Body::Text(disguise.personal("King"))
        );
        assert_eq!(disguise.body("/x", "image/png", b"\x89PNG\xff"), Body::LeftOut("the bytes are no text"));
        assert_eq!(disguise.body("/x", "text/html", b"<h1>Ada</h1>"), Body::LeftOut("a page for people"));
        assert_eq!(disguise.body("/x", "application/json", b"{broken"), Body::LeftOut("the JSON cannot be read"));
        let scim = made(
            "/rest/iam/scim/v2/Users",
            r#"{"totalResults":1,"Resources":[{"id":"ab-1","userName":"ada","active":true,"emails":[{"value":"ada@acme.example","type":"work","primary":true}]}]}"#,
        );
        assert!(
            !scim.contains("ada") && scim.contains(r#""totalResults":1"#) && scim.contains(r#""type":"work""#),
            "{scim}"
        );
    }
}
