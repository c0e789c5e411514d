//! Where cases come from, and where in its file each of them and each of its facts stands.

use std::fmt;
use std::path::Path;

use projections::engine::{Case, CaseFault, Pack};

use super::document;
use super::rows::Rows;
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

/// Cases one after another, from any form.
pub enum Source<'p> {
    /// A document, read whole.
    Document { file: String, people: Vec<String>, cases: std::vec::IntoIter<Stated> },
    /// Rows, read as they are needed.
    Rows(Rows<'p>),
}

impl<'p> Source<'p> {
    /// Opens the file that the arguments name.
    ///
    /// # Errors
    /// The file is not there, its form is not known, or it is not well formed.
    pub fn open(args: &CalcArgs, pack: &'p Pack) -> Result<Source<'p>, Failure> {
        let file = called(&args.file);
        match form(&args.file, args.input_format)? {
            CaseForm::Csv => Rows::open(&args.file, pack).map(Source::Rows),
            CaseForm::Yaml | CaseForm::Json => {
                let cases = document::read(&file, &read_text(&args.file)?, pack)?;
                let mut people: Vec<String> = Vec::new();
                for person in cases.iter().flat_map(|stated| &stated.case.people) {
                    if !people.contains(&person.id) {
                        people.push(person.id.clone());
                    }
                }
                Ok(Source::Document { file, people, cases: cases.into_iter() })
            }
        }
    }

    /// Whether cases are rows.
    pub fn is_rows(&self) -> bool {
        matches!(self, Source::Rows(_))
    }

    /// How messages call the file.
    pub fn file(&self) -> &str {
        match self {
            Source::Document { file, .. } => file,
            Source::Rows(rows) => rows.file(),
        }
    }

    /// The ids of everybody who can be in a case.
    pub fn people(&self) -> &[String] {
        match self {
            Source::Document { people, .. } => people,
            Source::Rows(rows) => rows.people(),
        }
    }
}

impl Iterator for Source<'_> {
    type Item = Result<Stated, Failure>;

    fn next(&mut self) -> Option<Result<Stated, Failure>> {
        match self {
            Source::Document { cases, .. } => cases.next().map(Ok),
            Source::Rows(rows) => rows.next(),
        }
    }
}

fn form(path: &Path, stated: Option<CaseForm>) -> Result<CaseForm, Failure> {
    let extension = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    let named = match extension.as_deref() {
        Some("yaml" | "yml") => Some(CaseForm::Yaml),
        Some("json") => Some(CaseForm::Json),
        Some("csv") => Some(CaseForm::Csv),
        Some(_) | None => None,
    };
    stated.or(named).ok_or_else(|| {
        let why = if is_stdin(path) { "has no name" } else { "does not end in .yaml, .json or .csv" };
        Failure::input(format!("{} {why}: say what it holds with --input-format yaml, json or csv", called(path)))
    })
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
