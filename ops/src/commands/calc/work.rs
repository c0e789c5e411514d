//! What a core does with a batch: from records to pieces of the file of results.

use jiff::civil::Date;
use projections::engine::{Answer, Case, CaseError, Pack, Program, Scope};

use super::lines::{Line, Lines};
use super::rows::Header;
use super::source::{Places, Record, Stated};
use super::table::{Columns, Row};
use super::{Done, Shape, document, facts, json, text};
use crate::error::Failure;

/// Everything a core needs; all cores share it.
pub struct Bench<'p> {
    pub pack: &'p Pack,
    pub program: &'p Program,
    pub lines: Option<Lines<'p>>,
    pub columns: &'p Columns,
    /// How messages call the file.
    pub file: String,
    pub header: Option<Header>,
    pub shape: Shape,
    /// Whether steps are asked for.
    pub trace: bool,
}

/// What came of a batch.
pub struct Batch {
    /// How many cases it had.
    pub cases: usize,
    /// Their results, in their order.
    pub results: Results,
    /// What is wrong with those that could not be worked out.
    pub wrong: Vec<String>,
}

/// Results as the file wants them.
pub enum Results {
    /// Pieces of text, one for each case.
    Pieces(Vec<String>),
    /// Rows with typed cells.
    Rows(Vec<Row>),
}

/// A case that could not be worked out.
struct Refused {
    name: String,
    period: Option<Date>,
    message: String,
}

impl Bench<'_> {
    /// Works out a batch.
    ///
    /// # Errors
    /// A result cannot be written; none is such.
    pub fn work(&self, records: Vec<Record>) -> Result<Batch, Failure> {
        let count = records.len();
        let read: Vec<Result<Stated, Refused>> = records.into_iter().map(|record| self.read(record)).collect();
        let (mut cases, mut places, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for one in read {
            match one {
                Ok(Stated { case, places: at }) => {
                    cases.push(case);
                    places.push(at);
                    refused.push(None);
                }
                Err(why) => refused.push(Some(why)),
            }
        }
        let mut answers = self.program.run(&cases).into_iter().zip(self.lines(&cases)).zip(cases.iter().zip(&places));
        let mut batch = Batch { cases: count, results: self.nothing(), wrong: Vec::new() };
        for refused in refused {
            let done = match refused {
                Some(refused) => Err(refused),
                None => match answers.next() {
                    Some(((answer, lines), (case, places))) => self.done(case, places, answer, lines),
                    None => continue,
                },
            };
            if let Err(refused) = &done {
                batch.wrong.push(refused.message.clone());
            }
            self.put(done, &mut batch.results)?;
        }
        Ok(batch)
    }

    fn nothing(&self) -> Results {
        if self.shape == Shape::Parquet { Results::Rows(Vec::new()) } else { Results::Pieces(Vec::new()) }
    }

    fn read(&self, record: Record) -> Result<Stated, Refused> {
        let wrong = |line: usize, name: String, what: String| {
            let message = format!("{}:{line}: {name}: {what}", self.file);
            Refused { name, period: None, message }
        };
        let stated = match record {
            Record::Stated(stated) => stated,
            Record::Unreadable(line, why) => {
                let message = format!("{}:{line}: {why}", self.file);
                return Err(Refused { name: format!("line {line}"), period: None, message });
            }
            Record::Line(line, text) => document::read_line(&self.file, line, &text, self.pack).map_err(|failure| {
                Refused { name: format!("line {line}"), period: None, message: failure.to_string() }
            })?,
            Record::Row(line, row, cells) => {
                let Some(header) = &self.header else {
                    return Err(wrong(line, format!("row {row}"), "there is no header".into()));
                };
                let name = header.name(row, &cells);
                header.case(self.pack, line, &name, &cells).map_err(|what| wrong(line, name, what))?
            }
        };
        if stated.case.people.is_empty() && self.asks_of_people() {
            let message = format!(
                "{}:{}: {}: nobody is in the case; add its people and their facts",
                self.file, stated.places.case, stated.case.name
            );
            return Err(Refused { name: stated.case.name, period: Some(stated.case.period.first()), message });
        }
        Ok(stated)
    }

    /// Whether a case without anybody in it makes no sense: the pack asks facts of persons.
    fn asks_of_people(&self) -> bool {
        self.pack.inputs().iter().any(|input| input.scope == Scope::Person)
    }

    fn lines(&self, cases: &[Case]) -> Vec<Result<Option<Vec<Line>>, CaseError>> {
        match &self.lines {
            Some(lines) => lines.of(cases).into_iter().map(|lines| lines.map(Some)).collect(),
            None => cases.iter().map(|_| Ok(None)).collect(),
        }
    }

    fn done<'c>(
        &self,
        case: &'c Case,
        places: &Places,
        answer: Result<Answer, CaseError>,
        lines: Result<Option<Vec<Line>>, CaseError>,
    ) -> Result<Done<'c>, Refused> {
        let refused = |error: CaseError| {
            let message = wrong(&self.file, places, &error);
            Refused { name: error.case, period: Some(case.period.first()), message }
        };
        let answer = answer.map_err(refused)?;
        let lines = lines.map_err(refused)?;
        let steps = if self.trace { Some(self.program.trace(case).map_err(refused)?) } else { None };
        Ok(Done { case, answer, lines, steps })
    }

    /// Adds what a case came to, or that it came to nothing.
    fn put(&self, done: Result<Done<'_>, Refused>, results: &mut Results) -> Result<(), Failure> {
        let row = |done: Result<Done<'_>, Refused>| match done {
            Ok(done) => self.columns.row(&done.case.name, Some(done.case.period.first()), Some(done.answer)),
            Err(refused) => self.columns.row(&refused.name, refused.period, None),
        };
        let pieces = match results {
            Results::Rows(rows) => {
                rows.push(row(done));
                return Ok(());
            }
            Results::Pieces(pieces) => pieces,
        };
        pieces.push(match (self.shape, done) {
            (Shape::Csv | Shape::Parquet, done) => row(done).line()?,
            (Shape::Json | Shape::Ndjson, Ok(done)) => json::case(&done)?,
            (Shape::Json | Shape::Ndjson, Err(refused)) => {
                json::refused(&refused.name, refused.period, &refused.message)
            }
            (Shape::Text, Ok(done)) => text::case(self.pack, &done),
            (Shape::Text, Err(refused)) => format!("{}\n\n  not worked out: {}\n", refused.name, refused.message),
        });
        Ok(())
    }
}

/// What is wrong with a case and where.
pub fn wrong(file: &str, places: &Places, error: &CaseError) -> String {
    format!("{file}:{}: {}: {}", places.of(&error.why), error.case, facts::explain(&error.why))
}
