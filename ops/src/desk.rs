//! The ledger as the commands use it: opened, read, written to, and its views kept up to date.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::jetstream::NatsError;
use ledger::store::{Head, Reader};
use ledger::write::{Unreadable, recorded};
use ledger::{Command, EmbeddedStore, JetStreamStore, Ledger, OpenError, Outcome, Store, Stored, Vault, WriteError};
use projections::published::Published;
use projections::views::{Determined, MemoryViews, SledViews};
use schemas::day::london_day;
use schemas::events::{Event, PersonEvent};
use schemas::{ClaimId, Digest, EventId, PersonId, Recorded, Subject};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use crate::error::Failure;
use crate::known::Known;
use crate::log::DeskLog;
use crate::place::{AnyStore, Place, on_server};
use crate::stored;

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

impl Desk {
    /// Opens a ledger that is there, whatever it is used for ([`Desk::of`], [`Desk::to_record`]).
    ///
    /// # Errors
    /// [`Failure::Input`] when there is none; [`Failure::Outside`] when its server does not answer.
    pub fn at(place: &Place) -> Result<Desk, Failure> {
        match place {
            Place::File(path) => Desk::open(path),
            Place::Server { address, options, .. } => {
                let runtime = runtime_for_server()?;
                let opened = runtime.block_on(JetStreamStore::open(address, (**options).clone()));
                let store =
                    opened.map_err(|error| if was_there(&error, place) { gone(place) } else { on_server(&error) });
                Desk::over_server(store?, runtime, place)
            }
        }
    }

    /// Makes a new ledger at a place.
    ///
    /// # Errors
    /// [`Failure::Input`] when something is there already, or is left of another ledger.
    pub fn make(place: &Place) -> Result<Desk, Failure> {
        if !Desk::is_at(place)? {
            nothing_is_left(place)?;
        }
        match place {
            Place::File(path) => Desk::create(path),
            Place::Server { address, options, .. } => {
                let runtime = runtime_for_server()?;
                let made = JetStreamStore::create(address, (**options).clone(), random_id());
                let made = runtime.block_on(made);
                Desk::over_server(made.map_err(|error| on_server(&error))?, runtime, place)
            }
        }
    }

    /// Whether there is a ledger at a place.
    ///
    /// # Errors
    /// A server that does not answer, or a stream that is not set up as a ledger.
    pub fn is_at(place: &Place) -> Result<bool, Failure> {
        match place {
            Place::File(path) => Ok(path.exists()),
            Place::Server { address, options, .. } => {
                let opened = runtime_for_server()?.block_on(JetStreamStore::open(address, (**options).clone()));
                match opened {
                    Ok(_) => Ok(true),
                    Err(NatsError::NoLedger { .. }) => Ok(false),
                    Err(error) => Err(on_server(&error)),
                }
            }
        }
    }

    /// Makes the store of a new ledger without what lies beside it.
    ///
    /// # Errors
    /// [`Failure::Input`] when something is there already.
    pub fn make_store(place: &Place) -> Result<(), Failure> {
        match place {
            Place::File(path) => EmbeddedStore::open(path).map(|_| ()).map_err(|error| opening(error, false)),
            Place::Server { address, options, .. } => {
                let made = JetStreamStore::create(address, (**options).clone(), random_id());
                runtime_for_server()?.block_on(made).map(|_| ()).map_err(|error| on_server(&error))
            }
        }
    }

    fn over_server(store: JetStreamStore, runtime: Runtime, place: &Place) -> Result<Desk, Failure> {
        if let Some(why) = store.index_made_again() {
            eprintln!("note: the index beside the ledger was damaged ({why}); it is made again from the stream");
        }
        let path = place.beside();
        let vault = Vault::open(&beside(path, "vault"), Box::new(random)).map_err(|error| opening(error, true))?;
        let ledger = Ledger::new(AnyStore::JetStream(Box::new(store)), vault);
        Ok(Desk {
            ledger,
            place: place.clone(),
            path: path.into(),
            runtime,
            log: DeskLog::of(path, None)?,
            views: OnceCell::new(),
        })
    }

    /// Opens a ledger file that is there.
    ///
    /// # Errors
    /// [`Failure::Input`] when there is none, or the file is something else.
    pub fn open(path: &Path) -> Result<Desk, Failure> {
        if !path.exists() && beside(path, "vault").exists() {
            return Err(gone(&Place::File(path.into())));
        }
        if !path.exists() {
            let message = format!(
                "there is no ledger at {}: make one with `footing init`, or name it with --store",
                path.display()
            );
            return Err(Failure::input(message));
        }
        // A file cut to nothing must not pass for a new ledger that nothing happened in.
        if path.metadata().is_ok_and(|about| about.len() == 0) {
            let advice =
                "is empty: bring the ledger back (footing restore); if it never held anything, remove it first";
            return Err(broken(format!("{} {advice}", path.display())));
        }
        Desk::open_or_create(path)
    }

    /// Makes a new ledger file.
    ///
    /// # Errors
    /// [`Failure::Input`] when something is there already.
    pub fn create(path: &Path) -> Result<Desk, Failure> {
        if path.exists() {
            return Err(Failure::input(format!("{} is there already: nothing was changed", path.display())));
        }
        Desk::open_or_create(path)
    }

    fn open_or_create(path: &Path) -> Result<Desk, Failure> {
        let vault = beside(path, "vault");
        let had_a_vault = vault.exists();
        let store = EmbeddedStore::open(path).map_err(|error| opening(error, had_a_vault))?;
        let vault = Vault::open(&vault, Box::new(random)).map_err(|error| opening(error, true))?;
        Desk::over(Ledger::new(AnyStore::Embedded(store), vault), path)
    }
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

    /// The stored views, caught up with the stream; none where another process has them open.
    ///
    /// # Errors
    /// A gap in the stream, an end of the stream that is gone, or a disk that fails.
    pub fn views(&self) -> Result<Option<&SledViews>, Failure> {
        let Some(views) = self.views_as_they_are()? else { return Ok(None) };
        if let Some(gone) = self.cut_off(views)? {
            return Err(broken(gone));
        }
        self.catch_up(views)?;
        Ok(Some(views))
    }

    /// The stored views, wherever they stand; none where another process has them open. They are opened once, and stay open
    /// as long as the desk.
    ///
    /// # Errors
    /// A disk that fails.
    pub fn views_as_they_are(&self) -> Result<Option<&SledViews>, Failure> {
        let views = match self.views.get() {
            Some(views) => views,
            None => {
                let opened = stored::open(&self.path)?;
                self.views.get_or_init(|| opened)
            }
        };
        Ok(views.as_ref())
    }

    /// Makes sure that the end of the stream is not gone, and remembers where it is. Paying again what was cut off would
    /// be worse than not paying. Nothing is folded into the stored views: whoever pays reads the stream itself, and leaves
    /// them to others meanwhile.
    ///
    /// # Errors
    /// An end of the stream that is gone, or a disk that fails.
    pub fn see_whole(&self) -> Result<(), Failure> {
        let Some(views) = stored::open(&self.path)? else { return Ok(()) };
        match self.cut_off(&views)? {
            Some(gone) => Err(broken(gone)),
            None => views.see(self.head()?.sequence).map_err(|e| broken(chain(&e))),
        }
    }

    fn head(&self) -> Result<Head, Failure> {
        self.runtime.block_on(self.ledger.store().head()).map_err(|e| broken(chain(&e)))
    }

    /// Views that know more than the stream has, or another one: what they say of it.
    ///
    /// # Errors
    /// The ledger or the views cannot be read.
    pub fn cut_off(&self, views: &SledViews) -> Result<Option<String>, Failure> {
        let known = views.seen().map_err(|e| broken(chain(&e)))?;
        let head = self.head()?.sequence;
        if known > head {
            let advice = "bring the ledger back (footing restore), or give up what is gone with `footing rebuild`";
            return Ok(Some(format!(
                "the stream ends at {head} and the stored views know {known} events: its end was cut off; {advice}"
            )));
        }
        let position = views.position().map_err(|e| broken(chain(&e)))?;
        let Some(folded) = views.last_event().map_err(|e| broken(chain(&e)))? else { return Ok(None) };
        let there = self.wait_for(self.ledger.store().read(position, 1)).map_err(|e| broken(chain(&e)))?;
        let there = there.first().map(recorded).transpose().map_err(|e| broken(chain(&e)))?;
        if there.is_some_and(|there| there.sequence == position && there.envelope.id == folded) {
            return Ok(None);
        }
        let advice = "see that it is the ledger you mean, then build the views afresh with `footing rebuild`";
        Ok(Some(format!(
            "the stored views have event {folded} at sequence {position} and the stream has not: {advice}"
        )))
    }

    /// Folds everything new into stored views.
    ///
    /// # Errors
    /// A gap in the stream, or a disk that fails.
    pub fn catch_up(&self, views: &SledViews) -> Result<(), Failure> {
        let position = views.position().map_err(|e| broken(chain(&e)))?;
        let mut new = false;
        self.for_each_after(position, |page| {
            new = true;
            views.apply(&page).map_err(|e| broken(chain(&e)))
        })?;
        if new { views.flush().map_err(|e| broken(chain(&e))) } else { Ok(()) }
    }

    /// One person with their claims and everyone on them: from the stored views, or folded from the stream where the
    /// day asked for is past or another process has the views.
    ///
    /// # Errors
    /// A gap in the stream, or a disk that fails.
    pub fn around(&self, person: PersonId, as_known: Option<Date>) -> Result<MemoryViews, Failure> {
        match (as_known, self.views()?) {
            (None, Some(views)) => views.around(person).map_err(|e| broken(chain(&e))),
            (None, None) => {
                eprintln!("note: another process has the views open; reading the stream instead");
                Ok(self.world(None)?.0.around(person))
            }
            (Some(_), _) => Ok(self.world(as_known)?.0.around(person)),
        }
    }

    /// The same for one person after another: views are opened, or the stream read, once.
    ///
    /// # Errors
    /// A gap in the stream, or a disk that fails.
    pub fn everyone_around(
        &self,
        as_known: Option<Date>,
    ) -> Result<impl Fn(PersonId) -> Result<MemoryViews, Failure> + '_, Failure> {
        let views = if as_known.is_none() { self.views()? } else { None };
        let world = if views.is_none() { self.world(as_known)?.0 } else { MemoryViews::default() };
        Ok(move |person| match views {
            Some(views) => views.around(person).map_err(|e| broken(chain(&e))),
            None => Ok(world.around(person)),
        })
    }

    /// The person meant by an id or the beginning of one.
    ///
    /// # Errors
    /// [`Failure::Input`] when nobody fits, or several people do.
    pub fn person(&self, text: &str) -> Result<PersonId, Failure> {
        let people: Vec<PersonId> = self.known()?.0;
        only("person", text, people.into_iter().map(|id| (id.to_string(), id)))
    }

    /// The decision meant by an event's id or the beginning of one, and its claim.
    ///
    /// # Errors
    /// [`Failure::Input`] when no decision fits, or several do.
    pub fn decision(&self, text: &str) -> Result<(ClaimId, Determined), Failure> {
        let claims = match text.parse::<EventId>() {
            Ok(id) => self.claims_of(id)?,
            Err(_) => self.known()?.1,
        };
        let mut made = Vec::new();
        for claim in claims {
            let view = MemoryViews::of(&self.subject(&Subject::Claim(claim))?);
            let determined = view.claim(claim).into_iter().flat_map(|view| view.determined.iter());
            made.extend(determined.map(|determined| (determined.event.to_string(), (claim, determined.clone()))));
        }
        only("decision", text, made.into_iter())
    }

    fn claims_of(&self, id: EventId) -> Result<Vec<ClaimId>, Failure> {
        let found =
            self.runtime.block_on(self.ledger.store().find_command(id.command)).map_err(|e| broken(chain(&e)))?;
        let claim = |stored: &Stored| if let Subject::Claim(claim) = stored.subject { Some(claim) } else { None };
        Ok(found.iter().filter_map(claim).collect())
    }

    /// A claim, everyone who was ever on it and their other claims, as far as `known` says of each event.
    ///
    /// # Errors
    /// A message that cannot be read.
    pub fn claim_as_known(&self, claim: ClaimId, known: impl Fn(&Recorded) -> bool) -> Result<MemoryViews, Failure> {
        let whole = MemoryViews::of(&self.subject(&Subject::Claim(claim))?);
        let members = whole.claim(claim).into_iter().flat_map(|view| view.members.iter().map(|member| member.person));
        let mut subjects: BTreeSet<Subject> = members.map(Subject::Person).chain([Subject::Claim(claim)]).collect();
        for person in subjects.clone() {
            for event in self.subject(&person)? {
                if let Event::Person(PersonEvent::PersonClaimed(claimed)) = event.envelope.event {
                    subjects.insert(Subject::Claim(claimed.claim));
                }
            }
        }
        let mut events = Vec::new();
        for subject in &subjects {
            events.extend(self.subject(subject)?.into_iter().filter(|event| known(event)));
        }
        events.sort_unstable_by_key(|event| event.sequence);
        Ok(MemoryViews::of(&events))
    }

    /// What was published of a pack.
    ///
    /// # Errors
    /// A message that cannot be read.
    pub fn published(&self, pack: &str) -> Result<Published, Failure> {
        let mut published = Published::default();
        self.subject(&Subject::Pack(pack.into()))?.iter().for_each(|event| published.apply(event));
        Ok(published)
    }

    /// A person's name, where the vault still has it.
    ///
    /// # Errors
    /// A message that cannot be read, or the vault.
    pub fn name_of(&self, person: PersonId) -> Result<Option<String>, Failure> {
        let subject = Subject::Person(person);
        let read = self.ledger.store().read_subject(&subject, 0, 1);
        let first = self.runtime.block_on(read).map_err(|e| broken(chain(&e)))?;
        let first = first.first().map(recorded).transpose().map_err(|e| broken(chain(&e)))?;
        let Some(Event::Person(PersonEvent::PersonRegistered(registered))) = first.map(|event| event.envelope.event)
        else {
            return Ok(None);
        };
        let Some(name) = registered.name else { return Ok(None) };
        self.vault().open_text(&name).map_err(|e| broken(chain(&e)))
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

    /// Everyone and every claim.
    ///
    /// # Errors
    /// A gap in the stream, or a disk that fails.
    pub fn known(&self) -> Result<(Vec<PersonId>, Vec<ClaimId>), Failure> {
        if let Some(views) = self.views()? {
            let people = views.people().map_err(|e| broken(chain(&e)))?;
            return Ok((people, views.claims().map_err(|e| broken(chain(&e)))?));
        }
        let world = self.world(None)?.0;
        Ok((world.people().map(|(id, _)| id).collect(), world.claims().map(|(id, _)| id).collect()))
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

/// The one thing whose name begins like this.
///
/// # Errors
/// [`Failure::Input`] when none does, or several do.
pub fn only<T>(what: &str, text: &str, known: impl Iterator<Item = (String, T)>) -> Result<T, Failure> {
    let text = text.trim().to_ascii_lowercase();
    let mut fitting: Vec<(String, T)> = known.filter(|(name, _)| !text.is_empty() && name.starts_with(&text)).collect();
    match fitting.len() {
        1 => {
            fitting.pop().map(|(_, thing)| thing).ok_or_else(|| Failure::input(format!("there is no {what} `{text}`")))
        }
        0 => Err(Failure::input(format!("there is no {what} whose id begins with `{text}` in this ledger"))),
        several => Err(Failure::input(format!("{several} {what}s begin with `{text}`: write more of the id"))),
    }
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

/// Nothing may be left beside the place of a new ledger: views, checkpoints and texts of one that is gone would be taken
/// for its own.
///
/// # Errors
/// [`Failure::Input`] with the first that is left.
pub fn nothing_is_left(place: &Place) -> Result<(), Failure> {
    let left = ["vault", "views", "views-built", "checkpoints", "cosignatures", "tiles"];
    match left.map(|what| beside(place.beside(), what)).into_iter().find(|left| left.exists()) {
        Some(left) => {
            let advice = "bring that one back with `footing restore`, or move everything of that name away first";
            Err(Failure::input(format!("{} is left of another ledger: {advice}", left.display())))
        }
        None => Ok(()),
    }
}

/// What lies beside a ledger: its file's name, a dot and a word.
pub fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{what}"));
    name.into()
}

/// Whether a ledger is missing whose vault lies here.
fn was_there(error: &NatsError, place: &Place) -> bool {
    matches!(error, NatsError::NoLedger { .. }) && beside(place.beside(), "vault").exists()
}

fn gone(place: &Place) -> Failure {
    let (name, vault) = (place.name(), beside(place.beside(), "vault"));
    broken(format!(
        "{name} is gone, and its vault lies here at {}: bring it back with `footing restore ARCHIVE --store {}`",
        vault.display(),
        place.argument()
    ))
}

/// The connection to a server goes on by itself between two questions.
fn runtime_for_server() -> Result<Runtime, Failure> {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(not_started)
}

fn not_started(source: std::io::Error) -> Failure {
    Failure::Outside { what: "cannot start".into(), source }
}

/// An id that nothing else has.
pub(crate) fn random_id() -> Uuid {
    uuid::Builder::from_random_bytes(random()).into_uuid()
}

/// A file of something else is the user's slip, unless it was a ledger before, as the vault beside it says.
fn opening(error: OpenError, was_a_ledger: bool) -> Failure {
    match error {
        OpenError::NotOurs { .. } if !was_a_ledger => Failure::input(chain(&error)),
        OpenError::OtherVersion { .. } => Failure::input(chain(&error)),
        OpenError::NotOurs { .. } | OpenError::Sqlite { .. } => broken(chain(&error)),
    }
}

/// Random bytes from the operating system.
#[expect(clippy::expect_used, reason = "a machine without random numbers cannot keep a confidence")]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes
}
