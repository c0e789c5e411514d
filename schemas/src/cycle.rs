//! Which periods a claim has: the months or weeks that follow one another from its first day.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use crate::period::{AssessmentPeriod, PeriodError};

/// What the periods of a benefit are. The law of the benefit says so, not the claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeriodKind {
    /// Months from the first day of entitlement (Universal Credit Regulations 2013, SI 2013/376, reg. 21).
    #[default]
    Month,
    /// Seven days from the first day of entitlement (Scottish Child Payment Regulations 2020, SSI 2020/351, reg. 8).
    Week,
    /// Seven days from a Monday (Social Security Contributions and Benefits Act 1992, s. 147(1), "week").
    WeekFromMonday,
}

impl PeriodKind {
    /// Every kind.
    pub const ALL: [PeriodKind; 3] = [PeriodKind::Month, PeriodKind::Week, PeriodKind::WeekFromMonday];

    /// How packs write it.
    pub const fn name(self) -> &'static str {
        match self {
            PeriodKind::Month => "month",
            PeriodKind::Week => "week",
            PeriodKind::WeekFromMonday => "week_from_monday",
        }
    }

    /// The day whose facts decide a period. Of a month the last: a change in it counts from its first day (Universal
    /// Credit, SI 2013/381 Sch. 1 para. 20). Of a week the first: what holds at its beginning holds throughout (Child
    /// Benefit, Social Security Contributions and Benefits Act 1992, s. 147(2)).
    pub fn facts_on(self, period: AssessmentPeriod) -> Date {
        match self {
            PeriodKind::Month => period.last(),
            PeriodKind::Week | PeriodKind::WeekFromMonday => period.first(),
        }
    }

    /// The kind that packs write so.
    pub fn named(name: &str) -> Option<PeriodKind> {
        PeriodKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The periods of one claim, each beginning the day after another ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cycle {
    /// Months from a day.
    Monthly {
        /// First day of the first period.
        from: Date,
    },
    /// Months that keep the assessment day of an award before (reg. 21(3) to (3C)), or of the same one before its first day
    /// was moved: then the first of them is cut where it does not begin on that day (reg. 21A).
    Kept {
        /// First day of the first period.
        from: Date,
        /// First day of the award whose days are kept, or the one before it was moved: it gives the day of the month.
        day_of: Date,
    },
    /// Weeks from a day.
    Weekly {
        /// First day of the first period.
        from: Date,
    },
}

impl Cycle {
    /// The periods of a claim whose first day of entitlement is `entitled_from`. Where weeks begin on Mondays and that day
    /// is none, there is no period before the next Monday.
    pub fn new(kind: PeriodKind, entitled_from: Date) -> Cycle {
        match kind {
            PeriodKind::Month => Cycle::Monthly { from: entitled_from },
            PeriodKind::Week => Cycle::Weekly { from: entitled_from },
            PeriodKind::WeekFromMonday => Cycle::Weekly { from: first_monday(entitled_from) },
        }
    }

    /// The periods of a claim that keeps the assessment day of an award from `day_of`, where it keeps one.
    pub fn of_claim(kind: PeriodKind, entitled_from: Date, day_of: Option<Date>) -> Cycle {
        match (kind, day_of) {
            (PeriodKind::Month, Some(day_of)) => Cycle::Kept { from: entitled_from, day_of },
            (PeriodKind::Month | PeriodKind::Week | PeriodKind::WeekFromMonday, _) => Cycle::new(kind, entitled_from),
        }
    }

    /// The first period; none at the end of the calendar.
    pub fn first(self) -> Option<AssessmentPeriod> {
        match self {
            Cycle::Monthly { from } | Cycle::Kept { from, .. } | Cycle::Weekly { from } => self.containing(from),
        }
    }

    /// The period in which a day falls. None before the first period and at the end of the calendar.
    ///
    /// Each start is computed from the first day, never from the previous period (reg. 21(2)).
    pub fn containing(self, day: Date) -> Option<AssessmentPeriod> {
        match self {
            Cycle::Monthly { from } | Cycle::Kept { from, .. } | Cycle::Weekly { from } if day < from => None,
            Cycle::Kept { from, day_of } => {
                let month = month_containing(day, day_of.day())?;
                Some(AssessmentPeriod::unchecked(month.first().max(from), month.last()))
            }
            Cycle::Monthly { from } => month_containing(day, from.day()),
            Cycle::Weekly { from } => {
                let into_week = (day - from).get_days() % 7;
                week_from(day.checked_sub(i64::from(into_week).days()).ok()?)
            }
        }
    }

    /// The period that starts on `first`.
    ///
    /// # Errors
    /// [`PeriodError::NotAnAssessmentDay`] when the cycle has no period starting that day.
    pub fn starting(self, first: Date) -> Result<AssessmentPeriod, PeriodError> {
        let (period, (entitled_from, every)) = (
            self.containing(first),
            match self {
                Cycle::Monthly { from } | Cycle::Kept { from, .. } => (from, "month"),
                Cycle::Weekly { from } => (from, "week"),
            },
        );
        match period {
            Some(period) if period.first() == first => Ok(period),
            Some(_) | None => {
                let nearest = period.map_or(entitled_from, AssessmentPeriod::first);
                Err(PeriodError::NotAnAssessmentDay { first, entitled_from, nearest, every })
            }
        }
    }

    /// How many days a period has, where it is a first one that is shorter than its month (reg. 21A(2)).
    pub fn cut_to(self, period: AssessmentPeriod) -> Option<i64> {
        match self {
            Cycle::Kept { from, day_of } if period.first() == from => {
                let month = month_containing(from, day_of.day())?;
                (month.first() < from).then_some(period.days())
            }
            Cycle::Kept { .. } | Cycle::Monthly { .. } | Cycle::Weekly { .. } => None,
        }
    }

    /// The same periods from the first day of one of them on.
    pub fn from_later(self, first: Date) -> Cycle {
        match self {
            Cycle::Monthly { from: day_of } | Cycle::Kept { day_of, .. } if day_of.day() != first.day() => {
                Cycle::Kept { from: first, day_of }
            }
            Cycle::Monthly { .. } | Cycle::Kept { .. } => Cycle::Monthly { from: first },
            Cycle::Weekly { .. } => Cycle::Weekly { from: first },
        }
    }

    /// The first day of the award that gives the day of the month, where that is another one's.
    pub const fn day_of(self) -> Option<Date> {
        match self {
            Cycle::Kept { day_of, .. } => Some(day_of),
            Cycle::Monthly { .. } | Cycle::Weekly { .. } => None,
        }
    }

    /// The period after one of this cycle.
    pub fn next(self, period: AssessmentPeriod) -> Option<AssessmentPeriod> {
        self.containing(period.last().tomorrow().ok()?)
    }
}

/// Whether two days bound a period of some cycle: a month, what is left of one from a first day within it, or a week.
pub(crate) fn is_of_some_cycle(period: AssessmentPeriod) -> bool {
    let ends_month = |day: i8| month_containing(period.first(), day).is_some_and(|month| month.last() == period.last());
    (1..=31).any(ends_month) || week_from(period.first()) == Some(period)
}

fn month_containing(day: Date, cycle_day: i8) -> Option<AssessmentPeriod> {
    let this_month = start_in_month(cycle_day, day.first_of_month());
    let month =
        if this_month <= day { day.first_of_month() } else { day.first_of_month().checked_sub(1.month()).ok()? };
    let next = start_in_month(cycle_day, month.checked_add(1.month()).ok()?);
    Some(AssessmentPeriod::unchecked(start_in_month(cycle_day, month), next.yesterday().ok()?))
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

fn week_from(first: Date) -> Option<AssessmentPeriod> {
    Some(AssessmentPeriod::unchecked(first, first.checked_add(6.days()).ok()?))
}

/// The day itself if it is a Monday, or the Monday after it.
fn first_monday(day: Date) -> Date {
    let ahead = (7 - day.weekday().to_monday_zero_offset()) % 7;
    day.saturating_add(i64::from(ahead).days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(cycle: Cycle, day: Date, first: Date, last: Date) {
        assert_eq!(cycle.containing(day), Some(AssessmentPeriod::unchecked(first, last)));
    }

    fn from(year: i16, month: i8, day: i8) -> Cycle {
        Cycle::Monthly { from: date(year, month, day) }
    }

    #[test]
    fn a_period_runs_to_the_day_before_the_same_day_of_the_next_month() {
        check(from(2025, 9, 18), date(2025, 9, 18), date(2025, 9, 18), date(2025, 10, 17));
        check(from(2025, 9, 18), date(2025, 10, 17), date(2025, 9, 18), date(2025, 10, 17));
        check(from(2025, 9, 18), date(2025, 10, 18), date(2025, 10, 18), date(2025, 11, 17));
        check(from(2025, 12, 5), date(2026, 1, 4), date(2025, 12, 5), date(2026, 1, 4));
    }

    #[test]
    fn periods_of_an_award_from_the_31st_start_on_the_last_day_of_each_month() {
        check(from(2025, 1, 31), date(2025, 3, 1), date(2025, 2, 28), date(2025, 3, 30));
        check(from(2025, 1, 31), date(2025, 4, 30), date(2025, 4, 30), date(2025, 5, 30));
        check(from(2024, 1, 31), date(2024, 2, 29), date(2024, 2, 29), date(2024, 3, 30));
    }

    #[test]
    fn periods_of_an_award_from_the_29th_or_30th_start_on_27_february_or_28_in_a_leap_year() {
        check(from(2025, 1, 29), date(2025, 2, 27), date(2025, 2, 27), date(2025, 3, 28));
        check(from(2025, 1, 30), date(2025, 2, 27), date(2025, 2, 27), date(2025, 3, 29));
        check(from(2024, 1, 29), date(2024, 2, 28), date(2024, 2, 28), date(2024, 3, 28));
        check(from(2024, 1, 30), date(2024, 2, 28), date(2024, 2, 28), date(2024, 3, 29));
    }

    #[test]
    fn a_first_day_that_is_moved_keeps_the_assessment_day_and_gives_a_first_period_of_fewer_days() {
        // Moved back from 10 June to 27 May: 14 days, to 9 June. From 31 January, moved on: what is left to 27 February.
        let earlier = Cycle::Kept { from: date(2025, 5, 27), day_of: date(2025, 6, 10) };
        check(earlier, date(2025, 6, 9), date(2025, 5, 27), date(2025, 6, 9));
        check(earlier, date(2025, 6, 10), date(2025, 6, 10), date(2025, 7, 9));
        assert_eq!(earlier.containing(date(2025, 5, 26)), None);
        assert_eq!(earlier.first().and_then(|first| earlier.cut_to(first)), Some(14));
        assert_eq!(earlier.containing(date(2025, 6, 10)).and_then(|second| earlier.cut_to(second)), None);
        let later = Cycle::Kept { from: date(2025, 2, 5), day_of: date(2025, 1, 31) };
        check(later, date(2025, 2, 5), date(2025, 2, 5), date(2025, 2, 27));
        // Moved by whole months nothing is cut.
        let whole = Cycle::Kept { from: date(2025, 5, 10), day_of: date(2025, 6, 10) };
        assert_eq!(whole.first().and_then(|first| whole.cut_to(first)), None);
    }

    #[test]
    fn a_week_has_seven_days_from_the_first_day_of_entitlement_or_from_the_monday_on_or_after_it() {
        let wednesday = date(2026, 6, 3);
        let weeks = Cycle::new(PeriodKind::Week, wednesday);
        check(weeks, date(2026, 6, 16), date(2026, 6, 10), date(2026, 6, 16));
        let from_monday = Cycle::new(PeriodKind::WeekFromMonday, wednesday);
        assert_eq!(from_monday.containing(date(2026, 6, 7)), None);
        check(from_monday, date(2026, 6, 14), date(2026, 6, 8), date(2026, 6, 14));
        assert_eq!(Cycle::new(PeriodKind::WeekFromMonday, date(2026, 6, 8)), from_monday);
    }

    #[test]
    fn a_period_that_does_not_start_on_an_assessment_day_is_refused_with_the_nearest() {
        let month = from(2026, 6, 1).starting(date(2026, 7, 2)).unwrap_err();
        assert!(month.to_string().contains("start on 2026-07-01 and every month"), "{month}");
        let week = Cycle::new(PeriodKind::WeekFromMonday, date(2026, 6, 1)).starting(date(2026, 7, 2)).unwrap_err();
        assert!(week.to_string().contains("start on 2026-06-29 and every week"), "{week}");
    }

    proptest! {
        #[test]
        fn every_day_of_an_award_is_in_exactly_one_period(start in 0..4000i32, offset in 0..2000i32, kind in 0..3usize) {
            let from = date(2013, 4, 29).checked_add(start.days()).unwrap();
            let cycle = Cycle::new(PeriodKind::ALL[kind], from);
            let day = cycle.first().unwrap().first().checked_add(offset.days()).unwrap();
            let period = cycle.containing(day).unwrap();
            prop_assert!(period.contains(day));
            let days = if kind == 0 { 27..=33 } else { 7..=7 };
            prop_assert!(days.contains(&period.days()));
            let next = cycle.next(period).unwrap();
            prop_assert_eq!(next.first(), period.last().tomorrow().unwrap());
            prop_assert_eq!(cycle.starting(period.first()).unwrap(), period);
            let text = serde_json::to_string(&period).unwrap();
            prop_assert_eq!(serde_json::from_str::<AssessmentPeriod>(&text).unwrap(), period);
        }
    }
}
