//! Whether one person stayed above the floor: as it was, and as it was believed on each day itself.

use jiff::civil::Date;
use schemas::day::london_day;
use schemas::{PersonId, Recorded};

use crate::floor::file::FloorFile;
use crate::floor::views::{LedgerError, View, judge};
use crate::floor::{Days, Gaps, Scoped};
use crate::law::Terms;
use crate::means::means;
use crate::views::MemoryViews;

/// The *actual* verdict: what was missing on the days, by everything the views know now. None for somebody who is not
/// registered.
///
/// # Errors
/// A child whose recorded carer is not among the people of the views.
pub fn actual(
    person: PersonId,
    world: &MemoryViews,
    file: &FloorFile,
    terms: &Terms,
    view: View,
    days: Days,
) -> Result<Option<Scoped>, LedgerError> {
    let means = means(person, world, file, terms)?;
    Ok(means.map(|means| means.scope.apply(&judge(&means.ledger, view, file.counts, days), days)))
}

/// What was believed of some days, each at its own end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Believed {
    /// What was missing.
    pub gaps: Gaps,
    /// The days of which anything could be said.
    pub judged: Vec<Days>,
}

impl Believed {
    /// The days in breach that were believed to be none when they passed: the detection failures.
    pub fn undetected(&self, actual: &Gaps) -> Gaps {
        let mut undetected = Gaps::default();
        for days in &self.judged {
            undetected.append(&actual.within(*days).where_none_in(&self.gaps));
        }
        undetected
    }
}

/// The *believed* verdict: of each day, what was missing by everything known at its end.
///
/// `history` holds the events of the person and of everyone they shared a claim with, in order.
///
/// # Errors
/// A child whose recorded carer is not among the people of the views.
pub fn believed(
    person: PersonId,
    history: &[Recorded],
    file: &FloorFile,
    terms: &Terms,
    view: View,
    days: Days,
) -> Result<Believed, LedgerError> {
    let mut world = MemoryViews::default();
    let mut found = Believed::default();
    let mut events = history.iter().peekable();
    while let Some(event) = events.next() {
        world.apply(event);
        let known_on = london_day(event.envelope.time);
        let next = events.peek().map(|next| london_day(next.envelope.time));
        if let Some(same_knowledge) = until_next(known_on, next, days)
            && let Some(means) = means(person, &world, file, terms)?
        {
            let gaps = judge(&means.ledger, view, file.counts, same_knowledge);
            found.gaps.append(&means.scope.apply(&gaps, same_knowledge).gaps);
            found.judged.extend(means.scope.judged(same_knowledge));
        }
    }
    Ok(found)
}

/// The days asked for from one on which something became known until the day before the next such day.
fn until_next(known_on: Date, next: Option<Date>, days: Days) -> Option<Days> {
    let last = match next {
        Some(next) => next.yesterday().ok()?,
        None => days.to(),
    };
    Days::new(known_on, last).ok()?.shared_with(days)
}
