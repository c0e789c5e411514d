//! A suspension and its end hold from their own day, and never before they were recorded: what has left has left.

use jiff::civil::date;

use crate::told::{Told, alone, usable};

fn suspended(recorded: &str, from: &str) -> String {
    format!(
        "  - {{day: {recorded}, effective: {from}, do: suspend_payments, person: $ann, ground: doubt, review_on: 2026-12-01}}\n"
    )
}

fn resumed(recorded: &str, from: &str) -> String {
    format!("  - {{day: {recorded}, effective: {from}, do: resume_payments, person: $ann, reason: settled}}\n")
}

/// Ann, paid on the 7th of each month, and what a replay pays her: the same.
#[track_caller]
fn check(steps: &str, expected: &[&str]) {
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    let until = date(2026, 10, 7);
    told.until(until);
    told.check_paid("ann", expected);
    assert_eq!(usable(&told.replayed(&told.rules, until).world, told.id("ann")), expected);
}

#[test]
fn a_suspension_told_ahead_holds_nothing_back_before_its_day() {
    let steps = suspended("2026-07-01", "2026-08-01") + &resumed("2026-09-10", "2026-09-10");
    // July's and August's awards wait for 10 September, and are due at once.
    check(&steps, &["2026-07-07 424.90", "2026-09-10 424.90", "2026-09-10 424.90", "2026-10-07 424.90"]);
}

#[test]
fn a_suspension_told_late_holds_back_from_the_day_it_was_told() {
    let steps = suspended("2026-08-20", "2026-07-01") + &resumed("2026-09-10", "2026-09-10");
    check(&steps, &["2026-07-07 424.90", "2026-08-07 424.90", "2026-09-10 424.90", "2026-10-07 424.90"]);
}

#[test]
fn payments_resume_on_the_day_for_which_it_was_told() {
    let steps = suspended("2026-08-01", "2026-08-01") + &resumed("2026-08-10", "2026-08-20");
    check(&steps, &["2026-07-07 424.90", "2026-08-20 424.90", "2026-09-07 424.90", "2026-10-07 424.90"]);
}

#[test]
fn a_suspension_that_is_withdrawn_before_its_day_never_holds() {
    let steps = suspended("2026-07-01", "2026-08-01") + &resumed("2026-07-20", "2026-07-20");
    check(&steps, &["2026-07-07 424.90", "2026-08-07 424.90", "2026-09-07 424.90", "2026-10-07 424.90"]);
}
