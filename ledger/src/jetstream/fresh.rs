//! What this process wrote last, as it was read back: the log and the views read it next, and need not ask again.
//!
//! It was read from the server over the connection that still stands, and whoever reads is told by the leader first that
//! the stream goes as far. What was read before is not read again by them either.

use std::collections::VecDeque;

use crate::store::Stored;

/// How many bytes are kept at most.
const MOST_BYTES: usize = 4 << 20;

/// Messages in a row, the last that were read back.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    /// Over which connection they were read.
    connection: u64,
    messages: VecDeque<Stored>,
    bytes: usize,
}

impl Fresh {
    /// Adds what was read over a connection. What does not follow what is there takes its place.
    pub(super) fn add(&mut self, connection: u64, read: Vec<Stored>) {
        let follows = self.messages.back().map(|last| last.sequence + 1) == read.first().map(|first| first.sequence);
        if !follows || connection != self.connection {
            *self = Fresh { connection, ..Fresh::default() };
        }
        self.bytes += read.iter().map(size).sum::<usize>();
        self.messages.extend(read);
        while self.bytes > MOST_BYTES
            && let Some(first) = self.messages.pop_front()
        {
            self.bytes -= size(&first);
        }
    }

    /// The messages from one sequence to another; none where one of them is not here.
    pub(super) fn get(&self, connection: u64, from: u64, last: u64) -> Option<Vec<Stored>> {
        let first = self.messages.front().filter(|_| connection == self.connection)?.sequence;
        let place = |sequence: u64| usize::try_from(sequence.checked_sub(first)?).ok();
        let (from, last) = (place(from)?, place(last)?);
        (from <= last && last < self.messages.len()).then(|| self.messages.range(from..=last).cloned().collect())
    }
}

fn size(stored: &Stored) -> usize {
    stored.bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::person;

    fn row(from: u64, last: u64, bytes: usize) -> Vec<Stored> {
        (from..=last).map(|sequence| Stored { sequence, subject: person(1), bytes: vec![b'x'; bytes] }).collect()
    }

    #[test]
    fn what_was_read_back_is_given_whole_or_not_at_all_and_over_its_own_connection() {
        let mut fresh = Fresh::default();
        assert_eq!(fresh.get(0, 1, 1), None);
        fresh.add(1, row(4, 6, 10));
        fresh.add(1, row(7, 8, 10));
        assert_eq!(fresh.get(1, 5, 7), Some(row(5, 7, 10)));
        assert_eq!(fresh.get(1, 4, 8), Some(row(4, 8, 10)));
        for (connection, from, last) in [(1, 3, 5), (1, 7, 9), (1, 9, 9), (1, 6, 5), (2, 5, 7)] {
            assert_eq!(fresh.get(connection, from, last), None, "{from} to {last}");
        }
    }

    #[test]
    fn what_does_not_follow_begins_anew_and_what_is_too_much_goes_from_the_front() {
        let mut fresh = Fresh::default();
        fresh.add(1, row(1, 3, 10));
        fresh.add(1, row(5, 6, 10));
        assert_eq!((fresh.get(1, 3, 3), fresh.get(1, 5, 6)), (None, Some(row(5, 6, 10))));
        fresh.add(2, row(7, 7, 10));
        assert_eq!((fresh.get(2, 5, 7), fresh.get(2, 7, 7)), (None, Some(row(7, 7, 10))));
        fresh.add(2, row(8, 11, 1 << 20));
        assert_eq!((fresh.get(2, 7, 8), fresh.get(2, 8, 11).map(|all| all.len())), (None, Some(4)));
    }
}
