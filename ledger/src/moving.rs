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

/// Moves what is not there yet, and holds what is there against the old store. `progress` is told the position reached;
/// the answer is the position of the last message.
///
/// A command's events go together.
///
/// # Errors
/// [`MoveError`].
pub async fn move_history<A: Store, B: Store>(
    from: &A,
    to: &B,
    mut progress: impl FnMut(u64),
) -> Result<u64, MoveError> {
    compare(from, to, &mut progress).await?;
    let mut position = to.head().await?.sequence;
    let end = from.head().await?.sequence;
    while position < end {
        let mut page = Reader::after(from, position).next(MOST).await?;
        let is_last = page.last().is_none_or(|stored| stored.sequence >= end);
        let mut messages: Vec<Message> = page.drain(..).map(message).collect::<Result<_, _>>()?;
        if !is_last {
            messages.truncate(whole_commands(&messages));
        }
        position = to.append(&messages, position, &[]).await?.last;
        progress(position);
    }
    Ok(position)
}

/// What is there already must be the beginning of what is moved.
async fn compare<A: Store, B: Store>(from: &A, to: &B, progress: &mut impl FnMut(u64)) -> Result<(), MoveError> {
    let (mut old, mut new) = (Reader::after(from, 0), Reader::after(to, 0));
    loop {
        let there = new.next(MOST).await?;
        if there.is_empty() {
            return Ok(());
        }
        let position = old.position();
        let same = old.next(there.len()).await?;
        let is_same = |(a, b): (&Stored, &Stored)| a.bytes == b.bytes && a.subject == b.subject;
        let common = there.iter().zip(&same).take_while(|(a, b)| is_same((a, b))).count();
        if common < there.len() {
            return Err(MoveError::OtherHistory { sequence: position + common as u64 + 1 });
        }
        progress(new.position());
    }
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
        let end = block_on(move_history(&old, &new, |_| {})).unwrap();
        assert_eq!(end, all(&old).len() as u64);
        assert_eq!(all(&new), all(&old));
        assert_eq!(block_on(move_history(&old, &new, |_| {})).unwrap(), end);
        assert_eq!(all(&new), all(&old));
    }

    #[test]
    fn a_move_that_was_cut_off_goes_on_from_there_and_another_history_is_refused() {
        let (old, new) = (history(), MemoryStore::new());
        let first: Vec<Message> = all(&old).into_iter().take(7).map(|stored| message(stored).unwrap()).collect();
        block_on(new.append(&first, 0, &[])).unwrap();
        block_on(move_history(&old, &new, |_| {})).unwrap();
        assert_eq!(all(&new), all(&old));
        let other = MemoryStore::new();
        let mut changed = first;
        changed[3].bytes.push(b' ');
        block_on(other.append(&changed, 0, &[])).unwrap();
        let refused = block_on(move_history(&old, &other, |_| {}));
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
