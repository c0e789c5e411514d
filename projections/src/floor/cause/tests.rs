use super::*;
use crate::floor::amount::FloorAmount;
use crate::floor::credit::{Credit, CreditKind, Outflow, Purpose, Series};
use crate::floor::views::{Account, Member, TaggedCredit};
use jiff::civil::date;
use schemas::{Money, PersonId, Timeline};

fn person() -> PersonId {
    "00000000-0000-7000-8000-000000000001".parse().unwrap()
}

/// One person on 12.00 a day with these awards (pence, usable, next due) and outflows.
fn ledger(awards: &[(i64, Date, Date)], outflows: Vec<Outflow>) -> PersonLedger {
    let floor = Timeline::always(FloorAmount::of(Money::from_pence(1_200)));
    let (unit, carer) = (Timeline::always(None), Timeline::always(None));
    let member = Member { person: person(), floor, outflows, unit, carer };
    let tagged = |(pence, usable, next): &(i64, Date, Date)| TaggedCredit {
        credit: Credit {
            usable: *usable,
            amount: Money::from_pence(*pence),
            kind: CreditKind::Award,
            purpose: Purpose::StandardAllowance,
            series: Some(Series(1)),
            next_due: Some(*next),
            pays_for: None,
            position: 0,
            counts: None,
        },
        settled: Account::Sole(person()),
        payee: person(),
    };
    PersonLedger::new(person(), vec![member], awards.iter().map(tagged).collect()).unwrap()
}

fn found(replay: impl Fn(&CauseSet) -> PersonLedger, view: View, from: Date, to: Date) -> Vec<(Date, Date, Finding)> {
    let all = CauseSet::of(&Cause::REMOVABLE);
    let found = causes(replay, all, view, Purposes::USUAL, Days::new(from, to).unwrap());
    found.into_iter().map(|run| (run.days.from(), run.days.to(), run.finding)).collect()
}

fn alone(causes: &[Cause]) -> Finding {
    let smallest = causes.iter().map(|cause| CauseSet::of(&[*cause])).collect();
    Finding { alone: CauseSet::of(causes), pairs: Vec::new(), smallest }
}

#[test]
fn a_breach_before_the_first_award_is_caused_by_the_wait() {
    let replay = |removed: &CauseSet| {
        let first = if removed.has(Cause::Wait) { date(2026, 6, 1) } else { date(2026, 7, 7) };
        ledger(&[(42_490, first, date(2026, 7, 7)), (42_490, date(2026, 7, 7), date(2026, 8, 7))], Vec::new())
    };
    // With 424.90 on 1 June the money lasts 35 days, to 5 July; 6 July stays short by itself, of 424.90 - 36 x 12.00.
    assert_eq!(
        found(replay, View::default(), date(2026, 6, 1), date(2026, 8, 6)),
        [
            (date(2026, 6, 1), date(2026, 7, 5), alone(&[Cause::Wait])),
            (date(2026, 7, 6), date(2026, 7, 6), Finding::default()),
        ]
    );
    assert_eq!(Finding::default().counted_under(), CauseSet::of(&[Cause::RuleLevel]));
}

#[test]
fn a_day_that_needs_two_causes_removed_names_the_pair_and_not_each() {
    // 424.90 less 60.00 of sanction and 60.00 of deduction, and 30 days from 7 September to 6 October at 12.00 = 360.00.
    let replay = |removed: &CauseSet| {
        let less = |cause| if removed.has(cause) { 0 } else { 6_000 };
        let paid = 42_490 - less(Cause::Sanction) - less(Cause::Deduction);
        ledger(&[(paid, date(2026, 9, 7), date(2026, 10, 7))], Vec::new())
    };
    let pair = CauseSet::of(&[Cause::Sanction, Cause::Deduction]);
    let both = Finding { alone: CauseSet::default(), pairs: vec![pair], smallest: vec![pair] };
    // Either alone leaves 364.90: all 30 days. Both: 304.90, so 25 days and 4.90 of the 26th.
    assert_eq!(
        found(replay, View::default(), date(2026, 9, 7), date(2026, 10, 6)),
        [(date(2026, 10, 2), date(2026, 10, 6), alone(&[Cause::Sanction, Cause::Deduction]))]
    );
    // With 70.00 each, both leave 284.90, 23 days and 8.90 of the 24th, 30 September. Either alone leaves 354.90, so
    // that only the 30th day, 6 October, needs both removed.
    let replay = |removed: &CauseSet| {
        let less = |cause| if removed.has(cause) { 0 } else { 7_000 };
        let paid = 42_490 - less(Cause::Sanction) - less(Cause::Deduction);
        ledger(&[(paid, date(2026, 9, 7), date(2026, 10, 7))], Vec::new())
    };
    assert_eq!(
        found(replay, View::default(), date(2026, 9, 7), date(2026, 10, 6)),
        [
            (date(2026, 9, 30), date(2026, 10, 5), alone(&[Cause::Sanction, Cause::Deduction])),
            (date(2026, 10, 6), date(2026, 10, 6), both),
        ]
    );
}

#[test]
fn a_day_that_needs_four_causes_removed_gives_one_set_of_which_none_can_be_spared() {
    use Cause::{Cap, Deduction, Sanction, WorkCost};
    let four = [Sanction, Deduction, Cap, WorkCost];
    let replay = |removed: &CauseSet| {
        let kept: i64 = four.iter().filter(|cause| !removed.has(**cause)).map(|_| 1_000).sum();
        ledger(&[(36_000 - kept, date(2026, 9, 7), date(2026, 10, 7))], Vec::new())
    };
    let found = found(replay, View::default(), date(2026, 10, 6), date(2026, 10, 6));
    let finding = Finding { smallest: vec![CauseSet::of(&four)], ..Finding::default() };
    assert_eq!(found, [(date(2026, 10, 6), date(2026, 10, 6), finding)]);
}

#[test]
fn a_travel_pass_is_a_cause_only_where_outflows_count() {
    let pass = || Outflow { on: date(2026, 7, 20), amount: Money::from_pence(13_000) };
    let replay = |removed: &CauseSet| {
        let outflows = if removed.has(Cause::WorkCost) { Vec::new() } else { vec![pass()] };
        ledger(&[(42_490, date(2026, 7, 7), date(2026, 8, 7))], outflows)
    };
    let with_outflows = View { outflows: true, ..View::default() };
    assert_eq!(
        found(replay, with_outflows, date(2026, 7, 7), date(2026, 8, 6)),
        [(date(2026, 7, 31), date(2026, 8, 6), alone(&[Cause::WorkCost]))]
    );
    assert_eq!(found(replay, View::default(), date(2026, 7, 7), date(2026, 8, 6)), []);
}

#[test]
fn the_causes_have_the_names_of_the_definition() {
    let names: Vec<_> = CauseSet::of(&Cause::REMOVABLE)
        .with(Cause::RuleLevel)
        .causes()
        .map(|c| serde_json::to_value(c).unwrap())
        .collect();
    assert_eq!(
        serde_json::to_string(&names).unwrap(),
        r#"["wait","sanction","deduction","cap","suspended","late_payment","returned_payment","calendar","late_report","unclaimed","separation","misdirected","closed","earnings_timing","work_cost","ineligible","rule_level"]"#
    );
}
