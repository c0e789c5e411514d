//! Histories that look for trouble: credits that overlap, expire together, come late, come back or just reach; floors
//! that change; outflows that no money covers; leap days and clock changes in reach of every one.

pub mod homes;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use projections::floor::{Credit, CreditKind, Days, FloorAmount, Outflow, Purpose, Series};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use schemas::Money;

/// All that a run of the floor test needs, in the words of the interval form.
#[derive(Clone, Debug)]
pub struct Scene {
    pub credits: Vec<Credit>,
    pub outflows: Vec<Outflow>,
    /// The floor before the first of the changes.
    pub floor: FloorAmount,
    /// Later floors and the days from which they hold.
    pub changes: Vec<(Date, FloorAmount)>,
    pub days: Days,
}

/// How far from the anchor day anything happens.
const REACH_DAYS: i32 = 240;

prop_compose! {
    pub fn scenes()(anchor in anchors(), rate in rates())(
        credits in vec(plans(anchor, rate), 0..7),
        outflows in vec(outflows(anchor, rate), 0..6),
        floor in Just(rate),
        changes in vec((days_from(anchor), rates()), 0..5),
        twins in vec((any::<Index>(), amounts(rate)), 0..5),
        places in vec(0..1_000_u64, 1..20),
        edges in edges(anchor),
    ) -> Scene {
        let mut credits: Vec<Credit> = credits.concat();
        add_twins(&mut credits, &twins);
        for ((unique, place), credit) in (0..).zip(places.iter().cycle()).zip(&mut credits) {
            credit.position = place * 1_000 + unique; // In the stream in any order, and never twice.
        }
        let days = edges.days(&credits);
        Scene { credits, outflows, floor, changes, days }
    }
}

/// Days around which something happens to the calendar: leap days, clock changes, year ends; or any day.
fn anchors() -> impl Strategy<Value = Date> {
    let special = select(vec![
        date(2024, 2, 29),
        date(2028, 2, 29),
        date(2026, 3, 29),
        date(2026, 10, 25),
        date(2027, 2, 28),
        date(2026, 12, 31),
        date(2026, 4, 6),
    ]);
    let any_day = (0..2_200_i32).prop_map(|n| plus(date(2023, 11, 1), n));
    prop_oneof![2 => special, 1 => any_day]
}

/// Floors by the day, the zero floor among them.
fn rates() -> impl Strategy<Value = FloorAmount> + Clone {
    let units = prop_oneof![
        1 => Just(0_i64),
        4 => Just(12_00 * 434),
        1 => Just(9_00 * 434),
        2 => (1..200_00_i64).prop_map(|pence_a_week| pence_a_week * 434 / 7),
        2 => (1..900_00_i64).prop_map(|pence_a_month| pence_a_month * 434 / 31),
        1 => 1..2_000_i64,
    ];
    units.prop_map(units_of)
}

/// Sums that reach exactly some days, or just not, or just over; and any sums.
fn amounts(rate: FloorAmount) -> impl Strategy<Value = Money> {
    let pence_a_day = rate.units() / 434;
    let whole_days = (0..70_i64, -1..=1_i64).prop_map(move |(days, off)| (days * pence_a_day + off).max(0));
    prop_oneof![3 => whole_days, 2 => 0..1_500_00_i64, 1 => 0..50_i64].prop_map(Money::from_pence)
}

fn days_from(anchor: Date) -> impl Strategy<Value = Date> {
    (-REACH_DAYS..REACH_DAYS).prop_map(move |n| plus(anchor, n))
}

fn outflows(anchor: Date, rate: FloorAmount) -> impl Strategy<Value = Outflow> {
    (days_from(anchor), amounts(rate)).prop_map(|(on, amount)| Outflow { on, amount })
}

/// The credits of one source over the history.
fn plans(anchor: Date, rate: FloorAmount) -> impl Strategy<Value = Vec<Credit>> {
    prop_oneof![
        4 => series(anchor, rate),
        2 => singles(anchor, rate).prop_map(|single| vec![single]),
        1 => arrears(anchor, rate).prop_map(|arrears| vec![arrears]),
        1 => returned(anchor, rate),
    ]
}

/// How often a series pays.
#[derive(Clone, Copy, Debug)]
enum Rhythm {
    EveryDays(i32),
    /// On this day of the month, or its last day where it has no such day.
    Monthly(i8),
}

fn rhythms() -> impl Strategy<Value = Rhythm> {
    prop_oneof![
        select(vec![7, 14, 28]).prop_map(Rhythm::EveryDays),
        (28..=31_i8).prop_map(Rhythm::Monthly),
        (1..=28_i8).prop_map(Rhythm::Monthly),
        (1..130_i32).prop_map(Rhythm::EveryDays),
    ]
}

/// Credits of a series, each of which may come some days late (or early) while its next due day stays as it was.
fn series(anchor: Date, rate: FloorAmount) -> impl Strategy<Value = Vec<Credit>> {
    let kind = prop_oneof![
        4 => Just(CreditKind::Award),
        2 => Just(CreditKind::Wage),
        1 => Just(CreditKind::Advance),
        1 => Just(CreditKind::StudentMaintenance),
        1 => Just(CreditKind::Pension),
    ];
    let late = prop_oneof![3 => Just(0_i32), 1 => -3..40_i32];
    let payments = vec((amounts(rate), late), 1..9);
    (days_from(anchor), rhythms(), kind, 0..3_u64, payments).prop_map(|(start, rhythm, kind, number, payments)| {
        let due = due_days(start, rhythm, payments.len() + 1);
        let next = due.iter().skip(1).copied();
        let credits = due.iter().copied().zip(next).zip(payments);
        credits.map(|((due, next), (amount, late))| of_series(plus(due, late), amount, kind, number, next)).collect()
    })
}

fn due_days(start: Date, rhythm: Rhythm, count: usize) -> Vec<Date> {
    match rhythm {
        Rhythm::EveryDays(days) => (0..).map(|n: i32| plus(start, n * days)).take(count).collect(),
        Rhythm::Monthly(day) => {
            let months = std::iter::successors(Some(start.first_of_month()), |m| m.checked_add(1.month()).ok());
            let due = months.map(|m| plus(m, i32::from(day.min(m.days_in_month())) - 1));
            due.filter(|day| *day >= start).take(count).collect()
        }
    }
}

/// Single credits of each kind, of a series or of none (a top-up's record may name one wrongly), with or without a
/// purpose that counts, or with a word on whether they count.
fn singles(anchor: Date, rate: FloorAmount) -> impl Strategy<Value = Credit> {
    let kind = select(vec![
        CreditKind::CrisisGrant,
        CreditKind::TopUp,
        CreditKind::TopUp,
        CreditKind::Wage,
        CreditKind::Maintenance,
        CreditKind::OtherIncome,
        CreditKind::OtherLoan,
        CreditKind::Hardship,
        CreditKind::Advance,
        CreditKind::ThirdParty,
        CreditKind::InKind,
        CreditKind::Capital,
    ]);
    let purpose = prop_oneof![4 => Just(Purpose::GeneralIncome), 1 => Just(Purpose::Housing)];
    let said = prop_oneof![6 => Just(None), 1 => any::<bool>().prop_map(Some)];
    let next = prop_oneof![1 => Just(None), 1 => (20..50_i32).prop_map(Some)];
    (days_from(anchor), amounts(rate), kind, purpose, said, next).prop_map(
        |(usable, amount, kind, purpose, said, next)| {
            let counts = if kind == CreditKind::Capital { None } else { said };
            let series = next.map(|_| Series(2));
            let next_due = next.map(|days| plus(usable, days));
            Credit { purpose, counts, series, next_due, ..single(usable, amount, kind) }
        },
    )
}

/// Arrears for up to a year, whose award goes on or not.
fn arrears(anchor: Date, rate: FloorAmount) -> impl Strategy<Value = Credit> {
    let next = prop_oneof![1 => Just(None), 1 => (1..60_i32).prop_map(Some)];
    (days_from(anchor), amounts(rate), 1..366_i32, 0..20_i32, next).prop_map(|(usable, amount, paid, before, next)| {
        let to = plus(usable, -before);
        Credit {
            pays_for: Days::new(plus(to, 1 - paid), to).ok(),
            next_due: next.map(|days| plus(usable, days)),
            series: next.map(|_| Series(1)),
            ..single(usable, amount, CreditKind::Arrears)
        }
    })
}

/// A monthly award of which one payment was returned, so that it is no credit, and reissued days later, with a top-up
/// in between or not.
fn returned(anchor: Date, rate: FloorAmount) -> impl Strategy<Value = Vec<Credit>> {
    let top_up = option::of(amounts(rate));
    (days_from(anchor), 1..=31_i8, amounts(rate), 1..25_i32, top_up).prop_map(|(start, day, amount, after, top_up)| {
        let due = due_days(start, Rhythm::Monthly(day), 4);
        let windows = due.windows(2).enumerate().filter_map(|(n, pair)| match pair {
            [on, next] => Some((if n == 1 { plus(*on, after) } else { *on }, *next)),
            [] | [_] | [_, _, ..] => None,
        });
        let paid = windows.map(|(on, next)| of_series(on, amount, CreditKind::Award, 1, next));
        let mut credits: Vec<Credit> = paid.collect();
        let returned_on = due.get(1).map(|on| plus(*on, after / 2));
        credits.extend(returned_on.zip(top_up).map(|(on, sum)| single(on, sum, CreditKind::TopUp)));
        credits
    })
}

/// For some credits another that expires on the very day on which they do: a top-up, or a wage that lasts 31 to 35 days.
fn add_twins(credits: &mut Vec<Credit>, twins: &[(Index, Money)]) {
    for (index, amount) in twins.iter().filter(|_| !credits.is_empty()).collect::<Vec<_>>() {
        let expires = index.get(credits).last_day();
        credits.push(match (0..).zip(31..=35).find(|(rest, _)| amount.pence() % 6 == *rest) {
            Some((_, life)) => of_series(plus(expires, 1 - life), *amount, CreditKind::Wage, 2, plus(expires, 1)),
            None => single(plus(expires, -30), *amount, CreditKind::TopUp),
        });
    }
}

/// Where the judged days begin and end: on any day, or at an edge of a credit, or just beside it.
#[derive(Clone, Debug)]
struct Edges {
    ends: (Date, Date),
    at_credits: Option<(Index, Index, i32)>,
}

fn edges(anchor: Date) -> impl Strategy<Value = Edges> {
    let at_credits = option::of((any::<Index>(), any::<Index>(), -1..=1_i32));
    (days_from(anchor), days_from(anchor), at_credits).prop_map(|(a, b, at_credits)| Edges { ends: (a, b), at_credits })
}

impl Edges {
    fn days(&self, credits: &[Credit]) -> Days {
        let (a, b) = match &self.at_credits {
            Some((one, other, beside)) if !credits.is_empty() => {
                (plus(one.get(credits).last_day(), *beside), other.get(credits).usable)
            }
            Some(_) | None => self.ends,
        };
        Days::new(a.min(b), a.max(b)).unwrap_or(Days::one(a))
    }
}

fn of_series(usable: Date, amount: Money, kind: CreditKind, number: u64, next: Date) -> Credit {
    Credit { series: Some(Series(number)), next_due: Some(next), ..single(usable, amount, kind) }
}

fn single(usable: Date, amount: Money, kind: CreditKind) -> Credit {
    let (purpose, position) = (Purpose::GeneralIncome, 0);
    Credit { usable, amount, kind, purpose, series: None, next_due: None, pays_for: None, position, counts: None }
}

fn units_of(units: i64) -> FloorAmount {
    FloorAmount::from_units(units).unwrap_or(FloorAmount::ZERO)
}

fn plus(day: Date, days: i32) -> Date {
    day.saturating_add(days.days())
}
