//! A ledger on a server: the same commands, the same figures, the same bytes.

use serde_json::{Value, json};

use crate::ledger::{COMMANDS, QUENTIN};
use crate::nats_server::{CURRENT, NatsServer};
use crate::run::{Folder, Ran};

/// Runs a command on the ledger of this name, with what lies beside it in the folder's `home`.
pub(crate) fn on(folder: &Folder, server: &NatsServer, name: &str, arguments: &[&str]) -> Ran {
    folder.run(&[&["--store", &server.address(name), "--home", "home"], arguments].concat())
}

/// The events of an export without the salted commitments of texts, and without what is computed from them.
fn without_salt(export: &str) -> Vec<Value> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| !["commitment", "commandhash", "prev"].contains(&name.as_str()));
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let event = |line: &str| {
        let mut event = serde_json::from_str(line).unwrap();
        strip(&mut event);
        event
    };
    export.lines().map(event).collect()
}

/// A ledger of one claimant with rent, a sealed name and two pay days.
pub(crate) fn lived(folder: &Folder, store: &[&str]) {
    folder.write("commands.ndjson", COMMANDS);
    let on = |arguments: &[&str]| folder.run(&[store, arguments].concat()).good();
    on(&["init", "--name", "example.org/ledger"]);
    on(&["import", "commands.ndjson"]);
    on(&["run", "--until", "2026-08-10"]);
}

#[test]
fn a_ledger_on_a_server_has_the_events_digests_and_figures_of_the_same_history_in_a_file() {
    let (folder, server) = (Folder::new(), NatsServer::start(CURRENT));
    let there = ["--store", &server.address("lived"), "--home", "home"];
    lived(&folder, &there);
    lived(&folder, &[]);
    for arguments in [
        &["run", "--until", "2026-08-10"][..],
        &["rebuild"],
        &["books"],
        &["floor", "--all", "--to", "2026-08-10"],
        &["history", QUENTIN],
        &["replay", "--against", "no-gap"],
    ] {
        let in_file = folder.run(arguments).good();
        assert_eq!(folder.run(&[&there, arguments].concat()).good(), in_file, "{arguments:?}");
    }
    let verified = |store: &[&str]| folder.run(&[store, &["verify"]].concat()).good();
    assert_eq!(verified(&there), verified(&[]));
    let (on_server, in_file) = (folder.run(&[&there[..], &["export"]].concat()).good(), folder.run(&["export"]).good());
    assert_eq!(without_salt(&on_server), without_salt(&in_file));
}

#[test]
fn a_demonstration_on_a_server_makes_its_ledger_there_before_anything_else() {
    let (folder, server) = (Folder::new(), NatsServer::start(CURRENT));
    on(&folder, &server, "demo", &["init"]).good();
    on(&folder, &server, "demo", &["demo"])
        .refused(2, "error: the server has a stream demo already: nothing was changed; another ledger needs another NAME in nats://HOST:PORT/NAME");
}

#[test]
fn a_ledger_that_outgrew_its_file_moves_to_a_server_with_every_byte_and_its_texts() {
    let (folder, server) = (Folder::new(), NatsServer::start(CURRENT));
    lived(&folder, &[]);
    let history = ["history", QUENTIN];
    let (in_file, export) = (folder.run(&history).good(), folder.run(&["export"]).good());
    let said = on(&folder, &server, "moved", &["init", "--from", "sqlite:footing.db"]).good();
    assert!(said.contains("each with its bytes, name, time and position"), "{said}");
    // Once more changes nothing: a move that was cut off is started again in the same words.
    let again = on(&folder, &server, "moved", &["init", "--from", "sqlite:footing.db"]).good();
    assert!(again.starts_with("nothing to do: all ") && again.contains(" were moved to nats://"), "{again}");
    assert_eq!(on(&folder, &server, "moved", &["export"]).good(), export);
    assert_eq!(on(&folder, &server, "moved", &history).good(), in_file, "names come from the vault that moved along");
    on(&folder, &server, "moved", &["verify"]).good();
    folder.run(&["--store", "sqlite:other.db", "init"]).good();
    folder.write("one.ndjson", COMMANDS.lines().next().unwrap());
    folder.run(&["--store", "sqlite:other.db", "import", "one.ndjson"]).good();
    on(&folder, &server, "moved", &["init", "--from", "sqlite:other.db"]).refused(
        2,
        "error: the server has a stream moved already: nothing was changed; another ledger needs another NAME in nats://HOST:PORT/NAME",
    );
    folder.run(&["--store", "sqlite:other.db", "run", "--until", "2026-08-10"]).good();
}

#[test]
fn an_event_on_a_server_is_signed_and_proved_as_in_a_file() {
    let (folder, server) = (Folder::new(), NatsServer::start(CURRENT));
    on(&folder, &server, "signed", &["init"]).good();
    folder.write("commands.ndjson", COMMANDS);
    on(&folder, &server, "signed", &["import", "commands.ndjson"]).good();
    on(&folder, &server, "signed", &["log", "checkpoint"]).good();
    let export = on(&folder, &server, "signed", &["export"]).good();
    let event: Value = serde_json::from_str(export.lines().last().unwrap()).unwrap();
    let key = on(&folder, &server, "signed", &["log", "key", "list"]).good();
    let key = key.split_whitespace().find(|word| word.contains('+')).unwrap();
    for name in ["1", event["id"].as_str().unwrap()] {
        on(&folder, &server, "signed", &["log", "prove", name, "--output", "one.tlog-proof"]).good();
        folder.run(&["log", "check", "one.tlog-proof", "--key", key]).good();
    }
}

#[test]
fn the_status_of_a_ledger_on_a_server_names_server_replicas_outbox_and_lag() {
    let (folder, server) = (Folder::new(), NatsServer::start(CURRENT));
    on(&folder, &server, "new", &["init"]).good();
    let status = on(&folder, &server, "new", &["--format", "json", "status"]).good();
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["store"], server.address("new"));
    assert_eq!(status["server"]["version"], "2.15.1");
    assert_eq!((&status["server"]["replicas"], &status["server"]["outbox"]), (&json!(1), &json!(0)));
    assert_eq!((&status["views_lagged_by"], &status["wrong"]), (&json!(0), &json!([])));
    let said = on(&folder, &server, "new", &["status"]).good();
    for says in [" the views were 0 events behind\n", " nats-server 2.15.1\n", " 0 batches waiting\n"] {
        assert!(said.contains(says), "{says}: {said}");
    }
}

/// What a writer leaves that was killed after it put a batch on its disk, and was overtaken before it came back.
fn leave_behind(folder: &Folder, name: &str, ledger: &Value) {
    let outbox = rusqlite::Connection::open(folder.path(&format!("home/{name}.outbox"))).unwrap();
    outbox.execute("INSERT INTO batches (ledger, after) VALUES (?1, 0)", [ledger.as_str().unwrap()]).unwrap();
    // The import's own batch was the first, and is gone.
    let (command, person) = ("01939c2e-0000-7000-8000-0000000000ff", "01939c2e-0000-7000-8000-0000000000aa");
    let message = [
        format!("benefit.person.{person}"),
        format!("{command}.0"),
        "footing.person.registered.v1".into(),
        "2026-06-01T08:00:00Z".into(),
    ];
    let sql = "INSERT INTO messages VALUES (2, 0, ?1, ?2, ?3, ?4, x'7b7d')";
    outbox.execute(sql, rusqlite::params_from_iter(message)).unwrap();
}

#[test]
fn a_batch_that_was_overtaken_is_listed_with_what_stands_at_its_place_and_dropped_by_its_number() {
    let (folder, server) = (Folder::new(), NatsServer::start(CURRENT));
    on(&folder, &server, "ours", &["init"]).good();
    folder.write(
        "one.ndjson",
        r#"{"id":"01939c2e-0000-7000-8000-000000000001","actor":"caseworker:1","time":"2026-06-01T09:00:00Z","effective_from":"2026-06-01","do":"register_person","person":"01939c2e-0000-7000-8000-00000000000a","birth_date":"1990-01-01"}"#,
    );
    on(&folder, &server, "ours", &["import", "one.ndjson"]).good();
    let status = on(&folder, &server, "ours", &["--format", "json", "status"]).good();
    let status: Value = serde_json::from_str(&status).unwrap();
    leave_behind(&folder, "ours", &status["server"]["ledger_id"]);
    let status = on(&folder, &server, "ours", &["status"]);
    let says = "outbox: 1 batches were never stored: their place was taken meanwhile; see footing outbox list";
    assert!(status.code == 1 && status.out.contains(says), "{}", status.out);
    let batch = "batch 2 for 1 on: never can be stored: 01939c2e-0000-7000-8000-000000000001.0 (footing.person.registered.v1) stands at 1
  command 01939c2e-0000-7000-8000-0000000000ff: not recorded: submit it again
    footing.person.registered.v1 on benefit.person.01939c2e-0000-7000-8000-0000000000aa, 2026-06-01T08:00:00Z
";
    assert_eq!(on(&folder, &server, "ours", &["outbox", "list"]).good(), batch);
    let unknown = on(&folder, &server, "ours", &["outbox", "drop", "7"]);
    unknown.refused(2, "error: there is no batch 7 in the outbox: `footing outbox list` shows what is there");
    assert_eq!(on(&folder, &server, "ours", &["outbox", "drop", "2"]).good(), format!("dropped\n{batch}"));
    assert_eq!(on(&folder, &server, "ours", &["outbox", "list"]).good(), "the outbox is empty\n");
    assert_eq!(on(&folder, &server, "ours", &["export"]).good().lines().count(), 1, "nothing of it was stored");
    folder.run(&["init"]).good();
    folder
        .run(&["outbox", "list"])
        .refused(2, "error: --store: a ledger in a file has no outbox; name one on a server");
}

#[test]
fn an_index_that_was_damaged_is_made_again_and_the_command_says_so() {
    let (folder, server) = (Folder::new(), NatsServer::start(CURRENT));
    on(&folder, &server, "ours", &["init"]).good();
    folder.write("home/ours.index", "no index at all");
    let said = on(&folder, &server, "ours", &["status"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let note = "note: the index beside the ledger was damaged (not an SQLite file); it is made again from the stream\n";
    assert_eq!(said.err, note);
    assert_eq!(on(&folder, &server, "ours", &["status"]).good(), said.out, "and once is enough");
}

#[test]
fn what_a_ledger_that_is_gone_left_behind_is_never_taken_for_a_new_ones() {
    let (folder, old) = (Folder::new(), NatsServer::start(CURRENT));
    lived(&folder, &["--store", &old.address("one"), "--home", "old"]);
    folder.run(&["--store", &old.address("one"), "--home", "old", "status"]).good();
    drop(old);
    let new = NatsServer::start(CURRENT);
    let at = |home: &str, arguments: &[&str]| {
        folder.run(&[&["--store", &new.address("one"), "--home", home], arguments].concat())
    };
    at("old", &["init"]).refused(
        2,
        "error: old/one.vault is left of another ledger: bring that one back with `footing restore`, or move everything of that name away first",
    );
    // Somebody made it from elsewhere, and it has as many events as the old one had.
    at("elsewhere", &["init", "--no-key"]).good();
    let people = |n: u32| COMMANDS.lines().next().unwrap().replace("-00000000000", &format!("-0000000{n:03}0"));
    folder.write("people.ndjson", (100..200).map(|n| people(n) + "\n").collect::<String>());
    at("elsewhere", &["import", "people.ndjson"]).good();
    for arguments in [&["floor", "--all"][..], &["run", "--until", "2026-08-10"], &["status"]] {
        let refused = at("old", arguments);
        assert_eq!((refused.code, refused.out.as_str()), (3, ""), "{arguments:?}: {}", refused.err);
    }
    assert!(
        at("old", &["floor", "--all"]).err.contains("and the stream has not"),
        "views of another ledger serve nobody"
    );
}

#[test]
fn what_is_wrong_with_a_server_is_said_with_what_to_do() {
    let (folder, mut server) = (Folder::new(), NatsServer::start(CURRENT));
    on(&folder, &server, "none", &["status"]).refused(
        2,
        "error: there is no ledger none on this server: make one with `footing init --store nats://HOST:PORT/none`",
    );
    on(&folder, &server, "one", &["init"]).good();
    on(&folder, &server, "one", &["init"])
        .refused(2, "error: the server has a stream one already: nothing was changed; another ledger needs another NAME in nats://HOST:PORT/NAME");
    on(&folder, &server, "a.b", &["init"]).refused(
        2,
        "error: --store: the name holds something other than letters, digits, _ and -: use nats://HOST:PORT/NAME, or tls:// for an encrypted connection",
    );
    let address = server.address("one");
    server.kill();
    let away = on(&folder, &server, "one", &["status"]);
    assert_eq!(away.code, 3, "{}", away.err);
    assert!(away.err.contains(&format!("cannot connect to {address}")), "{}", away.err);
    assert!(away.err.contains("is the server running"), "{}", away.err);
}
