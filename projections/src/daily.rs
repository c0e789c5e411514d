//! One day of the business: what has to be decided, and then what has to be paid.
//!
//! The same two questions are asked of the real ledger (`footing run`) and of a replayed history.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemas::events::Decision;
use schemas::{AssessmentPeriod, ClaimId, Cycle, PeriodKind};

use crate::award_end::{ended, without_overtaken};
use crate::entitlement::{EntitlementError, Rules, decide};
use crate::law::Law;
use crate::payments::{Calendar, Horizon, Planned, plan, plan_first};
use crate::views::{ClaimView, MemoryViews};

/// The periods of a claim whose facts are those of a day before this one and that were not decided, while there was an
/// award on that day: a month in which the award ends is not decided here.
pub fn undecided(claim: &ClaimView, kind: PeriodKind, day: Date) -> Vec<AssessmentPeriod> {
    let Some(cycle) = claim.cycle(kind) else { return Vec::new() };
    let decided = || claim.determined.iter().map(|determined| determined.period);
    let (first_decided, last_decided) = (decided().min(), decided().max());
    let mut periods = Vec::new();
    let mut next = cycle.first();
    while let Some(period) = next.filter(|period| kind.facts_on(*period) < day) {
        // Before the first decided period there are some where the first day of entitlement was moved.
        if Some(period) == first_decided {
            next = last_decided.and_then(|last| cycle.next(last));
            continue;
        }
        if claim.is_open_on(kind.facts_on(period)) {
            periods.push(period);
        }
        next = cycle.next(period);
    }
    periods
}

/// The first evening from a day on, on which a period of a claim may have to be decided, or it may have to be said that
/// one is not paid because the award ended; none once it is closed for good.
pub(crate) fn next_to_decide(claim: &ClaimView, world: &MemoryViews, rules: &Rules, day: Date) -> Option<Date> {
    let kind = rules.pack.periods();
    let cycle = claim.cycle(kind)?;
    let waits = undecided(claim, kind, day).into_iter().next();
    if waits.is_some_and(|period| ended(claim, world, period, rules).is_none()) {
        return Some(day);
    }
    let from = cycle.containing(day.yesterday().ok()?).or_else(|| cycle.first());
    let mut periods = std::iter::successors(from, |period| cycle.next(*period));
    let (period, evening) = periods.find_map(|period| {
        let evening = kind.facts_on(period).tomorrow().ok()?;
        (day <= evening).then_some((period, evening))
    })?;
    let closed = |(from, until): &(Date, Option<Date>)| until.is_none() && *from <= period.first();
    (!claim.closures.iter().any(closed)).then_some(evening)
}

/// What has to be decided next on the evening of a day: of each claim the first period that is due, because a later one
/// may rest on it (what was repaid of a debt), or why it cannot be. Asked again until there is nothing.
pub fn decisions<'a>(
    day: Date,
    world: &'a MemoryViews,
    law: &'a Law,
) -> impl Iterator<Item = (ClaimId, Result<Decision, EntitlementError>)> + 'a {
    due(day, world, law).map(move |(id, period, rules)| (id, decide(id, world, period, rules)))
}

/// The periods that have to be decided next on the evening of a day, and by which rules.
pub fn due<'a>(
    day: Date,
    world: &'a MemoryViews,
    law: &'a Law,
) -> impl Iterator<Item = (ClaimId, AssessmentPeriod, &'a Rules)> + 'a {
    world.claims().filter_map(move |(id, claim)| {
        let rules = law.of(claim)?;
        let next = undecided(claim, rules.pack.periods(), day).into_iter().next();
        let given = next.filter(|period| ended(claim, world, *period, rules).is_none());
        let period = given.filter(|period| could_be_decided(id, claim, *period, day, world, rules))?;
        Some((id, period, rules))
    })
}

/// Whether what had been recorded by the evening of a day was enough to decide a period. A run that goes through past days
/// knows what was recorded since, and must not pay on them what nobody could have decided.
fn could_be_decided(
    id: ClaimId,
    claim: &ClaimView,
    period: AssessmentPeriod,
    day: Date,
    world: &MemoryViews,
    rules: &Rules,
) -> bool {
    let people = claim.members.iter().filter_map(|member| world.person(member.person));
    let late = claim.late.iter().chain(people.flat_map(|person| &person.late));
    let later = late.filter(|late| day < late.recorded && late.from <= period.last());
    let later: BTreeSet<u64> = later.map(|late| late.position).collect();
    later.is_empty() || decide(id, &world.without(claim, &later), period, rules).is_ok()
}

/// The awards that have to leave on an evening so that they can be used when they are due: all due by its horizon, those
/// that travel by Bacs earlier, and where the first award does not wait, as much as the first period gives on the facts
/// known now.
pub fn payments(horizon: Horizon, world: &MemoryViews, law: &Law) -> Vec<Planned> {
    let day = horizon.day;
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
        planned.extend(plan(horizon, id, &without_overtaken(claim, world, rules), world, calendar));
    }
    planned
}
