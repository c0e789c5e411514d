use super::*;

/// A row of the acceptance table: the case and what must come of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Worked {
    case: Case,
    breach_days: i64,
    shortfall: Money,
    spans: Vec<(Date, Date)>,
}

#[test]
fn every_worked_figure_of_the_floor_comes_out_to_the_penny() {
    let worked: Vec<Worked> = yaml::decode(include_str!("../worked_figures.yaml")).unwrap();
    assert!(worked.len() >= 20);
    for row in worked {
        let result = row.case.run();
        let spans: Vec<_> = result.spans.iter().map(|s| (s.days.from(), s.days.to())).collect();
        assert_eq!(
            (result.breach_days, result.shortfall, spans),
            (row.breach_days, row.shortfall, row.spans),
            "{}",
            row.case.name
        );
    }
}

/// The message for a case with these fields (after its name) and its place.
#[track_caller]
fn refused(fields: &str, message: &str) {
    let error = run_cases(&format!("- name: a case\n{fields}")).unwrap_err();
    assert_eq!(error.to_string(), message);
}

const SPAN_AND_FLOOR: &str = "  span: [2026-06-01, 2026-06-30]\n  floor: {per_week: 84.00}\n";

#[track_caller]
fn credit_refused(credit: &str, message: &str) {
    refused(&format!("{SPAN_AND_FLOOR}  credits:\n    - {credit}\n"), message);
}

#[test]
fn a_bare_figure_is_asked_what_it_is_for() {
    refused(
        "  span: [2026-06-01, 2026-06-30]\n  floor: 12.00\n  credits: []\n",
        "line 3, column 10: [0].floor: a figure says what it is for: write {per_day: 12.00} or {per_week: 84.00}",
    );
}

#[test]
fn each_thing_that_cannot_be_is_one_error_with_line_field_and_what_to_do() {
    credit_refused(
        "{on: 2026-02-30, amount: 1.00}",
        "line 5, column 12: [0].credits[0].on: `2026-02-30` is not a day of the calendar: write year-month-day, like 2026-06-01",
    );
    credit_refused(
        "{on: 2026-06-01, amount: 1.005}",
        "line 5, column 32: [0].credits[0].amount: `1.005` has more than two decimals: money is whole pence",
    );
    credit_refused(
        "{on: 2026-06-01, amount: -1.00}",
        "line 5, column 32: [0].credits[0].amount: `-1.00` is negative: this amount must be zero or more",
    );
    credit_refused(
        "{on: 2026-06-01, amount: 1, paid: 2}",
        "line 5, column 41: [0].credits[0].paid: unknown field `paid`, expected one of `on`, `amount`, `next`, `kind`, `for`, `counts`",
    );
    credit_refused(
        "{on: 2026-06-01, amount: 1, next: 2026-06-01}",
        "line 5, column 7: [0].credits[0]: next: 2026-06-01 is not after on: 2026-06-01; write the day on which the following payment was due, or leave it out",
    );
    credit_refused(
        "{on: 2026-06-01, amount: 1, next: 2026-07-01, kind: top_up}",
        "line 5, column 7: [0].credits[0]: next: a top-up belongs to no series of payments; leave it out",
    );
    credit_refused(
        "{on: 2026-06-01, amount: 1, kind: wage, for: [2026-05-01, 2026-05-31]}",
        "line 5, column 7: [0].credits[0]: for: only arrears say which days they pay for; leave it out, or write kind: arrears",
    );
    credit_refused("{amount: 1}", "line 5, column 7: [0].credits[0]: missing field `on`");
    refused(
        "  span: [2026-06-30, 2026-06-01]\n  floor: {per_week: 84.00}\n",
        "line 2, column 9: [0].span: the days end on 2026-06-01, before they start on 2026-06-30: put the earlier day first",
    );
    refused(
        "  span: [2026-06-01, 2026-06-30]\n  floor: {per_week: 84.00, per_day: 12.00}\n",
        "line 3, column 10: [0].floor: write exactly one of per_day, per_week, or per_month with month_to_day",
    );
    refused(
        "  span: [2026-06-01, 2026-06-30]\n  floor: {per_month: 424.90}\n",
        "line 3, column 10: [0].floor: per_month needs month_to_day: by_31 or by_52_weeks",
    );
    refused(
        "  span: [2026-06-01, 2026-06-30]\n  floor: [{from: 2026-06-02, per_day: 9}, {from: 2026-06-02, per_day: 12}]\n",
        "line 3, column 10: [0].floor: from: 2026-06-02 is not after 2026-06-02: put the figures in order of their days",
    );
    refused("  span: [2026-06-01, 2026-06-30]\n", "line 1, column 3: [0]: missing field `floor`");
}

#[test]
fn a_result_for_programs_has_the_shortfall_as_a_number_with_two_decimals() {
    let results = run_cases(&format!(
        "- name: rent day\n{SPAN_AND_FLOOR}  credits:\n    - {{on: 2026-06-01, amount: 320}}\n  outflows:\n    - {{on: 2026-06-30, amount: 30}}\n"
    ));
    // 29 days at 12.00 need 348.00: 26 are whole, the 27th has 8.00, and nothing is left for the outflow of the 30th.
    assert_eq!(
        results_to_json(&results.unwrap()).to_string(),
        r#"[{"breach_days":4,"name":"rent day","shortfall":40.00,"spans":[["2026-06-27","2026-06-30"]],"unmet_outflows":[{"amount":30.00,"on":"2026-06-30"}]}]"#
    );
}

#[test]
fn days_before_the_span_are_lived_at_the_floor_and_get_no_verdict() {
    let text = "- name: a\n  span: [2026-06-11, 2026-06-15]\n  floor: {per_day: 12}\n  credits: [{on: 2026-06-01, amount: 150.00}]\n";
    // 12 whole days, 1 to 12 June, and 6.00 on the 13th: 6.00 + 12.00 + 12.00 missing.
    let result = run_cases(text).unwrap().remove(0);
    assert_eq!((result.breach_days, result.shortfall), (3, Money::from_pence(3_000)));
}
