//! A whole history from one store into another: every byte, name and time, in the same order and at the same positions.

use schemas::envelope::Envelope;

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

/// Moves what is not there yet, and holds what is there against the source. `progress` is told the position reached; the
/// answer is the position of the last message.
///
/// A command's events go together.
///
/// # Errors
/// [`MoveError`].
pub async fn move_history<B: Store>(
    mut from: impl Source,
    to: &B,
    mut progress: impl FnMut(u64),
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
            waiting.push(message(stored)?);
            if waiting.len() == MOST {
                let rest = waiting.split_off(whole_commands(&waiting));
                position = to.append(&waiting, position, &[]).await?.last;
                waiting = rest;
            }
        }
        progress(last);
    }
    if last < there {
        return Err(MoveError::OtherHistory { sequence: last + 1 });
    }
    if !waiting.is_empty() {
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
    use super::*;
    use crate::contract::block_on;
    use crate::memory::MemoryStore;
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
        let end = block_on(move_history(Reader::after(&old, 0), &new, |_| {})).unwrap();
        assert_eq!(end, all(&old).len() as u64);
        assert_eq!(all(&new), all(&old));
        assert_eq!(block_on(move_history(Reader::after(&old, 0), &new, |_| {})).unwrap(), end);
        assert_eq!(all(&new), all(&old));
    }

    #[test]
    fn a_move_that_was_cut_off_goes_on_from_there_and_another_history_is_refused() {
        let (old, new) = (history(), MemoryStore::new());
        let first: Vec<Message> = all(&old).into_iter().take(7).map(|stored| message(stored).unwrap()).collect();
        block_on(new.append(&first, 0, &[])).unwrap();
        block_on(move_history(Reader::after(&old, 0), &new, |_| {})).unwrap();
        assert_eq!(all(&new), all(&old));
        let other = MemoryStore::new();
        let mut changed = first;
        changed[3].bytes.push(b' ');
        block_on(other.append(&changed, 0, &[])).unwrap();
        let refused = block_on(move_history(Reader::after(&old, 0), &other, |_| {}));
        assert!(matches!(refused, Err(MoveError::OtherHistory { sequence: 4 })), "{refused:?}");
        assert_eq!(all(&other).len(), 7);
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
