//! How many people approve a list is a rule of the ledger, not of whoever plans.

use jiff::civil::date;
use ledger::order::RunOrder;
use ops::business::Business;
use projections::runs::Stage;
use schemas::RunId;

use crate::place::{PAY_DAY, Place, bank, command, into, rules};

fn asks(actor: &str, approvals: u8) -> ledger::Command {
    let order = RunOrder::AskApprovals { run: RunId::EVERY, approvals };
    let name = format!("{actor} asks for {approvals}");
    ledger::Command { actor: actor.into(), ..command(&name, date(2026, 7, 2), order) }
}

#[test]
fn where_two_have_to_approve_nobody_plans_for_one_and_a_list_needs_two_without_being_told() {
    let (place, rules, bank) = (Place::with(2), rules(), bank());
    let mut desk = place.desk();
    let mut business = Business::open(&mut desk, &rules).unwrap();
    business.submit(vec![asks("ann", 2), asks("bob", 2)]).unwrap();
    let few = business.plan_run(PAY_DAY, Some(1), "cal").err().unwrap().to_string();
    assert_eq!(few, "approvals: 1 is fewer than the 2 that every list on this ledger needs");
    let listed = business.plan_run(PAY_DAY, None, "cal").unwrap().unwrap();
    let digest = listed.plan.digest();
    business.approve_run(listed.run, digest, "ann").unwrap();
    let early = business.carry_out(listed.run, into(&place.out(), &bank)).unwrap_err().to_string();
    assert!(early.ends_with("was not approved: it has 1 of 2 approvals"), "{early}");
    business.approve_run(listed.run, digest, "bob").unwrap();
    assert_eq!(business.carry_out(listed.run, into(&place.out(), &bank)).unwrap().left.len(), 2);
}

#[test]
fn where_two_have_to_approve_the_evening_decides_and_pays_nothing() {
    let (place, rules) = (Place::with(2), rules());
    let mut desk = place.desk();
    let mut business = Business::open(&mut desk, &rules).unwrap();
    business.submit(vec![asks("ann", 2), asks("bob", 2)]).unwrap();
    for day in [PAY_DAY, date(2026, 8, 3)] {
        let evening = business.evening(day).unwrap();
        assert_eq!((evening.paid.len(), evening.problems), (0, Vec::new()));
        assert_eq!(evening.decided.len(), if day == PAY_DAY { 0 } else { 2 });
    }
    assert!(business.runs().in_order().is_empty());
}

#[test]
fn a_list_planned_for_one_before_two_were_asked_for_is_not_approved_any_more() {
    let (place, rules) = (Place::with(2), rules());
    let mut desk = place.desk();
    let mut business = Business::open(&mut desk, &rules).unwrap();
    let listed = business.plan_run(date(2026, 7, 1), None, "cal").unwrap();
    assert!(listed.is_none(), "nothing is due yet");
    let listed = business.plan_run(PAY_DAY, None, "cal").unwrap().unwrap();
    let later = |asks: ledger::Command| ledger::Command { time: schemas::day::london_hour(PAY_DAY, 19), ..asks };
    business.submit(vec![later(asks("ann", 2)), later(asks("bob", 2))]).unwrap();
    let refused = business.approve_run(listed.run, listed.plan.digest(), "bob").unwrap_err().to_string();
    assert!(refused.contains("1 is fewer than the 2"), "{refused}");
    business.abandon_run(listed.run, "two have to approve", "cal").unwrap();
    assert_eq!(business.run(listed.run).unwrap().stage(), Stage::Abandoned);
    let again = business.plan_run(PAY_DAY, None, "cal").unwrap().unwrap();
    assert_eq!(business.run(again.run).unwrap().approvals, 2);
}
