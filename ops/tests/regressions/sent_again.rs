//! A payment that came back and is to be sent again is money in nobody's hands until it leaves.

use jiff::civil::date;
use ledger::order::{ClaimOrder, PaymentOrder, PersonOrder};
use schemas::PaymentId;
use schemas::events::{Channel, PersonFact};

use crate::told::{Told, alone, sanction, usable};

/// Ann's award of July comes back on 11 August, and somebody orders at once that it be sent again for the 14th.
fn ordered_again() -> Told {
    let steps = "  - {day: 2026-08-11, do: return_payment, person: $ann, payment: $payment ann 2026-08-07, code: B, on: 2026-08-11}
  - {day: 2026-08-11, do: reissue_payment, person: $ann, payment: $payment ann 2026-08-07, due_on: 2026-08-14, channel: faster_payments}\n";
    Told::new(&(alone("ann", "2026-06-01") + steps + &account("2026-06-01", "1")))
}

fn account(day: &str, last: &str) -> String {
    format!("  - {{day: {day}, do: record_account, person: $ann, number: 01-02-03 1234567{last}, holders: [$ann]}}\n")
}

fn change_account(told: &mut Told, last: &str) {
    let number = format!("01-02-03 1234567{last}");
    let (person, holders) = (told.id("ann"), vec![told.id("ann")]);
    told.order(PersonOrder::RecordAccount { person, number: number.as_str().into(), holders });
}

fn of_july(told: &Told) -> PaymentId {
    told.person("ann").payments[1].id
}

/// Whether a payment went into the account that is recorded last.
#[track_caller]
fn went_into_the_account_recorded_last(told: &Told, payment: PaymentId) {
    let ann = told.person("ann");
    let Some(PersonFact::Account(recorded)) = ann.facts.all("account").last() else { unreachable!("an account") };
    assert_eq!(ann.payment(payment).unwrap().account.as_ref(), Some(&recorded.number));
}

#[test]
fn a_payment_to_be_sent_again_that_never_leaves_is_not_there_on_its_new_day() {
    let mut told = ordered_again();
    told.until(date(2026, 8, 10));
    told.mornings_until(date(2026, 8, 20)); // nothing is done in the evenings
    told.check_paid("ann", &["2026-07-07 424.90"]);
    told.check_books();
    // The award of 7 July lasts to 6 August; 7 to 20 August are 14 days at 12.00.
    told.check_floor("ann", (date(2026, 7, 7), date(2026, 8, 20)), (14, "168.00"));
    told.until(date(2026, 8, 22));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-21 424.90"]);
    told.check_books();
}

#[test]
fn a_payment_sent_again_leaves_in_a_replay_when_it_did() {
    let mut told = ordered_again();
    told.until(date(2026, 8, 10));
    told.mornings_until(date(2026, 8, 16)); // nothing is done in the evenings
    told.until(date(2026, 9, 7));
    let recorded = ["2026-07-07 424.90", "2026-08-17 424.90", "2026-09-07 424.90"];
    told.check_paid("ann", &recorded);
    assert_eq!(usable(&told.replayed(&told.rules, date(2026, 9, 7)).world, told.id("ann")), recorded);
}

#[test]
fn a_payment_to_be_sent_again_to_an_account_that_changed_since_leaves_for_the_new_one() {
    let mut told = ordered_again();
    told.until(date(2026, 8, 10));
    told.mornings_until(date(2026, 8, 12));
    change_account(&mut told, "2");
    told.until(date(2026, 8, 20));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-14 424.90"]);
    went_into_the_account_recorded_last(&told, of_july(&told));
    told.check_books();
}

#[test]
fn a_payment_ordered_again_without_an_account_after_it_had_changed_leaves_for_the_new_one() {
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &account("2026-06-01", "1")));
    told.until(date(2026, 8, 10));
    let (person, payment) = (told.id("ann"), of_july(&told));
    told.order(PaymentOrder::Return { person, payment, code: "B".into(), on: date(2026, 8, 11) });
    change_account(&mut told, "2");
    let (due_on, channel, account, account_holders) = (date(2026, 8, 14), Channel::FasterPayments, None, None);
    told.order(PaymentOrder::Reissue { person, payment, due_on, channel, account, account_holders });
    told.until(date(2026, 8, 20));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-12 424.90"]);
    went_into_the_account_recorded_last(&told, of_july(&told));
}

#[test]
fn a_payment_to_be_sent_again_waits_while_payments_are_held_back_and_then_leaves_for_the_account_of_that_day() {
    let mut told = ordered_again();
    told.until(date(2026, 8, 10));
    told.mornings_until(date(2026, 8, 11));
    let person = told.id("ann");
    told.order(PaymentOrder::Suspend { person, ground: "doubt".into(), review_on: date(2026, 9, 1) });
    change_account(&mut told, "2");
    told.until(date(2026, 8, 19));
    told.check_paid("ann", &["2026-07-07 424.90"]);
    told.order(PaymentOrder::Resume { person, reason: "settled".into() });
    told.until(date(2026, 8, 25));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-21 424.90"]);
    went_into_the_account_recorded_last(&told, of_july(&told));
}

#[test]
fn of_a_payment_to_be_sent_again_to_another_account_only_what_is_still_due_is_paid() {
    // Seven days at 13.90 are 97.30; 424.90 less that is 327.60.
    let late = sanction("ann", "week", "2026-08-12", "2026-07-01", 7, "full");
    let steps = "  - {day: 2026-08-11, do: return_payment, person: $ann, payment: $payment ann 2026-08-07, code: B, on: 2026-08-11}
  - {day: 2026-08-11, do: reissue_payment, person: $ann, payment: $payment ann 2026-08-07, due_on: 2026-08-14, channel: faster_payments}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps + &account("2026-06-01", "1") + &late));
    told.until(date(2026, 8, 10));
    told.mornings_until(date(2026, 8, 12));
    change_account(&mut told, "2");
    told.until(date(2026, 8, 20));
    assert_eq!(told.person("ann").payment(of_july(&told)).unwrap().status(), "cancelled");
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-13 327.60"]);
    told.check_overpaid(&[]);
    told.check_books();
}

#[test]
fn a_payment_to_be_sent_again_that_is_called_off_is_planned_afresh() {
    let mut told = ordered_again();
    told.until(date(2026, 8, 10));
    told.mornings_until(date(2026, 8, 12));
    let (person, payment) = (told.id("ann"), of_july(&told));
    told.order(PaymentOrder::Cancel { person, payment, reason: "wrong account".into() });
    told.until(date(2026, 8, 20));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-13 424.90"]);
    told.check_books();
}

#[test]
fn rent_to_be_sent_again_goes_to_the_account_that_the_landlord_has_by_then() {
    let rented = "  - {day: 2026-06-01, do: record_claim_fact, claim: $ann-claim, fact: {key: tenure, value: social}}
  - {day: 2026-06-01, do: record_claim_fact, claim: $ann-claim, fact: {key: rent, value: 500.00}}
  - {day: 2026-06-01, do: record_claim_fact, claim: $ann-claim, fact: {key: managed_rent, value: true}}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + rented));
    let landlord = |told: &mut Told, number: &str| {
        let (claim, name, account) = (told.named("ann-claim"), "Rents Ltd".into(), number.into());
        told.order(ClaimOrder::RecordLandlordAccount { claim, name, account });
    };
    told.until(date(2026, 6, 1));
    landlord(&mut told, "01-02-03 12345678");
    told.until(date(2026, 7, 7));
    let person = told.id("ann");
    let payments = &told.person("ann").payments;
    let rent = payments.iter().find(|payment| payment.amount.to_string() == "500.00").unwrap().id;
    told.order(PaymentOrder::Return { person, payment: rent, code: "AC04".into(), on: date(2026, 7, 8) });
    let (due_on, channel, account, account_holders) = (date(2026, 7, 10), Channel::FasterPayments, None, None);
    told.order(PaymentOrder::Reissue { person, payment: rent, due_on, channel, account, account_holders });
    landlord(&mut told, "01-02-03 87654321");
    told.until(date(2026, 7, 12));
    let sent_again = told.person("ann").payment(rent).unwrap();
    assert_eq!((sent_again.status(), sent_again.usable_on()), ("released", Some(date(2026, 7, 9))));
    let Some(recorded) = told.claim("ann-claim").facts.all("landlord_account").last() else { unreachable!() };
    let text = format!("{recorded:?}");
    assert!(text.contains(&format!("{:?}", sent_again.account.as_ref().unwrap().commitment)), "{text}");
}
