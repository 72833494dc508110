//! Small reads: whole entities of a list, as JSON.

use std::collections::BTreeSet;

use joinery_model::{Failure, Key};
use joinery_odata::{Expr, Field, Page, Query};
use serde_json::{Map, Value as Json};

use crate::read::batches;
use crate::{Response, Transport};

/// An entity's members.
pub type Row = Map<String, Json>;

/// The entities of an answer, and the address of the next page.
///
/// # Errors
/// When it is no answer of OData.
pub fn rows(response: &Response) -> Result<(Vec<Row>, Option<String>), Failure> {
    let broken = || Failure::later("the tenant's answer cannot be read", None);
    let page = Page::parse(&response.bytes).map_err(|error| broken().because(error))?;
    let read = |text: &&str| serde_json::from_str::<Row>(text).map_err(|_| broken());
    Ok((page.entities.iter().map(read).collect::<Result<_, _>>()?, page.next))
}

/// Every entity of `set` whose `property` is one of `keys`; `also` narrows it further.
///
/// # Errors
/// As [`Transport::get`], and refusals of the tenant.
pub async fn among(
    transport: &Transport,
    set: &str,
    property: &'static str,
    keys: &BTreeSet<String>,
    select: &[&str],
    also: Option<Expr>,
) -> Result<Vec<Row>, Failure> {
    let keys: Vec<Key> = keys.iter().map(|key| Key::from(key.as_str())).collect();
    let mut found = Vec::new();
    for batch in batches(&keys, 800) {
        let wanted = Field::new(property).is_in(batch.iter().map(Key::as_str));
        let mut query = Query::new().json().select(select.iter().copied()).filter(wanted);
        if let Some(also) = &also {
            query = query.filter(also.clone());
        }
        let mut next = Some(format!("odata/v2/{set}?{query}"));
        while let Some(path) = next {
            let (more, link) = rows(&transport.get(&path).await?.ok()?)?;
            found.extend(more);
            next = link;
        }
    }
    Ok(found)
}

/// A member's text; numbers as they are written.
pub fn text<'r>(row: &'r Row, name: &str) -> Option<&'r str> {
    row.get(name).and_then(Json::as_str).filter(|text| !text.is_empty())
}
