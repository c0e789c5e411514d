//! The journal in the order of days, for programs of others. However long it is, only where each entry begins is kept in
//! memory; the text waits in a file without a name.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};

use jiff::civil::Date;
use projections::books::{Balances, Entry};

use super::format;
use crate::cli::JournalFormat;
use crate::error::Failure;
use crate::output::Sink;

/// Entries on their way into a journal.
pub struct Journal {
    format: JournalFormat,
    text: BufWriter<File>,
    written: u64,
    /// Of each entry its day, and where its text begins and ends.
    places: Vec<(Date, u64, u64)>,
    /// What each month added to the accounts, by its first day.
    months: BTreeMap<Date, Balances>,
}

impl Journal {
    /// Nothing yet.
    ///
    /// # Errors
    /// The temporary folder cannot be written.
    pub fn new(format: JournalFormat) -> Result<Journal, Failure> {
        let text = BufWriter::new(tempfile::tempfile().map_err(failed)?);
        Ok(Journal { format, text, written: 0, places: Vec::new(), months: BTreeMap::new() })
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn add(&mut self, entry: &Entry) -> Result<(), Failure> {
        let text = format::entry(self.format, entry);
        self.text.write_all(text.as_bytes()).map_err(failed)?;
        let end = self.written + text.len() as u64;
        self.places.push((entry.day, self.written, end));
        self.written = end;
        self.months.entry(entry.day.first_of_month()).or_default().add(entry);
        Ok(())
    }

    /// Writes everything: the accounts, then month by month the entries of each day in the order in which they became
    /// known, and at the end of each month what every account must come to.
    ///
    /// # Errors
    /// The disk is full or fails.
    pub fn finish(mut self, title: &str, sink: &mut Sink) -> Result<(), Failure> {
        self.places.sort_by_key(|(day, begin, _)| (*day, *begin));
        let mut file = self.text.into_inner().map_err(|error| failed(error.into_error()))?;
        let mut balances = Balances::default();
        self.months.values().for_each(|month| balances.add_all(month));
        let first = self.places.first().map(|(day, ..)| *day);
        sink.put(&format::head(self.format, title, first, &balances))?;
        let (mut balances, mut places) = (Balances::default(), self.places.into_iter().peekable());
        for (month, added) in &self.months {
            while let Some((_, begin, end)) = places.next_if(|(day, ..)| day.first_of_month() == *month) {
                let mut text = vec![0; usize::try_from(end - begin).unwrap_or_default()];
                file.seek(SeekFrom::Start(begin)).and_then(|_| file.read_exact(&mut text)).map_err(failed)?;
                sink.put(&String::from_utf8_lossy(&text))?;
            }
            balances.add_all(added);
            sink.put(&format::month_end(self.format, month.last_of_month(), &balances))?;
        }
        Ok(())
    }
}

fn failed(error: std::io::Error) -> Failure {
    Failure::writing("a file in the temporary folder", error)
}
