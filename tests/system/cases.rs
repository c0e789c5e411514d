//! Published figures and decided cases (`tests/cases/*.yaml`, as they were collected) against the tests of the pack: every
//! figure that was printed stands in a test, or `tests/cases/NOT_YET_COVERED.md` says which law it waits for. Never both.

#![expect(clippy::panic, reason = "a case that cannot be read fails its test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::ToSpan;
use jiff::civil::{Date, date};
use projections::engine::{Case, Exact, Pack, PackFiles, StatedCase, Value, read_cases};
use schemas::yaml::{self, Node, NodeKind};
use schemas::{Cycle, Money, PeriodKind};

use Stands::{Above, Here, Sum, Variance};

/// Where a printed figure stands under another name. A test is meant by words of its name, after the id.
#[derive(Clone, Copy, Debug)]
enum Stands {
    /// It is the sum of these: how often, the test, and a result of it or a fact stated in it (`a1.net_earnings`).
    Sum(&'static [(i64, &'static str, &'static str)]),
    /// It was published otherwise than the regulation has it: the test and its result; the test's name says what was published.
    Variance(&'static str, &'static str),
    /// It says whether this result of this test is above nought.
    Above(&'static str, &'static str),
    /// In a test of this file.
    Here,
}

/// Figures whose name is not that of a result. Those of the same name need no line here.
const ELSEWHERE: &[(&str, &str, Stands)] = &[
    ("ca-campbell-bedroom-ndd", "non_dependant_deduction", Sum(&[(1, "one spare", "housing_cost_contribution")])),
    ("ca-zoe-earnings", "earnings_deduction", Sum(&[(1, "55%", "earnings_reduction")])),
    ("ca-tariff-6001", "tariff_income_pm", Sum(&[(1, "a pound over", "tariff_income")])),
    ("quids-sam-2024", "excess", Sum(&[(1, "1,200", "a1.net_earnings"), (-1, "1,200", "work_allowance")])),
    ("quids-sam-2024", "earnings_deduction", Sum(&[(1, "1,200", "earnings_reduction")])),
    ("pip-single-rent-400", "income_after_rent", Sum(&[(1, "rent", "award"), (-1, "rent", "housing_costs_element")])),
    ("pip-single-rent-400", "award_implied", Sum(&[(1, "rent", "award")])),
    ("govuk-hardship-312", "last_ap_reduction", Sum(&[(1, "60%", "sanction_reduction")])),
    ("govuk-hardship-312", "daily_hardship", Sum(&[(1, "60%", "hardship_daily")])),
    ("govuk-hardship-312", "total", Sum(&[(1, "25 days", "hardship_payment")])),
    ("rb-jack-assessment-periods", "ap1", Here),
    ("rb-jack-assessment-periods", "ap2", Here),
    ("hs-alan-surplus-2020", "award_after_advance[0]", Sum(&[(1, "first period", "payment")])),
    ("hs-alan-surplus-2020", "award_after_advance[1]", Sum(&[(1, "second period", "payment")])),
    ("hs-alan-surplus-2020", "award_after_advance[2]", Sum(&[(1, "third period", "payment")])),
    ("hs-alan-surplus-2020", "ap3_taper", Sum(&[(1, "third period", "earnings_reduction")])),
    ("hs-alan-surplus-2020", "ap3_assessable", Sum(&[(1, "third period", "earned_income")])),
    ("hs-alan-surplus-2020", "surplus_from_ap3", Sum(&[(1, "third period", "surplus_earnings")])),
    ("hs-alan-surplus-2020", "ap4_earned_income", Variance("585.10", "earned_income")),
    ("hs-alan-surplus-2020", "ap4_taper", Variance("368.61", "earnings_reduction")),
    ("uceplus-tcd-174", "tariff_income_pm", Sum(&[(1, "capital over", "tariff_income")])),
    ("sanction-daily-2024-single_25", "daily_100", Sum(&[(1, "12.90", "sanction_reduction")])),
    ("sanction-daily-2024-single_25", "daily_40", Sum(&[(1, "reduced", "sanction_reduction")])),
    ("sanction-daily-2024-joint_25", "daily_100", Variance("10.15", "sanction_reduction")),
    ("sanction-daily-2024-joint_25", "daily_40", Variance("reduced", "sanction_reduction")),
    ("sanction-daily-2025-single_u25", "daily_100", Sum(&[(1, "10.40", "sanction_reduction")])),
    ("sanction-daily-2025-single_u25", "daily_40", Sum(&[(1, "reduced", "sanction_reduction")])),
    ("sanction-daily-2025-joint_u25", "daily_100", Variance("8.15", "sanction_reduction")),
    ("sanction-daily-2025-joint_u25", "daily_40", Variance("reduced", "sanction_reduction")),
    ("sanction-daily-2022-single_u25", "daily_100", Sum(&[(1, "8.70", "sanction_reduction")])),
    ("sanction-daily-2022-single_u25", "daily_40", Sum(&[(1, "reduced", "sanction_reduction")])),
    ("sanction-daily-2021-uplift-single_25", "daily_100", Sum(&[(1, "13.50", "sanction_reduction")])),
    ("sanction-daily-2021-uplift-single_25", "daily_40", Sum(&[(1, "reduced", "sanction_reduction")])),
    ("third-party-min-2024-single_25", "five_percent", Sum(&[(1, "third party", "third_party_amount")])),
    ("third-party-min-2024-single_25", "rent_ten_percent", Sum(&[(1, "third party", "rent_least")])),
    ("third-party-min-2024-joint_25", "five_percent", Sum(&[(1, "third party", "third_party_amount")])),
    ("third-party-min-2024-joint_25", "rent_ten_percent", Sum(&[(1, "third party", "rent_least")])),
    ("third-party-min-2025-single_u25", "five_percent", Sum(&[(1, "third party", "third_party_amount")])),
    ("third-party-min-2025-single_u25", "rent_ten_percent", Sum(&[(1, "third party", "rent_least")])),
    ("third-party-min-2025-joint_u25", "five_percent", Sum(&[(1, "third party", "third_party_amount")])),
    ("third-party-min-2025-joint_u25", "rent_ten_percent", Sum(&[(1, "third party", "rent_least")])),
    ("govuk-cap-monthly-2024", "london_family_pm", Sum(&[(1, "family in London", "benefit_cap")])),
    ("govuk-cap-monthly-2024", "london_single_pm", Sum(&[(1, "single in London", "benefit_cap")])),
    ("govuk-cap-monthly-2024", "outside_family_pm", Sum(&[(1, "couple outside", "benefit_cap")])),
    ("govuk-cap-monthly-2024", "outside_single_pm", Sum(&[(1, "single outside", "benefit_cap")])),
    (
        "ca-campbell-transitional-erosion",
        "transitional_element_after",
        Sum(&[(1, "50.00 more", "transitional_element")]),
    ),
    ("ca-lilo-grace", "grace_starts", Here),
    ("ca-lilo-grace", "grace_months", Here),
    ("ca-lilo-grace", "whole_months_left_at_claim", Here),
    ("ca-bianca-no-grace", "in_grace_period", Above("no grace period", "cap_grace_month")),
    ("PT-2015-UKUT-696", "earned_income_deduction", Sum(&[(1, "last wage", "earnings_reduction")])),
    ("LP-2018-UKUT-332", "entitlement_revised_from", Here),
    ("AF-2023-NICom-18", "arrears_for_ap_before_offset", Sum(&[(1, "670.06", "earnings_reduction")])),
    ("MOORE-2020-EWHC-2827", "facts.max_uc_without_deductions", Sum(&[(1, "pound for pound", "maximum_amount")])),
    (
        "MOORE-2020-EWHC-2827",
        "facts.better_off_if_smp",
        Sum(&[(1, "as earnings", "award"), (-1, "pound for pound", "award")]),
    ),
    ("PARKIN-2019-EWHC-2356", "deduction_with_mif", Sum(&[(1, "assumed", "earnings_reduction")])),
    ("PARKIN-2019-EWHC-2356", "deduction_without_mif", Sum(&[(1, "actual", "earnings_reduction")])),
    ("PANTELLERISCO-2021-EWCA-1454", "ap_with_one_payday.earnings", Sum(&[(1, "one pay day", "a1.net_earnings")])),
    ("PANTELLERISCO-2021-EWCA-1454", "ap_with_one_payday.cap_applies", Above("one pay day", "benefit_cap_reduction")),
    ("PANTELLERISCO-2021-EWCA-1454", "ap_with_two_paydays.earnings", Sum(&[(1, "two pay days", "a1.net_earnings")])),
    ("PANTELLERISCO-2021-EWCA-1454", "ap_with_two_paydays.cap_applies", Above("two pay days", "benefit_cap_reduction")),
    ("PANTELLERISCO-2021-EWCA-1454", "per_year", Here),
    ("JOHNSON-2020-EWCA-778", "loss_per_clash", JOHNSON_LOSS),
    ("JOHNSON-2020-EWCA-778", "two_ap_total_difference", JOHNSON_LOSS),
];

/// What two wages in one period and none in the next take off, over one wage in each.
const JOHNSON_LOSS: Stands = Sum(&[
    (1, "two wages", "earnings_reduction"),
    (1, "none in the next", "earnings_reduction"),
    (-2, "one wage in each", "earnings_reduction"),
]);

#[test]
fn every_printed_figure_stands_in_a_test_or_waits_for_law_and_never_both() {
    let (cases, tests, waiting) = (cases(), tests(), waiting());
    for id in waiting.keys() {
        assert!(cases.contains_key(id), "NOT_YET_COVERED.md: no case is called {id}");
    }
    for (id, case) in &cases {
        let (figures, tests) = (figures(id, case), tests_of(id, &tests));
        assert!(!figures.is_empty(), "{id} prints no figure, and none of its facts is looked at");
        let waits = waiting.get(id);
        let names: BTreeSet<&str> = figures.keys().map(String::as_str).collect();
        let listed: BTreeSet<&str> = match waits.map(|w| w.figures.as_str()) {
            None => BTreeSet::new(),
            Some("all") => names.clone(),
            Some(some) => some.split(',').map(str::trim).collect(),
        };
        assert!(listed.is_subset(&names), "{id}: {:?} are not among its figures", listed.difference(&names));
        let stands = |figure: &str| is_elsewhere(id, figure) || tests.iter().any(|test| expects(test, figure));
        for figure in &names {
            assert!(stands(figure) != listed.contains(figure), "{id}: {figure} must stand in a test or wait, not both");
        }
        if listed == names {
            assert_eq!(waits.map(|w| w.figures.as_str()), Some("all"), "{id}");
            assert!(tests.is_empty(), "{id} waits as a whole, and a test bears its name");
        }
    }
}

#[test]
fn the_figures_in_the_tests_are_those_that_were_printed() {
    let (cases, tests) = (cases(), tests());
    let mut compared = 0;
    for (id, case) in &cases {
        let tests = tests_of(id, &tests);
        for (figure, printed) in figures(id, case) {
            for test in tests.iter().filter(|test| expects(test, &figure)) {
                assert_eq!(value(test, &figure), number(&printed), "{}: {figure}", test.case.name);
                compared += 1;
            }
            for (_, _, stands) in ELSEWHERE.iter().filter(|(of, name, _)| of == id && *name == figure) {
                compare(id, &printed, *stands, &tests);
                compared += 1;
            }
        }
    }
    // Eleven figures have the names of results: cpag-gail-joe-2019 five, ca-campbell-bedroom-ndd two, four others one each.
    assert_eq!(compared, ELSEWHERE.len() + 11);
}

#[test]
fn every_line_of_the_table_is_about_a_figure_and_every_test_about_a_case() {
    let (cases, tests) = (cases(), tests());
    for (id, figure, _) in ELSEWHERE {
        let case = cases.get(*id).unwrap_or_else(|| panic!("no case is called {id}"));
        assert!(figures(id, case).contains_key(*figure), "{id} has no figure {figure}");
    }
    for (file, test) in &tests {
        let id = test.case.name.split(": ").next().unwrap_or_default();
        let of_cases = ["tests/published_examples.yaml", "tests/case_law.yaml"].contains(&file.as_str());
        assert!(!of_cases || cases.contains_key(id), "{file}: `{}` bears the name of no case", test.case.name);
    }
}

#[test]
fn the_periods_of_an_award_from_18_september_run_from_the_18th_to_the_17th() {
    // rb-jack-assessment-periods: LITRG, "Calculating universal credit".
    let case = &cases()["rb-jack-assessment-periods"];
    let cycle = Cycle::Monthly { from: date(2023, 9, 18) };
    let first = cycle.first().unwrap();
    let second = cycle.next(first).unwrap();
    for (name, period) in [("ap1", first), ("ap2", second)] {
        let days = format!("{}..{}", period.first().strftime("%m-%d"), period.last().strftime("%m-%d"));
        assert_eq!(case.get("expected").and_then(|e| e.get(name)).and_then(Node::text), Some(days.as_str()));
    }
}

// PANTELLERISCO-2021-EWCA-1454, as printed: 13 paydays over 12 APs: 11 APs capped, 1 not.
#[test]
fn a_year_of_four_weekly_pay_of_525_44_is_capped_in_eleven_periods_and_not_in_the_one_with_two_pay_days() {
    let (pack, tests) = (pack(), tests());
    let tests = tests_of("PANTELLERISCO-2021-EWCA-1454", &tests);
    let case = &tests.iter().find(|test| test.case.name.contains("one pay day")).unwrap().case;
    let program = pack.compile(Some(&["benefit_cap_reduction"])).unwrap();
    let days: Vec<Date> = (0..13).map(|n| date(2019, 6, 10).saturating_add((28 * n).days())).collect();
    let cycle = Cycle::new(PeriodKind::Month, case.period.first());
    let mut capped = BTreeMap::new();
    for period in std::iter::successors(cycle.first(), |period| cycle.next(*period)).take(12) {
        let pay_days = days.iter().filter(|day| period.contains(**day)).count();
        let mut case = Case { period, ..case.clone() };
        let paid = case.people[0].facts.iter_mut().find(|(name, _)| name == "net_earnings").unwrap();
        paid.1 = Value::Money(Money::from_pence(52_544 * i64::try_from(pay_days).unwrap()));
        let answer = program.run(&[case]).remove(0).unwrap();
        let is_capped = answer.get("benefit_cap_reduction").unwrap().exact > Exact::ZERO;
        *capped.entry((pay_days, is_capped)).or_insert(0) += 1;
    }
    assert_eq!(capped, BTreeMap::from([((1, true), 11), ((2, false), 1)]));
}

#[test]
fn nine_months_of_grace_from_the_day_after_a_job_ended_leave_eight_whole_ones_from_the_month_of_the_claim() {
    // ca-lilo-grace: Citizens Advice, "Check how much Universal Credit you'll get".
    let (case, tests) = (&cases()["ca-lilo-grace"], tests());
    let printed = |figure: &str| case.get("expected").and_then(|e| e.get(figure)).and_then(Node::text).unwrap();
    let test = tests_of("ca-lilo-grace", &tests)[0];
    let day = |rule: &str| -> Date { test.expected.iter().find(|e| e.rule == rule).unwrap().text.parse().unwrap() };
    let months_to_its_end = |from: Date| {
        let after = day("cap_grace_ends").tomorrow().unwrap();
        from.until((jiff::Unit::Month, after)).unwrap().get_months().to_string()
    };
    assert_eq!(day("cap_grace_begins").to_string(), printed("grace_starts"));
    assert_eq!(months_to_its_end(day("cap_grace_begins")), printed("grace_months"));
    assert_eq!(months_to_its_end(test.case.period.first()), printed("whole_months_left_at_claim"));
}

#[test]
fn a_wage_overlooked_belongs_to_the_period_in_which_it_was_paid_and_the_decision_is_revised_from_its_first_day() {
    // LP-2018-UKUT-332: LP v SSWP (UC) [2018] UKUT 332 (AAC).
    let case = &cases()["LP-2018-UKUT-332"];
    let stated = |path: &[&str]| path.iter().fold(case, |node, key| node.get(key).unwrap()).text().unwrap();
    let paid_on: Date = stated(&["facts", "wage_paid_on"]).parse().unwrap();
    let period = Cycle::new(PeriodKind::Month, date(2015, 12, 1)).containing(paid_on).unwrap();
    assert_eq!(period.first().to_string(), stated(&["expected", "entitlement_revised_from"]));
    assert_eq!(period.last().to_string(), stated(&["facts", "ap", "end"]));
}

#[track_caller]
fn compare(id: &str, printed: &str, stands: Stands, tests: &[&StatedCase]) {
    let meant = |words: &str| {
        let mut fitting = tests.iter().filter(|test| test.case.name[id.len()..].contains(words));
        let one = fitting.next().unwrap_or_else(|| panic!("{id}: no test has `{words}` in its name"));
        assert!(fitting.next().is_none(), "{id}: several tests have `{words}` in their names");
        *one
    };
    match stands {
        Sum(terms) => {
            let term = |(times, words, name): &(i64, &str, &str)| {
                value(meant(words), name).checked_mul(Exact::whole((*times).into())).unwrap()
            };
            let sum = terms.iter().map(term).reduce(|a, b| a.checked_add(b).unwrap()).unwrap();
            assert_eq!(sum, number(printed), "{id}: {terms:?}");
        }
        Variance(words, name) => {
            let (test, published) = (meant(words), number(printed));
            assert_ne!(value(test, name), published, "{}: no longer a variance", test.case.name);
            let pence = published.in_units_of(100).unwrap();
            let said = format!("(published as {}.{:02})", pence / 100, pence % 100);
            assert!(test.case.name.ends_with(&said), "{}: its name must end {said}", test.case.name);
        }
        Above(words, name) => {
            let above = value(meant(words), name) > Exact::ZERO;
            assert_eq!(above.to_string(), printed, "{id}: {words}");
        }
        Here => {}
    }
}

/// A result that a test expects, or a fact that it states of a person.
#[track_caller]
fn value(test: &StatedCase, name: &str) -> Exact {
    let expected = test.expected.iter().find(|e| e.rule == name).map(|e| number(&e.text));
    let stated = || {
        let (person, fact) = name.split_once('.')?;
        let person = test.case.people.iter().find(|p| p.id == person)?;
        match person.facts.iter().find(|(name, _)| name == fact)? {
            (_, Value::Money(money)) => Exact::new(money.pence().into(), 100),
            (_, Value::Rate(_) | Value::Count(_) | Value::Bool(_) | Value::Date(_) | Value::Enum(_)) => None,
        }
    };
    expected.or_else(stated).unwrap_or_else(|| panic!("{} has no {name}", test.case.name))
}

fn expects(test: &StatedCase, figure: &str) -> bool {
    test.expected.iter().any(|e| e.rule == figure)
}

fn is_elsewhere(id: &str, figure: &str) -> bool {
    ELSEWHERE.iter().any(|(of, name, _)| *of == id && *name == figure)
}

/// The number at the start of a printed figure.
#[track_caller]
fn number(printed: &str) -> Exact {
    let first = printed.split(' ').next().unwrap_or_default();
    Exact::parse(first).unwrap_or_else(|| panic!("`{printed}` is no number"))
}

/// What a case prints as expected, or the facts of it that [`ELSEWHERE`] looks at where it expects nothing.
fn figures(id: &str, case: &Node) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    match case.get("expected") {
        Some(expected) => flatten("", expected, &mut out),
        None => {
            case.get("facts").into_iter().for_each(|facts| flatten("facts", facts, &mut out));
            out.retain(|figure, _| is_elsewhere(id, figure));
        }
    }
    out
}

/// `a: {b: [1]}` as `a.b[0]: 1`; what is null was not printed.
fn flatten(path: &str, node: &Node, out: &mut BTreeMap<String, String>) {
    match &node.kind {
        NodeKind::Scalar { text, quoted } => {
            if *quoted || text != "null" {
                out.insert(path.to_string(), text.clone());
            }
        }
        NodeKind::List(items) => {
            items.iter().enumerate().for_each(|(index, item)| flatten(&format!("{path}[{index}]"), item, out));
        }
        NodeKind::Map(entries) => {
            for (key, item) in entries {
                let key = key.text().unwrap_or_default();
                flatten(&if path.is_empty() { key.to_string() } else { format!("{path}.{key}") }, item, out);
            }
        }
    }
}

/// A row of the table in NOT_YET_COVERED.md.
struct Waiting {
    figures: String,
}

/// The first table of NOT_YET_COVERED.md, by id.
fn waiting() -> BTreeMap<String, Waiting> {
    let text = fs::read_to_string(root("tests/cases/NOT_YET_COVERED.md")).unwrap();
    let mut out = BTreeMap::new();
    let rows = text.lines().take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("| "));
    for row in rows.filter(|row| !row.starts_with("| id ") && !row.starts_with("| ---")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [id, figures, _, law] = cells[..] else { panic!("four cells are expected in `{row}`") };
        assert!(law.len() > 3, "{id}: say which law it waits for");
        let before = out.insert(id.to_string(), Waiting { figures: figures.to_string() });
        assert!(before.is_none(), "{id} is listed twice");
    }
    out
}

/// Every case that was collected, by id.
fn cases() -> BTreeMap<String, Node> {
    let mut out = BTreeMap::new();
    for file in ["published_worked_examples.yaml", "case_law.yaml"] {
        let text = fs::read_to_string(root("tests/cases").join(file)).unwrap();
        let document = yaml::parse(&text).unwrap();
        for case in document.get("cases").map(Node::items).unwrap_or_default() {
            let id = case.get("id").and_then(Node::text).unwrap().to_string();
            assert!(out.insert(id, case.clone()).is_none());
        }
    }
    out
}

/// Every test of the pack, with its file.
fn tests() -> Vec<(String, StatedCase)> {
    let (files, pack) = (files(), pack());
    // Those in a folder of their own are in the form of another program.
    let own = |file: &str| file.strip_prefix("tests/").is_some_and(|name| !name.contains('/'));
    let tests = files.0.iter().filter(|(file, _)| own(file));
    let stated = |(file, text): (&String, &String)| {
        read_cases(&pack, text).unwrap().into_iter().map(|test| (file.clone(), test)).collect::<Vec<_>>()
    };
    tests.flat_map(stated).collect()
}

/// The pack.
fn pack() -> Pack {
    Pack::load(&files()).unwrap()
}

/// Its files.
fn files() -> PackFiles {
    let mut files = BTreeMap::new();
    read(&root("schemas/packs/uk-universal-credit/2026.11"), "", &mut files);
    PackFiles(files)
}

fn tests_of<'t>(id: &str, tests: &'t [(String, StatedCase)]) -> Vec<&'t StatedCase> {
    let name = format!("{id}: ");
    tests.iter().map(|(_, test)| test).filter(|test| test.case.name.starts_with(&name)).collect()
}

pub fn read(folder: &Path, below: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read(folder, &format!("{path}/"), files);
        } else {
            files.insert(path, fs::read_to_string(entry.path()).unwrap());
        }
    }
}

pub fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
