//! What one assessment period costs under the shipped Universal Credit pack: on the tape without and with filling its columns, by name, traced, and on the reference evaluator.
//!
//! `cargo bench -p projections --bench tape` prints time and periods per second. Households come from a counter, so that every run works on the same ones.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at what it cannot set up")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::civil::date;
use projections::engine::{Batch, Case, LANES, Pack, PackFiles, Person, Program, Value, reference};
use schemas::{AssessmentPeriod, Money};

const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/packs/uk-universal-credit/2026.11");
const OUTPUTS: [&str; 1] = ["award"];
const EVERY_RESULT: &str = "every result";

fn main() {
    divan::main();
}

/// Only the operations, over columns that are filled: of the award, of what is paid after sanctions and deductions, and of
/// every result that the pack shows. No trace is kept.
#[divan::bench(args = ["award", "payment", EVERY_RESULT])]
fn tape(bencher: Bencher<'_, '_>, output: &str) {
    let pack = pack();
    let program = if output == EVERY_RESULT { pack.compile(None) } else { pack.compile(Some(&[output])) }.unwrap();
    let batch = batch(&program, &cases(LANES));
    let mut runner = program.runner();
    bencher.counter(ItemsCount::new(LANES)).bench_local(|| runner.run(divan::black_box(&batch)));
    assert!(!runner.was_wide());
}

/// The same for batches of other sizes than a replay's.
#[divan::bench(args = [16, 64, 512])]
fn award_by_lanes(bencher: Bencher<'_, '_>, lanes: usize) {
    let pack = pack();
    let program = pack.compile(Some(&OUTPUTS)).unwrap();
    let batch = batch(&program, &cases(lanes));
    let mut runner = program.runner();
    bencher.counter(ItemsCount::new(lanes)).bench_local(|| runner.run(divan::black_box(&batch)));
}

/// Columns filled by slot, operations, and the award read back: what a replay does.
#[divan::bench]
fn tape_filled_by_slot(bencher: Bencher<'_, '_>) {
    let pack = pack();
    let program = pack.compile(Some(&OUTPUTS)).unwrap();
    let (slots, facts) = (Slots::of(&program), facts(LANES));
    let award = program.output("award").unwrap();
    let (mut runner, mut batch) = (program.runner(), program.batch());
    bencher.counter(ItemsCount::new(LANES)).bench_local(|| {
        batch.clear();
        facts.iter().for_each(|household| slots.fill(&mut batch, household));
        runner.run(&batch);
        (0..LANES).map(|case| runner.raw(award, case)).sum::<i128>()
    });
}

/// Cases stated by name, checked, run and answered by name.
#[divan::bench]
fn tape_by_name(bencher: Bencher<'_, '_>) {
    let pack = pack();
    let (program, cases) = (pack.compile(Some(&OUTPUTS)).unwrap(), cases(LANES));
    bencher.counter(ItemsCount::new(LANES)).bench_local(|| program.run(divan::black_box(&cases)));
}

/// Every rule of the pack with its sentence, law, parameters and defaults.
#[divan::bench]
fn traced(bencher: Bencher<'_, '_>) {
    let pack = pack();
    let (program, cases) = (pack.compile(None).unwrap(), cases(LANES));
    bencher.counter(ItemsCount::new(LANES)).bench_local(|| program.trace_all(divan::black_box(&cases)));
}

/// The same case by case, as decisions are made.
#[divan::bench]
fn traced_one_by_one(bencher: Bencher<'_, '_>) {
    let pack = pack();
    let (program, cases) = (pack.compile(None).unwrap(), cases(LANES));
    bencher
        .counter(ItemsCount::new(LANES))
        .bench_local(|| cases.iter().filter(|case| program.trace(divan::black_box(case)).is_ok()).count());
}

/// Fractions of any size.
#[divan::bench]
fn reference_evaluator(bencher: Bencher<'_, '_>) {
    let (pack, cases) = (pack(), cases(LANES));
    bencher
        .counter(ItemsCount::new(LANES))
        .bench_local(|| cases.iter().filter(|case| reference(&pack, &OUTPUTS, case).is_ok()).count());
}

/// Text of files to a program that can answer.
#[divan::bench]
fn load_and_compile(bencher: Bencher<'_, '_>) {
    let files = files();
    bencher.bench_local(|| Pack::load(&files).unwrap().compile(Some(&OUTPUTS)).unwrap());
}

/// A household for one period.
struct Household {
    period: AssessmentPeriod,
    adults: Vec<(jiff::civil::Date, i64)>,
    children: Vec<jiff::civil::Date>,
    rent: i64,
    capital: i64,
    childcare: i64,
}

fn facts(count: usize) -> Vec<Household> {
    (0..count as i64)
        .map(|n| {
            let draw = |salt: i64, of: i64| (n * 7_919 + salt * 104_729 + n * n % 613).rem_euclid(of);
            let first = date(2017 + draw(1, 9) as i16, 1 + draw(2, 12) as i8, 1 + draw(3, 28) as i8);
            let first = first.max(date(2017, 4, 10));
            let born = |salt, from: i64, span| {
                date((from + draw(salt, span)) as i16, 1 + draw(salt + 1, 12) as i8, 1 + draw(salt + 2, 28) as i8)
            };
            let adults = (0..1 + draw(4, 2)).map(|a| (born(5 + a, 1965, 35), draw(8 + a, 3) * 70_011)).collect();
            let children = (0..draw(11, 4)).map(|c| born(12 + c, 2005, 12)).collect();
            let period = AssessmentPeriod::starting(first).unwrap();
            Household {
                period,
                adults,
                children,
                rent: draw(20, 90_000),
                capital: draw(21, 900_000),
                childcare: draw(22, 2) * 30_000,
            }
        })
        .collect()
}

fn cases(count: usize) -> Vec<Case> {
    let money = |pence| Value::Money(Money::from_pence(pence));
    let fact = |name: &str, value| (name.to_string(), value);
    let case = |(n, h): (usize, Household)| {
        let adult = |(a, (born, pay)): (usize, &(jiff::civil::Date, i64))| Person {
            id: format!("a{a}"),
            facts: vec![fact("birth_date", Value::Date(*born)), fact("net_earnings", money(*pay))],
        };
        let child = |(c, born): (usize, &jiff::civil::Date)| Person {
            id: format!("c{c}"),
            facts: vec![fact("birth_date", Value::Date(*born)), fact("role", Value::Enum("child".into()))],
        };
        let people = h.adults.iter().enumerate().map(adult).chain(h.children.iter().enumerate().map(child)).collect();
        let unit = vec![
            fact("tenure", Value::Enum("social".into())),
            fact("rent", money(h.rent)),
            fact("capital", money(h.capital)),
            fact("childcare_charges", money(h.childcare)),
        ];
        Case { name: format!("household {n}"), period: h.period, people, unit }
    };
    facts(count).into_iter().enumerate().map(case).collect()
}

struct Slots {
    birth: projections::engine::Slot,
    pay: projections::engine::Slot,
    role: projections::engine::Slot,
    tenure: projections::engine::Slot,
    rent: projections::engine::Slot,
    capital: projections::engine::Slot,
    childcare: projections::engine::Slot,
    child: i64,
    social: i64,
}

impl Slots {
    fn of(program: &Program) -> Slots {
        let slot = |name| program.slot(name).unwrap();
        Slots {
            birth: slot("birth_date"),
            pay: slot("net_earnings"),
            role: slot("role"),
            tenure: slot("tenure"),
            rent: slot("rent"),
            capital: slot("capital"),
            childcare: slot("childcare_charges"),
            child: program.word("child").unwrap(),
            social: program.word("social").unwrap(),
        }
    }

    fn fill(&self, batch: &mut Batch, household: &Household) {
        batch.add_case(household.period);
        batch.set(self.tenure, self.social);
        batch.set(self.rent, household.rent);
        batch.set(self.capital, household.capital);
        batch.set(self.childcare, household.childcare);
        for (born, pay) in &household.adults {
            batch.add_person();
            batch.set_day(self.birth, *born);
            batch.set(self.pay, *pay);
        }
        for born in &household.children {
            batch.add_person();
            batch.set_day(self.birth, *born);
            batch.set(self.role, self.child);
        }
    }
}

fn batch(program: &Program, cases: &[Case]) -> Batch {
    let (mut batch, slots) = (program.batch(), Slots::of(program));
    facts(cases.len()).iter().for_each(|household| slots.fill(&mut batch, household));
    batch
}

fn pack() -> Pack {
    Pack::load(&files()).unwrap()
}

fn files() -> PackFiles {
    let mut files = BTreeMap::new();
    read(Path::new(PACK), "", &mut files);
    PackFiles(files)
}

fn read(root: &Path, below: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(root.join(below)).unwrap().flatten() {
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read(root, &format!("{path}/"), files);
        } else {
            files.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}
