//! What is kept back of money owed late, for a top-up that was paid for the same days: it is owed no more, and that much
//! of the top-up was no gift.

use schemas::events::TopUpRecovered;
use schemas::{Money, PaymentId, PersonId};

use super::account::Account;
use super::dues::DueFor;
use super::entry::{Entry, Transfer};
use super::post::{About, Books, only};

/// What was kept back for one top-up.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    /// Of what.
    parts: Vec<(DueFor, Money)>,
    /// Whether the top-up came back or was called off: then all of it is owed again.
    undone: bool,
}

impl Books {
    pub(super) fn recovered(&mut self, about: &About, person: PersonId, new: &TopUpRecovered) -> Vec<Entry> {
        let TopUpRecovered { top_up, claim, period, payee, .. } = *new;
        let (amount, due_for) = (new.amount.money(), DueFor::award(claim, period, person, payee));
        self.kept.entry(top_up).or_default().parts.push((due_for, amount));
        let due = self.due(due_for);
        due.keep(amount);
        let whose = (person, Some(payee));
        let memo = format!("{amount} of the award of {period} kept back: top-up {top_up} was paid for the same days");
        let transfers = only(Transfer::new(due_for.account(payee), Account::TopUps, amount));
        let mut entries = vec![about.entry(about.from, whose, memo, transfers)];
        entries.extend(self.put_right(about, about.from, whose, &[due_for]));
        entries
    }

    /// A top-up came back or was called off, or left again after that: what was kept back for it follows.
    pub(super) fn recount_kept(&mut self, about: &About, top_up: PaymentId, undone: bool) -> Vec<Entry> {
        let whose = self.payments.get(&top_up).map(|paid| (paid.person, Some(paid.payee)));
        let (Some(kept), Some(whose)) = (self.kept.get_mut(&top_up).filter(|kept| kept.undone != undone), whose) else {
            return Vec::new();
        };
        kept.undone = undone;
        let parts = kept.parts.clone();
        parts.iter().for_each(|(due_for, amount)| self.due(*due_for).may_keep(if undone { -*amount } else { *amount }));
        let touched: Vec<DueFor> = parts.iter().map(|(due_for, _)| *due_for).collect();
        self.put_right(about, about.from, whose, &touched)
    }

    /// What is kept back as things stand.
    pub(super) fn kept_back(&self) -> Money {
        self.dues.values().map(|due| due.kept_back()).sum()
    }
}
