//! `footing outbox`: batches that lie beside a ledger on a server and are not stored, and letting one go.

use ledger::jetstream::{DropError, Left};
use serde_json::{Value, json};

use crate::cli::{Global, OutboxCommand};
use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::output::{Format, print, print_json};
use crate::place::AnyStore;

/// Shows what lies in the outbox, or drops a batch of it.
///
/// # Errors
/// A ledger in a file, which has none; no batch of this number, or one that may still be stored; a server that fails.
pub fn run(global: &Global, command: &OutboxCommand) -> Result<(), Failure> {
    let desk = Desk::of(global)?;
    let AnyStore::JetStream(store) = desk.store() else {
        return Err(Failure::input("--store: a ledger in a file has no outbox; name one on a server"));
    };
    match command {
        OutboxCommand::List => {
            let left = desk.wait_for(store.left()).map_err(|error| broken(chain(&error)))?;
            match global.format.unwrap_or_default() {
                Format::Json => print_json(&left.iter().map(as_json).collect()),
                Format::Text if left.is_empty() => print("the outbox is empty\n"),
                Format::Text => print(&left.iter().map(as_text).collect::<String>()),
            }
        }
        OutboxCommand::Drop { number } => {
            let dropped = desk.wait_for(store.drop_left(*number)).map_err(|error| match error {
                DropError::Unknown { .. } | DropError::MayBeStored { .. } => Failure::input(error.to_string()),
                DropError::Read(error) => broken(chain(&error)),
            })?;
            match global.format.unwrap_or_default() {
                Format::Json => print_json(&json!({"dropped": as_json(&dropped)})),
                Format::Text => print(&format!("dropped\n{}", as_text(&dropped))),
            }
        }
    }
}

/// What becomes of a batch.
fn fate(left: &Left) -> String {
    match &left.instead {
        None => "is stored with whatever is written next".into(),
        Some(instead) => {
            format!("never can be stored: {} ({}) stands at {}", instead.id, instead.type_name, left.after + 1)
        }
    }
}

fn as_text(left: &Left) -> String {
    let mut text = format!("batch {} for {} on: {}\n", left.number, left.after + 1, fate(left));
    for command in left.commands() {
        let advice = match (left.recorded.contains(&command), left.instead.is_some()) {
            (true, _) => "recorded since, from another submission",
            (false, true) => "not recorded: submit it again",
            (false, false) => "not recorded yet",
        };
        text.push_str(&format!("  command {command}: {advice}\n"));
        for event in left.messages.iter().filter(|event| event.id.command == command) {
            text.push_str(&format!("    {} on {}, {}\n", event.type_name, event.subject, event.time));
        }
    }
    text
}

fn as_json(left: &Left) -> Value {
    let events = left.messages.iter().map(|event| {
        json!({
            "id": event.id.to_string(), "type": event.type_name, "subject": event.subject.to_string(),
            "time": event.time.to_string(), "recorded": left.recorded.contains(&event.id.command),
        })
    });
    let instead = left.instead.as_ref().map(|event| json!({"id": event.id.to_string(), "type": event.type_name}));
    json!({
        "number": left.number, "sequence": left.after + 1, "instead": instead, "events": events.collect::<Vec<_>>(),
    })
}
