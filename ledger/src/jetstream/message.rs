//! A message as the server gives it, and what is read of it.

use async_nats::{HeaderMap, HeaderValue};
use schemas::{Digest, Subject};

use crate::store::{Message, ReadError, Stored};

/// The event's name; the server refuses a second one within its window.
pub(super) const ID: &str = "Nats-Msg-Id";
/// The event's type.
pub(super) const TYPE: &str = "Footing-Type";
/// When it was recorded.
pub(super) const TIME: &str = "Footing-Time";
/// The SHA-256 of its bytes.
pub(super) const SHA256: &str = "Footing-Sha256";

/// A message as the stream has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) sequence: u64,
    pub(super) message: Message,
}

impl From<Kept> for Stored {
    fn from(kept: Kept) -> Stored {
        Stored { sequence: kept.sequence, subject: kept.message.subject, bytes: kept.message.bytes }
    }
}

/// A message as it came, on whichever way.
#[derive(Debug)]
pub(super) struct Came<'a> {
    pub(super) sequence: u64,
    /// With the name of the stream before it.
    pub(super) subject: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) bytes: Vec<u8>,
}

impl Came<'_> {
    /// All there is of it; its bytes have to be those whose hash came with them.
    pub(super) fn kept(self, stream: &str) -> Result<Kept, ReadError> {
        self.check_bytes()?;
        self.described(stream)
    }

    /// The same for whoever reads the rest in the bytes themselves.
    pub(super) fn stored(self, stream: &str) -> Result<Stored, ReadError> {
        self.check_bytes()?;
        Ok(Stored { sequence: self.sequence, subject: self.subject(stream)?, bytes: self.bytes })
    }

    /// What its headers say of it, where it may have come without its bytes.
    pub(super) fn described(self, stream: &str) -> Result<Kept, ReadError> {
        let (sequence, subject) = (self.sequence, self.subject(stream)?);
        let header = |name: &str| self.headers.get(name).map(ToString::to_string).unwrap_or_default();
        let id = header(ID).parse().map_err(|error| damaged(sequence, error))?;
        let time = header(TIME).parse().map_err(|error| damaged(sequence, format!("time: {error}")))?;
        let message = Message { subject, id, type_name: header(TYPE).into(), time, bytes: self.bytes };
        Ok(Kept { sequence, message })
    }

    fn subject(&self, stream: &str) -> Result<Subject, ReadError> {
        let within = self.subject.strip_prefix(stream).and_then(|rest| rest.strip_prefix('.'));
        within.unwrap_or(self.subject).parse().map_err(|error| damaged(self.sequence, error))
    }

    fn check_bytes(&self) -> Result<(), ReadError> {
        let sent = self.headers.get(SHA256).map(HeaderValue::as_str);
        if sent == Some(&Digest::of(&self.bytes).to_string()) {
            Ok(())
        } else {
            Err(damaged(self.sequence, "its bytes are not those that were stored"))
        }
    }
}

pub(super) fn damaged(sequence: u64, reason: impl ToString) -> ReadError {
    ReadError::Damaged { sequence, reason: reason.to_string() }
}

/// The sequence of a message that was asked for by any server.
pub(super) fn sequence_in(headers: &HeaderMap) -> Option<u64> {
    headers.get("Nats-Sequence")?.as_str().parse().ok()
}

/// The subject of a message that was asked for by any server.
pub(super) fn subject_in(headers: &HeaderMap) -> String {
    headers.get("Nats-Subject").map(ToString::to_string).unwrap_or_default()
}

/// Headers as they go over the wire: a line that names the version, then a line each.
pub(super) fn headers_in(bytes: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let text = String::from_utf8_lossy(bytes);
    for (name, value) in text.lines().skip(1).filter_map(|line| line.split_once(':')) {
        headers.insert(name.trim(), value.trim());
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_they_go_over_the_wire() {
        let headers = headers_in(b"NATS/1.0\r\nNats-Msg-Id: 1.0\r\nFooting-Time:2026-06-15T12:00:00Z\r\n\r\n");
        assert_eq!(headers.get(ID).unwrap().as_str(), "1.0");
        assert_eq!(headers.get(TIME).unwrap().as_str(), "2026-06-15T12:00:00Z");
    }
}
