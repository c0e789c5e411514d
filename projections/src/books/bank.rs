//! What open items of banks' files post: money that moved at the bank and that no payment explains stands in suspense until
//! something does.
//!
//! An entry of a statement is counted as far as the books have it already: a debit of 424.91 for a payment of 424.90 that
//! left puts a penny in suspense, a debit of a payment that never left all of it. What a file only reports, without
//! booking it on our account, moves nothing.

use jiff::civil::Date;
use schemas::events::{BankClosing, BankEvent, BankItemClosed, BankItemOpened, BankOpen, BankSide};
use schemas::{BankFileId, Money, PaymentId};

use super::account::Account;
use super::entry::{Entry, Transfer};
use super::post::{About, Books};

/// What an open item holds in suspense.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suspended {
    side: Option<BankSide>,
    /// More than nothing where money left, less where it came in.
    sum: Money,
    /// The payment that the books had already, and that was taken off.
    counted: Option<PaymentId>,
}

/// What banks said, for control: how many files were read, and what of them is in suspense.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BankTotals {
    /// How many files were read.
    pub files: u32,
    /// What these say, and what it comes to whichever way the money went.
    pub items: u64,
    /// Their control total.
    pub total: Money,
    /// How many items are open.
    pub open: u64,
    /// What left the bank and is not explained.
    pub out: Money,
    /// What came in and is not explained.
    pub came_in: Money,
}

impl Books {
    pub(super) fn bank(&mut self, about: &About, file: BankFileId, event: &BankEvent) -> Vec<Entry> {
        match event {
            BankEvent::BankFileRead(read) => {
                self.bank_files.files += 1;
                self.bank_files.items += u64::from(read.items);
                self.bank_files.total += read.total.money();
                Vec::new()
            }
            BankEvent::BankItemOpened(item) => self.suspend(about, file, item),
            BankEvent::BankItemClosed(closed) => self.explain(about, closed),
        }
    }

    /// Files read, and what is in suspense.
    pub fn bank_totals(&self) -> BankTotals {
        let sums = || self.suspended.values().map(|item| item.sum);
        BankTotals {
            open: self.suspended.len() as u64,
            out: sums().filter(|sum| *sum > Money::ZERO).sum(),
            came_in: -sums().filter(|sum| *sum < Money::ZERO).sum::<Money>(),
            ..self.bank_files
        }
    }

    fn suspend(&mut self, about: &About, file: BankFileId, new: &BankItemOpened) -> Vec<Entry> {
        let booked = new.amount.map(|amount| amount.money()).zip(new.side);
        let paid = new.payment.filter(|_| new.why != BankOpen::Twice);
        let counted =
            booked.zip(paid).and_then(|((_, side), payment)| self.is_counted(payment, side).then_some(payment));
        let had = counted.map(|payment| self.amount_of(payment)).unwrap_or_default();
        let sum = match booked {
            Some((amount, BankSide::Debit)) => amount - had,
            Some((amount, BankSide::Credit)) => had - amount,
            None => Money::ZERO,
        };
        self.suspended.insert(new.item, Suspended { side: new.side, sum, counted });
        let memo = format!("line {} of the bank's file {file} is not explained: item {}", new.line, new.item);
        about.nobodys(new.on.unwrap_or(about.day), memo, [Transfer::new(Account::Suspense, Account::Bank, sum)])
    }

    /// What a payment explains goes back to the bank's account, on which the payment itself stands; the rest is explained
    /// in words, and stays moved.
    fn explain(&mut self, about: &About, closed: &BankItemClosed) -> Vec<Entry> {
        let BankItemClosed { item, by, payment, reason } = closed;
        let Some(Suspended { side, sum, counted }) = self.suspended.remove(item) else { return Vec::new() };
        let explained = match (by, payment.filter(|payment| counted != Some(*payment)), side) {
            (BankClosing::Payment, Some(payment), Some(BankSide::Debit)) => self.amount_of(payment),
            (BankClosing::Payment, Some(payment), Some(BankSide::Credit)) => -self.amount_of(payment),
            (BankClosing::Payment, Some(_), None) | (BankClosing::Payment, None, _) => Money::ZERO,
            (BankClosing::Reversed, _, _) => sum,
            (BankClosing::Elsewhere, _, _) => Money::ZERO,
        };
        let how = match (payment, reason) {
            (Some(payment), None) => format!("payment {payment}"),
            (Some(payment), Some(reason)) => format!("payment {payment}; {reason}"),
            (None, reason) => reason.clone().unwrap_or_default(),
        };
        let transfers = [
            Transfer::new(Account::Bank, Account::Suspense, explained),
            Transfer::new(Account::Elsewhere, Account::Suspense, sum - explained),
        ];
        about.nobodys(about.day, format!("item {item} of a bank's file explained: {how}"), transfers)
    }
}

impl About {
    /// An entry that is about no person, where it moves anything.
    fn nobodys<const N: usize>(&self, day: Date, memo: String, transfers: [Option<Transfer>; N]) -> Vec<Entry> {
        let transfers: Vec<Transfer> = transfers.into_iter().flatten().collect();
        if transfers.is_empty() { Vec::new() } else { vec![self.entry_of(day, (None, None), memo, transfers)] }
    }
}

impl Books {
    fn is_counted(&self, payment: PaymentId, side: BankSide) -> bool {
        self.payments.get(&payment).is_some_and(|paid| paid.is_at_bank(side))
    }

    fn amount_of(&self, payment: PaymentId) -> Money {
        self.payments.get(&payment).map(|paid| paid.amount()).unwrap_or_default()
    }
}
