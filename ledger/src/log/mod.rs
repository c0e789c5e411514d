//! Tamper evidence: the Merkle tree over the stored bytes of the stream, checkpoints that sign its head, and proofs that
//! somebody without our programs and without our word can check.
//!
//! The formats are those of RFC 6962 (the tree) and of C2SP (signed-note, tlog-checkpoint, tlog-tiles, tlog-proof,
//! tlog-cosignature). Their text is a few lines each and written here: the crates there are for it bring several others,
//! and none of them reads a witness's cosignature. What is here never decides what may happen and knows no benefit.
//!
//! [`Log`] keeps the tree beside a ledger and signs; [`audit`] holds a stream against every checkpoint ever kept; the rest
//! is pure.

pub mod audit;
pub mod checkpoint;
mod keeper;
#[cfg(test)]
mod keeper_tests;
pub mod kept;
pub mod leaf;
pub mod note;
pub mod proof;
pub mod tiles;
pub mod tree;
#[cfg(test)]
mod tree_tests;

pub use audit::{Audit, audit};
pub use checkpoint::{Checkpoint, TreeHead};
pub use keeper::{Log, LogError, Places};
pub use kept::Kept;
pub use leaf::Leaf;
pub use note::{Note, NoteError, SigningKey, VerifierKey};
pub use proof::{Consistency, Inclusion};
pub use tiles::Tiles;
pub use tree::Hash;
