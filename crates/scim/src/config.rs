//! What a server says it can do (RFC 7643, section 5; RFC 9865, section 4): read tolerantly, written strictly.

use serde_json::{Value as Json, json};

use crate::place::member;
use crate::schema::flag;
use crate::urn;

/// What a server can do. `None` where it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceProviderConfig {
    /// PATCH.
    pub patch: Option<bool>,
    /// Filters.
    pub filter: Option<bool>,
    /// Resources in one answer at the most.
    pub max_results: Option<u64>,
    /// Versions (ETag, If-Match).
    pub etag: Option<bool>,
    /// Bulk requests.
    pub bulk: Option<bool>,
    /// Paging by cursor (RFC 9865).
    pub cursor: Option<bool>,
}

impl ServiceProviderConfig {
    /// Reads one.
    pub fn read(body: &Json) -> Self {
        let part = |name: &str| member(body.as_object()?, name)?.as_object();
        let says = |name: &str| part(name).and_then(|part| flag(part, "supported"));
        Self {
            patch: says("patch"),
            filter: says("filter"),
            max_results: part("filter").and_then(|part| member(part, "maxResults")?.as_u64()).filter(|most| *most > 0),
            etag: says("etag"),
            bulk: says("bulk"),
            cursor: part("pagination").and_then(|part| flag(part, "cursor")),
        }
    }
}

/// A way to sign in, as the server's description shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// `oauth`, `oauth2`, `oauthbearertoken`, `httpbasic` or `httpdigest`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Where it is specified.
    pub spec_uri: Option<String>,
    /// Where its use is described.
    pub documentation_uri: Option<String>,
    /// The one to prefer.
    pub primary: bool,
}

/// What our server can do: what `/ServiceProviderConfig` is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Where the service is described.
    pub documentation_uri: Option<String>,
    /// PATCH.
    pub patch: bool,
    /// Bulk requests: operations and bytes in one request at the most.
    pub bulk: Option<(u64, u64)>,
    /// Filters: resources in one answer at the most.
    pub filter: Option<u64>,
    /// Changing passwords.
    pub change_password: bool,
    /// Sorting.
    pub sort: bool,
    /// Versions.
    pub etag: bool,
    /// Paging by cursor, and how many seconds a cursor lives.
    pub cursor: Option<u64>,
    /// Resources in a page: when no count is given, and at the most.
    pub page: (u64, u64),
    /// The ways to sign in.
    pub sign_in: Vec<SignIn>,
    /// Whether the interoperability profile (draft-zollner-scim-interop-profile) is kept; `None` says nothing.
    pub interop: Option<bool>,
}

impl Offer {
    /// The document. `base` is the service's address without a slash at its end. Paging by index is always offered and
    /// is the default (RFC 9865, section 2.4).
    pub fn body(&self, base: &str) -> Json {
        let (operations, bytes) = self.bulk.unwrap_or((0, 0));
        let mut pagination = json!({
            "cursor": self.cursor.is_some(),
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": self.page.0,
            "maxPageSize": self.page.1,
        });
        if let Some(seconds) = self.cursor {
            pagination["cursorTimeout"] = seconds.into();
        }
        let mut body = json!({
            "schemas": [urn::SERVICE_PROVIDER_CONFIG],
            "patch": {"supported": self.patch},
            "bulk": {"supported": self.bulk.is_some(), "maxOperations": operations, "maxPayloadSize": bytes},
            "filter": {"supported": self.filter.is_some(), "maxResults": self.filter.unwrap_or(0)},
            "changePassword": {"supported": self.change_password},
            "sort": {"supported": self.sort},
            "etag": {"supported": self.etag},
            "pagination": pagination,
            "authenticationSchemes": self.sign_in.iter().map(SignIn::body).collect::<Json>(),
            "meta": {"resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig")},
        });
        if let Some(uri) = &self.documentation_uri {
            body["documentationUri"] = uri.as_str().into();
        }
        if let Some(interop) = self.interop {
            body["interopProfileConformant"] = interop.into();
        }
        body
    }
}

impl SignIn {
    fn body(&self) -> Json {
        let mut body = json!({"type": self.kind, "name": self.name, "description": self.description});
        for (name, uri) in [("specUri", &self.spec_uri), ("documentationUri", &self.documentation_uri)] {
            if let Some(uri) = uri {
                body[name] = uri.as_str().into();
            }
        }
        if self.primary {
            body["primary"] = true.into();
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_not_assumed_to_be_there() {
        let read = ServiceProviderConfig::read(
            &json!({"patch": {"supported": "True"}, "filter": {"supported": true, "maxResults": 0}}),
        );
        assert_eq!((read.patch, read.filter, read.max_results, read.etag), (Some(true), Some(true), None, None));
        assert_eq!(ServiceProviderConfig::read(&json!([])), ServiceProviderConfig::default());
    }

    #[test]
    fn what_is_offered_is_what_is_read() {
        let bearer = SignIn {
            kind: "oauthbearertoken".into(),
            name: "Bearer".into(),
            description: "A token".into(),
            spec_uri: Some("https://www.rfc-editor.org/rfc/rfc6750".into()),
            documentation_uri: None,
            primary: true,
        };
        let offer = Offer {
            patch: true,
            filter: Some(200),
            etag: true,
            cursor: Some(3600),
            page: (100, 200),
            sign_in: vec![bearer],
            interop: Some(false),
            ..Offer::default()
        };
        let body = offer.body("https://example.com/v2");
        let read = ServiceProviderConfig::read(&body);
        let wanted = ServiceProviderConfig {
            patch: Some(true),
            filter: Some(true),
            max_results: Some(200),
            etag: Some(true),
            bulk: Some(false),
            cursor: Some(true),
        };
        assert_eq!(read, wanted);
        assert_eq!(body["meta"]["location"], "https://example.com/v2/ServiceProviderConfig");
        assert_eq!(body["authenticationSchemes"][0]["primary"], true);
        assert_eq!(body["pagination"]["defaultPaginationMethod"], "index");
    }

    /// RFC 7643, section 8.5: what we write of the same server is what stands there, and what later documents added.
    #[test]
    fn the_example_of_the_rfc() {
        let example: Json =
            serde_json::from_str(include_str!("../fixtures/rfc7643/8.5-service-provider-config.json")).unwrap();
        let text = |name: &str, at: usize| example["authenticationSchemes"][at][name].as_str().map(str::to_owned);
        let sign_in = |at: usize| SignIn {
            kind: text("type", at).unwrap(),
            name: text("name", at).unwrap(),
            description: text("description", at).unwrap(),
            spec_uri: text("specUri", at),
            documentation_uri: text("documentationUri", at),
            primary: example["authenticationSchemes"][at]["primary"] == true,
        };
        let offer = Offer {
            documentation_uri: example["documentationUri"].as_str().map(str::to_owned),
            patch: true,
            bulk: Some((1000, 1_048_576)),
            filter: Some(200),
            change_password: true,
            sort: true,
            etag: true,
            sign_in: vec![sign_in(0), sign_in(1)],
            ..Offer::default()
        };
        let mut body = offer.body("https://example.com/v2");
        body.as_object_mut().unwrap().remove("pagination");
        let mut wanted = example.clone();
        for name in ["created", "lastModified", "version"] {
            wanted["meta"].as_object_mut().unwrap().remove(name);
        }
        assert_eq!(body, wanted);
        assert_eq!(ServiceProviderConfig::read(&example).max_results, Some(200));
    }
}
