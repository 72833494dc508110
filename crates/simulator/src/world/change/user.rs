//! Writing users: the rules of the User entity.

use crate::schema::user::user::{P, TABLE};
use crate::schema::{Edm, Property};
use crate::world::data::{Audit, Author, NOBODY, User};
use crate::world::{Stamp, Value, World};

/// One row of an upsert of User.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserEdit {
    /// userId: the key, fixed for ever.
    pub user_id: String,
    /// Properties by their index in the table.
    pub values: Vec<(usize, Value)>,
    /// `Some("NO_MANAGER")` takes the manager away.
    pub manager: Option<String>,
    /// `Some("NO_HR")` takes the HR representative away.
    pub hr: Option<String>,
    /// `processInactiveEmployees=true`.
    pub process_inactive: bool,
    /// Clears what is not sent: `purgeType=record`, PUT.
    pub replace: bool,
}

/// What an upsert did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upserted {
    /// A new user: 201.
    Inserted,
    /// An existing one: 204.
    Updated,
}

/// Why a row was not written. The text is what the row's `message` says, less ` with the index n`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserRefused {
    /// Required properties are not in the payload (KBA 3307746).
    #[error("Please add required properties in payload. Required properties {} are missing.", .0.join(", "))]
    Required(Vec<&'static str>),
    /// The user is inactive and the request does not ask for such users (KBA 2430160).
    #[error("Cannot upsert an inactive user.. ")]
    Inactive,
    /// External users of the suite are written through ExternalUser (KBA 2994898).
    #[error("You're not allowed to add or update external users (status e and d) with the User API.")]
    External,
    /// A value that the property does not take.
    #[error("[COE0019]Invalid property value. Property name:{name}. Property value:{value}.")]
    Value {
        /// Property.
        name: &'static str,
        /// What was sent, cut short.
        value: String,
    },
    /// A value longer than metadata allows.
    #[error("[COE0019]Property {name} exceeds the maximum length of {limit}.")]
    Length {
        /// Property.
        name: &'static str,
        /// Characters allowed.
        limit: u32,
    },
    /// A property that this company's data model has not switched on.
    #[error(
        "[COE0021]Invalid property names: User/{0}. Please check the property name in Admin Center > OData API Data Dictionary."
    )]
    Unknown(&'static str),
    /// A property that cannot be written.
    #[error("[COE0019]Property {0} is read only.")]
    ReadOnly(&'static str),
    /// Another user has that name (KBA 3550451).
    #[error(
        "DUPLICATE_USERNAME : Failed to add/update user [{user_id}] \"\" (N/A;N/A;N/A): Duplicate Username - \"{username}\"."
    )]
    DuplicateUsername {
        /// The row's userId.
        user_id: String,
        /// The name that is taken.
        username: String,
    },
    /// The manager or HR representative does not exist or is not active.
    #[error("Invalid {role}: user \"{user_id}\" does not exist or is inactive.")]
    Link {
        /// `manager` or `hr`.
        role: &'static str,
        /// What was sent.
        user_id: String,
    },
}

impl UserRefused {
    /// `httpCode` of the row.
    pub fn http_code(&self) -> u16 {
        match self {
            Self::Inactive | Self::DuplicateUsername { .. } => 500,
            Self::External => 403,
            _ => 400,
        }
    }
}

/// A checked row.
struct Checked {
    written: Vec<(u16, Value)>,
    username: Option<String>,
    status: Option<u8>,
    manager: Option<u32>,
    hr: Option<u32>,
}

impl World {
    /// Inserts or changes a user, or refuses and changes nothing. A password is taken and not kept. Values written
    /// over those of an employment stand until the employment changes, as after an HRIS sync.
    pub fn upsert_user(&mut self, edit: &UserEdit) -> Result<Upserted, UserRefused> {
        let known = self.user_by_id(&edit.user_id);
        if let Some(place) = known
            && let Some(user) = self.users.get(place as usize)
        {
            match self.user_status(place, user) {
                b'e' | b'd' => return Err(UserRefused::External),
                b'f' | b'F' if !edit.process_inactive => return Err(UserRefused::Inactive),
                _ => {}
            }
        }
        let checked = self.checked(edit, known)?;
        if known.is_none() {
            let present =
                |property: P| edit.values.iter().any(|(at, value)| *at == property as usize && *value != Value::Null);
            let missing: Vec<&'static str> = [(P::status, "status"), (P::username, "username")]
                .into_iter()
                .filter_map(|(property, name)| (!present(property)).then_some(name))
                .chain(edit.user_id.is_empty().then_some("userId"))
                .collect();
            if !missing.is_empty() {
                return Err(UserRefused::Required(missing));
            }
        }
        let now = self.stamp();
        let place = known.unwrap_or_else(|| self.enlist(&edit.user_id, now));
        self.write(place, checked, edit.replace, now);
        Ok(if known.is_some() { Upserted::Updated } else { Upserted::Inserted })
    }

    fn checked(&self, edit: &UserEdit, known: Option<u32>) -> Result<Checked, UserRefused> {
        let mut checked = Checked { written: Vec::new(), username: None, status: None, manager: None, hr: None };
        for (at, value) in &edit.values {
            let Some(property) = TABLE.properties.get(*at) else { continue };
            match (P::ALL.get(*at), value) {
                (Some(P::userId | P::password), _) => {}
                (Some(P::status), Value::Text(status)) => checked.status = Some(status_letter(property.name, status)?),
                (Some(P::username), Value::Text(name)) => {
                    fits(property, name)?;
                    self.free(name, edit, known)?;
                    checked.username = Some(name.clone());
                }
                (Some(P::status | P::username), _) => return Err(bad(property.name, "null")),
                _ => {
                    typed(property, value)?;
                    checked.written.push((*at as u16, value.clone()));
                }
            }
        }
        checked.manager = edit.manager.as_deref().map(|id| self.linked("manager", "NO_MANAGER", id)).transpose()?;
        checked.hr = edit.hr.as_deref().map(|id| self.linked("hr", "NO_HR", id)).transpose()?;
        Ok(checked)
    }

    fn free(&self, name: &str, edit: &UserEdit, known: Option<u32>) -> Result<(), UserRefused> {
        match self.user_named(name) {
            Some(other) if Some(other.top) != known => {
                Err(UserRefused::DuplicateUsername { user_id: edit.user_id.clone(), username: name.to_owned() })
            }
            _ => Ok(()),
        }
    }

    fn linked(&self, role: &'static str, nobody: &str, id: &str) -> Result<u32, UserRefused> {
        if id == nobody {
            return Ok(NOBODY);
        }
        let place = self.user_by_id(id).filter(|place| {
            let user = self.users.get(*place as usize);
            user.is_some_and(|user| matches!(self.user_status(*place, user), b't' | b'T'))
        });
        place.ok_or_else(|| UserRefused::Link { role, user_id: id.to_owned() })
    }

    /// A new user of nobody.
    fn enlist(&mut self, id: &str, now: Stamp) -> u32 {
        let id = self.texts.add(id);
        let audit = Audit::at(now, Author::Api);
        let user = User {
            id,
            name: id,
            person: NOBODY,
            status: b't',
            derived: false,
            late: false,
            gone: false,
            manager: None,
            hr: NOBODY,
            written: NOBODY,
            audit,
        };
        self.enrol(user)
    }

    fn write(&mut self, place: u32, checked: Checked, replace: bool, now: Stamp) {
        let name = checked.username.map(|name| self.texts.add(&name));
        let fresh = self.written.len() as u32;
        let Some(user) = self.users.get_mut(place as usize) else { return };
        user.audit.touch(now, Author::Api);
        user.name = name.unwrap_or(user.name);
        if let Some(status) = checked.status {
            user.status = status;
            user.derived = false;
        }
        user.hr = checked.hr.unwrap_or(user.hr);
        user.manager = checked.manager.or(user.manager);
        if user.written == NOBODY {
            user.written = fresh;
            self.written.push(Vec::new());
        }
        if let Some(values) = self.written.get_mut(user.written as usize) {
            if replace {
                values.clear();
            }
            for (property, value) in checked.written {
                values.retain(|(at, _)| *at != property);
                values.push((property, value));
            }
        }
        if let Some(manager) = checked.manager {
            self.note_report(manager, place);
        }
    }
}

/// The letter of a status, written as letter or as text; `e` and `d` are not written here.
fn status_letter(name: &'static str, status: &str) -> Result<u8, UserRefused> {
    Ok(match status {
        "t" | "active" => b't',
        "f" | "inactive" => b'f',
        "T" | "active_external" => b'T',
        "F" | "inactive_external" => b'F',
        _ => return Err(bad(name, status)),
    })
}

fn bad(name: &'static str, value: &str) -> UserRefused {
    UserRefused::Value { name, value: value.chars().take(40).collect() }
}

fn fits(property: &Property, text: &str) -> Result<(), UserRefused> {
    let limit = property.max_length;
    if limit > 0 && text.chars().count() > limit as usize {
        return Err(UserRefused::Length { name: property.name, limit });
    }
    Ok(())
}

/// Whether the property may be written and takes a value of that kind.
fn typed(property: &Property, value: &Value) -> Result<(), UserRefused> {
    if !property.flags.in_data_model() {
        return Err(UserRefused::Unknown(property.name));
    }
    if !property.flags.upsertable() {
        return Err(UserRefused::ReadOnly(property.name));
    }
    match (property.edm, value) {
        (Edm::String, Value::Text(text)) => fits(property, text),
        (_, Value::Null) if property.flags.nullable() => Ok(()),
        (Edm::Boolean, Value::Bool(_))
        | (Edm::Int32 | Edm::Int64, Value::Int(_))
        | (Edm::Double | Edm::Single | Edm::Decimal, Value::Double(_) | Value::Int(_))
        | (Edm::DateTime, Value::Date(_))
        | (Edm::DateTimeOffset, Value::Stamp(_)) => Ok(()),
        _ => Err(bad(property.name, "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::laws::{cell, company, follow, text, user};
    use crate::world::{Cell, Move};

    fn edit(id: &str, values: &[(P, &str)]) -> UserEdit {
        let values =
            values.iter().map(|(property, text)| (*property as usize, Value::Text((*text).to_owned()))).collect();
        UserEdit { user_id: id.to_owned(), values, ..UserEdit::default() }
    }

    #[test]
    fn a_new_user_needs_status_and_username() {
        let mut world = company(1, 50);
        let refused = world.upsert_user(&edit("new1", &[(P::firstName, "Ada")])).unwrap_err();
        assert_eq!(refused, UserRefused::Required(vec!["status", "username"]));
        assert_eq!(
            refused.to_string(),
            "Please add required properties in payload. Required properties status, username are missing."
        );
        let row =
            edit("new1", &[(P::status, "active"), (P::username, "Ada"), (P::custom01, "x+y"), (P::password, "secret")]);
        assert_eq!(world.upsert_user(&row), Ok(Upserted::Inserted));
        assert_eq!(world.upsert_user(&row), Ok(Upserted::Updated));
        let made = user(&world, "new1");
        assert_eq!((text(&world, made, "status"), text(&world, made, "custom01")), ("t", "x+y"));
        assert_eq!(cell(&world, made, "password"), Cell::Null);
        assert_eq!(world.user_named("Ada"), Some(made));
        assert_eq!(world.user_named("ada"), None);
    }

    #[test]
    fn usernames_are_unique_across_statuses_and_case_sensitive() {
        let mut world = company(1, 50);
        let taken = text(&world, user(&world, "100003"), "username").to_owned();
        let refused = world.upsert_user(&edit("n", &[(P::status, "t"), (P::username, &taken)])).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!(
                "DUPLICATE_USERNAME : Failed to add/update user [n] \"\" (N/A;N/A;N/A): Duplicate Username - \"{taken}\"."
            )
        );
        let other = taken.to_uppercase();
        assert!(world.upsert_user(&edit("n", &[(P::status, "t"), (P::username, &other)])).is_ok());
        assert!(world.upsert_user(&edit("100003", &[(P::username, &taken)])).is_ok());
    }

    #[test]
    fn inactive_and_external_users() {
        let mut world = company(1, 50);
        let off = edit("100004", &[(P::status, "f")]);
        assert_eq!(world.upsert_user(&off), Ok(Upserted::Updated));
        assert_eq!(text(&world, user(&world, "100004"), "status"), "f");
        let on = edit("100004", &[(P::status, "t")]);
        assert_eq!(world.upsert_user(&on).map_err(|refused| refused.http_code()), Err(500));
        let on = UserEdit { process_inactive: true, ..on };
        assert_eq!(world.upsert_user(&on), Ok(Upserted::Updated));
        assert_eq!(text(&world, user(&world, "100004"), "status"), "t");
        assert_eq!(world.upsert_user(&edit("exte0", &[(P::firstName, "x")])), Err(UserRefused::External));
        let refused = world.upsert_user(&edit("100003", &[(P::status, "e")])).unwrap_err();
        assert_eq!(refused.to_string(), "[COE0019]Invalid property value. Property name:status. Property value:e.");
    }

    #[test]
    fn links_lead_to_active_users() {
        let mut world = company(1, 50);
        let link = |manager: &str| UserEdit { manager: Some(manager.to_owned()), ..edit("100004", &[]) };
        assert!(world.upsert_user(&link("100002")).is_ok());
        assert_eq!(follow(&world, user(&world, "100004"), "manager"), [user(&world, "100002")]);
        assert!(follow(&world, user(&world, "100002"), "directReports").contains(&user(&world, "100004")));
        assert!(world.upsert_user(&link("NO_MANAGER")).is_ok());
        assert!(follow(&world, user(&world, "100004"), "manager").is_empty());
        assert!(matches!(world.upsert_user(&link("nobody")), Err(UserRefused::Link { role: "manager", .. })));
        world.upsert_user(&edit("100005", &[(P::status, "f")])).unwrap();
        assert!(matches!(world.upsert_user(&link("100005")), Err(UserRefused::Link { .. })));
    }

    #[test]
    fn values_are_checked_against_the_table() {
        let mut world = company(1, 50);
        let refused = |world: &mut World, values: &[(P, &str)]| world.upsert_user(&edit("100004", values)).unwrap_err();
        let long = "x".repeat(256);
        assert_eq!(refused(&mut world, &[(P::custom01, &long)]), UserRefused::Length { name: "custom01", limit: 255 });
        assert_eq!(refused(&mut world, &[(P::defaultFullName, "x")]), UserRefused::ReadOnly("defaultFullName"));
        assert!(matches!(
            refused(&mut world, &[(P::matrixManaged, "yes")]),
            UserRefused::Value { name: "matrixManaged", .. }
        ));
    }

    #[test]
    fn what_is_written_over_employment_data_lasts_until_the_next_sync() {
        let mut world = company(1, 50);
        let department = |world: &World| text(world, user(world, "100004"), "department").to_owned();
        world.upsert_user(&edit("100004", &[(P::department, "Elsewhere"), (P::custom02, "kept")])).unwrap();
        assert_eq!(department(&world), "Elsewhere");
        let to = Move { department: Some("DEP00002".into()), ..Move::default() };
        world.relocate("100004", world.today(), &to).unwrap();
        assert!(department(&world).ends_with("(DEP00002)"));
        assert_eq!(text(&world, user(&world, "100004"), "custom02"), "kept");
        let cleared = UserEdit { replace: true, ..edit("100004", &[]) };
        world.upsert_user(&cleared).unwrap();
        assert_eq!(cell(&world, user(&world, "100004"), "custom02"), Cell::Null);
    }
}
