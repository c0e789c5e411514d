//! The acceptance file that ships with the interval form, judged by the day loop: row by row the same days, the same units
//! and the file's own figures.

use std::collections::BTreeMap;

use jiff::civil::Date;
use projections::floor::FloorAmount;
use projections::floor::case::{Case, CaseResult};
use schemas::{Money, yaml};
use serde::Deserialize;
use simulator::dayloop::Units;

use crate::build::{WITH_OUTFLOWS, live};
use crate::interval_form::{gaps_by_day, runs, unmet_by_day};
use crate::translate::described;

/// A row of the file: the case and what must come of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    case: Case,
    breach_days: i64,
    shortfall: Money,
    spans: Vec<(Date, Date)>,
}

/// What a run finds, exactly: runs of breach days with their units, and each day's unmet outflows in units.
type Found = (Vec<(Date, Date, u128)>, BTreeMap<Date, u128>);

#[test]
fn every_row_of_the_shipped_worked_figures_comes_out_the_same_by_the_day_loop() {
    let rows: Vec<Row> = yaml::decode(include_str!("../../../projections/src/floor/worked_figures.yaml")).unwrap();
    assert!(rows.len() >= 20, "{} rows", rows.len());
    for row in &rows {
        let found = by_day(&row.case);
        assert_eq!(found, by_case(&row.case.run()), "{}", row.case.name);
        check_against_the_file(row, &found.0);
    }
}

fn by_day(case: &Case) -> Found {
    let lived = live(&described(case), WITH_OUTFLOWS, (case.days.from(), case.days.to()));
    (runs(&gaps_by_day(&lived)), unmet_by_day(&lived))
}

fn by_case(result: &CaseResult) -> Found {
    let units = |amount: FloorAmount| u128::from(amount.units().unsigned_abs());
    let spans = result.spans.iter().map(|span| (span.days.from(), span.days.to(), units(span.shortfall)));
    let mut unmet = BTreeMap::new();
    for outflow in &result.unmet {
        *unmet.entry(outflow.on).or_insert(0) += units(outflow.amount);
    }
    (spans.collect(), unmet)
}

#[track_caller]
fn check_against_the_file(row: &Row, spans: &[(Date, Date, u128)]) {
    assert_eq!(
        spans.iter().map(|(first, last, _)| (*first, *last)).collect::<Vec<_>>(),
        row.spans,
        "{}",
        row.case.name
    );
    let days: i64 = spans.iter().map(|(first, last, _)| i64::from((*last - *first).get_days()) + 1).sum();
    let units: u128 = spans.iter().map(|(_, _, units)| units).sum();
    let to_the_penny = (units + Units::pence(1).0 / 2) / Units::pence(1).0; // Half a penny up.
    let shortfall = i64::try_from(to_the_penny).map(Money::from_pence);
    assert_eq!((days, shortfall), (row.breach_days, Ok(row.shortfall)), "{}", row.case.name);
}
