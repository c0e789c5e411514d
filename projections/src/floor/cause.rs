//! Why a day was in breach: replay with one cause removed, then two, then more, and see which replays are without it.
//! How a history looks without a cause is the caller's to say; this file only searches.
//!
//! The search is bounded. Each cause alone is tried; for days that no cause alone explains, each pair and then each
//! three; and for days that are still left, all causes together, shrunk one by one to a set of which none can be spared.
//! Up to three causes the smallest sets are complete; a larger one is irreducible, and perhaps not the only one.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::credit::Purposes;
use super::days::{Days, plus};
use super::views::{PersonLedger, View, judge};

/// The causes of the breach days in one view, in runs of days with the same answer.
///
/// `replay` gives the person's history with the causes of a set removed, and with none removed for the empty set.
/// `candidates` are the causes worth trying: those that occur in the history.
pub fn causes(
    replay: impl Fn(&CauseSet) -> PersonLedger,
    candidates: CauseSet,
    view: View,
    purposes: Purposes,
    days: Days,
) -> Vec<CausedDays> {
    let breaches = |removed: CauseSet| judge(&replay(&removed), view, purposes, days);
    let as_it_was = breaches(CauseSet::default());
    let mut search = Search {
        found: as_it_was.by_day().map(|(day, _)| (day, Finding::default())).collect(),
        removes: |removed: CauseSet, day: &[Date]| {
            let gaps = breaches(removed);
            day.iter().map(|day| gaps.on(*day).is_none()).collect()
        },
    };
    search.sets_of_up_to_three(candidates);
    search.larger_sets(candidates);
    runs(search.found)
}

/// Days in a row with the same causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CausedDays {
    /// The days.
    pub days: Days,
    /// What removes them.
    pub finding: Finding,
}

/// What removes a day of breach. Nothing does where the rule's level is the cause.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// Each cause that removes it alone.
    pub alone: CauseSet,
    /// Where no cause does alone: each pair that does together.
    pub pairs: Vec<CauseSet>,
    /// The smallest sets that remove it.
    pub smallest: Vec<CauseSet>,
}

impl Finding {
    /// The set to count the day under: the first of the smallest, or the level of the rule.
    pub fn counted_under(&self) -> CauseSet {
        self.smallest.first().copied().unwrap_or(CauseSet::of(&[Cause::RuleLevel]))
    }
}

/// Why a day can be in breach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The wait for the first award. Removed: it is usable on the claim day.
    Wait,
    /// A sanction. Removed: its amount is zero.
    Sanction,
    /// A deduction. Removed: its amount is zero.
    Deduction,
    /// The benefit cap. Removed: its amount is zero.
    Cap,
    /// A suspension. Removed: not suspended.
    Suspended,
    /// A payment later than due. Removed: usable when nominally due.
    LatePayment,
    /// A payment that came back. Removed: usable when nominally due.
    ReturnedPayment,
    /// A weekend or bank holiday. Removed: usable when nominally due.
    Calendar,
    /// A change notified late. Removed: notified when effective.
    LateReport,
    /// An entitlement not claimed. Removed: claimed when first entitled.
    Unclaimed,
    /// A separation. Removed: claim and payees unchanged.
    Separation,
    /// Money that went to another person. Removed: the payee rule followed.
    Misdirected,
    /// A claim closed. Removed: not closed.
    Closed,
    /// Pay that came at once for many days. Removed: spread over the days it is for.
    EarningsTiming,
    /// The costs of going to work. Removed: no outflow.
    WorkCost,
    /// A condition of entitlement that excludes. Removed: not excluded.
    Ineligible,
    /// None of the others removes it: the rule gives too little.
    RuleLevel,
}

impl Cause {
    /// The word for it, as FLOOR.md and files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Cause::Wait => "wait",
            Cause::Sanction => "sanction",
            Cause::Deduction => "deduction",
            Cause::Cap => "cap",
            Cause::Suspended => "suspended",
            Cause::LatePayment => "late_payment",
            Cause::ReturnedPayment => "returned_payment",
            Cause::Calendar => "calendar",
            Cause::LateReport => "late_report",
            Cause::Unclaimed => "unclaimed",
            Cause::Separation => "separation",
            Cause::Misdirected => "misdirected",
            Cause::Closed => "closed",
            Cause::EarningsTiming => "earnings_timing",
            Cause::WorkCost => "work_cost",
            Cause::Ineligible => "ineligible",
            Cause::RuleLevel => "rule_level",
        }
    }

    /// Every cause that can be removed, in the order in which they are tried. [`Cause::RuleLevel`] cannot.
    pub const REMOVABLE: [Cause; 16] = [
        Cause::Wait,
        Cause::Sanction,
        Cause::Deduction,
        Cause::Cap,
        Cause::Suspended,
        Cause::LatePayment,
        Cause::ReturnedPayment,
        Cause::Calendar,
        Cause::LateReport,
        Cause::Unclaimed,
        Cause::Separation,
        Cause::Misdirected,
        Cause::Closed,
        Cause::EarningsTiming,
        Cause::WorkCost,
        Cause::Ineligible,
    ];
}

/// A set of causes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CauseSet(u32);

impl CauseSet {
    /// These causes.
    pub fn of(causes: &[Cause]) -> CauseSet {
        causes.iter().fold(CauseSet::default(), |set, cause| set.with(*cause))
    }

    /// Whether the cause is in it.
    pub const fn has(self, cause: Cause) -> bool {
        self.0 & 1 << cause as u32 != 0
    }

    /// The set with one more.
    #[must_use]
    pub const fn with(self, cause: Cause) -> CauseSet {
        CauseSet(self.0 | 1 << cause as u32)
    }

    /// The set with one less.
    #[must_use]
    pub const fn without(self, cause: Cause) -> CauseSet {
        CauseSet(self.0 & !(1 << cause as u32))
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its causes in order; [`Cause::RuleLevel`] last.
    pub fn causes(self) -> impl Iterator<Item = Cause> {
        Cause::REMOVABLE.into_iter().chain([Cause::RuleLevel]).filter(move |cause| self.has(*cause))
    }
}

/// The breach days and what was found out about each so far.
struct Search<R> {
    found: Vec<(Date, Finding)>,
    /// Of each of the days, whether it is no breach with these causes removed.
    removes: R,
}

impl<R: Fn(CauseSet, &[Date]) -> Vec<bool>> Search<R> {
    fn sets_of_up_to_three(&mut self, candidates: CauseSet) {
        let causes: Vec<Cause> = candidates.without(Cause::RuleLevel).causes().collect();
        let sets = |size: usize| subsets(&causes, size);
        for size in 1..=3 {
            let open = self.open();
            if open.is_empty() {
                return;
            }
            for set in sets(size) {
                self.note(set, size, &open);
            }
        }
    }

    /// For days that even all causes together do not remove, nothing is found: the rule's level.
    fn larger_sets(&mut self, candidates: CauseSet) {
        let all = candidates.without(Cause::RuleLevel);
        let open = self.open();
        let mut left = if open.is_empty() || all.causes().count() <= 3 { Vec::new() } else { self.removed(all, &open) };
        while let Some(place) = left.first().copied() {
            let set = self.shrunk(all, place);
            let together = self.removed(set, &left);
            for place in &together {
                self.found[*place].1.smallest.push(set);
            }
            left.retain(|place| !together.contains(place));
        }
    }

    /// The places of days that nothing removes so far.
    fn open(&self) -> Vec<usize> {
        (0..self.found.len()).filter(|place| self.found[*place].1.smallest.is_empty()).collect()
    }

    /// Of these places, those whose day the set removes.
    fn removed(&self, set: CauseSet, places: &[usize]) -> Vec<usize> {
        let days: Vec<Date> = places.iter().map(|place| self.found[*place].0).collect();
        let removed = (self.removes)(set, &days);
        places.iter().zip(removed).filter(|(_, removed)| *removed).map(|(place, _)| *place).collect()
    }

    fn note(&mut self, set: CauseSet, size: usize, open: &[usize]) {
        for place in self.removed(set, open) {
            let finding = &mut self.found[place].1;
            finding.smallest.push(set);
            match size {
                1 => finding.alone = CauseSet(finding.alone.0 | set.0),
                2 => finding.pairs.push(set),
                _ => {}
            }
        }
    }

    /// A set that removes the day and of which no cause can be spared, starting from one that does.
    fn shrunk(&self, all: CauseSet, place: usize) -> CauseSet {
        all.causes().fold(all, |set, cause| {
            let smaller = set.without(cause);
            if self.removed(smaller, &[place]).is_empty() { set } else { smaller }
        })
    }
}

/// Every set of this many of the causes, in order.
fn subsets(causes: &[Cause], size: usize) -> Vec<CauseSet> {
    match (size, causes.split_first()) {
        (0, _) => vec![CauseSet::default()],
        (_, None) => Vec::new(),
        (_, Some((first, rest))) => {
            let with = subsets(rest, size - 1).into_iter().map(|set| set.with(*first));
            with.chain(subsets(rest, size)).collect()
        }
    }
}

/// Joins neighbouring days with the same finding.
fn runs(found: Vec<(Date, Finding)>) -> Vec<CausedDays> {
    let mut runs: Vec<CausedDays> = Vec::new();
    for (day, finding) in found {
        match runs.last_mut() {
            Some(run) if run.finding == finding && plus(run.days.to(), 1) == day => {
                run.days = Days::new(run.days.from(), day).unwrap_or(run.days);
            }
            Some(_) | None => runs.push(CausedDays { days: Days::one(day), finding }),
        }
    }
    runs
}

#[cfg(test)]
mod tests;
