//! The stream in one SQLite file: no server, durable at every append, open to an auditor's own tools.
//!
//! Calls into SQLite block inside the async functions for the time of a disk write; a program with an event loop of
//! its own gives the store a thread.

pub mod moved;

use std::borrow::Cow;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use schemas::{CommandId, Digest, Subject};
use serde::Deserialize;

use crate::store::{AppendError, Appended, Head, Message, ReadError, Store, Stored, check_batch};

/// `FOOT` in ASCII: says in the file's header whose it is.
const APPLICATION_ID: i32 = 0x464F_4F54;

/// The version of the tables below.
const VERSION: i32 = 1;

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(30);

/// One row per event; rows can be added at the end and not otherwise touched. The hash beside the bytes finds a disk that
/// forgot; it is not meant against somebody who means to deceive and would change both.
const TABLES: &str = "
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    subject  TEXT NOT NULL,
    id       TEXT NOT NULL UNIQUE,
    type     TEXT NOT NULL,
    time     TEXT NOT NULL,
    bytes    BLOB NOT NULL,
    sha256   BLOB NOT NULL
) STRICT;
CREATE INDEX events_by_subject ON events (subject, sequence);
CREATE TRIGGER events_are_numbered_without_a_gap BEFORE INSERT ON events
    WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM events)
    BEGIN SELECT RAISE(ABORT, 'an event takes the next sequence'); END;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE VIEW history AS SELECT sequence, subject, id, type, time, CAST(bytes AS TEXT) AS event FROM events;
";

/// A stream in one file.
#[derive(Debug)]
pub struct EmbeddedStore(Mutex<Connection>);

/// Why a file could not be opened as a ledger.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is something else.
    #[error("{path} is not a ledger: {reason}")]
    NotOurs {
        /// The file.
        path: String,
        /// What it seems to be.
        reason: String,
    },
    /// The file was written by another version of this program.
    #[error("{path} has version {found}; this program reads version {expected}")]
    OtherVersion {
        /// The file.
        path: String,
        /// Its version.
        found: i32,
        /// Ours.
        expected: i32,
    },
    /// SQLite failed.
    #[error("could not open {path}")]
    Sqlite {
        /// The file.
        path: String,
        /// What failed.
        #[source]
        source: rusqlite::Error,
    },
}

impl EmbeddedStore {
    /// Opens the file, making it when there is none.
    ///
    /// # Errors
    /// [`OpenError`]; a file that is not ours is left as it is.
    pub fn open(path: &Path) -> Result<EmbeddedStore, OpenError> {
        let opened = open_any(path, APPLICATION_ID, &[VERSION, moved::MOVED], TABLES);
        opened.map(|connection| EmbeddedStore(Mutex::new(connection)))
    }

    /// What is wrong with the file around the events: pages, indexes, and columns that say something else than the bytes
    /// beside them. Without it an index that lost a row would hide an event from whoever asks by subject.
    ///
    /// # Errors
    /// [`ReadError`], when the file cannot be read at all.
    pub fn check_file(&self) -> Result<Vec<String>, ReadError> {
        let connection = self.connection();
        let mut statement = connection.prepare("PRAGMA integrity_check").map_err(unread)?;
        let said = statement.query_map([], |row| row.get::<_, String>(0)).map_err(unread)?;
        let mut findings = said.collect::<Result<Vec<_>, _>>().map_err(unread)?;
        findings.retain(|line| line != "ok");
        let sql = "SELECT sequence, type, time, bytes FROM events ORDER BY sequence";
        let mut statement = connection.prepare(sql).map_err(unread)?;
        let mut rows = statement.query([]).map_err(unread)?;
        while let Some(row) = rows.next().map_err(unread)? {
            findings.extend(miscatalogued(row).map_err(unread)?);
        }
        Ok(findings)
    }

    /// SQLite takes back what a writer that panicked left open.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens or makes a file of this kind and version, durable at every commit.
pub(crate) fn open_file(path: &Path, application: i32, version: i32, tables: &str) -> Result<Connection, OpenError> {
    open_any(path, application, &[version], tables)
}

/// The same for a file that may have one of several versions; a new one gets the first.
fn open_any(path: &Path, application: i32, versions: &[i32], tables: &str) -> Result<Connection, OpenError> {
    let newest = versions.last().copied().unwrap_or_default();
    let name = || path.display().to_string();
    let failed = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::NotOurs { path: name(), reason: "not an SQLite file".into() },
        Some(_) | None => OpenError::Sqlite { path: name(), source },
    };
    let mut connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let found = (pragma(&begun, "application_id").map_err(failed)?, pragma(&begun, "user_version").map_err(failed)?);
    let things: i64 = begun.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    match found {
        (0, 0) if things == 0 => {
            begun.execute_batch(tables).map_err(failed)?;
            begun.pragma_update(None, "application_id", application).map_err(failed)?;
            begun.pragma_update(None, "user_version", versions.first()).map_err(failed)?;
        }
        (theirs, found) if theirs == application => {
            if !versions.contains(&found) {
                return Err(OpenError::OtherVersion { path: name(), found, expected: newest });
            }
        }
        (theirs, _) => {
            let reason = format!("an SQLite file of another program (application_id {theirs:#x})");
            return Err(OpenError::NotOurs { path: name(), reason });
        }
    }
    begun.commit().map_err(failed)?;
    let durable = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                   PRAGMA recursive_triggers = ON; PRAGMA cell_size_check = ON;
                   PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 8192;";
    connection.execute_batch(durable).map_err(failed)?;
    Ok(connection)
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

impl Store for EmbeddedStore {
    async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        let mut connection = self.connection();
        // Taking the write lock first: what is read below stays true until the commit.
        let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unstored)?;
        if let Some(moved) = moved::moved(&begun).map_err(|error| AppendError::Storage { source: error.into() })? {
            return Err(AppendError::Storage { source: moved::Closed(moved).into() });
        }
        let head = head(&begun).map_err(|error| AppendError::Storage { source: error.into() })?;
        if head.sequence != after {
            return Err(AppendError::Conflict { after, head: head.sequence, changed: changed(&begun, after, reads)? });
        }
        check_batch(events, head)?;
        insert(&begun, events, after)?;
        begun.commit().map_err(unstored)?;
        Ok(Appended { first: after + 1, last: after + events.len() as u64 })
    }

    async fn head(&self) -> Result<Head, ReadError> {
        head(&self.connection())
    }

    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        let sql = "SELECT sequence, subject, bytes, sha256 FROM events WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2";
        let connection = self.connection();
        let mut statement = connection.prepare_cached(sql).map_err(unread)?;
        let mut rows = statement.query(params![column(from), limit_of(limit)]).map_err(unread)?;
        messages(&mut rows)
    }

    async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        let sql = "SELECT sequence, subject, bytes, sha256 FROM events
                   WHERE subject = ?1 AND sequence >= ?2 ORDER BY sequence LIMIT ?3";
        let connection = self.connection();
        let mut statement = connection.prepare_cached(sql).map_err(unread)?;
        let mut rows = statement.query(params![subject.to_string(), column(from), limit_of(limit)]).map_err(unread)?;
        messages(&mut rows)
    }

    async fn find_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
        // The names of a command's events begin with its id and a dot, and a slash comes right after the dot.
        let sql = "SELECT sequence, subject, bytes, sha256 FROM events WHERE id > ?1 || '.' AND id < ?1 || '/' ORDER BY sequence";
        let connection = self.connection();
        // One transaction for all of them: taking and giving back a lock costs more than the look-up.
        let begun = connection.unchecked_transaction().map_err(unread)?;
        let mut statement = begun.prepare_cached(sql).map_err(unread)?;
        ids.iter().map(|id| messages(&mut statement.query([id.to_string()]).map_err(unread)?)).collect()
    }
}

fn head(connection: &Connection) -> Result<Head, ReadError> {
    let sql = "SELECT sequence, time FROM events ORDER BY sequence DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql).map_err(unread)?;
    let last = statement.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)));
    let Some((sequence, time)) = last.optional().map_err(unread)? else { return Ok(Head::default()) };
    let sequence = sequence.cast_unsigned();
    match time.parse::<Timestamp>() {
        Ok(time) => Ok(Head { sequence, time: Some(time) }),
        Err(error) => Err(ReadError::Damaged { sequence, reason: format!("time: {error}") }),
    }
}

fn changed(begun: &Transaction<'_>, after: u64, reads: &[Subject]) -> Result<Vec<Subject>, AppendError> {
    let mut statement =
        begun.prepare_cached("SELECT 1 FROM events WHERE subject = ?1 AND sequence > ?2 LIMIT 1").map_err(unstored)?;
    let mut changed = Vec::new();
    for subject in reads {
        if statement.exists(params![subject.to_string(), column(after)]).map_err(unstored)? {
            changed.push(subject.clone());
        }
    }
    Ok(changed)
}

fn insert(begun: &Transaction<'_>, events: &[Message], after: u64) -> Result<(), AppendError> {
    let sql =
        "INSERT INTO events (sequence, subject, id, type, time, bytes, sha256) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let mut statement = begun.prepare_cached(sql).map_err(unstored)?;
    for (sequence, event) in (after + 1..).zip(events) {
        let (subject, id, time) = (event.subject.to_string(), event.id.to_string(), event.time.to_string());
        let row =
            params![column(sequence), subject, id, event.type_name, time, event.bytes, Digest::of(&event.bytes).0];
        // The table itself forbids a second row of the same name; the numbering of the others it cannot get wrong.
        statement.execute(row).map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => AppendError::DuplicateId { id: event.id },
            Some(_) | None => unstored(error),
        })?;
    }
    Ok(())
}

fn messages(rows: &mut rusqlite::Rows<'_>) -> Result<Vec<Stored>, ReadError> {
    let mut messages = Vec::new();
    while let Some(row) = rows.next().map_err(unread)? {
        messages.push(message(row)?);
    }
    Ok(messages)
}

fn message(row: &Row<'_>) -> Result<Stored, ReadError> {
    let sequence = row.get::<_, i64>(0).map_err(unread)?.cast_unsigned();
    let damaged = |reason: String| ReadError::Damaged { sequence, reason };
    let subject: String = row.get(1).map_err(|error| damaged(error.to_string()))?;
    let subject = subject.parse().map_err(|error: schemas::envelope::SubjectError| damaged(error.to_string()))?;
    let bytes: Vec<u8> = row.get(2).map_err(|error| damaged(error.to_string()))?;
    let hash: [u8; 32] = row.get(3).map_err(|error| damaged(error.to_string()))?;
    if Digest::of(&bytes).0 != hash {
        return Err(damaged("its bytes are not those that were stored".into()));
    }
    Ok(Stored { sequence, subject, bytes })
}

/// A row whose columns are not those of its event; bytes that are no event have a finding of their own.
fn miscatalogued(row: &Row<'_>) -> rusqlite::Result<Option<String>> {
    #[derive(Deserialize)]
    struct Probe<'a> {
        #[serde(borrow)]
        r#type: Cow<'a, str>,
        time: Timestamp,
    }
    let bytes = row.get_ref(3)?.as_bytes().unwrap_or_default();
    let Ok(said) = serde_json::from_slice::<Probe<'_>>(bytes) else { return Ok(None) };
    let sequence: i64 = row.get(0)?;
    let column = |at: usize| row.get_ref(at).map(|value| String::from_utf8_lossy(value.as_bytes().unwrap_or_default()));
    let (kind, time) = (column(1)?, column(2)?);
    if kind != said.r#type {
        return Ok(Some(format!("sequence {sequence}: is kept as a {kind:?} and says it is a {:?}", said.r#type)));
    }
    let same = time.parse::<Timestamp>().is_ok_and(|time| time == said.time);
    Ok((!same).then(|| format!("sequence {sequence}: is kept as recorded at {time} and says {}", said.time)))
}

/// SQLite's integers are signed; a sequence that does not fit lies behind every one there is.
fn column(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

fn limit_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn unstored(error: rusqlite::Error) -> AppendError {
    AppendError::Storage { source: error.into() }
}

fn unread(error: rusqlite::Error) -> ReadError {
    ReadError::Storage { source: error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;

    #[test]
    fn the_embedded_store_keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        let count = std::sync::atomic::AtomicU32::new(0);
        let fresh = || {
            let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            EmbeddedStore::open(&folder.path().join(format!("{number}.db"))).unwrap()
        };
        contract::check_all(&|check| contract::block_on(check), fresh).unwrap();
    }

    #[test]
    fn two_openings_of_one_file_see_each_other_and_conflict() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("footing.db");
        let (a, b) = (EmbeddedStore::open(&path).unwrap(), EmbeddedStore::open(&path).unwrap());
        let subject = contract::person(1);
        contract::block_on(async {
            a.append(&[contract::message(1, 0, &subject, 10, "a")], 0, &[]).await.unwrap();
            assert_eq!(b.head().await.unwrap().sequence, 1);
            let late = b.append(&[contract::message(2, 0, &subject, 10, "b")], 0, std::slice::from_ref(&subject)).await;
            assert!(matches!(late, Err(AppendError::Conflict { after: 0, head: 1, changed }) if changed == [subject]));
        });
    }

    #[test]
    fn a_file_of_another_program_is_refused_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (text, other, newer) =
            (folder.path().join("text"), folder.path().join("other.db"), folder.path().join("newer.db"));
        std::fs::write(&text, "to whom it may concern, this is a letter of more than a hundred bytes, ".repeat(3))
            .unwrap();
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
        EmbeddedStore::open(&newer).unwrap();
        Connection::open(&newer).unwrap().pragma_update(None, "user_version", 9).unwrap();
        let before = std::fs::read(&text).unwrap();
        let message = |path: &Path| EmbeddedStore::open(path).unwrap_err().to_string();
        assert!(message(&text).contains("is not a ledger: not an SQLite file"));
        assert!(message(&other).contains("an SQLite file of another program"));
        assert!(message(&newer).contains("has version 9; this program reads version 2"));
        assert_eq!(std::fs::read(&text).unwrap(), before);
    }

    #[test]
    fn the_file_itself_forbids_changing_deleting_and_skipping() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("footing.db");
        let store = EmbeddedStore::open(&path).unwrap();
        let first = contract::message(1, 0, &contract::person(1), 10, "a");
        contract::block_on(async { store.append(&[first], 0, &[]).await.unwrap() });
        let auditor = Connection::open(&path).unwrap();
        let refusal = |sql: &str| auditor.execute(sql, []).unwrap_err().to_string();
        assert_eq!(refusal("UPDATE events SET bytes = x'00'"), "events are never changed");
        assert_eq!(refusal("DELETE FROM events"), "events are never deleted");
        let skipping = "INSERT INTO events VALUES (3, 's', 'i', 't', 'now', x'00', x'00')";
        assert_eq!(refusal(skipping), "an event takes the next sequence");
        let event: String = auditor.query_row("SELECT event FROM history", [], |row| row.get(0)).unwrap();
        assert_eq!(event, "a");
    }
}
