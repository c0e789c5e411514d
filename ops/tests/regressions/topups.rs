//! Top-ups, planned each evening and paid before the gap opens: 12.00 a day for one, 9.00 for each of two, and a 31st of
//! 303.94 for a child. Claims are made on 1 June 2026, a Monday, so that the first award is due on 7 July.

use jiff::civil::{Date, date};
use projections::views::PaymentView;
use schemas::events::{Channel, Payee, PaymentKind};

use crate::told::{Told, alone, child, couple};

/// The last day of the first wait.
const WAIT: Date = date(2026, 7, 6);

pub fn guaranteed(steps: &str, lead: u8) -> Told {
    let mut told = Told::under("current-law-guaranteed", steps);
    told.rules.floor.lead_working_days = lead;
    told
}

pub fn wage(name: &str, day: &str, net: &str, frequency: &str) -> String {
    format!(
        "  - {{day: {day}, do: report_earnings, person: ${name}, paid_on: {day}, gross: {net}, tax: 0.00, national_insurance: 0.00,
       pension: 0.00, frequency: {frequency}, employment: shop}}\n"
    )
}

/// Ann has 70.00 on every Monday of May and June, and claims on 1 June.
pub fn weekly_worker(but_not: &str) -> String {
    let register = "  - {day: 2026-05-04, do: register_person, person: $ann, birth_date: 1990-01-01}\n";
    let claim =
        "  - {day: 2026-06-01, do: make_claim, claim: $ann-claim, benefit: uk-universal-credit, claimants: [$ann]}\n";
    let mondays = ["05-04", "05-11", "05-18", "05-25", "06-01", "06-08", "06-15", "06-22", "06-29", "07-06"];
    let days = mondays.map(|day| format!("2026-{day}"));
    let wages = days.iter().filter(|day| *day != but_not).map(|day| wage("ann", day, "70.00", "weekly"));
    register.to_string() + &wages.collect::<String>() + claim
}

pub fn top_ups<'a>(told: &'a Told, name: &str) -> Vec<&'a PaymentView> {
    told.person(name).payments.iter().filter(|payment| payment.kind == PaymentKind::TopUp).collect()
}

#[test]
fn a_weekly_wage_that_comes_on_its_day_is_topped_up_by_what_the_week_lacks_and_no_more() {
    // 70.00 lasts five days and 10.00 of the sixth: 2.00 and 12.00 are missing on Saturday and Sunday. June's award is
    // 424.90 less 55% of five wages: 424.90 - 192.50 = 232.40.
    for lead in [0, 3] {
        let mut told = guaranteed(&weekly_worker(""), lead);
        told.until(date(2026, 7, 8));
        let weekends =
            ["2026-06-06 14.00", "2026-06-13 14.00", "2026-06-20 14.00", "2026-06-27 14.00", "2026-07-04 14.00"];
        told.check_paid("ann", &[&weekends[..], &["2026-07-07 232.40"]].concat());
        told.check_floor("ann", (date(2026, 6, 1), date(2026, 7, 8)), (0, "0.00"));
    }
}

#[test]
fn a_weekly_wage_that_does_not_come_is_seen_the_same_day_and_nobody_is_left_short() {
    // Nothing comes on 15 June, and no wage is counted on any more: 14 days at 12.00, to the 28th. The wages of the 22nd
    // and the 29th last from the 29th to 7 July. June's award: 424.90 - 55% of 280.00 = 270.90.
    for lead in [0, 3] {
        let mut told = guaranteed(&weekly_worker("2026-06-15"), lead);
        told.until(date(2026, 7, 8));
        let paid = ["2026-06-06 14.00", "2026-06-13 14.00", "2026-06-15 168.00", "2026-07-07 270.90"];
        told.check_paid("ann", &paid);
        told.check_floor("ann", (date(2026, 6, 1), date(2026, 7, 8)), (0, "0.00"));
    }
}

#[test]
fn pay_at_no_fixed_interval_is_never_counted_before_it_comes() {
    // 30.00 on 10 June lasts over 15 and 16 June and leaves 6.00 for the 17th: 6.00 + 13 x 12.00 = 162.00 to the 30th,
    // and 6 x 12.00 to the award of 424.90 - 16.50.
    for lead in [0, 3] {
        let wages = wage("ann", "2026-06-10", "30.00", "irregular");
        let mut told = guaranteed(&(alone("ann", "2026-06-01") + &wages), lead);
        told.until(date(2026, 7, 8));
        told.check_paid("ann", &["2026-06-01 168.00", "2026-06-17 162.00", "2026-07-01 72.00", "2026-07-07 408.40"]);
        told.check_floor("ann", (date(2026, 6, 1), date(2026, 7, 8)), (0, "0.00"));
    }
}

#[test]
fn a_top_up_that_comes_back_before_its_day_is_paid_again_for_the_same_days() {
    // The second tranche, for 15 to 28 June, leaves three working days before, on the 10th, and comes back on the 11th.
    let returned = "  - {day: 2026-06-11, do: return_payment, person: $ann, payment: $payment ann 2026-06-15, code: B, on: 2026-06-11}\n";
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + returned), 3);
    told.until(WAIT);
    told.check_paid("ann", &["2026-06-01 168.00", "2026-06-15 168.00", "2026-06-29 96.00", "2026-07-07 424.90"]);
    let second: Vec<_> = top_ups(&told, "ann").into_iter().filter(|p| p.due_on == date(2026, 6, 15)).collect();
    assert_eq!(second.iter().map(|p| p.instructed_on).collect::<Vec<_>>(), [date(2026, 6, 10), date(2026, 6, 11)]);
    told.check_floor("ann", (date(2026, 6, 1), WAIT), (0, "0.00"));
}

#[test]
fn three_evenings_without_business_open_no_gap_where_the_lead_is_three_working_days() {
    let mut told = guaranteed(&alone("ann", "2026-06-01"), 3);
    told.until(date(2026, 6, 9));
    told.mornings_until(date(2026, 6, 12)); // The second tranche should have left on the 10th.
    told.until(WAIT);
    told.check_paid("ann", &["2026-06-01 168.00", "2026-06-15 168.00", "2026-06-29 96.00", "2026-07-07 424.90"]);
    told.check_floor("ann", (date(2026, 6, 1), WAIT), (0, "0.00"));
}

#[test]
fn an_award_leaves_by_the_lead_and_three_evenings_without_business_do_not_make_it_late() {
    // Due on Tuesday 7 July: it leaves on Thursday 2 July, or when business is done again, on Sunday 5 July.
    for (outage, left) in [(None, date(2026, 7, 2)), (Some((date(2026, 7, 1), date(2026, 7, 4))), date(2026, 7, 5))] {
        let mut told = guaranteed(&alone("ann", "2026-06-01"), 3);
        if let Some((last_before, last)) = outage {
            told.until(last_before);
            told.mornings_until(last);
        }
        told.until(date(2026, 7, 8));
        let paid = told.person("ann").payments.iter().find(|payment| payment.kind == PaymentKind::Award).unwrap();
        assert_eq!((paid.ordered_for, paid.due_on, paid.usable_on()), (left, date(2026, 7, 7), Some(date(2026, 7, 7))));
        told.check_floor("ann", (date(2026, 6, 1), date(2026, 7, 8)), (0, "0.00"));
    }
}

#[test]
fn a_late_start_reaches_today_whatever_the_lead() {
    let mut told = guaranteed(&alone("ann", "2026-06-01"), 3);
    told.mornings_until(date(2026, 6, 5));
    told.until(WAIT);
    // Saturday 6 June to the 19th, 20 June to 3 July, and 4 to 6 July. Five days are lost.
    told.check_paid("ann", &["2026-06-06 168.00", "2026-06-20 168.00", "2026-07-04 36.00", "2026-07-07 424.90"]);
    told.check_floor("ann", (date(2026, 6, 1), WAIT), (5, "60.00"));
}

#[test]
fn nothing_is_topped_up_for_days_after_a_claim_was_closed() {
    let closed = "  - {day: 2026-06-10, do: close_claim, claim: $ann-claim, reason: moved}\n";
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + closed), 3);
    told.until(WAIT);
    told.check_paid("ann", &["2026-06-01 168.00"]);
}

#[test]
fn a_child_told_of_late_is_topped_up_the_same_day_through_who_cares_for_it() {
    // Told of on 5 June, Kit belongs to Ann's claim from the 1st. Ann's 168.00 of 1 June is shared from then on: 12.00 and
    // 9.80 a day. On the 5th what is left of it is 168.00 - 4 x 21.804516 = 80.781935, which lasts three days and 15.368387
    // of 8 June; the rest of the 14 days is missing from then on.
    let steps = alone("ann", "2026-06-01")
        + "  - {day: 2026-06-05, do: register_person, person: $kit, birth_date: 2018-01-01}
  - {day: 2026-06-05, effective: 2026-06-01, do: join_claim, claim: $ann-claim, person: $kit, role: child}\n";
    let mut told = guaranteed(&steps, 0);
    told.until(WAIT);
    for name in ["ann", "kit"] {
        told.check_floor(name, (date(2026, 6, 1), WAIT), (0, "0.00"));
    }
    let first = top_ups(&told, "kit")[0];
    let (ann, on) = (told.id("ann"), date(2026, 6, 8));
    assert_eq!((first.account_holders.as_slice(), first.due_on), ([ann].as_slice(), on));
}

#[test]
fn a_child_whose_carer_dies_is_topped_up_through_whoever_of_the_claim_is_left() {
    // Ann was the first claimant and had Kit's money with her own. She dies in the first wait, on 20 June.
    let death = "  - {day: 2026-06-20, do: record_death, person: $ann, on: 2026-06-20}\n";
    let mut told = guaranteed(&(couple("2026-06-01") + &child("kit", "joint", "2026-06-01") + death), 0);
    told.until(WAIT);
    let bob = Payee::Person(told.id("bob"));
    let after = |top_up: &&&PaymentView| date(2026, 6, 20) <= top_up.ordered_for;
    let found = top_ups(&told, "kit");
    let payees: Vec<Payee> = found.iter().filter(after).map(|top_up| top_up.payee).collect();
    assert!(!payees.is_empty() && payees.iter().all(|payee| *payee == bob), "{payees:?}");
    told.check_floor("kit", (date(2026, 6, 1), WAIT), (0, "0.00"));
}

#[test]
fn a_suspension_told_ahead_is_topped_up_as_far_ahead_as_money_leaves() {
    // What is due on Tuesday 7 July would leave on Thursday 2 July, the first day of the suspension told on 22 June: on that
    // evening 14 days at 12.00 leave in its place, to 20 July; the next, for Tuesday 21 July, on Thursday 16 July.
    let ahead = "  - {day: 2026-06-22, effective: 2026-07-02, do: suspend_payments, person: $ann, ground: doubt, review_on: 2026-08-01}\n";
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + ahead), 3);
    told.until(date(2026, 7, 20));
    let line = |top_up: &PaymentView| format!("{} {} {}", top_up.ordered_for, top_up.due_on, top_up.amount);
    let found: Vec<String> = top_ups(&told, "ann").into_iter().map(line).collect();
    let expected = ["2026-07-02 2026-07-07 168.00", "2026-07-16 2026-07-21 168.00"];
    assert_eq!(found[found.len() - 2..], expected, "{found:?}");
    told.check_floor("ann", (date(2026, 6, 1), date(2026, 7, 20)), (0, "0.00"));
}

#[test]
fn a_carer_without_a_claim_is_given_enough_for_the_child_though_they_live_off_one_purse() {
    // Bob's own days are unknown, and what Kit has is shared with him: 14 x (12.00 + 303.94 / 31) = 305.2632.
    let carer = "  - {day: 2026-06-01, do: register_person, person: $bob, birth_date: 1960-01-01}
  - {day: 2026-06-01, do: record_person_fact, person: $kit, fact: {key: carer, value: $bob}}\n";
    let steps = alone("ann", "2026-06-01") + &child("kit", "ann-claim", "2026-06-01") + carer;
    let mut told = guaranteed(&steps, 0);
    told.until(date(2026, 6, 14));
    told.check_paid("kit", &["2026-06-01 305.27"]);
    told.check_paid("ann", &["2026-06-01 168.00"]);
    told.check_floor("kit", (date(2026, 6, 1), date(2026, 6, 14)), (0, "0.00"));
}

#[test]
fn a_top_up_is_put_into_the_hands_of_whoever_has_no_account_of_their_own_alone() {
    let joint = "  - {day: 2026-06-01, do: register_person, person: $bob, birth_date: 1960-01-01}
  - {day: 2026-06-01, do: record_account, person: $ann, number: 01-02-03 12345678, holders: [$ann, $bob]}\n";
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + joint), 0);
    told.until(date(2026, 6, 14));
    told.check_paid("ann", &["2026-06-01 168.00"]);
    let (paid, ann) = (top_ups(&told, "ann")[0], told.id("ann"));
    assert_eq!((paid.channel, paid.account_holders.as_slice()), (Channel::Voucher, [ann].as_slice()));
    told.check_floor("ann", (date(2026, 6, 1), date(2026, 6, 14)), (0, "0.00"));
}

#[test]
fn both_of_a_couple_are_topped_up_in_full_where_only_one_of_them_is_paid_into_the_account_of_both() {
    // Bob has no account: his 14 x 9.00 go into his hands, and so do Ann's, because half of hers would be his.
    let joint =
        "  - {day: 2026-06-01, do: record_account, person: $ann, number: 01-02-03 12345678, holders: [$ann, $bob]}\n";
    let mut told = guaranteed(&(couple("2026-06-01") + joint), 3);
    told.until(date(2026, 6, 14));
    for name in ["ann", "bob"] {
        told.check_paid(name, &["2026-06-01 126.00", "2026-06-15 126.00"]);
        told.check_floor(name, (date(2026, 6, 1), date(2026, 6, 28)), (0, "0.00"));
        assert!(top_ups(&told, name).iter().all(|paid| paid.account_holders == [told.id(name)]));
    }
}
