//! What became known of days that had passed: periods that hold such a day may have been decided without it.

use jiff::civil::Date;
use schemas::Recorded;
use schemas::day::london_day;
use serde::{Deserialize, Serialize};

/// Something recorded of days before it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// Where it stands.
    pub position: u64,
    /// The day it was recorded; of a decision, the day it was made.
    pub recorded: Date,
    /// The first day for which it matters.
    pub from: Date,
    /// What it is.
    pub what: What,
}

/// What became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// A fact, somebody who came or left, a death.
    Change,
    /// That an earlier record of a fact was wrong.
    Withdrawn,
    /// Pay.
    Pay,
    /// That a sanction was imposed, ended or wrong.
    Sanction,
    /// That an earlier period was decided again: what it carries over may differ.
    Carried,
    /// That another benefit of this ledger was decided: what it gives may count.
    OtherBenefit,
}

impl Late {
    /// What an event says of days that have passed; none when it is about today or later.
    pub fn of(event: &Recorded, from: Date, what: What) -> Option<Late> {
        let recorded = match what {
            What::Carried => event.envelope.decided_on,
            What::Change | What::Withdrawn | What::Pay | What::Sanction | What::OtherBenefit => None,
        };
        let recorded = recorded.unwrap_or_else(|| london_day(event.envelope.time));
        (from < recorded).then_some(Late { position: event.sequence, recorded, from, what })
    }
}
