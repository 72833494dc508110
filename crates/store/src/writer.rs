//! One thread writes. Requests that wait together are committed together, each inside its own savepoint, so that one
//! that fails takes nothing of the others with it; everybody hears of theirs after the commit.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::fault::Fault;
use crate::session::{Memo, Session};
use crate::settings::{Settings, Stop};

/// Tells the one who asked: how the work ended, or, with a fault, that the commit took it down.
pub(crate) type Reply = Box<dyn FnOnce(Option<&Fault>) + Send>;

/// The work of a request. It ends well, and what it wrote stays, or with SQLite's code if SQLite was the reason.
pub(crate) type Work = Box<dyn FnOnce(&mut Session<'_>) -> (Result<(), Option<i32>>, Reply) + Send>;

/// One request.
pub(crate) struct Job {
    /// Its name, for the test hook; `None` for a read, which is no step.
    pub(crate) step: Option<&'static str>,
    /// The work.
    pub(crate) work: Work,
    /// Tells the one who asked that the work was never begun.
    pub(crate) refuse: Box<dyn FnOnce(&Fault) + Send>,
}

/// The writing thread.
pub(crate) struct Writer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread with its connection.
    pub(crate) fn start(conn: Connection, settings: Settings) -> Result<Self, Fault> {
        let (jobs, inbox) = channel();
        let thread =
            std::thread::Builder::new()
                .name("journal".into())
                .spawn(move || work(&conn, &inbox, &settings))
                .map_err(|cause| Fault::File { message: "the journal's thread cannot be started".into(), cause })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Hands a request over; false when the thread is gone.
    pub(crate) fn submit(&self, job: Job) -> bool {
        self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok())
    }
}

impl Drop for Writer {
    /// Waits until everything that was handed over is written and the file is closed.
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// How a group of requests ends.
enum End {
    /// It is committed.
    Commit,
    /// SQLite ended the transaction under it: nobody's work is written.
    Lost(Fault),
    /// The test hook ends the process, with the group committed or not.
    Dies { committed: bool },
}

fn work(conn: &Connection, inbox: &Receiver<Job>, settings: &Settings) {
    let mut memo = Memo::default();
    let mut steps = 0;
    let mut version = -1;
    let mut stopped = None;
    while let Ok(first) = inbox.recv() {
        if let Some(step) = stopped {
            (first.refuse)(&Fault::Stopped(step));
            continue;
        }
        if let Err(error) = conn.execute_batch("BEGIN IMMEDIATE") {
            (first.refuse)(&error.into());
            continue;
        }
        // Another process wrote since: what is remembered of names may be gone.
        match conn.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0)) {
            Ok(now) if now == version => {}
            other => {
                memo.forget();
                version = other.unwrap_or(-1);
            }
        }
        let mut replies: Vec<Reply> = Vec::new();
        let mut next = Some(first);
        let mut end = End::Commit;
        while let Some(job) = next.take() {
            let stop = match (&settings.stop, job.step) {
                (Some(hook), Some(name)) => {
                    steps += 1;
                    hook(steps, name)
                }
                _ => Stop::No,
            };
            if stop == Stop::Before {
                let step = steps;
                replies.push(Box::new(move |_| (job.refuse)(&Fault::Stopped(step))));
                end = End::Dies { committed: false };
                break;
            }
            match one(conn, &mut memo, job) {
                Ok(reply) => replies.push(reply),
                Err((fault, reply)) => {
                    replies.push(reply);
                    end = End::Lost(fault);
                    break;
                }
            }
            if stop == Stop::After {
                end = End::Dies { committed: true };
                break;
            }
            if replies.len() < settings.group {
                next = inbox.try_recv().ok();
            }
        }
        let fault = match end {
            End::Commit => conn.execute_batch("COMMIT").err().map(Fault::from),
            End::Lost(fault) => Some(fault),
            End::Dies { committed } => {
                stopped = Some(steps);
                let done = conn.execute_batch(if committed { "COMMIT" } else { "ROLLBACK" });
                Some(done.err().map_or(Fault::Stopped(steps), Fault::from))
            }
        };
        if fault.is_some() {
            memo.forget();
            if !conn.is_autocommit() {
                // Nothing more can be done about a rollback that fails; the next BEGIN will say so.
                let _ = conn.execute_batch("ROLLBACK");
            }
        }
        for reply in replies {
            reply(fault.as_ref());
        }
    }
}

/// Does one request inside its own savepoint. An error says that the whole transaction is gone.
fn one(conn: &Connection, memo: &mut Memo, job: Job) -> Result<Reply, (Fault, Reply)> {
    if let Err(error) = conn.execute_batch("SAVEPOINT request") {
        return Err((
            error.into(),
            Box::new(|fault| {
                if let Some(fault) = fault {
                    (job.refuse)(fault);
                }
            }),
        ));
    }
    let (ended, reply) = (job.work)(&mut Session::new(conn, memo));
    let closed = match ended {
        Ok(()) => conn.execute_batch("RELEASE request"),
        Err(code) => {
            // What was remembered may have been made by this very request.
            memo.forget();
            if conn.is_autocommit() {
                // A full disk or a failing one makes SQLite roll everything back by itself.
                let code = code.unwrap_or(rusqlite::ffi::SQLITE_IOERR);
                Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None))
            } else {
                conn.execute_batch("ROLLBACK TO request; RELEASE request")
            }
        }
    };
    match closed {
        Ok(()) => Ok(reply),
        Err(error) => Err((error.into(), reply)),
    }
}
