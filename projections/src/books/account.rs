//! The chart of accounts.

use std::fmt;
use std::sync::Arc;

use schemas::events::{DebtKind, Payee, Purpose};

/// An account. `BOOKS.md` says what each holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Payments that reached their payees, less what came back, and what open items say: a credit is money paid.
    Bank,
    /// Money that moved at the bank and that nobody has explained yet: a debit left, a credit came in.
    Suspense,
    /// Money that came in for debts.
    Repayments,
    /// Paid beyond what the decisions that stand give, and not yet decided whether it is to be recovered.
    Overpaid,
    /// What people owe, by where it comes from.
    Debt(DebtKind),
    /// Given by decisions, or lent, and not instructed yet.
    Owed(OwedTo),
    /// What people owe to third parties and was not collected: the other side of such debts.
    Uncollected,
    /// Deducted for third parties and not instructed to them yet.
    Collected,
    /// Instructed and not released.
    Instructed,
    /// Released and not yet due.
    InTransit,
    /// Came back and was not sent again: still owed.
    Returned,
    /// Debts that come from elsewhere than payments in these books.
    TakenOver,
    /// Money that moved at the bank and was explained as no business of payments.
    Elsewhere,
    /// What decisions gave, by benefit and purpose.
    Award(Arc<str>, Purpose),
    /// What decisions gave and deductions took before it was paid, by benefit.
    Deducted(Arc<str>),
    /// Top-ups that keep the floor.
    TopUps,
    /// Crisis grants.
    CrisisGrants,
    /// Debts given up for the person's sake.
    Waived,
    /// Debts given up as not collectable.
    WrittenOff,
    /// Overpaid and decided not to be recovered.
    NotRecovered,
}

/// To whom awards are owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OwedTo {
    /// Individuals.
    People,
    /// Landlords under managed payments.
    Landlords,
}

/// The five classes of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// What there is: debit.
    Assets,
    /// What is owed: credit.
    Liabilities,
    /// What was there when these books began: credit.
    Equity,
    /// What was given: debit.
    Expenses,
}

impl Class {
    /// As both `hledger` and `beancount` call it.
    pub const fn name(self) -> &'static str {
        match self {
            Class::Assets => "Assets",
            Class::Liabilities => "Liabilities",
            Class::Equity => "Equity",
            Class::Expenses => "Expenses",
        }
    }
}

impl Account {
    /// The account from which awards are paid to a payee.
    pub const fn owed_to(payee: Payee) -> Account {
        match payee {
            Payee::Person(_) | Payee::Creditor(_) => Account::Owed(OwedTo::People),
            Payee::Landlord => Account::Owed(OwedTo::Landlords),
        }
    }

    /// Its class.
    pub const fn class(&self) -> Class {
        match self {
            Account::Bank | Account::Suspense | Account::Repayments | Account::Overpaid | Account::Debt(_) => {
                Class::Assets
            }
            Account::Owed(_)
            | Account::Uncollected
            | Account::Collected
            | Account::Instructed
            | Account::InTransit
            | Account::Returned => Class::Liabilities,
            Account::TakenOver | Account::Elsewhere => Class::Equity,
            Account::Award(..)
            | Account::Deducted(_)
            | Account::TopUps
            | Account::CrisisGrants
            | Account::Waived
            | Account::WrittenOff
            | Account::NotRecovered => Class::Expenses,
        }
    }
}

/// The whole name, legal in `hledger` and `beancount`: words of letters, digits and hyphens, each with a capital, joined by
/// colons.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Account::Bank => "Bank".into(),
            Account::Suspense => "Suspense".into(),
            Account::Repayments => "Repayments".into(),
            Account::Overpaid => "Overpaid".into(),
            Account::Debt(kind) => format!("Debts:{}", words(kind.name())),
            Account::Owed(OwedTo::People) => "Owed:People".into(),
            Account::Owed(OwedTo::Landlords) => "Owed:Landlords".into(),
            Account::Uncollected => "Third-Parties:Uncollected".into(),
            Account::Collected => "Third-Parties:Collected".into(),
            Account::Instructed => "Instructed".into(),
            Account::InTransit => "In-Transit".into(),
            Account::Returned => "Returned".into(),
            Account::TakenOver => "Taken-Over".into(),
            Account::Elsewhere => "Elsewhere".into(),
            Account::Award(benefit, purpose) => format!("Award:{}:{}", words(benefit), words(purpose.name())),
            Account::Deducted(benefit) => format!("Award:{}:Deducted", words(benefit)),
            Account::TopUps => "Top-Ups".into(),
            Account::CrisisGrants => "Crisis-Grants".into(),
            Account::Waived => "Waived".into(),
            Account::WrittenOff => "Written-Off".into(),
            Account::NotRecovered => "Not-Recovered".into(),
        };
        f.pad(&format!("{}:{name}", self.class().name()))
    }
}

/// `uk-universal-credit` and `rent_arrears` as `Uk-Universal-Credit` and `Rent-Arrears`.
fn words(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    let name: String = name.chars().map(plain).collect();
    name.split('-').filter(|word| !word.is_empty()).map(capital).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_names_are_words_with_capitals_joined_by_colons() {
        let names = [
            (Account::Award("uk-universal-credit".into(), Purpose::ChildElement), "Child-Element"),
            (Account::Deducted("uk-universal-credit".into()), "Deducted"),
        ];
        for (account, last) in names {
            assert_eq!(account.to_string(), format!("Expenses:Award:Uk-Universal-Credit:{last}"));
        }
        assert_eq!(Account::Debt(DebtKind::RentArrears).to_string(), "Assets:Debts:Rent-Arrears");
        assert_eq!(Account::Owed(OwedTo::Landlords).to_string(), "Liabilities:Owed:Landlords");
        assert_eq!(words("a benefit: of `ours`"), "A-Benefit-Of-Ours");
    }
}
