//! Everything that the stream says up to one position: what plans and decisions rest on.

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::{Command, Order};
use projections::floor::file::Mode;
use projections::payments::{Horizon, derived_uuid};
use projections::plan::{self, EVENING, Plan, Promise};
use projections::published::Published;
use projections::runs::Runs;
use projections::views::MemoryViews;
use schemas::day::{london_day, london_hour};
use schemas::{CommandId, Recorded};

use crate::rules::RuleSet;

/// Everything known at a position of the stream.
#[derive(Default)]
pub struct Known {
    /// People and claims.
    pub world: MemoryViews,
    /// Rules that stand in the stream.
    pub published: Published,
    /// Payment runs.
    pub runs: Runs,
    /// When the last event was recorded.
    pub last: Option<Timestamp>,
}

impl Known {
    /// Folds in the next event.
    pub fn apply(&mut self, event: &Recorded) {
        self.world.apply(event);
        self.published.apply(event);
        self.runs.apply(event);
        self.last = Some(event.envelope.time);
    }

    /// A command of somebody's for the evening of a day.
    pub(crate) fn command(&self, actor: &str, day: Date, name: &str, order: Order) -> Command {
        let evening = london_hour(day, EVENING);
        Command {
            id: CommandId(derived_uuid(name)),
            actor: actor.into(),
            time: self.last.map_or(evening, |last| last.max(evening)),
            effective_from: day,
            effective_to: None,
            notified_on: None,
            decided_on: Some(day),
            causation: None,
            correlation: None,
            order,
        }
    }

    /// What has to leave on the evening of a day.
    pub fn plan(&self, day: Date, rules: &RuleSet) -> Plan {
        self.plan_of(&self.world, day, rules)
    }

    /// The same of a piece of the world. A top-up for a day already past would be hindsight.
    pub(crate) fn plan_of(&self, world: &MemoryViews, day: Date, rules: &RuleSet) -> Plan {
        let past = self.last.is_some_and(|last| day < london_day(last));
        let promise = match rules.floor.mode {
            Mode::Measure => Promise::Measured,
            Mode::Guarantee if past => Promise::Past(&rules.floor),
            Mode::Guarantee => Promise::Guaranteed(&rules.floor),
        };
        plan::plan(Horizon::of(day, &rules.floor), world, &rules.law, promise)
    }
}
