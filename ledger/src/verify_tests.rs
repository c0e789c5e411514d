//! Streams that were tampered with, and what is found.

use std::path::Path;

use proptest::prelude::*;
use rusqlite::Connection;
use schemas::envelope::Envelope;

use crate::contract::block_on;
use crate::store::{Message, Store, Stored};
use crate::testing::{history, vault};
use crate::verify::{sealed_in, verify};
use crate::{EmbeddedStore, Ledger, MemoryStore, Problem, Report, Vault};

fn fill<S: Store>(store: S, vault: Vault) -> Ledger<S> {
    let mut ledger = Ledger::new(store, vault);
    assert!(block_on(ledger.submit_many(history())).iter().all(Result::is_ok));
    ledger
}

fn report(store: &impl Store, vault: Option<&Vault>) -> Report {
    block_on(verify(store, vault, |_| ())).unwrap()
}

fn stream(store: &impl Store) -> Vec<Stored> {
    block_on(store.read(1, usize::MAX)).unwrap()
}

/// A file with a history, after these changes by somebody with stock tools.
fn tampered(sql: &str) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("footing.db");
    fill(EmbeddedStore::open(&path).unwrap(), vault());
    let tool = Connection::open(&path).unwrap();
    tool.execute_batch("DROP TRIGGER events_are_never_changed; DROP TRIGGER events_are_never_deleted;").unwrap();
    tool.execute_batch("DROP TRIGGER events_are_numbered_without_a_gap;").unwrap();
    tool.execute_batch(sql).unwrap();
    report(&EmbeddedStore::open(&path).unwrap(), None)
}

#[test]
fn a_whole_stream_has_no_findings() {
    let ledger = fill(MemoryStore::new(), vault());
    let found = report(ledger.store(), Some(ledger.vault()));
    assert_eq!(found, Report { events: 310, subjects: 20, erased: 0, elsewhere: 0, findings: vec![] });
}

#[test]
fn a_missing_message_is_a_gap_that_names_its_place() {
    let found = tampered("DELETE FROM events WHERE sequence = 7");
    let gap = &found.findings[0];
    assert_eq!((gap.sequence, &gap.problem), (8, &Problem::Gap { expected: 7 }));
    assert_eq!(found.events, 309);
}

#[test]
fn a_message_kept_under_another_name_or_subject_is_found() {
    let found = tampered("UPDATE events SET id = '01939c2e-0000-7000-8000-000000000001.0' WHERE sequence = 7");
    assert_eq!((found.findings[0].sequence, &found.findings[0].problem), (7, &Problem::NotItsOwnId));
    let moved = "UPDATE events SET subject = (SELECT subject FROM events WHERE sequence = 1) WHERE sequence = 2";
    let found = tampered(moved);
    assert!(matches!(found.findings[0].problem, Problem::Misfiled { .. }));
    assert!(
        found.findings[0].to_string().starts_with("sequence 2, event 00000000-0000-0000-0000-000000000002.0: stands")
    );
}

#[test]
fn bytes_that_no_longer_have_their_hash_are_found_and_the_rest_is_still_looked_at() {
    let found = tampered("UPDATE events SET bytes = CAST('{}' AS BLOB) WHERE sequence IN (7, 300)");
    let unreadable = found.findings.iter().filter(|f| matches!(f.problem, Problem::Unreadable { .. }));
    assert_eq!(unreadable.map(|f| f.sequence).collect::<Vec<_>>(), [7, 300]);
    assert_eq!(found.events, 310);
}

fn overwrite(path: &Path, file: &[u8], at: usize, byte: u8) {
    let mut changed = file.to_vec();
    changed[at] = byte;
    std::fs::write(path, changed).unwrap();
}

/// Every byte of the first and of the last event on the disk, changed by one bit.
#[test]
fn a_bit_that_flipped_in_a_stored_event_is_found_wherever_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("footing.db");
    let ledger = fill(EmbeddedStore::open(&path).unwrap(), vault());
    let events = stream(ledger.store());
    drop(ledger);
    Connection::open(&path).unwrap().query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).unwrap();
    let file = std::fs::read(&path).unwrap();
    for event in [&events[0], &events[309]] {
        let start = file.windows(event.bytes.len()).position(|window| window == event.bytes).unwrap();
        for offset in 0..event.bytes.len() {
            overwrite(&path, &file, start + offset, file[start + offset] ^ 1);
            let store = EmbeddedStore::open(&path).unwrap();
            let read = block_on(store.read(event.sequence, 1)).unwrap_err();
            assert!(read.to_string().contains(&format!("sequence {} is damaged", event.sequence)), "{read}");
            if offset % 64 == 0 {
                let found = report(&store, None).findings;
                assert!(found.iter().any(|finding| finding.sequence == event.sequence), "byte {offset}");
            }
        }
    }
    overwrite(&path, &file, 0, file[0]);
    assert_eq!(report(&EmbeddedStore::open(&path).unwrap(), None).findings, []);
}

/// The same stream in another store, after a change to its messages.
fn rebuilt(change: impl FnOnce(&mut Vec<Message>)) -> Report {
    let ledger = fill(MemoryStore::new(), vault());
    let mut messages: Vec<Message> = stream(ledger.store())
        .into_iter()
        .map(|stored| {
            let envelope = Envelope::from_bytes(&stored.bytes).unwrap();
            let type_name = envelope.event.type_name().into();
            Message { subject: stored.subject, id: envelope.id, type_name, time: envelope.time, bytes: stored.bytes }
        })
        .collect();
    change(&mut messages);
    let store = MemoryStore::new();
    block_on(store.append(&messages, 0, &[])).unwrap();
    report(&store, None)
}

#[test]
fn messages_that_were_taken_out_or_exchanged_break_the_links() {
    assert_eq!(rebuilt(|_| ()).findings, []);
    let broken = |report: &Report| report.findings.iter().any(|finding| finding.problem == Problem::BrokenLink);
    assert!(broken(&rebuilt(|messages| drop(messages.remove(20)))));
    assert!(broken(&rebuilt(|messages| messages.swap(50, 60))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Even where the store keeps no hash: the next message on the subject gives the change away.
    #[test]
    fn a_change_to_any_message_but_the_last_of_its_subject_is_found(place in 0..250usize, at in 0..400usize, bit in 0..7u8) {
        let found = rebuilt(|messages| {
            messages[place].bytes[at] ^= 1 << bit;
        });
        prop_assert!(!found.findings.is_empty());
    }
}

#[test]
fn a_text_that_was_erased_is_no_finding_and_one_that_was_changed_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault");
    let ledger = fill(MemoryStore::new(), Vault::open(&path, Box::new(|| [3; 32])).unwrap());
    let name = sealed_in(&stream(ledger.store())[0].bytes).remove(0);
    ledger.vault().erase(&name).unwrap();
    let found = report(ledger.store(), Some(ledger.vault()));
    assert_eq!((found.erased, found.findings.len()), (1, 0));
    Connection::open(&path).unwrap().execute("UPDATE texts SET text = 'Eve' WHERE text = 'Ada'", []).unwrap();
    let found = report(ledger.store(), Some(ledger.vault()));
    // Ten people were called Ada; one name is erased.
    assert_eq!(found.findings.len(), 9);
    assert!(found.findings.iter().all(|finding| matches!(finding.problem, Problem::SealBroken(_))));
    let strange = report(ledger.store(), Some(&vault()));
    assert!(strange.findings.iter().all(|finding| matches!(finding.problem, Problem::TextMissing(_))));
}
