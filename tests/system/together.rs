//! Several processes on one ledger, and decisions that were made long before.

use std::io::Write;

use projections::views::SledViews;

use crate::history::{crowd, history, who};
use crate::program::{Place, Running};

#[test]
fn views_that_another_process_has_open_are_folded_from_the_stream_and_that_is_said() {
    let place = Place::with(&history(6));
    let person = who(0, "");
    let questions = [&["floor", &person][..], &["history", &person]];
    let expected = questions.map(|arguments| place.run(arguments).good());
    let status = place.run(&["status"]).good();
    assert!(status.contains("views          up to date at "), "{status}");
    let open = SledViews::open(&place.path("footing.db.views")).unwrap();
    for (arguments, expected) in questions.into_iter().zip(expected) {
        let ran = place.run(arguments);
        assert_eq!((ran.code, ran.out), (0, expected));
        assert_eq!(ran.err, "note: another process has the views open; reading the stream instead\n");
    }
    let status = place.run(&["status"]).good();
    assert!(status.contains("views          in use by another process"), "{status}");
    let verified = place.run(&["verify"]).good();
    assert!(verified.contains("ok    views: not checked: another process has them open"), "{verified}");
    place.run(&["run", "--until", "2026-07-10"]).good();
    drop(open);
    place.is_whole();
}

#[test]
fn questions_are_answered_while_an_import_goes_on() {
    let (begun, text) = (history(6), crowd(700));
    let person = who(0, "");
    let place = Place::with(&begun);
    let later = text
        .replace("2026-06-01T", "2026-09-01T")
        .replace("\"effective_from\":\"2026-06-01\"", "\"effective_from\":\"2026-09-01\"");
    let fresh: Vec<String> = later.lines().skip(12).map(|line| format!("{line}\n")).collect();
    let mut import = place.start(&["import", "-"]);
    let mut stdin = import.0.stdin.take().unwrap();
    stdin.write_all(fresh[..1_100].concat().as_bytes()).unwrap();
    stdin.flush().unwrap();
    let before = begun.lines().count() as i64;
    let reader = place.reader();
    let stored = || reader.query_row("SELECT max(sequence) FROM events", [], |row| row.get::<_, i64>(0)).unwrap();
    // In the middle of the import, which waits for the rest of its input.
    import.until(|| stored() > before + 1_000);
    assert!(!import.has_ended(), "the import did not wait");
    let mut asked: Vec<Running> = Vec::new();
    for arguments in [&["floor", &person][..], &["status"], &["history", &person], &["export"], &["floor", &person]] {
        asked.push(place.start(arguments)); // all at once: one of them has the views, the others say what they do instead
    }
    for running in asked {
        let ran = running.end();
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(
            ran.err.lines().all(|line| line.starts_with("note: another process has the views open")),
            "{}",
            ran.err
        );
        assert!(!ran.out.is_empty());
    }
    stdin.write_all(fresh[1_100..].concat().as_bytes()).unwrap();
    drop(stdin);
    assert_eq!(import.end().good(), format!("{0} lines: {0} new, 0 there already, 0 quarantined\n", fresh.len()));
    place.is_whole();
}

#[test]
fn two_imports_of_one_file_at_the_same_time_are_one() {
    let text = history(120);
    let lines = text.lines().count();
    let place = Place::new();
    place.write("history.ndjson", &text);
    let both = [place.start(&["import", "history.ndjson"]), place.start(&["import", "history.ndjson"])];
    let new = both.map(|running| {
        let said = running.end().good();
        let words: Vec<&str> = said.split([' ', ',']).collect();
        assert!(said.ends_with(" 0 quarantined\n"), "{said}");
        words[2].parse::<usize>().unwrap()
    });
    assert_eq!(new.iter().sum::<usize>(), lines);
    assert_eq!(place.export().lines().count(), Place::with(&text).export().lines().count());
    place.is_whole();
}

#[test]
fn every_decision_of_the_told_stories_comes_out_the_same_again() {
    let place = Place::bare();
    place.run(&["demo", "--keep", "told"]).good();
    let said = place.run(&["--store", "sqlite:told/footing.db", "verify"]).good();
    let decisions = place.run(&["--store", "sqlite:told/footing.db", "export"]).good();
    let decisions = decisions.matches("\"type\":\"footing.assessment.determined.v1\"").count();
    assert!(decisions > 20, "{decisions}");
    assert!(said.contains(&format!("ok    decisions: {decisions} recomputed to the same outcome\n")), "{said}");
}

#[test]
fn two_operators_who_approve_and_release_one_plan_at_once_make_one_run() {
    let place = Place::with(&crowd(60));
    place.run(&["run", "--until", "2026-07-05"]).good();
    place.write("bank.yaml", "name: Agency\naccount: 01-02-03 12345678\nservice_user_number: 123456\ncurrency: GBP\n");
    let planned = place.run(&["--format", "json", "pay", "plan", "--day", "2026-07-06", "--actor", "cal"]).good();
    let planned: serde_json::Value = serde_json::from_str(&planned).unwrap();
    let (run, digest) = (planned["run"].as_str().unwrap(), planned["digest"].as_str().unwrap());
    let both = ["ann", "bob"].map(|who| place.start(&["pay", "approve", run, "--digest", digest, "--actor", who]));
    let codes: i32 = both.map(|running| running.end().code).into_iter().sum();
    assert_eq!(codes, 2, "one of them approved, the other was told that it was approved before");
    let both = ["out-a", "out-b"].map(|out| place.start(&["pay", "release", run, "--out", out, "--bank", "bank.yaml"]));
    let ended = both.map(|running| running.end());
    let late = ended.iter().filter(|ran| ran.code == 2 && ran.err.contains("were written before, by operator")).count();
    let wrote = ended.iter().filter(|ran| (ran.code, ran.err.as_str()) == (0, "")).count();
    assert_eq!(
        (wrote, late),
        (1, 1),
        "one gets the files, the other is told who has them: {} {}",
        ended[0].err,
        ended[1].err
    );
    let with_files = ["out-a", "out-b"].map(|out| place.read(&format!("{out}/{run}.sha256")).is_some());
    assert_ne!(with_files[0], with_files[1]);
    let export = place.export();
    let count = |kind: &str| export.matches(&format!("\"type\":\"footing.{kind}\"")).count();
    assert_eq!((count("payment.instructed.v2"), count("payment.released.v1"), count("run.released.v1")), (60, 60, 1));
    place.is_whole();
}
