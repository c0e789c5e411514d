//! Whether an archive is whole, and the log that its checkpoints were signed over. It needs the folder and public keys, and
//! no ledger.

use std::fmt;
use std::path::Path;

use schemas::Digest;

use super::error::ArchiveError;
use super::evidence;
use super::folder::Folder;
use super::manifest::Segment;
use crate::log::audit::{Check as Log, Finding as LogFinding};
use crate::log::leaf::Leaf;
use crate::log::tree::Edge;
use crate::log::{Checkpoint, Places, VerifierKey};
use crate::store::Stored;
use crate::verify::{self, Check as Chain};

/// What a check came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many segments the manifest names.
    pub segments: u64,
    /// How many events it says there are.
    pub events: u64,
    /// The root over all of them, as the manifest has it; none for an archive of nothing.
    pub root: Option<Digest>,
    /// How many checkpoints the events were held against.
    pub checkpoints: u64,
    /// How many events the last of them covers.
    pub signed: u64,
    /// How many good cosignatures of witnesses they carry.
    pub cosignatures: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Something wrong with an archive: which segment, event or range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A segment is missing, or not the file that was archived.
    Segment(String),
    /// A segment has another root than the manifest says.
    Root {
        /// The file.
        file: String,
        /// Its first event.
        first: u64,
        /// Its last event.
        last: u64,
    },
    /// An event.
    Event(verify::Finding),
    /// A checkpoint does not fit.
    Log(LogFinding),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Segment(said) => f.write_str(said),
            Finding::Root { file, first, last } => write!(
                f,
                "segment {file}, events {first} to {last}: they do not come to the root that the manifest says"
            ),
            Finding::Event(finding) => finding.fmt(f),
            Finding::Log(finding) => finding.fmt(f),
        }
    }
}

/// Checks every file of an archive, the links between its events, and its checkpoints and these others against them.
/// `progress` is told how many events were read.
///
/// # Errors
/// [`ArchiveError`] where there is no archive, its manifest is damaged, or the disk fails; everything else is a finding.
pub fn check(
    path: &Path,
    keys: &[VerifierKey],
    others: Vec<Checkpoint>,
    mut progress: impl FnMut(u64),
) -> Result<Report, ArchiveError> {
    let folder = Folder::at(path);
    let manifest = folder.manifest()?.ok_or_else(|| folder.not_ours("there is no manifest.jsonl in it"))?;
    let others = others.into_iter().chain(evidence::cosigned(&folder)?).collect();
    // An archive has no tiles: what they would say, the segments do.
    let places = Places { tiles: folder.path("tiles"), checkpoints: folder.path(evidence::CHECKPOINTS) };
    let mut check =
        Check { chain: Chain::default(), log: Log::new(&places, keys, others)?, lost: false, findings: Vec::new() };
    check.log.take_due()?;
    for (number, segment) in manifest.segments().iter().enumerate() {
        match folder.events(segment) {
            Ok(events) => check.segment(segment, manifest.edge_after(number), &events)?,
            Err(error @ ArchiveError::Segment { .. }) => check.lose(segment, error.to_string()),
            Err(error) => return Err(error),
        }
        progress(segment.last);
    }
    check.finish(manifest.segments())
}

struct Check<'k> {
    /// The links between the events.
    chain: Chain,
    /// The checkpoints.
    log: Log<'k>,
    /// Whether a segment could not be read: from there on nothing can be held against checkpoints.
    lost: bool,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn segment(&mut self, segment: &Segment, mut whole: Edge, events: &[Stored]) -> Result<(), ArchiveError> {
        let mut own = Edge::default();
        for stored in events {
            let hash = Leaf::of(stored).hash();
            own.push(hash);
            whole.push(hash);
            if !self.lost {
                self.log.event(stored)?;
            }
        }
        self.chain.links(events);
        if own.root() != segment.segment_root.0 || whole.root() != segment.root.0 {
            let Segment { first, last, ref file, .. } = *segment;
            self.findings.push(Finding::Root { file: file.clone(), first, last });
        }
        Ok(())
    }

    fn lose(&mut self, segment: &Segment, said: String) {
        self.findings.push(Finding::Segment(said));
        self.chain.skip_to(segment.last);
        self.lost = true;
        self.log.stop();
    }

    fn finish(mut self, segments: &[Segment]) -> Result<Report, ArchiveError> {
        let audited = self.log.finish()?;
        self.findings.extend(self.chain.findings().into_iter().map(Finding::Event));
        self.findings.extend(audited.findings.into_iter().map(Finding::Log));
        Ok(Report {
            segments: segments.len() as u64,
            events: segments.last().map_or(0, |last| last.last),
            root: segments.last().map(|last| last.root),
            checkpoints: audited.checkpoints,
            signed: audited.signed,
            cosignatures: audited.cosignatures,
            findings: self.findings,
        })
    }
}
