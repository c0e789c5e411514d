//! Small packs and cases for tests.

use jiff::civil::Date;
use schemas::{AssessmentPeriod, Money};

use crate::engine::{Case, Pack, PackError, PackFiles, Person, Value};

/// A pack of the given inputs (two lists of YAML flow entries), parameters (one file `p.yaml`) and rules (YAML list items).
pub fn files(person: &str, unit: &str, parameters: &str, rules: &str) -> PackFiles {
    let indent = |text: &str| text.lines().map(|line| format!("    {line}\n")).collect::<String>();
    let pack = format!(
        "name: test\nversion: \"1\"\ntitle: Test\nin_force: {{from: 2017-04-10}}\ninputs:\n  person:\n{}  unit:\n{}outputs: []\n",
        indent(person),
        indent(unit)
    );
    let rules = format!("rules:\n{}", rules.lines().map(|line| format!("  {line}\n")).collect::<String>());
    let files = [("pack.yaml", pack), ("parameters/p.yaml", parameters.to_string()), ("rules/r.rule.yaml", rules)];
    PackFiles(
        files.into_iter().filter(|(_, text)| !text.is_empty()).map(|(path, text)| (path.to_string(), text)).collect(),
    )
}

/// A loaded pack; its errors fail the test.
#[track_caller]
pub fn pack(person: &str, unit: &str, parameters: &str, rules: &str) -> Pack {
    load(&files(person, unit, parameters, rules))
}

#[track_caller]
pub fn load(files: &PackFiles) -> Pack {
    Pack::load(files).unwrap_or_else(|errors| panic!("{}", lines(&errors)))
}

/// The same with `requires: [...]` in its `pack.yaml`.
#[track_caller]
pub fn pack_that_requires(requires: &str, person: &str, unit: &str, rules: &str) -> Pack {
    let mut files = files(person, unit, "", rules);
    files.0.entry("pack.yaml".to_string()).and_modify(|text| text.push_str(&format!("requires: [{requires}]\n")));
    load(&files)
}

/// Errors one to a line.
pub fn lines(errors: &[PackError]) -> String {
    errors.iter().map(PackError::to_string).collect::<Vec<_>>().join("\n")
}

pub fn case(first: &str, people: &[(&str, &[(&str, Value)])], unit: &[(&str, Value)]) -> Case {
    let facts = |facts: &[(&str, Value)]| facts.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    let period = AssessmentPeriod::starting(first.parse().unwrap()).unwrap();
    let people = people.iter().map(|(id, given)| Person { id: id.to_string(), facts: facts(given) }).collect();
    Case { name: "the case".to_string(), period, people, unit: facts(unit) }
}

pub fn pence(pence: i64) -> Value {
    Value::Money(Money::from_pence(pence))
}

pub fn day(text: &str) -> Value {
    Value::Date(text.parse::<Date>().unwrap())
}
