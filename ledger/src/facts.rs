//! Which fact holds on a day.
//!
//! Among records of one key that are known and not withdrawn: those with an end that cover the day come before open
//! ones, a later position before an earlier; among open ones the latest `from` not after the day holds, ties to the
//! later position. Who keeps one log for each key decides what a key is.

use jiff::civil::Date;
use schemas::{EventId, Timeline};

/// One record of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<T> {
    /// The sequence of its event: a record is known from there on.
    pub position: u64,
    /// Its event: what a withdrawal names.
    pub event: EventId,
    /// First day on which it holds.
    pub from: Date,
    /// Last day, if it says.
    pub to: Option<Date>,
    /// What it says.
    pub value: T,
}

/// Everything recorded and withdrawn under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactLog<T> {
    records: Vec<Record<T>>,
    withdrawals: Vec<(u64, EventId)>,
}

impl<T> Default for FactLog<T> {
    fn default() -> FactLog<T> {
        FactLog { records: Vec::new(), withdrawals: Vec::new() }
    }
}

impl<T> FactLog<T> {
    /// Adds a record.
    pub fn record(&mut self, record: Record<T>) {
        self.records.push(record);
    }

    /// Takes a record out of account, for whoever knows this position; no matter when the record itself came.
    pub fn withdraw(&mut self, position: u64, event: EventId) {
        self.withdrawals.push((position, event));
    }

    /// The records that count for somebody who knows the stream up to this position.
    pub fn known(&self, position: u64) -> impl Iterator<Item = &Record<T>> {
        let withdrawn = move |event: EventId| self.withdrawals.iter().any(|(at, id)| *at <= position && *id == event);
        self.records.iter().filter(move |record| record.position <= position && !withdrawn(record.event))
    }

    /// The record that holds on the day, as known at this position.
    pub fn on(&self, day: Date, position: u64) -> Option<&Record<T>> {
        let begun = || self.known(position).filter(|record| record.from <= day);
        let with_end = begun().filter(|record| record.to.is_some_and(|to| day <= to));
        let open = begun().filter(|record| record.to.is_none());
        with_end
            .max_by_key(|record| record.position)
            .or_else(|| open.max_by_key(|record| (record.from, record.position)))
    }
}

impl<T: Clone + PartialEq> FactLog<T> {
    /// What holds on every day, as known at this position; none where nothing was recorded.
    pub fn timeline(&self, position: u64) -> Timeline<Option<T>> {
        let mut open: Vec<_> = self.known(position).filter(|record| record.to.is_none()).collect();
        open.sort_by_key(|record| (record.from, record.position));
        let mut with_end: Vec<_> = self.known(position).filter_map(|record| Some((record, record.to?))).collect();
        with_end.sort_by_key(|(record, _)| record.position);
        let mut timeline = Timeline::always(None);
        for record in open {
            timeline.set_from(record.from, Some(record.value.clone()));
        }
        for (record, to) in with_end {
            timeline.set_between(record.from, to, Some(record.value.clone()));
        }
        timeline
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;
    use schemas::CommandId;
    use uuid::Uuid;

    fn event(position: u64) -> EventId {
        EventId { command: CommandId(Uuid::from_u128(u128::from(position))), index: 0 }
    }

    fn day(n: i32) -> Date {
        date(2024, 2, 1).checked_add(n.days()).unwrap()
    }

    fn log(records: &[(i32, Option<i32>, u32)]) -> FactLog<u32> {
        let mut log = FactLog::default();
        for (position, (from, to, value)) in (1..).zip(records) {
            let (from, to) = (day(*from), to.map(day));
            log.record(Record { position, event: event(position), from, to, value: *value });
        }
        log
    }

    #[track_caller]
    fn check(log: &FactLog<u32>, on: i32, known: u64, expected: Option<u32>) {
        assert_eq!(log.on(day(on), known).map(|r| r.value), expected);
        assert_eq!(*log.timeline(known).at(day(on)), expected);
    }

    #[test]
    fn a_record_with_an_end_comes_before_an_open_one() {
        let rent = log(&[(0, None, 400), (5, Some(8), 450), (6, None, 500)]);
        check(&rent, 4, 9, Some(400));
        check(&rent, 7, 9, Some(450));
        check(&rent, 9, 9, Some(500));
    }

    #[test]
    fn of_two_records_with_an_end_the_later_position_holds_and_of_open_ones_the_later_day() {
        check(&log(&[(5, Some(9), 1), (4, Some(6), 2)]), 5, 9, Some(2));
        check(&log(&[(6, None, 1), (5, None, 2)]), 7, 9, Some(1));
        check(&log(&[(6, None, 1), (6, None, 2)]), 7, 9, Some(2));
    }

    #[test]
    fn a_withdrawn_record_counts_until_the_withdrawal_is_known() {
        let mut rent = log(&[(0, None, 400), (2, None, 900)]);
        rent.withdraw(3, event(2));
        check(&rent, 5, 1, Some(400));
        check(&rent, 5, 2, Some(900));
        check(&rent, 5, 3, Some(400));
        check(&rent, -1, 3, None);
    }

    /// The rule once more, as a contest of every two records, the way one would argue it aloud.
    fn beats(a: &Record<u32>, b: &Record<u32>) -> bool {
        match (a.to, b.to) {
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(_), Some(_)) => a.position > b.position,
            (None, None) if a.from == b.from => a.position > b.position,
            (None, None) => a.from > b.from,
        }
    }

    proptest! {
        #[test]
        fn the_timeline_says_of_every_day_what_the_contest_of_all_records_says(
            records in proptest::collection::vec((0..30i32, proptest::option::of(0..12i32), 0..4u32), 0..12),
            withdrawn in proptest::collection::vec((1..14u64, 1..14u64), 0..4),
            known in 0..16u64,
        ) {
            let records: Vec<_> = records.iter().map(|(from, length, value)| (*from, length.map(|l| from + l), *value)).collect();
            let mut facts = log(&records);
            withdrawn.iter().for_each(|(at, id)| facts.withdraw(*at, event(*id)));
            let timeline = facts.timeline(known);
            for n in -1..50 {
                let candidates: Vec<_> = facts.records.iter()
                    .filter(|r| r.position <= known && r.from <= day(n) && r.to.is_none_or(|to| day(n) <= to))
                    .filter(|r| !withdrawn.iter().any(|(at, id)| *at <= known && event(*id) == r.event))
                    .collect();
                let winner = candidates.iter()
                    .find(|a| candidates.iter().all(|b| a.position == b.position || beats(a, b)))
                    .map(|r| r.value);
                prop_assert_eq!(*timeline.at(day(n)), winner);
                prop_assert_eq!(facts.on(day(n), known).map(|r| r.value), winner);
            }
        }
    }
}
