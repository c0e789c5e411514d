//! `pack check`: everything that is wrong with a pack, and what a reform changes without effect.

use projections::engine::{Case, Chain, Change, Pack, PackError, inert_changes, read_cases};
use serde_json::json;

use super::{change_json, error_json, is_before};
use crate::error::Failure;
use crate::output::{Format, print, print_json};
use crate::packs::{Found, Shelf};

/// Parameters that no rule reads, because they say how awards are paid: the payment plan reads them.
const READ_BY_PAYMENTS: &str = "payment.";

/// Checks a pack.
///
/// # Errors
/// [`Failure::Found`] when something is wrong with it; it is printed then.
pub fn run(shelf: &Shelf, name: &str, format: Format) -> Result<(), Failure> {
    let found = shelf.find(name)?;
    let (errors, inert) = match shelf.load_found(found)? {
        Err(errors) => (errors, Inert::default()),
        Ok(pack) => match compiles(&pack) {
            Err(error) => (vec![error], Inert::default()),
            Ok(()) => (found.placed(pack.alias_errors(&found.files)), inert(shelf, found, &pack)?),
        },
    };
    match format {
        Format::Json => print_json(&json!({
            "name": found.name,
            "version": found.version,
            "errors": errors.iter().map(error_json).collect::<Vec<_>>(),
            "inert": inert.changes.iter().map(change_json).collect::<Vec<_>>(),
        }))?,
        Format::Text => {
            let mut out: String = errors.iter().map(|error| format!("{error}\n")).collect();
            for change in &inert.changes {
                let cases = inert.cases;
                out.push_str(&format!(
                    "{}: no effect: {change}; none of {cases} test cases read it\n",
                    found.path("pack.yaml")
                ));
            }
            if out.is_empty() {
                out = format!("{} {}: nothing is wrong\n", found.name, found.version);
            }
            print(&out)?;
        }
    }
    if errors.is_empty() && inert.changes.is_empty() { Ok(()) } else { Err(Failure::Found) }
}

/// Compiles a pack as for its results and as for a trace: fractions can be too fine to hold in either.
fn compiles(pack: &Pack) -> Result<(), PackError> {
    pack.compile(None)?.reads(&[]).map(drop)
}

/// Changes of a reform that decided nothing.
#[derive(Default)]
struct Inert {
    changes: Vec<Change>,
    /// In how many cases they could have.
    cases: usize,
}

/// Runs the test cases of a reform and of its base under the reform, and sees which of its changes nothing read.
fn inert(shelf: &Shelf, found: &Found, pack: &Pack) -> Result<Inert, Failure> {
    let Some(base) = shelf.base(found)? else { return Ok(Inert::default()) };
    let Ok(base_pack) = shelf.load_found(base)? else { return Ok(Inert::default()) };
    let cases: Vec<Case> = [base, found].into_iter().flat_map(|found| cases(found, pack)).collect();
    let failed = |error: PackError| Failure::input(error.to_string());
    let reads = pack.compile(None).map_err(failed)?.reads(&cases).map_err(failed)?;
    let mut changes = inert_changes(&base_pack, pack, &reads);
    changes.retain(|change| !is_before(change, &[pack]) && !is_of_payments(change));
    Ok(Inert { changes, cases: cases.len() })
}

fn is_of_payments(change: &Change) -> bool {
    match change {
        Change::Value { path, .. } | Change::Parameter { path, .. } => path.starts_with(READ_BY_PAYMENTS),
        Change::Rule { .. } | Change::Requirement { .. } | Change::Input { .. } => false,
    }
}

/// The test cases of a pack that can be read; `pack test` reports the others.
fn cases(found: &Found, pack: &Pack) -> Vec<Case> {
    let tests = found.files.0.iter().filter(|(file, _)| file.starts_with("tests/"));
    let read = tests.filter_map(|(_, text)| read_cases(pack, text).ok());
    let linked = read.flat_map(|cases| {
        let mut chain = Chain::new(pack);
        cases.into_iter().filter_map(move |mut stated| chain.link(&mut stated).ok().map(|()| stated.case))
    });
    linked.collect()
}
