//! Sanctions and hardship payments from the order to the payment. 424.90 x 12 / 365 is 13.90 a day, 5.50 at the reduced rate.

use jiff::civil::date;
use schemas::Money;

use crate::told::{Told, alone, sanction};

/// A sanction that says no more than an officer knows.
fn impose(level: &str, recorded: &str, failure_on: &str) -> String {
    format!(
        "  - {{day: {recorded}, do: impose_sanction, person: $ann, sanction: $s-{recorded}, level: {level}, failure_on: {failure_on},
       authority: {{instrument: Welfare Reform Act 2012, provision: s. 27, confidence: read}}}}
"
    )
}

#[test]
fn a_sanction_without_days_takes_those_of_the_law_from_the_period_of_the_decision() {
    let mut told = Told::new(&(alone("ann", "2026-05-01") + &impose("medium", "2026-07-01", "2026-06-23")));
    told.until(date(2026, 8, 7));
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-07 424.90", "2026-08-07 35.70"]); // 28 x 13.90 = 389.20
}

#[test]
fn two_stated_rates_in_one_period_make_one_that_of_its_end() {
    // 28 days stated at the full rate and then three at the reduced one: 31 x 5.50 = 170.50.
    let steps = sanction("ann", "full", "2026-07-01", "2026-07-01", 28, "full")
        + &sanction("ann", "reduced", "2026-07-29", "2026-07-29", 3, "reduced");
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &steps));
    told.until(date(2026, 8, 7));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-07 254.40"]);
}

#[test]
fn a_low_level_sanction_lasts_until_compliance_and_a_week() {
    // From 6 to 15 July are ten days, and seven: 17 x 13.90 = 236.30.
    let steps = impose("low", "2026-07-10", "2026-07-06")
        + "  - {day: 2026-07-16, do: record_compliance, person: $ann, sanction: $s-2026-07-10, on: 2026-07-16}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &steps));
    told.until(date(2026, 8, 7));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-07 188.60"]);
}

#[test]
fn until_compliance_a_period_takes_the_days_since_the_failure_and_no_more() {
    // July has four days since the 28th: 55.60. Compliance on 3 August makes six days and seven: nine fall in August, 125.10.
    let steps = impose("low", "2026-07-29", "2026-07-28")
        + "  - {day: 2026-08-03, do: record_compliance, person: $ann, sanction: $s-2026-07-29, on: 2026-08-03}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &steps));
    told.until(date(2026, 9, 7));
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-07 369.30", "2026-09-07 299.80"]);
}

#[test]
fn a_hardship_payment_follows_from_the_decision_of_the_period_before() {
    // 389.20 x 12 / 365 x 60% = 7.677, 7.68 a day; from 20 August to 6 September are 18 days: 138.24.
    let steps = impose("medium", "2026-07-01", "2026-06-23")
        + "  - {day: 2026-08-20, do: award_hardship, person: $ann, debt: $ann-debt, from: 2026-08-20}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + &steps));
    told.until(date(2026, 9, 7));
    let owed: Vec<Money> = told.person("ann").debts.iter().map(|debt| debt.owed).collect();
    assert_eq!(owed, [Money::from_pence(13_824)]);
    // It is paid on the next day without anybody's asking.
    told.check_paid("ann", &["2026-07-07 424.90", "2026-08-07 35.70", "2026-08-21 138.24", "2026-09-07 424.90"]);
}
