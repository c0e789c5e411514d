//! The command line: every command, its arguments and their help. A new command is one variant here and one arm in
//! `run` of the crate.

mod evidence;
mod pay;
mod rules;

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::output::Format;
pub use evidence::{Against, ArchiveArgs, KeyCommand, LogArgs, LogCommand, RestoreArgs, VerifyArgs};
pub use pay::{PayArgs, PayCommand, ReconcileArgs};
pub use rules::{CalcArgs, CaseForm, PackArgs, PackCommand, ReplayArgs};

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
