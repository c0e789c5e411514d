//! Entitlement of periods that have begun and are not in the accounts yet.
//!
//! A decision is posted for the last day of its period. Until then, of each claim the part of the period that has passed
//! is accrued: what the period gives, times the days elapsed, the day itself among them, over the days of the period,
//! rounded down to a penny for each claim and period. A period that is not decided yet is taken to give what the latest
//! decided one gave, and one that has ended counts in full until it is decided; where the award is known to end in a month,
//! nothing is accrued for that month. Before the first decision of a claim nothing is known: such claims are counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use schemas::{AssessmentPeriod, Money};

use super::decisions::{ClaimBook, PeriodBook};
use super::post::Books;

/// What is accrued on a day. It stands beside the accounts and is posted to none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accrued {
    /// By benefit, what awards give after sanctions and before deductions.
    pub by_benefit: BTreeMap<Arc<str>, Money>,
    /// How many open claims have no decision yet.
    pub undecided_claims: usize,
}

impl Accrued {
    /// All of it.
    pub fn total(&self) -> Money {
        self.by_benefit.values().copied().sum()
    }
}

/// What is accrued at the end of a day, by what these books know.
pub fn accrued(books: &Books, on: Date) -> Accrued {
    let mut accrued = Accrued::default();
    for claim in books.claims.values() {
        if claim.periods.is_empty() {
            let open = claim.entitled_from.is_some_and(|from| from <= on) && !claim.is_closed_on(on);
            accrued.undecided_claims += usize::from(open);
            continue;
        }
        let sum = of_claim(claim, on);
        if sum != Money::ZERO {
            *accrued.by_benefit.entry(claim.benefit.clone()).or_default() += sum;
        }
    }
    accrued
}

fn of_claim(claim: &ClaimBook, on: Date) -> Money {
    let begun = claim.periods.iter().filter(|(period, _)| period.contains(on) && on < period.last());
    let decided: Money = begun.map(|(period, book)| part(*period, gives(book), on)).sum();
    let Some((last, book)) = claim.periods.last_key_value() else { return decided };
    let Some(cycle) = claim.cycle() else { return decided };
    let next = std::iter::successors(cycle.next(*last), |period| cycle.next(*period));
    let next = next.take_while(|period| period.first() <= on);
    let open = next.filter(|period| !claim.is_closed_on(claim.kind().facts_on(*period)));
    decided + open.map(|period| part(period, gives(book), on)).sum()
}

fn gives(book: &PeriodBook) -> Money {
    if book.counts { book.given.values().copied().sum() } else { Money::ZERO }
}

/// The part of a sum for a period that falls on its days up to one.
fn part(period: AssessmentPeriod, whole: Money, on: Date) -> Money {
    let elapsed = i64::from((on.min(period.last()) - period.first()).get_days()) + 1;
    Money::from_pence(whole.pence() * elapsed / period.days())
}
