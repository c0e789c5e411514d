//! `pack test`: a pack's own tests, reported as a test runner does.

use projections::engine::{PackTest, TestReport, pack_tests};
use serde_json::{Value, json};

use crate::error::Failure;
use crate::output::{Format, print, print_json};
use crate::packs::{Found, Shelf};

/// Runs the tests of a pack.
///
/// # Errors
/// [`Failure::Found`] when a test fails; it is printed then.
pub fn run(shelf: &Shelf, name: &str, format: Format) -> Result<(), Failure> {
    let found = shelf.find(name)?;
    let pack = shelf.load(&format!("{}@{}", found.name, found.version))?;
    let report = pack_tests(&pack, &found.files);
    match format {
        Format::Text => print(&text(found, &report))?,
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

fn text(found: &Found, report: &TestReport) -> String {
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
        out.push_str(&format!("\n  {}:{}: {}\n", found.path(&test.file), test.line, test.name));
        test.failures.iter().for_each(|failure| out.push_str(&format!("    {failure}\n")));
    }
    let (word, passed) = (if failed == 0 { "ok" } else { "FAILED" }, report.tests.len() - failed);
    out.push_str(&format!("\ntest result: {word}. {passed} passed; {failed} failed\n"));
    out
}

fn test_json(test: &PackTest) -> Value {
    let passed = test.failures.is_empty();
    json!({"file": test.file, "line": test.line, "name": test.name, "passed": passed, "failures": test.failures})
}
