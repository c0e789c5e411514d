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

    /// Writes a file under a hidden name that follows from its own, so that a process which was killed leaves nothing that
    /// the next one to make this file does not replace.
    ///
    /// # Errors
    /// The disk; something else than a file stands where this one is to appear. Then nothing is left of it.
    pub fn hide(&self, name: &str, content: &mut impl Read) -> io::Result<()> {
        if self.shown(name).is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        self.remove(name)?;
        let written = only_for_its_maker(&self.hidden(name)).and_then(|mut file| {
            io::copy(content, &mut file)?;
            file.sync_all()
        });
        written.inspect_err(|_| drop(self.remove(name)))
    }

    /// Lets a hidden file appear under its name; one that did is left as it is.
    ///
    /// # Errors
    /// The disk.
    pub fn show(&self, name: &str) -> io::Result<PathBuf> {
        match fs::rename(self.hidden(name), self.shown(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(self.shown(name)),
        }
    }

    /// Removes a hidden file, if it is there.
    ///
    /// # Errors
    /// The disk.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.hidden(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The path of a file that has not appeared.
    pub fn hidden(&self, name: &str) -> PathBuf {
        self.path.join(format!(".{name}.unfinished"))
    }

    /// The path of a file that appeared.
    pub fn shown(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes sure that what was hidden and what appeared stays so after a power cut.
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
    fn what_a_killed_process_left_of_a_file_is_replaced_by_the_next_and_nothing_else_is() {
        let at = tempfile::tempdir().unwrap();
        let names = [".a.xml.unfinished", ".b.xml.unfinished", ".tmpx"];
        names.iter().for_each(|name| fs::write(at.path().join(name), "half").unwrap());
        let folder = Folder::hold(at.path()).unwrap();
        folder.hide("a.xml", &mut "whole".as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(folder.show("a.xml").unwrap()).unwrap(), "whole");
        let left = names.map(|name| at.path().join(name).exists());
        assert_eq!(left, [false, true, true]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_account_numbers_is_readable_by_its_maker_only() {
        use std::os::unix::fs::PermissionsExt;
        let at = tempfile::tempdir().unwrap();
        let folder = Folder::hold(at.path()).unwrap();
        folder.hide("a.xml", &mut "whole".as_bytes()).unwrap();
        assert_eq!(folder.hidden("a.xml").metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(folder.show("a.xml").unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_cannot_appear_leaves_nothing_behind() {
        let at = tempfile::tempdir().unwrap();
        fs::create_dir(at.path().join("a.xml")).unwrap();
        let folder = Folder::hold(at.path()).unwrap();
        assert!(folder.hide("a.xml", &mut "whole".as_bytes()).is_err());
        assert!(!folder.hidden("a.xml").exists());
    }

    #[test]
    fn a_file_that_appeared_is_left_as_it_is() {
        let at = tempfile::tempdir().unwrap();
        let folder = Folder::hold(at.path()).unwrap();
        folder.hide("a.xml", &mut "whole".as_bytes()).unwrap();
        folder.show("a.xml").unwrap();
        assert_eq!(fs::read_to_string(folder.show("a.xml").unwrap()).unwrap(), "whole");
    }
}
