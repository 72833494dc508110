//! The groups, roles and rules that a company begins with.

use super::data::{Access, Group, Membership, Pool, Role, Rule};
use super::edit::{ExpressionEdit, FilterEdit, pool};
use super::permission::permissions;
use crate::schema::user::user::P;
use crate::world::data::NOBODY;
use crate::world::units::UnitKind;
use crate::world::{Stamp, Value, World};

/// The group of everybody, with an id as a real tenant has it.
const EVERYONE: i64 = 1586;
/// The first of the other ids.
const FIRST: i64 = 1601;

/// A role in short: name, description, ids of permissions, who has it, by which group, over which group.
type Given<'a> = (&'a str, &'a str, &'a [i64], Access, &'a str, &'a str);

/// A filter in short: field, operator, values.
type Says<'a> = (&'a str, &'a str, Vec<String>);

impl World {
    /// Makes groups by country, company, division, department, location, job and custom field, lists, groups of other
    /// types, and roles through them. Call it when everybody is there.
    pub(in crate::world) fn group_up(&mut self) {
        let mut makes = Maker { modified: Stamp(self.stamp().0.saturating_sub(90 * 86_400)), made: Vec::new() };
        self.made_by_place(&mut makes);
        self.made_by_work(&mut makes);
        self.made_by_list(&mut makes);
        makes.made.sort_by_key(|group| group.id);
        self.groups.all = makes.made;
        self.give_roles();
    }

    /// Writes a custom field for some: what a group can be made by that no other field says.
    pub(in crate::world) fn name_shifts(&mut self) {
        let property = P::custom07 as u16;
        for at in (0..self.users.len()).filter(|at| at % 37 == 5) {
            let Some(user) = self.users.get_mut(at) else { continue };
            if user.person == NOBODY || user.written != NOBODY {
                continue;
            }
            user.written = self.written.len() as u32;
            let shift = if at % 2 == 0 { "SHIFT-A" } else { "SHIFT-B" };
            self.written.push(vec![(property, Value::Text(shift.to_owned()))]);
        }
    }

    fn made_by_place(&self, makes: &mut Maker) {
        makes.add_as(EVERYONE, "$$EVERYONE$$", "permission", Membership::Everyone);
        let codes = |kind| self.units.of(kind).iter().map(|unit| self.texts.read(unit.code).to_owned());
        let mut countries: Vec<&str> = self
            .units
            .of(UnitKind::Location)
            .iter()
            .filter_map(|unit| self.texts.get(unit.slices.first()?.country))
            .collect();
        countries.sort_unstable();
        countries.dedup();
        for country in &countries {
            makes.dynamic(
                &format!("Employees {country}"),
                &[vec![("std_country", "eq", vec![(*country).to_owned()])]],
                &[],
            );
        }
        for code in codes(UnitKind::Company).take(4) {
            makes.dynamic(&format!("Company {code}"), &[vec![("jobinfo_company", "eq", vec![code])]], &[]);
        }
        for code in codes(UnitKind::Location).step_by(5).take(5) {
            makes.dynamic(&format!("Site {code}"), &[vec![("std_location", "eq", vec![code])]], &[]);
        }
        let europe: Vec<String> = countries
            .iter()
            .filter(|country| ["DEU", "FRA", "ESP", "ITA", "POL"].contains(*country))
            .map(|one| (*one).to_owned())
            .collect();
        let late = vec![("std_hiredate", "ge", vec!["2024-01-01".to_owned()])];
        makes.dynamic("European staff before 2024", &[vec![("std_country", "eq", europe)]], &[late]);
    }

    fn made_by_work(&self, makes: &mut Maker) {
        let units = |kind| {
            self.units.of(kind).iter().filter_map(|unit| {
                let name = unit.slices.last().map(|slice| self.texts.read(slice.name))?;
                Some((self.texts.read(unit.code).to_owned(), name.to_owned()))
            })
        };
        for (code, name) in units(UnitKind::Division) {
            makes.dynamic(&format!("Division {name}"), &[vec![("std_division", "eq", vec![code])]], &[]);
        }
        for (code, name) in units(UnitKind::Department).take(6) {
            let others = vec![("std_title", "contains", vec!["Intern".to_owned()])];
            makes.dynamic(&format!("Team {name}"), &[vec![("std_department", "eq", vec![code])]], &[others]);
        }
        for (code, name) in units(UnitKind::JobCode).take(3) {
            makes.dynamic(&format!("Job {name}"), &[vec![("std_jobcode", "eq", vec![code])]], &[]);
        }
        let shift = |shift: &str| vec![("std_custom07", "eq", vec![shift.to_owned()])];
        makes.dynamic("Shift workers", &[shift("SHIFT-A"), shift("SHIFT-B")], &[]);
        let people = ("std_division", "eq", vec!["DIV11".to_owned()]);
        let germany = ("std_country", "eq", vec!["DEU".to_owned()]);
        makes.dynamic("HR Germany", &[vec![people.clone(), germany]], &[]);
        makes.typed("HR approvers", "ectworkflow", &[vec![people]]);
        makes.typed("Finance approvers", "ectworkflow", &[vec![("std_division", "eq", vec!["DIV10".to_owned()])]]);
        makes.typed("Successors Sales", "talentpool", &[vec![("std_division", "eq", vec!["DIV07".to_owned()])]]);
    }

    fn made_by_list(&self, makes: &mut Maker) {
        let active: Vec<u32> = self
            .users_order
            .iter()
            .copied()
            .filter(|user| self.employment_of(*user).is_some() && self.is_active(*user))
            .collect();
        let every = |step: usize, from: usize, most: usize| -> Membership {
            let mut users: Vec<u32> = active.iter().skip(from).step_by(step).take(most).copied().collect();
            users.sort_unstable();
            Membership::Listed(users)
        };
        let named = |id: &str| Membership::Listed(self.user_by_id(id).into_iter().collect());
        makes.add("Integration users", "permission", named("API_USER"));
        makes.add("System administrators", "permission", named("sfadmin"));
        makes.add("Fire wardens", "permission", every(25, 3, 400));
        makes.add("Works council", "permission", every(97, 1, 60));
        makes.add("Pilot users \"New Home\" & friends", "permission", every(40, 7, 1200));
        makes.add("Workflow substitutes", "ectworkflow", every(120, 5, 30));
        // By user names, as people do who miss a static group (KBA 3341990); its id is that of the example there.
        let names = active.iter().step_by(60).take(25);
        let names = names.filter_map(|user| Some(self.texts.read(self.users.get(*user as usize)?.name).to_owned()));
        let include = pool("3600_1".to_owned(), &[FilterEdit::one_of("std_username", names)]).into_iter().collect();
        makes.add_as(3600, "Early adopters", "permission", Membership::Pools { include, exclude: Vec::new() });
    }

    fn give_roles(&mut self) {
        let group = |name: &str| -> Vec<u32> {
            self.groups.all.iter().position(|group| group.name == name).map(|at| at as u32).into_iter().collect()
        };
        let modified = Stamp(self.stamp().0.saturating_sub(60 * 86_400));
        let all: Vec<i64> = (1..=20).collect();
        let integration: Vec<i64> = (1..=15).collect();
        let given: [Given<'_>; 9] = [
            ("System Admin", "May do everything.", &all, Access::Groups, "System administrators", ""),
            (
                "Integration User",
                "Reads and writes through APIs.",
                &integration,
                Access::Groups,
                "Integration users",
                "",
            ),
            ("Employee Self-Service", "What everybody may do.", &[1, 2], Access::Everyone, "", ""),
            ("Manager", "Sees the own team.", &[13, 16, 19], Access::Managers, "", ""),
            (
                "HR Business Partner Germany",
                "Personal data in Germany.",
                &[13, 14, 15, 17],
                Access::Groups,
                "HR Germany",
                "Employees DEU",
            ),
            (
                "HR Administrator",
                "Personal data everywhere.",
                &[13, 14, 15, 16, 17, 18],
                Access::Groups,
                "HR approvers",
                "",
            ),
            ("Payroll Reviewer", "Compensation.", &[16, 19], Access::Groups, "Finance approvers", ""),
            ("Report Author", "Makes reports.", &[19, 20], Access::Groups, "Early adopters", ""),
            ("Safety Officer", "Reads job data of all sites.", &[13], Access::Groups, "Fire wardens", ""),
        ];
        let mut roles = Vec::new();
        let mut rules = Vec::new();
        for ((name, description, allowed, access, holders, over), at) in given.into_iter().zip(0_u32..) {
            rules.push(Rule {
                id: 201 + i64::from(at),
                role: at,
                access,
                access_groups: group(holders),
                target_groups: group(over),
                include_self: name != "HR Business Partner Germany",
                exclude_self: name == "HR Business Partner Germany",
                active: true,
                gone: false,
            });
            roles.push(Role {
                id: 101 + i64::from(at),
                name: name.to_owned(),
                description: Some(description.to_owned()),
                user_type: Some("employee".to_owned()),
                modified,
                modified_by: "sfadmin".to_owned(),
                permissions: permissions(allowed),
                gone: false,
            });
        }
        // A second way into a role, and a rule that is switched off.
        rules.push(Rule { id: 220, role: 5, access_groups: group("Works council"), ..rules[5].clone() });
        rules.push(Rule { id: 221, role: 0, access_groups: group("Shift workers"), active: false, ..rules[0].clone() });
        (self.groups.roles, self.groups.rules) = (roles, rules);
    }
}

struct Maker {
    modified: Stamp,
    made: Vec<Group>,
}

impl Maker {
    fn next(&self) -> i64 {
        let last = self.made.iter().map(|group| group.id).filter(|id| *id < 3000).max();
        last.map_or(FIRST, |last| (last + 1).max(FIRST))
    }

    fn add_as(&mut self, id: i64, name: &str, kind: &str, membership: Membership) {
        // Each was last changed on a day of its own.
        let modified = Stamp(self.modified.0.saturating_sub((id % 89) as u32 * 86_400 + id as u32));
        let (name, kind) = (name.chars().take(100).collect(), kind.to_owned());
        let created_by = if id == EVERYONE { "system" } else { "sfadmin" }.to_owned();
        self.made.push(Group {
            id,
            name,
            kind,
            user_type: Some("employee".to_owned()),
            created_by,
            modified,
            membership,
        });
    }

    fn add(&mut self, name: &str, kind: &str, membership: Membership) {
        self.add_as(self.next(), name, kind, membership);
    }

    fn dynamic(&mut self, name: &str, include: &[Vec<Says<'_>>], exclude: &[Vec<Says<'_>>]) {
        self.pools(name, "permission", include, exclude);
    }

    fn typed(&mut self, name: &str, kind: &str, include: &[Vec<Says<'_>>]) {
        self.pools(name, kind, include, &[]);
    }

    fn pools(&mut self, name: &str, kind: &str, include: &[Vec<Says<'_>>], exclude: &[Vec<Says<'_>>]) {
        let id = self.next();
        let mut number = 0;
        let mut made = |pools: &[Vec<Says<'_>>]| -> Vec<Pool> {
            let made = pools.iter().filter_map(|filters| {
                number += 1;
                let filters: Vec<FilterEdit> = filters
                    .iter()
                    .map(|(field, operator, values)| FilterEdit {
                        field: (*field).to_owned(),
                        expressions: vec![ExpressionEdit { operator: (*operator).to_owned(), values: values.clone() }],
                    })
                    .collect();
                pool(format!("{id}_{number}"), &filters).ok()
            });
            made.collect()
        };
        let membership = Membership::Pools { include: made(include), exclude: made(exclude) };
        self.add_as(id, name, kind, membership);
    }
}

#[cfg(test)]
mod tests {
    use crate::schema::Set;
    use crate::world::laws::{cell, company, text, user};
    use crate::world::{AsOf, Cell};

    #[test]
    fn a_company_begins_with_groups_of_every_kind() {
        let mut world = company(1, 2500);
        world.settle();
        let groups: Vec<_> = world.rows(Set::DynamicGroup, AsOf::ALL).collect();
        assert!((40..80).contains(&groups.len()), "{}", groups.len());
        let count = |kind: &str, is_static: bool| {
            let of_kind = groups.iter().filter(|row| text(&world, **row, "groupType") == kind);
            of_kind.filter(|row| cell(&world, **row, "staticGroup") == Cell::Bool(is_static)).count()
        };
        assert!(count("permission", true) >= 4 && count("ectworkflow", true) == 1 && count("ectworkflow", false) == 2);
        let empty = groups.iter().filter(|row| cell(&world, **row, "totalMemberCount") == Cell::Int(0));
        let empty: Vec<&str> = empty.map(|row| text(&world, *row, "groupName")).collect();
        assert!(empty.is_empty(), "{empty:?}");
        let everyone = world.group_by_id(1586).unwrap();
        let users = world.rows(Set::User, AsOf::ALL).count();
        assert_eq!(cell(&world, everyone, "totalMemberCount"), Cell::Int(users as i64));
        let Cell::Int(active) = cell(&world, everyone, "activeMembershipCount") else { panic!("a number") };
        assert!(active < users as i64);
        assert_eq!(world.group_members(everyone, true).len() as i64, active);
    }

    #[test]
    fn roles_follow_from_groups() {
        let world = company(1, 300);
        let roles = |id: &str| -> Vec<String> {
            world.roles_of(user(&world, id)).iter().map(|row| text(&world, *row, "roleName").to_owned()).collect()
        };
        assert_eq!(roles("API_USER"), ["Integration User", "Employee Self-Service"]);
        assert!(roles("sfadmin").contains(&"System Admin".to_owned()));
        assert!(roles("100000").contains(&"Manager".to_owned()));
        let api = user(&world, "API_USER");
        assert!(world.may(api, "manage_integration_tools", "odata_api_access", None));
        assert!(!world.may(user(&world, "100003"), "manage_integration_tools", "odata_api_access", None));
    }
}
