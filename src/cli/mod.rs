//! The command line: one file a command.

mod apply;
mod args;
mod check;
mod demo;
mod doctor;
mod explain;
mod failure;
mod forget;
mod keys;
mod orphans;
mod plan;
mod recorded;
mod replay;
mod runs;
mod schema;
mod simulate;
mod simulated;
mod simulated_settings;
mod simulated_ways;
mod state;
mod stop;
mod sync;
mod warned;
mod watch;

pub use args::{Cli, Command};

use crate::Exit;
use crate::telemetry::{self, LogSettings};
pub(crate) use failure::Wrong;

/// Runs a command to its end.
pub fn main(cli: &Cli) -> Exit {
    #[expect(clippy::disallowed_methods, reason = "the binary reads the environment here")]
    let filter = std::env::var("JOINERY_LOG").ok();
    telemetry::start_logs(
        LogSettings { json: cli.log_json, verbose: cli.verbose, quiet: cli.quiet },
        filter.as_deref(),
    );
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            crate::tell!("error: the runtime could not be started: {error}");
            return Exit::Failed;
        }
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(exit) => exit,
        Err(wrong) => {
            wrong.tell(cli.json);
            wrong.exit
        }
    }
}

async fn dispatch(cli: &Cli) -> Result<Exit, Wrong> {
    match &cli.command {
        Command::Demo(args) => demo::run(cli, args).await,
        Command::Simulate(args) => simulate::run(cli, args).await,
        Command::Sync(args) => sync::run(cli, args).await,
        Command::Plan(args) => plan::run(cli, args).await,
        Command::Apply(args) => apply::run(cli, args).await,
        Command::Check(args) => check::run(cli, args),
        Command::Doctor(args) => doctor::run(cli, args).await,
        Command::Explain(args) => explain::run(cli, args).await,
        Command::Schema(args) => schema::run(cli, args).await,
        Command::Keys(command) => keys::run(cli, command),
        Command::Forget(args) => forget::run(cli, args).await,
        Command::Backup(args) => state::backup(cli, args).await,
        Command::Restore(args) => state::restore(cli, args),
        Command::Runs(args) => runs::list(cli, args).await,
        Command::Run(args) => runs::one(cli, args).await,
        Command::Orphans(args) => orphans::run(cli, args).await,
        Command::Replay(args) => replay::run(cli, args).await,
    }
}
