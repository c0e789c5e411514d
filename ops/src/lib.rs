//! The world: what `footing` does with files, folders, the clock and the terminal. The meaning is in the crates below.

use std::process::ExitCode;

use clap::Parser;

pub mod cli;
pub mod commands;
pub mod error;
pub mod output;
pub mod packs;
pub mod progress;

use cli::{Cli, Command};
use error::Failure;

/// Reads the command line, does what it says, and gives the exit code: 0 done, 1 a check found something, 2 bad usage
/// or input, 3 the outside failed.
pub fn main() -> ExitCode {
    let Cli { global, command } = Cli::parse();
    match run(&global, &command) {
        Ok(()) | Err(Failure::ReaderLeft) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            ExitCode::from(failure.code())
        }
    }
}

fn run(global: &cli::Global, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Calc(args) => commands::calc::run(global, args),
        Command::Pack(args) => commands::pack::run(global, args),
        Command::Floor(args) => commands::floor_case::run(global, args),
    }
}
