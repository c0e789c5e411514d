//! What can be wrong with a pack, and the exact message it gets.

use super::support::*;
use crate::engine::{Pack, PackFiles};

const PERSON: &str = "pay: {type: money, default: 0}\nborn: {type: date}";
const UNIT: &str = "rent: {type: money, default: 0}\nsize: {type: count, default: 1}\ntenure: {type: enum, values: [social, private], default: social}";
const PARAMETERS: &str = "allowance: {type: money, values: {2017-04-10: 251.77}}\ntaper: {type: rate, values: {2017-04-10: 0.63}}\nplaces: {values: {2017-04-10: {value: [a, b]}}}\n";

/// The message for one wrong rule; columns count from the start of the line in `rules/r.rule.yaml`, where the rule is the second line.
#[track_caller]
fn check_rule(rule: &str, message: &str) {
    let errors = Pack::load(&files(PERSON, UNIT, PARAMETERS, rule)).expect_err("the pack should not load");
    assert_eq!(lines(&errors), message);
}

/// The message for one wrong expression of a money rule in the scope of the case; `message` begins with the place inside the expression, from 1.
#[track_caller]
fn check_expr(expr: &str, message: &str) {
    // `  - {id: r, type: money, expr: '` is 32 characters long.
    let (at, message) = message.split_once(':').unwrap();
    let message = format!("{}:{message}", 32 + at.parse::<usize>().unwrap());
    check_rule(&format!("- {{id: r, type: money, expr: '{expr}'}}"), &format!("rules/r.rule.yaml:2:{message}"));
}

#[test]
fn an_unknown_name_is_told_with_the_nearest_known_one() {
    check_expr("retn", "1: found `retn`, expected the name of a rule, an input or a parameter; did you mean `rent`?");
    check_expr(
        "p.alowance + rent",
        "1: found `p.alowance`, expected the name of a rule, an input or a parameter; did you mean `p.allowance`?",
    );
    check_expr(
        "rent + rund(rent, up, 1)",
        "8: found `rund(`, expected one of the functions min, max, round, age, add_months, add_days, days, sum, count, any, all, rank; did you mean `round`?",
    );
    check_expr(
        "if tenure == \"socal\" then rent else rent",
        "14: found `\"socal\"`, expected a value of some enum of the pack; did you mean `social`?",
    );
    check_expr(
        "p.places",
        "1: found `p.places`, whose values are not numbers, days or true and false, expected a parameter that can be calculated with",
    );
}

#[test]
fn a_wrong_type_is_told_with_what_was_found_and_expected() {
    check_expr(
        "rent * p.allowance",
        "1: found money * money, expected money * rate, money * count or money * days; one side must be a plain number: write it without `£`, or give its parameter `type: rate`",
    );
    check_expr(
        "rent + 1",
        "1: found money + count, expected two values of one type; write an amount with its sign, as `£1.50`",
    );
    check_expr(
        "max(rent, 0)",
        "11: found count beside money, expected values of one type; write an amount with its sign, as `£0`",
    );
    check_expr("0", "1: found count, expected money; write an amount with its sign, as `£0`");
    check_expr(
        "rent / size",
        "1: found a division by a value that varies, expected a division by a constant; write `round(a / b, half_up, step)`: the quotient may have no end and must be rounded at once",
    );
    check_expr("rent / 0", "8: found a division by zero, expected another divisor");
    check_expr("if rent then rent else rent", "4: found money, expected bool");
    check_expr(
        "if tenure < tenure then rent else rent",
        "4: found an order between two values of type enum, expected `==` or `!=`",
    );
    check_expr(
        "if size == 0.5 then rent else rent",
        "12: found rate beside count, expected both sides of a comparison of one type",
    );
    check_expr(
        "if period_start + 1 > period_end then rent else rent",
        "4: found date + count, expected two values of one type; write `add_days(date, n)` to step by days",
    );
    check_expr(
        "pay",
        "1: found `pay`, which each person has, expected a value of the whole case; gather it, as `sum(pay over people)`, or make the rule `scope: person`",
    );
    check_expr(
        "rent * rank(pay over people)",
        "8: found `rank` where there is no person to rank, expected a rule with `scope: person`; use it inside `over people` or in a person rule",
    );
    check_expr("sum(born over people)", "5: found date, expected money, a rate, a count or days");
}

#[test]
fn a_wrong_expression_is_told_with_its_place() {
    check_expr("rent +", "7: found the end of the expression, expected a value: a name, a number or a function");
    check_expr("rent rent", "6: found `rent`, expected an operator or the end of the expression");
    check_expr("(rent", "6: found the end of the expression, expected `)`");
    check_expr("if size = 1 then rent else rent", "9: found `=`, expected a comparison; write `==` for equality");
    check_expr(
        "if 1 < size < 3 then rent else rent",
        "13: found a second comparison, expected `and` or the end; write `a < b and b < c`",
    );
    check_expr("if true then rent", "18: found the end of the expression, expected `else`");
    check_expr("£1.2.3", "1: found `£1.2.3`, expected an amount such as `£1.50`");
    check_expr("rent * 1e3", "8: found `1e3`, expected a number such as `12` or `0.55`");
    check_expr("rent ; 1", "6: found `;`, expected a name, a number, an operator or a bracket");
    check_expr("round(rent, nearest, 1)", "13: found `nearest`, expected half_up, half_even, down or up");
    check_expr("round(rent, up, 0)", "17: found `0`, expected a step above 0, such as `0.01`");
    check_expr(
        "min(pay over people)",
        "20: found `)`, expected `default` and a value; write `min(x over people default £0)`: the value when there is nobody",
    );
    check_expr(
        "if age(2025-02-30, period_end) > 1 then rent else rent",
        "8: found `2025-02-30`, expected a day of the calendar, as `2017-04-06`",
    );
    check_expr(
        "if add_months(period_start, 1, back) > period_end then rent else rent",
        "32: found `back`, expected clamp_down or roll_over; clamp_down makes 31 January plus a month 28 February, roll_over makes it 1 March",
    );
    let deep = format!("{}rent{}", "(".repeat(200), ")".repeat(200));
    check_expr(&deep, "101: found an expression nested over 100 deep, expected a shallower one; split it into rules");
}

#[test]
fn a_place_inside_a_block_of_text_is_its_own_line_and_column() {
    check_rule(
        "- id: r\n  type: money\n  expr: |\n    rent\n    + retn\n",
        "rules/r.rule.yaml:6:3: found `retn`, expected the name of a rule, an input or a parameter; did you mean `rent`?",
    );
}

#[test]
fn rules_that_need_themselves_are_told_as_a_ring() {
    check_rule(
        "- {id: a, type: money, expr: b + rent}\n- {id: b, type: money, expr: sum(c over people)}\n- {id: c, type: money, scope: person, expr: a * 2}",
        "rules/r.rule.yaml:2:10: found a ring of rules: `a` needs `b` needs `c` needs `a`, expected rules that do not need themselves",
    );
    check_rule(
        "- {id: a, type: money, expr: a}",
        "rules/r.rule.yaml:2:10: found a ring of rules: `a` needs `a`, expected rules that do not need themselves",
    );
}

#[test]
fn a_wrong_rule_is_told_with_what_it_lacks() {
    check_rule(
        "- {id: a, typ: money, expr: rent}",
        "rules/r.rule.yaml:2:13: found the key `typ`, expected one of id, type, scope, expr, versions, cite, say, values, note, label, description, applies_to; did you mean `type`?\nrules/r.rule.yaml:2:5: found the rule `a` without `type`, expected `type`: money, rate, count, bool, date, days, enum",
    );
    check_rule(
        "- {id: a, type: mony, expr: rent}",
        "rules/r.rule.yaml:2:19: found `mony`, expected a type: money, rate, count, bool, date, days, enum; did you mean `money`?",
    );
    check_rule(
        "- {id: a, type: money}",
        "rules/r.rule.yaml:2:5: found the rule `a` without `expr`, expected `expr` or `versions`",
    );
    check_rule(
        "- {id: if, type: money, expr: rent}",
        "rules/r.rule.yaml:2:10: found the name `if`, expected a name of letters, digits and `_` that is not a word of the language",
    );
    check_rule(
        "- {id: a, type: money, expr: rent, scope: persn}",
        "rules/r.rule.yaml:2:45: found `persn`, expected unit or person; did you mean `person`?",
    );
    check_rule(
        "- {id: a, type: money, expr: rent}\n- {id: a, type: money, expr: rent}",
        "rules/r.rule.yaml:3:10: found a second `a`, expected one input, rule or parameter of a name",
    );
    check_rule(
        "- {id: a, type: money, expr: rent, cite: {instrument: SI 1, provision: reg. 1, confidence: sure}}",
        "rules/r.rule.yaml:2:94: found `sure`, expected read, verified, single_source, conflict, unconfirmed",
    );
    check_rule(
        "- {id: a, type: money, expr: rent, say: 'rent of {retn}'}",
        "rules/r.rule.yaml:2:53: found `retn`, expected the name of a rule, an input or a parameter; did you mean `rent`?",
    );
    check_rule(
        "- {id: a, type: money, versions: [{from: 2020-01-01, expr: rent}, {from: 2019-01-01, expr: rent}]}",
        "rules/r.rule.yaml:2:69: found a version that does not start after the one before it, expected versions in order of `from`",
    );
}

#[test]
fn a_wrong_parameter_is_told_with_its_place() {
    let check = |parameters: &str, message: &str| {
        let errors = Pack::load(&files("", "", parameters, "- {id: a, type: money, expr: £1}"))
            .expect_err("the pack should not load");
        assert_eq!(lines(&errors), message);
    };
    check(
        "a: {type: money, values: {2017-04-10: 1.5.5}}",
        "parameters/p.yaml:1:39: found `1.5.5`, expected an amount such as `251.77`",
    );
    check(
        "a: {type: count, values: {2017-04-10: 1.5}}",
        "parameters/p.yaml:1:39: found `1.5`, expected a whole number",
    );
    check(
        "a: {values: {2017-02-30: 1}}",
        "parameters/p.yaml:1:14: found `2017-02-30`, expected a day of the calendar, as `2017-04-06`",
    );
    check(
        "a: {applies_to: period_ends, values: {2017-02-01: 1}}",
        "parameters/p.yaml:1:17: found `period_ends`, expected period_start or period_end; did you mean `period_end`?",
    );
    check(
        "a: {type: money, variants: [{values: {2017-04-10: 1}}, {values: {2017-04-10: 2}}]}",
        "parameters/p.yaml:1:29: found a variant, expected `when` on every variant but the last, and none on the last",
    );
    check(
        "a: {values: {2017-04-10: {value: 1, cite: {instrument: SI 1, provision: reg. 1}}}}",
        "parameters/p.yaml:1:43: found a citation without `confidence`, expected instrument, provision and confidence",
    );
    check(
        "a: {values: {2017-04-10: {value: 1, cite: SI 1}}}",
        "parameters/p.yaml:1:43: found a citation without `instrument`, expected instrument, provision and confidence",
    );
    check(
        "a: {values: {2017-04-10: {value: 1, cite: {instrument: SI 1, provision: reg. 1, confidence: raed}}}}",
        "parameters/p.yaml:1:93: found `raed`, expected read, verified, single_source, conflict, unconfirmed; did you mean `read`?",
    );
    check(
        "a: {b: 1\n",
        "parameters/p.yaml:2:1: found while parsing a flow mapping, did not find expected ',' or '}', expected a YAML document",
    );
}

#[test]
fn a_wrong_pack_file_is_told_with_its_place() {
    let check = |pack: &str, message: &str| {
        let files = [
            ("pack.yaml", pack),
            ("rules/r.rule.yaml", "rules:\n- {id: a, type: money, expr: £1}\n- {id: b, type: bool, expr: true}\n"),
        ];
        let files = PackFiles(files.map(|(path, text)| (path.to_string(), text.to_string())).into());
        assert_eq!(lines(&Pack::load(&files).expect_err("the pack should not load")), message);
    };
    let good = "name: t\nversion: \"1\"\nin_force: {from: 2017-04-10}\n";
    check(
        &format!("{good}outputs: [c, ab]\n"),
        "pack.yaml:4:11: found `c`, expected the id of a rule; did you mean `a`?\npack.yaml:4:14: found `ab`, expected the id of a rule; did you mean `a`?",
    );
    check(&format!("{good}award: b\n"), "pack.yaml:4:8: found `b`, of type bool, expected a rule of type money");
    check(
        &format!("{good}lines:\n- {{purpose: x, amount: a, payee: slf}}\n"),
        "pack.yaml:5:34: found `slf`, expected adults_equally, self, main_carer, liable_for_rent, childcare_payer; did you mean `self`?",
    );
    check(
        &format!("{good}inputs: {{unit: {{rent: {{type: money, default: 1.005}}}}}}\n"),
        "pack.yaml:4:46: found `default: `1.005``, expected an amount in pounds with at most two decimals, as `433.33`",
    );
    check(
        &format!("{good}output: [a]\n"),
        "pack.yaml:4:1: found the key `output`, expected one of name, version, title, in_force, period, inputs, outputs, carries, requires, lines, award, payment, description, note, law, base; did you mean `outputs`?",
    );
    check(
        &format!("{good}requires: {{expr: b, say: x}}\n"),
        "pack.yaml:4:11: found a map, expected a list of conditions, each with `expr` and `say`",
    );
    check(
        &format!("{good}requires: [{{expr: b}}, {{say: x}}, {{expr: b, sya: x}}]\n"),
        "pack.yaml:4:12: found a requirement without `say`, expected `say`, what is wrong with a case that does not meet it\npack.yaml:4:23: found a requirement without `expr`, expected `expr`, a condition that every case must meet\npack.yaml:4:43: found the key `sya`, expected one of expr, say, note; did you mean `say`?",
    );
    check(
        &format!("{good}requires: [{{expr: b, say: 'not {{b}}'}}]\n"),
        "pack.yaml:4:27: found `not {b}`, expected a sentence in plain words, without `{names}`",
    );
    check(&format!("{good}requires: [{{expr: a, say: x}}]\n"), "pack.yaml:4:19: found money, expected bool");
    check(
        &format!("{good}inputs: {{person: {{pay: {{type: money}}}}}}\nrequires: [{{expr: pay > £0, say: x}}]\n"),
        "pack.yaml:5:19: found `pay`, which each person has, expected a value of the whole case; gather it, as `sum(pay over people)`, or make the rule `scope: person`",
    );
    check(
        &format!("{good}requires: [{{expr: b and bb, say: x}}]\n"),
        "pack.yaml:4:25: found `bb`, expected the name of a rule, an input or a parameter; did you mean `b`?",
    );
    check("version: \"1\"\nin_force: {from: 2017-04-10}\n", "pack.yaml:1:1: found no `name`, expected `name`, a text");
    check(
        &format!("{good}base: {{name: x}}\n"),
        "pack.yaml:1:1: found a reform (`base` or `changes`), expected a pack that stands alone; load its base, then the reform on it",
    );
    assert_eq!(
        lines(&Pack::load(&PackFiles::default()).expect_err("no files")),
        "pack.yaml:0:0: found no such file, expected a file pack.yaml at the top of the pack"
    );
}

#[test]
fn comments_layout_and_order_of_keys_do_not_change_the_digest_and_values_do() {
    let digest = |parameters: &str| pack("", "", parameters, "- {id: a, type: money, expr: p.x}").digest();
    let one = digest("x: {type: money, values: {2017-04-10: 1.50}}");
    assert_eq!(one, digest("# why\nx:\n  values:\n    2017-04-10: 1.50 # a comment\n  type: money\n"));
    assert_ne!(one, digest("x: {type: money, values: {2017-04-10: 1.51}}"));
    let loaded = pack("", "", "x: {type: money, values: {2017-04-10: 1.50}}", "- {id: a, type: money, expr: p.x}");
    assert_eq!(Pack::from_canonical(&loaded.canonical()).map(|p| p.digest()), Ok(one));
}

#[test]
fn parameters_are_read_in_the_dialects_of_other_projects() {
    let parameters = "
description: a file of several leaves
gb: # PolicyEngine, with metadata, references and underscores
  values:
    2017-04-10: {value: 16_967, reference: [{title: somewhere, href: 'https://example.org'}]}
    2020-01-01: .inf
  metadata: {unit: currency-GBP, period: year}
plain: {2017-04-10: 0.5, 2018-01-01: 0.25}
scale:
  metadata: {type: marginal_rate}
  brackets:
  - threshold: {values: {2017-01-01: 0}, unit: currency-GBP}
    rate: {values: {2017-01-01: 0.2}}
  - threshold: {values: {2017-01-01: 100}, unit: currency-GBP}
    rate: {values: {2017-01-01: 0.4}}
gone: {type: bool, values: {2017-01-01: true, 2019-01-01: null}}
";
    let rules = "
- {id: a, type: money, expr: p.gb * p.plain}
- {id: b, type: money, expr: '(p.gb - p.scale[1].threshold) * p.scale[1].rate'}";
    let pack = pack("", "", parameters, rules);
    let answer = pack.compile(Some(&["a", "b"])).unwrap().run(&[case("2018-06-01", &[], &[])]).remove(0).unwrap();
    // 16967 x 0.25; (16967 - 100) x 0.4
    assert_eq!([&answer.unit[0].1.text, &answer.unit[1].1.text], ["4241.75", "6746.80"]);
}
