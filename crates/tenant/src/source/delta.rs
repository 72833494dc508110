//! A delta walk of persons: gather whom, then read them in order of their keys.

use std::sync::{Arc, PoisonError};

use jiff::Timestamp;
use joinery_model::{Ask, Failure, Key, Needs, Page, Ref, Root, Seen, Watermark};

use super::Reader;
use super::prepare::Prepared;
use crate::delta::{Gathered, Window, gather, questions};
use crate::read::Get;

/// Whom the walk of these questions reads. It is not part of the place: when it is lost (a new process), it is gathered
/// again. Whoever comes before the place then was read already, and what changed since belongs to the next window.
#[derive(Debug)]
pub(super) struct Remembered {
    root: Root,
    needs: Needs,
    watermark: Watermark,
    as_of: Timestamp,
    gathered: Arc<Gathered>,
}

impl<G: Get> Reader<G> {
    /// A page of the walk; its first page also shows what was touched.
    pub(super) async fn delta(&self, ask: &Ask, watermark: Watermark, after: Option<Key>) -> Result<Page, Failure> {
        let prepared = self.prepare(ask).await?;
        let (gathered, spent) = self.gathered(ask, watermark, &prepared).await?;
        let reads_others = prepared.plan.reads_others;
        let mut page = self.listed(ask, &gathered.people, after.as_ref(), spent, prepared).await?;
        if after.is_none() {
            page.seen.extend(gathered.touched.iter().cloned().map(Seen::Touched));
        }
        // A name that comes due changes the user that others have as their manager; no stamp of the user's tells.
        if reads_others {
            let touched: Vec<Seen> = page.seen.iter().flat_map(users_of).collect();
            page.seen.extend(touched);
        }
        Ok(page)
    }

    /// Whom the walk reads, and the requests that it cost to know now.
    async fn gathered(
        &self,
        ask: &Ask,
        watermark: Watermark,
        prepared: &Prepared,
    ) -> Result<(Arc<Gathered>, u32), Failure> {
        if let Some(known) = self.remembered(ask, watermark) {
            return Ok((known, 0));
        }
        let window = Window::new(watermark.0, ask.as_of, &ask.policy.zone);
        let questions = questions(&prepared.catalogue, &prepared.plan, &window, &self.settings);
        let gathered = gather(&self.get, questions, &self.settings.server_zone).await?;
        for (set, why) in &gathered.refused {
            self.warn_once(format!("changes of {set} are seen by full runs only: {why}"));
        }
        let spent = gathered.requests;
        let gathered = Arc::new(gathered);
        *self.gathered.lock().unwrap_or_else(PoisonError::into_inner) = Some(Remembered {
            root: ask.root,
            needs: ask.needs.clone(),
            watermark,
            as_of: ask.as_of,
            gathered: gathered.clone(),
        });
        Ok((gathered, spent))
    }

    fn remembered(&self, ask: &Ask, watermark: Watermark) -> Option<Arc<Gathered>> {
        let remembered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        let one = remembered.as_ref()?;
        let same =
            one.root == ask.root && one.watermark == watermark && one.as_of == ask.as_of && one.needs == ask.needs;
        same.then(|| one.gathered.clone())
    }
}

fn users_of(seen: &Seen) -> Vec<Seen> {
    match seen {
        Seen::Row(row) => row.aliases.iter().map(|user| Seen::Touched(Ref::new("User", user.as_str()))).collect(),
        _ => Vec::new(),
    }
}
