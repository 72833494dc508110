//! Reading one picklist.

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::Failure;
use joinery_odata::{EntityAddress, Field, KeyPredicate, Literal, Page, Query};
use serde_json::{Map, Value as Json};

use super::book::{Picklist, PicklistOption};
use crate::Response;
use crate::read::{At, Get};

type Row = Map<String, Json>;

/// The picklist, and the requests that it cost; `None` when neither API shows it to the API user.
///
/// # Errors
/// When the tenant cannot be asked, or its answer cannot be read.
pub(super) async fn read<G: Get>(get: &G, name: &str) -> Result<(Option<Picklist>, u32), Failure> {
    let mut requests = 0;
    let key = KeyPredicate::new([("picklistId", Literal::text(name))]);
    let address = key.map_or_else(|| EntityAddress::set("Picklist"), |key| EntityAddress::entity("Picklist", key));
    let query = Query::new().json().expand(["picklistOptions", "picklistOptions/picklistLabels"]);
    let rows = rows(get, format!("odata/v2/{address}?{query}"), &mut requests).await?;
    let options: Vec<PicklistOption> =
        rows.iter().flatten().flat_map(|list| below(list, "picklistOptions")).map(old).collect();
    if !options.is_empty() {
        return Ok((Some(Picklist::new(options)), requests));
    }
    let query = Query::new().json().filter(Field::new("PickListV2_id").eq(Literal::text(name)));
    let values = self::rows(get, format!("odata/v2/PickListValueV2?{query}"), &mut requests).await?;
    let found = rows.is_some() || values.is_some();
    let options: Vec<PicklistOption> = newest(values.unwrap_or_default()).iter().map(framework).collect();
    Ok((found.then(|| Picklist::new(options)), requests))
}

/// Every row of an answer, page after page; `None` when the tenant refuses.
async fn rows<G: Get>(get: &G, path: String, requests: &mut u32) -> Result<Option<Vec<Row>>, Failure> {
    let (mut found, mut next) = (Vec::new(), Some(path));
    while let Some(path) = next {
        *requests += 1;
        let response = get.get(&path).await?;
        if found.is_empty() && is_not_shown(&response) {
            return Ok(None);
        }
        let response = response.ok()?;
        next = page(&response, &mut found)?.map(|url| match At::link(&url) {
            At::Link(path) => path,
            At::After(_) => url,
        });
    }
    Ok(Some(found))
}

/// Does the tenant say that it does not have what is asked, or not for us? Any other refusal says nothing of a picklist.
fn is_not_shown(response: &Response) -> bool {
    let error = response.error();
    match response.status.as_u16() {
        403 | 404 => true,
        400 => {
            matches!(&*error.number, "COE0020" | "COE0021")
                || matches!(
                    &*error.code,
                    "COE_GENERAL_FORBIDDEN" | "COE_PROPERTY_NOT_FOUND" | "COE_ENTITY_NOT_FOUND" | "NotFoundException"
                )
        }
        _ => false,
    }
}

fn page(response: &Response, into: &mut Vec<Row>) -> Result<Option<String>, Failure> {
    let broken = || Failure::later("the tenant's answer cannot be read as a picklist", None);
    let page = Page::parse(&response.bytes).map_err(|error| broken().because(error))?;
    for entity in &page.entities {
        into.push(serde_json::from_str(entity).map_err(|_| broken())?);
    }
    Ok(page.next)
}

/// What is expanded below a row.
fn below<'r>(row: &'r Row, name: &str) -> impl Iterator<Item = &'r Row> {
    let list = row.get(name).and_then(|inner| inner.get("results").unwrap_or(inner).as_array());
    list.into_iter().flatten().filter_map(Json::as_object)
}

/// A member's text; numbers as they are written.
fn text(row: &Row, name: &str) -> Option<Arc<str>> {
    match row.get(name)? {
        Json::String(text) if !text.is_empty() => Some(text.as_str().into()),
        Json::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

/// An option of the old API.
fn old(row: &Row) -> PicklistOption {
    let label = |one: &Row| Some((text(one, "locale")?, text(one, "label")?));
    PicklistOption {
        id: text(row, "id"),
        code: text(row, "externalCode").or_else(|| text(row, "mdfExternalCode")).unwrap_or_default(),
        active: text(row, "status").is_none_or(|status| matches!(&*status, "ACTIVE" | "A")),
        default_label: None,
        labels: below(row, "picklistLabels").filter_map(label).collect(),
    }
}

/// An option of the metadata framework: its labels are properties, `label_defaultValue` and one for each locale.
fn framework(row: &Row) -> PicklistOption {
    let label = |name: &String| {
        let locale = name.strip_prefix("label_").filter(|locale| !matches!(*locale, "defaultValue" | "localized"))?;
        Some((locale.into(), text(row, name)?))
    };
    PicklistOption {
        id: text(row, "optionId").filter(|id| &**id != "0"),
        code: text(row, "externalCode").unwrap_or_default(),
        active: text(row, "status").is_none_or(|status| matches!(&*status, "A" | "ACTIVE")),
        default_label: text(row, "label_defaultValue"),
        labels: row.keys().filter_map(label).collect(),
    }
}

/// Picklists of the framework have versions: of each code the newest counts.
fn newest(rows: Vec<Row>) -> Vec<Row> {
    let start = |row: &Row| {
        let text = text(row, "PickListV2_effectiveStartDate")?;
        joinery_odata::date::JsonDate::parse(&text).map(joinery_odata::date::JsonDate::date)
    };
    let mut by_code: BTreeMap<Arc<str>, Row> = BTreeMap::new();
    for row in rows {
        let code = text(&row, "externalCode").unwrap_or_default();
        match by_code.get(&code) {
            Some(known) if start(known) >= start(&row) => {}
            _ => drop(by_code.insert(code, row)),
        }
    }
    by_code.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Row {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_refusal_that_says_nothing_of_the_picklist_is_none_of_its_absence() {
        let error =
            |code: &str, text: &str| format!(r#"{{"error":{{"code":"{code}","message":{{"value":"{text}"}}}}}}"#);
        for (status, body, expected) in [
            (403, String::new(), true),
            (404, String::new(), true),
            (400, error("COE_GENERAL_FORBIDDEN", "[COE0020]no"), true),
            (400, error("COE_PROPERTY_NOT_FOUND", "[COE0021]Invalid property names: Picklist/x."), true),
            (400, error("COE_ENTITY_NOT_FOUND", "no Picklist"), true),
            (400, error("COE_GENERAL_BAD_REQUEST", "[COE0018]Invalid filter"), false),
            (400, String::new(), false),
            (500, String::new(), false),
            (200, String::new(), false),
        ] {
            assert_eq!(is_not_shown(&Response::for_test(status, &body)), expected, "{status} {body}");
        }
    }

    /// Members as in SAP's answers for `Picklist` (public test data): ids as text, labels below the option.
    #[test]
    fn an_option_of_the_old_api() {
        let option = old(&row(r#"{"id":"663469","externalCode":"A","status":"DELETED","picklistLabels":{"results":[
                {"locale":"en_US","label":"Good"},{"locale":"de_DE","label":"Gut"},{"locale":"fr_FR","label":null}]}}"#));
        assert_eq!((option.id.as_deref(), &*option.code, option.active), (Some("663469"), "A", false));
        assert_eq!(option.labels.len(), 2);
    }

    #[test]
    fn an_option_of_the_framework_is_its_newest_version() {
        let rows = vec![
            row(r#"{"externalCode":"A","optionId":"5","status":"A","PickListV2_effectiveStartDate":"/Date(0)/",
                "label_defaultValue":"Old","label_en_US":"Old","label_localized":"x"}"#),
            row(r#"{"externalCode":"A","optionId":"5","status":"I","PickListV2_effectiveStartDate":"/Date(86400000)/",
                "label_defaultValue":"New","label_de_DE":"Neu","label_en_US":null}"#),
        ];
        for rows in [rows.clone(), rows.into_iter().rev().collect()] {
            let newest = newest(rows);
            assert_eq!(newest.len(), 1);
            let option = framework(&newest[0]);
            assert_eq!((option.id.as_deref(), option.active), (Some("5"), false));
            assert_eq!(option.default_label.as_deref(), Some("New"));
            assert_eq!(option.labels.keys().map(|locale| &**locale).collect::<Vec<_>>(), ["de_DE"]);
        }
    }
}
