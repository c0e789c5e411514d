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
    bytes   BLOB NOT NULL,
    PRIMARY KEY (batch, place)
) STRICT, WITHOUT ROWID;
";

/// The outbox of one ledger.
#[derive(Debug)]
pub(super) struct Outbox {
    connection: Connection,
    ledger: String,
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
        Ok(Outbox { connection, ledger: ledger.to_string() })
    }

    /// Keeps a batch; it is on the disk when this returns.
    pub(super) fn keep(&mut self, after: u64, events: &[Message]) -> Result<i64, NatsError> {
        let begun = self.connection.transaction()?;
        begun.execute("INSERT INTO batches (ledger, after) VALUES (?1, ?2)", params![self.ledger, column(after)])?;
        let number = begun.last_insert_rowid();
        let mut statement = begun.prepare("INSERT INTO messages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
        for (place, event) in (0i64..).zip(events) {
            let (subject, id, time) = (event.subject.to_string(), event.id.to_string(), event.time.to_string());
            statement.execute(params![number, place, subject, id, event.type_name, time, event.bytes])?;
        }
        drop(statement);
        begun.commit()?;
        Ok(number)
    }

    /// Lets a batch go. One that is still there after a power cut is found in the stream, and let go again.
    pub(super) fn remove(&self, number: i64) -> Result<(), NatsError> {
        self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        let removed = self.connection.execute("DELETE FROM batches WHERE number = ?1", [number]);
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        removed?;
        Ok(())
    }

    /// The batches that were not read back, oldest first.
    pub(super) fn waiting(&self) -> Result<Vec<Waiting>, NatsError> {
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
