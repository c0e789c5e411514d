//! The hashes of the tree in files (C2SP tlog-tiles): `tile/LEVEL/NUMBER` holds 256 hashes of a level, and
//! `NUMBER.p/WIDTH` the ones at the growing end. The stream alone can rebuild them.
//!
//! A complete tile is never changed. Files are written under another name, and renamed when they are whole; everything is
//! on the disk before [`Tiles::sync`] returns. Whatever a crash leaves behind lies beyond the size that was last signed,
//! and is written again.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::tree::{Edge, Hash, Nodes};

/// How many hashes a tile has.
const WIDTH: usize = 256;

/// How many levels of the tree a tile spans: 2^8 = 256.
const HEIGHT: u32 = 8;

/// How many files are brought to the disk at once: they share the disk's flushes.
const AT_ONCE: usize = 32;

/// How many files may wait for that.
const WAITING: usize = 1_024;

/// A folder of tiles and the growing end of the tree.
#[derive(Debug)]
pub struct Tiles {
    folder: PathBuf,
    size: u64,
    /// Of every level of tiles the hashes of the one that is not full.
    open: Vec<Vec<Hash>>,
    /// Files that may not be on the disk yet.
    unsynced: Vec<PathBuf>,
    /// Of every level the width of the partial tile that stands in the folder.
    partial: Vec<(u64, usize)>,
    /// The tile of leaves that was read last.
    at_hand: Option<(u64, Vec<Hash>)>,
}

impl Tiles {
    /// Tiles of nothing. What the folder holds is written over as the tree grows.
    pub fn empty(folder: &Path) -> Tiles {
        Tiles {
            folder: folder.into(),
            size: 0,
            open: Vec::new(),
            unsynced: Vec::new(),
            partial: Vec::new(),
            at_hand: None,
        }
    }

    /// The tiles of a tree of this size; none where its growing end is not in the folder.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn open(folder: &Path, size: u64) -> io::Result<Option<Tiles>> {
        let mut tiles = Tiles { size, ..Tiles::empty(folder) };
        let mut hashes = size;
        while hashes > 0 {
            let (number, width) = place(hashes);
            let level = tiles.open.len();
            let Some(open) = tiles.read_growing(level, number, width)? else { return Ok(None) };
            tiles.open.push(open);
            tiles.partial.push((number, width));
            hashes >>= HEIGHT;
        }
        Ok(Some(tiles))
    }

    /// How many leaves there are.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn push(&mut self, leaf: Hash) -> io::Result<()> {
        self.size += 1;
        let (mut hash, mut hashes) = (leaf, self.size);
        for level in 0.. {
            if level == self.open.len() {
                self.open.push(Vec::with_capacity(WIDTH));
                self.partial.push((0, 0));
            }
            let Some(open) = self.open.get_mut(level) else { break };
            open.push(hash);
            if open.len() < WIDTH {
                break;
            }
            let full = std::mem::take(open);
            hashes >>= HEIGHT;
            self.write(&tile_path(level, hashes - 1, None), &full)?;
            hash = over(&full);
        }
        if self.unsynced.len() >= WAITING { self.sync_files() } else { Ok(()) }
    }

    /// Writes the growing end and brings everything to the disk.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn sync(&mut self) -> io::Result<()> {
        let (mut hashes, mut overtaken) = (self.size, Vec::new());
        for level in 0..self.open.len() {
            let now = place(hashes);
            let before = self.partial.get(level).copied().unwrap_or_default();
            if now != before {
                let open = self.open.get(level).cloned().unwrap_or_default();
                if !open.is_empty() {
                    self.write(&tile_path(level, now.0, Some(now.1)), &open)?;
                }
                if before.1 > 0 {
                    overtaken.push(tile_path(level, before.0, Some(before.1)));
                }
                if let Some(partial) = self.partial.get_mut(level) {
                    *partial = now;
                }
            }
            hashes >>= HEIGHT;
        }
        self.sync_files()?;
        // Nothing rests on them any more; one that stays behind does no harm.
        for path in overtaken {
            let path = self.folder.join(path);
            let _ = fs::remove_file(&path);
            let _ = path.parent().map(fs::remove_dir);
        }
        Ok(())
    }

    /// The hash of a leaf; none where its tile is missing or has another length. Leaves are asked for one after the other.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn leaf(&mut self, index: u64) -> io::Result<Option<Hash>> {
        let (number, at) = place(index);
        if number == place(self.size).0 {
            return Ok(self.open.first().and_then(|open| open.get(at)).copied());
        }
        if self.at_hand.as_ref().is_none_or(|(held, _)| *held != number) {
            self.at_hand = self.read(0, number, WIDTH)?.map(|hashes| (number, hashes));
        }
        Ok(self.at_hand.as_ref().and_then(|(_, hashes)| hashes.get(at)).copied())
    }

    /// A file of the folder that is no tile, such as the checkpoint beside them, written whole.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn publish(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.place_file(Path::new(name), content)?;
        self.sync_files()
    }

    fn write(&mut self, path: &Path, hashes: &[Hash]) -> io::Result<()> {
        self.place_file(path, &hashes.concat())
    }

    fn place_file(&mut self, path: &Path, content: &[u8]) -> io::Result<()> {
        let path = self.folder.join(path);
        let mut beside = path.clone().into_os_string();
        beside.push(".new");
        let mut file = match File::create(&beside) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                path.parent().map_or(Ok(()), fs::create_dir_all)?;
                File::create(&beside)?
            }
            opened => opened?,
        };
        file.write_all(content)?;
        fs::rename(&beside, &path)?;
        self.unsynced.push(path);
        Ok(())
    }

    /// Brings what was written to the disk: the files, then the folders that name them.
    fn sync_files(&mut self) -> io::Result<()> {
        let files = std::mem::take(&mut self.unsynced);
        let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
        for file in &files {
            let above = file.ancestors().skip(1).take_while(|above| above.starts_with(&self.folder));
            folders.extend(above.map(Path::to_path_buf));
        }
        sync_all(&files)?;
        sync_all(&folders.into_iter().collect::<Vec<_>>())
    }

    /// The first hashes of a tile that was not full: from the partial tile of that width, or from a later one.
    fn read_growing(&self, level: usize, number: u64, width: usize) -> io::Result<Option<Vec<Hash>>> {
        if let Some(hashes) = self.read(level, number, width)? {
            return Ok(Some(hashes));
        }
        for later in (width + 1..=WIDTH).rev() {
            if let Some(mut hashes) = self.read(level, number, later)? {
                hashes.truncate(width);
                return Ok(Some(hashes));
            }
        }
        Ok(None)
    }

    /// The hashes of a tile of this width; none where it is not there or has another length.
    fn read(&self, level: usize, number: u64, width: usize) -> io::Result<Option<Vec<Hash>>> {
        if width == 0 {
            return Ok(Some(Vec::new()));
        }
        let partial = (width < WIDTH).then_some(width);
        match fs::read(self.folder.join(tile_path(level, number, partial))) {
            Ok(bytes) => {
                let (hashes, rest) = bytes.as_chunks::<32>();
                Ok((hashes.len() == width && rest.is_empty()).then(|| hashes.to_vec()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Hashes from the tiles, the growing end from memory.
impl Nodes for Tiles {
    type Error = io::Error;

    fn node(&self, level: u32, index: u64) -> io::Result<Hash> {
        let (tile_level, within) = (level / HEIGHT, level % HEIGHT);
        let first = index << within;
        let (number, from) = place(first);
        let tile_level = usize::try_from(tile_level).unwrap_or(usize::MAX);
        let growing = place(self.size.checked_shr(HEIGHT * level.div_euclid(HEIGHT)).unwrap_or(0)).0;
        let missing = || {
            let path = tile_path(tile_level, number, None);
            let what = format!("{} is missing or damaged: `footing rebuild` makes it again", path.display());
            io::Error::new(io::ErrorKind::InvalidData, what)
        };
        let read;
        let hashes = if number == growing {
            self.open.get(tile_level).ok_or_else(missing)?
        } else {
            read = self.read(tile_level, number, WIDTH)?.ok_or_else(missing)?;
            &read
        };
        hashes.get(from..from + (1 << within)).map(over).ok_or_else(missing)
    }
}

/// The root over these hashes.
fn over(hashes: &[Hash]) -> Hash {
    let mut edge = Edge::default();
    hashes.iter().for_each(|hash| edge.push(*hash));
    edge.root()
}

/// The tile in which the hash after so many others stands, and its place there.
fn place(hashes: u64) -> (u64, usize) {
    (hashes / WIDTH as u64, usize::try_from(hashes % WIDTH as u64).unwrap_or_default())
}

/// Such as `tile/0/x001/x234/067` and `tile/1/001.p/12`.
fn tile_path(level: usize, number: u64, partial: Option<usize>) -> PathBuf {
    let mut name = format!("{:03}", number % 1_000);
    let mut above = number / 1_000;
    while above > 0 {
        name = format!("x{:03}/{name}", above % 1_000);
        above /= 1_000;
    }
    let partial = partial.map(|width| format!(".p/{width}")).unwrap_or_default();
    format!("tile/{level}/{name}{partial}").into()
}

fn sync_all(paths: &[PathBuf]) -> io::Result<()> {
    let sync = |part: &[PathBuf]| part.iter().try_for_each(|path| File::open(path)?.sync_all());
    if paths.len() < AT_ONCE {
        return sync(paths);
    }
    std::thread::scope(|scope| {
        let parts = paths.chunks(paths.len().div_ceil(AT_ONCE));
        let running: Vec<_> = parts.map(|part| scope.spawn(move || sync(part))).collect();
        running.into_iter().try_for_each(|part| {
            part.join().unwrap_or_else(|_| Err(io::Error::other("a thread that brings files to the disk failed")))
        })
    })
}
