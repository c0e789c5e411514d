//! Published amounts (`tests/cases/uk_rates.yaml`, as they were collected) against the shipped packs: every amount that is
//! supported stands in a pack, on its day, with its instrument and as well supported as it was found to be, or the table
//! says what it is instead. And what was only recalled says so.

#![expect(clippy::panic, reason = "a figure that stands nowhere fails its test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use jiff::ToSpan;
use jiff::civil::Date;
use projections::engine::{Exact, LeafValue, Pack, PackFiles, read_cases};
use schemas::Confidence;
use schemas::yaml::{self, Node, NodeKind};

use Stands::{Elsewhere, LastDay, Parameter, Worked};

use crate::cases::{read, root};

/// Where a published amount stands.
#[derive(Clone, Copy, Debug)]
enum Stands {
    /// It is a value of one of these parameters, from its day on.
    Parameter(&'static [&'static str]),
    /// It is what a rule comes to for this input, in the period that starts on its day, or on this one where it has none.
    Worked(&'static str, &'static str, Option<&'static str>),
    /// The same, in the period that ends on its day.
    LastDay(&'static str, &'static str),
    /// It is no amount of a shipped pack, for this reason.
    Elsewhere(&'static str),
}

const OWN_PACK: &str = "another benefit, with a pack of its own or to have one";
const RECEIVED: &str = "another benefit: what a person receives of it is a fact of the case";
const SANCTION: &str = "the length of a sanction: ledger/src/sanction_length.rs and its tests";
const UNDER_25: &str = "{people: {a1: {birth_date: 2000-01-01}}}";
const SINGLE: &str = "{people: {a1: {birth_date: 1980-01-01}}}";
const COUPLE_UNDER_25: &str = "{people: {a1: {birth_date: 2000-01-01}, a2: {birth_date: 2000-01-01}}}";
const COUPLE: &str = "{people: {a1: {birth_date: 1980-01-01}, a2: {birth_date: 2000-01-01}}}";
const IN_LONDON: &str = "{people: {a1: {birth_date: 1980-01-01}}, unit: {region: london}}";
const COUPLE_IN_LONDON: &str =
    "{people: {a1: {birth_date: 1980-01-01}, a2: {birth_date: 1980-01-01}}, unit: {region: london}}";
const ALLOWANCE: &str = "standard_allowance";
const CAP: &str = "benefit_cap";
const APRIL_2023: Option<&str> = Some("2023-04-10");

/// By the name of a figure, or the beginning of it; of several that fit the longest counts.
const WHERE: &[(&str, Stands)] = &[
    (
        "standard_allowance.single_under_25",
        Parameter(&["standard_allowance.single_under_25", "standard_allowance.modified_2020_21.single_under_25"]),
    ),
    ("standard_allowance.single_under_25@2021-04-12", Worked(UNDER_25, ALLOWANCE, None)),
    ("standard_allowance.single_under_25@2021-10-06", LastDay(UNDER_25, ALLOWANCE)),
    (
        "standard_allowance.single_25_or_over",
        Parameter(&["standard_allowance.single_25_or_over", "standard_allowance.modified_2020_21.single_25_or_over"]),
    ),
    ("standard_allowance.single_25_or_over@2021-04-12", Worked(SINGLE, ALLOWANCE, None)),
    ("standard_allowance.single_25_or_over@2021-10-06", LastDay(SINGLE, ALLOWANCE)),
    (
        "standard_allowance.joint_both_under_25",
        Parameter(&[
            "standard_allowance.joint_both_under_25",
            "standard_allowance.modified_2020_21.joint_both_under_25",
        ]),
    ),
    ("standard_allowance.joint_both_under_25@2021-04-12", Worked(COUPLE_UNDER_25, ALLOWANCE, None)),
    ("standard_allowance.joint_both_under_25@2021-10-06", LastDay(COUPLE_UNDER_25, ALLOWANCE)),
    (
        "standard_allowance.joint_either_25_or_over",
        Parameter(&[
            "standard_allowance.joint_either_25_or_over",
            "standard_allowance.modified_2020_21.joint_either_25_or_over",
        ]),
    ),
    ("standard_allowance.joint_either_25_or_over@2021-04-12", Worked(COUPLE, ALLOWANCE, None)),
    ("standard_allowance.joint_either_25_or_over@2021-10-06", LastDay(COUPLE, ALLOWANCE)),
    ("standard_allowance_without_20_pound_uplift.single_under_25", Parameter(&["standard_allowance.single_under_25"])),
    (
        "standard_allowance_without_20_pound_uplift.single_25_or_over",
        Parameter(&["standard_allowance.single_25_or_over"]),
    ),
    (
        "standard_allowance_without_20_pound_uplift.joint_both_under_25",
        Parameter(&["standard_allowance.joint_both_under_25"]),
    ),
    (
        "standard_allowance_without_20_pound_uplift.joint_either_25_or_over",
        Parameter(&["standard_allowance.joint_either_25_or_over"]),
    ),
    (
        "standard_allowance.covid_uplift",
        Elsewhere("in 2020 amounts took the place of the table's (SI 2020/371); 86.67 is added from 6 April 2021 on"),
    ),
    ("standard_allowance.minimum_path_2026_to_2029", Elsewhere("rises of years to come, on amounts not fixed yet")),
    ("child_element.first_child_born_before_2017_04_06", Parameter(&["child_element.first_child"])),
    ("child_element.other", Parameter(&["child_element.other"])),
    ("disabled_child_addition.lower", Parameter(&["disabled_child_addition.lower"])),
    ("disabled_child_addition.higher", Parameter(&["disabled_child_addition.higher"])),
    ("lcw_element", Parameter(&["lcw_element.saved"])),
    ("lcwra_element", Parameter(&["lcwra_element.protected"])),
    ("lcwra_element.other_claimants_from_2026", Parameter(&["lcwra_element.new"])),
    ("carer_element", Parameter(&["carer_element.amount"])),
    ("childcare_costs_element.max_one_child", Parameter(&["childcare_costs_element.max_one_child"])),
    ("childcare_costs_element.max_two_or_more", Parameter(&["childcare_costs_element.max_two_or_more"])),
    ("childcare_costs_element.rate", Parameter(&["childcare_costs_element.rate"])),
    (
        "work_allowance.higher_no_housing_costs_element",
        Parameter(&["work_allowance.higher", "work_allowance.november_2021.higher"]),
    ),
    (
        "work_allowance.lower_with_housing_costs_element",
        Parameter(&["work_allowance.lower", "work_allowance.november_2021.lower"]),
    ),
    ("work_allowance.2021_11_24_change.higher", Parameter(&["work_allowance.november_2021.higher"])),
    ("work_allowance.2021_11_24_change.lower", Parameter(&["work_allowance.november_2021.lower"])),
    ("work_allowance.2013_table.higher.single_no_child", Parameter(&["work_allowance_2013.higher.single.no_child"])),
    (
        "work_allowance.2013_table.higher.single_with_child",
        Parameter(&["work_allowance_2013.higher.single.with_child"]),
    ),
    (
        "work_allowance.2013_table.higher.single_lcw",
        Parameter(&["work_allowance_2013.higher.single.limited_capability"]),
    ),
    ("work_allowance.2013_table.higher.joint_no_child", Parameter(&["work_allowance_2013.higher.joint.no_child"])),
    ("work_allowance.2013_table.higher.joint_with_child", Parameter(&["work_allowance_2013.higher.joint.with_child"])),
    ("work_allowance.2013_table.higher.joint_lcw", Parameter(&["work_allowance_2013.higher.joint.limited_capability"])),
    ("work_allowance.2013_table.lower.single_no_child", Parameter(&["work_allowance_2013.lower.single.no_child"])),
    ("work_allowance.2013_table.lower.single_with_child", Parameter(&["work_allowance_2013.lower.single.with_child"])),
    ("work_allowance.2013_table.lower.single_lcw", Parameter(&["work_allowance_2013.lower.single.limited_capability"])),
    ("work_allowance.2013_table.lower.joint_no_child", Parameter(&["work_allowance_2013.lower.joint.no_child"])),
    ("work_allowance.2013_table.lower.joint_with_child", Parameter(&["work_allowance_2013.lower.joint.with_child"])),
    ("work_allowance.2013_table.lower.joint_lcw", Parameter(&["work_allowance_2013.lower.joint.limited_capability"])),
    ("taper_rate", Parameter(&["taper_rate", "taper_rate_2013"])),
    ("housing_cost_contribution", Parameter(&["housing.contribution_per_non_dependant"])),
    ("capital.lower_limit", Parameter(&["capital_limits.lower"])),
    ("capital.upper_limit", Parameter(&["capital_limits.upper"])),
    ("capital.tariff_per_step", Parameter(&["capital_limits.income_per_step"])),
    ("capital.step", Parameter(&["capital_limits.step"])),
    ("benefit_cap.annual.couple_or_family", Elsewhere("until 7 November 2016 reg. 79(3) gave the month itself")),
    ("benefit_cap.annual.single", Elsewhere("until 7 November 2016 reg. 79(3) gave the month itself")),
    ("benefit_cap.annual.monthly.couple_or_family", Parameter(&["benefit_cap.monthly_2013.couple_or_family"])),
    ("benefit_cap.annual.monthly.single", Parameter(&["benefit_cap.monthly_2013.single"])),
    ("benefit_cap.annual.london.couple_or_family", Parameter(&["benefit_cap.annual.london.couple_or_family"])),
    ("benefit_cap.annual.london.single", Parameter(&["benefit_cap.annual.london.single"])),
    ("benefit_cap.annual.outside.couple_or_family", Parameter(&["benefit_cap.annual.outside_london.couple_or_family"])),
    ("benefit_cap.annual.outside.single", Parameter(&["benefit_cap.annual.outside_london.single"])),
    (
        "benefit_cap.annual.monthly_equivalents_from_2023.london.couple_or_family",
        Worked(COUPLE_IN_LONDON, CAP, APRIL_2023),
    ),
    ("benefit_cap.annual.monthly_equivalents_from_2023.london.single", Worked(IN_LONDON, CAP, APRIL_2023)),
    ("benefit_cap.annual.monthly_equivalents_from_2023.outside.couple_or_family", Worked(COUPLE, CAP, APRIL_2023)),
    ("benefit_cap.annual.monthly_equivalents_from_2023.outside.single", Worked(SINGLE, CAP, APRIL_2023)),
    ("benefit_cap.earnings_threshold", Worked(SINGLE, "cap_earnings_threshold", None)),
    ("deductions.minimum_amount_left", Parameter(&["deductions.minimum_left"])),
    ("deductions.max_number_of_third_party", Parameter(&["deductions.most_third_parties"])),
    ("deductions_cap.overall_fraction_of_standard_allowance", Parameter(&["deductions.overall_share"])),
    ("advances", Elsewhere("policy of the Department, not law of an award: what is recovered in a period is a fact")),
    ("sanctions.higher", Elsewhere(SANCTION)),
    ("sanctions.medium", Elsewhere(SANCTION)),
    ("sanctions.low", Elsewhere(SANCTION)),
    ("sanctions.daily_rate", Elsewhere("published daily rates stand in tests of the pack, by tests/system/cases.rs")),
    ("carers_allowance", Elsewhere(RECEIVED)),
    ("pip", Elsewhere(RECEIVED)),
    ("child_benefit", Elsewhere(OWN_PACK)),
    ("scottish_child_payment", Elsewhere(OWN_PACK)),
    ("high_income_child_benefit_charge", Elsewhere("a tax")),
];

/// A number that was published, from which day, and how well it was found to be supported.
#[derive(Clone, Debug)]
struct Figure {
    number: Exact,
    from: Option<Date>,
    status: String,
}

#[test]
fn every_published_amount_stands_in_a_pack_on_its_day_or_the_table_says_what_it_is_instead() {
    let pack = universal_credit();
    let mut used = BTreeSet::new();
    let figures = figures();
    assert!(figures.len() > 400, "only {} figures were read", figures.len());
    for (name, figure) in &figures {
        let fits = |line: &&(&'static str, Stands)| {
            name.strip_prefix(line.0).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '@']))
        };
        let Some((line, stands)) = WHERE.iter().filter(fits).max_by_key(|(line, _)| line.len()) else {
            panic!("{name} stands nowhere, and the table does not say why");
        };
        used.insert(*line);
        match *stands {
            Parameter(paths) => has_value(&pack, name, figure, paths),
            Worked(input, rule, on) => {
                let day = on.map(|day| day.parse().unwrap()).or(figure.from).unwrap();
                assert_eq!(worked(&pack, input, rule, day), figure.number, "{name}");
            }
            LastDay(input, rule) => {
                let first = figure.from.unwrap().tomorrow().unwrap().checked_sub(1.month()).unwrap();
                assert_eq!(worked(&pack, input, rule, first), figure.number, "{name}");
            }
            Elsewhere(why) => assert!(why.len() > 4, "{name}: say why it is in no pack"),
        }
    }
    let idle: Vec<&str> = WHERE.iter().map(|(line, _)| *line).filter(|line| !used.contains(line)).collect();
    assert!(idle.is_empty(), "lines that are about no figure: {idle:?}");
}

#[test]
fn every_value_of_the_pack_names_its_instrument_and_how_well_it_is_supported() {
    for leaf in universal_credit().leaves() {
        for dated in leaf.values.iter().filter(|v| !matches!(v.value, LeafValue::Absent)) {
            let cite = dated.cite.as_ref().unwrap_or_else(|| panic!("{} of {} has no citation", leaf.path, dated.from));
            assert!(!cite.instrument.is_empty() && !cite.provision.is_empty(), "{} of {}", leaf.path, dated.from);
        }
    }
}

/// One of the parameters has the figure from its day on, with an instrument, and claims no less support than was found.
#[track_caller]
fn has_value(pack: &Pack, name: &str, figure: &Figure, paths: &[&str]) {
    let of = |path: &&str| pack.leaves().iter().find(|leaf| leaf.path == *path).unwrap_or_else(|| panic!("no {path}"));
    let mut values = paths.iter().flat_map(|path| of(path).values.iter());
    let same = |value: &LeafValue| match value {
        LeafValue::Number(number) => *number == figure.number,
        LeafValue::Unlimited | LeafValue::Absent | LeafValue::Other(_) => false,
    };
    let found = values.find(|v| figure.from.is_none_or(|from| from == v.from) && same(&v.value));
    let Some(found) = found else { panic!("{name}: {paths:?} have no such value from its day on: {figure:?}") };
    let cite = found.cite.as_ref().unwrap_or_else(|| panic!("{name} has no citation"));
    let found_to_be = |words: &[&str]| words.iter().any(|word| figure.status.starts_with(word));
    let enough = match cite.confidence {
        Confidence::Read | Confidence::Verified => true,
        Confidence::SingleSource | Confidence::Conflict => !found_to_be(&["verified"]),
        Confidence::Unconfirmed => !found_to_be(&["verified", "single-source", "conflict"]),
    };
    assert!(enough, "{name} was found {}, and the pack says {}", figure.status, cite.confidence.name());
}

/// What a rule comes to for an input in the period that starts on a day.
#[track_caller]
fn worked(pack: &Pack, input: &str, rule: &str, first: Date) -> Exact {
    let stated = read_cases(pack, &format!("- {{name: a figure, period: {first}, input: {input}}}")).unwrap();
    let program = pack.compile(Some(&[rule])).unwrap();
    let answer = program.run(&[stated[0].case.clone()]).pop().unwrap().unwrap();
    answer.get(rule).unwrap().exact
}

/// Every number of the collection, by name and day: `carer_element@2013-04-29`.
fn figures() -> BTreeMap<String, Figure> {
    let text = fs::read_to_string(root("tests/cases/uk_rates.yaml")).unwrap();
    let document = yaml::parse(&text).unwrap();
    let mut out = BTreeMap::new();
    for (key, entry) in document.get("parameters").unwrap().entries() {
        let name = key.text().unwrap().split(' ').next().unwrap();
        // Where a table was seen in part, what it says of the whole is no more than recalled.
        gather(name, entry, (None, "unverified", entry.get("partly_seen").is_some()), &mut out);
    }
    out
}

/// Numbers below a node; `above` is the day and the status that hold there, and whether the status is settled.
fn gather(name: &str, node: &Node, above: (Option<Date>, &str, bool), out: &mut BTreeMap<String, Figure>) {
    let text = |key: &str| node.get(key).and_then(Node::text);
    let from = text("from").and_then(|day| day.parse().ok()).or(above.0);
    let status = text("status").filter(|_| !above.2).unwrap_or(above.1);
    match &node.kind {
        NodeKind::Scalar { text, quoted } => {
            if let (Some(number), false) = (Exact::parse(text), *quoted) {
                let day = above.0.map(|day| format!("@{day}")).unwrap_or_default();
                let figure = Figure { number, from: above.0, status: above.1.to_string() };
                assert!(out.insert(format!("{name}{day}"), figure).is_none(), "{name}{day} stands there twice");
            }
        }
        NodeKind::List(items) => items.iter().for_each(|item| gather(name, item, above, out)),
        NodeKind::Map(entries) => {
            for (key, below) in entries {
                let key = key.text().unwrap_or_default();
                match key {
                    "sources" | "disagree" | "note" | "from" => {}
                    "values" | "value" => gather(name, below, (from, status, above.2), out),
                    _ => gather(&format!("{name}.{key}"), below, (from, status, above.2), out),
                }
            }
        }
    }
}

fn universal_credit() -> Pack {
    let mut files = BTreeMap::new();
    read(&root("schemas/packs/uk-universal-credit/2026.11"), "", &mut files);
    Pack::load(&PackFiles(files)).unwrap()
}
