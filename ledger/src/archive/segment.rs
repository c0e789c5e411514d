//! A segment as a file: gzip (RFC 1952) over the stored bytes of its events, a line end after each.

use std::io::{BufRead as _, BufReader, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use schemas::envelope::Envelope;

use crate::store::Stored;

/// The longest line that is read: a pack with its law fits many times.
const LONGEST_LINE: u64 = 64 * 1024 * 1024;

/// Such as `segments/000000000001-000000008192.jsonl.gz`.
pub(super) fn file_name(first: u64, last: u64) -> String {
    format!("segments/{first:012}-{last:012}.jsonl.gz")
}

/// The content of the file for these events.
pub(super) fn write(events: &[Stored]) -> std::io::Result<Vec<u8>> {
    let mut file = GzEncoder::new(Vec::new(), Compression::default());
    for event in events {
        file.write_all(&event.bytes)?;
        file.write_all(b"\n")?;
    }
    file.finish()
}

/// The events of a file, of which the manifest says the first and the last.
///
/// # Errors
/// What is wrong: the compression, how many lines there are, or a line that is no event.
pub(super) fn read(file: &[u8], first: u64, last: u64) -> Result<Vec<Stored>, String> {
    let mut lines = BufReader::new(GzDecoder::new(file));
    let mut events = Vec::new();
    for sequence in first..=last {
        let mut bytes = Vec::new();
        std::io::Read::take(&mut lines, LONGEST_LINE)
            .read_until(b'\n', &mut bytes)
            .map_err(|error| format!("cannot be read from sequence {sequence} on: {error}"))?;
        if bytes.pop() != Some(b'\n') {
            return Err(format!("ends before sequence {sequence}"));
        }
        events.push(event(sequence, bytes)?);
    }
    match lines.fill_buf() {
        Ok([]) => Ok(events),
        Ok(_) => Err(format!("goes on after sequence {last}")),
        Err(error) => Err(format!("cannot be read after sequence {last}: {error}")),
    }
}

fn event(sequence: u64, bytes: Vec<u8>) -> Result<Stored, String> {
    let envelope = Envelope::from_bytes(&bytes).map_err(|error| format!("sequence {sequence} is no event: {error}"))?;
    Ok(Stored { sequence, subject: envelope.subject, bytes })
}

/// Why a stored message cannot be a line: it would not be read as what it is.
pub(super) fn unfit(stored: &Stored) -> Option<String> {
    match Envelope::from_bytes(&stored.bytes) {
        Err(error) => Some(error.to_string()),
        Ok(envelope) if envelope.subject != stored.subject => {
            Some(format!("it stands on {} and says it stands on {}", stored.subject, envelope.subject))
        }
        Ok(_) if stored.bytes.contains(&b'\n') => Some("it is not one line".into()),
        Ok(_) => None,
    }
}
