//! `footing init --from`: a ledger that has outgrown its file goes to a server, and is closed where it was.
//!
//! The file is closed before anything is copied, and the new ledger serves nobody before the last event is there: at no
//! moment, wherever this is cut off, can people be paid from both.

use std::fs;
use std::path::Path;

use ledger::archive::root_of_first;
use ledger::embedded::moved::{MarkError, Moved, Stage};
use ledger::jetstream::{NatsError, Options};
use ledger::moving::move_history;
use ledger::store::Reader;
use ledger::{EmbeddedStore, Store as _};
use schemas::Digest;

use super::init::{copy_file, copy_vault, not_moved};
use crate::cli::{Global, StorePlace};
use crate::desk::{Desk, beside, broken, chain, nothing_is_left};
use crate::error::Failure;
use crate::moved::closed;
use crate::place::{AnyStore, Place, on_server};
use crate::progress::Progress;

/// What a move came to.
pub(super) struct Arrived {
    /// How many events the old ledger has.
    pub(super) events: u64,
    /// The root over them, in both.
    pub(super) root: Digest,
    /// Whether that was so before.
    pub(super) before: bool,
}

/// Moves a ledger; a move that was cut off goes on.
///
/// # Errors
/// [`Failure::Input`] where the new place is taken or the old ledger goes elsewhere: nothing was changed; otherwise what the
/// stores give, and starting again goes on from there.
pub(super) fn take_over(global: &Global, from: &StorePlace, place: &Place) -> Result<Arrived, Failure> {
    let old = Desk::at(&source(global, from, place)?)?;
    let store = in_file(&old)?;
    let moved = match old.moved()? {
        Some(moved) if moved.to != place.name() => return Err(Failure::input(closed(&moved, old.place()))),
        Some(Moved { events, stage: Stage::Finished(root), .. }) => {
            give_key_away(&old, place)?;
            return Ok(Arrived { events, root, before: true });
        }
        Some(begun) => begun,
        None => begin(store, place)?,
    };
    let mut new = new_ledger(&old, &moved, place)?;
    let there = new.wait_for(new.store().head()).map_err(|e| broken(chain(&e)))?.sequence;
    let moved = if there < moved.events { copy_events(store, &mut new, moved, place)? } else { moved };
    let root_in = |root: Result<_, _>| root.map(Digest).map_err(|e: ledger::ReadError| broken(chain(&e)));
    let root = root_in(old.wait_for(root_of_first(store, moved.events)))?;
    let found = root_in(new.wait_for(root_of_first(new.store(), moved.events)))?;
    if found != root {
        let what = format!("{}: what is there comes to the root {found}, and what was moved to {root}", place.name());
        return Err(Failure::input(format!("{what}: it is another history, and this one stays closed")));
    }
    store.note(&moved, Stage::Finished(root)).map_err(|error| unmarked(&error, &old))?;
    give_key_away(&old, place)?;
    Ok(Arrived { events: moved.events, root, before: false })
}

/// Opens the old ledger again, as long as the last event has not gone. What arrived of it serves nobody.
///
/// # Errors
/// [`Failure::Input`] where it is not on its way to that place, or may have arrived.
pub(super) fn give_up(global: &Global, from: &StorePlace, place: &Place) -> Result<(), Failure> {
    let old = Desk::at(&source(global, from, place)?)?;
    let not_there =
        || Failure::input(format!("the ledger at {} is not being moved to {}", old.place().name(), place.name()));
    let moved = old.moved()?.filter(|moved| moved.to == place.name()).ok_or_else(not_there)?;
    in_file(&old)?.reopen(&moved).map_err(|error| unmarked(&error, &old))
}

/// A file that can be closed, to a place that can wait for the last event.
fn source(global: &Global, from: &StorePlace, place: &Place) -> Result<Place, Failure> {
    match (Place::at(from, global)?, place) {
        (from @ Place::File(_), Place::Server { .. }) => Ok(from),
        (Place::Server { .. }, _) => Err(Failure::input(
            "--from: a ledger on a server cannot be closed there; footing archive and footing restore make another of it",
        )),
        (Place::File(_), Place::File(_)) => Err(Failure::input(
            "--store: a ledger moves to a server, nats://HOST:PORT/NAME; a file is copied with footing archive and footing restore",
        )),
    }
}

fn in_file(desk: &Desk) -> Result<&EmbeddedStore, Failure> {
    match desk.store() {
        AnyStore::Embedded(store) => Ok(store),
        AnyStore::JetStream(_) => Err(Failure::input("--from: name a ledger in a file, such as sqlite:./footing.db")),
    }
}

/// Closes the old ledger, once it is known that nothing is in the way.
fn begin(store: &EmbeddedStore, place: &Place) -> Result<Moved, Failure> {
    if let Place::Server { address, .. } = place
        && Desk::is_at(place)?
    {
        return Err(on_server(&NatsError::Exists { name: address.name().into() }));
    }
    nothing_is_left(place)?;
    store.close(&place.name()).map_err(|error| match error {
        MarkError::Empty => Failure::input("--from: there is no event in it to move; leave --from out"),
        MarkError::Otherwise(_) => Failure::input("--from: somebody else moves this ledger at the moment"),
        MarkError::File(error) => broken(chain(&error)),
    })
}

/// The new ledger, which awaits all events; a copy of the old vault and of what was signed is put beside it before.
fn new_ledger(old: &Desk, moved: &Moved, place: &Place) -> Result<Desk, Failure> {
    copy_vault(old.vault(), &beside(place.beside(), "vault"))?;
    for what in ["logkey", "vkeys", "checkpoints", "cosignatures"] {
        copy_file(&beside(old.path(), what), &beside(place.beside(), what))?;
    }
    if !Desk::is_at(place)? {
        Desk::make_store(&awaiting(place, moved.events))?;
    }
    let new = Desk::at(place)?;
    match new.store() {
        AnyStore::JetStream(store) if store.about().awaits == moved.events => Ok(new),
        AnyStore::JetStream(_) | AnyStore::Embedded(_) => {
            let advice = "give this move up with --give-up, and name another place";
            Err(Failure::input(format!("{} was made for something else: {advice}", place.name())))
        }
    }
}

/// A place whose ledger serves nobody before it has so many events.
fn awaiting(place: &Place, events: u64) -> Place {
    match place.clone() {
        Place::Server { address, options, home } => {
            Place::Server { address, options: Box::new(Options { awaits: events, ..*options }), home }
        }
        file @ Place::File(_) => file,
    }
}

/// Removes the secret key beside the old ledger, where the new one has the same: with it a copy of the file from before the
/// move, put back in its place, could sign and pay.
fn give_key_away(old: &Desk, place: &Place) -> Result<(), Failure> {
    let [theirs, ours] = [old.path(), place.beside()].map(|path| beside(path, "logkey"));
    let read = |path: &Path| if path.exists() { fs::read(path).map(Some) } else { Ok(None) };
    let failed = |e| Failure::writing(&theirs.display().to_string(), e);
    let there = read(&theirs).map_err(failed)?;
    if there.is_some() && there == read(&ours).map_err(failed)? {
        fs::remove_file(&theirs).map_err(failed)?;
    }
    Ok(())
}

/// Copies what is not there. Before the last events go it is recorded that they do: from then on there is no way back.
fn copy_events(store: &EmbeddedStore, new: &mut Desk, moved: Moved, place: &Place) -> Result<Moved, Failure> {
    let (ledger, runtime) = new.parts();
    let bar = Progress::towards(moved.events, "events");
    let (mut shown, mut ending) = (0, moved.clone());
    let moving = move_history(
        Reader::after(store, 0),
        ledger.store(),
        |position| {
            bar.add(usize::try_from(position.saturating_sub(shown)).unwrap_or(0));
            shown = position.max(shown);
        },
        || {
            ending = store.note(&moved, Stage::Ending)?;
            Ok(())
        },
    );
    runtime.block_on(moving).map_err(|error| not_moved(place, &error))?;
    drop(bar);
    Ok(ending)
}

/// Why the mark stands as it stands.
fn unmarked(error: &MarkError, old: &Desk) -> Failure {
    match error {
        MarkError::Otherwise(Some(moved)) => Failure::input(closed(moved, old.place())),
        MarkError::Otherwise(None) | MarkError::Empty => Failure::input(chain(error)),
        MarkError::File(error) => broken(chain(error)),
    }
}
