//! People, decisions and what is known of them, found in an open ledger.

use std::collections::BTreeSet;

use jiff::civil::Date;
use ledger::write::recorded;
use ledger::{Store, Stored};
use projections::published::Published;
use projections::views::{Determined, MemoryViews};
use schemas::events::{Event, PersonEvent};
use schemas::{ClaimId, EventId, PersonId, Recorded, Subject};

use super::{Desk, broken, chain};
use crate::error::Failure;

impl<S: Store> Desk<S> {
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
