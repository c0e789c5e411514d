//! What banks say about payments: `pain.002`, `camt.053`, `camt.054` and ARUCS. A file is read to its end and checked
//! (form, counts, sums) before any of it counts: one mistake refuses all of it, with its line.

mod arucs;
mod statement;
mod status;
#[cfg(test)]
mod tests;
mod xml;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use jiff::civil::Date;
use schemas::events::{BankForm, BankSide};
use schemas::{BankAccount, Digest, Money};

use crate::error::Failure;
use xml::{Attributes, Malformed, Seen};

/// A file, read and found whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Its name, without its folder.
    pub name: String,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// What it is.
    pub form: BankForm,
    /// What the bank calls the message, the days that it is about and the accounts of ours, where it says.
    pub header: Header,
    /// What it says, in order.
    pub entries: Vec<Entry>,
}

/// What a file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// What the bank calls the message.
    pub message: Option<String>,
    /// The first day and the last.
    pub days: Option<(Date, Date)>,
    /// The digits of each account of ours that it is about: sort code and number, or the number alone.
    pub accounts: Vec<String>,
}

impl Header {
    /// Another day that the file is about.
    fn takes_in(&mut self, day: Date) {
        self.days = Some(self.days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
    }
}

impl Incoming {
    /// Holds the accounts that the file is about against ours: an answer about somebody else's matches nothing here.
    ///
    /// # Errors
    /// The accounts that are not ours, by their last digits; of a statement or an ARUCS also that it names none.
    pub fn is_about(&self, ours: BankAccount) -> Result<(), String> {
        let whole = format!("{}{}", ours.sort_code(), ours.number());
        let is_other = |digits: &&String| **digits != whole && **digits != ours.number();
        if let Some(other) = self.header.accounts.iter().find(is_other) {
            let last = other.get(other.len().saturating_sub(4)..).unwrap_or_default();
            return Err(format!("it is about an account that ends in {last}, which is not that of --bank"));
        }
        match self.form {
            BankForm::Status => Ok(()),
            BankForm::Statement | BankForm::Notification | BankForm::Arucs if self.header.accounts.is_empty() => {
                Err("it does not say which account it is about, and --bank asks for one".into())
            }
            BankForm::Statement | BankForm::Notification | BankForm::Arucs => Ok(()),
        }
    }
}

/// Something a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it begins.
    pub line: u64,
    /// About what.
    pub about: About,
    /// How much, where the file says.
    pub amount: Option<Money>,
    /// What.
    pub news: News,
    /// On which side of our account the bank booked it; none where it only reports.
    pub side: Option<BankSide>,
    /// What names the booking, in whichever file it is told; none where the bank gives it no name.
    pub booking: Option<String>,
}

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A payment, by whatever ids and references the bank gives.
    Payment(Vec<String>),
    /// All payments of a file of ours, by the id of its message: the run; with how many there are and their sum, where the
    /// bank says so.
    Message(String, Option<u64>, Option<Money>),
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The bank took it.
    Accepted,
    /// It was booked, and is usable from a day.
    Settled(Date),
    /// It was refused or came back: the bank's code and the day.
    Returned(String, Date),
    /// Nothing that is final.
    Pending,
}

impl News {
    /// As programs read it.
    pub const fn name(&self) -> &'static str {
        match self {
            News::Accepted => "accepted",
            News::Settled(_) => "settled",
            News::Returned(..) => "returned",
            News::Pending => "pending",
        }
    }

    /// The day of it, where it has one.
    pub const fn on(&self) -> Option<Date> {
        match self {
            News::Settled(on) | News::Returned(_, on) => Some(*on),
            News::Accepted | News::Pending => None,
        }
    }
}

/// Reads a file.
///
/// # Errors
/// [`Failure::Input`] with line and reason, or the disk.
pub fn read(path: &Path) -> Result<Incoming, Failure> {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let file = File::open(path).map_err(|e| Failure::reading(path, e))?;
    if file.metadata().is_ok_and(|about| about.is_dir()) {
        return Err(Failure::input(format!("{}: this is a folder; name a file", path.display())));
    }
    parse(BufReader::with_capacity(1 << 16, file), name).map_err(|error| match error {
        Malformed::Wrong { line, why } => Failure::input(format!("{}, line {line}: {why}", path.display())),
        Malformed::Unread(source) => Failure::reading(path, source),
    })
}

/// Reads the text of a file.
///
/// # Errors
/// The first thing that is wrong with it.
fn parse(source: impl std::io::BufRead, name: String) -> Result<Incoming, Malformed> {
    let mut reading = Reading::default();
    let digest = xml::walk(source, &mut reading)?;
    let (form, header, entries) = match reading.reader {
        Reader::Unknown => return Err(Malformed::Wrong { line: 1, why: UNKNOWN.into() }),
        Reader::Status(status) => (BankForm::Status, status.header, status.entries),
        Reader::Statement(form, statement) => (form, statement.header, statement.entries),
        Reader::Arucs(arucs) => (BankForm::Arucs, arucs.header, arucs.entries),
    };
    Ok(Incoming { name, digest, form, header, entries })
}

const UNKNOWN: &str = "this is no answer of a bank that is read here: pain.002, camt.053, camt.054 or ARUCS";

/// The reader that the first elements of a file call for, and which elements it came across: a file in which nothing is
/// recognised must not pass for one that says nothing.
#[derive(Default)]
struct Reading {
    reader: Reader,
    came_across: Vec<String>,
}

#[derive(Default)]
enum Reader {
    #[default]
    Unknown,
    Status(Box<status::Status>),
    Statement(BankForm, Box<statement::Statement>),
    Arucs(Box<arucs::Arucs>),
}

/// How many elements are named where none is recognised.
const NAMED: usize = 8;

/// Readers see paths from the element that holds the message.
const ROOTS: [&str; 4] =
    ["Document/CstmrPmtStsRpt", "Document/BkToCstmrStmt", "Document/BkToCstmrDbtCdtNtfctn", "BACSDocument/Data/ARUCS"];

impl Seen for Reading {
    fn open(&mut self, path: &str, attributes: &Attributes, line: u64) -> Result<(), String> {
        let reader = &mut self.reader;
        match path {
            "Document" | "BACSDocument" | "BACSDocument/Data" => return Ok(()),
            "Document/CstmrPmtStsRpt" => *reader = Reader::Status(Box::default()),
            "Document/BkToCstmrStmt" => *reader = Reader::Statement(BankForm::Statement, Box::default()),
            "Document/BkToCstmrDbtCdtNtfctn" => *reader = Reader::Statement(BankForm::Notification, Box::default()),
            "BACSDocument/Data/ARUCS" => *reader = Reader::Arucs(Box::default()),
            _below => {}
        }
        let Some(below) = below(path) else {
            return if matches!(reader, Reader::Unknown) { Err(UNKNOWN.into()) } else { Ok(()) };
        };
        if self.came_across.len() < NAMED && !below.is_empty() && self.came_across.iter().all(|known| known != below) {
            self.came_across.push(below.into());
        }
        match reader {
            Reader::Unknown => Err(UNKNOWN.into()),
            Reader::Status(status) => status.open(below, attributes, line),
            Reader::Statement(_, statement) => statement.open(below, attributes, line),
            Reader::Arucs(arucs) => arucs.open(below, attributes, line),
        }
    }

    fn close(&mut self, path: &str, text: &str, line: u64) -> Result<(), String> {
        let Some(below) = below(path) else { return Ok(()) };
        match &mut self.reader {
            Reader::Unknown => return Ok(()),
            Reader::Status(status) => status.close(below, text, line)?,
            Reader::Statement(_, statement) => statement.close(below, text, line)?,
            Reader::Arucs(arucs) => arucs.close(below, text, line)?,
        }
        if below.is_empty() { self.recognised() } else { Ok(()) }
    }
}

impl Reading {
    /// The message is at its end: it has to have said something that is understood here.
    fn recognised(&self) -> Result<(), String> {
        let (form, is_recognised, expected) = match &self.reader {
            Reader::Unknown => return Ok(()),
            Reader::Status(status) => (BankForm::Status, status.is_recognised(), status::EXPECTED),
            Reader::Statement(form, statement) => (*form, statement.is_recognised(), statement::EXPECTED),
            Reader::Arucs(arucs) => (BankForm::Arucs, arucs.is_recognised(), arucs::EXPECTED),
        };
        if is_recognised {
            return Ok(());
        }
        let found = if self.came_across.is_empty() { "nothing".into() } else { self.came_across.join(", ") };
        Err(format!("nothing in this {} is recognised: expected {expected}; found {found}", form.name()))
    }
}

/// The path below the element that holds the message; empty for that element.
fn below(path: &str) -> Option<&str> {
    let rest = ROOTS.iter().find_map(|root| path.strip_prefix(root))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// A count or a sum that a file states, against what stands in it.
fn agrees<T: PartialEq + std::fmt::Display>(field: &str, stated: T, found: T) -> Result<(), String> {
    if stated == found { Ok(()) } else { Err(format!("{field} says {stated}, and the file has {found}")) }
}

fn money(field: &str, text: &str) -> Result<Money, String> {
    let sum: Money = text.parse().map_err(|error| format!("{field}: {error}"))?;
    if sum < Money::ZERO { Err(format!("{field}: {sum} is below zero")) } else { Ok(sum) }
}

fn count(field: &str, text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{field}: `{text}` is not a number"))
}

/// A date, or that of a date and time as the bank wrote it.
fn date(field: &str, text: &str) -> Result<Date, String> {
    text.get(..10).unwrap_or(text).parse().map_err(|_| format!("{field}: `{text}` is not a date like 2026-07-07"))
}

/// Banks leave ids out by writing that there is none.
fn id(text: &str) -> Option<String> {
    (!text.is_empty() && text != "NOTPROVIDED").then(|| text.into())
}

/// The digits of an account as banks write it: an IBAN of the United Kingdom, or sort code and number.
fn account(sort_code: Option<&str>, number: &str) -> String {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    match number.strip_prefix("GB") {
        Some(iban) => digits(iban.get(6..).unwrap_or_default()), // Two check digits and four letters of the bank.
        None => sort_code.map(digits).unwrap_or_default() + &digits(number),
    }
}
