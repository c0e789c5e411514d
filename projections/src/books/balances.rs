//! Balances of accounts: the trial balance.

use std::collections::BTreeMap;

use schemas::Money;

use super::account::Account;
use super::entry::Entry;

/// What was debited and credited to one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Everything debited.
    pub debits: Money,
    /// Everything credited.
    pub credits: Money,
}

impl Balance {
    /// Debits less credits: a credit balance is below zero.
    pub fn net(self) -> Money {
        self.debits - self.credits
    }
}

/// The balance of every account that anything was posted to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balances {
    accounts: BTreeMap<Account, Balance>,
}

impl Balances {
    /// Adds an entry.
    pub fn add(&mut self, entry: &Entry) {
        for transfer in &entry.transfers {
            self.at(transfer.debit()).debits += transfer.amount();
            self.at(transfer.credit()).credits += transfer.amount();
        }
    }

    /// Adds everything in other balances.
    pub fn add_all(&mut self, other: &Balances) {
        for (account, balance) in other.iter() {
            let own = self.at(account);
            (own.debits, own.credits) = (own.debits + balance.debits, own.credits + balance.credits);
        }
    }

    fn at(&mut self, account: &Account) -> &mut Balance {
        self.accounts.entry(account.clone()).or_default()
    }

    /// Every account in the order of the chart.
    pub fn iter(&self) -> impl Iterator<Item = (&Account, Balance)> {
        self.accounts.iter().map(|(account, balance)| (account, *balance))
    }

    /// Debits less credits of one account.
    pub fn net(&self, account: &Account) -> Money {
        self.accounts.get(account).copied().unwrap_or_default().net()
    }

    /// Debits less credits of all accounts of which something is true.
    pub fn sum(&self, which: impl Fn(&Account) -> bool) -> Money {
        self.iter().filter(|(account, _)| which(account)).map(|(_, balance)| balance.net()).sum()
    }

    /// All debits and all credits: the same sum twice.
    pub fn totals(&self) -> Balance {
        let mut totals = Balance::default();
        for (_, balance) in self.iter() {
            totals.debits += balance.debits;
            totals.credits += balance.credits;
        }
        totals
    }
}
