//! `footing reconcile`: what banks say is matched to payments and recorded; what is nobody's, differs or does not fit is
//! kept open until a payment, a later file or somebody explains it, and listed by its age beside what was never confirmed.
//!
//! All files are read before anything is recorded. What is recorded is derived from the file and its entry, and what the
//! ledger knows already is left: after the program was killed, the same file adds only what is missing. That a file was
//! read is recorded last; given again, it is known by its bytes and nothing of it is taken in twice.

mod explained;
mod shown;
mod taken;

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Command, Order, WriteError};
use projections::bank_files::{BankFiles, FileView, ItemView};
use projections::payments::derived_uuid;
use projections::views::MemoryViews;
use schemas::day::{london_day, london_hour};
use schemas::{BankFileId, CommandId};

use crate::bank::Bank;
use crate::bank::ageing::{Unconfirmed, unconfirmed, working_days};
use crate::bank::incoming::{self, Entry, Incoming};
use crate::bank::matching::Finding;
use crate::cli::{Global, ReconcileArgs};
use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::output::{Format, print, print_json};

/// The hour at which a day's answers are taken in: before its evening's business, so that this sees them.
const MORNING: i8 = 9;

/// What is known, and the ledger that keeps it.
struct Known {
    desk: Desk,
    world: MemoryViews,
    files: BankFiles,
    time: Timestamp,
}

/// A file and what its entries came to.
struct Reconciled {
    file: Incoming,
    /// Read before, whole: then nothing of it is taken in again.
    before: Option<FileView>,
    found: Vec<(Entry, Finding)>,
}

/// Something that no payment explains, as people see it.
struct Open {
    item: ItemView,
    /// The name of its file, where it was taken in whole.
    file: Option<String>,
    /// What the bank calls it; none where that was erased, or stayed in another vault.
    called: Option<String>,
    /// Working days of the banks since then.
    age: u32,
}

/// Everything there is to show.
struct Report {
    files: Vec<Reconciled>,
    /// Items that are explained now, with the payment.
    explained: Vec<explained::Explained>,
    open: Vec<Open>,
    waiting: Vec<Unconfirmed>,
    on: Date,
}

/// Takes in files, holds what is open against the ledger again, and lists what is open and what waits. With an item to be
/// closed it does that instead.
///
/// # Errors
/// [`Failure::Found`] when something is open; [`Failure::Input`] for a file that is not whole, or not ours: then nothing
/// was recorded; otherwise what the ledger gives.
pub fn run(global: &Global, args: &ReconcileArgs) -> Result<(), Failure> {
    let files = read(args)?;
    let desk = Desk::to_record(global)?;
    let asked = args.on.map_or_else(Timestamp::now, |on| london_hour(on, MORNING));
    let mut known = Known::of(desk, asked)?;
    if let Some(item) = &args.close {
        explained::by_hand(&mut known, item, args)?;
    }
    let mut all = Vec::new();
    for file in files {
        all.push(taken::take_in(&mut known, file)?);
    }
    let again = if args.open { Vec::new() } else { explained::by_the_ledger(&mut known)? };
    let on = london_day(asked);
    let report =
        Report { files: all, explained: again, open: known.open(on)?, waiting: unconfirmed(&known.world, on), on };
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&shown::json(&report))?,
        Format::Text => print(&shown::text(&report))?,
    }
    if report.is_clear(args) { Ok(()) } else { Err(Failure::Found) }
}

impl Report {
    /// Whether nothing is open of what was asked about: the files that were named, or everything.
    fn is_clear(&self, args: &ReconcileArgs) -> bool {
        let named = |open: &Open| self.files.iter().any(|one| BankFileId::of(one.file.digest) == open.item.file);
        let is_asked = |open: &Open| self.files.is_empty() || named(open);
        args.open || args.close.is_some() || !self.open.iter().any(is_asked)
    }
}

/// Every file, whole and about our account.
fn read(args: &ReconcileArgs) -> Result<Vec<Incoming>, Failure> {
    let bank = args.bank.as_deref().map(Bank::read).transpose()?;
    let one = |path: &PathBuf| {
        let file = incoming::read(path)?;
        let ours = bank.as_ref().map_or(Ok(()), |bank| file.is_about(bank.account));
        ours.map_err(|why| Failure::input(format!("{}: {why}", path.display())))?;
        Ok(file)
    };
    args.files.iter().map(one).collect()
}

impl Known {
    fn of(desk: Desk, asked: Timestamp) -> Result<Known, Failure> {
        let time = desk.not_before(asked)?;
        let mut known = Known { desk, world: MemoryViews::default(), files: BankFiles::default(), time };
        known.catch_up()?;
        Ok(known)
    }

    /// Folds in what was recorded since.
    fn catch_up(&mut self) -> Result<(), Failure> {
        let Known { desk, world, files, .. } = self;
        desk.for_each_after(world.position(), |page| {
            for event in &page {
                world.apply(event);
                files.apply(event);
            }
            Ok(())
        })
    }

    /// Submits orders with the names of their commands; of each, why it was refused.
    fn submit(
        &mut self,
        actor: &str,
        correlation: &str,
        orders: Vec<(String, Order)>,
    ) -> Result<Vec<Option<String>>, Failure> {
        let time = self.time;
        let command = |(name, order): (String, Order)| Command {
            id: CommandId(derived_uuid(&name)),
            actor: actor.into(),
            time,
            effective_from: london_day(time),
            effective_to: None,
            notified_on: None,
            decided_on: None,
            causation: None,
            correlation: Some(CommandId(derived_uuid(correlation))),
            order,
        };
        let answers = self.desk.submit(orders.into_iter().map(command).collect());
        let mut refused = Vec::new();
        for answer in answers {
            refused.push(match answer {
                Ok(_) => None,
                Err(error @ WriteError::Storage { .. }) => return Err(broken(chain(&error))),
                Err(
                    error @ (WriteError::Refused(_)
                    | WriteError::SameIdOtherContent { .. }
                    | WriteError::Erased { .. }
                    | WriteError::TooLarge { .. }
                    | WriteError::TimeRunsBackwards { .. }
                    | WriteError::Moved { .. }
                    | WriteError::Contended),
                ) => Some(chain(&error)),
            });
        }
        self.catch_up()?;
        Ok(refused)
    }

    /// What the bank calls an item.
    fn called(&self, item: &ItemView) -> Result<Option<String>, Failure> {
        match &item.opened.reference {
            Some(sealed) => self.desk.vault().open_text(sealed).map_err(|e| broken(chain(&e))),
            None => Ok(Some(String::new())),
        }
    }

    /// Everything open, with its age on a day.
    fn open(&self, on: Date) -> Result<Vec<Open>, Failure> {
        let one = |item: &ItemView| {
            let file = self.files.file(item.file).map(|file| file.read.name.clone());
            Ok(Open { file, called: self.called(item)?, age: working_days(item.since(), on), item: item.clone() })
        };
        self.files.open().into_iter().map(one).collect()
    }
}
