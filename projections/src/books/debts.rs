//! What debts post. A debt is an asset from the day it is registered; what makes it is the other side: money lent, money
//! overpaid, what a third party is to be given once it was collected, or something outside these books.

use jiff::civil::Date;
use ledger::debt::SET_OFF;
use schemas::events::{DebtEvent, DebtKind, DebtRecoveryDecided, DebtRegistered, HardshipAwarded, Payee};
use schemas::{AssessmentPeriod, ClaimId, DebtId, Money, PersonId};

use super::account::{Account, OwedTo};
use super::dues::DueFor;
use super::entry::{Entry, Transfer};
use super::post::{About, Books, only, take};
use crate::debt_kinds::{Source, terms_of};

/// What the books know of a debt.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwnDebt {
    pub(super) person: PersonId,
    pub(super) kind: DebtKind,
    /// What was overpaid that it is made of, where a decision on recovery made it.
    pub(super) of: Option<DueFor>,
}

impl Books {
    pub(super) fn debt(&mut self, about: &About, person: PersonId, event: &DebtEvent) -> Vec<Entry> {
        match event {
            DebtEvent::DebtRegistered(registered) => self.registered(about, person, registered),
            DebtEvent::DebtWaived(waived) => {
                let memo = format!("debt {} waived: {}", waived.debt, waived.reason);
                self.lower(about, about.day, waived.debt, Account::Waived, waived.amount.money(), memo)
            }
            DebtEvent::DebtWrittenOff(written_off) => {
                let memo = format!("debt {} written off: {}", written_off.debt, written_off.reason);
                if written_off.reason == SET_OFF {
                    return self.set_off(about, written_off.debt, written_off.amount.money(), memo);
                }
                self.lower(about, about.day, written_off.debt, Account::WrittenOff, written_off.amount.money(), memo)
            }
            DebtEvent::DebtRepaid(repaid) => {
                let with = repaid.reference.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
                let memo = format!("debt {} repaid{with}", repaid.debt);
                self.lower(about, repaid.on, repaid.debt, Account::Repayments, repaid.amount.money(), memo)
            }
            DebtEvent::DebtRecoveryDecided(decided) => self.recovery(about, person, decided),
            // How a debt is to be paid back, and whom it is paid to: no money moves.
            DebtEvent::DebtDeductionSet(_) | DebtEvent::DebtPlanAgreed(_) | DebtEvent::DebtCreditorRecorded(_) => {
                Vec::new()
            }
        }
    }

    /// A hardship payment is owed, and a debt from the same moment.
    pub(super) fn hardship(&mut self, about: &About, person: PersonId, awarded: &HardshipAwarded) -> Vec<Entry> {
        let amount = awarded.amount().unwrap_or_default();
        let memo = format!("hardship payment awarded for {} days from {}", awarded.days, awarded.from);
        self.lent(about, person, awarded.debt, (DebtKind::Hardship, DueFor::Hardship(person)), amount, memo)
    }

    fn registered(&mut self, about: &About, person: PersonId, new: &DebtRegistered) -> Vec<Entry> {
        let (kind, amount) = (new.kind, new.amount.money());
        let memo = format!("{} of {amount} registered: debt {}", kind.name().replace('_', " "), new.debt);
        match terms_of(kind).source {
            Source::Advance => self.lent(about, person, new.debt, (kind, DueFor::Advances(person)), amount, memo),
            Source::ThirdParty => {
                self.debts.insert(new.debt, OwnDebt { person, kind, of: None });
                let owes = only(Transfer::new(Account::Debt(kind), Account::Uncollected, amount));
                vec![about.entry(about.day, (person, None), memo, owes)]
            }
            Source::Overpaid | Source::Hardship | Source::State => {
                self.debts.insert(new.debt, OwnDebt { person, kind, of: None });
                let of = new.cause.and_then(|cause| self.decisions.get(&cause).copied());
                let of = of.filter(|_| terms_of(kind).source == Source::Overpaid);
                let mut left = amount;
                let touched = of.map(|of| self.take_overpaid(person, of, &mut left)).unwrap_or_default();
                let debt = || Account::Debt(kind);
                let transfers = [
                    Transfer::new(debt(), Account::Overpaid, amount - left),
                    Transfer::new(debt(), Account::TakenOver, left),
                ];
                let whose = (person, None);
                let mut entries = vec![about.entry(about.day, whose, memo, transfers.into_iter().flatten().collect())];
                entries.extend(self.put_right(about, about.day, whose, &touched));
                entries
            }
        }
    }

    fn lent(
        &mut self,
        about: &About,
        person: PersonId,
        debt: DebtId,
        (kind, due_for): (DebtKind, DueFor),
        amount: Money,
        memo: String,
    ) -> Vec<Entry> {
        self.debts.insert(debt, OwnDebt { person, kind, of: None });
        self.due(due_for).owe(Payee::Person(person), amount);
        let whose = (person, Some(Payee::Person(person)));
        let owed = only(Transfer::new(Account::Debt(kind), Account::Owed(OwedTo::People), amount));
        let mut entries = vec![about.entry(about.day, whose, memo, owed)];
        entries.extend(self.put_right(about, about.day, whose, &[due_for]));
        entries
    }

    /// A debt becomes less. What a third party is owed becomes less with it: it is not ours to give up or to receive.
    fn lower(
        &mut self,
        about: &About,
        day: Date,
        debt: DebtId,
        against: Account,
        amount: Money,
        memo: String,
    ) -> Vec<Entry> {
        let Some(OwnDebt { person, kind, of }) = self.debts.get(&debt).copied() else { return Vec::new() };
        let against = if is_of_third_party(kind) { Account::Uncollected } else { against };
        let given_up = against != Account::Repayments;
        let transfers = only(Transfer::new(against, Account::Debt(kind), amount));
        let mut entries = vec![about.entry(day, (person, None), memo, transfers)];
        if let Some(due_for) = of {
            let due = self.due(due_for);
            due.lend(-amount);
            if given_up {
                due.bear(amount);
            }
            entries.extend(self.put_right(about, about.day, (person, None), &[due_for]));
        }
        entries
    }

    /// What came due after all for the period of an overpayment is set against the debt that was made of it.
    fn set_off(&mut self, about: &About, debt: DebtId, amount: Money, memo: String) -> Vec<Entry> {
        let Some(OwnDebt { person, kind, of }) = self.debts.get(&debt).copied() else { return Vec::new() };
        let Some(due_for) = of else { return self.lower(about, about.day, debt, Account::WrittenOff, amount, memo) };
        let (payee, whose) = (Payee::Person(person), (person, Some(Payee::Person(person))));
        let due = self.due(due_for);
        due.lend(-amount);
        due.owe(payee, -amount);
        let transfers = only(Transfer::new(due_for.account(payee), Account::Debt(kind), amount));
        let mut entries = vec![about.entry(about.day, whose, memo, transfers)];
        entries.extend(self.put_right(about, about.day, whose, &[due_for]));
        entries
    }

    /// What was overpaid becomes a debt as far as it is to be recovered; the rest is borne.
    fn recovery(&mut self, about: &About, person: PersonId, decided: &DebtRecoveryDecided) -> Vec<Entry> {
        let DebtRecoveryDecided { claim, period, overpaid, recoverable, debt, .. } = decided;
        let recovered = if debt.is_some() { recoverable.money() } else { Money::ZERO };
        let borne = overpaid.money() - recovered;
        let kind = DebtKind::Overpayment;
        let own = DueFor::Period(*claim, *period, person);
        self.debts.extend(debt.map(|debt| (debt, OwnDebt { person, kind, of: Some(own) })));
        let due = self.due(own);
        due.decided(overpaid.money());
        due.lend(recovered);
        due.bear(borne);
        let transfers = [
            Transfer::new(Account::Debt(kind), Account::Overpaid, recovered),
            Transfer::new(Account::NotRecovered, Account::Overpaid, borne),
        ];
        let memo = format!("of {overpaid} overpaid for {period} {recovered} is recovered: {}", decided.reason);
        let whose = (person, Some(Payee::Person(person)));
        let mut entries = vec![about.entry(about.day, whose, memo, transfers.into_iter().flatten().collect())];
        entries.extend(self.put_right(about, about.day, whose, &[own]));
        entries
    }

    /// Takes what was overpaid for a period: to the person first, then to whomever. What was not overpaid is left.
    fn take_overpaid(
        &mut self,
        person: PersonId,
        (claim, period): (ClaimId, AssessmentPeriod),
        left: &mut Money,
    ) -> Vec<DueFor> {
        let of_period = |due_for: &DueFor| matches!(due_for, DueFor::Period(c, p, _) if (*c, *p) == (claim, period));
        let mut touched: Vec<DueFor> = self.dues.keys().filter(|due_for| of_period(due_for)).copied().collect();
        touched.sort_by_key(|due_for| *due_for != DueFor::Period(claim, period, person));
        for due_for in &touched {
            let due = self.due(*due_for);
            let taken = take(left, due.overpaid());
            due.decided(taken);
        }
        touched
    }

    pub(super) fn kind_of(&self, debt: DebtId) -> DebtKind {
        self.debts.get(&debt).map_or(DebtKind::ThirdParty, |debt| debt.kind)
    }
}

/// Whether what is collected for a debt belongs to somebody else.
pub(super) const fn is_of_third_party(kind: DebtKind) -> bool {
    matches!(terms_of(kind).source, Source::ThirdParty)
}
