//! The ledger as the commands use it: opened, read, written to, and its views kept up to date.

mod find;
mod open;
mod views;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::store::{Head, Reader};
use ledger::write::{Unreadable, recorded};
use ledger::{Command, Ledger, Outcome, Store, Stored, Vault, WriteError};
use projections::published::Published;
use projections::views::{MemoryViews, SledViews};
use schemas::day::london_day;
use schemas::{Digest, PersonId, Recorded, Subject};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use crate::error::Failure;
use crate::known::Known;
use crate::log::DeskLog;
use crate::place::{AnyStore, Place};
pub use find::only;
pub use open::nothing_is_left;

/// How many messages are read at a time.
const PAGE: usize = 1_000;

/// An open ledger: on a file, unless another store is named.
pub struct Desk<S = AnyStore> {
    ledger: Ledger<S>,
    place: Place,
    /// What the files beside the ledger begin with.
    path: PathBuf,
    runtime: Runtime,
    pub(crate) log: Option<DeskLog>,
    /// The stored views, once something was asked of them; none where another process has them open.
    views: OnceCell<Option<SledViews>>,
}

impl<S: Store> Desk<S> {
    /// A ledger over any store; `path` is what its stored views are beside.
    ///
    /// # Errors
    /// [`Failure::Outside`] when the system gives nothing to wait with.
    pub fn over(ledger: Ledger<S>, path: &Path) -> Result<Desk<S>, Failure> {
        let runtime = Builder::new_current_thread().build().map_err(not_started)?;
        Ok(Desk {
            ledger,
            place: Place::File(path.into()),
            path: path.into(),
            runtime,
            log: DeskLog::of(path, None)?,
            views: OnceCell::new(),
        })
    }

    /// Takes the secret key of the log from a file that the user named.
    ///
    /// # Errors
    /// The public keys cannot be read.
    pub fn with_log_key(&mut self, secret: Option<&Path>) -> Result<(), Failure> {
        self.log = DeskLog::of(&self.path, secret)?;
        Ok(())
    }

    /// What the names of the files beside the ledger begin with.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The log; none where the ledger has no key.
    pub const fn log(&self) -> Option<&DeskLog> {
        self.log.as_ref()
    }

    /// The store, what drives it, and the log.
    pub(crate) const fn log_parts(&mut self) -> (&S, &Runtime, Option<&mut DeskLog>) {
        (self.ledger.store(), &self.runtime, self.log.as_mut())
    }

    /// The vault of confidential texts.
    pub fn vault(&self) -> &Vault {
        self.ledger.vault()
    }

    /// The store, for reading.
    pub fn store(&self) -> &S {
        self.ledger.store()
    }

    /// The whole of the ledger, for programs that write many commands, and what drives it.
    pub fn parts(&mut self) -> (&mut Ledger<S>, &Runtime) {
        (&mut self.ledger, &self.runtime)
    }

    /// Waits for an answer of the store.
    pub fn wait_for<T>(&self, answer: impl Future<Output = T>) -> T {
        self.runtime.block_on(answer)
    }

    /// Where the ledger is.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// Submits commands, in order; one answer for each.
    pub fn submit(&mut self, commands: Vec<Command>) -> Vec<Result<Outcome, WriteError>> {
        self.runtime.block_on(self.ledger.submit_many(commands))
    }

    /// Submits a command that rests on everything up to a position.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn submit_at(&mut self, command: Command, position: u64) -> Result<Outcome, WriteError> {
        self.runtime.block_on(self.ledger.submit_at(command, position))
    }

    /// Calls `each` with all events after a position, in pages, and asserts that none is missing.
    ///
    /// # Errors
    /// A gap or a message that cannot be read: nothing may be computed from the stream then.
    pub fn for_each_after(
        &self,
        position: u64,
        mut each: impl FnMut(Vec<Recorded>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.pages_after(position, |page| each(read_all(&page).map_err(|e| broken(chain(&e)))?))
    }

    /// Calls `each` with every message as it is stored, in pages.
    ///
    /// # Errors
    /// A gap or a message that cannot be read.
    pub fn for_each_stored(&self, each: impl FnMut(Vec<Stored>) -> Result<(), Failure>) -> Result<(), Failure> {
        self.pages_after(0, each)
    }

    fn pages_after(
        &self,
        position: u64,
        mut each: impl FnMut(Vec<Stored>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut reader = Reader::after(self.ledger.store(), position);
        loop {
            let page = self.runtime.block_on(reader.next(PAGE)).map_err(|e| broken(chain(&e)))?;
            if page.is_empty() {
                return Ok(());
            }
            each(page)?;
        }
    }

    /// Everything known at the end of the stream, or at the end of a day in London, and the packs published by then.
    ///
    /// # Errors
    /// As for [`Desk::for_each_after`].
    pub fn world(&self, as_known: Option<Date>) -> Result<(MemoryViews, Published), Failure> {
        let (mut world, mut published) = (MemoryViews::default(), Published::default());
        self.for_each_known(as_known, |event| {
            world.apply(event);
            published.apply(event);
            Ok(())
        })?;
        Ok((world, published))
    }

    /// Calls `each` with every event that was known at the end of a day, in order.
    ///
    /// # Errors
    /// As for [`Desk::for_each_after`].
    pub fn for_each_known(
        &self,
        as_known: Option<Date>,
        mut each: impl FnMut(&Recorded) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.for_each_after(0, |page| page.iter().filter(|event| is_known(event, as_known)).try_for_each(&mut each))
    }

    /// Everything known at a position.
    ///
    /// # Errors
    /// As for [`Desk::for_each_after`].
    pub fn known_at(&self, position: u64) -> Result<Known, Failure> {
        let mut known = Known::default();
        self.for_each_after(0, |page| {
            page.iter().filter(|event| event.sequence <= position).for_each(|event| known.apply(event));
            Ok(())
        })?;
        Ok(known)
    }

    /// The events of a person, of their claims and of everyone on those claims, in order.
    ///
    /// # Errors
    /// A message that cannot be read, or one that the views know and the stream does not have.
    pub fn history(
        &self,
        person: PersonId,
        around: &MemoryViews,
        as_known: Option<Date>,
    ) -> Result<Vec<Recorded>, Failure> {
        let people = around.people().map(|(id, _)| id).chain([person]);
        let mut subjects: Vec<Subject> =
            people.map(Subject::Person).chain(around.claims().map(|(id, _)| Subject::Claim(id))).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let mut events = Vec::new();
        for subject in &subjects {
            events.extend(self.subject(subject)?.into_iter().filter(|event| is_known(event, as_known)));
        }
        events.sort_unstable_by_key(|event| event.sequence);
        let read: BTreeSet<u64> = events.iter().map(|event| event.sequence).collect();
        let of_person = around.person(person).into_iter().flat_map(|view| view.events.iter());
        let mut known = of_person.chain(around.claims().flat_map(|(_, claim)| claim.events.iter()));
        match known.find(|sequence| !read.contains(sequence)) {
            Some(gone) => Err(broken(format!("the event at sequence {gone} is gone; `footing verify` says more"))),
            None => Ok(events),
        }
    }

    /// The events on one subject, in order.
    ///
    /// # Errors
    /// A message that cannot be read or is not linked to the one before it: one of the two was changed, or some between
    /// them were removed, and nothing may be computed from the rest.
    pub fn subject(&self, subject: &Subject) -> Result<Vec<Recorded>, Failure> {
        let (mut events, mut from, mut tail) = (Vec::new(), 0, None);
        loop {
            let read = self.ledger.store().read_subject(subject, from, PAGE);
            let page = self.runtime.block_on(read).map_err(|e| broken(chain(&e)))?;
            let Some(last) = page.last() else { return Ok(events) };
            from = last.sequence + 1;
            for stored in &page {
                let event = recorded(stored).map_err(|e| broken(chain(&e)))?;
                if event.envelope.prev != tail {
                    let (sequence, id) = (event.sequence, event.envelope.id);
                    let why = "does not follow the message before it on its subject; `footing verify` says more";
                    return Err(broken(format!("sequence {sequence}, event {id}: {why}")));
                }
                tail = Some(Digest::of(&stored.bytes));
                events.push(event);
            }
        }
    }

    fn head(&self) -> Result<Head, Failure> {
        self.runtime.block_on(self.ledger.store().head()).map_err(|e| broken(chain(&e)))
    }

    /// The day on which the last event was recorded.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn last_day(&self) -> Result<Option<Date>, Failure> {
        Ok(self.head()?.time.map(london_day))
    }

    /// An instant, or the time of the last event where that is later: recorded time never runs backwards.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn not_before(&self, time: Timestamp) -> Result<Timestamp, Failure> {
        Ok(self.head()?.time.map_or(time, |last| last.max(time)))
    }
}

/// What messages say, read by as many threads as there are cores: it takes longer than anything done with them.
fn read_all(page: &[Stored]) -> Result<Vec<Recorded>, Unreadable> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let share = page.len().div_ceil(cores).max(1);
    let read = |part: &[Stored]| part.iter().map(recorded).collect::<Result<Vec<_>, _>>();
    thread::scope(|scope| {
        let reading: Vec<_> = page.chunks(share).map(|part| scope.spawn(move || read(part))).collect();
        let mut events = Vec::with_capacity(page.len());
        for part in reading {
            events.append(&mut part.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok(events)
    })
}

/// An error and what caused it, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// The ledger itself is damaged or out of reach: nothing may be computed from it.
pub fn broken(why: String) -> Failure {
    Failure::Outside { what: "the ledger cannot be used".into(), source: std::io::Error::other(why) }
}

fn is_known(event: &Recorded, as_known: Option<Date>) -> bool {
    as_known.is_none_or(|day| london_day(event.envelope.time) <= day)
}

/// What lies beside a ledger: its file's name, a dot and a word.
pub fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{what}"));
    name.into()
}

fn not_started(source: std::io::Error) -> Failure {
    Failure::Outside { what: "cannot start".into(), source }
}

/// An id that nothing else has.
pub(crate) fn random_id() -> Uuid {
    uuid::Builder::from_random_bytes(random()).into_uuid()
}

/// Random bytes from the operating system.
#[expect(clippy::expect_used, reason = "a machine without random numbers cannot keep a confidence")]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes
}
