//! Archives as the commands use them: added to from an open ledger, and what their errors mean to the user.

use std::io;
use std::path::Path;

use ledger::Store;
use ledger::archive::{ArchiveError, Archived, Archiver};
use ledger::log::VerifierKey;

use crate::desk::{Desk, beside, broken, chain};
use crate::error::Failure;
use crate::log::keys::given;
use crate::progress::Progress;

impl<S: Store> Desk<S> {
    /// Adds what is new to an archive, if the ledger is what was signed: nothing else goes into one.
    ///
    /// # Errors
    /// What was found: nothing was added.
    pub fn add_to_archive(&mut self, archiver: &mut Archiver) -> Result<Archived, Failure> {
        self.has_its_keys()?;
        self.extends_its_checkpoints()?;
        let bar = Progress::counting("events");
        let mut shown = archiver.events();
        let path = self.path();
        let adding = archiver.add(
            self.store(),
            |name| beside(path, name),
            |events| {
                bar.add(usize::try_from(events.saturating_sub(shown)).unwrap_or(0));
                shown = events;
            },
        );
        self.wait_for(adding).map_err(|error| archive_failure(&error))
    }
}

/// The archive in a folder, to be added to; begun where there is none.
///
/// # Errors
/// [`Failure::Input`] for a folder that holds anything else, or that another process writes into.
pub fn opened(folder: &Path) -> Result<Archiver, Failure> {
    Archiver::open(folder, None).map_err(|error| archive_failure(&error))
}

/// The public keys that lie in an archive.
///
/// # Errors
/// They cannot be read.
pub fn keys_in(folder: &Path) -> Result<Vec<VerifierKey>, Failure> {
    let keys = folder.join("vkeys");
    if keys.exists() { given(&[keys.display().to_string()]) } else { Ok(Vec::new()) }
}

/// A folder that is no archive, or in use, is the user's slip; what was found in the ledger or the archive is not.
pub fn archive_failure(error: &ArchiveError) -> Failure {
    match error {
        ArchiveError::NotAnArchive { .. } | ArchiveError::OtherLength { .. } | ArchiveError::Busy { .. } => {
            Failure::input(chain(error))
        }
        ArchiveError::OtherHistory { .. }
        | ArchiveError::CutOff { .. }
        | ArchiveError::NoEvent { .. }
        | ArchiveError::OtherEvidence { .. }
        | ArchiveError::Kept(_)
        | ArchiveError::Read(_) => broken(format!("{}; `footing verify` says more", chain(error))),
        ArchiveError::Manifest(_) | ArchiveError::Segment { .. } | ArchiveError::Audit(_) | ArchiveError::Io { .. } => {
            Failure::Outside { what: "the archive cannot be used".into(), source: io::Error::other(chain(error)) }
        }
    }
}
