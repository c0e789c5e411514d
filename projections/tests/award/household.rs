//! Any household, in plain numbers, and the case that the pack is asked.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use projections::engine::{Answer, Case, Pack, PackFiles, Person, Program, Value};
use schemas::{AssessmentPeriod, Money};

const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/packs/uk-universal-credit/2026.11");

/// The shipped law, with what is asked of it beyond its outputs.
pub static UNIVERSAL_CREDIT: LazyLock<Program> = LazyLock::new(|| {
    let mut files = vec![("pack.yaml".to_string(), fs::read_to_string(Path::new(PACK).join("pack.yaml")).unwrap())];
    for folder in ["parameters", "rules"] {
        for entry in fs::read_dir(Path::new(PACK).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.push((format!("{folder}/{name}"), fs::read_to_string(&path).unwrap()));
        }
    }
    let pack = Pack::load(&PackFiles(files.into_iter().collect())).unwrap();
    let outputs: Vec<String> = pack.outputs().map(str::to_string).collect();
    let lines = pack.lines().iter().map(|line| pack.rule(line.amount).unwrap().id.clone());
    let mut asked: Vec<String> = outputs.into_iter().chain(lines).chain(BESIDE.map(str::to_string)).collect();
    asked.sort();
    asked.dedup();
    pack.compile(Some(&asked.iter().map(String::as_str).collect::<Vec<_>>())).unwrap()
});

const BESIDE: [&str; 9] = [
    "cap_is_lifted",
    "child_maintenance_before_others",
    "deducted_for_fraud_penalty",
    "deductions_limit",
    "electricity_beyond_limit",
    "gas_beyond_limit",
    "rent_arrears_beyond_limit",
    "sanction_for_person",
    "surplus_earnings",
];

/// A claimant. Money is pence; a day is so many days before the last of the period, below nought after it.
#[derive(Clone, Copy, Debug)]
pub struct Adult {
    pub age: i64,
    pub pay: i64,
    /// Below nought a loss.
    pub trade: i64,
    pub unearned: i64,
    pub pension_weekly: i64,
    /// 0 = the whole period.
    pub pension_days: i64,
    pub carers_allowance_weekly: i64,
    pub in_paid_work: bool,
    pub lcw: Option<i64>,
    pub lcwra: Option<Lcwra>,
    pub caring: Option<i64>,
    pub exempt: bool,
    pub sanction_days: i64,
    pub interviews_only: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Lcwra {
    pub found: i64,
    pub evidence: i64,
    pub terminally_ill: bool,
    pub severe: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Child {
    pub age: i64,
    /// 0 none, 1 lower, 2 higher.
    pub disabled: usize,
    pub exception: bool,
    pub outside_order: bool,
    pub child_benefit: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenure {
    None,
    Social,
    Private,
    Owner,
}

#[derive(Clone, Copy, Debug)]
pub struct Home {
    pub tenure: Tenure,
    /// Rent, or an owner's service charges.
    pub cost: i64,
    pub weekly: bool,
    /// 0 = not stated.
    pub lha: i64,
    pub bedrooms: i64,
    pub needed: i64,
    /// Ages in years of non-dependants, and whether exempt.
    pub others: [Option<(i64, bool)>; 2],
    pub owner_wait_over: bool,
    pub london: bool,
}

#[derive(Clone, Copy, Debug)]
pub struct Means {
    pub childcare: i64,
    pub capital: i64,
    pub transitional: i64,
    pub surplus: i64,
    /// Days from the last award to the period.
    pub award_ended: i64,
    pub grace: bool,
    /// Of a first period of another length; 0 = a month.
    pub first_period_days: i64,
    pub disability_benefit: bool,
}

/// What is asked for from the payment, by kind of [`ASKED`], and last resorts for rent and fuel.
#[derive(Clone, Debug)]
pub struct Debts {
    pub asked: Vec<i64>,
    pub rent_last_resort: bool,
    pub fuel_last_resort: bool,
}

/// The kinds of deduction in the order in which they are met.
pub const ASKED: [&str; 21] = [
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

/// Everything about a household in one period.
#[derive(Clone, Debug)]
pub struct Household {
    pub period: AssessmentPeriod,
    pub adults: Vec<Adult>,
    pub children: Vec<Child>,
    pub home: Home,
    pub means: Means,
    pub debts: Debts,
}

impl Household {
    /// The day so many days before the last of the period.
    pub fn day(&self, before: i64) -> Date {
        self.period.last().checked_sub(before.days()).unwrap()
    }

    pub fn is_couple(&self) -> bool {
        self.adults.len() > 1
    }

    /// What the pack is asked.
    pub fn case(&self) -> Case {
        let adults = self.adults.iter().enumerate().map(|(i, adult)| (format!("a{i}"), self.adult(adult, i == 0)));
        let children = self.children.iter().enumerate().map(|(i, child)| (format!("c{i}"), self.child(child)));
        let others =
            self.home.others.iter().flatten().enumerate().map(|(i, other)| (format!("n{i}"), self.other(other)));
        let people = adults.chain(children).chain(others).map(|(id, facts)| Person { id, facts }).collect();
        Case { name: "any household".into(), period: self.period, people, unit: self.unit() }
    }

    fn adult(&self, adult: &Adult, is_first: bool) -> Vec<(String, Value)> {
        let mut facts = Facts::default();
        facts.day("birth_date", self.day(adult.age));
        facts.money("net_earnings", adult.pay).money("self_employed_net", adult.trade);
        facts.money("unearned_income", adult.unearned).money("state_pension_weekly", adult.pension_weekly);
        facts.count("state_pension_days", adult.pension_days);
        facts.money("carers_allowance_weekly", adult.carers_allowance_weekly);
        facts.flag("in_paid_work", adult.in_paid_work).flag("housing_contribution_exempt", adult.exempt);
        facts.flag("disability_benefit", is_first && self.means.disability_benefit);
        facts.count("sanction_days", adult.sanction_days).flag("interviews_only", adult.interviews_only);
        adult.lcw.into_iter().for_each(|since| facts.day("lcw_since", self.day(since)));
        adult.caring.into_iter().for_each(|since| facts.day("caring_since", self.day(since)));
        if let Some(lcwra) = adult.lcwra {
            facts.day("lcwra_found_from", self.day(lcwra.found));
            facts.day("lcwra_evidence_on", self.day(lcwra.evidence));
            facts.word("lcwra_wait_excused", if lcwra.terminally_ill { "terminally_ill" } else { "not_excused" });
            facts.word("lcwra_route", if lcwra.severe { "severe" } else { "not_stated" });
        }
        facts.0
    }

    fn child(&self, child: &Child) -> Vec<(String, Value)> {
        let mut facts = Facts::default();
        facts.day("birth_date", self.day(child.age));
        facts.word("role", if child.age >= YEAR * 16 { "young_person" } else { "child" });
        facts.word("disabled_child", ["none", "lower", "higher"][child.disabled]);
        facts.flag("child_exception", child.exception).flag("child_outside_order", child.outside_order);
        facts.money("child_benefit", child.child_benefit);
        facts.0
    }

    fn other(&self, (years, exempt): &(i64, bool)) -> Vec<(String, Value)> {
        let mut facts = Facts::default();
        facts.day("birth_date", self.period.last().checked_sub(years.years()).unwrap());
        facts.word("role", "non_dependant");
        facts.flag("housing_contribution_exempt", *exempt);
        facts.0
    }

    fn unit(&self) -> Vec<(String, Value)> {
        let (home, means, mut facts) = (&self.home, &self.means, Facts::default());
        let tenure = match home.tenure {
            Tenure::None => "none",
            Tenure::Social => "social",
            Tenure::Private => "private",
            Tenure::Owner => "owner",
        };
        facts.word("tenure", tenure);
        facts.money(if home.tenure == Tenure::Owner { "service_charges" } else { "rent" }, home.cost);
        facts.word("rent_every", if home.weekly { "week" } else { "month" });
        facts.money("lha_rate", home.lha).count("bedrooms", home.bedrooms).count("bedrooms_needed", home.needed);
        facts.flag("owner_wait_over", home.owner_wait_over);
        facts.word("region", if home.london { "london" } else { "outside_london" });
        facts.money("childcare_charges", means.childcare).money("capital", means.capital);
        facts.money("transitional_element", means.transitional).money("surplus_brought_forward", means.surplus);
        facts.day("last_day_of_award", self.period.first().checked_sub(means.award_ended.days()).unwrap());
        if means.grace {
            facts.day("cap_grace_until", self.period.last());
        }
        facts.count("first_period_days", means.first_period_days);
        for (kind, asked) in ASKED.iter().zip(&self.debts.asked) {
            facts.money(&format!("asked_for_{kind}"), *asked);
        }
        facts.flag("rent_last_resort", self.debts.rent_last_resort);
        facts.flag("fuel_last_resort", self.debts.fuel_last_resort);
        facts.0
    }
}

#[derive(Default)]
struct Facts(Vec<(String, Value)>);

impl Facts {
    fn add(&mut self, name: &str, value: Value) -> &mut Facts {
        self.0.push((name.to_string(), value));
        self
    }
    fn money(&mut self, name: &str, pence: i64) -> &mut Facts {
        self.add(name, Value::Money(Money::from_pence(pence)))
    }
    fn count(&mut self, name: &str, count: i64) -> &mut Facts {
        self.add(name, Value::Count(count))
    }
    fn flag(&mut self, name: &str, is_so: bool) -> &mut Facts {
        self.add(name, Value::Bool(is_so))
    }
    fn word(&mut self, name: &str, word: &str) -> &mut Facts {
        self.add(name, Value::Enum(word.to_string()))
    }
    fn day(&mut self, name: &str, day: Date) {
        self.add(name, Value::Date(day));
    }
}

/// What the pack gives each household.
pub fn answers(households: &[Household]) -> Vec<Answer> {
    let cases: Vec<Case> = households.iter().map(Household::case).collect();
    UNIVERSAL_CREDIT.run(&cases).into_iter().map(Result::unwrap).collect()
}

/// A result in pence.
#[track_caller]
pub fn pence(answer: &Answer, rule: &str) -> i64 {
    answer.get(rule).and_then(|figure| figure.money()).unwrap().pence()
}

pub const YEAR: i64 = 366;
