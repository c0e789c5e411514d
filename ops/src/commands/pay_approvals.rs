//! `footing pay approvals`: how many people have to approve every list, and asking for another number.

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::Command;
use ledger::approvals::Approvals;
use ledger::order::RunOrder;
use projections::payments::derived_uuid;
use schemas::day::{london_day, london_hour};
use schemas::{CommandId, RunId};
use serde_json::json;

use crate::business::refusal;
use crate::cli::Global;
use crate::desk::Desk;
use crate::error::Failure;
use crate::known::Known;
use crate::output::{Format, print, print_json};

/// The hour of the day, in London, at which people are there.
const MORNING: i8 = 9;

/// Shows the number in force, after asking for another one where one is given.
///
/// # Errors
/// What the ledger refuses.
pub fn run(global: &Global, wanted: Option<u8>, actor: &str, on: Option<Date>) -> Result<(), Failure> {
    let mut desk = Desk::to_record(global)?;
    let mut known = desk.known_at(u64::MAX)?;
    if let Some(approvals) = wanted {
        ask(&mut desk, &known, approvals, actor, on)?;
        known = desk.known_at(u64::MAX)?;
    }
    let approvals = known.runs.approvals();
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&json!({
            "required": approvals.required(),
            "asked": approvals.asked().map(|(who, number)| {
                json!({"actor": who, "approvals": number, "missing": approvals.missing(number)})
            }).collect::<Vec<_>>(),
        })),
        Format::Text => print(&text(approvals)),
    }
}

/// Asks for a number. An order of the same kind by the same person counts as another, hence the position in its name.
fn ask(desk: &mut Desk, known: &Known, approvals: u8, actor: &str, on: Option<Date>) -> Result<(), Failure> {
    let now = on.map_or_else(Timestamp::now, |on| london_hour(on, MORNING));
    let time = known.last.map_or(now, |last| last.max(now));
    let command = Command {
        id: CommandId(derived_uuid(&format!("approvals|{actor}|{approvals}|{}", known.world.position()))),
        actor: actor.into(),
        time,
        effective_from: london_day(time),
        effective_to: None,
        notified_on: None,
        decided_on: None,
        causation: None,
        correlation: None,
        order: RunOrder::AskApprovals { run: RunId::EVERY, approvals }.into(),
    };
    for answer in desk.submit(vec![command]) {
        if let Err(error) = answer {
            return Err(Failure::input(refusal(error)?));
        }
    }
    Ok(())
}

/// What is in force, what was asked for, and what is still missing.
pub(crate) fn text(approvals: &Approvals) -> String {
    let required = approvals.required();
    let people = if required == 1 { "1 person" } else { &format!("{required} different people") };
    let note = if required > 1 { ", none of them its planner; `footing run` decides and pays nothing" } else { "" };
    let asked = approvals.asked().map(|(who, number)| {
        let missing = approvals.missing(number);
        let voices = if missing == 1 { "1 more person has" } else { &format!("{missing} more people have") };
        format!("{who} asks for {number}: {voices} to ask for it\n")
    });
    format!("every list of payments has to be approved by {people}{note}\n{}", asked.collect::<String>())
}
