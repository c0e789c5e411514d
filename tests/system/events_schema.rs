//! Every event that the program stores is what its published schema says, read by a reader of schemas that is not ours.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::{Date, date};
use jsonschema::Validator;
use ops::business::Business;
use ops::cli::Global;
use ops::desk::Desk;
use ops::rules::RuleSet;
use ops::story::{Story, shipped, tell};
use schemas::events::TYPES;
use schemas::upcast::STEPS;
use serde_json::Value;

/// After the last day of every story.
const UNTIL: Date = date(2027, 1, 6);

/// A folder of the `schemas` crate.
fn folder(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas").join(name)
}

/// The committed schema of a type of event, with formats such as dates checked.
fn validator(type_name: &str) -> Validator {
    let text = std::fs::read_to_string(folder("events").join(format!("{type_name}.json"))).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap()
}

/// The messages of a ledger on which the stories were told under a rulebook.
fn told(rulebook: &str, stories: &[Story]) -> Vec<Value> {
    let global = Global {
        store: "sqlite:unused.db".parse().unwrap(),
        home: None,
        server: Default::default(),
        format: None,
        packs: Some(folder("packs")),
        log_key: None,
    };
    let rules = RuleSet::find(&global, rulebook).unwrap();
    let place = tempfile::tempdir().unwrap();
    let mut desk = Desk::create(&place.path().join("told.db")).unwrap();
    let mut business = Business::open(&mut desk, &rules).unwrap();
    tell(stories, &mut business, UNTIL, |day, evening| assert_eq!(evening.problems, [], "{day}")).unwrap();
    let mut messages = Vec::new();
    desk.for_each_stored(|page| {
        messages.extend(page.iter().map(|stored| serde_json::from_slice::<Value>(&stored.bytes).unwrap()));
        Ok(())
    })
    .unwrap();
    messages
}

#[test]
fn every_event_stored_while_the_stories_are_told_is_what_its_published_schema_says() {
    let stories = shipped().unwrap();
    let guaranteed: Vec<Story> = stories.iter().filter(|story| story.expect.guaranteed.is_some()).cloned().collect();
    let mut validators: BTreeMap<String, Validator> = BTreeMap::new();
    let mut checked = 0;
    for (rulebook, stories) in [("current-law", &stories), ("current-law-guaranteed", &guaranteed)] {
        for message in told(rulebook, stories) {
            let type_name = message["type"].as_str().unwrap();
            assert_eq!(message["dataschema"], format!("urn:footing:schema:{type_name}"));
            let validator = validators.entry(type_name.into()).or_insert_with(|| validator(type_name));
            let wrong: Vec<String> = validator
                .iter_errors(&message["data"])
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "{}: {wrong:?}\n{}", message["id"], message["data"]);
            checked += 1;
        }
    }
    assert!(checked > 500 && validators.len() > 15, "{checked} events of {} types", validators.len());
}

#[test]
fn every_type_of_event_has_a_committed_schema_that_a_reader_takes_and_no_other_is_there() {
    let names = TYPES.iter().map(|kind| kind.name).chain(STEPS.iter().map(|older| older.from));
    let known: BTreeSet<String> = names.map(|name| format!("{name}.json")).collect();
    let files = std::fs::read_dir(folder("events")).unwrap();
    let committed: BTreeSet<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(committed, known);
    for name in TYPES.iter().map(|kind| kind.name).chain(STEPS.iter().map(|older| older.from)) {
        // Nothing passes for everything: a word is no payload.
        assert!(!validator(name).is_valid(&Value::from("a word")), "{name}");
    }
}

#[test]
fn a_reader_of_the_schemas_finds_what_is_wrong_with_a_payload() {
    let wage = serde_json::json!({
        "paid_on": "2026-06-30", "gross": "100.00", "tax": "0.00", "national_insurance": "0.00", "pension": "0.00", "frequency": "weekly",
    });
    let validator = validator("footing.earnings.reported.v1");
    assert!(validator.is_valid(&wage), "{:?}", validator.iter_errors(&wage).map(|e| e.to_string()).collect::<Vec<_>>());
    for (field, value) in [
        ("gross", "100.005"),
        ("gross", "-1.00"),
        ("paid_on", "2026-06-31"),
        ("frequency", "sometimes"),
        ("colour", "red"),
    ] {
        let mut other = wage.clone();
        other[field] = value.into();
        assert!(!validator.is_valid(&other), "{field} {value}");
    }
}
