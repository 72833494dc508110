//! Error bodies.

use std::fmt;

use serde_json::{Value as Json, json};

/// In which shape an error came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorShape {
    /// `{"error":{"code":…,"message":…}}`, the message a text or `{"lang":…,"value":…}`.
    OData,
    /// `{"errorHttpCode":…,"errorMessage":…}` of `/oauth/token`.
    OAuth,
    /// `<error><code>…</code><message>…</message></error>`.
    Xml,
    /// An HTML page: of a gateway or of maintenance, not of the API.
    Html,
    /// No body.
    Empty,
    /// Anything else.
    Unknown,
}

/// What a server said went wrong.
///
/// The message may name a person. `Debug` and `Display` leave it out; who shows it decides so by writing
/// [`ServerError::message`].
#[derive(Clone, PartialEq, Eq)]
pub struct ServerError {
    /// The symbolic code, `COE_PROPERTY_NOT_FOUND`; empty when there is none.
    pub code: String,
    /// The number, `COE0021` or `LGN0022`, from the brackets at the front of the text or from the code.
    pub number: Option<String>,
    /// The text, without the bracketed number; of an HTML page its title.
    pub message: String,
    /// In which shape it came.
    pub shape: ErrorShape,
}

impl ServerError {
    /// An error in OData's shape.
    pub fn new(code: impl Into<String>, number: Option<&str>, message: impl Into<String>) -> Self {
        Self { code: code.into(), number: number.map(str::to_owned), message: message.into(), shape: ErrorShape::OData }
    }

    /// Recognises an error body; always gives an answer.
    pub fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Self::made("", "", ErrorShape::Empty);
        }
        if text.starts_with('{') {
            if let Some(error) = serde_json::from_str(text).ok().as_ref().and_then(from_json) {
                return error;
            }
        } else if text.starts_with('<') {
            if let Some(error) = from_xml(text) {
                return error;
            }
            return Self::made("", &html_title(text), ErrorShape::Html);
        }
        Self::made("", &text.chars().take(200).collect::<String>(), ErrorShape::Unknown)
    }

    fn made(code: &str, message: &str, shape: ErrorShape) -> Self {
        let (number, message) = split_number(message);
        let number = number.or_else(|| is_number(code).then(|| code.to_owned()));
        Self { code: code.to_owned(), number, message: message.to_owned(), shape }
    }

    /// The property names that a COE0021 error complains about: `User/foo`, as the server wrote them.
    pub fn invalid_properties(&self) -> Vec<&str> {
        let Some((_, list)) = self.message.split_once("Invalid property names:") else { return Vec::new() };
        let list = list.split(". ").next().unwrap_or_default().trim_end_matches('.');
        list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
    }

    /// The JSON error body.
    pub fn to_json(&self) -> Json {
        json!({"error": {"code": self.code, "message": {"lang": "en-US", "value": self.text()}}})
    }

    /// The XML error body.
    pub fn to_xml(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><error xmlns=\"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata\">\
             <code>{}</code><message xml:lang=\"en-US\">{}</message></error>",
            crate::metadata::escape(&self.code),
            crate::metadata::escape(&self.text())
        )
    }

    /// The text with the number in brackets before it.
    fn text(&self) -> String {
        match &self.number {
            Some(number) => format!("[{number}]{}", self.message),
            None => self.message.clone(),
        }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code.as_str(), &self.number) {
            ("", None) => f.write_str(match self.shape {
                ErrorShape::Html => "an HTML page instead of an answer",
                ErrorShape::Empty => "no body",
                _ => "an error without a code",
            }),
            ("", Some(number)) => f.write_str(number),
            (code, Some(number)) if code != number => write!(f, "{code} ({number})"),
            (code, _) => f.write_str(code),
        }
    }
}

impl fmt::Debug for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerError")
            .field("code", &self.code)
            .field("number", &self.number)
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}

fn from_json(body: &Json) -> Option<ServerError> {
    if let Some(message) = body.get("errorMessage").and_then(Json::as_str) {
        let code = match body.get("errorHttpCode") {
            Some(Json::String(code)) => code.clone(),
            Some(code) => code.to_string(),
            None => String::new(),
        };
        return Some(ServerError::made(&code, message, ErrorShape::OAuth));
    }
    let error = body.get("error")?;
    if let Some(code) = error.as_str() {
        // RFC 6749, 5.2: {"error":"invalid_grant","error_description":"…"}
        let message = body.get("error_description").and_then(Json::as_str).unwrap_or_default();
        return Some(ServerError::made(code, message, ErrorShape::OAuth));
    }
    let message = error.get("message");
    let message = message.and_then(|message| message.get("value")).or(message).and_then(Json::as_str);
    let code = error.get("code").and_then(Json::as_str).unwrap_or_default();
    Some(ServerError::made(code, message.unwrap_or_default(), ErrorShape::OData))
}

fn from_xml(text: &str) -> Option<ServerError> {
    // The reader recurses per element; an error body that large or deep is none.
    if text.len() > 64 * 1024 || text.matches('<').count() > 64 {
        return None;
    }
    let options = roxmltree::ParsingOptions { allow_dtd: false, ..roxmltree::ParsingOptions::default() };
    let document = roxmltree::Document::parse_with_options(text, options).ok()?;
    let root = document.root_element();
    if root.tag_name().name() != "error" {
        return None;
    }
    let child = |name| root.children().find(|node| node.tag_name().name() == name).and_then(|node| node.text());
    Some(ServerError::made(
        child("code").unwrap_or_default().trim(),
        child("message").unwrap_or_default().trim(),
        ErrorShape::Xml,
    ))
}

/// `[COE0021]Invalid …` into the number and the rest.
fn split_number(message: &str) -> (Option<String>, &str) {
    let split = message.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match split {
        Some((number, rest)) if is_number(number) => (Some(number.to_owned()), rest.trim_start()),
        _ => (None, message),
    }
}

/// Three capital letters and four digits.
fn is_number(text: &str) -> bool {
    text.len() == 7
        && text.bytes().take(3).all(|b| b.is_ascii_uppercase())
        && text.bytes().skip(3).all(|b| b.is_ascii_digit())
}

fn html_title(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|start| {
        let open = start + lower.get(start..)?.find('>')? + 1;
        let close = open + lower.get(open..)?.find("</title")?;
        text.get(open..close)
    });
    title.unwrap_or_default().trim().chars().take(200).collect()
}
