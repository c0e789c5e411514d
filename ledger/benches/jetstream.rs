//! A ledger on a server beside a bare client that moves the same bytes through the same server, and beside a file.
//!
//! `cargo bench -p ledger --bench jetstream` starts the server that `ops/tools.sh` fetched, with `sync_interval: always`.
//! Compare rows of one run with each other: what the store adds is the outbox, the headers, reading back and the index.
//! Where other work disturbs the machine, `cargo bench -p ledger --bench jetstream -- in_turns` compares them batch by batch.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot set itself up has nothing to measure"
)]

#[path = "../../tests/support/nats_server.rs"]
mod nats_server;
#[path = "../../tests/support/port.rs"]
mod port;

use std::path::Path;
use std::time::Instant;

use async_nats::{Client, HeaderMap};
use divan::Bencher;
use divan::counter::ItemsCount;
use futures_util::StreamExt;
use ledger::contract::{message, person};
use ledger::jetstream::{Address, Options};
use ledger::log::{Log, Places, SigningKey};
use ledger::{EmbeddedStore, JetStreamStore, Message, Reader, Store};
use nats_server::{CURRENT, NatsServer};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// How many messages a reader reads.
const HISTORY: u32 = 100_000;
/// As many as a batch holds, and as a page of the stored views has.
const BATCH: u32 = 1_000;
const PEOPLE: u32 = 1_000;
/// How many times each thing is done where they are done in turns.
const TURNS: u32 = 41;
/// How many messages the bare reader asks for at a time.
const PULL: u32 = 5_000;

fn main() {
    if std::env::args().any(|arg| arg == "in_turns") { in_turns() } else { divan::main() }
}

/// Each batch goes by the bare client, into the server's ledger and its log, and into a file's and its log, one after the
/// other: whatever disturbs one disturbs all. Medians in microseconds.
fn in_turns() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    let (client, store) = (runtime.block_on(bare(&server)), store(&server, &runtime));
    let elsewhere = Options::beside(server.folder().join("elsewhere"));
    let address: Address = server.address("ledger").parse().unwrap();
    let other = runtime.block_on(JetStreamStore::open(&address, elsewhere)).unwrap();
    let (folder, file) = file();
    let mut logs = ["own", "other", "file"].map(|name| {
        let folder = folder.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        log(&folder)
    });
    let mut next = 1;
    println!("events  bare client  server  its log  log elsewhere    file  its log");
    for count in [1, 10, 100, BATCH] {
        let mut took: [Vec<u128>; 6] = Default::default();
        for _ in 0..TURNS {
            let (events, after) = (messages(next, count), u64::from(next - 1));
            next += count;
            let [bare, server, own, elsewhere, in_file, of_file] = &mut took;
            let [own_log, other_log, file_log] = &mut logs;
            clocked(bare, || runtime.block_on(publish(&client, &events)));
            clocked(server, || runtime.block_on(store.append(&events, after, &[])).unwrap());
            clocked(own, || runtime.block_on(own_log.extend(&store, |_| ())).unwrap());
            clocked(elsewhere, || runtime.block_on(other_log.extend(&other, |_| ())).unwrap());
            clocked(in_file, || runtime.block_on(file.append(&events, after, &[])).unwrap());
            clocked(of_file, || runtime.block_on(file_log.extend(&file, |_| ())).unwrap());
        }
        let [bare, server, own, elsewhere, in_file, of_file] = took.map(median);
        println!("{count:6}  {bare:11}  {server:6}  {own:7}  {elsewhere:13}  {in_file:6}  {of_file:7}");
    }
}

fn clocked<T>(took: &mut Vec<u128>, work: impl FnOnce() -> T) {
    let begun = Instant::now();
    let done = work();
    took.push(begun.elapsed().as_micros());
    drop(done);
}

fn median(mut of: Vec<u128>) -> u128 {
    of.sort_unstable();
    of[of.len() / 2]
}

/// One thread that goes on between two calls, as the program has it.
fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// As many bytes as an event of a wage has.
fn messages(first: u32, count: u32) -> Vec<Message> {
    let text = "x".repeat(750);
    (first..first + count).map(|n| message(n, 0, &person(n % PEOPLE), 10, &text)).collect()
}

fn store(server: &NatsServer, runtime: &Runtime) -> JetStreamStore {
    let address: Address = server.address("ledger").parse().unwrap();
    let options = Options::beside(server.folder().join("ledger"));
    runtime.block_on(JetStreamStore::create(&address, options, Uuid::from_u128(1))).unwrap()
}

fn file() -> (TempDir, EmbeddedStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(&folder.path().join("footing.db")).unwrap();
    (folder, store)
}

/// A stream set up as that of a ledger, and a client that knows nothing of ledgers.
async fn bare(server: &NatsServer) -> Client {
    let client = async_nats::connect(server.socket().to_string()).await.unwrap();
    let config = serde_json::json!({
        "name": "bare", "subjects": ["bare.>"], "storage": "file", "discard": "new", "num_replicas": 1,
        "deny_delete": true, "deny_purge": true, "allow_direct": true, "allow_atomic": true,
    });
    let made = client.request("$JS.API.STREAM.CREATE.bare", config.to_string().into()).await.unwrap();
    assert!(!String::from_utf8_lossy(&made.payload).contains("\"error\""), "{made:?}");
    client
}

async fn publish(client: &Client, events: &[Message]) {
    let (last, others) = events.split_last().unwrap();
    let batch = client.new_inbox();
    let headers = |place: usize| {
        let mut headers = HeaderMap::new();
        if !others.is_empty() {
            headers.insert("Nats-Batch-Id", batch.as_str());
            headers.insert("Nats-Batch-Sequence", place.to_string());
        }
        headers
    };
    let subject = |event: &Message| format!("bare.{}", event.subject);
    for (place, event) in (1..).zip(others) {
        client.publish_with_headers(subject(event), headers(place), event.bytes.clone().into()).await.unwrap();
    }
    let mut of_last = headers(events.len());
    if !others.is_empty() {
        of_last.insert("Nats-Batch-Commit", "1");
    }
    let answer = client.request_with_headers(subject(last), of_last, last.bytes.clone().into()).await.unwrap();
    assert!(!String::from_utf8_lossy(&answer.payload).contains("\"error\""), "{answer:?}");
}

#[divan::bench(args = [1, 10, 100, BATCH], sample_count = 30, sample_size = 1)]
fn publish_by_a_bare_client(bencher: Bencher<'_, '_>, batch: u32) {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    let client = runtime.block_on(bare(&server));
    let mut next = 1;
    bencher
        .counter(ItemsCount::new(batch))
        .with_inputs(|| {
            next += batch;
            messages(next, batch)
        })
        .bench_local_values(|batch| runtime.block_on(publish(&client, &batch)));
}

#[divan::bench(args = [1, 10, 100, BATCH], sample_count = 30, sample_size = 1)]
fn append_to_a_server(bencher: Bencher<'_, '_>, batch: u32) {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    let store = store(&server, &runtime);
    append_to(bencher, batch, |events, after| {
        runtime.block_on(store.append(&events, after, &[])).unwrap();
    });
}

#[divan::bench(args = [1, 10, 100, BATCH], sample_count = 30, sample_size = 1)]
fn append_to_a_file(bencher: Bencher<'_, '_>, batch: u32) {
    let ((_folder, store), runtime) = (file(), runtime());
    append_to(bencher, batch, |events, after| {
        runtime.block_on(store.append(&events, after, &[])).unwrap();
    });
}

fn append_to(bencher: Bencher<'_, '_>, batch: u32, append: impl Fn(Vec<Message>, u64)) {
    let mut next = 1;
    bencher
        .counter(ItemsCount::new(batch))
        .with_inputs(|| {
            next += batch;
            (messages(next, batch), u64::from(next - batch - 1))
        })
        .bench_local_values(|(events, after)| append(events, after));
}

/// Reading back, hashing into the log and writing its tiles, of what an append of as many wrote.
#[divan::bench(args = [1, 10, 100, BATCH], sample_count = 30, sample_size = 1)]
fn log_what_was_appended_to_a_server(bencher: Bencher<'_, '_>, batch: u32) {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    let store = store(&server, &runtime);
    let mut log = log(server.folder());
    let mut next = 1;
    bencher
        .counter(ItemsCount::new(batch))
        .with_inputs(|| {
            next += batch;
            runtime.block_on(store.append(&messages(next, batch), u64::from(next - batch - 1), &[])).unwrap();
        })
        .bench_local_values(|()| runtime.block_on(log.extend(&store, |_| ())).unwrap());
}

fn log(folder: &Path) -> Log {
    let key = SigningKey::from_seed("footing.example/bench", &[1; 32]).unwrap();
    let places = Places { tiles: folder.join("tiles"), checkpoints: folder.join("checkpoints") };
    Log::new(places, vec![key.verifier()])
}

fn fill(store: &impl Store, runtime: &Runtime) {
    for first in (0..HISTORY).step_by(BATCH as usize) {
        runtime.block_on(store.append(&messages(first + 1, BATCH), first.into(), &[])).unwrap();
    }
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn read_by_a_bare_client(bencher: Bencher<'_, '_>) {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    fill(&store(&server, &runtime), &runtime);
    let client = runtime.block_on(async_nats::connect(server.socket().to_string())).unwrap();
    bencher.counter(ItemsCount::new(HISTORY)).bench_local(|| runtime.block_on(take(&client)));
}

/// All messages of the ledger's stream by a consumer without acknowledgements, asked for again when half of a request has come.
async fn take(client: &Client) -> usize {
    let config =
        serde_json::json!({"deliver_policy": "all", "ack_policy": "none", "mem_storage": true, "num_replicas": 1});
    let question = serde_json::json!({"stream_name": "ledger", "config": config});
    let made = client.request("$JS.API.CONSUMER.CREATE.ledger", question.to_string().into()).await.unwrap();
    let made: serde_json::Value = serde_json::from_slice(&made.payload).unwrap();
    let next = format!("$JS.API.CONSUMER.MSG.NEXT.ledger.{}", made["name"].as_str().unwrap());
    let inbox = client.new_inbox();
    let mut coming = client.subscribe(inbox.clone()).await.unwrap();
    let (mut asked, mut read, mut bytes) = (0, 0, 0);
    while read < HISTORY {
        if asked <= PULL / 2 {
            client
                .publish_with_reply(next.clone(), inbox.clone(), format!("{{\"batch\":{PULL}}}").into())
                .await
                .unwrap();
            asked += PULL;
        }
        let message = coming.next().await.unwrap();
        if message.status.is_none() {
            (asked, read, bytes) = (asked - 1, read + 1, bytes + message.payload.len());
        }
    }
    bytes
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn read_from_a_server(bencher: Bencher<'_, '_>) {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    let store = store(&server, &runtime);
    fill(&store, &runtime);
    bencher.counter(ItemsCount::new(HISTORY)).bench_local(|| runtime.block_on(read(&store)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn read_from_a_file(bencher: Bencher<'_, '_>) {
    let ((_folder, store), runtime) = (file(), runtime());
    fill(&store, &runtime);
    bencher.counter(ItemsCount::new(HISTORY)).bench_local(|| runtime.block_on(read(&store)));
}

async fn read(store: &impl Store) -> usize {
    let mut reader = Reader::after(store, 0);
    let mut bytes = 0;
    loop {
        let page = reader.next(BATCH as usize).await.unwrap();
        if page.is_empty() {
            return bytes;
        }
        bytes += page.iter().map(|stored| stored.bytes.len()).sum::<usize>();
    }
}
