//! What rules come to, and how a case that has no answer says so.

use super::support::*;
use crate::engine::{Case, Pack, Value, reference};

/// The text of a rule's value, or of the error, on the tape; the reference evaluator must say the same.
#[track_caller]
fn check(pack: &Pack, rule: &str, case: &Case, expected: &str) {
    let tape = pack.compile(Some(&[rule])).unwrap().run(std::slice::from_ref(case)).remove(0);
    let text = match &tape {
        Ok(answer) => answer.get(rule).map(|f| f.text.clone()).unwrap_or_default(),
        Err(error) => error.to_string(),
    };
    assert_eq!(text, expected);
    if !text.contains("overflows") {
        assert_eq!(reference(pack, &[rule], case), tape);
    }
}

#[track_caller]
fn check_expr(ty: &str, expr: &str, expected: &str) {
    let unit = "tiny: {type: money, default: 0.05}\nzero: {type: count, default: 0}\nleap: {type: date, default: 2000-02-29}\nopen: {type: date, default: never}";
    let pack = pack("pay: {type: money, default: 0}", unit, "", &format!("- {{id: r, type: {ty}, expr: '{expr}'}}"));
    let people: [(&str, &[(&str, Value)]); 3] =
        [("a", &[("pay", pence(300))]), ("b", &[("pay", pence(100))]), ("c", &[("pay", pence(300))])];
    check(&pack, "r", &case("2025-02-10", &people, &[]), expected);
}

#[test]
fn a_half_rounds_away_from_nought_up_or_to_even_on_both_sides() {
    for (mode, plus, minus, up_tie) in [
        ("half_up", "0.03", "-0.03", "0.02"),
        ("half_even", "0.02", "-0.02", "0.02"),
        ("down", "0.02", "-0.02", "0.01"),
        ("up", "0.03", "-0.03", "0.02"),
    ] {
        check_expr("money", &format!("round(tiny * 0.5, {mode}, 0.01)"), plus); // 0.025
        check_expr("money", &format!("round(-tiny * 0.5, {mode}, 0.01)"), minus);
        check_expr("money", &format!("round(tiny * 0.3, {mode}, 0.01)"), up_tie); // 0.015
    }
    check_expr("money", "round(tiny * 326, down, 0.10)", "16.30");
    check_expr("money", "round(tiny * 327, down, 0.10)", "16.30"); // 16.35
    check_expr("count", "round(tiny / £0.02, up, 1)", "3"); // 2.5
    check_expr("money", "round(tiny / (zero + 3), half_up, 0.01)", "0.02"); // 0.0166...
    check_expr("rate", "round(-tiny / £0.30, half_even, 0.01)", "-0.17"); // -0.1666...
}

#[test]
fn a_leap_day_is_a_day_like_others_and_its_birthday_comes_on_1_march() {
    check_expr("count", "age(leap, 2025-02-28)", "24");
    check_expr("count", "age(leap, 2025-03-01)", "25");
    check_expr("count", "age(leap, 2024-02-29)", "24");
    check_expr("count", "age(open, period_start)", "0");
    check_expr("date", "add_months(leap, 12, clamp_down)", "2001-02-28");
    check_expr("date", "add_months(leap, 12, roll_over)", "2001-03-01");
    check_expr("date", "add_months(2025-01-31, 1, clamp_down)", "2025-02-28");
    check_expr("date", "add_months(2025-03-31, -1, roll_over)", "2025-03-01");
    check_expr("date", "add_days(2024-02-28, 1)", "2024-02-29");
    check_expr("date", "add_days(open, -5)", "never");
    check_expr("days", "period_end - period_start + 1", "28"); // 10 February to 9 March 2025
    check_expr("days", "days(2024-02-01, 2024-03-01)", "29");
}

#[test]
fn people_are_gathered_and_ranked_with_ties_in_the_order_of_the_case() {
    check_expr("money", "sum(pay over people where pay > £1)", "6.00");
    check_expr("count", "count(over people where pay == £3)", "2");
    check_expr("bool", "any(pay < £1 over people) or all(pay >= £1 over people)", "true");
    check_expr("money", "min(pay over people where pay > £5 default £7)", "7.00");
    check_expr("money", "max(pay over people default £0)", "3.00");
    // b is first with 1.00, then a and c with 3.00 in the order of the case.
    check_expr("money", "sum(pay * rank(pay over people) over people)", "16.00"); // 3x2 + 1x1 + 3x3
    check_expr("count", "sum(rank(pay over people where pay > £1) over people)", "3"); // 1 + 0 + 2
}

#[test]
fn a_side_that_is_not_chosen_cannot_fail() {
    let expr = "if zero == 0 then tiny else round(tiny / zero, up, 0.01)";
    check_expr("money", expr, "0.05");
    check_expr("bool", "zero == 0 or round(tiny / zero, up, 0.01) > £1", "true");
    check_expr("bool", "zero != 0 and round(tiny / zero, up, 0.01) > £1", "false");
    check_expr("money", "round(tiny / zero, up, 0.01)", "the case: rule `r` divides by zero");
    check_expr("money", "sum(round(pay / zero, up, 0.01) over people where pay > £9)", "0.00");
    check_expr(
        "money",
        "sum(round(pay / zero, up, 0.01) over people where pay < £2)",
        "the case: rule `r` divides by zero for b",
    );
}

#[test]
fn a_parameter_is_needed_only_by_the_lane_that_uses_it_and_the_error_names_its_first_day() {
    let parameters = "late: {type: money, values: {2026-04-06: 217.26}}\nend: {type: money, applies_to: period_end, values: {2017-01-01: 1, 2021-11-24: 2}}\ntop: {type: money, values: {2017-01-01: .inf}}";
    let rules = "
- {id: needs, type: money, expr: p.late}
- {id: guarded, type: money, expr: 'if period_start >= 2026-04-06 then p.late else £429.80'}
- {id: by_end, type: money, expr: p.end}
- {id: unlimited, type: money, expr: p.top}
- {id: dated, type: money, versions: [{from: 2020-01-01, expr: £1}, {from: 2021-01-01, applies_to: period_end, expr: £2}]}";
    let pack = pack("", "", parameters, rules);
    let on = |first: &str| case(first, &[], &[]);
    check(
        &pack,
        "needs",
        &on("2026-04-05"),
        "the case: rule `needs` needs `p.late` on 2026-04-05, but it has no value then; its first value is from 2026-04-06",
    );
    check(&pack, "needs", &on("2026-04-06"), "217.26");
    check(&pack, "guarded", &on("2026-04-05"), "429.80");
    check(&pack, "guarded", &on("2026-04-06"), "217.26");
    check(&pack, "by_end", &on("2021-10-24"), "1.00"); // ends on 23 November
    check(&pack, "by_end", &on("2021-10-25"), "2.00"); // ends on 24 November
    check(
        &pack,
        "unlimited",
        &on("2021-10-25"),
        "the case: rule `unlimited` needs `p.top` on 2021-10-25, but it is .inf (no limit) then",
    );
    check(
        &pack,
        "dated",
        &on("2019-12-31"),
        "the case: rule `dated` has no version in force on 2019-12-31; its first is from 2020-01-01",
    );
    check(&pack, "dated", &on("2020-01-01"), "1.00");
    check(&pack, "dated", &on("2020-12-02"), "2.00"); // ends on 1 January 2021
    check(
        &pack,
        "needs",
        &on("2016-01-01"),
        "the case: period 2016-01-01: the pack answers for periods starting from 2017-04-10",
    );
}

#[test]
fn a_wrong_case_is_told_with_its_field() {
    let pack = pack(
        "born: {type: date}\npay: {type: money, default: 0, min: 0}",
        "rent: {type: money, default: 0, max: 5000}\ntenure: {type: enum, values: [social, private], default: social}\nshare: {type: rate, default: 0}",
        "",
        "- {id: r, type: money, expr: rent + sum(pay over people)}",
    );
    let with = |people: &[(&str, &[(&str, Value)])], unit: &[(&str, Value)]| case("2025-06-10", people, unit);
    let born = ("born", day("1990-01-01"));
    for (case, message) in [
        (with(&[("a", &[])], &[]), "the case: a.born is missing, and the pack gives no default for it"),
        (
            with(&[("a", &[born.clone(), ("payy", pence(1))])], &[]),
            "the case: a.payy is not a fact of this pack; did you mean `pay`?",
        ),
        (with(&[], &[("rennt", pence(1))]), "the case: rennt is not a fact of this pack; did you mean `rent`?"),
        (
            with(&[("a", &[born.clone(), ("pay", pence(-1))])], &[]),
            "the case: a.pay: -0.01 is below the least value allowed, 0.00",
        ),
        (
            with(&[], &[("rent", pence(500_001))]),
            "the case: rent: 5000.01 is above the greatest value allowed, 5000.00",
        ),
        (
            with(&[], &[("rent", Value::Bool(true))]),
            "the case: rent: found `true`, expected an amount in pounds with at most two decimals, as `433.33`",
        ),
        (
            with(&[], &[("tenure", Value::Enum("socal".into()))]),
            "the case: tenure: found `socal`, expected one of social, private; did you mean `social`?",
        ),
        (with(&[], &[("rent", pence(1)), ("rent", pence(2))]), "the case: rent is given twice"),
        (
            with(&[("a", std::slice::from_ref(&born)), ("a", std::slice::from_ref(&born))], &[]),
            "the case: a is given twice",
        ),
        (
            with(&[], &[("share", Value::Rate(rust_decimal::Decimal::new(1, 7)))]),
            "the case: share: found the number 0.0000001, expected a number with at most 6 decimals, as `0.55`",
        ),
    ] {
        check(&pack, "r", &case, message);
    }
}

#[test]
fn a_batch_that_leaves_64_bits_is_run_in_128_and_beyond_them_the_error_names_the_rule() {
    let rules = "
- {id: wide, type: money, expr: rent * share * share * share}
- {id: wider, type: money, expr: wide * share * share * share * share}
- {id: spared, type: money, expr: 'if rent > £1 then rent else wider'}";
    let pack = pack("", "rent: {type: money}\nshare: {type: rate, decimals: 0}", "", rules);
    let large = case(
        "2025-06-10",
        &[],
        &[("rent", pence(10_000_000)), ("share", Value::Rate(rust_decimal::Decimal::from(30_000)))],
    );
    // 100,000 x 30,000^3 pounds = 2.7e20 pence: beyond 64 bits, within 128; times 30,000^4 beyond those too.
    check(&pack, "wide", &large, "2700000000000000000.00");
    check(&pack, "wider", &large, "the case: rule `wider` overflows");
    check(&pack, "spared", &large, "100000.00");
    let (program, mut batch) = (pack.compile(Some(&["wide"])).unwrap(), pack.compile(Some(&["wide"])).unwrap().batch());
    let mut runner = program.runner();
    for (share, wide) in [(1, false), (3_000_000_000i64, true)] {
        batch.clear();
        batch.add_case(large.period);
        batch.set(program.slot("rent").unwrap(), 100);
        batch.set(program.slot("share").unwrap(), share);
        runner.run(&batch);
        assert_eq!(runner.was_wide(), wide);
    }
}

#[test]
fn fractions_too_fine_to_hold_are_refused_when_the_pack_is_compiled() {
    let pack = pack(
        "",
        "share: {type: rate}",
        "",
        &format!("- {{id: fine, type: rate, expr: '{}'}}", ["share"; 7].join(" * ")),
    );
    let error = pack.compile(Some(&["fine"])).expect_err("42 decimals");
    assert_eq!(
        error.to_string(),
        "rules/r.rule.yaml:2:10: found fractions whose denominators leave 128 bits in `fine`, expected rules that round on the way"
    );
}

#[test]
fn many_cases_of_many_sizes_run_in_batches_and_keep_their_order() {
    let pack = pack(
        "pay: {type: money}",
        "rent: {type: money, default: 0}",
        "",
        "- {id: total, type: money, expr: rent + sum(pay over people)}\n- {id: own, type: money, scope: person, expr: pay * 2}",
    );
    let cases: Vec<Case> = (0..1_000i64)
        .map(|n| {
            let pay = [("pay", pence(n))];
            let people: Vec<(&str, &[(&str, Value)])> =
                (0..n % 5).map(|p| (["a", "b", "c", "d", "e"][p as usize], &pay[..])).collect();
            case("2025-06-10", &people, &[("rent", pence(n))])
        })
        .collect();
    for (n, answer) in pack.compile(Some(&["total", "own"])).unwrap().run(&cases).into_iter().enumerate() {
        let (n, answer) = (n as i64, answer.unwrap());
        assert_eq!(answer.get("total").unwrap().money().unwrap().pence(), n + n * (n % 5));
        assert_eq!(answer.people.len() as i64, n % 5);
        assert!(answer.people.iter().all(|p| p.figures[0].1.money().unwrap().pence() == 2 * n));
    }
}

#[test]
fn the_trace_shows_every_step_with_its_law_and_what_was_assumed() {
    let parameters = "taper: {type: rate, applies_to: period_end, values: {2017-04-10: 0.63, 2021-11-24: {value: 0.55, instrument: SI 2021/1283, status: verified}}, cite: {instrument: SI 2013/376, provision: reg. 22, confidence: read}}";
    let rules = "
- {id: earned, type: money, expr: sum(pay over people), say: 'earned {earned} in all'}
- id: reduction
  type: money
  expr: round(earned * p.taper, half_up, 0.01)
  cite: {instrument: SI 2013/376, provision: reg. 22(1)(b), confidence: single_source}
  say: '{p.taper} of {earned}'
- {id: own, type: money, scope: person, expr: pay, say: '{pay}'}";
    let pack = pack("pay: {type: money, default: 0}", "", parameters, rules);
    let case = case("2025-06-10", &[("a", &[("pay", pence(10_001))]), ("b", &[])], &[]);
    let steps = pack.compile(Some(&["reduction"])).unwrap().trace(&case).unwrap();
    let shown: Vec<String> = steps
        .iter()
        .map(|s| {
            let parameters: Vec<String> = s
                .parameters
                .iter()
                .map(|u| format!("{} {} from {} ({})", u.path, u.text, u.from, u.cite.as_ref().unwrap()))
                .collect();
            let unrounded = s.unrounded.map(|u| u.to_string()).unwrap_or_default();
            format!(
                "{} {:?} {:?} {} [{unrounded}] {:?} {:?} {parameters:?}",
                s.id,
                s.person,
                s.say.as_deref().unwrap_or(""),
                s.value.text,
                s.confidence,
                s.used_default
            )
        })
        .collect();
    // 0.55 x 100.01 = 55.0055
    insta::assert_snapshot!(shown.join("\n"), @r#"
    earned None "earned 100.01 in all" 100.01 [] None ["b.pay"] []
    reduction None "0.55 of 100.01" 55.01 [55.0055] Some(SingleSource) [] ["p.taper 0.55 from 2021-11-24 (SI 2021/1283 reg. 22)"]
    own Some("a") "100.01" 100.01 [] None [] []
    own Some("b") "0.00" 0.00 [] None ["b.pay"] []
    "#);
}

#[test]
fn a_case_that_does_not_meet_what_the_pack_requires_is_refused_with_the_packs_sentence() {
    let pack = pack_that_requires(
        "{expr: 'any(pay > £0 over people)', say: nobody is paid}, {expr: size <= 2, say: it is too large}",
        "pay: {type: money, default: 0}",
        "size: {type: count, default: 1}\nrent: {type: money}",
        "- {id: r, type: money, expr: rent}",
    );
    let rent = ("rent", pence(100));
    let paid: &[(&str, Value)] = &[("pay", pence(1))];
    let asked = |people: &[(&str, &[(&str, Value)])], unit: &[(&str, Value)]| case("2025-02-10", people, unit);
    check(&pack, "r", &asked(&[("a", paid)], std::slice::from_ref(&rent)), "1.00");
    check(&pack, "r", &asked(&[("a", &[])], std::slice::from_ref(&rent)), "the case: nobody is paid");
    // Of several the first is told, and a missing fact before any of them.
    check(&pack, "r", &asked(&[], &[rent.clone(), ("size", Value::Count(3))]), "the case: nobody is paid");
    check(&pack, "r", &asked(&[("a", paid)], &[rent, ("size", Value::Count(3))]), "the case: it is too large");
    check(&pack, "r", &asked(&[], &[]), "the case: rent is missing, and the pack gives no default for it");
    let traced = pack.compile(Some(&["r"])).unwrap().trace(&asked(&[], &[("rent", pence(100))]));
    assert_eq!(traced.unwrap_err().to_string(), "the case: nobody is paid");
    assert_eq!(pack.rules().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["r"]);
}

#[test]
fn a_batch_filled_by_slot_is_held_to_what_the_pack_requires_too() {
    let pack = pack_that_requires(
        "{expr: 'count(over people) >= 1', say: nobody is here}",
        "pay: {type: money, default: 0}",
        "",
        "- {id: r, type: money, expr: 'sum(pay over people)'}",
    );
    let program = pack.compile(Some(&["r"])).unwrap();
    let (mut batch, mut runner) = (program.batch(), program.runner());
    let period = case("2025-02-10", &[], &[]).period;
    batch.add_case(period);
    batch.add_case(period);
    batch.add_person();
    runner.run(&batch);
    let faults = [0, 1].map(|case| runner.fault(&batch, case, |_| String::new()).map(|fault| fault.to_string()));
    assert_eq!(faults, [Some("nobody is here".to_string()), None]);
}

#[test]
fn a_condition_that_cannot_be_worked_out_is_an_error_of_its_own() {
    let pack = pack_that_requires(
        "{expr: 'round(£1 / zero, up, 0.01) > £0', say: no}",
        "",
        "zero: {type: count, default: 0}",
        "- {id: r, type: money, expr: £1}",
    );
    check(&pack, "r", &case("2025-02-10", &[], &[]), "the case: rule `requires#1` divides by zero");
    check(&pack, "r", &case("2025-02-10", &[], &[("zero", Value::Count(2))]), "1.00");
}

#[test]
fn a_batch_that_left_64_bits_does_not_disturb_those_after_it() {
    // In the first batch 64 bits overflow before the constants of the second rule are written.
    let pack = pack(
        "",
        "rent: {type: money, default: 0}",
        "",
        "- {id: large, type: money, expr: rent * 1000 * 1000 * 1000}\n- {id: later, type: money, expr: 'if rent < £7 then £5 else large'}",
    );
    let cases: Vec<Case> = (0..3 * crate::engine::LANES)
        .map(|n| case("2025-06-10", &[], &[("rent", pence(if n == 0 { 900_000_000_000 } else { 100 }))]))
        .collect();
    let program = pack.compile(Some(&["later"])).unwrap();
    let texts = |answers: Vec<String>| (answers[0].clone(), answers[1..].iter().all(|text| text == "5.00"));
    // 9,000,000,000.00 x 10^9
    let expected = ("9000000000000000000.00".to_string(), true);
    for _ in 0..2 {
        let ran = program.run(&cases).into_iter().map(|answer| answer.unwrap().get("later").unwrap().text.clone());
        assert_eq!(texts(ran.collect()), expected);
        let traced = program.trace_all(&cases).into_iter().map(|steps| {
            let steps = steps.unwrap();
            steps.iter().find(|step| &*step.id == "later").unwrap().value.text.clone()
        });
        assert_eq!(texts(traced.collect()), expected);
    }
}
