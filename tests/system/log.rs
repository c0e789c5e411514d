//! The ledger changed behind its back, and found by what was signed of it; proofs and checkpoints before judges that are
//! not ours: Go's packages for its own checksum database, and openssl.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::history::{crowd, history, who};
use crate::program::Place;
use crate::tamper::{bytes, event_id, found, rewrite, unguarded};
use crate::tools;

/// A ledger of some people who were paid, of which everything is signed.
fn signed() -> Place {
    signed_until("2026-08-10")
}

fn signed_until(day: &str) -> Place {
    let place = Place::with(&history(12));
    place.run(&["run", "--until", day]).good();
    place
}

pub fn events(place: &Place) -> i64 {
    place.reader().query_row("SELECT max(sequence) FROM events", [], |row| row.get(0)).unwrap()
}

/// How many events the last checkpoint has.
pub fn last_signed(place: &Place) -> i64 {
    let list = place.run(&["--format", "json", "log", "list"]).good();
    let list: Value = serde_json::from_str(&list).unwrap();
    list.as_array().unwrap().last().map_or(0, |last| last["events"].as_i64().unwrap())
}

fn public_key(place: &Place) -> String {
    place.read("footing.db.vkeys").unwrap().lines().next().unwrap().to_string()
}

/// Nobody is paid, and `verify` names what is wrong.
#[track_caller]
fn refused_and_named(place: &Place, refusal: &str, finding: &str) {
    found(place, finding);
    let digest = "0".repeat(64);
    for arguments in [
        &["run", "--until", "2026-08-31"][..],
        &["pay", "plan", "--day", "2026-08-11"],
        &["pay", "approve", "00000000", "--digest", &digest, "--actor", "somebody"],
        &["log", "checkpoint"],
    ] {
        place.run(arguments).refused(3, refusal);
    }
}

#[test]
fn every_evening_that_recorded_anything_is_signed_and_verify_says_so() {
    let place = signed();
    let events = events(&place);
    assert_eq!(last_signed(&place), events);
    let said = place.run(&["verify"]).good();
    assert!(said.contains(&format!("checkpoints; signed to {events} of {events}\n")), "{said}");
    assert!(place.run(&["status"]).good().contains(&format!("signed to {events} of {events} events")));
    assert_eq!(place.run(&["log", "checkpoint"]).good(), "nothing was recorded since the last checkpoint\n");
}

#[test]
fn a_last_event_rewritten_with_every_hash_beside_it_is_found_and_nobody_is_paid() {
    let place = signed();
    std::fs::remove_dir_all(place.path("footing.db.views")).unwrap();
    let file = unguarded(&place);
    let last = events(&place);
    // The very last event of the stream: no other can be linked to it.
    let text = String::from_utf8(bytes(&file, last)).unwrap();
    rewrite(&file, last, text.replacen("\"actor\":\"", "\"actor\":\"x", 1).as_bytes());
    drop(file);
    refused_and_named(
        &place,
        &format!("the event at sequence {last} is not the one that the checkpoint over {last} events was signed over"),
        &format!("sequence {last}: is not the event that the checkpoint over {last} events was signed over"),
    );
}

#[test]
fn an_end_that_was_cut_off_is_found_without_the_views_and_nobody_is_paid() {
    let place = signed();
    std::fs::remove_dir_all(place.path("footing.db.views")).unwrap();
    let last = events(&place);
    assert_eq!(unguarded(&place).execute("DELETE FROM events WHERE sequence > ?1", [last - 3]), Ok(3));
    let words =
        format!("the stream ends at {} and a checkpoint was signed over {last} events: its end was cut off", last - 3);
    refused_and_named(&place, &words, &words);
    // Nor is it given up by building the views afresh.
    place.run(&["rebuild"]).refused(3, &words);
}

#[test]
fn a_ledger_written_anew_from_some_event_on_is_found_and_the_range_is_named() {
    let place = signed();
    let export = place.export();
    // Another hand in somebody's last event, to which nothing is linked: a stream that is whole in itself.
    let subject = format!("\"subject\":\"benefit.person.{}\"", who(2, ""));
    let at = export.lines().enumerate().filter(|(_, line)| line.contains(&subject)).last().unwrap().0;
    let other: String = export
        .lines()
        .enumerate()
        .map(|(n, line)| if n == at { line.replacen("\"actor\":\"", "\"actor\":\"x", 1) } else { line.into() } + "\n")
        .collect();
    assert_ne!(other, export);
    let anew = Place::bare();
    anew.run(&["init", "--no-key"]).good();
    anew.write("other.ndjson", other);
    anew.run(&["import", "other.ndjson"]).good();
    anew.is_whole();
    std::fs::copy(anew.path("footing.db"), place.path("footing.db")).unwrap();
    for folder in ["footing.db.views", "footing.db.tiles"] {
        std::fs::remove_dir_all(place.path(folder)).unwrap();
    }
    found(&place, "are not the events that the checkpoint over ");
    place.run(&["run", "--until", "2026-08-31"]).refused(3, "events are not those that the checkpoint over ");
}

#[test]
fn a_checkpoint_kept_elsewhere_finds_what_was_changed_with_everything_beside_the_ledger() {
    let place = signed();
    place.run(&["log", "show", "--output", "auditor.txt"]).good();
    let key = public_key(&place);
    let size = last_signed(&place);
    // Everything beside the ledger is gone, and a new log begun over the changed stream.
    let file = unguarded(&place);
    let text = String::from_utf8(bytes(&file, size)).unwrap();
    rewrite(&file, size, text.replacen("\"actor\":\"", "\"actor\":\"x", 1).as_bytes());
    drop(file);
    for name in ["footing.db.checkpoints", "footing.db.vkeys", "footing.db.logkey"] {
        std::fs::remove_file(place.path(name)).unwrap();
    }
    for name in ["footing.db.tiles", "footing.db.views"] {
        std::fs::remove_dir_all(place.path(name)).unwrap();
    }
    place.run(&["log", "key", "new"]).good();
    place.run(&["log", "checkpoint"]).good();
    place.is_whole();
    let ran = place.run(&["verify", "--checkpoint", "auditor.txt", "--key", &key]);
    let words = format!("sequences 1 to {size}: are not the events that the checkpoint over {size} was signed over");
    assert!(ran.code == 1 && ran.out.contains(&words), "{}", ran.out);
    // A checkpoint of which nobody here knows the key proves nothing.
    found_with(&place, &["verify", "--checkpoint", "auditor.txt"], "is not signed by any key that is known here");
}

#[track_caller]
fn found_with(place: &Place, arguments: &[&str], words: &str) {
    let ran = place.run(arguments);
    assert!(ran.code == 1 && ran.out.contains(words), "{}{}", ran.out, ran.err);
}

#[test]
fn a_public_key_that_was_removed_does_not_make_an_unsigned_ledger() {
    let place = signed();
    std::fs::remove_file(place.path("footing.db.vkeys")).unwrap();
    found(&place, "there are checkpoints and no key beside the ledger");
    place.run(&["run", "--until", "2026-08-31"]).refused(3, "there are checkpoints beside it and no public key");
}

#[test]
fn a_ledger_without_a_key_says_that_nothing_is_signed_and_still_pays() {
    let place = Place::bare();
    let said = place.run(&["init", "--no-key"]).good();
    assert!(said.contains("it has no key: nothing in it is signed"), "{said}");
    place.write("history.ndjson", history(3));
    place.run(&["import", "history.ndjson"]).good();
    place.run(&["run", "--until", "2026-08-10"]).good();
    assert!(place.run(&["verify"]).good().contains("ok    log: nothing is signed: the ledger has no key"));
    assert!(place.run(&["status"]).good().contains("no key: nothing is signed"));
    place.run(&["log", "checkpoint"]).refused(2, "the ledger has no key: nothing in it is signed");
    // A key made later signs what is there.
    place.run(&["log", "key", "new", "--name", "pay.example/ledger"]).good();
    assert!(place.run(&["log", "checkpoint"]).good().starts_with("pay.example/ledger\n"));
}

#[test]
fn a_secret_key_is_its_owners_alone_and_without_it_nobody_is_paid() {
    let place = signed();
    let secret = place.path("footing.db.logkey");
    assert_eq!(std::fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o640)).unwrap();
    place.run(&["run", "--until", "2026-08-31"]).refused(2, "a secret key that others can read is none");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::rename(&secret, place.path("safe.key")).unwrap();
    let words = "footing.db.logkey: the secret key that signs this ledger's checkpoints is not there: name its file with --log-key";
    place.run(&["run", "--until", "2026-08-31"]).refused(2, words);
    place.run(&["--log-key", "safe.key", "run", "--until", "2026-08-20"]).good();
    assert_eq!(last_signed(&place), events(&place));
    // Another log's key signs nothing here.
    let other = Place::new();
    std::fs::copy(other.path("footing.db.logkey"), place.path("other.key")).unwrap();
    place
        .run(&["--log-key", "other.key", "run", "--until", "2026-08-31"])
        .refused(2, "is not a key of this ledger's log");
}

#[test]
fn the_old_key_and_the_new_one_sign_together_until_that_is_finished() {
    let place = signed_until("2026-07-10");
    let old = public_key(&place);
    place.run(&["log", "key", "rotate", "--finish"]).refused(2, "one key signs: there is nothing to finish");
    place.run(&["log", "key", "rotate"]).good();
    place.run(&["log", "key", "rotate"]).refused(2, "an old and a new key sign together already");
    place.run(&["run", "--until", "2026-08-10"]).good();
    let new = place.read("footing.db.vkeys").unwrap().lines().last().unwrap().to_string();
    place.run(&["log", "show", "--output", "both.txt"]).good();
    for key in [&old, &new] {
        place.run(&["log", "check", "both.txt", "--key", key]).good();
    }
    place.run(&["log", "key", "rotate", "--finish"]).good();
    place.run(&["run", "--until", "2026-08-31"]).good();
    place.run(&["log", "show", "--output", "new.txt"]).good();
    place.run(&["log", "check", "new.txt", "--key", &new]).good();
    found_with(&place, &["log", "check", "new.txt", "--key", &old], "is not signed by any key that is known here");
    place.is_whole();
}

/// A ledger with two checkpoints, and in its folder a proof of an event with the event, of consistency, and the
/// checkpoints.
fn with_proofs() -> (Place, String) {
    let place = signed();
    let first = last_signed(&place).to_string();
    place.run(&["run", "--until", "2026-08-31"]).good();
    let last = last_signed(&place).to_string();
    assert!(first != last && last.parse::<i64>().unwrap() > 256, "{first} {last}");
    let id = event_id(&bytes(&place.reader(), 123));
    for arguments in [
        &["log", "prove", &id, "--output", "event.tlog-proof", "--event-output", "event.json"][..],
        &["log", "consistency", &first, &last, "--output", "consistency.txt"],
        &["log", "show", &first, "--output", "old.txt"],
        &["log", "show", "--output", "new.txt"],
    ] {
        place.run(arguments).good();
    }
    let key = public_key(&place);
    (place, key)
}

/// What Go's packages say.
fn go(place: &Place, key: &str, what: &str, files: &[&str]) -> bool {
    let mut judge = Command::new(tools::folder().join("bin/sumdb-judge"));
    judge.args([key, what]).args(files.iter().map(|file| place.path(file))).output().unwrap().status.success()
}

#[test]
fn checkpoints_proofs_and_tiles_are_good_to_go_and_what_was_changed_is_not() {
    let (place, key) = with_proofs();
    let judged: [(&str, &[&str]); 5] = [
        ("checkpoint", &["old.txt"]),
        ("checkpoint", &["new.txt"]),
        ("inclusion", &["event.tlog-proof", "event.json"]),
        ("consistency", &["consistency.txt", "old.txt"]),
        ("tiles", &["footing.db.tiles"]),
    ];
    for (what, files) in judged {
        assert!(go(&place, &key, what, files), "{what} {files:?}");
    }
    // One bit of any of the files, spread over it: the proof, the event, the checkpoints. Not of their last characters, of
    // which base64 has bits that say nothing: Go passes over those, and we refuse them.
    for (what, files) in &judged[..4] {
        for file in *files {
            let whole = std::fs::read(place.path(file)).unwrap();
            for part in 0..12 {
                let mut changed = whole.clone();
                changed[(whole.len() - 5) * part / 11] ^= 1;
                place.write(file, &changed);
                assert!(!go(&place, &key, what, files), "byte {} of {file} changed", (whole.len() - 5) * part / 11);
                let ours = match *what {
                    "checkpoint" => place.run(&["log", "check", file, "--key", &key]),
                    "inclusion" => place.run(&["log", "check", files[0], "--event", files[1], "--key", &key]),
                    _ => place.run(&["log", "check", files[0], "--old", files[1], "--key", &key]),
                };
                assert!(ours.code != 0, "byte {} of {file} changed: {}", (whole.len() - 5) * part / 11, ours.out);
            }
            place.write(file, whole);
        }
    }
    let tile = "footing.db.tiles/tile/0/000";
    let mut changed = std::fs::read(place.path(tile)).unwrap();
    changed[5_000] ^= 1;
    place.write(tile, changed);
    assert!(!go(&place, &key, "tiles", &["footing.db.tiles"]));
    found(&place, "the kept hash of the event at sequence 157 is wrong"); // 5,000 / 32 = 156 and a bit
    place.run(&["rebuild"]).good();
    place.is_whole();
    assert!(go(&place, &key, "tiles", &["footing.db.tiles"]) || !place.path("footing.db.tiles/checkpoint").exists());
}

#[test]
fn an_outsider_checks_a_proof_with_the_public_key_and_no_ledger() {
    let (place, key) = with_proofs();
    let outside = Place::bare();
    for file in ["event.tlog-proof", "event.json", "consistency.txt", "old.txt"] {
        std::fs::copy(place.path(file), outside.path(file)).unwrap();
    }
    outside.write("key.txt", format!("{key}\n"));
    let said = outside.run(&["log", "check", "event.tlog-proof", "--event", "event.json", "--key", "key.txt"]).good();
    assert!(said.starts_with("ok    the event with SHA-256 ") && said.contains("stands at sequence 123 of "), "{said}");
    let said = outside.run(&["log", "check", "consistency.txt", "--old", "old.txt", "--key", &key]).good();
    assert!(said.contains("unchanged and in the same order"), "{said}");
    outside.run(&["log", "check", "consistency.txt", "--key", &key]).refused(2, "name its file with --old");
    outside.run(&["log", "check", "old.txt"]).refused(2, "no public key is known: give the log's with --key");
    outside.run(&["log", "check", "old.txt", "--key", "nonsense"]).refused(2, "--key nonsense: is not a key");
    place.run(&["log", "prove", "999999"]).refused(2, "there is no event `999999` in this ledger");
    place.run(&["log", "show", "7"]).refused(2, "there is no checkpoint over 7 events");
}

/// The bytes of a base64 text, by openssl.
fn base64(place: &Place, text: &str) -> Vec<u8> {
    place.write("base64", text);
    openssl(&["base64", "-d", "-A", "-in", path(&place.path("base64"))]).unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What openssl writes, or nothing where it says no.
fn openssl(arguments: &[&str]) -> Option<Vec<u8>> {
    let ran = Command::new(tools::folder().join("bin/openssl")).args(arguments).output().unwrap();
    ran.status.success().then_some(ran.stdout)
}

/// The 12 bytes that stand before an Ed25519 public key in DER (RFC 8410 section 4).
const PUBLIC_DER: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

#[test]
fn a_checkpoints_signature_is_good_to_openssl() {
    let place = signed();
    let key = public_key(&place);
    let checkpoint = place.run(&["log", "show"]).good();
    let (text, line) = checkpoint.split_once("\n\n").unwrap();
    let signature = base64(&place, line.trim().rsplit(' ').next().unwrap());
    let public = base64(&place, key.splitn(3, '+').nth(2).unwrap());
    place.write("key.der", [&PUBLIC_DER[..], &public[1..]].concat()); // without the byte that says what it is for
    place.write("signature", &signature[4..]); // without the id of the key
    let good = |text: &str| {
        place.write("text", text);
        let files = [place.path("key.der"), place.path("text"), place.path("signature")];
        let [key, text, signature] = files.each_ref().map(|file| path(file));
        let how = ["-verify", "-pubin", "-keyform", "DER", "-rawin"];
        openssl(&[&["pkeyutl"], &how[..], &["-inkey", key, "-in", text, "-sigfile", signature]].concat()).is_some()
    };
    assert!(good(&format!("{text}\n")));
    assert!(!good(&format!("{text} \n")));
}

#[test]
fn a_witness_that_signs_with_openssl_is_kept_and_counted() {
    let place = signed();
    let checkpoint = place.run(&["log", "show"]).good();
    let (text, _) = checkpoint.split_once("\n\n").unwrap();
    let file = |name: &str| path(&place.path(name)).to_string();
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", &file("witness.pem")]).unwrap();
    let public = openssl(&["pkey", "-in", &file("witness.pem"), "-pubout", "-outform", "DER"]).unwrap();
    let material = [&[4][..], &public[12..]].concat();
    let id = &schemas::Digest::of(&[&b"witness.example/w\n"[..], &material].concat()).0[..4];
    let time = 1_790_000_000_u64;
    place.write("message", format!("cosignature/v1\ntime {time}\n{text}\n"));
    let signature =
        openssl(&["pkeyutl", "-sign", "-inkey", &file("witness.pem"), "-rawin", "-in", &file("message")]).unwrap();
    let encode = |bytes: &[u8]| {
        place.write("plain", bytes);
        String::from_utf8(openssl(&["base64", "-A", "-in", &file("plain")]).unwrap()).unwrap()
    };
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let key = format!("witness.example/w+{hex}+{}", encode(&material));
    let line =
        |time: u64| format!("\u{2014} witness.example/w {}\n", encode(&[id, &time.to_be_bytes(), &signature].concat()));
    place.write("seen.txt", line(time));
    place.write("forged.txt", line(time + 1));
    place.run(&["log", "cosign", "seen.txt"]).refused(2, "no signature in it is of a witness known here");
    place.run(&["log", "cosign", "forged.txt", "--witness", &key]).refused(2, "or were changed");
    assert!(place.run(&["log", "cosign", "seen.txt", "--witness", &key]).good().contains("seen by witness.example/w"));
    assert!(place.run(&["verify"]).good().contains(", 1 signatures of witnesses; "));
    place.run(&["log", "show", "--output", "shown.txt"]).good();
    let said = place.run(&["log", "check", "shown.txt"]).good();
    assert!(said.contains("and seen by witness.example/w at 2026-09-21T"), "{said}"); // date -u -d @1790000000
}

#[test]
fn what_a_payment_file_rests_on_is_signed_before_the_file_is_there() {
    let place = Place::with(&crowd(3));
    place.run(&["run", "--until", "2026-07-05"]).good();
    place.write("bank.yaml", "name: Agency\naccount: 01-02-03 12345678\nservice_user_number: 123456\ncurrency: GBP\n");
    let planned = place.run(&["--format", "json", "pay", "plan", "--day", "2026-07-06", "--actor", "cal"]).good();
    let planned: Value = serde_json::from_str(&planned).unwrap();
    let (run, digest) = (planned["run"].as_str().unwrap(), planned["digest"].as_str().unwrap());
    place.run(&["pay", "approve", run, "--digest", digest, "--actor", "ann"]).good();
    assert!(last_signed(&place) < events(&place));
    place.run(&["pay", "release", run, "--out", "out", "--bank", "bank.yaml"]).good();
    // All but that the files are there, which is recorded after.
    let unsigned = bytes(&place.reader(), last_signed(&place) + 1);
    assert!(events(&place) == last_signed(&place) + 1 && String::from_utf8(unsigned).unwrap().contains("footing.run."));
    let (checkpoint, manifest) = (place.path("footing.db.checkpoints"), place.path(&format!("out/{run}.sha256")));
    let written = |path: &Path| std::fs::metadata(path).unwrap().modified().unwrap();
    assert!(written(&checkpoint) <= written(&manifest));
}
