//! The level test: is the money of each series, spread evenly to the day the next is due, enough for the floor? It does
//! not depend on timing within a month: the day test shows gaps in time, this one too little money.

use std::collections::BTreeMap;

use jiff::civil::Date;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use schemas::Timeline;

use super::amount::FloorAmount;
use super::credit::{Credit, Lens, Series};
use super::days::{Days, number, plus};

/// Days on which cover is below the floor by the same sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelShortfall {
    /// The days.
    pub days: Days,
    /// What the series come to on each of them, in 434ths of a penny.
    pub cover: BigRational,
    /// What each of them needs.
    pub floor: FloorAmount,
}

/// The days on which cover is below the floor. Computed where anything changes, not day by day.
pub fn level_shortfalls(
    credits: &[Credit],
    floor: &Timeline<FloorAmount>,
    lens: &Lens,
    days: Days,
) -> Vec<LevelShortfall> {
    let mut changes: Vec<Date> = credits.iter().flat_map(|credit| [credit.usable, runs_out(credit)]).collect();
    changes.extend(floor.change_days());
    changes.push(days.from());
    changes.retain(|day| days.contains(*day));
    changes.sort_unstable();
    changes.dedup();
    let lasts = changes.iter().skip(1).map(|day| plus(*day, -1)).chain([days.to()]);
    let spans = changes.iter().zip(lasts).filter_map(|(from, to)| Days::new(*from, to).ok());
    spans.filter_map(|days| level_on(credits, floor, lens, days)).collect()
}

/// Cover on the day, in 434ths of a penny, exactly: of each series, the latest credit over the days from its usable day
/// to the next due, as long as that has not come; and each single credit over 31 days, for those days.
///
/// Credits of a series that become usable on the same day (the lines of one payment) are its latest credit together.
pub fn cover(credits: &[Credit], lens: &Lens, day: Date) -> BigRational {
    let arrived = || credits.iter().filter(|credit| credit.usable <= day && lens.counts(credit));
    let mut latest: BTreeMap<Series, Date> = BTreeMap::new();
    for (series, credit) in arrived().filter_map(|credit| Some((scheduled(credit)?, credit))) {
        let usable = latest.entry(series).or_insert(credit.usable);
        *usable = (*usable).max(credit.usable);
    }
    let holds = |credit: &&Credit| {
        day < runs_out(credit) && scheduled(credit).is_none_or(|series| latest.get(&series) == Some(&credit.usable))
    };
    arrived().filter(holds).map(each_day).fold(BigRational::zero(), |sum, part| sum + part)
}

fn level_on(credits: &[Credit], floor: &Timeline<FloorAmount>, lens: &Lens, days: Days) -> Option<LevelShortfall> {
    let (cover, floor) = (cover(credits, lens, days.from()), *floor.at(days.from()));
    let short = cover < BigRational::from(BigInt::from(floor.units()));
    short.then_some(LevelShortfall { days, cover, floor })
}

/// The series, where the credit belongs to one and its next was scheduled.
fn scheduled(credit: &Credit) -> Option<Series> {
    credit.next_due.and(credit.series)
}

/// The first day on which the credit covers nothing any more.
fn runs_out(credit: &Credit) -> Date {
    match (scheduled(credit), credit.next_due) {
        (Some(_), Some(next)) => next,
        (Some(_) | None, Some(_) | None) => plus(credit.usable, 31),
    }
}

/// The credit spread over its days; these are at least one where it holds at all.
fn each_day(credit: &Credit) -> BigRational {
    let days = (number(runs_out(credit)) - number(credit.usable)).max(1);
    BigRational::new(BigInt::from(FloorAmount::of(credit.amount).units()), BigInt::from(days))
}

#[cfg(test)]
mod tests {
    use super::super::credit::{CreditKind, Purpose};
    use super::*;
    use jiff::civil::date;
    use schemas::Money;

    fn pay(pence: i64, usable: Date, series: Option<(u64, Date)>) -> Credit {
        Credit {
            usable,
            amount: Money::from_pence(pence),
            kind: CreditKind::Award,
            purpose: Purpose::StandardAllowance,
            series: series.map(|(number, _)| Series(number)),
            next_due: series.map(|(_, next)| next),
            pays_for: None,
            position: 0,
            counts: None,
        }
    }

    #[track_caller]
    fn covers(credits: &[Credit], day: Date, pence: i64, over: i64) {
        let expected = BigRational::new(BigInt::from(pence * 434), BigInt::from(over));
        assert_eq!(cover(credits, &Lens::default(), day), expected);
    }

    #[test]
    fn a_series_covers_its_latest_credit_over_the_days_to_the_next_due() {
        let first = pay(42_490, date(2026, 7, 7), Some((1, date(2026, 8, 7))));
        let second = pay(3_570, date(2026, 8, 7), Some((1, date(2026, 9, 7))));
        covers(&[first, second], date(2026, 7, 6), 0, 1);
        covers(&[first, second], date(2026, 8, 6), 42_490, 31);
        covers(&[first, second], date(2026, 8, 7), 3_570, 31);
        covers(&[first, second], date(2026, 9, 7), 0, 1); // the next has not come
        covers(&[first], date(2026, 8, 7), 0, 1);
    }

    #[test]
    fn series_and_single_credits_add_up_and_the_lines_of_one_payment_belong_together() {
        let month = pay(3_100, date(2026, 7, 7), Some((1, date(2026, 8, 7)))); // 100p a day
        let line = Credit { position: 1, ..month };
        let week = pay(700, date(2026, 7, 8), Some((2, date(2026, 7, 15)))); // 100p a day
        let grant = pay(6_200, date(2026, 7, 9), None); // 200p a day
        covers(&[month, line, week, grant], date(2026, 7, 9), 500, 1);
        covers(&[month, line, week, grant], date(2026, 7, 15), 400, 1);
        covers(&[grant], date(2026, 8, 8), 200, 1);
        covers(&[grant], date(2026, 8, 9), 0, 1);
    }

    #[test]
    fn a_shortfall_of_level_shows_on_every_day_of_a_reduced_month_even_while_cash_is_left() {
        let full = pay(42_490, date(2026, 7, 7), Some((1, date(2026, 8, 7))));
        let reduced = pay(36_116, date(2026, 8, 7), Some((1, date(2026, 9, 7))));
        let floor = Timeline::always(FloorAmount::of(Money::from_pence(1_200)));
        let days = Days::new(date(2026, 7, 7), date(2026, 9, 6)).unwrap();
        let short = level_shortfalls(&[full, reduced], &floor, &Lens::default(), days);
        // 361.16 over 31 days is 11.65 a day.
        assert_eq!(short.len(), 1);
        assert_eq!(short[0].days, Days::new(date(2026, 8, 7), date(2026, 9, 6)).unwrap());
        assert_eq!(short[0].cover, BigRational::new(BigInt::from(36_116 * 434), BigInt::from(31)));
    }

    #[test]
    fn cover_equal_to_the_floor_is_no_shortfall() {
        let exact = pay(42_490, date(2026, 7, 7), Some((1, date(2026, 8, 7))));
        let floor = FloorAmount::daily(Money::from_pence(42_490), super::super::amount::Basis::MonthBy31).unwrap();
        let days = Days::new(date(2026, 7, 7), date(2026, 8, 6)).unwrap();
        assert_eq!(level_shortfalls(&[exact], &Timeline::always(floor), &Lens::default(), days), []);
    }
}
