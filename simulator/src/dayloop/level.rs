//! Is there enough money, whatever its timing? The level test of `FLOOR.md` section 1, in exact fractions.
//!
//! The day loop shows gaps in time; this shows too little money.

use jiff::ToSpan;
use jiff::civil::Date;

use super::credit::{Credit, Standing, Units, days_between};
use super::{History, View};

/// Money a day as a fraction: `units / days`, both whole numbers, `days` at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    units: u128,
    days: u128,
}

/// Many series of long, unlike periods on one day: their exact sum does not fit in 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the exact cover of {day} does not fit in 128 bits")]
pub struct CoverTooLarge {
    /// The day asked for.
    pub day: Date,
}

/// `cover(d)`: each series' latest credit over the days from its usable day to the next due, plus one-offs over 31.
///
/// A credit covers its usable day and not the day on which the next is due. A credit whose series has no next due day
/// is spread as a one-off is. Capital has no rate by day and never counts here.
///
/// # Errors
/// [`CoverTooLarge`] if the sum over a common denominator does not fit.
pub fn cover(history: &History, view: View, day: Date) -> Result<Cover, CoverTooLarge> {
    let shares: Vec<Cover> =
        history.credits.iter().filter(|credit| carries(history, view, credit, day)).map(share_a_day).collect();
    sum(&shares).ok_or(CoverTooLarge { day })
}

impl Cover {
    /// Units over days, in lowest terms.
    pub fn fraction(self) -> (u128, u128) {
        (self.units, self.days)
    }

    /// Whether less comes in than the floor takes: a shortfall. Compares by cross-multiplication.
    ///
    /// A floor so high that the product does not fit in 128 bits is above any cover that does.
    pub fn is_below(self, floor: Units) -> bool {
        floor.0.checked_mul(self.days).is_none_or(|needed| self.units < needed)
    }
}

/// Whether this credit is one that `day` lives on.
fn carries(history: &History, view: View, credit: &Credit, day: Date) -> bool {
    counts_by_level(view, credit)
        && credit.usable <= day
        && day < end(credit)
        && !history
            .credits
            .iter()
            .any(|other| counts_by_level(view, other) && other.usable <= day && replaces(other, credit))
}

fn counts_by_level(view: View, credit: &Credit) -> bool {
    credit.source.standing() != Standing::Capital && view.counts(credit.source)
}

/// Whether `other` is a later credit of the same series. Credits of one day are the lines of one payment: none replaces
/// another.
fn replaces(other: &Credit, credit: &Credit) -> bool {
    match (other.series(), credit.series()) {
        (Some(one), Some(another)) => one.number == another.number && other.usable > credit.usable,
        (None, Some(_)) | (Some(_), None) | (None, None) => false,
    }
}

/// The first day that the credit no longer covers.
fn end(credit: &Credit) -> Date {
    credit.next_due().unwrap_or_else(|| credit.usable.saturating_add(31.days()))
}

/// Only called for a credit that carries a day, so that it ends after it begins.
fn share_a_day(credit: &Credit) -> Cover {
    let spread_over = days_between(credit.usable, end(credit));
    Cover { units: credit.amount.0, days: u128::from(spread_over.unsigned_abs()) }
}

/// Adds the fractions one by one, each sum in lowest terms.
fn sum(shares: &[Cover]) -> Option<Cover> {
    shares.iter().try_fold(Cover { units: 0, days: 1 }, |total, share| {
        let ours = total.units.checked_mul(share.days)?;
        let theirs = share.units.checked_mul(total.days)?;
        Some(lowest_terms(ours.checked_add(theirs)?, total.days.checked_mul(share.days)?))
    })
}

fn lowest_terms(units: u128, days: u128) -> Cover {
    let (mut divisor, mut rest) = (days, units % days);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest); // Euclid's algorithm.
    }
    Cover { units: units / divisor, days: days / divisor }
}
