//! What may happen to a claim, and what may not.

use super::*;
use crate::order::{DeterminationOrder, Order};
use crate::testing::{Step, TODAY, amount, check, claim, event, from, june, make_claim, person, register};
use jiff::civil::date;
use schemas::events::{Decision, Follows, LateClaim};

fn make(number: u128, claimants: &[u128]) -> Step {
    let claimants = claimants.iter().map(|n| person(*n)).collect();
    ClaimOrder::Make { claim: claim(number), benefit: "uk-universal-credit".into(), claimants, dates: None }.into()
}

fn join(number: u128, role: Role) -> Step {
    ClaimOrder::Join { claim: claim(1), person: person(number), role }.into()
}

fn leave(number: u128) -> Step {
    ClaimOrder::Leave { claim: claim(1), person: person(number) }.into()
}

fn close() -> ClaimOrder {
    ClaimOrder::Close { claim: claim(1), reason: "earnings".into() }
}

fn reopen() -> Step {
    ClaimOrder::Reopen { claim: claim(1), reason: "the closure was wrong".into() }.into()
}

fn rent() -> ClaimOrder {
    ClaimOrder::RecordFact { claim: claim(1), fact: ClaimFact::Rent(amount(40_000)) }
}

fn given(more: Vec<Step>) -> Vec<Step> {
    [vec![register(1), make_claim()], more].concat()
}

#[test]
fn a_claim_is_made_by_one_or_two_registered_people() {
    let two = [register(1), register(2), register(3)];
    check(&[], make(1, &[1]), Err("is not registered"));
    check(&two, make(1, &[1]), Ok(&["footing.claim.made.v2", "footing.person.claimed.v1"]));
    let couple = ["footing.claim.made.v2", "footing.person.claimed.v1", "footing.person.claimed.v1"];
    check(&two, make(1, &[1, 2]), Ok(&couple));
    for wrong in [&[][..], &[1, 1], &[1, 2, 3]] {
        check(&two, make(1, wrong), Err("by one person or by a couple"));
    }
    let shouted = ClaimOrder::Make { claim: claim(1), benefit: "UC".into(), claimants: vec![person(1)], dates: None };
    check(&two, shouted, Err("is not the name of a pack"));
}

#[test]
fn a_person_has_one_open_claim_to_a_benefit() {
    check(&given(vec![]), make(1, &[1]), Err("is made already"));
    check(&given(vec![]), make(2, &[1]), Err("has an open claim to uk-universal-credit already"));
    let made: Result<&[&str], &str> = Ok(&["footing.claim.made.v2", "footing.person.claimed.v1"]);
    check(&given(vec![close().into()]), make(2, &[1]), made);
    let other = ClaimOrder::Make {
        claim: claim(2),
        benefit: "uk-child-benefit".into(),
        claimants: vec![person(1)],
        dates: None,
    };
    check(&given(vec![]), other, made);
    let elsewhere = || [register(1), register(2), make_claim(), make(2, &[2])];
    check(&elsewhere(), join(2, Role::Adult), Err("has an open claim"));
    check(&elsewhere(), join(2, Role::NonDependant), Ok(&["footing.claim.joined.v1"]));
}

#[test]
fn members_join_once_and_may_come_back_after_leaving() {
    let with_child = || given(vec![register(2), join(2, Role::Child)]);
    check(&given(vec![]), join(1, Role::Adult), Err("belongs to claim"));
    check(&given(vec![]), join(2, Role::Child), Err("is not registered"));
    check(&with_child(), join(2, Role::Child), Err("belongs to claim"));
    check(&given(vec![]), leave(2), Err("does not belong"));
    check(&with_child(), leave(2), Ok(&["footing.claim.left.v1"]));
    check(&[with_child(), vec![leave(2)]].concat(), join(2, Role::Child), Ok(&["footing.claim.joined.v1"]));
    let partner = ["footing.claim.joined.v1", "footing.person.claimed.v1"];
    check(&given(vec![register(2)]), join(2, Role::Adult), Ok(&partner));
    let couple = || given(vec![register(2), join(2, Role::Adult), register(3)]);
    check(&couple(), join(3, Role::Adult), Err("role: a claim is made by one person or by a couple"));
    check(&couple(), leave(2), Ok(&["footing.claim.left.v1", "footing.person.claim_ended.v1"]));
}

#[test]
fn a_closed_claim_learns_only_of_the_days_before_its_end() {
    let closed = || given(vec![from(date(2026, 6, 10), close())]);
    check(&given(vec![]), rent(), Ok(&["footing.claim.fact_recorded.v3"]));
    check(&closed(), from(date(2026, 6, 9), rent()), Ok(&["footing.claim.fact_recorded.v3"]));
    check(&closed(), from(date(2026, 6, 10), rent()), Err("ended on 2026-06-10"));
    check(&closed(), close(), Err("is closed"));
    check(&closed(), join(1, Role::Adult), Err("is closed"));
    check(&[], rent(), Err("was never made"));
    check(&given(vec![]), from(date(2026, 5, 31), close()), Err("before the first day of entitlement, 2026-06-01"));
}

#[test]
fn a_closed_claim_is_reopened_unless_a_new_one_took_its_place() {
    let closed = || given(vec![close().into()]);
    check(&given(vec![]), reopen(), Err("is open"));
    check(&closed(), reopen(), Ok(&["footing.claim.reopened.v1", "footing.person.claimed.v1"]));
    check(&[closed(), vec![make(2, &[1])]].concat(), reopen(), Err("has an open claim"));
}

#[test]
fn a_claim_that_was_decided_is_closed_and_not_withdrawn() {
    let withdraw = || ClaimOrder::Withdraw { claim: claim(1), reason: "changed my mind".into() };
    let determine = DeterminationOrder::Determine { claim: claim(1), decision: june(100) };
    check(&given(vec![]), withdraw(), Ok(&["footing.claim.withdrawn.v1", "footing.person.claim_ended.v1"]));
    check(&given(vec![determine.into()]), withdraw(), Err("was decided"));
    check(&given(vec![withdraw().into()]), rent(), Err("was withdrawn"));
    check(&given(vec![withdraw().into()]), reopen(), Err("was withdrawn"));
}

#[test]
fn a_fact_names_a_member_and_a_withdrawal_a_fact() {
    let liable = |number| ClaimOrder::RecordFact { claim: claim(1), fact: ClaimFact::LiableForRent(person(number)) };
    check(&given(vec![]), liable(1), Ok(&["footing.claim.fact_recorded.v3"]));
    check(&given(vec![]), liable(2), Err("does not belong"));
    let withdraw =
        |number| ClaimOrder::WithdrawFact { claim: claim(1), event: event(number), reason: "mistyped".into() };
    check(&given(vec![rent().into()]), withdraw(3), Ok(&["footing.claim.fact_withdrawn.v1"]));
    check(&given(vec![rent().into()]), withdraw(2), Err("is not a record of a fact"));
    check(&given(vec![rent().into(), withdraw(3).into()]), withdraw(3), Err("was withdrawn before"));
    assert_eq!(TODAY, date(2026, 6, 15));
}

/// Person 1's claim, number 2, to Universal Credit from a day.
fn claim_from(day: Date, dates: ClaimDates) -> Step {
    let claimants = vec![person(1)];
    let benefit = "uk-universal-credit".into();
    from(day, ClaimOrder::Make { claim: claim(2), benefit, claimants, dates: Some(dates) })
}

fn made_on(claimed_on: Date) -> ClaimDates {
    ClaimDates { claimed_on, late_because: None, no_waiting: None, follows: None }
}

const MADE: Result<&[&str], &str> = Ok(&["footing.claim.made.v2", "footing.person.claimed.v1"]);

#[test]
fn a_claim_is_refused_a_first_day_that_the_law_does_not_give_and_told_the_day_that_it_does() {
    let (may, june) = (date(2026, 5, 11), date(2026, 6, 10));
    let ill = ClaimDates { late_because: Some(LateClaim::Illness), ..made_on(june) };
    check(&[register(1)], claim_from(june, made_on(june)), MADE);
    check(&[register(1)], claim_from(may, made_on(june)), Err("the first day is 2026-06-10 (SI 2013/380 reg. 26(1))"));
    check(&[register(1)], claim_from(may, ill.clone()), MADE);
    let day_before = date(2026, 5, 10);
    check(&[register(1)], claim_from(day_before, ill), Err("the earliest day is 2026-05-11 (SI 2013/380 reg. 26(2))"));
}

#[test]
fn an_award_that_follows_another_begins_on_its_assessment_day() {
    // The award from 1 June ended on 9 June: a claim of 15 June is for the period from 1 June, one of December for none.
    let before = || given(vec![from(date(2026, 6, 10), close())]);
    let follows = Some(Follows { why: Following::Break, awards: vec![claim(1)] });
    let again = |claimed_on| ClaimDates { follows: follows.clone(), ..made_on(claimed_on) };
    check(&before(), claim_from(date(2026, 6, 1), again(TODAY)), MADE);
    check(&before(), claim_from(TODAY, again(TODAY)), Err("the first day is 2026-06-01"));
    let late = date(2026, 12, 10);
    check(&before(), claim_from(date(2026, 12, 1), again(late)), Err("more than six months before"));
    check(&given(vec![]), claim_from(date(2026, 6, 1), again(TODAY)), Err("has an open claim"));
    let strangers = [register(1), register(2), from(date(2026, 6, 1), Order::from(of_person_2()))];
    check(&strangers, claim_from(date(2026, 6, 1), again(TODAY)), Err("is not an earlier award of a claimant"));
}

#[test]
fn the_first_day_is_moved_to_one_that_the_law_gives_and_what_is_decided_stays_a_period_of_the_claim() {
    let redate = |day, late_because| {
        from(day, ClaimOrder::Redate { claim: claim(2), late_because, reason: "asked again".into() })
    };
    let made = |day| vec![register(1), claim_from(day, made_on(day))];
    let (may, june) = (date(2026, 5, 27), date(2026, 6, 10));
    let moved: Result<&[&str], &str> = Ok(&["footing.claim.redated.v1"]);
    let ill = Some(LateClaim::Illness);
    check(&made(june), redate(may, ill), moved);
    check(&made(june), redate(may, None), Err("the first day is 2026-06-10 (SI 2013/380 reg. 26(1))"));
    check(&made(june), redate(june, ill), Err("2026-06-10 is the first day of entitlement already"));
    check(&[register(1)], redate(may, ill), Err("was never made"));
    let decision = Decision { period: AssessmentPeriod::starting(june).unwrap(), ..crate::testing::june(100) };
    let decided = [made(june), vec![DeterminationOrder::Determine { claim: claim(2), decision }.into()]].concat();
    check(&decided, redate(may, ill), moved);
    let later = date(2026, 6, 12);
    check(&made(june), redate(later, None), moved);
    check(&decided, redate(later, None), Err("would not have the period 2026-06-10 to 2026-07-09, which is decided"));
}

fn of_person_2() -> ClaimOrder {
    let benefit = "uk-universal-credit".into();
    ClaimOrder::Make { claim: claim(1), benefit, claimants: vec![person(2)], dates: None }
}

#[test]
fn of_two_awards_that_a_couple_had_the_assessment_day_of_the_one_that_ended_earlier_is_kept() {
    let benefit = || "uk-universal-credit".to_string();
    let second = ClaimOrder::Make { claim: claim(3), benefit: benefit(), claimants: vec![person(2)], dates: None };
    let end = |number, day| from(day, ClaimOrder::Close { claim: claim(number), reason: "a couple".into() });
    let before = [
        register(1),
        register(2),
        make_claim(),
        from(date(2026, 6, 5), second),
        end(1, date(2026, 7, 1)),
        end(3, date(2026, 7, 5)),
    ];
    let joint = |day| {
        let follows = Some(Follows { why: Following::Couple, awards: vec![claim(3), claim(1)] });
        let dates = Some(ClaimDates { follows, ..made_on(TODAY) });
        let claimants = vec![person(1), person(2)];
        from(day, ClaimOrder::Make { claim: claim(2), benefit: benefit(), claimants, dates })
    };
    let made = ["footing.claim.made.v2", "footing.person.claimed.v1", "footing.person.claimed.v1"];
    check(&before, joint(date(2026, 7, 1)), Ok(&made));
    check(&before, joint(date(2026, 7, 5)), Err("the first day is 2026-07-01 (SI 2013/376 reg. 21(3A)"));
}
