//! Sending rows.

use std::collections::VecDeque;
use std::ops::Range;

use joinery_model::{Failure, Retry};
use joinery_odata::payload::read_upsert_results;
use reqwest::Method;

use super::batch::{cut, halves};
use super::judge::{outcomes, refusal};
use super::outcome::{RowOutcome, RowRefusal, WhyRefused};
use super::row::WriteRow;
use super::settings::{Unsent, UpsertOptions, WriteSettings};
use crate::{Api, Once, Request, Response, Transport, v4};

/// Writes rows to a tenant. Clones share the transport.
#[derive(Clone, Debug)]
pub struct Writer {
    transport: Transport,
    settings: WriteSettings,
}

/// What became of one request.
enum Sent {
    /// An outcome for each of its rows.
    Told(Vec<RowOutcome>),
    /// Refused whole, nothing written; smaller ones may be taken.
    TooMuch(RowRefusal),
}

impl Writer {
    /// A writer over a way to the tenant.
    pub fn new(transport: Transport, settings: WriteSettings) -> Self {
        Self { transport, settings }
    }

    /// The way to the tenant.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// How it writes.
    pub fn settings(&self) -> &WriteSettings {
        &self.settings
    }

    /// Writes rows; the outcomes stand in their order, one for each. Rows of different entity sets go in different
    /// requests, in the order given; whoever needs one written before the other gives it first, and looks at its
    /// outcome.
    ///
    /// Rows that may pass are sent again after a while, and only where that does no harm.
    ///
    /// # Errors
    /// When the connection is read only, or the first request could not be sent at all (sign-in, network): nothing was
    /// written then. Whatever goes wrong later is an outcome of the rows it befell.
    pub async fn upsert(&self, rows: &[WriteRow], options: UpsertOptions) -> Result<Vec<RowOutcome>, Failure> {
        self.settings.may_write(&self.transport.settings().name)?;
        if let Api::V4(root) = &self.transport.settings().api {
            let parameters = |row: &WriteRow| {
                let all = self.parameters(row, options);
                if all.is_empty() { all } else { format!("?{}", &all[1..]) }
            };
            return v4::write(&self.transport, root, rows, options, parameters).await;
        }
        let mut outcomes = self.round(rows, options, true).await?;
        for wait in &self.settings.waits {
            let again: Vec<usize> = outcomes
                .iter()
                .enumerate()
                .filter(|(_, one)| matches!(one, RowOutcome::Again(..)))
                .map(|(at, _)| at)
                .collect();
            if again.is_empty() {
                break;
            }
            self.transport.pause(*wait).await;
            let rows: Vec<WriteRow> = again.iter().filter_map(|at| rows.get(*at).cloned()).collect();
            for (at, outcome) in again.into_iter().zip(self.round(&rows, options, false).await?) {
                outcomes[at] = outcome;
            }
        }
        Ok(outcomes)
    }

    /// Writes one row.
    ///
    /// # Errors
    /// As [`Writer::upsert`].
    pub async fn upsert_one(&self, row: WriteRow, options: UpsertOptions) -> Result<RowOutcome, Failure> {
        let mut outcomes = self.upsert(&[row], options).await?;
        Ok(outcomes.pop().unwrap_or_else(|| RowOutcome::Unknown("the tenant said nothing".to_owned())))
    }

    async fn round(&self, rows: &[WriteRow], options: UpsertOptions, first: bool) -> Result<Vec<RowOutcome>, Failure> {
        let bodies: Vec<serde_json::Value> = rows.iter().map(WriteRow::to_json).collect();
        let sizes: Vec<usize> = bodies.iter().map(|body| body.to_string().len()).collect();
        let mut told: Vec<Option<RowOutcome>> = vec![None; rows.len()];
        let mut waiting: VecDeque<Range<usize>> =
            cut(rows, &sizes, self.settings.batch, self.settings.most_bytes).into();
        let mut none_sent = first;
        while let Some(batch) = waiting.pop_front() {
            let part = rows.get(batch.clone()).unwrap_or_default();
            let body = serde_json::Value::Array(bodies.get(batch.clone()).unwrap_or_default().to_vec());
            let outcomes = match self.send(part, &body, options).await {
                Ok(Sent::Told(outcomes)) => outcomes,
                Ok(Sent::TooMuch(refused)) => match halves(rows, &batch) {
                    Some((one, other)) => {
                        waiting.push_front(other);
                        waiting.push_front(one);
                        continue;
                    }
                    None => part.iter().map(|_| RowOutcome::Refused(refused.clone())).collect(),
                },
                // Nothing was written yet: the caller learns why, and may try the whole again.
                Err(failure) if none_sent => return Err(failure),
                Err(failure) => part.iter().map(|_| failed(&failure)).collect(),
            };
            none_sent = false;
            for (at, outcome) in batch.zip(outcomes) {
                if let Some(slot) = told.get_mut(at) {
                    *slot = Some(outcome);
                }
            }
        }
        let silent = || RowOutcome::Unknown("the row was not sent".to_owned());
        Ok(told.into_iter().map(|one| one.unwrap_or_else(silent)).collect())
    }

    async fn send(&self, rows: &[WriteRow], body: &serde_json::Value, options: UpsertOptions) -> Result<Sent, Failure> {
        let request = Request::json(Method::POST, self.path(rows, options), body);
        let answer = if rows.iter().all(WriteRow::is_repeatable) {
            self.transport.send(&request).await?
        } else {
            match self.transport.send_once(&request).await? {
                Once::Answered(response) => response,
                Once::Unknown(failure) => {
                    let unknown = RowOutcome::Unknown(failure.message.clone());
                    return Ok(Sent::Told(rows.iter().map(|_| unknown.clone()).collect()));
                }
            }
        };
        if !answer.status.is_success() {
            return Ok(refused(rows.len(), &answer));
        }
        Ok(Sent::Told(match read_upsert_results(&answer.bytes) {
            Ok(results) => outcomes(rows.len(), &results),
            Err(error) => {
                let unknown = RowOutcome::Unknown(format!("the answer to the write cannot be read: {error}"));
                rows.iter().map(|_| unknown.clone()).collect()
            }
        }))
    }

    fn path(&self, rows: &[WriteRow], options: UpsertOptions) -> String {
        let mut path = "odata/v2/upsert?$format=json".to_owned();
        match options.unsent {
            Unsent::Stays => {}
            Unsent::IsCleared => path += "&purgeType=record",
            Unsent::IsRemoved => path += "&purgeType=full",
        }
        if let Some(row) = rows.first() {
            path += &self.parameters(row, options);
        }
        path
    }

    /// What goes along with writes of users, each with an `&` before it.
    fn parameters(&self, row: &WriteRow, options: UpsertOptions) -> String {
        let mut path = String::new();
        if row.set() == "User" {
            if options.process_inactive || self.settings.process_inactive {
                path += "&processInactiveEmployees=true";
            }
            if let Some(profile) = &self.settings.option_profile {
                path += "&apiOptionProfileID=";
                path.extend(percent_encoding::utf8_percent_encode(profile, percent_encoding::NON_ALPHANUMERIC));
            }
        }
        path
    }
}

/// A request that was refused whole: nothing of it was written.
fn refused(rows: usize, answer: &Response) -> Sent {
    let (status, error) = (answer.status.as_u16(), answer.error());
    let limit = status == 413 || error.text.contains("maximum size");
    // One row that cannot be read spoils the request; a property that is unknown is so for every row.
    let unreadable = status == 400 && error.number != "COE0021" && error.code != "COE_PROPERTY_NOT_FOUND";
    let refusal = if limit {
        let message = "the tenant finds the row too large".to_owned();
        RowRefusal { why: WhyRefused::Other, status, message }
    } else {
        refusal(status, &error.text)
    };
    if rows > 1 && (limit || unreadable) {
        return Sent::TooMuch(refusal);
    }
    Sent::Told((0..rows).map(|_| RowOutcome::Refused(refusal.clone())).collect())
}

/// What a row of a request is that could not be sent, or whose answer did not come: its rows may be sent twice.
fn failed(failure: &Failure) -> RowOutcome {
    match failure.retry() {
        Retry::Later(after) => RowOutcome::Again(after, failure.message.clone()),
        Retry::No | Retry::Restart => {
            let message = failure.message.clone();
            RowOutcome::Refused(RowRefusal { why: WhyRefused::Other, status: 0, message })
        }
    }
}
