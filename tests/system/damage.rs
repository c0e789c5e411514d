//! The production ledger damaged in every way that was thought of, by disks and by people with rights they should not use:
//! what is seen, that nobody is paid, and that an archive brings the ledger back. The table of it for operators is
//! `ops/docs/DAMAGE.md`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::history::history;
use crate::nats_admin::ask;
use crate::nats_server::{CURRENT, NatsServer};
use crate::program::{Place, Ran};
use crate::tamper::event_id;

/// A ledger in a file, its people paid and everything signed, and an archive of it in segments of 64 events.
fn archived() -> Place {
    let place = Place::with(&history(12));
    place.run(&["run", "--until", "2026-08-10"]).good();
    place.run(&["archive", "archive", "--segment", "64"]).good();
    place.write("bank.yaml", BANK);
    place
}

const BANK: &str = "name: Agency\naccount: 01-02-03 12345678\nservice_user_number: 123456\ncurrency: GBP\n";

/// The same ledger on a server, brought there by `restore`; with an operator's folder of its own.
struct OnServer<'a> {
    place: &'a Place,
    store: String,
    home: String,
    name: &'static str,
}

impl OnServer<'_> {
    fn new<'a>(place: &'a Place, server: &NatsServer, name: &'static str) -> OnServer<'a> {
        let there = OnServer { place, store: server.address(name), home: format!("home-{name}"), name };
        let said = there.run(&["restore", "archive", "--vault", "footing.db.vault"]).good();
        assert!(said.contains("here as in the archive"), "{said}");
        fs::copy(place.path("footing.db.logkey"), place.path(&format!("{}/{name}.logkey", there.home))).unwrap();
        there
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.place.run(&[&["--store", &self.store, "--home", &self.home], arguments].concat())
    }

    /// The folder of its messages in that of the server.
    fn messages(&self, server: &Path) -> PathBuf {
        server.join("js/jetstream/$G/streams").join(self.name).join("msgs")
    }
}

/// `verify` finds it and says where, and nothing of a payment goes on.
#[track_caller]
fn refused_and_named(one: &OnServer<'_>, finding: &str, refusal: &str) {
    let ran = one.run(&["verify"]);
    assert!(ran.code == 1 && ran.out.contains(finding), "{}: `{finding}` is not in {ran:?}", one.name);
    for arguments in [
        &["run", "--until", "2026-08-31"][..],
        &["pay", "plan", "--day", "2026-08-11"],
        &["pay", "approve", "00000000", "--digest", "00000000", "--actor", "somebody"],
        &["pay", "release", "00000000", "--out", "out", "--bank", "bank.yaml"],
        &["archive", "archive"],
    ] {
        one.run(arguments).refused(3, refusal);
    }
    assert!(!one.place.path("out").exists());
}

/// The archive brings it back under this name, which `verify` finds whole and which has every event as it was.
#[track_caller]
fn comes_back(one: &OnServer<'_>, server: &NatsServer, name: &'static str) {
    let there = OnServer { store: server.address(name), name, home: one.home.clone(), ..*one };
    let vault = format!("{}/{}.vault", one.home, one.name);
    let with_vault = ["restore", "archive", "--vault", &vault];
    there.run(if name == one.name { &with_vault[..2] } else { &with_vault }).good();
    if name == one.name {
        there.run(&["rebuild"]).good();
    }
    let said = there.run(&["verify"]).good();
    assert!(said.lines().all(|line| line.starts_with("ok    ")), "{said}");
    assert_eq!(there.run(&["export"]).good(), one.place.export());
}

#[test]
fn damage_to_the_disk_of_a_server_is_found_and_named_nobody_is_paid_and_the_archive_brings_the_ledger_back() {
    let place = archived();
    let mut server = NatsServer::start(CURRENT);
    let on = |name| OnServer::new(&place, &server, name);
    let [flipped, cut, index, unseen] = [on("flipped"), on("cut"), on("index"), on("unseen")];
    let id = event_id(&place.stored()[99]);
    let folder = server.folder().to_path_buf();
    let flip_a_bit = |one: &OnServer<'_>| {
        let block = one.messages(&folder).join("1.blk");
        let mut bytes = fs::read(&block).unwrap();
        let at = bytes.windows(id.len()).position(|window| window == id.as_bytes()).unwrap();
        bytes[at] ^= 1;
        fs::write(&block, bytes).unwrap();
    };
    server.stop();
    flip_a_bit(&flipped);
    let block = fs::File::options().write(true).open(cut.messages(&folder).join("1.blk")).unwrap();
    block.set_len(block.metadata().unwrap().len() / 2).unwrap();
    fs::remove_file(index.messages(&folder).join("index.db")).unwrap();
    flip_a_bit(&unseen);
    fs::remove_file(unseen.messages(&folder).join("index.db")).unwrap();
    server.start_again();

    let gap = "the stream has a gap: expected sequence 100, found 101";
    refused_and_named(&flipped, "sequence 101: messages are missing before it: 100 should have come next", gap);
    // What was cut off: the server says how many there were and gives none of them. Each answer takes it its time.
    let ran = cut.run(&["verify"]);
    let lost = ran.out.lines().find(|line| line.contains("messages are missing before it")).unwrap_or_default();
    assert!(ran.code == 1 && lost.contains("sequence 230: messages are missing before it: 1"), "{ran:?}");
    cut.run(&["run", "--until", "2026-08-31"]).refused(3, "the stream has a gap: expected sequence 1");
    let lost = "the stream ends at 99 and 230 events were known: its end was lost";
    let finding = "sequence 99: is the last of the stream, and 230 events were known: its end was lost";
    refused_and_named(&unseen, finding, lost);
    // An index of the server's own is only that.
    assert!(index.run(&["verify"]).good().contains("ok    log: "));

    flipped.run(&["restore", "archive"]).refused(2, "what stands there is damaged: name another place");
    for (one, name) in [(&flipped, "flipped-2"), (&cut, "cut-2"), (&unseen, "unseen-2")] {
        comes_back(one, &server, name);
    }
}

#[test]
fn what_an_administrator_does_to_a_stream_is_found_and_named_nobody_is_paid_and_the_archive_brings_the_ledger_back() {
    let place = archived();
    let server = NatsServer::start(CURRENT);
    let admin = |what: &str, question: &Value| ask(server.socket(), what, question);
    let on = |name| OnServer::new(&place, &server, name);
    let [shrunk, deleted, again] = [on("shrunk"), on("deleted"), on("again")];

    for (what, question) in [("PURGE", json!({})), ("MSG.DELETE", json!({"seq": 100}))] {
        assert_ne!(admin(&format!("STREAM.{what}.shrunk"), &question)["error"], Value::Null, "{what}");
    }
    let mut config = admin("STREAM.INFO.shrunk", &json!({}))["config"].take();
    let mut update = |most: i64, discard: &str| {
        config["max_msgs"] = json!(most);
        config["discard"] = json!(discard);
        assert_eq!(admin("STREAM.UPDATE.shrunk", &config)["error"], Value::Null);
    };
    update(50, "old");
    for arguments in [&["verify"][..], &["run", "--until", "2026-08-31"]] {
        shrunk.run(arguments).refused(3, "max_msgs is 50 and has to be -1; have an administrator put it right");
    }
    // Put right, it says nothing of what it lost.
    update(-1, "new");
    let gap = "the stream has a gap: expected sequence 1, found 181";
    refused_and_named(&shrunk, "sequence 181: messages are missing before it: 1 should have come next", gap);
    comes_back(&shrunk, &server, "shrunk-2");

    assert_eq!(admin("STREAM.DELETE.deleted", &json!({}))["success"], json!(true));
    let advice = format!("bring it back with `footing restore ARCHIVE --store {}", deleted.store);
    for arguments in [&["verify"][..], &["run", "--until", "2026-08-31"], &["pay", "plan", "--day", "2026-08-11"]] {
        deleted.run(arguments).refused(3, &advice);
    }
    deleted.run(&["init"]).refused(2, "is left of another ledger: bring that one back with `footing restore`");
    comes_back(&deleted, &server, "deleted");

    assert_eq!(admin("STREAM.DELETE.again", &json!({}))["success"], json!(true));
    place.run(&["--store", &again.store, "--home", "elsewhere", "init"]).good();
    let cut = "the stream ends at 0 and a checkpoint was signed over 230 events: its end was cut off";
    refused_and_named(&again, cut, cut);
    comes_back(&again, &server, "again");
    // One that holds somebody else's events is not written over.
    place.write("other.ndjson", history(1));
    let other = ["--store", &server.address("other"), "--home", "elsewhere"];
    place.run(&[&other[..], &["init"]].concat()).good();
    place.run(&[&other[..], &["import", "other.ndjson"]].concat()).good();
    let refused = place.run(&[&other[..], &["restore", "archive"]].concat());
    assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{}", refused.err);
    assert!(refused.err.contains("holds another history from sequence 1 on"), "{}", refused.err);
}
