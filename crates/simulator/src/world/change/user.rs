//! Writing users: the rules of the User entity.

use super::write::{Done, Manner, Purge, RowDone, RowWrite, Verb, WriteRefused};
use crate::schema::Set;
use crate::schema::user::user::{N, P, TABLE};
use crate::world::data::{Audit, Author, NOBODY, User};
use crate::world::{RowId, Stamp, Value, World};

/// A checked row.
#[derive(Default)]
struct Checked {
    written: Vec<(u16, Value)>,
    username: Option<String>,
    password: Option<String>,
    status: Option<u8>,
    manager: Option<u32>,
    hr: Option<u32>,
    links: Vec<(u16, Vec<u32>)>,
}

impl World {
    /// Writes a user, or refuses and changes nothing. A password is kept as a digest. Values written over those of
    /// an employment stand until the employment changes, as after an HRIS sync.
    pub(super) fn write_user(&mut self, row: &RowWrite, manner: &Manner) -> Result<RowDone, WriteRefused> {
        let id = sent_text(row, P::userId).unwrap_or_default().to_owned();
        let known = self.user_by_id(&id);
        match (manner.verb, known) {
            (Verb::Insert, Some(_)) => return Err(WriteRefused::Exists(Set::User)),
            (Verb::Replace | Verb::Merge, None) => return Err(WriteRefused::Missing(Set::User)),
            _ => {}
        }
        if let Some(place) = known
            && let Some(user) = self.users.get(place as usize)
        {
            match self.user_status(place, user) {
                b'e' | b'd' => return Err(WriteRefused::External),
                b'f' | b'F' if !manner.process_inactive => return Err(WriteRefused::Inactive),
                _ => {}
            }
        }
        let checked = self.checked(row, manner, known, &id)?;
        let whole = known.is_none() || manner.verb == Verb::Replace;
        let missing = if whole { missing(row, manner, &id) } else { Vec::new() };
        if !missing.is_empty() {
            return Err(WriteRefused::Required(missing));
        }
        let now = self.stamp();
        let place = known.unwrap_or_else(|| self.enlist(&id, now));
        let replace = manner.purge == Purge::Record || manner.verb == Verb::Replace;
        if let Some(password) = &checked.password {
            self.keep_password(place, password);
        }
        self.keep(place, checked, replace, now);
        let active = self.users.get(place as usize).is_some_and(|user| matches!(user.status, b't' | b'T'));
        if known.is_none() && active && manner.welcome_mail {
            self.effects.mails.push((place, now));
            tracing::info!("a new user: a welcome mail would go out");
        }
        let done = if known.is_some() { Done::Updated } else { Done::Inserted };
        Ok(RowDone { done, row: Some(RowId::new(Set::User, place, 0, 0)), key: id })
    }

    fn checked(&self, row: &RowWrite, manner: &Manner, known: Option<u32>, id: &str) -> Result<Checked, WriteRefused> {
        let row = self.typed(row, manner.verb)?;
        let mut checked = Checked::default();
        for (at, value) in &row.values {
            let Some(property) = TABLE.properties.get(*at) else { continue };
            match (P::ALL.get(*at), value) {
                (Some(P::userId), _) | (Some(P::password), Value::Null) => {}
                (Some(P::password), Value::Text(password)) => {
                    if !manner.passwords.takes(password) {
                        return Err(WriteRefused::Password(manner.passwords.text()));
                    }
                    checked.password = Some(password.clone());
                }
                (Some(P::status), Value::Text(status)) => checked.status = Some(status_letter(property.name, status)?),
                (Some(P::username), Value::Text(name)) if !name.is_empty() => {
                    self.free(name, id, known)?;
                    checked.username = Some(name.clone());
                }
                (Some(P::status | P::username), _) => return Err(WriteRefused::value(property.name, "null")),
                _ => checked.written.push((*at as u16, value.clone())),
            }
        }
        for (navigation, to) in &row.links {
            match N::ALL.get(*navigation) {
                Some(N::manager) => checked.manager = Some(self.linked("manager", "NO_MANAGER", to)?),
                Some(N::hr) => checked.hr = Some(self.linked("hr", "NO_HR", to)?),
                Some(N::secondManager | N::matrixManager | N::customManager | N::proxy) => {
                    let name = TABLE.navigations.get(*navigation).map_or("", |one| one.name);
                    let users: Result<Vec<u32>, _> =
                        to.iter().map(|id| self.active_user(id).ok_or_else(|| missing_link(name, id))).collect();
                    checked.links.push((*navigation as u16, users?));
                }
                _ => return Err(WriteRefused::Unsupported("this navigation can not be written")),
            }
        }
        Ok(checked)
    }

    fn free(&self, name: &str, id: &str, known: Option<u32>) -> Result<(), WriteRefused> {
        match self.user_named(name) {
            Some(other) if Some(other.top) != known => {
                Err(WriteRefused::DuplicateUsername { user_id: id.to_owned(), username: name.to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// One link: nobody, or an active user.
    fn linked(&self, role: &'static str, nobody: &str, to: &[String]) -> Result<u32, WriteRefused> {
        match to {
            [] => Ok(NOBODY),
            [id, ..] if id == nobody => Ok(NOBODY),
            [id, ..] => self.active_user(id).ok_or_else(|| missing_link(role, id)),
        }
    }

    /// Place of the user of that id who may log in today.
    pub(super) fn active_user(&self, id: &str) -> Option<u32> {
        self.user_by_id(id).filter(|place| {
            let user = self.users.get(*place as usize);
            user.is_some_and(|user| matches!(self.user_status(*place, user), b't' | b'T'))
        })
    }

    /// A new user of nobody.
    pub(super) fn enlist(&mut self, id: &str, now: Stamp) -> u32 {
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

    fn keep(&mut self, place: u32, checked: Checked, replace: bool, now: Stamp) {
        let name = checked.username.map(|name| self.texts.add(&name));
        let fresh = self.written.len() as u32;
        let Some(user) = self.users.get_mut(place as usize) else { return };
        user.audit.touch(now, Author::Api);
        user.name = name.unwrap_or(user.name);
        if let Some(status) = checked.status {
            user.status = status;
            user.derived = false;
        }
        user.hr = checked.hr.unwrap_or(if replace { NOBODY } else { user.hr });
        user.manager = checked.manager.or(user.manager.filter(|_| !replace));
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
        if replace {
            self.effects.links.retain(|(from, _), _| *from != place);
        }
        for (navigation, to) in checked.links {
            let one = N::ALL.get(usize::from(navigation)) == Some(&N::secondManager);
            let links = self.effects.links.entry((place, navigation)).or_default();
            if one || to.is_empty() {
                links.clear();
            }
            links.extend(to);
            links.sort_unstable();
            links.dedup();
        }
        if let Some(manager) = checked.manager {
            self.note_report(manager, place);
        }
    }
}

fn sent_text(row: &RowWrite, property: P) -> Option<&str> {
    row.values.iter().find_map(|(at, value)| match value {
        Value::Text(text) if *at == property as usize => Some(text.as_str()),
        _ => None,
    })
}

/// What a new user, or one that is replaced, must have and the row lacks: what the tenant demands, then what all do.
fn missing(row: &RowWrite, manner: &Manner, id: &str) -> Vec<String> {
    let present = |name: &str| {
        let empty = [Value::Null, Value::Text(String::new())];
        let value = TABLE.property(name).and_then(|at| row.values.iter().find(|(one, _)| *one == at));
        value.is_some_and(|(_, value)| !empty.contains(value))
            || TABLE.navigation(name).is_some_and(|at| row.links.iter().any(|(one, _)| *one == at))
    };
    let always = ["status", "username"].into_iter().filter(|name| !manner.demanded.iter().any(|one| one == name));
    let names = manner.demanded.iter().map(String::as_str).filter(|name| *name != "userId").chain(always);
    let mut missing: Vec<String> = names.filter(|name| !present(name)).map(str::to_owned).collect();
    if id.is_empty() {
        missing.push("userId".to_owned());
    }
    missing
}

fn missing_link(role: &'static str, id: &str) -> WriteRefused {
    WriteRefused::Link { role, user_id: id.to_owned() }
}

/// The letter of a status, written as letter or as text; `e` and `d` are not written here.
fn status_letter(name: &'static str, status: &str) -> Result<u8, WriteRefused> {
    Ok(match status {
        "t" | "active" => b't',
        "f" | "inactive" => b'f',
        "T" | "active_external" => b'T',
        "F" | "inactive_external" => b'F',
        _ => return Err(WriteRefused::value(name, status)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::laws::{cell, company, follow, text, user};
    use crate::world::{Cell, Move};

    fn edit(id: &str, values: &[(P, &str)]) -> RowWrite {
        let mut row = RowWrite::new(Set::User);
        let id = (P::userId, id);
        row.values = values.iter().chain([&id]).map(|(at, text)| (*at as usize, Value::Text((*text).into()))).collect();
        row
    }

    fn link(id: &str, navigation: N, to: &[&str]) -> RowWrite {
        let links = vec![(navigation as usize, to.iter().map(|id| (*id).to_owned()).collect())];
        RowWrite { links, ..edit(id, &[]) }
    }

    fn write_in(world: &mut World, row: &RowWrite, manner: &Manner) -> Result<Done, WriteRefused> {
        world.write(std::slice::from_ref(row), manner).remove(0).map(|done| done.done)
    }

    fn write(world: &mut World, row: &RowWrite) -> Result<Done, WriteRefused> {
        write_in(world, row, &Manner::default())
    }

    #[test]
    fn a_new_user_needs_status_and_username() {
        let mut world = company(1, 50);
        let refused = write(&mut world, &edit("new1", &[(P::firstName, "Ada")])).unwrap_err();
        assert_eq!(refused, WriteRefused::Required(vec!["status".into(), "username".into()]));
        let sentence = "Please add required properties in payload. Required properties status, username are missing. ";
        assert!(refused.to_string().starts_with(sentence));
        let row = edit(
            "new1",
            &[(P::status, "active"), (P::username, "Ada"), (P::custom01, "x+y"), (P::password, "S3cret-word")],
        );
        assert_eq!(write(&mut world, &row), Ok(Done::Inserted));
        assert_eq!(write(&mut world, &row), Ok(Done::Updated));
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
        let refused = write(&mut world, &edit("n", &[(P::status, "t"), (P::username, &taken)])).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!(
                "DUPLICATE_USERNAME : Failed to add/update user [n] \"\" (N/A;N/A;N/A): Duplicate Username - \"{taken}\"."
            )
        );
        let other = taken.to_uppercase();
        assert!(write(&mut world, &edit("n", &[(P::status, "t"), (P::username, &other)])).is_ok());
        assert!(write(&mut world, &edit("100003", &[(P::username, &taken)])).is_ok());
    }

    #[test]
    fn inactive_and_external_users() {
        let mut world = company(1, 50);
        let off = edit("100004", &[(P::status, "f")]);
        assert_eq!(write(&mut world, &off), Ok(Done::Updated));
        assert_eq!(text(&world, user(&world, "100004"), "status"), "f");
        let on = edit("100004", &[(P::status, "t")]);
        assert_eq!(write(&mut world, &on).map_err(|refused| refused.http_code()), Err(500));
        let inactive = Manner { process_inactive: true, ..Manner::default() };
        assert_eq!(write_in(&mut world, &on, &inactive), Ok(Done::Updated));
        assert_eq!(text(&world, user(&world, "100004"), "status"), "t");
        assert_eq!(write(&mut world, &edit("exte0", &[(P::firstName, "x")])), Err(WriteRefused::External));
        let refused = write(&mut world, &edit("100003", &[(P::status, "e")])).unwrap_err();
        assert_eq!(refused.to_string(), "[COE0019]Invalid property value. Property name:status. Property value:e.");
    }

    #[test]
    fn links_lead_to_active_users() {
        let mut world = company(1, 50);
        let link = |manager: &str| link("100004", N::manager, &[manager]);
        assert!(write(&mut world, &link("100002")).is_ok());
        assert_eq!(follow(&world, user(&world, "100004"), "manager"), [user(&world, "100002")]);
        assert!(follow(&world, user(&world, "100002"), "directReports").contains(&user(&world, "100004")));
        assert!(write(&mut world, &link("NO_MANAGER")).is_ok());
        assert!(follow(&world, user(&world, "100004"), "manager").is_empty());
        assert!(matches!(write(&mut world, &link("nobody")), Err(WriteRefused::Link { role: "manager", .. })));
        write(&mut world, &edit("100005", &[(P::status, "f")])).unwrap();
        assert!(matches!(write(&mut world, &link("100005")), Err(WriteRefused::Link { .. })));
    }

    #[test]
    fn values_are_checked_against_the_table() {
        let mut world = company(1, 50);
        let refused = |world: &mut World, values: &[(P, &str)]| write(world, &edit("100004", values)).unwrap_err();
        let long = "x".repeat(256);
        assert_eq!(refused(&mut world, &[(P::custom01, &long)]), WriteRefused::Length { name: "custom01", limit: 255 });
        assert_eq!(refused(&mut world, &[(P::defaultFullName, "x")]), WriteRefused::ReadOnly("defaultFullName"));
        assert!(matches!(refused(&mut world, &[(P::matrixManaged, "yes")]), WriteRefused::Value { .. }));
    }

    #[test]
    fn what_is_written_over_employment_data_lasts_until_the_next_sync() {
        let mut world = company(1, 50);
        let department = |world: &World| text(world, user(world, "100004"), "department").to_owned();
        write(&mut world, &edit("100004", &[(P::department, "Elsewhere"), (P::custom02, "kept")])).unwrap();
        assert_eq!(department(&world), "Elsewhere");
        let to = Move { department: Some("DEP00002".into()), ..Move::default() };
        world.relocate("100004", world.today(), &to).unwrap();
        assert!(department(&world).ends_with("(DEP00002)"));
        assert_eq!(text(&world, user(&world, "100004"), "custom02"), "kept");
        let record = Manner { purge: Purge::Record, ..Manner::default() };
        write_in(&mut world, &edit("100004", &[]), &record).unwrap();
        assert_eq!(cell(&world, user(&world, "100004"), "custom02"), Cell::Null);
    }

    #[test]
    fn passwords_keep_the_policy_and_are_never_told() {
        let mut world = company(1, 50);
        for weak in ["short1A", "alllowercase", "ALLUPPER123"] {
            let refused = write(&mut world, &edit("100004", &[(P::password, weak)])).unwrap_err();
            assert!(matches!(refused, WriteRefused::Password(_)) && !refused.to_string().contains(weak));
        }
        assert_eq!(write(&mut world, &edit("100004", &[(P::password, "Long-enough")])), Ok(Done::Updated));
        assert_eq!(cell(&world, user(&world, "100004"), "password"), Cell::Null);
    }

    #[test]
    fn new_users_are_mailed_unless_told_otherwise_and_may_need_more() {
        let mut world = company(1, 50);
        let loud = Manner { welcome_mail: true, ..Manner::default() };
        let new = |id: &str| edit(id, &[(P::status, "t"), (P::username, id)]);
        write_in(&mut world, &new("loud"), &loud).unwrap();
        write_in(&mut world, &new("quiet"), &Manner::default()).unwrap();
        write_in(&mut world, &edit("loud", &[(P::custom01, "again")]), &loud).unwrap();
        let told: Vec<String> = world.mails().into_iter().map(|mail| mail.user_id).collect();
        assert_eq!(told, ["loud"]);
        let strict = Manner { demanded: vec!["department".into(), "email".into()], ..Manner::default() };
        let refused = write_in(&mut world, &new("strict"), &strict).unwrap_err();
        assert_eq!(refused, WriteRefused::Required(vec!["department".into(), "email".into()]));
    }

    #[test]
    fn verbs_ask_whether_the_user_is_there() {
        let mut world = company(1, 50);
        let by = |verb| Manner { verb, ..Manner::default() };
        let known = edit("100004", &[(P::status, "t"), (P::username, "someone")]);
        let new = edit("new", &[(P::status, "t"), (P::username, "anyone")]);
        assert_eq!(write_in(&mut world, &known, &by(Verb::Insert)), Err(WriteRefused::Exists(Set::User)));
        assert_eq!(write_in(&mut world, &new, &by(Verb::Merge)), Err(WriteRefused::Missing(Set::User)));
        assert_eq!(write_in(&mut world, &new, &by(Verb::Insert)), Ok(Done::Inserted));
        assert_eq!(write_in(&mut world, &known, &by(Verb::Replace)), Ok(Done::Updated));
        let bare = edit("100004", &[(P::custom01, "x")]);
        assert!(matches!(write_in(&mut world, &bare, &by(Verb::Replace)), Err(WriteRefused::Required(_))));
        assert_eq!(write_in(&mut world, &bare, &by(Verb::Merge)), Ok(Done::Updated));
    }

    #[test]
    fn other_links_are_kept_and_seen_from_both_sides() {
        let mut world = company(1, 50);
        write(&mut world, &link("100004", N::matrixManager, &["100002"])).unwrap();
        write(&mut world, &link("100004", N::matrixManager, &["100003"])).unwrap();
        write(&mut world, &link("100004", N::hr, &["100001"])).unwrap();
        let (four, two) = (user(&world, "100004"), user(&world, "100002"));
        assert_eq!(follow(&world, four, "matrixManager"), [two, user(&world, "100003")]);
        assert_eq!(follow(&world, two, "matrixReports"), [four]);
        assert_eq!(follow(&world, user(&world, "100001"), "hrReports"), [four]);
        write(&mut world, &link("100004", N::matrixManager, &[])).unwrap();
        assert!(follow(&world, four, "matrixManager").is_empty());
    }
}
