//! `footing pack`: looking at rule packs.

use projections::engine::{Change, Pack, PackError, diff};
use serde_json::{Value, json};

use crate::cli::{Global, PackArgs, PackCommand};
use crate::error::Failure;
use crate::output::{Format, Table, print, print_json};
use crate::packs::{Origin, Shelf};

mod check;
mod digest;
mod effect;
mod law;
mod new;
mod show;
mod test;

/// Does what a `pack` command says.
///
/// # Errors
/// The pack is not there or cannot be loaded; a check or test found something.
pub fn run(global: &Global, args: &PackArgs) -> Result<(), Failure> {
    let shelf = Shelf::open(global)?;
    let format = global.format.unwrap_or_default();
    match &args.command {
        PackCommand::List => list(&shelf, format),
        PackCommand::Show { pack, rule: None, .. } => show::pack(&shelf.load(pack)?, format),
        PackCommand::Show { pack, rule: Some(name), on } => {
            let found = shelf.find(pack)?;
            let notes = law::LawNotes::read(&shelf.line(found)?);
            show::part(&shelf.load(pack)?, &notes, name, *on, format)
        }
        PackCommand::New { name, from } => new::run(global, &shelf, name, from),
        PackCommand::Check { pack } => check::run(&shelf, pack, format),
        PackCommand::Test { pack, files } => test::run(&shelf, pack, files, format),
        PackCommand::Diff { a, b } => differences(&shelf, a, b, format),
        PackCommand::Digest { pack: Some(pack), .. } => digest::one(&shelf, pack, format),
        PackCommand::Digest { pack: None, .. } => digest::write(global, format),
    }
}

/// Every pack with its title. One that cannot be loaded is listed with how many errors it has.
fn list(shelf: &Shelf, format: Format) -> Result<(), Failure> {
    let mut table = Table::new(0, &[]);
    let mut array = Vec::new();
    for found in shelf.all() {
        let title = match shelf.load_found(found) {
            Ok(Ok(pack)) => pack.title().to_string(),
            Ok(Err(errors)) => format!("does not load; `footing pack check` lists its {} errors", errors.len()),
            Err(failure) => format!("does not load: {failure}"),
        };
        let origin = match &found.origin {
            Origin::Folder(folder) => folder.display().to_string(),
            Origin::Shipped => "in the program".to_string(),
        };
        table.row([&found.name, &found.version, &title, &origin]);
        array.push(json!({"name": found.name, "version": found.version, "title": title, "origin": origin}));
    }
    match format {
        Format::Text => print(&table.to_string()),
        Format::Json => print_json(&array.into()),
    }
}

/// What differs, and what that does to the cases of their tests. That two packs differ is an answer, not a finding: the exit code stays 0.
fn differences(shelf: &Shelf, a: &str, b: &str, format: Format) -> Result<(), Failure> {
    let (found_a, found_b) = (shelf.find(a)?, shelf.find(b)?);
    let (a, b) = (shelf.load(a)?, shelf.load(b)?);
    let mut changes = diff(&a, &b);
    changes.retain(|change| !is_before(change, &[&a, &b]));
    let effect = if changes.is_empty() { None } else { effect::effect(shelf, (found_a, &a), (found_b, &b))? };
    match format {
        Format::Json => print_json(&json!({
            "changes": changes.iter().map(change_json).collect::<Vec<_>>(),
            "effect": effect.as_ref().map(effect::Effect::json),
        })),
        Format::Text if changes.is_empty() => print("no rule, parameter or fact differs\n"),
        Format::Text => {
            let line = |change: &Change| format!("{} {change}\n", kind(change));
            let effect = effect.map(|effect| effect.text()).unwrap_or_default();
            print(&(changes.iter().map(line).collect::<String>() + &effect))
        }
    }
}

/// Whether a change is over before any of the packs answers for a period.
fn is_before(change: &Change, packs: &[&Pack]) -> bool {
    match change {
        Change::Value { until: Some(until), .. } => packs.iter().all(|pack| *until <= pack.in_force().0),
        Change::Value { until: None, .. }
        | Change::Parameter { .. }
        | Change::Rule { .. }
        | Change::Requirement { .. }
        | Change::Input { .. } => false,
    }
}

fn kind(change: &Change) -> &'static str {
    match change {
        Change::Value { .. } | Change::Parameter { .. } => "parameter",
        Change::Rule { .. } => "rule",
        Change::Requirement { .. } => "condition",
        Change::Input { .. } => "fact",
    }
}

fn change_json(change: &Change) -> Value {
    let kind = kind(change);
    match change {
        Change::Value { path, from, until, before, after } => {
            json!({"kind": kind, "name": path, "from": from, "until": until, "before": before, "after": after})
        }
        Change::Rule { id, before, after } => json!({"kind": kind, "name": id, "before": before, "after": after}),
        Change::Requirement { expr, say, what } => json!({"kind": kind, "expr": expr, "say": say, "what": what}),
        Change::Parameter { path: name, what } | Change::Input { name, what } => {
            json!({"kind": kind, "name": name, "what": what})
        }
    }
}

fn error_json(error: &PackError) -> Value {
    json!({
        "file": error.place.file,
        "line": error.place.line,
        "column": error.place.column,
        "found": error.found,
        "expected": error.expected,
        "suggestion": error.suggestion,
    })
}
