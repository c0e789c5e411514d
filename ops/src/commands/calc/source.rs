//! Where cases come from, and where in its file each of them and each of its facts stands.
//!
//! A [`Feed`] takes records off a file one after another; turning a record into a case is left to whoever has time.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};
use projections::engine::{Case, CaseFault, Pack};

use super::document;
use super::parquet::Parquet;
use super::rows::Header;
use crate::cli::{CalcArgs, CaseForm};
use crate::commands::{called, is_stdin, read_text};
use crate::error::Failure;

/// A case and where it was written.
#[derive(Debug)]
pub struct Stated {
    /// The case.
    pub case: Case,
    /// Where.
    pub places: Places,
}

/// Line, and column where a line can hold more than one thing; both from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// Line of the file.
    pub line: usize,
    /// Column, for documents.
    pub column: Option<usize>,
}

/// Where a case and its facts stand.
#[derive(Debug, Default)]
pub struct Places {
    /// The case itself.
    pub case: At,
    /// Persons by id, and facts as messages name them (`a1.birth_date`, `rent`). Empty where a case is one line.
    pub fields: Vec<(String, At)>,
}

/// What stands for a case in its file.
#[derive(Debug)]
pub enum Record {
    /// Part of a document, already a case.
    Stated(Stated),
    /// A row: its line, its number from 1 and its cells.
    Row(usize, usize, StringRecord),
    /// A line that holds a JSON object.
    Line(usize, String),
    /// Something on a line that cannot be read, and why.
    Unreadable(usize, String),
}

/// The records of a file, one after another.
pub struct Feed {
    /// How messages call the file.
    pub file: String,
    /// What the columns hold, where the file has columns.
    pub header: Option<Header>,
    /// The ids of everybody who can be in a case; unknown beforehand where every line is a document of its own.
    pub people: Vec<String>,
    /// How much there is to read: bytes, or rows; 0 where that is not known.
    pub total: u64,
    records: Records,
    /// How many records were taken.
    taken: usize,
}

enum Records {
    Document(std::vec::IntoIter<Stated>),
    Csv(csv::Reader<Box<dyn Read>>),
    Lines { reader: Box<dyn BufRead>, bytes: u64 },
    Parquet(Parquet),
}

impl Feed {
    /// Opens the file that the arguments name.
    ///
    /// # Errors
    /// The file is not there, its form is not known, or it is not well formed.
    pub fn open(args: &CalcArgs, pack: &Pack) -> Result<Feed, Failure> {
        let file = called(&args.file);
        let empty =
            |records| Feed { file: file.clone(), header: None, people: Vec::new(), total: 0, records, taken: 0 };
        match form(&args.file, args.input_format)? {
            CaseForm::Csv => {
                let (input, total) = input(&args.file)?;
                let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(input);
                let names = reader.headers().map_err(|e| unreadable(&file, e))?.clone();
                let feed = empty(Records::Csv(reader)).with_header(pack, &names.iter().collect::<Vec<_>>())?;
                Ok(Feed { total, ..feed })
            }
            CaseForm::Parquet => {
                let parquet = Parquet::open(&args.file)?;
                let (names, total) = (parquet.columns(), parquet.rows());
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                Ok(Feed { total, ..empty(Records::Parquet(parquet)).with_header(pack, &names)? })
            }
            CaseForm::Ndjson => {
                let (input, total) = input(&args.file)?;
                Ok(Feed { total, ..empty(Records::Lines { reader: Box::new(BufReader::new(input)), bytes: 0 }) })
            }
            CaseForm::Yaml | CaseForm::Json => {
                let cases = document::read(&file, &read_text(&args.file)?, pack)?;
                let mut people: Vec<String> = Vec::new();
                for person in cases.iter().flat_map(|stated| &stated.case.people) {
                    if !people.contains(&person.id) {
                        people.push(person.id.clone());
                    }
                }
                Ok(Feed { people, ..empty(Records::Document(cases.into_iter())) })
            }
        }
    }

    fn with_header(self, pack: &Pack, names: &[&str]) -> Result<Feed, Failure> {
        let header = Header::read(pack, names).map_err(|what| Failure::input(format!("{}:1: {what}", self.file)))?;
        Ok(Feed { people: header.people.clone(), header: Some(header), ..self })
    }

    /// Whether every line is a document of its own.
    pub fn is_lines(&self) -> bool {
        matches!(self.records, Records::Lines { .. })
    }

    /// How much was read, in the measure of `total`.
    pub fn done(&self) -> u64 {
        match &self.records {
            Records::Document(_) => 0,
            Records::Csv(reader) => reader.position().byte(),
            Records::Lines { bytes, .. } => *bytes,
            Records::Parquet(_) => self.taken as u64,
        }
    }

    /// The next record; nothing at the end of the file.
    ///
    /// # Errors
    /// The file cannot be read on.
    pub fn record(&mut self) -> Result<Option<Record>, Failure> {
        self.taken += 1;
        let (file, row) = (&self.file, self.taken);
        match &mut self.records {
            Records::Document(cases) => Ok(cases.next().map(Record::Stated)),
            Records::Csv(reader) => csv_record(file, row, reader),
            Records::Lines { reader, bytes } => loop {
                let mut line = Vec::new();
                let read = reader.read_until(b'\n', &mut line).map_err(|e| Failure::reading(Path::new(file), e))?;
                *bytes += read as u64;
                let text = String::from_utf8(line);
                match text {
                    Ok(_) if read == 0 => return Ok(None),
                    Ok(text) if text.trim().is_empty() => self.taken += 1,
                    Ok(text) => return Ok(Some(Record::Line(self.taken, text))),
                    Err(_) => {
                        let why = "this line is not UTF-8 text; save the file as UTF-8";
                        return Ok(Some(Record::Unreadable(self.taken, why.into())));
                    }
                }
            },
            Records::Parquet(parquet) => {
                let cells = parquet.row();
                Ok(cells.map(|cells| match cells {
                    Ok(cells) => Record::Row(row, row, cells),
                    Err(why) => Record::Unreadable(row, why),
                }))
            }
        }
    }
}

fn csv_record(file: &str, row: usize, reader: &mut csv::Reader<Box<dyn Read>>) -> Result<Option<Record>, Failure> {
    let mut cells = StringRecord::new();
    match reader.read_record(&mut cells) {
        Ok(false) => Ok(None),
        Ok(true) => {
            let line = cells.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(0));
            Ok(Some(Record::Row(line, row, cells)))
        }
        Err(error) => match (error.position(), error.kind()) {
            (Some(at), csv::ErrorKind::Utf8 { .. }) => {
                let line = usize::try_from(at.line()).unwrap_or(0);
                Ok(Some(Record::Unreadable(line, "this row is not UTF-8 text; save the file as UTF-8".into())))
            }
            (_, _) => Err(unreadable(file, error)),
        },
    }
}

/// A file or standard input, and how many bytes it holds.
fn input(path: &Path) -> Result<(Box<dyn Read>, u64), Failure> {
    if is_stdin(path) {
        return Ok((Box::new(io::stdin()), 0));
    }
    let file = File::open(path).map_err(|e| Failure::reading(path, e))?;
    let total = file.metadata().map_or(0, |about| about.len());
    Ok((Box::new(file), total))
}

fn form(path: &Path, stated: Option<CaseForm>) -> Result<CaseForm, Failure> {
    let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    let named = match extension.as_deref() {
        Some("yaml" | "yml") => Some(CaseForm::Yaml),
        Some("json") => Some(CaseForm::Json),
        Some("ndjson" | "jsonl") => Some(CaseForm::Ndjson),
        Some("csv") => Some(CaseForm::Csv),
        Some("parquet") => Some(CaseForm::Parquet),
        Some(_) | None => None,
    };
    stated.or(named).ok_or_else(|| {
        let why =
            if is_stdin(path) { "has no name" } else { "does not end in .yaml, .json, .ndjson, .csv or .parquet" };
        Failure::input(format!(
            "{} {why}: say what it holds with --input-format yaml, json, ndjson, csv or parquet",
            called(path)
        ))
    })
}

fn unreadable(file: &str, error: csv::Error) -> Failure {
    let line = error.position().map(|p| format!(":{}", p.line())).unwrap_or_default();
    if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) {
        return Failure::input(format!("{file}{line}: this row is not UTF-8 text; save the file as UTF-8"));
    }
    if let csv::ErrorKind::Io(source) = error.into_kind() {
        return Failure::reading(Path::new(file), source);
    }
    Failure::input(format!("{file}{line}: this row cannot be read; look for a quotation mark that is not closed"))
}

impl Places {
    /// Where what is wrong with the case stands: the fact, else its person, else the case.
    pub fn of(&self, fault: &CaseFault) -> At {
        let field = field(fault).unwrap_or_default();
        let person = field.split_once('.').map_or("", |(person, _)| person);
        let place = |name: &str| self.fields.iter().rev().find(|(field, _)| field == name).map(|(_, at)| *at);
        place(field).or_else(|| place(person)).unwrap_or(self.case)
    }
}

fn field(fault: &CaseFault) -> Option<&str> {
    match fault {
        CaseFault::Missing { field }
        | CaseFault::Unknown { field, .. }
        | CaseFault::Twice { field }
        | CaseFault::Type { field, .. }
        | CaseFault::Bound { field, .. } => Some(field),
        CaseFault::NotInForce { .. } => Some("period"),
        CaseFault::NoCaseBefore { .. } | CaseFault::NotAfter { .. } => Some("after"),
        CaseFault::Refused { .. }
        | CaseFault::Pack { .. }
        | CaseFault::NoValue { .. }
        | CaseFault::Unlimited { .. }
        | CaseFault::NoVersion { .. }
        | CaseFault::DivisionByZero { .. }
        | CaseFault::Overflow { .. } => None,
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "{}:{column}", self.line),
            None => write!(f, "{}", self.line),
        }
    }
}
