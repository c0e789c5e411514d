//! Why an archive could not be read or added to.

use std::io;
use std::path::PathBuf;

use super::manifest::ManifestError;
use crate::log::audit::AuditError;
use crate::log::kept::KeptError;
use crate::store::ReadError;

/// What stops an archive from being written or read. What was archived before stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The folder holds something else.
    #[error("{} is not an archive: {reason}", folder.display())]
    NotAnArchive {
        /// The folder.
        folder: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// Full segments have another length than was asked for.
    #[error("the archive was begun with {begun} events to a segment, and keeps them")]
    OtherLength {
        /// How many they have.
        begun: u64,
    },
    /// Another process adds to it.
    #[error("another process writes into {}: let it finish, then try again", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// The manifest is damaged.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A segment is not what it was when it was archived.
    #[error("segment {file}, events {first} to {last}: {reason}")]
    Segment {
        /// The file, within the folder.
        file: String,
        /// Its first event.
        first: u64,
        /// Its last event.
        last: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The stream is not the one that was archived.
    #[error("the event at sequence {sequence} is not the one that was archived: nothing was added")]
    OtherHistory {
        /// The first event that is another.
        sequence: u64,
    },
    /// The stream is shorter than what was archived.
    #[error("the stream ends at {head} and the archive holds {archived} events: its end was cut off")]
    CutOff {
        /// Where the stream ends.
        head: u64,
        /// How many events the archive holds.
        archived: u64,
    },
    /// What stands in the stream is no event, or not the one its place says.
    #[error("the event at sequence {sequence} cannot be archived: {reason}")]
    NoEvent {
        /// Where.
        sequence: u64,
        /// Why.
        reason: String,
    },
    /// A file of evidence beside the ledger does not begin with what was archived of it.
    #[error("{} does not go on from the {name} in the archive: nothing was taken of it", beside.display())]
    OtherEvidence {
        /// The file in the archive.
        name: &'static str,
        /// The file beside the ledger.
        beside: PathBuf,
    },
    /// A checkpoint cannot be read.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The checkpoints could not be held against the events.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The stream cannot be read.
    #[error("the stream cannot be read")]
    Read(#[from] ReadError),
    /// A file or folder cannot be read or written.
    #[error("cannot read or write {}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}
