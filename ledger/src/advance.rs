//! Money lent ahead of an award: how much at most, and how it is taken back.
//!
//! Budgeting advances are SI 2013/383 regs. 11 to 16. How much is lent for a new claim or a change, and how long recovery
//! takes, is the practice of the department. That an earlier budgeting advance must be repaid first (reg. 14) is not
//! looked at here: what was recovered stands on claims.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use schemas::events::{AdvanceFamily, AdvanceTerms, DebtKind, Recovery};
use schemas::{Amount, Money};

/// The most that may be earned in six periods by a single person, and by a couple, for a budgeting advance (reg. 13).
const EARNINGS: (Money, Money) = (Money::from_pence(260_000), Money::from_pence(360_000));

/// Capital beyond this is taken off what may be lent (reg. 16, read in SR 2016/223).
const CAPITAL: Money = Money::from_pence(100_000);

/// The least budgeting advance (reg. 15).
const LEAST: Money = Money::from_pence(10_000);

/// Why an advance may not be lent like this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Terms of something that is no advance.
    #[error("advance: {kind} is no advance and has no such terms")]
    NoAdvance {
        /// What the debt is.
        kind: DebtKind,
    },
    /// More than may be lent.
    #[error("amount: {amount} is more than {most}, the most that may be lent: {rule}")]
    TooMuch {
        /// What would be lent.
        amount: Money,
        /// The most.
        most: Money,
        /// Which rule says so.
        rule: &'static str,
    },
    /// Less than the least budgeting advance.
    #[error("amount: a budgeting advance is {LEAST} at least (SI 2013/383 regs. 15 and 16)")]
    TooLittle,
    /// Too much was earned for a budgeting advance.
    #[error("advance.earnings: {earnings} in six periods are more than {most} (SI 2013/383 reg. 13)")]
    Earnings {
        /// What was earned.
        earnings: Money,
        /// The most.
        most: Money,
    },
    /// Recovery over more periods than there may be, or over none.
    #[error("advance.periods: a {kind} of {on} is recovered over 1 to {most} periods")]
    Periods {
        /// What kind of advance.
        kind: DebtKind,
        /// The day it was asked for.
        on: Date,
        /// The most.
        most: u8,
    },
    /// Recovery begins later than it may.
    #[error("advance.deferred: recovery of a {kind} begins {most} months later at most")]
    Deferred {
        /// What kind of advance.
        kind: DebtKind,
        /// The most.
        most: u8,
    },
}

/// Whether a debt of a kind is money that is lent, ahead of awards.
pub(crate) const fn lends(kind: DebtKind) -> bool {
    matches!(kind, DebtKind::Advance | DebtKind::ChangeAdvance | DebtKind::BudgetingAdvance)
}

/// How an advance asked for on a day is taken back: in equal parts, the last one smaller. Nothing for other debts.
///
/// # Errors
/// [`Refusal`]: it is more than may be lent, or on other terms.
pub fn recovery(
    kind: DebtKind,
    amount: Amount,
    terms: Option<&AdvanceTerms>,
    on: Date,
) -> Result<Option<Recovery>, Refusal> {
    let Some(limits) = Limits::of(kind, on) else {
        return if terms.is_some() { Err(Refusal::NoAdvance { kind }) } else { Ok(None) };
    };
    let terms = terms.copied().unwrap_or_default();
    if kind == DebtKind::BudgetingAdvance {
        budgeting(amount.money(), &terms)?;
    } else {
        within_estimate(amount.money(), &terms, on)?;
    }
    let (periods, deferred) = (terms.periods.unwrap_or(limits.periods), terms.deferred.unwrap_or(0));
    if periods == 0 || periods > limits.periods {
        return Err(Refusal::Periods { kind, on, most: limits.periods });
    }
    if deferred > limits.deferred {
        return Err(Refusal::Deferred { kind, most: limits.deferred });
    }
    let (pence, parts) = (amount.money().pence(), i64::from(periods));
    let each = Money::from_pence(pence / parts + i64::from(pence % parts > 0));
    let from = on.saturating_add(i64::from(deferred).months());
    Ok(Some(Recovery { per_period: Amount::new(each).unwrap_or(amount), from }))
}

/// How long recovery may take, and by how many months it may begin later.
struct Limits {
    periods: u8,
    deferred: u8,
}

impl Limits {
    /// Those of an advance asked for on a day; none of what is no advance.
    fn of(kind: DebtKind, on: Date) -> Option<Limits> {
        if kind == DebtKind::Advance {
            let periods = match on {
                _ if on < date(2018, 1, 1) => 6,
                _ if on < date(2021, 4, 12) => 12,
                _ => 24,
            };
            Some(Limits { periods, deferred: 3 })
        } else if kind == DebtKind::ChangeAdvance {
            Some(Limits { periods: 6, deferred: 3 })
        } else if kind == DebtKind::BudgetingAdvance {
            let periods = if on < date(2024, 12, 4) { 12 } else { 24 };
            Some(Limits { periods, deferred: 6 })
        } else {
            None
        }
    }
}

/// An advance for a new claim or a change is no more than what is expected; half of it before January 2018.
fn within_estimate(amount: Money, terms: &AdvanceTerms, on: Date) -> Result<(), Refusal> {
    let Some(estimate) = terms.estimate.map(Amount::money) else { return Ok(()) };
    let (most, rule) = if on < date(2018, 1, 1) {
        (Money::from_pence(estimate.pence() / 2), "half of the award expected, before January 2018")
    } else {
        (estimate, "the award expected")
    };
    if amount > most { Err(Refusal::TooMuch { amount, most, rule }) } else { Ok(()) }
}

/// A budgeting advance is within the limits of reg. 15, less capital beyond [`CAPITAL`], and earnings those of reg. 13.
fn budgeting(amount: Money, terms: &AdvanceTerms) -> Result<(), Refusal> {
    if amount < LEAST {
        return Err(Refusal::TooLittle);
    }
    let Some(family) = terms.family else { return Ok(()) };
    let (limit, earned) = match family {
        AdvanceFamily::Single => (34_800, EARNINGS.0),
        AdvanceFamily::Couple => (46_400, EARNINGS.1),
        AdvanceFamily::LoneParent => (81_200, EARNINGS.0),
        AdvanceFamily::CoupleWithChild => (81_200, EARNINGS.1),
    };
    if let Some(earnings) = terms.earnings.map(Amount::money).filter(|earnings| *earnings > earned) {
        return Err(Refusal::Earnings { earnings, most: earned });
    }
    let beyond = (terms.capital.map_or(Money::ZERO, Amount::money) - CAPITAL).at_least_zero();
    let most = (Money::from_pence(limit) - beyond).at_least_zero();
    if amount > most {
        let rule = "the limit for the family, less capital beyond 1,000.00 (SI 2013/383 regs. 15 and 16)";
        return Err(Refusal::TooMuch { amount, most, rule });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::amount;

    #[track_caller]
    fn check(
        kind: DebtKind,
        pence: i64,
        terms: AdvanceTerms,
        on: Date,
        expected: Result<Option<(i64, Date)>, &'static str>,
    ) {
        let terms = (terms != AdvanceTerms::default()).then_some(terms);
        match (recovery(kind, amount(pence), terms.as_ref(), on), expected) {
            (Ok(found), Ok(expected)) => {
                assert_eq!(found.map(|r| (r.per_period.money().pence(), r.from)), expected);
            }
            (Err(refusal), Err(part)) => assert!(refusal.to_string().contains(part), "{refusal}"),
            (found, expected) => assert_eq!(format!("{found:?}"), format!("{expected:?}")),
        }
    }

    fn estimated(pence: i64) -> AdvanceTerms {
        AdvanceTerms { estimate: Some(amount(pence)), ..AdvanceTerms::default() }
    }

    #[test]
    fn an_advance_is_recovered_in_equal_parts_over_as_many_periods_as_may_be_on_its_day() {
        // 424.90 / 24 = 17.704; / 12 = 35.408; / 6 = 70.817: up to the penny, so that the last part is the smaller one.
        let none = AdvanceTerms::default();
        let on = |day, each| check(DebtKind::Advance, 42_490, none, day, Ok(Some((each, day))));
        on(date(2017, 12, 31), 7_082);
        on(date(2018, 1, 1), 3_541);
        on(date(2021, 4, 11), 3_541);
        on(date(2021, 4, 12), 1_771);
        check(DebtKind::ChangeAdvance, 42_490, none, date(2026, 6, 3), Ok(Some((7_082, date(2026, 6, 3)))));
        check(DebtKind::BudgetingAdvance, 24_000, none, date(2024, 12, 3), Ok(Some((2_000, date(2024, 12, 3)))));
        check(DebtKind::BudgetingAdvance, 24_000, none, date(2024, 12, 4), Ok(Some((1_000, date(2024, 12, 4)))));
        check(DebtKind::Overpayment, 42_490, none, date(2026, 6, 3), Ok(None));
    }

    #[test]
    fn recovery_may_be_quicker_and_begin_three_months_later_and_no_longer() {
        let terms =
            |periods, deferred| AdvanceTerms { periods: Some(periods), deferred: Some(deferred), ..Default::default() };
        let june = date(2026, 6, 3);
        check(DebtKind::Advance, 42_490, terms(10, 3), june, Ok(Some((4_249, date(2026, 9, 3)))));
        check(DebtKind::Advance, 42_490, terms(25, 0), june, Err("is recovered over 1 to 24 periods"));
        check(DebtKind::Advance, 42_490, terms(0, 0), june, Err("is recovered over 1 to 24 periods"));
        check(DebtKind::Advance, 42_490, terms(24, 4), june, Err("begins 3 months later at most"));
        check(DebtKind::Fine, 42_490, terms(24, 0), june, Err("fine is no advance"));
    }

    #[test]
    fn an_advance_is_no_more_than_the_award_expected_and_was_no_more_than_half_before_2018() {
        let (before, since) = (date(2017, 12, 31), date(2018, 1, 1));
        check(DebtKind::Advance, 42_490, estimated(42_490), since, Ok(Some((3_541, since))));
        check(DebtKind::Advance, 42_491, estimated(42_490), since, Err("424.91 is more than 424.90"));
        check(DebtKind::Advance, 15_891, estimated(31_782), before, Ok(Some((2_649, before)))); // 158.91 / 6 = 26.485
        check(DebtKind::Advance, 15_892, estimated(31_783), before, Err("158.92 is more than 158.91"));
    }

    #[test]
    fn a_budgeting_advance_keeps_to_the_limits_for_family_capital_and_earnings() {
        use AdvanceFamily::{Couple, CoupleWithChild, LoneParent, Single};
        let on = date(2026, 6, 3);
        let terms = |family| AdvanceTerms { family: Some(family), ..AdvanceTerms::default() };
        let budgeting = |pence, terms, expected| check(DebtKind::BudgetingAdvance, pence, terms, on, expected);
        budgeting(34_800, terms(Single), Ok(Some((1_450, on)))); // 348.00 / 24
        budgeting(34_801, terms(Single), Err("348.01 is more than 348.00"));
        budgeting(46_401, terms(Couple), Err("464.01 is more than 464.00"));
        budgeting(81_201, terms(LoneParent), Err("812.01 is more than 812.00"));
        budgeting(81_200, terms(CoupleWithChild), Ok(Some((3_384, on)))); // 33.833
        budgeting(9_999, terms(Single), Err("100.00 at least"));
        let saved = AdvanceTerms { capital: Some(amount(110_000)), ..terms(Single) };
        budgeting(24_800, saved, Ok(Some((1_034, on)))); // 348.00 - 100.00; 10.333
        budgeting(24_801, saved, Err("248.01 is more than 248.00"));
        let earned = |family, pence| AdvanceTerms { earnings: Some(amount(pence)), ..terms(family) };
        budgeting(34_800, earned(LoneParent, 260_000), Ok(Some((1_450, on))));
        budgeting(34_800, earned(LoneParent, 260_001), Err("2600.01 in six periods are more than 2600.00"));
        budgeting(34_800, earned(Couple, 360_001), Err("more than 3600.00"));
    }
}
