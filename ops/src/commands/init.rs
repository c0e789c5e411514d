//! `footing init`: a new ledger, empty or with the whole history of one that has outgrown its file.

use std::fs;
use std::path::Path;

use ledger::Vault;
use ledger::embedded::moved::MarkError;
use ledger::moving::MoveError;
use serde_json::json;

use super::moving::{Arrived, give_up, take_over};
use crate::cli::{Global, InitArgs};
use crate::desk::{Desk, beside, broken, chain};
use crate::error::Failure;
use crate::log::keys::{Keys, check_name};
use crate::output::{Format, print, print_json};
use crate::place::Place;

/// Makes a new ledger.
///
/// # Errors
/// Something is there already, or the folder or server cannot be written to.
pub fn run(global: &Global, args: &InitArgs) -> Result<(), Failure> {
    let place = place(global, args.replicas)?;
    check_name(args.name.as_deref())?;
    let keys = Keys::of(place.beside(), global.log_key.as_deref());
    let arrived = match &args.from {
        None => {
            Desk::make(&place)?;
            None
        }
        Some(from) if args.give_up => {
            give_up(global, from, &place)?;
            return given_up(global, &place);
        }
        Some(from) => Some(take_over(global, from, &place)?),
    };
    let key = match keys.public()?.pop() {
        Some(taken_over) => Some(taken_over),
        None if args.no_key || arrived.as_ref().is_some_and(|arrived| arrived.before) => None,
        None => Some(keys.make(args.name.as_deref())?),
    };
    if global.format.unwrap_or_default() == Format::Json {
        return print_json(&json!({
            "store": place.name(), "events": arrived.as_ref().map_or(0, |arrived| arrived.events),
            "root": arrived.as_ref().map(|arrived| arrived.root.to_string()),
            "moved_before": arrived.as_ref().map(|arrived| arrived.before),
            "verifier_key": key.map(|key| key.to_string()),
        }));
    }
    let signed = key.as_ref().map_or_else(
        || "it has no key: nothing in it is signed; `footing log key new` makes one\n".to_string(),
        |key| {
            let secret = keys.secret().display();
            format!("its checkpoints are signed with {secret}; give auditors the key that checks them:\n{key}\n")
        },
    );
    let (name, argument, vault) = (place.name(), place.argument(), whereabouts(&place));
    print(&match arrived {
        None => format!(
            "made an empty ledger at {name}, with its vault of confidential texts {vault}\n{signed}next: footing --store {argument} import FILE\n"
        ),
        Some(Arrived { before: true, events, root }) => {
            format!("nothing to do: all {events} events were moved to {name} before, and came to the root {root}\n")
        }
        Some(Arrived { before: false, events, root }) => format!(
            "the ledger at {name} holds all {events} events, each with its bytes, name, time and position; its vault is {vault}\n\
             they come to the root {root}, here as there\n{signed}\
             the old one is closed: it can be read and checked, and nothing is recorded in it or paid from it any more; copies that \
             were made of it before do not know that: put them away, or everybody is paid twice\n\
             next: footing --store {argument} verify\n"
        ),
    })
}

fn given_up(global: &Global, place: &Place) -> Result<(), Failure> {
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&json!({"given_up": place.name()})),
        Format::Text => print(&format!(
            "given up: the old ledger is open again; what arrived at {} serves nobody: have it deleted, with the files beside \
             it, or name another place next time\n",
            place.name()
        )),
    }
}

/// The place of a new ledger, kept by so many servers.
pub(super) fn place(global: &Global, replicas: Option<u8>) -> Result<Place, Failure> {
    match (Place::of(global)?, replicas) {
        (Place::File(_), Some(_)) => Err(Failure::input("--replicas: a file has none; leave it out, or name a server")),
        (Place::Server { address, mut options, home }, replicas) => {
            options.replicas = replicas;
            Ok(Place::Server { address, options, home })
        }
        (file @ Place::File(_), None) => Ok(file),
    }
}

/// Where the vault of a ledger is, in words.
pub(super) fn whereabouts(place: &Place) -> String {
    match place {
        Place::File(_) => "beside it".into(),
        Place::Server { options, .. } => format!("at {}", beside(&options.beside, "vault").display()),
    }
}

/// Another history is the user's slip; everything else is the stores'.
pub(super) fn not_moved(place: &Place, error: &MoveError) -> Failure {
    match error {
        MoveError::OtherHistory { .. } => Failure::input(format!("{}: {error}", place.name())),
        MoveError::Mark(MarkError::Otherwise(_) | MarkError::Empty) => Failure::input(chain(error)),
        MoveError::Unreadable(_) | MoveError::Read(_) | MoveError::Append(_) | MoveError::Mark(MarkError::File(_)) => {
            Failure::Outside {
                what: "stopped; start again to go on from there".into(),
                source: std::io::Error::other(chain(error)),
            }
        }
    }
}

/// Copies a file that is there to where none is; it is on the disk before it has its name.
pub(super) fn copy_file(from: &Path, to: &Path) -> Result<(), Failure> {
    if from.exists() && !to.exists() {
        let unfinished = beside(to, "unfinished");
        fs::copy(from, &unfinished)
            .and_then(|_| fs::File::open(&unfinished)?.sync_all())
            .and_then(|()| fs::rename(&unfinished, to))
            .map_err(|e| Failure::writing(&to.display().to_string(), e))?;
    }
    Ok(())
}

/// Copies a vault to where none is.
pub(super) fn copy_vault(old: &Vault, vault: &Path) -> Result<(), Failure> {
    if vault.exists() {
        return Ok(());
    }
    let unfinished = vault.with_extension("vault.unfinished");
    if unfinished.exists() {
        fs::remove_file(&unfinished).map_err(|e| Failure::writing(&unfinished.display().to_string(), e))?;
    }
    old.copy_to(&unfinished).map_err(|e| broken(chain(&e)))?;
    fs::rename(&unfinished, vault).map_err(|e| Failure::writing(&vault.display().to_string(), e))
}
