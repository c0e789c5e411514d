//! Sanctions and hardship payments as they are ordered. Everything is recorded on 15 June 2026; person 1 was born in 1990.

use jiff::civil::date;
use proptest::prelude::*;
use schemas::events::Decision;

use super::*;
use crate::order::DeterminationOrder;
use crate::testing::{
    Step, TODAY, amount, check, claim, debt, june, law, make_claim, outcome, person, register, sanction,
};

const FAILURE: Date = date(2026, 6, 1);

/// A sanction of this number as an order states it.
#[derive(Clone, Copy)]
struct Stated {
    level: SanctionLevel,
    failure_on: Date,
    from: Option<Date>,
    days: Option<u16>,
    days_ground: Option<SanctionDaysGround>,
    complied_on: Option<Date>,
}

const MEDIUM: Stated = Stated {
    level: SanctionLevel::Medium,
    failure_on: FAILURE,
    from: Some(TODAY),
    days: None,
    days_ground: None,
    complied_on: None,
};

const LOW: Stated = Stated { level: SanctionLevel::Low, ..MEDIUM };

fn impose(number: u128, stated: Stated) -> Step {
    let Stated { level, failure_on, from, days, days_ground, complied_on } = stated;
    SanctionOrder::Impose {
        person: person(1),
        sanction: sanction(number),
        level,
        failure_on,
        from,
        days,
        days_ground,
        complied_on,
        rate: None,
        authority: law(),
    }
    .into()
}

/// As a tribunal decided it.
fn tribunal(number: u128, from: Date, days: u16) -> Step {
    let days_ground = Some(SanctionDaysGround::Tribunal);
    impose(number, Stated { from: Some(from), days: Some(days), days_ground, ..MEDIUM })
}

fn end(on: Date) -> Step {
    SanctionOrder::End { person: person(1), sanction: sanction(1), on, reason: "found work".into() }.into()
}

fn comply(number: u128, on: Date) -> Step {
    SanctionOrder::RecordCompliance { person: person(1), sanction: sanction(number), on }.into()
}

fn cancel() -> Step {
    SanctionOrder::Cancel { person: person(1), sanction: sanction(1), authority: law() }.into()
}

#[track_caller]
fn event(given: &[Step], when: Step) -> SanctionEvent {
    match outcome(given, &when).unwrap().remove(0).1 {
        Event::Sanction(event) => event,
        other => panic!("{other:?}"),
    }
}

/// First day, days, days of the table and whether it waits for compliance.
#[track_caller]
fn check_imposed(given: &[Step], stated: Stated, expected: (Date, u16, Option<u16>, bool)) {
    match event(given, impose(9, stated)) {
        SanctionEvent::SanctionImposed(made) => {
            assert_eq!((made.from, made.days, made.length, made.until_compliance), expected);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sanction_is_imposed_once_on_somebody_registered() {
    check(&[], impose(1, MEDIUM), Err("is not registered"));
    check(&[register(1)], impose(1, MEDIUM), Ok(&["footing.sanction.imposed.v2"]));
    check(&[register(1), impose(1, MEDIUM)], impose(1, MEDIUM), Err("is recorded already"));
    let later = Stated { failure_on: date(2026, 6, 16), ..MEDIUM };
    check(&[register(1)], impose(1, later), Err("is after the day of recording, 2026-06-15"));
}

#[test]
fn the_days_are_worked_out_and_others_are_refused_with_those_of_the_law() {
    check_imposed(&[register(1)], MEDIUM, (TODAY, 28, Some(28), false));
    check_imposed(&[register(1)], Stated { days: Some(28), ..MEDIUM }, (TODAY, 28, Some(28), false));
    let stated = |days| impose(1, Stated { days: Some(days), ..MEDIUM });
    check(&[register(1)], stated(91), Err("days: 91 are stated, and SI 2013/376 reg. 103(2) gives 28"));
    // A failure of 1 March and one of 1 June: 91 days; unless the first was found wrong.
    let first = Stated { failure_on: date(2026, 3, 1), from: Some(date(2026, 3, 1)), ..MEDIUM };
    let repeated = || vec![register(1), impose(1, first)];
    check_imposed(&repeated(), MEDIUM, (TODAY, 91, Some(91), false));
    check_imposed(&[repeated(), vec![cancel()]].concat(), MEDIUM, (TODAY, 28, Some(28), false));
}

#[test]
fn a_tribunal_may_decide_on_other_days_and_a_failure_before_the_claim_has_its_own() {
    let ground = |days_ground| Stated { days: Some(20), days_ground: Some(days_ground), ..MEDIUM };
    check_imposed(&[register(1)], ground(SanctionDaysGround::Tribunal), (TODAY, 20, Some(28), false));
    let silent = Stated { days: None, ..ground(SanctionDaysGround::Tribunal) };
    check(&[register(1)], impose(1, silent), Err("days_ground tribunal is stated, and the days are not"));
    let before = Stated { failure_on: date(2026, 5, 1), ..ground(SanctionDaysGround::PreClaim) };
    check_imposed(&[register(1), impose(1, before)], MEDIUM, (TODAY, 28, Some(28), false));
}

/// Reg. 106, with the example of ADM K8005: periods from the 8th, a failure on 23 June, a decision on 1 July: from 8 June.
#[test]
fn a_reduction_begins_with_the_period_of_the_decision_or_the_first_not_decided_yet() {
    let open = Stated { from: None, ..MEDIUM };
    check_imposed(&[register(1), make_claim()], open, (date(2026, 6, 1), 28, Some(28), false));
    let determine = DeterminationOrder::Determine { claim: claim(1), decision: june(100) };
    check_imposed(&[register(1), make_claim(), determine.into()], open, (date(2026, 7, 1), 28, Some(28), false));
    check(&[register(1)], impose(1, open), Err("from: 2026-06-15 lies in no period of a claim"));
}

/// Reg. 104: from the failure to the day before compliance, and seven days.
#[test]
fn a_low_level_reduction_lasts_until_compliance_and_seven_days_more() {
    check_imposed(&[register(1)], LOW, (TODAY, 7, Some(7), true));
    let stated = Stated { days: Some(14), ..LOW };
    check(&[register(1)], impose(1, stated), Err("until the claimant complies and 7 days more"));
    // 1 June to 10 June is ten days, compliance on the 11th; 17 in all.
    let complied = Stated { complied_on: Some(date(2026, 6, 11)), ..LOW };
    check_imposed(&[register(1)], complied, (TODAY, 17, Some(7), false));
    let never = Stated { complied_on: Some(TODAY), ..MEDIUM };
    check(&[register(1)], impose(1, never), Err("does not wait for it"));
    let given = || vec![register(1), impose(1, LOW)];
    let found = event(&given(), comply(1, date(2026, 6, 11)));
    let expected = SanctionComplied { sanction: sanction(1), on: date(2026, 6, 11), days: 17 };
    assert_eq!(found, SanctionEvent::SanctionComplied(expected));
    check(&given(), comply(1, date(2026, 5, 31)), Err("before the failure"));
    check(&given(), comply(1, date(2026, 6, 16)), Err("after the day of recording"));
    let again = [given(), vec![comply(1, TODAY)]].concat();
    check(&again, comply(1, TODAY), Err("its days are known"));
    // The next one goes by the seven days, however many days it took to comply.
    check_imposed(&again, Stated { failure_on: TODAY, ..LOW }, (TODAY, 14, Some(14), true));
    let lowest = Stated { level: SanctionLevel::Lowest, ..LOW };
    check_imposed(&[register(1)], lowest, (TODAY, 0, Some(0), true));
}

/// Reg. 101(3): 1,095 days in all, counting those to come.
#[test]
fn no_more_than_1095_days_of_reduction_are_outstanding() {
    let given = |days| [register(1), tribunal(1, TODAY, days)];
    let later = date(2028, 1, 1);
    check(&given(1_000), tribunal(2, later, 95), Ok(&["footing.sanction.imposed.v2"]));
    check(&given(1_000), tribunal(2, later, 96), Err("1000 are, so 96 more do not fit"));
    check(&[register(1)], tribunal(1, TODAY, 1_096), Err("0 are, so 1096 more do not fit"));
    // What the table gives is adjusted to what is left; the table's days stay the measure of later failures.
    let higher = Stated { level: SanctionLevel::Higher, ..MEDIUM };
    check_imposed(&given(1_090), higher, (TODAY, 5, Some(91), false));
    // A sanction from 5 June has 10 of its 20 days behind it on the 15th, so 10 are outstanding.
    let begun = || [register(1), tribunal(1, date(2026, 6, 5), 20)];
    check(&begun(), tribunal(2, later, 1_085), Ok(&["footing.sanction.imposed.v2"]));
    check(&begun(), tribunal(2, later, 1_086), Err("10 are"));
    let cancelled = || [register(1), tribunal(1, TODAY, 1_000), cancel()];
    check(&cancelled(), tribunal(2, later, 1_095), Ok(&["footing.sanction.imposed.v2"]));
    // Two that begin on one day run one after the other: on 15 June 10 + 20 are to come.
    let queued = || [register(1), tribunal(1, date(2026, 6, 5), 20), tribunal(2, date(2026, 6, 5), 20)];
    check(&queued(), tribunal(3, later, 1_066), Err("30 are"));
}

#[test]
fn compliance_after_years_leaves_no_more_than_1095_days_to_come() {
    let failure_on = date(2022, 6, 15); // four years, 1,461 days, and seven more
    let given = [register(1), impose(1, Stated { failure_on, from: Some(date(2026, 6, 1)), ..LOW })];
    // From 1 to 14 June 14 days were served; 1,095 more may come.
    let expected = SanctionComplied { sanction: sanction(1), on: TODAY, days: 1_109 };
    assert_eq!(event(&given, comply(1, TODAY)), SanctionEvent::SanctionComplied(expected));
}

#[test]
fn a_sanction_ends_early_once_and_within_its_days() {
    let given = || vec![register(1), impose(1, MEDIUM)];
    check(&given(), end(date(2026, 6, 14)), Err("does not lie between the first day, 2026-06-15"));
    check(&given(), end(date(2026, 7, 14)), Err("and the last, before 2026-07-13"));
    check(&given(), end(date(2026, 6, 20)), Ok(&["footing.sanction.ended.v1"]));
    check(&[given(), vec![end(TODAY)]].concat(), end(TODAY), Err("it ended early"));
    check(&[given(), vec![cancel()]].concat(), end(TODAY), Err("it was cancelled"));
    check(&[register(1)], end(TODAY), Err("it was never imposed"));
}

#[test]
fn a_sanction_that_was_found_wrong_is_cancelled_once_even_after_its_end() {
    let given = || vec![register(1), impose(1, MEDIUM), end(TODAY)];
    check(&given(), cancel(), Ok(&["footing.sanction.cancelled.v1"]));
    check(&[given(), vec![cancel()]].concat(), cancel(), Err("it was cancelled"));
}

fn hardship(from: Date, days: Option<u16>, pence: Option<i64>) -> Step {
    let (person, debt, per_day) = (person(1), debt(1), pence.map(amount));
    SanctionOrder::AwardHardship { person, debt, from, days, per_day }.into()
}

#[test]
fn hardship_is_awarded_to_an_adult_under_a_sanction_and_creates_a_debt_of_its_own() {
    let given = || vec![register(1), impose(1, MEDIUM)];
    let stated = |from| hardship(from, Some(14), Some(654));
    check(&[register(1)], stated(TODAY), Err("no sanction that counts has begun by 2026-06-15"));
    check(&given(), stated(date(2026, 6, 14)), Err("reg. 116(1)"));
    check(&given(), stated(TODAY), Ok(&["footing.hardship.awarded.v1"]));
    check(&given(), hardship(TODAY, None, Some(654)), Err("days: no decision of the period before 2026-06-15"));
    check(&[given(), vec![stated(TODAY)]].concat(), stated(TODAY), Err("is registered already"));
    check(&[given(), vec![cancel()]].concat(), stated(TODAY), Err("no sanction that counts"));
    check(&[register(1), impose(1, LOW)], stated(TODAY), Err("waits for a compliance condition to be met"));
}

/// A decision on June with what a day of hardship comes to, as the pack gives it.
fn decided(days: u16, hardship_daily: &str) -> Vec<Step> {
    let amounts = vec![("hardship_daily".into(), hardship_daily.into())];
    let decision = Decision { amounts, ..june(100) };
    let determine = DeterminationOrder::Determine { claim: claim(1), decision };
    vec![register(1), make_claim(), tribunal(1, date(2026, 6, 1), days), determine.into()]
}

#[track_caller]
fn check_hardship(given: &[Step], from: Date, days: u16, pence: i64) {
    let SanctionEvent::HardshipAwarded(awarded) = event(given, hardship(from, None, None)) else { panic!() };
    assert_eq!((awarded.days, awarded.per_day), (days, amount(pence)));
}

/// govuk-hardship-312: 6.15 a day for 25 days is 153.75. The period from 1 July is paid on 7 August; from 13 July to the
/// day before that are 19 and 6 days.
#[test]
fn hardship_is_paid_from_the_decision_of_the_period_before_to_the_day_before_the_next_pay_day() {
    let from = date(2026, 7, 13);
    check_hardship(&decided(30, "6.15"), from, 25, 615);
    assert_eq!(25 * 615, 15_375);
    let given = decided(30, "6.15");
    check(&given, hardship(from, Some(25), Some(615)), Ok(&["footing.hardship.awarded.v1"]));
    check(&given, hardship(from, None, Some(616)), Err("per_day: 6.16 is stated, and SI 2013/376 reg. 118 gives 6.15"));
    check(&given, hardship(from, Some(26), None), Err("days: 26 is stated, and SI 2013/376 reg. 117 gives 25"));
    check(&decided(30, "0.00"), hardship(from, None, None), Err("was not reduced at the full rate"));
}

/// Reg. 117(2): on the last day of a period seven days are left. It goes on to 7 September, the next pay day, or to the
/// last day of the reduction: 91 days from 1 June end on 30 August.
#[test]
fn hardship_for_a_week_or_less_goes_on_to_the_next_pay_day_or_the_end_of_the_reduction() {
    let from = date(2026, 7, 31);
    check_hardship(&decided(182, "6.15"), from, 39, 615); // 1 + 31 + 7
    check_hardship(&decided(91, "6.15"), from, 31, 615); // 1 + 30
    check_hardship(&decided(30, "6.15"), from, 7, 615); // the reduction is over: what is left of the first count
    check_hardship(&decided(182, "6.15"), date(2026, 7, 30), 8, 615);
}

/// Sanctions from a day of June for so many days, which all fit into 1,095.
fn sanctions() -> impl Strategy<Value = Vec<(i8, u16)>> {
    proptest::collection::vec((1..15i8, 1..200u16), 1..5)
}

proptest! {
    /// What is imposed and then cancelled leaves the state of what never was, as far as later decisions go.
    #[test]
    fn a_cancelled_sanction_is_as_if_it_had_never_been(others in sanctions(), days in 1..200u16) {
        let others: Vec<Step> = (2..)
            .zip(&others)
            .map(|(number, (day, days))| tribunal(number, date(2026, 6, *day), *days))
            .collect();
        let with = |first: Vec<Step>| [vec![register(1)], first, others.clone()].concat();
        let cancelled = with(vec![tribunal(1, date(2026, 6, 3), days), cancel()]);
        let asked = impose(9, Stated { level: SanctionLevel::Higher, ..MEDIUM });
        let without = outcome(&with(vec![]), &asked);
        prop_assert_eq!(outcome(&cancelled, &asked), without);
    }
}
