//! `footing calc`: awards for described cases, without a ledger.
//!
//! Cases come one after another, go through the compiled rules in batches, and their results gather in a file until all
//! of them are there: memory does not grow with their number, and a bad case leaves nothing half-written.

mod document;
mod facts;
mod json;
mod lines;
mod rows;
mod source;
mod table;
mod text;

use projections::engine::{Answer, Case, CaseError, LANES, Pack, Program, Scope, Step};

use crate::cli::{CalcArgs, Global};
use crate::error::Failure;
use crate::output::{Format, Sink};
use crate::packs::Shelf;
use crate::progress::Progress;
use lines::{Line, Lines};
use source::{Places, Source, Stated};
use table::Columns;

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    Json,
    Csv,
}

/// Works out every case of a file.
///
/// # Errors
/// The first thing wrong with the pack, the file or a case; nothing is written then.
pub fn run(global: &Global, args: &CalcArgs) -> Result<(), Failure> {
    let pack = Shelf::open(global)?.load(&args.pack)?;
    let program = pack.compile(None).map_err(|e| Failure::input(e.to_string()))?;
    let mut cases = Source::open(args, &pack)?;
    let shape = shape(global.format, args, cases.is_rows())?;
    let mut writer = Writer { shape, columns: Columns::new(&pack, cases.people()), pack: &pack, first: true };
    let lines = if shape == Shape::Json { Lines::new(&pack)? } else { None };
    let mut sink = Sink::open(args.output.as_deref())?;
    let progress = Progress::counting("cases");
    sink.put(&writer.start()?)?;
    loop {
        let batch: Vec<Stated> = cases.by_ref().take(BATCH).collect::<Result<_, _>>()?;
        if let Some(stated) = batch.iter().find(|stated| stated.case.people.is_empty() && asks_of_people(&pack)) {
            return Err(nobody(cases.file(), stated));
        }
        let (batch, places): (Vec<Case>, Vec<Places>) = batch.into_iter().map(|s| (s.case, s.places)).unzip();
        if batch.is_empty() {
            break;
        }
        let mut whose = lines.as_ref().map(|lines| lines.of(&batch)).unwrap_or_default().into_iter();
        for ((case, places), answer) in batch.iter().zip(&places).zip(program.run(&batch)) {
            let failed = |error: CaseError| wrong(cases.file(), places, &error);
            let answer = answer.map_err(failed)?;
            let lines = whose.next().transpose().map_err(failed)?;
            let steps = steps(&program, case, args.trace).map_err(failed)?;
            sink.put(&writer.piece(&Done { case, answer, lines, steps })?)?;
        }
        progress.add(batch.len());
    }
    sink.put(writer.end())?;
    drop(progress);
    sink.finish()
}

/// How many cases are in memory at a time.
const BATCH: usize = 4 * LANES;

/// A case with its results.
struct Done<'c> {
    case: &'c Case,
    answer: Answer,
    /// Whose each part of the payment is, where the pack says so and the form has room for it.
    lines: Option<Vec<Line>>,
    /// The steps, where they are asked for.
    steps: Option<Vec<Step>>,
}

fn steps(program: &Program, case: &Case, asked: bool) -> Result<Option<Vec<Step>>, CaseError> {
    if asked { program.trace(case).map(Some) } else { Ok(None) }
}

/// The name of the output file decides, then what is asked for; without either, rows give rows.
fn shape(format: Option<Format>, args: &CalcArgs, rows: bool) -> Result<Shape, Failure> {
    let name = args.output.as_deref().and_then(|path| path.extension()).and_then(|e| e.to_str());
    let shape = match (name, format) {
        (Some("csv"), None) => Shape::Csv,
        (Some("json"), None) | (_, Some(Format::Json)) => Shape::Json,
        (_, Some(Format::Text)) => Shape::Text,
        (_, None) if rows => Shape::Csv,
        (_, None) => Shape::Text,
    };
    if shape == Shape::Csv && args.trace {
        return Err(Failure::input("--trace: steps do not fit in CSV; add --format json or --format text"));
    }
    Ok(shape)
}

/// Turns cases into pieces of a file.
struct Writer<'p> {
    shape: Shape,
    columns: Columns,
    pack: &'p Pack,
    /// Whether nothing was written yet.
    first: bool,
}

impl Writer<'_> {
    /// What stands before the first case.
    fn start(&self) -> Result<String, Failure> {
        match self.shape {
            Shape::Text => Ok(String::new()),
            Shape::Json => Ok("[".into()),
            Shape::Csv => self.columns.header(),
        }
    }

    fn piece(&mut self, done: &Done<'_>) -> Result<String, Failure> {
        let first = std::mem::replace(&mut self.first, false);
        match self.shape {
            Shape::Text => Ok(format!("{}{}", if first { "" } else { "\n" }, text::case(self.pack, done))),
            Shape::Json => Ok(format!("{}{}", if first { "\n" } else { ",\n" }, json::case(done)?)),
            Shape::Csv => self.columns.row(done),
        }
    }

    /// What stands after the last case.
    fn end(&self) -> &'static str {
        match self.shape {
            Shape::Text | Shape::Csv => "",
            Shape::Json if self.first => "]\n",
            Shape::Json => "\n]\n",
        }
    }
}

/// Whether a case without anybody in it makes no sense: the pack asks facts of persons.
fn asks_of_people(pack: &Pack) -> bool {
    pack.inputs().iter().any(|input| input.scope == Scope::Person)
}

fn nobody(file: &str, stated: &Stated) -> Failure {
    let (at, name) = (stated.places.case, &stated.case.name);
    Failure::input(format!("{file}:{at}: {name}: nobody is in the case; add its people and their facts"))
}

fn wrong(file: &str, places: &Places, error: &CaseError) -> Failure {
    Failure::input(format!("{file}:{}: {}: {}", places.of(&error.why), error.case, facts::explain(&error.why)))
}
