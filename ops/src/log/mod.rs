//! The log of an open ledger: held against its checkpoints before money moves, and signed on. A ledger without a key has
//! none, and everything here does nothing.

pub mod keys;

use std::path::Path;

use ledger::Store;
use ledger::log::kept::Checkpoints;
use ledger::log::{Checkpoint, Log, LogError, Places, SigningKey, VerifierKey};

use crate::desk::{Desk, beside, broken, chain};
use crate::error::Failure;
use crate::progress::Progress;
use keys::Keys;

/// The log of one ledger, and the keys it is signed with.
#[derive(Debug)]
pub struct DeskLog {
    /// Where its keys are.
    pub keys: Keys,
    /// The public ones.
    pub known: Vec<VerifierKey>,
    /// The log.
    pub log: Log,
}

impl DeskLog {
    /// The log of the ledger at a place; none where it has no key.
    ///
    /// # Errors
    /// The public keys cannot be read.
    pub fn of(ledger: &Path, secret: Option<&Path>) -> Result<Option<DeskLog>, Failure> {
        let keys = Keys::of(ledger, secret);
        let known = keys.public()?;
        let log = Log::new(places(ledger), known.clone());
        Ok((!known.is_empty()).then_some(DeskLog { keys, known, log }))
    }

    /// The secrets that sign now. They change, and public keys with them, while a long-running process signs.
    fn signing(&mut self) -> Result<Vec<SigningKey>, Failure> {
        let (signing, known) = (self.keys.signing()?, self.keys.public()?);
        if let Some(key) = signing.iter().find(|key| !known.contains(&key.verifier())) {
            let (file, key) = (self.keys.secret().display(), key.verifier());
            return Err(Failure::input(format!("{file}: the key {key} is not a key of this ledger's log")));
        }
        self.log.know(known.clone());
        self.known = known;
        Ok(signing)
    }
}

/// Where the log of a ledger is kept.
pub fn places(ledger: &Path) -> Places {
    Places { tiles: beside(ledger, "tiles"), checkpoints: beside(ledger, "checkpoints") }
}

/// The checkpoints of a ledger that witnesses signed, with their signatures.
///
/// # Errors
/// The file cannot be read.
pub fn cosigned(ledger: &Path) -> Result<Vec<Checkpoint>, Failure> {
    in_file(&beside(ledger, "cosignatures"))
}

/// All checkpoints in a file; none where there is no file.
///
/// # Errors
/// The file cannot be read.
pub fn in_file(file: &Path) -> Result<Vec<Checkpoint>, Failure> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let all = Checkpoints::read(file).map_err(|e| broken(chain(&e)))?;
    all.map(|one| one.map(|(checkpoint, _)| checkpoint)).collect::<Result<_, _>>().map_err(|e| broken(chain(&e)))
}

impl<S: Store> Desk<S> {
    /// Asserts, before money moves, that the stream extends the last checkpoint and that the next one can be signed.
    ///
    /// # Errors
    /// What was found: nothing may be paid. [`Failure::Input`] where the secret key is not there.
    pub fn ready_to_pay(&mut self) -> Result<(), Failure> {
        self.has_its_keys()?;
        self.extends_its_checkpoints()?;
        self.log.as_mut().map_or(Ok(()), |log| log.signing().map(drop))
    }

    /// Asserts that a ledger with checkpoints has the keys that check them.
    ///
    /// # Errors
    /// They are gone.
    pub fn has_its_keys(&self) -> Result<(), Failure> {
        if self.log().is_none() && places(self.path()).checkpoints.exists() {
            let why = "there are checkpoints beside it and no public key: bring the file of keys back (its name ends in .vkeys)";
            return Err(broken(why.into()));
        }
        Ok(())
    }

    /// Asserts that the stream extends the last checkpoint, and gives it.
    ///
    /// # Errors
    /// What was found, and where.
    pub fn extends_its_checkpoints(&mut self) -> Result<Option<Checkpoint>, Failure> {
        let (store, runtime, Some(log)) = self.log_parts() else { return Ok(None) };
        let bar = Progress::counting("events");
        let mut shown = log.log.size();
        let progress = |read: u64| {
            bar.add(usize::try_from(read.saturating_sub(shown)).unwrap_or(0));
            shown = read;
        };
        runtime.block_on(log.log.extend(store, progress)).map_err(log_failure)
    }

    /// Signs the end of the stream where it grew since the last checkpoint, and keeps the checkpoint.
    ///
    /// # Errors
    /// What was found: nothing was signed.
    pub fn checkpoint(&mut self) -> Result<Option<Checkpoint>, Failure> {
        let (store, runtime, Some(log)) = self.log_parts() else { return Ok(None) };
        let head = runtime.block_on(store.head()).map_err(|e| broken(chain(&e)))?.sequence;
        if head == 0 || log.log.signed() == Some(head) {
            return Ok(None);
        }
        let keys = log.signing()?;
        runtime.block_on(log.log.checkpoint(store, &keys, |_| ())).map_err(log_failure)
    }
}

/// A key of another log is the user's slip; everything else is the ledger's.
pub fn log_failure(error: LogError) -> Failure {
    match error {
        LogError::OtherKey { .. } | LogError::NoProof(_) => Failure::input(chain(&error)),
        LogError::Read(_)
        | LogError::Kept(_)
        | LogError::Tiles(_)
        | LogError::NotSigned { .. }
        | LogError::CutOff { .. }
        | LogError::Changed { .. }
        | LogError::OtherHistory { .. } => {
            broken(format!("{}; nothing is paid from it, and `footing verify` says more", chain(&error)))
        }
    }
}
