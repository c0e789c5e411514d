//! What the commands about rules understand: cases, packs, replays.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;

/// Arguments of `calc`.
#[derive(Debug, Args)]
pub struct CalcArgs {
    /// Cases in YAML, JSON, NDJSON, CSV or Parquet, by the end of the name; - is standard input
    pub file: PathBuf,
    /// The rules: a pack's name, perhaps with a version
    #[arg(long, value_name = "NAME[@VERSION]")]
    pub pack: String,
    /// Show every step with its citation
    #[arg(long)]
    pub trace: bool,
    /// Write to this file, which appears only when everything is done; a name that ends in .json, .ndjson, .csv or
    /// .parquet says how
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Work out the other cases where some are wrong: these are named, have no results, and the exit code is 1
    #[arg(long)]
    pub keep_going: bool,
    /// What the input is, where its name does not say
    #[arg(long, value_enum, value_name = "FORM")]
    pub input_format: Option<CaseForm>,
}

/// The forms in which cases are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CaseForm {
    /// A list of cases.
    Yaml,
    /// The same in JSON.
    Json,
    /// One such case to a line, as a JSON object.
    Ndjson,
    /// One row per case.
    Csv,
    /// The same rows, with typed columns.
    Parquet,
}

/// Arguments of `pack`.
#[derive(Debug, Args)]
pub struct PackArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PackCommand,
}

/// What can be done with packs.
#[derive(Debug, Subcommand)]
pub enum PackCommand {
    /// The packs there are
    List,
    /// A pack's facts and results, or one of its rules: every step to it in the order of computation, beside the law
    Show {
        /// The pack
        #[arg(value_name = "NAME[@VERSION]")]
        pack: String,
        /// A rule or parameter of it
        rule: Option<String>,
        /// The day whose values and formulas are shown; without it the latest
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
    },
    /// Load a pack and report everything that is wrong with it, and changes of a reform that nothing reads
    Check {
        /// The pack
        #[arg(value_name = "NAME[@VERSION]")]
        pack: String,
    },
    /// Begin a reform: a folder with one example of a change and one test that passes
    New {
        /// What the reform is called: lower-case words joined by hyphens
        name: String,
        /// The pack that it changes
        #[arg(long, value_name = "NAME[@VERSION]")]
        from: String,
    },
    /// Run a pack's own tests, or those of some files, in our form or in that of OpenFisca and PolicyEngine
    Test {
        /// The pack
        #[arg(value_name = "NAME[@VERSION]")]
        pack: String,
        /// Files of tests to run instead of the pack's own
        files: Vec<PathBuf>,
    },
    /// What differs between two packs, by rule and parameter, and what that does to the cases of their tests
    Diff {
        /// One pack
        #[arg(value_name = "A")]
        a: String,
        /// The other
        #[arg(value_name = "B")]
        b: String,
    },
    /// The SHA-256 that stands for what a pack means
    Digest {
        /// The pack
        #[arg(value_name = "NAME[@VERSION]", required_unless_present = "write")]
        pack: Option<String>,
        /// Write today's digests into the reforms of the folder of packs and into the rulebooks beside it
        #[arg(long, conflicts_with = "pack")]
        write: bool,
    },
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The rulebook that is the baseline
    #[arg(long, value_name = "RULEBOOK", default_value = "current-law")]
    pub rules: String,
    /// A rulebook to compare with it; may be given several times
    #[arg(long, value_name = "RULEBOOK", required = true)]
    pub against: Vec<String>,
    /// The last day; without it the day of the last event
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,
    /// By what was known at the end of this day
    #[arg(long, value_name = "DATE")]
    pub known: Option<Date>,
}
