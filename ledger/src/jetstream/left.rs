//! What lies in the outbox: shown to an operator, and dropped knowingly where it never can be stored.
//!
//! A batch that another writer overtook is never moved to another place: what it decided rested on what stood before it.
//! It is of no use any more once its commands were submitted again, or were given up by whoever submitted them.

use schemas::CommandId;

use super::error::passes;
use super::{JetStreamStore, lock};
use crate::store::{Gap, Message, ReadError};

/// A batch that lies in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its number in this outbox.
    pub number: u64,
    /// The position it was made for: its first event was to stand right after it.
    pub after: u64,
    /// Its events.
    pub messages: Vec<Message>,
    /// Those of its commands that the ledger holds by now, because they were submitted once more.
    pub recorded: Vec<CommandId>,
    /// What stands where its first event was to stand; none while nothing does, and the batch may still be stored.
    pub instead: Option<Message>,
}

impl Left {
    /// Its commands, in order.
    pub fn commands(&self) -> Vec<CommandId> {
        let mut commands: Vec<CommandId> = self.messages.iter().map(|message| message.id.command).collect();
        commands.dedup();
        commands
    }
}

/// Why a batch was not dropped.
#[derive(Debug, thiserror::Error)]
pub enum DropError {
    /// There is none of this number.
    #[error("there is no batch {number} in the outbox: `footing outbox list` shows what is there")]
    Unknown {
        /// The number.
        number: u64,
    },
    /// It may still be stored.
    #[error("nothing stands yet where batch {number} is to stand: it is stored with whatever is written next")]
    MayBeStored {
        /// The number.
        number: u64,
    },
    /// The stream or the outbox could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl JetStreamStore {
    /// The batches in the outbox, oldest first, after everything that can be settled was.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn left(&self) -> Result<Vec<Left>, ReadError> {
        let mut left = self.writing.lock().await;
        self.settle(&mut left).await?;
        let end = self.keep_up().await?;
        let waiting = lock(&self.outbox).waiting()?;
        let mut found = Vec::with_capacity(waiting.len());
        for batch in waiting {
            let place = batch.after + 1;
            let get = || self.wire.get(place);
            let instead = if place <= end { self.wire.patiently(passes, get).await? } else { None };
            if place <= end && instead.is_none() {
                return Err(Gap { expected: place, found: end }.into());
            }
            let mut left = Left {
                number: batch.number.cast_unsigned(),
                after: batch.after,
                messages: batch.messages,
                recorded: Vec::new(),
                instead: instead.map(|kept| kept.message),
            };
            let commands = left.commands();
            let places = lock(&self.index).of_commands(&commands)?;
            let recorded = commands.into_iter().zip(places).filter(|(_, places)| !places.is_empty());
            left.recorded = recorded.map(|(command, _)| command).collect();
            found.push(left);
        }
        Ok(found)
    }

    /// Drops a batch that never can be stored, because something else stands at its place; gives what was dropped.
    ///
    /// # Errors
    /// [`DropError`]; nothing was dropped.
    pub async fn drop_left(&self, number: u64) -> Result<Left, DropError> {
        let found = self.left().await?.into_iter().find(|left| left.number == number);
        let left = found.ok_or(DropError::Unknown { number })?;
        if left.instead.is_none() {
            return Err(DropError::MayBeStored { number });
        }
        lock(&self.outbox).remove(number.cast_signed()).map_err(ReadError::from)?;
        Ok(left)
    }
}
