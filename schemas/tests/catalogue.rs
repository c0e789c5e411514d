//! What was published stays what it was: schemas and stored bytes.

use std::collections::BTreeSet;
use std::path::Path;

use schemas::Envelope;
use schemas::events::TYPES;
use schemas::upcast::STEPS;

/// To publish a new type: run with `FOOTING_PUBLISH=1` once, which writes schemas that are missing and changes none.
#[test]
fn the_committed_schema_of_every_event_is_that_of_its_type() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    for event in TYPES {
        let mut schema = (event.schema)();
        schema.insert("$id".into(), format!("urn:footing:schema:{}", event.name).into());
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        let path = folder.join(format!("{}.json", event.name));
        if !path.exists() && std::env::var_os("FOOTING_PUBLISH").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let published =
            std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} has no published schema", event.name));
        assert_eq!(published, text, "{} changed after it was published: add a new version", event.name);
    }
    let published: BTreeSet<String> =
        std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let known = TYPES.iter().map(|current| current.name).chain(STEPS.iter().map(|step| step.from));
    assert_eq!(published, known.map(|name| format!("{name}.json")).collect(), "a published schema has lost its type");
}

#[test]
fn every_golden_message_is_still_read_and_one_of_a_current_type_written_byte_for_byte() {
    let golden = include_str!("golden/events.ndjson");
    let mut seen = BTreeSet::new();
    for line in golden.lines() {
        let envelope = Envelope::from_bytes(line.as_bytes()).unwrap_or_else(|e| panic!("{e}: {line}"));
        match STEPS.iter().find(|step| line.contains(&format!("\"type\":\"{}\"", step.from))) {
            Some(older) => assert!(seen.insert(older.from), "{} twice", older.from),
            None => {
                assert_eq!(String::from_utf8(envelope.to_bytes().unwrap()).unwrap(), line);
                seen.insert(envelope.event.type_name());
            }
        }
    }
    let all: BTreeSet<_> = TYPES.iter().map(|t| t.name).chain(STEPS.iter().map(|step| step.from)).collect();
    assert_eq!(seen, all, "every version of every type has a golden message");
}
