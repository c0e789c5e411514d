//! What is due to one payee for one thing, and which account it stands in.
//!
//! What was given less what was instructed is either owed, or was returned and is to be sent again, or, below zero, was
//! overpaid. Entries first say what happened; where that leaves money in the wrong one of these accounts, a second entry
//! moves it and says why.

use schemas::events::Payee;
use schemas::{AssessmentPeriod, ClaimId, DebtId, Money, PaymentId, PersonId};

use super::account::{Account, OwedTo};
use super::entry::Transfer;

/// What something is due for, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DueFor {
    /// The award of a period.
    Period(ClaimId, AssessmentPeriod, Payee),
    /// Advances lent to a person.
    Advances(PersonId),
    /// Hardship payments awarded to a person.
    Hardship(PersonId),
    /// What was deducted for a third party's debt.
    Creditor(DebtId),
    /// A payment that is its own ground: a grant, or arrears for days decided elsewhere.
    Payment(PaymentId, Payee),
}

impl DueFor {
    /// The account it is owed from.
    pub(super) const fn account(self) -> Account {
        match self {
            DueFor::Period(_, _, payee) | DueFor::Payment(_, payee) => Account::owed_to(payee),
            DueFor::Advances(_) | DueFor::Hardship(_) => Account::Owed(OwedTo::People),
            DueFor::Creditor(_) => Account::Collected,
        }
    }
}

/// How much is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// What was given less what was instructed and neither called off nor returned.
    pub(super) net: Money,
    /// What of it was returned and not sent again.
    pub(super) returned: Money,
    /// What stands in the account for returned money.
    pub(super) in_returned: Money,
    /// What stands in the account for overpaid money.
    pub(super) in_overpaid: Money,
}

impl Due {
    /// What stands in the account it is owed from.
    pub(super) fn in_owed(&self) -> Money {
        self.net - self.in_returned + self.in_overpaid
    }

    /// Nothing is due and nothing stands anywhere.
    pub(super) fn is_nothing(&self) -> bool {
        *self == Due::default()
    }

    /// Moves what stands in the wrong account, and says why.
    pub(super) fn put_right(&mut self, due_for: DueFor) -> Option<(String, Vec<Transfer>)> {
        let owed = due_for.account();
        let overpaid = (-self.net).at_least_zero();
        let returned = self.returned.min(self.net.at_least_zero());
        let (more_overpaid, more_returned) = (overpaid - self.in_overpaid, returned - self.in_returned);
        (self.in_overpaid, self.in_returned) = (overpaid, returned);
        let transfers: Vec<Transfer> = [
            Transfer::new(Account::Overpaid, owed.clone(), more_overpaid),
            Transfer::new(owed, Account::Returned, more_returned),
        ]
        .into_iter()
        .flatten()
        .collect();
        let why = match more_overpaid.cmp(&Money::ZERO) {
            std::cmp::Ordering::Greater => {
                format!("{more_overpaid} paid beyond what stands: to be decided whether it is recovered")
            }
            std::cmp::Ordering::Less => format!("{} no longer paid beyond what stands", -more_overpaid),
            std::cmp::Ordering::Equal if more_returned > Money::ZERO => "returned money is due again".into(),
            std::cmp::Ordering::Equal => "returned money is paid otherwise, or no longer due".into(),
        };
        (!transfers.is_empty()).then_some((why, transfers))
    }
}
