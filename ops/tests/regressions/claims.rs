//! Closed and reopened claims, and deaths.

use jiff::civil::date;

use crate::told::{Told, alone, child, couple, usable};

#[test]
fn there_is_no_award_for_the_days_on_which_a_claim_was_closed_and_later_reopened() {
    let steps = "  - {day: 2026-07-01, do: close_claim, claim: $ann-claim, reason: moved}
  - {day: 2026-10-01, do: reopen_claim, claim: $ann-claim, reason: moved back}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + steps));
    told.until(date(2026, 11, 8));
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-07 424.90", "2026-11-07 424.90"]);
    let first_days: Vec<_> = told.claim("ann-claim").determined.iter().map(|made| made.period.first()).collect();
    assert_eq!(first_days, [date(2026, 5, 1), date(2026, 6, 1), date(2026, 10, 1)]);
}

#[test]
fn when_a_partner_dies_the_claim_is_not_decided_and_it_is_said_why() {
    let steps = "  - {day: 2026-06-10, do: record_death, person: $bob, on: 2026-06-10}\n";
    let mut told = Told::new(&(couple("2026-05-01") + steps));
    let problems = told.until_with_problems(date(2026, 9, 30));
    let expected = format!(
        "claim {}: person {} died on 2026-06-10: the run-on after a death (SI 2013/376 reg. 37) is not in the pack yet",
        told.named("joint"),
        told.id("bob")
    );
    assert_eq!(problems, [expected.as_str()]);
    told.check_paid("ann", &["2026-06-07 333.48"]);
    told.check_paid("bob", &["2026-06-07 333.49"]);
    let again = told.replayed(&told.rules, date(2026, 9, 30));
    let undecided: Vec<_> = again.undecided.iter().map(|u| format!("claim {}: {}", u.claim, u.reason)).collect();
    assert_eq!(undecided, [expected]);
}

#[test]
fn when_a_child_dies_the_claim_is_not_decided_and_it_is_said_why() {
    let steps = "  - {day: 2026-05-10, do: record_death, person: $kit, on: 2026-05-10}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + &child("kit", "ann-claim", "2026-05-01") + steps));
    let problems = told.until_with_problems(date(2026, 6, 10));
    assert!(problems.len() == 1 && problems[0].contains("died on 2026-05-10"), "{problems:?}");
    told.check_paid("ann", &[]);
}

#[test]
fn nothing_is_paid_to_the_dead() {
    // Ann dies after May's award was decided and before it is due.
    let steps = "  - {day: 2026-06-03, do: record_death, person: $ann, on: 2026-06-02}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + steps));
    told.until(date(2026, 9, 30));
    told.check_paid("ann", &[]);
    assert_eq!(told.claim("ann-claim").determined.len(), 1);
    assert_eq!(usable(&told.replayed(&told.rules, date(2026, 9, 30)).world, told.id("ann")), [""; 0]);
}
