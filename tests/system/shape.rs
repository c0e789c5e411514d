//! The shape of the project: which crate may use which, and where each outside crate lives.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// What each crate may use of ours, downwards only.
const EDGES: [(&str, &[&str]); 6] = [
    ("schemas", &[]),
    ("ledger", &["schemas"]),
    ("projections", &["schemas", "ledger"]),
    ("simulator", &["schemas", "ledger", "projections"]),
    ("ops", &["schemas", "ledger", "projections", "simulator"]),
    ("tests", &["schemas", "ledger", "projections", "simulator", "ops"]),
];

/// Outside crates that live in one place only.
const HOMES: [(&str, &str); 15] = [
    ("rusqlite", "ledger"),
    ("async-nats", "ledger"),
    ("base64", "ledger"),
    ("ed25519-dalek", "ledger"),
    ("flate2", "ledger"),
    ("futures-util", "ledger"),
    ("sled", "projections"),
    ("bincode", "projections"),
    ("saphyr-parser", "schemas"),
    ("clap", "ops"),
    ("csv", "ops"),
    ("include_dir", "ops"),
    ("indicatif", "ops"),
    ("quick-xml", "ops"),
    ("jsonschema", "tests"),
];

/// Every crate of ours, and the crates it depends on outside its tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline", "--manifest-path", manifest];
    let output = Command::new(env!("CARGO")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_string();
    let depends = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap();
        let of_tests = package["name"] == "tests";
        all.iter().filter(|d| of_tests || d["kind"] != "dev").map(name).collect()
    };
    metadata["packages"].as_array().unwrap().iter().map(|package| (name(package), depends(package))).collect()
}

#[test]
fn dependencies_between_our_crates_run_downwards_only() {
    let dependencies = dependencies();
    let ours: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(dependencies.keys().map(String::as_str).collect::<BTreeSet<_>>(), ours, "six crates and no more");
    for (name, allowed) in EDGES {
        let used: BTreeSet<&str> = dependencies[name].iter().map(String::as_str).filter(|d| ours.contains(d)).collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        assert!(used.is_subset(&allowed), "{name} uses {:?}", used.difference(&allowed));
    }
}

#[test]
fn an_outside_crate_stands_only_in_its_home() {
    for (name, used) in dependencies() {
        for (outside, home) in HOMES {
            assert!(name == home || !used.contains(outside), "{name} uses {outside}, whose only home is {home}");
        }
    }
}
