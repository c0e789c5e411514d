//! How much of the award of a period is paid now, where it is paid in parts.
//!
//! What counts is what was paid already, not the scheme it was paid under: whatever a person changes and whenever, the
//! rest is shared evenly among the pay days that are left, and is due at once where none is.

use jiff::civil::Date;
use schemas::events::PayeeLine;
use schemas::{Amount, Money};

use super::pay_days::PayDay;
use crate::lines::apportion;
use crate::views::PaymentView;

/// The next part of an award.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its number, from 1.
    pub number: u16,
    /// What it consists of.
    pub lines: Vec<PayeeLine>,
    /// When it is due, and when it would be, had no weekend or bank holiday moved it.
    pub due: PayDay,
    /// When the part after it is due; none where it is the last.
    pub next: Option<Date>,
}

/// What is still to be paid of the award of a period to one payee: its lines, less what was paid, line by line. Lines
/// that were paid more of than they are now lower the others.
pub fn rest(lines: &[PayeeLine], paid: &[&PaymentView]) -> Vec<PayeeLine> {
    let paid_of = |line: &PayeeLine| -> Money {
        let of_payments = paid.iter().flat_map(|payment| &payment.lines);
        let same = of_payments.filter(|other| (other.purpose, other.for_whom) == (line.purpose, line.for_whom));
        same.map(|line| line.amount.money()).sum()
    };
    let left: Vec<Money> = lines.iter().map(|line| (line.amount.money() - paid_of(line)).at_least_zero()).collect();
    let due: Money = lines.iter().map(|line| line.amount.money()).sum();
    let paid: Money = paid.iter().map(|payment| payment.amount).sum();
    with_amounts(lines, &apportion((due - paid).at_least_zero(), &left))
}

/// The next part of a rest: of the pay days that are left, those that have come by the first day on which it can be paid
/// are paid together.
pub fn next_part(rest: &[PayeeLine], paid: &[&PaymentView], days: &[PayDay], earliest: Date) -> Part {
    let number = paid.iter().map(|payment| payment.instalment).max().unwrap_or(0).saturating_add(1);
    let last_paid = paid.iter().map(|payment| payment.nominal_on.unwrap_or(payment.due_on)).max();
    let left: Vec<PayDay> =
        days.iter().copied().filter(|day| last_paid.is_none_or(|last| last < day.nominal)).collect();
    let first = left.first().copied().unwrap_or(PayDay { on: earliest, nominal: earliest });
    let due_on = first.on.max(earliest);
    let now = left.iter().filter(|day| day.on <= due_on).count().max(1);
    let nominal = left.iter().take(now).map(|day| day.nominal).max().unwrap_or(due_on);
    let due = PayDay { on: due_on, nominal: nominal.max(due_on) };
    let next = left.iter().map(|day| day.on).find(|day| *day > due_on);
    let weights: Vec<Money> = rest.iter().map(|line| line.amount.money()).collect();
    let whole: Money = weights.iter().copied().sum();
    let lines = with_amounts(rest, &apportion(share(whole, now, left.len().max(1)), &weights));
    Part { number, lines, due, next }
}

/// So many of so many equal parts of a sum, the odd pence in the earlier ones.
fn share(whole: Money, now: usize, of: usize) -> Money {
    let count = |n: usize| i128::try_from(n).unwrap_or(1);
    let pence = (i128::from(whole.pence()) * count(now) + count(of) - 1) / count(of);
    Money::from_pence(i64::try_from(pence).unwrap_or(i64::MAX)).min(whole)
}

fn with_amounts(lines: &[PayeeLine], amounts: &[Money]) -> Vec<PayeeLine> {
    let of = |(line, amount): (&PayeeLine, &Money)| {
        let amount = Amount::new(*amount).unwrap_or_default();
        PayeeLine { amount, ..line.clone() }
    };
    lines.iter().zip(amounts).map(of).collect()
}
