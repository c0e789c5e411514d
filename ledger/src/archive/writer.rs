//! Adding to an archive what is new of a stream.

use std::fs::File;
use std::path::{Path, PathBuf};

use schemas::Digest;

use super::error::ArchiveError;
use super::evidence;
use super::folder::Folder;
use super::manifest::{Manifest, Segment};
use super::segment;
use crate::log::leaf::Leaf;
use crate::log::tree::Edge;
use crate::store::{Reader, Store, Stored};

/// How many events a full segment has, unless the archive was begun with another length: 2^13.
pub const FULL: u64 = 8_192;

/// How many messages are read at a time.
const PAGE: usize = 1_000;

/// An archive that is added to; nobody else can add to it meanwhile.
///
/// A full segment is written once. The open one is written anew, under a name that says how far it goes, each time it has
/// grown; then the manifest takes its place in one rename, and what it no longer names is removed. Killed at any moment, the
/// folder is the archive it was or the one it was to become.
#[derive(Debug)]
pub struct Archiver {
    folder: Folder,
    manifest: Manifest,
    /// The log after the last full segment.
    full: Edge,
    /// The events of the segment that is not full.
    open: Vec<Stored>,
    /// Whether the stream was held against what is archived.
    held: bool,
    _lock: File,
}

/// What was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Archived {
    /// How many events were archived before.
    pub before: u64,
    /// How many are now.
    pub events: u64,
}

impl Archiver {
    /// Opens the archive in a folder, or begins one; `segment_events` is how many events a full segment has then, a power
    /// of two.
    ///
    /// # Errors
    /// [`ArchiveError`]; a folder that holds anything else is left as it is.
    pub fn open(folder: &Path, segment_events: Option<u64>) -> Result<Archiver, ArchiveError> {
        let asked = segment_events.unwrap_or(FULL);
        let new = Manifest::new(asked).ok_or(ArchiveError::NoLength { asked })?;
        let folder = Folder::at(folder);
        let lock = folder.begin()?;
        let manifest = match folder.manifest()? {
            Some(manifest) => manifest,
            None => {
                folder.write_first(&new)?;
                new
            }
        };
        let begun = manifest.segment_events();
        if segment_events.is_some_and(|asked| asked != begun) {
            return Err(ArchiveError::OtherLength { begun });
        }
        folder.tidy(&manifest)?;
        let open = manifest.open().map(|open| folder.events(open)).transpose()?.unwrap_or_default();
        Ok(Archiver { full: manifest.edge_after(manifest.full()), folder, manifest, open, held: false, _lock: lock })
    }

    /// How many events are archived.
    pub fn events(&self) -> u64 {
        self.manifest.events()
    }

    /// Adds what is new of a stream, and of the evidence beside it (see [`super::EVIDENCE`]). Whether the stream is what was
    /// signed is for the caller to have found out: here it is held against the last segment only. `progress` is told how
    /// many events are archived.
    ///
    /// # Errors
    /// [`ArchiveError`]; what was archived stays.
    pub async fn add<S: Store>(
        &mut self,
        store: &S,
        beside: impl Fn(&str) -> PathBuf,
        mut progress: impl FnMut(u64),
    ) -> Result<Archived, ArchiveError> {
        let before = self.events();
        let head = store.head().await?.sequence;
        if head < before {
            return Err(ArchiveError::CutOff { head, archived: before });
        }
        if !self.held {
            self.hold(store).await?;
        }
        // What an attempt before this one read and did not archive is read again.
        self.open.retain(|stored| stored.sequence <= before);
        let mut reader = Reader::after(store, before);
        while reader.position() < head {
            let page = reader.next(PAGE).await?;
            for stored in page {
                if let Some(reason) = segment::unfit(&stored) {
                    let sequence = stored.sequence;
                    return self.undone(ArchiveError::NoEvent { sequence, reason });
                }
                self.open.push(stored);
                if self.open.len() as u64 == self.manifest.segment_events() {
                    self.write()?;
                }
            }
            progress(self.events());
        }
        if self.manifest.events() < reader.position() {
            self.write()?;
        }
        progress(self.events());
        evidence::take(&self.folder, beside, self.events())?;
        Ok(Archived { before, events: self.events() })
    }

    /// Holds the stream against the last segment: it must be the one that was archived.
    async fn hold<S: Store>(&mut self, store: &S) -> Result<(), ArchiveError> {
        if let Some(last) = self.manifest.segments().last() {
            let archived = self.folder.events(last)?;
            let mut reader = Reader::after(store, last.first - 1);
            for part in archived.chunks(PAGE) {
                let there = reader.next(part.len()).await?;
                let same = |(a, b): &(&Stored, &Stored)| a == b;
                if let Some(other) = part.get(part.iter().zip(&there).take_while(same).count()) {
                    return Err(ArchiveError::OtherHistory { sequence: other.sequence });
                }
            }
        }
        self.held = true;
        Ok(())
    }

    /// Writes the segment that is open, and then the manifest that names it.
    fn write(&mut self) -> Result<(), ArchiveError> {
        let (Some(first), Some(last)) = (self.open.first(), self.open.last()) else { return Ok(()) };
        let (first, last) = (first.sequence, last.sequence);
        let (mut own, mut whole) = (Edge::default(), self.full.clone());
        for stored in &self.open {
            let hash = Leaf::of(stored).hash();
            own.push(hash);
            whole.push(hash);
        }
        let file = segment::file_name(first, last);
        let sha256 = self.folder.write_segment(&file, &self.open)?;
        let (segment_root, root) = (Digest(own.root()), Digest(whole.root()));
        let mut manifest = self.manifest.clone();
        let grown = manifest.put(Segment { first, last, file, sha256, segment_root, root });
        self.folder.write_manifest(&manifest)?;
        self.manifest = manifest;
        if self.manifest.open().is_none() {
            self.full = whole;
            self.open.clear();
        }
        grown.map_or(Ok(()), |grown| self.folder.remove(&grown.file))
    }

    /// Archives what comes before an event that cannot be, and says which that is.
    fn undone(&mut self, error: ArchiveError) -> Result<Archived, ArchiveError> {
        self.write()?;
        Err(error)
    }
}
