//! What is owed both ways: every difference between what stands and what was instructed is paid once, or waits visibly for
//! a decision.

use jiff::civil::{Date, date};
use ledger::order::{DebtOrder, DeterminationOrder};
use projections::payments::{Horizon, derived_uuid};
use projections::{debts, plan};
use schemas::events::{Decision, PaymentKind};
use schemas::{Amount, DebtId, EventId, Money};

use crate::told::{Told, alone, child, couple, law, usable};

/// Ann alone from 1 May 2026, paid 424.90 on 7 June for it and told up to 30 June.
fn paid_for_may(steps: &str) -> Told {
    let mut told = Told::new(&(alone("ann", "2026-05-01") + steps));
    told.until(date(2026, 6, 30));
    told
}

/// Replaces the decision that stands for May with one that gives so much; its event.
fn revise(told: &mut Told, pence: i64) -> EventId {
    let claim = told.named("ann-claim");
    let replaces = told.claim("ann-claim").standing(told.decided("ann-claim").1.period).unwrap().event;
    let decision = giving(told.decided("ann-claim").1, pence);
    told.order(DeterminationOrder::Revise { claim, replaces, ground: law("reg. 9"), decision });
    told.claim("ann-claim").determined.last().unwrap().event
}

fn giving(mut decision: Decision, pence: i64) -> Decision {
    decision.award = Amount::new(Money::from_pence(pence)).unwrap();
    decision.payment = decision.award;
    decision.lines[0].amount = decision.award;
    decision
}

/// Asserts that a replay of the same history comes to the same money.
#[track_caller]
fn check_replayed(told: &Told, name: &str, until: Date) {
    assert_eq!(usable(&told.replayed(&told.rules, until).world, told.id(name)), usable(&told.world, told.id(name)));
}

#[test]
fn arrears_are_for_the_days_of_their_period_and_caused_by_the_decision_that_stands() {
    let mut told = paid_for_may("");
    let cause = revise(&mut told, 52_490);
    told.until(date(2026, 7, 8));
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-02 100.00", "2026-07-07 424.90"]);
    let arrears = told.person("ann").payments.iter().find(|payment| payment.kind == PaymentKind::Arrears).unwrap();
    assert_eq!(arrears.for_days, Some((date(2026, 5, 1), date(2026, 5, 31))));
    assert_eq!((arrears.cause, arrears.due_on), (cause, date(2026, 7, 2)));
}

#[test]
fn a_period_revised_twice_is_paid_the_second_difference_only() {
    // 524.90 on 1 July gives 100.00, and 544.90 on 10 July 20.00 more.
    let mut told = paid_for_may("");
    revise(&mut told, 52_490);
    told.until(date(2026, 7, 9));
    revise(&mut told, 54_490);
    told.until(date(2026, 7, 31));
    let paid = ["2026-06-07 424.90", "2026-07-02 100.00", "2026-07-07 424.90", "2026-07-11 20.00"];
    told.check_paid("ann", &paid);
}

#[test]
fn a_period_revised_up_and_down_again_on_one_day_pays_nothing() {
    let mut told = paid_for_may("");
    revise(&mut told, 52_490);
    revise(&mut told, 42_490);
    told.until(date(2026, 7, 8));
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-07 424.90"]);
    told.check_overpaid(&[]);
}

#[test]
fn what_was_overpaid_and_comes_due_again_is_not_paid_twice() {
    // 324.90 leaves 100.00 too much; 384.90 leaves 40.00; 434.90 leaves 10.00 to be paid.
    let mut told = paid_for_may("");
    for (pence, overpaid) in
        [(32_490, &["ann 2026-05-01 100.00"][..]), (38_490, &["ann 2026-05-01 40.00"]), (43_490, &[])]
    {
        revise(&mut told, pence);
        told.evening();
        told.check_overpaid(overpaid);
    }
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-04 10.00"]);
}

#[test]
fn a_suspension_holds_arrears_back_until_it_ends() {
    let steps = "  - {day: 2026-06-25, do: suspend_payments, person: $ann, ground: doubt, review_on: 2026-08-01}
  - {day: 2026-07-20, do: resume_payments, person: $ann, reason: settled}\n";
    let mut told = paid_for_may(steps);
    revise(&mut told, 52_490);
    told.until(date(2026, 7, 19));
    told.check_paid("ann", &["2026-06-07 424.90"]);
    told.until(date(2026, 7, 31));
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-20 424.90", "2026-07-21 100.00"]);
}

#[test]
fn of_a_couple_one_gains_and_the_other_loses_and_each_stays_apart() {
    // A decision that shares 666.97 as 400.00 for Ann and 266.97 for Bob, in place of 333.48 and 333.49.
    let mut told = Told::new(&couple("2026-05-01"));
    told.until(date(2026, 6, 30));
    let (replaces, mut decision) = told.decided("joint");
    for line in &mut decision.lines {
        let pence = if line.for_whom == told.id("ann") { 40_000 } else { 26_697 };
        line.amount = Amount::new(Money::from_pence(pence)).unwrap();
    }
    let claim = told.named("joint");
    told.order(DeterminationOrder::Correct { claim, replaces, ground: law("reg. 9"), decision });
    told.until(date(2026, 7, 31));
    told.check_paid("ann", &["2026-06-07 333.48", "2026-07-02 66.52", "2026-07-07 333.48"]);
    told.check_paid("bob", &["2026-06-07 333.49", "2026-07-07 333.49"]);
    told.check_overpaid(&["bob 2026-05-01 66.52"]);
}

#[test]
fn rent_that_a_landlord_should_have_had_and_the_tenant_did_is_not_paid_again() {
    // 400.00 of rent went to Ann and later goes to the landlord: for May nothing is due to anybody.
    let steps = "  - {day: 2026-05-01, do: record_claim_fact, claim: $ann-claim, fact: {key: tenure, value: social}}
  - {day: 2026-05-01, do: record_claim_fact, claim: $ann-claim, fact: {key: rent, value: 400.00}}\n";
    let mut told = paid_for_may(steps);
    let (replaces, mut decision) = told.decided("ann-claim");
    for line in decision.lines.iter_mut().filter(|line| line.amount.money() == Money::from_pence(40_000)) {
        line.payee = schemas::events::Payee::Landlord;
    }
    let claim = told.named("ann-claim");
    told.order(DeterminationOrder::Revise { claim, replaces, ground: law("reg. 9"), decision });
    told.until(date(2026, 7, 8));
    told.check_paid("ann", &["2026-06-07 824.90", "2026-07-07 824.90"]);
    told.check_overpaid(&[]);
}

#[test]
fn a_child_told_late_and_in_time_is_paid_for_the_past_in_the_ledger_and_in_a_replay() {
    // Born on 10 July, told on the 30th and recorded on 20 August: 303.94 for July.
    let born = child("kit", "ann-claim", "2026-08-20")
        .replace("role: child", "role: child, effective: 2026-07-10, notified_on: 2026-07-30")
        .replace("birth_date: 2018-01-01", "birth_date: 2026-07-10, effective: 2026-07-10");
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &born));
    told.until(date(2026, 9, 30));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-07 424.90", "2026-08-21 303.94", "2026-09-07 728.84"]);
    check_replayed(&told, "ann", date(2026, 9, 30));
}

#[test]
fn arrears_that_come_back_are_returned_in_a_replay_too() {
    let born = child("kit", "ann-claim", "2026-08-20")
        .replace("role: child", "role: child, effective: 2026-07-10, notified_on: 2026-07-30")
        .replace("birth_date: 2018-01-01", "birth_date: 2026-07-10, effective: 2026-07-10");
    let back = "  - {day: 2026-08-25, do: return_payment, person: $ann, payment: $payment ann 2026-08-21, code: B, on: 2026-08-25}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &born + back));
    told.until(date(2026, 8, 31));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-07 424.90"]);
    check_replayed(&told, "ann", date(2026, 8, 31));
}

#[test]
fn an_award_that_had_ended_and_goes_on_after_all_is_neither_overpaid_nor_paid_twice() {
    // On 20 July it is told that the award ended on 10 June, and on 25 July that it did not.
    let steps = "  - {day: 2026-07-20, effective: 2026-06-10, do: close_claim, claim: $ann-claim, reason: moved}
  - {day: 2026-07-25, effective: 2026-06-10, do: reopen_claim, claim: $ann-claim, reason: a mistake}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + steps));
    told.until(date(2026, 7, 22));
    told.check_overpaid(&["ann 2026-06-01 424.90"]);
    told.until(date(2026, 8, 8));
    told.check_overpaid(&[]);
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-07 424.90", "2026-08-07 424.90"]);
}

/// Decides on the next morning that so much of the 100.00 overpaid for May is recovered.
fn decide_recovery(told: &mut Told, recoverable: i64) {
    let period = told.decided("ann-claim").1.period;
    told.order(DebtOrder::DecideRecovery {
        person: told.id("ann"),
        claim: told.named("ann-claim"),
        period,
        cause: told.claim("ann-claim").standing(period).unwrap().event,
        overpaid: Amount::new(Money::from_pence(10_000)).unwrap(),
        recoverable: Amount::new(Money::from_pence(recoverable)).unwrap(),
        debt: (recoverable > 0).then_some(DebtId(derived_uuid("overpaid in May"))),
        ground: law("s. 71ZB"),
        reason: "told late".into(),
    });
}

/// May is revised to 324.90 on 1 July, and on 2 July it is decided to recover so much of the 100.00.
fn recovered_from_may(recoverable: i64) -> Told {
    let mut told = paid_for_may("");
    revise(&mut told, 32_490);
    told.evening();
    decide_recovery(&mut told, recoverable);
    told.check_overpaid(&[]);
    told
}

/// Asserts what became of Ann's only debt: taken, set off, and left.
#[track_caller]
fn check_debt(told: &Told, recovered: i64, set_off: i64, left: i64) {
    let debts = debts::of(told.id("ann"), &told.world);
    assert_eq!(debts.len(), 1);
    let account = &debts[0];
    let found = (account.recovered().pence(), account.set_off.pence(), account.left.pence());
    assert_eq!(found, (recovered, set_off, left));
}

#[test]
fn what_it_was_decided_to_recover_is_taken_within_the_limit_and_no_more_than_that() {
    // 15% of 424.90 is 63.735, so that 361.16 is paid; the rest of the 100.00 is 36.26.
    let mut told = recovered_from_may(10_000);
    told.until(date(2026, 10, 8));
    let paid =
        ["2026-06-07 424.90", "2026-07-07 424.90", "2026-08-07 361.16", "2026-09-07 388.64", "2026-10-07 424.90"];
    told.check_paid("ann", &paid);
    check_debt(&told, 10_000, 0, 0);
}

#[test]
fn what_is_not_to_be_recovered_is_closed_and_nothing_is_taken() {
    let mut told = recovered_from_may(0);
    told.until(date(2026, 8, 8));
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-07 424.90", "2026-08-07 424.90"]);
    told.check_overpaid(&[]);
    assert_eq!(debts::of(told.id("ann"), &told.world), []);
}

#[test]
fn what_was_recovered_comes_back_when_a_tribunal_finds_that_it_was_due() {
    let mut told = recovered_from_may(10_000);
    told.until(date(2026, 9, 9));
    revise(&mut told, 42_490);
    told.until(date(2026, 9, 30));
    let paid =
        ["2026-06-07 424.90", "2026-07-07 424.90", "2026-08-07 361.16", "2026-09-07 388.64", "2026-09-11 100.00"];
    told.check_paid("ann", &paid);
    told.check_overpaid(&[]);
}

#[test]
fn what_is_left_of_a_recovery_is_set_off_when_it_comes_due_after_all() {
    // 63.74 were taken by 7 August; on the 10th all of May is due again: 36.26 are owed no longer.
    let mut told = recovered_from_may(10_000);
    told.until(date(2026, 8, 9));
    revise(&mut told, 42_490);
    told.until(date(2026, 9, 8));
    let paid = ["2026-06-07 424.90", "2026-07-07 424.90", "2026-08-07 361.16", "2026-08-11 63.74", "2026-09-07 424.90"];
    told.check_paid("ann", &paid);
    check_debt(&told, 6_374, 3_626, 0);
    told.check_overpaid(&[]);
}

#[test]
fn arrears_are_first_set_against_what_was_overpaid_for_the_same_period_and_not_recovered() {
    // Of 100.00 owed 40.00 come due on 2 July, before anything was taken.
    let mut told = recovered_from_may(10_000);
    revise(&mut told, 36_490);
    told.until(date(2026, 7, 31));
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-07 424.90"]);
    check_debt(&told, 0, 4_000, 6_000);
    // And go again: 40.00 wait for a decision of their own.
    revise(&mut told, 32_490);
    told.evening();
    told.check_overpaid(&["ann 2026-05-01 40.00"]);
}

#[test]
fn a_run_killed_after_the_arrears_were_instructed_pays_them_once_and_one_repeated_pays_nothing() {
    let mut told = paid_for_may("");
    revise(&mut told, 52_490);
    let plan = plan::dues(Horizon::next_day(date(2026, 7, 1)), &told.world, &told.rules.law);
    let arrears = plan.pays.iter().find(|planned| planned.payment.kind == PaymentKind::Arrears).unwrap();
    told.order(ops::business::instruct(arrears.person, &arrears.payment));
    told.until(date(2026, 8, 31));
    let expected = ["2026-06-07 424.90", "2026-07-02 100.00", "2026-07-07 424.90", "2026-08-07 424.90"];
    told.check_paid("ann", &expected);
    let recorded = told.history().len();
    told.evenings(date(2026, 5, 1), date(2026, 8, 31));
    assert_eq!(told.history().len(), recorded);
    told.check_paid("ann", &expected);
}
