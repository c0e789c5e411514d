//! Sanctions (SI 2013/376 regs. 100-114). How long they last is [`crate::sanction_length`], on which days they fall
//! [`crate::sanction_days`]; hardship payments are [`crate::hardship`].

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemas::events::{
    Days, Event, SanctionCancelled, SanctionComplied, SanctionDaysGround, SanctionEnded, SanctionEvent,
    SanctionImposed, SanctionLevel,
};
use schemas::{AssessmentPeriod, ClaimId, Cycle, EventId, Money, PersonId, SanctionId};

use crate::command::Command;
use crate::order::SanctionOrder;
use crate::sanction_days::{Reduction, Run, schedule};
use crate::sanction_length::{Earlier, days_with_compliance, is_open_ended, length};
use crate::world::{World, recorded_day};
use crate::{hardship, person};

/// The most days of reduction that may be outstanding (reg. 101(3)).
const MOST_DAYS: i64 = 1_095;

/// The benefit whose award a sanction reduces, as claims name it.
const BENEFIT: &str = "uk-universal-credit";

/// What decisions about sanctions rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sanctions {
    /// Every sanction imposed.
    pub imposed: BTreeMap<SanctionId, Sanction>,
    /// Every hardship payment awarded: by its event, how much.
    pub hardship: BTreeMap<EventId, Money>,
    /// The events that impose a sanction or award hardship: decisions that can be disputed.
    pub decisions: BTreeSet<EventId>,
}

/// One sanction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sanction {
    /// How many were imposed before it.
    pub place: usize,
    /// How severe the failure was.
    pub level: SanctionLevel,
    /// The day of the failure.
    pub failure_on: Date,
    /// First day that the reduction may take.
    pub from: Date,
    /// Its days; those after compliance as long as it is open.
    pub days: u16,
    /// The days of the table, by which later failures are measured.
    pub length: u16,
    /// Whether it lasts until the claimant complies.
    pub open: bool,
    /// Whether the failure came before the claim, so that it lengthens no other (reg. 102(3)).
    pub pre_claim: bool,
    /// First day without it, where it ended early.
    pub ended: Option<Date>,
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
    /// About a hardship payment.
    #[error(transparent)]
    Hardship(#[from] hardship::Refusal),
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
    /// A failure is in the past.
    #[error("failure_on: {failure_on} is after the day of recording, {recorded}")]
    FailureInTheFuture {
        /// The day given.
        failure_on: Date,
        /// The day of recording.
        recorded: Date,
    },
    /// The days are those of the law.
    #[error(
        "days: {stated} are stated, and SI 2013/376 {provision} gives {by_law}: leave them out, or state days_ground (pre_claim, moved, tribunal)"
    )]
    OtherDays {
        /// The days given.
        stated: u16,
        /// The days by law.
        by_law: u16,
        /// The regulation that gives them.
        provision: &'static str,
    },
    /// Nobody knows the days before the claimant complies.
    #[error(
        "days: a reduction of {level} level lasts until the claimant complies and {after} days more (SI 2013/376 {provision}): leave them out, or state complied_on"
    )]
    OpenEnded {
        /// Its level.
        level: SanctionLevel,
        /// Days after compliance.
        after: u16,
        /// The regulation that gives them.
        provision: &'static str,
    },
    /// A ground for other days comes with the days.
    #[error("days: days_ground {ground} is stated, and the days are not")]
    NoDays {
        /// The ground given.
        ground: SanctionDaysGround,
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
    /// A day of compliance comes with a reduction that waits for it, and is in the past.
    #[error("{field}: {on} is no day on which the claimant can have complied: {why}")]
    NoCompliance {
        /// The field.
        field: &'static str,
        /// The day given.
        on: Date,
        /// Why not.
        why: &'static str,
    },
    /// The first day follows from the periods of an award.
    #[error(
        "from: {decided_on} lies in no period of a claim of this person, from which SI 2013/376 reg. 106 takes the first day: state it"
    )]
    NoPeriod {
        /// The day of the decision.
        decided_on: Date,
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
}

/// The claims that an order's decision rests on: their periods give the first day of a reduction (reg. 106), their
/// decisions the amount of a hardship payment (reg. 118).
pub fn rests_on(world: &World, order: &SanctionOrder) -> Vec<ClaimId> {
    match order {
        SanctionOrder::Impose { person, from: None, .. } | SanctionOrder::AwardHardship { person, .. } => {
            claims(world, *person).collect()
        }
        SanctionOrder::Impose { from: Some(_), .. }
        | SanctionOrder::RecordCompliance { .. }
        | SanctionOrder::End { .. }
        | SanctionOrder::Cancel { .. } => Vec::new(),
    }
}

/// The claims of a person whose award sanctions reduce.
pub(crate) fn claims(world: &World, person: PersonId) -> impl Iterator<Item = ClaimId> {
    let claims = world.person(person).person.claims.iter();
    claims.filter(|(_, benefit)| *benefit == BENEFIT).map(|(claim, _)| *claim)
}

/// Says what happened, or why nothing may.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, command: &Command, order: &SanctionOrder) -> Result<Event, Refusal> {
    let state = |person: &PersonId| &world.person(*person).sanctions;
    Ok(match order {
        SanctionOrder::Impose {
            person,
            sanction,
            level,
            failure_on,
            from,
            days,
            days_ground,
            complied_on,
            rate,
            authority,
        } => {
            let decided_on = command.decided_on.unwrap_or(recorded_day(command));
            let from = from.map_or_else(|| first_day(world, *person, decided_on), Ok)?;
            let born = person::living(world, *person, from)?;
            let failure = Failure {
                sanction: *sanction,
                level: *level,
                failure_on: *failure_on,
                complied_on: *complied_on,
                stated: *days,
                ground: *days_ground,
            };
            let Given { days, length, until_compliance } = days_of(state(person), command, born, failure)?;
            SanctionImposed {
                sanction: *sanction,
                level: *level,
                failure_on: *failure_on,
                from,
                days,
                length: Some(length),
                until_compliance,
                days_ground: *days_ground,
                rate: *rate,
                authority: authority.clone(),
            }
            .into()
        }
        SanctionOrder::RecordCompliance { person, sanction, on } => {
            let known = in_force(state(person), *sanction)?;
            comply(state(person), command, *sanction, known, *on)?.into()
        }
        SanctionOrder::End { person, sanction, on, reason } => {
            in_force(state(person), *sanction)?;
            let Run { first, after } = state(person).run(*sanction);
            if *on < first || *on > after {
                return Err(Refusal::NotWithin { on: *on, from: first, until: after });
            }
            SanctionEnded { sanction: *sanction, on: *on, reason: reason.clone() }.into()
        }
        SanctionOrder::Cancel { person, sanction, authority } => {
            match state(person).imposed.get(sanction).map(|known| known.standing) {
                Some(Standing::Imposed | Standing::Ended) => {}
                Some(Standing::Cancelled) => {
                    return Err(Refusal::NotInForce { sanction: *sanction, why: "it was cancelled" });
                }
                None => return Err(Refusal::NotInForce { sanction: *sanction, why: "it was never imposed" }),
            }
            SanctionCancelled { sanction: *sanction, authority: authority.clone() }.into()
        }
        SanctionOrder::AwardHardship { person, debt, from, days, per_day } => hardship::award(
            world,
            *person,
            hardship::Asked { debt: *debt, from: *from, days: *days, per_day: *per_day },
        )?
        .into(),
    })
}

/// The first day of a reduction (reg. 106): that of the first period not decided yet, from the one on in which the
/// decision to reduce is made. Earlier reductions move it further, on the calendar ([`schedule`]).
fn first_day(world: &World, person: PersonId, decided_on: Date) -> Result<Date, Refusal> {
    let first = |claim: ClaimId| {
        let history = world.claim(claim);
        let entitled_from = history.claim.entitled_from?;
        let cycle = Cycle::Monthly { from: entitled_from };
        let mut periods = std::iter::successors(cycle.containing(decided_on), |period| cycle.next(*period));
        periods.find(|period| history.assessments.decided(*period).is_none()).map(AssessmentPeriod::first)
    };
    claims(world, person).find_map(first).ok_or(Refusal::NoPeriod { decided_on })
}

/// A failure as an order states it.
#[derive(Clone, Copy)]
struct Failure {
    sanction: SanctionId,
    level: SanctionLevel,
    failure_on: Date,
    complied_on: Option<Date>,
    stated: Option<u16>,
    ground: Option<SanctionDaysGround>,
}

/// What it leads to.
struct Given {
    days: u16,
    length: u16,
    until_compliance: bool,
}

fn days_of(state: &Sanctions, command: &Command, born: Date, failure: Failure) -> Result<Given, Refusal> {
    let Failure { sanction, level, failure_on, complied_on, stated, ground } = failure;
    let recorded = recorded_day(command);
    let decided_on = command.decided_on.unwrap_or(recorded);
    if state.imposed.contains_key(&sanction) {
        return Err(Refusal::AlreadyImposed { sanction });
    }
    if failure_on > recorded {
        return Err(Refusal::FailureInTheFuture { failure_on, recorded });
    }
    let table = length(level, failure_on, decided_on, born, &state.earlier());
    let closed = match complied_on {
        None if table.until_compliance => None,
        None => Some(table.days),
        Some(on) => {
            compliance("complied_on", on, level, failure_on, recorded)?;
            Some(days_with_compliance(failure_on, on, table.days))
        }
    };
    let outstanding = state.outstanding(decided_on);
    let fitting = |days: u16| days.min(u16::try_from(MOST_DAYS - outstanding).unwrap_or(0)); // Reg. 101(3).
    let given = |days, until_compliance| Given { days, length: table.days, until_compliance };
    match (stated, ground, closed) {
        (None, Some(ground), _) => Err(Refusal::NoDays { ground }),
        (None, None, None) => Ok(given(fitting(table.days), true)),
        (None, None, Some(by_law)) => Ok(given(fitting(by_law), false)),
        (Some(_), None, None) => Err(Refusal::OpenEnded { level, after: table.days, provision: provision(level) }),
        (Some(stated), None, Some(by_law)) if stated == fitting(by_law) => Ok(given(stated, false)),
        (Some(stated), None, Some(by_law)) => {
            Err(Refusal::OtherDays { stated, by_law: fitting(by_law), provision: provision(level) })
        }
        (Some(days), Some(_), _) if days > fitting(days) => Err(Refusal::TooManyDays { outstanding, days }),
        (Some(days), Some(_), _) => Ok(given(days, false)),
    }
}

const fn provision(level: SanctionLevel) -> &'static str {
    match level {
        SanctionLevel::Higher => "reg. 102(2)",
        SanctionLevel::Medium => "reg. 103(2)",
        SanctionLevel::Low => "reg. 104(2) and (3)",
        SanctionLevel::Lowest => "reg. 105(2)",
    }
}

fn compliance(
    field: &'static str,
    on: Date,
    level: SanctionLevel,
    failure_on: Date,
    recorded: Date,
) -> Result<(), Refusal> {
    let no = |why| Err(Refusal::NoCompliance { field, on, why });
    match () {
        () if !is_open_ended(level) => no("a reduction of this level does not wait for it"),
        () if on < failure_on => no("it is before the failure"),
        () if on > recorded => no("it is after the day of recording"),
        () => Ok(()),
    }
}

fn comply(
    state: &Sanctions,
    command: &Command,
    sanction: SanctionId,
    known: Sanction,
    on: Date,
) -> Result<SanctionComplied, Refusal> {
    if !known.open {
        return Err(Refusal::NotInForce { sanction, why: "its days are known" });
    }
    let recorded = recorded_day(command);
    compliance("on", on, known.level, known.failure_on, recorded)?;
    let days = days_with_compliance(known.failure_on, on, known.days);
    // Reg. 101(3): the days that are still to come fit beside those of the others.
    let day = command.decided_on.unwrap_or(recorded);
    let served = Days::new(Date::MIN, day.yesterday().unwrap_or(day));
    let served = served.map_or(0, |days| state.run(sanction).days_in(days, &[]));
    let most = served + (MOST_DAYS - (state.outstanding(day) - i64::from(known.days))).max(0);
    Ok(SanctionComplied { sanction, on, days: days.min(u16::try_from(most).unwrap_or(u16::MAX)) })
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
    /// Sanctions that count with the days they take, one after another. Days on which a fraud penalty suspends them are
    /// facts, which no decision here rests on: they move a reduction, and change neither its length nor its place.
    pub fn runs(&self) -> Vec<(SanctionId, Sanction, Run)> {
        let counting = self.imposed.iter().filter(|(_, sanction)| sanction.standing != Standing::Cancelled);
        let mut counting: Vec<(SanctionId, Sanction)> = counting.map(|(id, sanction)| (*id, *sanction)).collect();
        counting.sort_by_key(|(_, sanction)| (sanction.from, sanction.place));
        let reductions: Vec<Reduction> = counting.iter().map(|(_, sanction)| sanction.reduction()).collect();
        let runs = schedule(&reductions, &[]);
        counting.into_iter().zip(runs).map(|((id, sanction), run)| (id, sanction, run)).collect()
    }

    /// Days of reduction that are still to come on this day (reg. 101(5)); of one that lasts until the claimant
    /// complies, those after.
    pub fn outstanding(&self, day: Date) -> i64 {
        let to_come = |(_, sanction, run): (SanctionId, Sanction, Run)| {
            if sanction.open && sanction.ended.is_none() {
                i64::from(sanction.days)
            } else {
                Days::new(day, Date::MAX).map_or(0, |days| run.days_in(days, &[]))
            }
        };
        self.runs().into_iter().map(to_come).sum()
    }

    fn run(&self, sanction: SanctionId) -> Run {
        let found = self.runs().into_iter().find(|(id, ..)| *id == sanction).map(|(_, _, run)| run);
        found.unwrap_or(Run { first: Date::MAX, after: Date::MAX })
    }

    /// Failures that lengthen later ones: sanctions that were cancelled and failures before a claim are not among them.
    fn earlier(&self) -> Vec<Earlier> {
        let counting = self.imposed.values().filter(|s| s.standing != Standing::Cancelled && !s.pre_claim);
        let earlier = |s: &Sanction| Earlier { level: s.level, failure_on: s.failure_on, days: s.length };
        counting.map(earlier).collect()
    }
}

impl Sanction {
    fn reduction(&self) -> Reduction {
        Reduction { from: self.from, days: (!self.open).then_some(self.days), ended: self.ended }
    }
}

/// Applies what happened.
#[must_use]
pub fn evolve(mut state: Sanctions, event: &SanctionEvent, id: EventId) -> Sanctions {
    match event {
        SanctionEvent::SanctionImposed(imposed) => {
            let sanction = Sanction {
                place: state.imposed.len(),
                level: imposed.level,
                failure_on: imposed.failure_on,
                from: imposed.from,
                days: imposed.days,
                length: imposed.length.unwrap_or(imposed.days),
                open: imposed.until_compliance,
                pre_claim: imposed.days_ground == Some(SanctionDaysGround::PreClaim),
                ended: None,
                standing: Standing::Imposed,
            };
            state.imposed.insert(imposed.sanction, sanction);
            state.decisions.insert(id);
        }
        SanctionEvent::SanctionComplied(SanctionComplied { sanction, days, .. }) => {
            if let Some(known) = state.imposed.get_mut(sanction) {
                (known.days, known.open) = (*days, false);
            }
        }
        SanctionEvent::SanctionEnded(SanctionEnded { sanction, on, .. }) => {
            if let Some(known) = state.imposed.get_mut(sanction) {
                (known.ended, known.standing) = (Some(*on), Standing::Ended);
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
#[path = "sanction_tests.rs"]
mod tests;
