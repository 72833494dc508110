//! Write-back: the tenant as a target. What an application or a rule decides about somebody (business e-mail, phones,
//! user name, custom fields, log-in method) goes back to where HR keeps people.
//!
//! It changes people who are there. It makes nobody, and leaves the status of users to HR.

mod apply;
mod attribute;
mod contact;
mod find;
mod notice;
mod options;
mod rows;

pub use attribute::{Attribute, AttributeError, ContactPart, ContactSet};
pub use notice::write_back_notices;

use std::collections::BTreeMap;
use std::sync::Arc;

use joinery_model::{
    Can, Change, Correlation, Failure, Finding, FindingKind, Found, HeldPage, Outcome, Place, RunId, Tally, Target,
};
use tokio::sync::OnceCell;

use crate::{Transport, WriteSettings, Writer};
use options::Options;

/// People looked up with one request at the most.
const AT_ONCE: usize = 100;

/// A tenant that is written back to. An account's id is its `userId`.
pub struct WriteBack {
    writer: Writer,
    attributes: BTreeMap<Arc<str>, Attribute>,
    /// Picklist options by their external codes: the types of e-mails and phones.
    options: OnceCell<Options>,
}

impl std::fmt::Debug for WriteBack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WriteBack({:?}, {:?})", self.writer, self.attributes.keys())
    }
}

impl WriteBack {
    /// A target for a mapping with these attributes. Nothing is asked over the network yet.
    ///
    /// # Errors
    /// A read-only connection; an attribute that cannot be written back, named.
    pub fn open(
        transport: Transport,
        settings: WriteSettings,
        attributes: impl IntoIterator<Item = Arc<str>>,
    ) -> Result<Self, Failure> {
        settings.may_write(&transport.settings().name)?;
        let read = |name: Arc<str>| match Attribute::parse(&name) {
            Ok(attribute) => Ok((name, attribute)),
            Err(error) => Err(Failure::refused(error.to_string())),
        };
        let attributes = attributes.into_iter().map(read).collect::<Result<BTreeMap<_, _>, _>>()?;
        let contacts = attributes.values().any(|one| matches!(one, Attribute::Contact { .. } | Attribute::Primary(_)));
        if contacts && !attributes.values().any(|one| *one == Attribute::PersonId) {
            return Err(Failure::refused(
                "person_id: e-mails and phones belong to the person; map person_id = \"personIdExternal\" as well",
            ));
        }
        let writer = Writer::new(transport, settings);
        Ok(Self { writer, attributes, options: OnceCell::new() })
    }

    fn transport(&self) -> &Transport {
        self.writer.transport()
    }

    fn wants(&self, set: ContactSet) -> bool {
        self.attributes.values().any(|one| match one {
            Attribute::Contact { set: of, .. } | Attribute::Primary(of) => *of == set,
            _ => false,
        })
    }

    async fn options(&self) -> Result<&Options, Failure> {
        self.options.get_or_try_init(|| Options::read(self.transport())).await
    }
}

impl Target for WriteBack {
    fn can(&self) -> Can {
        Can {
            find: true,
            list: false,
            disable: true,
            delete: false,
            references_by_id: false,
            batch: AT_ONCE,
            parallel: 1,
        }
    }

    async fn find(&self, wanted: &[Correlation]) -> Result<Vec<Found>, Failure> {
        self.look_up(wanted).await
    }

    async fn list(&self, _place: Option<&Place>) -> Result<HeldPage, Failure> {
        Ok(HeldPage::default())
    }

    async fn apply(&self, _run: RunId, changes: &[Change]) -> Result<Vec<Outcome>, Failure> {
        self.write(changes).await
    }

    async fn close(&self, _run: RunId, _tally: &Tally) -> Result<(), Failure> {
        Ok(())
    }

    async fn test(&self) -> Vec<Finding> {
        let subject = format!("connection.{} (write-back)", self.transport().settings().name);
        let asked = match self.transport().get("odata/v2/User?$format=json&$select=userId&$top=1").await {
            Ok(response) => response.ok().map(drop),
            Err(failure) => Err(failure),
        };
        vec![match asked {
            Ok(()) => {
                let message = "signed in; whether the API user may write shows when something is written".to_owned();
                Finding { kind: FindingKind::Good, subject, message }
            }
            Err(failure) => Finding { kind: FindingKind::Problem, subject, message: failure.message },
        }]
    }
}
