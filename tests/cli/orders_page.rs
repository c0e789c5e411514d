//! `ops/docs/ORDERS.md` is true: a ledger takes every example in it, and no order and no fact is missing.

use std::collections::BTreeSet;

use ledger::Order;
use schemas::events::TYPES;
use serde_json::{Value, json};

use crate::bank::command;
use crate::run::Folder;

const PAGE: &str = include_str!("../../ops/docs/ORDERS.md");

/// Examples of orders: lines of JSON.
fn orders() -> Vec<&'static str> {
    PAGE.lines().filter(|line| line.starts_with("{\"id\"")).collect()
}

/// Examples of facts under a heading: the first cell of each row of its table.
fn facts(heading: &str) -> Vec<Value> {
    let (_, rest) = PAGE.split_once(&format!("\n## {heading}\n")).unwrap();
    let table = rest.split("\n## ").next().unwrap();
    let cell = |line: &str| serde_json::from_str(line.strip_prefix("| `")?.split_once("` |")?.0).ok();
    table.lines().filter_map(cell).collect()
}

/// The keys of all facts that an event can record, by its schema.
fn keys(event: &str) -> BTreeSet<String> {
    let of_event = TYPES.iter().find(|known| known.name.starts_with(event)).unwrap();
    let mut keys = BTreeSet::new();
    collect(&serde_json::to_value((of_event.schema)()).unwrap(), &mut keys);
    keys
}

fn collect(schema: &Value, keys: &mut BTreeSet<String>) {
    if let Some(key) = schema.pointer("/properties/key/const").and_then(Value::as_str) {
        keys.insert(key.into());
    }
    match schema {
        Value::Object(fields) => fields.values().for_each(|field| collect(field, keys)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, keys)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn a_ledger_takes_every_example_of_an_order_and_none_is_missing() {
    let folder = Folder::new();
    folder.write("orders.ndjson", orders().join("\n") + "\n");
    folder.run(&["init"]).good();
    let said = folder.run(&["import", "orders.ndjson"]).good();
    assert_eq!(said, format!("{0} lines: {0} new, 0 there already, 0 quarantined\n", orders().len()));
    let name = |line: &&str| serde_json::from_str::<Value>(line).unwrap()["do"].as_str().unwrap().to_string();
    let shown: BTreeSet<String> = orders().iter().map(name).collect();
    assert_eq!(shown, Order::NAMES.iter().map(|name| (*name).to_string()).collect());
}

#[test]
fn a_ledger_takes_every_example_of_a_fact_and_none_is_missing() {
    let folder = Folder::new();
    let example = |name: &str| {
        let line = orders().into_iter().find(|line| line.contains(&format!("\"do\":\"{name}\""))).unwrap();
        serde_json::from_str::<Value>(line).unwrap()
    };
    let known = [example("register_person"), example("make_claim")].map(|order| format!("{order}\n")).concat();
    let (mut number, mut lines) = (5_000, String::new());
    for (heading, event, order, whose, by_order) in [
        ("Facts of people", "footing.person.fact_recorded.", "record_person_fact", "person", "account"),
        ("Facts of claims", "footing.claim.fact_recorded.", "record_claim_fact", "claim", "landlord_account"),
    ] {
        let (facts, who) = (facts(heading), example(order)[whose].clone());
        let shown = facts.iter().map(|fact| fact["key"].as_str().unwrap().to_string());
        // What is confidential is recorded by an order of its own.
        assert_eq!(shown.chain([by_order.to_string()]).collect::<BTreeSet<_>>(), keys(event));
        for fact in facts {
            number += 1;
            lines += &command(number, "2026-07-09", json!({"do": order, whose: who, "fact": fact}));
        }
    }
    folder.write("known.ndjson", known).write("facts.ndjson", &lines);
    folder.run(&["init"]).good();
    folder.run(&["import", "known.ndjson"]).good();
    let said = folder.run(&["import", "facts.ndjson"]).good();
    assert_eq!(said, format!("{0} lines: {0} new, 0 there already, 0 quarantined\n", lines.lines().count()));
}
