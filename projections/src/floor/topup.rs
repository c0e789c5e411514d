//! Planning the payment that keeps a gap from opening. Pure: from what is known on a day to what to instruct, or nothing.
//! Who is paid, and through which channel, is the payment planner's business.

use jiff::civil::Date;
use schemas::Money;

use super::amount::FloorAmount;
use super::credit::{Credit, CreditKind, Purpose, Series};
use super::days::{Days, plus};
use super::file::{FloorFile, Mode};
use super::gaps::Gaps;

/// The top-up to instruct on the day for one person, where the floor file guarantees and a gap is in sight.
///
/// It covers the days from the first gap, today's at the earliest, to the day before the next scheduled credit, or as many
/// days as the file's tranche, whichever ends earlier. It is released as many working days before as the file's lead, so
/// that evenings on which nothing can be sent do not open the gap; today where that day has passed. Plan again before each
/// tranche: a credit that came meanwhile makes the next one smaller.
pub fn plan_top_up(
    day: Date,
    projection: &Projection<'_>,
    file: &FloorFile,
    is_working_day: impl Fn(Date) -> bool,
) -> Option<TopUp> {
    match file.mode {
        Mode::Measure => return None,
        Mode::Guarantee => {}
    }
    let lead = Lead { days: file.lead_working_days, is_working_day };
    let first = projection.gaps.runs().find(|(days, _)| day <= days.to()).map(|(days, _)| days.from().max(day))?;
    let tranche_end = plus(first, i32::from(file.tranche_days));
    let next = projection.scheduled.iter().copied().filter(|credit| *credit > first).fold(tranche_end, Date::min);
    let covers = Days::new(first, plus(next, -1)).unwrap_or(Days::one(first));
    let missing: FloorAmount = projection.gaps.within(covers).shortfall();
    let release_on = lead.release_for(first).max(day);
    Some(TopUp { amount: missing.rounded_up(), usable_by: first, release_on, covers })
}

/// What is known on the day of planning about one person's coming days.
#[derive(Clone, Copy, Debug)]
pub struct Projection<'a> {
    /// What will be missing, from that day to well past the tranche, if only scheduled credits come.
    pub gaps: &'a Gaps,
    /// The days of scheduled credits: released or due payments, and wages as [`scheduled_wage`] says.
    pub scheduled: &'a [Date],
}

/// A payment that keeps the floor: a grant of no series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopUp {
    /// How much: what is missing over the days covered, up to a penny.
    pub amount: Money,
    /// The day by which it must be usable: the first gap from today on.
    pub usable_by: Date,
    /// The day to release it.
    pub release_on: Date,
    /// From the first gap to the day before the next scheduled credit or tranche.
    pub covers: Days,
}

impl TopUp {
    /// The credit that it becomes, at a position in the stream.
    pub const fn credit(&self, position: u64) -> Credit {
        Credit {
            usable: self.usable_by,
            amount: self.amount,
            kind: CreditKind::TopUp,
            purpose: Purpose::TopUp,
            series: None,
            next_due: None,
            pays_for: None,
            position,
            counts: None,
        }
    }
}

/// The next wage of a series that came on its day three times running, and so counts as scheduled: due when the last one
/// said, at the least of the three amounts. None where it did not.
pub fn scheduled_wage(credits: &[Credit], series: Series) -> Option<Credit> {
    let mut wages: Vec<&Credit> =
        credits.iter().filter(|c| c.series == Some(series) && c.kind == CreditKind::Wage).collect();
    wages.sort_by_key(|wage| (wage.usable, wage.position));
    let last_four = wages.len().checked_sub(4).and_then(|start| wages.get(start..))?;
    let punctual = last_four.windows(2).all(|pair| pair[0].next_due == Some(pair[1].usable));
    let (last, least) = (last_four.last()?, last_four.iter().skip(1).map(|wage| wage.amount).min()?);
    last.next_due.filter(|_| punctual).map(|due| Credit { usable: due, amount: least, next_due: None, ..**last })
}

/// How many working days ahead money leaves.
pub(crate) struct Lead<F> {
    pub(crate) days: u8,
    pub(crate) is_working_day: F,
}

impl<F: Fn(Date) -> bool> Lead<F> {
    /// The first day on which money released today or later can be used.
    pub(super) fn earliest(&self, day: Date) -> Date {
        if self.days == 0 {
            return day;
        }
        let released = self.working_day(day, 1);
        (0..self.days).fold(released, |day, _| self.working_day(plus(day, 1), 1))
    }

    /// The last day for which money leaves on this one: of every later day it leaves on a later one.
    pub(crate) fn reach(&self, day: Date) -> Date {
        (0..self.days).fold(day, |day, _| self.working_day(plus(day, 1), 1))
    }

    /// The day to release so that money can be used on this day.
    fn release_for(&self, usable: Date) -> Date {
        (0..self.days).fold(usable, |day, _| self.working_day(plus(day, -1), -1))
    }

    /// This day, or the nearest working day in the direction; within a month, or there is none.
    fn working_day(&self, day: Date, step: i32) -> Date {
        (0..31).map(|n| plus(day, n * step)).find(|day| (self.is_working_day)(*day)).unwrap_or(day)
    }
}

#[cfg(test)]
mod tests;
