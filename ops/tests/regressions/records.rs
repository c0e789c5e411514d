//! What commands refuse, report and check.

use jiff::civil::date;
use ledger::order::DeterminationOrder;
use ops::cli::RunArgs;
use ops::commands::{run, verify};
use ops::error::Failure;
use projections::published::{Published, Recomputed, recompute};
use projections::views::MemoryViews;
use schemas::Amount;
use schemas::events::Decision;

use crate::told::{Told, alone, debt, law};

#[test]
fn a_reform_is_never_run() {
    let mut told = Told::new(&alone("ann", "2026-06-01"));
    told.until(date(2026, 6, 2));
    let recorded = told.history().len();
    let args = RunArgs { until: date(2026, 7, 31), decide_only: false, archive: None, rules: "no-gap".into() };
    let refused = run::run(&told.global(), &args);
    let Err(Failure::Input(why)) = refused else { unreachable!("{refused:?}") };
    assert!(why.contains("reform-no-gap is a reform"), "{why}");
    assert_eq!(told.history().len(), recorded);
}

#[test]
fn what_a_revised_decision_gives_more_is_paid_on_the_next_day() {
    let mut told = Told::new(&alone("ann", "2026-05-01"));
    told.until(date(2026, 6, 30));
    let (replaces, mut decision) = told.decided("ann-claim");
    decision.award = amount("524.90"); // 100.00 more
    decision.payment = decision.award;
    decision.lines[0].amount = decision.award;
    let claim = told.named("ann-claim");
    told.order(DeterminationOrder::Revise { claim, replaces, ground: law("reg. 9"), decision });
    told.until(date(2026, 7, 31));
    told.check_paid("ann", &["2026-06-07 424.90", "2026-07-02 100.00", "2026-07-07 424.90"]);
}

#[test]
fn a_decision_whose_printed_amounts_were_changed_is_found() {
    let change = |decision: &mut Decision| {
        let total = decision.amounts.iter_mut().find(|(name, _)| name == "deductions_total");
        assert_eq!(std::mem::replace(&mut total.unwrap().1, "0.00".into()), "60.00");
    };
    check_found(change, "amounts");
}

#[test]
fn a_decision_that_keeps_quiet_about_what_it_took_for_a_debt_is_found() {
    check_found(|decision| decision.deducted.clear(), "deductions");
}

#[test]
fn a_decision_that_says_that_somebody_else_cares_for_the_children_is_found() {
    let stranger = Told::new(&alone("cal", "2026-05-01")).id("cal");
    check_found(|decision| decision.main_carer = stranger, "main carer");
}

#[test]
fn a_decision_as_it_was_made_is_found_to_be_right() {
    let told = decided_with_a_debt();
    verify::run(&told.global()).unwrap();
}

/// Corrects a decision by another that says something untrue: `verify` finds it, and says what.
#[track_caller]
fn check_found(untruth: impl Fn(&mut Decision), expected: &str) {
    let mut told = decided_with_a_debt();
    let (replaces, mut decision) = told.decided("ann-claim");
    untruth(&mut decision);
    let facts_at = decision.facts_at;
    let claim = told.named("ann-claim");
    told.order(DeterminationOrder::Correct { claim, replaces, ground: law("reg. 9"), decision });
    assert!(matches!(verify::run(&told.global()), Err(Failure::Found)));
    let (history, mut published) = (told.history(), Published::default());
    history.iter().for_each(|event| published.apply(event));
    let world = MemoryViews::of(history.iter().filter(|event| event.sequence <= facts_at));
    let corrected = told.claim("ann-claim").determined.last().unwrap();
    let found = recompute(claim, corrected, &world, &published);
    let Recomputed::Differs { what, .. } = found else { unreachable!("{found:?}") };
    assert_eq!(what, expected);
}

/// May's award, of which 60.00 were taken for a debt.
fn decided_with_a_debt() -> Told {
    let mut told = Told::new(&(alone("ann", "2026-05-01") + &debt("ann", "2026-05-01", "60.00", "60.00")));
    told.until(date(2026, 6, 10));
    told.check_paid("ann", &["2026-06-07 364.90"]);
    told
}

fn amount(text: &str) -> Amount {
    Amount::new(text.parse().unwrap()).unwrap()
}
