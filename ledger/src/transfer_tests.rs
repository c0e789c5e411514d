//! Import and export, whole and interrupted.

use std::io::{self, BufReader, Read};

use proptest::prelude::*;
use serde_json::Value;

use crate::contract::block_on;
use crate::store::{Store, Stored};
use crate::testing::{history, vault};
use crate::transfer::{export, import_commands, import_events, is_event};
use crate::vault::Vault;
use crate::{Command, EmbeddedStore, Ledger, MemoryStore, Progress, TransferError};

fn lines(commands: &[Command]) -> String {
    commands.iter().map(|command| command.to_json().unwrap() + "\n").collect()
}

fn import<S: Store>(ledger: &mut Ledger<S>, text: &[u8]) -> (Result<Progress, TransferError>, Vec<Value>) {
    let mut quarantine = Vec::new();
    let done = block_on(import_commands(ledger, text, &mut quarantine, |_| ()));
    (done, entries(&quarantine))
}

fn entries(quarantine: &[u8]) -> Vec<Value> {
    quarantine.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(|l| serde_json::from_slice(l).unwrap()).collect()
}

fn stream(store: &impl Store) -> Vec<Stored> {
    block_on(store.read(1, usize::MAX)).unwrap()
}

fn exported(store: &impl Store) -> String {
    let mut out = Vec::new();
    block_on(export(store, &mut out, |_| ())).unwrap();
    String::from_utf8(out).unwrap()
}

fn restore(store: &impl Store, text: &str) -> (Result<Progress, TransferError>, Vec<Value>) {
    let mut quarantine = Vec::new();
    let done = block_on(import_events(store, text.as_bytes(), &mut quarantine, |_| ()));
    (done, entries(&quarantine))
}

fn counts(progress: Progress) -> (u64, u64, u64) {
    (progress.new, progress.repeated, progress.quarantined)
}

const CLAIM: &str = r#"{"id":"00000000-0000-0000-0000-0000000000c1","actor":"a","time":"2026-06-15T12:00:00Z","effective_from":"2026-06-15","claim":"00000000-0000-0000-0000-000000000001","#;

/// A history, one more record, and what the quarantine must say of it.
#[track_caller]
fn check_quarantined(record: &str, field: &str, reason: &str) {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    let good = lines(&history()[..20]);
    let (done, quarantined) = import(&mut ledger, format!("{good}{record}\n").as_bytes());
    assert_eq!(counts(done.unwrap()), (20, 0, 1));
    let [entry] = quarantined.as_slice() else { panic!("{quarantined:?}") };
    assert_eq!((&entry["line"], &entry["record"]), (&21.into(), &record.into()));
    let (found, why) = (entry["field"].as_str().unwrap(), entry["reason"].as_str().unwrap());
    assert!(found == field && why.contains(reason), "{entry}");
    // Ten registrations, ten claims and the claimants' own events: nothing of the bad record.
    assert_eq!(stream(ledger.store()).len(), 30);
}

#[test]
fn each_bad_record_gets_one_error_with_its_line_and_field_and_nothing_of_it_is_written() {
    let fact = |fact: &str| format!(r#"{CLAIM}"do":"record_claim_fact","fact":{fact}}}"#);
    check_quarantined(&fact(r#"{"key":"colour","value":"red"}"#), "fact.key", "unknown variant `colour`");
    check_quarantined(&fact(r#"{"key":"rent","value":true}"#), "fact.value", "invalid type: boolean");
    check_quarantined(&fact(r#"{"key":"rent","value":"-1.00"}"#), "fact.value", "`-1.00` is negative");
    check_quarantined(&fact(r#"{"key":"rent","value":"1.005"}"#), "fact.value", "more than two decimals");
    check_quarantined(&fact(r#"{"key":"rent","value":1.005}"#), "fact.value", "more than two decimals");
    check_quarantined(&fact(r#"{"key":"cap_grace_until","value":"2026-02-30"}"#), "fact.value", "day");
    let no_such_day =
        fact(r#"{"key":"rent","value":"1.00"}"#).replace(r#""2026-06-15","claim"#, r#""2026-06-31","claim"#);
    check_quarantined(&no_such_day, "effective_from", "day");
    let no_such_claim = fact(r#"{"key":"rent","value":"1.00"}"#).replace("000000000001\"", "0000000000ff\"");
    check_quarantined(&no_such_claim, "do", "was never made");
    check_quarantined("{\"id\": 5", "line", "EOF while parsing");
}

#[test]
fn a_period_that_is_not_one_of_the_claims_is_named_with_the_nearest() {
    let decision = |first: &str, last: &str| {
        let pack = format!(r#"{{"name":"uk-universal-credit","version":"1","digest":"{}"}}"#, "0".repeat(64));
        format!(
            r#"{CLAIM}"do":"determine","decision":{{"period":{{"first":"{first}","last":"{last}"}},"pack":{pack},"engine":1,"facts_at":0,"outcome":"{}","award":"0.00","payment":"0.00","lines":[],"adults":[],"main_carer":"01939c2e-0000-7000-8000-000000000001","deducted":[],"amounts":[],"mode":"automated","authority":[]}}}}"#,
            "0".repeat(64)
        )
    };
    check_quarantined(&decision("2026-06-16", "2026-07-15"), "decision.period", "periods of an award from 2026-06-15");
    check_quarantined(&decision("2026-06-15", "2026-07-15"), "decision.period", "is not one assessment period");
}

#[test]
fn importing_again_adds_nothing_twice() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    let text = lines(&history());
    assert_eq!(counts(import(&mut ledger, text.as_bytes()).0.unwrap()), (300, 0, 0));
    let before = stream(ledger.store());
    assert_eq!(counts(import(&mut ledger, text.as_bytes()).0.unwrap()), (0, 300, 0));
    assert_eq!(stream(ledger.store()), before);
}

/// Reads so many bytes and fails, like a program that is killed there.
struct Breaks<'a>(&'a [u8], usize);

impl Read for Breaks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.1 == 0 {
            return Err(io::Error::other("killed"));
        }
        let most = self.1.min(buffer.len());
        let read = self.0.read(&mut buffer[..most])?;
        self.1 -= read;
        Ok(read)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn an_import_that_was_killed_at_any_moment_goes_on_to_the_same_stream(cuts in proptest::collection::vec(0..100_000usize, 1..4)) {
        let commands: Vec<Command> = (0..8).flat_map(|_| history()).enumerate().map(|(n, mut command)| {
            // Eight histories of other names: enough for several batches.
            command.id = crate::testing::command_id(n as u128 + 1);
            command
        }).collect();
        let text = lines(&commands);
        let mut whole = Ledger::new(MemoryStore::new(), vault());
        let mut broken = Ledger::new(MemoryStore::new(), vault());
        let (_, refused) = import(&mut whole, text.as_bytes());
        for cut in cuts {
            let file = BufReader::new(Breaks(text.as_bytes(), cut * 10 % text.len()));
            let stopped = block_on(import_commands(&mut broken, file, io::sink(), |_| ()));
            let killed = matches!(stopped, Err(TransferError::File { .. }));
            prop_assert!(killed);
        }
        let (done, refused_again) = import(&mut broken, text.as_bytes());
        prop_assert!(done.is_ok());
        prop_assert_eq!(refused, refused_again);
        // Salts are drawn in the order in which texts first come, which the interruptions do not change.
        prop_assert_eq!(stream(whole.store()), stream(broken.store()));
    }
}

#[test]
fn events_restored_into_an_empty_ledger_keep_bytes_names_order_and_time() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    import(&mut ledger, lines(&history()).as_bytes()).0.unwrap();
    let text = exported(ledger.store());
    assert!(text.lines().all(is_event) && !history().iter().any(|c| is_event(&c.to_json().unwrap())));
    let folder = tempfile::tempdir().unwrap();
    let other = EmbeddedStore::open(&folder.path().join("footing.db")).unwrap();
    let (done, quarantined) = restore(&other, &text);
    assert_eq!((counts(done.unwrap()), quarantined.len()), ((310, 0, 0), 0));
    assert_eq!(stream(&other), stream(ledger.store()));
    assert_eq!(counts(restore(&other, &text).0.unwrap()), (0, 310, 0));
    assert_eq!(exported(&other), text);
}

#[test]
fn a_restore_goes_on_where_it_stopped_and_never_into_another_history() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    import(&mut ledger, lines(&history()).as_bytes()).0.unwrap();
    let text = exported(ledger.store());
    let half: String = text.lines().take(100).map(|line| format!("{line}\n")).collect();
    let other = MemoryStore::new();
    assert_eq!(counts(restore(&other, &half).0.unwrap()), (100, 0, 0));
    assert_eq!(counts(restore(&other, &text).0.unwrap()), (210, 100, 0));
    assert_eq!(stream(&other), stream(ledger.store()));
    let elsewhere: String = text.lines().skip(1).map(|line| format!("{line}\n")).collect();
    assert!(matches!(restore(&other, &elsewhere).0, Err(TransferError::OtherHistory)));
}

#[test]
fn a_changed_event_goes_to_the_quarantine_with_what_follows_it_on_its_subject() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    let commands: Vec<Command> = history().into_iter().take(30).collect();
    import(&mut ledger, lines(&commands).as_bytes()).0.unwrap();
    let text = exported(ledger.store());
    let changed = text.replacen("\"birth_date\":\"1990-02-01\"", "\"birth_date\":\"1980-02-01\"", 1);
    let other = MemoryStore::new();
    let (done, quarantined) = restore(&other, &changed);
    // The first registration is taken as it is: it follows nothing. The second event of person 1 follows another one.
    let subject = stream(ledger.store())[0].subject.clone();
    let later = block_on(ledger.store().read_subject(&subject, 2, 100)).unwrap().len() as u64;
    assert!(later > 0);
    assert_eq!(counts(done.unwrap()), (40 - later, 0, later));
    assert!(quarantined.iter().all(|entry| entry["field"] == "prev"));
    let twice = format!("{text}{}", text.lines().next().unwrap().replace("1990", "1980"));
    let (done, quarantined) = restore(&MemoryStore::new(), &twice);
    assert_eq!((counts(done.unwrap()), &quarantined[0]["field"]), ((40, 0, 1), &"id".into()));
}

#[test]
fn what_is_no_text_or_earlier_than_the_line_before_is_quarantined_and_blank_lines_are_nothing() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    let commands = history();
    let early = lines(&commands[1..2]).replace("T12:", "T11:");
    let text = [lines(&commands[..1]).as_bytes(), b"\n\xff\xfe\n  \n", early.as_bytes()].concat();
    let (done, quarantined) = import(&mut ledger, &text);
    assert_eq!(counts(done.unwrap()), (1, 0, 2));
    let found: Vec<_> = quarantined.iter().map(|entry| (entry["line"].as_u64().unwrap(), &entry["field"])).collect();
    assert_eq!(found, [(3, &"line".into()), (5, &"time".into())]);
}

#[test]
fn an_import_into_a_file_is_there_when_the_file_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("footing.db");
    let open = || {
        let vault = Vault::open(&folder.path().join("footing.db.vault"), Box::new(|| [9; 32])).unwrap();
        Ledger::new(EmbeddedStore::open(&path).unwrap(), vault)
    };
    let text = lines(&history());
    let mut ledger = open();
    assert_eq!(counts(import(&mut ledger, text.as_bytes()).0.unwrap()), (300, 0, 0));
    drop(ledger);
    let mut ledger = open();
    assert_eq!(counts(import(&mut ledger, text.as_bytes()).0.unwrap()), (0, 300, 0));
    assert_eq!(stream(ledger.store()).len(), 310);
}
