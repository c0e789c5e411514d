//! Checkpoints (C2SP tlog-checkpoint): the head of the tree as a signed note of three lines.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::note::{Note, NoteError, Signed, VerifierKey};
use super::tree::Hash;

/// How many events there were and what they come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// Which log: the name of its keys.
    pub origin: String,
    /// How many events.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// A signed tree head. Whose signatures are good is for [`Checkpoint::verify`] to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// What is signed.
    pub head: TreeHead,
    /// The note as it stands.
    pub note: Note,
}

/// Why a text is not a checkpoint that can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is no note, or not signed as it should be.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Its text is not that of a checkpoint.
    #[error("is not a checkpoint: {0}")]
    Form(&'static str),
    /// Another log's key signed it.
    #[error("is a checkpoint of {origin}, and no key of that name signed it")]
    OtherOrigin {
        /// The log that it is of.
        origin: String,
    },
}

impl Checkpoint {
    /// A head that nobody signed yet.
    ///
    /// # Errors
    /// [`CheckpointError`] for an origin that cannot stand on a line.
    pub fn new(head: TreeHead) -> Result<Checkpoint, CheckpointError> {
        Ok(Checkpoint { note: Note::new(head.to_string())?, head })
    }

    /// Who signed it, of these: the log itself, and witnesses.
    ///
    /// # Errors
    /// [`CheckpointError::OtherOrigin`] where none of them is a key of the log; otherwise as [`Note::verify`].
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Signed<'k>>, CheckpointError> {
        let signed = self.note.verify(keys)?;
        if signed.iter().any(|signed| signed.seen_at.is_none() && signed.key.name() == self.head.origin) {
            return Ok(signed);
        }
        Err(CheckpointError::OtherOrigin { origin: self.head.origin.clone() })
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Checkpoint, CheckpointError> {
        let note: Note = text.parse()?;
        Ok(Checkpoint { head: note.text.parse()?, note })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

impl fmt::Display for TreeHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, STANDARD.encode(self.root))
    }
}

impl FromStr for TreeHead {
    type Err = CheckpointError;

    /// Lines after the third are extensions, which we never write; they are left as they are and not understood.
    fn from_str(text: &str) -> Result<TreeHead, CheckpointError> {
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(CheckpointError::Form("it has three lines: origin, size, root"));
        };
        if origin.is_empty() {
            return Err(CheckpointError::Form("its first line, the origin, is empty"));
        }
        let size = decimal(size).ok_or(CheckpointError::Form("its second line is not a number of events"))?;
        let root = hash(root).ok_or(CheckpointError::Form("its third line is not a hash in base64"))?;
        Ok(TreeHead { origin: origin.into(), size, root })
    }
}

/// A number without sign and leading zeroes.
pub(super) fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

/// A hash in base64.
pub(super) fn hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}
