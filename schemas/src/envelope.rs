//! The message around an event: one CloudEvents 1.0 object in structured mode, and the bytes it is stored as.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::events::{Event, PayloadError};
use crate::upcast::upcast;
use crate::{BankFileId, ClaimId, CommandId, Digest, EventId, PersonId, RunId};

/// Where every event comes from.
const SOURCE: &str = "urn:footing:ledger";

/// What an event stands on: one line of history that is read and decided as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// `benefit.person.<id>`
    Person(PersonId),
    /// `benefit.claim.<id>`
    Claim(ClaimId),
    /// `benefit.run.<id>`
    Run(RunId),
    /// `benefit.pack.<name>`
    Pack(String),
    /// `benefit.bank.<id>`: a file that a bank sent
    Bank(BankFileId),
}

/// Why a text is not a subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a subject: benefit.person.ID, benefit.claim.ID, benefit.run.ID, benefit.pack.NAME or benefit.bank.ID"
)]
pub struct SubjectError(String);

/// An event with everything said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Its name: the command's and a number.
    pub id: EventId,
    /// What it stands on.
    pub subject: Subject,
    /// When it was recorded; never decreases along the stream.
    pub time: Timestamp,
    /// From which day it holds in law.
    pub effective_from: Date,
    /// Until which day, if it says.
    pub effective_to: Option<Date>,
    /// The day the person told us: late-notice rules turn on it.
    pub notified_on: Option<Date>,
    /// The day it was decided.
    pub decided_on: Option<Date>,
    /// The event that led to it.
    pub causation: Option<EventId>,
    /// The business it belongs to, across commands.
    pub correlation: Option<CommandId>,
    /// Who did it.
    pub actor: String,
    /// Digest of the command as submitted: the same id with another digest is an error.
    pub command_hash: Digest,
    /// Digest of the previous message on this subject; none for the first.
    pub prev: Option<Digest>,
    /// What happened.
    pub event: Event,
}

/// Why stored bytes are not an event.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Not a CloudEvents object with our fields.
    #[error("not an event of this ledger: {field}: {message}")]
    Malformed {
        /// The field.
        field: String,
        /// What is wrong with it.
        message: String,
    },
    /// The payload does not fit its type.
    #[error("event {id}: {source}")]
    Payload {
        /// Which event.
        id: EventId,
        /// What is wrong with it.
        source: PayloadError,
    },
}

/// The JSON object, in the order in which its fields are written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CloudEvent<'a> {
    specversion: Cow<'a, str>,
    id: EventId,
    source: Cow<'a, str>,
    #[serde(rename = "type")]
    type_name: Cow<'a, str>,
    subject: Cow<'a, str>,
    time: Timestamp,
    datacontenttype: Cow<'a, str>,
    dataschema: Cow<'a, str>,
    effectivefrom: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effectiveto: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notifiedon: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decidedon: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    causationid: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    correlationid: Option<CommandId>,
    actor: Cow<'a, str>,
    commandhash: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prev: Option<Digest>,
    #[serde(borrow)]
    data: Cow<'a, RawValue>,
}

impl Envelope {
    /// The bytes that are stored and hashed: one line of JSON.
    ///
    /// # Errors
    /// Only if a payload holds something that JSON cannot, which no type here does.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let type_name = self.event.type_name();
        serde_json::to_vec(&CloudEvent {
            specversion: "1.0".into(),
            id: self.id,
            source: SOURCE.into(),
            type_name: type_name.into(),
            subject: self.subject.to_string().into(),
            time: self.time,
            datacontenttype: "application/json".into(),
            dataschema: format!("urn:footing:schema:{type_name}").into(),
            effectivefrom: self.effective_from,
            effectiveto: self.effective_to,
            notifiedon: self.notified_on,
            decidedon: self.decided_on,
            causationid: self.causation,
            correlationid: self.correlation,
            actor: self.actor.as_str().into(),
            commandhash: self.command_hash,
            prev: self.prev,
            data: Cow::Owned(self.event.payload()?),
        })
    }

    /// Reads stored bytes, bringing older payloads up to date; the bytes themselves stay what they are.
    ///
    /// # Errors
    /// [`EnvelopeError`], naming the field, and the event where its id could be read.
    pub fn from_bytes(bytes: &[u8]) -> Result<Envelope, EnvelopeError> {
        // Keeping track of where one is costs more than reading: it is done only when something is wrong.
        let stored: CloudEvent<'_> = serde_json::from_slice(bytes).or_else(|_| read_with_path(bytes))?;
        let subject = stored.subject.parse().map_err(|e: SubjectError| malformed("subject".into(), e.to_string()))?;
        if stored.specversion != "1.0" {
            return Err(malformed("specversion".into(), format!("`{}` is not 1.0", stored.specversion)));
        }
        let (type_name, payload) = upcast(&stored.type_name, stored.data.get())
            .map_err(|source| EnvelopeError::Payload { id: stored.id, source })?;
        let event =
            Event::decode(&type_name, &payload).map_err(|source| EnvelopeError::Payload { id: stored.id, source })?;
        Ok(Envelope {
            id: stored.id,
            subject,
            time: stored.time,
            effective_from: stored.effectivefrom,
            effective_to: stored.effectiveto,
            notified_on: stored.notifiedon,
            decided_on: stored.decidedon,
            causation: stored.causationid,
            correlation: stored.correlationid,
            actor: stored.actor.into_owned(),
            command_hash: stored.commandhash,
            prev: stored.prev,
            event,
        })
    }
}

/// Reads once more, to say which field does not fit.
fn read_with_path(bytes: &[u8]) -> Result<CloudEvent<'_>, EnvelopeError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let stored = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| malformed(error.path().to_string(), error.inner().to_string()))?;
    reader.end().map_err(|error| malformed("end".into(), error.to_string()))?;
    Ok(stored)
}

fn malformed(field: String, message: String) -> EnvelopeError {
    EnvelopeError::Malformed { field, message }
}

/// An event at its place in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The stream sequence, from 1.
    pub sequence: u64,
    /// The event.
    pub envelope: Envelope,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Person(id) => write!(f, "benefit.person.{id}"),
            Subject::Claim(id) => write!(f, "benefit.claim.{id}"),
            Subject::Run(id) => write!(f, "benefit.run.{id}"),
            Subject::Pack(name) => write!(f, "benefit.pack.{name}"),
            Subject::Bank(id) => write!(f, "benefit.bank.{id}"),
        }
    }
}

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Subject, SubjectError> {
        let wrong = || SubjectError(text.into());
        let (noun, id) = text.strip_prefix("benefit.").and_then(|rest| rest.split_once('.')).ok_or_else(wrong)?;
        match noun {
            "person" => id.parse().map(Subject::Person).map_err(|_| wrong()),
            "claim" => id.parse().map(Subject::Claim).map_err(|_| wrong()),
            "run" => id.parse().map(Subject::Run).map_err(|_| wrong()),
            "bank" => id.parse().map(Subject::Bank).map_err(|_| wrong()),
            "pack" if is_pack_name(id) => Ok(Subject::Pack(id.into())),
            _ => Err(wrong()),
        }
    }
}

/// Lower-case words joined by hyphens: safe in a subject, a path and a shell.
pub fn is_pack_name(name: &str) -> bool {
    let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.split('-').all(word)
}
