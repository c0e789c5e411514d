//! Packs that decide weeks.

use super::support::*;
use crate::engine::{Pack, PackFiles, read_cases};

/// A pack of one rule, which gives the days of the period, with a line about its periods.
fn with(period: &str) -> PackFiles {
    let mut files = files("", "", "", "- {id: length, type: days, expr: 'days(period_start, period_end) + 1'}");
    files.0.entry("pack.yaml".to_string()).and_modify(|text| text.push_str(period));
    files
}

/// The days of the first case's period, or what is wrong with it.
fn period_of(period: &str, first: &str) -> String {
    match read_cases(&load(&with(period)), &format!("{{name: x, period: {first}}}")) {
        Ok(cases) => cases.iter().map(|stated| stated.case.period.to_string()).collect(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_pack_decides_months_unless_it_says_weeks() {
    assert_eq!(period_of("", "2026-06-03"), "2026-06-03 to 2026-07-02");
    assert_eq!(period_of("period: month\n", "2026-06-03"), "2026-06-03 to 2026-07-02");
    assert_eq!(period_of("period: week\n", "2026-06-03"), "2026-06-03 to 2026-06-09");
    assert_eq!(period_of("period: week_from_monday\n", "2026-06-08"), "2026-06-08 to 2026-06-14");
    assert_eq!(
        period_of("period: week_from_monday\n", "2026-06-03"),
        "line 1, column 19: x: period: 2026-06-03 is not an assessment day: periods of an award from 2026-06-08 start on 2026-06-08 and every week from there"
    );
}

#[test]
fn a_period_nobody_knows_is_refused_with_those_there_are_and_the_kind_stands_in_the_digest() {
    let errors = Pack::load(&with("period: weak\n")).expect_err("no such period");
    assert_eq!(
        lines(&errors),
        "pack.yaml:9:9: found `weak`, expected month, week, week_from_monday; did you mean `week`?"
    );
    assert_ne!(load(&with("period: week\n")).digest(), load(&with("")).digest());
}
