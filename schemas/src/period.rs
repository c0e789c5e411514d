//! Assessment periods: what is decided at once.

use std::borrow::Cow;
use std::fmt;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::cycle::{Cycle, is_of_some_cycle};

/// What is decided at once, first day to last: a month of entitlement (Universal Credit Regulations 2013, SI 2013/376,
/// reg. 21), what is left of one from a first day that was moved (reg. 21A), or a week. [`Cycle`] says which of them a claim has.
///
/// Invariant: some cycle has this period, here and after decoding.
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
        "{first} to {last} is not one assessment period: it must end the day before the same day of the next month at the latest (SI 2013/376 regs. 21 and 21A), or be a week"
    )]
    OfNoCycle {
        /// First day given.
        first: Date,
        /// Last day given.
        last: Date,
    },
    /// The day is not the first of a period in the cycle of this claim.
    #[error(
        "{first} is not an assessment day: periods of an award from {entitled_from} start on {nearest} and every {every} from there"
    )]
    NotAnAssessmentDay {
        /// First day given.
        first: Date,
        /// First day of entitlement.
        entitled_from: Date,
        /// First day of the period that holds the day given.
        nearest: Date,
        /// How often one starts.
        every: &'static str,
    },
}

impl AssessmentPeriod {
    /// The month that starts on `first`, as the first period of an award from that day.
    pub fn starting(first: Date) -> Option<AssessmentPeriod> {
        Cycle::Monthly { from: first }.first()
    }

    /// Two days of which a cycle knows that they bound a period.
    pub(crate) const fn unchecked(first: Date, last: Date) -> AssessmentPeriod {
        AssessmentPeriod { first, last }
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
        if is_of_some_cycle(period) { Ok(period) } else { Err(PeriodError::OfNoCycle { first, last }) }
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

    #[test]
    fn a_decoded_period_is_checked_again() {
        let good = [
            r#"{"first":"2025-02-28","last":"2025-03-30"}"#,
            r#"{"first":"2026-06-08","last":"2026-06-14"}"#,
            r#"{"first":"2025-05-27","last":"2025-06-09"}"#,
        ];
        assert!(good.iter().all(|good| serde_json::from_str::<AssessmentPeriod>(good).is_ok()));
        for bad in [
            r#"{"first":"2025-06-10","last":"2025-07-10"}"#,
            r#"{"first":"2025-06-10","last":"2025-06-01"}"#,
            r#"{"first":"2025-06-10","last":"2025-07-19"}"#,
        ] {
            assert!(serde_json::from_str::<AssessmentPeriod>(bad).is_err(), "{bad}");
        }
    }
}
