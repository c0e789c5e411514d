//! What the commands about payments and the bank understand.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::Date;

/// Arguments of `pay`.
#[derive(Debug, Args)]
pub struct PayArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PayCommand,
}

/// What can be done with payments.
#[derive(Debug, Subcommand)]
pub enum PayCommand {
    /// List what leaves on the evening of a day, and record the list with its digest; nothing is decided or paid
    Plan {
        /// The day
        #[arg(long, value_name = "DATE")]
        day: Date,
        /// The rulebook
        #[arg(long, value_name = "RULEBOOK", default_value = "current-law")]
        rules: String,
        /// How many different people have to approve it; more than one keeps its planner from approving. Without it, and at
        /// least, as many as every list on this ledger needs (footing pay approvals)
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
        approvals: Option<u8>,
        /// Who plans
        #[arg(long, value_name = "WHO", default_value = "operator")]
        actor: String,
        /// Write the whole list to this file: its SHA-256 is the digest
        #[arg(long, value_name = "FILE")]
        listing: Option<PathBuf>,
    },
    /// Approve the list of a run by its digest
    Approve {
        /// The run, by id or the beginning of it
        run: String,
        /// The digest of the list that was looked at; its first 8 characters are enough
        #[arg(long, value_name = "SHA256")]
        digest: String,
        /// Who approves
        #[arg(long, value_name = "WHO", default_value = "operator")]
        actor: String,
        /// The rulebook that it was planned under
        #[arg(long, value_name = "RULEBOOK", default_value = "current-law")]
        rules: String,
    },
    /// Instruct the payments of an approved run and make the files for the bank; goes on where it was cut off. A run that
    /// footing run paid gets its files
    Release {
        /// The run, by id or the beginning of it
        run: String,
        /// The folder for the files
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Who pays: a YAML file with name, account, service_user_number and currency
        #[arg(long, value_name = "FILE", env = "FOOTING_BANK")]
        bank: PathBuf,
        /// Who releases
        #[arg(long, value_name = "WHO", default_value = "operator")]
        actor: String,
        /// Write the files once more, because the first are lost and the bank never got them
        #[arg(long)]
        again: bool,
        /// Make other files, because those that were fixed never appeared and cannot be made the same any more
        #[arg(long, conflicts_with = "again")]
        anew: bool,
        /// The rulebook that it was planned under
        #[arg(long, value_name = "RULEBOOK", default_value = "current-law")]
        rules: String,
    },
    /// How many different people have to approve every list on this ledger; with a number, ask for that one. It holds once
    /// as many different people ask for it as the greater of the old and the new number
    Approvals {
        /// How many
        #[arg(value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
        approvals: Option<u8>,
        /// Who asks
        #[arg(long, value_name = "WHO", default_value = "operator")]
        actor: String,
        /// The day on which they ask; without it today
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
    },
    /// Where runs and payments stand, what is held and why, and money that nobody has taken
    Status {
        /// One run, by id or the beginning of it
        run: Option<String>,
        /// The day on which it is looked at; without it the day of the last event
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
        /// The rulebook, by which what is due and held back is known
        #[arg(long, value_name = "RULEBOOK", default_value = "current-law")]
        rules: String,
    },
    /// Give up a run that was not released
    Abandon {
        /// The run, by id or the beginning of it
        run: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Who gives it up
        #[arg(long, value_name = "WHO", default_value = "operator")]
        actor: String,
    },
    /// Payments that came back and are not made good: why, what is needed, how long
    Returns {
        /// As the day that is looked at; without it today
        #[arg(long, value_name = "DATE")]
        on: Option<Date>,
        /// The rulebook that says what is still due
        #[arg(long, value_name = "RULEBOOK", default_value = "current-law")]
        rules: String,
    },
}

/// Arguments of `reconcile`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("explained").multiple(true))]
pub struct ReconcileArgs {
    /// Answers of banks: pain.002, camt.053, camt.054 or ARUCS; without any, what is open is held against the ledger again
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Only list what is open and what was never confirmed; nothing is recorded
    #[arg(long, conflicts_with_all = ["files", "close"])]
    pub open: bool,
    /// Say what explains an open item, by its id or the beginning of it
    #[arg(long, value_name = "ITEM", requires = "explained", conflicts_with = "files")]
    pub close: Option<String>,
    /// The payment that the item is about, by its id or the beginning of it
    #[arg(long, value_name = "PAYMENT", requires = "close", group = "explained")]
    pub payment: Option<String>,
    /// What it is, in words: funding, a charge, a mistake of the bank; or what a difference to the payment is
    #[arg(long, value_name = "TEXT", requires = "close", group = "explained")]
    pub reason: Option<String>,
    /// Who closes it
    #[arg(long, value_name = "WHO", default_value = "operator")]
    pub actor: String,
    /// Whose account files have to be about: the YAML file that payments are released with
    #[arg(long, value_name = "FILE", env = "FOOTING_BANK")]
    pub bank: Option<PathBuf>,
    /// The day on which they are taken in; without it today
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
}
