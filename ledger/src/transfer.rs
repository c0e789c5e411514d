//! Moving history in and out: one JSON object a line, streamed, in batches.
//!
//! A bad record goes to the quarantine with its line, its field and the reason, and the rest goes in. What went in
//! before is recognised, so that an import that was killed is simply started again.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};

use jiff::Timestamp;
use schemas::envelope::{Envelope, EnvelopeError};
use schemas::events::PayloadError;
use schemas::{CommandId, Digest, EventId, Subject};
use serde::{Deserialize, Serialize};

use crate::command::Command;
use crate::store::{AppendError, Head, Message, ReadError, Reader, Store};
use crate::write::{Failure, Ledger, WriteError};

/// How many records go in at once.
const BATCH: usize = 1_000;

/// The longest line that is read: a pack with its law fits many times.
const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// How many subjects' last digests are kept at hand.
const AT_HAND: usize = 200_000;

/// How far a transfer came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lines read or written.
    pub lines: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Records that went in now.
    pub new: u64,
    /// Records that were there already.
    pub repeated: u64,
    /// Records that went to the quarantine.
    pub quarantined: u64,
}

/// Why a transfer stopped. What went in stays in; starting again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The file or the quarantine could not be read or written.
    #[error("line {line}: the file could not be read or written")]
    File {
        /// The last line that was read.
        line: u64,
        /// What failed.
        #[source]
        source: io::Error,
    },
    /// The ledger failed.
    #[error("line {line}: the ledger could not be read or written")]
    Ledger {
        /// The last line that was read.
        line: u64,
        /// What failed.
        #[source]
        source: Failure,
    },
    /// Events go into an empty ledger, or go on where their own import stopped.
    #[error("the ledger holds another history: events are imported into an empty ledger")]
    OtherHistory,
}

/// A record that was not taken.
#[derive(Serialize)]
struct Quarantined<'a> {
    line: u64,
    field: &'a str,
    reason: &'a str,
    record: &'a str,
}

/// Whether a line is an event as exported, and not a command.
pub fn is_event(line: &str) -> bool {
    #[derive(Deserialize)]
    struct Probe {
        specversion: Option<String>,
    }
    serde_json::from_str::<Probe>(line).is_ok_and(|probe| probe.specversion.is_some())
}

/// Submits a command a line.
///
/// # Errors
/// [`TransferError`].
pub async fn import_commands<S: Store>(
    ledger: &mut Ledger<S>,
    file: impl BufRead,
    quarantine: impl Write,
    mut progress: impl FnMut(&Progress),
) -> Result<Progress, TransferError> {
    let mut transfer = Transfer::new(file, quarantine);
    let mut batch: Vec<(u64, String)> = Vec::new();
    let mut commands: Vec<Command> = Vec::new();
    loop {
        let line = transfer.next_line()?;
        let ended = line.is_none();
        if let Some((number, text)) = line {
            match Command::from_json(&text) {
                Ok(command) => {
                    commands.push(command);
                    batch.push((number, text));
                }
                Err(error) => transfer.refuse(number, &error.field, &error.reason, &text)?,
            }
        }
        if batch.len() == BATCH || ended {
            let answers = ledger.submit_many(std::mem::take(&mut commands)).await;
            for ((number, text), answer) in batch.drain(..).zip(answers) {
                match answer {
                    Ok(outcome) if outcome.repeated => transfer.progress.repeated += 1,
                    Ok(_) => transfer.progress.new += 1,
                    Err(error) => transfer.refuse_or_stop(number, error, &text)?,
                }
            }
            progress(&transfer.progress);
        }
        if ended {
            return transfer.end();
        }
    }
}

/// Appends events as exported: bytes, names, order and times stay what they are.
///
/// An event whose link to the one before it on its subject does not fit goes to the quarantine, and with it what follows
/// it on that subject.
///
/// # Errors
/// [`TransferError`]; [`TransferError::OtherHistory`] when the ledger holds anything but the beginning of this file.
pub async fn import_events<S: Store>(
    store: &S,
    file: impl BufRead,
    quarantine: impl Write,
    mut progress: impl FnMut(&Progress),
) -> Result<Progress, TransferError> {
    let mut transfer = Transfer::new(file, quarantine);
    let head = store.head().await.map_err(|error| transfer.ledger(error))?;
    let mut importer = EventImport { store, head, tails: HashMap::new(), known: head.sequence > 0 };
    let mut batch: Vec<(u64, String, Envelope)> = Vec::new();
    loop {
        let line = transfer.next_line()?;
        let ended = line.is_none();
        if let Some((number, text)) = line {
            match Envelope::from_bytes(text.as_bytes()) {
                Ok(envelope) => batch.push((number, text, envelope)),
                Err(error) => {
                    let (field, reason) = envelope_error(&error);
                    transfer.refuse(number, &field, &reason, &text)?;
                }
            }
        }
        if batch.len() == BATCH || ended {
            importer.take(&mut transfer, std::mem::take(&mut batch)).await?;
            progress(&transfer.progress);
        }
        if ended {
            return transfer.end();
        }
    }
}

/// Writes the stored bytes of every event, a line each.
///
/// # Errors
/// [`TransferError`].
pub async fn export<S: Store>(
    store: &S,
    mut out: impl Write,
    mut progress: impl FnMut(&Progress),
) -> Result<Progress, TransferError> {
    let mut done = Progress::default();
    let mut reader = Reader::after(store, 0);
    loop {
        let ledger =
            |error: ReadError| TransferError::Ledger { line: done.lines, source: Failure::from(Box::from(error)) };
        let page = reader.next(BATCH).await.map_err(ledger)?;
        let file = |source| TransferError::File { line: done.lines, source };
        if page.is_empty() {
            out.flush().map_err(file)?;
            return Ok(done);
        }
        for stored in &page {
            out.write_all(&stored.bytes).and_then(|()| out.write_all(b"\n")).map_err(file)?;
            done.bytes += stored.bytes.len() as u64 + 1;
        }
        done.lines += page.len() as u64;
        done.new = done.lines;
        progress(&done);
    }
}

/// The file being read, and where its bad records go.
struct Transfer<R, W> {
    file: R,
    quarantine: W,
    progress: Progress,
    buffer: Vec<u8>,
}

impl<R: BufRead, W: Write> Transfer<R, W> {
    fn new(file: R, quarantine: W) -> Transfer<R, W> {
        Transfer { file, quarantine, progress: Progress::default(), buffer: Vec::new() }
    }

    /// The next line that is text and not blank, with its number; a line that is no text goes to the quarantine.
    fn next_line(&mut self) -> Result<Option<(u64, String)>, TransferError> {
        loop {
            self.buffer.clear();
            let limit = LONGEST_LINE as u64 + 1;
            let mut limited = io::Read::take(&mut self.file, limit);
            let read = limited.read_until(b'\n', &mut self.buffer);
            if read.map_err(|source| self.file(source))? == 0 {
                return Ok(None);
            }
            self.progress.lines += 1;
            self.progress.bytes += self.buffer.len() as u64;
            let number = self.progress.lines;
            if self.buffer.len() > LONGEST_LINE && self.buffer.last() != Some(&b'\n') {
                self.skip_line()?;
                self.refuse(number, "line", "is longer than 64 MiB", "")?;
                continue;
            }
            match std::str::from_utf8(&self.buffer).map(|text| text.trim().to_owned()) {
                Ok(text) if text.is_empty() => {}
                Ok(text) => return Ok(Some((number, text))),
                Err(error) => {
                    let text = String::from_utf8_lossy(&self.buffer).trim_end().to_owned();
                    self.refuse(number, "line", &format!("is not UTF-8 text: {error}"), &text)?;
                }
            }
        }
    }

    /// Passes over the rest of a line without keeping it.
    fn skip_line(&mut self) -> Result<(), TransferError> {
        loop {
            let available = match self.file.fill_buf() {
                Ok(available) => available,
                Err(source) => return Err(self.file(source)),
            };
            let end = available.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(available.len(), |end| end + 1);
            self.file.consume(used);
            self.progress.bytes += used as u64;
            if end.is_some() || used == 0 {
                return Ok(());
            }
        }
    }

    fn refuse(&mut self, line: u64, field: &str, reason: &str, record: &str) -> Result<(), TransferError> {
        self.progress.quarantined += 1;
        let entry = Quarantined { line, field, reason, record };
        let written = serde_json::to_writer(&mut self.quarantine, &entry).map_err(io::Error::from);
        written.and_then(|()| self.quarantine.write_all(b"\n")).map_err(|source| TransferError::File { line, source })
    }

    /// A record that is wrong goes to the quarantine; a ledger that fails stops the import.
    fn refuse_or_stop(&mut self, line: u64, error: WriteError, record: &str) -> Result<(), TransferError> {
        match error {
            WriteError::Storage { source } => Err(TransferError::Ledger { line, source }),
            error @ (WriteError::Contended | WriteError::Moved { .. }) => {
                Err(TransferError::Ledger { line, source: Failure::from(Box::from(error)) })
            }
            error @ (WriteError::Refused(_)
            | WriteError::SameIdOtherContent { .. }
            | WriteError::Erased { .. }
            | WriteError::TooLarge { .. }
            | WriteError::TimeRunsBackwards { .. }) => {
                let message = error.to_string();
                let (field, reason) = named_field(&message).unwrap_or(("do", &message));
                self.refuse(line, field, reason, record)
            }
        }
    }

    fn end(mut self) -> Result<Progress, TransferError> {
        self.quarantine.flush().map_err(|source| self.file(source))?;
        Ok(self.progress)
    }

    const fn file(&self, source: io::Error) -> TransferError {
        TransferError::File { line: self.progress.lines, source }
    }

    fn ledger(&self, error: impl std::error::Error + Send + Sync + 'static) -> TransferError {
        TransferError::Ledger { line: self.progress.lines, source: Failure::from(Box::from(error)) }
    }
}

/// The field that a message begins with, and the rest.
fn named_field(message: &str) -> Option<(&str, &str)> {
    let is_path = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '[' | ']');
    message.split_once(": ").filter(|(field, _)| !field.is_empty() && field.chars().all(is_path))
}

fn envelope_error(error: &EnvelopeError) -> (String, String) {
    match error {
        EnvelopeError::Malformed { field, message } => (field.clone(), message.clone()),
        EnvelopeError::Payload { source: PayloadError::Malformed { field, message }, .. } => {
            (format!("data.{field}"), message.clone())
        }
        EnvelopeError::Payload { source: source @ PayloadError::UnknownType(_), .. } => {
            ("type".into(), source.to_string())
        }
    }
}

/// Events going into a store.
struct EventImport<'a, S> {
    store: &'a S,
    head: Head,
    tails: HashMap<Subject, Option<Digest>>,
    /// Whether the store held anything before that was not yet held against the file.
    known: bool,
}

impl<S: Store> EventImport<'_, S> {
    async fn take<R: BufRead, W: Write>(
        &mut self,
        transfer: &mut Transfer<R, W>,
        batch: Vec<(u64, String, Envelope)>,
    ) -> Result<(), TransferError> {
        let stored = self.stored(transfer, &batch).await?;
        if let (true, Some((_, first, _))) = (self.known, batch.first()) {
            let beginning = self.store.read(1, 1).await.map_err(|error| transfer.ledger(error))?;
            if beginning.first().is_none_or(|stored| stored.bytes != first.as_bytes()) {
                return Err(TransferError::OtherHistory);
            }
            self.known = false;
        }
        let mut messages: Vec<Message> = Vec::new();
        let mut fresh: HashMap<EventId, Digest> = HashMap::new();
        for (number, text, envelope) in batch {
            let digest = Digest::of(text.as_bytes());
            let known = stored.get(&envelope.id).or_else(|| fresh.get(&envelope.id)).copied();
            if let Some(known) = known {
                if known == digest {
                    transfer.progress.repeated += 1;
                } else {
                    let reason = format!("event {} is recorded already with other content", envelope.id);
                    transfer.refuse(number, "id", &reason, &text)?;
                }
                continue;
            }
            let last = messages.last().map(|message| message.time).or(self.head.time);
            match self.fits(transfer, &envelope, last).await? {
                Ok(()) => {
                    fresh.insert(envelope.id, digest);
                    self.tails.insert(envelope.subject.clone(), Some(digest));
                    transfer.progress.new += 1;
                    messages.push(message(envelope, text));
                }
                Err((field, reason)) => transfer.refuse(number, field, &reason, &text)?,
            }
        }
        self.append(transfer, &messages).await
    }

    /// The digests of those events of the batch that the store holds.
    async fn stored<R: BufRead, W: Write>(
        &self,
        transfer: &Transfer<R, W>,
        batch: &[(u64, String, Envelope)],
    ) -> Result<HashMap<EventId, Digest>, TransferError> {
        let mut commands: Vec<CommandId> = batch.iter().map(|(_, _, envelope)| envelope.id.command).collect();
        commands.sort();
        commands.dedup();
        let found = self.store.find_commands(&commands).await.map_err(|error| transfer.ledger(error))?;
        let mut digests = HashMap::new();
        for stored in found.iter().flatten() {
            let envelope = Envelope::from_bytes(&stored.bytes).map_err(|error| transfer.ledger(error))?;
            digests.insert(envelope.id, Digest::of(&stored.bytes));
        }
        Ok(digests)
    }

    /// Whether the event may come next: in time, and linked to the last one of its subject.
    async fn fits<R: BufRead, W: Write>(
        &mut self,
        transfer: &Transfer<R, W>,
        envelope: &Envelope,
        last: Option<Timestamp>,
    ) -> Result<Result<(), (&'static str, String)>, TransferError> {
        if let Some(last) = last.filter(|last| envelope.time < *last) {
            return Ok(Err(("time", format!("recorded time runs backwards: {} comes after {last}", envelope.time))));
        }
        if !self.tails.contains_key(&envelope.subject) {
            let tail = self.tail(&envelope.subject).await.map_err(|error| transfer.ledger(error))?;
            self.tails.insert(envelope.subject.clone(), tail);
        }
        let tail = self.tails.get(&envelope.subject).copied().flatten();
        if envelope.prev == tail {
            return Ok(Ok(()));
        }
        let named = |digest: Option<Digest>| digest.map_or_else(|| "nothing".into(), |digest| digest.to_string());
        let reason = format!("follows {} on its subject, where the last is {}", named(envelope.prev), named(tail));
        Ok(Err(("prev", reason)))
    }

    async fn tail(&self, subject: &Subject) -> Result<Option<Digest>, ReadError> {
        let (mut tail, mut from) = (None, 1);
        loop {
            let page = self.store.read_subject(subject, from, BATCH).await?;
            let Some(last) = page.last() else { return Ok(tail) };
            (tail, from) = (Some(Digest::of(&last.bytes)), last.sequence + 1);
        }
    }

    async fn append<R: BufRead, W: Write>(
        &mut self,
        transfer: &Transfer<R, W>,
        messages: &[Message],
    ) -> Result<(), TransferError> {
        let Some(last) = messages.last() else { return Ok(()) };
        match self.store.append(messages, self.head.sequence, &[]).await {
            Ok(appended) => self.head = Head { sequence: appended.last, time: Some(last.time) },
            Err(AppendError::Storage { source }) => {
                return Err(TransferError::Ledger { line: transfer.progress.lines, source: source.into() });
            }
            Err(error) => return Err(transfer.ledger(error)),
        }
        if self.tails.len() > AT_HAND {
            self.tails.clear();
        }
        Ok(())
    }
}

/// The line as it stands, with the type it was stored under: an older one stays an older one.
pub(crate) fn message(envelope: Envelope, text: String) -> Message {
    #[derive(Deserialize)]
    struct Probe {
        r#type: String,
    }
    let current = envelope.event.type_name();
    let type_name = serde_json::from_str::<Probe>(&text).map_or(current.into(), |probe| probe.r#type.into());
    Message { subject: envelope.subject, id: envelope.id, type_name, time: envelope.time, bytes: text.into_bytes() }
}
