//! One writer for many callers: what they submit while a batch is on its way goes into the next one together.
//!
//! A disk that waits for every batch takes as long for a thousand commands as for one. Each caller still gets the answer
//! to its own command, and only when it is stored.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::command::Command;
use crate::store::{MOST, Store};
use crate::write::{Ledger, Outcome, WriteError};

/// A caller's way to the writer; clones lead to the same one.
#[derive(Clone, Debug)]
pub struct Callers(mpsc::Sender<Asked>);

#[derive(Debug)]
struct Asked {
    command: Command,
    answer: oneshot::Sender<Result<Outcome, WriteError>>,
}

/// The writer ended before it answered; whether the command is recorded shows when it is submitted again.
#[derive(Debug, thiserror::Error)]
#[error("the writer of this ledger has ended")]
struct WriterEnded;

/// What writes for the callers, to be driven until all of them are gone.
#[derive(Debug)]
pub struct Writer<S> {
    ledger: Ledger<S>,
    asked: mpsc::Receiver<Asked>,
}

/// A ledger and a way to it. At most `room` commands wait; whoever comes then waits for room.
pub fn group<S: Store>(ledger: Ledger<S>, room: usize) -> (Callers, Writer<S>) {
    let (sender, asked) = mpsc::channel(room.max(1));
    (Callers(sender), Writer { ledger, asked })
}

impl Callers {
    /// Submits a command and waits until it is stored or refused.
    ///
    /// # Errors
    /// [`WriteError`], as [`Ledger::submit`] gives it.
    pub async fn submit(&self, command: Command) -> Result<Outcome, WriteError> {
        let ended = || WriteError::Storage { source: Arc::new(WriterEnded) };
        let (answer, answered) = oneshot::channel();
        self.0.send(Asked { command, answer }).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }
}

impl<S: Store> Writer<S> {
    /// Writes until the last caller is gone, and gives the ledger back.
    pub async fn run(mut self) -> Ledger<S> {
        let mut group = Vec::with_capacity(MOST);
        while self.asked.recv_many(&mut group, MOST).await > 0 {
            let (commands, answers): (Vec<_>, Vec<_>) =
                group.drain(..).map(|asked| (asked.command, asked.answer)).unzip();
            for (answer, outcome) in answers.into_iter().zip(self.ledger.submit_many(commands).await) {
                // A caller that left has no use for its answer; what it submitted stands.
                drop(answer.send(outcome));
            }
        }
        self.ledger
    }
}
