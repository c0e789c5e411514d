//! One entry of the journal.

use jiff::civil::Date;
use schemas::events::Payee;
use schemas::{EventId, Money, PersonId};

use super::account::Account;

/// Money that moves from one account to another: one is debited with what the other is credited with.
///
/// Invariant: the amount is more than nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    debit: Account,
    credit: Account,
    amount: Money,
}

impl Transfer {
    /// Debits one account and credits the other; the other way round for an amount below zero. Nothing moves nothing.
    pub fn new(debit: Account, credit: Account, amount: Money) -> Option<Transfer> {
        match amount.cmp(&Money::ZERO) {
            std::cmp::Ordering::Greater => Some(Transfer { debit, credit, amount }),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Less => Some(Transfer { debit: credit, credit: debit, amount: -amount }),
        }
    }

    /// The account debited.
    pub const fn debit(&self) -> &Account {
        &self.debit
    }

    /// The account credited.
    pub const fn credit(&self) -> &Account {
        &self.credit
    }

    /// How much.
    pub const fn amount(&self) -> Money {
        self.amount
    }
}

/// What one event did to the accounts, for one person and payee. It cannot but balance: it is made of transfers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The day it is for.
    pub day: Date,
    /// The day the ledger knew it.
    pub known: Date,
    /// Where the event stands.
    pub position: u64,
    /// The event.
    pub event: EventId,
    /// Whose affair it is: who is entitled, or who owes; nobody's where the bank moved money that nobody can explain.
    pub person: Option<PersonId>,
    /// Who receives the money, where it is about money that somebody receives.
    pub payee: Option<Payee>,
    /// What happened, in words.
    pub memo: String,
    /// What moved.
    pub transfers: Vec<Transfer>,
}

impl Entry {
    /// Whether it is about a person: their affair, or money that they receive.
    pub fn is_about(&self, person: PersonId) -> bool {
        self.person == Some(person) || self.payee == Some(Payee::Person(person))
    }

    /// What it comes to for each account, in the order in which they are first named; a credit is below zero. They add up
    /// to nothing.
    pub fn sums(&self) -> Vec<(&Account, Money)> {
        let mut sums: Vec<(&Account, Money)> = Vec::new();
        let mut add = |account, amount| match sums.iter_mut().find(|(known, _)| *known == account) {
            Some((_, sum)) => *sum += amount,
            None => sums.push((account, amount)),
        };
        for Transfer { debit, credit, amount } in &self.transfers {
            add(debit, *amount);
            add(credit, -*amount);
        }
        sums.retain(|(_, sum)| *sum != Money::ZERO);
        sums
    }
}
