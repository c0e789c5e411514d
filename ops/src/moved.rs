//! Ledgers that are not to be used: one whose history went elsewhere, and one to which it has not come yet.

use ledger::embedded::moved::{Moved, Stage};
use ledger::{ReadError, Store as _};

use crate::cli::Global;
use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::place::{AnyStore, Place};

impl Desk {
    /// Opens the ledger that the command line names, to read it. Whoever reads one that was moved is told so.
    ///
    /// # Errors
    /// [`Failure::Input`] when there is none, or not yet the whole of it; [`Failure::Outside`] when its server does not
    /// answer.
    pub fn of(global: &Global) -> Result<Desk, Failure> {
        let desk = Desk::in_use(global)?;
        match desk.moved()? {
            None => {}
            Some(moved @ Moved { stage: Stage::Finished(_), .. }) => {
                eprintln!("note: {moved}; what was recorded since stands there");
            }
            Some(moved @ Moved { stage: Stage::Begun | Stage::Ending, .. }) => eprintln!("note: {moved}"),
        }
        Ok(desk)
    }

    /// Opens the ledger that the command line names, to record in it, to sign it, or to say what is paid from it next.
    ///
    /// # Errors
    /// As for [`Desk::of`], and [`Failure::Input`] when it was moved.
    pub fn to_record(global: &Global) -> Result<Desk, Failure> {
        let desk = Desk::in_use(global)?;
        match desk.moved()? {
            None => Ok(desk),
            Some(moved) => Err(Failure::input(closed(&moved, desk.place()))),
        }
    }

    fn in_use(global: &Global) -> Result<Desk, Failure> {
        let place = Place::of(global)?;
        let mut desk = Desk::at(&place)?;
        if let Some((there, awaited)) = desk.awaits()? {
            return Err(Failure::input(format!(
                "{there} of the {awaited} events that are moved to {} are there: nobody can use it before; start again what \
                 moves them (footing init --from); if it was whole before, bring it back (footing restore)",
                place.name()
            )));
        }
        desk.with_log_key(global.log_key.as_deref())?;
        Ok(desk)
    }

    /// Where the history of this ledger goes or went; none where it is used here.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn moved(&self) -> Result<Option<Moved>, Failure> {
        match self.store() {
            AnyStore::Embedded(store) => store.moved().map_err(|e| broken(chain(&e))),
            AnyStore::JetStream(_) => Ok(None),
        }
    }

    /// How many events there are and how many have to be there before anybody may use this ledger; none where they are.
    fn awaits(&self) -> Result<Option<(u64, u64)>, Failure> {
        let AnyStore::JetStream(store) = self.store() else { return Ok(None) };
        let awaited = store.about().awaits;
        if awaited == 0 {
            return Ok(None);
        }
        match self.wait_for(store.head()) {
            Ok(head) => Ok((head.sequence < awaited).then_some((head.sequence, awaited))),
            // An end that is damaged or lost is for the command to find, and for `verify` to name.
            Err(ReadError::Damaged { .. } | ReadError::Gap(_)) => Ok(None),
            Err(error @ ReadError::Storage { .. }) => Err(broken(chain(&error))),
        }
    }
}

/// Why nothing is recorded in a ledger or paid from it, and what to do instead.
pub fn closed(moved: &Moved, place: &Place) -> String {
    let (to, again) = (&moved.to, format!("footing init --store {} --from {}", moved.to, place.argument()));
    match moved.stage {
        Stage::Finished(_) => format!("{moved}: nothing more is recorded in it or paid from it; use --store {to}"),
        Stage::Ending => {
            format!("{moved}: nothing more is recorded in it or paid from it; bring that to its end: {again}")
        }
        Stage::Begun => format!(
            "{moved}: nothing is recorded in it or paid from it meanwhile; bring that to its end: {again}; or give it up: the \
             same with --give-up"
        ),
    }
}
