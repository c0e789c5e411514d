//! A move to a server killed at each of its steps: at no moment can people be paid from both ledgers, and the same words
//! bring it to its end. `FOOTING_LONG=1` goes through the steps ten times.

use serde_json::json;

use crate::history::crowd;
use crate::nats_admin::ask;
use crate::nats_server::{CURRENT, NatsServer};
use crate::program::{Place, Ran};

/// What can be seen of a move when it is killed.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The old ledger says that it went so far; nothing at all as long as it says nothing.
    Marked(&'static str),
    /// This stands beside the new one.
    Beside(&'static str),
    /// So many events are there; none of a stream that was just made.
    Arrived(u64),
}

const STEPS: [Step; 9] = [
    Step::Marked(""),
    Step::Marked("begun"),
    Step::Beside("vault"),
    Step::Beside("checkpoints"),
    Step::Arrived(0),
    Step::Arrived(1),
    Step::Arrived(1_000),
    Step::Marked("ending"),
    Step::Marked("finished"),
];

/// What the old ledger says of its move; nothing where it is open.
fn stage(place: &Place) -> String {
    let file = place.reader();
    file.query_row("SELECT stage FROM moved", [], |row| row.get(0)).unwrap_or_default()
}

/// A server and a ledger's name on it.
struct There<'a> {
    server: &'a NatsServer,
    name: String,
}

impl There<'_> {
    /// How many events there are; none where there is no stream.
    fn arrived(&self) -> Option<u64> {
        ask(self.server.socket(), &format!("STREAM.INFO.{}", self.name), &json!({}))["state"]["messages"].as_u64()
    }

    fn run(&self, place: &Place, home: &str, arguments: &[&str]) -> Ran {
        place.run(&[&["--store", &self.server.address(&self.name), "--home", home], arguments].concat())
    }

    /// Starts the move and kills it; whether it was killed before its end.
    fn kill_at(&self, place: &Place, step: Step) -> bool {
        let store = self.server.address(&self.name);
        let mut running = place.start(&["--store", &store, "--home", "home", "init", "--from", "sqlite:footing.db"]);
        running.until(|| match step {
            Step::Marked(so_far) => stage(place) == so_far,
            Step::Beside(what) => place.path("home").join(format!("{}.{what}", self.name)).exists(),
            Step::Arrived(events) => self.arrived().is_some_and(|arrived| arrived >= events),
        });
        running.kill()
    }
}

/// Whoever asks after a kill: at most one of the two ledgers lets anybody pay, and half of one lets nobody even look.
#[track_caller]
fn at_most_one_pays(place: &Place, there: &There<'_>, events: u64, step: Step) {
    let pays = |ran: Ran| match ran.code {
        0 => true,
        2 | 3 => false,
        _other => panic!("{step:?}: {ran:?}"),
    };
    let (stage, before) = (stage(place), there.arrived());
    let old = pays(place.twin().run(&["pay", "status"]));
    // From the mover's own folder, whose outbox may have the last events, and from another machine that knows nothing of
    // the move.
    let new = ["home", "elsewhere"].map(|home| pays(there.run(place, home, &["pay", "status"])));
    let after = there.arrived();
    let said =
        format!("killed at {step:?}: the old says `{stage}`, and {before:?}, then {after:?} of {events} are there");
    assert_eq!(old, stage.is_empty(), "{said}");
    assert!(before != Some(events) || new == [true; 2], "{said}");
    assert!(after == Some(events) || new == [false; 2], "{said}");
    assert!(!(old && new.contains(&true)), "{said}");
    assert!(after != Some(events) || ["ending", "finished"].contains(&stage.as_str()), "{said}: it can be given up");
}

#[test]
fn a_move_killed_at_any_step_lets_nobody_be_paid_twice_and_goes_on_to_the_same_ledger() {
    let begun = Place::with(&crowd(400));
    let (server, export) = (NatsServer::start(CURRENT), begun.export());
    begun.run(&["log", "checkpoint"]).good();
    let events = export.lines().count() as u64;
    let rounds = if std::env::var_os("FOOTING_LONG").is_some() { 10 } else { 1 };
    let (mut killed, mut halfway) = (0, 0);
    for (number, step) in STEPS.iter().cycle().take(STEPS.len() * rounds).enumerate() {
        let (place, there) = (begun.twin(), There { server: &server, name: format!("m{number}") });
        killed += u32::from(there.kill_at(&place, *step));
        halfway += u32::from(there.arrived().is_some_and(|arrived| arrived < events));
        at_most_one_pays(&place, &there, events, *step);
        let again = there.run(&place, "home", &["init", "--from", "sqlite:footing.db"]).good();
        assert!(again.contains(&format!(" all {events} events")), "{step:?}: {again}");
        assert_eq!(place.run(&["pay", "status"]).code, 2, "{step:?}");
        let new_key = place.path("home").join(format!("{}.logkey", there.name));
        assert!(new_key.exists() && !place.path("footing.db.logkey").exists(), "{step:?}: one ledger has the key");
        assert_eq!(there.run(&place, "home", &["export"]).good(), export, "{step:?}");
        if number % STEPS.len() == 3 {
            there.run(&place, "home", &["verify"]).good();
            assert!(place.run(&["export"]).out == export, "the old one is read as before");
        }
    }
    assert!(killed > 5 && halfway > 0, "{killed} kills, {halfway} of them with half a ledger there");
}

#[test]
fn a_move_that_is_given_up_after_a_part_of_it_arrived_leaves_one_ledger_that_pays() {
    let (place, server) = (Place::with(&crowd(400)), NatsServer::start(CURRENT));
    let there = There { server: &server, name: "half".into() };
    assert!(there.kill_at(&place, Step::Arrived(1)), "it was not killed");
    let give_up = ["init", "--from", "sqlite:footing.db", "--give-up"];
    let events = place.run(&["export"]).out.lines().count();
    let arrived = there.arrived().unwrap();
    if stage(&place) != "begun" {
        // All of it was on its way: there is no way back.
        assert_eq!(there.run(&place, "home", &give_up).code, 2);
        return;
    }
    there.run(&place, "home", &give_up).good();
    place.run(&["run", "--until", "2026-07-06"]).good();
    let refused =
        format!("error: {arrived} of the {events} events that are moved to {} are there", server.address("half"));
    there.run(&place, "home", &["run", "--until", "2026-07-06"]).refused(2, &refused);
    // What was recorded since is not what the half-made ledger awaits.
    let again = there.run(&place, "home", &["init", "--from", "sqlite:footing.db"]);
    again.refused(2, "error: the server has a stream half already: nothing was changed");
    place.is_whole();
}
