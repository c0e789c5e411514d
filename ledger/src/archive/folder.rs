//! The folder of an archive on the disk: files that appear whole or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use schemas::Digest;

use super::error::ArchiveError;
use super::manifest::{Manifest, Segment};
use super::segment;
use crate::store::Stored;

const MANIFEST: &str = "manifest.jsonl";
const SEGMENTS: &str = "segments";
const LOCK: &str = "lock";
const README: (&str, &str) = ("README.txt", include_str!("README.txt"));

/// A folder that is an archive or may become one.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn at(path: &Path) -> Folder {
        Folder(path.into())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What the archive holds; none where nothing was archived yet.
    pub(super) fn manifest(&self) -> Result<Option<Manifest>, ArchiveError> {
        let Some(bytes) = self.read(MANIFEST)? else { return Ok(None) };
        let text = String::from_utf8_lossy(&bytes);
        Ok(Some(Manifest::read(&text)?))
    }

    /// Makes the folder where it is missing, and keeps it to this process for as long as the answer lives.
    pub(super) fn begin(&self) -> Result<File, ArchiveError> {
        let foreign = "it holds other things: name an empty folder, or a new one";
        let is_ours = |name: &str| [LOCK, README.0].contains(&name) || name.ends_with(".new");
        if self.0.is_dir() && !self.path(MANIFEST).exists() {
            let entries = fs::read_dir(&self.0).map_err(|error| self.failed("", error))?;
            if entries.flatten().any(|entry| !is_ours(&entry.file_name().to_string_lossy())) {
                return Err(self.not_ours(foreign));
            }
        }
        fs::create_dir_all(&self.0).map_err(|error| self.failed("", error))?;
        let lock = OpenOptions::new().create(true).append(true).open(self.path(LOCK));
        let lock = lock.map_err(|error| self.failed(LOCK, error))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => Err(ArchiveError::Busy { folder: self.0.clone() }),
            Err(TryLockError::Error(error)) => Err(self.failed(LOCK, error)),
        }
    }

    /// Says in the folder itself how it is read, and that it holds nothing yet.
    pub(super) fn write_first(&self, manifest: &Manifest) -> Result<(), ArchiveError> {
        self.replace(README.0, README.1.as_bytes())?;
        self.write_manifest(manifest)
    }

    pub(super) fn write_manifest(&self, manifest: &Manifest) -> Result<(), ArchiveError> {
        self.replace(MANIFEST, manifest.text().as_bytes())
    }

    /// Writes the file of a segment, which the manifest does not name yet; gives the SHA-256 of the file.
    pub(super) fn write_segment(&self, file: &str, events: &[Stored]) -> Result<Digest, ArchiveError> {
        let folder = self.path(SEGMENTS);
        if !folder.exists() {
            fs::create_dir(&folder).and_then(|()| sync(&self.0)).map_err(|error| self.failed(SEGMENTS, error))?;
        }
        let content = segment::write(events).map_err(|error| self.failed(file, error))?;
        self.replace(file, &content)?;
        Ok(Digest::of(&content))
    }

    /// The events of a segment, if its file is the one that was archived.
    pub(super) fn events(&self, segment: &Segment) -> Result<Vec<Stored>, ArchiveError> {
        let Segment { first, last, ref file, sha256, .. } = *segment;
        let wrong = |reason: String| ArchiveError::Segment { file: file.clone(), first, last, reason };
        let content = self.read(file)?.ok_or_else(|| wrong("the file is missing".into()))?;
        if Digest::of(&content) != sha256 {
            // What can still be read of it may say where.
            let read = segment::read(&content, first, last).err().map(|why| format!(": it {why}")).unwrap_or_default();
            return Err(wrong(format!("the file is not the one that was archived, as its SHA-256 says{read}")));
        }
        segment::read(&content, first, last).map_err(wrong)
    }

    /// Removes a file that the manifest does not name any more.
    pub(super) fn remove(&self, name: &str) -> Result<(), ArchiveError> {
        fs::remove_file(self.path(name)).map_err(|error| self.failed(name, error))
    }

    /// Removes what a crash left: segments that the manifest did not come to name, and the one that was to go then.
    pub(super) fn tidy(&self, manifest: &Manifest) -> Result<(), ArchiveError> {
        let folder = self.path(SEGMENTS);
        if !folder.exists() {
            return Ok(());
        }
        let last = manifest.segments().last();
        let next = format!("{:012}-", manifest.events() + 1);
        let is_part = |name: &str| {
            last.is_some_and(|last| {
                name.starts_with(&format!("{:012}-", last.first)) && last.file != format!("{SEGMENTS}/{name}")
            })
        };
        for entry in fs::read_dir(&folder).map_err(|error| self.failed(SEGMENTS, error))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&next) || is_part(&name) || name.ends_with(".new") {
                self.remove(&format!("{SEGMENTS}/{name}"))?;
            }
        }
        Ok(())
    }

    /// A whole file; none where there is none.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, ArchiveError> {
        match fs::read(self.path(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(name, error)),
        }
    }

    /// Puts a file in the place of another. It is on the disk when this returns.
    pub(super) fn replace(&self, name: &str, content: &[u8]) -> Result<(), ArchiveError> {
        let (path, beside) = (self.path(name), self.path(&format!("{name}.new")));
        let write = || {
            let mut file = File::create(&beside)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            path.parent().map_or(Ok(()), sync)
        };
        write().map_err(|error| self.failed(name, error))
    }

    pub(super) fn not_ours(&self, reason: &'static str) -> ArchiveError {
        ArchiveError::NotAnArchive { folder: self.0.clone(), reason }
    }

    fn failed(&self, name: &str, source: io::Error) -> ArchiveError {
        ArchiveError::Io { path: self.path(name), source }
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
