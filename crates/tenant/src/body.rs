//! A body read to its end, within bounds.

use bytes::{Bytes, BytesMut};
use joinery_model::Failure;

use crate::transport::Failed;
use crate::{Settings, unreachable};

/// Reads the body as it arrives; stops when it grows beyond the settings' limit.
pub(crate) async fn read(mut answer: reqwest::Response, settings: &Settings) -> Result<Bytes, Failed> {
    let limit = settings.largest_answer;
    let announced = answer.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(too_large(settings));
    }
    let mut body = BytesMut::with_capacity(announced as usize);
    while let Some(chunk) =
        answer.chunk().await.map_err(|error| unreachable::classify(settings, "api_server", error))?
    {
        if body.len() + chunk.len() > limit {
            return Err(too_large(settings));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn too_large(settings: &Settings) -> Failed {
    Failed::ForGood(Failure::refused(format!(
        "connection.{}.page_size: an answer is larger than {} MiB; lower page_size, or map fewer fields",
        settings.name,
        settings.largest_answer >> 20
    )))
}
