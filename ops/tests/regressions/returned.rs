//! Money that came back is sent again only as far as it is still due.

use jiff::civil::date;
use ledger::order::{ClaimOrder, PaymentOrder};
use projections::outstanding::outstanding;
use schemas::events::Payee;

use crate::told::{Told, alone, sanction};

/// Ann's award of July comes back on 11 August, and from 12 August she is paid in cash.
fn came_back() -> String {
    alone("ann", "2026-06-01")
        + "  - {day: 2026-08-11, do: return_payment, person: $ann, payment: $payment ann 2026-08-07, code: B, on: 2026-08-11}
  - {day: 2026-08-12, do: record_person_fact, person: $ann, fact: {key: paid_by, value: cash}}\n"
}

#[test]
fn a_returned_award_is_not_sent_again_once_the_claim_ended_before_its_period_did() {
    let closed = "  - {day: 2026-08-12, effective: 2026-07-15, do: close_claim, claim: $ann-claim, reason: moved in with a partner}\n";
    let mut told = Told::new(&(came_back() + closed));
    told.until(date(2026, 8, 11));
    let problems = told.until_with_problems(date(2026, 8, 20));
    assert!(problems.iter().all(|problem| problem.contains("there is no award from 2026-07-15 on")), "{problems:?}");
    told.check_paid("ann", &["2026-07-07 424.90"]);
    told.check_overpaid(&[]);
}

#[test]
fn of_a_returned_award_that_a_late_sanction_lowered_only_what_is_still_due_is_paid() {
    // Seven days at 13.90 are 97.30; 424.90 less that is 327.60.
    let late = sanction("ann", "week", "2026-08-12", "2026-07-01", 7, "full");
    let mut told = Told::new(&(came_back() + &late));
    told.until(date(2026, 8, 11));
    told.until(date(2026, 8, 20));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-13 327.60"]);
    told.check_overpaid(&[]);
}

#[test]
fn a_returned_award_that_is_still_due_is_sent_again_whole_and_once() {
    let mut told = Told::new(&came_back());
    told.until(date(2026, 8, 31));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-13 424.90"]);
}

#[test]
fn what_a_returned_award_was_lowered_by_is_paid_when_it_turns_out_due_after_all() {
    // 327.60 are paid in place of 424.90; without the sanction the other 97.30 follow.
    let late = sanction("ann", "week", "2026-08-12", "2026-07-01", 7, "full");
    let cancelled = "  - {day: 2026-08-20, do: cancel_sanction, person: $ann, sanction: $week,
       authority: {instrument: SI 2013/381, provision: reg. 14, confidence: single_source}}\n";
    let mut told = Told::new(&(came_back() + &late + cancelled));
    told.until(date(2026, 8, 31));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-13 327.60", "2026-08-21 97.30"]);
    told.check_overpaid(&[]);
}

#[test]
fn a_payment_sent_again_that_a_suspension_holds_back_is_listed_as_held() {
    let steps = "  - {day: 2026-08-11, do: return_payment, person: $ann, payment: $payment ann 2026-08-07, code: B, on: 2026-08-11}
  - {day: 2026-08-11, do: reissue_payment, person: $ann, payment: $payment ann 2026-08-07, due_on: 2026-08-14, channel: bacs}
  - {day: 2026-08-11, do: suspend_payments, person: $ann, ground: doubt, review_on: 2026-09-01}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until(date(2026, 8, 12));
    let held = outstanding(date(2026, 8, 12), &told.world, &told.rules.law).held;
    let held: Vec<_> = held.iter().map(|held| (held.amount.to_string(), held.why, held.since)).collect();
    assert_eq!(held, [("424.90".to_string(), "payments to the person are suspended", date(2026, 8, 11))]);
}

#[test]
fn an_award_that_is_due_and_held_back_before_it_is_instructed_is_listed_as_held() {
    let steps = "  - {day: 2026-08-01, effective: 2026-08-05, do: suspend_payments, person: $ann, ground: doubt, review_on: 2026-09-01}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until(date(2026, 8, 20));
    let held = |day| {
        let held = outstanding(day, &told.world, &told.rules.law).held;
        held.iter().map(|held| format!("{:?} {} {}", held.payment, held.amount, held.since)).collect::<Vec<_>>()
    };
    // July's award is due on 7 August, and leaves on the evening before.
    assert_eq!(held(date(2026, 8, 4)), [""; 0]);
    assert_eq!(held(date(2026, 8, 5)), [""; 0]);
    assert_eq!(held(date(2026, 8, 6)), ["None 424.90 2026-08-05"]);
    assert_eq!(held(date(2026, 8, 20)), ["None 424.90 2026-08-05"]);
}

#[test]
fn rent_that_came_back_is_sent_again_once_another_account_of_the_landlord_is_recorded() {
    let rented = "  - {day: 2026-06-01, do: record_claim_fact, claim: $ann-claim, fact: {key: tenure, value: social}}
  - {day: 2026-06-01, do: record_claim_fact, claim: $ann-claim, fact: {key: rent, value: 500.00}}
  - {day: 2026-06-01, do: record_claim_fact, claim: $ann-claim, fact: {key: managed_rent, value: true}}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + rented));
    let account = |told: &mut Told, number: &str| {
        let (claim, name, account) = (told.named("ann-claim"), "Rents Ltd".into(), number.into());
        told.order(ClaimOrder::RecordLandlordAccount { claim, name, account });
    };
    told.until(date(2026, 6, 1));
    account(&mut told, "01-02-03 12345678");
    told.until(date(2026, 7, 7));
    let rent = told.person("ann").payments.iter().find(|payment| payment.payee == Payee::Landlord).unwrap().id;
    let person = told.id("ann");
    told.order(PaymentOrder::Return { person, payment: rent, code: "AC04".into(), on: date(2026, 7, 8) });
    told.until(date(2026, 7, 10));
    assert_eq!(told.person("ann").payment(rent).unwrap().status(), "returned");
    account(&mut told, "01-02-03 87654321");
    told.until(date(2026, 7, 12));
    let sent_again = told.person("ann").payment(rent).unwrap();
    assert_eq!((sent_again.status(), sent_again.usable_on()), ("released", Some(date(2026, 7, 12))));
}
