//! Which fact holds on which day, among everything that was ever recorded about it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemas::day::london_day;
use schemas::{Envelope, EventId, Timeline};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// One record of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record<T> {
    /// Where it stands in the stream.
    pub position: u64,
    /// The event that recorded it.
    pub event: EventId,
    /// First day it holds.
    pub from: Date,
    /// Last day it holds, where it says so.
    pub to: Option<Date>,
    /// When we were told: the day notified where the record says so, otherwise the day it was recorded.
    pub told: Date,
    /// The fact.
    #[serde(with = "as_json", bound(serialize = "T: Serialize", deserialize = "T: DeserializeOwned"))]
    pub value: T,
}

/// Facts are written as they stand in events: their form says its own name, which a binary encoding cannot read.
mod as_json {
    use serde::de::{DeserializeOwned, Deserializer, Error as _};
    use serde::ser::{Error as _, Serializer};
    use serde::{Deserialize, Serialize};

    pub fn serialize<T: Serialize, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&serde_json::to_string(value).map_err(S::Error::custom)?)
    }

    pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        serde_json::from_str(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<T> Record<T> {
    /// The record that an event makes.
    pub fn new(position: u64, envelope: &Envelope, value: T) -> Record<T> {
        Record {
            position,
            event: envelope.id,
            from: envelope.effective_from,
            to: envelope.effective_to,
            told: told_on(envelope),
            value,
        }
    }

    /// Whether it was told after the first day it holds.
    pub fn is_late(&self) -> bool {
        self.from < self.told
    }

    fn covers(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// The day on which somebody told us: as the record says, or the day it was recorded.
pub fn told_on(envelope: &Envelope) -> Date {
    envelope.notified_on.unwrap_or_else(|| london_day(envelope.time))
}

/// Records that are known and not withdrawn, by the key of their fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(serialize = "T: Serialize", deserialize = "T: DeserializeOwned"))]
pub struct Records<T>(Vec<(String, Vec<Record<T>>)>);

impl<T> Default for Records<T> {
    fn default() -> Records<T> {
        Records(Vec::new())
    }
}

impl<T> Records<T> {
    /// One more.
    pub fn add(&mut self, key: &str, record: Record<T>) {
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, records)) => records.push(record),
            None => {
                self.0.reserve_exact(1); // Views hold millions of these.
                self.0.push((key.into(), vec![record]));
            }
        }
    }

    /// Takes out what an event recorded.
    pub fn withdraw(&mut self, event: EventId) {
        self.0.iter_mut().for_each(|(_, records)| records.retain(|record| record.event != event));
    }

    /// The record that an event made, unless it was withdrawn.
    pub fn record(&self, event: EventId) -> Option<&Record<T>> {
        self.0.iter().flat_map(|(_, records)| records).find(|record| record.event == event)
    }

    /// Every record that was not withdrawn, with the key of its fact.
    pub fn records(&self) -> impl Iterator<Item = (&str, &Record<T>)> {
        self.0.iter().flat_map(|(key, records)| records.iter().map(move |record| (key.as_str(), record)))
    }

    /// Takes out the records that stand at these places.
    pub fn leave_out(&mut self, positions: &BTreeSet<u64>) {
        self.0.iter_mut().for_each(|(_, records)| records.retain(|record| !positions.contains(&record.position)));
    }

    /// The keys there are records of.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// As if every record had been told on the day from which it holds.
    pub fn tell_in_time(&mut self) {
        let records = self.0.iter_mut().flat_map(|(_, records)| records);
        records.for_each(|record| record.told = record.told.min(record.from));
    }

    /// Every value recorded of a fact.
    pub fn all(&self, key: &str) -> impl Iterator<Item = &T> {
        self.of(key).iter().map(|record| &record.value)
    }

    /// What holds on a day.
    pub fn on(&self, key: &str, day: Date) -> Option<&T> {
        holding(self.of(key), day).map(|record| &record.value)
    }

    /// The record that holds on a day.
    pub fn record_on(&self, key: &str, day: Date) -> Option<&Record<T>> {
        holding(self.of(key), day)
    }

    /// What holds on every day.
    pub fn timeline(&self, key: &str) -> Timeline<Option<&T>>
    where
        T: PartialEq,
    {
        let records = self.of(key);
        let starts = records.iter().map(|record| record.from);
        let ends = records.iter().filter_map(|record| record.to?.tomorrow().ok());
        let mut days: Vec<Date> = starts.chain(ends).collect();
        days.sort_unstable();
        let mut timeline = Timeline::always(None);
        for day in days {
            timeline.set_from(day, holding(records, day).map(|record| &record.value));
        }
        timeline
    }

    fn of(&self, key: &str) -> &[Record<T>] {
        self.0.iter().find(|(known, _)| known == key).map_or(&[], |(_, records)| records)
    }
}

/// Records with an end that cover the day come before open ones, a later position before an earlier; among open ones
/// the latest first day not after the day holds, ties to the later position (DESIGN section 2).
fn holding<T>(records: &[Record<T>], day: Date) -> Option<&Record<T>> {
    let covering = || records.iter().filter(|record| record.covers(day));
    let ending = covering().filter(|record| record.to.is_some()).max_by_key(|record| record.position);
    ending.or_else(|| covering().max_by_key(|record| (record.from, record.position)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;
    use schemas::CommandId;

    fn day(n: i32) -> Date {
        date(2026, 2, 20).checked_add(n.days()).unwrap()
    }

    fn rent(position: u64, from: i32, to: Option<i32>, value: u32) -> Record<u32> {
        let command = CommandId("01939c2e-0000-7000-8000-000000000001".parse().unwrap());
        let event = EventId { command, index: u16::try_from(position).unwrap() };
        Record { position, event, from: day(from), to: to.map(day), told: day(from), value }
    }

    fn records(list: &[Record<u32>]) -> Records<u32> {
        let mut records = Records::default();
        list.iter().for_each(|record| records.add("rent", record.clone()));
        records
    }

    #[test]
    fn an_open_record_holds_until_a_later_one_begins() {
        let records = records(&[rent(1, 0, None, 400), rent(2, 10, None, 450)]);
        assert_eq!((records.on("rent", day(9)), records.on("rent", day(10))), (Some(&400), Some(&450)));
        assert_eq!(records.on("rent", day(-1)), None);
        assert_eq!(records.on("tenure", day(9)), None);
    }

    #[test]
    fn a_record_with_an_end_comes_before_an_open_one_that_is_newer() {
        let records = records(&[rent(1, 0, Some(20), 400), rent(2, 10, None, 450)]);
        assert_eq!((records.on("rent", day(20)), records.on("rent", day(21))), (Some(&400), Some(&450)));
    }

    #[test]
    fn a_correction_recorded_later_from_the_same_day_holds() {
        let records = records(&[rent(1, 0, None, 400), rent(2, 0, None, 405)]);
        assert_eq!(records.on("rent", day(3)), Some(&405));
    }

    #[test]
    fn a_withdrawn_record_no_longer_counts() {
        let second = rent(2, 5, None, 450);
        let mut records = records(&[rent(1, 0, None, 400), second.clone()]);
        records.withdraw(second.event);
        assert_eq!(records.on("rent", day(9)), Some(&400));
    }

    proptest! {
        #[test]
        fn the_timeline_says_for_every_day_what_the_rule_says_for_it(
            list in proptest::collection::vec((0..30i32, proptest::option::of(0..10i32), 0..5u32), 0..8)
        ) {
            let list: Vec<_> = list.into_iter().zip(1u64..).map(|((from, length, value), position)| {
                rent(position, from, length.map(|length| from + length), value)
            }).collect();
            let (records, mut ranked) = (records(&list), list);
            ranked.sort_by_key(|r| (r.to.is_some(), if r.to.is_some() { Date::MIN } else { r.from }, r.position));
            for n in -2..45 {
                let naive = ranked.iter().rev().find(|r| r.from <= day(n) && r.to.is_none_or(|to| day(n) <= to));
                prop_assert_eq!(records.on("rent", day(n)), naive.map(|r| &r.value));
                prop_assert_eq!(*records.timeline("rent").at(day(n)), naive.map(|r| &r.value));
            }
        }
    }
}
