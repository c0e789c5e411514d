//! Keeping the log of a ledger: the tree grows by what is read of the stream, and its head is signed.
//!
//! Nothing is signed over a stream that does not extend the last checkpoint. Each process reads the whole stream once
//! before it signs, hashes it again and holds it against the last checkpoint and the kept hashes; from then on it reads
//! what is new. Another process may sign in between: the file of checkpoints is locked while the log is worked on.

use std::io;
use std::path::PathBuf;

use super::checkpoint::{Checkpoint, CheckpointError, TreeHead};
use super::kept::{Kept, KeptError};
use super::leaf::Leaf;
use super::note::{SigningKey, VerifierKey};
use super::proof::{Consistency, Inclusion};
use super::tiles::Tiles;
use super::tree::{Edge, Hash, consistency, empty_root, inclusion, is_consistent, is_included, root};
use crate::store::{Gap, ReadError, Reader, Store, Stored};

/// How many messages are read at a time.
const PAGE: usize = 1_000;

/// Where a log is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The folder of hashes, which the stream can rebuild.
    pub tiles: PathBuf,
    /// The file of checkpoints, which nothing can.
    pub checkpoints: PathBuf,
}

/// The log of one ledger.
#[derive(Debug)]
pub struct Log {
    places: Places,
    keys: Vec<VerifierKey>,
    /// What this process read of the stream, and held against what was signed.
    read: Edge,
    tiles: Tiles,
    /// The last checkpoint that the stream was held against.
    held: Option<TreeHead>,
}

/// Why nothing is signed or proved, and nothing may be paid.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The stream cannot be read.
    #[error("the stream cannot be read")]
    Read(#[from] ReadError),
    /// The checkpoints cannot be read or written.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The hashes cannot be read or written.
    #[error("the hashes of the log cannot be read or written")]
    Tiles(#[from] io::Error),
    /// The last checkpoint is not the log's.
    #[error("the last checkpoint, over {size} events, {error}")]
    NotSigned {
        /// How many events it says.
        size: u64,
        /// What is wrong with it.
        error: CheckpointError,
    },
    /// The stream is shorter than it was.
    #[error("the stream ends at {head} and a checkpoint was signed over {size} events: its end was cut off")]
    CutOff {
        /// Where it ends.
        head: u64,
        /// Where it ended.
        size: u64,
    },
    /// An event is another one than it was.
    #[error("the event at sequence {sequence} is not the one that the checkpoint over {size} events was signed over")]
    Changed {
        /// Which.
        sequence: u64,
        /// The checkpoint.
        size: u64,
    },
    /// The stream is another one, and the hashes do not say from where on.
    #[error("the first {size} events are not those that the checkpoint over {size} events was signed over")]
    OtherHistory {
        /// The checkpoint.
        size: u64,
    },
    /// The key signs for another log.
    #[error("the secret key is of {key} and the checkpoints are of {log}")]
    OtherKey {
        /// The name of the key.
        key: String,
        /// The origin of the log.
        log: String,
    },
    /// Nothing that is kept can be proved from.
    #[error("{0}")]
    NoProof(String),
}

impl Log {
    /// The log at these places, checked with these keys. Nothing is read yet.
    pub fn new(places: Places, keys: Vec<VerifierKey>) -> Log {
        let tiles = Tiles::empty(&places.tiles);
        Log { places, keys, read: Edge::default(), tiles, held: None }
    }

    /// Takes other public keys, such as those that were added meanwhile.
    pub fn know(&mut self, keys: Vec<VerifierKey>) {
        self.keys = keys;
    }

    /// How many events were read and held against what was signed.
    pub const fn size(&self) -> u64 {
        self.read.size()
    }

    /// How many hashes are kept at hand.
    pub const fn hashes(&self) -> u64 {
        self.tiles.size()
    }

    /// How many events the last checkpoint has that the stream was held against, if there was one.
    pub fn signed(&self) -> Option<u64> {
        self.held.as_ref().map(|held| held.size)
    }

    /// Asserts that the stream extends the last checkpoint, and takes in what is new of it. The first time it reads all
    /// of it. `progress` is told how many messages were read. Gives the last checkpoint.
    ///
    /// # Errors
    /// [`LogError`]: what was found names its event.
    pub async fn extend<S: Store>(
        &mut self,
        store: &S,
        progress: impl FnMut(u64),
    ) -> Result<Option<Checkpoint>, LogError> {
        let kept = Kept::open(&self.places.checkpoints)?;
        self.extend_locked(store, &kept, progress).await?;
        Ok(kept.last().cloned())
    }

    /// The last checkpoint and the kept hashes up to it, without reading the stream: enough to prove what was signed.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn recall(&mut self) -> Result<Option<Checkpoint>, LogError> {
        let kept = Kept::open(&self.places.checkpoints)?;
        if let Some(last) = self.last(&kept)?
            && last.size > self.tiles.size()
        {
            self.open_tiles(last.size)?;
        }
        Ok(kept.last().cloned())
    }

    /// Signs the head of the stream and keeps the checkpoint; none where nothing is new since the last one.
    ///
    /// # Errors
    /// As [`Log::extend`]; then nothing is signed.
    pub async fn checkpoint<S: Store>(
        &mut self,
        store: &S,
        keys: &[SigningKey],
        progress: impl FnMut(u64),
    ) -> Result<Option<Checkpoint>, LogError> {
        let mut kept = Kept::open(&self.places.checkpoints)?;
        self.extend_locked(store, &kept, progress).await?;
        let before = kept.last().map(|last| last.head.clone());
        let size = self.read.size();
        let (Some(key), true) = (keys.first(), before.as_ref().map_or(0, |before| before.size) < size) else {
            return Ok(None);
        };
        let origin = before.as_ref().map_or(key.name(), |before| &before.origin);
        if let Some(other) = keys.iter().find(|key| key.name() != origin) {
            return Err(LogError::OtherKey { key: other.name().into(), log: origin.into() });
        }
        let head = TreeHead { origin: origin.into(), size, root: self.read.root() };
        self.tiles.sync()?;
        self.prove_growth(before.as_ref(), &head)?;
        let unsigned = |error| LogError::NotSigned { size, error };
        let mut checkpoint = Checkpoint::new(head).map_err(unsigned)?;
        keys.iter().for_each(|key| checkpoint.note.sign(key));
        checkpoint.verify(&self.keys).map_err(unsigned)?;
        kept.append(checkpoint.clone())?;
        self.held = Some(checkpoint.head.clone());
        self.tiles.publish("checkpoint", checkpoint.to_string().as_bytes())?;
        Ok(Some(checkpoint))
    }

    /// The proof that an event stands in the tree of a checkpoint, made from the kept hashes and checked before it is
    /// given.
    ///
    /// # Errors
    /// [`LogError::NoProof`] where the checkpoint does not cover it, or the hashes are damaged.
    pub fn prove(&self, stored: &Stored, checkpoint: Checkpoint) -> Result<Inclusion, LogError> {
        let (leaf, index) = (Leaf::of(stored), stored.sequence.saturating_sub(1));
        let TreeHead { size, root, .. } = checkpoint.head;
        if size > self.tiles.size() {
            return Err(damaged(size));
        }
        match inclusion(&self.tiles, index, size)? {
            Some(path) if is_included(&leaf.hash(), index, size, &path, &root) => {
                Ok(Inclusion { leaf: leaf.content(), index, path, checkpoint })
            }
            Some(_) => Err(damaged(size)),
            None => Err(LogError::NoProof(format!(
                "the event at sequence {} is not among the {size} events of the checkpoint",
                stored.sequence
            ))),
        }
    }

    /// The proof that a later checkpoint extends an earlier one, made from the kept hashes and checked before it is given.
    ///
    /// # Errors
    /// [`LogError::NoProof`] where it does not, or the hashes are damaged.
    pub fn prove_consistency(&self, old: &TreeHead, new: Checkpoint) -> Result<Consistency, LogError> {
        let (from, to) = (old.size, new.head.size);
        if from.max(to) > self.tiles.size() {
            return Err(damaged(from.max(to)));
        }
        match consistency(&self.tiles, from, to)? {
            Some(path) if is_consistent((from, &old.root), (to, &new.head.root), &path) => {
                Ok(Consistency { old: from, path, checkpoint: new })
            }
            Some(_) => Err(LogError::NoProof(format!(
                "the checkpoint over {to} events does not extend the one over {from}: they are of different histories"
            ))),
            None => Err(LogError::NoProof(format!(
                "a checkpoint over {to} events cannot extend one over {from}: name the earlier one first"
            ))),
        }
    }

    async fn extend_locked<S: Store>(
        &mut self,
        store: &S,
        kept: &Kept,
        mut progress: impl FnMut(u64),
    ) -> Result<(), LogError> {
        let last = self.last(kept)?;
        let signed = last.as_ref().map_or(0, |last| last.size);
        if signed > self.tiles.size() {
            self.open_tiles(signed)?;
        }
        let anew = self.tiles.size() == 0;
        let mut taken = self.take_in(store, signed, &mut progress).await?;
        let holds = |held: &Option<TreeHead>, root: Hash| {
            last.as_ref().is_none_or(|last| held.as_ref() == Some(last) || last.root == root)
        };
        if taken.differs.is_some() && holds(&self.held, taken.signed_root) {
            // The stream is what was signed, so the kept hashes are not: they are made again from the stream.
            self.forget_tiles()?;
            taken = self.take_in(store, signed, &mut progress).await?;
            self.tiles.sync()?;
        }
        match (taken.differs, holds(&self.held, taken.signed_root)) {
            (None, true) => {
                if anew && signed > 0 {
                    self.tiles.sync()?;
                }
                self.held = last;
                Ok(())
            }
            (Some(sequence), _) => Err(LogError::Changed { sequence, size: signed }),
            (None, false) => Err(LogError::OtherHistory { size: signed }),
        }
    }

    /// Reads what is new, hashes it, and holds it against the kept hashes as far as they go; beyond, it adds to them.
    async fn take_in<S: Store>(
        &mut self,
        store: &S,
        signed: u64,
        mut progress: impl FnMut(u64),
    ) -> Result<Taken, LogError> {
        let mut differs = None;
        let mut signed_root = if signed <= self.read.size() { root(&self.tiles, signed)? } else { Hash::default() };
        let head = match store.head().await {
            // Reading finds it, and names what is wrong before it first.
            Err(ReadError::Damaged { sequence, .. }) => sequence,
            head => head?.sequence,
        };
        if head < signed {
            return Err(LogError::CutOff { head, size: signed });
        }
        if head < self.read.size() {
            return Err(ReadError::from(Gap { expected: self.read.size() + 1, found: head }).into());
        }
        let mut reader = Reader::after(store, self.read.size());
        while reader.position() < head {
            let page = reader.next(PAGE).await?;
            for stored in &page {
                let hash = Leaf::of(stored).hash();
                self.read.push(hash);
                if stored.sequence > self.tiles.size() {
                    self.tiles.push(hash)?;
                } else if differs.is_none() && self.tiles.leaf(stored.sequence - 1)? != Some(hash) {
                    differs = Some(stored.sequence);
                }
                if stored.sequence == signed {
                    signed_root = self.read.root();
                }
            }
            progress(self.read.size());
        }
        Ok(Taken { differs, signed_root })
    }

    /// Asserts by the kept hashes too that the new head extends the last one that was signed.
    fn prove_growth(&self, before: Option<&TreeHead>, head: &TreeHead) -> Result<(), LogError> {
        let (old, old_root) = before.map_or((0, empty_root()), |before| (before.size, before.root));
        match consistency(&self.tiles, old, head.size)? {
            Some(path) if is_consistent((old, &old_root), (head.size, &head.root), &path) => Ok(()),
            Some(_) | None => Err(damaged(head.size)),
        }
    }

    /// The last checkpoint, if it is the log's own.
    fn last(&self, kept: &Kept) -> Result<Option<TreeHead>, LogError> {
        let Some(last) = kept.last() else { return Ok(None) };
        if self.held.as_ref() != Some(&last.head) {
            last.verify(&self.keys).map_err(|error| LogError::NotSigned { size: last.head.size, error })?;
        }
        Ok(Some(last.head.clone()))
    }

    /// The kept hashes as another process left them; where they are not whole, everything is read again.
    fn open_tiles(&mut self, size: u64) -> Result<(), LogError> {
        match Tiles::open(&self.places.tiles, size)? {
            Some(tiles) => self.tiles = tiles,
            None => self.forget_tiles()?,
        }
        Ok(())
    }

    fn forget_tiles(&mut self) -> Result<(), LogError> {
        match std::fs::remove_dir_all(&self.places.tiles) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Err(_) | Ok(()) => {}
        }
        (self.read, self.tiles) = (Edge::default(), Tiles::empty(&self.places.tiles));
        Ok(())
    }
}

/// What came of reading.
struct Taken {
    /// The first event that is not the one whose hash is kept.
    differs: Option<u64>,
    /// The root over as many events as the last checkpoint has.
    signed_root: Hash,
}

fn damaged(size: u64) -> LogError {
    LogError::NoProof(format!(
        "the kept hashes do not lead to the root over {size} events: they are damaged, and `footing rebuild` makes them again"
    ))
}
