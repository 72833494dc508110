//! What reading needs of a way to the tenant.

use std::future::Future;

use jiff::Timestamp;
use joinery_model::Failure;

use crate::{Api, Response, Told, Transport};

/// A way to the tenant that signs in, paces itself and retries. [`Transport`] is the real one.
pub trait Get: Clone + Send + Sync + 'static {
    /// GETs a path below the API server, percent-encoded, or the URL of a next page.
    fn get(&self, path_or_url: &str) -> impl Future<Output = Result<Response, Failure>> + Send;

    /// Our own time.
    fn now(&self) -> Timestamp;

    /// Is OData v4 spoken?
    fn is_v4(&self) -> bool {
        false
    }

    /// GETs metadata, which may be kept between runs.
    fn metadata(&self, path: &str) -> impl Future<Output = Result<Told, Failure>> + Send {
        async { Ok(Told { response: self.get(path).await?, at: self.now(), from_shelf: false }) }
    }

    /// What was kept of metadata until now is stale.
    fn forget_metadata(&self) {}
}

impl Get for Transport {
    async fn get(&self, path_or_url: &str) -> Result<Response, Failure> {
        Transport::get(self, path_or_url).await
    }
    fn now(&self) -> Timestamp {
        Transport::now(self)
    }
    fn is_v4(&self) -> bool {
        self.settings().api != Api::V2
    }
    async fn metadata(&self, path: &str) -> Result<Told, Failure> {
        Transport::metadata(self, path).await
    }
    fn forget_metadata(&self) {
        Transport::forget_metadata(self);
    }
}
