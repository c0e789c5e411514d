//! Whether one person stayed above the floor: as it was, and as it was believed on each day itself.

use jiff::civil::Date;
use schemas::day::london_day;
use schemas::{PersonId, Recorded};

use crate::floor::file::FloorFile;
use crate::floor::views::{LedgerError, View, judge};
use crate::floor::{Days, Gaps, Scoped};
use crate::means::means;
use crate::payments::Calendar;
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
    calendar: Calendar,
    view: View,
    days: Days,
) -> Result<Option<Scoped>, LedgerError> {
    let means = means(person, world, file, calendar)?;
    Ok(means.map(|means| means.scope.apply(&judge(&means.ledger, view, file.counts, days), days)))
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
    calendar: Calendar,
    view: View,
    days: Days,
) -> Result<Gaps, LedgerError> {
    let mut world = MemoryViews::default();
    let mut found = Gaps::default();
    let mut events = history.iter().peekable();
    while let Some(event) = events.next() {
        world.apply(event);
        let known_on = london_day(event.envelope.time);
        let next = events.peek().map(|next| london_day(next.envelope.time));
        if let Some(same_knowledge) = until_next(known_on, next, days)
            && let Some(scoped) = actual(person, &world, file, calendar, view, same_knowledge)?
        {
            found.append(&scoped.gaps);
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
