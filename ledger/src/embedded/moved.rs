//! That the history of a ledger in a file goes elsewhere: a mark in the file, and no event after it.
//!
//! The mark is no event, because the log that is moved has to stay the log that was signed. It is set and the end of the
//! stream is fixed in one transaction, before anything is copied; from then on the file itself takes no event, whoever
//! brings it. Its version changes with it, so that a program which does not know the mark does not open the file.

use std::fmt;

use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use schemas::Digest;

use super::{EmbeddedStore, VERSION, column, head, pragma, unread};
use crate::store::ReadError;

/// The version of a file whose history goes elsewhere.
pub(super) const MOVED: i32 = 2;

const MARK: &str = "
CREATE TABLE moved (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    \"to\"    TEXT NOT NULL,
    events  INTEGER NOT NULL,
    stage   TEXT NOT NULL CHECK (stage IN ('begun', 'ending', 'finished')),
    root    BLOB
) STRICT;
CREATE TRIGGER a_moved_ledger_takes_no_event BEFORE INSERT ON events
    BEGIN SELECT RAISE(ABORT, 'this ledger was moved: the table moved says where to'); END;
";

const UNMARK: &str = "DROP TRIGGER a_moved_ledger_takes_no_event; DROP TABLE moved;";

/// Where a ledger goes, or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The place, as it is named to people.
    pub to: String,
    /// How many events it has: all there ever were and will be in this file.
    pub events: u64,
    /// How far that came.
    pub stage: Stage,
}

/// How far a move came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Some events may be there, and the last is not: nobody can use the new ledger, and this one may be opened again.
    Begun,
    /// The last event may be there: the new ledger may be used, and this one never again.
    Ending,
    /// All are there, and come to the same root.
    Finished(Digest),
}

/// Says that nothing more is recorded, and why.
impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Moved { to, events, stage } = self;
        match stage {
            Stage::Begun | Stage::Ending => write!(f, "this ledger is being moved to {to}"),
            Stage::Finished(_) => write!(f, "this ledger was moved to {to} with all its {events} events"),
        }
    }
}

/// Why the mark was not set or changed.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// It stands otherwise than whoever changes it knew.
    #[error("{}", .0.as_ref().map_or_else(|| "this ledger is not being moved".to_string(), ToString::to_string))]
    Otherwise(Option<Moved>),
    /// There is nothing to move.
    #[error("this ledger holds nothing")]
    Empty,
    /// The file could not be read or written.
    #[error(transparent)]
    File(#[from] ReadError),
}

/// Why a moved ledger takes no event.
#[derive(Debug, thiserror::Error)]
#[error("{0}: record there")]
pub struct Closed(pub Moved);

impl EmbeddedStore {
    /// Where this ledger goes or went; none where it is used here.
    ///
    /// # Errors
    /// [`ReadError::Storage`].
    pub fn moved(&self) -> Result<Option<Moved>, ReadError> {
        moved(&self.connection())
    }

    /// Ends the stream here, because it goes to another place.
    ///
    /// # Errors
    /// [`MarkError`]; nothing was changed.
    pub fn close(&self, to: &str) -> Result<Moved, MarkError> {
        self.mark(None, |begun| {
            let events = head(begun)?.sequence;
            if events == 0 {
                return Err(MarkError::Empty);
            }
            begun.execute_batch(MARK).map_err(unread)?;
            begun.pragma_update(None, "user_version", MOVED).map_err(unread)?;
            let sql = "INSERT INTO moved VALUES (1, ?1, ?2, 'begun', NULL)";
            begun.execute(sql, params![to, column(events)]).map_err(unread)?;
            Ok(Moved { to: to.into(), events, stage: Stage::Begun })
        })
    }

    /// Notes how far the move came.
    ///
    /// # Errors
    /// [`MarkError::Otherwise`] where it is not the move that the caller knows, such as one that was given up meanwhile.
    pub fn note(&self, known: &Moved, stage: Stage) -> Result<Moved, MarkError> {
        let (name, root) = match stage {
            Stage::Begun => ("begun", None),
            Stage::Ending => ("ending", None),
            Stage::Finished(root) => ("finished", Some(root.0)),
        };
        self.mark(Some(known), |begun| {
            begun.execute("UPDATE moved SET stage = ?1, root = ?2", params![name, root]).map_err(unread)?;
            Ok(Moved { stage, ..known.clone() })
        })
    }

    /// Gives the move up: events are taken here again.
    ///
    /// # Errors
    /// [`MarkError::Otherwise`] where the last event may have gone already.
    pub fn reopen(&self, known: &Moved) -> Result<(), MarkError> {
        if known.stage != Stage::Begun {
            return Err(MarkError::Otherwise(Some(known.clone())));
        }
        self.mark(Some(known), |begun| {
            begun.execute_batch(UNMARK).map_err(unread)?;
            Ok(begun.pragma_update(None, "user_version", VERSION).map_err(unread)?)
        })
    }

    /// Changes the mark if it is still the one that is known, all or nothing.
    fn mark<T>(
        &self,
        known: Option<&Moved>,
        change: impl FnOnce(&Connection) -> Result<T, MarkError>,
    ) -> Result<T, MarkError> {
        let mut connection = self.connection();
        let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unread)?;
        let found = moved(&begun)?;
        if found.as_ref() != known {
            return Err(MarkError::Otherwise(found));
        }
        let changed = change(&begun)?;
        begun.commit().map_err(unread)?;
        Ok(changed)
    }
}

/// What the mark says.
pub(super) fn moved(connection: &Connection) -> Result<Option<Moved>, ReadError> {
    if pragma(connection, "user_version").map_err(unread)? != MOVED {
        return Ok(None);
    }
    let read = |row: &Row<'_>| -> rusqlite::Result<(String, i64, String, Option<[u8; 32]>)> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    };
    let row = connection.query_row("SELECT \"to\", events, stage, root FROM moved", [], read).optional();
    let damaged = |reason: &str| ReadError::Storage { source: format!("the table moved {reason}").into() };
    let (to, events, stage, root) = row.map_err(unread)?.ok_or_else(|| damaged("is empty"))?;
    let stage = match (stage.as_str(), root) {
        ("begun", None) => Stage::Begun,
        ("ending", None) => Stage::Ending,
        ("finished", Some(root)) => Stage::Finished(Digest(root)),
        (other, _) => return Err(damaged(&format!("says `{other}`"))),
    };
    Ok(Some(Moved { to, events: events.cast_unsigned(), stage }))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::contract;
    use crate::store::{AppendError, Store as _};

    const TO: &str = "nats://localhost:4222/new";

    fn with_one_event(path: &Path) -> EmbeddedStore {
        let store = EmbeddedStore::open(path).unwrap();
        append(&store, 1, 0).unwrap();
        store
    }

    fn append(store: &EmbeddedStore, number: u32, after: u64) -> Result<(), AppendError> {
        let message = contract::message(number, 0, &contract::person(1), 10, "a");
        contract::block_on(store.append(&[message], after, &[])).map(drop)
    }

    #[test]
    fn a_ledger_that_is_moved_takes_no_event_also_from_whoever_opened_it_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("footing.db");
        let (before, store) = (with_one_event(&path), EmbeddedStore::open(&path).unwrap());
        let begun = store.close(TO).unwrap();
        assert_eq!(begun, Moved { to: TO.into(), events: 1, stage: Stage::Begun });
        for writer in [&before, &store, &EmbeddedStore::open(&path).unwrap()] {
            let Err(AppendError::Storage { source }) = append(writer, 2, 1) else { panic!("an event was taken") };
            assert_eq!(source.to_string(), format!("this ledger is being moved to {TO}: record there"));
            assert_eq!(contract::block_on(writer.read(1, 9)).unwrap().len(), 1, "reading goes on");
            assert_eq!(writer.check_file().unwrap(), [""; 0]);
        }
        let stock = Connection::open(&path).unwrap();
        let refused = stock.execute("INSERT INTO events VALUES (2, 's', 'i', 't', 'now', x'00', x'00')", []);
        assert_eq!(refused.unwrap_err().to_string(), "this ledger was moved: the table moved says where to");
        assert_eq!(pragma(&stock, "user_version").unwrap(), 2, "a program that does not know the mark stays out");
    }

    #[test]
    fn a_move_goes_forward_only_and_is_given_up_only_while_the_last_event_has_not_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("footing.db");
        let store = with_one_event(&path);
        let begun = store.close(TO).unwrap();
        assert!(matches!(store.close("elsewhere"), Err(MarkError::Otherwise(Some(found))) if found == begun));
        store.reopen(&begun).unwrap();
        assert_eq!(store.moved().unwrap(), None);
        append(&store, 2, 1).unwrap();
        assert!(matches!(store.note(&begun, Stage::Ending), Err(MarkError::Otherwise(None))), "it was given up");
        let begun = store.close(TO).unwrap();
        let ending = store.note(&begun, Stage::Ending).unwrap();
        assert!(matches!(store.reopen(&ending), Err(MarkError::Otherwise(Some(_)))));
        assert!(matches!(store.reopen(&begun), Err(MarkError::Otherwise(Some(found))) if found == ending));
        let finished = store.note(&ending, Stage::Finished(Digest([7; 32]))).unwrap();
        assert_eq!(EmbeddedStore::open(&path).unwrap().moved().unwrap(), Some(finished));
    }

    #[test]
    fn a_ledger_without_events_has_nothing_to_move() {
        let folder = tempfile::tempdir().unwrap();
        let store = EmbeddedStore::open(&folder.path().join("footing.db")).unwrap();
        assert!(matches!(store.close(TO), Err(MarkError::Empty)));
        assert_eq!(store.moved().unwrap(), None);
    }
}
