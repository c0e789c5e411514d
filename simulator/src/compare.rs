//! Two replays of one history side by side: what each person was paid, and on which days they went short.

use std::collections::BTreeMap;

use jiff::civil::Date;
use projections::floor::file::FloorFile;
use projections::floor::views::{LedgerError, View};
use projections::floor::{Days, Scoped};
use projections::law::Terms;
use projections::verdict::actual;
use projections::views::MemoryViews;
use schemas::events::PaymentKind;
use schemas::{Money, PersonId};
use serde::Serialize;

/// How one person fared under one rulebook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fared {
    /// Awards and other payments usable by the end, top-ups aside.
    pub paid: Money,
    /// Top-ups usable by the end.
    pub topped_up: Money,
    /// Days with a verdict.
    pub judged_days: i64,
    /// Days for which the ledger cannot see all income.
    pub unknown_days: i64,
    /// Days below the floor.
    pub breach_days: i64,
    /// What was missing over them, to the penny.
    pub shortfall: Money,
}

/// One person under the baseline and under the alternative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Who.
    pub person: PersonId,
    /// Under the baseline.
    pub baseline: Fared,
    /// Under the alternative.
    pub alternative: Fared,
}

/// Everyone, and the sums.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Person by person, in order of id.
    pub rows: Vec<Row>,
    /// What the alternative pays more than the baseline, top-ups included; negative where it pays less.
    pub cost: Money,
    /// People who receive more.
    pub gainers: usize,
    /// People who receive less.
    pub losers: usize,
}

/// One side of a comparison.
#[derive(Clone)]
pub struct Side<'a> {
    /// What is known at the end of the replay.
    pub world: &'a MemoryViews,
    /// The floor it is judged by.
    pub floor: &'a FloorFile,
    /// What its rules say about claims.
    pub terms: Terms,
}

/// Compares two replays over the days from everybody's registration up to a day.
///
/// # Errors
/// A child whose recorded carer is not among the people of the views.
pub fn compare(baseline: &Side<'_>, alternative: &Side<'_>, until: Date) -> Result<Comparison, LedgerError> {
    let mut rows = Vec::new();
    for (person, _) in baseline.world.people() {
        let (baseline, alternative) = (fared(person, baseline, until)?, fared(person, alternative, until)?);
        rows.push(Row { person, baseline, alternative });
    }
    let change =
        |row: &Row| (row.alternative.paid + row.alternative.topped_up) - (row.baseline.paid + row.baseline.topped_up);
    Ok(Comparison {
        cost: rows.iter().map(change).sum(),
        gainers: rows.iter().filter(|row| change(row) > Money::ZERO).count(),
        losers: rows.iter().filter(|row| change(row) < Money::ZERO).count(),
        rows,
    })
}

/// How one person fared from registration up to a day.
///
/// # Errors
/// A child whose recorded carer is not among the people of the views.
pub fn fared(person: PersonId, side: &Side<'_>, until: Date) -> Result<Fared, LedgerError> {
    let world = side.world.around(person);
    let view = world.person(person);
    let days = view.and_then(|view| Days::new(view.registered?, until).ok());
    let scoped = match days {
        Some(days) => actual(person, &world, side.floor, &side.terms, View::default(), days)?.unwrap_or_default(),
        None => Scoped::default(),
    };
    let mut paid: BTreeMap<bool, Money> = BTreeMap::new();
    for payment in view.into_iter().flat_map(|view| view.payments.iter()) {
        if payment.usable_on().is_some_and(|on| on <= until) {
            *paid.entry(payment.kind == PaymentKind::TopUp).or_default() += payment.amount;
        }
    }
    Ok(Fared {
        paid: paid.get(&false).copied().unwrap_or_default(),
        topped_up: paid.get(&true).copied().unwrap_or_default(),
        judged_days: scoped.judged,
        unknown_days: scoped.unknown,
        breach_days: scoped.gaps.breach_days(),
        shortfall: scoped.gaps.shortfall().shown(),
    })
}
