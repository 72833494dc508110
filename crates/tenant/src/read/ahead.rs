//! The next page is under way while the present one is parsed and worked on.

use std::sync::{Mutex, PoisonError};

use joinery_model::Failure;
use tokio::task::JoinHandle;

use super::get::Get;
use crate::Response;

/// At most one request ahead; dropping it stops it.
#[derive(Debug, Default)]
pub(crate) struct Ahead(Mutex<Option<UnderWay>>);

#[derive(Debug)]
struct UnderWay {
    path: String,
    task: JoinHandle<Result<Response, Failure>>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Ahead {
    /// Starts the request for `path`, in place of any other.
    pub(crate) fn start<G: Get>(&self, get: &G, path: String) {
        let get = get.clone();
        let asked = path.clone();
        let task = tokio::spawn(async move { get.get(&asked).await });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(UnderWay { path, task });
    }

    /// The answer for `path`: the one under way, or a request made now.
    pub(crate) async fn get<G: Get>(&self, get: &G, path: &str) -> Result<Response, Failure> {
        // Other questions on the way (somebody's first day) leave the next page alone.
        let under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner).take_if(|one| one.path == path);
        if let Some(mut under_way) = under_way {
            match (&mut under_way.task).await {
                Ok(answer) => return answer,
                Err(error) if error.is_panic() => {
                    return Err(Failure::later("reading ahead stopped unexpectedly", None).because(error));
                }
                Err(_) => {}
            }
        }
        get.get(path).await
    }
}
