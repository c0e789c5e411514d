//! Reading an archive from its first event to its last.

use std::path::Path;

use super::error::ArchiveError;
use super::folder::Folder;
use super::manifest::Manifest;
use crate::log::leaf::Leaf;
use crate::log::tree::{Edge, Hash};
use crate::moving::Source;
use crate::store::{MOST, ReadError, Reader, Store, Stored};

/// The events of an archive, a segment at a time; each file has to be the one that was archived.
#[derive(Debug)]
pub struct Events {
    folder: Folder,
    manifest: Manifest,
    next: usize,
}

impl Events {
    /// Those of the archive in this folder.
    ///
    /// # Errors
    /// [`ArchiveError`] where there is none.
    pub fn open(folder: &Path) -> Result<Events, ArchiveError> {
        let folder = Folder::at(folder);
        let manifest = folder.manifest()?.ok_or_else(|| folder.not_ours("there is no manifest.jsonl in it"))?;
        Ok(Events { folder, manifest, next: 0 })
    }

    /// What the archive holds.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

/// The root over everything in a store, from its bytes read once more.
///
/// # Errors
/// [`ReadError`].
pub async fn root_of<S: Store>(store: &S) -> Result<Hash, ReadError> {
    root_of_first(store, u64::MAX).await
}

/// The root over the first so many events in a store, or over all where it has fewer.
///
/// # Errors
/// [`ReadError`].
pub async fn root_of_first<S: Store>(store: &S, events: u64) -> Result<Hash, ReadError> {
    let (mut reader, mut edge) = (Reader::after(store, 0), Edge::default());
    loop {
        let left = events.saturating_sub(reader.position());
        let page = if left == 0 { Vec::new() } else { reader.next(MOST).await? };
        if page.is_empty() {
            return Ok(edge.root());
        }
        page.iter().take(usize::try_from(left).unwrap_or(MOST)).for_each(|stored| edge.push(Leaf::of(stored).hash()));
    }
}

impl Source for Events {
    async fn next(&mut self) -> Result<Vec<Stored>, ReadError> {
        let Some(segment) = self.manifest.segments().get(self.next) else { return Ok(Vec::new()) };
        self.next += 1;
        self.folder.events(segment).map_err(|error| ReadError::Storage { source: error.into() })
    }
}
