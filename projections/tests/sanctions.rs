//! The reduction for sanctions, stated a second time: the steps of SI 2013/376 regs. 110 and 111 in whole pence, against the
//! pack.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::date;
use projections::engine::{Case, Pack, PackFiles, Person, Program, Value};
use proptest::prelude::*;
use schemas::{AssessmentPeriod, Money};

const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/packs/uk-universal-credit/2026.11");

static UNIVERSAL_CREDIT: LazyLock<Program> = LazyLock::new(|| {
    let mut files = vec![("pack.yaml".to_string(), fs::read_to_string(Path::new(PACK).join("pack.yaml")).unwrap())];
    for folder in ["parameters", "rules"] {
        for entry in fs::read_dir(Path::new(PACK).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.push((format!("{folder}/{name}"), fs::read_to_string(&path).unwrap()));
        }
    }
    Pack::load(&PackFiles(files.into_iter().collect())).unwrap().compile(None).unwrap()
});

/// A claimant as far as sanctions go.
#[derive(Clone, Copy, Debug)]
struct Claimant {
    days: i64,
    interviews_only: bool,
    found_unfit: bool,
}

/// Reg. 111: pence a day, before a couple's rate is halved.
fn daily_rate(allowance: i64, claimant: Claimant) -> i64 {
    let (share, whole) = if claimant.interviews_only { (40, 100) } else { (1, 1) };
    if claimant.found_unfit { 0 } else { allowance * 12 * share / (365 * whole) / 10 * 10 }
}

/// Reg. 110: the four steps, for one or two claimants.
fn reduction(allowance: i64, award: i64, days_in_period: i64, claimants: &[Claimant]) -> i64 {
    let people = i64::try_from(claimants.len()).unwrap();
    let of_one = |claimant: &Claimant| {
        let taken = claimant.days.min(days_in_period) * daily_rate(allowance, *claimant) / people;
        taken.min((allowance + people - 1) / people) // Half a penny up.
    };
    claimants.iter().map(of_one).sum::<i64>().min(allowance).min(award)
}

fn claimant() -> impl Strategy<Value = Claimant> {
    let days = prop_oneof![Just(0), 0..40i64, Just(1_095)];
    (days, any::<bool>(), proptest::bool::weighted(0.2)).prop_map(|(days, interviews_only, found_unfit)| Claimant {
        days,
        interviews_only,
        found_unfit,
    })
}

fn person(number: usize, claimant: Claimant, earnings: i64) -> Person {
    let mut facts = vec![
        ("birth_date".to_string(), Value::Date(date(1980, 1, 1))),
        ("sanction_days".into(), Value::Count(claimant.days)),
        ("interviews_only".into(), Value::Bool(claimant.interviews_only)),
        ("net_earnings".into(), Value::Money(Money::from_pence(earnings))),
    ];
    if claimant.found_unfit {
        facts.push(("lcwra_since".into(), Value::Date(date(2014, 1, 1))));
    }
    Person { id: format!("a{number}"), facts }
}

proptest! {
    #[test]
    fn a_sanction_takes_what_regs_110_and_111_give_and_never_more_than_allowance_or_award(
        claimants in proptest::collection::vec(claimant(), 1..3),
        month in 0..120i16,
        earnings in prop_oneof![Just(0), 0..200_000i64],
    ) {
        let (year, month) = (2017 + (month + 4) / 12, i8::try_from((month + 4) % 12 + 1).unwrap());
        let period = AssessmentPeriod::starting(date(year, month, 1)).unwrap();
        let people = claimants.iter().enumerate().map(|(number, one)| {
            person(number, *one, if number == 0 { earnings } else { 0 })
        });
        let case = Case { name: "sanctioned".into(), period, people: people.collect(), unit: Vec::new() };
        let steps = UNIVERSAL_CREDIT.trace(&case).unwrap();
        let pence = |rule: &str| {
            steps.iter().find(|step| *step.id == *rule && step.person.is_none()).unwrap().value.money().unwrap().pence()
        };
        let (allowance, award, taken) = (pence("standard_allowance"), pence("award"), pence("sanction_reduction"));
        prop_assert_eq!(taken, reduction(allowance, award, period.days(), &claimants));
        prop_assert!(taken <= allowance && taken <= award);
    }
}
