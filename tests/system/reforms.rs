//! Each shipped reform changes what it says and nothing else, on a population of described households
//! (`tests/cases/population.yaml`): what it may change is listed here, and what it must come to is worked out a second time
//! from the figures of the law as it stands.

#![expect(clippy::panic, reason = "a household that cannot be worked out fails its test")]
#![expect(clippy::inconsistent_digit_grouping, reason = "pounds_pence")]

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use ops::cli::Global;
use ops::packs::Shelf;
use projections::engine::{Answer, Case, Pack, Value, inert_changes, read_cases};

/// What follows from a different award, whatever made it different.
const AFTER_AWARD: &[&str] = &["award", "sanction_reduction", "hardship_daily", "deductions_total", "payment"];
/// What follows from a different maximum amount.
const AFTER_MAXIMUM: &[&str] = &["maximum_amount", "award_before_cap", "benefit_cap_reduction"];

/// A household under the law and under a reform; amounts in pence.
struct Tried<'a> {
    case: &'a Case,
    law: &'a Answer,
    reform: &'a Answer,
}

impl Tried<'_> {
    fn law(&self, rule: &str) -> i64 {
        pence(self.law, rule)
    }

    fn reform(&self, rule: &str) -> i64 {
        pence(self.reform, rule)
    }

    fn starts(&self) -> Date {
        self.case.period.first()
    }

    /// Birth dates of the people with a role.
    fn born(&self, role: &str) -> Vec<Date> {
        let fact =
            |facts: &[(String, Value)], name: &str| facts.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let of_role = |facts: &[(String, Value)]| {
            fact(facts, "role").unwrap_or(Value::Enum("adult".into())) == Value::Enum(role.into())
        };
        let day = |facts: &[(String, Value)]| match fact(facts, "birth_date") {
            Some(Value::Date(day)) => day,
            other => panic!("{}: {other:?}", self.case.name),
        };
        self.case.people.iter().filter(|p| of_role(&p.facts)).map(|p| day(&p.facts)).collect()
    }

    fn couple(&self) -> bool {
        self.born("adult").len() == 2
    }

    #[track_caller]
    fn is(&self, what: &str, found: i64, expected: i64) {
        assert_eq!(found, expected, "{}: {what}, in pence", self.case.name);
    }
}

fn pence(answer: &Answer, rule: &str) -> i64 {
    let figure = answer.get(rule).unwrap_or_else(|| panic!("no result `{rule}`"));
    figure.money().unwrap_or_else(|| panic!("`{rule}` is no money")).pence()
}

/// A weekly amount as one of an assessment period: 52 weeks in 12 periods, half a penny up.
fn monthly(weekly: i64) -> i64 {
    (weekly * 52 * 2 + 12) / 24
}

/// Tries every household. `may_change` are results that the reform touches; all others must stay. `law` says what they must
/// come to. Some household must see a difference, unless `inert` says that no award changes.
#[track_caller]
fn check(reform: &str, may_change: &[&[&str]], differs: bool, law: impl Fn(&Tried)) {
    let (base, reformed) = (load("uk-universal-credit"), load(reform));
    let population = population(&base);
    let both: Vec<&str> = base.outputs().filter(|rule| reformed.outputs().any(|other| other == *rule)).collect();
    let (before, after) = (base.compile(None).unwrap(), reformed.compile(None).unwrap());
    let mut differences = 0;
    for ((case, old), new) in population.iter().zip(before.run(&population)).zip(after.run(&population)) {
        let (old, new) = (old.unwrap_or_else(|e| panic!("{e}")), new.unwrap_or_else(|e| panic!("{e}")));
        let changed: Vec<&str> =
            both.iter().copied().filter(|rule| old.get(rule).unwrap().exact != new.get(rule).unwrap().exact).collect();
        let meant = |rule: &&str| may_change.iter().any(|group| group.contains(rule));
        assert!(changed.iter().all(meant), "{reform} changes {changed:?} of {}", case.name);
        differences += usize::from(!changed.is_empty());
        law(&Tried { case, law: &old, reform: &new });
    }
    assert_eq!(differences > 0, differs, "{reform} changes {differences} households");
    assert!(population.len() >= 80, "the population has shrunk");
}

#[test]
fn the_two_child_limit_kept_takes_the_element_of_children_beyond_two_from_april_2026() {
    check("reform-two-child-limit-kept", &[&["child_element"], AFTER_MAXIMUM, AFTER_AWARD], true, |tried| {
        let mut children = tried.born("child");
        children.sort_unstable();
        let beyond = children.iter().skip(2).filter(|born| **born >= date(2017, 4, 6)).count();
        let lost = if tried.starts() >= date(2026, 4, 6) { 303_94 * i64::try_from(beyond).unwrap() } else { 0 };
        tried.is("child element", tried.reform("child_element"), tried.law("child_element") - lost);
    });
}

#[test]
fn without_the_benefit_cap_the_award_is_what_it_was_before_the_cap() {
    check("reform-benefit-cap-removed", &[&["benefit_cap_reduction"], AFTER_AWARD], true, |tried| {
        tried.is("cap", tried.reform("benefit_cap_reduction"), 0);
        tried.is("award", tried.reform("award"), tried.law("award_before_cap"));
    });
}

#[test]
fn no_first_wait_changes_when_the_first_award_is_paid_and_no_award() {
    check("reform-no-first-wait", &[], false, |_| {});
}

#[test]
fn a_sanction_limited_by_the_floor_leaves_372_00_or_558_00_for_two() {
    for reform in ["reform-sanctions-floor-limited", "reform-no-gap"] {
        let touched: &[&[&str]] = &[&["sanction_reduction", "hardship_daily", "deductions_total", "payment"]];
        check(reform, touched, true, |tried| {
            let kept = if tried.couple() { 558_00 } else { 372_00 };
            let (law, now) = (tried.law("sanction_reduction"), tried.reform("sanction_reduction"));
            assert!(now <= law, "{}", tried.case.name);
            let for_others = tried.law("maximum_amount") - tried.law("standard_allowance");
            let left = tried.reform("payment") - for_others;
            assert!(now == 0 || left >= kept, "{}: {left} is left", tried.case.name);
            assert!(now == law || left <= kept, "{}: less was taken than could be", tried.case.name);
        });
    }
}

#[test]
fn under_the_essentials_guarantee_neither_debts_nor_the_cap_take_the_award_below_essentials() {
    let touched: &[&[&str]] = &[&["standard_allowance"], AFTER_MAXIMUM, AFTER_AWARD];
    check("reform-essentials-guarantee", touched, true, |tried| {
        let weekly = match (tried.starts() >= date(2023, 4, 10), tried.couple()) {
            (false, _) => 0,
            (true, false) => 120_00,
            (true, true) if tried.starts() >= date(2026, 4, 6) => 205_00,
            (true, true) => 200_00,
        };
        let level = monthly(weekly);
        let allowance = tried.law("standard_allowance").max(level);
        tried.is("allowance", tried.reform("standard_allowance"), allowance);
        let rise = allowance - tried.law("standard_allowance");
        if tried.law("award_before_cap") > 0 {
            tried.is("before the cap", tried.reform("award_before_cap"), tried.law("award_before_cap") + rise);
        }
        let (before, award) = (tried.reform("award_before_cap"), tried.reform("award"));
        assert!(award >= before.min(level), "{}: the cap takes {award} below {level}", tried.case.name);
        let kept = tried.reform("payment") + tried.reform("sanction_reduction");
        assert!(kept >= award.min(level), "{}: debts take {kept} below {level}", tried.case.name);
    });
}

#[test]
fn under_the_protected_minimum_cap_and_debts_take_at_most_15_percent_of_the_allowance_together() {
    check("reform-protected-minimum", &[&["benefit_cap_reduction"], AFTER_AWARD], true, |tried| {
        let most = (tried.law("standard_allowance") * 15 + 50) / 100;
        let cap = tried.law("benefit_cap_reduction").min(most);
        tried.is("cap", tried.reform("benefit_cap_reduction"), cap);
        tried.is("award", tried.reform("award"), tried.law("award") + tried.law("benefit_cap_reduction") - cap);
        assert!(tried.reform("deductions_total") <= most - cap, "{}", tried.case.name);
        if tried.law("deductions_total") <= most - cap {
            tried.is("debts", tried.reform("deductions_total"), tried.law("deductions_total"));
        }
    });
}

#[test]
fn the_minimum_income_guarantee_fills_income_after_housing_up_to_the_line_and_ends_sanctions() {
    check("reform-minimum-income-guarantee", &[AFTER_AWARD], true, |tried| {
        let ends = tried.case.period.last();
        let age =
            |born: Date| ends.year() - born.year() - i16::from((ends.month(), ends.day()) < (born.month(), born.day()));
        let children: i64 = tried.born("child").iter().map(|born| if age(*born) < 14 { 74_78 } else { 157_03 }).sum();
        let line = monthly(if tried.couple() { 373_89 } else { 216_85 } + children);
        let child_benefit: i64 = tried.case.people.iter().flat_map(|p| &p.facts).map(child_benefit).sum();
        let housing = tried.law("housing_costs_element") + tried.law("childcare_costs_element");
        let income = (tried.law("award") - housing).max(0)
            + tried.law("earned_income")
            + tried.law("unearned_income")
            + child_benefit;
        let over_the_limit = tried.case.name.contains("over the limit");
        let top_up = if over_the_limit { 0 } else { (line - income).max(0) };
        tried.is("award", tried.reform("award"), tried.law("award") + top_up);
        tried.is("sanction", tried.reform("sanction_reduction"), 0);
    });
}

fn child_benefit((name, value): &(String, Value)) -> i64 {
    if let Value::Money(sum) = value
        && name == "child_benefit"
    {
        return sum.pence();
    }
    0
}

#[test]
fn nothing_but_debts_touches_the_flat_payment_and_the_other_elements_bear_every_reduction() {
    let touched: &[&[&str]] = &[&["standard_allowance", "child_element"], AFTER_MAXIMUM, AFTER_AWARD];
    check("reform-flat-payment", touched, true, |tried| {
        let people = |role| i64::try_from(tried.born(role).len()).unwrap();
        let flat = people("adult") * 424_90 + people("child") * 303_94;
        let others = tried.law("maximum_amount") - tried.law("standard_allowance") - tried.law("child_element");
        let income = tried.law("earnings_reduction") + tried.law("unearned_income") + tried.law("tariff_income");
        let over_the_limit = tried.case.name.contains("over the limit");
        let tested = if over_the_limit { 0 } else { (others - income).max(0) };
        tried.is("before the cap", tried.reform("award_before_cap"), flat + tested);
        assert!(tried.reform("award") >= flat, "{}: the cap reaches the flat payment", tried.case.name);
        tried.is("sanction", tried.reform("sanction_reduction"), 0);
    });
}

#[test]
fn no_shipped_reform_has_a_change_that_nothing_reads() {
    for reform in reforms().into_iter().filter(|name| name != "reform-no-first-wait" && name != "reform-no-gap") {
        let (base, reformed) = (load("uk-universal-credit"), load(&reform));
        let reads = reformed.compile(None).unwrap().reads(&population(&base)).unwrap();
        let inert: Vec<String> = inert_changes(&base, &reformed, &reads).iter().map(ToString::to_string).collect();
        assert_eq!(inert, Vec::<String>::new(), "{reform}");
    }
}

#[test]
fn every_reform_has_a_law_note_a_test_and_a_rulebook() {
    for reform in reforms() {
        let folder = schemas().join("packs").join(&reform).join("1");
        assert!(folder.join("law/README.md").is_file(), "{reform} has no law note");
        assert!(folder.join("tests/cases.yaml").is_file(), "{reform} has no tests");
        let books =
            fs::read_dir(schemas().join("rulebooks")).unwrap().map(|f| fs::read_to_string(f.unwrap().path()).unwrap());
        assert!(books.into_iter().any(|text| text.contains(&format!("name: {reform},"))), "{reform} has no rulebook");
    }
}

fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas")
}

fn reforms() -> Vec<String> {
    let names =
        fs::read_dir(schemas().join("packs")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut reforms: Vec<String> = names.filter(|name| name.starts_with("reform-")).collect();
    reforms.sort_unstable();
    assert!(reforms.len() >= 9, "{reforms:?}");
    reforms
}

fn load(name: &str) -> Pack {
    let global = Global {
        store: "sqlite:unused.db".parse().unwrap(),
        home: None,
        server: Default::default(),
        format: None,
        packs: Some(schemas().join("packs")),
        log_key: None,
    };
    Shelf::open(&global).and_then(|shelf| shelf.load(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn population(base: &Pack) -> Vec<Case> {
    let text = include_str!("../cases/population.yaml");
    let cases = read_cases(base, text).unwrap_or_else(|errors| panic!("{}", errors[0]));
    cases.into_iter().map(|stated| stated.case).collect()
}
