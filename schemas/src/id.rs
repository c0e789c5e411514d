//! Names of things: random (UUIDv7), so that nothing about a person can be read off them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Defines distinct types of identifier, so that a person's can never stand where a claim's is meant.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<$name, uuid::Error> {
                text.parse().map($name)
            }
        }
    )*};
}

ids! {
    /// A human being: claimant, partner, child or non-dependant.
    PersonId,
    /// A claim to a benefit and the award that follows from it.
    ClaimId,
    /// An order given to the ledger; what it caused carries its name.
    CommandId,
    /// A payment run.
    RunId,
    /// A payment: derived from what is owed, so that the same debt is never paid twice.
    PaymentId,
    /// A sanction.
    SanctionId,
    /// A debt: an overpayment, an advance, a hardship payment, a third party's.
    DebtId,
    /// A file that a bank sent: derived from its bytes, so that it is known again under any name.
    BankFileId,
    /// Something a bank's file says that no payment explains: derived from the file and its place there.
    BankItemId,
}

impl BankFileId {
    /// The file with this SHA-256: its first 128 bits but for those that mark a UUID of one's own making (version 8,
    /// RFC 9562).
    pub fn of(digest: Digest) -> BankFileId {
        let mut first = [0; 16];
        first.iter_mut().zip(digest.0).for_each(|(to, from)| *to = from);
        BankFileId(uuid::Builder::from_custom_bytes(first).into_uuid())
    }
}

impl RunId {
    /// Stands for every run: what holds for all of them is recorded there. No run is called so.
    pub const EVERY: RunId = RunId(Uuid::nil());
}

/// An event: the command that caused it, and its place among that command's events. Written `<command>.<index>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId {
    /// What caused it.
    pub command: CommandId,
    /// From 0.
    pub index: u16,
}

/// Why a text is not the id of an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an event id: it is a command's id, a dot and a number")]
pub struct EventIdError(String);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.command, self.index)
    }
}

impl FromStr for EventId {
    type Err = EventIdError;

    fn from_str(text: &str) -> Result<EventId, EventIdError> {
        let parsed = text
            .split_once('.')
            .and_then(|(command, index)| Some(EventId { command: command.parse().ok()?, index: index.parse().ok()? }));
        parsed.filter(|id| id.to_string() == text).ok_or_else(|| EventIdError(text.into()))
    }
}

impl Serialize for EventId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<EventId, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for EventId {
    fn schema_name() -> Cow<'static, str> {
        "EventId".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The causing command's id, a dot, and the event's number among that command's events.",
            "type": "string",
            "pattern": r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[0-9]{1,5}$"
        })
    }
}

/// A SHA-256 digest, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// Why a text is not a digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a SHA-256 digest: it is 64 hexadecimal digits in lower case")]
pub struct DigestError(String);

impl Digest {
    /// The SHA-256 of these bytes (FIPS 180-4).
    pub fn of(bytes: &[u8]) -> Digest {
        use sha2::Digest as _;
        Digest(sha2::Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One of these is written for every event that is read or stored.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(2 * self.0.len());
        let digit = |half: u8| DIGITS.get(usize::from(half)).map_or(' ', |digit| char::from(*digit));
        self.0.iter().for_each(|byte| text.extend([digit(byte >> 4), digit(byte & 15)]));
        f.write_str(&text)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Digest, DigestError> {
        let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 64 || !text.bytes().all(lower_hex) {
            return Err(DigestError(text.into()));
        }
        let mut bytes = [0; 32];
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).unwrap_or_default();
        }
        Ok(Digest(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Digest {
    fn schema_name() -> Cow<'static, str> {
        "Digest".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"description": "A SHA-256 digest.", "type": "string", "pattern": "^[0-9a-f]{64}$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_abc_is_that_of_the_standard() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-4, example
        assert_eq!(Digest::of(b"abc").to_string(), abc);
        assert_eq!(abc.parse(), Ok(Digest::of(b"abc")));
        assert!("BA78".parse::<Digest>().is_err());
    }

    #[test]
    fn the_file_of_a_bank_is_named_by_the_beginning_of_its_digest() {
        // ba7816bf-8f01-cfea-4141-40de5dae2223 with the 8 of the version and the 8 of the variant (10 in its first bits: 4
        // is 0100, of which 10 and 00 make 1000).
        assert_eq!(BankFileId::of(Digest::of(b"abc")).to_string(), "ba7816bf-8f01-8fea-8141-40de5dae2223");
    }

    #[test]
    fn an_event_id_is_its_command_and_a_number() {
        let text = "01939c2e-0000-7000-8000-000000000001.2";
        let id: EventId = text.parse().unwrap();
        assert_eq!((id.index, id.to_string().as_str()), (2, text));
        assert!("01939c2e-0000-7000-8000-000000000001.02".parse::<EventId>().is_err());
        assert!("no.1".parse::<EventId>().is_err());
    }
}
