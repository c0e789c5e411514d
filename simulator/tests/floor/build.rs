//! Short words for histories in tests. Credits of one list are taken to stand in the stream in that order.

use jiff::civil::Date;
use simulator::dayloop::{
    Credit, DaySpan, Debt, Expiry, FloorStep, History, LivedDay, Outflow, Outflows, Series, Source, Units, View,
    day_by_day,
};

pub const WITH_DEBT: View = View { debt: Debt::WithDebt, ..View::TEST };
pub const WITH_OUTFLOWS: View = View { outflows: Outflows::Counted, ..View::TEST };
pub const UNEXPIRING: View = View { expiry: Expiry::Unexpiring, ..View::TEST };
pub const WITH_CAPITAL: View = View { expiry: Expiry::WithCapital, ..View::TEST };

/// 84.00 a week, the floor of the worked figures.
pub const TWELVE_A_DAY: u64 = 12_00;

/// A credit of a series whose next was due on `next`.
pub fn award(usable: Date, pence: u64, next: Date) -> Credit {
    let series = Some(Series { number: 1, next_due: Some(next) });
    Credit { usable, amount: Units::pence(pence), source: Source::Award, series, position: 0 }
}

/// A credit of no series.
pub fn one_off(usable: Date, pence: u64, source: Source) -> Credit {
    Credit { usable, amount: Units::pence(pence), source, series: None, position: 0 }
}

pub fn outflow(due: Date, pence: u64) -> Outflow {
    Outflow { due, amount: Units::pence(pence) }
}

/// The same floor on every day from the year 2000 on.
pub fn flat(a_day: Units) -> Vec<FloorStep> {
    vec![FloorStep { from: Date::constant(2000, 1, 1), a_day }]
}

/// A history at 12.00 a day.
pub fn history(credits: &[Credit]) -> History {
    let numbered = (1..).zip(credits).map(|(position, credit)| Credit { position, ..*credit });
    History { credits: numbered.collect(), floor: flat(Units::pence(TWELVE_A_DAY)), ..History::default() }
}

/// Lives the history and compares its breach days, as ranges, and its shortfall in pence.
#[track_caller]
pub fn check(history: &History, view: View, span: (Date, Date), breaches: &[(Date, Date)], pence: u64) {
    let lived = live(history, view, span);
    assert_eq!(ranges(&lived), breaches, "breach days");
    assert_eq!(shortfall(&lived), Units::pence(pence), "shortfall");
}

pub fn live(history: &History, view: View, (first, last): (Date, Date)) -> Vec<LivedDay> {
    day_by_day(history, view, DaySpan { first, last })
}

pub fn shortfall(lived: &[LivedDay]) -> Units {
    lived.iter().map(|day| day.gap).sum()
}

pub fn breach_days(lived: &[LivedDay]) -> usize {
    lived.iter().filter(|day| day.gap > Units::ZERO).count()
}

/// The breach days as ranges of days that follow each other, first and last included.
fn ranges(lived: &[LivedDay]) -> Vec<(Date, Date)> {
    let mut ranges: Vec<(Date, Date)> = Vec::new();
    for day in lived.iter().filter(|day| day.gap > Units::ZERO).map(|day| day.day) {
        match ranges.last_mut() {
            Some((_, last)) if last.tomorrow().ok() == Some(day) => *last = day,
            Some(_) | None => ranges.push((day, day)),
        }
    }
    ranges
}
