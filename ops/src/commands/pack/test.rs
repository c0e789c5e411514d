//! `pack test`: a pack's own tests, or those of some files, reported as a test runner does.

use std::path::PathBuf;

use projections::engine::{PackFiles, PackTest, TestFailure, TestReport, pack_tests};
use serde_json::{Value, json};

use crate::commands::read_text;
use crate::error::Failure;
use crate::output::{Format, print, print_json};
use crate::packs::{Found, Shelf};

/// Runs the tests of a pack, or the tests of some files against it.
///
/// # Errors
/// [`Failure::Found`] when a test fails; it is printed then.
pub fn run(shelf: &Shelf, name: &str, files: &[PathBuf], format: Format) -> Result<(), Failure> {
    let found = shelf.find(name)?;
    let pack = shelf.load(&format!("{}@{}", found.name, found.version))?;
    let mut report = TestReport::default();
    if files.is_empty() {
        report = pack_tests(&pack, &found.files);
    }
    for file in files {
        let named = |test: PackTest| PackTest { file: file.display().to_string(), ..test };
        report
            .tests
            .extend(pack_tests(&pack, &with_aliases(shelf, found, read_text(file)?)?).tests.into_iter().map(named));
    }
    let path = |test: &PackTest| if files.is_empty() { found.path(&test.file) } else { test.file.clone() };
    match format {
        Format::Text => print(&text(found, &report, path))?,
        Format::Json => print_json(&json!({
            "name": found.name,
            "version": found.version,
            "passed": report.tests.len() - report.failed().count(),
            "failed": report.failed().count(),
            "tests": report.tests.iter().map(test_json).collect::<Vec<_>>(),
        }))?,
    }
    if report.passed() { Ok(()) } else { Err(Failure::Found) }
}

/// A file of tests, with the alias file of the pack or of what it stands on.
fn with_aliases(shelf: &Shelf, found: &Found, text: String) -> Result<PackFiles, Failure> {
    let mut files = PackFiles([("tests/given.yaml".to_string(), text)].into());
    let packs = shelf.line(found)?;
    let aliases = packs.iter().find_map(|found| found.files.0.get("aliases.yaml"));
    files.0.extend(aliases.map(|aliases| ("aliases.yaml".to_string(), aliases.clone())));
    Ok(files)
}

fn text(found: &Found, report: &TestReport, path: impl Fn(&PackTest) -> String) -> String {
    let things = if report.tests.len() == 1 { "test" } else { "tests" };
    let mut out = format!("running {} {things} of {} {}\n", report.tests.len(), found.name, found.version);
    for test in &report.tests {
        let end = if test.failures.is_empty() { "ok" } else { "FAILED" };
        out.push_str(&format!("test {}: {} ... {end}\n", test.file, test.name));
    }
    let failed = report.failed().count();
    if failed > 0 {
        out.push_str("\nfailures:\n");
    }
    for test in report.failed() {
        out.push_str(&format!("\n  {}:{}: {}\n", path(test), test.line, test.name));
        test.failures.iter().for_each(|failure| out.push_str(&format!("    {failure}\n")));
        test.step.iter().flat_map(|step| step.lines()).for_each(|line| out.push_str(&format!("    {line}\n")));
    }
    let (word, passed) = (if failed == 0 { "ok" } else { "FAILED" }, report.tests.len() - failed);
    out.push_str(&format!("\ntest result: {word}. {passed} passed; {failed} failed\n"));
    out
}

fn test_json(test: &PackTest) -> Value {
    let failure = |failure: &TestFailure| match failure {
        TestFailure::Said(words) => json!({"message": words}),
        TestFailure::Differs { result, expected, found, difference } => json!({
            "message": failure.to_string(), "result": result, "expected": expected, "found": found, "difference": difference
        }),
    };
    let failures: Vec<Value> = test.failures.iter().map(failure).collect();
    let passed = failures.is_empty();
    json!({"file": test.file, "line": test.line, "name": test.name, "passed": passed, "failures": failures, "step": test.step})
}
