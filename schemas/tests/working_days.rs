//! The bank holidays, held to the list that the government publishes.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use schemas::WorkingDays;
use schemas::events::Nation::{self, England, NorthernIreland, Scotland, Wales};
use schemas::working_days::is_weekend;

const NATIONS: [Nation; 4] = [England, Wales, Scotland, NorthernIreland];

/// The data behind www.gov.uk/bank-holidays: the latest edition of each year from 2013 to 2028.
const PUBLISHED: &str = include_str!("bank_holidays_published.txt");

fn published(nation: Nation) -> Vec<Date> {
    let division = match nation {
        England | Wales => "england_and_wales",
        Scotland => "scotland",
        NorthernIreland => "northern_ireland",
    };
    let lines = PUBLISHED.lines().filter_map(|line| line.strip_prefix(division)?.trim().split_once(": "));
    let days = lines.flat_map(|(year, days)| days.split(' ').map(move |day| format!("{year}-{day}").parse().ok()));
    days.collect::<Option<Vec<Date>>>().unwrap_or_default() // A line that is no line of days fails the count of years.
}

#[test]
fn every_weekday_from_2013_to_2028_is_a_working_day_but_for_the_published_bank_holidays() {
    let days = WorkingDays::shipped();
    for nation in NATIONS {
        let holidays = published(nation);
        assert_eq!(holidays.iter().map(|day| day.year()).collect::<std::collections::BTreeSet<_>>().len(), 16);
        let mut day = date(2013, 1, 1);
        while day <= date(2028, 12, 31) {
            let expected = !is_weekend(day) && !holidays.contains(&day);
            assert_eq!(days.is_working_day(nation, day), Ok(expected), "{nation:?} {day}");
            day = day.tomorrow().unwrap();
        }
    }
}

#[test]
fn the_world_cup_holiday_of_15_june_2026_is_one_in_scotland_alone() {
    let days = WorkingDays::shipped();
    assert_eq!(days.on_or_before(Scotland, date(2026, 6, 15)), Ok(date(2026, 6, 12)));
    assert_eq!(days.on_or_before(England, date(2026, 6, 15)), Ok(date(2026, 6, 15)));
}

#[test]
fn two_working_days_before_easter_tuesday_is_maundy_thursday_and_in_scotland_easter_monday_counts() {
    // Easter Sunday 2026 is 5 April. England: Good Friday 3 and Easter Monday 6 are holidays, so before Tuesday 7 come
    // Thursday 2 and Wednesday 1. Scotland keeps Good Friday only: Monday 6, Thursday 2.
    let days = WorkingDays::shipped();
    assert_eq!(days.add(England, date(2026, 4, 7), -1), Ok(date(2026, 4, 2)));
    assert_eq!(days.add(England, date(2026, 4, 7), -2), Ok(date(2026, 4, 1)));
    assert_eq!(days.add(Scotland, date(2026, 4, 7), -1), Ok(date(2026, 4, 6)));
    assert_eq!(days.add(Scotland, date(2026, 4, 7), -2), Ok(date(2026, 4, 2)));
    assert_eq!(days.on_or_after(England, date(2026, 4, 3)), Ok(date(2026, 4, 7)));
}

#[test]
fn a_weekday_of_a_year_that_is_not_known_is_refused_by_name_and_its_sunday_is_still_none() {
    let days = WorkingDays::shipped();
    let error = days.is_working_day(England, date(2029, 1, 5)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the bank holidays of 2029 are not known (only those from 2013 to 2028): add them to the calendar"
    );
    assert_eq!(days.is_working_day(England, date(2029, 1, 7)), Ok(false));
    assert!(days.add(England, date(2028, 12, 29), 1).is_err());
    assert!(WorkingDays::default().is_working_day(England, date(2026, 1, 5)).is_err());
}

#[test]
fn a_table_with_a_day_outside_its_years_is_refused_at_its_line() {
    let text = "first_year: 2026\nlast_year: 2026\ndays:\n  - {on: 2027-01-01, name: New Year, nations: [england]}\n";
    let error = WorkingDays::parse(text).unwrap_err();
    assert_eq!(error.to_string(), "line 4, column 5: days[0].on: lies outside 2026 to 2026");
}

proptest! {
    #[test]
    fn a_pay_day_moves_by_four_days_at_most_and_never_to_a_day_off(offset in 10i64..5_800, nation in 0usize..4) {
        let (days, nation) = (WorkingDays::shipped(), NATIONS[nation]);
        let day = date(2013, 1, 1).checked_add(offset.days()).unwrap();
        let before = days.on_or_before(nation, day).unwrap();
        prop_assert!((0..=4).contains(&(day - before).get_days()));
        prop_assert_eq!(days.is_working_day(nation, before), Ok(true));
        prop_assert_eq!(days.add(nation, days.add(nation, before, 3).unwrap(), -3), Ok(before));
    }
}
