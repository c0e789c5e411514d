//! Archives by the built program: read with stock tools, held against checkpoints without a ledger, killed while they grow,
//! and the only thing left of a ledger.

use std::fs;
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;

use crate::history::{LAST, draw, history, register, who};
use crate::program::Place;
use crate::tamper::{bytes, rewrite, unguarded};

/// A ledger of some people who were paid, and an archive of it in segments of 64 events.
fn archived() -> Place {
    let place = Place::with(&history(12));
    place.run(&["run", "--until", "2026-08-10"]).good();
    place.run(&["archive", "archive", "--segment", "64"]).good();
    place
}

fn public_key(place: &Place) -> String {
    place.read("footing.db.vkeys").unwrap().trim().to_string()
}

/// What a shell says in the folder of the archive.
#[track_caller]
fn shell(place: &Place, script: &str) -> String {
    let output =
        Command::new("bash").args(["-euo", "pipefail", "-c", script]).current_dir(place.path("archive")).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The check of an archive that goes wrong, and says these words.
#[track_caller]
fn found(place: &Place, arguments: &[&str], words: &str) {
    let ran = place.run(&[&["archive", "archive", "--check"], arguments].concat());
    assert!(ran.code == 1 && ran.out.contains(words), "`{words}` is not in {ran:?}");
}

#[test]
fn what_an_archive_says_of_itself_is_true_with_gzip_jq_and_sha256sum() {
    let place = archived();
    let readme = place.read("archive/README.txt").unwrap();
    let command = |begin: &str| readme.lines().map(str::trim).find(|line| line.starts_with(begin)).unwrap().to_string();
    let sums = shell(&place, &command("jq -r"));
    assert!(sums.lines().count() == 4 && sums.lines().all(|line| line.ends_with(": OK")), "{sums}");
    assert_eq!(shell(&place, &command("zcat segments/*.gz")), place.export());
    let person = who(0, "");
    let of_person = shell(&place, &command("zcat segments/*.gz | jq").replace("ID", &person));
    assert!(of_person.lines().count() > 3 && of_person.lines().all(|line| line.contains(&person)), "{of_person}");
    // An event's hash is in the leaf that a proof brings.
    place.run(&["log", "prove", "123", "--output", "proof.txt"]).good();
    let sum = shell(&place, &command("zcat segments/*.gz | sed"));
    let said = place.run(&["log", "check", "proof.txt"]).good();
    assert!(said.contains(&format!("the event with SHA-256 {},", sum.split(' ').next().unwrap())), "{said}");
    // The root of the last line is that of the last checkpoint.
    let root = shell(&place, "tail -n 1 manifest.jsonl | jq -r .root");
    let list = place.run(&["--format", "json", "log", "list"]).good();
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list.as_array().unwrap().last().unwrap()["root"], root.trim());
}

#[test]
fn an_auditor_checks_an_archive_with_a_checkpoint_and_a_public_key_and_no_ledger() {
    let place = archived();
    place.run(&["log", "show", "--output", "auditor.txt"]).good();
    let key = public_key(&place);
    let against = ["--checkpoint", "auditor.txt", "--key", &key];
    for name in ["footing.db", "footing.db.checkpoints", "footing.db.vkeys"] {
        fs::remove_file(place.path(name)).unwrap();
    }
    let said = place.run(&[&["archive", "archive", "--check"], &against[..]].concat()).good();
    assert!(said.contains("230 events in 4 segments") && said.contains("signed to 230 of 230"), "{said}");
    // Another log's checkpoint, and one of another history under the same key.
    let other = Place::with(&history(12));
    other.run(&["run", "--until", "2026-07-10"]).good();
    other.run(&["log", "show", "--output", "other.txt"]).good();
    fs::copy(other.path("other.txt"), place.path("other.txt")).unwrap();
    found(&place, &["--checkpoint", "other.txt"], "is not signed by any key that is known here");
    let with_its_key = ["--checkpoint", "other.txt", "--key", &public_key(&other)];
    found(&place, &with_its_key, "are not the events that the checkpoint over ");
    place.run(&["archive", "archive", "--key", &key]).refused(2, "say --check too");
    place.run(&["archive", "nowhere", "--check"]).refused(2, "is not an archive: there is no manifest.jsonl in it");
}

#[test]
fn an_edited_or_removed_segment_is_named_and_nothing_is_restored_from_it() {
    let place = archived();
    let segment = "archive/segments/000000000065-000000000128.jsonl.gz";
    let whole = fs::read(place.path(segment)).unwrap();
    let text = shell(&place, "zcat segments/000000000065-000000000128.jsonl.gz");
    fs::write(place.path("edited.jsonl"), text.replacen("\"actor\":\"", "\"actor\":\"x", 1)).unwrap();
    shell(&place, "gzip -c ../edited.jsonl > segments/000000000065-000000000128.jsonl.gz");
    let named = "segment segments/000000000065-000000000128.jsonl.gz, events 65 to 128: ";
    found(&place, &[], &format!("{named}the file is not the one that was archived, as its SHA-256 says"));
    let restored = place.run(&["--store", "sqlite:new.db", "restore", "archive"]);
    assert!(restored.code == 1 && restored.out.contains("nothing was restored"), "{restored:?}");
    assert!(!place.path("new.db").exists());
    // With its hashes in the manifest too: the event after it, and what was signed.
    let sum = shell(&place, "sha256sum segments/000000000065-000000000128.jsonl.gz | cut -d' ' -f1");
    let manifest = place.read("archive/manifest.jsonl").unwrap();
    let line: Value = serde_json::from_str(manifest.lines().nth(2).unwrap()).unwrap();
    place.write("archive/manifest.jsonl", manifest.replace(line["sha256"].as_str().unwrap(), sum.trim()));
    found(&place, &[], &format!("{named}they do not come to the root that the manifest says"));
    found(&place, &[], "are not the events that the checkpoint over ");
    place.write("archive/manifest.jsonl", manifest.replace("\"first\":65,", "\"first\":66,"));
    found(&place, &[], "manifest.jsonl, line 3: events 66 to 128 do not follow 64");
    place.write("archive/manifest.jsonl", manifest);
    fs::remove_file(place.path(segment)).unwrap();
    found(&place, &[], &format!("{named}the file is missing"));
    place.write(segment, whole);
    place.run(&["archive", "archive", "--check"]).good();
}

#[test]
fn a_ledger_file_that_is_gone_or_damaged_comes_back_whole_with_its_texts_and_goes_on_paying() {
    let place = archived();
    let export = place.export();
    for name in ["footing.db", "footing.db-wal", "footing.db-shm"] {
        let _ = fs::remove_file(place.path(name));
    }
    let gone = "is gone, and its vault lies here at ./footing.db.vault: bring it back with `footing restore ARCHIVE --store sqlite:./footing.db`";
    place.run(&["status"]).refused(3, gone);
    place.run(&["init"]).refused(2, "is left of another ledger: bring that one back with `footing restore`");
    let said = place.run(&["restore", "archive"]).good();
    assert!(said.contains("its vault of confidential texts is beside it, as it was found there"), "{said}");
    place.is_whole();
    assert_eq!(place.export(), export);
    place.run(&["run", "--until", "2026-08-31", "--archive", "archive"]).good();
    let said = place.run(&["archive", "archive", "--check"]).good();
    assert!(said.contains(&format!("{} events in ", place.stored().len())), "{said}");
    // Elsewhere, without a vault and without the secret key.
    let said = place.run(&["--store", "sqlite:other.db", "restore", "archive"]).good();
    assert!(said.contains("were not restored; with the old vault: "), "{said}");
    assert!(
        said.contains("its secret key is in no archive: before anybody is paid put it back at other.db.logkey"),
        "{said}"
    );
    let verified = place.run(&["--store", "sqlite:other.db", "verify"]).good();
    assert!(verified.contains("in the vault of the ledger they came from"), "{verified}");
    place
        .run(&["--store", "sqlite:other.db", "run", "--until", "2026-09-10"])
        .refused(2, "name its file with --log-key");
    let texts = ["--store", "sqlite:third.db", "restore", "archive", "--vault", "footing.db.vault"];
    assert!(place.run(&texts).good().contains("a copy of the one given"));
    // Once more is the same; another ledger is not written over.
    place.run(&texts).good();
    place
        .run(&["--store", "sqlite:none.db", "restore", "archive", "--vault", "none"])
        .refused(2, "--vault none: there is no such file");
    let other = Place::with(&history(2));
    fs::copy(other.path("footing.db"), place.path("foreign.db")).unwrap();
    place
        .run(&["--store", "sqlite:foreign.db", "restore", "archive"])
        .refused(2, "holds another history from sequence 1 on");
    // Nor is it given the checkpoints of a log that is not its own, after which it could pay nobody any more.
    assert!(!place.path("foreign.db.checkpoints").exists() && !place.path("foreign.db.vkeys").exists());
}

#[test]
fn an_archive_that_ends_before_the_last_checkpoint_is_restored_and_says_which_events_are_lost() {
    let place = archived();
    place.run(&["run", "--until", "2026-08-31"]).good();
    let last = place.stored().len();
    for name in ["footing.db", "footing.db-wal", "footing.db-shm"] {
        let _ = fs::remove_file(place.path(name));
    }
    let ran = place.run(&["restore", "archive"]);
    let words = format!("the stream ends at 230 and a checkpoint was signed over {last} events: its end was cut off");
    assert!(ran.code == 1 && ran.out.contains(&words), "{ran:?}");
    place.run(&["run", "--until", "2026-08-31"]).refused(3, &words);
    // Somebody decides that they are lost: what DAMAGE.md says to type.
    fs::rename(place.path("footing.db.checkpoints"), place.path("later.checkpoints")).unwrap();
    fs::copy(place.path("archive/checkpoints"), place.path("footing.db.checkpoints")).unwrap();
    place.run(&["rebuild"]).good();
    place.is_whole();
    place.run(&["run", "--until", "2026-08-31", "--archive", "archive"]).good();
    place.run(&["archive", "archive", "--check"]).good();
}

#[test]
fn nothing_goes_into_an_archive_that_is_not_what_was_signed() {
    let place = archived();
    place.run(&["run", "--until", "2026-08-20"]).good();
    let file = unguarded(&place);
    let text = String::from_utf8(bytes(&file, 100)).unwrap();
    rewrite(&file, 100, text.replacen("\"actor\":\"", "\"actor\":\"x", 1).as_bytes());
    drop(file);
    place.run(&["archive", "archive"]).refused(3, "the event at sequence 100 is not the one that the checkpoint");
    assert!(place.run(&["archive", "archive", "--check"]).good().contains("230 events in 4 segments"));
}

#[test]
fn the_days_before_one_that_failed_are_archived() {
    let whole = Place::with(&history(12));
    let run = ["run", "--until", "2026-08-10", "--archive", "archive"];
    let place = whole.twin();
    whole.run(&run).good();
    let last = whole.stored().len();
    // A file that fails at the last event, as a disk may.
    let failing = format!(
        "CREATE TRIGGER failing BEFORE INSERT ON events WHEN NEW.sequence = {last} \
         BEGIN SELECT abs(-9223372036854775807 - 1); END"
    );
    Connection::open(place.path("footing.db")).unwrap().execute_batch(&failing).unwrap();
    place.run(&run).refused(3, "integer overflow");
    let done = place.stored().len();
    assert!(done > 150 && done < last, "{done} of {last} events");
    let said = place.run(&["archive", "archive", "--check"]).good();
    assert!(said.contains(&format!("{done} events in 1 segment")), "{said}");
    Connection::open(place.path("footing.db")).unwrap().execute_batch("DROP TRIGGER failing").unwrap();
    place.run(&run).good();
    assert_eq!(place.stored(), whole.stored());
    let said = place.run(&["archive", "archive", "--check"]).good();
    assert!(said.contains(&format!("{last} events in 1 segment")), "{said}");
}

/// Killed at any moment while the ledger grows beside it, the archive is whole, and goes on.
#[test]
fn an_archive_that_follows_a_ledger_and_is_killed_at_any_moment_is_whole_and_goes_on() {
    let place = Place::with(&history(12));
    let rounds = if std::env::var_os("FOOTING_LONG").is_some() { 60 } else { 6 };
    let follow = ["archive", "archive", "--segment", "16", "--follow", "--every", "1"];
    for round in 0..rounds {
        let mut following = place.start(&follow);
        let lines: String = (0..20).map(|n| register(1_000 + round * 20 + n, "", LAST) + "\n").collect();
        place.write("more.ndjson", lines);
        place.run(&["import", "more.ndjson"]).good();
        // Some files later, which may be in the middle of one.
        let before = place.names("archive/segments").len();
        let more = usize::try_from(draw(&format!("killed {round}"), 3)).unwrap();
        following.until(|| place.names("archive/segments").len() >= before + more || is_caught_up(&place));
        following.kill();
        if place.path("archive/manifest.jsonl").exists() {
            place.run(&["archive", "archive", "--check"]).good();
        }
    }
    place.run(&["archive", "archive"]).good();
    place.run(&["--store", "sqlite:new.db", "restore", "archive"]).good();
    assert_eq!(place.run(&["--store", "sqlite:new.db", "export"]).good(), place.export());
}

fn is_caught_up(place: &Place) -> bool {
    let manifest = place.read("archive/manifest.jsonl").unwrap_or_default();
    manifest.starts_with(&format!(
        "{{\"format\":\"footing archive\",\"v\":1,\"segment_events\":16,\"events\":{}}}",
        place.stored().len()
    ))
}
