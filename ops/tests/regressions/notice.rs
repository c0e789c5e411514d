//! What is told after a period was decided (SI 2013/381 Sch. 1 Part 3).

use jiff::civil::{Date, date};
use projections::published::{Published, Recomputed, recompute};
use projections::views::MemoryViews;
use schemas::Recorded;
use schemas::events::{DeterminationEvent, Event, PaymentKind};

use crate::told::{Told, alone, child};

/// Every decision of Ann's claim in order: its period, how it came about, what it gives and on what provision.
fn decided(told: &Told) -> Vec<String> {
    let line = |made: &DeterminationEvent| match made {
        DeterminationEvent::AssessmentDetermined(made) => {
            format!("{} {}", made.decision.period.first(), made.decision.award)
        }
        DeterminationEvent::DeterminationRevised(made) => {
            format!("{} {} revised {}", made.decision.period.first(), made.decision.award, made.ground.provision)
        }
        DeterminationEvent::DeterminationSuperseded(made) => {
            format!("{} {} superseded {}", made.decision.period.first(), made.decision.award, made.ground.provision)
        }
        DeterminationEvent::DeterminationCorrected(made) => {
            format!("{} {} corrected", made.decision.period.first(), made.decision.award)
        }
    };
    let made = |event: Recorded| {
        let Event::Determination(made) = &event.envelope.event else { return None };
        Some(line(made))
    };
    told.history().into_iter().filter_map(made).collect()
}

/// Tells Ann's claim from 1 June 2026 and these steps, and asserts what was decided by a day, which arrears were paid and
/// what was overpaid; every decision must come
/// out the same when it is recomputed, and the standing ones when the history is replayed.
#[track_caller]
fn check(steps: &str, until: Date, differences: (&[&str], &[&str]), expected: &[&str]) {
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until(until);
    let (arrears, overpaid) = differences;
    let paid = told.person("ann").payments.iter().filter(|payment| payment.kind == PaymentKind::Arrears);
    let paid: Vec<_> = paid.map(|payment| format!("{} {}", payment.due_on, payment.amount)).collect();
    assert_eq!(paid, arrears);
    told.check_overpaid(overpaid);
    assert_eq!(decided(&told), expected);
    check_recomputed(&told);
    let again = told.replayed(&told.rules, until).world;
    let awards = |world: &MemoryViews| -> Vec<_> {
        let claim = world.claim(told.named("ann-claim")).unwrap();
        claim.determined.iter().map(|made| (made.period, made.award)).collect()
    };
    assert_eq!(awards(&again), awards(&told.world));
}

#[track_caller]
fn check_recomputed(told: &Told) {
    let (mut world, mut published, history) = (MemoryViews::default(), Published::default(), told.history());
    history.iter().for_each(|event| published.apply(event));
    let made = &told.claim("ann-claim").determined;
    for event in &history {
        world.apply(event);
        for made in made.iter().filter(|made| made.facts_at == event.sequence) {
            assert_eq!(recompute(told.named("ann-claim"), made, &world, &published), Recomputed::Same);
        }
    }
}

/// A child born on 10 July, of whom we are told on 20 August.
fn born_in_july_told_in_august() -> String {
    "  - {day: 2026-08-20, do: register_person, person: $kit, birth_date: 2026-07-10, effective: 2026-07-10}
  - {day: 2026-08-20, do: join_claim, claim: $ann-claim, person: $kit, role: child, effective: 2026-07-10}\n"
        .into()
}

#[test]
fn an_advantageous_change_told_after_its_period_counts_from_the_period_in_which_it_was_told() {
    // 424.90 + 303.94 from August on; July stays as it was decided.
    let expected = ["2026-06-01 424.90", "2026-07-01 424.90", "2026-08-01 728.84"];
    check(&born_in_july_told_in_august(), date(2026, 9, 1), (&[], &[]), &expected);
}

#[test]
fn an_advantageous_change_told_on_the_last_day_of_its_period_counts_from_its_first_day() {
    let steps = born_in_july_told_in_august().replace("2026-08-20", "2026-07-31");
    check(&steps, date(2026, 8, 1), (&[], &[]), &["2026-06-01 424.90", "2026-07-01 728.84"]);
}

#[test]
fn an_advantageous_change_told_on_the_day_after_its_period_is_late() {
    let steps = born_in_july_told_in_august().replace("2026-08-20", "2026-08-01");
    check(&steps, date(2026, 8, 1), (&[], &[]), &["2026-06-01 424.90", "2026-07-01 424.90"]);
}

#[test]
fn what_was_told_in_time_and_recorded_late_counts_from_its_period() {
    // Told on 30 July by the record's own statement: July is decided again.
    let steps = born_in_july_told_in_august().replace("role: child", "role: child, notified_on: 2026-07-30");
    let expected = [
        "2026-06-01 424.90",
        "2026-07-01 424.90",
        "2026-07-01 728.84 superseded reg. 23(1)(a), Sch. 1 paras. 20 and 21",
        "2026-08-01 728.84",
    ];
    check(&steps, date(2026, 9, 1), (&["2026-08-21 303.94"], &[]), &expected);
}

#[test]
fn more_time_that_was_allowed_for_a_change_is_kept_up_to_thirteen_months_after_it() {
    let allowed =
        "  - {day: 2026-08-20, do: record_claim_fact, claim: $ann-claim, fact: {key: late_notice_allowed, value: true},
       effective: 2026-07-10, effective_to: 2026-07-10}\n";
    let expected = [
        "2026-06-01 424.90",
        "2026-07-01 424.90",
        "2026-07-01 728.84 superseded reg. 23(1)(a), Sch. 1 paras. 20 and 21",
        "2026-08-01 728.84",
    ];
    let steps = born_in_july_told_in_august() + allowed;
    check(&steps, date(2026, 9, 1), (&["2026-08-21 303.94"], &[]), &expected);
}

#[test]
fn a_disadvantageous_change_counts_from_its_own_period_whenever_it_was_told() {
    // 7,000 is 1,000 over 6,000: 4 x 4.35 = 17.40 less.
    let steps = "  - {day: 2026-08-20, do: record_claim_fact, claim: $ann-claim, fact: {key: capital, value: 7000.00}, effective: 2026-07-10}\n";
    let expected = [
        "2026-06-01 424.90",
        "2026-07-01 424.90",
        "2026-07-01 407.50 superseded reg. 23(1)(a), Sch. 1 paras. 20 and 21",
        "2026-08-01 407.50",
    ];
    check(steps, date(2026, 9, 1), (&[], &["ann 2026-07-01 17.40"]), &expected);
}

#[test]
fn changes_told_together_are_each_judged_by_the_day_they_happened() {
    // The child of 10 July waits for August; the capital of 12 July does not.
    let steps = born_in_july_told_in_august()
        + "  - {day: 2026-08-20, do: record_claim_fact, claim: $ann-claim, fact: {key: capital, value: 7000.00}, effective: 2026-07-12}\n";
    let expected = [
        "2026-06-01 424.90",
        "2026-07-01 424.90",
        "2026-07-01 407.50 superseded reg. 23(1)(a), Sch. 1 paras. 20 and 21",
        "2026-08-01 711.44",
    ];
    check(&steps, date(2026, 9, 1), (&[], &["ann 2026-07-01 17.40"]), &expected);
}

#[test]
fn pay_that_is_reported_late_counts_in_the_period_in_which_it_was_paid() {
    // No work allowance: 55% of 200.00 is 110.00.
    let steps =
        "  - {day: 2026-08-20, do: report_earnings, person: $ann, paid_on: 2026-07-15, gross: 200.00, tax: 0.00,
       national_insurance: 0.00, pension: 0.00, frequency: monthly}\n";
    let expected = [
        "2026-06-01 424.90",
        "2026-07-01 424.90",
        "2026-07-01 314.90 superseded reg. 23(1)(a), Sch. 1 paras. 20 and 22",
        "2026-08-01 424.90",
    ];
    check(steps, date(2026, 9, 1), (&[], &["ann 2026-07-01 110.00"]), &expected);
}

#[test]
fn a_record_that_was_wrong_leaves_every_period_it_was_counted_in() {
    let steps = "  - {day: 2026-06-01, as: wrong, do: record_claim_fact, claim: $ann-claim, fact: {key: capital, value: 7000.00}}
  - {day: 2026-08-20, do: withdraw_claim_fact, claim: $ann-claim, event: $event wrong, reason: another's account}\n";
    let expected = [
        "2026-06-01 407.50",
        "2026-07-01 407.50",
        "2026-06-01 424.90 revised reg. 9",
        "2026-07-01 424.90 revised reg. 9",
        "2026-08-01 424.90",
    ];
    check(steps, date(2026, 9, 1), (&["2026-08-21 17.40", "2026-08-21 17.40"], &[]), &expected);
}

#[test]
fn what_held_from_the_first_day_can_be_told_within_a_month_of_the_first_decision() {
    // June is decided on 1 July: until 1 August the first decision is revised, and after it only the period of telling.
    let told_on = |day: &str| {
        child("kit", "ann-claim", "2026-06-01")
            .replace("day: 2026-06-01", &format!("day: {day}, effective: 2026-06-01"))
    };
    let in_time = ["2026-06-01 424.90", "2026-06-01 728.84 revised reg. 9", "2026-07-01 728.84"];
    check(&told_on("2026-08-01"), date(2026, 8, 1), (&["2026-08-02 303.94"], &[]), &in_time);
    let late = ["2026-06-01 424.90", "2026-07-01 424.90", "2026-08-01 728.84"];
    check(&told_on("2026-08-02"), date(2026, 9, 1), (&[], &[]), &late);
}

#[test]
fn a_partner_told_late_is_paid_their_own_half_and_what_the_other_had_too_much_waits_for_a_decision() {
    // Bob, who has 500.00 a month, moved in on 10 June and it is told on 10 August. June and July come to 666.97 - 500.00 =
    // 166.97, 83.48 and 83.49, and were paid to Ann with 424.90 each: 341.42 too much.
    let steps = "  - {day: 2026-08-10, do: register_person, person: $bob, birth_date: 1990-01-01}
  - {day: 2026-08-10, effective: 2026-06-10, do: join_claim, claim: $ann-claim, person: $bob, role: adult}
  - {day: 2026-08-10, effective: 2026-01-01, do: record_person_fact, person: $bob, fact: {key: private_pension, value: 500.00}}\n";
    let mut told = Told::new(&(alone("ann", "2026-05-01") + steps));
    told.until(date(2026, 9, 8));
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-07 424.90", "2026-08-07 424.90", "2026-09-07 83.48"]);
    told.check_paid("bob", &["2026-08-11 83.49", "2026-08-11 83.49", "2026-09-07 83.49"]);
    told.check_overpaid(&["ann 2026-06-01 341.42", "ann 2026-07-01 341.42"]);
}

#[test]
fn a_partner_recorded_late_is_paid_the_half_that_the_other_had_as_a_single_person() {
    // Told on 30 June and recorded on 10 July, when Ann had 424.90 for June: of 666.97 she keeps 333.48, and 91.42 is too
    // much.
    let steps = "  - {day: 2026-07-10, do: register_person, person: $bob, birth_date: 1990-01-01}
  - {day: 2026-07-10, effective: 2026-06-10, do: join_claim, claim: $ann-claim, person: $bob, role: adult, notified_on: 2026-06-30}\n";
    let mut told = Told::new(&(alone("ann", "2026-06-01") + steps));
    told.until(date(2026, 8, 1));
    told.check_paid("ann", &["2026-07-07 424.90"]);
    told.check_paid("bob", &["2026-07-11 333.49"]);
    told.check_overpaid(&["ann 2026-06-01 91.42"]);
}
