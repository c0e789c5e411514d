//! What the commands about a ledger's log, its archive and its verification understand.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// What the ledger is held against.
    #[command(flatten)]
    pub against: Against,
    /// The rulebook under which payments were planned
    #[arg(long, value_name = "RULEBOOK", default_value = "current-law")]
    pub rules: String,
    /// Do not look for sealed texts: for whoever reads a ledger on a server and has no copy of its vault
    #[arg(long)]
    pub without_texts: bool,
}

/// What somebody kept elsewhere, to hold a history against.
#[derive(Debug, Default, Args)]
pub struct Against {
    /// A checkpoint that was kept elsewhere, to hold the ledger against; may be given several times
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Vec<PathBuf>,
    /// A public key of the log or of a witness, or a file of them, beside those that lie with the ledger
    #[arg(long, value_name = "KEY|FILE")]
    pub key: Vec<String>,
}

/// Arguments of `archive`.
#[derive(Debug, Args)]
pub struct ArchiveArgs {
    /// The folder of the archive, begun where there is none
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Go on, and archive whatever is recorded
    #[arg(long)]
    pub follow: bool,
    /// How often to look
    #[arg(long, value_name = "SECONDS", default_value_t = 5, requires = "follow", value_parser = clap::value_parser!(u64).range(1..))]
    pub every: u64,
    /// How many events a full file holds, a power of two, where the archive is begun; without it 8192
    #[arg(long, value_name = "EVENTS")]
    pub segment: Option<u64>,
    /// Only check the archive, against itself and against what was signed; needs no ledger
    #[arg(long, conflicts_with_all = ["follow", "every", "segment"])]
    pub check: bool,
    /// What it is checked against.
    #[command(flatten)]
    pub against: Against,
}

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The folder of the archive
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The vault of confidential texts, which is in no archive: a copy of it becomes that of the restored ledger
    #[arg(long, value_name = "FILE")]
    pub vault: Option<PathBuf>,
    /// How many servers of a cluster keep the stream
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    pub replicas: Option<u8>,
    /// What the archive is checked against before anything is restored.
    #[command(flatten)]
    pub against: Against,
}

/// Arguments of `log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: LogCommand,
}

/// What can be done with a ledger's log.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// The keys that sign checkpoints
    Key {
        /// What to do.
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Sign what the ledger holds now, if it grew since the last checkpoint; before any payment run does it by itself
    Checkpoint {
        /// Go on, and sign again whenever it grew
        #[arg(long)]
        follow: bool,
        /// How often to look
        #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "follow", value_parser = clap::value_parser!(u64).range(1..))]
        every: u64,
    },
    /// The checkpoints that were made
    List,
    /// A checkpoint as others can keep it
    Show {
        /// Over how many events; without it the last one
        #[arg(value_name = "EVENTS")]
        size: Option<u64>,
        /// Write to this file
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// The proof that an event stands in the ledger, for programs that are not ours
    Prove {
        /// The event, by its id or its sequence
        #[arg(value_name = "EVENT|SEQUENCE")]
        event: String,
        /// By the checkpoint over so many events; without it the last one
        #[arg(long, value_name = "EVENTS")]
        at: Option<u64>,
        /// Write the proof to this file, such as NAME.tlog-proof
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Write the event, as it is stored, to this file
        #[arg(long, value_name = "FILE")]
        event_output: Option<PathBuf>,
    },
    /// The proof that a later checkpoint holds everything of an earlier one, in the same order
    Consistency {
        /// The earlier one: over how many events, or a file
        #[arg(value_name = "OLD")]
        old: String,
        /// The later one
        #[arg(value_name = "NEW")]
        new: String,
        /// Write to this file
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Check a checkpoint or a proof; needs no ledger, only the log's public keys
    Check {
        /// The checkpoint or proof
        file: PathBuf,
        /// A public key of the log or of a witness, or a file of them; without it those beside the ledger
        #[arg(long, value_name = "KEY|FILE")]
        key: Vec<String>,
        /// The event that a proof has to be of, as it is stored
        #[arg(long, value_name = "FILE")]
        event: Option<PathBuf>,
        /// The earlier checkpoint that a proof of consistency begins at
        #[arg(long, value_name = "FILE")]
        old: Option<PathBuf>,
    },
    /// Keep what witnesses signed: a checkpoint with their signatures, or their lines alone
    Cosign {
        /// The checkpoint or the lines
        file: PathBuf,
        /// A witness's public key, or a file of them; kept from then on
        #[arg(long, value_name = "KEY|FILE")]
        witness: Vec<String>,
    },
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make the first key of a ledger that has none
    New {
        /// What the log calls itself in every checkpoint; without it a random name
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// Make a new key, which signs together with the old one for a time
    Rotate {
        /// End that time: from now on the new key signs alone
        #[arg(long)]
        finish: bool,
    },
    /// The public keys, and which of them sign
    List,
}
