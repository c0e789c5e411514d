//! The manifest: what an archive holds, one line of JSON for each segment.
//!
//! It is written whole under another name and renamed, and so is the moment at which events count as archived. Its form is
//! canonical: a line that is written in any other way than we write it is damaged.

use schemas::Digest;
use serde::{Deserialize, Serialize};

use crate::log::tree::Edge;

/// What the first line calls the folder.
const FORMAT: &str = "footing archive";

/// The version of the form.
const VERSION: u8 = 1;

/// What an archive holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// How many events a full segment has: a power of two.
    segment_events: u64,
    segments: Vec<Segment>,
}

/// One file of events. All but the last are full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// The sequence of its first event.
    pub first: u64,
    /// The sequence of its last event.
    pub last: u64,
    /// The file, within the folder.
    pub file: String,
    /// The SHA-256 of the file.
    pub sha256: Digest,
    /// The root of the tree over its own events: for a full one a hash of the log itself.
    pub segment_root: Digest,
    /// The root of the log after its last event, as a checkpoint over so many events says it.
    pub root: Digest,
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    v: u8,
    segment_events: u64,
    /// How many events there are in all: a manifest that was cut off at a line says so.
    events: u64,
}

/// What is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("manifest.jsonl, line {line}: {reason}")]
pub struct ManifestError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

impl Manifest {
    /// That of an archive that holds nothing; none for a length that is no power of two, which the tree could not use.
    pub fn new(segment_events: u64) -> Option<Manifest> {
        segment_events.is_power_of_two().then(|| Manifest { segment_events, segments: Vec::new() })
    }

    /// How many events a full segment has.
    pub const fn segment_events(&self) -> u64 {
        self.segment_events
    }

    /// The segments, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// How many events are archived.
    pub fn events(&self) -> u64 {
        self.segments.last().map_or(0, |last| last.last)
    }

    /// The last segment, where it is not full.
    pub fn open(&self) -> Option<&Segment> {
        self.segments.last().filter(|last| !self.is_full(last))
    }

    /// The edge of the log after so many segments, all of them full.
    pub(super) fn edge_after(&self, full: usize) -> Edge {
        let mut edge = Edge::default();
        self.segments.iter().take(full).for_each(|segment| edge.push(segment.segment_root.0));
        edge.beneath(self.segment_events.trailing_zeros())
    }

    /// Puts a segment after the last full one, and gives the one that stood there.
    pub(super) fn put(&mut self, segment: Segment) -> Option<Segment> {
        let grown = if self.open().is_some() { self.segments.pop() } else { None };
        self.segments.push(segment);
        grown
    }

    /// How many segments are full.
    pub(super) fn full(&self) -> usize {
        self.segments.len() - usize::from(self.open().is_some())
    }

    const fn is_full(&self, segment: &Segment) -> bool {
        segment.last.is_multiple_of(self.segment_events)
    }

    /// The text of the file.
    pub(super) fn text(&self) -> String {
        let head =
            Head { format: FORMAT.into(), v: VERSION, segment_events: self.segment_events, events: self.events() };
        std::iter::once(line(&head)).chain(self.segments.iter().map(line)).collect()
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// [`ManifestError`] with the first line that is wrong.
    pub fn read(text: &str) -> Result<Manifest, ManifestError> {
        let wrong = |line: usize, reason: &str| ManifestError { line, reason: reason.into() };
        let mut lines = (1..).zip(text.split_inclusive('\n'));
        let (at, first) = lines.next().ok_or_else(|| wrong(1, "there is nothing in it"))?;
        let head: Head = canonical(at, first)?;
        if head.format != FORMAT || head.v != VERSION {
            return Err(wrong(1, "it is not version 1 of a footing archive"));
        }
        let mut manifest =
            Manifest::new(head.segment_events).ok_or_else(|| wrong(1, "segment_events is not a power of two"))?;
        for (at, text) in lines {
            let segment: Segment = canonical(at, text)?;
            let expected = manifest.events() + 1;
            let end = (expected - 1) / head.segment_events * head.segment_events + head.segment_events;
            if manifest.open().is_some() || segment.first != expected || !(expected..=end).contains(&segment.last) {
                let reason = format!("events {} to {} do not follow {}", segment.first, segment.last, expected - 1);
                return Err(wrong(at, &reason));
            }
            if segment.file != super::segment::file_name(segment.first, segment.last) {
                return Err(wrong(at, "the name of the file is not that of its events"));
            }
            manifest.segments.push(segment);
        }
        if manifest.events() != head.events {
            let reason =
                format!("it says {} events, and the lines after it come to {}", head.events, manifest.events());
            return Err(wrong(1, &reason));
        }
        Ok(manifest)
    }
}

fn line(value: &impl Serialize) -> String {
    // Numbers, texts and digests can always be written as JSON.
    serde_json::to_string(value).unwrap_or_default() + "\n"
}

fn canonical<T: Serialize + for<'de> Deserialize<'de>>(at: usize, text: &str) -> Result<T, ManifestError> {
    let read: T = serde_json::from_str(text).map_err(|error| ManifestError { line: at, reason: error.to_string() })?;
    if line(&read) == text {
        Ok(read)
    } else {
        Err(ManifestError { line: at, reason: "it is not written as it was".into() })
    }
}
