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
use schemas::{Digest, Money};

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
    pub form: Form,
    /// What it says, in order.
    pub entries: Vec<Entry>,
}

/// The files that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `pain.002`: what became of a file of ours.
    Status,
    /// `camt.053`: the statement of an account.
    Statement,
    /// `camt.054`: single debits and credits.
    Notification,
    /// ARUCS: credits that Bacs returns.
    Arucs,
}

impl Form {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Form::Status => "pain.002",
            Form::Statement => "camt.053",
            Form::Notification => "camt.054",
            Form::Arucs => "ARUCS",
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
    let (form, entries) = match reading {
        Reading::Unknown => return Err(Malformed::Wrong { line: 1, why: UNKNOWN.into() }),
        Reading::Status(status) => (Form::Status, status.entries),
        Reading::Statement(form, statement) => (form, statement.entries),
        Reading::Arucs(arucs) => (Form::Arucs, arucs.entries),
    };
    Ok(Incoming { name, digest, form, entries })
}

const UNKNOWN: &str = "this is no answer of a bank that is read here: pain.002, camt.053, camt.054 or ARUCS";

/// The reader that the first elements of a file call for.
#[derive(Default)]
enum Reading {
    #[default]
    Unknown,
    Status(Box<status::Status>),
    Statement(Form, Box<statement::Statement>),
    Arucs(Box<arucs::Arucs>),
}

/// Readers see paths from the element that holds the message.
const ROOTS: [&str; 4] =
    ["Document/CstmrPmtStsRpt", "Document/BkToCstmrStmt", "Document/BkToCstmrDbtCdtNtfctn", "BACSDocument/Data/ARUCS"];

impl Seen for Reading {
    fn open(&mut self, path: &str, attributes: &Attributes, line: u64) -> Result<(), String> {
        match path {
            "Document" | "BACSDocument" | "BACSDocument/Data" => return Ok(()),
            "Document/CstmrPmtStsRpt" => *self = Reading::Status(Box::default()),
            "Document/BkToCstmrStmt" => *self = Reading::Statement(Form::Statement, Box::default()),
            "Document/BkToCstmrDbtCdtNtfctn" => *self = Reading::Statement(Form::Notification, Box::default()),
            "BACSDocument/Data/ARUCS" => *self = Reading::Arucs(Box::default()),
            _below => {}
        }
        match (self, below(path)) {
            (Reading::Status(status), Some(path)) => status.open(path, attributes, line),
            (Reading::Statement(_, statement), Some(path)) => statement.open(path, attributes, line),
            (Reading::Arucs(arucs), Some(path)) => arucs.open(path, attributes, line),
            (Reading::Unknown, _) => Err(UNKNOWN.into()),
            (Reading::Status(_) | Reading::Statement(..) | Reading::Arucs(_), None) => Ok(()),
        }
    }

    fn close(&mut self, path: &str, text: &str, line: u64) -> Result<(), String> {
        match (self, below(path)) {
            (Reading::Status(status), Some(path)) => status.close(path, text, line),
            (Reading::Statement(_, statement), Some(path)) => statement.close(path, text, line),
            (Reading::Arucs(arucs), Some(path)) => arucs.close(path, text, line),
            (Reading::Unknown | Reading::Status(_) | Reading::Statement(..) | Reading::Arucs(_), _) => Ok(()),
        }
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
