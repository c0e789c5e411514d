//! Assessment periods: which month of entitlement a day belongs to.

use std::borrow::Cow;
use std::fmt;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// One month of entitlement, first day to last (Universal Credit Regulations 2013, SI 2013/376, reg. 21).
///
/// Invariant: `last` is the day before the next period of some cycle starts, here and after decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "UncheckedPeriod")]
pub struct AssessmentPeriod {
    first: Date,
    last: Date,
}

/// Why two days do not bound an assessment period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// No first day of entitlement gives this period.
    #[error(
        "{first} to {last} is not one assessment period: it must end the day before the same day of the next month (reg. 21)"
    )]
    NotAMonth {
        /// First day given.
        first: Date,
        /// Last day given.
        last: Date,
    },
    /// The day is not the first of a period in the cycle of this claim.
    #[error(
        "{first} is not an assessment day: periods of an award from {entitled_from} start on {nearest} and every month from there (reg. 21)"
    )]
    NotAnAssessmentDay {
        /// First day given.
        first: Date,
        /// First day of entitlement.
        entitled_from: Date,
        /// First day of the period that holds the day given.
        nearest: Date,
    },
}

impl AssessmentPeriod {
    /// The period in which `day` falls, for an award whose first day of entitlement is `entitled_from`.
    /// None before entitlement and at the end of the calendar.
    ///
    /// Each start is computed from the first day, never from the previous period (reg. 21(2)).
    pub fn containing(day: Date, entitled_from: Date) -> Option<AssessmentPeriod> {
        if day < entitled_from {
            return None;
        }
        let this_month = start_in_month(entitled_from.day(), day.first_of_month());
        let month =
            if this_month <= day { day.first_of_month() } else { day.first_of_month().checked_sub(1.month()).ok()? };
        Self::in_month(month, entitled_from)
    }

    /// The period that starts on `first`, as the first period of an award from that day.
    pub fn starting(first: Date) -> Option<AssessmentPeriod> {
        Self::containing(first, first)
    }

    /// The period of the cycle that starts on `first`.
    ///
    /// # Errors
    /// [`PeriodError::NotAnAssessmentDay`] when the cycle has no period starting that day.
    pub fn of_cycle(first: Date, entitled_from: Date) -> Result<AssessmentPeriod, PeriodError> {
        let period = Self::containing(first, entitled_from);
        match period {
            Some(period) if period.first == first => Ok(period),
            Some(AssessmentPeriod { first: nearest, .. }) => {
                Err(PeriodError::NotAnAssessmentDay { first, entitled_from, nearest })
            }
            None => Err(PeriodError::NotAnAssessmentDay { first, entitled_from, nearest: entitled_from }),
        }
    }

    /// The next period of the same award.
    pub fn next(self, entitled_from: Date) -> Option<AssessmentPeriod> {
        Self::containing(self.last.tomorrow().ok()?, entitled_from)
    }

    /// First day.
    pub const fn first(self) -> Date {
        self.first
    }

    /// Last day.
    pub const fn last(self) -> Date {
        self.last
    }

    /// How many days, both ends included.
    pub fn days(self) -> i64 {
        i64::from((self.last - self.first).get_days()) + 1
    }

    /// Whether the day falls in it.
    pub fn contains(self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }

    fn in_month(month: Date, entitled_from: Date) -> Option<AssessmentPeriod> {
        let first = start_in_month(entitled_from.day(), month);
        let next = start_in_month(entitled_from.day(), month.checked_add(1.month()).ok()?);
        Some(AssessmentPeriod { first, last: next.yesterday().ok()? })
    }
}

/// The day on which the period beginning in this month begins. Reg. 21(2): from the 31st, the last day of each month;
/// from the 29th or 30th, in February the 27th, or the 28th in a leap year.
fn start_in_month(cycle_day: i8, month: Date) -> Date {
    let last_day = month.days_in_month();
    let day = match cycle_day {
        31 => last_day,
        29 | 30 if month.month() == 2 => last_day - 1,
        _ => cycle_day,
    };
    date(month.year(), month.month(), day)
}

impl fmt::Display for AssessmentPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.first, self.last)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedPeriod {
    first: Date,
    last: Date,
}

impl TryFrom<UncheckedPeriod> for AssessmentPeriod {
    type Error = PeriodError;

    fn try_from(UncheckedPeriod { first, last }: UncheckedPeriod) -> Result<AssessmentPeriod, PeriodError> {
        let period = AssessmentPeriod { first, last };
        let some_cycle = (1..=31).any(|day| {
            start_in_month(day, first.first_of_month()) == first
                && AssessmentPeriod::in_month(first.first_of_month(), date(2000, 1, day)) == Some(period)
        });
        if some_cycle { Ok(period) } else { Err(PeriodError::NotAMonth { first, last }) }
    }
}

impl JsonSchema for AssessmentPeriod {
    fn schema_name() -> Cow<'static, str> {
        "AssessmentPeriod".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "One month of entitlement, both days included (SI 2013/376 reg. 21).",
            "type": "object",
            "properties": {
                "first": {"type": "string", "format": "date"},
                "last": {"type": "string", "format": "date"}
            },
            "required": ["first", "last"],
            "additionalProperties": false
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(entitled_from: Date, day: Date, first: Date, last: Date) {
        assert_eq!(AssessmentPeriod::containing(day, entitled_from), Some(AssessmentPeriod { first, last }));
    }

    #[test]
    fn a_period_runs_to_the_day_before_the_same_day_of_the_next_month() {
        check(date(2025, 9, 18), date(2025, 9, 18), date(2025, 9, 18), date(2025, 10, 17));
        check(date(2025, 9, 18), date(2025, 10, 17), date(2025, 9, 18), date(2025, 10, 17));
        check(date(2025, 9, 18), date(2025, 10, 18), date(2025, 10, 18), date(2025, 11, 17));
        check(date(2025, 12, 5), date(2026, 1, 4), date(2025, 12, 5), date(2026, 1, 4));
    }

    #[test]
    fn periods_of_an_award_from_the_31st_start_on_the_last_day_of_each_month() {
        check(date(2025, 1, 31), date(2025, 3, 1), date(2025, 2, 28), date(2025, 3, 30));
        check(date(2025, 1, 31), date(2025, 4, 30), date(2025, 4, 30), date(2025, 5, 30));
        check(date(2024, 1, 31), date(2024, 2, 29), date(2024, 2, 29), date(2024, 3, 30));
    }

    #[test]
    fn periods_of_an_award_from_the_29th_or_30th_start_on_27_february_or_28_in_a_leap_year() {
        check(date(2025, 1, 29), date(2025, 2, 27), date(2025, 2, 27), date(2025, 3, 28));
        check(date(2025, 1, 30), date(2025, 2, 27), date(2025, 2, 27), date(2025, 3, 29));
        check(date(2024, 1, 29), date(2024, 2, 28), date(2024, 2, 28), date(2024, 3, 28));
        check(date(2024, 1, 30), date(2024, 2, 28), date(2024, 2, 28), date(2024, 3, 29));
    }

    #[test]
    fn a_period_that_does_not_start_on_an_assessment_day_is_refused_with_the_nearest() {
        let error = AssessmentPeriod::of_cycle(date(2026, 7, 2), date(2026, 6, 1)).unwrap_err();
        assert!(error.to_string().contains("start on 2026-07-01"), "{error}");
    }

    #[test]
    fn a_decoded_period_is_checked_again() {
        let good = r#"{"first":"2025-02-28","last":"2025-03-30"}"#;
        assert!(serde_json::from_str::<AssessmentPeriod>(good).is_ok());
        for bad in [r#"{"first":"2025-06-10","last":"2025-07-10"}"#, r#"{"first":"2025-06-10","last":"2025-06-01"}"#] {
            assert!(serde_json::from_str::<AssessmentPeriod>(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_day_of_an_award_is_in_exactly_one_period(start in 0..4000i32, offset in 0..2000i32) {
            let from = date(2013, 4, 29).checked_add(start.days()).unwrap();
            let day = from.checked_add(offset.days()).unwrap();
            let period = AssessmentPeriod::containing(day, from).unwrap();
            prop_assert!(period.contains(day));
            prop_assert!((27..=33).contains(&period.days()));
            let next = period.next(from).unwrap();
            prop_assert_eq!(next.first(), period.last().tomorrow().unwrap());
            prop_assert_eq!(AssessmentPeriod::of_cycle(period.first(), from).unwrap(), period);
            let text = serde_json::to_string(&period).unwrap();
            prop_assert_eq!(serde_json::from_str::<AssessmentPeriod>(&text).unwrap(), period);
        }
    }
}
