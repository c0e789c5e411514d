//! Closed and reopened claims, and deaths.

use jiff::civil::{Date, date};
use ops::commands::verify;
use projections::award_end::{self, Ended};
use schemas::AssessmentPeriod;

use crate::told::{Told, alone, child, couple, usable};

#[test]
fn there_is_no_award_for_the_days_on_which_a_claim_was_closed_and_later_reopened() {
    let steps = "  - {day: 2026-07-01, do: close_claim, claim: $ann-claim, reason: moved}
  - {day: 2026-10-01, do: reopen_claim, claim: $ann-claim, reason: moved back}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + steps));
    told.until(date(2026, 11, 8));
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-07 424.90", "2026-11-07 424.90"]);
    let first_days: Vec<_> = told.claim("ann-claim").determined.iter().map(|made| made.period.first()).collect();
    assert_eq!(first_days, [date(2026, 5, 1), date(2026, 6, 1), date(2026, 10, 1)]);
}

#[test]
fn after_a_partner_dies_the_award_for_two_goes_on_for_two_more_periods_and_is_the_survivors() {
    // Bob dies in June: 666.97 for June, July and August (reg. 37), and 424.90 for Ann alone from September.
    let steps = "  - {day: 2026-06-10, do: record_death, person: $bob, on: 2026-06-10}\n";
    let mut told = Told::new(&(couple("2026-05-01") + steps));
    told.until(date(2026, 10, 8));
    let after = ["2026-07-07 666.97", "2026-08-07 666.97", "2026-09-07 666.97", "2026-10-07 424.90"];
    told.check_paid("ann", &[&["2026-06-07 333.48"][..], &after].concat());
    told.check_paid("bob", &["2026-06-07 333.49"]);
    let again = told.replayed(&told.rules, date(2026, 10, 8));
    assert_eq!(again.undecided, []);
    assert_eq!(usable(&again.world, told.id("ann")), usable(&told.world, told.id("ann")));
}

/// What was said of periods that are not paid, by an evening.
fn said(told: &Told, evening: Date) -> Vec<String> {
    award_end::unpaid(evening, &told.world, &told.rules.law).iter().map(ToString::to_string).collect()
}

#[test]
fn a_claim_that_its_last_dead_claimant_leaves_ended_with_the_death() {
    let steps = "  - {day: 2025-07-03, do: record_death, person: $ann, on: 2025-07-03}
  - {day: 2025-09-03, do: leave_claim, claim: $ann-claim, person: $ann}\n";
    let mut told = Told::new(&(alone("ann", "2025-07-03") + steps));
    told.until(date(2025, 12, 10));
    assert_eq!(told.claim("ann-claim").determined.len(), 0);
    let rules = told.rules.law.of(told.claim("ann-claim")).unwrap();
    for first in [date(2025, 8, 3), date(2025, 9, 3), date(2025, 10, 3)] {
        let period = AssessmentPeriod::starting(first).unwrap();
        let ended = award_end::ended(told.claim("ann-claim"), &told.world, period, rules);
        assert_eq!(ended, Some(Ended::Died(date(2025, 7, 3))), "{period}");
    }
}

#[test]
fn a_claim_that_its_last_claimant_leaves_is_not_paid_for_the_period_and_that_is_said() {
    let steps = "  - {day: 2026-06-20, do: leave_claim, claim: $ann-claim, person: $ann}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + steps));
    told.until(date(2026, 9, 10));
    told.check_paid("ann", &["2026-06-07 424.90"]);
    let law = "is not paid because it is not complete (Welfare Reform Act 2012 s. 7(1))";
    let why = format!("2026-06-01 to 2026-06-30 {law}: nobody is a claimant from 2026-06-20 on");
    assert_eq!(said(&told, date(2026, 7, 1)), [why]);
}

#[test]
fn what_was_paid_before_it_was_told_that_the_last_claimant_had_left_waits_for_a_decision() {
    // June's award is paid on 7 July; on 10 July it is told that Ann had left on 20 June.
    let steps = "  - {day: 2026-07-10, effective: 2026-06-20, do: leave_claim, claim: $ann-claim, person: $ann}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + steps));
    told.until(date(2026, 9, 10));
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-07 424.90"]);
    told.check_overpaid(&["ann 2026-06-01 424.90"]);
    told.check_books();
}

#[test]
fn after_a_child_dies_the_child_element_goes_on_for_two_more_periods() {
    // 424.90 + 303.94 for May, June and July.
    let steps = "  - {day: 2026-05-10, do: record_death, person: $kit, on: 2026-05-10}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + &child("kit", "ann-claim", "2026-05-01") + steps));
    told.until(date(2026, 9, 8));
    told.check_paid("ann", &["2026-06-07 728.84", "2026-07-07 728.84", "2026-08-07 728.84", "2026-09-07 424.90"]);
}

#[test]
fn a_death_that_is_told_late_gives_the_period_before_its_payment_to_the_survivor() {
    // May is decided for both on 1 June; on 3 June it is told that Bob had died on 30 May.
    let steps = "  - {day: 2026-06-03, do: record_death, person: $bob, on: 2026-05-30}\n";
    let mut told = Told::new(&(couple("2026-05-01") + steps));
    told.until(date(2026, 6, 8));
    told.check_paid("ann", &["2026-06-07 666.97"]);
    told.check_paid("bob", &[]);
}

#[test]
fn nothing_is_paid_to_the_dead() {
    // Ann dies after May's award was decided and before it is due.
    let steps = "  - {day: 2026-06-03, do: record_death, person: $ann, on: 2026-06-02}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + steps));
    told.until(date(2026, 9, 30));
    told.check_paid("ann", &[]);
    assert_eq!(told.claim("ann-claim").determined.len(), 1);
    assert_eq!(usable(&told.replayed(&told.rules, date(2026, 9, 30)).world, told.id("ann")), [""; 0]);
}

#[test]
fn when_a_couple_separates_each_keeps_the_assessment_day_of_their_award() {
    // Their periods begin on the 31st, or the last day of the month. They part in the one from 30 June, and Ann's own award
    // begins with it though it is told on 10 July: 424.90 each for it, due seven days after 30 July.
    let steps = "  - {day: 2026-07-10, effective: 2026-06-30, do: leave_claim, claim: $joint, person: $ann}
  - {day: 2026-07-10, effective: 2026-06-30, do: make_claim, claim: $ann-claim, benefit: uk-universal-credit, claimants: [$ann],
     dates: {claimed_on: 2026-07-10, follows: {why: separation, awards: [$joint]}}}\n";
    let mut told = Told::new(&(couple("2026-05-31") + steps));
    told.until(date(2026, 9, 7));
    told.check_paid("ann", &["2026-07-06 333.48", "2026-08-06 424.90", "2026-09-06 424.90"]);
    told.check_paid("bob", &["2026-07-06 333.49", "2026-08-06 424.90", "2026-09-06 424.90"]);
    let last_days: Vec<_> = told.claim("ann-claim").determined.iter().map(|made| made.period.last()).collect();
    assert_eq!(last_days, [date(2026, 7, 30), date(2026, 8, 30)]);
}

#[test]
fn a_first_day_of_entitlement_that_is_moved_back_adds_a_short_period_and_keeps_the_assessment_days() {
    // 14 days from 27 May to 9 June: 424.90 x 12 / 365 x 14 = 195.5704 (SI 2013/376 reg. 21A), paid when it is told.
    let steps = "  - {day: 2026-07-20, effective: 2026-05-27, do: redate_claim, claim: $ann-claim, reason: was ill}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-10") + steps));
    told.until(date(2026, 8, 17));
    told.check_paid("ann", &["2026-07-16 424.90", "2026-07-20 195.57", "2026-08-16 424.90"]);
    let periods: Vec<_> = told.claim("ann-claim").determined.iter().map(|made| made.period.to_string()).collect();
    let june = "2026-06-10 to 2026-07-09";
    assert_eq!(periods, [june, "2026-05-27 to 2026-06-09", june, "2026-07-10 to 2026-08-09"]);
    let again = told.replayed(&told.rules, date(2026, 8, 17));
    assert_eq!(again.undecided, []);
    assert_eq!(usable(&again.world, told.id("ann")), usable(&told.world, told.id("ann")));
    verify::run(&told.global()).unwrap();
}

#[test]
fn a_first_day_that_is_moved_on_before_anything_is_decided_cuts_the_first_period() {
    // From 12 June to 30 June, 19 days: 424.90 x 12 / 365 x 19 = 265.4169.
    let steps = "  - {day: 2026-06-20, effective: 2026-06-12, do: redate_claim, claim: $ann-claim, reason: as asked}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until(date(2026, 8, 8));
    told.check_paid("ann", &["2026-07-07 265.42", "2026-08-07 424.90"]);
}

/// What an evening says of periods that are not paid.
#[track_caller]
fn check_unpaid(told: &mut Told, evening: Date, expected: &[&str]) {
    told.until(evening.yesterday().unwrap());
    let said: Vec<_> = told.evening().unpaid.iter().map(ToString::to_string).collect();
    assert_eq!(said, expected);
}

#[test]
fn the_period_in_which_an_award_ends_is_not_paid_and_the_evening_after_it_says_so() {
    let steps = "  - {day: 2026-07-10, do: close_claim, claim: $ann-claim, reason: capital}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    let july = "2026-07-01 to 2026-07-31 is not paid because it is not complete (Welfare Reform Act 2012 s. 7(1)): \
        there is no award from 2026-07-10 on";
    check_unpaid(&mut told, date(2026, 8, 1), &[july]);
    check_unpaid(&mut told, date(2026, 9, 1), &[]);
    told.check_paid("ann", &["2026-07-07 424.90"]);
}

#[test]
fn an_end_that_is_told_late_stops_what_was_decided_and_not_yet_paid_and_is_said_until_the_decision_is_replaced() {
    // July is decided on 1 August and due on 7 August; on 5 August it is told that the award had ended on 10 July.
    let steps = "  - {day: 2026-08-05, effective: 2026-07-10, do: close_claim, claim: $ann-claim, reason: capital}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    let [said] = &told.until_with_problems(date(2026, 8, 8))[..] else { panic!("one thing is wrong") };
    let july =
        "the decision that stands for 2026-07-01 to 2026-07-31 gives 424.90, but there is no award from 2026-07-10 on";
    assert!(said.ends_with(july), "{said}");
    told.check_paid("ann", &["2026-07-07 424.90"]);
    let death = "  - {day: 2026-08-05, do: record_death, person: $ann, on: 2026-07-10}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + death));
    let said = told.until_with_problems(date(2026, 8, 8)).concat();
    assert!(said.contains("gives 424.90, but the last claimant died on 2026-07-10"), "{said}");
    told.check_paid("ann", &["2026-07-07 424.90"]);
}

#[test]
fn an_award_ends_with_the_period_in_which_the_claimant_reaches_pension_age() {
    // Born on 20 May 1960 Ann reaches it at 66 years and 2 months, on 20 July 2026 (Pensions Act 2014 s. 26).
    let of_1960 = alone("ann", "2026-06-01").replace("1990-01-01", "1960-05-20");
    let mut told = Told::new(&of_1960);
    let august = "2026-08-01 to 2026-08-31 is not paid: the last claimant reached pension age on 2026-07-20 \
        (Welfare Reform Act 2012 s. 4(1)(b), SI 2013/381 Sch. 1 para. 26)";
    check_unpaid(&mut told, date(2026, 9, 1), &[august]);
    told.until(date(2026, 9, 8));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-07 424.90"]);
}

#[test]
fn the_award_of_a_couple_goes_on_until_the_younger_one_reaches_pension_age() {
    let mut told = Told::new(&couple("2026-06-01").replace("1990-01-01", "1960-05-20"));
    check_unpaid(&mut told, date(2026, 9, 1), &[]);
    told.until(date(2026, 9, 8));
    told.check_paid("ann", &["2026-07-07 333.48", "2026-08-07 333.48", "2026-09-07 333.48"]);
}

#[test]
fn what_was_paid_for_a_time_after_the_award_had_ended_is_said() {
    // The end on 10 June, or Ann's death on that day, is told on 10 August: June and July were paid with 424.90 each.
    let closed = "  - {day: 2026-08-10, effective: 2026-06-10, do: close_claim, claim: $ann-claim, reason: moved}\n";
    let died = "  - {day: 2026-08-10, do: record_death, person: $ann, on: 2026-06-10}\n";
    for steps in [closed, died] {
        let mut told = Told::new(&(alone("ann", "2026-05-01") + steps));
        told.until(date(2026, 9, 10));
        told.check_overpaid(&["ann 2026-06-01 424.90", "ann 2026-07-01 424.90"]);
        told.check_paid("ann", &["2026-06-07 424.90", "2026-07-07 424.90", "2026-08-07 424.90"]);
    }
}

#[test]
fn a_period_in_which_the_award_ended_is_not_paid_though_it_was_decided() {
    // May is decided on 1 June; on 3 June it is told that the award ended on 30 May.
    let steps = "  - {day: 2026-06-03, effective: 2026-05-30, do: close_claim, claim: $ann-claim, reason: moved}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + steps));
    let said = told.until_with_problems(date(2026, 7, 8)).concat();
    assert!(said.contains("gives 424.90, but there is no award from 2026-05-30 on"), "{said}");
    told.check_paid("ann", &[]);
    assert_eq!(usable(&told.replayed(&told.rules, date(2026, 7, 8)).world, told.id("ann")), [""; 0]);
}
