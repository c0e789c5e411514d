//! The stream on a NATS JetStream server: many writers and readers, several machines.
//!
//! What a server was measured to do stands in DESIGN section 2, and what follows from it here: a batch is stored whole and
//! for one position (`publish`), it is on this machine's disk until it was read back (`outbox`), every reader is told by
//! the stream's leader where the end is and sees every hole (`pages`), which is one only where that is certain (`missing`),
//! and what stands on a subject is known from an index beside the ledger (`index`). A stream that is set up otherwise, and a
//! server that is too old, are refused (`set_up`).
//!
//! Needs a tokio runtime that goes on by itself between two calls: one with a thread of its own.

mod append;
mod connect;
mod error;
mod fresh;
mod in_a_row;
mod index;
mod left;
mod message;
mod missing;
mod outbox;
mod pages;
mod place;
mod publish;
mod set_up;
mod wire;

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::{StreamExt, TryStreamExt, stream};
use schemas::{CommandId, Subject};
use uuid::Uuid;

use error::passes;
pub use error::{Difference, NatsError};
pub use left::{DropError, Left};
pub use place::{API, Address, AddressError, Options, Password};
pub use set_up::About;

use crate::store::{AppendError, Appended, Contiguous, Head, Message, ReadError, Store, Stored};
use fresh::Fresh;
use index::Index;
use message::{Kept, damaged};
use outbox::Outbox;
use pages::Pages;
use set_up::Seen;
use wire::Wire;

/// How many messages are asked for at the same time.
const AT_ONCE: usize = 256;

/// Up to this many messages are asked for one by one, where no reader stands at their place.
const FEW: u64 = 256;

/// How many messages are taken into the index at once.
const INDEX_PAGE: usize = 2_500;

/// How many servers keep the stream of a new ledger, unless it is said.
const REPLICAS: u8 = 1;

/// A ledger on a NATS server.
#[derive(Debug)]
pub struct JetStreamStore {
    wire: Wire,
    /// The stream as it was found last.
    seen: Mutex<Seen>,
    index: Mutex<Index>,
    /// Over which connection the index was held against the stream last.
    index_held: Mutex<Option<u64>>,
    index_made_again: Option<String>,
    outbox: Mutex<Outbox>,
    /// The last message whose time was asked for.
    head: Mutex<Head>,
    fresh: Mutex<Fresh>,
    /// One append at a time; whether a batch may be left in the outbox.
    writing: tokio::sync::Mutex<bool>,
    reading: tokio::sync::Mutex<Pages<Stored>>,
    indexing: tokio::sync::Mutex<Pages<Kept>>,
}

/// What lies in the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InOutbox {
    /// Batches of this ledger that were not read back.
    pub waiting: u64,
    /// Batches of other ledgers that had this one's name.
    pub of_others: u64,
}

impl JetStreamStore {
    /// Makes a new ledger with this random id.
    ///
    /// # Errors
    /// [`NatsError`]; a stream that is there is left as it is.
    pub async fn create(address: &Address, options: Options, ledger: Uuid) -> Result<JetStreamStore, NatsError> {
        let wire = Wire::connect(address, &options).await?;
        let make = || set_up::make(&wire, options.replicas.unwrap_or(REPLICAS), ledger, options.awaits);
        wire.patiently(NatsError::passes_by_itself, make).await?;
        JetStreamStore::over(wire, &options).await
    }

    /// Opens a ledger that is there. What its outbox holds is settled before the next batch.
    ///
    /// # Errors
    /// [`NatsError`]; [`NatsError::OtherSetUp`] names every field that is not as a ledger needs it.
    pub async fn open(address: &Address, options: Options) -> Result<JetStreamStore, NatsError> {
        let wire = Wire::connect(address, &options).await?;
        JetStreamStore::over(wire, &options).await
    }

    async fn over(mut wire: Wire, options: &Options) -> Result<JetStreamStore, NatsError> {
        // A stream that was just made, or whose server just failed, has no leader for some seconds.
        let seen = wire.patiently(NatsError::passes_by_itself, || set_up::look(&wire)).await?;
        let ledger = seen.about.ledger;
        wire.ledger = Some(ledger);
        let (index, index_made_again) = Index::open(&options.file("index"), ledger)?;
        let outbox = Outbox::open(&options.file("outbox"), ledger)?;
        let (reading, indexing) = (
            Pages::whole(wire.clone(), |came, stream| came.stored(stream)),
            Pages::names(wire.clone(), |came, stream| came.described(stream)),
        );
        Ok(JetStreamStore {
            index: Mutex::new(index),
            index_held: Mutex::default(),
            index_made_again,
            outbox: Mutex::new(outbox),
            head: Mutex::default(),
            fresh: Mutex::default(),
            writing: tokio::sync::Mutex::new(true),
            reading: tokio::sync::Mutex::new(reading),
            indexing: tokio::sync::Mutex::new(indexing),
            wire,
            seen: Mutex::new(seen),
        })
    }

    /// What the stream's leader said of it when it was asked last.
    pub fn about(&self) -> About {
        lock(&self.seen).about.clone()
    }

    /// Why the index beside the ledger is being made again from the stream; none where it was whole, or there was none.
    pub fn index_made_again(&self) -> Option<&str> {
        self.index_made_again.as_deref()
    }

    /// What is wrong with the index beside the ledger. One that lost a row would hide an event from whoever asks by subject.
    ///
    /// # Errors
    /// [`ReadError`], when it cannot be read at all.
    pub fn check_index(&self) -> Result<Vec<String>, ReadError> {
        Ok(lock(&self.index).check()?)
    }

    /// How many batches lie in the outbox, after everything that can be settled was.
    ///
    /// # Errors
    /// [`ReadError::Storage`].
    pub async fn outbox(&self) -> Result<InOutbox, ReadError> {
        let mut left = self.writing.lock().await;
        self.settle(&mut left).await?;
        let mut outbox = lock(&self.outbox);
        Ok(InOutbox { waiting: outbox.waiting()?.len() as u64, of_others: outbox.of_others()? })
    }

    /// The end of the stream as its leader names it, with everything about the stream checked again. A server that lost
    /// its end does not know that it did; the index beside the ledger does.
    async fn end(&self) -> Result<u64, ReadError> {
        let known = lock(&self.index).end()?.sequence;
        let look = || self.wire.patiently(NatsError::passes, || set_up::look(&self.wire));
        let mut seen = look().await?;
        if seen.end < known {
            // Whoever said so may have slept while the others went on. If it is so, this is where it is said.
            self.wire.patiently(passes, || self.wire.or_missing(known)).await?;
            seen = look().await?;
        }
        let end = seen.end;
        *lock(&self.seen) = seen;
        if end < known {
            let reason = format!("it was said to end at {end}, and what stands at {known} is there");
            return Err(NatsError::Uncertain { name: self.wire.name.clone(), reason }.into());
        }
        Ok(end)
    }

    /// Whether the stream was looked at since the connection was made, which may be one to another server.
    fn is_looked_at(&self) -> bool {
        lock(&self.seen).connection == self.wire.connection()
    }

    /// Takes everything up to the end that the leader names into the index.
    async fn keep_up(&self) -> Result<u64, ReadError> {
        let end = self.end().await?;
        let connection = self.wire.connection();
        let grew = end != lock(&self.index).end()?.sequence;
        if grew || *lock(&self.index_held) != Some(connection) {
            self.hold_index().await?;
            *lock(&self.index_held) = Some(connection);
        }
        if !grew {
            return Ok(end);
        }
        let mut pages = self.indexing.lock().await;
        loop {
            // Another caller may have done it while this one waited.
            let known = lock(&self.index).end()?.sequence;
            if known >= end {
                return Ok(end);
            }
            let page = self.some(&mut pages, known + 1, end, INDEX_PAGE).await?;
            let mut contiguous = Contiguous::after(known);
            for kept in &page {
                contiguous.accept(kept.sequence)?;
            }
            lock(&self.index).add(page.iter().map(|kept| (kept.sequence, &kept.message)))?;
        }
    }

    /// Asserts that the last message of the index is the one that the stream has there. It is another where the stream was
    /// put back from an older copy and went on otherwise: then the index would hide what was written since.
    async fn hold_index(&self) -> Result<(), ReadError> {
        let Some((sequence, id)) = lock(&self.index).last()? else { return Ok(()) };
        match self.wire.patiently(passes, || self.wire.at_hand(sequence)).await {
            Ok(Some(there)) if there.message.id != id => {
                let advice = "see which history is the true one, then remove the file whose name ends in .index";
                Err(damaged(sequence, format!("it is not the event {id} that stood there before; {advice}")))
            }
            // What is not there, or damaged, is found by whoever reads it.
            Ok(Some(_) | None) | Err(ReadError::Damaged { .. } | ReadError::Gap(_)) => Ok(()),
            Err(error @ ReadError::Storage { .. }) => Err(error),
        }
    }

    /// Messages from a sequence on: a few one by one, many through the reader.
    async fn some<T: From<Kept>>(
        &self,
        pages: &mut Pages<T>,
        from: u64,
        end: u64,
        limit: usize,
    ) -> Result<Vec<T>, ReadError> {
        let last = end.min(from.saturating_add(limit as u64).saturating_sub(1));
        if last - from < FEW && !pages.stands_at(from) {
            let found: Vec<Option<Kept>> = stream::iter(from..=last)
                .map(|sequence| self.wire.patiently(passes, move || self.wire.at_hand(sequence)))
                .buffered(AT_ONCE)
                .try_collect()
                .await?;
            // The reader knows its way around a hole.
            if let Some(found) = found.into_iter().map(|kept| kept.map(T::from)).collect() {
                return Ok(found);
            }
        }
        pages.take(from, end, limit).await
    }

    /// Messages of a subject, as far as the index goes.
    async fn of_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        let places = lock(&self.index).of_subject(subject, from, limit)?;
        self.at(places, |_, message| message.subject == *subject).await
    }

    /// The messages at these places, held against what the index says of them.
    async fn at(&self, places: Vec<u64>, fits: impl Fn(usize, &Message) -> bool) -> Result<Vec<Stored>, ReadError> {
        let get = |place| self.wire.patiently(passes, move || self.wire.get(place));
        let mut found = stream::iter(places.clone()).map(get).buffered(AT_ONCE);
        let mut messages = Vec::with_capacity(places.len());
        for (number, place) in places.iter().enumerate() {
            match found.try_next().await?.flatten() {
                Some(kept) if fits(number, &kept.message) => messages.push(kept.into()),
                Some(_) => return Err(damaged(*place, "it is not the message that stood there before")),
                None => return Err(damaged(*place, "it is not in the stream")),
            }
        }
        Ok(messages)
    }
}

impl Store for JetStreamStore {
    async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        self.append_whole(events, after, reads).await
    }

    async fn head(&self) -> Result<Head, ReadError> {
        let end = self.end().await?;
        let known = *lock(&self.head);
        if end == known.sequence {
            return Ok(known);
        }
        if end == 0 {
            return Ok(Head::default());
        }
        let last = self
            .wire
            .patiently(passes, || self.wire.by_leader(end))
            .await?
            .ok_or_else(|| damaged(end, "the last message is gone"))?;
        let head = Head { sequence: end, time: Some(last.message.time) };
        *lock(&self.head) = head;
        Ok(head)
    }

    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        let from = from.max(1);
        let end = self.end().await?;
        if from > end || limit == 0 {
            return Ok(Vec::new());
        }
        let last = end.min(from.saturating_add(limit as u64).saturating_sub(1));
        if let Some(fresh) = lock(&self.fresh).get(self.wire.connection(), from, last) {
            return Ok(fresh);
        }
        let mut pages = self.reading.lock().await;
        self.some(&mut pages, from, end, limit).await
    }

    async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.keep_up().await?;
        self.of_subject(subject, from, limit).await
    }

    async fn read_subject_to(
        &self,
        subject: &Subject,
        from: u64,
        position: u64,
        limit: usize,
    ) -> Result<Vec<Stored>, ReadError> {
        if lock(&self.index).end()?.sequence < position {
            self.keep_up().await?;
        }
        let mut messages = self.of_subject(subject, from, limit).await?;
        messages.retain(|stored| stored.sequence <= position);
        Ok(messages)
    }

    async fn find_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
        self.keep_up().await?;
        let places = lock(&self.index).of_commands(ids)?;
        let whose: Vec<CommandId> =
            ids.iter().zip(&places).flat_map(|(id, places)| places.iter().map(|_| *id)).collect();
        let fits = |number: usize, message: &Message| whose.get(number) == Some(&message.id.command);
        let mut found = self.at(places.concat(), fits).await?.into_iter();
        Ok(places.iter().map(|places| found.by_ref().take(places.len()).collect()).collect())
    }
}

/// A caller that panicked left nothing half-done: what is written is written in transactions.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
