//! `footing books`: the trial balance on a day as known on a day, one person's entries, the control totals of a run, and
//! the whole journal for other people's accounting programs.

mod format;
mod journal;
mod shown;

use jiff::civil::Date;
use projections::books::{Account, Accrued, Balances, BankTotals, Books, Entry, RunTotals, accrued};
use schemas::{PersonId, RunId};

use crate::cli::{BooksArgs, Global};
use crate::desk::{Desk, only};
use crate::error::Failure;
use crate::output::{Format, Sink, print, print_json};
use crate::progress::Progress;
use journal::Journal;

/// What was asked for.
struct Asked {
    on: Date,
    as_known: Option<Date>,
    person: Option<PersonId>,
}

impl Asked {
    fn takes(&self, entry: &Entry) -> bool {
        entry.day <= self.on && self.person.is_none_or(|person| entry.is_about(person))
    }
}

/// What was found.
struct Found {
    balances: Balances,
    /// Of one person, every entry in the order of days.
    entries: Vec<Entry>,
    /// Of everybody: what is accrued, and every run.
    accrued: Accrued,
    runs: Vec<(RunId, RunTotals)>,
    bank: BankTotals,
}

/// Prints what was asked for, or writes the journal.
///
/// # Errors
/// There is no such person or run, or the ledger cannot be read.
pub fn run(global: &Global, args: &BooksArgs) -> Result<(), Failure> {
    let desk = Desk::open(global.store.sqlite()?)?;
    let person = args.person.as_deref().map(|text| desk.person(text)).transpose()?;
    let Some(last) = desk.last_day()? else {
        return print("nothing is recorded: there are no accounts\n");
    };
    let on = args.on.or(args.as_known).unwrap_or(last);
    let asked = Asked { on, as_known: args.as_known, person };
    if let Some(format) = args.export {
        let mut journal = Journal::new(format)?;
        read(&desk, &asked, |entry| journal.add(&entry))?;
        let mut sink = Sink::open(args.output.as_deref())?;
        journal.finish(&asked.title(), &mut sink)?;
        return sink.finish();
    }
    let mut found = Found::new(&desk, &asked)?;
    if let Some(run) = &args.run {
        let runs = found.runs.iter().map(|(id, totals)| (id.to_string(), (*id, totals)));
        let (id, totals) = only("run", run, runs)?;
        return match global.format.unwrap_or_default() {
            Format::Json => print_json(&shown::run_json(id, totals)),
            Format::Text => print(&shown::run_text(id, totals)),
        };
    }
    found.runs.retain(|(_, totals)| !totals.is_of_nothing());
    found.entries.sort_by_key(|entry| (entry.day, entry.position));
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&shown::json(&asked, &found)),
        Format::Text => print(&shown::text(&asked, &found)),
    }
}

impl Found {
    fn new(desk: &Desk, asked: &Asked) -> Result<Found, Failure> {
        let (mut balances, mut entries) = (Balances::default(), Vec::new());
        let books = read(desk, asked, |entry| {
            balances.add(&entry);
            if asked.person.is_some() {
                entries.push(entry);
            }
            Ok(())
        })?;
        let accrued = accrued(&books, asked.on);
        let until = books.runs().filter(|(_, run)| run.day.is_none_or(|day| day <= asked.on));
        let runs = until.map(|(id, run)| (id, run.clone())).collect();
        Ok(Found { balances, entries, accrued, runs, bank: books.bank_totals() })
    }
}

/// Posts everything known and hands over the entries that were asked for, in the order in which they became known.
fn read(desk: &Desk, asked: &Asked, mut each: impl FnMut(Entry) -> Result<(), Failure>) -> Result<Books, Failure> {
    let bar = Progress::counting("events");
    let mut books = Books::default();
    desk.for_each_known(asked.as_known, |event| {
        bar.add(1);
        books.post(event).into_iter().filter(|entry| asked.takes(entry)).try_for_each(&mut each)
    })?;
    Ok(books)
}

impl Asked {
    fn title(&self) -> String {
        let whose = self.person.map(|person| format!(" of person {person}")).unwrap_or_default();
        let known = self.as_known.map(|day| format!(", as known on {day}")).unwrap_or_default();
        format!("footing: books{whose} to {}{known}", self.on)
    }
}

/// The accounts of which there is a balance, those of them that are nil left out.
fn standing(balances: &Balances) -> impl Iterator<Item = (&Account, schemas::Money)> {
    let nets = balances.iter().map(|(account, balance)| (account, balance.net()));
    nets.filter(|(_, net)| *net != schemas::Money::ZERO)
}
