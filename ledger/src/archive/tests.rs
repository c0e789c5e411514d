//! Archives written in any number of steps, cut off anywhere, changed anywhere, and read back.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use schemas::{CommandId, Digest, Subject};

use super::{ArchiveError, Archived, Archiver, Events, Finding, Manifest, check};
use crate::contract::{self, block_on};
use crate::log::{Checkpoint, Log, Places, SigningKey, VerifierKey};
use crate::moving::{Source as _, move_history};
use crate::store::{AppendError, Appended, Head, Message, ReadError, Store, Stored};
use crate::write::Ledger;
use crate::{MemoryStore, testing};

/// A full segment of these tests: three hundred and ten events make nineteen, and six events more.
const SHORT: Option<u64> = Some(16);

fn history() -> &'static MemoryStore {
    static MADE: LazyLock<MemoryStore> = LazyLock::new(|| {
        let store = MemoryStore::new();
        let mut ledger = Ledger::new(&store, testing::vault());
        assert!(block_on(ledger.submit_many(testing::history())).iter().all(Result::is_ok));
        store
    });
    &MADE
}

fn all(store: &MemoryStore) -> Vec<Stored> {
    block_on(store.read(1, 10_000)).unwrap()
}

/// The first messages of a history, as another store.
fn beginning(store: &MemoryStore, count: usize) -> MemoryStore {
    changed(store, |events| events.truncate(count))
}

/// A history with other bytes, whatever they are.
fn changed(store: &MemoryStore, change: impl FnOnce(&mut Vec<Stored>)) -> MemoryStore {
    let mut events = all(store);
    change(&mut events);
    let new = MemoryStore::new();
    let message = |(number, stored): (u32, &Stored)| {
        let text = String::from_utf8_lossy(&stored.bytes);
        Message { bytes: stored.bytes.clone(), ..contract::message(number, 0, &stored.subject, 10, &text) }
    };
    let messages: Vec<Message> = (1..).zip(&events).map(message).collect();
    for (after, part) in messages.chunks(1_000).enumerate() {
        block_on(new.append(part, after as u64 * 1_000, &[])).unwrap();
    }
    new
}

fn beside(folder: &Path) -> impl Fn(&str) -> PathBuf {
    let folder = folder.join("ledger");
    move |name| folder.with_extension(name)
}

fn add(folder: &Path, store: &MemoryStore) -> Result<Archived, ArchiveError> {
    let mut archiver = Archiver::open(&folder.join("archive"), SHORT)?;
    block_on(archiver.add(store, beside(folder), |_| {}))
}

fn archived(store: &MemoryStore) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), store).unwrap();
    folder
}

fn key() -> SigningKey {
    SigningKey::from_seed("footing.example/test", &[7; 32]).unwrap()
}

fn keys() -> [VerifierKey; 1] {
    [key().verifier()]
}

/// Signs what a store holds, beside the ledger.
fn sign(folder: &Path, store: &MemoryStore) -> Checkpoint {
    let at = beside(folder);
    let mut log = Log::new(Places { tiles: at("tiles"), checkpoints: at("checkpoints") }, keys().to_vec());
    fs::write(at("vkeys"), format!("{}\n", key().verifier())).unwrap();
    block_on(log.checkpoint(store, &[key()], |_| {})).unwrap().unwrap()
}

fn findings(folder: &Path) -> Vec<String> {
    let report = check(&folder.join("archive"), &keys(), Vec::new(), |_| {});
    report.unwrap().findings.iter().map(ToString::to_string).collect()
}

/// Every file of the archive that holds events or says which, and its content.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let archive = folder.join("archive");
    let segments = fs::read_dir(archive.join("segments")).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = segments.chain([archive.join("manifest.jsonl")]).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// The files of an archive of the whole history, in a folder of their own.
fn copy() -> tempfile::TempDir {
    static MADE: LazyLock<Vec<(PathBuf, Vec<u8>)>> = LazyLock::new(|| {
        let folder = archived(history());
        let archive = folder.path().to_path_buf();
        files(&archive)
            .into_iter()
            .map(|(path, content)| (path.strip_prefix(&archive).unwrap().into(), content))
            .collect()
    });
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("archive/segments")).unwrap();
    MADE.iter().for_each(|(path, content)| fs::write(folder.path().join(path), content).unwrap());
    folder
}

fn read_back(folder: &Path) -> MemoryStore {
    let store = MemoryStore::new();
    block_on(move_history(Events::open(&folder.join("archive")).unwrap(), &store, |_| {}, || Ok(()))).unwrap();
    store
}

#[test]
fn what_is_read_back_is_the_same_to_the_byte_and_the_root_is_that_of_the_checkpoint() {
    let store = history();
    let folder = tempfile::tempdir().unwrap();
    let signed = sign(folder.path(), store);
    assert_eq!(add(folder.path(), store).unwrap(), Archived { before: 0, events: 310 });
    let report = check(&folder.path().join("archive"), &keys(), Vec::new(), |_| {}).unwrap();
    assert_eq!(report.findings, []);
    assert_eq!((report.segments, report.events, report.checkpoints, report.signed), (20, 310, 1, 310));
    assert_eq!(report.root, Some(Digest(signed.head.root)));
    assert_eq!(all(&read_back(folder.path())), all(store));
    assert_eq!(add(folder.path(), store).unwrap(), Archived { before: 310, events: 310 }, "once more adds nothing");
}

proptest! {
    // Each step waits for the disk many times.
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn an_archive_that_grew_in_steps_is_the_one_made_at_once(mut steps in prop::collection::vec(0_usize..60, 0..5)) {
        let store = beginning(history(), 60);
        let (once, folder) = (archived(&store), tempfile::tempdir().unwrap());
        steps.sort_unstable();
        for step in steps {
            add(folder.path(), &beginning(&store, step)).unwrap();
            prop_assert!(findings(folder.path()).is_empty());
        }
        add(folder.path(), &store).unwrap();
        let contents = |folder: &Path| files(folder).into_iter().map(|(_, content)| content).collect::<Vec<_>>();
        prop_assert!(contents(folder.path()) == contents(once.path()));
    }
}

proptest! {
    #[test]
    fn a_byte_changed_in_any_file_is_found(file in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let folder = copy();
        let files = files(folder.path());
        let (path, content) = &files[file.index(files.len())];
        let mut changed = content.clone();
        changed[at.index(content.len())] ^= 1 << bit;
        fs::write(path, changed).unwrap();
        let checked = check(&folder.path().join("archive"), &keys(), Vec::new(), |_| {});
        prop_assert!(checked.is_err() || !checked.unwrap().findings.is_empty());
    }

    #[test]
    fn a_file_cut_off_anywhere_is_found(file in any::<prop::sample::Index>(), at in any::<prop::sample::Index>()) {
        let folder = copy();
        let files = files(folder.path());
        let (path, content) = &files[file.index(files.len())];
        fs::write(path, &content[..at.index(content.len())]).unwrap();
        let checked = check(&folder.path().join("archive"), &keys(), Vec::new(), |_| {});
        prop_assert!(checked.is_err() || !checked.unwrap().findings.is_empty());
    }

    /// The reader itself, for whoever has a file and no manifest: the compression's own check finds what its hash would.
    #[test]
    fn a_segment_cut_off_or_changed_anywhere_is_never_read_as_other_events(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let events: Vec<Stored> = all(history()).into_iter().take(20).collect();
        let file = super::segment::write(&events).unwrap();
        prop_assert_eq!(super::segment::read(&file, 1, 20), Ok(events.clone()));
        let at = at.index(file.len());
        prop_assert!(super::segment::read(&file[..at], 1, 20).is_err());
        let mut changed = file;
        changed[at] ^= 1 << bit;
        // Some bits of its header, such as the time, say nothing about the content.
        let read = super::segment::read(&changed, 1, 20);
        prop_assert!(read.is_err() || read == Ok(events));
    }
}

/// What a crash can leave: a segment that no manifest names yet, one that no manifest names any more, halves of files.
#[test]
fn a_step_cut_off_before_the_manifest_was_renamed_leaves_the_archive_it_was_and_is_done_again() {
    let store = history();
    let done = files(archived(store).path());
    let folder = archived(&beginning(store, 100));
    for (path, content) in &done {
        let name = path.file_name().unwrap();
        if name != "manifest.jsonl" {
            fs::write(folder.path().join("archive/segments").join(name), content).unwrap();
        }
    }
    fs::write(folder.path().join("archive/segments/000000000305-000000000310.jsonl.gz.new"), "half").unwrap();
    fs::write(folder.path().join("archive/manifest.jsonl.new"), "half").unwrap();
    assert_eq!(findings(folder.path()), [""; 0]);
    assert_eq!(add(folder.path(), store).unwrap(), Archived { before: 100, events: 310 });
    let contents = |files: Vec<(PathBuf, Vec<u8>)>| files.into_iter().map(|(_, content)| content).collect::<Vec<_>>();
    assert!(contents(files(folder.path())) == contents(done));
}

#[test]
fn a_stream_that_is_another_or_ends_earlier_adds_nothing() {
    let store = history();
    let folder = archived(store);
    let before = files(folder.path());
    let cut = add(folder.path(), &beginning(store, 300)).unwrap_err();
    assert_eq!(cut.to_string(), "the stream ends at 300 and the archive holds 310 events: its end was cut off");
    let other = changed(store, |events| events.swap(307, 308));
    let refused = add(folder.path(), &other).unwrap_err();
    assert!(matches!(refused, ArchiveError::OtherHistory { sequence: 308 }), "{refused}");
    assert_eq!(files(folder.path()), before);
}

#[test]
fn what_is_no_event_ends_the_archive_before_it_and_is_named() {
    let other = changed(history(), |events| events[40].bytes = b"to whom it may concern".to_vec());
    let folder = tempfile::tempdir().unwrap();
    let refused = add(folder.path(), &other).unwrap_err();
    assert!(refused.to_string().starts_with("the event at sequence 41 cannot be archived: "), "{refused}");
    assert_eq!(all(&read_back(folder.path())), all(history())[..40]);
    let moved = changed(history(), |events| events[40].subject = events[39].subject.clone());
    let refused = add(tempfile::tempdir().unwrap().path(), &moved).unwrap_err();
    assert!(refused.to_string().contains("the event at sequence 41 cannot be archived: it stands on "), "{refused}");
}

/// A store that cannot be read from a sequence on, the first time.
struct Stumbling(MemoryStore, u64, AtomicBool);

impl Store for Stumbling {
    async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        self.0.append(events, after, reads).await
    }
    async fn head(&self) -> Result<Head, ReadError> {
        self.0.head().await
    }
    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        if from >= self.1 && !self.2.swap(true, Ordering::Relaxed) {
            return Err(ReadError::Storage { source: "nobody answers".into() });
        }
        self.0.read(from, limit).await
    }
    async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.0.read_subject(subject, from, limit).await
    }
    async fn find_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
        self.0.find_commands(ids).await
    }
}

#[test]
fn an_archiver_that_could_not_read_on_or_not_write_adds_every_event_once_when_it_is_asked_again() {
    let store = MemoryStore::new();
    let answers = block_on(Ledger::new(&store, testing::vault()).submit_many(testing::couples(400)));
    assert!(answers.iter().all(Result::is_ok));
    let (once, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let open = |folder: &Path| Archiver::open(&folder.join("archive"), Some(4_096)).unwrap();
    block_on(open(once.path()).add(&store, beside(once.path()), |_| {})).unwrap();
    let events = all(&store).len() as u64;
    assert!((1_001..4_096).contains(&events), "{events}: it stumbles on the second page, and no segment is full");
    let stumbling = Stumbling(store, 1_001, AtomicBool::new(false));
    let mut archiver = open(folder.path());
    let mut add = || block_on(archiver.add(&stumbling, beside(folder.path()), |_| {}));
    assert!(matches!(add(), Err(ArchiveError::Read(_))));
    let in_the_way = folder.path().join("archive/manifest.jsonl.new");
    fs::create_dir(&in_the_way).unwrap();
    assert!(matches!(add(), Err(ArchiveError::Io { .. })));
    fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(add().unwrap(), Archived { before: 0, events });
    let contents = |folder: &Path| files(folder).into_iter().map(|(_, content)| content).collect::<Vec<_>>();
    assert!(contents(folder.path()) == contents(once.path()));
}

/// Somebody who edits a segment and everything that the manifest says of it.
#[test]
fn an_edited_segment_with_its_hashes_in_the_manifest_is_found_by_links_and_by_checkpoints() {
    let store = history();
    let other = changed(store, |events| {
        let text = String::from_utf8(events[49].bytes.clone()).unwrap();
        events[49].bytes = text.replacen("\"actor\":\"", "\"actor\":\"x", 1).into_bytes();
    });
    let folder = archived(&other);
    assert_eq!(findings(folder.path()).len(), 1, "the event after it on its subject");
    assert!(findings(folder.path())[0].contains("does not follow the message before it on its subject"));
    // Of a last event on its subject, only what was signed says anything.
    let last = changed(store, |events| {
        let text = String::from_utf8(events[309].bytes.clone()).unwrap();
        events[309].bytes = text.replacen("\"actor\":\"", "\"actor\":\"x", 1).into_bytes();
    });
    let folder = archived(&last);
    assert_eq!(findings(folder.path()), [""; 0]);
    let signed = sign(tempfile::tempdir().unwrap().path(), store);
    let report = check(&folder.path().join("archive"), &keys(), vec![signed], |_| {}).unwrap();
    assert_eq!(
        report.findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["sequences 1 to 310: are not the events that the checkpoint over 310 was signed over"]
    );
}

#[test]
fn every_lost_segment_is_named_and_the_rest_is_still_looked_at() {
    let store = history();
    let folder = tempfile::tempdir().unwrap();
    sign(folder.path(), store);
    add(folder.path(), store).unwrap();
    let segments = folder.path().join("archive/segments");
    fs::remove_file(segments.join("000000000033-000000000048.jsonl.gz")).unwrap();
    let damaged = segments.join("000000000129-000000000144.jsonl.gz");
    let half = fs::read(&damaged).unwrap();
    fs::write(&damaged, &half[..half.len() / 2]).unwrap();
    let found = findings(folder.path());
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[0], "segment segments/000000000033-000000000048.jsonl.gz, events 33 to 48: the file is missing");
    assert!(found[1].contains("events 129 to 144: the file is not the one that was archived"), "{}", found[1]);
    assert!(found[2].starts_with("sequence 33: is missing or cannot be read"), "{}", found[2]);
    let mut events = Events::open(&folder.path().join("archive")).unwrap();
    assert_eq!(block_on(events.next()).unwrap().len() + block_on(events.next()).unwrap().len(), 32);
    assert!(block_on(events.next()).is_err());
}

#[test]
fn an_archive_that_ends_before_a_checkpoint_says_which_events_are_missing() {
    let store = history();
    let folder = archived(&beginning(store, 200));
    let signed = sign(folder.path(), store);
    let report = check(&folder.path().join("archive"), &keys(), vec![signed], |_| {}).unwrap();
    let said: Vec<String> = report.findings.iter().map(Finding::to_string).collect();
    assert_eq!(said, ["the stream ends at 200 and a checkpoint was signed over 310 events: its end was cut off"]);
}

#[test]
fn checkpoints_are_taken_as_far_as_their_events_are_archived_and_never_exchanged() {
    let store = history();
    let folder = tempfile::tempdir().unwrap();
    sign(folder.path(), &beginning(store, 100));
    let first = fs::read(beside(folder.path())("checkpoints")).unwrap();
    sign(folder.path(), store);
    add(folder.path(), &beginning(store, 200)).unwrap();
    let kept = folder.path().join("archive/checkpoints");
    assert_eq!(fs::read(&kept).unwrap(), first, "the one over 310 events waits for them");
    add(folder.path(), store).unwrap();
    assert_eq!(fs::read(&kept).unwrap(), fs::read(beside(folder.path())("checkpoints")).unwrap());
    fs::write(beside(folder.path())("checkpoints"), &first).unwrap();
    let refused = add(folder.path(), store).unwrap_err();
    assert!(refused.to_string().contains("does not go on from the checkpoints in the archive"), "{refused}");
    assert_eq!(findings(folder.path()), [""; 0]);
}

#[test]
fn a_folder_has_one_writer_one_length_and_nothing_else_in_it() {
    let store = history();
    let folder = archived(store);
    let archive = folder.path().join("archive");
    let held = Archiver::open(&archive, None).unwrap();
    assert!(matches!(Archiver::open(&archive, None), Err(ArchiveError::Busy { .. })));
    drop(held);
    assert!(matches!(Archiver::open(&archive, Some(32)), Err(ArchiveError::OtherLength { begun: 16 })));
    let letters = folder.path().join("letters");
    fs::create_dir(&letters).unwrap();
    fs::write(letters.join("letter.txt"), "dear").unwrap();
    for refused in [Archiver::open(&letters, None).map(drop), Events::open(&letters).map(drop)] {
        assert!(matches!(refused, Err(ArchiveError::NotAnArchive { .. })), "{refused:?}");
    }
    assert!(matches!(Archiver::open(&folder.path().join("odd"), Some(10)), Err(ArchiveError::NoLength { asked: 10 })));
    assert!(!folder.path().join("odd").exists());
}

#[test]
fn a_manifest_whose_lines_do_not_follow_one_another_is_refused_at_its_line() {
    let folder = archived(history());
    let text = fs::read_to_string(folder.path().join("archive/manifest.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without = |gone: usize| {
        let left = lines.iter().enumerate().filter(|(at, _)| *at != gone);
        left.map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    for (text, said) in [
        (String::new(), "line 1: there is nothing in it"),
        (without(0), "line 1: "),
        (without(3), "line 4: events 49 to 64 do not follow 32"),
        (without(20), "line 1: it says 310 events, and the lines after it come to 304"),
        (text.replace("\"v\":1", "\"v\":2"), "line 1: it is not version 1 of a footing archive"),
        (text.replacen("{\"first\"", "{ \"first\"", 1), "line 2: it is not written as it was"),
    ] {
        let error = Manifest::read(&text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("manifest.jsonl, {said}")), "{error}");
    }
}
