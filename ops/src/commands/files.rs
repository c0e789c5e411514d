//! `footing import` and `export`: history in and out of a ledger as lines of JSON.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use ledger::transfer::{self, TransferError, is_event};
use ledger::verify::sealed_in;
use serde_json::json;

use crate::cli::{ExportArgs, Global, ImportArgs};
use crate::commands::{called, is_stdin};
use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::output::{Format, Sink, print, print_json};
use crate::progress::Progress;

/// Takes in a file of commands or of exported events. What is there already is recognised; what cannot be taken goes to
/// the quarantine.
///
/// # Errors
/// [`Failure::Found`] when a record went to the quarantine; otherwise what file or ledger refuse.
pub fn import(global: &Global, args: &ImportArgs) -> Result<(), Failure> {
    let mut desk = Desk::to_record(global)?;
    let mut file = open(&args.file)?;
    let quarantine = args.quarantine.clone().unwrap_or_else(|| quarantine_of(&args.file));
    let mut bad = Quarantine { path: &quarantine, file: None };
    let events = begins_with_event(&mut file).map_err(|e| Failure::reading(&args.file, e))?;
    let bar = Progress::counting("records");
    let mut shown = 0;
    let progress = |progress: &transfer::Progress| {
        bar.add(usize::try_from(progress.lines - shown).unwrap_or(0));
        shown = progress.lines;
    };
    let (ledger, runtime) = desk.parts();
    let done = if events {
        runtime.block_on(transfer::import_events(ledger.store(), file, &mut bad, progress))
    } else {
        runtime.block_on(transfer::import_commands(ledger, file, &mut bad, progress))
    };
    drop(bar);
    let done = done.map_err(|error| stopped(&args.file, &error))?;
    if events {
        note_texts_elsewhere(&desk)?;
    }
    let bad_file = bad.file.is_some().then(|| quarantine.display().to_string());
    match global.format.unwrap_or_default() {
        Format::Json => print_json(&json!({
            "lines": done.lines, "new": done.new, "repeated": done.repeated, "quarantined": done.quarantined, "quarantine": bad_file,
        }))?,
        Format::Text => print(&format!(
            "{} lines: {} new, {} there already, {} quarantined\n",
            done.lines, done.new, done.repeated, done.quarantined
        ))?,
    }
    match bad_file {
        Some(file) => {
            eprintln!(
                "error: {} records could not be taken; each stands in {file} with its line, field and reason",
                done.quarantined
            );
            Err(Failure::Found)
        }
        None => Ok(()),
    }
}

/// The texts of imported events stayed in the vault of the ledger they came from.
pub(super) fn note_texts_elsewhere(desk: &Desk) -> Result<(), Failure> {
    desk.for_each_stored(|page| {
        let sealed: Vec<_> = page.iter().flat_map(|stored| sealed_in(&stored.bytes)).collect();
        desk.vault().note_elsewhere(&sealed).map_err(|e| broken(chain(&e)))
    })
}

/// Writes every event as it is stored.
///
/// # Errors
/// What file or ledger refuse.
pub fn export(global: &Global, args: &ExportArgs) -> Result<(), Failure> {
    let mut desk = Desk::of(global)?;
    let mut sink = Sink::open(args.output.as_deref())?;
    let bar = Progress::counting("events");
    let mut shown = 0;
    let (ledger, runtime) = desk.parts();
    let export = transfer::export(ledger.store(), SinkWriter(&mut sink), |progress| {
        bar.add(usize::try_from(progress.lines - shown).unwrap_or(0));
        shown = progress.lines;
    });
    let done = runtime.block_on(export).map_err(|error| stopped(Path::new("the export"), &error))?;
    drop(bar);
    sink.finish()?;
    if let Some(output) = &args.output {
        match global.format.unwrap_or_default() {
            Format::Json => print_json(&json!({"events": done.lines, "file": output.display().to_string()}))?,
            Format::Text => print(&format!("{} events written to {}\n", done.lines, output.display()))?,
        }
    }
    Ok(())
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if is_stdin(path) {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).map_err(|e| Failure::reading(path, e))?;
    if file.metadata().is_ok_and(|about| about.is_dir()) {
        return Err(Failure::input(format!("{}: this is a folder; name a file", path.display())));
    }
    Ok(Box::new(BufReader::with_capacity(1 << 20, file)))
}

/// Whether the first line is an event; it stays to be read.
fn begins_with_event(file: &mut impl BufRead) -> io::Result<bool> {
    let buffer = file.fill_buf()?;
    let line = buffer.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(is_event(&String::from_utf8_lossy(line)))
}

fn quarantine_of(file: &Path) -> PathBuf {
    let name = if is_stdin(file) { "stdin".into() } else { file.as_os_str().to_owned() };
    let mut name = name;
    name.push(".quarantine.ndjson");
    name.into()
}

fn stopped(file: &Path, error: &TransferError) -> Failure {
    let name = called(file);
    match error {
        TransferError::OtherHistory => Failure::input(format!("{name}: {error}")),
        TransferError::File { line, source } if source.kind() == io::ErrorKind::InvalidData => {
            Failure::input(format!("{name}, line {line}: {source}"))
        }
        TransferError::File { .. } | TransferError::Ledger { .. } => Failure::Outside {
            what: format!("{name}: stopped; start again to go on from there"),
            source: io::Error::other(chain(error)),
        },
    }
}

/// A file that appears with the first record that goes into it.
struct Quarantine<'a> {
    path: &'a Path,
    file: Option<BufWriter<File>>,
}

impl Write for Quarantine<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let file = OpenOptions::new().create(true).write(true).truncate(true).open(self.path)?;
                self.file.insert(BufWriter::new(file))
            }
        };
        file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

struct SinkWriter<'a>(&'a mut Sink);

impl Write for SinkWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(bytes).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        self.0.put(text).map(|()| bytes.len()).map_err(|failure| io::Error::other(failure.to_string()))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
