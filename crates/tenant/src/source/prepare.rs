//! What every question of a walk is made from.

use std::sync::Arc;

use jiff::tz::TimeZone;
use joinery_model::{Ask, Failure, Root};
use joinery_odata::{Paging, Query};

use super::Reader;
use crate::Response;
use crate::catalogue::{Catalogue, Ready, Regime, regime_of};
use crate::push_down::{fields, push_down};
use crate::query::{Missing, Plan, set_of};
use crate::read::{Get, refused_members, status_stated};
use crate::row::{Frame, Reading};

/// Longest pushed-down filter; the rest of the query needs room as well.
const LONGEST_FILTER: usize = 2_000;

/// How often one question is mended: each refusal may name one property only.
const MOST_MENDS: usize = 8;

/// The catalogue, the plan and what rows are made with, for one ask.
pub(super) struct Prepared {
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) plan: Plan,
    pub(super) frame: Arc<Frame>,
    /// Requests spent so far.
    pub(super) requests: u32,
    /// Some of the catalogue is from before this process.
    pub(super) from_shelf: bool,
}

impl<G: Get> Reader<G> {
    pub(super) async fn prepare(&self, ask: &Ask) -> Result<Prepared, Failure> {
        let planned = |ready: &Ready| {
            if ready.renewed {
                self.forget_refused();
            }
            Plan::new(&ready.catalogue, ask.root, &ask.needs, &self.refused_now())
        };
        let lacking = |ready: &Ready| planned(ready).is_none_or(|plan| lacks(ask, &plan));
        let ready = self.catalogues.ready_with(&self.get, ask.root, &ask.needs, lacking).await?;
        let plan = planned(&ready);
        let Ready { catalogue, requests, from_shelf, .. } = ready;
        let Some(plan) = plan else {
            self.catalogues.forget(&self.get).await;
            let set = set_of(ask.root);
            return Err(Failure::refused(format!(
                "the tenant shows no {set} to the API user; grant its role {}, or read = \"{}\" instead",
                crate::probe::permission_of(set),
                if ask.root == Root::Persons { "users" } else { "persons" },
            )));
        };
        for missing in &plan.missing {
            if let Err(failure) = self.settle(missing) {
                self.catalogues.forget(&self.get).await;
                return Err(failure);
            }
        }
        if let Some(fact) = plan.unjudged()
            && !(ask.policy.assume_active && plan.hides_employments())
        {
            self.catalogues.forget(&self.get).await;
            return Err(Failure::refused(format!(
                "the tenant shows no {fact} to the API user, and without it nobody can say who works there; grant it to \
                 the API user's role and refresh the metadata (Admin Center, OData API Metadata Refresh and Export). If \
                 this tenant holds persons but no employments, employment.assume_active = true takes everybody for active",
            )));
        }
        let opened = self.picklists.open(&self.get, &plan.picklists).await?;
        let reading = Reading::new(plan.shape.clone(), self.settings.server_zone.clone());
        let frame = Frame {
            shape: plan.shape.clone(),
            reading: reading.with_book(opened.book),
            policy: ask.policy.clone(),
            today: ask.policy.zone.to_datetime(ask.as_of).date(),
            all_employments: plan.all_employments,
            needs: Arc::new(ask.needs.clone()),
            lost: Arc::new(plan.lost.clone()),
        };
        Ok(Prepared { catalogue, plan, frame: Arc::new(frame), requests: requests + opened.requests, from_shelf })
    }

    /// The catalogue from the tenant itself.
    async fn read_anew(&self, ask: &Ask) -> Result<Ready, Failure> {
        self.catalogues.forget(&self.get).await;
        self.forget_refused();
        self.catalogues.ready(&self.get, ask.root, &ask.needs).await
    }

    /// What is missing is left out with a warning; but not a whole segment that mappings read and every tenant has:
    /// its values would be taken for empty, of everybody.
    fn settle(&self, missing: &Missing) -> Result<(), Failure> {
        match (missing.wanted, missing.set_behind()) {
            (true, Some(set)) => Err(Failure::refused(format!(
                "{}: the tenant shows no {set} to the API user; grant its role {} and refresh the metadata (Admin \
                 Center, OData API Metadata Refresh and Export)",
                missing.path,
                crate::probe::permission_of(set),
            ))),
            (true, None) => {
                self.warn_once(missing.to_string());
                Ok(())
            }
            (false, _) => {
                let lost = match &*missing.name {
                    "emplStatusNav" => "leaves are known only where leave_codes holds the ids of the options",
                    _ => "who is on leave or has left is known by the status alone",
                };
                self.warn_once(format!("{}: not in the tenant's metadata; {lost}", missing.path));
                Ok(())
            }
        }
    }

    /// Asks the question that `path` makes. A property that the tenant refuses although its metadata has it is left out
    /// from then on, and the question is asked again without it.
    pub(super) async fn ask(
        &self,
        ask: &Ask,
        prepared: &mut Prepared,
        path: impl Fn(&Prepared) -> String,
    ) -> Result<Response, Failure> {
        self.ask_raw(ask, prepared, path).await?.ok()
    }

    /// As [`Reader::ask`], for whom a refusal is an answer too.
    pub(super) async fn ask_raw(
        &self,
        ask: &Ask,
        prepared: &mut Prepared,
        path: impl Fn(&Prepared) -> String,
    ) -> Result<Response, Failure> {
        for _ in 0..MOST_MENDS {
            prepared.requests += 1;
            let response = self.ahead.get(&self.get, &path(prepared)).await?;
            let refused =
                if response.status.is_success() { Vec::new() } else { refused_members(&response, &prepared.plan) };
            if !refused.is_empty() && prepared.from_shelf {
                // Metadata of an earlier run: it may have changed since.
                let requests = prepared.requests;
                self.read_anew(ask).await?;
                *prepared = self.prepare(ask).await?;
                prepared.requests += requests;
                continue;
            }
            for (set, name) in &refused {
                self.warn_once(format!(
                    "{set}.{name} is in the tenant's metadata and refused all the same (COE0021); it is left out. \
                     Refresh the metadata (Admin Center, OData API Metadata Refresh and Export)"
                ));
            }
            if refused.is_empty() || !self.refuse(refused) {
                return Ok(response);
            }
            let requests = prepared.requests;
            *prepared = self.prepare(ask).await?;
            prepared.requests += requests;
        }
        Err(Failure::refused(
            "the tenant refuses one property after the other (COE0021); refresh its metadata (Admin Center, OData API \
             Metadata Refresh and Export)",
        ))
    }
}

/// What mappings want, or nobody can be judged without, is not in the metadata.
fn lacks(ask: &Ask, plan: &Plan) -> bool {
    let unjudged = plan.unjudged().is_some() && !(ask.policy.assume_active && plan.hides_employments());
    unjudged || plan.missing.iter().any(|missing| missing.wanted)
}

impl Prepared {
    /// What every question about whole people has.
    pub(super) fn query(&self, ask: &Ask) -> Query {
        let query =
            Query::new().json().select(self.plan.select.iter().cloned()).expand(self.plan.expand.iter().cloned());
        match ask.root {
            Root::Persons => query.as_of(self.frame.today),
            Root::Users => query.filter(status_stated()),
        }
    }

    /// The question that pages over everybody whom the filter does not pass over.
    pub(super) fn walk(&self, ask: &Ask, page_size: u32, zone: &TimeZone) -> Query {
        let mut query = self.query(ask).page_size(page_size.clamp(1, 1000));
        if let Some(filter) = push_down(&ask.filter, &fields(&self.catalogue, ask.root, zone), LONGEST_FILTER) {
            query = query.filter(filter);
        }
        if regime_of(&self.plan.set) == Regime::Snapshot {
            query = query.paging(Paging::Snapshot);
        }
        query
    }

    /// A query as a path below the API server.
    pub(super) fn path(&self, query: &Query) -> String {
        format!("odata/v2/{}?{query}", self.plan.set)
    }
}
