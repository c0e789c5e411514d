//! The interval form in `projections` and the day loop here agree on every day's gap, exactly.

use std::collections::BTreeMap;

use jiff::civil::Date;
use projections::floor::{self, FloorAmount, Gaps, Lens, Loans, Purposes};
use proptest::prelude::*;
use proptest::sample::select;
use schemas::Timeline;
use simulator::dayloop::{Debt, Expiry, LivedDay, Outflows, View, cover};

use crate::build::live;
use crate::generate::homes::Changes;
use crate::generate::{Scene, scenes};
use crate::translate::history;

proptest! {
    #[test]
    fn the_interval_form_finds_the_same_gap_on_every_day_as_the_day_loop(scene in scenes()) {
        for view in View::all() {
            let (lived, gaps) = (by_day(&scene, view), by_interval(&scene, view));
            let same = (gaps_by_day(&lived), unmet_by_day(&lived));
            prop_assert_eq!((gaps.by_day().map(units).collect(), unmet(&gaps)), same, "{:?}", view);
        }
    }

    #[test]
    fn totals_spans_and_single_days_of_the_interval_form_are_those_of_the_day_loop(scene in scenes()) {
        let (lived, gaps) = (by_day(&scene, View::TEST), by_interval(&scene, View::TEST));
        let breaches = gaps_by_day(&lived);
        let total: u128 = breaches.iter().map(|(_, gap)| gap).sum();
        prop_assert_eq!(i64::try_from(breaches.len()), Ok(gaps.breach_days()));
        prop_assert_eq!(u128::try_from(gaps.shortfall().units()), Ok(total));
        prop_assert_eq!(gaps.no_gap(), breaches.is_empty());
        prop_assert_eq!(spans(&gaps), runs(&breaches));
        for day in &lived {
            let on = gaps.on(day.day).map_or(0, |gap| gap.units());
            prop_assert_eq!(u128::try_from(on), Ok(day.gap.0));
        }
    }

    #[test]
    fn the_level_test_finds_the_same_cover_and_the_same_shortfalls_in_both_forms(
        scene in scenes(),
        view in select(View::all()),
    ) {
        let ours = history(&scene);
        let found = floor::level_shortfalls(&scene.credits, &timeline(&scene), &lens(view), scene.days);
        for LivedDay { day, floor, .. } in by_day(&scene, view) {
            let theirs = floor::cover(&scene.credits, &lens(view), day);
            let cover = cover(&ours, view, day)?;
            let (units, days) = cover.fraction();
            prop_assert_eq!((theirs.numer().to_string(), theirs.denom().to_string()), (units.to_string(), days.to_string()));
            prop_assert_eq!(found.iter().any(|short| short.days.contains(day)), cover.is_below(floor), "{}", day);
        }
    }
}

fn by_day(scene: &Scene, view: View) -> Vec<LivedDay> {
    live(&history(scene), view, (scene.days.from(), scene.days.to()))
}

fn by_interval(scene: &Scene, view: View) -> Gaps {
    floor::fold(&scene.credits, &timeline(scene), &scene.outflows, &lens(view), scene.days)
}

fn timeline(scene: &Scene) -> Timeline<FloorAmount> {
    Changes(scene.floor, scene.changes.clone()).timeline(|a_day| a_day)
}

pub fn lens(view: View) -> Lens {
    Lens {
        expiry: match view.expiry {
            Expiry::Expiring => floor::Expiry::Expiring,
            Expiry::Unexpiring => floor::Expiry::Unexpiring,
            Expiry::WithCapital => floor::Expiry::WithCapital,
        },
        loans: match view.debt {
            Debt::Hard => Loans::Hard,
            Debt::WithDebt => Loans::WithDebt,
        },
        outflows: view.outflows == Outflows::Counted,
        purposes: Purposes::USUAL,
    }
}

pub fn gaps_by_day(lived: &[LivedDay]) -> Vec<(Date, u128)> {
    lived.iter().map(|day| (day.day, day.gap.0)).filter(|(_, gap)| *gap > 0).collect()
}

pub fn unmet_by_day(lived: &[LivedDay]) -> BTreeMap<Date, u128> {
    lived.iter().map(|day| (day.day, day.unmet_outflow.0)).filter(|(_, unmet)| *unmet > 0).collect()
}

/// The interval form reports each outflow; here a day's are added up.
pub fn unmet(gaps: &Gaps) -> BTreeMap<Date, u128> {
    let mut by_day = BTreeMap::new();
    for (day, missing) in gaps.unmet.iter().map(|unmet| units((unmet.on, unmet.amount))) {
        *by_day.entry(day).or_insert(0) += missing;
    }
    by_day
}

fn units((day, amount): (Date, FloorAmount)) -> (Date, u128) {
    (day, amount.units().unsigned_abs().into())
}

fn spans(gaps: &Gaps) -> Vec<(Date, Date, u128)> {
    let spans = gaps.spans().into_iter();
    spans.map(|span| (span.days.from(), span.days.to(), units((span.days.from(), span.shortfall)).1)).collect()
}

/// Breach days that follow each other, and their shortfall.
pub fn runs(breaches: &[(Date, u128)]) -> Vec<(Date, Date, u128)> {
    let mut runs: Vec<(Date, Date, u128)> = Vec::new();
    for (day, gap) in breaches {
        match runs.last_mut() {
            Some((_, last, total)) if last.tomorrow().ok() == Some(*day) => (*last, *total) = (*day, *total + gap),
            Some(_) | None => runs.push((*day, *day, *gap)),
        }
    }
    runs
}
