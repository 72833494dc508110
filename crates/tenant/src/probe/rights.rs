//! What the API user may write, as far as the tenant tells it.
//!
//! Metadata says what can be written, not who may. Who may is said by the function import `getUsersPermissions`, a GET
//! that changes nothing, to whoever may see roles ("Manage Role-Based Permission Access", SAP note 3728375), in the
//! words of SAP note 3038082. An API user that only reads has no need to see roles, so the usual answer is a refusal, and
//! nothing is known then: only a trial write would tell, and none is ever made.

use std::collections::BTreeSet;

use joinery_model::{Failure, Finding, FindingKind};
use joinery_odata::{Expr, Field, Literal, Page, Query, Selection, read_selected};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use roxmltree::{Document, Node};

use super::run::finding;
use crate::{Api, Response, SignIn, Transport, UserIs};

/// What the findings are about.
const SUBJECT: &str = "write rights";

/// The end of the labels that grant writing to a whole API: "Employee Central HRIS OData API (editable)". Without one of
/// them nothing of Employee Central can be written, whatever fields a role may edit (SAP note 3356755).
const EDITABLE: &str = "(editable)";
/// The same by technical name, for a tenant that answers in another language (SAP note 3038082).
const EDITABLE_NAME: &str = "_edit_admin_permission";
/// What lets users be written (SAP notes 2160948 and 2810147).
const IMPORTS: [&str; 2] = ["Employee Import", "Import Employee Data"];

/// Looks which rights to write the API user has: a warning for each, since whoever only reads needs none. Where the
/// tenant does not say, a note says so and where to look. Nothing is written to find out.
///
/// # Errors
/// When the tenant cannot be reached or refuses the sign-in.
pub async fn write_rights(transport: &Transport) -> Result<Vec<Finding>, Failure> {
    if transport.settings().api != Api::V2 {
        return Ok(vec![unknown("permissions are told by a function import, and OData v4 has none")]);
    }
    let Some(user) = own_id(transport).await? else {
        return Ok(vec![unknown("the tenant does not show the API user's own userId")]);
    };
    let quoted = format!("'{}'", user.replace('\'', "''"));
    let quoted = utf8_percent_encode(&quoted, NON_ALPHANUMERIC);
    let path = format!("odata/v2/getUsersPermissions?$format=json&userIds={quoted}&locale=%27en_US%27");
    let response = transport.get(&path).await?;
    Ok(judged(&response, &user))
}

/// The `userId` that signs in: what a user name belongs to is looked up; e-mail addresses cannot be filtered by.
async fn own_id(transport: &Transport) -> Result<Option<String>, Failure> {
    let name = match &transport.settings().sign_in {
        SignIn::SamlBearer(saml) if saml.user_is == UserIs::UserId => return Ok(Some(saml.user.clone())),
        SignIn::SamlBearer(saml) if saml.user_is == UserIs::Username => &saml.user,
        SignIn::SamlBearer(_) | SignIn::Ias(_) | SignIn::X509(_) => return Ok(None),
        SignIn::Basic { user, .. } => user,
    };
    let named: Expr = Field::new("username").eq(Literal::from(name.as_str()));
    let query = Query::new().json().select(["userId"]).filter(named).top(1);
    let response = transport.get(&format!("odata/v2/User?{query}")).await?;
    let found = Page::parse(&response.bytes).ok().and_then(|page| {
        let row = read_selected(page.entities.first()?, &Selection::of(["userId"])).ok()?;
        row.get("userId")?.as_text().map(str::to_owned)
    });
    Ok(found)
}

fn judged(response: &Response, user: &str) -> Vec<Finding> {
    if !response.status.is_success() {
        let refused = "the tenant tells rights only to an API user who may see roles, which this one need not do";
        return vec![unknown(refused)];
    }
    let Some(rights) = answered(&response.bytes).and_then(|xml| rights_in(&xml, user)) else {
        return vec![unknown("the tenant's answer has another form than is documented")];
    };
    if rights.is_empty() {
        let none = "none: the API user may change neither employees nor users nor foundation objects";
        return vec![finding(FindingKind::Good, SUBJECT, none)];
    }
    let unneeded = |(label, role): &(String, String)| {
        let message = format!(
            "the role \"{role}\" grants \"{label}\", and nothing here writes to SuccessFactors: take it away (Manage \
             Permission Roles)"
        );
        finding(FindingKind::Warning, SUBJECT, message)
    };
    rights.iter().map(unneeded).collect()
}

fn unknown(why: &str) -> Finding {
    let message = format!(
        "not known: {why}. Look once in Admin Center, View User Permission: nothing that ends in \"{EDITABLE}\", no \
         \"{}\"",
        IMPORTS[0]
    );
    finding(FindingKind::Note, SUBJECT, message)
}

/// The XML that the answer carries: as text in JSON, in one of two places, or as it is.
fn answered(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    if text.trim_start().starts_with('<') {
        return Some(text.to_owned());
    }
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    let d = json.get("d")?;
    d.get("getUsersPermissions").unwrap_or(d).as_str().map(str::to_owned)
}

/// Permissions to write, by label, with the role that grants them. `None` when it is no list of this user's permissions.
fn rights_in(xml: &str, user: &str) -> Option<BTreeSet<(String, String)>> {
    let document = Document::parse(xml).ok()?;
    let is = |node: &Node<'_, '_>, name: &str| node.tag_name().name() == name;
    let own = document.descendants().find(|node| is(node, "user") && node.attribute("id") == Some(user))?;
    let mut rights = BTreeSet::new();
    for role in own.children().filter(|node| is(node, "role")) {
        for item in role.descendants().filter(|node| is(node, "permission-item")) {
            let name = item.attribute("permission-string-value").unwrap_or_default();
            let content = item.descendants().find(|node| is(node, "content"));
            let label: String = content
                .map(|node| node.descendants().filter(Node::is_text).filter_map(|part| part.text()).collect())
                .unwrap_or_default();
            let label = label.trim();
            if label.ends_with(EDITABLE) || IMPORTS.contains(&label) || name.ends_with(EDITABLE_NAME) {
                let shown = if label.is_empty() { name } else { label };
                rights.insert((shown.to_owned(), role.attribute("name").unwrap_or("?").to_owned()));
            }
        }
    }
    Some(rights)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The items are in the form of SAP note 3038082, in the frame that an application that reads them expects
    /// (user, role, category, permissions, permission-unit).
    fn answer(items: &str) -> Response {
        let xml = format!(
            "<user-permission><user id=\"API_USER\"><role id=\"7\" name=\"API\" description=\"\"><category \
             name=\"x\"><permissions>{items}</permissions></category></role></user></user-permission>"
        );
        Response::for_test(200, &serde_json::json!({ "d": { "getUsersPermissions": xml } }).to_string())
    }

    fn item(name: &str, label: &str) -> String {
        format!(
            "<permission-unit><on-off-permission><permission-item perm-type=\"admin_manage_ect_api\" \
             permission-long-value=\"-1\" permission-string-value=\"{name}\"><message key=\"K\"><content \
             language=\"en-US\">\n<![CDATA[{label}]]>\n</content></message></permission-item></on-off-permission>\
             </permission-unit>"
        )
    }

    fn kinds(findings: &[Finding]) -> Vec<FindingKind> {
        findings.iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn each_right_to_write_is_named_with_its_role() {
        let edit =
            item("import_ect_hris_odata_api_edit_admin_permission", "Employee Central HRIS OData API (editable)");
        let read = item("x", "Employee Central HRIS OData API (read-only)");
        let found = judged(&answer(&format!("{read}{edit}{}", item("y", "Employee Import"))), "API_USER");
        assert_eq!(kinds(&found), [FindingKind::Warning; 2], "{found:?}");
        assert!(found[0].message.contains("the role \"API\" grants"), "{found:?}");
        assert!(found[0].message.contains("\"Employee Central HRIS OData API (editable)\""), "{found:?}");
        let german = item("import_ect_hris_odata_api_edit_admin_permission", "OData-API (bearbeitbar)");
        assert_eq!(kinds(&judged(&answer(&german), "API_USER")), [FindingKind::Warning]);
        assert_eq!(kinds(&judged(&answer(&read), "API_USER")), [FindingKind::Good]);
    }

    #[test]
    fn what_the_tenant_does_not_say_is_not_guessed() {
        for response in [
            Response::for_test(403, r#"{"error":{"code":"COE_GENERAL_FORBIDDEN","message":{"value":"[COE0020]no"}}}"#),
            Response::for_test(404, ""),
            Response::for_test(200, r#"{"d":{"getUsersPermissions":""}}"#),
            Response::for_test(200, r#"{"d":{"getUsersPermissions":"<user-permission/>"}}"#),
            Response::for_test(200, "{}"),
        ] {
            let found = judged(&response, "API_USER");
            assert_eq!(kinds(&found), [FindingKind::Note], "{found:?}");
            assert!(found[0].message.contains("View User Permission"), "{found:?}");
        }
        assert_eq!(kinds(&judged(&answer(""), "SOMEBODY_ELSE")), [FindingKind::Note]);
    }
}
