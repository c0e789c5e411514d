//! Proofs as text that stands alone: that an event stands in the log (C2SP tlog-proof), and that a later checkpoint extends
//! an earlier one (the form in which C2SP tlog-witness sends that to a witness).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::checkpoint::{Checkpoint, CheckpointError, TreeHead, decimal, hash};
use super::leaf::Leaf;
use super::note::VerifierKey;
use super::tree::{Hash, is_consistent, is_included, leaf_hash};

/// The first line of a proof that an event stands in the log.
const INCLUSION: &str = "c2sp.org/tlog-proof@v1";

/// That a leaf stands in the tree of a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The content of the leaf, as the opaque extra data. It is believed only because the path leads from it.
    pub leaf: Vec<u8>,
    /// Its place in the tree, from 0.
    pub index: u64,
    /// From its sibling up to the child of the root.
    pub path: Vec<Hash>,
    /// The signed head.
    pub checkpoint: Checkpoint,
}

/// That the tree of a checkpoint begins with an earlier tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consistency {
    /// How many leaves the earlier tree had.
    pub old: u64,
    /// What leads to both roots.
    pub path: Vec<Hash>,
    /// The later head, signed.
    pub checkpoint: Checkpoint,
}

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It has not the form of one.
    #[error("is not a proof: {0}")]
    Form(&'static str),
    /// Its checkpoint is none, or not signed by a key that is known.
    #[error("its checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// It carries no leaf, or one that is not ours.
    #[error("its leaf cannot be read: {0}")]
    Leaf(String),
    /// The path leads elsewhere.
    #[error("its hashes do not lead from the event to the root that was signed: one of them was changed")]
    NotIncluded,
    /// The path leads elsewhere.
    #[error(
        "its hashes do not lead from the earlier to the later root: the later log is not the earlier one with more after it"
    )]
    NotConsistent,
    /// The earlier checkpoint is another one than the proof is about.
    #[error("it begins at {proof} events, and the earlier checkpoint has {given}")]
    OtherSize {
        /// How many the proof says.
        proof: u64,
        /// How many the checkpoint has.
        given: u64,
    },
    /// The two are of different logs.
    #[error("it is of {proof}, and the earlier checkpoint of {given}")]
    OtherLog {
        /// The log of the proof.
        proof: String,
        /// The log of the checkpoint.
        given: String,
    },
}

impl Inclusion {
    /// What stands in the log, if these keys are the log's: checks signature, path and leaf.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Leaf<'static>, ProofError> {
        self.checkpoint.verify(keys)?;
        let TreeHead { size, root, .. } = &self.checkpoint.head;
        if !is_included(&leaf_hash(&self.leaf), self.index, *size, &self.path, root) {
            return Err(ProofError::NotIncluded);
        }
        let leaf = Leaf::read(&self.leaf).map_err(ProofError::Leaf)?;
        if leaf.seq == self.index + 1 {
            Ok(leaf)
        } else {
            Err(ProofError::Leaf(format!("it says sequence {} and stands at index {}", leaf.seq, self.index)))
        }
    }
}

impl Consistency {
    /// Checks that the later checkpoint extends this earlier one; both must be signed by the log's keys.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify(&self, earlier: &Checkpoint, keys: &[VerifierKey]) -> Result<(), ProofError> {
        self.checkpoint.verify(keys)?;
        earlier.verify(keys)?;
        let (old, new) = (&earlier.head, &self.checkpoint.head);
        if old.origin != new.origin {
            return Err(ProofError::OtherLog { proof: new.origin.clone(), given: old.origin.clone() });
        }
        if old.size != self.old {
            return Err(ProofError::OtherSize { proof: self.old, given: old.size });
        }
        let consistent = is_consistent((old.size, &old.root), (new.size, &new.root), &self.path);
        if consistent { Ok(()) } else { Err(ProofError::NotConsistent) }
    }
}

/// Whether a text begins as a proof of inclusion.
pub fn is_inclusion(text: &str) -> bool {
    text.starts_with(INCLUSION)
}

/// Whether a text begins as a proof of consistency.
pub fn is_consistency(text: &str) -> bool {
    text.starts_with("old ")
}

impl FromStr for Inclusion {
    type Err = ProofError;

    fn from_str(text: &str) -> Result<Inclusion, ProofError> {
        let (mut lines, checkpoint) = parts(text)?;
        if lines.next() != Some(INCLUSION) {
            return Err(ProofError::Form("its first line is not c2sp.org/tlog-proof@v1"));
        }
        let next = lines.next().and_then(|line| line.strip_prefix("extra "));
        let leaf = next.and_then(|extra| STANDARD.decode(extra).ok());
        let leaf = leaf.ok_or(ProofError::Form("its second line is not `extra` with the leaf in base64"))?;
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(decimal);
        let index = index.ok_or(ProofError::Form("its third line is not `index` and a number"))?;
        Ok(Inclusion { leaf, index, path: path(lines)?, checkpoint })
    }
}

impl fmt::Display for Inclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{INCLUSION}\nextra {}\nindex {}", STANDARD.encode(&self.leaf), self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for Consistency {
    type Err = ProofError;

    fn from_str(text: &str) -> Result<Consistency, ProofError> {
        let (mut lines, checkpoint) = parts(text)?;
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(decimal);
        let old = old.ok_or(ProofError::Form("its first line is not `old` and a number"))?;
        Ok(Consistency { old, path: path(lines)?, checkpoint })
    }
}

impl fmt::Display for Consistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// The lines before the first empty one, and the checkpoint after it.
fn parts(text: &str) -> Result<(std::str::Split<'_, char>, Checkpoint), ProofError> {
    let (lines, checkpoint) =
        text.split_once("\n\n").ok_or(ProofError::Form("no empty line comes before the checkpoint"))?;
    Ok((lines.split('\n'), checkpoint.parse()?))
}

fn path<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<Hash>, ProofError> {
    lines.map(|line| hash(line).ok_or(ProofError::Form("a line of it is not a hash in base64"))).collect()
}
