//! What decisions post: of the first for a period what it gives, of one that replaces another the difference.
//!
//! What a decision gives is for the last day of its period. It counts as long as there is an award on the day that decides
//! the period: a claim that is closed from an earlier day, or whose last claimant died or left before, takes it back,
//! deductions included, and one that is reopened gives it again (`award_end`). That the last claimant reached pension age is
//! known before a period is decided, and needs no entry.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use schemas::events::{Days, Decision, DeterminationEvent, Payee, Purpose};
use schemas::{AssessmentPeriod, ClaimId, Cycle, DebtId, Money, PaymentId, PeriodKind, PersonId};

use super::account::Account;
use super::debts::is_of_third_party;
use super::dues::DueFor;
use super::entry::{Entry, Transfer};
use super::post::{About, Books};
use crate::views::decision_of;

/// What the books know of a claim.
#[derive(Clone, Debug)]
pub(super) struct ClaimBook {
    pub(super) benefit: Arc<str>,
    pub(super) entitled_from: Option<Date>,
    pub(super) day_of: Option<Date>,
    /// Days without an award: from a day on and, where it was reopened, up to the day before another.
    pub(super) closures: Vec<(Date, Option<Date>)>,
    /// Who left it and did not join again, with their first day without.
    pub(super) left: BTreeMap<PersonId, Date>,
    pub(super) periods: BTreeMap<AssessmentPeriod, PeriodBook>,
    /// Arrears paid for days that nothing was decided for here.
    pub(super) paid_before: Vec<(Days, PaymentId)>,
}

impl Default for ClaimBook {
    fn default() -> ClaimBook {
        let (entitled_from, day_of) = (None, None);
        let (closures, left, periods, paid_before) = (Vec::new(), BTreeMap::new(), BTreeMap::new(), Vec::new());
        ClaimBook { benefit: "".into(), entitled_from, day_of, closures, left, periods, paid_before }
    }
}

/// What stands for a period.
#[derive(Clone, Debug, Default)]
pub(super) struct PeriodBook {
    adults: Vec<PersonId>,
    pub(super) given: Given,
    /// Whether there was an award: else it gives nothing.
    pub(super) counts: bool,
}

/// What a decision gives, by the person entitled, or of a deduction the one who owes.
pub(super) type Given = BTreeMap<(PersonId, What), Money>;

/// A part of what a decision gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// A line, or several that differ only in whom they are for.
    Line(Payee, Purpose),
    /// What was taken for a debt.
    Deducted(DebtId),
}

impl What {
    const fn payee(self) -> Option<Payee> {
        match self {
            What::Line(payee, _) => Some(payee),
            What::Deducted(_) => None,
        }
    }
}

impl Books {
    /// A decision takes the place of the one before it.
    pub(super) fn determined(&mut self, about: &About, id: ClaimId, event: &DeterminationEvent) -> Vec<Entry> {
        let decision = decision_of(event);
        let how = match event {
            DeterminationEvent::AssessmentDetermined(_) => "decided",
            DeterminationEvent::DeterminationRevised(_) => "revised",
            DeterminationEvent::DeterminationSuperseded(_) => "superseded",
            DeterminationEvent::DeterminationCorrected(_) => "corrected",
        };
        let given = self.given(decision);
        self.decisions.insert(about.event, (id, decision.period));
        for adult in &decision.adults {
            self.claims_of.entry(*adult).or_default().insert(id);
        }
        let claim = self.claims.entry(id).or_default();
        let period = claim.periods.entry(decision.period).or_default();
        let before = counted(&period.given, period.counts);
        *period = PeriodBook { adults: decision.adults.clone(), given, counts: true };
        let counts = !claim.is_overtaken(decision.period, &self.died);
        let Some(period) = claim.periods.get_mut(&decision.period) else { return Vec::new() };
        period.counts = counts;
        let after = counted(&period.given, counts);
        let mut entries = self.give(about, id, decision.period, how, (&before, &after));
        entries.extend(self.paid_before(about, id, decision.period));
        entries
    }

    /// Takes back what was given for periods in which, as is known now, there was no award, and gives it again where there
    /// was one after all.
    pub(super) fn count_again(&mut self, about: &About, id: ClaimId) -> Vec<Entry> {
        let Some(claim) = self.claims.get_mut(&id) else { return Vec::new() };
        let mut changed = Vec::new();
        let periods: Vec<AssessmentPeriod> = claim.periods.keys().copied().collect();
        for of in periods {
            let counts = !claim.is_overtaken(of, &self.died);
            if let Some(period) = claim.periods.get_mut(&of).filter(|period| period.counts != counts) {
                period.counts = counts;
                changed.push((of, period.given.clone(), counts));
            }
        }
        let mut entries = Vec::new();
        for (period, given, counts) in changed {
            let how = if counts { "given again" } else { "not payable: it ended before" };
            let change = (&counted(&given, !counts), &counted(&given, counts));
            entries.extend(self.give(about, id, period, how, change));
        }
        entries
    }

    fn given(&self, decision: &Decision) -> Given {
        let mut given = Given::new();
        for line in &decision.lines {
            let entitled = if decision.adults.contains(&line.for_whom) { line.for_whom } else { decision.main_carer };
            *given.entry((entitled, What::Line(line.payee, line.purpose))).or_default() += line.amount.money();
        }
        for deducted in &decision.deducted {
            let debtor = self.debts.get(&deducted.debt).map_or(decision.main_carer, |debt| debt.person);
            *given.entry((debtor, What::Deducted(deducted.debt))).or_default() += deducted.amount.money();
        }
        given
    }

    /// Posts the difference: an entry for each person and payee.
    fn give(
        &mut self,
        about: &About,
        id: ClaimId,
        period: AssessmentPeriod,
        how: &str,
        (before, after): (&Given, &Given),
    ) -> Vec<Entry> {
        let benefit: Arc<str> = self.claims.get(&id).map_or_else(|| "".into(), |claim| claim.benefit.clone());
        let parts: BTreeSet<(PersonId, What)> = before.keys().chain(after.keys()).copied().collect();
        let whose: BTreeSet<(PersonId, Option<Payee>)> = parts.iter().map(|(who, what)| (*who, what.payee())).collect();
        let mut entries = Vec::new();
        for whose in whose {
            let own = parts.iter().filter(|(person, what)| (*person, what.payee()) == whose);
            let (mut transfers, mut touched) = (Vec::new(), BTreeSet::new());
            let (mut was, mut is) = (Money::ZERO, Money::ZERO);
            for part in own {
                let sum = |given: &Given| given.get(part).copied().unwrap_or_default();
                let (old, new) = (sum(before), sum(after));
                (was, is) = (was + old, is + new);
                transfers.extend(self.give_part(id, period, &benefit, *part, new - old, &mut touched));
            }
            if transfers.is_empty() {
                continue;
            }
            let instead = if was == Money::ZERO { String::new() } else { format!(" in place of {was}") };
            let what = if whose.1.is_some() { "award" } else { "deductions from the award" };
            let memo = format!("{what} of {period} {how}: {is}{instead}");
            entries.push(about.entry(period.last(), whose, memo, transfers));
            let touched: Vec<DueFor> = touched.into_iter().collect();
            entries.extend(self.put_right(about, about.day, whose, &touched));
        }
        entries
    }

    fn give_part(
        &mut self,
        id: ClaimId,
        period: AssessmentPeriod,
        benefit: &Arc<str>,
        (person, what): (PersonId, What),
        more: Money,
        touched: &mut BTreeSet<DueFor>,
    ) -> Vec<Transfer> {
        let transfers = match what {
            What::Line(payee, purpose) => {
                let due_for = DueFor::award(id, period, person, payee);
                self.due(due_for).owe(payee, more);
                touched.insert(due_for);
                [Transfer::new(Account::Award(benefit.clone(), purpose), due_for.account(payee), more), None]
            }
            What::Deducted(debt) => {
                let kind = self.kind_of(debt);
                if let Some(due_for) = self.debts.get(&debt).and_then(|debt| debt.of) {
                    self.due(due_for).lend(-more);
                    touched.insert(due_for);
                }
                let collected = if is_of_third_party(kind) {
                    let due_for = DueFor::Creditor(debt);
                    let payee = Payee::Creditor(debt);
                    self.due(due_for).owe(payee, more);
                    touched.insert(due_for);
                    Transfer::new(Account::Uncollected, due_for.account(payee), more)
                } else {
                    None
                };
                [Transfer::new(Account::Deducted(benefit.clone()), Account::Debt(kind), more), collected]
            }
        };
        transfers.into_iter().flatten().collect()
    }
}

/// What counts of what a decision gives: nothing where there was no award, and what it took for debts is owed again.
fn counted(given: &Given, counts: bool) -> Given {
    if counts { given.clone() } else { Given::new() }
}

impl ClaimBook {
    /// Whether there was no award, as is known now, on the day whose facts decide a period.
    fn is_overtaken(&self, period: AssessmentPeriod, died: &BTreeMap<PersonId, Date>) -> bool {
        let day = self.kind().facts_on(period);
        let adults = self.periods.get(&period).map_or(&[][..], |period| &period.adults);
        let gone = |adult: &PersonId| {
            let by_then = |on: Option<&Date>| on.is_some_and(|on| *on <= day);
            by_then(died.get(adult)) || by_then(self.left.get(adult))
        };
        self.is_closed_on(day) || !adults.is_empty() && adults.iter().all(gone)
    }

    pub(super) fn is_closed_on(&self, day: Date) -> bool {
        self.closures.iter().any(|(from, until)| *from <= day && until.is_none_or(|until| day < until))
    }

    /// What its periods are, as they show it: only weeks all have seven days. A month cut to seven is a first one and
    /// keeps the day of another.
    pub(super) fn kind(&self) -> PeriodKind {
        let all_weeks = self.periods.keys().all(|period| period.days() == 7);
        let cut = self.periods.len() == 1 && self.day_of.is_some();
        if all_weeks && !cut && !self.periods.is_empty() { PeriodKind::Week } else { PeriodKind::Month }
    }

    /// Its periods from the first decided on.
    pub(super) fn cycle(&self) -> Option<Cycle> {
        let first = self.periods.keys().next()?.first();
        Some(match self.kind() {
            PeriodKind::Week | PeriodKind::WeekFromMonday => Cycle::Weekly { from: first },
            PeriodKind::Month => Cycle::of_claim(PeriodKind::Month, self.entitled_from?, self.day_of),
        })
    }
}
