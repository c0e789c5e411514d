//! The folder of the stored views: which one serves, and how one that was built afresh takes its place.
//!
//! `LEDGER.views` serves. What is built afresh stands in `LEDGER.views-building` until it is complete, then in
//! `LEDGER.views-built` until nobody uses the old one, and takes its place by a rename. Whoever is stopped anywhere in
//! between leaves views that serve, and the next to open them goes on.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use projections::views::{SledViews, StoreError};

use crate::desk::{beside, broken, chain};
use crate::error::Failure;

/// The views that serve, wherever they stand; none where another process has them open.
///
/// # Errors
/// A disk that fails.
pub fn open(ledger: &Path) -> Result<Option<SledViews>, Failure> {
    let folders = Folders::of(ledger);
    if folders.built.exists()
        && let Some(_alone) = folders.alone()?
    {
        folders.take_over()?;
    }
    let views = once_closed(|| match SledViews::open(&folders.serving) {
        Ok(views) => Ok(Some(views)),
        Err(StoreError::Busy) => Ok(None),
        Err(error) => Err(broken(chain(&error))),
    })?;
    HAD_VIEWS.fetch_or(views.is_some(), Ordering::Relaxed);
    Ok(views)
}

/// Whether this process had views open. sled lets go of its lock a moment after the last handle is gone.
static HAD_VIEWS: AtomicBool = AtomicBool::new(false);

/// The longest such a moment.
const CLOSING: Duration = Duration::from_secs(1);

/// What can be had, or could once views that this process had open are closed; none where another process has them.
fn once_closed<T>(mut attempt: impl FnMut() -> Result<Option<T>, Failure>) -> Result<Option<T>, Failure> {
    let begun = Instant::now();
    loop {
        let had = attempt()?;
        if had.is_some() || !HAD_VIEWS.load(Ordering::Relaxed) || begun.elapsed() >= CLOSING {
            return Ok(had);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Builds views from nothing while the old ones go on serving, and lets them take over: at once, or when the process
/// that has the old ones open is done. Gives what `fill` gave, and whether they serve.
///
/// # Errors
/// Another process is building; what `fill` refuses; a disk that fails.
pub fn build<T>(ledger: &Path, fill: impl FnOnce(&SledViews) -> Result<T, Failure>) -> Result<(T, bool), Failure> {
    let folders = Folders::of(ledger);
    let busy = || Failure::input("another process builds the views afresh: let it finish, then try again");
    let _alone = folders.alone()?.ok_or_else(busy)?;
    // What somebody left who was stopped.
    remove(&folders.building)?;
    remove(&folders.built)?;
    let views = SledViews::open(&folders.building).map_err(|e| broken(chain(&e)))?;
    let filled = fill(&views);
    drop(views);
    match filled {
        Ok(filled) => {
            rename(&folders.building, &folders.built)?;
            Ok((filled, folders.take_over()?))
        }
        Err(failure) => {
            remove(&folders.building)?;
            Err(failure)
        }
    }
}

struct Folders {
    serving: PathBuf,
    building: PathBuf,
    built: PathBuf,
    replaced: PathBuf,
    lock: PathBuf,
}

impl Folders {
    fn of(ledger: &Path) -> Folders {
        let folder = |what| beside(ledger, what);
        Folders {
            serving: folder("views"),
            building: folder("views-building"),
            built: folder("views-built"),
            replaced: folder("views-replaced"),
            lock: folder("views-lock"),
        }
    }

    /// The right to build and to replace, held until it is dropped; none where another process has it.
    fn alone(&self) -> Result<Option<File>, Failure> {
        let wrong = |source| Failure::Outside { what: format!("cannot use {}", self.lock.display()), source };
        let lock = File::options().create(true).truncate(false).write(true).open(&self.lock).map_err(wrong)?;
        locked(lock).map_err(wrong)
    }

    /// Puts what was built in the place of what serves, unless another process has that open.
    fn take_over(&self) -> Result<bool, Failure> {
        let wrong = |source| Failure::Outside { what: format!("cannot use {}", self.serving.display()), source };
        // The same lock that sled takes on the views.
        let attempt = || match File::open(self.serving.join("db")) {
            Ok(file) => Ok(locked(file).map_err(wrong)?.map(Some)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Some(None)),
            Err(error) => Err(wrong(error)),
        };
        let Some(old) = once_closed(attempt)? else { return Ok(false) };
        remove(&self.replaced)?;
        if self.serving.exists() {
            rename(&self.serving, &self.replaced)?;
        }
        // Somebody who looked for views just now may have begun new ones: those are replaced the next time.
        let taken = fs::rename(&self.built, &self.serving).is_ok();
        drop(old);
        remove(&self.replaced)?;
        Ok(taken)
    }
}

fn locked(file: File) -> std::io::Result<Option<File>> {
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn remove(folder: &Path) -> Result<(), Failure> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(Failure::Outside { what: format!("cannot remove {}", folder.display()), source })
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::rename(from, to).map_err(|e| Failure::writing(&to.display().to_string(), e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(views: &SledViews) -> u64 {
        views.seen().unwrap()
    }

    /// Views that can be told apart.
    fn built(ledger: &Path, mark: u64) -> bool {
        build(ledger, |views| views.see(mark).map_err(|e| broken(chain(&e)))).unwrap().1
    }

    #[test]
    fn old_views_serve_until_the_new_ones_are_complete_and_nobody_uses_the_old() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("footing.db");
        assert!(built(&ledger, 1));
        let old = open(&ledger).unwrap().unwrap();
        assert!(!built(&ledger, 2), "they are in use");
        assert_eq!(seen(&old), 1);
        assert!(open(&ledger).unwrap().is_none(), "another process does not get them meanwhile");
        drop(old);
        assert_eq!(seen(&open(&ledger).unwrap().unwrap()), 2);
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["footing.db.views", "footing.db.views-lock"]);
    }

    #[test]
    fn whoever_is_stopped_while_building_or_replacing_leaves_views_that_serve() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("footing.db");
        let folders = Folders::of(&ledger);
        built(&ledger, 1);
        // Stopped while building.
        SledViews::open(&folders.building).unwrap().see(7).unwrap();
        assert_eq!(seen(&open(&ledger).unwrap().unwrap()), 1);
        // Stopped between the two renames: what was built is taken, and what it replaced goes with the next.
        fs::rename(&folders.building, &folders.built).unwrap();
        fs::rename(&folders.serving, &folders.replaced).unwrap();
        assert_eq!(seen(&open(&ledger).unwrap().unwrap()), 7);
        assert!(built(&ledger, 8));
        assert!(!folders.replaced.exists() && !folders.built.exists() && !folders.building.exists());
    }

    #[test]
    fn what_cannot_be_filled_leaves_the_old_views_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("footing.db");
        built(&ledger, 1);
        let failed = build(&ledger, |_| Err::<(), _>(Failure::input("a gap")));
        assert!(matches!(failed, Err(Failure::Input(_))));
        assert_eq!(seen(&open(&ledger).unwrap().unwrap()), 1);
        assert!(!Folders::of(&ledger).building.exists());
    }

    #[test]
    fn whoever_closed_views_can_open_them_again_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("footing.db");
        for mark in 1..=200 {
            let views = open(&ledger).unwrap().unwrap();
            assert!(seen(&views) < mark);
            views.see(mark).unwrap();
        }
    }
}
