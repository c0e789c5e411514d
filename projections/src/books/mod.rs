//! The books: every event that moves money, as double entry.
//!
//! [`Books::post`] folds over the stream and gives for each event the entries that it makes. An [`Entry`] is made of
//! transfers from one account to another, so that it balances however it comes about. It has two dates: the day it is for,
//! and the day on which the ledger knew it, so that there is a trial balance for any day as known on any day. Everything is
//! whole pence; nothing is ever rounded here.
//!
//! What the accounts mean, and which event posts to which, stands in `BOOKS.md` beside this file.
//!
//! The books hold what standing decisions gave and what happened to each payment, because later events refer to them. They
//! hold no entries: what reads them adds them up as they come ([`Balances`]) or writes them out.

mod account;
mod accrual;
mod balances;
mod bank;
mod debts;
mod decisions;
mod dues;
mod entry;
mod kept_back;
mod payments;
mod post;
mod proof;
mod runs;

#[cfg(test)]
mod tests;

pub use account::{Account, Class};
pub use accrual::{Accrued, accrued};
pub use balances::{Balance, Balances};
pub use bank::BankTotals;
pub use entry::{Entry, Transfer};
pub use post::Books;
pub use proof::{Finding, disagreements};
pub use runs::RunTotals;
