//! How much of the award of a period is paid now, where it is paid in parts.
//!
//! What counts is what was paid already, not the scheme it was paid under: whatever a person changes and whenever, the
//! rest is shared evenly among the pay days that are left, and is due at once where none is.

use jiff::civil::Date;
use schemas::events::PayeeLine;
use schemas::{Amount, Money};

use super::pay_days::PayDay;
use crate::lines::{apportion, equal_shares};
use crate::views::PaymentView;

/// A part of an award.
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
pub fn rest(lines: &[PayeeLine], paid: &[&PayeeLine]) -> Vec<PayeeLine> {
    let paid_of = |line: &PayeeLine| -> Money {
        let same = paid.iter().filter(|other| (other.purpose, other.for_whom) == (line.purpose, line.for_whom));
        same.map(|line| line.amount.money()).sum()
    };
    let left: Vec<Money> = lines.iter().map(|line| (line.amount.money() - paid_of(line)).at_least_zero()).collect();
    let paid: Money = paid.iter().map(|line| line.amount.money()).sum();
    with_amounts(lines, &apportion((sum(lines) - paid).at_least_zero(), &left))
}

/// The parts in which a rest is paid, on those of the period's pay days that are later than the last paid part. Parts whose
/// days have come by the first day on which anything can be paid (`earliest`) are one. What is left over when every day has
/// a part is due with the last of them, which may have left ahead of its day. Whatever day had come when something was kept
/// back for a top-up (`kept_on`) had its part, also where nothing was left of it to be paid.
pub fn parts(
    rest: &[PayeeLine],
    paid: &[&PaymentView],
    kept_on: Option<Date>,
    days: &[PayDay],
    earliest: Date,
) -> Vec<Part> {
    let last_paid = paid.iter().map(|payment| payment.nominal_on.unwrap_or(payment.due_on)).max();
    let had_come = days.iter().filter(|day| kept_on.is_some_and(|kept_on| day.on <= kept_on));
    let last_had = last_paid.max(had_come.map(|day| day.nominal).max());
    let left: Vec<PayDay> = days.iter().copied().filter(|day| last_had.is_none_or(|last| last < day.nominal)).collect();
    let had = u16::try_from(days.len() - left.len()).unwrap_or(u16::MAX);
    let mut number = paid.iter().map(|payment| payment.instalment).max().unwrap_or(0).max(had);
    let with_last = paid.iter().map(|payment| payment.due_on).max().unwrap_or(earliest);
    let first_on = left.first().map_or(with_last, |day| day.on).max(earliest);
    let come = left.iter().filter(|day| day.on <= first_on).count().max(1);
    let nominal = left.iter().take(come).map(|day| day.nominal).max().unwrap_or(first_on);
    let first = PayDay { on: first_on, nominal: nominal.max(first_on) };
    let dues: Vec<PayDay> = std::iter::once(first).chain(left.iter().skip(come).copied()).collect();
    let (mut rest, mut parts) = (rest.to_vec(), Vec::new());
    for (at, due) in dues.iter().enumerate() {
        number = number.saturating_add(1);
        let days_left = left.len().max(1).saturating_sub(if at == 0 { 0 } else { come + at - 1 });
        let lines = take(&mut rest, if at == 0 { come } else { 1 }, days_left);
        parts.push(Part { number, lines, due: *due, next: dues.get(at + 1).map(|next| next.on) });
    }
    parts
}

/// Takes so many of so many equal parts out of a rest, the odd pence with the earlier ones.
fn take(rest: &mut Vec<PayeeLine>, parts: usize, of: usize) -> Vec<PayeeLine> {
    let weights: Vec<Money> = rest.iter().map(|line| line.amount.money()).collect();
    let whole = sum(rest);
    let later = equal_shares(whole, of).into_iter().take(of.saturating_sub(parts)).sum();
    let taken = apportion(whole - later, &weights);
    let kept: Vec<Money> = weights.iter().zip(&taken).map(|(weight, taken)| *weight - *taken).collect();
    let lines = with_amounts(rest, &taken);
    *rest = with_amounts(rest, &kept);
    lines
}

fn sum(lines: &[PayeeLine]) -> Money {
    lines.iter().map(|line| line.amount.money()).sum()
}

fn with_amounts(lines: &[PayeeLine], amounts: &[Money]) -> Vec<PayeeLine> {
    let of = |(line, amount): (&PayeeLine, &Money)| {
        let amount = Amount::new(*amount).unwrap_or_default();
        PayeeLine { amount, ..line.clone() }
    };
    lines.iter().zip(amounts).map(of).collect()
}
