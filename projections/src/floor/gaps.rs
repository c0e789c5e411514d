//! What was missing on which days. Kept as runs of days with the same gap, however many days they are.

use jiff::civil::Date;

use super::amount::FloorAmount;
use super::days::{Days, day_of, number};

/// What one person went without: the days of breach and what was missing on each, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// In order of days, not overlapping; neighbours differ in their gap.
    runs: Vec<Run>,
    /// Outflows that the money did not cover, in order of days. Reported, not carried to a later day.
    pub unmet: Vec<Unmet>,
}

/// Days with the same gap on each. Zero only where a shared gap is too small for everyone to bear a unit of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    first: i32,
    /// The day after the last.
    end: i32,
    gap: FloorAmount,
}

/// Days in breach without a day between them that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreachSpan {
    /// The days.
    pub days: Days,
    /// What was missing over all of them. Show it with [`FloorAmount::shown`].
    pub shortfall: FloorAmount,
}

/// The part of an outflow that the money of its day did not cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// The day it was due.
    pub on: Date,
    /// What was not covered.
    pub amount: FloorAmount,
}

impl Gaps {
    /// On how many days something was missing.
    pub fn breach_days(&self) -> i64 {
        self.runs.iter().map(|run| run.length()).sum()
    }

    /// What was missing over all days, exactly. Show it with [`FloorAmount::shown`]; shown spans may add up to some
    /// pennies more or less than the shown whole.
    pub fn shortfall(&self) -> FloorAmount {
        self.runs.iter().map(|run| run.gap.times(run.length())).sum()
    }

    /// Whether nothing was missing on any day.
    pub fn no_gap(&self) -> bool {
        self.runs.is_empty()
    }

    /// The days in breach, as the longest runs of them.
    pub fn spans(&self) -> Vec<BreachSpan> {
        let mut spans: Vec<BreachSpan> = Vec::new();
        let mut end = None;
        for run in &self.runs {
            let (days, shortfall) = (run.days(), run.gap.times(run.length()));
            match spans.last_mut() {
                Some(span) if end == Some(run.first) => {
                    span.days = Days::new(span.days.from(), days.to()).unwrap_or(days);
                    span.shortfall += shortfall;
                }
                Some(_) | None => spans.push(BreachSpan { days, shortfall }),
            }
            end = Some(run.end);
        }
        spans
    }

    /// Days in breach with the same gap on each, in order.
    pub fn runs(&self) -> impl Iterator<Item = (Days, FloorAmount)> + '_ {
        self.runs.iter().map(|run| (run.days(), run.gap))
    }

    /// Each day in breach and what was missing on it, in order.
    pub fn by_day(&self) -> impl Iterator<Item = (Date, FloorAmount)> + '_ {
        self.runs.iter().flat_map(|run| (run.first..run.end).map(|day| (day_of(day), run.gap)))
    }

    /// What was missing on the day; none where it was no breach.
    pub fn on(&self, day: Date) -> Option<FloorAmount> {
        let day = number(day);
        let after = self.runs.partition_point(|run| run.end <= day);
        self.runs.get(after).filter(|run| run.first <= day).map(|run| run.gap)
    }

    /// Only the breaches within the days.
    pub fn within(&self, days: Days) -> Gaps {
        let mut kept = Gaps::default();
        let (from, end) = (number(days.from()), number(days.to()) + 1);
        for run in &self.runs {
            kept.push(run.first.max(from), run.end.min(end), run.gap);
        }
        kept.unmet.extend(self.unmet.iter().filter(|unmet| days.contains(unmet.on)));
        kept
    }

    /// Only the breaches on days on which the other has none, at what was missing here.
    pub fn where_none_in(&self, other: &Gaps) -> Gaps {
        let mut kept = Gaps::default();
        for run in &self.runs {
            let mut from = run.first;
            let start = other.runs.partition_point(|o| o.end <= run.first);
            for o in other.runs.iter().skip(start).take_while(|o| o.first < run.end) {
                kept.push(from, o.first, run.gap);
                from = o.end;
            }
            kept.push(from, run.end, run.gap);
        }
        kept
    }

    /// Adds breaches on later days than all so far.
    pub(super) fn append(&mut self, later: &Gaps) {
        later.runs.iter().for_each(|run| self.push(run.first, run.end, run.gap));
        self.unmet.extend(&later.unmet);
    }

    /// Adds the days `first..end`, after all days added so far; nothing where there are none.
    pub(super) fn push(&mut self, first: i32, end: i32, gap: FloorAmount) {
        if first >= end {
            return;
        }
        match self.runs.last_mut() {
            Some(last) if last.end == first && last.gap == gap => last.end = end,
            Some(_) | None => self.runs.push(Run { first, end, gap }),
        }
    }
}

impl Run {
    fn length(self) -> i64 {
        i64::from(self.end - self.first)
    }

    fn days(self) -> Days {
        let last = day_of(self.end - 1);
        Days::new(day_of(self.first), last).unwrap_or(Days::one(last))
    }
}

/// Gaps found day by day elsewhere; days without a gap are left out.
impl FromIterator<(Date, FloorAmount)> for Gaps {
    fn from_iter<I: IntoIterator<Item = (Date, FloorAmount)>>(days: I) -> Gaps {
        let mut gaps = Gaps::default();
        for (day, gap) in days.into_iter().filter(|(_, gap)| !gap.is_zero()) {
            gaps.push(number(day), number(day) + 1, gap);
        }
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn gaps(days: &[(i8, i64)]) -> Gaps {
        days.iter().map(|(day, units)| (date(2026, 6, *day), FloorAmount::from_units(*units).unwrap())).collect()
    }

    #[test]
    fn neighbouring_days_are_one_span_whatever_their_gaps() {
        let gaps = gaps(&[(1, 5), (2, 9), (3, 9), (5, 9), (6, 0)]);
        let spans: Vec<_> =
            gaps.spans().iter().map(|s| (s.days.from().day(), s.days.to().day(), s.shortfall.units())).collect();
        assert_eq!(spans, [(1, 3, 23), (5, 5, 9)]);
        assert_eq!((gaps.breach_days(), gaps.shortfall().units()), (4, 32));
        assert_eq!(gaps.by_day().map(|(day, gap)| (day.day(), gap.units())).collect::<Vec<_>>().len(), 4);
    }

    #[test]
    fn a_day_without_a_gap_is_no_breach() {
        let gaps = gaps(&[(2, 9), (3, 9), (5, 9)]);
        let on = |day| gaps.on(date(2026, 6, day)).map(FloorAmount::units);
        assert_eq!([on(1), on(2), on(3), on(4), on(5), on(6)], [None, Some(9), Some(9), None, Some(9), None]);
    }

    #[test]
    fn days_can_be_selected_and_days_of_another_view_left_out() {
        let strict = gaps(&[(1, 9), (2, 9), (3, 9), (4, 9), (5, 9), (7, 2)]);
        let within = strict.within(Days::new(date(2026, 6, 2), date(2026, 6, 3)).unwrap());
        assert_eq!(within, gaps(&[(2, 9), (3, 9)]));
        assert_eq!(strict.where_none_in(&gaps(&[(2, 1), (4, 7), (6, 1)])), gaps(&[(1, 9), (3, 9), (5, 9), (7, 2)]));
        assert_eq!(strict.where_none_in(&strict), Gaps::default());
    }
}
