//! Awards that are held, refused, sent again, late or called off are paid once, and usable when they were.

use jiff::civil::date;
use ledger::order::{PaymentOrder, PersonOrder, RunOrder};
use projections::outstanding::outstanding;
use projections::payments::derived_uuid;
use schemas::events::{Event, PaymentKind, RunEvent};
use schemas::{Amount, Digest, PaymentId, RunId};

use crate::told::{Told, alone, child, couple, sanction};

#[test]
fn awards_held_by_a_suspension_are_paid_when_payments_resume_and_last_until_the_next_pay_day() {
    let steps = "  - {day: 2026-07-01, do: suspend_payments, person: $ann, ground: doubt, review_on: 2026-08-01}
  - {day: 2026-08-20, do: resume_payments, person: $ann, reason: settled}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until(date(2026, 8, 19));
    told.check_paid("ann", &[]);
    told.until(date(2026, 9, 30));
    // June's award was due on 7 July and July's on 7 August; August's is due on 7 September.
    told.check_paid("ann", &["2026-08-20 424.90", "2026-08-20 424.90", "2026-09-07 424.90"]);
    let next: Vec<_> = told.person("ann").payments.iter().map(|payment| payment.next_due.unwrap()).collect();
    assert_eq!(next, [date(2026, 9, 7), date(2026, 9, 7), date(2026, 10, 7)]);
}

#[test]
fn an_instruction_that_the_ledger_refuses_is_said_and_not_reported_as_paid_and_its_run_closes_without_it() {
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &alone("cal", "2026-06-01")));
    told.until(date(2026, 7, 5));
    // A hand pays 100.00 in place of a first wait, which no plan sets off, so that all of the 424.90 is more than is due.
    let mut by_hand = told.planned_for("ann");
    by_hand.1.payment = PaymentId(derived_uuid("by hand"));
    by_hand.1.instalment = 0;
    by_hand.1.amount = amount("100.00");
    by_hand.1.lines[0].amount = amount("100.00");
    told.order(ops::business::instruct(by_hand.0, &by_hand.1));
    let evening = told.evening();
    let [(who, why)] = evening.problems.as_slice() else { unreachable!("one problem: {:?}", evening.problems) };
    assert_eq!(*who, format!("person {}", told.id("ann")));
    assert!(why.contains("100.00") && why.contains("424.90"), "{why}");
    let paid: Vec<_> = evening.paid.iter().map(|paid| (paid.person, paid.payment.amount.to_string())).collect();
    assert_eq!(paid, [(told.id("ann"), "100.00".to_string()), (told.id("cal"), "424.90".to_string())]);
    let released = |event: &Event| matches!(event, Event::Run(RunEvent::RunReleased(_)));
    assert_eq!(told.history().iter().filter(|event| released(&event.envelope.event)).count(), 1);
}

#[test]
fn what_a_hand_paid_of_an_award_is_not_paid_again_by_the_plan() {
    // 100.00 of 424.90: 324.90 are left.
    let mut told = Told::new(&alone("ann", "2026-06-01"));
    told.until(date(2026, 7, 5));
    let mut by_hand = told.planned_for("ann");
    by_hand.1.payment = PaymentId(derived_uuid("by hand"));
    by_hand.1.kind = PaymentKind::Arrears;
    by_hand.1.amount = amount("100.00");
    by_hand.1.lines[0].amount = amount("100.00");
    told.order(ops::business::instruct(by_hand.0, &by_hand.1));
    told.until(date(2026, 7, 7));
    told.check_paid("ann", &["2026-07-07 100.00", "2026-07-07 324.90"]);
}

/// A run of one payment of 424.90 that somebody else than this program planned, approved and released.
fn approved_run(told: &mut Told, name: &str) -> (RunId, Digest) {
    let (run, digest) = (RunId(derived_uuid(name)), Digest::of(name.as_bytes()));
    let (day, total) = (date(2026, 8, 12), amount("424.90"));
    told.order(RunOrder::Plan { run, day, digest, payments: 1, total, approvals: None });
    told.order(RunOrder::Approve { run, digest });
    told.order(RunOrder::Release { run, file: digest });
    (run, digest)
}

#[test]
fn a_payment_sent_again_and_released_before_its_new_day_is_usable_on_the_later_of_the_two() {
    let steps = "  - {day: 2026-08-11, do: return_payment, person: $ann, payment: $payment ann 2026-08-07, code: B, on: 2026-08-11}
  - {day: 2026-08-11, do: reissue_payment, person: $ann, payment: $payment ann 2026-08-07, due_on: 2026-08-14, channel: bacs}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until(date(2026, 8, 10));
    told.mornings_until(date(2026, 8, 11)); // so that no run takes it along
    told.check_paid("ann", &["2026-07-07 424.90"]);
    let (person, payment) = (told.id("ann"), told.person("ann").payments[1].id);
    let (run, file) = approved_run(&mut told, "12 August");
    told.order(PaymentOrder::Release { person, payment, run, file });
    told.until(date(2026, 8, 15));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-14 424.90"]);
}

#[test]
fn a_payment_sent_again_and_released_after_its_new_day_is_usable_when_it_left() {
    let steps = "  - {day: 2026-08-11, do: return_payment, person: $ann, payment: $payment ann 2026-08-07, code: B, on: 2026-08-11}
  - {day: 2026-08-11, do: reissue_payment, person: $ann, payment: $payment ann 2026-08-07, due_on: 2026-08-14, channel: bacs}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until(date(2026, 8, 10));
    told.mornings_until(date(2026, 8, 16)); // so that no run takes it along
    let (person, payment) = (told.id("ann"), told.person("ann").payments[1].id);
    let (run, file) = approved_run(&mut told, "17 August");
    told.order(PaymentOrder::Release { person, payment, run, file });
    told.until(date(2026, 8, 17));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-17 424.90"]);
}

#[test]
fn a_payment_that_leaves_late_is_usable_when_it_left() {
    let mut told = Told::new(&alone("ann", "2026-06-01"));
    told.until(date(2026, 7, 5));
    let (person, payment) = told.planned_for("ann");
    told.order(ops::business::instruct(person, &payment));
    told.mornings_until(date(2026, 7, 24)); // nothing is done in the evenings
    told.check_paid("ann", &[]);
    told.until(date(2026, 7, 25));
    told.check_paid("ann", &["2026-07-25 424.90"]);
    // 7 July was the first pay day, and nothing came before the 25th: 1 June to 24 July is 54 days at 12.00.
    told.check_floor("ann", (date(2026, 6, 1), date(2026, 7, 31)), (54, "648.00"));
}

#[test]
fn a_claim_recorded_months_after_it_began_is_paid_when_it_became_known_and_never_before() {
    let steps = "  - {day: 2026-09-01, effective: 2026-06-01, do: register_person, person: $ann, birth_date: 1990-01-01}
  - {day: 2026-09-01, effective: 2026-06-01, do: make_claim, claim: $ann-claim, benefit: uk-universal-credit, claimants: [$ann]}\n";
    let mut told = Told::new(steps);
    told.mornings_until(date(2026, 9, 1));
    told.evenings(date(2026, 6, 1), date(2026, 9, 7));
    // June's and July's awards are late by then; August's is due on its day.
    told.check_paid("ann", &["2026-09-01 424.90", "2026-09-01 424.90", "2026-09-07 424.90"]);
    // 1 June to 31 August: 30 + 31 + 31 days at 12.00.
    told.check_floor("ann", (date(2026, 6, 1), date(2026, 9, 7)), (92, "1104.00"));
}

#[test]
fn a_claim_that_could_not_be_decided_is_paid_when_it_could_and_never_before() {
    // Rent is recorded without a tenure, which decides how it counts; the tenure is recorded on 5 September.
    let rent = |day, fact| {
        format!("  - {{day: {day}, effective: 2026-06-01, do: record_claim_fact, claim: $ann-claim, fact: {fact}}}\n")
    };
    let steps = rent("2026-06-01", "{key: rent, value: 400.00}") + &rent("2026-09-05", "{key: tenure, value: social}");
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &steps));
    told.mornings_until(date(2026, 9, 5));
    told.evenings(date(2026, 6, 1), date(2026, 9, 7));
    // 424.90 + 400.00: June's and July's awards are late by then; August's is due on its day.
    told.check_paid("ann", &["2026-09-05 824.90", "2026-09-05 824.90", "2026-09-07 824.90"]);
    // 1 June to 4 September: 30 + 31 + 31 + 4 days at 12.00.
    told.check_floor("ann", (date(2026, 6, 1), date(2026, 9, 7)), (96, "1152.00"));
}

#[test]
fn an_award_whose_instruction_was_called_off_is_instructed_again() {
    let mut told = Told::new(&alone("ann", "2026-06-01"));
    told.until(date(2026, 7, 5));
    let (person, payment) = told.planned_for("ann");
    told.order(ops::business::instruct(person, &payment));
    told.order(PaymentOrder::Cancel { person, payment: payment.payment, reason: "wrong account".into() });
    told.until(date(2026, 7, 31));
    told.check_paid("ann", &["2026-07-07 424.90"]);
    let known: Vec<_> = told.person("ann").payments.iter().map(|payment| payment.is_cancelled()).collect();
    assert_eq!(known, [true, false]);
    assert_ne!(told.person("ann").payments[1].id, payment.payment);
}

#[test]
fn what_was_ordered_and_has_not_left_is_called_off_where_less_is_due_by_then_and_what_is_due_is_paid() {
    // Ordered by hand for 424.90. Seven days of sanction at 13.90, told on 6 July, leave 327.60 of June.
    let late = sanction("ann", "week", "2026-07-06", "2026-06-10", 7, "full");
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &late));
    told.until(date(2026, 7, 5));
    let (person, payment) = told.planned_for("ann");
    told.mornings_until(date(2026, 7, 6));
    told.order(ops::business::instruct(person, &payment));
    told.until(date(2026, 7, 7));
    told.check_paid("ann", &["2026-07-07 327.60"]);
    assert_eq!(told.person("ann").payments[0].status(), "cancelled");
    told.check_overpaid(&[]);
    told.check_books();
}

#[test]
fn what_was_ordered_and_has_not_left_is_called_off_where_the_award_has_ended_by_then() {
    let steps = "  - {day: 2026-07-06, effective: 2026-06-20, do: close_claim, claim: $ann-claim, reason: moved}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until(date(2026, 7, 5));
    let (person, payment) = told.planned_for("ann");
    told.mornings_until(date(2026, 7, 6));
    told.order(ops::business::instruct(person, &payment));
    told.until_with_problems(date(2026, 7, 10));
    told.check_paid("ann", &[]);
    assert_eq!(told.person("ann").payments[0].status(), "cancelled");
    told.check_overpaid(&[]);
}

#[test]
fn what_was_ordered_for_a_payee_who_died_before_it_left_is_held_and_the_list_says_what_to_do() {
    // Ann's half goes to Bob, who dies before it leaves.
    let steps = "  - {day: 2026-06-01, do: record_claim_fact, claim: $joint, fact: {key: paid_into, value: $bob}}\n";
    let mut told = Told::new(&(couple("2026-06-01") + steps));
    told.until(date(2026, 7, 5));
    let (person, payment) = told.planned_for("ann");
    assert_eq!(payment.payee, schemas::events::Payee::Person(told.id("bob")));
    told.order(ops::business::instruct(person, &payment));
    told.order(PersonOrder::RecordDeath { person: told.id("bob"), on: date(2026, 7, 6) });
    told.until_with_problems(date(2026, 7, 7));
    told.check_paid("ann", &[]);
    let held = outstanding(date(2026, 7, 7), &told.world, &told.rules.law).held;
    let held: Vec<_> = held.iter().filter(|held| held.person == person && held.payment.is_some()).collect();
    let [held] = held[..] else { unreachable!("one is held: {held:?}") };
    assert_eq!(
        (held.payment, held.amount, held.since),
        (Some(payment.payment), payment.amount.money(), date(2026, 7, 6))
    );
    assert!(held.why.starts_with("who receives it died: cancel_payment"), "{}", held.why);
}

#[test]
fn an_award_decided_before_the_household_changed_is_paid_to_whom_it_was_decided_for() {
    // Decided on 1 June for both; on 3 June it is learned that Ann had left on 30 May.
    let steps = "  - {day: 2026-06-03, effective: 2026-05-30, do: leave_claim, claim: $joint, person: $ann}\n";
    let mut told = Told::new(&(couple("2026-05-01") + steps));
    told.until(date(2026, 6, 30));
    told.check_paid("ann", &["2026-06-07 333.48"]);
    told.check_paid("bob", &["2026-06-07 333.49"]);
}

#[test]
fn what_is_held_for_one_partner_is_paid_once_to_them_though_the_other_has_left_since() {
    let steps = "  - {day: 2026-05-01, do: suspend_payments, person: $bob, ground: doubt, review_on: 2026-08-01}
  - {day: 2026-06-16, effective: 2026-05-20, do: leave_claim, claim: $joint, person: $ann}
  - {day: 2026-06-20, do: resume_payments, person: $bob, reason: settled}\n";
    let mut told = Told::new(&(couple("2026-05-01") + steps));
    told.until(date(2026, 6, 25));
    told.check_paid("ann", &["2026-06-07 333.48"]);
    told.check_paid("bob", &["2026-06-20 333.49"]);
    let again = told.replayed(&told.rules, date(2026, 6, 25));
    assert_eq!(again.undecided, []);
    assert_eq!(crate::told::usable(&again.world, told.id("ann")), ["2026-06-07 333.48"]);
    assert_eq!(crate::told::usable(&again.world, told.id("bob")), ["2026-06-20 333.49"]);
}

#[test]
fn when_the_first_adult_leaves_the_carer_of_the_child_is_the_one_who_stays() {
    let steps = "  - {day: 2026-07-10, do: leave_claim, claim: $joint, person: $ann}
  - {day: 2026-07-10, do: make_claim, claim: $ann-claim, benefit: uk-universal-credit, claimants: [$ann]}\n";
    let mut told = Told::new(&(couple("2026-05-01") + &child("kit", "joint", "2026-05-01") + steps));
    told.until(date(2026, 9, 5));
    // Two for May and June, and Ann cares: 333.48 + 303.94. Bob alone with the child for July: 424.90 + 303.94.
    told.check_paid("ann", &["2026-06-07 637.42", "2026-07-07 637.42", "2026-08-16 424.90"]);
    told.check_paid("bob", &["2026-06-07 333.49", "2026-07-07 333.49", "2026-08-07 728.84"]);
    // 31 days at 12.00 and 303.94 for the child make 675.94.
    told.check_floor("bob", (date(2026, 8, 7), date(2026, 9, 6)), (0, "0.00"));
    told.check_floor("kit", (date(2026, 8, 7), date(2026, 9, 6)), (0, "0.00"));
}

fn amount(text: &str) -> Amount {
    Amount::new(text.parse().unwrap()).unwrap()
}
