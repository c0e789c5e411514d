//! What is due to one person for one thing, and in which accounts it stands.
//!
//! What was given less what was instructed is owed, to the person or to a landlord for them; or it was returned and is to
//! be sent again; or, below zero, it was overpaid. Entries first say what happened; where that leaves money in the wrong
//! one of these accounts, a second entry moves it and says why. Whose money a payment is follows `arrears.rs`: its payee's,
//! or of what a landlord gets that of the person it is paid for.

use std::cmp::Ordering;

use schemas::events::Payee;
use schemas::{AssessmentPeriod, ClaimId, DebtId, Money, PaymentId, PersonId};

use super::account::{Account, OwedTo};
use super::entry::Transfer;

/// What something is due for, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DueFor {
    /// The award of a period, as far as it is a person's.
    Period(ClaimId, AssessmentPeriod, PersonId),
    /// Advances lent to a person.
    Advances(PersonId),
    /// Hardship payments awarded to a person.
    Hardship(PersonId),
    /// What was deducted for a third party's debt.
    Creditor(DebtId),
    /// A payment that is its own ground: a grant, or arrears for days decided elsewhere.
    Payment(PaymentId),
}

impl DueFor {
    /// The award of a period: its payee's, or of what a landlord gets that of the person entitled.
    pub(super) const fn award(claim: ClaimId, period: AssessmentPeriod, entitled: PersonId, payee: Payee) -> DueFor {
        let whose = match payee {
            Payee::Person(payee) => payee,
            Payee::Landlord | Payee::Creditor(_) => entitled,
        };
        DueFor::Period(claim, period, whose)
    }

    /// The account it is owed from, to a payee.
    pub(super) const fn account(self, payee: Payee) -> Account {
        match self {
            DueFor::Period(..) | DueFor::Payment(_) => Account::owed_to(payee),
            DueFor::Advances(_) | DueFor::Hardship(_) | DueFor::Creditor(_) => self.own_account(),
        }
    }

    /// The account it is owed from where it is not a landlord's.
    const fn own_account(self) -> Account {
        match self {
            DueFor::Period(..) | DueFor::Payment(_) | DueFor::Advances(_) | DueFor::Hardship(_) => {
                Account::Owed(OwedTo::People)
            }
            DueFor::Creditor(_) => Account::Collected,
        }
    }
}

/// How much is due, and where it stands: what stands nowhere else stands in its own account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// What was given less what was instructed and neither called off nor returned.
    net: Money,
    /// What of it was returned and not sent again.
    returned: Money,
    for_landlords: Money,
    in_returned: Money,
    in_overpaid: Money,
    /// What was overpaid and is borne, or was given up since.
    borne: Money,
    /// What of it came due after all, and is no loss any more.
    due_after_all: Money,
    /// What may be kept back of it for top-ups.
    may_be_kept: Money,
    /// What is: no more than is due.
    kept: Money,
    /// What is left of the debts made of what was overpaid: what comes due after all is set off against them first.
    debt_left: Money,
}

impl Due {
    /// More is owed to a payee, or less.
    pub(super) fn owe(&mut self, payee: Payee, more: Money) {
        self.net += more;
        if payee == Payee::Landlord {
            self.for_landlords += more;
        }
    }

    /// Money came back.
    pub(super) fn came_back(&mut self, amount: Money) {
        self.net += amount;
        self.returned += amount;
        self.in_returned += amount;
    }

    /// Money that came back was sent again.
    pub(super) fn went_again(&mut self, amount: Money) {
        self.came_back(-amount);
    }

    /// Money that came back is owed like what was never sent.
    pub(super) fn stays(&mut self, payee: Payee, amount: Money) {
        self.went_again(amount);
        self.owe(payee, amount);
    }

    /// What was overpaid is dealt with.
    pub(super) fn decided(&mut self, amount: Money) {
        self.net += amount;
        self.in_overpaid -= amount;
    }

    /// What was overpaid is borne.
    pub(super) fn bear(&mut self, amount: Money) {
        self.borne += amount;
    }

    /// A debt made of what was overpaid is more, or less.
    pub(super) fn lend(&mut self, more: Money) {
        self.debt_left += more;
    }

    /// Something is kept back.
    pub(super) fn keep(&mut self, amount: Money) {
        self.net -= amount;
        self.kept += amount;
        self.may_be_kept += amount;
    }

    /// More may be kept back, or less.
    pub(super) fn may_keep(&mut self, more: Money) {
        self.may_be_kept += more;
    }

    /// What is kept back.
    pub(super) const fn kept_back(&self) -> Money {
        self.kept
    }

    /// What stands as overpaid.
    pub(super) const fn overpaid(&self) -> Money {
        self.in_overpaid
    }

    /// What is owed and was never sent.
    pub(super) fn owed(&self) -> Money {
        (self.net - self.returned).at_least_zero()
    }

    /// Nothing is due and nothing stands anywhere.
    pub(super) fn is_nothing(&self) -> bool {
        *self == Due::default()
    }

    /// Moves what stands in the wrong account, and says why.
    pub(super) fn put_right(&mut self, due_for: DueFor) -> Option<(String, Vec<Transfer>)> {
        // Money that was kept counts as paid when it comes due after all (`arrears.rs`).
        let beyond_debts = (self.net + self.due_after_all + self.kept - self.debt_left).at_least_zero();
        let after_all = beyond_debts.min(self.borne);
        // Nobody had what was kept back: where less is due it is kept back no more, and never overpaid.
        let kept = (beyond_debts - after_all).min(self.may_be_kept);
        let (more_after_all, more_kept) = (after_all - self.due_after_all, kept - self.kept);
        (self.due_after_all, self.kept) = (after_all, kept);
        self.net -= more_after_all + more_kept;
        let overpaid = (-self.net).at_least_zero();
        let returned = self.returned.min(self.net.at_least_zero());
        let for_landlords = self.for_landlords.at_least_zero().min(self.net.at_least_zero() - returned);
        let more_overpaid = overpaid - self.in_overpaid;
        let more_returned = returned - self.in_returned;
        let more_for_landlords = for_landlords - self.for_landlords;
        (self.in_overpaid, self.in_returned, self.for_landlords) = (overpaid, returned, for_landlords);
        let own = || due_for.own_account();
        let transfers = [
            Transfer::new(own(), Account::NotRecovered, more_after_all),
            Transfer::new(own(), Account::TopUps, more_kept),
            Transfer::new(Account::Overpaid, own(), more_overpaid),
            Transfer::new(own(), Account::Returned, more_returned),
            Transfer::new(own(), Account::Owed(OwedTo::Landlords), more_for_landlords),
        ];
        let transfers: Vec<Transfer> = transfers.into_iter().flatten().collect();
        let why = match (more_overpaid.cmp(&Money::ZERO), more_returned.cmp(&Money::ZERO)) {
            (Ordering::Greater, _) => {
                format!("{more_overpaid} paid beyond what stands: to be decided whether it is recovered")
            }
            (Ordering::Less, _) => format!("{} no longer paid beyond what stands", -more_overpaid),
            (Ordering::Equal, Ordering::Greater) => "returned money is due again".into(),
            (Ordering::Equal, Ordering::Less) => "returned money is paid otherwise, or no longer due".into(),
            (Ordering::Equal, Ordering::Equal) if more_after_all != Money::ZERO => {
                "money that was kept without a debt is due after all, or no longer".into()
            }
            (Ordering::Equal, Ordering::Equal) if more_kept < Money::ZERO => {
                format!("{} is kept back no more for top-ups", -more_kept)
            }
            (Ordering::Equal, Ordering::Equal) if more_kept > Money::ZERO => {
                format!("{more_kept} is kept back again for top-ups")
            }
            (Ordering::Equal, Ordering::Equal) => "what one payee has is set against what another is due".into(),
        };
        (!transfers.is_empty()).then_some((why, transfers))
    }
}
