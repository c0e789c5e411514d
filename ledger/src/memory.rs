//! The stream in memory: for the simulator and for tests.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use schemas::{CommandId, Subject};

use crate::store::{AppendError, Appended, Head, Message, ReadError, Store, Stored, check_batch};

/// A stream that is gone when the program ends.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Stream>);

#[derive(Debug, Default)]
struct Stream {
    messages: Vec<Stored>,
    head: Head,
    /// Places in `messages`.
    by_subject: HashMap<Subject, Vec<usize>>,
    by_command: HashMap<CommandId, Vec<usize>>,
    indices: std::collections::HashSet<schemas::EventId>,
}

impl MemoryStore {
    /// An empty stream.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// A writer that panicked changed nothing halfway: everything that can fail comes before the first change.
    fn stream(&self) -> MutexGuard<'_, Stream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        self.stream().append(events, after, reads)
    }

    async fn head(&self) -> Result<Head, ReadError> {
        Ok(self.stream().head)
    }

    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        let skip = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
        Ok(self.stream().messages.iter().skip(skip).take(limit).cloned().collect())
    }

    async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        let stream = self.stream();
        let places = stream.by_subject.get(subject).map_or(&[][..], Vec::as_slice);
        Ok(stream.at(places).filter(|message| message.sequence >= from).take(limit).cloned().collect())
    }

    async fn find_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
        let stream = self.stream();
        let places = |id| stream.by_command.get(id).map_or(&[][..], Vec::as_slice);
        Ok(ids.iter().map(|id| stream.at(places(id)).cloned().collect()).collect())
    }
}

impl Stream {
    fn append(&mut self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        if after != self.head.sequence {
            return Err(AppendError::Conflict { after, head: self.head.sequence, changed: self.changed(after, reads) });
        }
        if let Some(known) = events.iter().find(|event| self.indices.contains(&event.id)) {
            return Err(AppendError::DuplicateId { id: known.id });
        }
        check_batch(events, self.head)?;
        for event in events {
            self.push(event);
        }
        Ok(Appended { first: after + 1, last: self.head.sequence })
    }

    fn push(&mut self, event: &Message) {
        let place = self.messages.len();
        self.head = Head { sequence: self.head.sequence + 1, time: Some(event.time) };
        self.by_subject.entry(event.subject.clone()).or_default().push(place);
        self.by_command.entry(event.id.command).or_default().push(place);
        self.indices.insert(event.id);
        self.messages.push(Stored {
            sequence: self.head.sequence,
            subject: event.subject.clone(),
            bytes: event.bytes.clone(),
        });
    }

    fn changed(&self, after: u64, reads: &[Subject]) -> Vec<Subject> {
        let last = |subject: &Subject| {
            let place = self.by_subject.get(subject).and_then(|places| places.last());
            place.and_then(|place| self.messages.get(*place)).map_or(0, |message| message.sequence)
        };
        reads.iter().filter(|subject| last(subject) > after).cloned().collect()
    }

    fn at<'a>(&'a self, places: &'a [usize]) -> impl Iterator<Item = &'a Stored> {
        places.iter().filter_map(|place| self.messages.get(*place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;

    #[test]
    fn the_memory_store_keeps_the_contract() {
        contract::check_all(&|check| contract::block_on(check), MemoryStore::new).unwrap();
    }
}
