//! Entities in the answer of a function import, written as every entity is.

use joinery_odata::Query;
use serde_json::Value as Json;

use super::Call;
use crate::serve::Refusal;
use crate::serve::list::Desk;
use crate::world::{RowId, World};

impl Call<'_, '_> {
    /// Rows as `d` has them; `$select` and `$expand` of the request count, and `expand` beside them.
    pub(super) fn entities(&self, world: &World, rows: &[RowId], expand: &[&str]) -> Result<Vec<Json>, Refusal> {
        let Some(first) = rows.first() else { return Ok(Vec::new()) };
        let asked = Query::parse(&self.asked.query).map_err(|error| Refusal::bad_request(&error.to_string()))?;
        let mut query = Query { select: asked.select, expand: asked.expand, ..Query::default() };
        query.expand.extend(expand.iter().map(|path| (*path).to_owned()));
        let (tenant, view) = (self.turn.tenant, self.turn.view());
        let path = self.asked.full_path();
        let desk = Desk {
            world,
            view: &view,
            settings: &tenant.settings,
            snapshots: &tenant.snapshots,
            now: tenant.time.now(),
            base: &tenant.public_url,
            path: &path,
            raw_query: &self.asked.query,
            query: &query,
            expansions: &[],
        };
        let plan = desk.plan(first.set())?;
        let as_of = desk.as_of()?;
        let mut renderer = desk.renderer();
        let mut written = Vec::new();
        for &row in rows {
            renderer.out.clear();
            renderer.entity(&plan, row, as_of)?;
            written.push(serde_json::from_slice(&renderer.out).unwrap_or_default());
        }
        Ok(written)
    }
}
