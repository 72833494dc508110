//! A tenant that shows persons and nothing of their employments, and what `assume_active` makes of it.

use std::sync::Arc;

use joinery_model::{Ask, EmploymentPolicy, Failure, Key, Root, Scope, Seen, Source as _, StandingKind};
use joinery_odata::Metadata;

use super::Reader;
use super::fake::{Fake, ask, metadata, page};
use crate::Response;
use crate::read::{Get, ReadSettings};

/// The tenant in memory without everything about employments.
#[derive(Clone)]
struct Persons(Fake);

impl Get for Persons {
    async fn get(&self, path: &str) -> Result<Response, Failure> {
        let mut response = self.0.get(path).await?;
        let subject = path.split('?').next().unwrap_or_default().trim_start_matches("odata/v2/");
        if let Some(sets) = subject.strip_suffix("/$metadata") {
            let sets: Vec<&str> = sets.split(',').filter(|set| !set.starts_with("Emp")).collect();
            let mut shown = Metadata::parse(metadata(&sets.join(",")).as_bytes()).expect("metadata");
            for entity in &mut shown.types {
                entity.navigations.retain(|navigation| navigation.name != "employmentNav");
            }
            response.bytes = shown.to_xml().into();
        }
        Ok(response)
    }

    fn now(&self) -> jiff::Timestamp {
        self.0.now()
    }
}

const PERSON: &str = r#"{"personIdExternal":"p1","personId":"1",
    "personalInfoNav":{"results":[{"firstName":"F","lastName":"L","startDate":"/Date(0)/","endDate":"/Date(253402214400000)/"}]}}"#;

fn asked(assume_active: bool) -> Ask {
    let mut ask = ask(Root::Persons, Scope::Full, &["personIdExternal", "personalInfoNav.lastName"]);
    ask.policy = Arc::new(EmploymentPolicy { assume_active, ..EmploymentPolicy::default() });
    ask
}

#[tokio::test]
async fn persons_without_employments_are_active_only_when_the_operator_says_so() {
    let reader = || Reader::new(Persons(Fake::new(|_| page(&[PERSON.to_owned()], None))), ReadSettings::default());
    let read = reader().page(&asked(true), None).await.expect("a page");
    let [Seen::Row(row)] = read.seen.as_slice() else { panic!("one row, not {:?}", read.seen) };
    assert_eq!((row.key.as_str(), row.standing.kind), ("p1", StandingKind::Active));
    assert_eq!((row.standing.start, row.standing.end, row.aliases.len()), (None, None, 0));
    let refused = reader().page(&asked(false), None).await.expect_err("nobody can say who works there");
    assert!(refused.message.contains("employment.assume_active = true"), "{}", refused.message);
}

/// Saying so is no licence to take people for active whose employments the tenant has and did not give.
#[tokio::test]
async fn whose_employments_are_hidden_is_not_assumed_to_be_active() {
    let reader = Reader::new(Fake::new(|_| page(&[PERSON.to_owned()], None)), ReadSettings::default());
    let read = reader.page(&asked(true), None).await.expect("a page");
    let [Seen::Unreadable(key, why)] = read.seen.as_slice() else { panic!("not {:?}", read.seen) };
    assert_eq!(key.as_ref().map(Key::as_str), Some("p1"));
    assert!(why.contains("employmentNav"), "{why}");
}
