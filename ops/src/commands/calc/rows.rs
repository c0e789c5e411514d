//! Cases in CSV: a header of `name`, `period`, facts of the case (`rent`) and of persons (`a1.birth_date`), then one case
//! to a row. An empty cell states nothing; a person with no cell filled is not in the case.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};
use projections::engine::{Case, Pack, Person, Scope};

use super::facts::{self, period};
use super::source::{At, Places, Stated};
use crate::commands::{called, is_stdin};
use crate::error::Failure;

/// What a column holds.
#[derive(Clone, Debug)]
enum Column {
    Name,
    Period,
    Unit(String),
    /// Number of the person, and the fact.
    Person(usize, String),
}

/// Rows of a file, read one after another.
pub struct Rows<'p> {
    file: String,
    pack: &'p Pack,
    reader: csv::Reader<Box<dyn Read>>,
    header: StringRecord,
    columns: Vec<Column>,
    people: Vec<String>,
    row: usize,
}

impl<'p> Rows<'p> {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// The file is not there or empty, or a column is unknown, missing or there twice.
    pub fn open(path: &Path, pack: &'p Pack) -> Result<Rows<'p>, Failure> {
        let file = called(path);
        let input: Box<dyn Read> = if is_stdin(path) {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).map_err(|e| Failure::reading(path, e))?)
        };
        let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(input);
        let header = reader.headers().map_err(|e| unreadable(&file, e))?.clone();
        let mut rows = Rows { file, pack, reader, header, columns: Vec::new(), people: Vec::new(), row: 0 };
        rows.read_header()?;
        Ok(rows)
    }

    /// How messages call the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The ids of the persons that the header names.
    pub fn people(&self) -> &[String] {
        &self.people
    }

    fn read_header(&mut self) -> Result<(), Failure> {
        let wrong = |what: String| Failure::input(format!("{}:1: {what}", self.file));
        let names: Vec<&str> = self.header.iter().collect();
        if names.iter().all(|name| name.is_empty()) {
            return Err(wrong("the file is empty; expected a header of `name`, `period` and facts".into()));
        }
        let mut columns = Vec::new();
        for (at, name) in names.iter().enumerate() {
            if names.iter().take(at).any(|other| other == name) {
                return Err(wrong(format!("column `{name}` stands twice; keep one")));
            }
            columns.push(column(self.pack, &mut self.people, name).map_err(wrong)?);
        }
        if !names.contains(&"period") {
            return Err(wrong("column `period` is missing; add it with the first day of each period".into()));
        }
        self.columns = columns;
        Ok(())
    }

    fn read(&mut self, record: &StringRecord) -> Result<Stated, Failure> {
        self.row += 1;
        let line = record.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(0));
        let cells = || self.columns.iter().zip(record.iter());
        let named = cells().find(|(column, text)| matches!(column, Column::Name) && !text.is_empty());
        let name = named.map_or_else(|| format!("row {}", self.row), |(_, text)| text.to_string());
        let wrong = |what: String| Failure::input(format!("{}:{line}: {name}: {what}", self.file));
        if record.len() != self.columns.len() {
            let (found, expected) = (record.len(), self.columns.len());
            return Err(wrong(format!(
                "found {found} cells, expected {expected} as in the header; leave a cell empty where a fact is not stated"
            )));
        }
        let stated = cells().find(|(column, _)| matches!(column, Column::Period)).map_or("", |(_, text)| text);
        let period = period(self.pack, stated).map_err(wrong)?;
        let mut case = Case { name: name.clone(), period, people: Vec::new(), unit: Vec::new() };
        let mut people: Vec<Person> =
            self.people.iter().map(|id| Person { id: id.clone(), facts: Vec::new() }).collect();
        for (column, text) in cells() {
            match column {
                Column::Name | Column::Period => {}
                Column::Unit(_) | Column::Person(..) if text.is_empty() => {}
                Column::Unit(name) => {
                    let value = facts::value(self.pack, Scope::Unit, None, name, text).map_err(wrong)?;
                    case.unit.push((name.clone(), value));
                }
                Column::Person(person, name) => {
                    let Some(person) = people.get_mut(*person) else { continue };
                    let value = facts::value(self.pack, Scope::Person, Some(&person.id), name, text).map_err(wrong)?;
                    person.facts.push((name.clone(), value));
                }
            }
        }
        case.people = people.into_iter().filter(|person| !person.facts.is_empty()).collect();
        Ok(Stated { case, places: Places { case: At { line, column: None }, fields: Vec::new() } })
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Stated, Failure>;

    fn next(&mut self) -> Option<Result<Stated, Failure>> {
        let mut record = StringRecord::new();
        match self.reader.read_record(&mut record) {
            Ok(false) => None,
            Ok(true) => Some(self.read(&record)),
            Err(error) => Some(Err(unreadable(&self.file, error))),
        }
    }
}

fn column(pack: &Pack, people: &mut Vec<String>, name: &str) -> Result<Column, String> {
    match name {
        "name" => return Ok(Column::Name),
        "period" => return Ok(Column::Period),
        "" => return Err("a column without a name; name it or take it out".into()),
        _ => {}
    }
    let field = name.strip_prefix("people.").unwrap_or(name);
    let known = |scope, fact| facts::known(pack, scope, &format!("column {name}"), fact);
    let Some((person, fact)) = field.split_once('.') else {
        return known(Scope::Unit, field).map(|()| Column::Unit(field.to_string()));
    };
    known(Scope::Person, fact)?;
    let number = people.iter().position(|id| id == person);
    let number = number.unwrap_or_else(|| {
        people.push(person.to_string());
        people.len() - 1
    });
    Ok(Column::Person(number, fact.to_string()))
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
