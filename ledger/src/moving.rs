//! A whole history from one store into another: every byte, name and time, in the same order and at the same positions.

use schemas::envelope::Envelope;

use crate::embedded::moved::MarkError;
use crate::store::{AppendError, MOST, Message, ReadError, Reader, Store, Stored};
use crate::transfer;
use crate::write::{Unreadable, recorded};

/// Why a history was not moved. What went in stays in, and starting again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The new store holds something else.
    #[error("the new ledger holds another history from sequence {sequence} on; nothing more was moved")]
    OtherHistory {
        /// The first message that is not the same.
        sequence: u64,
    },
    /// A message of the old store cannot be read as an event.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// A store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The new store did not take a batch.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The old ledger may not go on to the last event.
    #[error(transparent)]
    Mark(#[from] MarkError),
}

/// A history that is read once, from its first message to its last.
pub trait Source {
    /// The next messages; none after the last.
    ///
    /// # Errors
    /// [`ReadError`], also where one is missing.
    fn next(&mut self) -> impl Future<Output = Result<Vec<Stored>, ReadError>> + Send;
}

impl<S: Store> Source for Reader<'_, S> {
    async fn next(&mut self) -> Result<Vec<Stored>, ReadError> {
        Reader::next(self, MOST).await
    }
}

/// Moves what is not there yet, and holds what is there against the source. `progress` is told the position reached, and
/// `ending` may still stop everything before the last message goes; the answer is the position of the last message.
///
/// A command's events go together.
///
/// # Errors
/// [`MoveError`].
pub async fn move_history<B: Store>(
    mut from: impl Source,
    to: &B,
    mut progress: impl FnMut(u64),
    ending: impl FnOnce() -> Result<(), MarkError>,
) -> Result<u64, MoveError> {
    let there = to.head().await?.sequence;
    let (mut held, mut position) = (Reader::after(to, 0), there);
    let mut waiting: Vec<Message> = Vec::new();
    let mut last = 0;
    loop {
        let page = from.next().await?;
        let Some(end) = page.last() else { break };
        last = end.sequence;
        let (same, new): (Vec<Stored>, Vec<Stored>) = page.into_iter().partition(|stored| stored.sequence <= there);
        for part in same.chunks(MOST) {
            compare(part, &mut held).await?;
        }
        for stored in new {
            // Before the next comes, so that the last message of all is still waiting at the end.
            if waiting.len() == MOST {
                let rest = waiting.split_off(whole_commands(&waiting));
                position = to.append(&waiting, position, &[]).await?.last;
                waiting = rest;
            }
            waiting.push(message(stored)?);
        }
        progress(last);
    }
    if last < there {
        return Err(MoveError::OtherHistory { sequence: last + 1 });
    }
    if !waiting.is_empty() {
        ending()?;
        position = to.append(&waiting, position, &[]).await?.last;
    }
    Ok(position)
}

/// What is there already must be the beginning of what is moved.
async fn compare<B: Store>(old: &[Stored], held: &mut Reader<'_, B>) -> Result<(), MoveError> {
    let position = held.position();
    let there = held.next(old.len()).await?;
    let is_same = |(a, b): &(&Stored, &Stored)| a.bytes == b.bytes && a.subject == b.subject;
    let common = old.iter().zip(&there).take_while(is_same).count();
    if common < old.len() {
        return Err(MoveError::OtherHistory { sequence: position + common as u64 + 1 });
    }
    Ok(())
}

fn message(stored: Stored) -> Result<Message, Unreadable> {
    let sequence = stored.sequence;
    let envelope: Envelope = recorded(&stored)?.envelope;
    let text = String::from_utf8(stored.bytes).map_err(|error| Unreadable::not_text(sequence, &error))?;
    Ok(transfer::message(envelope, text))
}

/// How many messages there are up to the end of the last command that is whole for certain; all, where there is one only.
fn whole_commands(messages: &[Message]) -> usize {
    let last = messages.last().map(|message| message.id.command);
    let of_others = messages.iter().rposition(|message| Some(message.id.command) != last);
    of_others.map_or(messages.len(), |place| place + 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use schemas::{CommandId, Subject};

    use super::*;
    use crate::contract::block_on;
    use crate::memory::MemoryStore;
    use crate::store::{Appended, Head};
    use crate::testing;
    use crate::write::Ledger;

    fn history() -> MemoryStore {
        let store = MemoryStore::new();
        let mut ledger = Ledger::new(&store, testing::vault());
        let answers = block_on(ledger.submit_many(testing::history()));
        assert!(answers.iter().all(Result::is_ok));
        store
    }

    fn all(store: &MemoryStore) -> Vec<Stored> {
        block_on(store.read(1, 10_000)).unwrap()
    }

    #[test]
    fn a_moved_history_is_the_same_to_the_byte_and_moving_it_again_changes_nothing() {
        let (old, new) = (history(), MemoryStore::new());
        let end = block_on(move_history(Reader::after(&old, 0), &new, |_| {}, || Ok(()))).unwrap();
        assert_eq!(end, all(&old).len() as u64);
        assert_eq!(all(&new), all(&old));
        assert_eq!(block_on(move_history(Reader::after(&old, 0), &new, |_| {}, || Ok(()))).unwrap(), end);
        assert_eq!(all(&new), all(&old));
    }

    #[test]
    fn a_move_that_was_cut_off_goes_on_from_there_and_another_history_is_refused() {
        let (old, new) = (history(), MemoryStore::new());
        let first: Vec<Message> = all(&old).into_iter().take(7).map(|stored| message(stored).unwrap()).collect();
        block_on(new.append(&first, 0, &[])).unwrap();
        block_on(move_history(Reader::after(&old, 0), &new, |_| {}, || Ok(()))).unwrap();
        assert_eq!(all(&new), all(&old));
        let other = MemoryStore::new();
        let mut changed = first;
        changed[3].bytes.push(b' ');
        block_on(other.append(&changed, 0, &[])).unwrap();
        let refused = block_on(move_history(Reader::after(&old, 0), &other, |_| {}, || Ok(())));
        assert!(matches!(refused, Err(MoveError::OtherHistory { sequence: 4 })), "{refused:?}");
        assert_eq!(all(&other).len(), 7);
    }

    /// A store that notes how it was written to.
    struct Noting {
        store: MemoryStore,
        batches: Mutex<Vec<Vec<CommandId>>>,
    }

    impl Store for Noting {
        async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
            self.batches.lock().unwrap().push(events.iter().map(|event| event.id.command).collect());
            self.store.append(events, after, reads).await
        }
        async fn head(&self) -> Result<Head, ReadError> {
            self.store.head().await
        }
        async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
            self.store.read(from, limit).await
        }
        async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
            self.store.read_subject(subject, from, limit).await
        }
        async fn find_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
            self.store.find_commands(ids).await
        }
    }

    /// Pages of odd lengths, as a source may give them.
    struct Odd(Vec<Stored>, usize);

    impl Source for Odd {
        async fn next(&mut self) -> Result<Vec<Stored>, ReadError> {
            self.1 += 97;
            let rest = self.0.split_off(self.1.min(self.0.len()));
            Ok(std::mem::replace(&mut self.0, rest))
        }
    }

    #[test]
    fn a_long_history_goes_in_batches_of_whole_commands_however_its_source_is_cut() {
        let old = MemoryStore::new();
        let mut ledger = Ledger::new(&old, testing::vault());
        let answers = block_on(ledger.submit_many(testing::couples(400)));
        assert!(answers.iter().all(Result::is_ok));
        let new = Noting { store: MemoryStore::new(), batches: Mutex::default() };
        block_on(move_history(Odd(all(&old), 0), &new, |_| {}, || Ok(()))).unwrap();
        assert_eq!(all(&new.store), all(&old));
        let batches = new.batches.into_inner().unwrap();
        assert!(batches.len() > 2 && batches.iter().all(|batch| batch.len() <= MOST), "{}", batches.len());
        for pair in batches.windows(2) {
            assert_ne!(pair[0].last(), pair[1].first(), "a command stands in two batches");
        }
    }

    #[test]
    fn a_ledger_that_holds_more_than_what_is_moved_into_it_is_another_history() {
        let old = history();
        let mut first = all(&old);
        first.truncate(20);
        let refused = block_on(move_history(Odd(first, 0), &old, |_| {}, || Ok(())));
        assert!(matches!(refused, Err(MoveError::OtherHistory { sequence: 21 })), "{refused:?}");
    }

    #[test]
    fn the_events_of_a_command_are_not_parted_where_a_page_ends() {
        let subject = crate::contract::person(1);
        let of = |number, index| crate::contract::message(number, index, &subject, 10, "");
        assert_eq!(whole_commands(&[of(1, 0), of(2, 0), of(2, 1)]), 1);
        assert_eq!(whole_commands(&[of(2, 0), of(2, 1)]), 2);
        assert_eq!(whole_commands(&[]), 0);
    }
}
