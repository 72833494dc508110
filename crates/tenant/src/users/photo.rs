//! Photos.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use joinery_model::{Failure, Value};
use joinery_odata::{EntityAddress, KeyPredicate, Literal, Page, Query};
use serde::Deserialize;

use super::Users;
use crate::{RowOutcome, UpsertOptions, WriteRow};

/// The type of the live profile's photo.
const LIVE: i64 = 1;

/// A user's photo.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// The image.
    pub bytes: Bytes,
    /// Its media type, when the tenant says: `image/jpeg`.
    pub media_type: Option<String>,
    /// Pixels, when the tenant says.
    pub width: Option<u32>,
    /// Pixels, when the tenant says.
    pub height: Option<u32>,
}

impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Photo({} bytes, {})", self.bytes.len(), self.media_type.as_deref().unwrap_or("?"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    photo: Option<String>,
    mime_type: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
}

impl Users {
    /// The live profile's photo (photo type 1); `None` when the user has none or the API user may not see it.
    ///
    /// # Errors
    /// As [`crate::Transport::get`]; an answer that holds no image.
    pub async fn photo(&self, user_id: &str) -> Result<Option<Photo>, Failure> {
        self.photo_of_type(user_id, 1).await
    }

    /// A photo of another type: the others are scaled variants, numbered as the tenant has them.
    ///
    /// # Errors
    /// As [`Users::photo`].
    pub async fn photo_of_type(&self, user_id: &str, kind: i32) -> Result<Option<Photo>, Failure> {
        let key = [("photoType", Literal::Int(i64::from(kind))), ("userId", Literal::text(user_id))];
        let address = KeyPredicate::new(key).map(|key| EntityAddress::entity("Photo", key));
        let address = address.unwrap_or_else(|| EntityAddress::set("Photo"));
        let query = Query::new().json().select(["photo", "mimeType", "width", "height"]);
        let response = self.transport().get(&format!("odata/v2/{address}?{query}")).await?;
        if response.status.as_u16() == 404 && response.error().number == "COE0028" {
            return Ok(None);
        }
        let response = response.ok()?;
        let broken = |why: &str| Failure::refused(format!("odata/v2/Photo: {why}"));
        let page = Page::parse(&response.bytes).map_err(|error| broken("the answer is no photo").because(error))?;
        let Some(entity) = page.entities.first() else { return Ok(None) };
        let read: Read = serde_json::from_str(entity).map_err(|_| broken("the answer is no photo"))?;
        let Some(text) = read.photo.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        // Tenants break the lines of it, and v4 has letters of its own.
        let letter = |c: char| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        };
        let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).map(letter).collect();
        let bytes = STANDARD.decode(text).map_err(|_| broken("the photo is no base64"))?;
        let (media_type, width, height) = (read.mime_type, read.width, read.height);
        Ok(Some(Photo { bytes: bytes.into(), media_type, width, height }))
    }

    /// Gives a user another live profile photo: the image's bytes, in a form that the tenant knows (JPEG, PNG, GIF).
    ///
    /// # Errors
    /// As [`crate::Writer::upsert`].
    pub async fn set_photo(&self, user_id: &str, image: &[u8]) -> Result<RowOutcome, Failure> {
        let row = WriteRow::new("Photo")
            .key_of("photoType", Literal::Int(LIVE), &Value::Int(LIVE))
            .key("userId", &Value::text(user_id))
            .put("photo", &Value::text(STANDARD.encode(image)));
        self.writer().upsert_one(row, UpsertOptions::default()).await
    }
}
