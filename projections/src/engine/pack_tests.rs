//! Runs the tests that a pack carries: `tests/**.yaml`, cases with expected results or an expected refusal.

use std::collections::BTreeMap;
use std::fmt;

use schemas::yaml::{self, Node, NodeKind};

use super::answer::{Answer, Figure};
use super::carry::Chain;
use super::case_text::{CaseTextError, Expected, StatedCase, read_case};
use super::error::nearest;
use super::exact::Exact;
use super::foreign::{Aliases, is_foreign};
use super::model::{Scope, Ty};
use super::pack::Pack;
use super::parameters::{read_bool, read_day};
use super::program::Program;
use super::source::PackFiles;
use super::test_step::arises_in;

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
    pub failures: Vec<TestFailure>,
    /// The first step, in the order of computation, whose result was not the one expected, and what it was made of.
    pub step: Option<String>,
}

/// One thing wrong in a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestFailure {
    /// The test cannot be run, or its case was refused when it should not have been, or the other way round.
    Said(String),
    /// A result is another.
    Differs {
        /// The rule, after the person's id where it belongs to a person.
        result: String,
        /// As the test has it.
        expected: String,
        /// As it came out.
        found: String,
        /// Found less expected, for numbers.
        difference: Option<String>,
    },
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

impl fmt::Display for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TestFailure::Said(words) => f.write_str(words),
            TestFailure::Differs { result, expected, found, difference } => {
                write!(f, "{result}: expected {expected}, found {found}")?;
                difference.iter().try_for_each(|difference| write!(f, ", difference {difference}"))
            }
        }
    }
}

/// Runs every test of `files` against a pack, which may be another than the one the files belong to: a reform is tested so
/// too. Tests written for other programs are read through `aliases.yaml` of the files.
pub fn pack_tests(pack: &Pack, files: &PackFiles) -> TestReport {
    let mut runner = TestRunner { pack, aliases: Aliases::read(pack, files), programs: BTreeMap::new() };
    let tests = files.0.iter().filter(|(path, _)| path.starts_with("tests/") && path.ends_with(".yaml"));
    TestReport { tests: tests.flat_map(|(file, text)| runner.file(file, text)).collect() }
}

struct TestRunner<'p> {
    pack: &'p Pack,
    aliases: Result<Option<Aliases>, Vec<super::error::PackError>>,
    /// Compiled for the results that tests expect.
    programs: BTreeMap<Vec<String>, Result<Program, String>>,
}

impl TestRunner<'_> {
    fn file(&mut self, file: &str, text: &str) -> Vec<PackTest> {
        let test = |line, name: String, failures, step| PackTest { file: file.to_string(), line, name, failures, step };
        let document = match yaml::parse(text) {
            Ok(document) => document,
            Err(e) => {
                let why = TestFailure::Said(format!("line {}, column {}: {}", e.line, e.column, e.message));
                return vec![test(e.line, "unreadable".into(), vec![why], None)];
            }
        };
        let nodes = match &document.kind {
            NodeKind::List(items) => items.iter().collect(),
            NodeKind::Map(_) | NodeKind::Scalar { .. } => vec![&document],
        };
        let (mut tests, mut chain) = (Vec::with_capacity(nodes.len()), Chain::new(self.pack));
        for node in nodes {
            let refused = node.get("refused").and_then(Node::text);
            tests.push(match (self.read(node), refused) {
                (Ok(mut stated), _) => {
                    let (failures, step) = match chain.link(&mut stated) {
                        Ok(()) => self.run(&stated),
                        Err(error) => (vec![TestFailure::Said(error.to_string())], None),
                    };
                    test(stated.line, stated.case.name, failures, step)
                }
                (Err(error), Some(words)) if error.message.contains(words) => {
                    test(node.line, error.case.unwrap_or_default(), Vec::new(), None)
                }
                (Err(error), _) => {
                    let name = error.case.clone().unwrap_or_else(|| "unreadable".to_string());
                    test(error.line, name, vec![TestFailure::Said(error.to_string())], None)
                }
            });
        }
        tests
    }

    fn read(&self, node: &Node) -> Result<StatedCase, CaseTextError> {
        if !is_foreign(node) {
            return read_case(self.pack, node);
        }
        let fail = |message: String| CaseTextError {
            line: node.line,
            column: node.column,
            case: node.get("name").and_then(Node::text).map(str::to_string),
            message,
        };
        match &self.aliases {
            Ok(Some(aliases)) => aliases.case(self.pack, node),
            Ok(None) => Err(fail(
                "its period is a year or a month, as in tests of other programs, and the pack has no aliases.yaml; \
                 write a day, or say in that file what their variables are here"
                    .into(),
            )),
            Err(errors) => Err(fail(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))),
        }
    }

    fn run(&mut self, stated: &StatedCase) -> (Vec<TestFailure>, Option<String>) {
        let said = |words: String| (vec![TestFailure::Said(words)], None);
        let mut outputs: Vec<String> = stated.expected.iter().map(|e| e.rule.clone()).collect();
        outputs.sort();
        outputs.dedup();
        match (&stated.refused, outputs.is_empty()) {
            (None, true) => return said("the test expects nothing: it has no `output` and no `refused`".into()),
            (Some(_), false) => {
                return said("the test expects `output` and `refused`: a refused case has no results".into());
            }
            (Some(_), true) => outputs = self.pack.outputs().map(str::to_string).collect(),
            (None, false) => {}
        }
        let known = || self.pack.rules().map(|rule| rule.id.as_str());
        if let Some(unknown) = outputs.iter().find(|output| !known().any(|id| id == output.as_str())) {
            let near = nearest(unknown, known()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return said(format!("output: `{unknown}` is no rule of the pack{near}"));
        }
        let compile = |outputs: &Vec<String>| {
            let names: Vec<&str> = outputs.iter().map(String::as_str).collect();
            self.pack.compile(Some(&names)).map_err(|error| error.to_string())
        };
        let program = match self.programs.entry(outputs.clone()).or_insert_with(|| compile(&outputs)) {
            Ok(program) => program,
            Err(error) => return said(error.clone()),
        };
        match (program.run(std::slice::from_ref(&stated.case)).pop(), &stated.refused) {
            (Some(Err(error)), Some(words)) if error.why.to_string().contains(words) => (Vec::new(), None),
            (Some(Err(error)), Some(words)) => {
                said(format!("refused: expected words like `{words}`, found `{}`", error.why))
            }
            (Some(Ok(_)), Some(words)) => said(format!("refused: expected `{words}`, but the case has an answer")),
            (Some(Err(error)), None) => said(error.why.to_string()),
            (Some(Ok(answer)), None) => {
                let wrong: Vec<(&Expected, TestFailure)> = stated
                    .expected
                    .iter()
                    .filter_map(|e| Some((e, compare(self.pack, &answer, e, stated.margin)?)))
                    .collect();
                let step = arises_in(self.pack, program, &stated.case, wrong.iter().map(|(e, _)| *e));
                (wrong.into_iter().map(|(_, failure)| failure).collect(), step)
            }
            (None, _) => (Vec::new(), None),
        }
    }
}

/// What is wrong with one result, if anything is.
fn compare(pack: &Pack, answer: &Answer, expected: &Expected, margin: Exact) -> Option<TestFailure> {
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
        return Some(TestFailure::Said(format!("{name}: no such result; `{rule}` is {scope}{near}")));
    };
    let per = Exact::whole(expected.per.into());
    let exact = figure.exact.checked_mul(per);
    let wanted = read(figure, &expected.text, pack);
    let difference = exact.zip(wanted).and_then(|(found, wanted)| found.checked_add(wanted.checked_neg()?));
    // A year of months that are each rounded to the penny may differ by half a penny for each.
    let of_rounding = if expected.per == 1 { Some(Exact::ZERO) } else { Exact::new(expected.per.into(), 200) };
    let margin = of_rounding.and_then(|more| margin.checked_add(more)).unwrap_or(margin);
    if difference.is_some_and(|d| d <= margin && d.checked_neg().is_some_and(|d| d <= margin)) {
        return None;
    }
    let of_year = |text: &str| if expected.per == 1 { text.to_string() } else { format!("{text} a year") };
    let found = exact.map_or_else(|| figure.text.clone(), |exact| Figure::new(figure.ty, exact, &pack.words).text);
    let is_number = matches!(figure.ty, Ty::Money | Ty::Rate | Ty::Count | Ty::Days);
    Some(TestFailure::Differs {
        result: name,
        expected: of_year(&expected.text),
        found: of_year(&found),
        difference: difference.filter(|_| is_number).map(|d| signed(&Figure::new(figure.ty, d, &pack.words).text)),
    })
}

fn signed(number: &str) -> String {
    if number.starts_with('-') { number.to_string() } else { format!("+{number}") }
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
