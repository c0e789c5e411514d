//! The level test: too little money, whatever its timing. Figures worked by hand in the comments.

use jiff::civil::{Date, date};
use simulator::dayloop::{Cover, Credit, History, Series, Source, Units, View, cover};

use crate::build::{WITH_CAPITAL, WITH_DEBT, award, history, one_off};

#[track_caller]
fn check(history: &History, view: View, day: Date, pence: u128, days: u128) {
    let found = cover(history, view, day).map(Cover::fraction);
    let equal = found.map(|(units, over)| units * days == pence * 434 * over);
    assert_eq!(equal, Ok(true), "{found:?} is not {pence} pence over {days} days");
}

#[test]
fn a_month_of_pay_covers_each_day_up_to_the_next_due_day() {
    let paid = history(&[award(date(2026, 7, 7), 424_90, date(2026, 8, 7))]);
    check(&paid, View::TEST, date(2026, 7, 6), 0, 1);
    check(&paid, View::TEST, date(2026, 7, 7), 424_90, 31);
    check(&paid, View::TEST, date(2026, 8, 6), 424_90, 31);
    check(&paid, View::TEST, date(2026, 8, 7), 0, 1);
}

#[test]
fn short_and_long_periods_are_spread_over_their_own_days() {
    let weekly = history(&[award(date(2026, 6, 1), 84_00, date(2026, 6, 8))]);
    check(&weekly, View::TEST, date(2026, 6, 7), 84_00, 7);
    let long = history(&[award(date(2026, 7, 7), 400_00, date(2026, 8, 16))]);
    check(&long, View::TEST, date(2026, 8, 15), 10_00, 1); // 40 days
    let leap = history(&[award(date(2024, 2, 1), 290_00, date(2024, 3, 1))]);
    check(&leap, View::TEST, date(2024, 2, 29), 10_00, 1); // 29 days
}

#[test]
fn only_the_latest_credit_of_a_series_counts() {
    let early_second = history(&[
        award(date(2026, 7, 7), 310_00, date(2026, 8, 7)),
        award(date(2026, 8, 4), 340_00, date(2026, 9, 7)),
    ]);
    check(&early_second, View::TEST, date(2026, 8, 3), 10_00, 1);
    check(&early_second, View::TEST, date(2026, 8, 4), 10_00, 1); // 340.00 over 34 days, and not 20.00
}

#[test]
fn the_lines_of_one_payment_are_the_latest_credit_together() {
    let lines = history(&[
        award(date(2026, 6, 7), 900_00, date(2026, 7, 7)),
        award(date(2026, 7, 7), 310_00, date(2026, 8, 7)),
        award(date(2026, 7, 7), 620_00, date(2026, 8, 7)),
    ]);
    check(&lines, View::TEST, date(2026, 7, 7), 30_00, 1);
}

#[test]
fn a_later_credit_without_a_next_due_day_replaces_the_earlier_one_and_is_spread_over_31_days() {
    let last = award(date(2026, 7, 10), 620_00, date(2026, 8, 7));
    let series = Some(Series { number: 1, next_due: None });
    let ended = history(&[award(date(2026, 7, 7), 310_00, date(2026, 8, 7)), Credit { series, ..last }]);
    check(&ended, View::TEST, date(2026, 8, 9), 20_00, 1);
    check(&ended, View::TEST, date(2026, 8, 10), 0, 1);
}

#[test]
fn series_and_one_offs_add_up_exactly() {
    let wage = award(date(2026, 6, 1), 70_00, date(2026, 6, 8));
    let other_series = Some(Series { number: 2, next_due: Some(date(2026, 6, 8)) });
    let mixed = history(&[
        award(date(2026, 6, 1), 280_00, date(2026, 6, 29)),
        Credit { series: other_series, source: Source::Wage, ..wage },
        one_off(date(2026, 6, 1), 31_00, Source::CrisisGrant),
        one_off(date(2026, 6, 1), 1_00, Source::TopUp),
    ]);
    // 10.00 + 10.00 + 1.00 a day, and a pound over 31 days: (21.00 x 31 + 1.00) / 31.
    check(&mixed, View::TEST, date(2026, 6, 7), 21_00 * 31 + 1_00, 31);
    check(&mixed, View::TEST, date(2026, 7, 1), 32_00, 31);
    check(&mixed, View::TEST, date(2026, 7, 2), 0, 1);
}

#[test]
fn a_shortfall_is_a_cover_below_the_floor_by_any_fraction_of_a_penny() {
    let paid = history(&[award(date(2026, 7, 7), 424_90, date(2026, 8, 7))]);
    let found = cover(&paid, View::TEST, date(2026, 7, 7)).unwrap();
    // 424.90 / 31 is 42,490 x 14 = 594,860 units a day.
    assert!(!found.is_below(Units(594_860)));
    assert!(found.is_below(Units(594_861)));
    // Over 30 days the same money is 614,688 and two thirds.
    let thirty = history(&[award(date(2026, 9, 7), 424_90, date(2026, 10, 7))]);
    let found = cover(&thirty, View::TEST, date(2026, 9, 7)).unwrap();
    assert!(!found.is_below(Units(614_688)));
    assert!(found.is_below(Units(614_689)));
}

#[test]
fn an_advance_is_the_latest_credit_of_its_series_only_where_debt_counts() {
    let advance = award(date(2026, 6, 3), 340_00, date(2026, 7, 7));
    let waiting = history(&[Credit { source: Source::Advance, ..advance }]);
    check(&waiting, View::TEST, date(2026, 6, 3), 0, 1);
    check(&waiting, WITH_DEBT, date(2026, 6, 3), 10_00, 1);
}

#[test]
fn capital_covers_no_day() {
    let saver = history(&[one_off(date(2026, 6, 1), 10_000_00, Source::Capital)]);
    check(&saver, WITH_CAPITAL, date(2026, 6, 1), 0, 1);
}

#[test]
fn a_floor_too_high_to_multiply_is_above_every_cover() {
    let paid = history(&[one_off(date(2026, 6, 1), 1, Source::Wage)]);
    let found = cover(&paid, View::TEST, date(2026, 6, 1)).unwrap();
    assert!(found.is_below(Units(u128::MAX)));
}
