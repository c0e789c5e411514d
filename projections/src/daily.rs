//! One day of the business: what has to be decided, and then what has to be paid.
//!
//! The same two questions are asked of the real ledger (`footing run`) and of a replayed history.

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::Decision;
use schemas::{AssessmentPeriod, ClaimId, Cycle, Money, PeriodKind};

use crate::entitlement::{EntitlementError, Rules, decide};
use crate::payments::{Calendar, Planned, instructed, plan, plan_first};
use crate::views::{ClaimView, MemoryViews};

/// The periods of a claim that have ended before a day and were not decided, while there was an award on their last
/// day: a period in which the award ends is not decided here.
pub fn undecided(claim: &ClaimView, kind: PeriodKind, day: Date) -> Vec<AssessmentPeriod> {
    let Some(cycle) = claim.cycle(kind) else { return Vec::new() };
    let after = claim.determined.iter().map(|determined| determined.period.last()).max();
    let mut periods = Vec::new();
    let mut next = match after {
        Some(last) => last.tomorrow().ok().and_then(|day| cycle.containing(day)),
        None => cycle.first(),
    };
    while let Some(period) = next.filter(|period| period.last() < day) {
        if claim.is_open_on(period.last()) {
            periods.push(period);
        }
        next = cycle.next(period);
    }
    periods
}

/// What has to be decided next on the evening of a day: of each claim the first period that is due, because a later one
/// may rest on it (what was repaid of a debt), or why it cannot be. Asked again until there is nothing.
pub fn decisions(day: Date, world: &MemoryViews, rules: &Rules) -> Vec<(ClaimId, Result<Decision, EntitlementError>)> {
    let mut decisions = Vec::new();
    for (id, claim) in world.claims().filter(|(_, claim)| claim.benefit == rules.benefit()) {
        let next = undecided(claim, rules.pack.periods(), day).into_iter().next();
        if let Some(period) = next.filter(|period| !nobody_is_left(claim, world, *period)) {
            decisions.push((id, decide(id, world, period, rules)));
        }
    }
    decisions
}

/// Whether every adult of a claim has died by the end of a period: the award ended with them.
fn nobody_is_left(claim: &ClaimView, world: &MemoryViews, period: AssessmentPeriod) -> bool {
    let mut adults = claim.adults_on(period.last()).filter_map(|adult| world.person(adult)).peekable();
    adults.peek().is_some() && adults.all(|adult| adult.died.is_some_and(|died| died <= period.last()))
}

/// Decisions that replaced another and give a person more or less than was instructed: nothing plans the difference yet,
/// so that it has to be said.
pub fn differences(world: &MemoryViews, benefit: &str) -> Vec<(ClaimId, AssessmentPeriod, Money)> {
    let mut differences = Vec::new();
    for (id, claim) in world.claims().filter(|(_, claim)| claim.benefit == benefit) {
        for determined in &claim.determined {
            let replaces = claim
                .determined
                .iter()
                .any(|other| other.period == determined.period && other.event != determined.event);
            let standing = claim.standing(determined.period).is_some_and(|standing| standing.event == determined.event);
            if replaces && standing {
                let difference = determined.payment - instructed(id, determined.period, claim, world);
                differences.extend((difference != Money::ZERO).then_some((id, determined.period, difference)));
            }
        }
    }
    differences
}

/// What has to be paid so that it can be used on the next day at the latest: all awards due by then, and where the
/// first award does not wait, as much as the first period gives on the facts known now.
pub fn payments(day: Date, world: &MemoryViews, rules: &Rules) -> Vec<Planned> {
    let calendar = |first: Date| Calendar::of(&rules.pack, first);
    let due_by = day.saturating_add(1.day());
    let mut planned = Vec::new();
    for (id, claim) in world.claims().filter(|(_, claim)| claim.benefit == rules.benefit()) {
        let Some(entitled_from) = claim.entitled_from.filter(|from| *from <= day) else { continue };
        let waits = calendar(entitled_from).first_wait;
        let first =
            claim.cycle(rules.pack.periods()).and_then(Cycle::first).filter(|period| !waits && day <= period.last());
        if let Some(decision) = first.and_then(|period| decide(id, world, period, rules).ok()) {
            planned.extend(plan_first(day, id, claim, world, &decision, calendar(entitled_from)));
        }
        planned.extend(plan(day, due_by, id, claim, world, calendar(entitled_from)));
    }
    planned
}
