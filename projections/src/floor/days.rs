//! Whole civil days: a run of them, and their numbers for arithmetic. A civil day has no hours, so clock changes
//! cannot shift anything.

use jiff::SignedDuration;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// A run of days, first and last included: `schemas::events::Days` as the floor reckons with it.
/// Invariant: `from` is not after `to`, here and after decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "(Date, Date)", into = "(Date, Date)")]
pub struct Days {
    from: Date,
    to: Date,
}

/// A run of days that ends before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the days end on {to}, before they start on {from}: put the earlier day first")]
pub struct DaysReversed {
    /// The day given as the first.
    pub from: Date,
    /// The day given as the last.
    pub to: Date,
}

impl Days {
    /// The days `from..=to`.
    ///
    /// # Errors
    /// [`DaysReversed`] where `to` is before `from`.
    pub fn new(from: Date, to: Date) -> Result<Days, DaysReversed> {
        if to < from { Err(DaysReversed { from, to }) } else { Ok(Days { from, to }) }
    }

    /// One day.
    pub const fn one(day: Date) -> Days {
        Days { from: day, to: day }
    }

    /// The first day.
    pub const fn from(self) -> Date {
        self.from
    }

    /// The last day.
    pub const fn to(self) -> Date {
        self.to
    }

    /// How many days, both ends included.
    pub fn count(self) -> i64 {
        i64::from(number(self.to) - number(self.from)) + 1
    }

    /// Whether the day is one of them.
    pub fn contains(self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// The days that both runs have.
    pub fn shared_with(self, other: Days) -> Option<Days> {
        Days::new(self.from.max(other.from), self.to.min(other.to)).ok()
    }

    /// Each day in order.
    pub fn each(self) -> impl Iterator<Item = Date> {
        (number(self.from)..=number(self.to)).map(day_of)
    }
}

impl TryFrom<(Date, Date)> for Days {
    type Error = DaysReversed;
    fn try_from((from, to): (Date, Date)) -> Result<Days, DaysReversed> {
        Days::new(from, to)
    }
}

impl From<schemas::events::Days> for Days {
    fn from(days: schemas::events::Days) -> Days {
        Days { from: days.first(), to: days.last() }
    }
}

impl From<Days> for (Date, Date) {
    fn from(days: Days) -> (Date, Date) {
        (days.from, days.to)
    }
}

/// The number of a day: days since 1 January 1970.
pub(super) fn number(day: Date) -> i32 {
    let hours = day.duration_since(date(1970, 1, 1)).as_hours();
    i32::try_from(hours / 24).unwrap_or(if hours < 0 { i32::MIN } else { i32::MAX })
}

/// The day of a number; the calendar's last day for a number beyond it.
pub(super) fn day_of(number: i32) -> Date {
    date(1970, 1, 1).saturating_add(SignedDuration::from_hours(i64::from(number) * 24))
}

/// The day this many days later (earlier if negative); the calendar's end where that lies beyond it.
pub(crate) fn plus(day: Date, days: i32) -> Date {
    day_of(number(day).saturating_add(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_days_agree_with_the_calendar_over_leap_years_and_clock_changes() {
        let mut day = date(1896, 2, 27);
        for n in number(day)..number(date(2104, 3, 2)) {
            assert_eq!((number(day), day_of(n)), (n, day));
            day = day.tomorrow().unwrap();
        }
        assert_eq!(plus(date(2024, 2, 28), 1), date(2024, 2, 29));
        assert_eq!(plus(date(2028, 2, 29), 366), date(2029, 3, 1));
        assert_eq!(plus(Date::MAX, 31), Date::MAX);
    }

    #[test]
    fn a_run_of_days_counts_both_ends_and_cannot_be_reversed() {
        let june = Days::new(date(2026, 6, 1), date(2026, 7, 6)).unwrap();
        assert_eq!((june.count(), june.each().count()), (36, 36));
        let reversed = Days::new(date(2026, 6, 2), date(2026, 6, 1)).unwrap_err();
        assert_eq!(
            reversed.to_string(),
            "the days end on 2026-06-01, before they start on 2026-06-02: put the earlier day first"
        );
        assert!(serde_json::from_str::<Days>(r#"["2026-06-02","2026-06-01"]"#).is_err());
    }
}
