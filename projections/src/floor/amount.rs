//! Sums exact to a 434th of a penny, so that a floor by the week, by the month or by halves is exact by the day.
//!
//! 434 is 2 x 7 x 31: a week's pence divided by 7, a month's by 31, and half of either, are whole numbers of 434ths.
//! A float run would report breach-days of 0.00.

use std::ops::{Add, AddAssign};

use schemas::Money;
use serde::{Deserialize, Serialize};

/// How many of these units make a penny.
pub const UNITS_IN_A_PENNY: i64 = 434;

/// A sum of zero or more in 434ths of a penny: a day's floor, what is left of a credit, a gap.
/// Invariant: never negative, here and after decoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct FloorAmount(i64);

/// What span of time a floor's figure is for, and so how it becomes a day's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// An amount for each day.
    Day,
    /// A seventh of it for each day.
    Week,
    /// A 31st of it for each day: a month's money lasts a month.
    MonthBy31,
    /// Twelve of them over 52 weeks of seven days.
    MonthBy52Weeks,
}

/// Why a figure cannot be a floor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Below zero.
    #[error("{0} is negative: a floor is zero or more")]
    Negative(Money),
    /// Over ten million pounds, where sums over a lifetime of days would no longer fit.
    #[error("{0} is too large: a floor is at most ten million pounds")]
    TooLarge(Money),
    /// A number of units below zero.
    #[error("{0} units: a sum here is zero or more")]
    NegativeUnits(i64),
}

/// Ten million pounds: a day of it over the whole calendar still fits.
const LARGEST_FIGURE: Money = Money::from_pence(1_000_000_000);
/// A billion pounds: a month of the largest floor, and hundreds of thousands of such credits still fit.
const LARGEST_CREDIT: Money = Money::from_pence(100_000_000_000);

impl FloorAmount {
    /// Nothing.
    pub const ZERO: FloorAmount = FloorAmount(0);

    /// A day's part of a figure, rounded down once to a unit (only [`Basis::MonthBy52Weeks`] ever needs it).
    ///
    /// # Errors
    /// [`AmountError::Negative`] and [`AmountError::TooLarge`].
    pub fn daily(figure: Money, basis: Basis) -> Result<FloorAmount, AmountError> {
        FloorAmount::part(figure, basis, 1)
    }

    /// A day's part of half a figure: a couple's amount, for each of the two. Rounded down once, after halving.
    ///
    /// # Errors
    /// Those of [`FloorAmount::daily`].
    pub fn daily_half(figure: Money, basis: Basis) -> Result<FloorAmount, AmountError> {
        FloorAmount::part(figure, basis, 2)
    }

    fn part(figure: Money, basis: Basis, sharers: i64) -> Result<FloorAmount, AmountError> {
        if figure < Money::ZERO {
            return Err(AmountError::Negative(figure));
        }
        if figure > LARGEST_FIGURE {
            return Err(AmountError::TooLarge(figure));
        }
        let (times, over) = match basis {
            Basis::Day => (1, 1),
            Basis::Week => (1, 7),
            Basis::MonthBy31 => (1, 31),
            Basis::MonthBy52Weeks => (12, 52 * 7),
        };
        Ok(FloorAmount(figure.pence() * UNITS_IN_A_PENNY * times / (over * sharers)))
    }

    /// A sum of money as it stands; nothing for a negative one, and a billion pounds for any above that.
    pub fn of(sum: Money) -> FloorAmount {
        FloorAmount(sum.clamp(Money::ZERO, LARGEST_CREDIT).pence() * UNITS_IN_A_PENNY)
    }

    /// Half of it. Exact for a sum of [`FloorAmount::of`], since a penny has an even number of units.
    pub const fn half(self) -> FloorAmount {
        FloorAmount(self.0 / 2)
    }

    /// This many 434ths of a penny.
    ///
    /// # Errors
    /// [`AmountError::NegativeUnits`] below zero.
    pub const fn from_units(units: i64) -> Result<FloorAmount, AmountError> {
        if units < 0 { Err(AmountError::NegativeUnits(units)) } else { Ok(FloorAmount(units)) }
    }

    /// How many 434ths of a penny.
    pub const fn units(self) -> i64 {
        self.0
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// To the nearest penny for people to read, half a penny up; but never 0.00 for something, however small: that
    /// shows as 0.01, since a breach of 0.00 would read as none.
    pub fn shown(self) -> Money {
        let pence = self.0.saturating_add(UNITS_IN_A_PENNY / 2) / UNITS_IN_A_PENNY;
        Money::from_pence(if self.is_zero() { 0 } else { pence.max(1) })
    }

    /// Up to a whole penny: what must be paid so that nothing is missing.
    pub fn rounded_up(self) -> Money {
        Money::from_pence(self.0 / UNITS_IN_A_PENNY + i64::from(self.0 % UNITS_IN_A_PENNY > 0))
    }

    /// What is left after taking the other away; nothing where the other is larger.
    pub fn less(self, other: FloorAmount) -> FloorAmount {
        FloorAmount((self.0 - other.0).max(0))
    }

    /// This many days of it. Stays at the largest sum where that does not fit.
    pub fn times(self, days: i64) -> FloorAmount {
        FloorAmount(self.0.saturating_mul(days.max(0)))
    }

    /// Units already known to be zero or more, from this folder's own arithmetic.
    pub(super) const fn known(units: i64) -> FloorAmount {
        FloorAmount(units)
    }
}

/// Stays at the largest sum, which no bounded figures reach.
impl Add for FloorAmount {
    type Output = FloorAmount;
    fn add(self, other: FloorAmount) -> FloorAmount {
        FloorAmount(self.0.saturating_add(other.0))
    }
}

impl AddAssign for FloorAmount {
    fn add_assign(&mut self, other: FloorAmount) {
        *self = *self + other;
    }
}

impl std::iter::Sum for FloorAmount {
    fn sum<I: Iterator<Item = FloorAmount>>(sums: I) -> FloorAmount {
        sums.fold(FloorAmount::ZERO, Add::add)
    }
}

impl TryFrom<i64> for FloorAmount {
    type Error = AmountError;
    fn try_from(units: i64) -> Result<FloorAmount, AmountError> {
        FloorAmount::from_units(units)
    }
}

impl From<FloorAmount> for i64 {
    fn from(amount: FloorAmount) -> i64 {
        amount.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn pence(pence: i64) -> Money {
        Money::from_pence(pence)
    }

    #[track_caller]
    fn check(figure: i64, basis: Basis, whole: i64, half: i64) {
        let daily = |sum: Result<FloorAmount, AmountError>| sum.unwrap().units();
        let parts = (FloorAmount::daily(pence(figure), basis), FloorAmount::daily_half(pence(figure), basis));
        assert_eq!((daily(parts.0), daily(parts.1)), (whole, half));
    }

    #[test]
    fn weekly_monthly_and_half_amounts_are_exact_by_the_day() {
        check(8_400, Basis::Week, 1_200 * 434, 600 * 434); // 84.00 / 7 = 12.00
        check(1_200, Basis::Day, 1_200 * 434, 600 * 434);
        check(1, Basis::Week, 62, 31); // 434 / 7 and half of it
        check(1, Basis::MonthBy31, 14, 7); // 434 / 31 and half of it
        check(42_490, Basis::MonthBy31, 42_490 * 14, 42_490 * 7);
    }

    #[test]
    fn twelve_months_over_52_weeks_are_rounded_down_once_after_halving() {
        // 42,490 x 12 x 434 = 221,287,920; over 364 that is 607,933 and 308 over, over 728 it is 303,966 and 672 over.
        check(42_490, Basis::MonthBy52Weeks, 607_933, 303_966);
        // 5 x 12 x 434 / 364 = 71.5...; half of that is 35.7...
        check(5, Basis::MonthBy52Weeks, 71, 35);
    }

    #[test]
    fn a_shortfall_shows_to_the_nearest_penny_and_never_as_nothing() {
        let shown = |units: i64| FloorAmount::from_units(units).unwrap().shown().to_string();
        assert_eq!(shown(0), "0.00");
        assert_eq!(shown(1), "0.01"); // less than half a penny is still a gap
        assert_eq!(shown(434 + 216), "0.01");
        assert_eq!(shown(434 + 217), "0.02"); // exactly half goes up
        assert_eq!(shown(434 * 4_187 + 62), "41.87");
    }

    #[test]
    fn a_payment_is_rounded_up_to_a_penny() {
        let up = |units: i64| FloorAmount::from_units(units).unwrap().rounded_up().pence();
        assert_eq!([up(0), up(1), up(434), up(435)], [0, 1, 1, 2]);
    }

    #[test]
    fn a_floor_cannot_be_negative_or_beyond_ten_million_pounds() {
        let daily = |sum: i64| FloorAmount::daily(pence(sum), Basis::Day).map_err(|e| e.to_string());
        assert_eq!(daily(-1), Err("-0.01 is negative: a floor is zero or more".into()));
        assert_eq!(daily(1_000_000_001), Err("10000000.01 is too large: a floor is at most ten million pounds".into()));
        assert_eq!(daily(1_000_000_000).unwrap().units(), 434_000_000_000);
        assert!(serde_json::from_str::<FloorAmount>("-1").is_err());
    }

    #[test]
    fn half_of_a_penny_in_a_joint_account_is_exact() {
        let half = FloorAmount::of(pence(1)).half();
        assert_eq!(half + half, FloorAmount::of(pence(1)));
        assert_eq!(FloorAmount::of(pence(-5)), FloorAmount::ZERO);
    }
}
