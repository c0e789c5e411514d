//! `footing floor --case`: the floor test for described cases.

use crate::run::Folder;

/// Nothing from 1 June to 6 July: 36 days at 12.00 a day are 432.00; from 7 July on 424.90 lasts past the month's end.
const FIVE_WEEKS: &str = "\
- name: first payment after five weeks
  span: [2026-06-01, 2026-07-31]
  floor: {per_week: 84.00}
  credits:
    - {on: 2026-07-07, amount: 424.90, next: 2026-08-07}
- name: nothing to judge
  span: [2026-06-01, 2026-06-01]
  floor: {per_day: 0.00}
";

#[test]
fn days_in_breach_are_a_table_for_people() {
    let folder = Folder::new();
    folder.write("cases.yaml", FIVE_WEEKS);
    insta::assert_snapshot!(folder.run(&["floor", "--case", "cases.yaml"]).good(), @r"
    case                            breach days  shortfall  days in breach
    first payment after five weeks           36     432.00  2026-06-01 to 2026-07-06
    nothing to judge                          0       0.00  none
    ");
}

#[test]
fn days_in_breach_are_json_for_programs() {
    let folder = Folder::new();
    let out = folder.feed(&["floor", "--case", "-", "--format", "json"], FIVE_WEEKS).json();
    assert_eq!(
        out[0].to_string(),
        r#"{"breach_days":36,"name":"first payment after five weeks","shortfall":432.00,"spans":[["2026-06-01","2026-07-06"]]}"#
    );
    assert_eq!(out[1].to_string(), r#"{"breach_days":0,"name":"nothing to judge","shortfall":0.00,"spans":[]}"#);
}

#[track_caller]
fn refused(text: &str, message: &str) {
    let folder = Folder::new();
    folder.write("cases.yaml", text);
    folder.run(&["floor", "--case", "cases.yaml"]).refused(2, &format!("error: {message}"));
}

#[test]
fn a_bad_case_is_one_error_with_file_line_field_and_what_to_do() {
    refused("", "cases.yaml:1:1: the document is empty");
    refused(
        "- name: a\n  span: [2026-06-01, 2026-02-30]\n  floor: {per_day: 12.00}\n",
        "cases.yaml:2:22: [0].span[1]: `2026-02-30` is not a day of the calendar: write year-month-day, like 2026-06-01",
    );
    refused(
        "- name: a\n  span: [2026-06-01, 2026-06-30]\n  floor: {per_day: 12.005}\n",
        "cases.yaml:3:20: [0].floor.per_day: `12.005` has more than two decimals: money is whole pence",
    );
}
