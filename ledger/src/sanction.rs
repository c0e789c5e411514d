//! Sanctions (SI 2013/376 regs. 100-114) and the hardship payments that go with them (regs. 115-119).

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::{Event, HardshipAwarded, SanctionCancelled, SanctionEnded, SanctionEvent, SanctionImposed};
use schemas::{DebtId, EventId, Money, SanctionId};

use crate::command::Command;
use crate::order::SanctionOrder;
use crate::person;
use crate::world::{World, recorded_day};

/// The most days of reduction that may be outstanding (reg. 101(3)).
const MOST_DAYS: i64 = 1_095;

/// What decisions about sanctions rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sanctions {
    /// Every sanction imposed.
    pub imposed: BTreeMap<SanctionId, Sanction>,
    /// Every hardship payment awarded: by its event, how much.
    pub hardship: BTreeMap<EventId, Money>,
    /// The events that impose a sanction or award hardship: decisions that can be disputed.
    pub decisions: std::collections::BTreeSet<EventId>,
}

/// One sanction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sanction {
    /// First day of the reduction.
    pub from: Date,
    /// First day without it, as things stand.
    pub until: Date,
    /// Whether it still counts as imposed.
    pub standing: Standing,
}

/// What became of a sanction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It runs its days.
    Imposed,
    /// It ended early.
    Ended,
    /// It never took effect.
    Cancelled,
}

/// Why nothing about a sanction may be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// About the person.
    #[error(transparent)]
    Person(#[from] person::Refusal),
    /// A sanction is imposed once.
    #[error("sanction {sanction} is recorded already")]
    AlreadyImposed {
        /// Which.
        sanction: SanctionId,
    },
    /// There is no such sanction in force.
    #[error("sanction {sanction} is not in force: {why}")]
    NotInForce {
        /// Which.
        sanction: SanctionId,
        /// Never imposed, ended or cancelled.
        why: &'static str,
    },
    /// A reduction lasts a day at least.
    #[error("days: a reduction of no days")]
    NoDays,
    /// A failure is in the past.
    #[error("failure_on: {failure_on} is after the day of recording, {recorded}")]
    FailureInTheFuture {
        /// The day given.
        failure_on: Date,
        /// The day of recording.
        recorded: Date,
    },
    /// The total outstanding is limited.
    #[error(
        "days: at most {MOST_DAYS} days of reduction may be outstanding (SI 2013/376 reg. 101(3)): {outstanding} are, so {days} more do not fit"
    )]
    TooManyDays {
        /// Days outstanding before.
        outstanding: i64,
        /// Days of this one.
        days: u16,
    },
    /// An end lies within the days of the sanction.
    #[error("on: {on} does not lie between the first day, {from}, and the last, before {until}")]
    NotWithin {
        /// The day given.
        on: Date,
        /// First day.
        from: Date,
        /// First day without it.
        until: Date,
    },
    /// Hardship follows from a sanction.
    #[error(
        "from: no sanction that counts has begun by {from}; hardship payments are for people under one (SI 2013/376 reg. 116(1))"
    )]
    NoSanction {
        /// First day of the hardship payment.
        from: Date,
    },
    /// The payment comes to nothing or does not fit.
    #[error("per_day: {per_day} for {days} days is no amount that can be paid")]
    NoAmount {
        /// For one day.
        per_day: Money,
        /// How many.
        days: u16,
    },
    /// The debt it would create exists.
    #[error("debt {debt} is registered already")]
    DebtExists {
        /// Which.
        debt: DebtId,
    },
}

/// Says what happened, or why nothing may.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, command: &Command, order: &SanctionOrder) -> Result<Event, Refusal> {
    Ok(match order {
        SanctionOrder::Impose { person, sanction, level, failure_on, from, days, rate, authority } => {
            person::living(world, *person, *from)?;
            impose(&world.person(*person).sanctions, command, *sanction, *failure_on, *days)?;
            SanctionImposed {
                sanction: *sanction,
                level: *level,
                failure_on: *failure_on,
                from: *from,
                days: *days,
                rate: *rate,
                authority: authority.clone(),
            }
            .into()
        }
        SanctionOrder::End { person, sanction, on, reason } => {
            let Sanction { from, until, .. } = in_force(&world.person(*person).sanctions, *sanction)?;
            if *on < from || *on > until {
                return Err(Refusal::NotWithin { on: *on, from, until });
            }
            SanctionEnded { sanction: *sanction, on: *on, reason: reason.clone() }.into()
        }
        SanctionOrder::Cancel { person, sanction, authority } => {
            match world.person(*person).sanctions.imposed.get(sanction).map(|known| known.standing) {
                Some(Standing::Imposed | Standing::Ended) => {}
                Some(Standing::Cancelled) => {
                    return Err(Refusal::NotInForce { sanction: *sanction, why: "it was cancelled" });
                }
                None => return Err(Refusal::NotInForce { sanction: *sanction, why: "it was never imposed" }),
            }
            SanctionCancelled { sanction: *sanction, authority: authority.clone() }.into()
        }
        SanctionOrder::AwardHardship { person, debt, from, days, per_day } => {
            person::living(world, *person, *from)?;
            let awarded = HardshipAwarded { debt: *debt, from: *from, days: *days, per_day: *per_day };
            hardship(world, *person, &awarded)?;
            awarded.into()
        }
    })
}

fn impose(
    state: &Sanctions,
    command: &Command,
    sanction: SanctionId,
    failure_on: Date,
    days: u16,
) -> Result<(), Refusal> {
    let recorded = recorded_day(command);
    if state.imposed.contains_key(&sanction) {
        return Err(Refusal::AlreadyImposed { sanction });
    }
    if days == 0 {
        return Err(Refusal::NoDays);
    }
    if failure_on > recorded {
        return Err(Refusal::FailureInTheFuture { failure_on, recorded });
    }
    let outstanding = state.outstanding(command.decided_on.unwrap_or(recorded));
    if outstanding + i64::from(days) > MOST_DAYS {
        return Err(Refusal::TooManyDays { outstanding, days });
    }
    Ok(())
}

fn hardship(world: &World, person: schemas::PersonId, awarded: &HardshipAwarded) -> Result<(), Refusal> {
    let history = world.person(person);
    let HardshipAwarded { debt, from, days, per_day } = *awarded;
    let counts = |sanction: &Sanction| sanction.from <= from && sanction.standing != Standing::Cancelled;
    if !history.sanctions.imposed.values().any(counts) {
        return Err(Refusal::NoSanction { from });
    }
    if history.debts.by_id.contains_key(&debt) {
        return Err(Refusal::DebtExists { debt });
    }
    match awarded.amount() {
        Some(amount) if amount > Money::ZERO => Ok(()),
        Some(_) | None => Err(Refusal::NoAmount { per_day: per_day.money(), days }),
    }
}

fn in_force(state: &Sanctions, sanction: SanctionId) -> Result<Sanction, Refusal> {
    let not = |why| Err(Refusal::NotInForce { sanction, why });
    match state.imposed.get(&sanction) {
        None => not("it was never imposed"),
        Some(known) => match known.standing {
            Standing::Imposed => Ok(*known),
            Standing::Ended => not("it ended early"),
            Standing::Cancelled => not("it was cancelled"),
        },
    }
}

impl Sanctions {
    /// Days of reduction that are still to come on this day (reg. 101(5)).
    pub fn outstanding(&self, day: Date) -> i64 {
        let counts = self.imposed.values().filter(|sanction| sanction.standing != Standing::Cancelled);
        counts.map(|sanction| i64::from((sanction.until - sanction.from.max(day)).get_days()).max(0)).sum()
    }
}

/// Applies what happened.
#[must_use]
pub fn evolve(mut state: Sanctions, event: &SanctionEvent, id: EventId) -> Sanctions {
    match event {
        SanctionEvent::SanctionImposed(SanctionImposed { sanction, from, days, .. }) => {
            let until = from.saturating_add(i64::from(*days).days());
            state.imposed.insert(*sanction, Sanction { from: *from, until, standing: Standing::Imposed });
            state.decisions.insert(id);
        }
        SanctionEvent::SanctionEnded(SanctionEnded { sanction, on, .. }) => {
            if let Some(known) = state.imposed.get_mut(sanction) {
                (known.until, known.standing) = (*on, Standing::Ended);
            }
        }
        SanctionEvent::SanctionCancelled(SanctionCancelled { sanction, .. }) => {
            if let Some(known) = state.imposed.get_mut(sanction) {
                known.standing = Standing::Cancelled;
            }
        }
        SanctionEvent::HardshipAwarded(awarded) => {
            state.hardship.insert(id, awarded.amount().unwrap_or_default());
            state.decisions.insert(id);
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Step, TODAY, amount, check, debt, law, person, register, sanction};
    use jiff::civil::date;
    use schemas::events::{SanctionLevel, SanctionRate};

    fn impose(number: u128, from: Date, days: u16) -> Step {
        SanctionOrder::Impose {
            person: person(1),
            sanction: sanction(number),
            level: SanctionLevel::Low,
            failure_on: date(2026, 6, 1),
            from,
            days,
            rate: SanctionRate::Full,
            authority: law(),
        }
        .into()
    }

    fn end(on: Date) -> Step {
        SanctionOrder::End { person: person(1), sanction: sanction(1), on, reason: "complied".into() }.into()
    }

    fn cancel() -> Step {
        SanctionOrder::Cancel { person: person(1), sanction: sanction(1), authority: law() }.into()
    }

    fn hardship(from: Date) -> Step {
        let (person, debt, per_day) = (person(1), debt(1), amount(654));
        SanctionOrder::AwardHardship { person, debt, from, days: 14, per_day }.into()
    }

    #[test]
    fn a_sanction_is_imposed_once_on_somebody_registered() {
        check(&[], impose(1, TODAY, 28), Err("is not registered"));
        check(&[register(1)], impose(1, TODAY, 28), Ok(&["footing.sanction.imposed.v1"]));
        check(&[register(1), impose(1, TODAY, 28)], impose(1, TODAY, 28), Err("is recorded already"));
        check(&[register(1)], impose(1, TODAY, 0), Err("a reduction of no days"));
    }

    /// SI 2013/376 reg. 101(3): 1,095 days in all, counting those to come.
    #[test]
    fn no_more_than_1095_days_of_reduction_are_outstanding() {
        let given = |days| [register(1), impose(1, TODAY, days)];
        let later = date(2028, 1, 1);
        check(&given(1_000), impose(2, later, 95), Ok(&["footing.sanction.imposed.v1"]));
        check(&given(1_000), impose(2, later, 96), Err("1000 are, so 96 more do not fit"));
        check(&[register(1)], impose(1, TODAY, 1_096), Err("0 are, so 1096 more do not fit"));
        // A sanction from 5 June has 10 of its 20 days behind it on the 15th, so 10 are outstanding.
        let begun = || [register(1), impose(1, date(2026, 6, 5), 20)];
        check(&begun(), impose(2, later, 1_085), Ok(&["footing.sanction.imposed.v1"]));
        check(&begun(), impose(2, later, 1_086), Err("10 are"));
        let cancelled = || [register(1), impose(1, TODAY, 1_000), cancel()];
        check(&cancelled(), impose(2, later, 1_095), Ok(&["footing.sanction.imposed.v1"]));
    }

    #[test]
    fn a_sanction_ends_early_once_and_within_its_days() {
        let given = || vec![register(1), impose(1, TODAY, 28)];
        check(&given(), end(date(2026, 6, 14)), Err("does not lie between the first day, 2026-06-15"));
        check(&given(), end(date(2026, 7, 14)), Err("and the last, before 2026-07-13"));
        check(&given(), end(date(2026, 6, 20)), Ok(&["footing.sanction.ended.v1"]));
        check(&[given(), vec![end(TODAY)]].concat(), end(TODAY), Err("it ended early"));
        check(&[given(), vec![cancel()]].concat(), end(TODAY), Err("it was cancelled"));
        check(&[register(1)], end(TODAY), Err("it was never imposed"));
    }

    #[test]
    fn a_sanction_that_was_found_wrong_is_cancelled_once_even_after_its_end() {
        let given = || vec![register(1), impose(1, TODAY, 28), end(TODAY)];
        check(&given(), cancel(), Ok(&["footing.sanction.cancelled.v1"]));
        check(&[given(), vec![cancel()]].concat(), cancel(), Err("it was cancelled"));
    }

    #[test]
    fn hardship_is_awarded_to_somebody_under_a_sanction_and_creates_a_debt_of_its_own() {
        let given = || vec![register(1), impose(1, TODAY, 28)];
        check(&[register(1)], hardship(TODAY), Err("no sanction that counts has begun by 2026-06-15"));
        check(&given(), hardship(date(2026, 6, 14)), Err("reg. 116(1)"));
        check(&given(), hardship(TODAY), Ok(&["footing.hardship.awarded.v1"]));
        check(&[given(), vec![hardship(TODAY)]].concat(), hardship(TODAY), Err("is registered already"));
        check(&[given(), vec![cancel()]].concat(), hardship(TODAY), Err("no sanction that counts"));
    }
}
