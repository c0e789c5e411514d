//! Killed at any moment, the client or the server, with 256 commands on their way: every acknowledged event is there once,
//! at the place that was said; what was not acknowledged is there once or not at all, and submitting it again makes it
//! once. What was acknowledged is known from outside: from what the killed process had said.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use ledger::jetstream::{InOutbox, Options};
use ledger::{JetStreamStore, Store};

use crate::commands::{check_history, claim, ledger, places, register};
use crate::load::{ON_THEIR_WAY, Witness, draw, rounds, write};
use crate::nats_server::{CURRENT, NatsServer};
use crate::place::{beside, elsewhere, fresh, open, runtime};

/// What tells a process of this test that it is the one to be killed: the address, its folder, the first and last command.
const TO_WRITE: &str = "FOOTING_TEST_WRITES";

const WRITER: &str = "kills::commands_on_their_way_together_are_answered_one_by_one";

/// Run by itself this writes to a server of its own; started by the test below, to the one it is told.
#[test]
fn commands_on_their_way_together_are_answered_one_by_one() {
    let runtime = runtime();
    if let Ok(told) = std::env::var(TO_WRITE) {
        let told: Vec<&str> = told.split(' ').collect();
        let [address, beside, first, last] = told[..] else { panic!("{told:?}") };
        let numbers = first.parse().unwrap()..=last.parse().unwrap();
        runtime.block_on(async {
            let store = JetStreamStore::open(&address.parse().unwrap(), Options::beside(beside)).await.unwrap();
            let said = |number, place| {
                // One write each, past what holds back a test's output: said is said.
                std::io::stdout().write_all(format!("\nanswer {number} {place}\n").as_bytes()).unwrap();
                std::io::stdout().flush().unwrap();
            };
            write(store, numbers, said).await;
        });
        return;
    }
    let server = NatsServer::start(CURRENT);
    runtime.block_on(async {
        let (address, store) = fresh(&server).await;
        begin(store).await;
        let mut witness = Witness::default();
        write(open(&server, &address).await.unwrap(), 3..=602, |number, place| witness.note(number, place)).await;
        assert_eq!(witness.0.len(), 600);
        witness.check(&check_history(&elsewhere(&server, &address).await, 602).await);
    });
}

/// A person and a claim; every further command records its rent.
async fn begin(store: JetStreamStore) {
    let mut first = ledger(store);
    first.submit(register(1)).await.unwrap();
    first.submit(claim(2)).await.unwrap();
}

struct Writer {
    child: Child,
    said: Receiver<(u128, u64)>,
}

impl Writer {
    fn start(address: &str, beside: &str, first: u128, last: u128) -> Writer {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", WRITER, "--nocapture", "--test-threads=1"])
            .env(TO_WRITE, format!("{address} {beside} {first} {last}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (say, said) = channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // Anything else is the test program's own talk, or a line that the kill cut off.
                let words: Vec<&str> = line.split(' ').collect();
                if let ["answer", number, place] = words[..] {
                    let _ = say.send((number.parse().unwrap(), place.parse().unwrap()));
                }
            }
        });
        Writer { child, said }
    }

    /// Hears this many answers, or all there are, and then whatever comes within this time.
    fn hear(&self, answers: u64, then: Duration, witness: &mut Witness) -> u64 {
        let mut heard = 0;
        while heard < answers {
            let Ok((number, place)) = self.said.recv() else { return heard };
            witness.note(number, place);
            heard += 1;
        }
        let until = Instant::now() + then;
        while let Ok((number, place)) = self.said.recv_timeout(until.saturating_duration_since(Instant::now())) {
            witness.note(number, place);
            heard += 1;
        }
        heard
    }

    /// Nothing more of it happens; what it had said before counts.
    fn kill(mut self, witness: &mut Witness) -> bool {
        let killed = self.child.try_wait().unwrap().is_none();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.hear(u64::MAX, Duration::ZERO, witness);
        killed
    }
}

#[test]
fn a_client_killed_at_any_moment_loses_nothing_that_it_acknowledged_and_doubles_nothing_when_it_goes_on() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    let rounds = rounds(4, 100);
    let (address, store) = runtime.block_on(fresh(&server));
    runtime.block_on(begin(store));
    let home = beside(&server, "killed");
    let target = server.address(address.name());
    let (mut witness, mut killed, mut last, mut left) = (Witness::default(), 0, 2, 0);
    // Somebody else's eyes: an index of its own, and no outbox to replay.
    let eyes = runtime.block_on(elsewhere(&server, &address));
    for round in 0..rounds {
        // From the first that was not acknowledged on, and many more than are answered before the end.
        let first = (3..).find(|number| !witness.0.contains_key(number)).unwrap();
        let writer = Writer::start(&target, home.to_str().unwrap(), first, first + 19_999);
        let answers = draw(&format!("answers {round}"), 1_500);
        let moment = Duration::from_micros(draw(&format!("moment {round}"), 20_000));
        writer.hear(answers, moment, &mut witness);
        killed += u64::from(writer.kill(&mut witness));
        let found = runtime.block_on(places(&eyes));
        witness.check(&found);
        last = last.max(*found.keys().max().unwrap());
        // There and not acknowledged: the answer did not come out any more.
        left += found.keys().filter(|number| **number > 2 && !witness.0.contains_key(number)).count();
    }
    assert_eq!(killed, rounds);
    last = last.max(*witness.0.keys().max().unwrap());
    let writer = Writer::start(&target, home.to_str().unwrap(), 3, last);
    writer.hear(u64::MAX, Duration::ZERO, &mut witness);
    writer.kill(&mut witness);
    let acknowledged = witness.0.len();
    assert_eq!(acknowledged as u128, last - 2, "submitted again, everything is acknowledged");
    runtime.block_on(async {
        witness.check(&check_history(&eyes, last).await);
        let store = JetStreamStore::open(&address, Options::beside(home)).await.unwrap();
        assert_eq!(store.outbox().await.unwrap(), InOutbox::default());
    });
    println!(
        "client killed {killed} times: {acknowledged} commands, {left} stored and not yet answered at a kill; 0 lost, 0 doubled"
    );
}

#[test]
fn a_server_killed_with_256_commands_on_their_way_loses_none_that_was_acknowledged() {
    let (mut server, runtime) = (NatsServer::start(CURRENT), runtime());
    let rounds = rounds(3, 60);
    let (address, store) = runtime.block_on(fresh(&server));
    runtime.block_on(begin(store));
    let writer = runtime.block_on(elsewhere(&server, &address));
    let last = 2 + u128::from(rounds) * 2_000;
    let (say, said) = channel();
    let writing = runtime.spawn(write(writer, 3..=last, move |number, place| say.send((number, place)).unwrap()));
    let mut witness = Witness::default();
    for round in 0..rounds {
        for _ in 0..500 + draw(&format!("server {round}"), 1_400) {
            let (number, place) = said.recv().unwrap();
            witness.note(number, place);
        }
        let moment = Instant::now() + Duration::from_micros(draw(&format!("then {round}"), 20_000));
        while let Ok((number, place)) = said.recv_timeout(moment.saturating_duration_since(Instant::now())) {
            witness.note(number, place);
        }
        server.kill_and_start_again();
    }
    said.iter().for_each(|(number, place)| witness.note(number, place));
    runtime.block_on(async {
        writing.await.unwrap();
        assert_eq!(witness.0.len() as u128, last - 2, "everything is acknowledged in the end");
        let eyes = elsewhere(&server, &address).await;
        witness.check(&check_history(&eyes, last).await);
        assert_eq!(eyes.head().await.unwrap().sequence as u128, last + 1, "one event each, and two of the claim");
    });
    println!("server killed {rounds} times with {ON_THEIR_WAY} on their way: {} commands; 0 lost, 0 doubled", last - 2);
}
