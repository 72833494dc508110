//! The binary: parse, dispatch, exit code.

use std::process::ExitCode;

use clap::Parser;
use joinery::cli::{self, Cli};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; anything else is a wrong command line.
            let _ = error.print();
            return if error.use_stderr() { joinery::Exit::Usage.into() } else { joinery::Exit::Done.into() };
        }
    };
    cli::main(&cli).into()
}
