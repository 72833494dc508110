//! [`Clock`] behind a pointer, so that a transport has no type parameter.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use joinery_model::Clock;

pub(crate) trait AnyClock: Send + Sync {
    fn now(&self) -> Timestamp;
    fn sleep<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

impl<C: Clock> AnyClock for C {
    fn now(&self) -> Timestamp {
        Clock::now(self)
    }
    fn sleep<'a>(&'a self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(Clock::sleep(self, duration))
    }
}
