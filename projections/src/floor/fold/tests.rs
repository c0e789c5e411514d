use super::*;
use crate::floor::credit::{CreditKind, Expiry, Loans, Purpose, Series};
use jiff::civil::{Date, date};
use proptest::prelude::*;

/// The definition again, a day at a time and for groups of purses: what a group of a day misses.
fn missing_by_day(credits: &[(usize, Credit)], purses: &[Purse<'_>], lens: &Lens, days: Days) -> Vec<Vec<i64>> {
    let counted: Vec<_> = credits.iter().filter(|(_, credit)| lens.counts(credit)).collect();
    let start = counted.iter().map(|(_, c)| c.usable).chain([days.from()]).min().unwrap();
    let mut left: Vec<i64> = vec![0; counted.len()];
    let mut missing = Vec::new();
    for day in Days::new(start, days.to()).unwrap().each() {
        for (place, (_, credit)) in counted.iter().enumerate() {
            if lens.expiry != Expiry::Unexpiring && lens.last_day(credit).is_some_and(|last| last < day) {
                left[place] = 0;
            }
            if credit.usable == day {
                left[place] = credit.amount.pence() * 434;
            }
        }
        let group = |owner: usize| *purses[owner].group.at(day);
        let mut order: Vec<usize> = (0..counted.len()).collect();
        let key = |place: &usize| {
            let credit = &counted[*place].1;
            let last = lens.last_day(credit).unwrap_or(Date::MAX);
            (last, credit.kind == CreditKind::TopUp, credit.usable, credit.position)
        };
        order.sort_by_key(key);
        let mut take = |group_wanted: usize, mut wanted: i64| {
            for place in &order {
                if group(counted[*place].0) == group_wanted {
                    let taken = left[*place].min(wanted);
                    left[*place] -= taken;
                    wanted -= taken;
                }
            }
            wanted
        };
        for (owner, purse) in purses.iter().enumerate() {
            for outflow in purse.outflows.iter().filter(|outflow| outflow.on == day) {
                take(group(owner), outflow.amount.pence() * 434);
            }
        }
        let floor = |owner: usize| purses[owner].floor.at(day).units();
        let of_group = |g: usize| {
            let needed: i64 = (0..purses.len()).filter(|o| group(*o) == g).map(floor).sum();
            needed
        };
        let by_group: Vec<i64> = (0..purses.len()).map(|g| take(g, of_group(g))).collect();
        if days.contains(day) {
            missing.push(by_group);
        }
    }
    missing
}

const FIRST: Date = date(2024, 1, 20); // so that 29 February 2024 lies within

fn day(offset: i32) -> Date {
    crate::floor::days::plus(FIRST, offset)
}

fn timeline<T: Clone + PartialEq + std::fmt::Debug + 'static>(
    values: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = Timeline<T>> {
    (values.clone(), proptest::collection::vec((0..160i32, values), 0..4)).prop_map(|(initial, mut changes)| {
        let mut timeline = Timeline::always(initial);
        changes.sort_by_key(|(offset, _)| *offset);
        changes.into_iter().for_each(|(offset, value)| timeline.set_from(day(offset), value));
        timeline
    })
}

fn credits() -> impl Strategy<Value = Vec<(usize, Credit)>> {
    use CreditKind::*;
    let kind = proptest::sample::select(vec![Award, Award, Wage, Arrears, Advance, TopUp, StudentMaintenance, Capital]);
    let next = proptest::option::of(proptest::sample::select(vec![7, 28, 30, 31, 34, 40, 90]));
    let one = (0..3usize, 0..150i32, 0..60_000i64, kind, next, proptest::option::of(1..60i32));
    proptest::collection::vec(one, 0..9).prop_map(|all| {
        let credit =
            |(position, (owner, on, pence, kind, next, paid)): (u64, (_, _, _, _, Option<i32>, Option<i32>))| {
                let pays_for = paid.map(|paid| Days::new(day(on - paid), day(on - 1)).unwrap());
                let credit = Credit {
                    usable: day(on),
                    amount: Money::from_pence(pence),
                    kind,
                    purpose: Purpose::GeneralIncome,
                    series: next.map(|_| Series(0)),
                    next_due: next.map(|next| day(on + next)),
                    pays_for,
                    position,
                    counts: None,
                };
                (owner, credit)
            };
        (0..).zip(all).map(credit).collect()
    })
}

fn lenses() -> impl Strategy<Value = Lens> {
    let expiry = proptest::sample::select(vec![Expiry::Expiring, Expiry::Unexpiring, Expiry::WithCapital]);
    let loans = proptest::sample::select(vec![Loans::Hard, Loans::WithDebt]);
    (expiry, loans).prop_map(|(expiry, loans)| Lens { expiry, loans, outflows: true, ..Lens::default() })
}

proptest! {
    #[test]
    fn the_interval_form_finds_what_a_loop_over_days_finds_for_groups_that_change(
        credits in credits(),
        lens in lenses(),
        floors in proptest::collection::vec(timeline((0..4i64).prop_map(|n| FloorAmount::known(n * 260_407))), 3),
        groups in proptest::collection::vec(timeline(0..3usize), 3),
        outflows in proptest::collection::vec((0..3usize, 0..160i32, 0..20_000i64), 0..4),
        (from, length) in (0..120i32, 0..60i32),
    ) {
        let days = Days::new(day(from), day(from + length)).unwrap();
        let of = |owner: usize| -> Vec<Outflow> {
            let own = outflows.iter().filter(|(o, ..)| *o == owner);
            own.map(|(_, on, pence)| Outflow { on: day(*on), amount: Money::from_pence(*pence) }).collect()
        };
        let outflows = [of(0), of(1), of(2)];
        let purses: Vec<_> = (0..3)
            .map(|owner| Purse { floor: &floors[owner], group: &groups[owner], outflows: &outflows[owner] })
            .collect();
        let lots = credits.iter().filter(|(_, c)| lens.counts(c)).map(|(o, c)| Lot::whole(c, &lens, *o)).collect();
        let gaps = fold_purses(lots, &purses, days);
        let missing = missing_by_day(&credits, &purses, &lens, days);
        for (on, by_group) in days.each().zip(missing) {
            for (group, missing) in by_group.into_iter().enumerate() {
                let members: Vec<_> = (0..3).filter(|owner| *groups[*owner].at(on) == group).collect();
                let found: i64 = members.iter().filter_map(|o| gaps[*o].on(on)).map(FloorAmount::units).sum();
                prop_assert_eq!(found, missing, "group {} on {}", group, on);
                for owner in members {
                    let short = missing > 0 && !floors[owner].at(on).is_zero();
                    prop_assert_eq!(gaps[owner].on(on).is_some(), short);
                }
            }
        }
    }
}

fn one(on: Date, pence: i64, kind: CreditKind) -> Credit {
    Credit {
        usable: on,
        amount: Money::from_pence(pence),
        kind,
        purpose: Purpose::GeneralIncome,
        series: None,
        next_due: None,
        pays_for: None,
        position: 0,
        counts: None,
    }
}

#[track_caller]
fn check(credits: &[Credit], (from, to): (Date, Date), expected: &[(Date, Date, i64)]) {
    let floor = Timeline::always(FloorAmount::of(Money::from_pence(1_200)));
    let gaps = fold(credits, &floor, &[], &Lens::default(), Days::new(from, to).unwrap());
    let spans: Vec<_> =
        gaps.spans().iter().map(|s| (s.days.from(), s.days.to(), s.shortfall.shown().pence())).collect();
    assert_eq!(spans, expected);
}

#[test]
fn a_credit_on_the_last_day_counts_and_one_on_the_day_after_does_not() {
    let (first, last) = (date(2026, 6, 1), date(2026, 6, 3));
    check(&[one(last, 1_200, CreditKind::Wage)], (first, last), &[(first, date(2026, 6, 2), 2_400)]);
    check(&[one(date(2026, 6, 4), 1_200, CreditKind::Wage)], (first, last), &[(first, last, 3_600)]);
}

#[test]
fn a_credit_lasts_through_its_31st_day_and_no_longer_over_a_leap_day() {
    let plenty = one(date(2024, 2, 1), 100_000, CreditKind::Wage);
    check(&[plenty], (date(2024, 2, 20), date(2024, 3, 2)), &[]);
    check(&[plenty], (date(2024, 2, 20), date(2024, 3, 3)), &[(date(2024, 3, 3), date(2024, 3, 3), 1_200)]);
    let common = one(date(2026, 2, 1), 100_000, CreditKind::Wage);
    check(&[common], (date(2026, 2, 20), date(2026, 3, 4)), &[(date(2026, 3, 4), date(2026, 3, 4), 1_200)]);
}

#[test]
fn clock_changes_shift_nothing() {
    // Clocks go forward on 29 March and back on 25 October 2026.
    for month in [3, 10] {
        let first = date(2026, month, 20);
        check(&[one(first, 12_000, CreditKind::Wage)], (first, date(2026, month, 29)), &[]);
    }
}

#[test]
fn without_any_credit_every_day_is_a_breach_and_an_unmet_outflow_is_reported_once() {
    let (first, last) = (date(2026, 6, 1), date(2026, 6, 30));
    check(&[], (first, last), &[(first, last, 36_000)]);
    let floor = Timeline::always(FloorAmount::ZERO);
    let outflows = [Outflow { on: first, amount: Money::from_pence(500) }];
    let lens = Lens { outflows: true, ..Lens::default() };
    let credits = [one(first, 200, CreditKind::Wage), one(date(2026, 6, 2), 900, CreditKind::Wage)];
    let gaps = fold(&credits, &floor, &outflows, &lens, Days::new(first, last).unwrap());
    assert!(gaps.no_gap());
    assert_eq!(gaps.unmet, [Unmet { on: first, amount: FloorAmount::of(Money::from_pence(300)) }]);
    let blind = fold(&credits, &floor, &outflows, &Lens::default(), Days::new(first, last).unwrap());
    assert!(blind.unmet.is_empty());
}
