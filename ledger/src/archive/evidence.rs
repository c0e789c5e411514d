//! What proves that an archive is the log: copies of the checkpoints, public keys and cosignatures beside the ledger. Each
//! of those files only grows, and so does its copy; a file that does not go on from its copy is refused.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::ArchiveError;
use super::folder::Folder;
use crate::log::Checkpoint;
use crate::log::kept::Checkpoints;

/// The checkpoints, as they are called beside a ledger and in an archive.
pub(super) const CHECKPOINTS: &str = "checkpoints";

/// Checkpoints with the signatures of witnesses.
pub(super) const COSIGNATURES: &str = "cosignatures";

/// The public keys.
const KEYS: &str = "vkeys";

/// The files, by what they are called beside a ledger and in an archive.
pub const EVIDENCE: [&str; 3] = [KEYS, CHECKPOINTS, COSIGNATURES];

/// Takes what is new of the files beside a ledger; of checkpoints those over events that are archived. `beside` gives the
/// file beside the ledger for each of [`EVIDENCE`].
pub(super) fn take(folder: &Folder, beside: impl Fn(&str) -> PathBuf, events: u64) -> Result<(), ArchiveError> {
    for name in EVIDENCE {
        let path = beside(name);
        let whole = if name == KEYS { lines(&path)? } else { notes(&path, events)? };
        let before = folder.read(name)?.unwrap_or_default();
        match whole.strip_prefix(before.as_slice()) {
            Some([]) => {}
            Some(_) => folder.replace(name, &whole)?,
            None => return Err(ArchiveError::OtherEvidence { name, beside: path }),
        }
    }
    Ok(())
}

/// The checkpoints that witnesses signed, as archived.
pub(super) fn cosigned(folder: &Folder) -> Result<Vec<Checkpoint>, ArchiveError> {
    let path = folder.path(COSIGNATURES);
    if !path.exists() {
        return Ok(Vec::new());
    }
    Ok(Checkpoints::read(&path)?.map(|one| one.map(|(checkpoint, _)| checkpoint)).collect::<Result<_, _>>()?)
}

/// The whole lines of a file; nothing where there is none.
fn lines(path: &Path) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = read(path)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes.truncate(end);
    Ok(bytes)
}

/// The checkpoints of a file over so many events at most; nothing where there is no file.
fn notes(path: &Path, events: u64) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = read(path)?;
    let mut end = 0;
    if !bytes.is_empty() {
        for note in Checkpoints::read(path)? {
            let (checkpoint, ends) = note?;
            if checkpoint.head.size > events {
                break;
            }
            end = usize::try_from(ends).unwrap_or(bytes.len());
        }
    }
    bytes.truncate(end);
    Ok(bytes)
}

fn read(path: &Path) -> Result<Vec<u8>, ArchiveError> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(ArchiveError::Io { path: path.into(), source }),
    }
}
