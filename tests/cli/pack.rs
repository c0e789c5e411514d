//! `footing pack`: looking at packs, checking and testing them.

use serde_json::json;

use crate::run::{Folder, small_pack};

#[test]
fn the_packs_in_the_program_are_listed_and_load() {
    let list = Folder::new().run(&["pack", "list", "--format", "json"]).json();
    let list = list.as_array().unwrap();
    assert!(list.iter().any(|pack| pack["name"] == "uk-universal-credit" && pack["version"] == "2026.11"));
    for pack in list {
        assert_eq!(pack["origin"], json!("in the program"));
        assert!(!pack["title"].as_str().unwrap().contains("does not load"), "{pack}");
    }
}

#[test]
fn a_folder_comes_first_and_a_pack_that_does_not_load_is_listed_too() {
    let folder = Folder::new();
    small_pack(&folder);
    folder.write("schemas/packs/broken/1/pack.yaml", "name: broken\n");
    let list = |arguments: &[&str]| folder.run(arguments).json().as_array().unwrap().clone();
    let here = list(&["pack", "list", "--format", "json"]);
    let broken = here.iter().find(|pack| pack["name"] == "broken").unwrap();
    assert!(broken["title"].as_str().unwrap().starts_with("does not load; "), "{broken}");
    assert!(here.iter().any(|pack| pack["name"] == "uk-universal-credit"), "the program's own packs are still there");
    let elsewhere = list(&["pack", "list", "--format", "json", "--packs", "packs"]);
    assert!(
        elsewhere.iter().any(|pack| pack["name"] == "small") && elsewhere.iter().all(|pack| pack["name"] != "broken")
    );
}

#[test]
fn every_shipped_pack_passes_its_check_and_its_tests() {
    let folder = Folder::new();
    for pack in folder.run(&["pack", "list", "--format", "json"]).json().as_array().unwrap() {
        let name = format!("{}@{}", pack["name"].as_str().unwrap(), pack["version"].as_str().unwrap());
        let checked = folder.run(&["pack", "check", &name]).good();
        assert!(checked.ends_with(": nothing is wrong\n"), "{checked}");
        let tested = folder.run(&["pack", "test", &name, "--format", "json"]).json();
        assert_eq!(tested["failed"], 0, "{tested}");
    }
}

#[test]
fn a_rule_is_shown_with_its_parts_on_a_day_beside_its_law() {
    let show = |more: &[&str]| {
        let arguments: Vec<&str> =
            ["pack", "show", "universal-credit", "earnings_reduction"].iter().chain(more).copied().collect();
        Folder::new().run(&arguments).good()
    };
    let shown = show(&["--on", "2021-11-23"]);
    let (steps, rule) = shown.split_once("\nearnings_reduction: money\n").unwrap();
    for part in [
        "round(max(earned_income - work_allowance, £0.00) * taper_rate, half_up, 0.01)",
        "SI 2013/376 reg. 22(1)(b) (read)",
        "| SI 2013/376 reg. 22(1)(b): the award is reduced by a share of earned income",
        "taper_rate      0.63 from 2017-04-10",
    ] {
        assert!(rule.contains(part), "`{part}` is not in {rule}");
    }
    let place = |id: &str| steps.find(&format!("  {id}: ")).unwrap_or_else(|| panic!("{id} is not in {steps}"));
    assert!(place("has_work_allowance") < place("work_allowance"), "{steps}");
    assert!(show(&[]).contains("taper_rate      0.55 from 2021-11-24"), "{}", show(&[]));
}

#[test]
fn the_steps_to_a_rule_are_shown_in_the_order_of_computation_beside_the_law_notes() {
    let folder = Folder::new();
    small_pack(&folder);
    folder.write(
        "packs/small/1/rules/award.rule.yaml",
        "rules:\n  - id: award\n    type: money\n    expr: round(all_earned * share, half_up, 0.01)\n\
         \x20   cite: {instrument: Small Act, provision: s. 1, confidence: read}\n\
         \x20 - {id: all_earned, type: money, expr: sum(earned over people)}\n",
    );
    folder.write(
        "packs/small/1/law/award.md",
        "# The award\n\n| provision | what it does | read |\n| --- | --- | --- |\n| Small Act s. 1 | half of what is earned | **read** |\n\n## all_earned\n\nEverybody's earnings together.\n",
    );
    insta::assert_snapshot!(folder.run(&["--packs", "packs", "pack", "show", "small", "award"]).good(), @r"
    1 step to award, in the order of computation

      1  all_earned: money
         sum(earned over people)
         | Everybody's earnings together.  law/award.md:9

    award: money

      round(all_earned * share, half_up, 0.01)

      Small Act s. 1 (read)
      | Small Act s. 1: half of what is earned (**read**)  law/award.md:5

    made of
      rule       all_earned  money
      parameter  share       0.5 from 2025-01-01

    rules/award.rule.yaml:2
    ");
    let json = folder.run(&["--packs", "packs", "pack", "show", "small", "award", "--format", "json"]).json();
    assert_eq!(json["steps"][0]["id"], json!("all_earned"));
    assert_eq!(json["law"][0]["place"], json!("law/award.md:5"));
}

#[test]
fn a_reform_is_begun_by_a_command_and_passes_as_it_stands() {
    let folder = Folder::new();
    small_pack(&folder);
    let said = folder.run(&["--packs", "packs", "pack", "new", "more", "--from", "small"]).good();
    assert!(said.contains("footing --packs packs pack test more\n"), "{said}");
    assert_eq!(folder.run(&["--packs", "packs", "pack", "check", "more"]).good(), "more 1: nothing is wrong\n");
    let tested = folder.run(&["--packs", "packs", "pack", "test", "more"]).good();
    assert!(tested.ends_with("test result: ok. 1 passed; 0 failed\n"), "{tested}");
    let again = folder.run(&["--packs", "packs", "pack", "new", "more", "--from", "small"]);
    again.refused(2, "error: there is a pack `more` already: choose another name");
    let named = folder.run(&["--packs", "packs", "pack", "new", "No Name", "--from", "small"]);
    named.refused(2, "error: `No Name` is not a name for a pack: write lower-case words joined by hyphens");
    let nowhere = Folder::new().run(&["pack", "new", "more", "--from", "universal-credit"]);
    nowhere.refused(2, "error: there is no folder of packs here: make `schemas/packs`, or name one with --packs");
}

#[test]
fn a_test_may_expect_that_a_case_is_refused() {
    let folder = Folder::new();
    small_pack(&folder);
    let case = |name: &str, earned: &str, refused: &str| {
        format!(
            "- {{name: {name}, period: 2025-06-10, input: {{people: {{a1: {{earned: {earned}}}}}}}, refused: {refused}}}\n"
        )
    };
    folder.write("packs/small/1/tests/award.yaml", case("nobody earns less than nothing", "-1.00", "below the least"));
    folder.run(&["--packs", "packs", "pack", "test", "small"]).good();
    folder.write("packs/small/1/tests/award.yaml", case("wrong", "1.00", "below the least"));
    let failed = folder.run(&["--packs", "packs", "pack", "test", "small"]);
    assert_eq!(failed.code, 1);
    assert!(failed.out.contains("refused: expected `below the least`, but the case has an answer"), "{}", failed.out);
}

/// 12,000 a year are 1,000.00 a month; half of it is 500.00, and 6,000 a year.
#[test]
fn tests_of_other_programs_are_read_through_an_alias_file() {
    let folder = Folder::new();
    small_pack(&folder);
    let theirs = "- name: half of what is earned\n  period: 2025\n  absolute_error_margin: 0\n  input:\n    people:\n      one:\n        employment_income: 12_000\n        hair: red\n    benunits:\n      family:\n        members: [one]\n  output:\n    basic_income: 6_000\n";
    folder.write("theirs.yaml", theirs);
    let test = |folder: &Folder| folder.run(&["--packs", "packs", "pack", "test", "small", "theirs.yaml"]);
    assert!(test(&folder).out.contains("the pack has no aliases.yaml"));
    let aliases = "year_begins: 05-01\npeople: [people]\nunit: [benunits]\nmembers: [members]\nignore: [hair]\n\
                   inputs: {employment_income: {as: earned, per: year}}\noutputs: {basic_income: {as: award, per: year}}\n";
    folder.write("packs/small/1/aliases.yaml", aliases);
    assert!(test(&folder).good().ends_with("test result: ok. 1 passed; 0 failed\n"));
    folder.write("theirs.yaml", theirs.replace("6_000", "6_001"));
    let failed = test(&folder);
    assert_eq!(failed.code, 1);
    let wrong = "award: expected 6_001 a year, found 6000.00 a year, difference -1.00";
    assert!(failed.out.contains(wrong), "{}", failed.out);
    folder.write("theirs.yaml", theirs.replace("employment_income", "employment_incme"));
    let unknown = test(&folder).out;
    assert!(unknown.contains("`employment_incme` has no alias; did you mean `employment_income`?"), "{unknown}");
    folder.write("packs/small/1/aliases.yaml", aliases.replace("as: earned", "as: earnd"));
    let checked = folder.run(&["--packs", "packs", "pack", "check", "small"]);
    let message =
        "packs/small/1/aliases.yaml:6:34: found `earnd`, expected a fact of the pack; did you mean `earned`?\n";
    assert_eq!((checked.code, checked.out.as_str()), (1, message));
}

#[test]
fn a_small_pack_is_shown_whole() {
    let folder = Folder::new();
    small_pack(&folder);
    let out = folder.run(&["--packs", "packs", "pack", "show", "small"]).good();
    let without_digest: String =
        out.lines().filter(|line| !line.starts_with("digest ")).map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(without_digest, @r"
    small 1: Half of earnings
    for periods starting from 2020-01-01

    facts of each person
      earned  money  usually 0.00

    results
      award  money  Small Act s. 1

    parameters, the latest values
      share  0.5  from 2025-01-01
    ");
}

#[test]
fn an_unknown_rule_is_refused_with_the_nearest() {
    Folder::new()
        .run(&["pack", "show", "universal-credit", "awrd"])
        .refused(2, "error: uk-universal-credit has no rule or parameter `awrd`; did you mean `award`?");
}

#[test]
fn tests_of_a_pack_are_reported_like_those_of_a_program_and_a_failure_ends_with_1() {
    let folder = Folder::new();
    small_pack(&folder);
    let passed = folder.run(&["--packs", "packs", "pack", "test", "small"]).good();
    assert_eq!(
        passed,
        "running 1 test of small 1\ntest tests/award.yaml: half of ten is five ... ok\n\ntest result: ok. 1 passed; 0 failed\n"
    );
    folder.write("packs/small/1/parameters/share.yaml", "type: rate\nvalues: {2025-01-01: 0.25}\n");
    let failed = folder.run(&["--packs", "packs", "pack", "test", "small"]);
    assert_eq!((failed.code, failed.err.as_str()), (1, ""));
    insta::assert_snapshot!(failed.out, @r"
    running 1 test of small 1
    test tests/award.yaml: half of ten is five ... FAILED

    failures:

      packs/small/1/tests/award.yaml:1: half of ten is five
        award: expected 5.00, found 2.50, difference -2.50
        arises in award: round(sum(earned over people) * share, half_up, 0.01)
          Small Act s. 1
          with a1.earned 10.00, share 0.25 from 2025-01-01

    test result: FAILED. 0 passed; 1 failed
    ");
}

#[test]
fn a_check_reports_every_error_with_its_place_and_ends_with_1() {
    let folder = Folder::new();
    small_pack(&folder);
    folder.write(
        "packs/small/1/rules/award.rule.yaml",
        "rules:\n  - {id: award, type: money, expr: sum(earnd over people) * shar}\n  - {id: other, type: money, expr: share}\n",
    );
    let ran = folder.run(&["--packs", "packs", "pack", "check", "small"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    insta::assert_snapshot!(ran.out, @r"
    packs/small/1/rules/award.rule.yaml:2:40: found `earnd`, expected the name of a rule, an input or a parameter; did you mean `earned`?
    packs/small/1/rules/award.rule.yaml:3:36: found rate, expected money
    ");
    let ran = folder.run(&["--packs", "packs", "pack", "check", "small", "--format", "json"]);
    assert_eq!(ran.code, 1);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["errors"][0]["line"], json!(2));
    assert_eq!(report["errors"][0]["suggestion"], json!("did you mean `earned`?"));
}

/// A reform of the small pack with these changes.
fn reform(folder: &Folder, changes: &str) {
    let digest = folder.run(&["--packs", "packs", "pack", "digest", "small"]).good();
    let base = format!("base: {{name: small, version: \"1\", digest: {}}}", digest.trim());
    folder.write(
        "packs/reform/1/pack.yaml",
        format!(
            "name: reform\nversion: \"1\"\ntitle: A reform\nin_force: {{from: 2020-01-01}}\n{base}\nchanges:\n{changes}"
        ),
    );
}

#[test]
fn a_change_of_a_reform_that_nothing_reads_is_reported() {
    let folder = Folder::new();
    small_pack(&folder);
    folder.write("packs/small/1/parameters/unused.yaml", "type: rate\nvalues: {2020-01-01: 0.50}\n");
    reform(&folder, "  - {set: share, values: {2025-01-01: 0.75}}\n");
    assert_eq!(folder.run(&["--packs", "packs", "pack", "check", "reform@1"]).good(), "reform 1: nothing is wrong\n");
    reform(&folder, "  - {set: unused, values: {2020-01-01: 0.75}}\n");
    let ran = folder.run(&["--packs", "packs", "pack", "check", "reform@1"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert!(
        ran.out.contains("no effect: unused from 2020-01-01: 0.5 -> 0.75; none of 1 test cases read it"),
        "{}",
        ran.out
    );
}

#[test]
fn a_reform_and_its_base_differ_in_what_the_reform_changes() {
    let folder = Folder::new();
    small_pack(&folder);
    reform(&folder, "  - {set: share, values: {2020-01-01: 0.75}}\n");
    let out = folder.run(&["--packs", "packs", "pack", "diff", "small", "reform@1"]).good();
    insta::assert_snapshot!(out, @r"
    parameter share from 2020-01-01 until 2025-01-01: nothing -> 0.75
    parameter share from 2025-01-01: 0.5 -> 0.75

    over 1 test case, by award: 1 gain, 0 lose, 0 the same; 5.00 -> 7.50, +2.50 in all

      +2.50  5.00  7.50  through award  half of ten is five
    ");
    let json = folder.run(&["--packs", "packs", "pack", "diff", "small", "reform@1", "--format", "json"]).json();
    assert_eq!(json["effect"]["changed"][0]["difference"].to_string(), "2.50");
    let same = folder.run(&["--packs", "packs", "pack", "diff", "small", "small"]).good();
    assert_eq!(same, "no rule, parameter or fact differs\n");
}

#[test]
fn a_reform_of_another_base_is_refused() {
    let folder = Folder::new();
    small_pack(&folder);
    reform(&folder, "  - {set: share, values: {2020-01-01: 0.75}}\n");
    folder.write("packs/small/1/parameters/share.yaml", "type: rate\nvalues: {2025-01-01: 0.25}\n");
    let ran = folder.run(&["--packs", "packs", "pack", "digest", "reform@1"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("pack.yaml:5:") && ran.err.contains("digest"), "{}", ran.err);
}

#[test]
fn the_digest_does_not_change_with_comments() {
    let folder = Folder::new();
    small_pack(&folder);
    let digest = |folder: &Folder| folder.run(&["--packs", "packs", "pack", "digest", "small"]).good();
    let before = digest(&folder);
    assert_eq!(before.trim().len(), 64);
    folder.write("packs/small/1/parameters/share.yaml", "# half\ntype: rate\nvalues: {2025-01-01: 0.50}\n");
    assert_eq!(digest(&folder), before);
    folder.write("packs/small/1/parameters/share.yaml", "type: rate\nvalues: {2025-01-01: 0.51}\n");
    assert_ne!(digest(&folder), before);
}

#[test]
fn a_pack_called_otherwise_than_its_folder_is_refused() {
    let folder = Folder::new();
    small_pack(&folder);
    let pack = folder.read("packs/small/1/pack.yaml").unwrap().replace("name: small", "name: large");
    folder.write("packs/small/1/pack.yaml", pack);
    let ran = folder.run(&["--packs", "packs", "pack", "digest", "small"]);
    assert!(
        ran.code == 2 && ran.err.contains("found name `large` and version `1`, expected `small` and `1`"),
        "{}",
        ran.err
    );
}

#[test]
fn digests_in_reforms_and_rulebooks_are_brought_up_to_date_from_the_base_up() {
    let folder = Folder::new();
    small_pack(&folder);
    let reform = |name: &str, base: &str, digest: &str| {
        let text = format!(
            "name: {name}\nversion: \"1\"\nin_force: {{from: 2020-01-01}}\n# why\nbase: {{name: {base}, version: \"1\", digest: {digest}}}\nchanges: [{{set: share, value: 0.1, override: true}}]\n"
        );
        folder.write(&format!("packs/{name}/1/pack.yaml"), text);
    };
    let stale = "0".repeat(64);
    reform("a-on-b", "b-on-small", &stale);
    reform("b-on-small", "small", &stale);
    folder.write(
        "rulebooks/book.yaml",
        format!(
            "name: book\npacks: [{{name: a-on-b, version: \"1\", digest: {stale}}}]\nfloor: demo-84-a-week-measured\n"
        ),
    );
    let out = folder.run(&["--packs", "packs", "pack", "digest", "--write"]).good();
    let written: Vec<&str> = out.lines().map(|line| line.split(" was ").next().unwrap()).collect();
    assert_eq!(
        written,
        ["packs/b-on-small/1/pack.yaml: small", "packs/a-on-b/1/pack.yaml: b-on-small", "rulebooks/book.yaml: a-on-b"]
    );
    let digest = folder.run(&["--packs", "packs", "pack", "digest", "a-on-b"]).good();
    assert!(folder.read("rulebooks/book.yaml").unwrap().contains(digest.trim_end()));
    assert!(folder.read("packs/a-on-b/1/pack.yaml").unwrap().contains("# why"), "comments stay");
    assert_eq!(
        folder.run(&["--packs", "packs", "pack", "digest", "--write"]).good(),
        "every reform and rulebook names the digests of today\n"
    );
    reform("c-on-small", "small", "none");
    let refused = folder.run(&["--packs", "packs", "pack", "digest", "--write"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("c-on-small/1/pack.yaml: found `none`, expected the digest of small; write `"));
}
