//! The one write path: from a command to events in the stream.
//!
//! Confidential text is sealed; the command is hashed; if the stream holds it already, that is the answer. Otherwise
//! the histories it rests on are loaded, the decision is made, and its events are linked to the last message of their
//! subjects and appended at the position that was seen. If another writer was faster, the new messages are read and
//! everything is decided again: a decision is pure, so where nothing it rested on has changed only the links come out
//! differently.

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::Timestamp;
use schemas::envelope::{Envelope, EnvelopeError};
use schemas::events::{Event, Sealed};
use schemas::{BankAccount, CommandId, Digest, EventId, Recorded, Subject};

use crate::command::Command;
use crate::order::{Confidential, is_account};
use crate::person;
use crate::store::{AppendError, Gap, Head, MOST, Message, Reader, Store, Stored};
use crate::vault::{Text, Vault};
use crate::world::{History, Refusal, World, decide, rests_on};

/// How often a decision is made again because another writer was faster.
const ATTEMPTS: u32 = 100;

/// How many histories are kept at hand between commands.
const AT_HAND: usize = 50_000;

/// How many messages of other writers are read to keep the histories at hand; beyond, they are loaded afresh.
const WORTH_READING: u64 = 20_000;

/// How many messages are read at a time.
const PAGE: usize = 1_000;

/// The ledger: a store with its vault, and the only way to write to it.
#[derive(Debug)]
pub struct Ledger<S> {
    store: S,
    vault: Vault,
    /// Histories that are complete up to `seen`.
    world: World,
    /// The digest of the last message of every subject whose history is at hand; none for one without messages.
    tails: HashMap<Subject, Option<Digest>>,
    /// How far the stream was read; none before it was looked at.
    seen: Option<Head>,
    /// The end of the stream that what is submitted now rests on, where it rests on all of it.
    rests_on_all_to: Option<u64>,
}

/// What a command caused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its events, in order.
    pub events: Vec<Recorded>,
    /// The sequence of the first.
    pub first: u64,
    /// The sequence of the last.
    pub last: u64,
    /// Whether they stood in the stream already: the command was submitted before.
    pub repeated: bool,
}

/// Why a command caused nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WriteError {
    /// A rule forbids it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Another command was submitted under this id before.
    #[error("id: command {id} was submitted before with other content")]
    SameIdOtherContent {
        /// The id.
        id: CommandId,
    },
    /// Whether it was submitted before cannot be told, because a text of it was erased.
    #[error("{field}: the text was erased; what was recorded under command {id} cannot be compared with it")]
    Erased {
        /// The id.
        id: CommandId,
        /// The field.
        field: &'static str,
    },
    /// The command's time lies before the end of the stream. It may be submitted again with a later one.
    #[error("time: recorded time runs backwards: {given} comes after {last}")]
    TimeRunsBackwards {
        /// The time of the last message.
        last: Timestamp,
        /// The command's time.
        given: Timestamp,
    },
    /// What was decided elsewhere rests on the whole stream, and the stream went on.
    #[error("the ledger went on to {head} since {position}: what rests on all of it has to be worked out again")]
    Moved {
        /// The position it rests on.
        position: u64,
        /// The end of the stream.
        head: u64,
    },
    /// It would cause more events than are ever appended together, and a command is never split.
    #[error("do: causes {events} events, and one command causes at most {MOST}: give it in several commands")]
    TooLarge {
        /// How many.
        events: usize,
    },
    /// Other writers were faster every time.
    #[error("other writers were faster {ATTEMPTS} times")]
    Contended,
    /// The store or the vault failed; whether the command is recorded shows when it is submitted again.
    #[error("the ledger could not be read or written")]
    Storage {
        /// What failed.
        #[source]
        source: Failure,
    },
}

/// What failed beneath the write path, for each of the commands it failed.
pub type Failure = Arc<dyn Error + Send + Sync>;

/// Stored bytes that are not an event of this ledger.
#[derive(Debug, thiserror::Error)]
#[error("the message at sequence {sequence} cannot be read")]
pub struct Unreadable {
    /// Where.
    pub sequence: u64,
    /// Why.
    #[source]
    pub source: EnvelopeError,
}

impl Unreadable {
    /// Bytes that are no text.
    pub(crate) fn not_text(sequence: u64, error: &impl fmt::Display) -> Unreadable {
        let source = EnvelopeError::Malformed { field: "bytes".into(), message: error.to_string() };
        Unreadable { sequence, source }
    }
}

/// Reads a stored message.
///
/// # Errors
/// [`Unreadable`].
pub fn recorded(stored: &Stored) -> Result<Recorded, Unreadable> {
    let envelope = Envelope::from_bytes(&stored.bytes);
    let envelope = envelope.map_err(|source| Unreadable { sequence: stored.sequence, source })?;
    Ok(Recorded { sequence: stored.sequence, envelope })
}

/// A command with its texts sealed.
struct Prepared {
    command: Command,
    hash: Digest,
    texts: Vec<(Sealed, String)>,
}

type Answer = Result<Outcome, WriteError>;

/// What is about to be appended.
#[derive(Default)]
struct Batch {
    messages: Vec<Message>,
    events: Vec<Recorded>,
    reads: BTreeSet<Subject>,
    texts: Vec<(Sealed, String)>,
    /// Whose events they are: the place of a command, and how many of its events come here.
    commands: Vec<(usize, usize)>,
    /// Commands that came twice: the place of the second and of the first.
    again: Vec<(usize, usize)>,
    by_id: HashMap<CommandId, usize>,
    /// The next command has no room in it.
    full: bool,
}

impl<S: Store> Ledger<S> {
    /// A ledger over a store and the vault beside it.
    pub fn new(store: S, vault: Vault) -> Ledger<S> {
        Ledger { store, vault, world: World::default(), tails: HashMap::new(), seen: None, rests_on_all_to: None }
    }

    /// The store, for reading.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// The vault of confidential texts.
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Submits one command: the same one twice gives the first result twice.
    ///
    /// # Errors
    /// [`WriteError`]; nothing was written, save perhaps with [`WriteError::Storage`].
    pub async fn submit(&mut self, command: Command) -> Result<Outcome, WriteError> {
        self.submit_many(vec![command]).await.pop().unwrap_or(Err(WriteError::Contended))
    }

    /// Submits a command that rests on everything up to a position: it takes effect right after it or not at all.
    ///
    /// # Errors
    /// [`WriteError::Moved`] where something was recorded since; otherwise as [`Ledger::submit`].
    pub async fn submit_at(&mut self, command: Command, position: u64) -> Result<Outcome, WriteError> {
        self.rests_on_all_to = Some(position);
        let answer = self.submit(command).await;
        self.rests_on_all_to = None;
        answer
    }

    /// Submits the commands of many callers, in order, in as few appends as fit. One result for each.
    pub async fn submit_many(&mut self, commands: Vec<Command>) -> Vec<Result<Outcome, WriteError>> {
        let mut answers: Vec<Option<Answer>> = commands.iter().map(|_| None).collect();
        let prepared = match self.prepare(commands, &mut answers) {
            Ok(prepared) => prepared,
            Err(failure) => return fail(answers, &failure),
        };
        while answers.iter().any(Option::is_none) {
            if let Err(failure) = self.write_some(&prepared, &mut answers).await {
                self.forget_everything();
                return fail(answers, &failure);
            }
        }
        answers.into_iter().flatten().collect()
    }

    /// Seals the texts of all commands at once and hashes what comes out.
    fn prepare(&self, commands: Vec<Command>, answers: &mut [Option<Answer>]) -> Result<Vec<Prepared>, Failure> {
        let mut commands = commands;
        let mut found: Vec<(usize, &'static str, CommandId, String)> = Vec::new();
        for (place, command) in commands.iter_mut().enumerate() {
            let (id, order) = (command.id, command.order.name());
            for (field, text) in command.order.confidential() {
                let Confidential::Plain(plain) = text else { continue };
                if is_account(order, field) && plain.parse::<BankAccount>().is_err() {
                    let refusal = person::Refusal::NotAnAccount { field };
                    answers.get_mut(place).map(|answer| answer.insert(Err(WriteError::Refused(refusal.into()))));
                }
                found.push((place, field, id, plain.clone()));
            }
        }
        let texts: Vec<_> =
            found.iter().map(|(_, field, command, plain)| Text { command: *command, field, plain }).collect();
        let sealed = if texts.is_empty() { Vec::new() } else { self.vault.seal(&texts).map_err(failure)? };
        let mut kept: Vec<Vec<(Sealed, String)>> = commands.iter().map(|_| Vec::new()).collect();
        for ((place, field, id, plain), sealed) in found.into_iter().zip(sealed) {
            let (Some(command), Some(kept), Some(answer)) =
                (commands.get_mut(place), kept.get_mut(place), answers.get_mut(place))
            else {
                continue;
            };
            match sealed {
                Some(sealed) => {
                    put_seal(command, field, &sealed);
                    kept.push((sealed, plain));
                }
                None => *answer = Some(Err(WriteError::Erased { id, field })),
            }
        }
        let prepare =
            |(command, texts): (Command, _)| Ok(Prepared { hash: command.hash().map_err(failure)?, command, texts });
        commands.into_iter().zip(kept).map(prepare).collect()
    }

    /// Answers the next commands without an answer: as many as one append holds.
    async fn write_some(&mut self, prepared: &[Prepared], answers: &mut [Option<Answer>]) -> Result<(), Failure> {
        let waiting: Vec<usize> = (0..prepared.len()).filter(|n| matches!(answers.get(*n), Some(None))).collect();
        let group = waiting.get(..MOST.min(waiting.len())).unwrap_or(&waiting);
        for _ in 0..ATTEMPTS {
            // What an attempt refused may have rested on events that never came to stand.
            for place in group {
                answers.get_mut(*place).map(Option::take);
            }
            let batch = self.decide_group(prepared, group, answers).await?;
            if batch.messages.is_empty() {
                return Ok(());
            }
            self.vault_keep(&batch.texts)?;
            let after = self.seen.unwrap_or_default().sequence;
            let reads: Vec<Subject> = batch.reads.iter().cloned().collect();
            match self.store.append(&batch.messages, after, &reads).await {
                Ok(appended) => {
                    let time = batch.messages.last().map(|message| message.time);
                    self.seen = Some(Head { sequence: appended.last, time });
                    answer(batch, answers);
                    self.forget_if_many();
                    return Ok(());
                }
                Err(
                    AppendError::Conflict { .. }
                    | AppendError::DuplicateId { .. }
                    | AppendError::TimeRunsBackwards { .. }
                    | AppendError::Empty,
                ) => {
                    for message in &batch.messages {
                        self.forget(&message.subject);
                    }
                }
                Err(AppendError::Storage { source }) => return Err(source.into()),
                Err(error @ AppendError::TooMany { .. }) => return Err(failure(error)),
            }
        }
        for place in group {
            answers.get_mut(*place).map(|answer| answer.get_or_insert(Err(WriteError::Contended)));
        }
        Ok(())
    }

    /// Decides the commands of the group in order, each on what the ones before it would cause.
    async fn decide_group(
        &mut self,
        prepared: &[Prepared],
        group: &[usize],
        answers: &mut [Option<Answer>],
    ) -> Result<Batch, Failure> {
        self.catch_up().await?;
        let ids: Vec<CommandId> = group.iter().filter_map(|n| prepared.get(*n)).map(|p| p.command.id).collect();
        let found = self.store.find_commands(&ids).await.map_err(failure)?;
        let mut batch = Batch::default();
        for (place, found) in group.iter().zip(found) {
            let Some(next) = prepared.get(*place) else { continue };
            let given = if found.is_empty() {
                self.decide_one(next, *place, prepared, &mut batch).await?
            } else {
                ControlFlow::Break(repeated(&next.command, next.hash, &found)?)
            };
            if let (ControlFlow::Break(given), Some(answer)) = (given, answers.get_mut(*place)) {
                *answer = Some(given);
            }
            if batch.full {
                break;
            }
        }
        Ok(batch)
    }

    /// Adds the events of a command to the batch, or gives its answer at once.
    async fn decide_one(
        &mut self,
        next: &Prepared,
        place: usize,
        prepared: &[Prepared],
        batch: &mut Batch,
    ) -> Result<ControlFlow<Answer>, Failure> {
        let Prepared { command, hash, texts } = next;
        if let Some(first) = batch.by_id.get(&command.id) {
            if prepared.get(*first).is_none_or(|first| first.hash != *hash) {
                return Ok(ControlFlow::Break(Err(WriteError::SameIdOtherContent { id: command.id })));
            }
            batch.again.push((place, *first));
            return Ok(ControlFlow::Continue(()));
        }
        let seen = self.seen.unwrap_or_default();
        if let Some(position) = self.rests_on_all_to.filter(|position| *position != seen.sequence) {
            return Ok(ControlFlow::Break(Err(WriteError::Moved { position, head: seen.sequence })));
        }
        let last = batch.messages.last().map(|message| message.time).or(seen.time);
        if let Some(last) = last.filter(|last| command.time < *last) {
            return Ok(ControlFlow::Break(Err(WriteError::TimeRunsBackwards { last, given: command.time })));
        }
        let reads = self.load_for(command).await?;
        let head = seen.sequence + batch.messages.len() as u64;
        let happened = match decide(&self.world, command, head) {
            Ok(happened) => happened,
            Err(refusal) => return Ok(ControlFlow::Break(Err(refusal.into()))),
        };
        if happened.len() > MOST {
            return Ok(ControlFlow::Break(Err(WriteError::TooLarge { events: happened.len() })));
        }
        if batch.messages.len() + happened.len() > MOST {
            batch.full = true;
            return Ok(ControlFlow::Continue(()));
        }
        batch.reads.extend(reads);
        batch.commands.push((place, happened.len()));
        batch.by_id.insert(command.id, place);
        batch.texts.extend(texts.iter().cloned());
        for ((index, sequence), (subject, event)) in (0..).zip(head + 1..).zip(happened) {
            self.load(&subject).await?;
            let id = EventId { command: command.id, index };
            let (message, envelope) = self.link(command, *hash, id, subject, event)?;
            batch.messages.push(message);
            batch.events.push(Recorded { sequence, envelope });
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Makes the message, linked to the last one of its subject, and takes it into account.
    fn link(
        &mut self,
        command: &Command,
        command_hash: Digest,
        id: EventId,
        subject: Subject,
        event: Event,
    ) -> Result<(Message, Envelope), Failure> {
        let envelope = Envelope {
            id,
            subject: subject.clone(),
            time: command.time,
            effective_from: command.effective_from,
            effective_to: command.effective_to,
            notified_on: command.notified_on,
            decided_on: command.decided_on,
            causation: command.causation,
            correlation: command.correlation,
            actor: command.actor.clone(),
            command_hash,
            prev: self.tails.get(&subject).copied().flatten(),
            event,
        };
        let bytes = envelope.to_bytes().map_err(failure)?;
        self.tails.insert(subject.clone(), Some(Digest::of(&bytes)));
        self.world.evolve(&envelope);
        let type_name = envelope.event.type_name().into();
        Ok((Message { subject, id, type_name, time: command.time, bytes }, envelope))
    }

    /// Loads everything a command's decision rests on, and says what that is.
    async fn load_for(&mut self, command: &Command) -> Result<Vec<Subject>, Failure> {
        let mut wanted = rests_on(&self.world, &command.order);
        loop {
            for subject in &wanted {
                self.load(subject).await?;
            }
            let again = rests_on(&self.world, &command.order);
            if again == wanted {
                return Ok(wanted);
            }
            wanted = again;
        }
    }

    /// Puts the history of a subject at hand, as it is at the position seen.
    async fn load(&mut self, subject: &Subject) -> Result<(), Failure> {
        if self.tails.contains_key(subject) {
            return Ok(());
        }
        let seen = self.seen.unwrap_or_default().sequence;
        let (mut history, mut tail, mut from) = (History::of(subject), None, 1);
        loop {
            let page = self.store.read_subject_to(subject, from, seen, PAGE).await.map_err(failure)?;
            for stored in &page {
                history = history.evolve(&recorded(stored).map_err(failure)?.envelope);
                tail = Some(Digest::of(&stored.bytes));
            }
            match page.last() {
                Some(last) if page.len() == PAGE => from = last.sequence + 1,
                Some(_) | None => break,
            }
        }
        self.world.put(subject.clone(), history);
        self.tails.insert(subject.clone(), tail);
        Ok(())
    }

    /// Reads what other writers appended: also a refusal must rest on everything that was there when it was asked for.
    async fn catch_up(&mut self) -> Result<(), Failure> {
        let head = self.store.head().await.map_err(failure)?;
        let seen = self.seen.unwrap_or(head).sequence;
        if head.sequence < seen {
            return Err(failure(Gap { expected: seen + 1, found: head.sequence }));
        }
        if head.sequence - seen > WORTH_READING {
            self.forget_everything();
            self.seen = Some(head);
            return Ok(());
        }
        let mut reader = Reader::after(&self.store, seen);
        while reader.position() < head.sequence {
            let missing = usize::try_from(head.sequence - reader.position()).unwrap_or(PAGE);
            let page = reader.next(missing.min(PAGE)).await.map_err(failure)?;
            for stored in &page {
                if let Some(tail) = self.tails.get_mut(&stored.subject) {
                    *tail = Some(Digest::of(&stored.bytes));
                    self.world.evolve(&recorded(stored).map_err(failure)?.envelope);
                }
            }
        }
        self.seen = Some(head);
        Ok(())
    }

    fn vault_keep(&self, texts: &[(Sealed, String)]) -> Result<(), Failure> {
        if texts.is_empty() { Ok(()) } else { self.vault.keep(texts).map_err(failure) }
    }

    fn forget(&mut self, subject: &Subject) {
        self.tails.remove(subject);
        self.world.take(subject);
    }

    fn forget_everything(&mut self) {
        self.tails.clear();
        self.world.clear();
        self.seen = None;
    }

    fn forget_if_many(&mut self) {
        if self.world.len() > AT_HAND {
            self.tails.clear();
            self.world.clear();
        }
    }
}

fn failure(error: impl Error + Send + Sync + 'static) -> Failure {
    Arc::new(error)
}

/// Gives the same failure to every command that has no answer yet.
fn fail(answers: Vec<Option<Answer>>, source: &Failure) -> Vec<Answer> {
    let failed = || Err(WriteError::Storage { source: Arc::clone(source) });
    answers.into_iter().map(|answer| answer.unwrap_or_else(failed)).collect()
}

fn put_seal(command: &mut Command, field: &str, sealed: &Sealed) {
    for (_, text) in command.order.confidential().into_iter().filter(|(name, _)| *name == field) {
        *text = Confidential::Sealed(sealed.clone());
    }
}

/// What the stream holds of a command, if it is the same command.
fn repeated(command: &Command, hash: Digest, found: &[Stored]) -> Result<Answer, Failure> {
    let events: Vec<Recorded> = found.iter().map(recorded).collect::<Result<_, _>>().map_err(failure)?;
    if events.iter().any(|event| event.envelope.command_hash != hash) {
        return Ok(Err(WriteError::SameIdOtherContent { id: command.id }));
    }
    let sequence = |event: Option<&Recorded>| event.map_or(0, |event| event.sequence);
    let (first, last) = (sequence(events.first()), sequence(events.last()));
    Ok(Ok(Outcome { events, first, last, repeated: true }))
}

/// Hands each command of an appended batch its events.
fn answer(batch: Batch, answers: &mut [Option<Answer>]) {
    let mut events = batch.events.into_iter();
    for (place, count) in batch.commands {
        let own: Vec<Recorded> = events.by_ref().take(count).collect();
        let sequence = |event: Option<&Recorded>| event.map_or(0, |event| event.sequence);
        let (first, last) = (sequence(own.first()), sequence(own.last()));
        if let Some(answer) = answers.get_mut(place) {
            *answer = Some(Ok(Outcome { events: own, first, last, repeated: false }));
        }
    }
    for (place, first) in batch.again {
        let same = answers.get(first).cloned().flatten();
        if let (Some(Ok(outcome)), Some(answer)) = (same, answers.get_mut(place)) {
            *answer = Some(Ok(Outcome { repeated: true, ..outcome }));
        }
    }
}
