use super::*;
use crate::floor::amount::FloorAmount;
use crate::floor::days::{Days, plus};
use jiff::civil::{Weekday, date};
use proptest::prelude::*;
use schemas::Money;

/// Monday to Friday, but for the bank holiday on Monday 31 August 2026.
fn working(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && day != date(2026, 8, 31)
}

fn breach(day: Date, notified_on: Option<Date>, channels: Channels) -> BreachDay {
    BreachDay { day, notified_on, channels }
}

fn answered(breach: BreachDay, lead: u8) -> (Preventable, bool) {
    let answers = preventable(&[breach], lead, working);
    assert_eq!(answers.iter().map(|answered| answered.day).collect::<Vec<_>>(), [breach.day]);
    (answers[0].answer, answers[0].in_reach)
}

/// The last day of receipt that makes a breach on the day preventable is this one, and the day after is too late.
#[track_caller]
fn latest_receipt(day: Date, latest: Date) {
    let by = |received| answered(breach(day, Some(received), Channels::Open), 0).0;
    assert_eq!(by(latest), Preventable::Preventable);
    assert_eq!(by(plus(latest, 1)), Preventable::NotPreventable);
}

#[test]
fn a_breach_is_preventable_where_the_fact_was_received_three_working_days_before_or_earlier() {
    latest_receipt(date(2026, 8, 13), date(2026, 8, 10)); // Thursday: Monday
    latest_receipt(date(2026, 8, 14), date(2026, 8, 11)); // Friday: Tuesday
    let long_before = breach(date(2026, 8, 13), Some(date(2025, 8, 13)), Channels::Open);
    assert_eq!(answered(long_before, 0).0, Preventable::Preventable);
}

#[test]
fn weekends_and_bank_holidays_are_no_working_days_of_notice() {
    latest_receipt(date(2026, 8, 17), date(2026, 8, 12)); // Monday: Wednesday
    latest_receipt(date(2026, 8, 19), date(2026, 8, 14)); // Wednesday: Friday
    latest_receipt(date(2026, 8, 15), date(2026, 8, 12)); // Saturday: Wednesday
    latest_receipt(date(2026, 9, 2), date(2026, 8, 27)); // Wednesday after the holiday: Thursday
    let on_a_saturday = |day| answered(breach(day, Some(date(2026, 8, 15)), Channels::Open), 0).0;
    assert_eq!(on_a_saturday(date(2026, 8, 19)), Preventable::NotPreventable); // Monday and Tuesday only
    assert_eq!(on_a_saturday(date(2026, 8, 20)), Preventable::Preventable);
}

#[test]
fn a_breach_of_which_no_public_body_had_the_fact_before_is_not_preventable() {
    let day = date(2026, 8, 13);
    for notified_on in [None, Some(day), Some(date(2026, 9, 1))] {
        assert_eq!(answered(breach(day, notified_on, Channels::Open), 3).0, Preventable::NotPreventable);
    }
    assert!(preventable(&[], 0, working).is_empty());
}

#[test]
fn a_preventable_day_with_no_payment_channel_open_is_counted_and_labelled() {
    let (day, in_time, too_late) = (date(2026, 8, 13), date(2026, 8, 10), date(2026, 8, 11));
    let by = |received, channels| answered(breach(day, Some(received), channels), 0).0;
    let all = [(in_time, Channels::Open), (in_time, Channels::NoneOpen), (too_late, Channels::NoneOpen)];
    let answers = all.map(|(received, channels)| by(received, channels));
    let said = answers.map(|answer| (answer.counts(), answer.label()));
    assert_eq!(said, [(true, "preventable"), (true, "preventable, no channel open"), (false, "not preventable")]);
}

#[test]
fn a_short_lead_shows_days_in_reach_and_changes_no_answer() {
    let (monday, tuesday, thursday) = (date(2026, 8, 10), date(2026, 8, 11), date(2026, 8, 13));
    let by = |received, lead| answered(breach(thursday, Some(received), Channels::Open), lead);
    let on_monday = [0, 1, 2, 3].map(|lead| by(monday, lead));
    assert_eq!(on_monday, [(Preventable::Preventable, true); 4]);
    let on_tuesday = [0, 1, 2, 3].map(|lead| by(tuesday, lead));
    assert_eq!(on_tuesday, [true, true, true, false].map(|in_reach| (Preventable::NotPreventable, in_reach)));
    // Released on Wednesday and three working days on its way, money arrives on Monday and misses the Saturday.
    let saturday = breach(date(2026, 8, 15), Some(date(2026, 8, 12)), Channels::Open);
    assert_eq!([2, 3].map(|lead| answered(saturday, lead)), [true, false].map(|r| (Preventable::Preventable, r)));
}

proptest! {
    #[test]
    fn an_earlier_receipt_never_makes_a_day_less_preventable_and_on_a_working_day_three_of_lead_is_the_notice(
        (received, earlier, wait) in (0..60_i32, 0..10_i32, 0..12_i32),
    ) {
        let received = plus(date(2026, 8, 1), received);
        let day = plus(received, wait);
        let by = |received| answered(breach(day, Some(received), Channels::Open), 3);
        prop_assert!(!by(received).0.counts() || by(plus(received, -earlier)).0.counts());
        prop_assert!(!by(received).1 || by(received).0.counts(), "what a lead of three reaches is preventable");
        if working(day) {
            prop_assert_eq!(by(received).0.counts(), by(received).1);
        }
    }
}

fn gaps(first: i8, last: i8) -> Gaps {
    let days = Days::new(date(2026, 8, first), date(2026, 8, last)).unwrap();
    days.each().map(|day| (day, FloorAmount::of(Money::from_pence(1_200)))).collect()
}

/// First and last day of August, and pence.
#[track_caller]
fn lags(actual: &Gaps, believed: &Gaps, expected: &[(i8, i8, i64)]) {
    let lags = detection_lags(actual, believed).into_iter();
    let found = lags.map(|lag| (lag.days.from().day(), lag.days.to().day(), lag.shortfall.shown().pence()));
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[test]
fn scenario_3a_a_return_of_11_august_was_not_seen_for_four_days() {
    lags(&gaps(7, 13), &gaps(11, 13), &[(7, 10, 4_800)]);
}

#[test]
fn scenario_3b_with_a_top_up_on_11_august_all_that_remains_is_detection_lag() {
    lags(&gaps(7, 10), &Gaps::default(), &[(7, 10, 4_800)]);
}

#[test]
fn a_breach_seen_on_its_days_has_no_lag_and_one_only_believed_is_no_detection_failure() {
    lags(&gaps(7, 13), &gaps(7, 13), &[]);
    lags(&Gaps::default(), &gaps(7, 13), &[]);
    lags(&gaps(7, 13), &gaps(9, 11), &[(7, 8, 2_400), (12, 13, 2_400)]);
}
