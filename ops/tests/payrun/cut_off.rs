//! A run of 1,000 payments stopped after every append and where a file cannot appear, and started again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use ledger::{AppendError, Appended, EmbeddedStore, Head, Message, ReadError, Store, Stored};
use schemas::{CommandId, Subject};

use crate::place::{Place, pay_day};

/// A store that keeps what is appended and, after so many appends, never answers again.
pub(crate) struct Stops {
    inner: EmbeddedStore,
    appends: AtomicUsize,
    last: usize,
    /// Whether the last is kept, and only its answer lost.
    keeps_last: bool,
}

impl Stops {
    /// Stops with this append, which is kept.
    pub(crate) fn with(inner: EmbeddedStore, last: usize) -> Stops {
        Stops { inner, appends: AtomicUsize::new(0), last, keeps_last: true }
    }

    /// Stops before this append, which never arrives.
    pub(crate) fn before(inner: EmbeddedStore, last: usize) -> Stops {
        Stops { keeps_last: false, ..Stops::with(inner, last) }
    }
}

impl Store for Stops {
    async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        let before = self.appends.fetch_add(1, Ordering::SeqCst);
        if before + usize::from(!self.keeps_last) >= self.last {
            return Err(AppendError::Storage { source: "stopped".into() });
        }
        let stored = self.inner.append(events, after, reads).await?;
        if before + 1 == self.last { Err(AppendError::Storage { source: "stopped".into() }) } else { Ok(stored) }
    }

    async fn head(&self) -> Result<Head, ReadError> {
        self.inner.head().await
    }

    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.inner.read(from, limit).await
    }

    async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.inner.read_subject(subject, from, limit).await
    }

    async fn find_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
        self.inner.find_commands(ids).await
    }
}

#[test]
fn a_run_stopped_at_any_step_and_started_again_comes_to_the_same_payments_and_the_same_files() {
    let begun = Place::with(1_000);
    let whole = begun.twin();
    let (_, carried) = pay_day(&mut whole.desk(), &whole.out()).unwrap();
    assert_eq!((carried.left.len(), carried.stayed.len()), (1_000, 0));
    let (stream, files) = (whole.stream(), whole.files());
    assert_eq!(files.len(), 2, "{:?}", files.keys()); // one file for the bank, and the manifest

    // What is appended is all or nothing: there is no step within an append.
    let mut appends = 0;
    loop {
        let place = begun.twin();
        let stops = |inner| Stops::with(inner, appends + 1);
        let stopped = pay_day(&mut place.over(stops), &place.out()).is_err();
        if !stopped {
            break;
        }
        appends += 1;
        // The last append says that the files appear, and whoever was told nothing of it lets none appear.
        assert!(place.files().is_empty(), "files after append {appends}");
        pay_day(&mut place.desk(), &place.out()).unwrap();
        assert!(place.stream() == stream, "another stream after append {appends}");
        assert!(place.files() == files, "other files after append {appends}");
        assert_eq!(place.hidden(), [""; 0], "after append {appends}");
    }
    // Plan, approval, instructions, files fixed, releases, files there: each at least one append.
    assert!(appends >= 6, "{appends}");

    for name in files.keys() {
        let place = begun.twin();
        let in_the_way = place.out().join(name);
        std::fs::create_dir_all(&in_the_way).unwrap();
        assert!(pay_day(&mut place.desk(), &place.out()).is_err(), "{name}");
        std::fs::remove_dir(&in_the_way).unwrap();
        assert_eq!((place.files(), place.hidden()), (BTreeMap::new(), Vec::new()), "{name}");
        assert!(place.stream() == stream[..stream.len() - 1], "{name}: recorded, and it cannot appear");
        pay_day(&mut place.desk(), &place.out()).unwrap();
        assert!(place.stream() == stream && place.files() == files, "{name}");
    }
}
