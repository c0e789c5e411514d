//! How far ahead of its day money leaves.
//!
//! Without a promise it leaves on the evening before. Where a floor is guaranteed it leaves as many working days ahead as
//! the floor file's lead, so that evenings on which nothing can leave open no gap. The day on which it can be used, which
//! is the day the bank is asked to execute, stays the due day. Working days are those of the banks of England, by which
//! Bacs runs.

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::WorkingDays;
use schemas::events::Nation;
use schemas::working_days::is_weekend;

use crate::floor::file::{FloorFile, Mode};
use crate::floor::topup::Lead;

/// An evening, and the last due day of what leaves on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// The day of the evening.
    pub day: Date,
    /// What is due by then leaves: the next day, or later.
    pub due_by: Date,
}

impl Horizon {
    /// What is due on the next day leaves, and nothing further ahead.
    pub fn next_day(day: Date) -> Horizon {
        Horizon { day, due_by: day.saturating_add(1.day()) }
    }

    /// What is due within so many working days leaves, and what is due on the next day.
    pub fn ahead(day: Date, working_days: u8) -> Horizon {
        let next_day = Horizon::next_day(day);
        let reached = Lead { days: working_days, is_working_day: banks_work }.reach(day);
        Horizon { due_by: reached.max(next_day.due_by), ..next_day }
    }

    /// As far ahead as a floor asks for: where it is guaranteed, as many working days as its lead.
    pub fn of(day: Date, floor: &FloorFile) -> Horizon {
        match floor.mode {
            Mode::Measure => Horizon::next_day(day),
            Mode::Guarantee => Horizon::ahead(day, floor.lead_working_days),
        }
    }
}

/// Every weekday, in years of which the bank holidays are not known.
fn banks_work(day: Date) -> bool {
    WorkingDays::shipped().is_working_day(Nation::England, day).unwrap_or(!is_weekend(day))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[track_caller]
    fn check(working_days: u8, day: Date, due_by: Date) {
        assert_eq!(Horizon::ahead(day, working_days), Horizon { day, due_by }, "{working_days} {day}");
    }

    #[test]
    fn money_leaves_as_many_working_days_ahead_as_the_lead_and_on_the_evening_before_at_the_latest() {
        // 2026: 3 and 6 April are Good Friday and Easter Monday; 4 July is a Saturday.
        check(0, date(2026, 7, 1), date(2026, 7, 2));
        check(3, date(2026, 7, 1), date(2026, 7, 6));
        check(3, date(2026, 7, 4), date(2026, 7, 8));
        check(3, date(2026, 3, 31), date(2026, 4, 7));
        // On a Friday evening the next working day is Monday: what is due on Saturday leaves too.
        check(1, date(2026, 7, 3), date(2026, 7, 6));
    }

    #[test]
    fn only_a_guaranteed_floor_lets_money_leave_further_ahead_than_the_evening_before() {
        let day = date(2026, 7, 1);
        let file = |mode: &str| {
            let text = include_str!("../../../schemas/floors/demo-84-a-week-measured.yaml");
            let text = text.replace("mode: measure", &format!("mode: {mode}"));
            FloorFile::read(&text.replace("lead_working_days: 0", "lead_working_days: 3")).unwrap()
        };
        assert_eq!(Horizon::of(day, &file("measure")), Horizon::next_day(day));
        assert_eq!(Horizon::of(day, &file("guarantee")), Horizon::ahead(day, 3));
    }
}
