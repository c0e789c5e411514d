//! What the tree has for each event: one line of JSON that names it and the hash of its stored bytes.

use std::borrow::Cow;

use schemas::Digest;
use serde::{Deserialize, Serialize};

use super::tree::{Hash, leaf_hash};
use crate::store::Stored;

/// The version of the leaf, in every leaf.
const VERSION: u8 = 1;

/// A leaf. Its JSON is canonical (RFC 8785): these fields in this order, no white space, the shortest escapes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf<'a> {
    /// The SHA-256 of the bytes as they are stored, never of a copy written anew.
    pub payload_sha256: Digest,
    /// Its place in the stream, from 1: one more than its index in the tree.
    pub seq: u64,
    /// The subject that the store keeps it on.
    pub subject: Cow<'a, str>,
    /// Such as `footing.sanction.imposed.v1`; empty where the bytes are no event and name no type.
    #[serde(rename = "type")]
    pub type_name: Cow<'a, str>,
    /// The version of this form.
    pub v: u8,
}

impl<'a> Leaf<'a> {
    /// The leaf of a stored message.
    pub fn of(stored: &'a Stored) -> Leaf<'a> {
        #[derive(Deserialize)]
        struct Named<'a> {
            #[serde(borrow)]
            r#type: Cow<'a, str>,
        }
        let named: Option<Named<'a>> = serde_json::from_slice(&stored.bytes).ok();
        Leaf {
            payload_sha256: Digest::of(&stored.bytes),
            seq: stored.sequence,
            subject: stored.subject.to_string().into(),
            type_name: named.map(|named| named.r#type).unwrap_or_default(),
            v: VERSION,
        }
    }

    /// The content of the leaf, as the tree hashes it.
    pub fn content(&self) -> Vec<u8> {
        // A number, three texts and a digest can always be written as JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Its hash in the tree.
    pub fn hash(&self) -> Hash {
        leaf_hash(&self.content())
    }

    /// Reads the content of a leaf.
    ///
    /// # Errors
    /// What is wrong with it: also one that is written in another way than we write it, which has another hash.
    pub fn read(content: &[u8]) -> Result<Leaf<'static>, String> {
        let leaf: Leaf<'static> = serde_json::from_slice(content).map_err(|error| error.to_string())?;
        match (leaf.v, leaf.content() == content) {
            (VERSION, true) => Ok(leaf),
            (VERSION, false) => Err("it is not canonical JSON (RFC 8785)".into()),
            (other, _) => Err(format!("it has version {other}; this program reads version {VERSION}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;

    #[test]
    fn a_leaf_is_canonical_json_of_place_subject_type_and_hash_of_the_stored_bytes() {
        let bytes = br#"{"specversion":"1.0", "type":"footing.person.died.v1"}"#.to_vec();
        let stored = Stored { sequence: 7, subject: contract::person(1), bytes };
        // printf '%s' '{"specversion":"1.0", "type":"footing.person.died.v1"}' | sha256sum
        let expected = format!(
            "{{\"payload_sha256\":\"{}\",\"seq\":7,\"subject\":\"{}\",\"type\":\"footing.person.died.v1\",\"v\":1}}",
            "0db503b96b314b7693453e5bc1168bdeefef700e660c5666759891a8a7e45ae6", stored.subject
        );
        let leaf = Leaf::of(&stored);
        assert_eq!(String::from_utf8(leaf.content()).unwrap(), expected);
        assert_eq!(Leaf::read(&leaf.content()).unwrap(), leaf);
    }

    #[test]
    fn a_leaf_written_in_another_way_is_none() {
        let stored = Stored { sequence: 7, subject: contract::person(1), bytes: b"no event".to_vec() };
        let content = String::from_utf8(Leaf::of(&stored).content()).unwrap();
        assert!(content.contains("\"type\":\"\""));
        for other in [
            content.replace(',', ", "),
            content.replace("\"v\":1", "\"v\":2"),
            content.replace("\"v\":1", "\"v\":1,\"w\":1"),
            content.replace("\"seq\":7", "\"seq\":7.0"),
        ] {
            assert!(Leaf::read(other.as_bytes()).is_err(), "{other}");
        }
    }
}
