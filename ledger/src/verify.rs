//! Whether a stream is whole: nothing missing, nothing changed, nothing out of order.
//!
//! The link of each message to the one before it on its subject finds every change but one to the last message of a
//! subject; that one is found by the embedded store's hash beside the bytes and, against somebody who changes both, by
//! checkpoints kept outside. Every finding names its event.

use std::collections::HashMap;
use std::fmt;

use jiff::Timestamp;
use schemas::envelope::Envelope;
use schemas::events::Sealed;
use schemas::{CommandId, Digest, EventId, Subject};
use serde_json::Value;

use crate::store::{Contiguous, ReadError, Store, Stored};
use crate::vault::{Seal, Vault, VaultError};

/// How many messages are read at a time.
const PAGE: usize = 1_000;

/// What a verification came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many messages were read.
    pub events: u64,
    /// On how many subjects.
    pub subjects: u64,
    /// How many confidential texts were erased, which is no finding.
    pub erased: u64,
    /// How many stayed in the vault of the ledger that the events came from, which is no finding either.
    pub elsewhere: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Something wrong with one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its place in the stream.
    pub sequence: u64,
    /// Its name, where that could be read.
    pub event: Option<EventId>,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Messages are missing before it.
    #[error("messages are missing before it: {expected} should have come next")]
    Gap {
        /// The sequence that should have come.
        expected: u64,
    },
    /// Its bytes are no event.
    #[error("cannot be read: {reason}")]
    Unreadable {
        /// Why.
        reason: String,
    },
    /// The store keeps it under another subject than it says itself.
    #[error("stands on {stored} and says it stands on {said}")]
    Misfiled {
        /// Where it is kept.
        stored: Subject,
        /// What it says.
        said: Subject,
    },
    /// The message before it on its subject is not the one it was linked to.
    #[error("does not follow the message before it on its subject: one of the two was changed, added or removed")]
    BrokenLink,
    /// It is older than the one before it.
    #[error("was recorded at {time}, before the message before it, {last}")]
    TimeRunsBackwards {
        /// The time of the message before.
        last: Timestamp,
        /// Its own.
        time: Timestamp,
    },
    /// Its name is another's, or not to be found in the store.
    #[error("its id is not the id of exactly this message")]
    NotItsOwnId,
    /// The events of its command do not stand together, each numbered one higher.
    #[error("does not stand with the other events of its command")]
    OutOfOrder,
    /// Its command's other events were caused by other content.
    #[error("its command hash is not that of the other events of its command")]
    OtherCommand,
    /// A confidential text is not the one committed to.
    #[error("the text {0} is not the one it was sealed with")]
    SealBroken(uuid::Uuid),
    /// A confidential text is neither there nor erased.
    #[error("the text {0} is not in the vault")]
    TextMissing(uuid::Uuid),
}

/// Why a verification could not be done; findings are no errors.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The stream could not be read.
    #[error("the stream could not be read")]
    Read(#[from] ReadError),
    /// The vault could not be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.event {
            Some(event) => write!(f, "sequence {}, event {event}: {}", self.sequence, self.problem),
            None => write!(f, "sequence {}: {}", self.sequence, self.problem),
        }
    }
}

/// Reads the whole stream and says what is wrong with it. Without a vault, confidential texts are not looked at.
/// `progress` is told how many messages were read.
///
/// # Errors
/// [`VerifyError`], when it could not be finished.
pub async fn verify<S: Store>(
    store: &S,
    vault: Option<&Vault>,
    mut progress: impl FnMut(u64),
) -> Result<Report, VerifyError> {
    let mut check = Check::default();
    let mut from = 1;
    loop {
        let (page, damaged) = read_around(store, from).await?;
        let ids: Vec<CommandId> = check.page(&page, vault)?;
        check.names(store, &ids).await?;
        let end = page.last().map_or(from - 1, |stored| stored.sequence);
        if let Some((sequence, reason)) = damaged {
            check.find(sequence, None, Problem::Unreadable { reason });
            check.report.events += 1;
            check.contiguous = Contiguous::after(sequence);
            from = sequence + 1;
        } else if page.is_empty() {
            break;
        } else {
            from = end + 1;
        }
        progress(check.report.events);
    }
    let head = match store.head().await {
        Ok(head) => head.sequence,
        Err(ReadError::Damaged { sequence, reason }) => {
            check.find(sequence, None, Problem::Unreadable { reason });
            sequence
        }
        Err(error @ (ReadError::Gap(_) | ReadError::Storage { .. })) => return Err(error.into()),
    };
    if head > check.contiguous.last() {
        let expected = check.contiguous.last() + 1;
        check.find(head, None, Problem::Gap { expected });
    }
    check.report.subjects = check.tails.len() as u64;
    check.report.findings.sort_by_key(|finding| finding.sequence);
    Ok(check.report)
}

/// The next messages up to a damaged one, and which that is.
async fn read_around<S: Store>(store: &S, from: u64) -> Result<(Vec<Stored>, Option<(u64, String)>), ReadError> {
    match store.read(from, PAGE).await {
        Ok(page) => Ok((page, None)),
        Err(ReadError::Damaged { sequence, reason }) => {
            let before = usize::try_from(sequence.saturating_sub(from)).unwrap_or_default();
            let page = if before == 0 { Vec::new() } else { store.read(from, before).await? };
            Ok((page.into_iter().filter(|stored| stored.sequence < sequence).collect(), Some((sequence, reason))))
        }
        Err(error @ (ReadError::Gap(_) | ReadError::Storage { .. })) => Err(error),
    }
}

/// What has been read so far.
#[derive(Default)]
pub(crate) struct Check {
    report: Report,
    contiguous: Contiguous,
    tails: HashMap<Subject, Digest>,
    last: Option<(EventId, Digest)>,
    time: Option<Timestamp>,
    /// Whether messages were passed over, so that a subject may have had one that is not known here.
    passed_over: bool,
    /// The names on the page at hand.
    names: Vec<(u64, EventId)>,
}

impl Check {
    /// Checks messages against those before them, without a store or a vault.
    pub(crate) fn links(&mut self, page: &[Stored]) {
        // Only a vault can fail.
        let _ = self.page(page, None);
    }

    /// Passes over what cannot be read, up to a sequence.
    pub(crate) fn skip_to(&mut self, sequence: u64) {
        self.tails.clear();
        (self.last, self.passed_over, self.contiguous) = (None, true, Contiguous::after(sequence));
    }

    /// What is wrong so far.
    pub(crate) fn findings(self) -> Vec<Finding> {
        self.report.findings
    }

    fn find(&mut self, sequence: u64, event: Option<EventId>, problem: Problem) {
        self.report.findings.push(Finding { sequence, event, problem });
    }

    /// Checks the messages one after the other, and names their commands.
    fn page(&mut self, page: &[Stored], vault: Option<&Vault>) -> Result<Vec<CommandId>, VaultError> {
        self.names.clear();
        for stored in page {
            self.report.events += 1;
            if let Err(gap) = self.contiguous.accept(stored.sequence) {
                self.find(stored.sequence, None, Problem::Gap { expected: gap.expected });
                self.contiguous = Contiguous::after(stored.sequence);
            }
            match Envelope::from_bytes(&stored.bytes) {
                Ok(envelope) => self.message(stored, &envelope, vault)?,
                Err(error) => self.find(stored.sequence, None, Problem::Unreadable { reason: error.to_string() }),
            }
            self.tails.insert(stored.subject.clone(), Digest::of(&stored.bytes));
        }
        let mut ids: Vec<_> = self.names.iter().map(|(_, id)| id.command).collect();
        ids.dedup();
        Ok(ids)
    }

    fn message(&mut self, stored: &Stored, envelope: &Envelope, vault: Option<&Vault>) -> Result<(), VaultError> {
        let id = envelope.id;
        let mut problems = Vec::new();
        if envelope.subject != stored.subject {
            problems.push(Problem::Misfiled { stored: stored.subject.clone(), said: envelope.subject.clone() });
        }
        let tail = self.tails.get(&stored.subject).copied();
        if envelope.prev != tail && !(self.passed_over && tail.is_none()) {
            problems.push(Problem::BrokenLink);
        }
        if let Some(last) = self.time.filter(|last| envelope.time < *last) {
            problems.push(Problem::TimeRunsBackwards { last, time: envelope.time });
        }
        match self.last {
            Some((last, hash)) if last.command == id.command => {
                if Some(id.index) != last.index.checked_add(1) {
                    problems.push(Problem::OutOfOrder);
                }
                if hash != envelope.command_hash {
                    problems.push(Problem::OtherCommand);
                }
            }
            None if self.passed_over => {}
            Some(_) | None if id.index != 0 => problems.push(Problem::OutOfOrder),
            Some(_) | None => {}
        }
        problems.extend(self.texts(stored, vault)?);
        problems.into_iter().for_each(|problem| self.find(stored.sequence, Some(id), problem));
        (self.last, self.time) = (Some((id, envelope.command_hash)), Some(envelope.time));
        self.names.push((stored.sequence, id));
        Ok(())
    }

    /// Each message is found under its own name and no other is: the store's index and the bytes say the same.
    async fn names<S: Store>(&mut self, store: &S, ids: &[CommandId]) -> Result<(), ReadError> {
        let found = match store.find_commands(ids).await {
            Ok(found) => found,
            // The damaged message has a finding of its own.
            Err(ReadError::Damaged { .. }) => return Ok(()),
            Err(error @ (ReadError::Gap(_) | ReadError::Storage { .. })) => return Err(error),
        };
        let mut by_name: HashMap<EventId, Vec<u64>> = HashMap::new();
        let at_hand: HashMap<u64, EventId> = self.names.iter().copied().collect();
        for stored in found.iter().flatten() {
            let known = at_hand.get(&stored.sequence).copied();
            if let Some(id) = known.or_else(|| Envelope::from_bytes(&stored.bytes).ok().map(|envelope| envelope.id)) {
                by_name.entry(id).or_default().push(stored.sequence);
            }
        }
        let names = std::mem::take(&mut self.names);
        for (sequence, id) in names {
            if by_name.get(&id).is_none_or(|places| places.iter().any(|place| *place != sequence)) {
                self.find(sequence, Some(id), Problem::NotItsOwnId);
            }
        }
        Ok(())
    }

    /// Every sealed value in a message, held against the vault.
    fn texts(&mut self, stored: &Stored, vault: Option<&Vault>) -> Result<Vec<Problem>, VaultError> {
        let Some(vault) = vault else { return Ok(Vec::new()) };
        let mut problems = Vec::new();
        for sealed in sealed_in(&stored.bytes) {
            match vault.check(&sealed)? {
                Seal::Intact => {}
                Seal::Erased => self.report.erased += 1,
                Seal::Elsewhere => self.report.elsewhere += 1,
                Seal::Broken => problems.push(Problem::SealBroken(sealed.r#ref)),
                Seal::Missing => problems.push(Problem::TextMissing(sealed.r#ref)),
            }
        }
        Ok(problems)
    }
}

/// The sealed values in a message, wherever in its payload they stand.
pub fn sealed_in(bytes: &[u8]) -> Vec<Sealed> {
    const WORD: &[u8] = b"\"commitment\"";
    if !bytes.windows(WORD.len()).any(|window| window == WORD) {
        return Vec::new();
    }
    let mut found = Vec::new();
    collect_sealed(&serde_json::from_slice(bytes).unwrap_or_default(), &mut found);
    found
}

fn collect_sealed(value: &Value, found: &mut Vec<Sealed>) {
    match value {
        Value::Object(fields) => match serde_json::from_value::<Sealed>(value.clone()) {
            Ok(sealed) => found.push(sealed),
            Err(_) => fields.values().for_each(|value| collect_sealed(value, found)),
        },
        Value::Array(items) => items.iter().for_each(|value| collect_sealed(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
