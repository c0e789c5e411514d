//! Income that reaches over periods: what one decision leaves, the next takes from it, and both can be recomputed.

use jiff::civil::date;
use ops::commands::verify;

use crate::told::{Told, alone, usable};

/// Net pay on a day from one job that pays monthly.
fn wage(day: &str, net: &str, next_due: &str) -> String {
    format!(
        "  - {{day: {day}, do: report_earnings, person: $ann, paid_on: {day}, gross: {net}, tax: 0.00, national_insurance: 0.00,
       pension: 0.00, frequency: monthly, next_due: {next_due}, employment: shop}}
"
    )
}

/// A fact of Ann for the days of a month.
fn fact(key: &str, value: &str, from: &str, to: &str) -> String {
    format!(
        "  - {{day: {from}, effective: {from}, effective_to: {to}, do: record_person_fact, person: $ann, fact: {{key: {key}, value: {value}}}}}\n"
    )
}

// 424.90 / 55% = 772.55 leaves nothing of the award. June: 4,000.00 - 772.55 - 2,500.00 = 727.45, which takes
// 727.45 x 55% = 400.10 off July's award: 24.80. August is whole again.
#[test]
fn surplus_earnings_of_one_period_count_in_the_next_and_the_decisions_can_be_recomputed() {
    let steps = alone("ann", "2026-05-01") + &wage("2026-06-15", "4000.00", "2026-09-15");
    let mut told = Told::new(&steps);
    told.until(date(2026, 9, 10));
    let expected = ["2026-06-07 424.90", "2026-08-07 24.80", "2026-09-07 424.90"];
    told.check_paid("ann", &expected);
    let amounts = |last| {
        let claim = told.claim("ann-claim");
        let made = claim.determined.iter().find(|made| made.period.last() == last).unwrap();
        made.amounts.get("surplus_earnings").unwrap().to_string()
    };
    assert_eq!((amounts(date(2026, 6, 30)), amounts(date(2026, 7, 31))), ("727.45".into(), "0.00".into()));
    verify::run(&told.global()).unwrap();
    let again = told.replayed(&told.rules, date(2026, 9, 10));
    assert_eq!(usable(&again.world, told.id("ann")), expected);
}

// May's loss of 300.00 comes off June's 500.00: 200.00 x 55% = 110.00.
#[test]
fn a_loss_is_kept_for_the_same_person_until_there_is_a_profit() {
    let steps = alone("ann", "2026-05-01")
        + &fact("self_employed_expenses", "300.00", "2026-05-01", "2026-05-31")
        + &fact("self_employed_receipts", "500.00", "2026-06-01", "2026-06-30");
    let mut told = Told::new(&steps);
    told.until(date(2026, 8, 10));
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-07 314.90", "2026-08-07 424.90"]);
    let claim = told.claim("ann-claim");
    let name = format!("unused_loss {}", told.id("ann"));
    let left = |at: usize| claim.determined[at].amounts.get(&name);
    assert_eq!((left(0), left(1)), (Some("300.00"), Some("0.00")));
    verify::run(&told.global()).unwrap();
}

// Periods from the 30th, pay on the last working day: 30 November and 29 December fall in one period, none in the next.
// 700.00 x 55% = 385.00 off each award of 400.14, 424.90 once the period starts from 6 April 2026.
#[test]
fn two_monthly_wages_of_one_job_in_one_period_are_counted_in_two() {
    let steps = alone("ann", "2025-10-30")
        + &wage("2025-10-31", "700.00", "2025-11-30")
        + &wage("2025-11-30", "700.00", "2025-12-29")
        + &wage("2025-12-29", "700.00", "2026-01-30")
        + &wage("2026-01-30", "700.00", "2026-02-27");
    let mut told = Told::new(&steps);
    told.until(date(2026, 3, 6));
    told.check_paid("ann", &["2025-12-06 15.14", "2026-01-05 15.14", "2026-02-05 15.14", "2026-03-05 15.14"]);
    verify::run(&told.global()).unwrap();
}

// New style jobseeker's allowance of 95.55 a week ends on 12 June: 95.55 x 52 / 12 = 414.05 in May, and
// 95.55 x 12 x 52 / 365 = 163.35 in June; 424.90 less each.
#[test]
fn a_weekly_benefit_that_ends_within_a_period_counts_for_its_days() {
    let steps = alone("ann", "2026-05-01") + &fact("jobseekers_allowance_weekly", "95.55", "2026-05-01", "2026-06-12");
    let mut told = Told::new(&steps);
    told.until(date(2026, 8, 10));
    told.check_paid("ann", &["2026-06-07 10.85", "2026-07-07 261.55", "2026-08-07 424.90"]);
    verify::run(&told.global()).unwrap();
}
