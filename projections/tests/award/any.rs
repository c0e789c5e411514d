//! Any household: what properties are tried on.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use schemas::{AssessmentPeriod, Cycle, PeriodKind};

use super::household::{ASKED, Adult, Child, Debts, Home, Household, Lcwra, Means, Tenure, YEAR};

/// Properties take 64 households at once, so that a quarter of the usual number of tries is plenty.
pub fn batches() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases / 4, ..usual }
}

/// Days on which something changes, near which periods begin or end as often as anywhere.
const CHANGES: [Date; 16] = [
    date(2014, 4, 7),
    date(2016, 4, 11),
    date(2016, 11, 7),
    date(2017, 4, 3),
    date(2017, 4, 6),
    date(2017, 4, 10),
    date(2018, 4, 11),
    date(2018, 11, 28),
    date(2020, 4, 6),
    date(2021, 4, 6),
    date(2021, 10, 6),
    date(2021, 11, 24),
    date(2022, 4, 11),
    date(2023, 6, 28),
    date(2025, 4, 30),
    date(2026, 4, 6),
];

fn period() -> impl Strategy<Value = AssessmentPeriod> {
    let first = date(2013, 4, 29);
    let anywhere = (0..4_970i64).prop_map(move |days| first.checked_add(days.days()).unwrap());
    let near = (0..CHANGES.len(), -2..2i64, any::<bool>()).prop_map(|(at, days, by_end)| {
        let day = CHANGES[at].checked_add(days.days()).unwrap();
        if by_end { day.checked_sub(1.month()).unwrap() } else { day }
    });
    prop_oneof![anywhere, near].prop_map(|day| Cycle::new(PeriodKind::Month, day).first().unwrap())
}

/// Nothing as often as not, else an amount below `most`.
fn some(most: i64) -> impl Strategy<Value = i64> {
    prop_oneof![1 => Just(0), 1 => 0..most]
}

fn rarely<S: Strategy>(what: S) -> impl Strategy<Value = Option<S::Value>>
where
    S::Value: Clone,
{
    proptest::option::weighted(0.15, what)
}

fn adult() -> impl Strategy<Value = Adult> {
    let lcwra = (-20..400i64, -20..400i64, any::<bool>(), any::<bool>())
        .prop_map(|(found, evidence, terminally_ill, severe)| Lcwra { found, evidence, terminally_ill, severe });
    let incomes = (some(300_000), prop_oneof![4 => Just(0), 1 => -50_000..90_000i64], some(40_000));
    let benefits =
        (prop_oneof![4 => Just(0), 1 => 0..23_000i64], some(28), prop_oneof![4 => Just(0), 1 => 0..8_700i64]);
    let health = (rarely(-20..4_000i64), rarely(lcwra), rarely(-20..900i64));
    let flags = (any::<bool>(), proptest::bool::weighted(0.2), any::<bool>());
    let sanction = prop_oneof![3 => Just(0), 1 => 1..40i64];
    (6_600..24_000i64, incomes, benefits, health, flags, sanction).prop_map(
        |(
            age,
            (pay, trade, unearned),
            benefits,
            (lcw, lcwra, caring),
            (in_paid_work, exempt, interviews_only),
            sanction_days,
        )| Adult {
            age,
            pay,
            trade,
            unearned,
            pension_weekly: benefits.0,
            pension_days: benefits.1,
            carers_allowance_weekly: benefits.2,
            in_paid_work,
            lcw,
            lcwra,
            caring,
            exempt,
            sanction_days,
            interviews_only,
        },
    )
}

fn child() -> impl Strategy<Value = Child> {
    let facts = (prop_oneof![3 => Just(0), 1 => 1..3usize], proptest::bool::weighted(0.2), any::<bool>());
    (-20..6_900i64, facts, some(12_000)).prop_map(|(age, (disabled, exception, outside_order), child_benefit)| Child {
        age,
        disabled,
        exception,
        outside_order,
        child_benefit,
    })
}

/// Every fifth of them is the twin of the one before.
fn children() -> impl Strategy<Value = Vec<Child>> {
    proptest::collection::vec((child(), proptest::bool::weighted(0.2)), 0..5).prop_map(|drawn| {
        let mut children: Vec<Child> = Vec::new();
        for (child, is_twin) in drawn {
            let age = children.last().filter(|_| is_twin).map_or(child.age, |before| before.age);
            children.push(Child { age, ..child });
        }
        children
    })
}

fn home() -> impl Strategy<Value = Home> {
    let tenure = prop_oneof![Just(Tenure::None), Just(Tenure::Social), Just(Tenure::Private), Just(Tenure::Owner)];
    let other = || rarely((16..60i64, any::<bool>()));
    (
        tenure,
        1..180_000i64,
        any::<bool>(),
        some(120_000),
        (0..6i64, 1..4i64),
        (other(), other()),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(tenure, cost, weekly, lha, (bedrooms, needed), (one, two), owner_wait_over, london)| Home {
            tenure,
            cost: match tenure {
                Tenure::None => 0,
                Tenure::Social | Tenure::Private if weekly => cost / 4,
                Tenure::Social | Tenure::Private => cost,
                Tenure::Owner => cost / 10,
            },
            weekly,
            lha,
            bedrooms,
            needed,
            others: [one, two],
            owner_wait_over,
            london,
        })
}

fn means() -> impl Strategy<Value = Means> {
    let capital = prop_oneof![3 => Just(0), 2 => 590_000..1_610_000i64, 1 => Just(600_001), 1 => Just(1_600_000)];
    let surplus = prop_oneof![4 => Just(0), 1 => 0..90_000i64];
    let days = prop_oneof![6 => Just(0), 1 => 1..46i64];
    (
        some(230_000),
        capital,
        some(30_000),
        surplus,
        1..230i64,
        proptest::bool::weighted(0.1),
        days,
        proptest::bool::weighted(0.1),
    )
        .prop_map(
            |(childcare, capital, transitional, surplus, award_ended, grace, first_period_days, disability_benefit)| {
                Means {
                    childcare,
                    capital,
                    transitional,
                    surplus,
                    award_ended,
                    grace,
                    first_period_days,
                    disability_benefit,
                }
            },
        )
}

fn debts() -> impl Strategy<Value = Debts> {
    let asked = proptest::collection::vec(prop_oneof![4 => Just(0), 1 => 1..12_000i64], ASKED.len());
    (asked, any::<bool>(), any::<bool>()).prop_map(|(asked, rent_last_resort, fuel_last_resort)| Debts {
        asked,
        rent_last_resort,
        fuel_last_resort,
    })
}

/// Any household in any period since 29 April 2013.
pub fn household() -> impl Strategy<Value = Household> {
    let people = (proptest::collection::vec(adult(), 1..3), children());
    (period(), people, home(), means(), debts()).prop_map(|(period, (adults, children), home, mut means, debts)| {
        if period.first() < date(2018, 4, 11) {
            means.surplus = 0; // Reg. 54A was not in force.
        }
        Household { period, adults, children, home, means, debts }
    })
}

/// Somebody of 36 without anything, in the period of May 2026.
pub fn alone() -> Household {
    let adult = Adult {
        age: 36 * YEAR,
        pay: 0,
        trade: 0,
        unearned: 0,
        pension_weekly: 0,
        pension_days: 0,
        carers_allowance_weekly: 0,
        in_paid_work: false,
        lcw: None,
        lcwra: None,
        caring: None,
        exempt: false,
        sanction_days: 0,
        interviews_only: false,
    };
    let home = Home {
        tenure: Tenure::None,
        cost: 0,
        weekly: false,
        lha: 0,
        bedrooms: 0,
        needed: 1,
        others: [None, None],
        owner_wait_over: false,
        london: false,
    };
    let means = Means {
        childcare: 0,
        capital: 0,
        transitional: 0,
        surplus: 0,
        award_ended: 1,
        grace: false,
        first_period_days: 0,
        disability_benefit: false,
    };
    let debts = Debts { asked: vec![0; ASKED.len()], rent_last_resort: false, fuel_last_resort: false };
    let period = AssessmentPeriod::starting(date(2026, 5, 6)).unwrap();
    Household { period, adults: vec![adult], children: Vec::new(), home, means, debts }
}
