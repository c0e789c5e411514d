//! A ledger opened or made at its place.

use std::cell::OnceCell;
use std::path::Path;

use ledger::jetstream::NatsError;
use ledger::{EmbeddedStore, JetStreamStore, Ledger, OpenError, Vault};
use tokio::runtime::{Builder, Runtime};

use super::{Desk, beside, broken, chain, not_started, random, random_id};
use crate::error::Failure;
use crate::log::DeskLog;
use crate::place::{AnyStore, Place, on_server};

impl Desk {
    /// Opens a ledger that is there, whatever it is used for ([`Desk::of`], [`Desk::to_record`]).
    ///
    /// # Errors
    /// [`Failure::Input`] when there is none; [`Failure::Outside`] when its server does not answer.
    pub fn at(place: &Place) -> Result<Desk, Failure> {
        match place {
            Place::File(path) => Desk::open(path),
            Place::Server { address, options, .. } => {
                let runtime = runtime_for_server()?;
                let opened = runtime.block_on(JetStreamStore::open(address, (**options).clone()));
                let store =
                    opened.map_err(|error| if was_there(&error, place) { gone(place) } else { on_server(&error) });
                Desk::over_server(store?, runtime, place)
            }
        }
    }

    /// Makes a new ledger at a place.
    ///
    /// # Errors
    /// [`Failure::Input`] when something is there already, or is left of another ledger.
    pub fn make(place: &Place) -> Result<Desk, Failure> {
        if !Desk::is_at(place)? {
            nothing_is_left(place)?;
        }
        match place {
            Place::File(path) => Desk::create(path),
            Place::Server { address, options, .. } => {
                let runtime = runtime_for_server()?;
                let made = JetStreamStore::create(address, (**options).clone(), random_id());
                let made = runtime.block_on(made);
                Desk::over_server(made.map_err(|error| on_server(&error))?, runtime, place)
            }
        }
    }

    /// Whether there is a ledger at a place.
    ///
    /// # Errors
    /// A server that does not answer, or a stream that is not set up as a ledger.
    pub fn is_at(place: &Place) -> Result<bool, Failure> {
        match place {
            Place::File(path) => Ok(path.exists()),
            Place::Server { address, options, .. } => {
                let opened = runtime_for_server()?.block_on(JetStreamStore::open(address, (**options).clone()));
                match opened {
                    Ok(_) => Ok(true),
                    Err(NatsError::NoLedger { .. }) => Ok(false),
                    Err(error) => Err(on_server(&error)),
                }
            }
        }
    }

    /// Makes the store of a new ledger without what lies beside it.
    ///
    /// # Errors
    /// [`Failure::Input`] when something is there already.
    pub fn make_store(place: &Place) -> Result<(), Failure> {
        match place {
            Place::File(path) => EmbeddedStore::open(path).map(|_| ()).map_err(|error| opening(error, false)),
            Place::Server { address, options, .. } => {
                let made = JetStreamStore::create(address, (**options).clone(), random_id());
                runtime_for_server()?.block_on(made).map(|_| ()).map_err(|error| on_server(&error))
            }
        }
    }

    fn over_server(store: JetStreamStore, runtime: Runtime, place: &Place) -> Result<Desk, Failure> {
        if let Some(why) = store.index_made_again() {
            eprintln!("note: the index beside the ledger was damaged ({why}); it is made again from the stream");
        }
        let path = place.beside();
        let vault = Vault::open(&beside(path, "vault"), Box::new(random)).map_err(|error| opening(error, true))?;
        let ledger = Ledger::new(AnyStore::JetStream(Box::new(store)), vault);
        Ok(Desk {
            ledger,
            place: place.clone(),
            path: path.into(),
            runtime,
            log: DeskLog::of(path, None)?,
            views: OnceCell::new(),
        })
    }

    /// Opens a ledger file that is there.
    ///
    /// # Errors
    /// [`Failure::Input`] when there is none, or the file is something else.
    pub fn open(path: &Path) -> Result<Desk, Failure> {
        if !path.exists() && beside(path, "vault").exists() {
            return Err(gone(&Place::File(path.into())));
        }
        if !path.exists() {
            let message = format!(
                "there is no ledger at {}: make one with `footing init`, or name it with --store",
                path.display()
            );
            return Err(Failure::input(message));
        }
        // A file cut to nothing must not pass for a new ledger that nothing happened in.
        if path.metadata().is_ok_and(|about| about.len() == 0) {
            let advice =
                "is empty: bring the ledger back (footing restore); if it never held anything, remove it first";
            return Err(broken(format!("{} {advice}", path.display())));
        }
        Desk::open_or_create(path)
    }

    /// Makes a new ledger file.
    ///
    /// # Errors
    /// [`Failure::Input`] when something is there already.
    pub fn create(path: &Path) -> Result<Desk, Failure> {
        if path.exists() {
            return Err(Failure::input(format!("{} is there already: nothing was changed", path.display())));
        }
        Desk::open_or_create(path)
    }

    fn open_or_create(path: &Path) -> Result<Desk, Failure> {
        let vault = beside(path, "vault");
        let had_a_vault = vault.exists();
        let store = EmbeddedStore::open(path).map_err(|error| opening(error, had_a_vault))?;
        let vault = Vault::open(&vault, Box::new(random)).map_err(|error| opening(error, true))?;
        Desk::over(Ledger::new(AnyStore::Embedded(store), vault), path)
    }
}

/// Nothing may be left beside the place of a new ledger: views, checkpoints and texts of one that is gone would be taken
/// for its own.
///
/// # Errors
/// [`Failure::Input`] with the first that is left.
pub fn nothing_is_left(place: &Place) -> Result<(), Failure> {
    let left = ["vault", "views", "views-built", "checkpoints", "cosignatures", "tiles"];
    match left.map(|what| beside(place.beside(), what)).into_iter().find(|left| left.exists()) {
        Some(left) => {
            let advice = "bring that one back with `footing restore`, or move everything of that name away first";
            Err(Failure::input(format!("{} is left of another ledger: {advice}", left.display())))
        }
        None => Ok(()),
    }
}

/// Whether a ledger is missing whose vault lies here.
fn was_there(error: &NatsError, place: &Place) -> bool {
    matches!(error, NatsError::NoLedger { .. }) && beside(place.beside(), "vault").exists()
}

fn gone(place: &Place) -> Failure {
    let (name, vault) = (place.name(), beside(place.beside(), "vault"));
    broken(format!(
        "{name} is gone, and its vault lies here at {}: bring it back with `footing restore ARCHIVE --store {}`",
        vault.display(),
        place.argument()
    ))
}

/// The connection to a server goes on by itself between two questions.
fn runtime_for_server() -> Result<Runtime, Failure> {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(not_started)
}

/// A file of something else is the user's slip, unless it was a ledger before, as the vault beside it says.
fn opening(error: OpenError, was_a_ledger: bool) -> Failure {
    match error {
        OpenError::NotOurs { .. } if !was_a_ledger => Failure::input(chain(&error)),
        OpenError::OtherVersion { .. } => Failure::input(chain(&error)),
        OpenError::NotOurs { .. } | OpenError::Sqlite { .. } => broken(chain(&error)),
    }
}
