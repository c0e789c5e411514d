//! The command line: every command, its arguments and their help. A new command is one variant here and one arm in
//! `run` of the crate.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::output::Format;

/// Benefit payments as a ledger: who was paid what and why, and whether anybody fell below the floor.
#[derive(Debug, Parser)]
#[command(name = "footing", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 a check found something, 2 bad usage or input, 3 the outside failed.")]
pub struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command understands.
#[derive(Debug, Default, Args)]
pub struct Global {
    /// The ledger: sqlite:PATH, or nats://HOST:PORT/NAME (tls:// for an encrypted connection)
    #[arg(long, global = true, env = "FOOTING_STORE", default_value = "sqlite:./footing.db", value_name = "STORE")]
    pub store: StorePlace,
    /// Folder of what lies beside a ledger on a server (vault, views, index, outbox); without it one of the user's own
    #[arg(long, global = true, env = "FOOTING_HOME", value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Who asks a server.
    #[command(flatten)]
    pub server: ServerArgs,
    /// How results are written; JSON goes to standard output alone, everything else to standard error
    #[arg(long, global = true, value_enum)]
    pub format: Option<Format>,
    /// Folder of rule packs that come before those in the program; without it ./schemas/packs, where that exists
    #[arg(long, global = true, env = "FOOTING_PACKS", value_name = "DIR")]
    pub packs: Option<PathBuf>,
    /// File of the secret key that signs checkpoints; without it the one beside the ledger
    #[arg(long, global = true, env = "FOOTING_LOG_KEY", value_name = "FILE")]
    pub log_key: Option<PathBuf>,
}

/// Who asks a server, where it does not take everybody.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Options for nats://")]
pub struct ServerArgs {
    /// A user, whose password is in the environment as FOOTING_NATS_PASSWORD
    #[arg(long, global = true, env = "FOOTING_NATS_USER", value_name = "USER", conflicts_with_all = ["nats_creds", "nats_nkey"])]
    pub nats_user: Option<String>,
    /// A file with a user's token and key
    #[arg(long, global = true, env = "FOOTING_NATS_CREDS", value_name = "FILE")]
    pub nats_creds: Option<PathBuf>,
    /// A file with a user's seed
    #[arg(long, global = true, env = "FOOTING_NATS_NKEY", value_name = "FILE", conflicts_with = "nats_creds")]
    pub nats_nkey: Option<PathBuf>,
    /// Certificates that vouch for the server, beside those of the system
    #[arg(long, global = true, env = "FOOTING_NATS_CA", value_name = "FILE")]
    pub nats_ca: Option<PathBuf>,
    /// Our own certificate
    #[arg(long, global = true, env = "FOOTING_NATS_CERT", value_name = "FILE", requires = "nats_key")]
    pub nats_cert: Option<PathBuf>,
    /// The key of our own certificate
    #[arg(long, global = true, env = "FOOTING_NATS_KEY", value_name = "FILE", requires = "nats_cert")]
    pub nats_key: Option<PathBuf>,
    /// What the subjects begin with on which the server answers, where who asks has an account of their own
    #[arg(long, global = true, env = "FOOTING_NATS_API_PREFIX", value_name = "SUBJECT")]
    pub nats_api_prefix: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Work out awards for described cases, without a ledger
    Calc(CalcArgs),
    /// List, show, check, test and compare rule packs
    Pack(PackArgs),
    /// The protected floor: of a person, of everybody, or of described cases
    Floor(FloorArgs),
    /// The whole story on shipped histories, in a temporary ledger
    Demo(DemoArgs),
    /// Make a new ledger, empty or with the whole history of another, and the key that signs its checkpoints
    Init(InitArgs),
    /// Take in commands or exported events, one JSON object a line
    Import(ImportArgs),
    /// Write every event as it is stored, one JSON object a line
    Export(ExportArgs),
    /// Decide what is due, list it, approve it and pay it, day by day
    Run(RunArgs),
    /// What banks say, matched to payments and recorded; what is nobody's; what was never confirmed
    Reconcile(ReconcileArgs),
    /// Payment runs step by step, and payments as the bank sees them
    Pay(PayArgs),
    /// Everything recorded of a person, their payments and their days below the floor
    History(HistoryArgs),
    /// A decision as it was made, step by step, and recomputed
    Decision(DecisionArgs),
    /// The accounts: trial balance, a person's entries, control totals of a run, and the journal for other programs
    Books(BooksArgs),
    /// Check that the ledger is whole, is what was signed, and that every decision comes out the same again
    Verify(VerifyArgs),
    /// Evidence for outsiders: checkpoints that sign the ledger's content, proofs made from them, and the keys
    Log(LogArgs),
    /// The whole ledger in files that never change, readable without this program; or a check of such files
    Archive(ArchiveArgs),
    /// A lost ledger made again from an archive, and shown to be the same
    Restore(RestoreArgs),
    /// Recorded history under other rules, person by person
    Replay(ReplayArgs),
    /// Build the stored views afresh
    Rebuild,
    /// Where the ledger stands
    Status,
    /// What was on its way to a server and is not stored there
    Outbox {
        /// What to do.
        #[command(subcommand)]
        command: OutboxCommand,
    },
}

/// What can be done with the outbox of a ledger on a server.
#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// Every batch that is not stored: its commands and events, and what stands at its place
    List,
    /// Let go of a batch that never can be stored, because something else stands at its place
    Drop {
        /// Its number in the list
        number: u64,
    },
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Move this ledger to a server, with its history and the texts in its vault; it is closed where it was. The same again
    /// goes on where it was cut off
    #[arg(long, value_name = "sqlite:PATH")]
    pub from: Option<StorePlace>,
    /// Give up moving it there, while it is not done: the old ledger is open again, and what arrived of it serves nobody
    #[arg(long, requires = "from", conflicts_with_all = ["replicas", "name", "no_key"])]
    pub give_up: bool,
    /// How many servers of a cluster keep the stream
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    pub replicas: Option<u8>,
    /// What the log calls itself in every checkpoint, such as pay.example.org/ledger; without it a random name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Make no key: nothing is signed, and what is changed later by whoever has the files is not found
    #[arg(long, conflicts_with = "name")]
    pub no_key: bool,
}

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

/// Arguments of `floor`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("whose").required(true).args(["person", "all", "case"])))]
pub struct FloorArgs {
    /// The person, by id or the beginning of it
    pub person: Option<String>,
    /// Everybody
    #[arg(long)]
    pub all: bool,
    /// Cases in YAML or JSON: days, floor, credits and outflows; - is standard input. No ledger is needed
    #[arg(long, value_name = "FILE")]
    pub case: Option<PathBuf>,
    /// First day judged; without it the day of registration
    #[arg(long, value_name = "DATE")]
    pub from: Option<Date>,
    /// Last day judged; without it the day of the last event
    #[arg(long, value_name = "DATE")]
    pub to: Option<Date>,
    /// The rulebook whose floor is asked for
    #[arg(long, value_name = "RULEBOOK", default_value = "current-law")]
    pub rules: String,
    /// By what was known at the end of this day
    #[arg(long, value_name = "DATE")]
    pub as_known: Option<Date>,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Keep the ledger and the report in this new folder instead of a temporary one
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// One command or one exported event a line; - is standard input
    pub file: PathBuf,
    /// Where records that cannot be taken go; without it beside the file
    #[arg(long, value_name = "FILE")]
    pub quarantine: Option<PathBuf>,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Write to this file, which appears only when everything is done
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The last day whose business is done
    #[arg(long, value_name = "DATE")]
    pub until: Date,
    /// Folder of the archive to which everything is added when the days are done (footing archive)
    #[arg(long, value_name = "DIR", env = "FOOTING_ARCHIVE")]
    pub archive: Option<PathBuf>,
    /// Decide what is due and pay nothing: people plan, approve and release the payments (footing pay)
    #[arg(long)]
    pub decide_only: bool,
    /// The rulebook
    #[arg(long, value_name = "RULEBOOK", default_value = "current-law")]
    pub rules: String,
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

/// Arguments of `history`.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The person, by id or the beginning of it
    pub person: String,
    /// By what was known at the end of this day
    #[arg(long, value_name = "DATE")]
    pub as_known: Option<Date>,
    /// The rulebook whose floor is asked for
    #[arg(long, value_name = "RULEBOOK", default_value = "current-law")]
    pub rules: String,
}

/// Arguments of `decision`.
#[derive(Debug, Args)]
pub struct DecisionArgs {
    /// The event of the decision, by id or the beginning of it
    pub id: String,
    /// What would have been decided by what was known at the end of this day
    #[arg(long, value_name = "DATE")]
    pub as_known: Option<Date>,
    /// What would have been decided under this rulebook
    #[arg(long, value_name = "RULEBOOK")]
    pub rules_at: Option<String>,
}

/// Arguments of `books`.
#[derive(Debug, Args)]
pub struct BooksArgs {
    /// The day at whose end the accounts are shown; without it the day of the last event, or that of --as-known
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
    /// By what was known at the end of this day
    #[arg(long, value_name = "DATE")]
    pub as_known: Option<Date>,
    /// Only what is about this person, entry by entry: by id or the beginning of it
    #[arg(long, value_name = "PERSON")]
    pub person: Option<String>,
    /// The control totals of this payment run: by id or the beginning of it
    #[arg(long, value_name = "RUN", conflicts_with_all = ["person", "export"])]
    pub run: Option<String>,
    /// Write the journal for this program
    #[arg(long, value_enum, value_name = "PROGRAM")]
    pub export: Option<JournalFormat>,
    /// Write the journal to this file, which appears only when everything is done
    #[arg(long, value_name = "FILE", requires = "export")]
    pub output: Option<PathBuf>,
}

/// The accounting programs whose journals are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum JournalFormat {
    /// hledger, and programs that read ledger's journals.
    Hledger,
    /// beancount 3.
    Beancount,
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

/// Where the ledger is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePlace {
    /// A file of ours.
    Sqlite(PathBuf),
    /// A NATS server, by its address.
    Nats(String),
    /// Something that is neither.
    Unknown(String),
}

impl Default for StorePlace {
    /// What `--store` is where nobody says it.
    fn default() -> StorePlace {
        StorePlace::Sqlite("./footing.db".into())
    }
}

impl FromStr for StorePlace {
    type Err = Infallible;

    /// Never fails, so that commands without a ledger do not mind what the environment says.
    fn from_str(text: &str) -> Result<StorePlace, Infallible> {
        Ok(match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => StorePlace::Sqlite(path.into()),
            Some(("nats" | "tls", _)) => StorePlace::Nats(text.into()),
            Some(_) => StorePlace::Unknown(text.into()),
            None if text.is_empty() => StorePlace::Unknown(text.into()),
            None => StorePlace::Sqlite(text.into()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_store_is_a_file_or_a_ledger_on_a_server() {
        for (text, expected) in [
            ("sqlite:./a.db", StorePlace::Sqlite("./a.db".into())),
            ("a.db", StorePlace::Sqlite("a.db".into())),
            ("nats://localhost:4222/ada", StorePlace::Nats("nats://localhost:4222/ada".into())),
            ("tls://localhost:4222/ada", StorePlace::Nats("tls://localhost:4222/ada".into())),
            ("postgres://x", StorePlace::Unknown("postgres://x".into())),
        ] {
            assert_eq!(text.parse(), Ok(expected));
        }
    }
}
