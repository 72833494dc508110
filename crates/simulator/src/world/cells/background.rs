//! Cells of background elements: special assignments, worked out from the user's place.

use super::stamp;
use crate::schema::background::background_special_assign;
use crate::world::{Cell, RowId, World};

/// Added to twice the place of a user, so that ids look like ids.
pub(in crate::world) const BACKGROUND_IDS: u32 = 130_001;

/// Project, and what was done there.
const PROJECTS: [(&str, &str); 4] = [
    ("Cyber Security", "Set up the security of a new site"),
    ("Merger", "Brought two payrolls together"),
    ("Warehouse", "Planned the second warehouse"),
    ("Works Agreement", ""),
];

impl World {
    /// How many special assignments a user has: one employee in twelve has two, another twelfth has one.
    pub(in crate::world) fn special_assignments(&self, user: u32) -> u16 {
        let count = match user % 12 {
            5 => 2,
            9 => 1,
            _ => return 0,
        };
        if self.user_exists(user) && self.employment_of(user).is_some() { count } else { 0 }
    }

    pub(super) fn background_cell(&self, row: RowId, property: usize) -> Option<Cell<'_>> {
        use background_special_assign::P;
        let user = self.users.get(row.top as usize)?;
        let (_, _, employment) = self.employment_of(row.top)?;
        let start = employment.start.plus(90 + 200 * i32::from(row.child));
        let (project, description) = PROJECTS.get((row.top / 12 + u32::from(row.child)) as usize % PROJECTS.len())?;
        Some(match P::ALL.get(property)? {
            P::backgroundElementId => {
                Cell::Int(i64::from(row.top) * 2 + i64::from(row.child) + i64::from(BACKGROUND_IDS))
            }
            P::userId => self.str(user.id),
            P::bgOrderPos => Cell::Int(i64::from(row.child) + 1),
            P::project => Cell::Str(project),
            P::description => super::words(description),
            P::startDate => Cell::Date(start),
            P::endDate => Cell::Date(start.plus(28)),
            P::lastModifiedDate => stamp(employment.audit.modified),
        })
    }
}
