//! One day of the business: what has to be decided, and then what has to be paid.
//!
//! The same two questions are asked of the real ledger (`footing run`) and of a replayed history.

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::Decision;
use schemas::{AssessmentPeriod, ClaimId, Cycle, Money, PeriodKind};

use crate::entitlement::{EntitlementError, decide};
use crate::law::Law;
use crate::payments::{Calendar, Planned, instructed, plan, plan_first};
use crate::views::{ClaimView, MemoryViews};

/// The periods of a claim whose facts are those of a day before this one and that were not decided, while there was an
/// award on that day: a month in which the award ends is not decided here.
pub fn undecided(claim: &ClaimView, kind: PeriodKind, day: Date) -> Vec<AssessmentPeriod> {
    let Some(cycle) = claim.cycle(kind) else { return Vec::new() };
    let after = claim.determined.iter().map(|determined| determined.period.last()).max();
    let mut periods = Vec::new();
    let mut next = match after {
        Some(last) => last.tomorrow().ok().and_then(|day| cycle.containing(day)),
        None => cycle.first(),
    };
    while let Some(period) = next.filter(|period| kind.facts_on(*period) < day) {
        if claim.is_open_on(kind.facts_on(period)) {
            periods.push(period);
        }
        next = cycle.next(period);
    }
    periods
}

/// What has to be decided next on the evening of a day: of each claim the first period that is due, because a later one
/// may rest on it (what was repaid of a debt), or why it cannot be. Asked again until there is nothing.
pub fn decisions(day: Date, world: &MemoryViews, law: &Law) -> Vec<(ClaimId, Result<Decision, EntitlementError>)> {
    let mut decisions = Vec::new();
    for (id, claim) in world.claims() {
        let Some(rules) = law.of(claim) else { continue };
        let kind = rules.pack.periods();
        let next = undecided(claim, kind, day).into_iter().next();
        if let Some(period) = next.filter(|period| !nobody_is_left(claim, world, kind.facts_on(*period))) {
            decisions.push((id, decide(id, world, period, rules)));
        }
    }
    decisions
}

/// Whether every adult of a claim has died by a day: the award ended with them.
pub(crate) fn nobody_is_left(claim: &ClaimView, world: &MemoryViews, day: Date) -> bool {
    let mut adults = claim.adults_on(day).filter_map(|adult| world.person(adult)).peekable();
    adults.peek().is_some() && adults.all(|adult| adult.died.is_some_and(|died| died <= day))
}

/// Decided periods for which more or less was instructed than is due: a decision replaced another, or the award had ended
/// by then and it was told later. Nothing plans the difference yet, so that it has to be said.
pub fn differences(world: &MemoryViews, law: &Law) -> Vec<(ClaimId, AssessmentPeriod, Money)> {
    let mut differences = Vec::new();
    for (id, claim) in world.claims() {
        let Some(rules) = law.of(claim) else { continue };
        for determined in &claim.determined {
            let standing = claim.standing(determined.period).is_some_and(|standing| standing.event == determined.event);
            let day = rules.pack.periods().facts_on(determined.period);
            let ended = !claim.is_open_on(day) || nobody_is_left(claim, world, day);
            if standing && (claim.is_replacing(determined) || ended) {
                let paid = instructed(id, determined.period, claim, world);
                let difference = if ended { Money::ZERO } else { determined.payment } - paid;
                // Where nothing was instructed yet the plan pays the decision that stands.
                let differs = difference != Money::ZERO && paid != Money::ZERO;
                differences.extend(differs.then_some((id, determined.period, difference)));
            }
        }
    }
    differences
}

/// What has to be paid so that it can be used on the next day at the latest: all awards due by then, and where the
/// first award does not wait, as much as the first period gives on the facts known now.
pub fn payments(day: Date, world: &MemoryViews, law: &Law) -> Vec<Planned> {
    let due_by = day.saturating_add(1.day());
    let mut planned = Vec::new();
    for (id, claim) in world.claims() {
        let Some(rules) = law.of(claim) else { continue };
        let Some(entitled_from) = claim.entitled_from.filter(|from| *from <= day) else { continue };
        let calendar = Calendar::of(&rules.pack, entitled_from);
        let first = claim.cycle(calendar.periods).and_then(Cycle::first);
        let first = first.filter(|period| !calendar.first_wait && day <= period.last());
        if let Some(decision) = first.and_then(|period| decide(id, world, period, rules).ok()) {
            planned.extend(plan_first(day, id, claim, world, &decision, calendar));
        }
        planned.extend(plan(day, due_by, id, claim, world, calendar));
    }
    planned
}
