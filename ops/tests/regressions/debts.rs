//! A debt is its debtor's: recovered once, from the debtor's money first, under whichever claim.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use ledger::Order;
use ledger::order::{DebtOrder, IncomeOrder, PaymentOrder};
use ops::commands::verify;
use projections::payments::derived_uuid;
use projections::views::PaymentView;
use projections::{creditors, debts};
use proptest::prelude::*;
use schemas::events::{Channel, DebtKind, Frequency, Payee, PayeeLine, PaymentKind, Purpose};
use schemas::{Amount, DebtId, Money, PaymentId};

use crate::told::{Told, alone, couple, debt, usable};

#[test]
fn a_debt_repaid_under_one_claim_is_not_recovered_again_under_the_next() {
    let steps = "  - {day: 2026-07-01, do: close_claim, claim: $ann-claim, reason: moved}
  - {day: 2026-07-01, do: make_claim, claim: $next-claim, benefit: uk-universal-credit, claimants: [$ann]}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + &debt("ann", "2026-05-01", "120.00", "60.00") + steps));
    told.until(date(2026, 9, 30));
    // 424.90 - 60.00 twice, and then 120.00 are repaid.
    told.check_paid("ann", &["2026-06-07 364.90", "2026-07-07 364.90", "2026-08-07 424.90", "2026-09-07 424.90"]);
}

#[test]
fn what_was_taken_for_one_partners_debt_does_not_repay_the_others() {
    // Bob's 60.00 is repaid from May's award, Ann's 60.00, registered in June, from June's.
    let steps = couple("2026-05-01")
        + &debt("bob", "2026-05-01", "60.00", "60.00")
        + &debt("ann", "2026-06-01", "60.00", "60.00");
    let mut told = Told::new(&steps);
    told.until(date(2026, 8, 7));
    told.check_paid("ann", &["2026-06-07 333.48", "2026-07-07 273.48", "2026-08-07 333.48"]);
    told.check_paid("bob", &["2026-06-07 273.49", "2026-07-07 333.49", "2026-08-07 333.49"]);
}

#[test]
fn a_debt_goes_with_the_partner_who_owes_it_and_what_was_repaid_together_counts() {
    // 60.00 of Bob's 120.00 are taken from May's joint award; he leaves and repays the rest from his own for June.
    let steps = "  - {day: 2026-06-01, do: leave_claim, claim: $joint, person: $bob}
  - {day: 2026-06-01, do: make_claim, claim: $bob-claim, benefit: uk-universal-credit, claimants: [$bob]}\n";
    let mut told = Told::new(&(couple("2026-05-01") + &debt("bob", "2026-05-01", "120.00", "60.00") + steps));
    told.until(date(2026, 8, 7));
    told.check_paid("ann", &["2026-06-07 333.48", "2026-07-07 424.90", "2026-08-07 424.90"]);
    told.check_paid("bob", &["2026-06-07 273.49", "2026-07-07 364.90", "2026-08-07 424.90"]);
}

#[test]
fn a_deduction_for_the_second_partners_debt_takes_that_partners_allowance_first() {
    let mut told = Told::new(&(couple("2026-06-01") + &debt("bob", "2026-06-01", "600.00", "90.00")));
    told.until(date(2026, 7, 7));
    told.check_paid("ann", &["2026-07-07 333.48"]);
    told.check_paid("bob", &["2026-07-07 243.49"]); // 333.49 - 90.00
}

#[test]
fn several_periods_decided_in_one_evening_take_a_debt_once_in_the_ledger_and_in_a_replay() {
    let claim = "  - {day: 2026-09-01, effective: 2026-06-01, do: register_person, person: $ann, birth_date: 1990-01-01}
  - {day: 2026-09-01, effective: 2026-06-01, do: make_claim, claim: $ann-claim, benefit: uk-universal-credit, claimants: [$ann]}
  - {day: 2026-09-01, effective: 2026-06-01, do: register_debt, person: $ann, debt: $ann-debt, kind: overpayment, amount: 60.00}
  - {day: 2026-09-01, effective: 2026-06-01, do: set_deduction, person: $ann, debt: $ann-debt, per_period: 60.00}\n";
    let mut told = Told::new(claim);
    told.until(date(2026, 9, 30));
    // June 424.90 - 60.00; July and August in full.
    let expected = ["2026-09-01 364.90", "2026-09-01 424.90", "2026-09-07 424.90"];
    told.check_paid("ann", &expected);
    let again = told.replayed(&told.rules, date(2026, 9, 30));
    assert_eq!(usable(&again.world, told.id("ann")), expected);
}

#[test]
fn more_than_the_limit_is_not_deducted_whatever_was_set() {
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &debt("ann", "2026-06-01", "2000.00", "106.22")));
    told.until(date(2026, 7, 7));
    told.check_paid("ann", &["2026-07-07 361.16"]); // 424.90 - 15%, 63.735
}

#[test]
fn what_is_deducted_from_both_partners_falls_on_each_ones_own_allowance() {
    // 60.00 are asked for each one's debt; the limit is 15% of 666.97, 100.0455: 50.03 and 50.02.
    let debts = debt("ann", "2026-06-01", "600.00", "60.00") + &debt("bob", "2026-06-01", "600.00", "60.00");
    let mut told = Told::new(&(couple("2026-06-01") + &debts));
    told.until(date(2026, 7, 7));
    told.check_paid("ann", &["2026-07-07 283.45"]); // 333.48 - 50.03
    told.check_paid("bob", &["2026-07-07 283.47"]); // 333.49 - 50.02
}

#[test]
fn an_advance_is_taken_back_in_equal_parts_from_the_first_payment_on_the_last_one_smaller() {
    let advance = "  - {day: 2026-06-03, do: register_debt, person: $ann, debt: $ann-debt, kind: advance, amount: 42.01, advance: {estimate: 424.90, periods: 4}}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + advance));
    told.until(date(2026, 11, 7));
    // 42.01 / 4 = 10.5025, 10.51 three times and then 10.48.
    let paid = [
        "2026-06-04 42.01", // lent on 3 June
        "2026-07-07 414.39",
        "2026-08-07 414.39",
        "2026-09-07 414.39",
        "2026-10-07 414.42",
        "2026-11-07 424.90",
    ];
    told.check_paid("ann", &paid);
}

#[test]
fn an_advance_paid_by_hand_is_not_paid_again_and_one_that_came_back_waits_to_be_sent_again() {
    let lent =
        "  - {day: 2026-06-03, do: register_debt, person: $ann, debt: $ann-debt, kind: advance, amount: 42.01}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + lent));
    told.until(date(2026, 6, 2));
    let (person, payment) = (told.id("ann"), PaymentId(derived_uuid("by hand")));
    told.mornings_until(date(2026, 6, 3));
    let debt = told.person("ann").debts[0].event;
    let payee = Payee::Person(person);
    let amount = Amount::new(Money::from_pence(4_201)).unwrap();
    told.order(PaymentOrder::Instruct {
        person,
        payment,
        kind: PaymentKind::Advance,
        payee,
        account_holders: vec![person],
        lines: vec![PayeeLine { amount, purpose: Purpose::Advance, for_whom: person, payee }],
        amount,
        due_on: date(2026, 6, 4),
        next_due: None,
        series: None,
        channel: Channel::Cash,
        claim: None,
        period: None,
        instalment: 1,
        for_days: None,
        cause: debt,
        account: None,
        nominal_on: None,
        because: None,
    });
    told.until(date(2026, 6, 10));
    told.check_paid("ann", &["2026-06-04 42.01"]);
    told.order(PaymentOrder::Return { person, payment, code: "B".into(), on: date(2026, 6, 11) });
    told.until(date(2026, 6, 20));
    told.check_paid("ann", &[]);
}

#[test]
fn what_was_taken_from_an_award_that_had_ended_is_owed_as_before() {
    // June's decision took 60.00 of 120.00; told on 3 July, the claim was closed from 20 June: June gives nothing.
    let closed = "  - {day: 2026-07-03, effective: 2026-06-20, do: close_claim, claim: $ann-claim, reason: moved}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &debt("ann", "2026-06-01", "120.00", "60.00") + closed));
    let left = |told: &Told| debts::of(told.id("ann"), &told.world)[0].left.to_string();
    told.until(date(2026, 7, 2));
    assert_eq!(left(&told), "60.00");
    told.until_with_problems(date(2026, 7, 10)); // That June's decision gives what is not paid is said.
    assert_eq!(left(&told), "120.00");
    told.check_paid("ann", &[]);
    verify::run(&told.global()).unwrap();
    let repay = |pence| DebtOrder::Repay {
        person: told.id("ann"),
        debt: told.person("ann").debts[0].id,
        amount: Amount::new(Money::from_pence(pence)).unwrap(),
        on: date(2026, 7, 10),
        reference: None,
    };
    let (all, more) = (repay(12_000), repay(12_001));
    assert!(told.try_order(more).unwrap_err().to_string().contains("120.01 is more than the 120.00 that is left"));
    told.order(all);
    assert_eq!(left(&told), "0.00");
    verify::run(&told.global()).unwrap();
}

#[test]
fn what_was_taken_for_a_creditor_from_an_award_that_had_ended_is_not_paid_to_them_and_is_owed_as_before() {
    let steps = "  - {day: 2026-06-01, do: register_debt, person: $ann, debt: $ann-debt, kind: water, amount: 60.00}
  - {day: 2026-06-01, do: set_deduction, person: $ann, debt: $ann-debt, per_period: 21.25}
  - {day: 2026-06-01, do: record_creditor, person: $ann, debt: $ann-debt, name: Severn Water, account: 20-00-00 55779911}
  - {day: 2026-07-03, effective: 2026-06-20, do: close_claim, claim: $ann-claim, reason: moved}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until_with_problems(date(2026, 7, 10));
    assert_eq!(told.person("ann").payments, []);
    assert_eq!(debts::of(told.id("ann"), &told.world)[0].left.to_string(), "60.00");
    verify::run(&told.global()).unwrap();
}

#[test]
fn what_was_taken_from_an_award_that_ended_when_the_last_claimant_left_is_owed_and_can_be_waived() {
    // 21.25 of 60.00 are taken from June's award; on 3 July it is told that she had left on 20 June: nothing of June is due.
    let steps = "  - {day: 2026-07-03, effective: 2026-06-20, do: leave_claim, claim: $ann-claim, person: $ann}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &debt("ann", "2026-06-01", "60.00", "21.25") + steps));
    told.until_with_problems(date(2026, 7, 10));
    let debt = told.person("ann").debts[0].id;
    assert_eq!(debts::of(told.id("ann"), &told.world)[0].left.to_string(), "60.00");
    let person = told.id("ann");
    let waive = |pence| {
        let amount = Amount::new(Money::from_pence(pence)).unwrap();
        DebtOrder::Waive { person, debt, amount, reason: "hardship".into() }
    };
    assert!(told.try_order(waive(6_001)).unwrap_err().to_string().contains("60.01 is more than the 60.00"));
    told.order(waive(6_000));
    verify::run(&told.global()).unwrap();
}

#[test]
fn what_is_deducted_for_a_creditor_is_paid_to_them_with_the_award_once_they_are_recorded() {
    // 15% of 424.90 would be 63.74: 21.25 are asked, 5%, and taken from each award.
    let steps = "  - {day: 2026-06-01, do: register_debt, person: $ann, debt: $ann-debt, kind: water, amount: 60.00}
  - {day: 2026-06-01, do: set_deduction, person: $ann, debt: $ann-debt, per_period: 21.25}
  - {day: 2026-07-20, do: record_creditor, person: $ann, debt: $ann-debt, name: Severn Water, account: 20-00-00 55779911}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until(date(2026, 7, 19));
    let waits = |told: &Told, day| creditors::waiting(day, &told.world, &told.rules.law).len();
    assert_eq!(waits(&told, date(2026, 7, 19)), 1);
    told.until(date(2026, 10, 10));
    assert_eq!(waits(&told, date(2026, 10, 10)), 0);
    let to_creditor = |payment: &&PaymentView| payment.kind == PaymentKind::ThirdParty;
    let found: Vec<_> = told.person("ann").payments.iter().filter(to_creditor).collect();
    let paid: Vec<_> = found.iter().map(|payment| format!("{} {}", payment.due_on, payment.amount)).collect();
    // June's waits until 20 July. What is left for August is 60.00 - 42.50.
    assert_eq!(paid, ["2026-07-20 21.25", "2026-08-07 21.25", "2026-09-07 17.50"]);
    assert!(found.iter().all(|payment| payment.account.is_some() && payment.account_holders.is_empty()));
    let again = told.replayed(&told.rules, date(2026, 10, 10));
    assert_eq!(usable(&again.world, told.id("ann")), usable(&told.world, told.id("ann")));
}

#[test]
fn instalments_agreed_and_not_paid_are_shown() {
    let steps = "  - {day: 2026-06-01, do: register_debt, person: $ann, debt: $ann-debt, kind: overpayment, amount: 100.00}
  - {day: 2026-06-01, do: agree_repayment, person: $ann, debt: $ann-debt, per_instalment: 10.00, every: monthly, from: 2026-06-15}
  - {day: 2026-07-16, do: repay_debt, person: $ann, debt: $ann-debt, amount: 15.00, on: 2026-07-15}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until(date(2026, 8, 20));
    let account = &debts::of(told.id("ann"), &told.world)[0];
    // 10.00 on 15 June, 15 July and 15 August, and 15.00 came on 15 July.
    let missed = [date(2026, 6, 14), date(2026, 6, 15), date(2026, 7, 15), date(2026, 8, 15)];
    assert_eq!(missed.map(|day| account.missed(day).pence()), [0, 1_000, 500, 1_500]);
    assert_eq!(account.left, Money::from_pence(8_500));
}

#[test]
fn recovery_of_an_advance_that_is_put_off_begins_later() {
    let advance = "  - {day: 2026-06-03, do: register_debt, person: $ann, debt: $ann-debt, kind: advance, amount: 21.00, advance: {periods: 2, deferred: 2}}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + advance));
    told.until(date(2026, 11, 7));
    // Two months after 3 June is 3 August: the payment for August is the first that bears a part.
    let paid = [
        "2026-06-04 21.00", // lent on 3 June
        "2026-07-07 424.90",
        "2026-08-07 424.90",
        "2026-09-07 414.40",
        "2026-10-07 414.40",
        "2026-11-07 424.90",
    ];
    told.check_paid("ann", &paid);
}

/// What may happen to debts on a morning: which debt, what, and how many pence.
fn happenings() -> impl Strategy<Value = Vec<(u8, u8, i64)>> {
    proptest::collection::vec((0..3_u8, 0..7_u8, 1..9_000_i64), 1..14)
}

fn happening(told: &Told, (which, what, pence): (u8, u8, i64), day: Date) -> Order {
    let (person, debt) = (told.id("ann"), DebtId(derived_uuid(&format!("debt {which}"))));
    let (amount, reason) = (Amount::new(Money::from_pence(pence)).unwrap(), String::from("generated"));
    let kind = [DebtKind::Overpayment, DebtKind::Advance, DebtKind::Water][usize::from(which)];
    match what {
        0 | 1 => DebtOrder::Register { person, debt, kind, amount, cause: None, advance: None }.into(),
        2 => DebtOrder::SetDeduction { person, debt, per_period: amount, last_resort: None }.into(),
        3 => DebtOrder::Waive { person, debt, amount, reason }.into(),
        4 => DebtOrder::WriteOff { person, debt, amount, reason }.into(),
        5 => DebtOrder::Repay { person, debt, amount, on: day, reference: None }.into(),
        _ => IncomeOrder::ReportEarnings {
            person,
            paid_on: day.saturating_sub(20.days()),
            gross: amount,
            tax: Amount::ZERO,
            national_insurance: Amount::ZERO,
            pension: Amount::ZERO,
            frequency: Frequency::Irregular,
            next_due: None,
            employment: None,
        }
        .into(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_to_debts_what_was_registered_is_what_became_of_it_and_what_is_left(happenings in happenings()) {
        let mut told = Told::new(&alone("ann", "2026-05-01"));
        told.until(date(2026, 5, 1));
        let mut day = date(2026, 5, 2);
        for one in happenings {
            let refused = told.try_order(happening(&told, one, day)).is_err(); // More than is left, or no such debt yet.
            prop_assert!(!refused || one.1 < 6);
            day = day.saturating_add(9.days());
            told.until(day.yesterday().unwrap());
            let accounts = debts::of(told.id("ann"), &told.world);
            for account in &accounts {
                let given_up = account.set_off + account.waived + account.written_off;
                prop_assert_eq!(account.registered, account.recovered() + given_up + account.left);
                prop_assert!(account.left >= Money::ZERO, "{:?}", account);
            }
            let claim = told.claim("ann-claim");
            let standing = claim.determined.iter().filter(|made| claim.standing(made.period).unwrap().event == made.event);
            let taken: Money = standing.flat_map(|made| &made.deducted).map(|of| of.amount.money()).sum();
            let deducted = accounts.iter().flat_map(|account| &account.deducted).map(|(_, _, sum)| *sum).sum();
            prop_assert_eq!(taken, deducted);
        }
    }
}

#[test]
fn an_advance_that_was_given_up_before_it_left_is_not_lent() {
    // 100.00 registered by mistake and waived the same morning; of another 60.00 a third is given up, so that 40.00 leave.
    let debts = "  - {day: 2026-06-02, do: register_debt, person: $ann, debt: $mistake, kind: advance, amount: 100.00}
  - {day: 2026-06-02, do: waive_debt, person: $ann, debt: $mistake, amount: 100.00, reason: registered by mistake}
  - {day: 2026-06-02, do: register_debt, person: $ann, debt: $other, kind: advance, amount: 60.00}
  - {day: 2026-06-02, do: waive_debt, person: $ann, debt: $other, amount: 20.00, reason: too much}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + debts));
    told.until(date(2026, 6, 5));
    told.check_paid("ann", &["2026-06-03 40.00"]);
}

#[test]
fn an_advance_that_is_waived_after_it_left_is_not_lent_again() {
    let debts =
        "  - {day: 2026-06-02, do: register_debt, person: $ann, debt: $ann-advance, kind: advance, amount: 100.00}
  - {day: 2026-06-04, do: waive_debt, person: $ann, debt: $ann-advance, amount: 60.00, reason: hardship}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + debts));
    told.until(date(2026, 6, 10));
    told.check_paid("ann", &["2026-06-03 100.00"]);
}
