//! Stores on which things go wrong: a process that is stopped between two commands, and another operator who is faster.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger::{
    AppendError, Appended, EmbeddedStore, Head, Ledger, MemoryStore, Message, ReadError, Store, Stored, Vault,
};
use ops::desk::Desk;
use schemas::{CommandId, Subject};
use tempfile::TempDir;

/// Where a ledger is kept, so that it can be opened again.
pub trait Home: Send + Sync + 'static {
    /// What keeps it.
    type Store: Store + 'static;

    /// The store, as a process that starts finds it.
    fn store(&self) -> Arc<Self::Store>;

    /// Where its vault is.
    fn vault(&self) -> PathBuf;

    /// The ledger, open, on a store on which things go wrong.
    fn desk(&self, trouble: &Shared) -> Desk<Unreliable<Self::Store>> {
        let store = Unreliable { store: self.store(), trouble: trouble.clone() };
        let vault = Vault::open(&self.vault(), Box::new(|| [7; 32])).unwrap();
        Desk::over(Ledger::new(store, vault), &self.vault().with_extension("db")).unwrap()
    }
}

/// A ledger in memory.
pub struct InMemory {
    store: Arc<MemoryStore>,
    folder: TempDir,
}

impl InMemory {
    pub fn new() -> InMemory {
        InMemory { store: Arc::new(MemoryStore::new()), folder: tempfile::tempdir().unwrap() }
    }
}

impl Home for InMemory {
    type Store = MemoryStore;

    fn store(&self) -> Arc<MemoryStore> {
        Arc::clone(&self.store)
    }

    fn vault(&self) -> PathBuf {
        self.folder.path().join("ledger.vault")
    }
}

/// A ledger in a file.
pub struct OnFile(TempDir);

impl OnFile {
    pub fn new() -> OnFile {
        OnFile(tempfile::tempdir().unwrap())
    }
}

impl Home for OnFile {
    type Store = EmbeddedStore;

    fn store(&self) -> Arc<EmbeddedStore> {
        Arc::new(EmbeddedStore::open(&self.0.path().join("ledger.db")).unwrap())
    }

    fn vault(&self) -> PathBuf {
        self.0.path().join("ledger.vault")
    }
}

/// What goes wrong next.
#[derive(Default)]
pub enum Trouble {
    /// Nothing.
    #[default]
    None,
    /// The process is stopped when it has recorded so many commands more; whether the last was recorded it never learns.
    Stop {
        /// How many.
        after: usize,
    },
    /// The process is gone.
    Stopped,
    /// Before so many appends more somebody else does something.
    Meanwhile {
        /// How many appends come before it.
        appends: usize,
        /// What they do.
        act: Box<dyn FnOnce() + Send>,
    },
}

/// Trouble that the teller makes and the store has.
#[derive(Clone, Default)]
pub struct Shared(Arc<Mutex<Trouble>>);

impl Shared {
    /// Makes trouble, or ends it; what was left of it.
    pub fn set(&self, trouble: Trouble) -> Trouble {
        std::mem::replace(&mut self.lock(), trouble)
    }

    /// Whether the process was stopped.
    pub fn is_stopped(&self) -> bool {
        matches!(*self.lock(), Trouble::Stopped)
    }

    fn lock(&self) -> MutexGuard<'_, Trouble> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many of these messages are recorded before the process stops, if it does.
    fn stops_within(&self, events: &[Message]) -> Option<usize> {
        let mut trouble = self.lock();
        let Trouble::Stop { after } = &mut *trouble else { return None };
        let mut ends = events.chunk_by(|a, b| a.id.command == b.id.command).map(<[Message]>::len);
        let (mut recorded, mut commands) = (0, 0);
        for len in ends.by_ref().take(*after) {
            recorded += len;
            commands += 1;
        }
        *after -= commands;
        let stops = *after == 0;
        if stops {
            *trouble = Trouble::Stopped;
        }
        stops.then_some(recorded)
    }

    /// What somebody does just before this append.
    fn meanwhile(&self) -> Option<Box<dyn FnOnce() + Send>> {
        let mut trouble = self.lock();
        if let Trouble::Meanwhile { appends: appends @ 1.., .. } = &mut *trouble {
            *appends -= 1;
            return None;
        }
        match std::mem::take(&mut *trouble) {
            Trouble::Meanwhile { act, .. } => Some(act),
            other @ (Trouble::None | Trouble::Stop { .. } | Trouble::Stopped) => {
                *trouble = other;
                None
            }
        }
    }
}

/// A store on which things go wrong.
pub struct Unreliable<S> {
    store: Arc<S>,
    trouble: Shared,
}

fn gone() -> ledger::store::Source {
    "the process was stopped".into()
}

impl<S: Store> Store for Unreliable<S> {
    /// A long list is appended in pieces that end between two commands, so that a process can stop after any command.
    async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        if self.trouble.is_stopped() {
            return Err(AppendError::Storage { source: gone() });
        }
        if let Some(act) = self.trouble.meanwhile() {
            std::thread::spawn(act).join().unwrap();
        }
        match self.trouble.stops_within(events) {
            None => self.store.append(events, after, reads).await,
            Some(recorded) => {
                if recorded > 0 {
                    self.store.append(&events[..recorded], after, reads).await?;
                }
                Err(AppendError::Storage { source: gone() })
            }
        }
    }

    async fn head(&self) -> Result<Head, ReadError> {
        self.store.head().await
    }

    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.store.read(from, limit).await
    }

    async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.store.read_subject(subject, from, limit).await
    }

    async fn find_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
        self.store.find_commands(ids).await
    }
}
