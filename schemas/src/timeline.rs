//! A value for every day.

use jiff::civil::Date;

/// A value for every civil day, kept as the days on which it changes. A gap cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline<T> {
    /// Before the first change.
    initial: T,
    /// Strictly rising days; each value holds until the next.
    changes: Vec<(Date, T)>,
}

/// Days on which one value holds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span<'a, T> {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// What holds.
    pub value: &'a T,
}

impl<T> Timeline<T> {
    /// The same value on every day.
    pub const fn always(value: T) -> Timeline<T> {
        Timeline { initial: value, changes: Vec::new() }
    }

    /// What holds on the day.
    pub fn at(&self, day: Date) -> &T {
        let after = self.changes.partition_point(|(from, _)| *from <= day);
        after.checked_sub(1).and_then(|i| self.changes.get(i)).map_or(&self.initial, |(_, value)| value)
    }

    /// The days within `from..=to` on which each value holds, in order and without a gap.
    pub fn spans(&self, from: Date, to: Date) -> impl Iterator<Item = Span<'_, T>> {
        let start = self.changes.partition_point(|(day, _)| *day <= from);
        let inner = self.changes.iter().skip(start).take_while(move |(day, _)| *day <= to);
        let ends = inner.clone().filter_map(|(day, _)| day.yesterday().ok()).chain([to]);
        let values = std::iter::once((from, self.at(from))).chain(inner.map(|(day, value)| (*day, value)));
        values.zip(ends).filter(|((from, _), to)| from <= to).map(|((from, value), to)| Span { from, to, value })
    }

    /// The days on which the value may change.
    pub fn change_days(&self) -> impl Iterator<Item = Date> + '_ {
        self.changes.iter().map(|(day, _)| *day)
    }
}

impl<T: Clone + PartialEq> Timeline<T> {
    /// Makes `value` hold from the day on, whatever held there before.
    pub fn set_from(&mut self, from: Date, value: T) {
        self.changes.retain(|(day, _)| *day < from);
        self.push(from, value);
    }

    /// Makes `value` hold from `from` to `to`, both included; before and after stay as they were.
    pub fn set_between(&mut self, from: Date, to: Date, value: T) {
        if from > to {
            return;
        }
        let resumes = to.tomorrow().ok().map(|day| (day, self.at(day).clone()));
        let later: Vec<_> = self.changes.iter().filter(|(day, _)| *day > to).cloned().collect();
        self.set_from(from, value);
        for (day, value) in resumes.into_iter().chain(later) {
            self.set_from(day, value);
        }
    }

    fn push(&mut self, from: Date, value: T) {
        let before = self.changes.last().map_or(&self.initial, |(_, value)| value);
        if *before != value {
            self.changes.push((from, value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn the_spans_of_a_timeline_cover_every_day_asked_for() {
        let mut rent = Timeline::always(0);
        rent.set_from(date(2026, 6, 1), 400);
        rent.set_between(date(2026, 6, 10), date(2026, 6, 12), 500);
        let spans: Vec<_> =
            rent.spans(date(2026, 5, 30), date(2026, 6, 20)).map(|s| (s.from.day(), s.to.day(), *s.value)).collect();
        assert_eq!(spans, [(30, 31, 0), (1, 9, 400), (10, 12, 500), (13, 20, 400)]);
    }

    proptest! {
        #[test]
        fn a_timeline_answers_like_a_table_of_days(sets in proptest::collection::vec((0..40i32, 0..40i32, 0..4u8), 0..12)) {
            let day = |n: i32| date(2024, 2, 20).checked_add(n.days()).unwrap();
            let (mut timeline, mut table) = (Timeline::always(9), [9u8; 60]);
            for (from, length, value) in sets {
                let to = from + length % 15;
                timeline.set_between(day(from), day(to), value);
                (from..=to).for_each(|n| table[usize::try_from(n).unwrap()] = value);
            }
            for n in 0..60 {
                prop_assert_eq!(*timeline.at(day(n)), table[usize::try_from(n).unwrap()]);
            }
            let spans: Vec<_> = timeline.spans(day(0), day(59)).collect();
            prop_assert_eq!(spans[0].from, day(0));
            prop_assert_eq!(spans[spans.len() - 1].to, day(59));
            prop_assert!(spans.windows(2).all(|w| w[0].to.tomorrow().unwrap() == w[1].from && w[0].value != w[1].value));
        }
    }
}
