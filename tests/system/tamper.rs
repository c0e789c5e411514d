//! Records changed behind the ledger's back: `verify` names the event, and nothing is computed from a stream with a
//! hole in it.
//!
//! What no check of the file alone can find, because whoever can write the file can write all of it:
//! - the last event of a line of history rewritten together with its hash (nothing follows that is linked to it),
//! - events cut off at the end, with the stored views,
//! - neighbours of different lines of history, recorded at the same moment, that changed places,
//! - the whole file written anew from some event on, every hash and link recomputed.
//!
//! Against these stand checkpoints kept outside (a signed tree head, or an export at a bank or with an auditor), and as
//! long as nobody thought of them, the stored views. A decision is better off: it is recomputed from its facts.

use rusqlite::{Connection, params};
use schemas::Digest;
use serde_json::Value;

use crate::history::{history, who};
use crate::program::Place;

/// An open ledger file without its guards: what somebody does who means to deceive.
fn unguarded(place: &Place) -> Connection {
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
fn bytes(file: &Connection, sequence: i64) -> Vec<u8> {
    file.query_row("SELECT bytes FROM events WHERE sequence = ?1", [sequence], |row| row.get(0)).unwrap()
}

fn event_id(bytes: &[u8]) -> String {
    serde_json::from_slice::<Value>(bytes).unwrap()["id"].as_str().unwrap().to_string()
}

/// Stores other bytes with their own hash.
fn rewrite(file: &Connection, sequence: i64, bytes: &[u8]) {
    let row = params![sequence, bytes, Digest::of(bytes).0];
    assert_eq!(file.execute("UPDATE events SET bytes = ?2, sha256 = ?3 WHERE sequence = ?1", row), Ok(1));
}

/// Sequences of the events of a type.
fn sequences(file: &Connection, type_name: &str) -> Vec<i64> {
    let mut statement = file.prepare("SELECT sequence FROM events WHERE type = ?1 ORDER BY sequence").unwrap();
    statement.query_map([type_name], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// `verify` ends with 1 and says these words.
#[track_caller]
fn found(place: &Place, words: &str) {
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
fn probe() {
    let whole = ledger();
    whole.run(&["status"]).good();
    let show = |what: &str, place: &Place| {
        for arguments in [&["verify"][..], &["run", "--until", "2026-08-31"], &["floor", &who(0, "")], &["history", &who(0, "")], &["status"]] {
            let ran = place.run(arguments);
            println!("{what} {arguments:?}: {} {} {}", ran.code, ran.out.chars().take(600).collect::<String>(), ran.err);
        }
    };
    let views = |place: &Place| { place.run(&["status"]).good(); };
    let person = format!("benefit.person.{}", who(0, ""));
    let at: Vec<i64> = { let r = whole.reader(); let mut s = r.prepare("SELECT sequence FROM events WHERE subject = ?1 ORDER BY sequence").unwrap();
        s.query_map([&person], |row| row.get(0)).unwrap().map(Result::unwrap).collect() };
    for with_views in [false, true] {
        let place = whole.twin();
        if with_views { views(&place); }
        let file = unguarded(&place);
        file.execute("DELETE FROM events WHERE sequence = ?1", [at[3]]).unwrap();
        drop(file);
        show(&format!("deleted, views {with_views}"), &place);
        let place = whole.twin();
        if with_views { views(&place); }
        let file = unguarded(&place);
        file.execute_batch("DELETE FROM events WHERE sequence > (SELECT max(sequence) FROM events) - 10").unwrap();
        drop(file);
        show(&format!("tail, views {with_views}"), &place);
        for part in [0, 50, 5000, whole.size("footing.db") / 2] {
            let place = whole.twin();
            if with_views { views(&place); }
            std::fs::OpenOptions::new().write(true).open(place.path("footing.db")).unwrap().set_len(part).unwrap();
            show(&format!("truncated {part}, views {with_views}"), &place);
        }
    }
}
