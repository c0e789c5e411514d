//! On which days reductions fall: one after another, each from its first day on (SI 2013/376 regs. 101(2), 106 to 108).

use jiff::civil::Date;
use schemas::events::Days;

use crate::sanction_length::{NO_THREE_YEARS, after};

/// What a reduction of three years is cut to where it was in force on 27 November 2019 (SI 2019/1357 reg. 5(3)).
const CUT_TO: i64 = 182;

/// A reduction as it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// First day that it may take (reg. 106).
    pub from: Date,
    /// How many days; none as long as it lasts until a compliance condition is met.
    pub days: Option<u16>,
    /// First day without it, where it ended early.
    pub ended: Option<Date>,
}

/// The days that a reduction takes, but for those on which it is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// First day.
    pub first: Date,
    /// First day after it; the end of time where nobody knows it yet.
    pub after: Date,
}

impl Run {
    /// How many of its days fall between these, both included, suspended days aside.
    pub fn days_in(self, days: Days, suspended: &[Days]) -> i64 {
        let (first, last) = (self.first.max(days.first()), self.after.min(after(days.last(), 1)));
        let held = |from: Date, until: Date| i64::from((until - from).get_days()).max(0);
        let lost = suspended.iter().map(|s| held(s.first().max(first), after(s.last(), 1).min(last)));
        held(first, last) - lost.sum::<i64>()
    }
}

/// The runs of reductions, in the order given, which is that of their first days and then of the decisions. `suspended`
/// are days of a penalty for fraud, apart from each other and in order: on them no reduction has effect (reg. 108).
///
/// No two runs share a day, and each begins on its first day or when the one before is over (regs. 101(2), 106(c)). They
/// go on when an award ends, and so into a new one (reg. 107(1)).
pub fn schedule(reductions: &[Reduction], suspended: &[Days]) -> Vec<Run> {
    let mut free = Date::MIN;
    let run = |reduction: &Reduction| {
        let first = reduction.from.max(free);
        let whole = reduction.days.map_or(Date::MAX, |days| whole(first, days, suspended));
        free = reduction.ended.map_or(whole, |ended| ended.clamp(first, whole));
        Run { first, after: free }
    };
    reductions.iter().map(run).collect()
}

/// First day after a reduction that nothing ends early.
fn whole(first: Date, days: u16, suspended: &[Days]) -> Date {
    let all = advance(first, i64::from(days), suspended);
    let three_years = days == 1_095 && first <= NO_THREE_YEARS && NO_THREE_YEARS < all;
    if three_years { all.min(advance(first, CUT_TO, suspended).max(NO_THREE_YEARS)) } else { all }
}

/// The first day after so many days that are not suspended.
fn advance(first: Date, days: i64, suspended: &[Days]) -> Date {
    let mut end = after(first, days);
    for suspension in suspended.iter().filter(|s| s.last() >= first) {
        if suspension.first() >= end {
            break;
        }
        let (from, until) = (suspension.first().max(first), suspension.last());
        end = after(end, i64::from((until - from).get_days()) + 1);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const EPOCH: Date = date(2024, 1, 1);

    fn day(n: i64) -> Date {
        after(EPOCH, n)
    }

    fn days(first: i64, last: i64) -> Days {
        Days::new(day(first), day(last)).unwrap()
    }

    fn fixed(from: i64, days: u16) -> Reduction {
        Reduction { from: day(from), days: Some(days), ended: None }
    }

    #[track_caller]
    fn check(reductions: &[Reduction], suspended: &[Days], runs: &[(i64, i64)]) {
        let expected: Vec<Run> = runs.iter().map(|(f, a)| Run { first: day(*f), after: day(*a) }).collect();
        assert_eq!(schedule(reductions, suspended), expected);
    }

    #[test]
    fn reductions_run_one_after_another() {
        check(&[fixed(0, 28), fixed(10, 7), fixed(60, 7)], &[], &[(0, 28), (28, 35), (60, 67)]);
        check(&[fixed(0, 28), Reduction { ended: Some(day(5)), ..fixed(0, 28) }], &[], &[(0, 28), (28, 28)]);
        check(&[Reduction { ended: Some(day(5)), ..fixed(0, 28) }, fixed(0, 28)], &[], &[(0, 5), (5, 33)]);
    }

    #[test]
    fn a_reduction_until_compliance_holds_every_day_until_its_days_are_known() {
        let open = Reduction { days: None, ..fixed(3, 0) };
        let runs = schedule(&[open, fixed(3, 7)], &[]);
        assert_eq!(runs[0], Run { first: day(3), after: Date::MAX });
        assert_eq!(runs[0].days_in(days(0, 30), &[]), 28);
        assert_eq!(runs[1].days_in(days(0, 30), &[]), 0);
    }

    #[test]
    fn a_reduction_stops_on_the_first_day_of_a_fraud_penalty_and_goes_on_the_day_after_its_last() {
        check(&[fixed(0, 10)], &[days(4, 8)], &[(0, 15)]);
        check(&[fixed(0, 10)], &[days(10, 12)], &[(0, 10)]);
        check(&[fixed(5, 10)], &[days(0, 6), days(9, 9)], &[(5, 18)]);
        let run = schedule(&[fixed(0, 10)], &[days(4, 8)])[0];
        assert_eq!([run.days_in(days(0, 5), &[days(4, 8)]), run.days_in(days(6, 30), &[days(4, 8)])], [4, 6]);
    }

    /// SI 2019/1357 reg. 5(3). Taken up on 1 January 2019, 182 days are over on 1 July, so that it ends with the change;
    /// taken up on 1 November, 182 days end on 30 April 2020 (30 + 31 + 31 + 29 + 31 + 30 = 182).
    #[test]
    fn a_reduction_of_three_years_in_force_on_27_november_2019_ends_after_182_days() {
        for (from, ends) in [
            (date(2019, 1, 1), date(2019, 11, 27)),
            (date(2019, 11, 1), date(2020, 5, 1)),
            (date(2019, 11, 27), date(2020, 5, 27)),
            (date(2016, 11, 27), date(2019, 11, 27)), // served to its last day, the 26th
        ] {
            let three_years = Reduction { from, days: Some(1_095), ended: None };
            assert_eq!(schedule(&[three_years], &[])[0].after, ends, "from {from}");
        }
    }

    /// The same said naively: every day is looked at, and taken by the first reduction that wants it.
    fn day_by_day(reductions: &[Reduction], suspended: &[Days], last: i64) -> Vec<Vec<i64>> {
        let mut taken: Vec<Vec<i64>> = vec![Vec::new(); reductions.len()];
        let mut current = 0;
        for n in 0..last {
            if suspended.iter().any(|s| s.first() <= day(n) && day(n) <= s.last()) {
                continue;
            }
            while let Some(reduction) = reductions.get(current) {
                let served = taken[current].len() >= usize::from(reduction.days.unwrap_or(u16::MAX));
                let over = reduction.ended.is_some_and(|ended| ended <= day(n));
                if !served && !over {
                    break;
                }
                current += 1;
            }
            if reductions.get(current).is_some_and(|reduction| reduction.from <= day(n)) {
                taken[current].push(n);
            }
        }
        taken
    }

    fn reductions() -> impl Strategy<Value = Vec<Reduction>> {
        let one = (0..60i64, 0..40u16, any::<bool>(), proptest::option::of(0..80i64));
        proptest::collection::vec(one, 0..5).prop_map(|mut drawn| {
            drawn.sort_unstable_by_key(|(from, ..)| *from);
            let one = |(from, length, open, ended): (i64, u16, bool, Option<i64>)| Reduction {
                days: (!open || ended.is_none()).then_some(length),
                ended: ended.map(|on| day(from + on)),
                ..fixed(from, length)
            };
            drawn.into_iter().map(one).collect()
        })
    }

    fn suspensions() -> impl Strategy<Value = Vec<Days>> {
        proptest::collection::vec((2..30i64, 0..20i64), 0..3).prop_map(|drawn| {
            let mut at = 0;
            let one = |(gap, length): (i64, i64)| {
                let first = at + gap;
                at = first + length;
                days(first, at)
            };
            drawn.into_iter().map(one).collect()
        })
    }

    proptest! {
        #[test]
        fn every_day_is_taken_by_the_reduction_that_a_walk_through_the_days_gives_it(
            reductions in reductions(), suspended in suspensions(),
        ) {
            let runs = schedule(&reductions, &suspended);
            for (run, taken) in runs.iter().zip(day_by_day(&reductions, &suspended, 600)) {
                for (first, last) in [(0, 29), (30, 59), (60, 599)] {
                    let within = taken.iter().filter(|n| (first..=last).contains(*n)).count();
                    prop_assert_eq!(run.days_in(days(first, last), &suspended), i64::try_from(within).unwrap());
                }
            }
        }

        #[test]
        fn no_day_is_counted_twice_and_none_beyond_what_was_decided(
            reductions in reductions(), suspended in suspensions(),
        ) {
            let runs = schedule(&reductions, &suspended);
            prop_assert!(runs.windows(2).all(|pair| pair[0].after <= pair[1].first));
            for (run, reduction) in runs.iter().zip(&reductions) {
                let all = run.days_in(days(0, 2_000), &suspended);
                prop_assert!(reduction.days.is_none_or(|days| all <= i64::from(days)));
            }
        }
    }
}
