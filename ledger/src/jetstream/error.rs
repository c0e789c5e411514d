//! What can go wrong with a server, and what to do about it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::embedded::OpenError;
use crate::store::{AppendError, ReadError};

/// The oldest server that keeps a batch whole.
pub const OLDEST: (u64, u64) = (2, 12);

/// Why a server could not be used.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// Nobody answers there, or nobody who trusts us.
    #[error("cannot connect to {server}: {reason}; {advice}")]
    Unreachable {
        /// The server.
        server: String,
        /// What was heard.
        reason: String,
        /// What to do.
        advice: &'static str,
    },
    /// The server knows nobody like us.
    #[error(
        "the server {server} does not let this user in: check the user and its password, credentials, key or certificate"
    )]
    NotLetIn {
        /// The server.
        server: String,
    },
    /// The server knows the user and does not allow it this.
    #[error("the server does not allow this user to do it ({what}): {reason}; name a user who may")]
    Forbidden {
        /// What was asked.
        what: &'static str,
        /// What the server said.
        reason: String,
    },
    /// A file with a key or a certificate cannot be read.
    #[error("cannot read {}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The server would silently ignore what makes a batch whole.
    #[error("nats-server {version} is too old: a batch is kept whole from {}.{} on; update the server", OLDEST.0, OLDEST.1)]
    TooOld {
        /// Its version.
        version: String,
    },
    /// There is no such stream.
    #[error("there is no ledger {name} on this server: make one with `footing init --store nats://HOST:PORT/{name}`")]
    NoLedger {
        /// The name.
        name: String,
    },
    /// There is such a stream.
    #[error(
        "the server has a stream {name} already: nothing was changed; another ledger needs another NAME in nats://HOST:PORT/NAME"
    )]
    Exists {
        /// The name.
        name: String,
    },
    /// The stream is not set up as a ledger has to be.
    #[error("the stream {name} is not set up as a ledger: {}; have an administrator put it right", list(differences))]
    OtherSetUp {
        /// The stream.
        name: String,
        /// Every field that is otherwise.
        differences: Vec<Difference>,
    },
    /// The stream was there when the ledger was opened.
    #[error("the stream {name} is gone from the server: bring it back from an archive")]
    Gone {
        /// The name.
        name: String,
    },
    /// Whoever answered for the stream may have been cut off from the servers that keep it, and know less than they do.
    #[error(
        "no server can say for certain where the stream {name} ends: {reason}; are most of its servers up and connected?"
    )]
    Uncertain {
        /// The name.
        name: String,
        /// Why its answer does not count.
        reason: String,
    },
    /// More than one message of the server holds.
    #[error(
        "an event of {bytes} bytes is more than the server takes ({most}): have an administrator raise max_payload"
    )]
    TooLarge {
        /// How long the event is.
        bytes: usize,
        /// The longest message.
        most: usize,
    },
    /// The stream was deleted and another ledger made under its name.
    #[error("the stream {name} is that of another ledger now: bring the old one back from an archive")]
    Replaced {
        /// The name.
        name: String,
    },
    /// The server refused.
    #[error("the server refused ({what}): {reason} (error {code})")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// Its number for the reason; 0 where it gave none.
        code: u64,
        /// The reason.
        reason: String,
    },
    /// No answer came in time. A server answers nothing where the user may not ask.
    #[error("no answer to {what} within {}: is JetStream enabled there, is the server up, may this user do it?", seconds(.within))]
    NoAnswer {
        /// What was asked.
        what: &'static str,
        /// How long was waited.
        within: Duration,
    },
    /// An answer that makes no sense.
    #[error("the answer to {what} cannot be read: {reason}")]
    Nonsense {
        /// What was asked.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// What became of a batch is not known; it stays in the outbox.
    #[error("what became of the batch after {after} is unknown after {}; it is kept in the outbox and looked for again", seconds(.within))]
    Unsettled {
        /// The position it was to follow.
        after: u64,
        /// How long was tried.
        within: Duration,
    },
    /// What was acknowledged is not what stands there.
    #[error("sequence {sequence} was acknowledged and does not hold what was sent; run `footing verify`")]
    NotAsSent {
        /// Where.
        sequence: u64,
    },
    /// A file beside the ledger cannot be used.
    #[error(transparent)]
    Beside(#[from] OpenError),
    /// The index or the outbox failed.
    #[error("the files beside the ledger failed")]
    Local(#[from] rusqlite::Error),
}

/// A field of a stream that is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field, as the server calls it.
    pub field: String,
    /// What a ledger needs.
    pub wanted: String,
    /// What the server says.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {} and has to be {}", self.field, self.found, self.wanted)
    }
}

/// Refusals that say nothing about what was asked: the system is starting, there is no leader, there is too much to do.
const PASSING: [u64; 5] = [10_008, 10_118, 10_163, 10_167, 10_210];

impl NatsError {
    /// Whether the same question may get another answer a little later.
    pub(super) fn passes(&self) -> bool {
        match self {
            NatsError::NoAnswer { .. } | NatsError::Nonsense { .. } | NatsError::Uncertain { .. } => true,
            NatsError::Refused { code, .. } => PASSING.contains(code),
            NatsError::Unreachable { .. }
            | NatsError::NotLetIn { .. }
            | NatsError::Forbidden { .. }
            | NatsError::Key { .. }
            | NatsError::TooOld { .. }
            | NatsError::NoLedger { .. }
            | NatsError::Exists { .. }
            | NatsError::OtherSetUp { .. }
            | NatsError::Gone { .. }
            | NatsError::TooLarge { .. }
            | NatsError::Replaced { .. }
            | NatsError::Unsettled { .. }
            | NatsError::NotAsSent { .. }
            | NatsError::Beside(_)
            | NatsError::Local(_) => false,
        }
    }

    /// Whether it passes and is no silence, which may as well mean that nobody is allowed to ask.
    pub(super) fn passes_by_itself(&self) -> bool {
        self.passes() && !matches!(self, NatsError::NoAnswer { .. })
    }
}

/// Whether the same may be read a little later.
pub(super) fn passes(error: &ReadError) -> bool {
    match error {
        ReadError::Storage { source } => source.downcast_ref().is_some_and(NatsError::passes),
        ReadError::Gap(_) | ReadError::Damaged { .. } => false,
    }
}

fn list(differences: &[Difference]) -> String {
    differences.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn seconds(within: &Duration) -> String {
    format!("{}.{} s", within.as_secs(), within.subsec_millis() / 100)
}

impl From<NatsError> for ReadError {
    fn from(error: NatsError) -> ReadError {
        ReadError::Storage { source: error.into() }
    }
}

impl From<NatsError> for AppendError {
    fn from(error: NatsError) -> AppendError {
        AppendError::Storage { source: error.into() }
    }
}
