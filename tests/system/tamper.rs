//! Records changed behind the ledger's back: `verify` names the event, and nothing is computed from a stream with a
//! hole in it.
//!
//! What no check of the file alone can find, because whoever can write the file can write all of it:
//! - the last event of a line of history rewritten together with its hash (nothing follows that is linked to it),
//! - events cut off at the end, with the stored views,
//! - neighbours of different lines of history, recorded at the same moment, that changed places,
//! - the whole file written anew from some event on, every hash and link recomputed.
//!
//! Against these stand signed checkpoints (`log.rs` beside this), which somebody else has to keep where one person can write
//! everything; and as long as nobody thought of them, the stored views. A decision is better off: it is recomputed from its
//! facts.

use rusqlite::{Connection, params};
use schemas::Digest;
use serde_json::Value;

use crate::history::{draw, history, who};
use crate::program::Place;

/// An open ledger file without its guards: what somebody does who means to deceive.
pub fn unguarded(place: &Place) -> Connection {
    let file = Connection::open(place.path("footing.db")).unwrap();
    let guards = "DROP TRIGGER events_are_never_changed; DROP TRIGGER events_are_never_deleted;
                  DROP TRIGGER events_are_numbered_without_a_gap;";
    file.execute_batch(guards).unwrap();
    file
}

/// A ledger of some people who were paid.
fn ledger() -> Place {
    let place = Place::with(&history(12));
    place.run(&["run", "--until", "2026-08-10"]).good();
    place
}

/// The stored bytes of an event.
pub fn bytes(file: &Connection, sequence: i64) -> Vec<u8> {
    file.query_row("SELECT bytes FROM events WHERE sequence = ?1", [sequence], |row| row.get(0)).unwrap()
}

pub fn event_id(bytes: &[u8]) -> String {
    serde_json::from_slice::<Value>(bytes).unwrap()["id"].as_str().unwrap().to_string()
}

/// Stores other bytes with their own hash.
pub fn rewrite(file: &Connection, sequence: i64, bytes: &[u8]) {
    let row = params![sequence, bytes, Digest::of(bytes).0];
    assert_eq!(file.execute("UPDATE events SET bytes = ?2, sha256 = ?3 WHERE sequence = ?1", row), Ok(1));
}

/// Sequences of the events of a type.
fn sequences(file: &Connection, type_name: &str) -> Vec<i64> {
    let mut statement = file.prepare("SELECT sequence FROM events WHERE type = ?1 ORDER BY sequence").unwrap();
    statement.query_map([type_name], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Sequences of the events of a subject.
fn on_subject(file: &Connection, subject: &str) -> Vec<i64> {
    let mut statement = file.prepare("SELECT sequence FROM events WHERE subject = ?1 ORDER BY sequence").unwrap();
    statement.query_map([subject], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn subject(file: &Connection, sequence: i64) -> String {
    file.query_row("SELECT subject FROM events WHERE sequence = ?1", [sequence], |row| row.get(0)).unwrap()
}

/// `verify` ends with 1 and says these words.
#[track_caller]
pub fn found(place: &Place, words: &str) {
    let ran = place.run(&["verify"]);
    assert!(ran.code == 1 && ran.out.contains(words), "`{words}` is not in {ran:?}");
}

#[test]
fn one_changed_byte_of_any_event_is_found_and_named() {
    let whole = ledger();
    let last: i64 = whole.reader().query_row("SELECT max(sequence) FROM events", [], |row| row.get(0)).unwrap();
    // Spread over the stream, the first and the last event among them, and over the bytes of an event.
    for (number, sequence) in [1, last / 5, last / 3, last / 2, last - 1, last].into_iter().enumerate() {
        let place = whole.twin();
        let file = unguarded(&place);
        let mut changed = bytes(&file, sequence);
        let at = (changed.len() - 1) * number / 5;
        changed[at] ^= 1;
        let row = params![sequence, changed];
        assert_eq!(file.execute("UPDATE events SET bytes = ?2 WHERE sequence = ?1", row), Ok(1));
        drop(file);
        found(&place, &format!("sequence {sequence}: cannot be read: its bytes are not those that were stored"));
    }
}

#[test]
fn an_event_rewritten_with_its_own_hash_is_found_by_the_one_that_follows_it_on_its_subject() {
    let place = ledger();
    let file = unguarded(&place);
    // A wage made smaller; the next week's wage is linked to what it was.
    let wage = sequences(&file, "footing.earnings.reported.v1")[0];
    let (old, subject) = (String::from_utf8(bytes(&file, wage)).unwrap(), subject(&file, wage));
    rewrite(&file, wage, old.replace("\"gross\":\"", "\"gross\":\"1").as_bytes());
    let next = on_subject(&file, &subject).into_iter().find(|sequence| *sequence > wage).unwrap();
    let id = event_id(&bytes(&file, next));
    drop(file);
    found(&place, &format!("sequence {next}, event {id}: does not follow the message before it on its subject"));
    let person = subject.strip_prefix("benefit.person.").unwrap();
    for arguments in [&["floor", person][..], &["history", person]] {
        place.run(arguments).refused(3, &format!("sequence {next}, event {id}: does not follow the message before it"));
    }
}

#[test]
fn a_removed_event_is_found_and_nothing_is_computed_from_what_is_left() {
    let whole = ledger();
    let person = who(0, "");
    let places = on_subject(&whole.reader(), &format!("benefit.person.{person}"));
    // One in the middle of the person's line, and the last one, which no other is linked to.
    for gone in [places[3], places[places.len() - 1]] {
        for with_views in [false, true] {
            let place = whole.twin();
            if with_views {
                place.run(&["status"]).good();
            }
            let file = unguarded(&place);
            assert_eq!(file.execute("DELETE FROM events WHERE sequence = ?1", [gone]), Ok(1));
            drop(file);
            found(
                &place,
                &format!("sequence {}: messages are missing before it: {gone} should have come next", gone + 1),
            );
            for arguments in [
                &["floor", &person][..],
                &["history", &person],
                &["run", "--until", "2026-08-31"],
                &["status"],
                &["export"],
            ] {
                let ran = place.run(arguments);
                assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{gone} {with_views} {arguments:?}: {}", ran.err);
            }
        }
    }
}

#[test]
fn two_events_of_one_line_that_changed_places_are_found() {
    let place = ledger();
    let file = unguarded(&place);
    let places = on_subject(&file, &format!("benefit.person.{}", who(0, "")));
    let (one, other) = (places[2], places[3]);
    for (from, to) in [(one, -1), (other, one), (-1, other)] {
        file.execute("UPDATE events SET sequence = ?2 WHERE sequence = ?1", [from, to]).unwrap();
    }
    let id = event_id(&bytes(&file, one));
    drop(file);
    found(&place, &format!("sequence {one}, event {id}: does not follow the message before it on its subject"));
}

#[test]
fn without_a_key_an_end_that_was_cut_off_is_found_as_long_as_the_views_remember_it() {
    let place = Place::bare();
    place.run(&["init", "--no-key"]).good();
    place.write("history.ndjson", history(12));
    place.run(&["import", "history.ndjson"]).good();
    place.run(&["status"]).good();
    let file = unguarded(&place);
    let last: i64 = file.query_row("SELECT max(sequence) FROM events", [], |row| row.get(0)).unwrap();
    file.execute("DELETE FROM events WHERE sequence > ?1", [last - 10]).unwrap();
    drop(file);
    let words =
        format!("the stream ends at {} and the stored views know {last} events: its end was cut off", last - 10);
    found(&place, &words);
    let person = who(0, "");
    for arguments in [&["floor", &person][..], &["history", &person], &["run", "--until", "2026-08-31"], &["status"]] {
        place.run(arguments).refused(3, &words);
    }
    // Whoever runs it says that what is gone is given up.
    place.run(&["rebuild"]).good();
    place.is_whole();
}

#[test]
fn a_file_that_was_cut_short_is_no_ledger_any_more() {
    let whole = ledger();
    for part in [0, 50, 5_000, whole.size("footing.db") / 2] {
        let place = whole.twin();
        let file = std::fs::OpenOptions::new().write(true).open(place.path("footing.db")).unwrap();
        file.set_len(part).unwrap();
        drop(file);
        for arguments in [&["verify"][..], &["run", "--until", "2026-08-31"], &["floor", "--all"], &["export"]] {
            place.run(arguments).refused(3, "error: the ledger cannot be used: ");
        }
    }
}

#[test]
fn a_file_overwritten_with_something_else_is_no_ledger_any_more() {
    let place = ledger();
    place.write("footing.db", "to whom it may concern ".repeat(1_000));
    place.run(&["verify"]).refused(3, "is not a ledger: not an SQLite file");
    // Without the vault beside it nothing says that it ever was one: somebody named the wrong file.
    std::fs::remove_file(place.path("footing.db.vault")).unwrap();
    place.run(&["verify"]).refused(2, "is not a ledger: not an SQLite file");
}

#[test]
fn columns_and_indexes_that_do_not_fit_the_events_are_found() {
    let whole = ledger();
    let cases = [
        ("UPDATE events SET type = 'footing.person.died.v1' WHERE sequence = 7", "sequence 7: is kept as a "),
        (
            "UPDATE events SET time = '2020-01-01T00:00:00Z' WHERE sequence = 7",
            "sequence 7: is kept as recorded at 2020-01-01T00:00:00Z and says ",
        ),
        ("UPDATE events SET id = 'x' || id WHERE sequence = 7", "its id is not the id of exactly this message"),
        (
            "UPDATE events SET subject = (SELECT subject FROM events WHERE sequence = 1) WHERE sequence = 7",
            "sequence 7, event ",
        ),
    ];
    for (sql, words) in cases {
        let place = whole.twin();
        unguarded(&place).execute_batch(sql).unwrap();
        found(&place, words);
    }
    // An index that lost a row: the event is there and whoever asks by its subject does not get it.
    let place = whole.twin();
    let file = unguarded(&place);
    let hidden = "PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE INDEX events_by_subject ON events (subject, sequence) WHERE sequence <> 7' WHERE name = 'events_by_subject';
        PRAGMA writable_schema = RESET; REINDEX;
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE INDEX events_by_subject ON events (subject, sequence)' WHERE name = 'events_by_subject';";
    file.execute_batch(hidden).unwrap();
    drop(file);
    found(&place, "row 7 missing from index events_by_subject");
}

#[test]
fn a_byte_changed_anywhere_in_the_file_is_found_or_changes_no_event() {
    let whole = ledger();
    let (export, size) = (whole.export(), whole.size("footing.db"));
    let mut found = 0;
    let rounds = if std::env::var_os("FOOTING_LONG").is_some() { 1_000 } else { 24 };
    for round in 0..rounds {
        let place = whole.twin();
        let at = usize::try_from(draw(&format!("byte {round}"), size)).unwrap();
        let mut file = std::fs::read(place.path("footing.db")).unwrap();
        file[at] ^= 1 << (round % 8);
        place.write("footing.db", file);
        let ran = place.run(&["verify"]);
        match ran.code {
            0 => assert!(place.export() == export, "byte {at} was changed, events are others and nothing was found"),
            1 | 3 => found += 1,
            code => panic!("byte {at}: {code} {}", ran.err),
        }
    }
    assert!(found > rounds / 4, "{found} of {rounds}");
}

#[test]
fn a_decision_whose_award_was_changed_with_every_hash_after_it_comes_out_differently() {
    let place = ledger();
    let file = unguarded(&place);
    let decision = sequences(&file, "footing.assessment.determined.v1")[0];
    let old: Value = serde_json::from_slice(&bytes(&file, decision)).unwrap();
    let (id, award) = (old["id"].as_str().unwrap(), old["data"]["decision"]["award"].as_str().unwrap());
    let text = String::from_utf8(bytes(&file, decision)).unwrap();
    let other = text.replace(&format!("\"award\":\"{award}\""), "\"award\":\"1.00\"");
    assert_ne!(text, other);
    rewrite(&file, decision, other.as_bytes());
    // Everything after it on its subject is linked anew: the stream itself is whole.
    let mut before = Digest::of(text.as_bytes());
    let mut now = Digest::of(other.as_bytes());
    for sequence in on_subject(&file, &subject(&file, decision)).into_iter().filter(|sequence| *sequence > decision) {
        let text = String::from_utf8(bytes(&file, sequence)).unwrap();
        let linked = text.replace(&before.to_string(), &now.to_string());
        assert_ne!(text, linked);
        rewrite(&file, sequence, linked.as_bytes());
        (before, now) = (Digest::of(text.as_bytes()), Digest::of(linked.as_bytes()));
    }
    drop(file);
    found(&place, &format!("sequence {decision}, event {id}: award recorded as 1.00 and recomputed as {award}"));
    assert!(place.run(&["verify"]).out.contains("ok    links: "));
}

/// What a check of the file alone does not find; see the top of this file.
#[test]
fn before_anything_is_signed_a_last_event_rewritten_with_its_hash_is_found_by_the_stored_views_alone() {
    let whole = Place::with(&history(3)); // nobody was paid yet, and no checkpoint made
    for (with_views, code) in [(true, 1), (false, 0)] {
        let place = whole.twin();
        if with_views {
            place.run(&["status"]).good();
        }
        let file = unguarded(&place);
        // A person's last wage is nobody's predecessor.
        let wage = on_subject(&file, &format!("benefit.person.{}", who(2, ""))).pop().unwrap();
        assert!(sequences(&file, "footing.earnings.reported.v1").contains(&wage));
        let text = String::from_utf8(bytes(&file, wage)).unwrap();
        rewrite(&file, wage, text.replace("\"gross\":\"", "\"gross\":\"1").as_bytes());
        drop(file);
        let ran = place.run(&["verify"]);
        assert_eq!(ran.code, code, "{}", ran.out);
    }
}
