//! Changes told late: which of them count for which period, where the pack says that they wait.
//!
//! A change counts from the first day of the period in which it happened (SI 2013/381 Sch. 1 para. 20). One that is to
//! the person's advantage and was told after that period counts only from the first day of the period in which it was told
//! (para. 21), unless more time was allowed (reg. 36: up to 13 months). A change to their disadvantage always counts from
//! its own period. Whether it is to their advantage is asked of the award: is it higher with the change than without?
//! What was told on one day of one day is one change, and is asked together.
//!
//! Some things are never late: pay, which employers report (para. 22); other benefits (para. 31); capability for work,
//! which is decided on medical evidence and has waiting times of its own (reg. 26; SI 2013/376 reg. 28). A claimant's
//! leaving ends the award of the couple and begins others: what was told of it after a period leaves that period as it is.
//! A fact that held from the first day on is no change but part of the first decision, which can be revised on any ground
//! within a month of being given (reg. 5).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::{ClaimFact, Role};
use schemas::{AssessmentPeriod, Money, PeriodKind};

use crate::engine::{Exact, Pack};
use crate::views::{ClaimView, MemoryViews};

/// Other benefits and what they entitle to (Sch. 1 para. 31).
const OTHER_BENEFITS: &[&str] = &[
    "disability_benefit",
    "disabled_child",
    "child_benefit",
    "other_capped_benefits",
    "state_pension_weekly",
    "jobseekers_allowance_weekly",
    "employment_and_support_allowance_weekly",
    "carers_allowance_weekly",
    "bereavement_benefits_weekly",
    "maternity_allowance_weekly",
    "industrial_injuries_weekly",
];

/// Capability for work (reg. 26).
const CAPABILITY: &[&str] = &[
    "lcw_since",
    "lcwra_since",
    "lcwra_route",
    "lcwra_found_from",
    "lcwra_evidence_on",
    "lcwra_wait_excused",
    "lcw_saving_ended",
];

/// In which period pay of employment counts (para. 22).
const PAY: &[&str] = &["pay_counts_on"];

/// The longest that reg. 36 lets somebody take, in months from the change.
const LONGEST_ALLOWED: i64 = 13;

/// What counts for a period: the world without the changes that were told too late for it. `award` is what a world gives
/// for the period, where it gives an answer.
pub fn heard<'a>(
    claim: &ClaimView,
    world: &'a MemoryViews,
    period: AssessmentPeriod,
    pack: &Pack,
    award: impl Fn(&MemoryViews) -> Option<Money>,
) -> Cow<'a, MemoryViews> {
    let waits =
        pack.parameter_on("notice.advantageous_changes_wait", period.first()).is_some_and(|yes| yes != Exact::ZERO);
    let late = if waits { Late::changes(claim, world, period, pack.periods()) } else { BTreeMap::new() };
    let parted = parted(claim, period);
    if parted.is_empty() && late.is_empty() {
        return Cow::Borrowed(world);
    }
    let mut out: BTreeSet<u64> = parted.into_iter().chain(late.values().flatten().copied()).collect();
    let mut heard = world.without(claim, &out);
    for change in late.values() {
        let without = award(&heard);
        let rest: BTreeSet<u64> = out.iter().filter(|position| !change.contains(position)).copied().collect();
        let with = world.without(claim, &rest);
        let advantageous = matches!((award(&with), without), (Some(with), Some(without)) if with > without);
        if !advantageous {
            (out, heard) = (rest, with);
        }
    }
    Cow::Owned(heard)
}

/// Where it stands that a claimant left, told after the period.
fn parted(claim: &ClaimView, period: AssessmentPeriod) -> Vec<u64> {
    let claimants = claim.members.iter().filter(|member| member.role == Role::Adult);
    claimants
        .filter_map(|member| member.left)
        .filter(|left| period.last() < left.on)
        .map(|left| left.position)
        .collect()
}

/// What was told after a period of days up to its end, and in no longer time that was allowed.
struct Late<'a> {
    claim: &'a ClaimView,
    period: AssessmentPeriod,
    entitled_from: Date,
    /// The last day on which what held from the first day could be told in time.
    first_decision_open_until: Date,
    /// The day we learned of the claim itself: what was told by then is part of it.
    claim_known: Date,
}

impl Late<'_> {
    /// Every late change by the day it was told and the day it happened: where its records stand.
    fn changes(
        claim: &ClaimView,
        world: &MemoryViews,
        period: AssessmentPeriod,
        kind: PeriodKind,
    ) -> BTreeMap<(Date, Date), Vec<u64>> {
        let mut changes: BTreeMap<(Date, Date), Vec<u64>> = BTreeMap::new();
        let Some(late) = Late::of(claim, period, kind) else { return changes };
        let mut add = |key: &str, told: Date, from: Date, position: u64| {
            if late.is_late(key, told, from) {
                changes.entry((told, from)).or_default().push(position);
            }
        };
        claim.facts.records().for_each(|(key, record)| add(key, record.told, record.from, record.position));
        for member in &claim.members {
            add("member", member.joined.on, member.from, member.joined.position);
            if let (Some(left), Some(until)) = (member.left.filter(|_| member.role != Role::Adult), member.until) {
                add("member", left.on, until, left.position);
            }
        }
        let people: BTreeSet<_> = claim.members.iter().map(|member| member.person).collect();
        for person in people.into_iter().filter_map(|person| world.person(person)) {
            person.facts.records().for_each(|(key, record)| add(key, record.told, record.from, record.position));
        }
        changes
    }

    fn of(claim: &ClaimView, period: AssessmentPeriod, kind: PeriodKind) -> Option<Late<'_>> {
        let entitled_from = claim.entitled_from?;
        let claim_known = claim.recorded_on?;
        let first = claim.cycle(kind)?.first()?;
        let first_decided = first.last().tomorrow().ok()?.max(claim.known_to_reach(first));
        let first_decision_open_until = first_decided.saturating_add(1.month());
        Some(Late { claim, period, entitled_from, first_decision_open_until, claim_known })
    }

    fn is_late(&self, key: &str, told: Date, from: Date) -> bool {
        let last = self.period.last();
        let in_time_until = if from > self.entitled_from { self.claim_known } else { self.first_decision_open_until };
        let too_late = from <= last && last < told && in_time_until < told;
        let never_late = [OTHER_BENEFITS, CAPABILITY, PAY].iter().any(|keys| keys.contains(&key));
        too_late && !never_late && !self.is_allowed(told, from)
    }

    /// Whether more time was allowed for changes of that day, and it was kept.
    fn is_allowed(&self, told: Date, from: Date) -> bool {
        self.claim.fact("late_notice_allowed", from) == Some(&ClaimFact::LateNoticeAllowed(true))
            && told <= from.saturating_add(LONGEST_ALLOWED.months())
    }
}
