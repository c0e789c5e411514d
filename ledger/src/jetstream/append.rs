//! A batch from its checks to its answer: kept in the outbox, published, read back, and let go.
//!
//! One batch at a time goes this way.

use schemas::Subject;

use super::error::{NatsError, passes};
use super::outbox::Waiting;
use super::publish::{self, Found, Settled};
use super::{JetStreamStore, lock};
use crate::store::{AppendError, Appended, Head, Message, ReadError, check_batch};

/// What the headers of a message take at most.
const ROOM_FOR_HEADERS: usize = 2_048;

impl JetStreamStore {
    /// Appends a batch at the end of the stream, if that is where it is to stand.
    pub(super) async fn append_whole(
        &self,
        events: &[Message],
        after: u64,
        reads: &[Subject],
    ) -> Result<Appended, AppendError> {
        let mut left = self.writing.lock().await;
        self.settle(&mut left).await.map_err(unstored)?;
        let stands = self.is_looked_at() && lock(&self.index).end()?.sequence == after;
        if !stands && self.keep_up().await.map_err(unstored)? != after {
            return Err(self.conflict(after, reads).await?);
        }
        let end = lock(&self.index).end()?;
        if let Err(refusal) = self.refused(events, end) {
            // What another writer appended meanwhile comes before anything that is wrong with the batch itself.
            let moved = self.keep_up().await.map_err(unstored)? != after;
            return Err(if moved { self.conflict(after, reads).await? } else { refusal });
        }
        match self.write(events, after, &mut left).await? {
            Settled::Stored => Ok(Appended { first: after + 1, last: after + events.len() as u64 }),
            Settled::Overtaken => Err(self.conflict(after, reads).await?),
            Settled::Taken(id) => Err(AppendError::DuplicateId { id }),
        }
    }

    /// What is wrong with a batch at the end of the stream as far as this machine knows.
    fn refused(&self, events: &[Message], end: Head) -> Result<(), AppendError> {
        check_batch(events, end)?;
        let most = self.wire.largest().saturating_sub(ROOM_FOR_HEADERS);
        if let Some(event) = events.iter().find(|event| event.bytes.len() > most) {
            return Err(NatsError::TooLarge { bytes: event.bytes.len(), most }.into());
        }
        let (_, known) = lock(&self.index).known(events)?;
        known.map_or(Ok(()), |id| Err(AppendError::DuplicateId { id }))
    }

    async fn conflict(&self, after: u64, reads: &[Subject]) -> Result<AppendError, AppendError> {
        let head = self.keep_up().await.map_err(unstored)?;
        let changed = lock(&self.index).changed(after, reads)?;
        Ok(AppendError::Conflict { after, head, changed })
    }

    /// Publishes a batch that nothing is wrong with, and lets go of it when it was read back.
    async fn write(&self, events: &[Message], after: u64, left: &mut bool) -> Result<Settled, AppendError> {
        let number = lock(&self.outbox).keep(after, events)?;
        *left = true;
        let settled = match publish::publish(&self.wire, events, after).await {
            // Somebody who may only read leaves nothing behind that is to be written later.
            Err(error) if is_forbidden(&error) => {
                lock(&self.outbox).remove(number)?;
                return Err(error);
            }
            settled => settled?,
        };
        if matches!(settled, Settled::Stored) {
            self.read_back(events, after).await.map_err(unstored)?;
            self.take_in(events, after).await.map_err(unstored)?;
            lock(&self.outbox).let_go(number);
        } else {
            lock(&self.outbox).remove(number)?;
        }
        *left = false;
        Ok(settled)
    }

    /// Asserts that a batch stands in the stream as it was sent, and keeps what was read for whoever reads it next.
    async fn read_back(&self, events: &[Message], after: u64) -> Result<(), ReadError> {
        let connection = self.wire.connection();
        let there = publish::read_back(&self.wire, events, after).await?;
        lock(&self.fresh).add(connection, there);
        Ok(())
    }

    /// Takes a batch that was read back into the index.
    async fn take_in(&self, events: &[Message], after: u64) -> Result<(), ReadError> {
        if !self.is_looked_at() {
            // It may have gone to a server that nobody has looked at.
            self.end().await?;
        }
        lock(&self.index).add((after + 1..).zip(events))?;
        let time = events.last().map(|event| event.time);
        *lock(&self.head) = Head { sequence: after + events.len() as u64, time };
        Ok(())
    }

    /// What is left in the outbox: found in the stream and let go, published again where nothing has come since, or kept.
    pub(super) async fn settle(&self, left: &mut bool) -> Result<(), ReadError> {
        if !*left {
            return Ok(());
        }
        let waiting = lock(&self.outbox).waiting()?;
        for batch in waiting {
            if self.settle_one(&batch).await? {
                lock(&self.outbox).remove(batch.number)?;
            }
        }
        *left = false;
        Ok(())
    }

    /// Whether the stream has all of a batch: as it was sent, or because its command was submitted once more since.
    async fn settle_one(&self, batch: &Waiting) -> Result<bool, ReadError> {
        let Waiting { after, messages, .. } = batch;
        if self.keep_up().await? == *after {
            let published = publish::publish(&self.wire, messages, *after).await;
            match published.map_err(|error| ReadError::Storage { source: error.into() })? {
                Settled::Stored => {
                    publish::read_back(&self.wire, messages, *after).await?;
                    return Ok(true);
                }
                Settled::Overtaken | Settled::Taken(_) => {
                    self.keep_up().await?;
                }
            }
        } else {
            match self.wire.patiently(passes, || publish::look(&self.wire, messages, *after)).await? {
                Found::Settled(Settled::Stored) => return Ok(true),
                // Its names stand in its place with other bytes: `footing outbox list` shows both.
                Found::Settled(Settled::Taken(_)) => return Ok(false),
                Found::Settled(Settled::Overtaken) | Found::Nothing => {}
            }
        }
        Ok(lock(&self.index).known(messages)?.0 == messages.len())
    }
}

fn is_forbidden(error: &AppendError) -> bool {
    match error {
        AppendError::Storage { source } => matches!(source.downcast_ref(), Some(NatsError::Forbidden { .. })),
        AppendError::Conflict { .. }
        | AppendError::DuplicateId { .. }
        | AppendError::TimeRunsBackwards { .. }
        | AppendError::Empty
        | AppendError::TooMany { .. } => false,
    }
}

fn unstored(error: ReadError) -> AppendError {
    AppendError::Storage { source: error.into() }
}
