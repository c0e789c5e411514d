//! A ledger that was moved pays from its new place, and from nowhere else.

use rusqlite::Connection;
use serde_json::Value;

use crate::ledger::{COMMANDS, QUENTIN};
use crate::nats_server::{CURRENT, NatsServer};
use crate::run::Folder;
use crate::server::{lived, on};

const MOVE: [&str; 3] = ["init", "--from", "sqlite:footing.db"];

/// The mark of a move as one that was cut off leaves it.
fn mark(folder: &Folder, to: &str, stage: &str) {
    let file = Connection::open(folder.path("footing.db")).unwrap();
    file.execute_batch(
        "CREATE TABLE moved (one INTEGER PRIMARY KEY CHECK (one = 1), \"to\" TEXT NOT NULL, events INTEGER NOT NULL,
                             stage TEXT NOT NULL, root BLOB) STRICT;
         CREATE TRIGGER a_moved_ledger_takes_no_event BEFORE INSERT ON events
             BEGIN SELECT RAISE(ABORT, 'this ledger was moved'); END;
         PRAGMA user_version = 2;",
    )
    .unwrap();
    let sql = "INSERT INTO moved SELECT 1, ?1, count(*), ?2, NULL FROM events";
    file.execute(sql, [to, stage]).unwrap();
}

/// Every command that records, signs, or says what is paid next.
const CLOSED: [&[&str]; 13] = [
    &["import", "commands.ndjson"],
    &["run", "--until", "2026-09-10"],
    &["pay", "plan", "--day", "2026-09-04"],
    &["pay", "approve", "1", "--digest", "12345678"],
    &["pay", "release", "1", "--out", "out", "--bank", "bank.yaml"],
    &["pay", "abandon", "1", "--reason", "none"],
    &["pay", "approvals"],
    &["pay", "status"],
    &["pay", "returns"],
    &["reconcile", "--open"],
    &["log", "checkpoint"],
    &["log", "key", "rotate"],
    &["log", "cosign", "commands.ndjson"],
];

#[test]
fn a_ledger_that_was_moved_records_and_pays_nothing_and_is_read_and_checked_as_before() {
    let (folder, server) = (Folder::new(), NatsServer::start(CURRENT));
    lived(&folder, &[]);
    folder.write("bank.yaml", "name: Agency\naccount: 01-02-03 12345678\nservice_user_number: 123456\ncurrency: GBP\n");
    let reading: [&[&str]; 6] =
        [&["export"], &["history", QUENTIN], &["verify"], &["books"], &["floor", "--all"], &["log", "list"]];
    let before = reading.map(|command| folder.run(command).good());
    let events = before[0].lines().count();
    on(&folder, &server, "moved", &MOVE).good();
    let to = server.address("moved");
    let went = format!("this ledger was moved to {to} with all its {events} events");
    for command in CLOSED {
        let refused = folder.run(command);
        let says = format!("error: {went}: nothing more is recorded in it or paid from it; use --store {to}\n");
        assert_eq!((refused.code, refused.out.as_str(), refused.err), (2, "", says), "{command:?}");
    }
    let note = format!("note: {went}; what was recorded since stands there\n");
    for (command, before) in reading.iter().zip(before) {
        let read = folder.run(command);
        assert_eq!((read.code, read.out, read.err), (0, before, note.clone()), "{command:?}");
    }
    let status = folder.run(&["status"]);
    assert!(status.code == 0 && status.out.contains(&format!("to {to} with all {events} events")), "{}", status.out);
    let status: Value = serde_json::from_str(&folder.run(&["--format", "json", "status"]).out).unwrap();
    assert_eq!((&status["moved"]["to"], &status["moved"]["done"]), (&to.as_str().into(), &true.into()));
    // Life goes on there, and the same words say that nothing is to be done.
    on(&folder, &server, "moved", &["run", "--until", "2026-09-10"]).good();
    assert!(on(&folder, &server, "moved", &MOVE).good().starts_with("nothing to do: "));
    let elsewhere = on(&folder, &server, "elsewhere", &MOVE);
    elsewhere.refused(2, &format!("error: {went}: nothing more is recorded in it or paid from it; use --store {to}"));
}

#[test]
fn a_move_that_cannot_begin_leaves_the_ledger_open() {
    let (folder, server) = (Folder::new(), NatsServer::start(CURRENT));
    folder.run(&["init"]).good();
    on(&folder, &server, "new", &MOVE).refused(2, "error: --from: there is no event in it to move; leave --from out");
    folder.write("commands.ndjson", COMMANDS);
    folder.run(&["import", "commands.ndjson"]).good();
    on(&folder, &server, "taken", &["init"]).good();
    on(&folder, &server, "taken", &MOVE).refused(2, "error: the server has a stream taken already: nothing was changed; another ledger needs another NAME in nats://HOST:PORT/NAME");
    folder.run(&["--store", "sqlite:new.db", "init", "--from", "sqlite:footing.db"]).refused(
        2,
        "error: --store: a ledger moves to a server, nats://HOST:PORT/NAME; a file is copied with footing archive and footing restore",
    );
    let taken = server.address("taken");
    on(&folder, &server, "new", &["init", "--from", &taken]).refused(
        2,
        "error: --from: a ledger on a server cannot be closed there; footing archive and footing restore make another of it",
    );
    let given_up = on(&folder, &server, "new", &[&MOVE[..], &["--give-up"]].concat());
    given_up.refused(2, &format!("error: the ledger at footing.db is not being moved to {}", server.address("new")));
    folder.run(&["run", "--until", "2026-08-10"]).good();
}

#[test]
fn a_move_that_was_cut_off_is_given_up_until_the_last_event_goes_and_what_arrived_serves_nobody() {
    let (folder, server) = (Folder::new(), NatsServer::start(CURRENT));
    lived(&folder, &[]);
    // As if it had been cut off between closing the old ledger and making the new one.
    let to = server.address("half");
    mark(&folder, &to, "begun");
    let again = format!("bring that to its end: footing init --store {to} --from sqlite:./footing.db");
    let run = ["run", "--until", "2026-09-10"];
    folder.run(&run).refused(
        2,
        &format!("error: this ledger is being moved to {to}: nothing is recorded in it or paid from it meanwhile; {again}; or give it up: the same with --give-up"),
    );
    let status = folder.run(&["status"]);
    assert!(status.code == 1 && status.out.contains(&format!("FAIL  moved: this ledger is being moved to {to}")));
    // Nothing runs there any more, and the way back needs nobody's answer.
    drop(server);
    let give_up = ["--store", &to, "--home", "home", "init", "--from", "sqlite:footing.db", "--give-up"];
    assert!(folder.run(&give_up).good().starts_with("given up: the old ledger is open again; "));
    folder.run(&run).good();
    mark(&folder, &to, "ending");
    folder.run(&give_up).refused(
        2,
        &format!("error: this ledger is being moved to {to}: nothing more is recorded in it or paid from it; bring that to its end: footing init --store {to} --from sqlite:footing.db"),
    );
}
