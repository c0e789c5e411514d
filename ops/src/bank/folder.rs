//! The folder in which payment files appear: whole, by one process at a time, and readable by whoever had them made.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A folder that no other process puts files into meanwhile.
pub struct Folder {
    path: PathBuf,
    held: File,
}

impl Folder {
    /// Takes hold of a folder, once whoever has it lets go.
    ///
    /// # Errors
    /// It is not there or cannot be held.
    pub fn hold(path: &Path) -> io::Result<Folder> {
        let held = File::open(path)?;
        held.lock()?;
        Ok(Folder { path: path.into(), held })
    }

    /// Lets a file appear under its name when all of it is there. Until then it has a hidden name that follows from its
    /// own, so that a process which was killed leaves nothing that the next one to make this file does not remove.
    ///
    /// # Errors
    /// The disk.
    pub fn put(&self, name: &str, content: &mut impl Read) -> io::Result<PathBuf> {
        let (hidden, path) = (self.path.join(format!(".{name}.unfinished")), self.path.join(name));
        match fs::remove_file(&hidden) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let written = only_for_its_maker(&hidden).and_then(|mut file| {
            io::copy(content, &mut file)?;
            file.sync_all()?;
            fs::rename(&hidden, &path)
        });
        match written {
            Ok(()) => Ok(path),
            Err(error) => {
                let _gone = fs::remove_file(&hidden);
                Err(error)
            }
        }
    }

    /// Makes sure that what appeared stays after a power cut.
    ///
    /// # Errors
    /// The disk.
    pub fn keep(&self) -> io::Result<()> {
        self.held.sync_all()
    }
}

/// A new file that others cannot read: it has account numbers in it.
fn only_for_its_maker(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_of_a_file_is_removed_with_the_next_and_nothing_else_is() {
        let at = tempfile::tempdir().unwrap();
        let names = [".a.xml.unfinished", ".b.xml.unfinished", ".tmpx"];
        names.iter().for_each(|name| fs::write(at.path().join(name), "half").unwrap());
        let folder = Folder::hold(at.path()).unwrap();
        let path = folder.put("a.xml", &mut "whole".as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "whole");
        let left = names.map(|name| at.path().join(name).exists());
        assert_eq!(left, [false, true, true]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_account_numbers_is_readable_by_its_maker_only() {
        use std::os::unix::fs::PermissionsExt;
        let at = tempfile::tempdir().unwrap();
        let path = Folder::hold(at.path()).unwrap().put("a.xml", &mut "whole".as_bytes()).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_cannot_appear_leaves_nothing_behind() {
        let at = tempfile::tempdir().unwrap();
        fs::create_dir(at.path().join("a.xml")).unwrap();
        assert!(Folder::hold(at.path()).unwrap().put("a.xml", &mut "whole".as_bytes()).is_err());
        assert!(!at.path().join(".a.xml.unfinished").exists());
    }
}
