use super::*;
use jiff::civil::date;

/// The shipped floor files.
const SHIPPED: [(&str, &str); 6] = [
    ("demo-84-a-week-measured", include_str!("../../../../schemas/floors/demo-84-a-week-measured.yaml")),
    ("demo-84-a-week-guaranteed", include_str!("../../../../schemas/floors/demo-84-a-week-guaranteed.yaml")),
    ("rung1-protected-minimum", include_str!("../../../../schemas/floors/rung1-protected-minimum.yaml")),
    ("rung2-standard-allowance", include_str!("../../../../schemas/floors/rung2-standard-allowance.yaml")),
    ("rung3-essentials-guarantee", include_str!("../../../../schemas/floors/rung3-essentials-guarantee.yaml")),
    ("rung4-sixty-percent-of-median", include_str!("../../../../schemas/floors/rung4-sixty-percent-of-median.yaml")),
];

#[track_caller]
fn shipped(name: &str) -> FloorFile {
    let (_, text) = SHIPPED.iter().find(|(shipped, _)| *shipped == name).unwrap();
    FloorFile::read(text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_shipped_floor_file_can_be_read_and_has_the_name_of_its_file() {
    for (name, _) in SHIPPED {
        assert_eq!(shipped(name).name, name);
    }
}

#[test]
fn the_demonstration_floor_is_12_00_a_day_for_one_and_9_00_each_for_a_couple() {
    let modes = [("demo-84-a-week-measured", Mode::Measure, 0), ("demo-84-a-week-guaranteed", Mode::Guarantee, 3)];
    for (name, mode, lead) in modes {
        let file = shipped(name);
        let on = |position| file.floor_on(position, date(2026, 6, 1)).map(|f| (f.units() % 434, f.units() / 434));
        assert_eq!((on(Position::Single25OrOver), on(Position::CoupleEach)), (Some((0, 1_200)), Some((0, 900))));
        assert_eq!((file.mode, file.lead_working_days, file.tranche_days), (mode, lead, 14));
    }
}

/// A week of the rung for these people together, shown to the penny.
#[track_caller]
fn week(name: &str, people: &[Position], expected: &str) {
    let file = shipped(name);
    let days: FloorAmount = people.iter().map(|p| file.floor_on(*p, date(2026, 6, 1)).unwrap()).sum();
    assert_eq!(days.times(7).shown().to_string(), expected, "{name} {people:?}");
}

#[test]
fn the_rungs_have_their_published_figures() {
    use Position::{Child14OrOver, ChildUnder14, CoupleEach, Single25OrOver};
    week("rung1-protected-minimum", &[Single25OrOver], "83.35");
    week("rung3-essentials-guarantee", &[Single25OrOver], "120.00");
    week("rung3-essentials-guarantee", &[CoupleEach, CoupleEach], "205.00");
    let median = "rung4-sixty-percent-of-median";
    week(median, &[Single25OrOver], "216.85");
    week(median, &[CoupleEach, CoupleEach], "373.89");
    week(median, &[Single25OrOver, ChildUnder14, Child14OrOver], "448.66");
    week(median, &[CoupleEach, CoupleEach, ChildUnder14, Child14OrOver], "605.70");
}

#[test]
fn rung_2_lasts_31_days_on_a_months_allowance_and_half_a_couples_is_exact() {
    let file = shipped("rung2-standard-allowance");
    let on = |position| file.floor_on(position, date(2026, 6, 1)).map(FloorAmount::units);
    assert_eq!(on(Position::Single25OrOver), Some(42_490 * 14));
    assert_eq!(on(Position::CoupleEach), Some(66_697 * 7));
    assert_eq!(file.changes, Changes::WithFirstPayment);
    assert_eq!(file.floor_on(Position::Single25OrOver, date(2026, 4, 5)).map(FloorAmount::units), Some(40_014 * 14));
}

#[test]
fn a_rung_without_a_figure_is_not_available_and_not_nothing() {
    let file = shipped("rung3-essentials-guarantee");
    assert_eq!(file.floor_on(Position::ChildUnder14, date(2026, 6, 1)), None);
    let early = shipped("rung1-protected-minimum").floor_on(Position::Single25OrOver, date(2020, 1, 1));
    assert_eq!(early, None); // before the first dated figure
}

/// The demonstration file with one piece of text changed.
#[track_caller]
fn refused(from: &str, to: &str, message: &str) {
    let (_, text) = SHIPPED[0];
    assert!(text.contains(from), "{from}");
    let error = FloorFile::read(&text.replacen(from, to, 1)).unwrap_err();
    assert!(error.to_string().contains(message), "{error}");
}

#[test]
fn each_thing_that_cannot_be_in_a_floor_file_is_an_error_that_names_its_field() {
    refused("mode: measure", "mode: promise", "mode: unknown variant `promise`, expected `measure` or `guarantee`");
    refused("lead_working_days: 0", "lead_working_days: 4", "lead_working_days: 4 is not from 0 to 3");
    refused("tranche_days: 14", "tranche_days: 0", "tranche_days: 0 is not from 1 to 31");
    refused("per_week: 84.00", "per_week: 84.005", "per_week: `84.005` has more than two decimals");
    refused("per_week: 84.00", "per_week: -84.00", "is negative");
    refused("per_week: 84.00", "per_year: 84.00", "unknown field `per_year`");
    refused("per_week: 84.00", "per_week: 84.00, per_day: 12", "needs exactly one of per_day");
    refused("source:", "sources:", "unknown field `sources`");
    refused("from: 2013-04-29", "from: 2013-02-29", "`2013-02-29` is not a day of the calendar");
}
