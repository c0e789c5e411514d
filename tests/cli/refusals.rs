//! Bad usage and bad input: each is one error that names file, line, field and what to do, with nothing on standard
//! output.

use crate::run::{Folder, small_pack};

/// A case of one adult with these facts and these facts of the case.
fn case(person: &str, unit: &str) -> String {
    format!(
        "- name: a case\n  period: 2025-06-10\n  input:\n    people:\n      a1: {{{person}}}\n    unit: {{{unit}}}\n"
    )
}

#[track_caller]
fn refused(file: &str, text: &str, message: &str) {
    let folder = Folder::new();
    folder.write(file, text);
    folder.run(&["calc", file, "--pack", "uk-universal-credit"]).refused(2, &format!("error: {message}"));
}

#[track_caller]
fn yaml(text: &str, message: &str) {
    refused("cases.yaml", text, message);
}

const BORN: &str = "birth_date: 1990-02-01";

#[test]
fn a_bad_fact_in_a_document_is_named_with_its_line() {
    yaml(&case(BORN, "retn: 1"), "cases.yaml:6:12: a case: retn is not a fact of this pack; did you mean `rent`?");
    yaml(
        &case(BORN, "hair: red"),
        "cases.yaml:6:12: a case: hair is not a fact of this pack; `footing pack show uk-universal-credit` lists them",
    );
    yaml(
        &case("birth_date: 1990-02-01, rent: 1.00", ""),
        "cases.yaml:5:36: a case: a1.rent is a fact of the case as a whole; write `rent` under `unit`",
    );
    yaml(
        &case(BORN, "birth_date: 1990-02-01"),
        "cases.yaml:6:12: a case: birth_date is a fact of a person; write it under `people` and the person's id",
    );
    yaml(&case(BORN, "bedrooms: two"), "cases.yaml:6:22: a case: bedrooms: found `two`, expected a whole number");
    yaml(
        &case(BORN, "tenure: soical"),
        "cases.yaml:6:20: a case: tenure: found `soical`, expected one of none, social, private, owner; did you mean `social`?",
    );
    yaml(&case(BORN, "rent: -1.00"), "cases.yaml:6:18: a case: rent: -1.00 is below the least value allowed, 0.00");
    yaml(
        &case("birth_date: 2025-02-30", ""),
        "cases.yaml:5:24: a case: a1.birth_date: found `2025-02-30`, expected a day of the calendar from 1900 to 2199, as `2017-04-06`, or `never`",
    );
    yaml(
        &case(BORN, "rent: 433.335"),
        "cases.yaml:6:18: a case: rent: found `433.335`, expected an amount in pounds with at most two decimals, as `433.33`",
    );
    yaml(
        &case(BORN, "rent: [1, 2]"),
        "cases.yaml:6:18: a case: rent: expected one value; leave the fact out where it is not known",
    );
    yaml(
        &case(BORN, "rent: "),
        "cases.yaml:6:16: a case: rent: expected one value; leave the fact out where it is not known",
    );
}

#[test]
fn a_missing_fact_is_asked_for_where_its_person_stands() {
    yaml(
        &case("net_earnings: 1.00", ""),
        "cases.yaml:5:7: a case: a1.birth_date is missing, and the pack gives no default for it; add it to the case",
    );
}

#[test]
fn a_case_without_anybody_in_it_has_no_award() {
    yaml(
        "- {name: a house, period: 2025-06-10, input: {unit: {rent: 100.00}}}\n",
        "cases.yaml:1:3: a house: nobody is in the case; add its people and their facts",
    );
    refused(
        "cases.csv",
        "name,period,a1.birth_date,rent\na house,2025-06-10,,100.00\n",
        "cases.csv:2: a house: nobody is in the case; add its people and their facts",
    );
}

#[test]
fn a_document_of_another_shape_is_refused() {
    yaml("", "cases.yaml:1:1: the document is empty; write a list of cases, in YAML or JSON");
    yaml("hello\n", "cases.yaml:1:1: found a single word, expected a list of cases");
    yaml("- 1\n", "cases.yaml:1:3: case 1: a case: found `1`, expected a map, as `key: value`");
    yaml(
        "- name: a case\n  period: 2025-06-10\n",
        "cases.yaml:1:3: a case: `input` is missing: the facts, under `people` and `unit`",
    );
    yaml(
        "- name: a case\n  input: {}\n",
        "cases.yaml:1:3: a case: `period` is missing: the first day of the assessment period",
    );
    yaml(
        "- {name: a case, period: 2025-02-30, input: {}}\n",
        "cases.yaml:1:26: a case: period: found `2025-02-30`, expected a day of the calendar, as `2025-06-10`",
    );
    yaml(
        "- {name: a case, perod: 2025-06-10, input: {}}\n",
        "cases.yaml:1:18: a case: found the key `perod`, expected one of name, period, after, input, output, refused, absolute_error_margin, source, note, description, url, keywords; did you mean `period`?",
    );
    yaml(
        "- {name: a case, period: 2025-06-10, input: {people: [a1]}}\n",
        "cases.yaml:1:54: a case: people: found a list, expected a map, as `key: value`",
    );
    yaml(
        "- {name: a case, period: 2012-06-10, input: {people: {a1: {birth_date: 1990-02-01}}}}\n",
        "cases.yaml:1:26: a case: period 2012-06-10: the pack answers for periods starting from 2013-04-29 to 2099-12-31; change the period or choose another pack",
    );
}

#[test]
fn broken_yaml_and_json_are_refused_with_their_line() {
    let folder = Folder::new();
    for (file, text, start) in [
        ("cases.yaml", "- name: a\n  input: {people: \n", "error: cases.yaml:3:1: "),
        ("cases.yaml", "- name: a\n  name: b\n", "error: cases.yaml:2:3: `name` stands twice here; "),
        ("cases.json", "[{\"name\": \"a\"", "error: cases.json:2:1: "),
    ] {
        folder.write(file, text);
        let ran = folder.run(&["calc", file, "--pack", "uk-universal-credit"]);
        assert!(ran.err.starts_with(start) && ran.err.lines().count() == 1, "{}", ran.err);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    }
}

#[test]
fn bad_rows_are_named_with_their_line_and_column() {
    let rows = |text: &str, message: &str| refused("cases.csv", text, message);
    rows("", "cases.csv:1: the file is empty; expected a header of `name`, `period` and facts");
    rows("name,a1.birth_date\n", "cases.csv:1: column `period` is missing; add it with the first day of each period");
    rows("name,period,period\n", "cases.csv:1: column `period` stands twice; keep one");
    rows("name,period,retn\n", "cases.csv:1: column retn is not a fact of this pack; did you mean `rent`?");
    rows(
        "name,period,a1.birthdate\n",
        "cases.csv:1: column a1.birthdate is not a fact of this pack; did you mean `birth_date`?",
    );
    rows(
        "name,period,a1.birth_date,capital\nfirst,2025-06-10,1990-02-01,1.00\nsecond,2025-06-10,1990-02-01,much\n",
        "cases.csv:3: second: capital: found `much`, expected an amount in pounds with at most two decimals, as `433.33`",
    );
    rows(
        "name,period,a1.birth_date,a1.net_earnings\n,2025-06-10,,1.00\n",
        "cases.csv:2: row 1: a1.birth_date is missing, and the pack gives no default for it; add it to the case",
    );
    rows(
        "name,period,a1.birth_date\nfirst,2025-6-10,1990-02-01\n",
        "cases.csv:2: first: period: found `2025-6-10`, expected the first day of the assessment period, as `2025-06-10`",
    );
    rows(
        "name,period,a1.birth_date\nfirst,2025-06-10\n",
        "cases.csv:2: first: found 2 cells, expected 3 as in the header; leave a cell empty where a fact is not stated",
    );
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let folder = Folder::new();
    folder.write("folder/x", "").write("cases.txt", "").write("latin.yaml", b"name: caf\xe9\n");
    let calc = |file: &str| folder.run(&["calc", file, "--pack", "uk-universal-credit"]);
    calc("none.yaml").refused(2, "error: none.yaml: there is no such file; check the name and the folder");
    calc("none.csv").refused(2, "error: none.csv: there is no such file; check the name and the folder");
    calc("latin.yaml").refused(2, "error: latin.yaml: this is not UTF-8 text; save it as UTF-8");
    calc("cases.txt").refused(
        2,
        "error: cases.txt does not end in .yaml, .json, .ndjson, .csv or .parquet: say what it holds with --input-format yaml, json, ndjson, csv or parquet",
    );
    calc("-").refused(
        2,
        "error: standard input has no name: say what it holds with --input-format yaml, json, ndjson, csv or parquet",
    );
    let to = folder.run(&[
        "calc",
        "cases.txt",
        "--input-format",
        "yaml",
        "--pack",
        "uk-universal-credit",
        "--output",
        "no/o",
    ]);
    to.refused(2, "error: cases.txt:1:1: the document is empty; write a list of cases, in YAML or JSON");
    folder.write("good.yaml", "[]");
    let to = folder.run(&["calc", "good.yaml", "--pack", "uk-universal-credit", "--output", "no/o.json"]);
    to.refused(2, "error: --output no/o.json: there is no folder no");
}

#[test]
fn a_pack_that_is_not_there_is_refused_with_the_nearest_name() {
    let folder = Folder::new();
    folder.write("a.yaml", "[]");
    let calc = |pack: &str| folder.run(&["calc", "a.yaml", "--pack", pack]);
    calc("uk-universal-credt")
        .refused(2, "error: there is no pack `uk-universal-credt`; did you mean `uk-universal-credit`?");
    calc("uk-universal-credit@1999")
        .refused(2, "error: there is no version `1999` of uk-universal-credit; there is 2026.11");
    folder
        .run(&["--packs", "none", "calc", "a.yaml", "--pack", "x"])
        .refused(2, "error: --packs none: there is no such folder");
    let several = folder.run(&["pack", "digest", "reform"]);
    assert_eq!(several.code, 2);
    assert!(
        several.err.starts_with("error: `reform` fits several packs: reform-benefit-cap-removed, "),
        "{}",
        several.err
    );
}

#[test]
fn a_pack_with_a_ring_of_rules_is_refused_with_the_whole_ring() {
    let folder = Folder::new();
    small_pack(&folder);
    folder.write("case.yaml", "[]").write(
        "packs/small/1/rules/award.rule.yaml",
        "rules:\n  - {id: award, type: money, expr: most}\n  - {id: most, type: money, expr: award}\n",
    );
    let place = format!("packs{0}small{0}1{0}rules/award.rule.yaml", std::path::MAIN_SEPARATOR);
    folder.run(&["--packs", "packs", "calc", "case.yaml", "--pack", "small"]).refused(
        2,
        &format!("error: {place}:2:10: found a ring of rules: `award` needs `most` needs `award`, expected rules that do not need themselves"),
    );
}

#[test]
fn a_value_that_the_period_needs_and_the_pack_lacks_is_named() {
    let folder = Folder::new();
    small_pack(&folder);
    folder.write("case.yaml", "- {name: early, period: 2024-12-31, input: {people: {a1: {earned: 10.00}}}}\n");
    folder.run(&["--packs", "packs", "calc", "case.yaml", "--pack", "small"]).refused(
        2,
        "error: case.yaml:1:3: early: rule `award` needs `share` on 2024-12-31, but it has no value then; its first value is from 2025-01-01; add it to the pack or change the period",
    );
}

#[test]
fn usage_errors_end_with_2_and_help_with_0() {
    let folder = Folder::new();
    for arguments in
        [&["calc"][..], &["nonsense"], &["calc", "a.yaml"], &["pack", "show"], &["--format", "xml", "pack", "list"]]
    {
        let ran = folder.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.err.starts_with("error: "), "{}", ran.err);
    }
    let help = folder.run(&["--help"]);
    assert!(help.code == 0 && help.err.is_empty() && help.out.contains("Work out awards for described cases"));
}

#[test]
fn steps_do_not_fit_in_csv() {
    let folder = Folder::new();
    folder.write("cases.csv", "name,period,a1.birth_date\n");
    folder
        .run(&["calc", "cases.csv", "--pack", "uk-universal-credit", "--trace"])
        .refused(2, "error: --trace: steps do not fit in CSV; add --format json or --format text");
}

#[test]
fn a_case_that_the_pack_does_not_answer_is_refused_with_the_packs_own_sentence() {
    yaml(
        &case("birth_date: 2015-02-01, role: child", ""),
        "cases.yaml:1:3: a case: nobody in the case is an adult who claims; the pack does not answer such a case",
    );
    yaml(
        "- name: a case\n  period: 2025-06-10\n  input:\n    people: {a: {birth_date: 1990-01-01}, b: {birth_date: 1990-01-01}, c: {birth_date: 1990-01-01}}\n",
        "cases.yaml:1:3: a case: more than two adults are in the case; the pack does not answer such a case",
    );
    yaml(
        &case("birth_date: 1990-01-01, died: 2025-06-20", ""),
        "cases.yaml:1:3: a case: no claimant was alive on the last day of the period: the award ends with the period before (SI 2013/381 Sch. 1 para. 20); the pack does not answer such a case",
    );
    yaml(
        &case("birth_date: 1990-01-01, lcwra_found_from: 2025-01-10", ""),
        "cases.yaml:1:3: a case: lcwra_found_from is stated, and from when the relevant period runs is not: state lcwra_evidence_on, or lcwra_wait_excused; the pack does not answer such a case",
    );
    yaml(
        &case("birth_date: 1990-01-01", "tenure: private, rent: 900.00, joint_tenants: 2, joint_tenants_claiming: 3"),
        "cases.yaml:1:3: a case: joint_tenants are fewer than the claimants who are liable: count everybody who is liable for the rent; the pack does not answer such a case",
    );
}

#[test]
fn ages_sanction_days_and_dates_out_of_reason_are_refused_by_name() {
    let born = |birth_date: &str, more: &str| case(&format!("birth_date: {birth_date}{more}"), "");
    let day = "expected a day of the calendar from 1900 to 2199, as `2017-04-06`, or `never`";
    yaml(&born("0199-02-01", ""), &format!("cases.yaml:5:24: a case: a1.birth_date: found `0199-02-01`, {day}"));
    yaml(&born("2991-02-01", ""), &format!("cases.yaml:5:24: a case: a1.birth_date: found `2991-02-01`, {day}"));
    yaml(
        &born("1990-02-01", ", sanction_days: 9100"),
        "cases.yaml:5:51: a case: a1.sanction_days: 9100 is above the greatest value allowed, 1095",
    );
    let said = |birth_date: &str, more: &str, message: &str| {
        yaml(
            &born(birth_date, more),
            &format!("cases.yaml:1:3: a case: birth_date: {message}; the pack does not answer such a case"),
        );
    };
    let adult =
        "an adult is under 16, and nobody can claim before that age (SI 2013/376 reg. 8); is role: child meant?";
    said("2009-07-10", "", adult); // 15 until the day after the period from 10 June to 9 July 2025
    said("2099-02-01", "", "somebody is born more than a year after the period");
    let mut with_child = born("1990-02-01", "");
    with_child = with_child.replace("    unit:", "      c1: {birth_date: 2005-06-10, role: child}\n    unit:");
    let message = "a child or young person is 20 or older (SI 2013/376 reg. 5); is role: non_dependant meant?";
    let end = "the pack does not answer such a case";
    yaml(&with_child, &format!("cases.yaml:1:3: a case: birth_date: {message}; {end}"));
    let late = case(BORN, "").replace("2025-06-10", "2206-06-10");
    yaml(
        &late,
        "cases.yaml:2:11: a case: period 2206-06-10: the pack answers for periods starting from 2013-04-29 to 2099-12-31; change the period or choose another pack",
    );
}
