//! The log beside a ledger that is written to, and killed at any moment: what is signed stands in the stream, and the next
//! checkpoint covers the rest.

use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::crash::kills;
use crate::history::{crowd, draw};
use crate::log::{events, last_signed};
use crate::program::Place;

/// How many files there are in a folder and in the folders of it.
fn files(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

/// A ledger of so many events that its tree has a dozen tiles, none of them there.
fn unsigned() -> Place {
    Place::with(&crowd(1_500))
}

#[test]
fn a_checkpoint_killed_at_any_moment_leaves_a_whole_log_and_the_next_one_signs_everything() {
    let place = unsigned();
    place.run(&["log", "checkpoint"]).good();
    let (events, whole) = (events(&place), files(&place.path("footing.db.tiles")));
    assert!(whole > 10, "{whole} files are not enough to be killed between");
    let (mut killed, mut started) = (0, 0);
    while killed < kills() {
        started += 1;
        assert!(started < 5 * kills(), "only {killed} of {started} starts could be killed");
        let twin = place.twin();
        std::fs::remove_file(twin.path("footing.db.checkpoints")).unwrap();
        // The last of them is when everything stands and nothing is signed, or just is.
        let moment = 1 + draw(&format!("checkpoint {started}"), whole);
        let mut running = twin.start(&["log", "checkpoint"]);
        running.until(|| files(&twin.path("footing.db.tiles")) >= moment);
        if !running.kill() {
            continue;
        }
        killed += 1;
        let signed = last_signed(&twin);
        assert!(signed == 0 || signed == events, "{signed} of {events} events are signed");
        twin.run(&["log", "checkpoint"]).good();
        assert_eq!(last_signed(&twin), events);
        let said = twin.run(&["log", "prove", "1", "--output", "first.tlog-proof"]).good();
        assert!(said.contains("first.tlog-proof"), "{said}");
        twin.run(&["rebuild"]).good();
        twin.is_whole();
    }
}

#[test]
fn a_follower_signs_what_others_record_beside_it() {
    let place = Place::with(&crowd(20));
    let mut follower = place.start(&["log", "checkpoint", "--follow", "--every", "1"]);
    let mut said = BufReader::new(follower.0.stdout.take().unwrap()).lines();
    // The second line of a checkpoint says over how many events it is; the note ends with its signatures.
    let mut signed = || {
        let mut lines = said.by_ref().map(Result::unwrap).skip_while(|line| line.parse::<i64>().is_err());
        let size = lines.next().unwrap().parse::<i64>().unwrap();
        lines.find(|line| line.starts_with("\u{2014} ")).unwrap();
        size
    };
    assert_eq!(signed(), events(&place));
    for more in 1..=3 {
        place.write("more.ndjson", crowd(20 + more));
        place.run(&["import", "more.ndjson"]).good();
        let now = events(&place);
        assert_eq!(signed(), now);
        assert_eq!(last_signed(&place), now);
    }
    assert!(follower.kill(), "it goes on until it is stopped");
    place.is_whole();
}
