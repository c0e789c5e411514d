//! Runs the tests that a pack carries: `tests/**.yaml`, cases with expected results.

use std::collections::BTreeMap;
use std::fmt;

use super::answer::{Answer, Figure};
use super::carry::Chain;
use super::case_text::{Expected, StatedCase, read_cases};
use super::error::nearest;
use super::exact::Exact;
use super::model::{Scope, Ty};
use super::pack::Pack;
use super::parameters::{read_bool, read_day};
use super::program::Program;
use super::source::PackFiles;

/// What came of a pack's tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestReport {
    /// Every test, in order of file and line.
    pub tests: Vec<PackTest>,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackTest {
    /// File of the pack.
    pub file: String,
    /// Line of it.
    pub line: usize,
    /// The test's name.
    pub name: String,
    /// What was wrong; nothing for a test that passed.
    pub failures: Vec<String>,
}

impl TestReport {
    /// Whether every test passed. A pack without tests passes.
    pub fn passed(&self) -> bool {
        self.failed().next().is_none()
    }

    /// The tests that did not pass.
    pub fn failed(&self) -> impl Iterator<Item = &PackTest> {
        self.tests.iter().filter(|test| !test.failures.is_empty())
    }
}

impl fmt::Display for TestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for test in self.failed() {
            writeln!(f, "{}:{}: {}", test.file, test.line, test.name)?;
            for failure in &test.failures {
                writeln!(f, "    {failure}")?;
            }
        }
        write!(f, "{} tests, {} failed", self.tests.len(), self.failed().count())
    }
}

/// Runs every test of `files` against a pack, which may be another than the one the files belong to: a reform is tested so too.
pub fn pack_tests(pack: &Pack, files: &PackFiles) -> TestReport {
    let mut report = TestReport::default();
    let mut programs: BTreeMap<Vec<String>, Result<Program, String>> = BTreeMap::new();
    for (file, text) in files.0.iter().filter(|(path, _)| path.starts_with("tests/") && path.ends_with(".yaml")) {
        match read_cases(pack, text) {
            Err(errors) => report.tests.extend(errors.into_iter().map(|error| PackTest {
                file: file.clone(),
                line: error.line,
                name: error.case.clone().unwrap_or_else(|| "unreadable".to_string()),
                failures: vec![error.to_string()],
            })),
            Ok(cases) => {
                let mut chain = Chain::new(pack);
                report.tests.extend(cases.into_iter().map(|mut stated| PackTest {
                    file: file.clone(),
                    line: stated.line,
                    name: stated.case.name.clone(),
                    failures: match chain.link(&mut stated) {
                        Ok(()) => run(pack, &mut programs, &stated),
                        Err(error) => vec![error.to_string()],
                    },
                }));
            }
        }
    }
    report
}

fn run(pack: &Pack, programs: &mut BTreeMap<Vec<String>, Result<Program, String>>, stated: &StatedCase) -> Vec<String> {
    let mut outputs: Vec<String> = stated.expected.iter().map(|e| e.rule.clone()).collect();
    outputs.sort();
    outputs.dedup();
    if outputs.is_empty() {
        return vec!["the test expects nothing: it has no `output`".to_string()];
    }
    let compile = |outputs: &Vec<String>| {
        let names: Vec<&str> = outputs.iter().map(String::as_str).collect();
        pack.compile(Some(&names)).map_err(|error| error.to_string())
    };
    let program = match programs.entry(outputs.clone()).or_insert_with(|| compile(&outputs)) {
        Ok(program) => program,
        Err(error) => return vec![error.clone()],
    };
    let answer = program.run(std::slice::from_ref(&stated.case)).pop();
    match answer {
        Some(Ok(answer)) => stated.expected.iter().filter_map(|e| compare(pack, &answer, e, stated.margin)).collect(),
        Some(Err(error)) => vec![error.why.to_string()],
        None => Vec::new(),
    }
}

/// What is wrong with one result, if anything is.
fn compare(pack: &Pack, answer: &Answer, expected: &Expected, margin: Exact) -> Option<String> {
    let rule = &expected.rule;
    let (figure, name) = match &expected.person {
        None => (answer.get(rule), rule.clone()),
        Some(person) => (answer.of_person(person, rule), format!("{person}.{rule}")),
    };
    let Some(figure) = figure else {
        let of_people = pack.rules().any(|r| r.id == *rule && r.scope == Scope::Person);
        let people = answer.people.iter().map(|p| p.id.as_str());
        let near = expected
            .person
            .as_deref()
            .and_then(|p| nearest(p, people))
            .map(|n| format!("; did you mean `{n}`?"))
            .unwrap_or_default();
        let scope =
            if of_people { "a result of each person: expect it under `people`" } else { "a result of the whole case" };
        return Some(format!("{name}: no such result; `{rule}` is {scope}{near}"));
    };
    let wanted = read(figure, &expected.text, pack);
    let close = wanted.is_some_and(|wanted| distance(figure.exact, wanted).is_some_and(|d| d <= margin));
    (!close).then(|| format!("{name}: expected {}, found {}", expected.text, figure.text))
}

fn read(figure: &Figure, text: &str, pack: &Pack) -> Option<Exact> {
    let fraction = |text: &str| match text.split_once('/') {
        Some((num, den)) => Exact::parse(num.trim())?.checked_mul(Exact::parse(den.trim())?.inverse()?),
        None => Exact::parse(text),
    };
    match figure.ty {
        Ty::Money | Ty::Rate | Ty::Count | Ty::Days => fraction(text),
        Ty::Bool => read_bool(text).map(|b| Exact::whole(i128::from(b))),
        Ty::Date => read_day(text).map(|day| Exact::whole(day.into())),
        Ty::Enum => pack.words.iter().position(|w| w == text).map(|index| Exact::whole(index as i128)),
    }
}

fn distance(a: Exact, b: Exact) -> Option<Exact> {
    let difference = a.checked_add(b.checked_neg()?)?;
    if difference < Exact::ZERO { difference.checked_neg() } else { Some(difference) }
}
