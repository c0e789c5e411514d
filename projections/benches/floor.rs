//! How many person-days a second the interval form judges on one core.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use projections::floor::{
    Account, Credit, CreditKind, Days, FloorAmount, Lens, Member, PersonLedger, Purpose, Purposes, Series,
    TaggedCredit, UnitId, View, fold, judge_everyone,
};
use schemas::{Money, PersonId, Timeline};

fn main() {
    divan::main();
}

const YEARS: i64 = 5;

fn days() -> Days {
    let from = date(2021, 1, 7);
    Days::new(from, from.saturating_add(YEARS.years()).yesterday().unwrap_or(from)).unwrap_or(Days::one(from))
}

fn every(step: jiff::Span, pence: i64, kind: CreditKind, series: u64) -> Vec<Credit> {
    let mut credits = Vec::new();
    let mut usable: Date = days().from();
    while usable <= days().to() {
        let next = usable.saturating_add(step);
        credits.push(Credit {
            usable,
            amount: Money::from_pence(pence),
            kind,
            purpose: Purpose::GeneralIncome,
            series: Some(Series(series)),
            next_due: Some(next),
            pays_for: None,
            position: 0,
            counts: None,
        });
        usable = next;
    }
    credits
}

fn floor() -> Timeline<FloorAmount> {
    Timeline::always(FloorAmount::of(Money::from_pence(1_200)))
}

/// Months of 424.90, some short by a deduction: a breach at the end of each long month.
fn monthly() -> Vec<Credit> {
    every(1.month(), 36_116, CreditKind::Award, 1)
}

fn monthly_and_weekly() -> Vec<Credit> {
    let mut credits = monthly();
    credits.extend(every(1.week(), 2_000, CreditKind::Wage, 2));
    credits
}

fn one_person(bencher: Bencher<'_, '_>, credits: &[Credit]) {
    let (floor, lens, days) = (floor(), Lens::default(), days());
    bencher
        .counter(ItemsCount::new(days.count().unsigned_abs()))
        .bench(|| fold(black_box(credits), &floor, &[], &lens, days).breach_days());
}

/// A single adult on a monthly award for five years; items are person-days.
#[divan::bench]
fn monthly_award(bencher: Bencher<'_, '_>) {
    one_person(bencher, &monthly());
}

/// The same with a weekly wage beside it.
#[divan::bench]
fn monthly_award_and_weekly_wage(bencher: Bencher<'_, '_>) {
    one_person(bencher, &monthly_and_weekly());
}

/// A couple with two children in the strict view.
#[divan::bench]
fn couple_with_two_children(bencher: Bencher<'_, '_>) {
    let ids = (0..4).map(|number| format!("00000000-0000-7000-8000-{number:012}").parse());
    let Ok(ids) = ids.collect::<Result<Vec<PersonId>, _>>() else { return };
    let member = |number: usize, carer: Option<usize>| Member {
        person: ids[number],
        floor: floor(),
        outflows: Vec::new(),
        unit: Timeline::always(Some(UnitId(1))),
        carer: Timeline::always(carer.map(|number| ids[number])),
    };
    let people = vec![member(0, None), member(1, None), member(2, Some(0)), member(3, Some(0))];
    let tagged = |credit: Credit, number: usize| TaggedCredit {
        credit,
        settled: Account::Sole(ids[number]),
        payee: ids[number],
    };
    let credits = monthly().into_iter().flat_map(|credit| [tagged(credit, 0), tagged(credit, 1)]);
    let Ok(ledger) = PersonLedger::new(ids[0], people, credits.collect()) else { return };
    bencher
        .counter(ItemsCount::new(4 * days().count().unsigned_abs()))
        .bench(|| judge_everyone(black_box(&ledger), View::default(), Purposes::USUAL, days()));
}
