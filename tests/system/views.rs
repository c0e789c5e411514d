//! The stored views: the stream alone decides who is paid, and old ones serve until new ones are complete.

use std::fs;

use jiff::civil::date;
use projections::views::SledViews;
use serde_json::json;

use crate::history::{command, crowd, history, who};
use crate::program::Place;

/// Copies a folder of files and folders.
fn copied(place: &Place, from: &str, to: &str) {
    fs::create_dir_all(place.path(to)).unwrap();
    for name in place.names(from) {
        let (from, to) = (format!("{from}/{name}"), format!("{to}/{name}"));
        if place.path(&from).is_dir() {
            copied(place, &from, &to);
        } else {
            fs::copy(place.path(&from), place.path(&to)).unwrap();
        }
    }
}

#[test]
fn nobody_is_paid_from_stored_views_that_lag_behind_the_stream() {
    let place = Place::with(&crowd(2));
    place.run(&["run", "--until", "2026-07-05"]).good();
    place.run(&["status"]).good();
    copied(&place, "footing.db.views", "stale");
    let order = json!({"do": "suspend_payments", "person": who(0, ""), "ground": "identity in doubt", "review_on": "2026-07-15"});
    place.write("order.ndjson", command("suspended", date(2026, 7, 6), order));
    place.run(&["import", "order.ndjson"]).good();
    place.run(&["status"]).good();
    // Views from before the suspension: they would have both people paid.
    fs::remove_dir_all(place.path("footing.db.views")).unwrap();
    fs::rename(place.path("stale"), place.path("footing.db.views")).unwrap();
    let said = place.run(&["run", "--until", "2026-07-07"]).good();
    // 424.90: the standard allowance of one person of 25 or over in 2026/27; the other's is held back.
    let paid: Vec<&str> = said.lines().filter(|line| line.starts_with("2026-07-06")).collect();
    assert_eq!(paid.len(), 1, "{said}");
    assert_eq!(paid[0].split_whitespace().skip(2).take(2).collect::<Vec<_>>(), ["1", "424.90"], "{said}");
    let status = place.run(&["status"]).good();
    assert!(status.contains("events behind\n") && !status.contains("were 0 events behind"), "{status}");
    place.is_whole();
}

#[test]
fn views_are_rebuilt_while_another_process_uses_the_old_ones_and_take_over_when_it_is_done() {
    let place = Place::with(&history(6));
    let expected = place.run(&["floor", &who(0, "")]).good();
    let first = place.run(&["rebuild"]).good();
    let open = SledViews::open(&place.path("footing.db.views")).unwrap();
    let said = place.run(&["rebuild"]).good();
    assert_eq!(said, first + "another process has the old ones open: these take over when it is done\n");
    let meanwhile = place.run(&["floor", &who(0, "")]);
    assert_eq!((meanwhile.code, meanwhile.out.as_str()), (0, expected.as_str()));
    assert!(place.names(".").contains(&"footing.db.views-built".to_string()));
    drop(open);
    assert_eq!(place.run(&["floor", &who(0, "")]).good(), expected);
    assert!(!place.names(".").contains(&"footing.db.views-built".to_string()));
    place.is_whole();
}

#[test]
fn a_rebuild_that_is_killed_leaves_views_that_serve_and_the_next_one_ends_it() {
    let place = Place::with(&history(30));
    let person = who(0, "");
    let expected = place.run(&["floor", &person]).good();
    let whole = place.run(&["rebuild"]).good();
    let building = place.path("footing.db.views-building");
    // As soon as it begins, when there is something on the disk, and when it is complete or about to be.
    for bytes in [0, 1, 300_000] {
        let mut rebuild = place.start(&["rebuild"]);
        rebuild.until(|| fs::metadata(building.join("db")).is_ok_and(|about| about.len() >= bytes));
        rebuild.kill();
        assert_eq!(place.run(&["floor", &person]).good(), expected, "{bytes}");
    }
    assert_eq!(place.run(&["rebuild"]).good(), whole);
    let views: Vec<String> = place.names(".").into_iter().filter(|name| name.contains(".views")).collect();
    assert_eq!(views, ["footing.db.views", "footing.db.views-lock"]);
    place.is_whole();
}
