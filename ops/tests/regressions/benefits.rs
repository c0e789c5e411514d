//! Several benefits in one ledger: each decided by its own pack for its own periods, all paid to one person.
//!
//! Weekly rates of 2026/27: Child Benefit 27.05 and 17.90, Scottish Child Payment 28.20.

use jiff::civil::date;
use ops::commands::verify;
use projections::entitlement::Rules;
use projections::law::Law;
use projections::payments::instructed;
use schemas::Money;

use crate::told::{Told, alone, child, rulebook_named, usable};

/// Mo claims Child Benefit for Kit on a day; both are known.
fn claims_for_kit(from: &str, recorded: &str) -> String {
    format!(
        "  - {{day: {from}, do: register_person, person: $mo, birth_date: 1990-01-01, name: Mo}}
  - {{day: {from}, do: register_person, person: $kit, birth_date: 2020-01-01, name: Kit}}
  - {{day: {recorded}, effective: {from}, do: make_claim, claim: $cb, benefit: uk-child-benefit, claimants: [$mo]}}
  - {{day: {recorded}, effective: {from}, do: join_claim, claim: $cb, person: $kit, role: child}}\n"
    )
}

#[test]
fn four_weeks_of_child_benefit_are_one_payment_on_the_monday_after_them_in_the_ledger_and_in_a_replay() {
    let mut told = Told::new(&claims_for_kit("2026-06-01", "2026-06-01"));
    told.until(date(2026, 7, 31));
    // 4 x 27.05 for the weeks of 1, 8, 15 and 22 June, and of 29 June to 20 July.
    told.check_paid("mo", &["2026-06-29 108.20", "2026-07-27 108.20"]);
    let payment = &told.person("mo").payments[0];
    assert_eq!(payment.for_days, Some((date(2026, 6, 1), date(2026, 6, 28))));
    assert_eq!((payment.lines.len(), payment.next_due), (1, Some(date(2026, 7, 27))));
    let claim = told.claim("cb");
    // Nine weeks are decided by 31 July, a Friday: the last is that of 27 July.
    assert_eq!(claim.determined.len(), 9);
    for decided in claim.determined.iter().take(8) {
        let paid = instructed(told.named("cb"), decided.period, claim, &told.world);
        assert_eq!(paid, Money::from_pence(2_705), "{}", decided.period);
    }
    let again = told.replayed(&told.rules, date(2026, 7, 31));
    assert_eq!(usable(&again.world, told.id("mo")), usable(&told.world, told.id("mo")));
    verify::run(&told.global()).unwrap();
}

#[test]
fn who_chooses_weekly_payment_has_child_benefit_every_monday() {
    let chosen = "  - {day: 2026-06-01, do: record_claim_fact, claim: $cb, fact: {key: paid_weekly, value: true}}\n";
    let mut told = Told::new(&(claims_for_kit("2026-06-01", "2026-06-01") + chosen));
    told.until(date(2026, 6, 20));
    told.check_paid("mo", &["2026-06-08 27.05", "2026-06-15 27.05"]);
    assert_eq!(told.person("mo").payments[0].next_due, Some(date(2026, 6, 15)));
}

#[test]
fn a_claim_from_a_wednesday_has_child_benefit_from_the_next_monday() {
    let mut told = Told::new(&claims_for_kit("2026-06-03", "2026-06-03"));
    told.until(date(2026, 7, 10));
    // Weeks of 8, 15, 22 and 29 June.
    told.check_paid("mo", &["2026-07-06 108.20"]);
}

#[test]
fn child_benefit_claimed_late_is_paid_for_the_whole_weeks_that_passed_when_it_became_known() {
    let mut told = Told::new(&claims_for_kit("2026-06-01", "2026-07-15"));
    told.until(date(2026, 7, 31));
    // The four weeks to 28 June were due before the claim was known on 15 July.
    told.check_paid("mo", &["2026-07-15 108.20", "2026-07-27 108.20"]);
}

#[test]
fn one_pack_does_not_touch_the_claims_of_another_and_facts_of_one_are_none_of_the_others_business() {
    let credit = alone("ann", "2026-06-01") + &child("kit", "ann-claim", "2026-06-01");
    let rent = "  - {day: 2026-06-01, do: make_claim, claim: $cb, benefit: uk-child-benefit, claimants: [$ann]}
  - {day: 2026-06-01, do: join_claim, claim: $cb, person: $kit, role: child}
  - {day: 2026-06-10, do: report_earnings, person: $ann, paid_on: 2026-06-10, gross: 100.00, tax: 0.00, national_insurance: 0.00, pension: 0.00, frequency: irregular}\n";
    let mut told = Told::new(&(credit + rent));
    told.until(date(2026, 7, 10));
    // 424.90 + 303.94; 100.00 is under the work allowance.
    told.check_paid("ann", &["2026-06-29 108.20", "2026-07-07 728.84"]);
    assert_eq!(told.claim("ann-claim").determined.len(), 1);
}

#[test]
fn two_packs_for_one_benefit_are_refused() {
    let pack = || rulebook_named("current-law").law.rules()[1].pack.clone();
    let rules = |benefit: &str| Rules::new(benefit, pack()).unwrap();
    let twice = Law::new(vec![rules("uk-child-benefit"), rules("uk-child-benefit")]).err().unwrap();
    assert_eq!(
        twice.to_string(),
        "packs uk-child-benefit and uk-child-benefit both decide uk-child-benefit: name one of them"
    );
}
