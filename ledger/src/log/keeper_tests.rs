//! Keeping a log over a stream that grows, and over one that somebody changed.

use std::path::Path;

use super::audit::{Audit, Finding, audit};
use super::checkpoint::Checkpoint;
use super::keeper::{Log, LogError, Places};
use super::leaf::Leaf;
use super::note::{Note, Signature, SigningKey, VerifierKey, cosigned};
use super::proof::{Consistency, Inclusion, ProofError};
use super::tree::leaf_hash;
use crate::MemoryStore;
use crate::contract::{block_on, message, person};
use crate::store::{AppendError, Appended, Gap, Head, Message, ReadError, Store, Stored};
use schemas::Subject;

fn key(number: u8) -> SigningKey {
    SigningKey::from_seed("footing.example/test", &[number; 32]).unwrap()
}

fn places(folder: &Path) -> Places {
    Places { tiles: folder.join("tiles"), checkpoints: folder.join("checkpoints") }
}

fn log(folder: &Path) -> Log {
    Log::new(places(folder), vec![key(1).verifier(), key(2).verifier()])
}

/// Adds so many messages.
fn grow(store: &MemoryStore, count: u32) {
    let head = block_on(store.head()).unwrap().sequence;
    let first = u32::try_from(head).unwrap() + 1;
    let messages: Vec<Message> =
        (first..first + count).map(|n| message(n, 0, &person(n % 7), 10, &format!("message {n}"))).collect();
    block_on(store.append(&messages, head, &[])).unwrap();
}

/// A stream of which somebody changed or cut off something.
struct Tampered<'a> {
    store: &'a MemoryStore,
    ends_at: u64,
    changed: Option<u64>,
}

impl Store for Tampered<'_> {
    async fn append(&self, _: &[Message], _: u64, _: &[Subject]) -> Result<Appended, AppendError> {
        Err(AppendError::Empty)
    }
    async fn head(&self) -> Result<Head, ReadError> {
        Ok(Head { sequence: self.ends_at, ..self.store.head().await? })
    }
    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        let mut read = self.store.read(from, limit).await?;
        read.retain(|stored| stored.sequence <= self.ends_at);
        for stored in read.iter_mut().filter(|stored| Some(stored.sequence) == self.changed) {
            stored.bytes.push(b'!');
        }
        Ok(read)
    }
    async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.store.read_subject(subject, from, limit).await
    }
    async fn find_commands(&self, ids: &[schemas::CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
        self.store.find_commands(ids).await
    }
}

fn sign(log: &mut Log, store: &impl Store) -> Result<Option<Checkpoint>, LogError> {
    block_on(log.checkpoint(store, &[key(1)], |_| ()))
}

fn stored(store: &impl Store, sequence: u64) -> Stored {
    block_on(store.read(sequence, 1)).unwrap().remove(0)
}

fn audited(store: &impl Store, folder: &Path, others: Vec<Checkpoint>) -> Audit {
    block_on(audit(store, &places(folder), &[key(1).verifier()], others, |_| ())).unwrap()
}

/// Ledgers of some lengths, a checkpoint at each.
fn signed(folder: &Path, lengths: &[u32]) -> (MemoryStore, Log, Vec<Checkpoint>) {
    let (store, mut log, mut checkpoints, mut before) = (MemoryStore::new(), log(folder), Vec::new(), 0);
    for length in lengths {
        grow(&store, length - before);
        before = *length;
        checkpoints.push(sign(&mut log, &store).unwrap().unwrap());
    }
    (store, log, checkpoints)
}

#[test]
fn a_checkpoint_is_made_when_the_stream_grew_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let (store, mut keeper, made) = signed(folder.path(), &[3, 700]);
    assert_eq!(made.iter().map(|made| made.head.size).collect::<Vec<_>>(), [3, 700]);
    assert_eq!(sign(&mut keeper, &store).unwrap(), None);
    // Another process goes on where this one stopped.
    assert_eq!(sign(&mut log(folder.path()), &store).unwrap(), None);
    grow(&store, 1);
    assert_eq!(sign(&mut log(folder.path()), &store).unwrap().unwrap().head.size, 701);
    // And this one after it, although it knew nothing of that.
    grow(&store, 300);
    assert_eq!(sign(&mut keeper, &store).unwrap().unwrap().head.size, 1_001);
    let whole = audited(&store, folder.path(), made);
    assert_eq!((whole.findings.as_slice(), whole.checkpoints, whole.signed), (&[][..], 6, 1_001));
    assert_eq!(
        sign(&mut log(folder.path()), &MemoryStore::new()).unwrap_err().to_string(),
        "the stream ends at 0 and a checkpoint was signed over 1001 events: its end was cut off"
    );
}

#[test]
fn nothing_is_signed_over_a_stream_that_ends_before_what_was_read_of_it_without_being_signed() {
    let folder = tempfile::tempdir().unwrap();
    let (store, mut keeper, _) = signed(folder.path(), &[300]);
    grow(&store, 10);
    block_on(keeper.extend(&store, |_| ())).unwrap();
    let cut = Tampered { store: &store, ends_at: 305, changed: None };
    let said = sign(&mut keeper, &cut).unwrap_err();
    assert!(matches!(said, LogError::Read(ReadError::Gap(Gap { expected: 311, found: 305 }))), "{said:?}");
}

#[test]
fn nothing_is_signed_over_a_stream_that_does_not_extend_the_last_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _, _) = signed(folder.path(), &[300, 600]);
    grow(&store, 10);
    let cut = Tampered { store: &store, ends_at: 599, changed: None };
    assert!(matches!(sign(&mut log(folder.path()), &cut), Err(LogError::CutOff { head: 599, size: 600 })));
    for sequence in [1, 256, 257, 600] {
        let changed = Tampered { store: &store, ends_at: 610, changed: Some(sequence) };
        let found = sign(&mut log(folder.path()), &changed);
        assert!(
            matches!(found, Err(LogError::Changed { sequence: named, size: 600 }) if named == sequence),
            "{found:?}"
        );
        assert!(block_on(log(folder.path()).extend(&changed, |_| ())).is_err());
    }
    // Without the kept hashes it is still found, and they are not made from such a stream and believed.
    std::fs::remove_dir_all(folder.path().join("tiles")).unwrap();
    let changed = Tampered { store: &store, ends_at: 610, changed: Some(5) };
    assert!(matches!(sign(&mut log(folder.path()), &changed), Err(LogError::OtherHistory { size: 600 })));
    assert!(matches!(sign(&mut log(folder.path()), &changed), Err(LogError::OtherHistory { size: 600 })));
    assert_eq!(sign(&mut log(folder.path()), &store).unwrap().unwrap().head.size, 610);
}

#[test]
fn hashes_that_were_changed_or_removed_are_made_again_from_a_stream_that_is_what_was_signed() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _, checkpoints) = signed(folder.path(), &[300, 600]);
    let tile = folder.path().join("tiles/tile/0/000");
    let whole = std::fs::read(&tile).unwrap();
    let mut flipped = whole.clone();
    flipped[40] ^= 1;
    std::fs::write(&tile, flipped).unwrap();
    assert_eq!(audited(&store, folder.path(), Vec::new()).findings, [Finding::Tiles { sequence: Some(2) }]);
    let mut keeper = log(folder.path());
    assert_eq!(block_on(keeper.extend(&store, |_| ())).unwrap(), checkpoints.last().cloned());
    assert_eq!(std::fs::read(&tile).unwrap(), whole);
    keeper.prove(&stored(&store, 2), checkpoints[1].clone()).unwrap();
}

#[test]
fn an_audit_names_what_was_changed_and_between_which_checkpoints() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _, _) = signed(folder.path(), &[100, 200, 300]);
    let changed = |sequence| Tampered { store: &store, ends_at: 300, changed: Some(sequence) };
    let range = Finding::OtherHistory { from: 101, to: 200, later: 1 };
    assert_eq!(
        audited(&changed(150), folder.path(), Vec::new()).findings,
        [range.clone(), Finding::Changed { sequence: 150, size: 300 }]
    );
    // Whoever changes the kept hashes with it leaves the range.
    std::fs::remove_dir_all(folder.path().join("tiles")).unwrap();
    assert_eq!(audited(&changed(150), folder.path(), Vec::new()).findings, [range]);
    let cut = Tampered { store: &store, ends_at: 250, changed: None };
    assert_eq!(audited(&cut, folder.path(), Vec::new()).findings, [Finding::CutOff { head: 250, size: 300 }]);
}

#[test]
fn a_checkpoint_of_another_history_or_another_log_is_found() {
    let (mine, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (store, _, _) = signed(mine.path(), &[100]);
    // Another stream under the same key, of which somebody kept a checkpoint.
    let other = MemoryStore::new();
    block_on(other.append(&[message(9, 0, &person(1), 10, "another beginning")], 0, &[])).unwrap();
    let made = sign(&mut log(theirs.path()), &other).unwrap().unwrap();
    let found = audited(&store, mine.path(), vec![made.clone()]).findings;
    assert_eq!(found, [Finding::OtherHistory { from: 1, to: 1, later: 0 }]);
    // One put into the file.
    std::fs::write(mine.path().join("checkpoints"), format!("{made}\n")).unwrap();
    assert!(matches!(sign(&mut log(mine.path()), &store), Err(LogError::OtherHistory { size: 1 })));
    // One that somebody else signed.
    let stranger = SigningKey::from_seed("footing.example/test", &[9; 32]).unwrap();
    let mut forged = Checkpoint::new(made.head).unwrap();
    forged.note.sign(&stranger);
    std::fs::write(mine.path().join("checkpoints"), format!("{forged}\n")).unwrap();
    assert!(matches!(sign(&mut log(mine.path()), &store), Err(LogError::NotSigned { size: 1, .. })));
    assert!(matches!(&audited(&store, mine.path(), Vec::new()).findings[..], [Finding::NotSigned { size: 1, .. }, ..]));
}

#[test]
fn a_checkpoint_of_which_only_a_part_was_written_is_as_if_it_was_never_made() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _, made) = signed(folder.path(), &[10, 20]);
    let file = folder.path().join("checkpoints");
    let text = std::fs::read_to_string(&file).unwrap();
    let first = made[0].to_string().len() + 1;
    for end in [first + 1, first + 30, text.len() - 60, text.len() - 1] {
        std::fs::write(&file, &text[..end]).unwrap();
        assert_eq!(sign(&mut log(folder.path()), &store).unwrap().unwrap().head.size, 20, "{end}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "{end}");
    }
}

#[test]
fn checkpoints_that_somebody_damaged_are_not_taken_for_what_a_crash_left_and_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _, made) = signed(folder.path(), &[10, 20]);
    let file = folder.path().join("checkpoints");
    let text = std::fs::read_to_string(&file).unwrap();
    let last = text.len() - made[1].to_string().len() - 1;
    grow(&store, 5);
    for damaged in [
        text.replace('\n', "\r\n"),
        text.replace('\u{2014}', "-"),
        format!("{}{}", &text[..last], text[last..].replace('\u{2014}', "-")),
        format!("{}{text}", "x".repeat(200_000)).replace('\u{2014}', "-"),
    ] {
        std::fs::write(&file, &damaged).unwrap();
        let refused = sign(&mut log(folder.path()), &store).unwrap_err().to_string();
        assert!(refused.contains("bring the file back from a copy"), "{refused}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), damaged);
    }
}

#[test]
fn proofs_stand_alone_and_a_changed_one_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (store, keeper, made) = signed(folder.path(), &[300, 700]);
    let keys = [key(1).verifier()];
    let text = keeper.prove(&stored(&store, 257), made[1].clone()).unwrap().to_string();
    let proof: Inclusion = text.parse().unwrap();
    assert_eq!((proof.to_string(), proof.index), (text.clone(), 256));
    let leaf = proof.verify(&keys).unwrap();
    assert_eq!(leaf, Leaf::of(&stored(&store, 257)));
    assert_eq!(
        proof.verify(&[key(3).verifier()]),
        Err(ProofError::Checkpoint(super::note::NoteError::UnknownKeys.into()))
    );
    for (from, to) in [("index 256", "index 255"), ("\n700\n", "\n701\n"), ("extra eyJ", "extra eyK")] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text);
        assert!(changed.parse::<Inclusion>().unwrap().verify(&keys).is_err(), "{from}");
    }
    assert!(keeper.prove(&stored(&store, 301), made[0].clone()).is_err());

    let text = keeper.prove_consistency(&made[0].head, made[1].clone()).unwrap().to_string();
    let proof: Consistency = text.parse().unwrap();
    assert_eq!(proof.to_string(), text);
    assert_eq!(proof.verify(&made[0], &keys), Ok(()));
    assert_eq!(proof.verify(&made[1], &keys), Err(ProofError::OtherSize { proof: 300, given: 700 }));
    assert!(keeper.prove_consistency(&made[1].head, made[0].clone()).is_err());
    let mut other = made[0].head.clone();
    other.root = leaf_hash(b"another");
    assert!(keeper.prove_consistency(&other, made[1].clone()).is_err());
}

#[test]
fn the_old_key_and_the_new_one_sign_together_for_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (store, mut keeper, _) = signed(folder.path(), &[5]);
    grow(&store, 1);
    let both = block_on(keeper.checkpoint(&store, &[key(1), key(2)], |_| ())).unwrap().unwrap();
    for known in [vec![key(1).verifier()], vec![key(2).verifier()], vec![key(2).verifier(), key(1).verifier()]] {
        assert_eq!(both.verify(&known).unwrap().len(), known.len());
    }
    grow(&store, 1);
    let new = block_on(keeper.checkpoint(&store, &[key(2)], |_| ())).unwrap().unwrap();
    assert!(new.verify(&[key(1).verifier()]).is_err());
    let elsewhere = SigningKey::from_seed("footing.example/other", &[1; 32]).unwrap();
    grow(&store, 1);
    let refused = block_on(keeper.checkpoint(&store, &[elsewhere], |_| ()));
    assert!(matches!(refused, Err(LogError::OtherKey { .. })), "{refused:?}");
}

#[test]
fn a_witness_says_when_it_saw_a_checkpoint() {
    use ed25519_dalek::Signer as _;
    let folder = tempfile::tempdir().unwrap();
    let (_, _, made) = signed(folder.path(), &[5]);
    let secret = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let material = [&[4][..], secret.verifying_key().as_bytes()].concat();
    let id = schemas::Digest::of(&[b"witness.example/w\n", &material[..]].concat()).0;
    let id = u32::from_be_bytes([id[0], id[1], id[2], id[3]]);
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &material);
    let witness: VerifierKey = format!("witness.example/w+{id:08x}+{encoded}").parse().unwrap();
    let mut seen = made[0].clone();
    let time = 1_780_000_000_u64;
    let signature = secret.sign(cosigned(time, &seen.note.text).as_bytes()).to_bytes();
    let bytes = [&time.to_be_bytes()[..], &signature].concat();
    seen.note.signatures.push(Signature { name: "witness.example/w".into(), id, bytes });
    let keys = [key(1).verifier(), witness];
    let signed = seen.verify(&keys).unwrap();
    assert_eq!(signed.iter().map(|signed| signed.seen_at).collect::<Vec<_>>(), [None, Some(time)]);
    // Another time is another statement; and a witness alone does not speak for the log.
    let mut later = seen.clone();
    later.note.signatures[1].bytes[7] ^= 1;
    assert!(later.verify(&keys).is_err());
    assert!(seen.verify(&keys[1..]).is_err());
}

/// Key, secret and note of the examples of golang.org/x/mod/sumdb/note.
#[test]
fn keys_and_notes_are_those_of_the_go_tools() {
    let public: VerifierKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".parse().unwrap();
    let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let key = SigningKey::from_secret_text(secret).unwrap();
    assert_eq!((key.verifier(), key.secret_text().as_str()), (public.clone(), secret));
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    let mut note = Note::new(text.into()).unwrap();
    note.sign(&key);
    let line = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
    assert_eq!(note.to_string(), format!("{text}\n{line}\n"));
    assert_eq!(note.to_string().parse::<Note>().unwrap(), note);
    assert_eq!(note.verify(&[public]).unwrap().len(), 1);
    let changed: Note = note.to_string().replace("answer", "Answer").parse().unwrap();
    assert!(changed.verify(&[key.verifier()]).is_err());
}

#[test]
fn what_is_no_note_no_key_and_no_checkpoint_is_refused() {
    for text in [
        "",
        "text\n",
        "text\n\n",
        "text\n\nno signature\n",
        "text\n\n\u{2014} name AAAA\n",
        "te\txt\n\n\u{2014} n AAAAAAAA\n",
    ] {
        assert!(text.parse::<Note>().is_err(), "{text:?}");
    }
    let good = key(1).verifier().to_string();
    for text in [
        good.replace("test", "Test"),
        good.replace('+', " "),
        good[..good.len() - 4].into(),
        "a b+00000000+AQ==".into(),
    ] {
        assert!(text.parse::<VerifierKey>().is_err(), "{text}");
    }
    for text in ["", "log\n", "log\n01\nAA\n", "log\n1\nAA\n", "\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"] {
        assert!(text.parse::<super::TreeHead>().is_err(), "{text:?}");
    }
    assert!(SigningKey::from_seed("two words", &[1; 32]).is_err());
}
