//! Reforms, differences, reads and rulebooks.

use super::support::*;
use crate::engine::{Change, Pack, PackFiles, Reads, Rulebook, diff, inert_changes, pack_tests};

fn base() -> Pack {
    let parameters = "
allowance: {type: money, values: {2017-04-10: 300.00, 2025-04-07: 400.00, 2026-04-06: 410.00}}
cap: {type: money, values: {2017-04-10: 1000}}
two: {type: money, variants: [{when: rent > £0, values: {2017-04-10: 1}}, {values: {2017-04-10: 2}}]}";
    let rules = "
- {id: amount, type: money, expr: p.allowance + rent}
- {id: capped, type: money, expr: 'if amount > p.cap then p.cap else amount'}
- {id: award, type: money, expr: capped + p.two}";
    pack("pay: {type: money, default: 0}", "rent: {type: money, default: 0}", parameters, rules)
}

fn reform(base: &Pack, rest: &str) -> PackFiles {
    let text = format!(
        "name: reform\nversion: \"1\"\nbase: {{name: test, version: \"1\", digest: {}}}\n{rest}",
        base.digest()
    );
    PackFiles([("pack.yaml".to_string(), text)].into())
}

#[track_caller]
fn award(pack: &Pack, first: &str, rent: i64) -> String {
    let answer = pack.compile(Some(&["award"])).unwrap().run(&[case(first, &[], &[("rent", pence(rent))])]).remove(0);
    answer.unwrap().get("award").unwrap().text.clone()
}

#[test]
fn a_reform_sets_values_replaces_and_adds_rules_and_the_base_stays() {
    let base = base();
    let files = reform(
        &base,
        "changes:\n- {set: p.allowance, values: {2025-04-07: 500.00}}\n- {set: p.two, variant: 2, value: 7}\n- {replace: capped, with: {type: money, expr: amount + bonus}}\n- {add: {id: bonus, type: money, expr: '£0.50 * size'}}\ninputs: {unit: {size: {type: count, default: 3}}}\noutputs: [bonus]\n",
    );
    let reformed = base.with_reform(&files).unwrap_or_else(|e| panic!("{}", lines(&e)));
    assert_eq!(award(&base, "2025-06-10", 0), "402.00");
    // 500 + 1.50 + 7; before April 2025 the base's 300 stands; from April 2026 the reform's value stays.
    assert_eq!(
        [award(&reformed, "2025-06-10", 0), award(&reformed, "2025-01-10", 0), award(&reformed, "2026-06-10", 0)],
        ["508.50", "308.50", "508.50"]
    );
    assert_eq!(award(&reformed, "2025-06-10", 100), "503.50");
    assert_eq!(reformed.outputs().collect::<Vec<_>>(), ["bonus"]);
    assert_eq!(reformed.base_digest(), Some(base.digest().as_str()));
    let again = Pack::from_canonical(&reformed.canonical()).unwrap();
    assert_eq!((again.digest(), award(&again, "2025-06-10", 0)), (reformed.digest(), "508.50".to_string()));
}

#[test]
fn a_rule_that_replaces_another_may_build_on_it() {
    let base = base();
    let once = "changes: [{replace: capped, with: {type: money, expr: 'min(capped_of_base, £350.00)'}}]";
    let first = base.with_reform(&reform(&base, once)).unwrap_or_else(|e| panic!("{}", lines(&e)));
    // 400 + 2, and at most 350 + 2.
    assert_eq!([award(&base, "2025-06-10", 0), award(&first, "2025-06-10", 0)], ["402.00", "352.00"]);
    assert_eq!(award(&first, "2025-01-10", 0), "302.00");
    let again = Pack::from_canonical(&first.canonical()).unwrap();
    assert_eq!((again.digest(), award(&again, "2025-06-10", 0)), (first.digest(), "352.00".to_string()));
    // A name that nobody builds on is not kept.
    let plain =
        base.with_reform(&reform(&base, "changes: [{replace: capped, with: {type: money, expr: £1}}]")).unwrap();
    assert!(!plain.canonical().contains("capped_of_base"));
}

#[test]
fn a_reform_that_cannot_be_meant_is_refused() {
    let base = base();
    let digest = base.digest();
    let check = |rest: &str, message: &str| {
        let errors = base.with_reform(&reform(&base, rest)).expect_err("the reform should be refused");
        assert_eq!(lines(&errors), message);
    };
    check(
        "changes: [{set: p.cap, value: 1}, {set: p.cap, value: 2}]",
        "pack.yaml:4:35: found a second change of `p.cap`, expected one change of each thing; say `override: true` if the later one is meant to win",
    );
    check(
        "changes: [{set: p.cpa, value: 1}]",
        "pack.yaml:4:17: found `p.cpa`, expected the path of a parameter of the base; did you mean `p.cap`?",
    );
    check("changes: [{set: p.cap, value: lots}]", "pack.yaml:4:31: found `lots`, expected an amount such as `251.77`");
    check(
        "changes: [{set: p.two, value: 1}]",
        "pack.yaml:4:17: found `p.two`, which has 2 variants, expected `variant`, from 1; say which of them is changed",
    );
    check(
        "changes: [{replace: caped, with: {type: money, expr: £1}}]",
        "pack.yaml:4:21: found `caped`, expected the id of a rule of the base; did you mean `capped`?",
    );
    check(
        "changes: [{replace: capped, with: {type: money, expr: retn}}]",
        "pack.yaml:4:55: found `retn`, expected the name of a rule, an input or a parameter; did you mean `rent`?",
    );
    check(
        "changes: [{cap: 1}]",
        "pack.yaml:4:12: found the key `cap`, expected one of set, value, values, variant, replace, with, add, override, note\npack.yaml:4:11: found a map, expected a change: `set`, `replace` or `add`",
    );
    check(
        "inputs: {unit: {rent: {type: money}}}\nchanges: []",
        "pack.yaml:4:17: found the input `rent`, which the base has, expected a new input",
    );
    assert!(
        base.with_reform(&reform(&base, "changes: [{set: p.cap, value: 1}, {set: p.cap, value: 2, override: true}]"))
            .is_ok()
    );
    let other = PackFiles(
        [(
            "pack.yaml".to_string(),
            "name: r\nversion: \"1\"\nbase: {name: test, version: \"1\", digest: abc}\nchanges: []\n".to_string(),
        )]
        .into(),
    );
    let errors = base.with_reform(&other).expect_err("another base");
    assert_eq!(
        lines(&errors),
        format!("pack.yaml:3:42: found `digest: abc`, expected `digest: {digest}`, as the base has it")
    );
}

#[test]
fn a_change_that_no_result_read_is_reported() {
    let base = base();
    let files = reform(
        &base,
        "changes:\n- {set: p.allowance, values: {2025-04-07: 500.00, 2026-04-06: 510.00}}\n- {set: p.cap, value: 2000}\n- {set: p.two, variant: 1, value: 3}\n- {add: {id: unused, type: money, expr: £1}}\n",
    );
    let reformed = base.with_reform(&files).unwrap();
    let shown =
        |reads: &Reads| inert_changes(&base, &reformed, reads).iter().map(Change::to_string).collect::<Vec<_>>();
    let program = reformed.compile(Some(&["award"])).unwrap();
    let mut reads = program.reads(&[case("2025-06-10", &[], &[])]).unwrap();
    // Without rent the second variant stands; the award lies below the cap, which is read all the same to find that out.
    assert_eq!(
        shown(&reads),
        [
            "p.allowance from 2026-04-06: 410.00 -> 510.00",
            "p.two#1 from 2017-04-10: 1.00 -> 3.00",
            "unused: nothing -> £1"
        ]
    );
    reads.join(program.reads(&[case("2026-06-10", &[], &[("rent", pence(1))])]).unwrap());
    assert_eq!(shown(&reads), ["unused: nothing -> £1"]);
}

#[test]
fn two_packs_are_compared_by_value_and_rule() {
    let base = base();
    let files = reform(
        &base,
        "changes:\n- {set: p.allowance, values: {2026-04-06: 420.00}}\n- {replace: award, with: {type: money, expr: capped}}\ninputs: {unit: {size: {type: count, default: 3}}}\n",
    );
    let reformed = base.with_reform(&files).unwrap();
    let shown: Vec<String> = diff(&base, &reformed).iter().map(Change::to_string).collect();
    assert_eq!(
        shown,
        ["p.allowance from 2026-04-06: 410.00 -> 420.00", "award: capped + p.two -> capped", "input size: new"]
    );
    assert_eq!(diff(&base, &base), []);
}

#[test]
fn a_pack_runs_its_own_tests_and_says_what_differs() {
    let pack = base();
    let tests = "
- name: right
  period: 2025-06-10
  input: {people: {a: {pay: 1.00}}, unit: {rent: 10.00}}
  output: {award: 411.00, amount: 410}
- name: wrong
  period: 2025-06-10
  output: {award: 401.99}
- name: within the margin
  period: 2025-06-10
  output: {award: 401.99}
  absolute_error_margin: 0.01
- name: misspelt
  period: 2025-06-10
  input: {unit: {rennt: 10.00}}
  output: {award: 1}
- name: three decimals
  period: 2025-06-10
  input: {unit: {rent: 10.005}}
  output: {award: 1}
- name: no such day
  period: 2025-02-30
  output: {award: 1}
";
    let run = |text: &str| pack_tests(&pack, &PackFiles([("tests/t.yaml".to_string(), text.to_string())].into()));
    assert_eq!(
        run(tests).to_string(),
        "tests/t.yaml:6: wrong
    award: expected 401.99, found 402.00, difference +0.01
tests/t.yaml:15: misspelt
    line 15, column 18: misspelt: rennt is not a fact of this pack; did you mean `rent`?
tests/t.yaml:19: three decimals
    line 19, column 24: three decimals: rent: found `10.005`, expected an amount in pounds with at most two decimals, as `433.33`
tests/t.yaml:22: no such day
    line 22, column 11: no such day: period: found `2025-02-30`, expected a day of the calendar, as `2025-06-10`
6 tests, 4 failed"
    );
}

#[test]
fn a_failure_names_the_first_step_that_came_out_otherwise_and_what_it_was_made_of() {
    let rules =
        "- {id: total, type: money, expr: half * 2}\n- {id: half, type: money, scope: unit, expr: pay * p.share}";
    let pack = pack("", "pay: {type: money, default: 0}", "share: {values: {2017-04-10: 0.25}}", rules);
    let test = "- {name: half, period: 2025-06-10, input: {unit: {pay: 10.00}}, output: {total: 10.00, half: 5.00}}";
    let report = pack_tests(&pack, &PackFiles([("tests/t.yaml".to_string(), test.to_string())].into()));
    let step = report.tests[0].step.as_deref();
    assert_eq!(step, Some("arises in half: pay * p.share\n  with pay 10.00, p.share 0.25 from 2017-04-10"));
}

#[test]
fn a_slip_in_a_key_of_a_parameter_is_named() {
    let errors = |parameters: &str| {
        let files = files("", "pay: {type: money}", parameters, "- {id: a, type: money, expr: pay}");
        lines(&Pack::load(&files).expect_err("a slip"))
    };
    let slip = errors("s: {bracket: [{threshold: {values: {2017-04-10: 0}}}]}");
    assert!(
        slip.ends_with("found the key `bracket`, expected a key of a parameter; did you mean `brackets`?"),
        "{slip}"
    );
    let slip = errors("s: {brackets: [{threshhold: {values: {2017-04-10: 0}}}]}");
    assert!(slip.ends_with("; did you mean `threshold`?"), "{slip}");
    let slip = errors("s: {brackets: 3}");
    assert!(slip.contains("found `3`, expected a list of brackets"), "{slip}");
}

#[test]
fn a_rulebook_has_one_digest_whatever_the_order_of_its_packs() {
    let digest = "0".repeat(64);
    let text = |packs: &str| format!("name: current\ntitle: Current law\nfloor: scotland.yaml\npacks: [{packs}]\n");
    let (a, b) = (
        format!("{{name: a, version: \"1\", digest: \"{digest}\"}}"),
        format!("{{name: b, version: \"2\", digest: \"{digest}\"}}"),
    );
    let read = |packs: &str| Rulebook::read("rulebook.yaml", &text(packs)).unwrap();
    let (one, two) = (read(&format!("{a}, {b}")), read(&format!("{b}, {a}")));
    assert_eq!(one.digest("floor"), two.digest("floor"));
    assert_ne!(one.digest("floor"), one.digest("floors"));
    assert_ne!(one.digest("floor"), read(&a).digest("floor"));
    let errors =
        Rulebook::read("rulebook.yaml", &text("{name: a, version: \"1\", digest: 12}")).expect_err("a short digest");
    assert_eq!(lines(&errors), "rulebook.yaml:4:41: found `12`, expected a digest of 64 hexadecimal digits");
}

#[test]
fn the_conditions_of_a_reform_come_after_those_of_its_base_and_stand_in_the_digest() {
    let base = pack_that_requires("{expr: rent > £0, say: no rent}", "", "rent: {type: money, default: 0}", RULE);
    let without = pack_that_requires("", "", "rent: {type: money, default: 0}", RULE);
    assert_ne!(base.digest(), without.digest());
    let files = reform(&base, "requires: [{expr: rent < £9, say: too much rent}]\n");
    let reformed = base.with_reform(&files).unwrap_or_else(|e| panic!("{}", lines(&e)));
    assert_eq!(reformed.requirements().collect::<Vec<_>>(), [("rent > £0", "no rent"), ("rent < £9", "too much rent")]);
    let again = Pack::from_canonical(&reformed.canonical()).unwrap();
    assert!(again.requirements().eq(reformed.requirements()));
    let told = diff(&base, &reformed).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(told, ["requires rent < £9 (\"too much rent\"): new"]);
    let told = diff(&base, &without).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(told, ["requires rent > £0 (\"no rent\"): gone"]);
}

const RULE: &str = "- {id: award, type: money, expr: rent}";
