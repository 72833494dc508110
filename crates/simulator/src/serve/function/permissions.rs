//! Permissions as XML in text: the items are those of SAP note 3038082, the frame around them is what an application that
//! reads them expects (user, role, category, permissions, permission-unit).

use std::fmt::Write as _;

use crate::schema::Set;
use crate::serve::View;
use crate::world::Permitted;

/// What a role allows.
pub(super) struct Allowed {
    pub id: i64,
    pub name: String,
    pub permissions: Vec<Permitted>,
}

/// The sets that a permission lets its holder write, one of each kind. Who may not write such a set (visibility) does
/// not have the permission either.
fn writes(permission: &Permitted) -> &'static [Set] {
    match permission.label {
        "Employee Import" => &[Set::User],
        label if label.contains("HRIS") && label.ends_with("(editable)") => &[Set::PerPersonal, Set::EmpJob],
        _ => &[],
    }
}

/// Leaves out the permissions that the view takes away.
pub(super) fn left(permissions: Vec<Permitted>, view: &View) -> Vec<Permitted> {
    let may = |one: &Permitted| {
        let sets = writes(one);
        sets.is_empty() || sets.iter().any(|set| view.may_write(*set))
    };
    permissions.into_iter().filter(may).collect()
}

/// `getUsersPermissions`: users by id, their roles, what these allow.
pub(super) fn of_users(users: &[(String, Vec<Allowed>)]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<user-permission>");
    for (id, roles) in users {
        let _ = write!(xml, "<user id=\"{}\">", escaped(id));
        for role in roles {
            add_role(&mut xml, role);
        }
        xml.push_str("</user>");
    }
    xml.push_str("</user-permission>");
    xml
}

/// `getRolesPermissions`: roles and what they allow.
pub(super) fn of_roles(roles: &[Allowed]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<role-permission>");
    for role in roles {
        add_role(&mut xml, role);
    }
    xml.push_str("</role-permission>");
    xml
}

/// `getPermissionMetadata`: every permission there is.
pub(super) fn catalogue(permissions: &[Permitted]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<permission-metadata>");
    add_categories(&mut xml, permissions);
    xml.push_str("</permission-metadata>");
    xml
}

fn add_role(xml: &mut String, role: &Allowed) {
    let _ = write!(xml, "<role id=\"{}\" name=\"{}\" description=\"\">", role.id, escaped(&role.name));
    add_categories(xml, &role.permissions);
    xml.push_str("</role>");
}

fn add_categories(xml: &mut String, permissions: &[Permitted]) {
    for of_kind in permissions.chunk_by(|one, next| one.kind == next.kind) {
        let _ = write!(xml, "<category name=\"{}\"><permissions>", of_kind[0].kind);
        for one in of_kind {
            let _ = write!(
                xml,
                "<permission-unit><on-off-permission><permission-item perm-type=\"{}\" permission-long-value=\"{}\" \
                 permission-string-value=\"{}\"><message key=\"{}\"><content language=\"en-US\">\n<![CDATA[{}]]>\n\
                 </content></message></permission-item></on-off-permission></permission-unit>",
                one.kind,
                one.long,
                one.string,
                one.string.to_ascii_uppercase(),
                one.label
            );
        }
        xml.push_str("</permissions></category>");
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
