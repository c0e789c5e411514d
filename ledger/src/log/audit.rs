//! Holding a whole stream against every checkpoint that was ever kept, and against those that somebody kept elsewhere.

use std::fmt;
use std::io;

use super::checkpoint::{Checkpoint, CheckpointError};
use super::keeper::Places;
use super::kept::{Checkpoints, KeptError};
use super::leaf::Leaf;
use super::note::VerifierKey;
use super::tiles::Tiles;
use super::tree::{Edge, Hash, root};
use crate::store::{ReadError, Store, Stored};

/// How many messages are read at a time.
const PAGE: usize = 1_000;

/// What an audit came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// How many checkpoints were held against the stream.
    pub checkpoints: u64,
    /// How many events the last of them covers.
    pub signed: u64,
    /// How many good cosignatures of witnesses they carry.
    pub cosignatures: u64,
    /// How many events there are.
    pub events: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Something wrong with the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A checkpoint is not signed as it should be.
    NotSigned {
        /// How many events it says.
        size: u64,
        /// What is wrong.
        error: CheckpointError,
    },
    /// The file of checkpoints holds something else.
    Damaged(String),
    /// A checkpoint comes after one over more events: the file was put together anew.
    OutOfOrder {
        /// How many events it says.
        size: u64,
        /// How many the one before it says.
        before: u64,
    },
    /// The stream ends before a checkpoint.
    CutOff {
        /// Where it ends.
        head: u64,
        /// Where it ended.
        size: u64,
    },
    /// An event could not be read, or is missing, and nothing from there on was held against the checkpoints.
    Stopped {
        /// The first such event.
        sequence: u64,
        /// How many events the last checkpoint has.
        size: u64,
    },
    /// An event is another one than it was, as the hash that was kept of it says.
    Changed {
        /// Which.
        sequence: u64,
        /// Its hash is not the kept one.
        size: u64,
    },
    /// Somewhere in these events the stream is another one than it was.
    OtherHistory {
        /// The first of them.
        from: u64,
        /// The last of them: as many as the checkpoint says.
        to: u64,
        /// How many later checkpoints do not fit either, as they cannot.
        later: u64,
    },
    /// The kept hashes are not those of a stream that fits its checkpoints.
    Tiles {
        /// The first event whose hash is wrong; none where it is one above several events.
        sequence: Option<u64>,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::NotSigned { size, error } => write!(f, "the checkpoint over {size} events {error}"),
            Finding::Damaged(why) => f.write_str(why),
            Finding::OutOfOrder { size, before } => {
                write!(
                    f,
                    "a checkpoint over {size} events comes after one over {before}: the file was put together anew"
                )
            }
            Finding::CutOff { head, size } => {
                write!(
                    f,
                    "the stream ends at {head} and a checkpoint was signed over {size} events: its end was cut off"
                )
            }
            Finding::Stopped { sequence, size } => {
                write!(
                    f,
                    "sequence {sequence}: is missing or cannot be read: not held against the checkpoint over {size} events"
                )
            }
            Finding::Changed { sequence, size } => write!(
                f,
                "sequence {sequence}: is not the event that the checkpoint over {size} events was signed over"
            ),
            Finding::OtherHistory { from, to, later } => {
                write!(
                    f,
                    "sequences {from} to {to}: are not the events that the checkpoint over {to} was signed over"
                )?;
                if *later > 0 { write!(f, "; {later} later checkpoints do not fit either") } else { Ok(()) }
            }
            Finding::Tiles { sequence } => {
                match sequence {
                    Some(sequence) => write!(f, "the kept hash of the event at sequence {sequence} is wrong")?,
                    None => f.write_str("the kept hashes do not lead to the root of the last checkpoint")?,
                }
                f.write_str(", and the stream fits its checkpoints: `footing rebuild` makes the hashes again")
            }
        }
    }
}

/// Why an audit could not be done; findings are no errors.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The stream cannot be read.
    #[error("the stream cannot be read")]
    Read(#[from] ReadError),
    /// The checkpoints cannot be read.
    #[error(transparent)]
    Kept(#[from] KeptError),
    /// The hashes cannot be read.
    #[error("the hashes of the log cannot be read")]
    Tiles(#[from] io::Error),
}

/// Reads the whole stream and holds it against the kept checkpoints and these others. `progress` is told how many
/// messages were read.
///
/// # Errors
/// [`AuditError`], when it could not be finished.
pub async fn audit<S: Store>(
    store: &S,
    places: &Places,
    keys: &[VerifierKey],
    others: Vec<Checkpoint>,
    mut progress: impl FnMut(u64),
) -> Result<Audit, AuditError> {
    let mut check = Check::new(places, keys, others)?;
    check.take_due()?;
    let mut from = 1;
    loop {
        let page = match store.read(from, PAGE).await {
            // What cannot be read has a finding of its own and ends what can be held against anything.
            Err(ReadError::Damaged { sequence, .. }) if sequence == from => {
                check.stop();
                break;
            }
            Err(ReadError::Damaged { sequence, .. }) => {
                store.read(from, usize::try_from(sequence - from).unwrap_or(PAGE)).await?
            }
            page => page?,
        };
        let Some(last) = page.last() else { break };
        from = last.sequence + 1;
        for stored in &page {
            if stored.sequence != check.edge.size() + 1 {
                check.stop();
                return check.finish();
            }
            check.event(stored)?;
        }
        progress(check.edge.size());
    }
    check.finish()
}

/// An audit under way: events are taken one after the other, from the first.
pub(crate) struct Check<'k> {
    keys: &'k [VerifierKey],
    kept: Option<Checkpoints>,
    /// The next kept checkpoint.
    next: Option<Checkpoint>,
    /// Checkpoints from elsewhere, the smallest last.
    others: Vec<Checkpoint>,
    edge: Edge,
    tiles: Option<Tiles>,
    /// How many events the last one that fits has, of those from elsewhere and of those kept here.
    fitted: [u64; 2],
    /// How many the last kept one has.
    before: u64,
    /// The last kept one that was held against the stream.
    last_root: Option<(u64, Hash)>,
    differs: Option<u64>,
    /// Whether an event could not be read.
    stopped: bool,
    audit: Audit,
}

impl<'k> Check<'k> {
    /// One against the checkpoints at these places and these others.
    pub(crate) fn new(
        places: &Places,
        keys: &'k [VerifierKey],
        mut others: Vec<Checkpoint>,
    ) -> Result<Check<'k>, AuditError> {
        others.sort_by_key(|other| std::cmp::Reverse(other.head.size));
        let exists = places.checkpoints.exists();
        let kept = if exists { Some(Checkpoints::read(&places.checkpoints)?) } else { None };
        let mut last = None;
        if exists {
            for checkpoint in Checkpoints::read(&places.checkpoints)?.flatten() {
                last = Some(checkpoint.0.head.size);
            }
        }
        let tiles = last.map(|size| Tiles::open(&places.tiles, size)).transpose()?.flatten();
        Ok(Check {
            keys,
            kept,
            next: None,
            others,
            edge: Edge::default(),
            tiles,
            fitted: [0; 2],
            before: 0,
            last_root: None,
            differs: None,
            stopped: false,
            audit: Audit::default(),
        })
    }

    /// Takes the next event.
    pub(crate) fn event(&mut self, stored: &Stored) -> Result<(), AuditError> {
        let hash = Leaf::of(stored).hash();
        self.edge.push(hash);
        if let (Some(tiles), None) = (&mut self.tiles, self.differs)
            && stored.sequence <= tiles.size()
            && tiles.leaf(stored.sequence - 1)? != Some(hash)
        {
            self.differs = Some(stored.sequence);
        }
        self.take_due()
    }

    /// Holds every checkpoint over as many events as were read against them.
    pub(crate) fn take_due(&mut self) -> Result<(), AuditError> {
        loop {
            if self.next.is_none() {
                self.next = self.next_kept()?;
            }
            let size = self.edge.size();
            if let Some(next) = self.next.take_if(|next| next.head.size <= size) {
                self.hold(&next, true);
            } else if self.others.last().is_some_and(|other| other.head.size <= size) {
                if let Some(other) = self.others.pop() {
                    self.hold(&other, false);
                }
            } else {
                return Ok(());
            }
        }
    }

    /// The next event could not be read: nothing from here on is held against checkpoints.
    pub(crate) const fn stop(&mut self) {
        self.stopped = true;
    }

    fn next_kept(&mut self) -> Result<Option<Checkpoint>, AuditError> {
        let Some(kept) = &mut self.kept else { return Ok(None) };
        loop {
            match kept.next() {
                None => return Ok(None),
                Some(Ok((checkpoint, _))) => return Ok(Some(checkpoint)),
                Some(Err(error @ KeptError::Damaged { .. })) => {
                    self.audit.findings.push(Finding::Damaged(error.to_string()));
                }
                Some(Err(error @ KeptError::Io(_))) => return Err(error.into()),
            }
        }
    }

    fn hold(&mut self, checkpoint: &Checkpoint, kept: bool) {
        self.signatures(checkpoint, kept);
        let head = &checkpoint.head;
        if head.size < self.edge.size() {
            return; // Out of order, which was found.
        }
        let [elsewhere, here] = &mut self.fitted;
        let fitted = if kept { here } else { elsewhere };
        if head.root == self.edge.root() {
            *fitted = head.size;
        } else {
            let (from, to) = (*fitted + 1, head.size);
            match self.audit.findings.iter_mut().find(|finding| matches!(finding, Finding::OtherHistory { .. })) {
                Some(Finding::OtherHistory { later, .. }) => *later += 1,
                _ => self.audit.findings.push(Finding::OtherHistory { from, to, later: 0 }),
            }
        }
        if kept {
            self.last_root = Some((head.size, head.root));
        }
    }

    fn signatures(&mut self, checkpoint: &Checkpoint, kept: bool) {
        let size = checkpoint.head.size;
        self.audit.checkpoints += 1;
        self.audit.signed = self.audit.signed.max(size);
        match checkpoint.verify(self.keys) {
            Ok(signed) => {
                let witnesses = signed.iter().filter(|signed| signed.seen_at.is_some());
                self.audit.cosignatures += witnesses.count() as u64;
            }
            Err(error) => self.audit.findings.push(Finding::NotSigned { size, error }),
        }
        if kept {
            if size < self.before {
                self.audit.findings.push(Finding::OutOfOrder { size, before: self.before });
            }
            self.before = size;
        }
    }

    /// What it came to.
    pub(crate) fn finish(mut self) -> Result<Audit, AuditError> {
        let head = self.edge.size();
        let mut beyond = Vec::new();
        while let Some(next) = self.next.take().map_or_else(|| self.next_kept(), |next| Ok(Some(next)))? {
            beyond.push((next, true));
        }
        beyond.extend(std::mem::take(&mut self.others).into_iter().map(|other| (other, false)));
        let longest = beyond.iter().map(|(checkpoint, _)| checkpoint.head.size).max();
        for (checkpoint, kept) in &beyond {
            self.signatures(checkpoint, *kept);
        }
        let stopped = self.stopped;
        self.audit.findings.extend(longest.map(|size| match stopped {
            true => Finding::Stopped { sequence: head + 1, size },
            false => Finding::CutOff { head, size },
        }));
        self.audit.events = head;
        let fits = !self.audit.findings.iter().any(|f| matches!(f, Finding::OtherHistory { .. }));
        match (self.differs, fits) {
            (Some(sequence), false) => {
                let size = self.audit.signed;
                self.audit.findings.push(Finding::Changed { sequence, size });
            }
            (Some(sequence), true) => self.audit.findings.push(Finding::Tiles { sequence: Some(sequence) }),
            (None, true) => self.roots_of_tiles()?,
            (None, false) => {}
        }
        Ok(self.audit)
    }

    fn roots_of_tiles(&mut self) -> Result<(), AuditError> {
        let (Some(tiles), Some((size, signed))) = (&self.tiles, self.last_root) else { return Ok(()) };
        let found = match root(tiles, size) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => None,
            Err(error) => return Err(error.into()),
        };
        if found != Some(signed) && size == tiles.size() {
            self.audit.findings.push(Finding::Tiles { sequence: None });
        }
        Ok(())
    }
}
