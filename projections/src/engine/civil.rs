//! Days as whole numbers, for the columns: day 0 is 1 January 1970, in the proleptic Gregorian calendar.
//!
//! The reference evaluator does the same sums with `jiff` dates, so that the two check each other. Results are held between [`FIRST_DAY`] and [`NEVER`].

use jiff::civil::Date;

/// 9999-12-31, written `never` in rules: later than any day that matters, and it stays so whatever is added to it.
pub const NEVER: i64 = 2_932_896;
/// 0001-01-01, the earliest day a date can become.
pub const FIRST_DAY: i64 = -719_162;

/// The number of a day.
pub fn day_number(date: Date) -> i64 {
    from_civil(i64::from(date.year()), i64::from(date.month()), i64::from(date.day()))
}

/// The date with this number, held between [`FIRST_DAY`] and [`NEVER`].
pub fn date_of(day: i64) -> Date {
    let (year, month, date) = to_civil(day.clamp(FIRST_DAY, NEVER));
    // The three parts come from a real day in the range of `Date`, so the fallback is never taken.
    Date::new(year as i16, month as i8, date as i8).unwrap_or(Date::MAX)
}

/// Completed years of a life begun on `born`, on a day given as year, month and day; 0 before birth. Somebody born on 29 February completes a year on 1 March of a common year.
pub fn age_on(born: i64, (y1, m1, d1): (i64, i64, i64)) -> i64 {
    let (y0, m0, d0) = to_civil(born);
    (y1 - y0 - i64::from((m1, d1) < (m0, d0))).max(0)
}

/// What becomes of 31 January plus one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MonthEnd {
    /// `clamp_down`: the last day of the shorter month (28 February).
    ClampDown,
    /// `roll_over`: the first day of the month after (1 March).
    RollOver,
}

/// The same day of the month, `months` later (or earlier). `never` stays `never`.
pub fn add_months(day: i64, months: i64, end: MonthEnd) -> i64 {
    if day >= NEVER {
        return NEVER;
    }
    let (year, month, date) = to_civil(day);
    // Twelve thousand years either way is beyond both ends of the range.
    let count = year * 12 + month - 1 + months.clamp(-144_000, 144_000);
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let length = month_length(year, month);
    let moved = match end {
        MonthEnd::ClampDown => from_civil(year, month, date.min(length)),
        MonthEnd::RollOver if date > length => from_civil(year, month, length) + 1,
        MonthEnd::RollOver => from_civil(year, month, date),
    };
    moved.clamp(FIRST_DAY, NEVER)
}

/// `days` later (or earlier). `never` stays `never`.
pub fn add_days(day: i64, days: i64) -> i64 {
    if day >= NEVER { NEVER } else { day.saturating_add(days).clamp(FIRST_DAY, NEVER) }
}

fn month_length(year: i64, month: i64) -> i64 {
    let leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Day number of a date, counting in eras of 400 years that begin on 1 March (H. Hinnant, "chrono-compatible low-level date algorithms").
fn from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day number: the reverse of [`from_civil`].
pub fn to_civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, of_year - (153 * shifted_month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn n(y: i16, m: i8, d: i8) -> i64 {
        day_number(date(y, m, d))
    }

    #[test]
    fn day_numbers_agree_with_jiff_over_the_whole_range() {
        for day in (FIRST_DAY..=NEVER).step_by(37).chain([FIRST_DAY, NEVER, 0]) {
            let expected = date(1970, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap();
            assert_eq!((date_of(day), day_number(expected)), (expected, day));
        }
    }

    fn age(born: i64, on: i64) -> i64 {
        age_on(born, to_civil(on))
    }

    #[test]
    fn a_leap_day_birthday_falls_on_1_march_of_a_common_year() {
        let born = n(2000, 2, 29);
        assert_eq!(
            [age(born, n(2025, 2, 28)), age(born, n(2025, 3, 1)), age(born, n(2024, 2, 28)), age(born, n(2024, 2, 29))],
            [24, 25, 23, 24]
        );
        assert_eq!(age(n(2026, 1, 1), n(2025, 1, 1)), 0);
    }

    #[test]
    fn a_month_that_is_too_short_clamps_or_rolls_as_asked() {
        for (from, months, clamped, rolled) in [
            (n(2025, 1, 31), 1, n(2025, 2, 28), n(2025, 3, 1)),
            (n(2024, 1, 31), 1, n(2024, 2, 29), n(2024, 3, 1)),
            (n(2024, 2, 29), 12, n(2025, 2, 28), n(2025, 3, 1)),
            (n(2025, 3, 31), -1, n(2025, 2, 28), n(2025, 3, 1)),
            (n(2025, 6, 10), 3, n(2025, 9, 10), n(2025, 9, 10)),
            (NEVER, -5, NEVER, NEVER),
        ] {
            assert_eq!(
                (add_months(from, months, MonthEnd::ClampDown), add_months(from, months, MonthEnd::RollOver)),
                (clamped, rolled)
            );
        }
    }
}
