//! Which message stands on which subject and what it is called: a file beside the ledger, made again when it is gone.
//!
//! A server finds the messages of one subject slowly and those of one command not at all. What is found here is only
//! ever a place; the bytes come from the server, which is asked for exactly that place.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, ffi, params};
use schemas::{CommandId, EventId, Subject};
use uuid::Uuid;

use super::error::NatsError;
use crate::embedded::{OpenError, open_file};
use crate::store::{Head, Message};

/// `FTIX` in ASCII: says in the file's header whose it is.
const APPLICATION_ID: i32 = 0x4654_4958;
const VERSION: i32 = 1;

/// The highest sequence is how far the index goes: there is nothing else to keep in step with the rows.
const TABLES: &str = "
CREATE TABLE messages (
    sequence INTEGER PRIMARY KEY,
    subject  TEXT NOT NULL,
    id       TEXT NOT NULL,
    time     TEXT NOT NULL
) STRICT;
CREATE INDEX messages_by_subject ON messages (subject, sequence);
CREATE INDEX messages_by_id ON messages (id);
CREATE TABLE about (ledger TEXT NOT NULL) STRICT;
";

/// The index of one ledger.
#[derive(Debug)]
pub(super) struct Index(Connection);

impl Index {
    /// Opens the index, empty where there was none or it was that of another ledger. One that is damaged is put aside and
    /// begun again, and the second answer says why.
    pub(super) fn open(path: &Path, ledger: Uuid) -> Result<(Index, Option<String>), NatsError> {
        let opened = Index::open_whole(path, ledger);
        let Some(reason) = opened.as_ref().err().and_then(damage) else { return Ok((opened?, None)) };
        for end in ["", "-wal", "-shm"] {
            let name = |more: &str| PathBuf::from(format!("{}{more}{end}", path.display()));
            // What cannot be put aside is found again by whoever opens it.
            drop(std::fs::rename(name(""), name(".damaged")));
        }
        Ok((Index::open_whole(path, ledger)?, Some(reason)))
    }

    fn open_whole(path: &Path, ledger: Uuid) -> Result<Index, NatsError> {
        let mut connection = open_file(path, APPLICATION_ID, VERSION, TABLES)?;
        // It can be made again: no waiting for the disk.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        let begun = connection.transaction()?;
        let known: Option<String> = begun.query_row("SELECT ledger FROM about", [], |row| row.get(0)).optional()?;
        if known.as_deref() != Some(ledger.to_string().as_str()) {
            begun.execute_batch("DELETE FROM messages; DELETE FROM about;")?;
            begun.execute("INSERT INTO about VALUES (?1)", [ledger.to_string()])?;
        }
        begun.commit()?;
        // Of its structure alone: what it says of each message is held against the message when it is asked for.
        let said: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if said != "ok" {
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), Some(said)).into());
        }
        Ok(Index(connection))
    }

    /// What is wrong with it: pages, lookups that do not agree with the rows, rows that are missing.
    pub(super) fn check(&self) -> Result<Vec<String>, NatsError> {
        let mut statement = self.0.prepare("PRAGMA integrity_check")?;
        let found = statement.query_map([], |row| row.get::<_, String>(0))?;
        let mut found: Vec<String> = found.collect::<Result<_, _>>()?;
        found.retain(|said| said != "ok");
        let (rows, end) = self.0.query_row("SELECT count(*), coalesce(max(sequence), 0) FROM messages", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        })?;
        if rows != end {
            found.push(format!("{rows} messages of {end}"));
        }
        let advice =
            |said| format!("the index beside the ledger: {said}; remove it, and it is made again from the stream");
        Ok(found.into_iter().map(advice).collect())
    }

    /// How far it goes.
    pub(super) fn end(&self) -> Result<Head, NatsError> {
        let sql = "SELECT sequence, time FROM messages ORDER BY sequence DESC LIMIT 1";
        let mut statement = self.0.prepare_cached(sql)?;
        let last = statement.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)));
        let Some((sequence, time)) = last.optional()? else { return Ok(Head::default()) };
        Ok(Head { sequence: sequence.cast_unsigned(), time: time.parse::<Timestamp>().ok() })
    }

    /// What the last message that it knows is called.
    pub(super) fn last(&self) -> Result<Option<(u64, EventId)>, NatsError> {
        let sql = "SELECT sequence, id FROM messages ORDER BY sequence DESC LIMIT 1";
        let last = self.0.query_row(sql, [], |row| Ok((sequence(row)?, row.get::<_, String>(1)?))).optional()?;
        Ok(last.and_then(|(sequence, id)| Some((sequence, id.parse().ok()?))))
    }

    /// Adds what follows; what another process added meanwhile is left as it is.
    pub(super) fn add<'a>(&mut self, messages: impl Iterator<Item = (u64, &'a Message)>) -> Result<(), NatsError> {
        let begun = self.0.transaction()?;
        let mut statement = begun.prepare_cached("INSERT OR IGNORE INTO messages VALUES (?1, ?2, ?3, ?4)")?;
        for (sequence, message) in messages {
            let (subject, id) = (message.subject.to_string(), message.id.to_string());
            statement.execute(params![column(sequence), subject, id, message.time.to_string()])?;
        }
        drop(statement);
        Ok(begun.commit()?)
    }

    /// Where the messages of a subject stand, from a sequence on.
    pub(super) fn of_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<u64>, NatsError> {
        let sql = "SELECT sequence FROM messages WHERE subject = ?1 AND sequence >= ?2 ORDER BY sequence LIMIT ?3";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.sequences(sql, params![subject.to_string(), column(from), limit])
    }

    /// Where the events of each command stand. Their names begin with its id and a dot, and a slash comes right after the
    /// dot.
    pub(super) fn of_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<u64>>, NatsError> {
        let sql = "SELECT sequence FROM messages WHERE id > ?1 || '.' AND id < ?1 || '/' ORDER BY sequence";
        let mut statement = self.0.prepare_cached(sql)?;
        let mut places = Vec::with_capacity(ids.len());
        for id in ids {
            let rows = statement.query_map([id.to_string()], sequence)?;
            places.push(rows.collect::<Result<_, _>>()?);
        }
        Ok(places)
    }

    /// How many of these messages have a name that is known, and the first of those names.
    pub(super) fn known(&self, messages: &[Message]) -> Result<(usize, Option<EventId>), NatsError> {
        let mut statement = self.0.prepare_cached("SELECT 1 FROM messages WHERE id = ?1")?;
        let (mut count, mut first) = (0, None);
        for message in messages {
            if statement.exists([message.id.to_string()])? {
                count += 1;
                first = first.or(Some(message.id));
            }
        }
        Ok((count, first))
    }

    /// Which of the subjects have a message after a sequence.
    pub(super) fn changed(&self, after: u64, reads: &[Subject]) -> Result<Vec<Subject>, NatsError> {
        let mut changed = Vec::new();
        for subject in reads {
            if !self.of_subject(subject, after + 1, 1)?.is_empty() {
                changed.push(subject.clone());
            }
        }
        Ok(changed)
    }

    fn sequences(&self, sql: &str, of: impl rusqlite::Params) -> Result<Vec<u64>, NatsError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map(of, sequence)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// What is wrong with the file, where that is what is wrong.
fn damage(error: &NatsError) -> Option<String> {
    if let NatsError::Beside(OpenError::NotOurs { reason, .. }) = error {
        return Some(reason.clone());
    }
    let (NatsError::Beside(OpenError::Sqlite { source, .. }) | NatsError::Local(source)) = error else { return None };
    let is_damage = matches!(source.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase));
    is_damage.then(|| source.to_string())
}

fn sequence(row: &Row<'_>) -> rusqlite::Result<u64> {
    row.get::<_, i64>(0).map(i64::cast_unsigned)
}

/// SQLite's integers are signed; a sequence that does not fit lies behind every one there is.
pub(super) fn column(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}
