//! The four steps of a day: what counts in which view, the order of lots, outflows, and the first and last of days.

use jiff::civil::date;
use simulator::dayloop::{Debt, Expiry, FloorStep, History, Outflows, Source, Standing, Units, View};

use crate::build::{
    UNEXPIRING, WITH_CAPITAL, WITH_DEBT, WITH_OUTFLOWS, award, check, flat, history, live, one_off, outflow,
};

#[test]
fn what_is_left_of_a_lot_is_spent_after_its_last_day_only_where_lots_expire() {
    let plenty = history(&[one_off(date(2026, 6, 1), 1_000_00, Source::CrisisGrant)]);
    let span = (date(2026, 6, 1), date(2026, 8, 31));
    check(&plenty, View::TEST, span, &[(date(2026, 7, 2), date(2026, 8, 31))], 61 * 12_00);
    // 1,000.00 is 83 days of 12.00 and 4.00 of the 84th, 23 August.
    check(&plenty, UNEXPIRING, span, &[(date(2026, 8, 23), date(2026, 8, 31))], 9 * 12_00 - 4_00);
}

#[test]
fn capital_counts_only_in_its_own_view_and_never_expires() {
    let saver = history(&[
        one_off(date(2026, 6, 1), 40 * 12_00, Source::Capital),
        one_off(date(2026, 6, 1), 10 * 12_00, Source::Award),
    ]);
    let span = (date(2026, 6, 1), date(2026, 7, 31));
    check(&saver, WITH_CAPITAL, span, &[(date(2026, 7, 21), date(2026, 7, 31))], 11 * 12_00);
    check(&saver, View::TEST, span, &[(date(2026, 6, 11), date(2026, 7, 31))], 51 * 12_00);
    check(&saver, UNEXPIRING, span, &[(date(2026, 6, 11), date(2026, 7, 31))], 51 * 12_00);
}

#[test]
fn capital_is_spent_after_money_that_expires() {
    let saver = history(&[
        one_off(date(2026, 6, 1), 12_00, Source::Capital),
        one_off(date(2026, 6, 1), 31 * 12_00, Source::Award),
    ]);
    let span = (date(2026, 6, 1), date(2026, 7, 3));
    check(&saver, WITH_CAPITAL, span, &[(date(2026, 7, 3), date(2026, 7, 3))], 12_00);
}

#[test]
fn loans_count_only_where_debt_does_and_third_party_payments_nowhere() {
    let day = date(2026, 6, 1);
    for (source, hard, with_debt) in [
        (Source::Advance, false, true),
        (Source::RecoverableHardship, false, true),
        (Source::OtherLoan, false, true),
        (Source::InKind, false, false),
        (Source::ThirdParty, false, false),
        (Source::StudentMaintenance, true, true),
        (Source::Maintenance, true, true),
        (Source::Pension, true, true),
        (Source::TopUp, true, true),
    ] {
        let one_credit = history(&[one_off(day, 12_00, source)]);
        let holds = |view| live(&one_credit, view, (day, day))[0].gap == Units::ZERO;
        assert_eq!((holds(View::TEST), holds(WITH_DEBT)), (hard, with_debt), "{source:?}");
    }
    assert_eq!(Source::Capital.standing(), Standing::Capital);
}

#[test]
fn the_lot_that_expires_first_is_spent_first() {
    // The one-off of 10 June expires on 10 July, after the wage of 5 June, and the arrears outlast both.
    let arrears = Source::Arrears { first: date(2026, 1, 1), last: date(2026, 3, 31) };
    let overlapping =
        history(&[one_off(date(2026, 6, 1), 10 * 12_00, arrears), one_off(date(2026, 6, 5), 31 * 12_00, Source::Wage)]);
    // 1 to 4 June from the arrears, 5 June to 5 July from the wage, 6 to 11 July from the arrears.
    let span = (date(2026, 6, 1), date(2026, 7, 12));
    check(&overlapping, View::TEST, span, &[(date(2026, 7, 12), date(2026, 7, 12))], 12_00);
}

#[test]
fn lots_that_expire_on_one_day_are_worth_their_sum() {
    let earlier = award(date(2026, 6, 1), 6 * 12_00, date(2026, 7, 6));
    let later = one_off(date(2026, 6, 5), 5 * 12_00, Source::TopUp);
    assert_eq!(earlier.last_day(), later.last_day());
    let span = (date(2026, 6, 1), date(2026, 6, 12));
    let breach = (date(2026, 6, 12), date(2026, 6, 12));
    check(&history(&[earlier, later]), View::TEST, span, &[breach], 12_00);
}

#[test]
fn days_before_the_span_are_lived_at_the_floor_and_get_no_verdict() {
    let credits = history(&[one_off(date(2026, 6, 1), 10 * 12_00, Source::Award)]);
    let span = (date(2026, 6, 8), date(2026, 6, 12));
    check(&credits, View::TEST, span, &[(date(2026, 6, 11), date(2026, 6, 12))], 24_00);
}

#[test]
fn a_credit_on_the_last_day_of_the_span_counts_on_that_day() {
    let credits = history(&[one_off(date(2026, 6, 10), 7_00, Source::Award)]);
    let span = (date(2026, 6, 9), date(2026, 6, 10));
    check(&credits, View::TEST, span, &[span], 12_00 + 5_00);
}

#[test]
fn a_lot_is_there_on_its_last_day_and_gone_on_the_next() {
    let credits = history(&[one_off(date(2026, 6, 1), 900_00, Source::Award)]);
    check(&credits, View::TEST, (date(2026, 7, 1), date(2026, 7, 1)), &[], 0);
    let next = (date(2026, 7, 2), date(2026, 7, 2));
    check(&credits, View::TEST, next, &[next], 12_00);
}

#[test]
fn a_floor_of_zero_is_never_breached() {
    let nothing = History { floor: flat(Units::ZERO), ..History::default() };
    check(&nothing, WITH_OUTFLOWS, (date(2024, 2, 27), date(2024, 3, 2)), &[], 0);
}

#[test]
fn a_floor_changes_on_the_day_of_its_step() {
    let step = |from, pence| FloorStep { from, a_day: Units::pence(pence) };
    let rising =
        History { floor: vec![step(date(2026, 6, 3), 12_00), step(date(2026, 6, 1), 5_00)], ..History::default() };
    let span = (date(2026, 5, 31), date(2026, 6, 4));
    let breach = (date(2026, 6, 1), date(2026, 6, 4));
    check(&rising, View::TEST, span, &[breach], 2 * 5_00 + 2 * 12_00);
}

#[test]
fn an_outflow_larger_than_the_money_is_reported_and_not_carried() {
    let credits = [one_off(date(2026, 6, 1), 100_00, Source::Award), one_off(date(2026, 6, 3), 12_00, Source::Award)];
    let pressed = History { outflows: vec![outflow(date(2026, 6, 2), 130_00)], ..history(&credits) };
    let lived = live(&pressed, WITH_OUTFLOWS, (date(2026, 6, 1), date(2026, 6, 3)));
    let found: Vec<(Units, Units)> = lived.iter().map(|day| (day.gap, day.unmet_outflow)).collect();
    let pence = |gap, unmet| (Units::pence(gap), Units::pence(unmet));
    assert_eq!(found, [pence(0, 0), pence(12_00, 42_00), pence(0, 0)]);
}

#[test]
fn two_outflows_on_one_day_are_both_taken() {
    let credits = [one_off(date(2026, 6, 1), 100_00, Source::Award)];
    let twice = vec![outflow(date(2026, 6, 1), 40_00), outflow(date(2026, 6, 1), 50_00)];
    let day = (date(2026, 6, 1), date(2026, 6, 1));
    check(&History { outflows: twice, ..history(&credits) }, WITH_OUTFLOWS, day, &[day], 2_00);
}

#[test]
fn a_span_that_ends_before_it_begins_has_no_days() {
    assert_eq!(live(&history(&[]), View::TEST, (date(2026, 6, 2), date(2026, 6, 1))), []);
}

#[test]
fn money_usable_on_the_calendars_last_days_is_lived_to_its_end() {
    let last = date(9999, 12, 31);
    let credits = history(&[award(date(9999, 12, 30), 20_00, last)]);
    check(&credits, View::TEST, (date(9999, 12, 30), last), &[(last, last)], 4_00);
}

#[test]
fn there_are_twelve_views_and_the_test_is_one_of_them() {
    let views = View::all();
    assert_eq!(views.len(), 12);
    let test = View { expiry: Expiry::Expiring, debt: Debt::Hard, outflows: Outflows::Ignored };
    assert_eq!(views.iter().filter(|view| **view == test).count(), 1);
}
