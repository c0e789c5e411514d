//! The checkpoints that were ever made, in a file outside the stream that only grows: notes, an empty line after each.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::checkpoint::{Checkpoint, CheckpointError};
use super::note::MARK;

/// The longest note that is read: a hundred signatures fit.
const LONGEST: u64 = 64 * 1024;

/// The file, open and ours alone while it is.
#[derive(Debug)]
pub struct Kept {
    file: File,
    /// How far it is whole; what a crash left after that is written over.
    end: u64,
    last: Option<Checkpoint>,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// It cannot be read or written.
    #[error("the file of checkpoints cannot be read or written")]
    Io(#[from] io::Error),
    /// Something in it is not a checkpoint.
    #[error("the checkpoint at byte {at} of the file of checkpoints {error}")]
    Damaged {
        /// Where it begins.
        at: u64,
        /// What is wrong with it.
        error: CheckpointError,
    },
}

impl Kept {
    /// Opens the file, making it when there is none, and waits until no other process has it.
    ///
    /// # Errors
    /// [`KeptError`].
    pub fn open(path: &Path) -> Result<Kept, KeptError> {
        let file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        file.lock()?;
        let (end, last) = last_whole(&file)?;
        Ok(Kept { file, end, last })
    }

    /// The last one.
    pub const fn last(&self) -> Option<&Checkpoint> {
        self.last.as_ref()
    }

    /// Adds one at the end. It is on the disk when this returns.
    ///
    /// # Errors
    /// The file cannot be written; then it is as it was, or ends with a part that the next one replaces.
    pub fn append(&mut self, checkpoint: Checkpoint) -> Result<(), KeptError> {
        let text = format!("{checkpoint}\n");
        if self.file.metadata()?.len() > self.end {
            self.file.set_len(self.end)?;
        }
        self.file.write_all(text.as_bytes())?;
        self.file.sync_all()?;
        self.end += text.len() as u64;
        self.last = Some(checkpoint);
        Ok(())
    }
}

/// Where the last whole checkpoint of a file ends, and which it is.
fn last_whole(mut file: &File) -> Result<(u64, Option<Checkpoint>), KeptError> {
    let length = file.metadata()?.len();
    let from = length.saturating_sub(2 * LONGEST);
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.read_to_end(&mut bytes)?;
    let empty_lines = || bytes.windows(2).enumerate().rev().filter(|(_, pair)| pair == b"\n\n").map(|(at, _)| at);
    let ends_a_note = |at: &usize| {
        let line = bytes.get(..*at).and_then(|before| before.rsplit(|byte| *byte == b'\n').next());
        line.is_some_and(|line| line.starts_with(MARK.as_bytes()))
    };
    let found = empty_lines().find(ends_a_note);
    let whole = found.map_or(0, |end| end + 2);
    if !is_begun(bytes.get(whole..).unwrap_or_default()) || found.is_none() && from > 0 {
        let error = CheckpointError::Form("bring the file back from a copy; nothing is signed until then");
        return Err(KeptError::Damaged { at: from + whole as u64, error });
    }
    let Some(end) = found else { return Ok((0, None)) };
    // Before the note of a checkpoint there is the end of another, and one empty line within it.
    let begin = empty_lines().filter(|at| *at < end).nth(1).map_or(0, |at| at + 2);
    let at = from + begin as u64;
    let note = String::from_utf8_lossy(bytes.get(begin..=end).unwrap_or_default());
    let last = note.parse().map_err(|error| KeptError::Damaged { at, error })?;
    Ok((from + end as u64 + 2, Some(last)))
}

/// Whether this is what a crash leaves of a note that was being added: a part of one with no more than the empty line
/// within it, and perhaps nothing where the disk was to write the rest. Anything else was a checkpoint once.
fn is_begun(left: &[u8]) -> bool {
    let written = left.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let left = left.get(..written).unwrap_or_default();
    left.len() as u64 <= LONGEST
        && !left.contains(&b'\r')
        && left.windows(2).filter(|pair| pair == b"\n\n").count() <= 1
}

/// Reads the checkpoints of a file one after the other, without waiting for whoever writes it; each comes with the place
/// where it ends. A part of one at the very end is what a crash left, and is passed over.
#[derive(Debug)]
pub struct Checkpoints {
    file: BufReader<File>,
    at: u64,
}

impl Checkpoints {
    /// Those of a file that is there.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(path: &Path) -> Result<Checkpoints, KeptError> {
        Ok(Checkpoints { file: BufReader::new(File::open(path)?), at: 0 })
    }

    /// The text of the next note, if all of it is there.
    fn note(&mut self) -> io::Result<Option<String>> {
        let (mut note, mut signed) = (String::new(), false);
        let mut file = (&mut self.file).take(LONGEST);
        loop {
            let begun = note.len();
            file.read_line(&mut note)?;
            match note.get(begun..) {
                None | Some("") if file.limit() > 0 => return Ok(None), // the end, before the note's
                None | Some("") => return Ok(Some(note)),               // too long to be a note: it will not parse
                Some("\n") if signed => {
                    self.at += note.len() as u64;
                    note.pop();
                    return Ok(Some(note));
                }
                Some("\n") => signed = true,
                Some(_) => {}
            }
        }
    }
}

impl Iterator for Checkpoints {
    type Item = Result<(Checkpoint, u64), KeptError>;

    fn next(&mut self) -> Option<Self::Item> {
        let begun = self.at;
        let note = match self.note() {
            Ok(note) => note?,
            Err(error) => return Some(Err(error.into())),
        };
        let read = note.parse().map_err(|error| KeptError::Damaged { at: begun, error });
        Some(read.map(|checkpoint| (checkpoint, self.at)))
    }
}
