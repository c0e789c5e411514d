//! Why a top-up is paid, as it is said on its evening, beside what replaying the history without that cause says afterwards:
//! an example of every cause that can open a gap in the test's own view.
//!
//! `unclaimed` and `ineligible` have no event yet. `work_cost` opens gaps only in the view that counts outflows, which is
//! not topped up. `earnings_timing` needs pay that is not known yet: a wage that came on its day three times running is
//! enough to its next day or would not be enough day by day either.

use jiff::civil::{Date, date};
use projections::floor::file::{FloorFile, Mode};
use projections::floor::{Cause, Days};
use projections::views::PaymentView;
use simulator::replay::Regime;
use simulator::why::why;

use crate::told::{Told, alone, couple, debt, sanction};
use crate::topups::{guaranteed, top_ups, wage};

/// Asserts the top-ups for days from one on: their first day, how much, and why; and that replaying without that cause
/// removes the first day, or that nothing removes one that the rule's level opens.
#[track_caller]
fn check(told: &Told, name: &str, from: Date, expected: &[(&str, Cause)]) {
    let first = |payment: &PaymentView| payment.for_days.unwrap().0;
    let paid = || top_ups(told, name).into_iter().filter(|payment| from <= first(payment));
    let said = |payment: &PaymentView| {
        (format!("{} {}", first(payment), payment.amount), payment.because.unwrap().name().to_string())
    };
    let wanted = expected.iter().map(|(what, cause)| (what.to_string(), cause.name().to_string()));
    assert_eq!(paid().map(said).collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
    let mut measured = told.rules.floor.clone();
    measured.mode = Mode::Measure;
    let regime = Regime { floor: &measured, ..told.rules.regime() };
    let days = Days::new(date(2026, 5, 1), date(2026, 9, 16)).unwrap();
    let found = why(told.id(name), &told.history(), regime, days).unwrap();
    for (payment, (what, cause)) in paid().zip(expected) {
        let caused = found.iter().find(|caused| caused.days.contains(first(payment))).unwrap();
        let rule_level = *cause == Cause::RuleLevel;
        let finding = &caused.finding;
        let removes = if rule_level { finding.smallest.is_empty() } else { finding.alone.has(*cause) };
        assert!(removes, "{what}: {finding:?}");
    }
}

/// Ann alone from 1 June with what is told after, until the evening of a day, with nothing leaving ahead.
fn ann(steps: &str, until: Date) -> Told {
    let mut told = guaranteed(&(alone("ann", "2026-06-01") + steps), 0);
    told.until(until);
    told
}

fn claim_fact(day: &str, more: &str, fact: &str) -> String {
    format!("  - {{day: {day}, do: record_claim_fact, claim: $ann-claim, fact: {{{fact}}}{more}}}\n")
}

#[test]
fn the_wait_for_the_first_award() {
    let told = ann("", date(2026, 7, 8));
    let waits = ["2026-06-01 168.00", "2026-06-15 168.00", "2026-06-29 96.00"];
    check(&told, "ann", date(2026, 6, 1), &waits.map(|paid| (paid, Cause::Wait)));
}

#[test]
fn a_sanction() {
    // 28 days at 13.90 from 1 July leave 35.70 of July's award (FLOOR.md section 5, row 2): two days and 11.70 of 9 August.
    // The last tranche is for 6 September, the day before the next award: 12.00.
    let told = ann(&sanction("ann", "s", "2026-07-01", "2026-07-01", 28, "full"), date(2026, 9, 6));
    let paid = ["2026-08-09 156.30", "2026-08-23 168.00", "2026-09-06 12.00"];
    check(&told, "ann", date(2026, 8, 1), &paid.map(|paid| (paid, Cause::Sanction)));
}

#[test]
fn a_deduction() {
    // 424.90 - 63.74 = 361.16 on 7 July: thirty days, and 1.16 of 6 August.
    let told = ann(&debt("ann", "2026-06-01", "2000.00", "63.74"), date(2026, 8, 7));
    check(&told, "ann", date(2026, 7, 7), &[("2026-08-06 10.84", Cause::Deduction)]);
}

#[test]
fn the_benefit_cap() {
    // 424.90 and rent of 1,500.00 are capped at 1,229.42. Of the 695.48 taken 424.90 / 1,924.90 are of the allowance:
    // 153.52, so that 271.38 come on 7 July: 22 days, and 7.38 of 29 July. 4.62 + 8 x 12.00 to 6 August.
    let rent = claim_fact("2026-06-01", "", "key: tenure, value: social")
        + &claim_fact("2026-06-01", "", "key: rent, value: 1500.00");
    check(&ann(&rent, date(2026, 7, 30)), "ann", date(2026, 7, 7), &[("2026-07-29 100.62", Cause::Cap)]);
}

#[test]
fn a_suspension() {
    let held = "  - {day: 2026-08-01, do: suspend_payments, person: $ann, ground: doubt, review_on: 2026-08-20}\n";
    let told = ann(held, date(2026, 8, 8));
    check(&told, "ann", date(2026, 8, 1), &[("2026-08-07 168.00", Cause::Suspended)]);
}

#[test]
fn a_payment_that_came_back() {
    let returned = "  - {day: 2026-08-11, do: return_payment, person: $ann, payment: $payment ann 2026-08-07, code: B, on: 2026-08-11}\n";
    let told = ann(returned, date(2026, 8, 12));
    check(&told, "ann", date(2026, 8, 1), &[("2026-08-11 168.00", Cause::ReturnedPayment)]);
}

#[test]
fn a_payment_that_is_late() {
    // Known on 8 August to come on the 10th: two days.
    let late = "  - {day: 2026-08-08, do: settle_payment, person: $ann, payment: $payment ann 2026-08-07, usable_on: 2026-08-10}\n";
    check(&ann(late, date(2026, 8, 10)), "ann", date(2026, 8, 1), &[("2026-08-08 24.00", Cause::LatePayment)]);
}

#[test]
fn a_weekend_that_moved_a_pay_day() {
    // At 95.00 a week 424.90 last from Sunday 7 June to 6 July. Paid on Friday the 5th they have to last 32 days: 434.29.
    let steps = "  - {day: 2026-05-01, do: register_person, person: $ann, birth_date: 1990-01-01}
  - {day: 2026-05-01, do: make_claim, claim: $ann-claim, benefit: uk-universal-credit, claimants: [$ann]}\n";
    let mut told = guaranteed(steps, 0);
    let file = include_str!("../../../schemas/floors/demo-84-a-week-guaranteed.yaml").replace("84.00", "95.00");
    told.rules.floor = FloorFile::read(&file.replace("lead_working_days: 3", "lead_working_days: 0")).unwrap();
    told.until(date(2026, 7, 7));
    check(&told, "ann", date(2026, 6, 5), &[("2026-07-06 9.39", Cause::Calendar)]);
}

#[test]
fn a_change_told_late() {
    // July gives nothing: 20,000.00 of capital. That it fell on 5 July is told on 20 August, too late for July (SI 2013/381
    // Sch. 1 para. 21). Until then nobody knew better; the rest of the month is topped up because of the late report.
    let had = claim_fact("2026-07-01", "", "key: capital, value: 20000.00");
    let left = claim_fact("2026-08-20", ", effective: 2026-07-05", "key: capital, value: 1000.00");
    let told = ann(&(had + &left), date(2026, 9, 7));
    let paid = ["2026-08-21 168.00", "2026-09-04 36.00"];
    check(&told, "ann", date(2026, 8, 21), &paid.map(|paid| (paid, Cause::LateReport)));
}

#[test]
fn a_separation() {
    // FLOOR.md section 5, row 5b: Bob's 333.49 of 7 August last to 3 September, and 6.49 of the 4th; his own claim is paid
    // on 16 September: 5.51 + 11 x 12.00.
    let parted = "  - {day: 2026-08-10, do: leave_claim, claim: $joint, person: $bob}
  - {day: 2026-08-10, do: make_claim, claim: $bob-claim, benefit: uk-universal-credit, claimants: [$bob]}\n";
    let mut told = guaranteed(&(couple("2026-05-01") + parted), 0);
    told.until(date(2026, 9, 16));
    check(&told, "bob", date(2026, 8, 10), &[("2026-09-04 137.51", Cause::Separation)]);
}

#[test]
fn money_that_goes_to_the_partner() {
    // From 20 July everything goes into Ann's account. Bob's share of 7 August is there, and not his: 14 x 9.00.
    let into = "  - {day: 2026-07-20, do: record_claim_fact, claim: $joint, fact: {key: paid_into, value: $ann}}\n";
    let mut told = guaranteed(&(couple("2026-05-01") + into), 0);
    told.until(date(2026, 8, 8));
    check(&told, "bob", date(2026, 7, 20), &[("2026-08-07 126.00", Cause::Misdirected)]);
}

#[test]
fn a_claim_that_was_closed() {
    // After 10 July there is only pay of 6.00 on Mondays, each naming the next. The award of 7 July lasts to 6 August; four
    // wages are 24.00, for the 7th and the 8th; the next is half of the 10th, before six days to the 16th.
    let closed = "  - {day: 2026-07-10, do: close_claim, claim: $ann-claim, reason: moved}\n".to_string();
    let mondays = ["2026-07-13", "2026-07-20", "2026-07-27", "2026-08-03", "2026-08-10", "2026-08-17"];
    let naming_the_next = |days: &[&str]| {
        wage("ann", days[0], "6.00", "weekly").replace("employment", &format!("next_due: {}, employment", days[1]))
    };
    let wages: String = mondays.windows(2).map(naming_the_next).collect();
    let told = ann(&(closed + &wages), date(2026, 8, 10));
    check(&told, "ann", date(2026, 7, 10), &[("2026-08-09 12.00", Cause::Closed), ("2026-08-10 78.00", Cause::Closed)]);
}

#[test]
fn an_award_that_is_too_small_by_the_rules() {
    // 20,000.00 of capital: July gives nothing.
    let had = claim_fact("2026-07-01", "", "key: capital, value: 20000.00");
    let told = ann(&had, date(2026, 8, 8));
    check(&told, "ann", date(2026, 7, 7), &[("2026-08-07 168.00", Cause::RuleLevel)]);
}
