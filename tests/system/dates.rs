//! In the time of a shipped pack nothing that its results need has a gap or an overlap: every rule has a version and every
//! parameter a value, on the last day of the old law and on the first of the new, whoever the case is about.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use jiff::ToSpan;
use jiff::civil::Date;
use projections::engine::{AppliesTo, Case, CaseFault, Pack, PackFiles, read_cases};
use schemas::{AssessmentPeriod, Cycle, PeriodKind};

use crate::cases::{read, root};

#[test]
fn no_rule_and_no_parameter_of_a_shipped_pack_has_a_gap_in_its_time() {
    for (name, pack, cases) in shipped() {
        let program = pack.compile(None).unwrap();
        let periods = periods(&pack);
        // A quarter of the cases in each period, and another one in the next.
        let at = |(number, period): (usize, &AssessmentPeriod)| -> Vec<Case> {
            let some = cases.iter().skip(number % 4).step_by(4);
            some.map(|case| Case { period: *period, ..case.clone() }).collect()
        };
        let moved: Vec<Case> = periods.iter().enumerate().flat_map(at).collect();
        assert!(periods.len() > 1 && !cases.is_empty(), "{name}");
        for (case, answer) in moved.iter().zip(program.run(&moved)) {
            if let Err(error) = answer
                && let CaseFault::NoValue { .. } | CaseFault::NoVersion { .. } | CaseFault::Unlimited { .. } = error.why
            {
                panic!("{name}: {}, moved to {}: {}", case.name, case.period, error.why);
            }
        }
    }
}

#[test]
fn no_day_of_a_shipped_pack_has_two_values_of_a_parameter_or_two_versions_of_a_rule() {
    for (name, pack, _) in shipped() {
        for leaf in pack.leaves() {
            assert!(leaf.values.windows(2).all(|two| two[0].from < two[1].from), "{name}: {}", leaf.path);
        }
        for rule in pack.rules() {
            assert!(rule.versions.windows(2).all(|two| two[0].from < two[1].from), "{name}: {}", rule.id);
        }
    }
}

/// The pack's first period, and around each day on which something in it changes the last period of the old law and the
/// first of the new, by the clock that the change goes by.
fn periods(pack: &Pack) -> BTreeSet<AssessmentPeriod> {
    let (length, apart) = match pack.periods() {
        PeriodKind::Month => (1.month(), 1.day()),
        PeriodKind::Week | PeriodKind::WeekFromMonday => (1.week(), 1.week()),
    };
    let around = |(day, clock): (Date, AppliesTo)| match clock {
        AppliesTo::PeriodStart => [day.checked_sub(apart), Ok(day)].map(Result::unwrap),
        AppliesTo::PeriodEnd => [day, day.tomorrow().unwrap()].map(|day| day.checked_sub(length).unwrap()),
    };
    let values = pack.leaves().iter().flat_map(|leaf| leaf.values.iter().map(|v| (v.from, leaf.applies_to)));
    let versions = pack.rules().flat_map(|rule| rule.versions.iter());
    let versions = versions.filter_map(|version| Some((version.from?, version.applies_to)));
    let (from, to) = pack.in_force();
    let days = values.chain(versions).flat_map(around).chain([from]);
    let periods = days.filter_map(|day| Cycle::new(pack.periods(), day).first());
    periods.filter(|period| period.first() >= from && to.is_none_or(|to| period.first() <= to)).collect()
}

/// Every shipped pack with the cases of its tests, a reform with some of those of its base too.
fn shipped() -> Vec<(String, Pack, Vec<Case>)> {
    let mut folders = BTreeMap::new();
    for name in names("schemas/packs") {
        for version in names(&format!("schemas/packs/{name}")) {
            let mut files = BTreeMap::new();
            read(&root(&format!("schemas/packs/{name}/{version}")), "", &mut files);
            folders.insert(format!("{name}@{version}"), PackFiles(files));
        }
    }
    let is_base = |files: &PackFiles| !files.0["pack.yaml"].lines().any(|line| line.starts_with("base:"));
    let (bases, mut reforms): (Vec<_>, Vec<_>) = folders.into_iter().partition(|(_, files)| is_base(files));
    let mut out: Vec<(String, Pack, Vec<Case>)> = Vec::new();
    for (name, files) in bases {
        let pack = Pack::load(&files).unwrap();
        let cases = cases(&pack, &files);
        out.push((name, pack, cases));
    }
    // A reform may stand on another.
    while !reforms.is_empty() {
        let before = reforms.len();
        reforms.retain(|(name, files)| {
            let Some((_, base, inherited)) =
                out.iter().find(|(_, pack, _)| files.0["pack.yaml"].contains(&pack.digest()))
            else {
                return true;
            };
            let pack = base.with_reform(files).unwrap();
            let inherited = inherited.iter().step_by(10).cloned();
            let cases = inherited.chain(cases(&pack, files)).collect();
            out.push((name.clone(), pack, cases));
            false
        });
        assert!(reforms.len() < before, "no base has the digest that {} names", reforms[0].0);
    }
    out
}

fn cases(pack: &Pack, files: &PackFiles) -> Vec<Case> {
    // Those in a folder of their own are in the form of another program.
    let own = |file: &str| file.strip_prefix("tests/").is_some_and(|name| !name.contains('/'));
    let tests = files.0.iter().filter(|(file, _)| own(file));
    tests.flat_map(|(_, text)| read_cases(pack, text).unwrap()).map(|stated| stated.case).collect()
}

fn names(folder: &str) -> Vec<String> {
    let folders = fs::read_dir(root(folder)).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
