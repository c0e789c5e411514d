//! A debt is its debtor's: recovered once, from the debtor's money first, under whichever claim.

use jiff::civil::date;

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
    let paid =
        ["2026-07-07 414.39", "2026-08-07 414.39", "2026-09-07 414.39", "2026-10-07 414.42", "2026-11-07 424.90"];
    told.check_paid("ann", &paid);
}

#[test]
fn recovery_of_an_advance_that_is_put_off_begins_later() {
    let advance = "  - {day: 2026-06-03, do: register_debt, person: $ann, debt: $ann-debt, kind: advance, amount: 21.00, advance: {periods: 2, deferred: 2}}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + advance));
    told.until(date(2026, 11, 7));
    // Two months after 3 June is 3 August: the payment for August is the first that bears a part.
    let paid =
        ["2026-07-07 424.90", "2026-08-07 424.90", "2026-09-07 414.40", "2026-10-07 414.40", "2026-11-07 424.90"];
    told.check_paid("ann", &paid);
}
