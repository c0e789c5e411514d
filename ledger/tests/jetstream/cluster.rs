//! Three servers that keep one stream: killed, cut off, stopped and started again under load. Nothing acknowledged is
//! lost, nothing is there twice, nobody is told of an older end than there was, and all three have the same history.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use ledger::jetstream::{InOutbox, Options};
use ledger::{JetStreamStore, ReadError, Reader, Store};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::commands::{check_history, claim, ledger, register, subject};
use crate::load::{Witness, rounds, write_as_allowed};
use crate::nats_cluster::Cluster;
use crate::place::runtime;

const NAME: &str = "benefits";

/// How many commands are submitted while one thing goes wrong.
const EACH: usize = 1_000;

/// Nothing that is waited for takes longer on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// A ledger on three servers under load.
struct Trial {
    cluster: Cluster,
    runtime: Runtime,
    permits: Arc<Semaphore>,
    /// What was answered to each command, and when.
    said: Receiver<(u128, u64, Instant)>,
    witness: Witness,
    /// How often a reader got no answer, because whoever it asked may have known less than others.
    unanswered: u64,
    /// When the last answer came that was heard, and the longest time between two.
    last: Instant,
    waited: Duration,
}

impl Trial {
    fn begin(commands: u128) -> Trial {
        let (cluster, runtime) = (Cluster::start(), runtime());
        let permits = Arc::new(Semaphore::new(0));
        let (say, said) = channel();
        runtime.block_on(async {
            let address = cluster.address(&[0, 1, 2], NAME).parse().unwrap();
            let request = Duration::from_secs(1);
            let options = Options { replicas: Some(3), request, ..Options::beside(cluster.folder().join("writer")) };
            let store = JetStreamStore::create(&address, options, Uuid::from_u128(1)).await.unwrap();
            let mut first = ledger(&store);
            first.submit(register(1)).await.unwrap();
            first.submit(claim(2)).await.unwrap();
            let witness = move |number, place| say.send((number, place, Instant::now())).unwrap();
            tokio::spawn(write_as_allowed(store, 3..=2 + commands, Arc::clone(&permits), witness));
        });
        let (witness, last) = (Witness::default(), Instant::now());
        Trial { cluster, runtime, permits, said, witness, unanswered: 0, last, waited: Duration::ZERO }
    }

    /// A reader that asks these servers only, with little patience.
    fn reader(&self, nodes: &[usize], beside: &str) -> JetStreamStore {
        let address = self.cluster.address(nodes, NAME).parse().unwrap();
        let (request, deadline) = (Duration::from_millis(400), Duration::from_secs(1));
        let options = Options { request, deadline, ..Options::beside(self.cluster.folder().join(beside)) };
        self.runtime.block_on(JetStreamStore::open(&address, options)).unwrap()
    }

    fn leader(&self) -> usize {
        let store = self.reader(&[0, 1, 2], "leader");
        self.cluster.node(&store.about().leader.unwrap())
    }

    /// Submits so many commands and hears so many answers.
    fn submit(&mut self, heard: usize) {
        self.last = Instant::now();
        self.permits.add_permits(EACH);
        self.hear(heard);
    }

    fn hear(&mut self, answers: usize) {
        for _ in 0..answers {
            let (number, place, at) = self.said.recv_timeout(PATIENCE).expect("commands are stored again");
            self.waited = self.waited.max(at - self.last);
            self.last = at;
            self.witness.note(number, place);
        }
    }

    /// A reader is told of everything that was acknowledged, or told nothing.
    fn look(&mut self, reader: &JetStreamStore) {
        let acknowledged = self.witness.0.values().max().copied().unwrap_or(0);
        match self.runtime.block_on(reader.head()) {
            Ok(head) => assert!(head.sequence >= acknowledged, "{acknowledged} was acknowledged, {head:?} was said"),
            Err(_) => self.unanswered += 1,
        }
    }

    /// The leader dies; the others choose another.
    fn kill_the_leader(&mut self) {
        let leader = self.leader();
        self.submit(200);
        self.cluster.kill(&[leader]);
        self.hear(EACH - 200);
        self.cluster.start_again(&[leader]);
    }

    /// The leader hears nothing of the others and does not know that they chose another; clients reach it as before.
    fn cut_off_the_leader(&mut self) {
        let leader = self.leader();
        let reader = self.reader(&[leader], "cut-off");
        let before = self.unanswered;
        self.submit(200);
        self.cluster.cut_off(leader);
        // For some seconds nobody else can be chosen, and what it says is true. Then it is not believed any more.
        while self.unanswered == before {
            self.look(&reader);
        }
        self.hear(EACH - 200);
        self.look(&reader);
        self.cluster.join_again(leader);
        self.ask_often(&reader);
        self.read_all(&reader);
    }

    /// Many at once ask for the last event, until all of them get it: nobody hears that it is missing.
    fn ask_often(&mut self, reader: &JetStreamStore) {
        let (acknowledged, subject) = (*self.witness.0.values().max().unwrap(), subject());
        let since = Instant::now();
        loop {
            let asked = (0..16).map(|_| reader.read_subject(&subject, acknowledged, 1));
            let found = self.runtime.block_on(join_all(asked));
            if found.iter().all(Result::is_ok) {
                return;
            }
            for error in found.into_iter().filter_map(Result::err) {
                assert!(matches!(error, ReadError::Storage { .. }), "nothing is wrong, and {error}");
                self.unanswered += 1;
            }
            assert!(since.elapsed() < PATIENCE, "nobody answers");
        }
    }

    /// Whoever reads gets everything that was acknowledged, or no answer for now, and never hears that something is missing.
    fn read_all(&mut self, reader: &JetStreamStore) {
        let acknowledged = *self.witness.0.values().max().unwrap();
        let since = Instant::now();
        let read = async || {
            let mut all = Reader::after(reader, 0);
            while !all.next(1_000).await?.is_empty() {}
            Ok(all.position())
        };
        loop {
            match self.runtime.block_on(read()) {
                Ok(position) => return assert!(position >= acknowledged, "{position} of {acknowledged} were read"),
                Err(ReadError::Storage { .. }) => self.unanswered += 1,
                Err(error @ (ReadError::Gap(_) | ReadError::Damaged { .. })) => panic!("nothing is wrong, and {error}"),
            }
            assert!(since.elapsed() < PATIENCE, "nobody answers");
        }
    }

    /// The leader stops in the middle of something and goes on as if no time had passed.
    fn freeze_the_leader(&mut self) {
        let leader = self.leader();
        let reader = self.reader(&[leader], "frozen");
        self.submit(200);
        self.cluster.freeze(leader);
        self.hear(EACH - 200);
        self.cluster.thaw(leader);
        for _ in 0..50 {
            self.look(&reader);
        }
    }

    /// A server that is behind is asked alone; it gives what the leader has.
    fn freeze_a_follower(&mut self) {
        let follower = (self.leader() + 1) % 3;
        let reader = self.reader(&[follower], "behind");
        self.submit(200);
        self.cluster.freeze(follower);
        self.hear(EACH - 200);
        self.cluster.thaw(follower);
        self.look(&reader);
        self.read_all(&reader);
    }

    fn kill_all(&mut self) {
        self.submit(200);
        self.cluster.kill(&[0, 1, 2]);
        self.cluster.start_again(&[0, 1, 2]);
        self.hear(EACH - 200);
    }

    /// Every command is there once where it was said to be, and every server has the same bytes.
    fn end(&mut self, commands: u128) {
        assert_eq!(self.witness.0.len() as u128, commands);
        let address = self.cluster.address(&[0, 1, 2], NAME).parse().unwrap();
        self.runtime.block_on(async {
            let eyes = Options::beside(self.cluster.folder().join("eyes"));
            let eyes = JetStreamStore::open(&address, eyes).await.unwrap();
            self.witness.check(&check_history(&eyes, 2 + commands).await);
            let writer = Options::beside(self.cluster.folder().join("writer"));
            let writer = JetStreamStore::open(&address, writer).await.unwrap();
            assert_eq!(writer.outbox().await.unwrap(), InOutbox::default());
            let end = eyes.head().await.unwrap().sequence;
            let first = self.copy_of(0, end).await;
            assert_eq!(first.len() as u64, end);
            for node in [1, 2] {
                assert!(self.copy_of(node, end).await == first, "n{} has another history", node + 1);
            }
        });
    }

    /// Everything as this server keeps it: it is made the leader and asked for each message.
    async fn copy_of(&self, node: usize, end: u64) -> Vec<Value> {
        let address = self.cluster.address(&[node], "");
        let client = async_nats::connect(address.trim_end_matches('/')).await.unwrap();
        let ask = |subject: &str, question: Value| {
            let asked = client.request(format!("$JS.API.STREAM.{subject}.{NAME}"), question.to_string().into());
            async move { asked.await.map(|answer| serde_json::from_slice::<Value>(&answer.payload).unwrap()) }
        };
        let name = format!("n{}", node + 1);
        let is_leader = |info: &Value| info["cluster"]["leader"] == json!(name);
        while !ask("INFO", json!({})).await.is_ok_and(|info| is_leader(&info)) {
            // Another one is chosen while the stream is catching up; it is asked again.
            let _ = ask("LEADER.STEPDOWN", json!({"placement": {"preferred": name}})).await;
        }
        let get = |sequence: u64| ask("MSG.GET", json!({"seq": sequence}));
        // A server that was away may lead before it has caught up; what it lacks then it has to have in the end.
        let since = Instant::now();
        loop {
            let all = stream::iter(1..=end).map(get).buffered(64);
            let mut all: Vec<Value> = all.map(Result::unwrap).collect().await;
            let missing = all.iter().filter(|answer| answer["message"].is_null()).count();
            if missing == 0 {
                return all.iter_mut().map(|answer| answer["message"].take()).collect();
            }
            assert!(since.elapsed() < PATIENCE, "{name} lacks {missing} of {end}");
        }
    }
}

/// With `FOOTING_LONG` every fault.
#[test]
fn a_cluster_whose_servers_are_killed_cut_off_and_stopped_loses_nothing_and_nobody_is_told_of_an_older_end() {
    const FAULTS: [fn(&mut Trial); 5] = [
        Trial::cut_off_the_leader,
        Trial::kill_all,
        Trial::kill_the_leader,
        Trial::freeze_the_leader,
        Trial::freeze_a_follower,
    ];
    let count = usize::try_from(rounds(1, 5)).unwrap();
    let commands = (count * EACH) as u128;
    let mut trial = Trial::begin(commands);
    FAULTS.iter().cycle().take(count).for_each(|fault| fault(&mut trial));
    trial.end(commands);
    let (unanswered, waited) = (trial.unanswered, trial.waited.as_secs_f64());
    println!(
        "cluster: {count} faults, {commands} commands; 0 lost, 0 doubled, {unanswered} times no answer rather than an old one; \
         the writer waited {waited:.1} s at most"
    );
}
