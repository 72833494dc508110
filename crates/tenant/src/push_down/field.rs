//! Which paths of a row the tenant can filter by.

use jiff::tz::TimeZone;
use joinery_model::{Path, Root};
use joinery_odata::Field;

use super::Target;
use crate::catalogue::Catalogue;
use crate::query::set_of;
use crate::row::{EMPLOYMENT, EMPLOYMENTS};

/// The properties of `root` that may stand in a filter of this tenant (`sap:filterable`), by their path in a row.
///
/// Nothing that changes from day to day is among them: a row shows somebody who is yet to start as of their first day,
/// and a filter would look at today. `zone` is that of the server's wall clock.
pub fn fields(catalogue: &Catalogue, root: Root, zone: &TimeZone) -> impl Fn(&Path) -> Option<Target> {
    move |path| {
        let mut set = catalogue.set(set_of(root))?;
        let (last, navigations) = path.segments().split_last()?;
        let mut names = Vec::with_capacity(path.segments().len());
        for (depth, segment) in navigations.iter().enumerate() {
            let name = match &*segment.name {
                EMPLOYMENTS if depth == 0 && root == Root::Persons => EMPLOYMENT,
                name => name,
            };
            set = catalogue.set(&set.navigations.get(name)?.target)?;
            if set.slice_start().is_some() {
                return None;
            }
            names.push(name);
        }
        let property = set.properties.get(&last.name).filter(|property| property.filterable)?;
        names.push(&last.name);
        let field = Field::parse(&names.join("/")).ok()?;
        Some(Target { field, kind: property.kind, behind_navigation: !navigations.is_empty(), zone: zone.clone() })
    }
}
