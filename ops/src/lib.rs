//! The world: what `footing` does with files, folders, the clock and the terminal. The meaning is in the crates below.

use std::process::ExitCode;

use clap::Parser;

pub mod archive;
pub mod bank;
pub mod business;
pub mod cli;
pub mod commands;
pub mod desk;
pub mod error;
pub mod held;
pub mod known;
pub mod log;
pub mod moved;
pub mod output;
pub mod packs;
pub mod payrun;
pub mod place;
pub mod progress;
pub mod rules;
pub mod stored;
pub mod story;

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
        Command::Floor(args) => match &args.case {
            Some(file) => commands::floor_case::run(global, file),
            None => commands::floor::run(global, args),
        },
        Command::Demo(args) => commands::demo::run(global, args),
        Command::Init(args) => commands::init::run(global, args),
        Command::Import(args) => commands::files::import(global, args),
        Command::Export(args) => commands::files::export(global, args),
        Command::Run(args) => commands::run::run(global, args),
        Command::Reconcile(args) => commands::reconcile::run(global, args),
        Command::Pay(args) => match &args.command {
            cli::PayCommand::Returns { on, rules } => commands::returns::run(global, *on, rules),
            cli::PayCommand::Plan { .. }
            | cli::PayCommand::Approve { .. }
            | cli::PayCommand::Release { .. }
            | cli::PayCommand::Abandon { .. } => commands::pay::run(global, &args.command),
            cli::PayCommand::Approvals { approvals, actor, on } => {
                commands::pay_approvals::run(global, *approvals, actor, *on)
            }
            cli::PayCommand::Status { run, on, rules } => commands::pay_status::run(global, run.as_deref(), *on, rules),
        },
        Command::History(args) => commands::history::run(global, args),
        Command::Decision(args) => commands::decision::run(global, args),
        Command::Books(args) => commands::books::run(global, args),
        Command::Verify(args) => commands::verify::run_against(global, args),
        Command::Log(args) => commands::log::run(global, &args.command),
        Command::Archive(args) => commands::archive::run(global, args),
        Command::Restore(args) => commands::restore::run(global, args),
        Command::Replay(args) => commands::replay::run(global, args),
        Command::Rebuild => commands::views::rebuild(global),
        Command::Status => commands::status::run(global),
        Command::Outbox { command } => commands::outbox::run(global, command),
    }
}
