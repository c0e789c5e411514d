//! A reform is replayed as if it had been the law: nothing recorded under the old law makes it inert.

use jiff::civil::date;
use ledger::order::DeterminationOrder;
use ops::packs::Shelf;
use ops::rules::RuleSet;
use projections::engine::PackFiles;
use projections::entitlement::Rules;
use projections::floor::Days;
use projections::floor::cause::{Cause, CauseSet};
use projections::law::Law;
use schemas::events::Payee;
use simulator::compare::{Side, compare};
use simulator::why::why;

use crate::told::{Told, alone, couple, global, law, rulebook_named, sanction, usable};

#[test]
fn a_reform_that_pays_earlier_pays_earlier_whatever_was_recorded() {
    let mut told = Told::new(&alone("ann", "2026-06-01"));
    let until = date(2026, 7, 31);
    told.until(until);
    let (law, early) = (&told.rules, paid_on_the_last_day());
    let (before, after) = (told.replayed(law, until), told.replayed(&early, until));
    assert_eq!(usable(&before.world, told.id("ann")), ["2026-07-07 424.90"]);
    // June ends on the 30th; it is decided on the evening after.
    assert_eq!(usable(&after.world, told.id("ann")), ["2026-07-01 424.90"]);
    let side = |world, rules: &RuleSet| Side { world, floor: &law.floor, terms: rules.law.terms(until) };
    let compared = compare(&side(&before.world, law), &side(&after.world, &early), until);
    let [row] = &compared.unwrap().rows[..] else { unreachable!("one person") };
    // 1 June to 6 July is 36 days, 1 to 30 June is 30; 424.90 is 35 days at 12.00.
    assert_eq!((row.baseline.breach_days, row.alternative.breach_days), (36, 30));
}

#[test]
fn a_reform_is_replayed_alike_whether_payments_were_recorded_or_not() {
    let until = date(2026, 8, 31);
    let mut with_payments = Told::new(&alone("ann", "2026-06-01"));
    with_payments.until(until);
    let mut without = Told::new(&alone("ann", "2026-06-01"));
    without.mornings_until(until);
    for rules in [&paid_on_the_last_day(), &rulebook_named("no-gap")] {
        let [one, other] = [&with_payments, &without].map(|told| told.replayed(rules, until).world);
        assert_eq!(usable(&one, with_payments.id("ann")), usable(&other, without.id("ann")));
    }
}

#[test]
fn a_payment_that_the_system_made_late_is_late_once_in_a_replay() {
    // Nothing was done on the evenings from 6 to 16 July, so that June's award left on the 17th, ten days late.
    let mut told = Told::new(&alone("ann", "2026-06-01"));
    told.until(date(2026, 7, 5));
    told.mornings_until(date(2026, 7, 16));
    told.until(date(2026, 8, 7));
    let recorded = ["2026-07-17 424.90", "2026-08-07 424.90"];
    told.check_paid("ann", &recorded);
    let again = told.replayed(&told.rules, date(2026, 8, 7));
    assert_eq!(usable(&again.world, told.id("ann")), recorded);
}

#[test]
fn a_recorded_correction_does_not_override_a_reform() {
    // A sanction takes all of May's 424.90; the reform leaves 372.00 of it, and as much again on the day of the claim.
    let mut told =
        Told::new(&(alone("ann", "2026-05-01") + &sanction("ann", "whole", "2026-05-01", "2026-05-01", 31, "full")));
    told.until(date(2026, 6, 2));
    let (reform, until) = (rulebook_named("no-gap"), date(2026, 6, 30));
    let expected = ["2026-05-01 372.00", "2026-06-07 372.00"];
    assert_eq!(usable(&told.replayed(&reform, until).world, told.id("ann")), expected);
    let (replaces, decision) = told.decided("ann-claim");
    let claim = told.named("ann-claim");
    told.order(DeterminationOrder::Correct { claim, replaces, ground: law("reg. 9"), decision });
    told.until(until);
    told.check_paid("ann", &[]);
    assert_eq!(usable(&told.replayed(&reform, until).world, told.id("ann")), expected);
}

#[test]
fn what_stands_in_for_the_first_wait_is_paid_once_though_the_payee_changes() {
    let steps = "  - {day: 2026-05-10, do: record_claim_fact, claim: $joint, fact: {key: paid_into, value: $ann}}\n";
    let mut told = Told::new(&(couple("2026-05-01") + steps));
    told.until(date(2026, 6, 10));
    let again = told.replayed(&rulebook_named("no-gap"), date(2026, 6, 10)).world;
    // Both lines of May's award go into Ann's account, and stand on whom they are for.
    assert_eq!(usable(&again, told.id("ann")), ["2026-05-01 333.48", "2026-06-07 333.48"]);
    assert_eq!(usable(&again, told.id("bob")), ["2026-05-01 333.49", "2026-06-07 333.49"]);
    let payees: Vec<_> = again.person(told.id("bob")).unwrap().payments.iter().map(|payment| payment.payee).collect();
    assert_eq!(payees, [Payee::Person(told.id("bob")), Payee::Person(told.id("ann"))]);
}

#[test]
fn days_without_an_award_that_a_suspension_held_are_because_of_the_suspension() {
    let steps = "  - {day: 2026-07-01, do: suspend_payments, person: $ann, ground: doubt, review_on: 2026-08-01}
  - {day: 2026-08-20, do: resume_payments, person: $ann, reason: settled}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until(date(2026, 8, 20));
    // The awards of 7 July and 7 August would have carried her: 31 days at 12.00 are 372.00 of 424.90.
    let days = Days::new(date(2026, 7, 7), date(2026, 8, 19)).unwrap();
    let found = why(told.id("ann"), &told.history(), told.rules.regime(), days).unwrap();
    let [caused] = &found[..] else { unreachable!("one cause: {found:?}") };
    assert_eq!((caused.days, caused.finding.counted_under()), (days, CauseSet::of(&[Cause::Suspended])));
}

/// Current law, but awards are due on the last day of their period.
fn paid_on_the_last_day() -> RuleSet {
    let base = Shelf::open(&global()).unwrap().load("uk-universal-credit").unwrap();
    let manifest = format!(
        "name: reform-early\nversion: \"1\"\ntitle: Paid on the last day of the period\nin_force: {{from: 2017-04-10}}
base: {{name: {}, version: \"{}\", digest: {}}}\nchanges:\n  - set: payment.days_after_period\n    value: 0\n",
        base.name(),
        base.version(),
        base.digest()
    );
    let reform = base.with_reform(&PackFiles([("pack.yaml".to_string(), manifest)].into())).unwrap();
    let current = rulebook_named("current-law");
    let early = Rules::new("uk-universal-credit", reform).unwrap();
    RuleSet { law: Law::new(vec![early]).unwrap(), ..current }
}
