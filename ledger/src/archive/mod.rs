//! The archive: the whole stream in files that are never changed, readable without our programs, from which a ledger that
//! was lost is made again and shown to be the same log.
//!
//! A folder holds a manifest, segments of a fixed number of events each, and the evidence (checkpoints, public keys,
//! cosignatures). A segment is gzip over what `footing export` writes: the stored bytes, one event a line. [`Archiver`]
//! adds to a folder, [`check()`] holds it against itself and against checkpoints, [`Events`] reads it for a restore.
//! The number of events in a full segment is a power of two, so that each is one subtree of the log and the root over all
//! of them follows from the manifest alone.

mod check;
mod error;
mod evidence;
mod folder;
mod manifest;
mod reader;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

pub use check::{Finding, Report, check};
pub use error::ArchiveError;
pub use evidence::EVIDENCE;
pub use manifest::{Manifest, ManifestError, Segment};
pub use reader::{Events, root_of, root_of_first};
pub use writer::{Archived, Archiver, FULL};
