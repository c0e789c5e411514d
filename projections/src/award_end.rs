//! Periods of a claim for which there is no award any more, and why.
//!
//! Universal Credit is payable for each complete period of entitlement (Welfare Reform Act 2012 s. 7(1)), and regulations
//! make no exception where one ends: the period in which an award ends is not paid. Reaching pension age ends it with the
//! period in which it is reached (SI 2013/381 Sch. 1 para. 26), of a couple when the younger one does.

use std::borrow::Cow;
use std::fmt;

use jiff::civil::Date;
use schemas::events::Role;
use schemas::pension_age::qualifying_age_reached;
use schemas::{AssessmentPeriod, ClaimId, Money, PeriodKind, PersonId};

use crate::engine::Exact;
use crate::entitlement::Rules;
use crate::law::Law;
use crate::views::{ClaimView, Determined, Member, MemoryViews, PersonView};

/// Why there is no award for a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The claim was closed; its first day without an award.
    Closed(Date),
    /// The last claimant died on that day.
    Died(Date),
    /// The last claimant left; the first day without one.
    Left(Date),
    /// The last claimant reached pension age on that day.
    PensionAge(Date),
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Closed(first_without) => write!(f, "there is no award from {first_without} on"),
            Ended::Died(on) => write!(f, "the last claimant died on {on}"),
            Ended::Left(on) => write!(f, "nobody is a claimant from {on} on"),
            Ended::PensionAge(on) => {
                let law = "Welfare Reform Act 2012 s. 4(1)(b), SI 2013/381 Sch. 1 para. 26";
                write!(f, "the last claimant reached pension age on {on} ({law})")
            }
        }
    }
}

/// Why a period of a claim has no award; none where it has one.
pub fn ended(claim: &ClaimView, world: &MemoryViews, period: AssessmentPeriod, rules: &Rules) -> Option<Ended> {
    let day = rules.pack.periods().facts_on(period);
    let closed = || claim.closed_on(day).map(Ended::Closed);
    let gone = || last_gone(claim, world, day);
    let aged = || pension_age_of_last(claim, world, period, rules).map(Ended::PensionAge);
    closed().or_else(gone).or_else(aged)
}

/// How the last claimant of a claim went, if by a day all have: died, as part of it, or left it.
fn last_gone(claim: &ClaimView, world: &MemoryViews, day: Date) -> Option<Ended> {
    let gone = |member: &Member| {
        let died = world.person(member.person).and_then(|adult| adult.died).filter(|died| *died <= day);
        let left = member.until.filter(|until| *until <= day);
        match (died, left) {
            (Some(died), left) if left.is_none_or(|left| died <= left) => Some((died, Ended::Died(died))),
            (_, left) => left.map(|left| (left, Ended::Left(left))),
        }
    };
    let adults = claim.members.iter().filter(|member| member.role == Role::Adult && member.from <= day);
    let gone: Option<Vec<(Date, Ended)>> = adults.map(gone).collect();
    gone?.into_iter().max_by_key(|(on, _)| *on).map(|(_, how)| how)
}

/// The day on which the last adult who is alive reached pension age, if that was before the period or with the claim.
fn pension_age_of_last(
    claim: &ClaimView,
    world: &MemoryViews,
    period: AssessmentPeriod,
    rules: &Rules,
) -> Option<Date> {
    let alive = adults(claim, world, period.last()).filter(|adult| adult.died.is_none_or(|died| period.last() < died));
    let reached: Option<Vec<Date>> = alive.map(|adult| qualifying_age_reached(adult.born?)).collect();
    let last = reached?.into_iter().max()?;
    let before = last < period.first() || Some(last) == claim.entitled_from;
    let ends = || rules.pack.parameter_on("pension_age.ends_award", period.first());
    (before && ends().is_some_and(|ends| ends != Exact::ZERO)).then_some(last)
}

fn adults<'a>(claim: &'a ClaimView, world: &'a MemoryViews, day: Date) -> impl Iterator<Item = &'a PersonView> {
    claim.adults_on(day).filter_map(|adult| world.person(adult))
}

/// A period that is not paid, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpaid {
    /// Of which claim.
    pub claim: ClaimId,
    /// The period.
    pub period: AssessmentPeriod,
    /// Why.
    pub why: Ended,
}

impl fmt::Display for Unpaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unpaid { period, why, .. } = self;
        let incomplete = match why {
            Ended::Closed(_) | Ended::Died(_) | Ended::Left(_) => {
                " because it is not complete (Welfare Reform Act 2012 s. 7(1))"
            }
            Ended::PensionAge(_) => "",
        };
        write!(f, "{period} is not paid{incomplete}: {why}")
    }
}

/// The periods that would be decided on the evening of a day, if the award had not ended in them; and while a claim stays
/// open after pension age, each period that it does not give.
pub fn unpaid(day: Date, world: &MemoryViews, law: &Law) -> Vec<Unpaid> {
    let Ok(yesterday) = day.yesterday() else { return Vec::new() };
    let due = |claim: ClaimId, view: &ClaimView| {
        let rules = law.of(view)?;
        let kind = rules.pack.periods();
        let period = view.cycle(kind)?.containing(yesterday).filter(|period| kind.facts_on(*period) == yesterday)?;
        let why = ended(view, world, period, rules).filter(|_| view.standing(period).is_none())?;
        let is_told = match why {
            Ended::Closed(on) | Ended::Died(on) | Ended::Left(on) => period.first() < on,
            Ended::PensionAge(_) => true,
        };
        is_told.then_some(Unpaid { claim, period, why })
    };
    world.claims().filter_map(|(id, claim)| due(id, claim)).collect()
}

/// Decisions that stand and give something for periods in which, as was told later, the award had ended.
pub fn overtaken(world: &MemoryViews, law: &Law) -> Vec<(Unpaid, Money)> {
    let mut overtaken = Vec::new();
    for (id, claim) in world.claims() {
        let Some(rules) = law.of(claim) else { continue };
        for (made, why) in overtaken_of(claim, world, rules).filter(|(made, _)| made.payment != Money::ZERO) {
            overtaken.push((Unpaid { claim: id, period: made.period, why }, made.payment));
        }
    }
    overtaken
}

/// Whether a decision was overtaken, as it shows by itself: the claim was closed by the day that decides its period, or
/// everybody whom it gave something had died or left it. That somebody reached pension age is known before a period is decided.
pub(crate) fn is_overtaken(claim: &ClaimView, made: &Determined, world: &MemoryViews) -> bool {
    let day = shown_kind(claim).facts_on(made.period);
    let gone = |adult: &PersonId| {
        let by_then = |on: Option<Date>| on.is_some_and(|on| on <= day);
        let last = claim.members.iter().rfind(|member| member.person == *adult);
        by_then(world.person(*adult).and_then(|view| view.died)) || by_then(last.and_then(|member| member.until))
    };
    claim.closed_on(day).is_some() || !made.adults.is_empty() && made.adults.iter().all(gone)
}

/// What the periods of a claim are, as they show it: only weeks all have seven days. A month cut to seven is a first one
/// and keeps the day of another.
fn shown_kind(claim: &ClaimView) -> PeriodKind {
    let mut periods: Vec<AssessmentPeriod> = claim.determined.iter().map(|made| made.period).collect();
    periods.sort_unstable();
    periods.dedup();
    let cut = periods.len() == 1 && claim.day_of.is_some();
    let weeks = !periods.is_empty() && periods.iter().all(|period| period.days() == 7);
    if weeks && !cut { PeriodKind::Week } else { PeriodKind::Month }
}

fn overtaken_of<'a>(
    claim: &'a ClaimView,
    world: &'a MemoryViews,
    rules: &'a Rules,
) -> impl Iterator<Item = (&'a Determined, Ended)> {
    let standing = claim.determined.iter().filter_map(|made| Some((made, ended(claim, world, made.period, rules)?)));
    standing.filter(|(made, _)| claim.standing(made.period).is_some_and(|standing| standing.event == made.event))
}

/// The claim without the decisions that were overtaken: nothing more is paid of them.
pub fn without_overtaken<'a>(claim: &'a ClaimView, world: &MemoryViews, rules: &Rules) -> Cow<'a, ClaimView> {
    let overtaken: Vec<AssessmentPeriod> = overtaken_of(claim, world, rules).map(|(made, _)| made.period).collect();
    if overtaken.is_empty() {
        return Cow::Borrowed(claim);
    }
    let mut claim = claim.clone();
    claim.determined.retain(|made| !overtaken.contains(&made.period));
    Cow::Owned(claim)
}
