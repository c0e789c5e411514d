//! A person: known to the ledger or not, alive or not, with facts that can be withdrawn.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use schemas::events::{
    Account, Event, PersonClaimEnded, PersonClaimed, PersonDied, PersonEvent, PersonFact, PersonFactRecorded,
    PersonFactWithdrawn, PersonRegistered, Sealed, StatementRecorded,
};
use schemas::{AccountError, ClaimId, EventId, PersonId};

use crate::command::Command;
use crate::order::{Confidential, PersonOrder};
use crate::world::{World, recorded_day};

/// What decisions about a person rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Date of birth; none for somebody not registered.
    pub born: Option<Date>,
    /// Day of death.
    pub died: Option<Date>,
    /// Records of facts that were not withdrawn.
    pub facts: BTreeSet<EventId>,
    /// Accounts ever recorded for the person, with their holders.
    pub accounts: HashMap<Sealed, Vec<PersonId>>,
    /// Claims of which the person is an adult now, with the benefit of each.
    pub claims: BTreeMap<ClaimId, String>,
    /// Claims of which the person ever was an adult.
    pub ever_claimed: BTreeSet<ClaimId>,
}

/// Why nothing may be recorded about a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Registration comes before anything else.
    #[error("person {person} is not registered")]
    NotRegistered {
        /// Who.
        person: PersonId,
    },
    /// Registration comes once.
    #[error("person {person} is registered already")]
    AlreadyRegistered {
        /// Who.
        person: PersonId,
    },
    /// Nobody is registered before birth.
    #[error("birth_date: {birth_date} is later than the day of recording, {recorded}")]
    NotYetBorn {
        /// The date given.
        birth_date: Date,
        /// The day of recording.
        recorded: Date,
    },
    /// After a death only payments and corrections are recorded.
    #[error("person {person} died on {died}: nothing takes effect on {from}")]
    Died {
        /// Who.
        person: PersonId,
        /// When.
        died: Date,
        /// From when the order would hold.
        from: Date,
    },
    /// A death comes once.
    #[error("person {person} is recorded as having died on {died}")]
    AlreadyDied {
        /// Who.
        person: PersonId,
        /// When.
        died: Date,
    },
    /// A day of death is neither before birth nor in the future.
    #[error("on: a death on {on} does not lie between the birth on {born} and the day of recording, {recorded}")]
    ImpossibleDeath {
        /// The day given.
        on: Date,
        /// Date of birth.
        born: Date,
        /// The day of recording.
        recorded: Date,
    },
    /// A fact about a person begins at birth at the earliest.
    #[error("effective_from: {from} is before the person's birth on {born}")]
    BeforeBirth {
        /// From when the fact would hold.
        from: Date,
        /// Date of birth.
        born: Date,
    },
    /// A withdrawal names a record.
    #[error("event: {event} is not a record of a fact about this person, or was withdrawn before")]
    NotARecordedFact {
        /// The event named.
        event: EventId,
    },
    /// Account numbers are confidential.
    #[error("fact: an account is recorded with `record_account`, which seals its number")]
    AccountInClear,
    /// An account without anybody who can use it.
    #[error("holders: an account has at least one holder")]
    NoHolder,
    /// A payment file could not name it.
    #[error("{field}: {}", AccountError)]
    NotAnAccount {
        /// The field.
        field: &'static str,
    },
    /// The write path did not seal a text.
    #[error("{field}: the text is not sealed")]
    NotSealed {
        /// The field.
        field: &'static str,
    },
}

/// Says what happened, or why nothing may.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, command: &Command, order: &PersonOrder) -> Result<Event, Refusal> {
    let from = command.effective_from;
    Ok(match order {
        PersonOrder::Register { person, birth_date, name, national_insurance_number } => {
            register(world, *person, *birth_date, recorded_day(command))?;
            let name = sealed_if_any("name", name.as_ref())?;
            let number = sealed_if_any("national_insurance_number", national_insurance_number.as_ref())?;
            PersonRegistered { birth_date: *birth_date, name, national_insurance_number: number }.into()
        }
        PersonOrder::RecordDeath { person, on } => {
            die(world, *person, *on, recorded_day(command))?;
            PersonDied { on: *on }.into()
        }
        PersonOrder::RecordFact { person, fact } => {
            if matches!(fact, PersonFact::Account(_)) {
                return Err(Refusal::AccountInClear);
            }
            may_hold(world, *person, from)?;
            PersonFactRecorded { fact: fact.clone() }.into()
        }
        PersonOrder::RecordAccount { person, number, holders } => {
            if holders.is_empty() {
                return Err(Refusal::NoHolder);
            }
            may_hold(world, *person, from)?;
            let account = Account { number: sealed("number", number)?, holders: holders.clone() };
            PersonFactRecorded { fact: PersonFact::Account(account) }.into()
        }
        PersonOrder::WithdrawFact { person, event, reason } => {
            registered(world, *person)?;
            if !world.person(*person).person.facts.contains(event) {
                return Err(Refusal::NotARecordedFact { event: *event });
            }
            PersonFactWithdrawn { event: *event, reason: reason.clone() }.into()
        }
        PersonOrder::RecordStatement { person, about, text } => {
            registered(world, *person)?;
            StatementRecorded { about: *about, text: sealed("text", text)? }.into()
        }
    })
}

fn register(world: &World, person: PersonId, birth_date: Date, recorded: Date) -> Result<(), Refusal> {
    if world.person(person).person.born.is_some() {
        return Err(Refusal::AlreadyRegistered { person });
    }
    if birth_date > recorded {
        return Err(Refusal::NotYetBorn { birth_date, recorded });
    }
    Ok(())
}

fn die(world: &World, person: PersonId, on: Date, recorded: Date) -> Result<(), Refusal> {
    let born = registered(world, person)?;
    if let Some(died) = world.person(person).person.died {
        return Err(Refusal::AlreadyDied { person, died });
    }
    if on < born || on > recorded {
        return Err(Refusal::ImpossibleDeath { on, born, recorded });
    }
    Ok(())
}

/// A fact holds from a day of the person's life on.
fn may_hold(world: &World, person: PersonId, from: Date) -> Result<(), Refusal> {
    let born = living(world, person, from)?;
    if from < born { Err(Refusal::BeforeBirth { from, born }) } else { Ok(()) }
}

/// The date of birth of somebody registered.
pub(crate) fn registered(world: &World, person: PersonId) -> Result<Date, Refusal> {
    world.person(person).person.born.ok_or(Refusal::NotRegistered { person })
}

/// The date of birth of somebody registered who did not die before the day.
pub(crate) fn living(world: &World, person: PersonId, from: Date) -> Result<Date, Refusal> {
    let born = registered(world, person)?;
    match world.person(person).person.died {
        Some(died) if died < from => Err(Refusal::Died { person, died, from }),
        Some(_) | None => Ok(born),
    }
}

/// The seal of a text, which the write path put in its place.
pub(crate) fn sealed(field: &'static str, text: &Confidential) -> Result<Sealed, Refusal> {
    match text {
        Confidential::Sealed(sealed) => Ok(sealed.clone()),
        Confidential::Plain(_) => Err(Refusal::NotSealed { field }),
    }
}

/// The same of a text that may be left out.
pub(crate) fn sealed_if_any(field: &'static str, text: Option<&Confidential>) -> Result<Option<Sealed>, Refusal> {
    text.map(|text| sealed(field, text)).transpose()
}

/// Applies what happened.
#[must_use]
pub fn evolve(mut state: Person, event: &PersonEvent, id: EventId) -> Person {
    match event {
        PersonEvent::PersonRegistered(PersonRegistered { birth_date, .. }) => state.born = Some(*birth_date),
        PersonEvent::PersonDied(PersonDied { on }) => state.died = Some(*on),
        PersonEvent::PersonFactRecorded(PersonFactRecorded { fact }) => {
            state.facts.insert(id);
            if let PersonFact::Account(account) = fact {
                state.accounts.insert(account.number.clone(), account.holders.clone());
            }
        }
        PersonEvent::PersonFactWithdrawn(PersonFactWithdrawn { event, .. }) => {
            state.facts.remove(event);
        }
        PersonEvent::StatementRecorded(_) => {}
        PersonEvent::PersonClaimed(PersonClaimed { claim, benefit }) => {
            state.claims.insert(*claim, benefit.clone());
            state.ever_claimed.insert(*claim);
        }
        PersonEvent::PersonClaimEnded(PersonClaimEnded { claim }) => {
            state.claims.remove(claim);
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Step, TODAY, check, event, from, person, register};
    use jiff::civil::date;
    use schemas::events::{Nation, Residence};

    fn record(fact: PersonFact) -> Step {
        PersonOrder::RecordFact { person: person(1), fact }.into()
    }

    fn withdraw(number: u128) -> Step {
        PersonOrder::WithdrawFact { person: person(1), event: event(number), reason: "wrong person".into() }.into()
    }

    fn die(on: Date) -> Step {
        PersonOrder::RecordDeath { person: person(1), on }.into()
    }

    #[test]
    fn a_person_is_registered_once_and_before_anything_else() {
        let england = || record(PersonFact::Nation(Nation::England));
        check(&[], england(), Err("is not registered"));
        check(&[register(1)], england(), Ok(&["footing.person.fact_recorded.v3"]));
        check(&[register(1)], register(1), Err("is registered already"));
        let tomorrow = TODAY.tomorrow().unwrap();
        let unborn = PersonOrder::Register {
            person: person(1),
            birth_date: tomorrow,
            name: None,
            national_insurance_number: None,
        };
        check(&[], unborn, Err("birth_date: 2026-06-16 is later than the day of recording"));
    }

    #[test]
    fn a_death_lies_between_birth_and_the_day_of_recording_and_comes_once() {
        check(&[register(1)], die(date(1990, 1, 31)), Err("does not lie between the birth on 1990-02-01"));
        check(&[register(1)], die(date(2026, 6, 16)), Err("does not lie between"));
        check(&[register(1)], die(TODAY), Ok(&["footing.person.died.v1"]));
        check(&[register(1), die(TODAY)], die(TODAY), Err("is recorded as having died on 2026-06-15"));
    }

    #[test]
    fn after_a_death_nothing_new_takes_effect_but_earlier_days_can_be_put_right() {
        let abroad = || PersonOrder::RecordFact { person: person(1), fact: PersonFact::Residence(Residence::Abroad) };
        let given = || [register(1), die(date(2026, 6, 10))];
        check(&given(), abroad(), Err("died on 2026-06-10: nothing takes effect on 2026-06-15"));
        check(&given(), from(date(2026, 6, 10), abroad()), Ok(&["footing.person.fact_recorded.v3"]));
        check(&given(), from(date(1990, 1, 1), abroad()), Err("is before the person's birth"));
    }

    #[test]
    fn a_withdrawal_names_a_record_that_still_counts() {
        let given = || vec![register(1), record(PersonFact::Nation(Nation::Wales))];
        check(&given(), withdraw(1), Err("is not a record of a fact"));
        check(&given(), withdraw(2), Ok(&["footing.person.fact_withdrawn.v1"]));
        check(&[given(), vec![withdraw(2)]].concat(), withdraw(2), Err("or was withdrawn before"));
    }

    #[test]
    fn an_account_number_never_comes_in_clear() {
        let record_account =
            |holders| PersonOrder::RecordAccount { person: person(1), number: "01-02-03 12345678".into(), holders };
        check(&[register(1)], record_account(vec![person(1)]), Ok(&["footing.person.fact_recorded.v3"]));
        check(&[register(1)], record_account(vec![]), Err("at least one holder"));
        let number = Sealed { r#ref: uuid::Uuid::nil(), commitment: schemas::Digest([0; 32]) };
        let account = Account { number, holders: vec![person(1)] };
        check(&[register(1)], record(PersonFact::Account(account)), Err("recorded with `record_account`"));
    }
}
