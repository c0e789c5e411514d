//! The shipped law of deductions, whatever is asked for: what holds of every payment.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::date;
use projections::engine::{Answer, Case, Pack, PackFiles, Person, Program, Value};
use proptest::prelude::*;
use schemas::{AssessmentPeriod, Money};

/// The statutory order with what comes before it; what rent and fines have beyond their least comes last.
const ORDER: [&str; 20] = [
    "deducted_for_advance",
    "deducted_for_budgeting_advance",
    "deducted_for_owner_housing_costs",
    "rent_arrears_at_least",
    "gas_in_order",
    "electricity_in_order",
    "deducted_for_council_tax",
    "fine_at_usual_share",
    "deducted_for_water",
    "deducted_for_maintenance_contribution",
    "child_maintenance_in_order",
    "deducted_for_social_fund",
    "deducted_for_hardship",
    "deducted_for_administrative_penalty",
    "deducted_for_fraud_overpayment",
    "deducted_for_civil_penalty",
    "deducted_for_overpayment",
    "deducted_for_integration_loan",
    "deducted_for_eligible_loan",
    "rent_arrears_above_least",
];

const KINDS: [&str; 21] = [
    "fraud_penalty",
    "child_maintenance",
    "advance",
    "budgeting_advance",
    "owner_housing_costs",
    "rent_arrears",
    "gas",
    "electricity",
    "council_tax",
    "fine",
    "water",
    "maintenance_contribution",
    "social_fund",
    "hardship",
    "administrative_penalty",
    "fraud_overpayment",
    "civil_penalty",
    "overpayment",
    "integration_loan",
    "eligible_loan",
    "third_party",
];

const THIRD_PARTIES: [&str; 11] = [
    "owner_housing_costs",
    "rent_arrears",
    "gas",
    "electricity",
    "council_tax",
    "fine",
    "water",
    "maintenance_contribution",
    "integration_loan",
    "eligible_loan",
    "third_party",
];

/// What else the law of deductions gives.
const OTHERS: [&str; 9] = [
    "award",
    "sanction_reduction",
    "deductions_limit",
    "deductions_total",
    "payment",
    "child_maintenance_before_others",
    "rent_arrears_beyond_limit",
    "gas_beyond_limit",
    "electricity_beyond_limit",
];

/// What is asked for each kind, earnings, days of a sanction, last resorts of rent and fuel, and the year.
type Facts = (Vec<i64>, i64, i64, bool, bool, i16);

fn facts() -> impl Strategy<Value = Facts> {
    let sum = prop_oneof![3 => Just(0), 2 => 1..12_000i64];
    let asked = proptest::collection::vec(sum, KINDS.len());
    let earnings = prop_oneof![Just(0), 0..90_000i64];
    let days = prop_oneof![3 => Just(0), 1 => 1..40i64];
    (asked, earnings, days, any::<bool>(), any::<bool>(), 2014..2027i16)
}

fn case((asked, earnings, days, rent, fuel, year): &Facts) -> Case {
    let money = |pence| Value::Money(Money::from_pence(pence));
    let person = vec![
        ("birth_date".to_string(), Value::Date(date(1980, 1, 1))),
        ("net_earnings".to_string(), money(*earnings)),
        ("sanction_days".to_string(), Value::Count(*days)),
    ];
    let mut unit: Vec<(String, Value)> =
        KINDS.iter().zip(asked).map(|(kind, pence)| (format!("asked_for_{kind}"), money(*pence))).collect();
    unit.push(("rent_last_resort".into(), Value::Bool(*rent)));
    unit.push(("fuel_last_resort".into(), Value::Bool(*fuel)));
    let period = AssessmentPeriod::starting(date(*year, 7, 1)).unwrap();
    Case { name: "anybody".into(), period, people: vec![Person { id: "a1".into(), facts: person }], unit }
}

static PROGRAM: LazyLock<Program> = LazyLock::new(|| {
    let mut files = BTreeMap::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/packs/uk-universal-credit/2026.11"), "", &mut files);
    let pack = Pack::load(&PackFiles(files)).unwrap();
    let kinds: Vec<String> = KINDS.iter().map(|kind| format!("deducted_for_{kind}")).collect();
    let rules = kinds.iter().map(String::as_str).chain(ORDER).chain(OTHERS).collect::<BTreeSet<_>>();
    pack.compile(Some(&rules.into_iter().collect::<Vec<_>>())).unwrap()
});

fn read(folder: &Path, below: &str, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read(folder, &format!("{path}/"), files);
        } else if path.ends_with(".yaml") && !path.starts_with("tests/") {
            files.insert(path, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
}

/// What a rule came to, in pence.
fn pence(answer: &Answer, rule: &str) -> i64 {
    answer.get(rule).and_then(|figure| figure.money()).unwrap().pence()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn deductions_add_up_leave_a_penny_and_keep_to_limit_number_and_order(facts in facts()) {
        let answer = PROGRAM.run(&[case(&facts)]).remove(0).unwrap();
        let of = |rule: &str| pence(&answer, rule);
        let (payment, total) = (of("payment"), of("deductions_total"));

        // A penny is left wherever something is taken, and nobody owes for being paid.
        prop_assert!(payment >= 0 && (total == 0 || payment >= 1));
        prop_assert_eq!(of("award") - of("sanction_reduction") - total, payment);

        // The kinds add up, and none has more than was asked for it.
        let by_kind: Vec<i64> = KINDS.iter().map(|kind| of(&format!("deducted_for_{kind}"))).collect();
        prop_assert_eq!(by_kind.iter().sum::<i64>(), total);
        for (taken, asked) in by_kind.iter().zip(&facts.0) {
            prop_assert!(0 <= *taken && taken <= asked);
        }

        // Only fraud penalties, child maintenance while it comes first, and last resorts go beyond the limit.
        let beyond = ["deducted_for_fraud_penalty", "child_maintenance_before_others"];
        let last_resort = ["rent_arrears_beyond_limit", "gas_beyond_limit", "electricity_beyond_limit"];
        let outside: i64 = beyond.iter().chain(&last_resort).map(|rule| of(rule)).sum();
        let room = (of("deductions_limit") - of("sanction_reduction")).max(0);
        prop_assert!(total - outside <= room);

        let paid = THIRD_PARTIES.iter().filter(|kind| of(&format!("deducted_for_{kind}")) > 0).count();
        prop_assert!(paid <= 3, "{} third parties", paid);

        // Where a recovery is cut short, nothing is left for what comes after it.
        let short = ["advance", "budgeting_advance", "social_fund", "hardship", "administrative_penalty"];
        for kind in short {
            let at = ORDER.iter().position(|rule| *rule == format!("deducted_for_{kind}")).unwrap();
            if of(ORDER[at]) < facts.0[KINDS.iter().position(|other| *other == kind).unwrap()] {
                prop_assert!(ORDER[at + 1..].iter().all(|rule| of(rule) == 0), "after {}", kind);
            }
        }
    }
}
