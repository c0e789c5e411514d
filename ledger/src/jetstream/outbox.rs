//! Batches on their way: on this machine's disk before they are published, and there until they were read back.
//!
//! A batch keeps the position it was made for. It is published again with the same bytes and for that position, or not
//! at all.

use std::path::Path;

use rusqlite::{Connection, Row, params};
use schemas::Subject;
use uuid::Uuid;

use super::error::NatsError;
use super::index::column;
use crate::embedded::open_file;
use crate::store::Message;

/// `FTOB` in ASCII: says in the file's header whose it is.
const APPLICATION_ID: i32 = 0x4654_4F42;
const VERSION: i32 = 1;

/// Messages have no order of their own in the file: few are ever there, and a table kept in the order of a key would put
/// every one of more than a thousand bytes on a page of its own. Files made before have such a key and are used as they are.
const TABLES: &str = "
CREATE TABLE batches (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    ledger  TEXT NOT NULL,
    after   INTEGER NOT NULL
) STRICT;
CREATE TABLE messages (
    batch   INTEGER NOT NULL REFERENCES batches (number) ON DELETE CASCADE,
    place   INTEGER NOT NULL,
    subject TEXT NOT NULL,
    id      TEXT NOT NULL,
    type    TEXT NOT NULL,
    time    TEXT NOT NULL,
    bytes   BLOB NOT NULL
) STRICT;
";

/// The outbox of one ledger.
#[derive(Debug)]
pub(super) struct Outbox {
    connection: Connection,
    ledger: String,
    /// Batches that were read back and are to go with the next write.
    gone: Vec<i64>,
}

/// A batch that was not read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) number: i64,
    pub(super) after: u64,
    pub(super) messages: Vec<Message>,
}

impl Outbox {
    /// Opens or makes the file.
    pub(super) fn open(path: &Path, ledger: Uuid) -> Result<Outbox, NatsError> {
        let connection = open_file(path, APPLICATION_ID, VERSION, TABLES)?;
        Ok(Outbox { connection, ledger: ledger.to_string(), gone: Vec::new() })
    }

    /// Keeps a batch; it is on the disk when this returns.
    pub(super) fn keep(&mut self, after: u64, events: &[Message]) -> Result<i64, NatsError> {
        let begun = self.connection.transaction()?;
        delete(&begun, &self.gone)?;
        begun
            .prepare_cached("INSERT INTO batches (ledger, after) VALUES (?1, ?2)")?
            .execute(params![self.ledger, column(after)])?;
        let number = begun.last_insert_rowid();
        let mut statement = begun.prepare_cached("INSERT INTO messages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
        for (place, event) in (0i64..).zip(events) {
            let (subject, id, time) = (event.subject.to_string(), event.id.to_string(), event.time.to_string());
            statement.execute(params![number, place, subject, id, event.type_name, time, event.bytes])?;
        }
        drop(statement);
        begun.commit()?;
        self.gone.clear();
        Ok(number)
    }

    /// Lets go of a batch that was read back: it leaves the file with the next write, which waits for the disk anyway. One
    /// that is still there after a kill is found in the stream, and let go again.
    pub(super) fn let_go(&mut self, number: i64) {
        self.gone.push(number);
    }

    /// Removes a batch at once, without waiting for the disk.
    pub(super) fn remove(&mut self, number: i64) -> Result<(), NatsError> {
        self.gone.push(number);
        self.clean()
    }

    /// Takes what was let go out of the file.
    fn clean(&mut self) -> Result<(), NatsError> {
        if self.gone.is_empty() {
            return Ok(());
        }
        self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        let deleted = self.connection.transaction().and_then(|begun| {
            delete(&begun, &self.gone)?;
            begun.commit()
        });
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        deleted?;
        self.gone.clear();
        Ok(())
    }

    /// The batches that were not read back, oldest first.
    pub(super) fn waiting(&mut self) -> Result<Vec<Waiting>, NatsError> {
        self.clean()?;
        let mut statement =
            self.connection.prepare("SELECT number, after FROM batches WHERE ledger = ?1 ORDER BY number")?;
        let batches = statement.query_map([&self.ledger], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)))?;
        let batches: Vec<(i64, i64)> = batches.collect::<Result<_, _>>()?;
        let read = |(number, after): (i64, i64)| {
            Ok(Waiting { number, after: after.cast_unsigned(), messages: self.messages(number)? })
        };
        batches.into_iter().map(read).collect()
    }

    /// How many batches there are of other ledgers that had this one's name.
    pub(super) fn of_others(&self) -> Result<u64, NatsError> {
        let sql = "SELECT count(*) FROM batches WHERE ledger <> ?1";
        Ok(self.connection.query_row(sql, [&self.ledger], |row| row.get::<_, i64>(0))?.cast_unsigned())
    }

    fn messages(&self, number: i64) -> Result<Vec<Message>, NatsError> {
        let sql = "SELECT subject, id, type, time, bytes FROM messages WHERE batch = ?1 ORDER BY place";
        let mut statement = self.connection.prepare(sql)?;
        let rows = statement.query_map([number], message)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// What cannot be taken out now is found in the stream by whoever opens the file next.
impl Drop for Outbox {
    fn drop(&mut self) {
        drop(self.clean());
    }
}

fn delete(connection: &Connection, numbers: &[i64]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("DELETE FROM batches WHERE number = ?1")?;
    numbers.iter().try_for_each(|number| statement.execute([number]).map(drop))
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        subject: parsed::<Subject>(row, 0)?,
        id: parsed(row, 1)?,
        type_name: row.get::<_, String>(2)?.into(),
        time: parsed(row, 3)?,
        bytes: row.get(4)?,
    })
}

fn parsed<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: String = row.get(column)?;
    let wrong = |error| rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error));
    text.parse().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{message, person};

    /// The tables of outboxes that were made before.
    const BEFORE: &str = "
CREATE TABLE batches (number INTEGER PRIMARY KEY AUTOINCREMENT, ledger TEXT NOT NULL, after INTEGER NOT NULL) STRICT;
CREATE TABLE messages (
    batch INTEGER NOT NULL REFERENCES batches (number) ON DELETE CASCADE, place INTEGER NOT NULL, subject TEXT NOT NULL,
    id TEXT NOT NULL, type TEXT NOT NULL, time TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (batch, place)
) STRICT, WITHOUT ROWID;
";

    fn batch(number: u32) -> Vec<Message> {
        (0..3).map(|index| message(number, index, &person(number), 10, &"x".repeat(1_200))).collect()
    }

    #[test]
    fn what_waits_is_given_in_order_and_whole_also_by_a_file_that_was_made_before() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Uuid::from_u128(1);
        let made_before = folder.path().join("before");
        drop(open_file(&made_before, APPLICATION_ID, VERSION, BEFORE).unwrap());
        for path in [made_before, folder.path().join("new")] {
            let mut outbox = Outbox::open(&path, ledger).unwrap();
            let numbers: Vec<i64> =
                (1..4).map(|number| outbox.keep(u64::from(number) * 3, &batch(number)).unwrap()).collect();
            outbox.remove(numbers[1]).unwrap();
            drop(outbox);
            let waiting = Outbox::open(&path, ledger).unwrap().waiting().unwrap();
            let expected = [(numbers[0], 3, batch(1)), (numbers[2], 9, batch(3))];
            assert_eq!(waiting, expected.map(|(number, after, messages)| Waiting { number, after, messages }));
        }
    }

    #[test]
    fn what_was_let_go_leaves_with_the_next_write_and_when_the_file_is_closed_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let (path, ledger) = (folder.path().join("outbox"), Uuid::from_u128(1));
        let count = || Outbox::open(&path, ledger).unwrap().waiting().unwrap().len();
        let mut outbox = Outbox::open(&path, ledger).unwrap();
        let first = outbox.keep(0, &batch(1)).unwrap();
        outbox.let_go(first);
        assert_eq!(count(), 1, "a kill leaves it there");
        let second = outbox.keep(3, &batch(2)).unwrap();
        assert_eq!(count(), 1, "the second");
        outbox.let_go(second);
        drop(outbox);
        assert_eq!(count(), 0);
    }
}
