//! `footing calc`: amounts that were worked out by hand, in every form of input and output.

use serde_json::{Value, json};

use crate::run::{Folder, small_pack};

/// 400.14 + 339.00 + 292.81 + 433.33 + 170.00 (200.00 x 85%) = 1,635.28; (900 - 411) x 55% = 268.95; two steps of
/// capital, 8.70; 1,635.28 - 268.95 - 8.70 = 1,357.63.
const LONE_PARENT: &str = "\
- name: lone parent, two children, renting
  period: 2025-06-10                # first day of the assessment period
  input:
    people:
      a1: {birth_date: 1990-02-01, net_earnings: 900.00}
      c1: {birth_date: 2015-05-05, role: child}
      c2: {birth_date: 2019-09-09, role: child}
    unit: {tenure: social, rent: 433.33, bedrooms: 2, bedrooms_needed: 2, capital: 6500.00, region: outside_london, childcare_charges: 200.00}
  output: {standard_allowance: 400.14, award: ...}
";

const ROWS: &str = "\
name,period,a1.birth_date,a1.net_earnings,people.c1.birth_date,people.c1.role,c2.birth_date,c2.role,tenure,rent,capital,childcare_charges
\"lone parent, two children, renting\",2025-06-10,1990-02-01,900.00,2015-05-05,child,2019-09-09,child,social,433.33,6500.00,200.00
alone,2026-06-10,1980-01-01,,,,,,,,,
";

fn uc(file: &str, more: &[&'static str]) -> Vec<String> {
    let fixed = ["calc", file, "--pack", "uk-universal-credit"];
    fixed.into_iter().chain(more.iter().copied()).map(str::to_string).collect()
}

#[track_caller]
fn run(folder: &Folder, file: &str, more: &[&'static str]) -> String {
    let arguments = uc(file, more);
    folder.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).good()
}

#[test]
fn a_case_is_shown_with_what_is_not_nil_and_the_law_beside_it() {
    let folder = Folder::new();
    folder.write("case.yaml", LONE_PARENT);
    insta::assert_snapshot!(run(&folder, "case.yaml", &[]), @r"
    lone parent, two children, renting
    2025-06-10 to 2025-07-09, uk-universal-credit 2026.11

      standard allowance        400.14  Welfare Reform Act 2012 s. 9
      child element             631.81  SI 2013/376 reg. 24(1)
      housing costs element     433.33  SI 2013/376 reg. 26 and Schs. 4 and 5
      childcare costs element   170.00  SI 2013/376 reg. 34(1) [single source]
      maximum amount           1635.28  Welfare Reform Act 2012 s. 8(2); SI 2013/376 reg. 23
      work allowance            411.00  SI 2013/376 reg. 22(1)(b) and (2)
      earned income             900.00  SI 2013/376 regs. 22(1)(b) and 51 to 62
      earnings reduction        268.95  SI 2013/376 reg. 22(1)(b)
      tariff income               8.70  SI 2013/376 reg. 72(1) and (2)
      award before cap         1357.63  Welfare Reform Act 2012 ss. 5(1)(a) and 8(1) to (4)
      benefit cap              1835.00  SI 2013/376 reg. 80A(1)
      award                    1357.63  Welfare Reform Act 2012 ss. 8 and 96
      payment                  1357.63  SI 2013/380 regs. 45 to 47 and Sch. 6 [single source]
    ");
}

#[test]
fn json_amounts_are_numbers_with_two_decimals() {
    let folder = Folder::new();
    folder.write("case.yaml", LONE_PARENT);
    let text = run(&folder, "case.yaml", &["--format", "json"]);
    let cases: Value = serde_json::from_str(&text).unwrap();
    let case = &cases[0];
    assert_eq!((&case["name"], &case["period"]), (&json!("lone parent, two children, renting"), &json!("2025-06-10")));
    for amount in [
        r#""standard_allowance":400.14"#,
        r#""child_element":631.81"#,
        r#""childcare_costs_element":170.00"#,
        r#""maximum_amount":1635.28"#,
        r#""earnings_reduction":268.95"#,
        r#""tariff_income":8.70"#,
        r#""award":1357.63"#,
        r#""payment":1357.63"#,
        r#""carer_element":0.00"#,
    ] {
        assert!(text.contains(amount), "{amount} is not in {text}");
    }
    assert!(case.get("steps").is_none() && case.get("exact").is_none());
}

/// Childcare is kept whole; the other 1,187.63 are shared as 400.14 : 339.00 : 292.81 : 433.33 of 1,465.28, which makes
/// 324.3190, 274.7642, 237.3266 and 351.2200: two odd pennies, to the largest remainders, the first and the third.
#[test]
fn lines_say_whose_each_part_is_and_add_up_to_the_payment() {
    let folder = Folder::new();
    folder.write("case.yaml", LONE_PARENT);
    let cases: Value = serde_json::from_str(&run(&folder, "case.yaml", &["--format", "json"])).unwrap();
    let lines = cases[0]["output"]["lines"].as_array().unwrap();
    let line = |line: &Value| {
        format!(
            "{} {} {} {}",
            line["purpose"].as_str().unwrap(),
            line["for_whom"].as_str().unwrap(),
            line["payee"].as_str().unwrap(),
            line["amount"]
        )
    };
    assert_eq!(
        lines.iter().map(line).collect::<Vec<_>>(),
        [
            "standard_allowance a1 a1 324.32",
            "child_element c1 a1 274.76",
            "child_element c2 a1 237.33",
            "housing a1 a1 351.22",
            "childcare a1 a1 170.00",
        ]
    );
}

/// 666.97 in two shares, the odd penny to the second (FLOOR.md, row 5b).
#[test]
fn a_couples_allowance_is_paid_to_each_of_them() {
    let folder = Folder::new();
    let couple = "- {name: two, period: 2026-06-10, input: {people: {a: {birth_date: 1980-01-01}, b: {birth_date: 1980-01-01}}}}\n";
    folder.write("case.yaml", couple);
    let out = run(&folder, "case.yaml", &["--format", "json"]);
    assert!(out.contains(r#"{"amount":333.48,"for_whom":"a","payee":"a","purpose":"standard_allowance"}"#), "{out}");
    assert!(out.contains(r#"{"amount":333.49,"for_whom":"b","payee":"b","purpose":"standard_allowance"}"#), "{out}");
}

#[test]
fn json_and_yaml_say_the_same_case() {
    let folder = Folder::new();
    let as_json = r#"[{"name": "alone", "period": "2026-06-10", "input": {"people": {"a1": {"birth_date": "1980-01-01", "net_earnings": 0.10}}, "unit": {}}}]"#;
    let as_yaml =
        "name: alone\nperiod: 2026-06-10\ninput:\n  people: {a1: {birth_date: 1980-01-01, net_earnings: 0.10}}\n";
    folder.write("case.json", as_json).write("case.yml", as_yaml);
    let (json, yaml) =
        (run(&folder, "case.json", &["--format", "json"]), run(&folder, "case.yml", &["--format", "json"]));
    assert_eq!(json, yaml);
    assert!(json.contains(r#""earnings_reduction":0.06"#), "0.10 x 55% = 0.055, half a penny up: {json}");
}

#[test]
fn rows_give_rows_and_a_person_with_no_cell_filled_is_not_in_the_case() {
    let folder = Folder::new();
    folder.write("cases.csv", ROWS);
    let out = run(&folder, "cases.csv", &[]);
    let mut lines = out.lines();
    assert!(lines.next().unwrap().starts_with("name,period,standard_allowance,child_element,"));
    assert!(lines.next().unwrap().starts_with("\"lone parent, two children, renting\",2025-06-10,400.14,631.81,"));
    assert!(lines.next().unwrap().starts_with("alone,2026-06-10,424.90,0.00,"));
    assert_eq!(lines.next(), None);
}

#[test]
fn rows_and_documents_come_to_the_same_amounts() {
    let folder = Folder::new();
    folder.write("cases.csv", ROWS).write("case.yaml", LONE_PARENT);
    let rows: Value = serde_json::from_str(&run(&folder, "cases.csv", &["--format", "json"])).unwrap();
    let document: Value = serde_json::from_str(&run(&folder, "case.yaml", &["--format", "json"])).unwrap();
    assert_eq!(rows[0], document[0]);
}

#[test]
fn many_rows_come_out_in_their_order() {
    let folder = Folder::new();
    small_pack(&folder);
    let rows: String = (0..5000).map(|n| format!("case {n},2025-06-10,{}.00\n", 2 * n)).collect();
    folder.write("cases.csv", format!("name,period,a1.earned\n{rows}"));
    let out = folder.run(&["--packs", "packs", "calc", "cases.csv", "--pack", "small"]).good();
    let expected: String = (0..5000).map(|n| format!("case {n},2025-06-10,{n}.00\n")).collect();
    assert_eq!(out, format!("name,period,award\n{expected}"));
}

#[test]
fn results_go_to_a_file_whose_name_says_their_form() {
    let folder = Folder::new();
    folder.write("cases.csv", ROWS);
    assert_eq!(run(&folder, "cases.csv", &["--output", "out.json"]), "");
    let written: Value = serde_json::from_str(&folder.read("out.json").unwrap()).unwrap();
    assert_eq!(written.as_array().unwrap().len(), 2);
    assert_eq!(run(&folder, "cases.csv", &["--output", "out.csv"]), "");
    assert_eq!(folder.read("out.csv").unwrap(), run(&folder, "cases.csv", &[]));
    assert_eq!(folder.names(), ["cases.csv", "out.csv", "out.json"], "no temporary file is left");
}

#[test]
fn a_bad_row_leaves_nothing_half_written() {
    let folder = Folder::new();
    small_pack(&folder);
    let good: String = (0..3000).map(|n| format!("case {n},2025-06-10,2.00\n")).collect();
    folder.write("cases.csv", format!("name,period,a1.earned\n{good}late,2025-06-10,-1.00\n"));
    folder.write("out.csv", "what was there before");
    let error = "error: cases.csv:3002: late: a1.earned: -1.00 is below the least value allowed, 0.00";
    folder.run(&["--packs", "packs", "calc", "cases.csv", "--pack", "small"]).refused(2, error);
    let to_file = folder.run(&["--packs", "packs", "calc", "cases.csv", "--pack", "small", "--output", "out.csv"]);
    to_file.refused(2, error);
    assert_eq!(folder.read("out.csv").unwrap(), "what was there before");
    assert_eq!(folder.names(), ["cases.csv", "out.csv", "packs"]);
}

#[test]
fn cases_come_from_standard_input_too() {
    let folder = Folder::new();
    let arguments = ["calc", "-", "--input-format", "yaml", "--pack", "universal-credit", "--format", "json"];
    let out = folder.feed(&arguments, LONE_PARENT).json();
    assert_eq!(out[0]["output"]["award"].to_string(), "1357.63");
}

#[test]
fn an_empty_list_of_cases_is_an_empty_list_of_results() {
    let folder = Folder::new();
    folder.write("none.yaml", "[]\n").write("none.csv", "name,period,a1.birth_date\n");
    assert_eq!(run(&folder, "none.yaml", &["--format", "json"]), "[]\n");
    assert_eq!(run(&folder, "none.csv", &["--format", "json"]), "[]\n");
}

#[test]
fn a_trace_shows_each_step_with_its_law_and_what_it_was_before_rounding() {
    let folder = Folder::new();
    let case =
        "- {name: odd, period: 2026-06-10, input: {people: {a1: {birth_date: 1980-01-01, net_earnings: 0.10}}}}\n";
    folder.write("case.yaml", case);
    let out: Value = serde_json::from_str(&run(&folder, "case.yaml", &["--format", "json", "--trace"])).unwrap();
    let steps = out[0]["steps"].as_array().unwrap();
    let step = |id: &str| steps.iter().find(|step| step["id"] == id).unwrap();
    let reduction = step("earnings_reduction");
    assert_eq!(reduction["value"].to_string(), "0.06");
    assert_eq!(reduction["unrounded"].to_string(), "0.055");
    assert_eq!(reduction["cite"], json!("SI 2013/376 reg. 22(1)(b)"));
    assert_eq!(reduction["confidence"], json!("read"));
    assert_eq!(reduction["say"], json!("0.55 of earned income above the work allowance"));
    let adult = step("is_adult");
    assert_eq!(
        (&adult["person"], &adult["value"], &adult["defaults"]),
        (&json!("a1"), &json!(true), &json!(["a1.role", "a1.ineligible_partner"]))
    );
    let text = run(&folder, "case.yaml", &["--trace"]);
    assert!(text.contains("before rounding 0.055\n"), "{text}");
}

#[test]
fn a_trace_says_of_each_value_where_the_law_sets_it_and_that_a_recalled_one_is_unconfirmed() {
    let folder = Folder::new();
    let people = "{a1: {birth_date: 1970-01-01}, n1: {birth_date: 1990-01-01, role: non_dependant}}";
    let unit = "{tenure: social, rent: 300.00}";
    folder.write(
        "case.yaml",
        format!("- {{name: of 2013, period: 2013-06-10, input: {{people: {people}, unit: {unit}}}}}\n"),
    );
    let text = run(&folder, "case.yaml", &["--trace"]);
    let recalled = "housing.contribution_per_non_dependant = 65.00 from 2013-04-29, SI 2013/376 Sch. 4 para. 14(1) [unconfirmed]\n";
    assert!(text.contains(recalled), "{text}");
    let out: Value = serde_json::from_str(&run(&folder, "case.yaml", &["--format", "json", "--trace"])).unwrap();
    let steps = out[0]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["id"] == "housing_cost_contribution").unwrap();
    assert_eq!(step["parameters"][0]["confidence"], json!("unconfirmed"));
}

#[test]
fn an_amount_finer_than_a_penny_is_shown_rounded_and_exact() {
    let folder = Folder::new();
    small_pack(&folder);
    let rule = "rules:\n  - {id: award, type: money, expr: sum(earned over people) / 3}\n";
    folder.write("packs/small/1/rules/award.rule.yaml", rule);
    folder.write("case.yaml", "- {name: a third, period: 2025-06-10, input: {people: {a1: {earned: 10.00}}}}\n");
    let arguments = ["--packs", "packs", "calc", "case.yaml", "--pack", "small", "--format", "json"];
    let out = folder.run(&arguments).good();
    assert!(out.contains(r#""output":{"award":3.33},"exact":{"award":"10/3"}"#), "{out}");
}

#[test]
fn results_of_persons_stand_under_people_and_in_columns_of_theirs() {
    let folder = Folder::new();
    small_pack(&folder);
    folder.write(
        "packs/small/1/rules/award.rule.yaml",
        "rules:\n  - {id: award, type: money, expr: sum(part over people)}\n  - {id: part, type: money, scope: person, expr: earned * share}\n",
    );
    let pack = folder.read("packs/small/1/pack.yaml").unwrap().replace("outputs: [award]", "outputs: [award, part]");
    folder.write("packs/small/1/pack.yaml", pack);
    folder.write("cases.csv", "name,period,a1.earned,a2.earned\nboth,2025-06-10,4.00,6.00\none,2025-06-10,4.00,\n");
    let rows = folder.run(&["--packs", "packs", "calc", "cases.csv", "--pack", "small"]).good();
    assert_eq!(rows, "name,period,award,a1.part,a2.part\nboth,2025-06-10,5.00,2.00,3.00\none,2025-06-10,2.00,2.00,\n");
    let json = folder.run(&["--packs", "packs", "calc", "cases.csv", "--pack", "small", "--format", "json"]).good();
    assert!(json.contains(r#""output":{"award":5.00,"people":{"a1":{"part":2.00},"a2":{"part":3.00}}}"#), "{json}");
}

#[test]
fn a_value_edited_in_a_folder_takes_effect_at_once() {
    let folder = Folder::new();
    small_pack(&folder);
    folder.write("case.yaml", "- {name: a, period: 2025-06-10, input: {people: {a1: {earned: 10.00}}}}\n");
    let award = |folder: &Folder| {
        let arguments = ["--packs", "packs", "calc", "case.yaml", "--pack", "small", "--format", "json"];
        folder.run(&arguments).json()[0]["output"]["award"].to_string()
    };
    assert_eq!(award(&folder), "5.00");
    folder.write("packs/small/1/parameters/share.yaml", "type: rate\nvalues: {2025-01-01: 0.25}\n");
    assert_eq!(award(&folder), "2.50");
}

#[test]
fn a_line_holds_a_case_and_gives_a_line() {
    let folder = Folder::new();
    let case = |name: &str, earned: &str| {
        format!(
            "{{\"name\": \"{name}\", \"period\": \"2025-06-10\", \"input\": {{\"people\": {{\"a1\": {{\"birth_date\": \"1990-02-01\", \"net_earnings\": {earned}}}}}}}}}\n"
        )
    };
    folder.write("cases.ndjson", case("nothing earned", "0") + "\n" + &case("something earned", "100.00"));
    let out = run(&folder, "cases.ndjson", &[]);
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // 400.14 less 55% of 100.00.
    assert_eq!(lines[0]["output"]["award"].to_string(), "400.14");
    assert_eq!(lines[1]["output"]["award"].to_string(), "345.14");
    folder.write("cases.jsonl", case("retn", "0") + &case("minus", "-1.00"));
    folder
        .run(&["calc", "cases.jsonl", "--pack", "uk-universal-credit"])
        .refused(2, "error: cases.jsonl:2:115: minus: a1.net_earnings: -1.00 is below the least value allowed, 0.00");
}

#[test]
fn every_wrong_row_is_named_and_the_others_go_on_where_that_is_asked_for() {
    let folder = Folder::new();
    small_pack(&folder);
    folder.write("cases.csv", "name,period,a1.earned\nfirst,2025-06-10,4.00\nsecond,2025-06-10,much\nthird,2025-13-01,1.00\nfourth,2025-06-10,6.00\n");
    let errors = "error: cases.csv:3: second: a1.earned: found `much`, expected an amount in pounds with at most two decimals, as `433.33`\n\
                  error: cases.csv:4: third: period: found `2025-13-01`, expected the first day of the assessment period, as `2025-06-10`";
    let arguments = ["--packs", "packs", "calc", "cases.csv", "--pack", "small"];
    folder.run(&arguments).refused(2, errors);
    let ran = folder.run(&[&arguments[..], &["--keep-going"]].concat());
    assert_eq!((ran.code, ran.err), (1, format!("{errors}\n")));
    assert_eq!(ran.out, "name,period,award\nfirst,2025-06-10,2.00\nsecond,,\nthird,,\nfourth,2025-06-10,3.00\n");
    let many: String = (0..50).map(|n| format!("case {n},2025-06-10,much\n")).collect();
    folder.write("cases.csv", format!("name,period,a1.earned\n{many}"));
    let err = folder.run(&arguments).err;
    assert_eq!(err.lines().count(), 21);
    assert!(err.ends_with("error: and 30 more cases are wrong\n"), "{err}");
}

/// `cases.parquet` was written by pyarrow 26: text, days, decimals, numbers with a fraction, and cells that are missing.
#[test]
fn a_table_of_another_program_is_read_and_results_are_a_table() {
    let folder = Folder::new();
    folder.write("cases.parquet", include_bytes!("cases.parquet"));
    let out = run(&folder, "cases.parquet", &[]);
    let awards: Vec<Vec<&str>> = out.lines().map(|line| line.split(',').collect()).collect();
    let award = awards[0].iter().position(|name| *name == "award").unwrap();
    // 400.14 less 55% of 100.00; 424.90; the third is 400.14 + 339.00 + 300.00 of rent.
    let expected = [("earning", "345.14"), ("alone", "424.90"), ("renting", "1039.14")];
    for (row, (name, amount)) in awards[1..].iter().zip(expected) {
        assert_eq!((row[0], row[award]), (name, amount));
    }
    assert_eq!(run(&folder, "cases.parquet", &["--output", "out.parquet"]), "");
    let file = std::fs::File::open(folder.path("out.parquet")).unwrap();
    let reader = parquet::file::reader::SerializedFileReader::new(file).unwrap();
    let rows: Vec<Vec<(String, String)>> = reader
        .into_iter()
        .map(|row| row.unwrap().into_columns().into_iter().map(|(name, field)| (name, field.to_string())).collect())
        .collect();
    let of = |row: usize, name: &str| rows[row].iter().find(|(column, _)| column == name).unwrap().1.clone();
    assert_eq!((of(0, "name"), of(0, "award")), ("\"earning\"".into(), "345.14".into()));
    assert_eq!(of(2, "period"), "2025-06-10");
}
