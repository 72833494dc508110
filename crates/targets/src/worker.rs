//! A thread of its own for what blocks: SQLite and files.

use std::sync::mpsc;
use std::thread::JoinHandle;

use joinery_model::Failure;
use tokio::sync::oneshot;

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// A thread that owns `S` and runs one job after the other. Dropping the worker lets the last job end and then drops
/// `S`, so that a database is closed when its target is.
pub(crate) struct Worker<S> {
    jobs: Option<mpsc::Sender<Job<S>>>,
    thread: Option<JoinHandle<()>>,
}

impl<S: Send + 'static> Worker<S> {
    pub(crate) fn start(name: &str, mut state: S) -> Result<Self, Failure> {
        let (jobs, inbox) = mpsc::channel::<Job<S>>();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while let Ok(job) = inbox.recv() {
                    job(&mut state);
                }
            })
            .map_err(|cause| Failure::later("no thread can be started for the target", None).because(cause))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs a job and waits for what it returns. The job runs to its end even when nobody waits any more.
    pub(crate) async fn call<R: Send + 'static>(
        &self,
        job: impl FnOnce(&mut S) -> Result<R, Failure> + Send + 'static,
    ) -> Result<R, Failure> {
        let stopped = || Failure::later("the target's thread has stopped; start again", None);
        let (answer, answered) = oneshot::channel();
        let job: Job<S> = Box::new(move |state| drop(answer.send(job(state))));
        self.jobs.as_ref().ok_or_else(stopped)?.send(job).map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

impl<S> Drop for Worker<S> {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
