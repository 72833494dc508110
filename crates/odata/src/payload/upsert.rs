//! Upsert: rows sent, results returned.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{Page, PayloadError};
use crate::EntityAddress;

/// One row of an upsert.
#[derive(Clone, Debug, PartialEq)]
pub struct UpsertRow {
    /// The entity set, perhaps with the key; the key may also stand among the properties.
    pub address: EntityAddress,
    /// `__metadata.type`, as `SFOData.User`.
    pub type_name: Option<String>,
    /// The properties and links, without `__metadata`.
    pub properties: Map<String, Json>,
}

impl UpsertRow {
    /// A row without properties yet.
    pub fn new(address: EntityAddress) -> Self {
        Self { address, type_name: None, properties: Map::new() }
    }

    /// Adds a property.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.properties.insert(name.into(), value.into());
        self
    }

    /// Adds a link to one other entity.
    pub fn link(self, navigation: impl Into<String>, to: &EntityAddress) -> Self {
        self.with(navigation, serde_json::json!({"__metadata": {"uri": to.to_string()}}))
    }

    /// The JSON of the row, `__metadata` first.
    pub fn to_json(&self) -> Json {
        let mut metadata = Map::new();
        metadata.insert("uri".to_owned(), Json::String(self.address.to_string()));
        if let Some(name) = &self.type_name {
            metadata.insert("type".to_owned(), Json::String(name.clone()));
        }
        let mut row = Map::new();
        row.insert("__metadata".to_owned(), Json::Object(metadata));
        row.extend(self.properties.iter().map(|(name, value)| (name.clone(), value.clone())));
        Json::Object(row)
    }

    fn from_json(row: Json) -> Result<Self, PayloadError> {
        let Json::Object(mut properties) = row else { return Err(PayloadError::NotOData("a row is no object")) };
        let metadata = properties.remove("__metadata");
        let member = |name| metadata.as_ref().and_then(|metadata| metadata.get(name)).and_then(Json::as_str);
        let uri = member("uri").ok_or(PayloadError::NotOData("a row has no __metadata.uri"))?;
        let address = EntityAddress::parse(uri)
            .map_err(|_| PayloadError::NotOData("the __metadata.uri of a row is no address"))?;
        let type_name = member("type").map(str::to_owned);
        Ok(Self { address, type_name, properties })
    }
}

/// Reads the body of an upsert: one row, an array of rows, or either under `d`.
///
/// # Errors
/// No JSON, a row that is no object or has no readable `__metadata.uri`.
pub fn read_upsert_request(body: &[u8]) -> Result<Vec<UpsertRow>, PayloadError> {
    let json: Json = parse(body)?;
    let rows = match json {
        Json::Object(mut row) if row.contains_key("d") && !row.contains_key("__metadata") => {
            row.remove("d").unwrap_or_default()
        }
        other => other,
    };
    match rows {
        Json::Array(rows) => rows.into_iter().map(UpsertRow::from_json).collect(),
        row => Ok(vec![UpsertRow::from_json(row)?]),
    }
}

/// What an upsert did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EditStatus {
    /// A new entity.
    Inserted,
    /// A changed one.
    Updated,
    /// Either; Employee Central does not say which.
    Upserted,
    /// Something newer than this type.
    #[serde(other)]
    Other,
}

/// The result of one row. HTTP 200 says nothing about the rows: [`UpsertResult::is_ok`] does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpsertResult {
    /// The entity's key, in one of two syntaxes (`Berg01`, `PerEmail/emailType=1,PerEmail/…`): not to be parsed.
    #[serde(default)]
    pub key: Option<String>,
    /// `OK` or `ERROR`.
    #[serde(default)]
    pub status: String,
    /// What was done.
    #[serde(default)]
    pub edit_status: Option<EditStatus>,
    /// What went wrong, or a warning. May name a person.
    #[serde(default)]
    pub message: Option<String>,
    /// Which row of the request, from 0.
    #[serde(default)]
    pub index: u32,
    /// The row's own HTTP status.
    #[serde(default)]
    pub http_code: u16,
    /// Results of nested rows.
    #[serde(default)]
    pub inline_results: Option<Json>,
}

impl UpsertResult {
    /// True when the row was taken.
    pub fn is_ok(&self) -> bool {
        self.status == "OK" && (200..300).contains(&self.http_code)
    }

    /// The message without the trailing ` with the index 3`.
    pub fn reason(&self) -> Option<&str> {
        let message = self.message.as_deref()?;
        let cut = message.rfind("with the index").filter(|at| {
            message
                .get(at + "with the index".len()..)
                .is_some_and(|rest| rest.trim().bytes().all(|b| b.is_ascii_digit()))
        });
        Some(cut.and_then(|at| message.get(..at)).unwrap_or(message).trim_end())
    }
}

/// Reads the answer of an upsert: `{"d":[…]}` or `{"d":{"results":[…]}}`.
///
/// # Errors
/// See [`Page::parse`]; a result that lacks the known shape.
pub fn read_upsert_results(answer: &[u8]) -> Result<Vec<UpsertResult>, PayloadError> {
    let page = Page::parse(answer)?;
    let read = |row: &&str| serde_json::from_str(row).map_err(|_| PayloadError::NotOData("a result of another shape"));
    page.entities.iter().map(read).collect()
}

/// The answer of an upsert, `{"d":[…]}`, members in the order of recorded answers.
pub fn write_upsert_results(results: &[UpsertResult]) -> String {
    #[derive(Serialize)]
    struct Answer<'a> {
        d: &'a [UpsertResult],
    }
    // Nothing in a result can fail to be written: names are text, numbers are whole.
    serde_json::to_string(&Answer { d: results }).unwrap_or_default()
}

fn parse(body: &[u8]) -> Result<Json, PayloadError> {
    serde_json::from_slice(body).map_err(|error| {
        if error.is_eof() {
            PayloadError::Truncated { length: body.len() }
        } else {
            PayloadError::Json { position: error.column(), expected: "JSON" }
        }
    })
}
