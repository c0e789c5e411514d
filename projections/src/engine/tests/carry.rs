//! What a period hands on to the next.

use super::support::*;
use crate::engine::{Chain, Pack, PackFiles, pack_tests, read_cases, reference};

const PERSON: &str = "paid: {type: money, default: 0}\nover_before: {type: money, default: 0}";
const UNIT: &str = "rent: {type: money, default: 0}\ngrace_before: {type: count, default: 12}\nhome_before: {type: enum, values: [none, social], default: none}\nborn: {type: date}";
const RULES: &str = "- {id: spare, type: money, scope: person, expr: 'max(paid + over_before - £100, £0)'}\n\
    - {id: grace, type: count, expr: 'max(grace_before - 1, 0)'}\n\
    - {id: home, type: enum, values: [social], expr: '\"social\"'}\n\
    - {id: all_over, type: money, expr: 'sum(spare over people)'}\n\
    - {id: third, type: money, expr: 'all_over / 3'}";
const CARRIES: &str = "{input: over_before, from: spare}, {input: grace_before, from: grace}";

fn pack_that_carries(carries: &str) -> Result<Pack, String> {
    let mut files = files(PERSON, UNIT, "", RULES);
    files.0.entry("pack.yaml".to_string()).and_modify(|text| text.push_str(&format!("carries: [{carries}]\n")));
    Pack::load(&files).map_err(|errors| lines(&errors))
}

const CASES: &str = "
- {name: first, period: 2025-01-01, input: {people: {a: {paid: 150}, b: {paid: 120}}, unit: {born: 2000-01-01}}, output: {all_over: 70, grace: 11}}
- {name: next, after: first, period: 2025-02-01, input: {people: {a: {paid: 90}, c: {paid: 100}}, unit: {born: 2000-01-01}}, output: {grace: 10, people: {a: {spare: 40}, c: {spare: 0}}}}
- {name: stated, after: next, period: 2025-03-01, input: {people: {a: {over_before: 130}}, unit: {born: 2000-01-01}}, output: {grace: 9, all_over: 30}}
";

// first: a 150 - 100 = 50, b 20; 12 - 1 = 11. next: a 90 + 50 - 100 = 40, c has nothing before; 11 - 1.
// stated: the case says 130 and is believed: 130 - 100 = 30; 10 - 1.
#[test]
fn what_a_rule_came_to_is_a_fact_of_the_next_period_unless_the_case_states_it() {
    let pack = pack_that_carries(CARRIES).unwrap();
    let files = PackFiles([("tests/t.yaml".to_string(), CASES.to_string())].into());
    let report = pack_tests(&pack, &files);
    assert_eq!((report.tests.len(), report.to_string()), (3, "3 tests, 0 failed".to_string()));
}

#[test]
fn both_evaluators_hand_on_the_same() {
    let pack = pack_that_carries(CARRIES).unwrap();
    let program = pack.compile(Some(&["all_over", "grace", "spare"])).unwrap();
    let mut chain = Chain::new(&pack);
    for mut stated in read_cases(&pack, CASES).unwrap() {
        chain.link(&mut stated).unwrap();
        let tape = program.run(std::slice::from_ref(&stated.case)).remove(0);
        assert_eq!(reference(&pack, &["all_over", "grace", "spare"], &stated.case), tape);
    }
}

#[test]
fn what_is_carried_belongs_to_what_the_pack_means() {
    let (plain, carrying) = (pack(PERSON, UNIT, "", RULES), pack_that_carries(CARRIES).unwrap());
    assert_ne!(plain.digest(), carrying.digest());
    assert_eq!(Pack::from_canonical(&carrying.canonical()).unwrap().carries().count(), 2);
}

#[track_caller]
fn refused(carries: &str, message: &str) {
    assert_eq!(pack_that_carries(carries).expect_err("the pack should not load"), message);
}

#[test]
fn a_fact_is_carried_once_from_a_rule_of_its_kind_and_has_a_value_of_its_own_in_a_first_period() {
    refused(
        "{input: over_befor, from: spare}",
        "pack.yaml:15:19: found `over_befor`, expected a fact of `inputs`; did you mean `over_before`?",
    );
    refused(
        "{input: over_before, from: spre}",
        "pack.yaml:15:38: found `spre`, expected the id of a rule; did you mean `spare`?",
    );
    refused(
        "{input: born, from: grace}",
        "pack.yaml:15:19: found `born`, which has no default, expected a fact with a default; say in `inputs` what it is in a first period",
    );
    refused(
        "{input: over_before, from: all_over}",
        "pack.yaml:15:38: found `all_over`: money, expected money of each person, as `over_before` is",
    );
    refused(
        "{input: rent, from: all_over}, {input: rent, from: third}",
        "pack.yaml:15:50: found a fact that is carried already, expected each fact once",
    );
    assert!(pack_that_carries("{input: home_before, from: home}").is_ok());
}

#[track_caller]
fn fails(after: &str, period: &str, message: &str) {
    let pack = pack_that_carries("{input: rent, from: third}").unwrap();
    let text = format!(
        "[{{name: one, period: 2025-01-01, input: {{people: {{a: {{paid: 110}}}}, unit: {{born: 2000-01-01}}}}}},
          {{name: two, after: {after}, period: {period}, input: {{unit: {{born: 2000-01-01}}}}}}]"
    );
    let mut chain = Chain::new(&pack);
    let mut linked = read_cases(&pack, &text).unwrap().into_iter().map(|mut stated| chain.link(&mut stated));
    assert_eq!(linked.next(), Some(Ok(())));
    assert_eq!(linked.next().unwrap().unwrap_err().to_string(), message);
}

#[test]
fn a_case_follows_an_earlier_one_of_an_earlier_period_whose_amounts_the_fact_can_hold() {
    fails("on", "2025-02-01", "two: after: no earlier case is called `on`; did you mean `one`?");
    fails("one", "2025-01-01", "two: after: the period of `one` starts on 2025-01-01, which is not before this one");
    // 10 / 3 is no amount in pence: the rule should round it.
    fails(
        "one",
        "2025-02-01",
        "two: rent: found `10/3`, expected an amount in pounds with at most two decimals, as `433.33`",
    );
}

#[test]
fn a_reform_carries_what_its_base_carries_and_more() {
    let base = pack_that_carries(CARRIES).unwrap();
    let text = format!(
        "name: reform\nversion: \"1\"\ntitle: Reform\nin_force: {{from: 2017-04-10}}\n\
         base: {{name: test, version: \"1\", digest: {}}}\n\
         carries: [{{input: home_before, from: home}}]\nchanges: []\n",
        base.digest()
    );
    let reform = base.with_reform(&PackFiles([("pack.yaml".to_string(), text)].into())).unwrap();
    let carried: Vec<&str> = reform.carries().map(|(input, _)| input.name.as_str()).collect();
    assert_eq!(carried, ["over_before", "grace_before", "home_before"]);
}
