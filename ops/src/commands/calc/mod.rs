//! `footing calc`: awards for described cases, without a ledger.
//!
//! Cases come one after another, go through the compiled rules in batches on every core, and their results gather in the
//! order of the cases in a file until all of them are there: memory does not grow with their number, and a bad case
//! leaves nothing half-written.

mod document;
mod facts;
mod json;
mod lines;
mod out;
mod parquet;
mod rows;
mod source;
mod table;
mod text;
mod work;

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use projections::engine::{Answer, Case, LANES, Scope, Step};

use crate::cli::{CalcArgs, Global};
use crate::error::Failure;
use crate::output::{Format, Sink};
use crate::packs::Shelf;
use crate::progress::Progress;
use lines::{Line, Lines};
use out::Out;
use source::{Feed, Record};
use table::Columns;
use work::{Batch, Bench};

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    Json,
    Ndjson,
    Csv,
    Parquet,
}

/// A case with its results.
struct Done<'c> {
    case: &'c Case,
    answer: Answer,
    /// Whose each part of the payment is, where the pack says so and the form has room for it.
    lines: Option<Vec<Line>>,
    /// The steps, where they are asked for.
    steps: Option<Vec<Step>>,
}

/// How many cases go to a core at a time.
const BATCH: usize = 4 * LANES;
/// How many wrong cases are named; of the others only the number is said.
const NAMED: usize = 20;

/// Works out every case of a file.
///
/// # Errors
/// What is wrong with the pack or the file, or every case that is wrong: nothing is written then. With `--keep-going`
/// the others are worked out all the same, and [`Failure::Found`] says that some were not.
pub fn run(global: &Global, args: &CalcArgs) -> Result<(), Failure> {
    let pack = Shelf::open(global)?.load(&args.pack)?;
    let program = pack.compile(None).map_err(|e| Failure::input(e.to_string()))?;
    let mut feed = Feed::open(args, &pack)?;
    let shape = shape(global.format, args, &feed)?;
    let of_persons = pack.rules().any(|r| r.scope == Scope::Person && pack.outputs().any(|output| output == r.id));
    if matches!(shape, Shape::Csv | Shape::Parquet) && feed.is_lines() && of_persons {
        let why = "this pack has results of persons, and lines do not say beforehand who there is";
        return Err(Failure::input(format!("{}: {why}; write to a file that ends in .ndjson", feed.file)));
    }
    let lines = if matches!(shape, Shape::Json | Shape::Ndjson) { Lines::new(&pack)? } else { None };
    let columns = Columns::new(&pack, &feed.people);
    let mut out = Out::start(shape, &columns, Sink::open(args.output.as_deref())?)?;
    let (file, header) = (feed.file.clone(), feed.header.take());
    let bench =
        Bench { pack: &pack, program: &program, lines, columns: &columns, file, header, shape, trace: args.trace };
    let wrong = work_all(&bench, &mut feed, &mut out, args.keep_going)?;
    if wrong.count == 0 {
        return out.finish();
    }
    if !args.keep_going {
        return Err(Failure::input(wrong.text()));
    }
    out.finish()?;
    Failure::input(wrong.text()).report();
    Err(Failure::Found)
}

/// The name of the output file decides, then what is asked for; without either, rows give rows and lines give lines.
fn shape(format: Option<Format>, args: &CalcArgs, feed: &Feed) -> Result<Shape, Failure> {
    let name = args.output.as_deref().and_then(|path| path.extension()).and_then(|e| e.to_str());
    let shape = match (name, format) {
        (Some("csv"), None) => Shape::Csv,
        (Some("parquet"), None) => Shape::Parquet,
        (Some("ndjson" | "jsonl"), _) => Shape::Ndjson,
        (Some("json"), None) | (_, Some(Format::Json)) => Shape::Json,
        (_, Some(Format::Text)) => Shape::Text,
        (_, None) if feed.header.is_some() => Shape::Csv,
        (_, None) if feed.is_lines() => Shape::Ndjson,
        (_, None) => Shape::Text,
    };
    if matches!(shape, Shape::Csv | Shape::Parquet) && args.trace {
        let name = if shape == Shape::Csv { "CSV" } else { "Parquet" };
        return Err(Failure::input(format!("--trace: steps do not fit in {name}; add --format json or --format text")));
    }
    Ok(shape)
}

/// Cases that could not be worked out.
#[derive(Default)]
struct Wrong {
    count: usize,
    /// The first of them: place, case, field and what to do.
    named: Vec<String>,
}

impl Wrong {
    fn add(&mut self, messages: Vec<String>) {
        self.count += messages.len();
        let room = NAMED.saturating_sub(self.named.len());
        self.named.extend(messages.into_iter().take(room));
    }

    fn text(&self) -> String {
        let more = self.count - self.named.len();
        let tail = if more > 0 { format!("\nand {more} more cases are wrong") } else { String::new() };
        format!("{}{tail}", self.named.join("\n"))
    }
}

/// A batch and where its results are wanted.
type Job = (Vec<Record>, Sender<Result<Batch, Failure>>);

/// Takes records off the file, lets every core work on batches of them and writes results in the order of the records.
fn work_all(bench: &Bench<'_>, feed: &mut Feed, out: &mut Out, keep_going: bool) -> Result<Wrong, Failure> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let progress = if feed.total > 0 { Progress::through(feed.total) } else { Progress::counting("cases") };
    let mut wrong = Wrong::default();
    let (jobs, queue) = mpsc::channel::<Job>();
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        let jobs = jobs; // its end tells the cores that there is no more to do
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some((records, wanted)) = next_job(&queue) {
                    drop(wanted.send(bench.work(records))); // nobody waits where another batch failed
                }
            });
        }
        let mut waiting: VecDeque<Receiver<Result<Batch, Failure>>> = VecDeque::new();
        loop {
            let records = take(feed)?;
            let at_end = records.is_empty();
            if !at_end {
                let (wanted, results) = mpsc::channel();
                drop(jobs.send((records, wanted)));
                waiting.push_back(results);
            }
            while waiting.len() > if at_end { 0 } else { 2 * cores } {
                let Some(Ok(batch)) = waiting.pop_front().map(|results| results.recv()) else { continue };
                let batch = batch?;
                progress.reached(batch.cases, feed.done());
                wrong.add(batch.wrong);
                if keep_going || wrong.count == 0 {
                    out.put(batch.results)?;
                }
            }
            if at_end {
                return Ok(());
            }
        }
    })?;
    Ok(wrong)
}

fn next_job(queue: &Mutex<Receiver<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// The records of a batch; none at the end of the file.
fn take(feed: &mut Feed) -> Result<Vec<Record>, Failure> {
    let mut records = Vec::with_capacity(BATCH);
    while records.len() < BATCH
        && let Some(record) = feed.record()?
    {
        records.push(record);
    }
    Ok(records)
}
