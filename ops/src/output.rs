//! How results leave the program: whole or not at all, as text for people or JSON for programs.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::error::Failure;

/// For whom results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for people.
    #[default]
    Text,
    /// JSON for programs.
    Json,
}

/// Writes a text to standard output.
///
/// # Errors
/// Standard output cannot be written.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| Failure::writing("standard output", e))
}

/// Writes a value to standard output as JSON, indented, with a line end.
///
/// # Errors
/// Standard output cannot be written.
pub fn print_json(value: &Value) -> Result<(), Failure> {
    print(&format!("{value:#}\n"))
}

/// Results gathered in a file until all of them are there: a failure on the way leaves nothing half-written, and their
/// number does not matter to memory.
#[derive(Debug)]
pub struct Sink {
    spool: BufWriter<Spool>,
}

#[derive(Debug)]
enum Spool {
    /// For standard output.
    Nameless(File),
    /// Beside the file that it becomes.
    Beside(NamedTempFile, PathBuf),
}

impl Sink {
    /// A sink for a file, or for standard output where there is none.
    ///
    /// # Errors
    /// The folder is not there or cannot be written.
    pub fn open(path: Option<&Path>) -> Result<Sink, Failure> {
        let spool = match path {
            None => Spool::Nameless(
                tempfile::tempfile().map_err(|e| Failure::writing("a file in the temporary folder", e))?,
            ),
            Some(path) => {
                if path.is_dir() {
                    return Err(Failure::input(format!("--output {}: this is a folder; name a file", path.display())));
                }
                let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
                if !folder.is_dir() {
                    let message = format!("--output {}: there is no folder {}", path.display(), folder.display());
                    return Err(Failure::input(message));
                }
                let beside =
                    beside(folder).map_err(|e| Failure::writing(&format!("in the folder {}", folder.display()), e))?;
                Spool::Beside(beside, path.to_path_buf())
            }
        };
        Ok(Sink { spool: BufWriter::new(spool) })
    }

    /// Gathers a piece.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn put(&mut self, piece: &str) -> Result<(), Failure> {
        self.spool.write_all(piece.as_bytes()).map_err(|e| Failure::writing("the results", e))
    }

    /// Everything is there: lets the results out.
    ///
    /// # Errors
    /// The file or standard output cannot be written.
    pub fn finish(self) -> Result<(), Failure> {
        let spool = self.spool.into_inner().map_err(|e| Failure::writing("the results", e.into_error()))?;
        match spool {
            Spool::Nameless(mut file) => {
                let mut out = io::stdout().lock();
                file.seek(SeekFrom::Start(0))
                    .and_then(|_| io::copy(&mut file, &mut out))
                    .and_then(|_| out.flush())
                    .map_err(|e| Failure::writing("standard output", e))
            }
            Spool::Beside(file, path) => {
                let name = path.display().to_string();
                file.as_file().sync_all().map_err(|e| Failure::writing(&name, e))?;
                file.persist(&path).map(drop).map_err(|e| Failure::writing(&name, e.error))
            }
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.spool.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spool.flush()
    }
}

/// A temporary file with the rights that a new file usually has.
pub(crate) fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666)); // less the umask
    builder.tempfile_in(folder)
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Spool::Nameless(file) => file.write(bytes),
            Spool::Beside(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Spool::Nameless(file) => file.flush(),
            Spool::Beside(file, _) => file.flush(),
        }
    }
}

/// Columns that line up. The last column is not padded.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
    right: Vec<usize>,
    indent: usize,
}

impl Table {
    /// An empty table, indented so many places, whose columns of these numbers (from 0) line up on the right.
    pub fn new(indent: usize, right: &[usize]) -> Table {
        Table { rows: Vec::new(), right: right.to_vec(), indent }
    }

    /// Adds a row.
    pub fn row<C: Into<String>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| self.rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max();
        (0..columns).map(|column| width(column).unwrap_or(0)).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for row in &self.rows {
            let cell = |(column, (text, width)): (usize, (&String, &usize))| {
                if self.right.contains(&column) { format!("{text:>width$}") } else { format!("{text:<width$}") }
            };
            let cells: Vec<String> = row.iter().zip(&widths).enumerate().map(cell).collect();
            let line = format!("{:indent$}{}", "", cells.join("  "), indent = self.indent);
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
