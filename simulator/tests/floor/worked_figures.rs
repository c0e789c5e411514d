//! Every row of `FLOOR.md` section 5. The figures are that page's; none comes from running this code.

use jiff::civil::{Date, date};
use simulator::dayloop::{Credit, DaySpan, FloorStep, History, Source, Units, View, day_by_day};

use crate::build::{
    WITH_DEBT, WITH_OUTFLOWS, award, breach_days, check, flat, history, live, one_off, outflow, shortfall,
};

/// The standard allowance of a single adult of 25 or over in 2026/27.
const ALLOWANCE: u64 = 424_90;

const FIRST_WAIT: (Date, Date) = (date(2026, 6, 1), date(2026, 7, 6));
const SEVEN_JULY: Date = date(2026, 7, 7);
const SEVEN_AUGUST: Date = date(2026, 8, 7);
const SEVEN_SEPTEMBER: Date = date(2026, 9, 7);
const SEVEN_OCTOBER: Date = date(2026, 10, 7);

#[test]
fn row_1a_a_claim_without_cash_waits_36_days_for_its_first_payment() {
    let claim = waiting(&[]);
    check(&claim, View::TEST, FIRST_WAIT, &[FIRST_WAIT], 432_00);
}

#[test]
fn row_1b_a_last_wage_lasts_31_days_of_the_first_wait() {
    let claim = waiting(&[one_off(date(2026, 5, 29), 1_400_00, Source::Wage)]);
    let breach = (date(2026, 6, 29), date(2026, 7, 6));
    check(&claim, View::TEST, FIRST_WAIT, &[breach], 96_00);
}

#[test]
fn row_1c_an_advance_fills_the_first_wait_only_where_debt_counts() {
    let advance = award(date(2026, 6, 3), ALLOWANCE, SEVEN_JULY);
    let claim = waiting(&[Credit { source: Source::Advance, ..advance }]);
    check(&claim, View::TEST, FIRST_WAIT, &[FIRST_WAIT], 432_00);
    let before_it_came = (date(2026, 6, 1), date(2026, 6, 2));
    check(&claim, WITH_DEBT, FIRST_WAIT, &[before_it_came], 24_00);
}

/// A claim made on 1 June whose first award is due on 7 July.
fn waiting(before: &[Credit]) -> History {
    let mut credits = before.to_vec();
    credits.push(award(SEVEN_JULY, ALLOWANCE, SEVEN_AUGUST));
    History { registered: Some(date(2026, 6, 1)), ..history(&credits) }
}

#[test]
fn row_2_a_sanction_of_28_days_leaves_29_days_below_the_floor() {
    let sanctioned = history(&[
        award(SEVEN_JULY, ALLOWANCE, SEVEN_AUGUST),
        award(SEVEN_AUGUST, 35_70, SEVEN_SEPTEMBER),
        award(SEVEN_SEPTEMBER, ALLOWANCE, SEVEN_OCTOBER),
    ]);
    let breach = (date(2026, 8, 9), date(2026, 9, 6));
    check(&sanctioned, View::TEST, (SEVEN_JULY, date(2026, 10, 6)), &[breach], 336_30);
}

#[test]
fn row_3a_a_returned_payment_reissued_after_a_week_leaves_seven_days() {
    let actual = history(&[july(), reissued(), september()]);
    let breach = (SEVEN_AUGUST, date(2026, 8, 13));
    check(&actual, View::TEST, JULY_TO_OCTOBER, &[breach], 84_00);
}

#[test]
fn row_3a_the_gap_was_believed_only_from_the_day_the_return_was_known() {
    let presumed = award(SEVEN_AUGUST, ALLOWANCE, SEVEN_SEPTEMBER);
    let before_the_return = history(&[july(), presumed]);
    let after_the_return = history(&[july()]);
    let after_the_reissue = history(&[july(), reissued(), september()]);
    let returned_on = date(2026, 8, 11);
    let reissued_on = date(2026, 8, 14);
    let mut believed = Vec::new();
    for day in live(&after_the_reissue, View::TEST, JULY_TO_OCTOBER).iter().map(|lived| lived.day) {
        let known = match day {
            day if day < returned_on => &before_the_return,
            day if day < reissued_on => &after_the_return,
            _ => &after_the_reissue,
        };
        believed.extend(live(known, View::TEST, (day, day)));
    }
    let gaps: Vec<Date> = believed.iter().filter(|day| day.gap > Units::ZERO).map(|day| day.day).collect();
    assert_eq!(gaps, [returned_on, date(2026, 8, 12), date(2026, 8, 13)]);
}

#[test]
fn row_3b_a_top_up_on_the_day_of_the_return_leaves_only_the_detection_lag() {
    let top_up = one_off(date(2026, 8, 11), 36_00, Source::TopUp);
    let topped_up = history(&[july(), top_up, reissued(), september()]);
    let breach = (SEVEN_AUGUST, date(2026, 8, 10));
    check(&topped_up, View::TEST, JULY_TO_OCTOBER, &[breach], 48_00);
}

const JULY_TO_OCTOBER: (Date, Date) = (SEVEN_JULY, date(2026, 10, 6));

fn july() -> Credit {
    award(SEVEN_JULY, ALLOWANCE, SEVEN_AUGUST)
}
fn reissued() -> Credit {
    award(date(2026, 8, 14), ALLOWANCE, SEVEN_SEPTEMBER)
}
fn september() -> Credit {
    award(SEVEN_SEPTEMBER, ALLOWANCE, SEVEN_OCTOBER)
}

#[test]
fn row_4a_into_work_on_monthly_pay_the_last_awards_reach_the_first_wage() {
    let credits = [july(), award(SEVEN_AUGUST, ALLOWANCE, SEVEN_SEPTEMBER), first_wage()];
    check(&history(&credits), View::TEST, INTO_WORK, &[], 0);
}

#[test]
fn row_4b_into_work_two_travel_passes_leave_seven_days_before_the_second_award() {
    let credits = [july(), award(SEVEN_AUGUST, ALLOWANCE, SEVEN_SEPTEMBER), first_wage()];
    let passes = vec![outflow(date(2026, 7, 20), 130_00), outflow(date(2026, 8, 20), 130_00)];
    let travelling = History { outflows: passes, ..history(&credits) };
    let breach = (date(2026, 7, 31), date(2026, 8, 6));
    check(&travelling, WITH_OUTFLOWS, INTO_WORK, &[breach], 77_10);
    check(&travelling, View::TEST, INTO_WORK, &[], 0);
    let lived = live(&travelling, WITH_OUTFLOWS, INTO_WORK);
    assert!(lived.iter().all(|day| day.unmet_outflow == Units::ZERO));
}

#[test]
fn row_4c_into_work_with_the_claim_closed_24_days_wait_for_the_wage() {
    let closed = history(&[july(), first_wage()]);
    let breach = (SEVEN_AUGUST, date(2026, 8, 30));
    check(&closed, View::TEST, INTO_WORK, &[breach], 288_00);
}

/// Up to the day before the second wage is due.
const INTO_WORK: (Date, Date) = (SEVEN_JULY, date(2026, 9, 29));

fn first_wage() -> Credit {
    let wage = award(date(2026, 8, 31), 1_500_00, date(2026, 9, 30));
    Credit { source: Source::Wage, ..wage }
}

#[test]
fn row_5a_a_partner_whose_account_got_nothing_is_below_the_floor_from_the_payment_on() {
    let partner_b = separated(&[]);
    check(&partner_b, View::TEST, SEPARATION, &[SEPARATION], 471_00);
}

#[test]
fn row_5a_pooling_hides_the_three_days_before_the_separation() {
    let together =
        History { floor: flat(Units::pence(18_00)), ..history(&[award(SEVEN_AUGUST, 666_97, SEVEN_SEPTEMBER)]) };
    let before_the_separation = (SEVEN_AUGUST, date(2026, 8, 9));
    check(&together, View::TEST, before_the_separation, &[], 0);
    check(&separated(&[]), View::TEST, before_the_separation, &[before_the_separation], 27_00);
}

#[test]
fn row_5b_split_payment_leaves_twelve_days_of_the_wait_after_a_separation() {
    let partner_b = separated(&[award(SEVEN_AUGUST, 333_49, SEVEN_SEPTEMBER)]);
    let breach = (date(2026, 9, 4), date(2026, 9, 15));
    check(&partner_b, View::TEST, SEPARATION, &[breach], 137_51);
}

/// From the couple's last payment to the day before B's first own one.
const SEPARATION: (Date, Date) = (SEVEN_AUGUST, date(2026, 9, 15));

fn separated(to_b: &[Credit]) -> History {
    let mut credits = to_b.to_vec();
    credits.push(award(date(2026, 9, 16), ALLOWANCE, date(2026, 10, 16)));
    let couple = FloorStep { from: date(2026, 1, 1), a_day: Units::pence(9_00) };
    let single = FloorStep { from: date(2026, 8, 10), a_day: Units::pence(12_00) };
    History { floor: vec![couple, single], ..history(&credits) }
}

#[test]
fn row_6a_a_deduction_of_15_per_cent_breaches_at_the_end_of_four_long_months() {
    let deducted = history(&monthly(6, 361_16));
    let ends = [date(2026, 8, 6), date(2026, 9, 6), date(2026, 11, 6), date(2027, 1, 6)];
    check(&deducted, View::TEST, SIX_MONTHS, &ends.map(|day| (day, day)), 41_04);
}

#[test]
fn row_6b_a_deduction_of_25_per_cent_breaches_on_28_days() {
    let lived = live(&history(&monthly(6, 318_68)), View::TEST, SIX_MONTHS);
    assert_eq!((breach_days(&lived), shortfall(&lived)), (28, Units::pence(295_92)));
}

#[test]
fn row_6c_a_deduction_held_at_31_days_of_the_floor_breaches_on_none() {
    check(&history(&monthly(6, 31 * 12_00)), View::TEST, SIX_MONTHS, &[], 0);
}

#[test]
fn row_7_twelve_full_payments_fail_a_52nd_of_their_year_on_six_days() {
    // 98.05 a week is 607,910 units a day. 31 days take 404,550 units more than a payment: July, August, January. After
    // 30 days 203,360 units are left for the next 7th: October, December, May are 201,190 short. February's lot, which
    // lasts to 9 March, makes March whole. 3 x 404,550 + 3 x 201,190 = 1,817,220 units: 41.87 and 0.14 of a penny.
    let year = History { floor: flat(Units(98_05 * 434 / 7)), ..history(&monthly(12, ALLOWANCE)) };
    let lived = live(&year, View::TEST, TWELVE_MONTHS);
    assert_eq!((breach_days(&lived), shortfall(&lived)), (6, Units(1_817_220)));
    assert_eq!(shortfall(&lived).0 / 434, 41_87);
}

#[test]
fn row_7b_twelve_full_payments_meet_a_31st_of_a_month_on_each_day() {
    let year = History { floor: flat(Units(424_90 * 434 / 31)), ..history(&monthly(12, ALLOWANCE)) };
    check(&year, View::TEST, TWELVE_MONTHS, &[], 0);
}

const SIX_MONTHS: (Date, Date) = (SEVEN_JULY, date(2027, 1, 6));
const TWELVE_MONTHS: (Date, Date) = (SEVEN_JULY, date(2027, 7, 6));

/// Payments on the 7th of each month from July 2026 on.
fn monthly(count: usize, pence: u64) -> Vec<Credit> {
    let sevenths: Vec<Date> = (2026..=2027)
        .flat_map(|year| (1..=12).map(move |month| date(year, month, 7)))
        .skip_while(|day| *day < SEVEN_JULY)
        .take(count + 1)
        .collect();
    sevenths.windows(2).map(|pair| award(pair[0], pence, pair[1])).collect()
}

#[test]
fn row_8_arrears_for_159_days_outlast_the_small_award_after_them() {
    let source = Source::Arrears { first: date(2026, 3, 1), last: date(2026, 8, 6) };
    let award_after = award(SEVEN_SEPTEMBER, 35_70, SEVEN_OCTOBER);
    let paid_late = history(&[one_off(SEVEN_AUGUST, 3_000_00, source), award_after]);
    check(&paid_late, View::TEST, (SEVEN_AUGUST, date(2026, 10, 6)), &[], 0);
    assert_eq!(paid_late.credits[0].life_days(), Some(159));
}

#[test]
fn a_year_comes_out_the_same_whatever_the_order_of_its_credits() {
    let mut year = history(&monthly(12, ALLOWANCE));
    let in_order = live(&year, View::TEST, TWELVE_MONTHS);
    year.credits.reverse();
    let span = DaySpan { first: TWELVE_MONTHS.0, last: TWELVE_MONTHS.1 };
    assert_eq!(day_by_day(&year, View::TEST, span), in_order);
}
