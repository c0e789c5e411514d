//! Payment runs: who planned and approved each, how far it came, and what left in it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::approvals::Approvals;
use schemas::day::london_day;
use schemas::events::{Event, PaymentEvent, RunEvent};
use schemas::{CommandId, Digest, Envelope, Money, PaymentId, Recorded, RunId, Subject};

/// Every run of the stream, and how many approvals their lists need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    runs: BTreeMap<RunId, RunView>,
    approvals: Approvals,
}

/// What is known about one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunView {
    /// The day it is for.
    pub day: Date,
    /// SHA-256 of its listing.
    pub digest: Digest,
    /// How many payments were listed.
    pub payments: u32,
    /// Their sum.
    pub total: Money,
    /// How many different people have to approve it.
    pub approvals: u8,
    /// Who planned it.
    pub planned_by: String,
    /// Where the plan stands in the stream: it rests on everything before.
    pub planned_at: u64,
    /// Who approved it.
    pub approved_by: Vec<String>,
    /// When it was approved last.
    pub approved_at: Option<Timestamp>,
    /// That what leaves in it is fixed.
    pub released: Option<Released>,
    /// The digest of the manifest of its files, where it left without any and they were made later.
    pub filed: Option<Digest>,
    /// Who had its files appear, each time; it is recorded before they do.
    pub placed: Vec<Placed>,
    /// Why it was given up.
    pub abandoned: Option<String>,
    /// Payments that left in it.
    pub left: BTreeSet<PaymentId>,
}

/// That what leaves in a run is fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// Where that was recorded: it rests on everything before.
    pub at: u64,
    /// The digest of the manifest of its files; that of its listing where it left without files.
    pub file: Digest,
    /// Who released it.
    pub by: String,
    /// On which day.
    pub on: Date,
}

/// That the files of a run appear somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Who had them appear.
    pub by: String,
    /// On which day.
    pub on: Date,
    /// The command that recorded it.
    pub command: CommandId,
}

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Listed.
    Planned,
    /// Approved by everybody who has to.
    Approved,
    /// Its files are fixed.
    Released,
    /// Given up.
    Abandoned,
}

impl Runs {
    /// Folds in the next event.
    pub fn apply(&mut self, Recorded { sequence, envelope }: &Recorded) {
        match (&envelope.event, &envelope.subject) {
            (Event::Run(RunEvent::RunPlanned(planned)), _) => {
                let view = RunView {
                    day: planned.day,
                    digest: planned.digest,
                    payments: planned.payments,
                    total: planned.total.money(),
                    approvals: planned.approvals,
                    planned_by: envelope.actor.clone(),
                    planned_at: *sequence,
                    approved_by: Vec::new(),
                    approved_at: None,
                    released: None,
                    filed: None,
                    placed: Vec::new(),
                    abandoned: None,
                    left: BTreeSet::new(),
                };
                self.runs.insert(planned.run, view);
            }
            (Event::Run(RunEvent::RunApprovalsAsked(asked)), _) => {
                self.approvals = std::mem::take(&mut self.approvals).asked_by(&envelope.actor, asked.approvals);
            }
            (Event::Run(event), Subject::Run(run)) => {
                if let Some(view) = self.runs.get_mut(run) {
                    view.apply(*sequence, envelope, event);
                }
            }
            (Event::Payment(PaymentEvent::PaymentReleased(released)), _) => {
                if let Some(view) = self.runs.get_mut(&released.run) {
                    view.left.insert(released.payment);
                }
            }
            (
                Event::Run(_)
                | Event::Payment(_)
                | Event::Person(_)
                | Event::Income(_)
                | Event::Identity(_)
                | Event::Sanction(_)
                | Event::Debt(_)
                | Event::Claim(_)
                | Event::Determination(_)
                | Event::Dispute(_)
                | Event::Pack(_)
                | Event::Bank(_),
                _,
            ) => {}
        }
    }

    /// A run.
    pub fn get(&self, run: RunId) -> Option<&RunView> {
        self.runs.get(&run)
    }

    /// The runs in which a payment left.
    pub fn in_which(&self, payment: PaymentId) -> impl Iterator<Item = RunId> {
        self.runs.iter().filter(move |(_, view)| view.left.contains(&payment)).map(|(run, _)| *run)
    }

    /// How many different people have to approve every list.
    pub fn approvals(&self) -> &Approvals {
        &self.approvals
    }

    /// Every run, in order of its plan.
    pub fn in_order(&self) -> Vec<(RunId, &RunView)> {
        let mut runs: Vec<(RunId, &RunView)> = self.runs.iter().map(|(run, view)| (*run, view)).collect();
        runs.sort_by_key(|(_, view)| view.planned_at);
        runs
    }
}

impl RunView {
    fn apply(&mut self, sequence: u64, envelope: &Envelope, event: &RunEvent) {
        match event {
            RunEvent::RunPlanned(_) | RunEvent::RunApprovalsAsked(_) => {}
            RunEvent::RunApproved(_) => {
                self.approved_by.push(envelope.actor.clone());
                self.approved_at = Some(envelope.time);
            }
            RunEvent::RunReleased(released) => {
                let (file, by, on) = (released.file, envelope.actor.clone(), london_day(envelope.time));
                self.released = Some(Released { at: sequence, file, by, on });
            }
            RunEvent::RunFiled(filed) => self.filed = Some(filed.file),
            RunEvent::RunFilesPlaced(_) => {
                let (by, on, command) = (envelope.actor.clone(), london_day(envelope.time), envelope.id.command);
                self.placed.push(Placed { by, on, command });
            }
            RunEvent::RunAbandoned(abandoned) => self.abandoned = Some(abandoned.reason.clone()),
        }
    }

    /// The digest of the manifest of its files, once they are fixed.
    pub fn files(&self) -> Option<Digest> {
        let released = self.released.as_ref().map(|released| released.file).filter(|file| *file != self.digest);
        self.filed.or(released)
    }

    /// How far it came.
    pub fn stage(&self) -> Stage {
        let approved = self.approved_by.len() >= usize::from(self.approvals);
        match (&self.abandoned, &self.released, approved) {
            (Some(_), _, _) => Stage::Abandoned,
            (None, Some(_), _) => Stage::Released,
            (None, None, true) => Stage::Approved,
            (None, None, false) => Stage::Planned,
        }
    }
}

impl Stage {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Planned => "planned",
            Stage::Approved => "approved",
            Stage::Released => "released",
            Stage::Abandoned => "abandoned",
        }
    }
}
