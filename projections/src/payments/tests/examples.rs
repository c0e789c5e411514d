//! Worked by hand. The calendar of 2026: 7 June is a Sunday, 7 July a Tuesday, 7 August a Friday, 7 September a Monday.

use schemas::DebtId;
use schemas::events::{
    Account, Channel, DayOfMonth, DebtCreditorRecorded, DebtKind, DebtRegistered, LandlordAccount, Nation, PaidEvery,
    PayCalendar, PaymentResumed, PaymentSuspended,
};

use super::super::{Horizon, Leaves, leaves, route};
use super::*;

const OWN: Payee = Payee::Person(ANN);

#[test]
fn a_pay_day_on_a_sunday_is_paid_on_the_friday_before_and_the_money_lasts_to_the_next_pay_day_as_moved() {
    let mut told = Told::new(date(2026, 5, 1), "424.90", "0.00");
    told.until(date(2026, 10, 31));
    told.check(
        OWN,
        &[
            "2026-06-05 (from 2026-06-07) 424.90",
            "2026-07-07 424.90",
            "2026-08-07 424.90",
            "2026-09-07 424.90",
            "2026-10-07 424.90",
        ],
    );
    // 7 November is a Saturday.
    let next: Vec<Date> = told.payments(OWN).filter_map(|payment| payment.next_due).collect();
    let expected = [(7, 7), (8, 7), (9, 7), (10, 7), (11, 6)].map(|(month, day)| date(2026, month, day));
    assert_eq!(next, expected);
}

#[test]
fn christmas_2026_is_paid_on_christmas_eve_and_new_year_in_scotland_on_new_years_eve() {
    // Periods end on the 19th: 26 December is a Saturday, after Christmas Day, a Friday.
    let mut told = Told::new(date(2026, 10, 20), "424.90", "0.00");
    told.until(date(2026, 12, 31));
    told.check(OWN, &["2026-11-26 424.90", "2026-12-24 (from 2026-12-26) 424.90"]);
    // Periods end on the 28th: 4 January 2027, a Monday, stands in for 2 January, a Saturday, in Scotland alone.
    let of = |nation: Nation| {
        let mut told = Told::new(date(2026, 10, 29), "424.90", "0.00");
        told.fact(PersonFact::Nation(nation));
        told.until(date(2027, 1, 4));
        told.payments(OWN).last().unwrap().due_on
    };
    assert_eq!(of(Nation::Scotland), date(2026, 12, 31));
    assert_eq!(of(Nation::Wales), date(2027, 1, 4));
}

#[test]
fn whoever_asks_for_the_exact_day_is_paid_on_sundays() {
    let mut told = Told::new(date(2026, 5, 1), "424.90", "0.00");
    told.fact(PersonFact::PayCalendar(PayCalendar::ExactDay));
    told.until(date(2026, 6, 30));
    told.check(OWN, &["2026-06-07 424.90"]);
}

#[test]
fn paid_twice_a_month_the_second_half_comes_15_days_after_the_first_and_the_landlord_has_the_whole_rent_at_once() {
    // 424.91 in two: 212.46 and 212.45. 22 August is a Saturday.
    let mut told = Told::new(date(2026, 6, 1), "424.91", "500.00");
    told.fact(PersonFact::PaidEvery(PaidEvery::TwiceMonthly));
    told.until(date(2026, 8, 31));
    told.check(
        OWN,
        &["2026-07-07 212.46", "2026-07-22 212.45", "2026-08-07 212.46", "2026-08-21 (from 2026-08-22) 212.45"],
    );
    told.check(Payee::Landlord, &["2026-07-07 500.00", "2026-08-07 500.00"]);
    let next: Vec<Date> = told.payments(OWN).filter_map(|payment| payment.next_due).collect();
    assert_eq!(next, [date(2026, 7, 22), date(2026, 8, 7), date(2026, 8, 21), date(2026, 9, 7)]);
    assert_eq!(told.payments(OWN).map(|payment| payment.instalment).collect::<Vec<_>>(), [1, 2, 1, 2]);
}

#[test]
fn a_month_in_four_parts_adds_up_to_the_penny() {
    // 424.90 = 2 x 106.23 + 2 x 106.22.
    let mut told = Told::new(date(2026, 6, 1), "424.90", "0.00");
    told.fact(PersonFact::PaidEvery(PaidEvery::FourTimesMonthly));
    told.until(date(2026, 7, 31));
    told.check(OWN, &["2026-07-07 106.23", "2026-07-14 106.23", "2026-07-22 106.22", "2026-07-29 106.22"]);
}

#[test]
fn somebody_who_goes_back_to_a_monthly_payment_between_two_parts_gets_the_rest_at_once() {
    // Half of 400.00 on 7 July; the change counts from 1 July and is told on 10 July.
    let mut told = Told::new(date(2026, 6, 1), "400.00", "0.00");
    told.fact_until(PersonFact::PaidEvery(PaidEvery::TwiceMonthly), date(2026, 7, 9));
    told.until(date(2026, 7, 9));
    told.day = date(2026, 7, 1);
    told.fact_until(PersonFact::PaidEvery(PaidEvery::Monthly), date(2027, 1, 1));
    told.day = date(2026, 7, 10);
    told.until(date(2026, 8, 10));
    told.check(OWN, &["2026-07-07 200.00", "2026-07-10 200.00", "2026-08-07 400.00"]);
}

#[test]
fn somebody_who_chooses_parts_after_the_whole_was_paid_is_not_paid_it_again() {
    let mut told = Told::new(date(2026, 6, 1), "400.00", "0.00");
    told.until(date(2026, 7, 9));
    told.day = date(2026, 7, 1);
    told.fact(PersonFact::PaidEvery(PaidEvery::TwiceMonthly));
    told.day = date(2026, 7, 10);
    told.until(date(2026, 8, 31));
    told.check(OWN, &["2026-07-07 400.00", "2026-08-07 200.00", "2026-08-21 (from 2026-08-22) 200.00"]);
}

#[test]
fn a_decision_replaced_between_two_parts_changes_the_second() {
    // 200.00 of 400.00 is paid; 460.00 stand on 10 July: 260.00 are left.
    let mut told = Told::new(date(2026, 6, 1), "400.00", "0.00");
    told.fact(PersonFact::PaidEvery(PaidEvery::TwiceMonthly));
    told.until(date(2026, 7, 9));
    let period = told.periods().next().unwrap();
    told.lines.iter_mut().for_each(|line| line.amount = pounds("460.00"));
    told.decide(period);
    told.until(date(2026, 7, 31));
    told.check(OWN, &["2026-07-07 200.00", "2026-07-22 260.00"]);
}

#[test]
fn a_chosen_day_is_kept_where_the_law_leaves_it_and_a_later_one_is_reached_in_steps_of_a_month() {
    // June ends on the 30th: 1 to 7 July are lawful. The 3rd is chosen, and on 10 August the 15th, which is never lawful, so
    // that the 7th holds: 3 August and 31 days are 3 September, and on to 4 October and 4 November.
    let mut told = Told::new(date(2026, 6, 1), "400.00", "0.00");
    told.fact(PersonFact::PayCalendar(PayCalendar::ExactDay));
    told.fact(PersonFact::PayDay(DayOfMonth::new(3).unwrap()));
    told.until(date(2026, 8, 10));
    told.fact(PersonFact::PayDay(DayOfMonth::new(15).unwrap()));
    told.until(date(2026, 11, 10));
    told.check(
        OWN,
        &["2026-07-03 400.00", "2026-08-03 400.00", "2026-09-03 400.00", "2026-10-04 400.00", "2026-11-04 400.00"],
    );
}

#[test]
fn a_day_that_becomes_later_comes_no_later_than_was_announced_with_the_payment_before() {
    // 4 April 2027 is a Sunday: paid on Friday 2 April, which is to last to Tuesday 4 May. The 5th is chosen on the 3rd, and
    // is reached in June, where it is a Saturday: paid on Friday 4 June, 31 days after 4 May.
    let mut told = Told::new(date(2027, 3, 1), "400.00", "0.00");
    told.fact(PersonFact::PayDay(DayOfMonth::new(4).unwrap()));
    told.until(date(2027, 4, 2));
    told.fact(PersonFact::PayDay(DayOfMonth::new(5).unwrap()));
    told.until(date(2027, 7, 10));
    let from_sunday = "2027-04-02 (from 2027-04-04) 400.00";
    told.check(OWN, &[from_sunday, "2027-05-04 400.00", "2027-06-04 (from 2027-06-05) 400.00", "2027-07-05 400.00"]);
}

#[test]
fn an_exact_day_asked_for_after_an_earlier_one_was_announced_does_not_come_later_than_the_money_lasts() {
    // 25 December 2025 is paid on the 24th, which lasts 31 days, to 23 January; 25 January 2026 is a Sunday.
    let mut told = Told::new(date(2025, 11, 19), "400.00", "0.00");
    told.until(date(2025, 12, 28));
    told.fact(PersonFact::PayCalendar(PayCalendar::ExactDay));
    told.until(date(2026, 2, 28));
    told.check(OWN, &["2025-12-24 (from 2025-12-25) 400.00", "2026-01-24 400.00", "2026-02-25 400.00"]);
}

#[test]
fn a_weekend_does_not_move_a_chosen_day_to_before_the_period_has_ended() {
    // The period to 15 January 2027 is paid on the 16th, a Saturday; Friday is its last day.
    let mut told = Told::new(date(2026, 12, 16), "400.00", "0.00");
    told.fact(PersonFact::PayDay(DayOfMonth::new(16).unwrap()));
    told.until(date(2027, 1, 22));
    told.check(OWN, &["2027-01-16 400.00"]);
}

#[test]
fn what_is_left_when_all_parts_have_left_is_due_with_the_last_of_them() {
    // The first half, due on 7 July, left on the 2nd; on the 3rd the month is to be paid as one.
    let mut told = Told::new(date(2026, 6, 1), "400.00", "0.00");
    told.lead = 3;
    told.fact(PersonFact::PaidEvery(PaidEvery::TwiceMonthly));
    told.until(date(2026, 7, 2));
    told.fact(PersonFact::PaidEvery(PaidEvery::Monthly));
    told.until(date(2026, 7, 10));
    told.check(OWN, &["2026-07-07 200.00", "2026-07-07 200.00"]);
}

#[test]
fn bacs_leaves_two_working_days_before_and_faster_payments_are_used_where_that_is_too_late() {
    // Tuesday 7 April 2026 follows Easter: input on Wednesday 1, processing on Thursday 2.
    let easter = date(2026, 4, 7);
    let leaves_on = |due_on: Date, day: Date| leaves(Channel::Bacs, due_on, Horizon::next_day(day));
    assert_eq!(leaves_on(easter, date(2026, 3, 31)), Leaves::Later);
    assert_eq!(leaves_on(easter, date(2026, 4, 1)), Leaves::Now(Channel::Bacs, easter));
    assert_eq!(leaves_on(easter, date(2026, 4, 2)), Leaves::Later);
    assert_eq!(leaves_on(easter, date(2026, 4, 6)), Leaves::Now(Channel::FasterPayments, easter));
    // Exactly Sunday 7 June: it is entered on the Friday before.
    let sunday = date(2026, 6, 7);
    assert_eq!(leaves_on(sunday, date(2026, 6, 3)), Leaves::Now(Channel::Bacs, date(2026, 6, 5)));
}

#[test]
fn with_a_lead_of_three_working_days_money_leaves_earlier_by_its_own_channel_and_is_due_on_the_same_day() {
    // Tuesday 7 July 2026: three working days before is Thursday 2 July; Bacs alone would leave on Friday 3 July.
    for channel in [Channel::FasterPayments, Channel::Bacs] {
        let mut told = Told::new(date(2026, 6, 1), "424.90", "0.00");
        told.lead = 3;
        told.fact(PersonFact::Account(Account { number: sealed("ann"), holders: vec![ANN] }));
        told.fact(PersonFact::PaidBy(channel));
        told.until(date(2026, 7, 8));
        told.check(OWN, &["2026-07-07 424.90"]);
        let paid = told.payments(OWN).next().unwrap();
        assert_eq!((paid.ordered_for, paid.channel), (date(2026, 7, 2), channel));
    }
}

#[test]
fn money_that_leaves_ahead_goes_into_the_account_that_was_told_for_the_day_it_is_due() {
    let mut told = Told::new(date(2026, 6, 1), "424.90", "0.00");
    told.lead = 3;
    told.fact_until(PersonFact::Account(Account { number: sealed("old"), holders: vec![ANN] }), date(2026, 7, 5));
    told.day = date(2026, 7, 6);
    told.fact(PersonFact::Account(Account { number: sealed("new"), holders: vec![ANN] }));
    told.day = date(2026, 6, 1);
    told.until(date(2026, 7, 2));
    let paid = told.payments(OWN).next().unwrap();
    assert_eq!((paid.ordered_for, paid.account.clone()), (date(2026, 7, 2), Some(sealed("new"))));
}

#[test]
fn a_payment_names_the_account_recorded_when_it_is_instructed_and_nobody_goes_without_for_want_of_one() {
    let mut told = Told::new(date(2026, 6, 1), "424.90", "500.00");
    told.until(date(2026, 7, 20));
    let account = Account { number: sealed("ann"), holders: vec![ANN] };
    told.fact(PersonFact::Account(account));
    told.fact(PersonFact::PaidBy(Channel::Bacs));
    told.claim_fact(ClaimFact::LandlordAccount(LandlordAccount { name: sealed("lord"), account: sealed("rent") }));
    told.until(date(2026, 8, 20));
    let how = |payee: Payee| {
        let how = told.payments(payee).map(|payment| (payment.due_on, payment.channel, payment.account.clone()));
        how.collect::<Vec<_>>()
    };
    let (july, august) = (date(2026, 7, 7), date(2026, 8, 7));
    assert_eq!(how(OWN), [(july, Channel::Voucher, None), (august, Channel::Bacs, Some(sealed("ann")))]);
    let rent = [(july, Channel::Voucher, None), (august, Channel::FasterPayments, Some(sealed("rent")))];
    assert_eq!(how(Payee::Landlord), rent);
    // Bacs left on Wednesday 5 August, Faster Payments on Thursday 6 August.
    let left = |payee: Payee| told.payments(payee).last().unwrap().ordered_for;
    assert_eq!((left(OWN), left(Payee::Landlord)), (date(2026, 8, 5), date(2026, 8, 6)));
}

#[test]
fn parts_that_came_while_payments_were_suspended_are_paid_together_on_the_day_they_resume() {
    let mut told = Told::new(date(2026, 6, 1), "400.00", "0.00");
    told.fact(PersonFact::PaidEvery(PaidEvery::FourTimesMonthly));
    told.until(date(2026, 7, 9));
    let suspended = PaymentSuspended { ground: "identity check".into(), review_on: date(2026, 8, 1) };
    told.tell(Subject::Person(ANN), None, suspended.into());
    told.until(date(2026, 7, 24));
    told.tell(Subject::Person(ANN), None, PaymentResumed { reason: "checked".into() }.into());
    told.until(date(2026, 8, 1));
    // 100.00 on 7 July; those of 14 and 22 July on 25 July, a Saturday; the last on 29 July.
    told.check(OWN, &["2026-07-07 100.00", "2026-07-25 200.00", "2026-07-29 100.00"]);
}

#[test]
fn a_creditor_is_paid_into_the_account_recorded_with_the_debt() {
    let mut told = Told::new(date(2026, 6, 1), "424.90", "0.00");
    let debt = DebtId(derived_uuid("gas debt"));
    let (amount, kind) = (pounds("90.00"), DebtKind::Gas);
    let registered = DebtRegistered { debt, kind, amount, cause: None, advance: None, recovery: None };
    told.tell(Subject::Person(ANN), None, registered.into());
    let how = |told: &Told| {
        let route = route(Payee::Creditor(debt), Some(CLAIM), &told.world, told.day);
        (route.channel, route.account, route.holders)
    };
    assert_eq!(how(&told), (Channel::Voucher, None, Vec::new()));
    let (name, account) = (sealed("Northern Gas"), sealed("gas"));
    let recorded = DebtCreditorRecorded { debt, name, account: account.clone(), reference: None };
    told.tell(Subject::Person(ANN), None, recorded.into());
    assert_eq!(how(&told), (Channel::FasterPayments, Some(account), Vec::new()));
}
