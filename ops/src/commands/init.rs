//! `footing init`: a new ledger, empty or with the whole history of one that has outgrown its file.

use std::fs;
use std::path::Path;

use ledger::moving::{MoveError, move_history};
use ledger::store::Reader;
use ledger::{Store as _, Vault};
use serde_json::json;

use crate::cli::{Global, InitArgs, StorePlace};
use crate::desk::{Desk, beside, broken, chain, nothing_is_left};
use crate::error::Failure;
use crate::log::keys::{Keys, check_name};
use crate::output::{Format, print, print_json};
use crate::place::Place;
use crate::progress::Progress;

/// Makes a new ledger.
///
/// # Errors
/// Something is there already, or the folder or server cannot be written to.
pub fn run(global: &Global, args: &InitArgs) -> Result<(), Failure> {
    let place = place(global, args.replicas)?;
    check_name(args.name.as_deref())?;
    let keys = Keys::of(place.beside(), global.log_key.as_deref());
    let events = match &args.from {
        None => {
            Desk::make(&place)?;
            0
        }
        Some(from) => take_over(global, from, &place)?,
    };
    let key = match keys.public()?.pop() {
        Some(taken_over) => Some(taken_over),
        None if args.no_key => None,
        None => Some(keys.make(args.name.as_deref())?),
    };
    let signed = key.as_ref().map_or_else(
        || "it has no key: nothing in it is signed; `footing log key new` makes one\n".to_string(),
        |key| {
            let secret = keys.secret().display();
            format!("its checkpoints are signed with {secret}; give auditors the key that checks them:\n{key}\n")
        },
    );
    let (name, argument) = (place.name(), place.argument());
    match (global.format.unwrap_or_default(), &args.from) {
        (Format::Json, _) => {
            print_json(&json!({"store": name, "events": events, "verifier_key": key.map(|key| key.to_string())}))
        }
        (Format::Text, None) => print(&format!(
            "made an empty ledger at {name}, with its vault of confidential texts {}\n{signed}next: footing --store {argument} import FILE\n",
            whereabouts(&place),
        )),
        (Format::Text, Some(_)) => print(&format!(
            "the ledger at {name} holds all {events} events, each with its bytes, name, time and position; its vault is {}\n{signed}put the old one away: whoever pays from both pays everybody twice\nnext: footing --store {argument} verify\n",
            whereabouts(&place),
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

/// Moves a history; one that was cut off goes on.
fn take_over(global: &Global, from: &StorePlace, place: &Place) -> Result<u64, Failure> {
    let old = Desk::at(&Place::at(from, global)?)?;
    let mut new = open_or_make(&old, place)?;
    let (ledger, runtime) = new.parts();
    let total = runtime.block_on(old.store().head()).map_err(|e| broken(chain(&e)))?.sequence;
    let bar = Progress::towards(total, "events");
    let mut shown = 0;
    let moving = move_history(Reader::after(old.store(), 0), ledger.store(), |position| {
        bar.add(usize::try_from(position.saturating_sub(shown)).unwrap_or(0));
        shown = position.max(shown);
    });
    let moved = runtime.block_on(moving);
    drop(bar);
    moved.map_err(|error| not_moved(place, &error))
}

/// Another history is the user's slip; everything else is the stores'.
pub(super) fn not_moved(place: &Place, error: &MoveError) -> Failure {
    match error {
        MoveError::OtherHistory { .. } => Failure::input(format!("{}: {error}", place.name())),
        MoveError::Unreadable(_) | MoveError::Read(_) | MoveError::Append(_) => Failure::Outside {
            what: "stopped; start again to go on from there".into(),
            source: std::io::Error::other(chain(error)),
        },
    }
}

/// The new ledger, with a copy of the old vault before anything else is put into its own.
fn open_or_make(old: &Desk, place: &Place) -> Result<Desk, Failure> {
    let vault = beside(place.beside(), "vault");
    let there = Desk::is_at(place)?;
    if !there {
        nothing_is_left(place)?;
        Desk::make_store(place)?;
    }
    copy_vault(old.vault(), &vault)?;
    copy_log(old, place)?;
    Desk::at(place)
}

/// What was signed stays signed: the keys of the log, its checkpoints, and what witnesses signed go with the history.
fn copy_log(old: &Desk, place: &Place) -> Result<(), Failure> {
    for what in ["logkey", "vkeys", "checkpoints", "cosignatures"] {
        copy_file(&beside(old.path(), what), &beside(place.beside(), what))?;
    }
    Ok(())
}

/// Copies a file that is there to where none is.
pub(super) fn copy_file(from: &Path, to: &Path) -> Result<(), Failure> {
    if from.exists() && !to.exists() {
        let unfinished = beside(to, "unfinished");
        fs::copy(from, &unfinished)
            .and_then(|_| fs::rename(&unfinished, to))
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
