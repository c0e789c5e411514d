//! How long money lasts.

use jiff::civil::{Date, date};
use simulator::dayloop::{Credit, Series, Source, View};

use crate::build::{award, check, history, one_off};

#[track_caller]
fn lasts(credit: Credit, last_day: Date) {
    assert_eq!(credit.last_day(), last_day);
}

#[test]
fn money_of_no_series_lasts_31_days() {
    lasts(one_off(date(2026, 5, 29), 1, Source::Wage), date(2026, 6, 28));
}

#[test]
fn weekly_and_four_weekly_money_lasts_31_days_too() {
    lasts(award(date(2026, 6, 1), 1, date(2026, 6, 8)), date(2026, 7, 1));
    lasts(award(date(2026, 6, 1), 1, date(2026, 6, 29)), date(2026, 7, 1));
}

#[test]
fn money_lasts_to_the_day_before_the_next_is_due_for_31_to_35_days() {
    lasts(award(date(2026, 7, 7), 1, date(2026, 8, 7)), date(2026, 8, 6));
    lasts(award(date(2026, 7, 7), 1, date(2026, 8, 10)), date(2026, 8, 9));
    lasts(award(date(2026, 7, 7), 1, date(2026, 8, 11)), date(2026, 8, 10));
    lasts(award(date(2026, 7, 7), 1, date(2026, 8, 12)), date(2026, 8, 10));
}

#[test]
fn february_is_counted_in_days_in_common_and_in_leap_years() {
    lasts(award(date(2026, 2, 7), 1, date(2026, 3, 7)), date(2026, 3, 9));
    lasts(award(date(2024, 2, 7), 1, date(2024, 3, 7)), date(2024, 3, 8));
    lasts(award(date(2028, 1, 31), 1, date(2028, 2, 29)), date(2028, 3, 1));
    lasts(award(date(2024, 2, 29), 1, date(2024, 3, 31)), date(2024, 3, 30));
}

#[test]
fn money_that_came_after_its_next_due_day_still_lasts_31_days() {
    lasts(award(date(2026, 8, 20), 1, date(2026, 8, 7)), date(2026, 9, 19));
}

#[test]
fn arrears_last_as_many_days_as_they_pay_for_and_at_least_31() {
    let for_days = |first, last| one_off(date(2026, 8, 7), 1, Source::Arrears { first, last });
    lasts(for_days(date(2026, 7, 6), date(2026, 8, 6)), date(2026, 9, 7)); // 32 days
    lasts(for_days(date(2026, 8, 1), date(2026, 8, 6)), date(2026, 9, 6)); // 6 days
    lasts(for_days(date(2025, 8, 7), date(2026, 8, 6)), date(2027, 8, 6)); // 365 days
}

#[test]
fn a_student_instalment_lasts_to_the_next_one() {
    let autumn = award(date(2026, 9, 21), 1, date(2027, 1, 11));
    lasts(Credit { source: Source::StudentMaintenance, ..autumn }, date(2027, 1, 10));
    let last_of_the_course = one_off(date(2027, 4, 19), 1, Source::StudentMaintenance);
    lasts(last_of_the_course, date(2027, 5, 19));
}

#[test]
fn an_advance_lasts_to_the_award_that_it_anticipates() {
    let advance = award(date(2026, 6, 3), 1, date(2026, 7, 7));
    lasts(Credit { source: Source::Advance, ..advance }, date(2026, 7, 6));
}

#[test]
fn a_top_up_belongs_to_no_series() {
    let top_up = award(date(2026, 8, 1), 1, date(2026, 9, 5));
    lasts(Credit { source: Source::TopUp, ..top_up }, date(2026, 8, 31));
}

#[test]
fn clock_changes_neither_lengthen_nor_shorten_the_life_of_money() {
    // London's clocks go forward on 29 March 2026 and back on 25 October 2026.
    lasts(one_off(date(2026, 3, 28), 1, Source::Wage), date(2026, 4, 27));
    lasts(award(date(2026, 10, 24), 1, date(2026, 11, 24)), date(2026, 11, 23));
    let autumn = history(&[one_off(date(2026, 10, 20), 7 * 12_00, Source::Award)]);
    let breach = (date(2026, 10, 27), date(2026, 10, 28));
    check(&autumn, View::TEST, (date(2026, 10, 20), date(2026, 10, 28)), &[breach], 24_00);
}

#[test]
fn a_series_without_a_next_day_lasts_as_a_one_off_does() {
    let last_wage = one_off(date(2026, 5, 29), 1, Source::Wage);
    let series = Some(Series { number: 3, next_due: None });
    lasts(Credit { series, ..last_wage }, date(2026, 6, 28));
}
