//! The day on which somebody reaches the qualifying age for state pension credit.
//!
//! It is pensionable age; for a man that of a woman born on the same day (State Pension Credit Act 2002 s. 1(6)). From
//! 6 October 2020 on the two are one. The ages are those of the Pensions Act 1995 Sch. 4 para. 1 with its tables, as
//! amended by the Pensions Acts 2007, 2011 (s. 1) and 2014 (s. 26).

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// The qualifying ages of those born from a day on, up to the next.
enum Reached {
    /// So many months after birth.
    Age { months: i32 },
    /// A day, and for every further month of births so many months later.
    Day { of_first: Date, later: i32 },
    /// So many months after birth, and for every further month of births one more.
    Rising { months: i32 },
}

/// From which day of birth on what holds. Months of births begin on the 6th.
const AGES: [(Date, Reached); 7] = [
    // Para. 1(2): women born before 6 April 1950 at 60.
    (Date::MIN, Reached::Age { months: 60 * 12 }),
    // Table 1, as made.
    (date(1950, 4, 6), Reached::Day { of_first: date(2010, 5, 6), later: 2 }),
    // Table 1, as amended in 2011: 6 July 2016 to 6 November 2018.
    (date(1953, 4, 6), Reached::Day { of_first: date(2016, 7, 6), later: 4 }),
    // Table 2: 6 March 2019 to 6 September 2020.
    (date(1953, 12, 6), Reached::Day { of_first: date(2019, 3, 6), later: 2 }),
    // Para. 1(6).
    (date(1954, 10, 6), Reached::Age { months: 66 * 12 }),
    // Table 3: 66 years and 1 month to 66 years and 11 months.
    (date(1960, 4, 6), Reached::Rising { months: 66 * 12 + 1 }),
    // Para. 1(8).
    (date(1961, 3, 6), Reached::Age { months: 67 * 12 }),
];

/// From this day of birth on it is later than at 67 (table 4).
const AFTER_67: Date = date(1977, 4, 6);

/// The day on which somebody born on a day reaches the qualifying age. None for those born from 6 April 1977 on, who reach
/// it in 2044 at the earliest.
pub fn qualifying_age_reached(born: Date) -> Option<Date> {
    let (from, reached) = AGES.iter().rev().find(|(from, _)| *from <= born).filter(|_| born < AFTER_67)?;
    // Where the month has no such day, its last (table 3 says so of births on the 31st: para. 1(7A)).
    let at = |months: i32| born.checked_add(months.months()).ok();
    match reached {
        // A birthday on 29 February falls on 1 March of a common year.
        Reached::Age { months } => {
            at(*months).and_then(|day| if day.day() < born.day() { day.tomorrow().ok() } else { Some(day) })
        }
        Reached::Day { of_first, later } => of_first.checked_add((later * months_of_births(*from, born)).months()).ok(),
        Reached::Rising { months } => at(months + months_of_births(*from, born)),
    }
}

/// How many months of births, from the 6th to the 5th, lie before the one of a day.
fn months_of_births(from: Date, born: Date) -> i32 {
    let months = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month());
    months(born) - months(from) - i32::from(born.day() < from.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(born: Date, reached: Date) {
        assert_eq!(qualifying_age_reached(born), Some(reached));
    }

    // Explanatory notes to the Pensions Act 2014, paras. 124 and 125, and s. 26(3).
    #[test]
    fn those_born_in_the_year_from_april_1960_reach_it_at_66_and_some_months() {
        check(date(1960, 4, 15), date(2026, 5, 15));
        check(date(1960, 9, 10), date(2027, 3, 10));
        check(date(1961, 1, 22), date(2027, 11, 22));
        check(date(1960, 7, 31), date(2026, 11, 30));
        check(date(1960, 12, 31), date(2027, 9, 30));
        check(date(1961, 1, 31), date(2027, 11, 30));
    }

    #[test]
    fn those_born_before_reach_it_at_66_and_those_after_at_67() {
        check(date(1954, 10, 6), date(2020, 10, 6));
        check(date(1960, 2, 29), date(2026, 3, 1));
        check(date(1960, 4, 5), date(2026, 4, 5));
        check(date(1960, 4, 6), date(2026, 5, 6));
        check(date(1961, 3, 5), date(2028, 2, 5));
        check(date(1961, 3, 6), date(2028, 3, 6));
        check(date(1977, 4, 5), date(2044, 4, 5));
        assert_eq!(qualifying_age_reached(date(1977, 4, 6)), None);
    }

    // Pensions Act 2011 s. 1(4) and (5), and table 1 as made.
    #[test]
    fn those_born_from_1950_to_1954_reach_it_on_the_6th_of_a_month() {
        check(date(1950, 4, 5), date(2010, 4, 5));
        check(date(1950, 4, 6), date(2010, 5, 6));
        check(date(1950, 7, 5), date(2010, 9, 6));
        check(date(1951, 3, 5), date(2012, 1, 6));
        check(date(1953, 4, 6), date(2016, 7, 6));
        check(date(1953, 9, 6), date(2018, 3, 6));
        check(date(1953, 12, 5), date(2018, 11, 6));
        check(date(1953, 12, 6), date(2019, 3, 6));
        check(date(1954, 1, 6), date(2019, 5, 6));
        check(date(1954, 10, 5), date(2020, 9, 6));
    }
}
