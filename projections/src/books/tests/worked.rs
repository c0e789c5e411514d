//! What each event posts, worked by hand. A debit stands as it is and a credit below zero.

use jiff::civil::{Date, date};
use ledger::order::{ClaimOrder, DebtOrder, PaymentOrder, SanctionOrder};
use schemas::events::{Channel, Days, DebtKind, Payee, PayeeLine, PaymentKind, Purpose};
use schemas::{Citation, EventId};

use super::told::{Decided, PERSON, Told, amount, award, claim, debt, instruct, month, payment, person, under};
use crate::books::account::OwedTo;
use crate::books::{Account, accrued, disagreements};

const DECIDED: Date = date(2026, 7, 1);
const PAID: Date = date(2026, 7, 6);
const DUE: Date = date(2026, 7, 7);

fn allowance() -> Account {
    Account::Award("uk-universal-credit".into(), Purpose::StandardAllowance)
}

fn housing() -> Account {
    Account::Award("uk-universal-credit".into(), Purpose::Housing)
}

fn deducted() -> Account {
    Account::Deducted("uk-universal-credit".into())
}

const OWED: Account = Account::Owed(OwedTo::People);
const TO_LANDLORDS: Account = Account::Owed(OwedTo::Landlords);

/// 424.90 for June, decided on 1 July.
fn june() -> (Told, EventId) {
    let mut told = Told::new();
    let lines = [(1, PERSON, 42_490)];
    let made = told.decide(DECIDED, &Decided { claim: 1, period: month(0), lines: &lines, deducted: &[] }).unwrap();
    (told, made)
}

/// The same, paid on 6 July for the 7th.
fn june_paid() -> (Told, EventId) {
    let (mut told, made) = june();
    told.pay(PAID, DUE, award(1, month(0), PERSON, 42_490, made));
    (told, made)
}

fn pay_back(on: Date) -> PaymentOrder {
    PaymentOrder::Return { person: person(1), payment: payment(1), code: "0".into(), on }
}

fn send_again(due_on: Date) -> PaymentOrder {
    let (channel, account, account_holders) = (Channel::FasterPayments, None, None);
    PaymentOrder::Reissue { person: person(1), payment: payment(1), due_on, channel, account, account_holders }
}

#[track_caller]
fn agrees(told: &Told) {
    assert_eq!(disagreements(&told.books, &told.balances(Date::MAX), &told.views), []);
}

#[test]
fn a_decision_is_owed_from_the_last_day_of_its_period_and_paid_on_the_day_its_payment_is_due() {
    let (told, _) = june_paid();
    told.check(date(2026, 6, 29), &[]);
    told.check(date(2026, 6, 30), &[(OWED, "-424.90"), (allowance(), "424.90")]);
    told.check(PAID, &[(Account::InTransit, "-424.90"), (allowance(), "424.90")]);
    told.check(DUE, &[(Account::Bank, "-424.90"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn a_payment_called_off_before_it_left_is_owed_as_before() {
    let (mut told, made) = june();
    told.on(PAID, award(1, month(0), PERSON, 42_490, made)).unwrap();
    told.check(PAID, &[(Account::Instructed, "-424.90"), (allowance(), "424.90")]);
    let off = PaymentOrder::Cancel { person: person(1), payment: payment(1), reason: "account changed".into() };
    told.on(PAID, off).unwrap();
    told.check(PAID, &[(OWED, "-424.90"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn a_settlement_on_another_day_moves_the_money_to_that_day() {
    let (mut told, _) = june_paid();
    let settle = |usable_on| PaymentOrder::Settle { person: person(1), payment: payment(1), usable_on };
    told.on(date(2026, 7, 10), settle(date(2026, 7, 10))).unwrap();
    told.check(date(2026, 7, 9), &[(Account::InTransit, "-424.90"), (allowance(), "424.90")]);
    told.check(date(2026, 7, 10), &[(Account::Bank, "-424.90"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn a_settlement_on_the_due_day_posts_nothing() {
    let (mut told, _) = june_paid();
    let before = told.entries.len();
    told.on(DUE, PaymentOrder::Settle { person: person(1), payment: payment(1), usable_on: DUE }).unwrap();
    assert_eq!(told.entries.len(), before);
}

#[test]
fn returned_money_is_owed_apart_until_it_is_sent_again() {
    let (mut told, _) = june_paid();
    let (back, again) = (date(2026, 7, 11), date(2026, 7, 14));
    told.on(back, pay_back(back)).unwrap();
    told.check(date(2026, 7, 10), &[(Account::Bank, "-424.90"), (allowance(), "424.90")]);
    told.check(back, &[(Account::Returned, "-424.90"), (allowance(), "424.90")]);
    told.on(date(2026, 7, 12), send_again(again)).unwrap();
    told.release(date(2026, 7, 13), person(1), payment(1)).unwrap();
    told.check(date(2026, 7, 12), &[(Account::Instructed, "-424.90"), (allowance(), "424.90")]);
    told.check(date(2026, 7, 13), &[(Account::InTransit, "-424.90"), (allowance(), "424.90")]);
    told.check(again, &[(Account::Bank, "-424.90"), (allowance(), "424.90")]);
    agrees(&told);
}

/// June paid on the 7th, back on the 11th, and on the 12th to be sent again for the 14th.
fn to_be_sent_again() -> Told {
    let (mut told, _) = june_paid();
    told.on(date(2026, 7, 11), pay_back(date(2026, 7, 11))).unwrap();
    told.on(date(2026, 7, 12), send_again(date(2026, 7, 14))).unwrap();
    told
}

#[test]
fn money_to_be_sent_again_that_never_leaves_stays_instructed_and_does_not_reach_the_bank() {
    let mut told = to_be_sent_again();
    told.check(date(2026, 12, 31), &[(Account::Instructed, "-424.90"), (allowance(), "424.90")]);
    agrees(&told);
    // Ordered for another day, it is still instructed once.
    told.on(date(2026, 7, 13), send_again(date(2026, 7, 20))).unwrap();
    told.check(date(2026, 12, 31), &[(Account::Instructed, "-424.90"), (allowance(), "424.90")]);
    told.release(date(2026, 7, 16), person(1), payment(1)).unwrap();
    told.check(date(2026, 7, 19), &[(Account::InTransit, "-424.90"), (allowance(), "424.90")]);
    told.check(date(2026, 7, 20), &[(Account::Bank, "-424.90"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn money_to_be_sent_again_that_is_called_off_is_owed_as_before() {
    let mut told = to_be_sent_again();
    let off = PaymentOrder::Cancel { person: person(1), payment: payment(1), reason: "account changed".into() };
    told.on(date(2026, 7, 13), off).unwrap();
    told.check(date(2026, 7, 13), &[(OWED, "-424.90"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn what_a_bank_answers_of_money_sent_again_says_that_it_left() {
    let day = date(2026, 7, 15);
    let (person, payment) = (person(1), payment(1));
    let mut settled = to_be_sent_again();
    settled.on(day, PaymentOrder::Settle { person, payment, usable_on: day }).unwrap();
    settled.check(date(2026, 7, 14), &[(Account::Instructed, "-424.90"), (allowance(), "424.90")]);
    settled.check(day, &[(Account::Bank, "-424.90"), (allowance(), "424.90")]);
    agrees(&settled);
    let mut accepted = to_be_sent_again();
    accepted.on(date(2026, 7, 13), PaymentOrder::Accept { person, payment }).unwrap();
    accepted.check(date(2026, 7, 13), &[(Account::InTransit, "-424.90"), (allowance(), "424.90")]);
    accepted.check(date(2026, 7, 14), &[(Account::Bank, "-424.90"), (allowance(), "424.90")]);
    agrees(&accepted);
    let mut again = to_be_sent_again();
    again.on(day, pay_back(day)).unwrap();
    again.check(day, &[(Account::Returned, "-424.90"), (allowance(), "424.90")]);
    agrees(&again);
}

#[test]
fn money_that_comes_back_before_its_due_day_was_never_there() {
    let (mut told, _) = june_paid();
    told.on(PAID, pay_back(PAID)).unwrap();
    told.check(DUE, &[(Account::Returned, "-424.90"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn returned_money_that_is_paid_by_another_payment_is_no_longer_owed() {
    let (mut told, made) = june_paid();
    told.on(date(2026, 7, 11), pay_back(date(2026, 7, 11))).unwrap();
    told.pay(date(2026, 7, 12), date(2026, 7, 13), award(2, month(0), PERSON, 42_490, made));
    told.check(date(2026, 7, 13), &[(Account::Bank, "-424.90"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn what_a_revision_gives_less_is_overpaid_until_recovery_is_decided() {
    // 424.90 was paid, 300.00 is due: 124.90 too much, of which 100.00 is to be recovered.
    let (mut told, made) = june_paid();
    let lines = [(1, PERSON, 30_000)];
    let september = date(2026, 9, 1);
    let cause =
        told.revise(september, made, &Decided { claim: 1, period: month(0), lines: &lines, deducted: &[] }).unwrap();
    let paid = (Account::Bank, "-424.90");
    told.check(date(2026, 6, 30), &[(OWED, "-300.00"), (allowance(), "300.00")]);
    told.check(september, &[paid.clone(), (Account::Overpaid, "124.90"), (allowance(), "300.00")]);
    let decided = DebtOrder::DecideRecovery {
        person: person(1),
        claim: claim(1),
        period: month(0),
        cause,
        overpaid: amount(12_490),
        recoverable: amount(10_000),
        debt: Some(debt(1)),
        ground: Citation::read("SI 2013/384", "reg. 3"),
        reason: "official error in part".into(),
    };
    told.on(date(2026, 9, 10), decided).unwrap();
    let owes = (Account::Debt(DebtKind::Overpayment), "100.00");
    let borne = (Account::NotRecovered, "24.90");
    told.check(date(2026, 9, 10), &[paid, owes, (allowance(), "300.00"), borne]);
    agrees(&told);
}

#[test]
fn what_a_revision_gives_more_is_owed_and_its_arrears_pay_it() {
    let (mut told, made) = june_paid();
    let lines = [(1, PERSON, 50_000)];
    let (september, next) = (date(2026, 9, 1), date(2026, 9, 2));
    let cause =
        told.revise(september, made, &Decided { claim: 1, period: month(0), lines: &lines, deducted: &[] }).unwrap();
    told.check(september, &[(Account::Bank, "-424.90"), (OWED, "-75.10"), (allowance(), "500.00")]);
    let arrears = under(instruct(2, PaymentKind::Arrears, PERSON, 7_510, cause), Some(month(0)));
    told.pay(september, next, arrears);
    told.check(next, &[(Account::Bank, "-500.00"), (allowance(), "500.00")]);
    agrees(&told);
}

#[test]
fn rent_that_a_landlord_had_is_set_against_what_the_tenant_is_now_due() {
    // 500.00 of rent went to the landlord. Revised, it goes to the tenant: nothing more is due and nothing overpaid.
    let mut told = Told::new();
    let managed = [(1, PERSON, 42_490), (1, Payee::Landlord, 50_000)];
    let made = told.decide(DECIDED, &Decided { claim: 1, period: month(0), lines: &managed, deducted: &[] }).unwrap();
    told.check(
        DECIDED,
        &[(OWED, "-424.90"), (TO_LANDLORDS, "-500.00"), (allowance(), "424.90"), (housing(), "500.00")],
    );
    told.pay(PAID, DUE, award(1, month(0), PERSON, 42_490, made));
    told.pay(PAID, DUE, award(2, month(0), Payee::Landlord, 50_000, made));
    let paid = (Account::Bank, "-924.90");
    told.check(DUE, &[paid.clone(), (allowance(), "424.90"), (housing(), "500.00")]);
    let own = [(1, PERSON, 92_490)];
    told.revise(date(2026, 9, 1), made, &Decided { claim: 1, period: month(0), lines: &own, deducted: &[] }).unwrap();
    told.check(date(2026, 9, 1), &[paid, (allowance(), "924.90")]);
    agrees(&told);
}

#[test]
fn an_advance_is_owed_and_owing_at_once_and_deductions_pay_it_back() {
    // 240.00 lent, 10.00 taken from 424.90: 414.90 is paid, and 230.00 left to pay back.
    let mut told = Told::new();
    let lent = date(2026, 6, 3);
    let cause = told.owe(lent, 1, DebtKind::BudgetingAdvance, 24_000, None);
    let owing = |sum| (Account::Debt(DebtKind::BudgetingAdvance), sum);
    told.check(lent, &[owing("240.00"), (OWED, "-240.00")]);
    told.pay(lent, lent, instruct(1, PaymentKind::Advance, PERSON, 24_000, cause));
    told.check(lent, &[(Account::Bank, "-240.00"), owing("240.00")]);
    let lines = [(1, PERSON, 41_490)];
    told.decide(DECIDED, &Decided { claim: 1, period: month(0), lines: &lines, deducted: &[(1, 1_000)] }).unwrap();
    let given = [(allowance(), "414.90"), (deducted(), "10.00")];
    told.check(DECIDED, &[&[(Account::Bank, "-240.00"), owing("230.00"), (OWED, "-414.90")], &given[..]].concat());
    agrees(&told);
}

#[test]
fn what_is_kept_back_for_a_top_up_is_owed_no_more_and_was_no_gift() {
    // 120.00 topped up for ten days of June. Of 424.90 owed 45.00 is kept back and 379.90 paid: the top-up cost 75.00.
    let (mut told, made) = june();
    let days = Days::new(date(2026, 6, 1), date(2026, 6, 10));
    let mut top_up = instruct(1, PaymentKind::TopUp, PERSON, 12_000, made);
    if let PaymentOrder::Instruct { for_days, .. } = &mut top_up {
        *for_days = days;
    }
    told.pay(DECIDED, DECIDED, top_up);
    let sum = amount(4_500);
    let line = PayeeLine { amount: sum, purpose: Purpose::StandardAllowance, for_whom: person(1), payee: PERSON };
    let recover = PaymentOrder::RecoverTopUp {
        person: person(1),
        top_up: payment(1),
        for_whom: person(1),
        days: days.unwrap(),
        claim: claim(1),
        period: month(0),
        payee: PERSON,
        lines: vec![line],
        amount: sum,
        cause: made,
    };
    told.on(DUE, recover).unwrap();
    told.pay(DUE, DUE, award(2, month(0), PERSON, 37_990, made));
    let kept = [(Account::Bank, "-499.90"), (allowance(), "424.90"), (Account::TopUps, "75.00")];
    told.check(DUE, &kept);
    agrees(&told);
    // June gives 400.00 after all: 20.10 is kept back, and the other 24.90 of the top-up are a gift again.
    let less = [(1, PERSON, 40_000)];
    let less = Decided { claim: 1, period: month(0), lines: &less, deducted: &[] };
    told.revise(date(2026, 8, 1), made, &less).unwrap();
    told.check(date(2026, 8, 1), &[(Account::Bank, "-499.90"), (allowance(), "400.00"), (Account::TopUps, "99.90")]);
    agrees(&told);
    // The top-up comes back: what was kept back for it is owed again.
    told.on(date(2026, 8, 2), pay_back(date(2026, 8, 2))).unwrap();
    let back = [
        (Account::Bank, "-379.90"),
        (OWED, "-20.10"),
        (Account::Returned, "-120.00"),
        (allowance(), "400.00"),
        (Account::TopUps, "120.00"),
    ];
    told.check(date(2026, 8, 2), &back);
    agrees(&told);
}

#[test]
fn what_is_deducted_for_a_third_party_is_collected_for_them_and_paid_to_them() {
    // 90.00 of rent arrears, 20.00 taken from 424.90 and paid to the creditor; 15.00 is written off.
    let mut told = Told::new();
    told.owe(date(2026, 6, 3), 1, DebtKind::RentArrears, 9_000, None);
    let owing = |sum| (Account::Debt(DebtKind::RentArrears), sum);
    told.check(date(2026, 6, 3), &[owing("90.00"), (Account::Uncollected, "-90.00")]);
    let lines = [(1, PERSON, 40_490)];
    let made =
        told.decide(DECIDED, &Decided { claim: 1, period: month(0), lines: &lines, deducted: &[(1, 2_000)] }).unwrap();
    let given = [(allowance(), "404.90"), (deducted(), "20.00")];
    let third = [owing("70.00"), (OWED, "-404.90"), (Account::Uncollected, "-70.00")];
    told.check(DECIDED, &[&third[..], &[(Account::Collected, "-20.00")], &given].concat());
    told.pay(PAID, DUE, instruct(1, PaymentKind::ThirdParty, Payee::Creditor(debt(1)), 2_000, made));
    told.check(DUE, &[&[(Account::Bank, "-20.00")], &third[..], &given].concat());
    let off = DebtOrder::WriteOff { person: person(1), debt: debt(1), amount: amount(1_500), reason: "moved".into() };
    told.on(DUE, off).unwrap();
    let third = [owing("55.00"), (OWED, "-404.90"), (Account::Uncollected, "-55.00")];
    told.check(DUE, &[&[(Account::Bank, "-20.00")], &third[..], &given].concat());
    agrees(&told);
}

#[test]
fn a_debt_from_elsewhere_is_taken_over_and_waived_repaid_or_written_off() {
    let mut told = Told::new();
    let june = date(2026, 6, 3);
    told.owe(june, 1, DebtKind::SocialFund, 10_000, None);
    let (person, debt) = (person(1), debt(1));
    let reason = || "for cause".to_string();
    told.on(june, DebtOrder::Waive { person, debt, amount: amount(1_000), reason: reason() }).unwrap();
    told.on(june, DebtOrder::WriteOff { person, debt, amount: amount(2_000), reason: reason() }).unwrap();
    told.on(june, DebtOrder::Repay { person, debt, amount: amount(3_000), on: june, reference: None }).unwrap();
    let expected = [
        (Account::Repayments, "30.00"),
        (Account::Debt(DebtKind::SocialFund), "40.00"),
        (Account::TakenOver, "-100.00"),
        (Account::Waived, "10.00"),
        (Account::WrittenOff, "20.00"),
    ];
    told.check(june, &expected);
    agrees(&told);
}

#[test]
fn an_overpayment_registered_for_a_decision_here_is_what_was_overpaid_by_it() {
    let (mut told, made) = june_paid();
    let lines = [(1, PERSON, 30_000)];
    let september = date(2026, 9, 1);
    let cause =
        told.revise(september, made, &Decided { claim: 1, period: month(0), lines: &lines, deducted: &[] }).unwrap();
    told.owe(september, 1, DebtKind::Overpayment, 12_490, Some(cause));
    let owing = (Account::Debt(DebtKind::Overpayment), "124.90");
    told.check(september, &[(Account::Bank, "-424.90"), owing, (allowance(), "300.00")]);
    agrees(&told);
}

#[test]
fn a_hardship_payment_is_a_debt_from_the_day_of_its_award() {
    let mut told = Told::new();
    let from = date(2026, 7, 1);
    let authority = Citation::read("SI 2013/376", "reg. 103");
    let sanction = schemas::SanctionId(uuid::Uuid::from_u128(1));
    let level = schemas::events::SanctionLevel::Medium;
    let impose = SanctionOrder::Impose {
        person: person(1),
        sanction,
        level,
        failure_on: date(2026, 6, 10),
        from: Some(date(2026, 6, 10)),
        days: None,
        days_ground: None,
        complied_on: None,
        rate: None,
        authority,
    };
    told.on(date(2026, 6, 11), impose).unwrap();
    // 8.40 a day for 10 days.
    let (days, per_day) = (Some(10), Some(amount(840)));
    let cause = told.on(from, SanctionOrder::AwardHardship { person: person(1), debt: debt(1), from, days, per_day });
    told.check(from, &[(Account::Debt(DebtKind::Hardship), "84.00"), (OWED, "-84.00")]);
    told.pay(from, from, instruct(1, PaymentKind::Hardship, PERSON, 8_400, cause.unwrap()));
    told.check(from, &[(Account::Bank, "-84.00"), (Account::Debt(DebtKind::Hardship), "84.00")]);
    agrees(&told);
}

#[test]
fn a_top_up_is_given_by_its_instruction_and_not_given_when_it_is_called_off() {
    let (mut told, made) = june();
    told.on(PAID, instruct(1, PaymentKind::TopUp, PERSON, 3_600, made)).unwrap();
    let given = (allowance(), "424.90");
    let instructed = (Account::Instructed, "-36.00");
    told.check(PAID, &[(OWED, "-424.90"), instructed, given.clone(), (Account::TopUps, "36.00")]);
    let off = PaymentOrder::Cancel { person: person(1), payment: payment(1), reason: "no gap".into() };
    told.on(PAID, off).unwrap();
    told.check(PAID, &[(OWED, "-424.90"), given]);
    agrees(&told);
}

#[test]
fn a_claim_that_had_ended_before_its_last_decided_period_did_gives_nothing_for_it_until_it_is_reopened() {
    let (mut told, _) = june_paid();
    let close = ClaimOrder::Close { claim: claim(1), reason: "moved abroad".into() };
    told.from(date(2026, 7, 20), date(2026, 6, 20), close).unwrap();
    let paid = (Account::Bank, "-424.90");
    told.check(date(2026, 7, 20), &[paid.clone(), (Account::Overpaid, "424.90")]);
    agrees(&told);
    let reopen = ClaimOrder::Reopen { claim: claim(1), reason: "had not moved".into() };
    told.from(date(2026, 7, 25), date(2026, 6, 20), reopen).unwrap();
    told.check(date(2026, 7, 25), &[paid, (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn arrears_paid_before_their_days_were_decided_here_are_of_the_award_when_they_are() {
    // 100.00 for 1 to 10 June; then June is decided, 424.90: 324.90 is left.
    let mut told = Told::new();
    let cause = EventId { command: super::told::command(1), index: 0 };
    let mut arrears = under(instruct(1, PaymentKind::Arrears, PERSON, 10_000, cause), None);
    if let PaymentOrder::Instruct { for_days, .. } = &mut arrears {
        *for_days = Days::new(date(2026, 6, 1), date(2026, 6, 10));
    }
    told.pay(date(2026, 6, 15), date(2026, 6, 16), arrears);
    told.check(date(2026, 6, 16), &[(Account::Bank, "-100.00"), (allowance(), "100.00")]);
    let lines = [(1, PERSON, 42_490)];
    told.decide(DECIDED, &Decided { claim: 1, period: month(0), lines: &lines, deducted: &[] }).unwrap();
    told.check(DECIDED, &[(Account::Bank, "-100.00"), (OWED, "-324.90"), (allowance(), "424.90")]);
    agrees(&told);
}

#[test]
fn the_days_elapsed_of_a_period_begun_are_accrued_at_what_the_one_before_gave() {
    let (told, _) = june();
    // 424.90 x 15 / 31 = 205.596...
    assert_eq!(accrued(&told.books, date(2026, 7, 15)).total().to_string(), "205.59");
    // June is posted on its last day, and until then accrued by days: 424.90 x 29 / 30 = 410.736...
    assert_eq!(accrued(&told.books, date(2026, 6, 29)).total().to_string(), "410.73");
    assert_eq!(accrued(&told.books, date(2026, 6, 30)).total().to_string(), "0.00");
    // July ended and was not decided yet: all of it, and one day of August: 424.90 / 31 = 13.706...
    assert_eq!(accrued(&told.books, date(2026, 8, 1)).total().to_string(), "438.60");
}

#[test]
fn what_comes_due_after_its_recovery_was_decided_is_set_off_first_and_then_no_longer_a_loss() {
    // 424.90 paid; 300.00 stands; of 124.90 overpaid 100.00 is a debt and 24.90 borne. Then 424.90 stands again.
    let (mut told, made) = june_paid();
    let day = date(2026, 9, 1);
    let less = [(1, PERSON, 30_000)];
    let june = |lines| Decided { claim: 1, period: month(0), lines, deducted: &[] };
    let cause = told.revise(day, made, &june(&less)).unwrap();
    let decided = DebtOrder::DecideRecovery {
        person: person(1),
        claim: claim(1),
        period: month(0),
        cause,
        overpaid: amount(12_490),
        recoverable: amount(10_000),
        debt: Some(debt(1)),
        ground: Citation::read("SI 2013/384", "reg. 3"),
        reason: "official error in part".into(),
    };
    told.on(day, decided).unwrap();
    let full = [(1, PERSON, 42_490)];
    told.revise(day, cause, &june(&full)).unwrap();
    let paid = (Account::Bank, "-424.90");
    let owing = (Account::Debt(DebtKind::Overpayment), "100.00");
    told.check(day, &[paid.clone(), owing, (OWED, "-100.00"), (allowance(), "424.90")]);
    let reason = ledger::debt::SET_OFF.into();
    told.on(day, DebtOrder::WriteOff { person: person(1), debt: debt(1), amount: amount(10_000), reason }).unwrap();
    told.check(day, &[paid, (allowance(), "424.90")]);
    agrees(&told);
}
