//! Programs that write a ledger on a server, killed at any moment and started again in the same words: what was stored
//! stays, nothing is there twice, and what comes of it is what an undisturbed program makes. `FOOTING_LONG=1` kills ten
//! times as often.

use std::fs;
use std::io::Write as _;

use serde_json::json;

use crate::crash::{same, without_salts};
use crate::history::{draw, history};
use crate::nats_admin::ask;
use crate::nats_server::{CURRENT, NatsServer};
use crate::program::{Place, Ran, Running};

/// How often a program is killed in one test.
fn kills() -> u32 {
    if std::env::var_os("FOOTING_LONG").is_some() { 80 } else { 8 }
}

/// When a program is killed.
#[derive(Debug)]
enum Moment {
    /// After so many lines were given to it.
    Fed(usize),
    /// When the server has so many events.
    Stored(u64),
    /// When so many bytes lie in the journal of the outbox: also before anything of a batch was sent.
    Kept(u64),
}

/// A ledger on a server, and what lies beside it.
struct There<'a> {
    place: &'a Place,
    server: &'a NatsServer,
    name: String,
}

impl There<'_> {
    fn arguments(&self, arguments: &[&str]) -> Vec<String> {
        let store = self.server.address(&self.name);
        let home = format!("home-{}", self.name);
        ["--store", &store, "--home", &home].iter().chain(arguments).map(ToString::to_string).collect()
    }

    fn start(&self, arguments: &[&str]) -> Running {
        self.place.start(&self.arguments(arguments).iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.start(arguments).end()
    }

    /// How many events the server has; none before there is a stream.
    fn stored(&self) -> u64 {
        let about = ask(self.server.socket(), &format!("STREAM.INFO.{}", self.name), &json!({}));
        about["state"]["last_seq"].as_u64().unwrap_or(0)
    }

    /// How much was written into the journal of the outbox.
    fn kept(&self) -> u64 {
        self.place.size(&format!("home-{}/{}.outbox-wal", self.name, self.name))
    }

    /// Starts a program and kills it at a moment; what it said, if it had ended before.
    fn killed(&self, arguments: &[&str], input: &str, moment: &Moment) -> Option<Ran> {
        let before = self.kept();
        let mut running = self.start(arguments);
        let mut stdin = running.0.stdin.take().unwrap();
        match moment {
            Moment::Fed(lines) => {
                let fed: String = input.lines().take(*lines).map(|line| format!("{line}\n")).collect();
                // Whoever has ended already reads nothing.
                let _ = stdin.write_all(fed.as_bytes());
            }
            Moment::Stored(events) => running.until(|| self.stored() >= *events),
            Moment::Kept(bytes) => running.until(|| self.kept() >= before + bytes),
        }
        if running.has_ended() {
            return Some(running.end());
        }
        running.kill();
        None
    }

    /// What a killed program left goes on from what was there before.
    #[track_caller]
    fn left(&self, before: &str, what: &str) -> String {
        let left = self.run(&["export"]).good();
        assert!(left.starts_with(before), "{what}: something that was stored is gone");
        left
    }

    /// Nothing is wrong with it, and nothing waits to be stored.
    #[track_caller]
    fn is_whole(&self) {
        let said = self.run(&["verify"]).good();
        assert!(said.lines().all(|line| line.starts_with("ok    ")), "{said}");
        assert_eq!(self.run(&["outbox", "list"]).good(), "the outbox is empty\n");
    }
}

/// Starts and kills until there were enough kills, three times on one ledger, and then lets it come to its end.
fn kill_often<'a>(
    moment: impl Fn(&str) -> Moment,
    begin: impl Fn(u32) -> There<'a>,
    run: impl Fn(&There<'_>, &Moment) -> Option<Ran>,
    end: impl Fn(&There<'_>),
) {
    let (mut killed, mut started) = (0, 0);
    while killed < kills() {
        let (there, mut stored) = (begin(started), String::new());
        for _ in 0..3 {
            started += 1;
            assert!(started < 5 * kills(), "only {killed} of {started} starts could be killed");
            let moment = moment(&format!("on a server {started}"));
            match run(&there, &moment) {
                Some(said) => drop(said.good()),
                None => {
                    killed += 1;
                    if there.stored() > 0 {
                        stored = there.left(&stored, &format!("start {started}, {moment:?}"));
                    }
                }
            }
        }
        end(&there);
        there.is_whole();
    }
    println!("killed {killed} times of {started}: 0 lost, 0 doubled");
}

#[test]
fn an_import_to_a_server_killed_at_any_moment_and_started_again_comes_to_the_same_stream() {
    let (place, server) = (Place::bare(), NatsServer::start(CURRENT));
    let text = history(120);
    let lines = text.lines().count() as u64;
    place.write("history.ndjson", &text);
    let begin = |number: u32| {
        let there = There { place: &place, server: &server, name: format!("import-{number}") };
        there.run(&["init"]).good();
        there
    };
    let undisturbed = begin(1_000);
    undisturbed.run(&["import", "history.ndjson"]).good();
    let (events, journal) = (undisturbed.stored(), undisturbed.kept());
    // Nothing may differ but the salts: recorded times come from the file.
    let expected = without_salts(&undisturbed.run(&["export"]).good());
    kill_often(
        |words| match draw(words, 3) {
            0 => Moment::Fed(usize::try_from(draw(&format!("{words} lines"), lines)).unwrap()),
            1 => Moment::Stored(draw(&format!("{words} events"), events)),
            _ => Moment::Kept(draw(&format!("{words} bytes"), journal)),
        },
        begin,
        |there, moment| {
            let file = if matches!(moment, Moment::Fed(_)) { "-" } else { "history.ndjson" };
            there.killed(&["import", file], &text, moment)
        },
        |there| {
            there.run(&["import", "history.ndjson"]).good();
            same(&without_salts(&there.run(&["export"]).good()), &expected);
        },
    );
}

/// A ledger in a file, its people paid and everything signed, with its export, and an archive of it.
fn archived() -> (Place, String) {
    let place = Place::with(&history(120));
    place.run(&["run", "--until", "2026-07-31"]).good();
    place.run(&["archive", "archive", "--segment", "256"]).good();
    let export = place.export();
    (place, export)
}

#[test]
fn a_restore_to_a_server_killed_at_any_moment_and_started_again_in_the_same_words_comes_to_the_same_root() {
    let ((place, export), server) = (archived(), NatsServer::start(CURRENT));
    let words = ["restore", "archive", "--vault", "footing.db.vault"];
    let begin = |number: u32| There { place: &place, server: &server, name: format!("restored-{number}") };
    let undisturbed = begin(1_000);
    let said = undisturbed.run(&words).good();
    let root = said.lines().find(|line| line.contains("here as in the archive")).unwrap();
    let (events, journal) = (undisturbed.stored(), undisturbed.kept());
    assert_eq!(events, export.lines().count() as u64);
    kill_often(
        |words| match draw(words, 2) {
            0 => Moment::Stored(draw(&format!("{words} events"), events)),
            _ => Moment::Kept(draw(&format!("{words} bytes"), journal)),
        },
        begin,
        |there, moment| there.killed(&words, "", moment),
        |there| {
            let said = there.run(&words).good();
            assert!(said.contains(root), "{said}");
            same(&there.run(&["export"]).good(), &export);
        },
    );
}

#[test]
fn exported_events_imported_to_a_server_and_killed_at_any_moment_come_to_the_same_bytes() {
    let ((place, export), server) = (archived(), NatsServer::start(CURRENT));
    place.write("events.ndjson", &export);
    let begin = |number: u32| {
        let there = There { place: &place, server: &server, name: format!("events-{number}") };
        there.run(&["init", "--no-key"]).good();
        fs::copy(place.path("footing.db.vault"), place.path(&format!("home-{0}/{0}.vault", there.name))).unwrap();
        there
    };
    let undisturbed = begin(1_000);
    undisturbed.run(&["import", "events.ndjson"]).good();
    let (events, journal) = (undisturbed.stored(), undisturbed.kept());
    kill_often(
        |words| match draw(words, 2) {
            0 => Moment::Stored(draw(&format!("{words} events"), events)),
            _ => Moment::Kept(draw(&format!("{words} bytes"), journal)),
        },
        begin,
        |there, moment| there.killed(&["import", "events.ndjson"], "", moment),
        |there| {
            there.run(&["import", "events.ndjson"]).good();
            same(&there.run(&["export"]).good(), &export);
        },
    );
}
