//! `footing floor --case FILE`: the floor test for described cases, without a ledger.

use projections::floor::case::{CaseResult, results_to_json, run_cases};
use schemas::yaml::YamlError;

use std::path::Path;

use crate::cli::Global;
use crate::commands::{called, read_text};
use crate::error::Failure;
use crate::output::{Format, Table, print, print_json};

/// Tests the cases of a file and prints what came of each. Days in breach are a result here, not a finding: the exit
/// code stays 0.
///
/// # Errors
/// The first thing that cannot be read, with its line and field.
pub fn run(global: &Global, file: &Path) -> Result<(), Failure> {
    let text = read_text(file)?;
    let results = run_cases(&text).map_err(|e| wrong(&called(file), &e))?;
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&results_to_json(&results)),
        Format::Text => print(&table(&results).to_string()),
    }
}

fn wrong(file: &str, error: &YamlError) -> Failure {
    let field = if error.field.is_empty() { String::new() } else { format!("{}: ", error.field) };
    Failure::input(format!("{file}:{}:{}: {field}{}", error.line, error.column, error.message))
}

fn table(results: &[CaseResult]) -> Table {
    let mut table = Table::new(0, &[1, 2]);
    table.row(["case", "breach days", "shortfall", "days in breach"]);
    for result in results {
        let spans: Vec<String> = result.spans.iter().map(|s| format!("{} to {}", s.days.from(), s.days.to())).collect();
        let spans = if spans.is_empty() { "none".to_string() } else { spans.join(", ") };
        table.row([result.name.clone(), result.breach_days.to_string(), result.shortfall.to_string(), spans]);
        for unmet in &result.unmet {
            let note = format!("on {} an outflow was {} more than there was", unmet.on, unmet.amount.shown());
            table.row(["", "", "", note.as_str()]);
        }
    }
    table
}
