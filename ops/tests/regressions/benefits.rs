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
fn child_benefit_goes_on_for_eight_weeks_after_the_week_in_which_a_child_died() {
    let death = "  - {day: 2026-06-11, do: record_death, person: $kit, on: 2026-06-10}\n";
    let mut told = Told::new(&(claims_for_kit("2026-06-01", "2026-06-01") + death));
    told.until(date(2026, 9, 30));
    // The weeks of 1 and 8 June, and the eight from 15 June to 3 August: 4, 4 and 2 of them in each payment.
    told.check_paid("mo", &["2026-06-29 108.20", "2026-07-27 108.20", "2026-08-24 54.10"]);
}

#[test]
fn of_two_who_claim_for_a_child_the_first_is_paid_until_the_child_leaves_the_first_claim() {
    let rival = "  - {day: 2026-06-15, do: register_person, person: $pat, birth_date: 1991-01-01, name: Pat}
  - {day: 2026-06-15, do: make_claim, claim: $second, benefit: uk-child-benefit, claimants: [$pat]}
  - {day: 2026-06-15, do: join_claim, claim: $second, person: $kit, role: child}
  - {day: 2026-07-13, do: leave_claim, claim: $cb, person: $kit}\n";
    let mut told = Told::new(&(claims_for_kit("2026-06-01", "2026-06-01") + rival));
    told.until(date(2026, 8, 10));
    // Mo has the four weeks to 28 June and the two of 29 June and 6 July, paid on the Monday after those four weeks.
    told.check_paid("mo", &["2026-06-29 108.20", "2026-07-27 54.10"]);
    // Pat's weeks go by fours from 15 June: of the first four none is paid, of the next the four from 13 July.
    told.check_paid("pat", &["2026-08-10 108.20"]);
}

#[test]
fn weekly_child_benefit_of_the_ledger_counts_for_the_cap_on_universal_credit() {
    let household = alone("ann", "2026-06-02")
        + &child("kit", "ann-claim", "2026-06-02")
        + &child("kay", "ann-claim", "2026-06-02")
        + &child("kim", "ann-claim", "2026-06-02");
    let more = "  - {day: 2026-06-02, do: record_claim_fact, claim: $ann-claim, fact: {key: tenure, value: social}}
  - {day: 2026-06-02, do: record_claim_fact, claim: $ann-claim, fact: {key: rent, value: 700.00}}
  - {day: 2026-06-08, do: make_claim, claim: $cb, benefit: uk-child-benefit, claimants: [$ann]}
  - {day: 2026-06-08, do: join_claim, claim: $cb, person: $kit, role: child}
  - {day: 2026-06-08, do: join_claim, claim: $cb, person: $kay, role: child}
  - {day: 2026-06-08, do: join_claim, claim: $cb, person: $kim, role: child}\n";
    let mut told = Told::new(&(household + more));
    told.until(date(2026, 7, 10));
    // 424.90 + 3 x 303.94 + 700.00 = 2,036.72, and 62.85 x 52 / 12 = 272.35, against 22,020 / 12 = 1,835.00: 474.07 less.
    assert_eq!(told.claim("ann-claim").determined[0].award, Money::from_pence(156_265));
    verify::run(&told.global()).unwrap();
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

#[test]
fn child_benefit_awarded_for_past_weeks_counts_in_the_benefit_cap_of_the_periods_that_hold_them() {
    // 424.90 + 2 x 303.94 + 1,200.00 is capped at 22,020 / 12 = 1,835.00. On 15 July Child Benefit is claimed from 1 May:
    // (27.05 + 17.90) x 52 / 12 = 194.78, so that 1,640.22 is left for May and June too.
    let steps = "  - {day: 2026-05-01, do: record_claim_fact, claim: $ann-claim, fact: {key: tenure, value: private}}
  - {day: 2026-05-01, do: record_claim_fact, claim: $ann-claim, fact: {key: rent, value: 1200.00}}
  - {day: 2026-07-15, effective: 2026-05-01, do: make_claim, claim: $cb, benefit: uk-child-benefit, claimants: [$ann]}
  - {day: 2026-07-15, effective: 2026-05-01, do: join_claim, claim: $cb, person: $kit, role: child}
  - {day: 2026-07-15, effective: 2026-05-01, do: join_claim, claim: $cb, person: $kim, role: child}\n";
    let children = child("kit", "ann-claim", "2026-05-01") + &child("kim", "ann-claim", "2026-05-01");
    let mut told = Told::new(&(alone("ann", "2026-05-01") + &children + steps));
    told.until(date(2026, 8, 1));
    told.check_overpaid(&["ann 2026-05-01 194.78", "ann 2026-06-01 194.78"]);
    let awards: Vec<_> = told.claim("ann-claim").determined.iter().map(|made| made.award.to_string()).collect();
    assert_eq!(awards, ["1835.00", "1835.00", "1640.22", "1640.22", "1640.22"]);
    let again = told.replayed(&told.rules, date(2026, 8, 1)).world;
    let standing = again.claim(told.named("ann-claim")).unwrap().determined.last().unwrap().award;
    assert_eq!(standing, Money::from_pence(164_022));
    verify::run(&told.global()).unwrap();
}

#[test]
fn a_difference_within_four_weeks_that_were_paid_together_is_said_of_each_week_by_itself() {
    // Kit left on 15 June and it is told on 20 July: of the four weeks from 1 June two were paid with 27.05 too much each.
    let left = "  - {day: 2026-07-20, effective: 2026-06-15, do: leave_claim, claim: $cb, person: $kit}\n";
    let mut told = Told::new(&(claims_for_kit("2026-06-01", "2026-06-01") + left));
    told.until(date(2026, 7, 26));
    told.check_overpaid(&["mo 2026-06-15 27.05", "mo 2026-06-22 27.05"]);
}
