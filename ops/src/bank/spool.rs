//! Where pieces of a file wait until what comes before them is known, and the file that is hashed as it is written.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use schemas::Digest;
use sha2::Digest as _;

/// Records whose head (their number and sum) is only known at the end.
pub struct Spool(BufWriter<File>);

impl Spool {
    pub fn open() -> io::Result<Spool> {
        tempfile::tempfile().map(|file| Spool(BufWriter::with_capacity(1 << 16, file)))
    }

    pub fn put(&mut self, record: &str) -> io::Result<()> {
        self.0.write_all(record.as_bytes())
    }

    /// Copies everything put.
    pub fn pour(&mut self, to: &mut impl Write) -> io::Result<()> {
        self.0.flush()?;
        let file = self.0.get_mut();
        file.seek(SeekFrom::Start(0))?;
        io::copy(file, to).map(drop)
    }
}

/// A file without a name, of which nothing is left if the process is killed, and the SHA-256 of what was written to it.
pub struct Made {
    file: BufWriter<File>,
    hash: sha2::Sha256,
}

impl Made {
    pub fn within(folder: &Path) -> io::Result<Made> {
        let file = tempfile::tempfile_in(folder)?;
        Ok(Made { file: BufWriter::with_capacity(1 << 16, file), hash: sha2::Sha256::new() })
    }

    pub fn finish(self) -> io::Result<(File, Digest)> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((file, Digest(self.hash.finalize().into())))
    }
}

impl Write for Made {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
