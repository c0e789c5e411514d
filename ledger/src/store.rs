//! The contract of every store: an append-only stream of messages, numbered from 1 without a gap.
//!
//! Bytes are final when they come here; a store neither reads nor changes them. Stores are async because one of them
//! is a server; the embedded one blocks inside its futures for the time of a disk write.

use std::borrow::Cow;
use std::error::Error;
use std::future::Future;

use jiff::Timestamp;
use schemas::{CommandId, EventId, Subject};

/// How many messages one append holds at most, in every store, so that a ledger can move: what a server keeps whole.
pub const MOST: usize = 1_000;

/// One event as it is to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The line of history it stands on.
    pub subject: Subject,
    /// Its name; no two messages of a stream share it.
    pub id: EventId,
    /// Such as `footing.sanction.imposed.v1`.
    pub type_name: Cow<'static, str>,
    /// When it was recorded; never decreases along the stream.
    pub time: Timestamp,
    /// The bytes that are stored and hashed.
    pub bytes: Vec<u8>,
}

/// One message as it was found in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its place in the stream, from 1.
    pub sequence: u64,
    /// The line of history it stands on.
    pub subject: Subject,
    /// The bytes as stored.
    pub bytes: Vec<u8>,
}

/// Where a batch came to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The sequence of its first message.
    pub first: u64,
    /// The sequence of its last message.
    pub last: u64,
}

/// The end of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The last sequence; 0 for an empty stream.
    pub sequence: u64,
    /// When the last message was recorded; none for an empty stream.
    pub time: Option<Timestamp>,
}

/// What failed beneath a store.
pub type Source = Box<dyn Error + Send + Sync>;

/// Why a batch was not appended. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Another writer was faster.
    #[error("another writer appended after sequence {after}: the stream now ends at {head}")]
    Conflict {
        /// The last sequence this writer had seen.
        after: u64,
        /// The last sequence there is.
        head: u64,
        /// Which of the subjects that the decision rested on have changed since: empty when the decision still stands.
        changed: Vec<Subject>,
    },
    /// A message is older than the one before it.
    #[error("recorded time runs backwards: {given} comes after {last}")]
    TimeRunsBackwards {
        /// The time of the message before.
        last: Timestamp,
        /// The earlier time given.
        given: Timestamp,
    },
    /// A message of this name is stored already, or comes twice in the batch.
    #[error("event {id} is recorded already")]
    DuplicateId {
        /// The name.
        id: EventId,
    },
    /// A batch of nothing.
    #[error("a batch holds at least one event")]
    Empty,
    /// More than one append holds; a command is never split.
    #[error("a batch holds at most {MOST} events, and this one has {count}")]
    TooMany {
        /// How many they are.
        count: usize,
    },
    /// The store itself failed; whether the batch was stored is unknown until it is looked for.
    #[error("the store could not append")]
    Storage {
        /// What failed.
        #[source]
        source: Source,
    },
}

/// Why messages could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A message is missing from the stream.
    #[error(transparent)]
    Gap(#[from] Gap),
    /// A row of the store is not a message.
    #[error("the message at sequence {sequence} is damaged: {reason}")]
    Damaged {
        /// Where.
        sequence: u64,
        /// How.
        reason: String,
    },
    /// The store itself failed.
    #[error("the store could not be read")]
    Storage {
        /// What failed.
        #[source]
        source: Source,
    },
}

/// An append-only stream.
///
/// Position always means the sequence of a message in the whole stream; 0 comes before the first.
pub trait Store: Send + Sync {
    /// Appends all of the messages or none, provided that the stream still ends at `after`.
    ///
    /// `reads` are the subjects the decision rested on; on a conflict the answer says which of them changed.
    ///
    /// # Errors
    /// [`AppendError`]; a conflict is found before anything else.
    fn append(
        &self,
        events: &[Message],
        after: u64,
        reads: &[Subject],
    ) -> impl Future<Output = Result<Appended, AppendError>> + Send;

    /// The end of the stream.
    ///
    /// # Errors
    /// [`ReadError::Storage`].
    fn head(&self) -> impl Future<Output = Result<Head, ReadError>> + Send;

    /// Up to `limit` messages from the sequence on, in order. Less than `limit` only at the end of the stream.
    ///
    /// # Errors
    /// [`ReadError`]. Read through [`Reader`], which asserts that no message is missing.
    fn read(&self, from: u64, limit: usize) -> impl Future<Output = Result<Vec<Stored>, ReadError>> + Send;

    /// Up to `limit` messages of one subject from the sequence on, in order.
    ///
    /// # Errors
    /// [`ReadError`].
    fn read_subject(
        &self,
        subject: &Subject,
        from: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Stored>, ReadError>> + Send;

    /// The same up to a position, for whoever has read the stream to there: nothing that came later is looked for, so that
    /// nobody needs to be asked where the stream ends now.
    ///
    /// # Errors
    /// [`ReadError`].
    fn read_subject_to(
        &self,
        subject: &Subject,
        from: u64,
        position: u64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Stored>, ReadError>> + Send {
        async move {
            let mut messages = self.read_subject(subject, from, limit).await?;
            messages.retain(|stored| stored.sequence <= position);
            Ok(messages)
        }
    }

    /// What each of these commands caused, in order; nothing for one that the stream does not hold.
    ///
    /// # Errors
    /// [`ReadError`].
    fn find_commands(&self, ids: &[CommandId]) -> impl Future<Output = Result<Vec<Vec<Stored>>, ReadError>> + Send;

    /// What one command caused, in order; nothing when the stream does not hold it.
    ///
    /// # Errors
    /// [`ReadError`].
    fn find_command(&self, id: CommandId) -> impl Future<Output = Result<Vec<Stored>, ReadError>> + Send {
        async move { Ok(self.find_commands(&[id]).await?.pop().unwrap_or_default()) }
    }
}

/// A store that is lent out is a store.
impl<S: Store> Store for &S {
    async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        S::append(self, events, after, reads).await
    }
    async fn head(&self) -> Result<Head, ReadError> {
        S::head(self).await
    }
    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        S::read(self, from, limit).await
    }
    async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        S::read_subject(self, subject, from, limit).await
    }
    async fn read_subject_to(
        &self,
        subject: &Subject,
        from: u64,
        position: u64,
        limit: usize,
    ) -> Result<Vec<Stored>, ReadError> {
        S::read_subject_to(self, subject, from, position, limit).await
    }
    async fn find_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
        S::find_commands(self, ids).await
    }
}

/// A message is missing: between two others, or at the end that is known from before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", if .found >= .expected {
    format!("the stream has a gap: expected sequence {expected}, found {found}")
} else {
    format!("the stream ends at {found} and {} events were known: its end was lost", .expected - 1)
})]
pub struct Gap {
    /// The sequence that should have come.
    pub expected: u64,
    /// The one that came.
    pub found: u64,
}

/// Finds what every store refuses in a batch before it looks at its own contents: nothing at all, too much, a name that
/// comes twice, a time that runs backwards.
///
/// # Errors
/// [`AppendError::Empty`], [`AppendError::TooMany`], [`AppendError::DuplicateId`], [`AppendError::TimeRunsBackwards`].
pub fn check_batch(events: &[Message], head: Head) -> Result<(), AppendError> {
    if events.is_empty() {
        return Err(AppendError::Empty);
    }
    if events.len() > MOST {
        return Err(AppendError::TooMany { count: events.len() });
    }
    let mut names = std::collections::HashSet::with_capacity(events.len());
    if let Some(twice) = events.iter().find(|event| !names.insert(event.id)) {
        return Err(AppendError::DuplicateId { id: twice.id });
    }
    let mut last = head.time;
    for event in events {
        match last {
            Some(last) if event.time < last => {
                return Err(AppendError::TimeRunsBackwards { last, given: event.time });
            }
            Some(_) | None => last = Some(event.time),
        }
    }
    Ok(())
}

/// Asserts that every sequence is the one before it plus one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contiguous {
    last: u64,
}

impl Contiguous {
    /// Expects the message after `last` to come next.
    pub const fn after(last: u64) -> Contiguous {
        Contiguous { last }
    }

    /// The last sequence that came.
    pub const fn last(self) -> u64 {
        self.last
    }

    /// Takes the next sequence.
    ///
    /// # Errors
    /// [`Gap`] when it is not the last one plus one.
    pub const fn accept(&mut self, found: u64) -> Result<(), Gap> {
        let expected = self.last + 1;
        if found != expected {
            return Err(Gap { expected, found });
        }
        self.last = found;
        Ok(())
    }
}

/// Reads a stream from a position on and stops at a gap. Every reader of the stream goes through it.
#[derive(Debug)]
pub struct Reader<'a, S> {
    store: &'a S,
    contiguous: Contiguous,
}

impl<'a, S: Store> Reader<'a, S> {
    /// Starts with the message after `last` (0: with the first).
    pub const fn after(store: &'a S, last: u64) -> Reader<'a, S> {
        Reader { store, contiguous: Contiguous::after(last) }
    }

    /// The last sequence that was read.
    pub const fn position(&self) -> u64 {
        self.contiguous.last()
    }

    /// The next messages, `limit` at most; none at the end of the stream as it is now.
    ///
    /// # Errors
    /// [`ReadError`]; [`ReadError::Gap`] when a message is missing, also where the end of the stream is.
    pub async fn next(&mut self, limit: usize) -> Result<Vec<Stored>, ReadError> {
        let messages = self.store.read(self.position() + 1, limit).await?;
        for message in &messages {
            self.contiguous.accept(message.sequence)?;
        }
        if messages.is_empty() {
            let head = self.store.head().await?.sequence;
            // A message appended between the two questions is not a gap: it is there when asked for again.
            if head > self.position() && self.store.read(self.position() + 1, 1).await?.is_empty() {
                return Err(Gap { expected: self.position() + 1, found: head }.into());
            }
        }
        Ok(messages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_that_is_not_the_next_is_a_gap_that_names_both() {
        let mut reader = Contiguous::after(4);
        assert_eq!(reader.accept(5), Ok(()));
        assert_eq!(reader.accept(7), Err(Gap { expected: 6, found: 7 }));
        assert_eq!(reader.accept(5), Err(Gap { expected: 6, found: 5 }));
        assert_eq!(reader.last(), 5);
    }
}
