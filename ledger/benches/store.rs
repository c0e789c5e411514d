//! How fast the stream is written, imported and folded. Compare rows of one run with each other, not runs of two days.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot set itself up has nothing to measure")]

use std::path::Path;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use ledger::contract::{block_on, message, person};
use ledger::log::tree::{consistency, inclusion, leaf_hash};
use ledger::log::{Log, Places, SigningKey, Tiles};
use ledger::order::{IncomeOrder, PersonOrder};
use ledger::transfer::{export, import_commands, import_events};
use ledger::write::recorded;
use ledger::{Command, EmbeddedStore, Ledger, MemoryStore, Message, Order, Reader, Store, Vault, World};
use schemas::events::Frequency;
use schemas::{Amount, CommandId, Money, PersonId};
use tempfile::TempDir;
use uuid::Uuid;

const BATCH: u32 = 1_000;
const PEOPLE: u32 = 1_000;
const COMMANDS: u32 = 20_000;

fn main() {
    divan::main();
}

fn file() -> (TempDir, EmbeddedStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(&folder.path().join("footing.db")).unwrap();
    (folder, store)
}

/// As many bytes as an event of a wage has.
fn messages(first: u32, count: u32) -> Vec<Message> {
    let text = "x".repeat(750);
    (first..first + count).map(|n| message(n, 0, &person(n % PEOPLE), 10, &text)).collect()
}

#[divan::bench(args = [1, 10, 100, 1_000], sample_count = 20, sample_size = 1)]
fn append_to_a_file(bencher: Bencher<'_, '_>, batch: u32) {
    let (_folder, store) = file();
    let mut next = 1;
    bencher
        .counter(ItemsCount::new(batch))
        .with_inputs(|| {
            next += batch;
            (messages(next, batch), block_on(store.head()).unwrap().sequence)
        })
        .bench_local_values(|(batch, after)| block_on(store.append(&batch, after, &[])).unwrap());
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn append_to_memory(bencher: Bencher<'_, '_>) {
    let store = MemoryStore::new();
    let mut next = 1;
    bencher
        .counter(ItemsCount::new(BATCH))
        .with_inputs(|| {
            next += BATCH;
            (messages(next, BATCH), block_on(store.head()).unwrap().sequence)
        })
        .bench_local_values(|(batch, after)| block_on(store.append(&batch, after, &[])).unwrap());
}

fn command(number: u32, order: Order) -> Command {
    Command {
        id: CommandId(Uuid::from_u128(u128::from(number) << 40)),
        actor: "hmrc".into(),
        time: "2026-06-15T12:00:00Z".parse().unwrap(),
        effective_from: "2026-06-15".parse().unwrap(),
        effective_to: None,
        notified_on: None,
        decided_on: None,
        causation: None,
        correlation: None,
        order,
    }
}

/// A thousand people, then a wage after the other.
fn commands(count: u32) -> Vec<Command> {
    let day = "2026-06-15".parse().unwrap();
    let who = |n: u32| PersonId(Uuid::from_u128(u128::from(n % PEOPLE) + 1));
    let amount = |pence| Amount::new(Money::from_pence(pence)).unwrap();
    (0..count)
        .map(|n| {
            let person = who(n);
            let register =
                PersonOrder::Register { person, birth_date: day, name: None, national_insurance_number: None };
            let wage = IncomeOrder::ReportEarnings {
                person,
                paid_on: day,
                gross: amount(150_000),
                tax: amount(9_000),
                national_insurance: amount(3_600),
                pension: amount(0),
                frequency: Frequency::Monthly,
                next_due: None,
                employment: Some("123/AB456".into()),
            };
            command(n + 1, if n < PEOPLE { register.into() } else { wage.into() })
        })
        .collect()
}

fn lines() -> String {
    commands(COMMANDS).iter().map(|command| command.to_json().unwrap() + "\n").collect()
}

fn vault() -> Vault {
    Vault::in_memory(Box::new(|| [0; 32])).unwrap()
}

fn fill(store: impl Store) {
    let mut ledger = Ledger::new(store, vault());
    assert!(block_on(ledger.submit_many(commands(COMMANDS))).iter().all(Result::is_ok));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn import_commands_into_a_file(bencher: Bencher<'_, '_>) {
    let text = lines();
    bencher.counter(ItemsCount::new(COMMANDS)).with_inputs(file).bench_local_values(|(folder, store)| {
        let mut ledger = Ledger::new(store, vault());
        let done = block_on(import_commands(&mut ledger, text.as_bytes(), std::io::sink(), |_| ())).unwrap();
        assert_eq!(done.new, u64::from(COMMANDS));
        folder
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn import_commands_into_memory(bencher: Bencher<'_, '_>) {
    let text = lines();
    bencher.counter(ItemsCount::new(COMMANDS)).with_inputs(MemoryStore::new).bench_local_values(|store| {
        let mut ledger = Ledger::new(store, vault());
        block_on(import_commands(&mut ledger, text.as_bytes(), std::io::sink(), |_| ())).unwrap()
    });
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn restore_events_into_a_file(bencher: Bencher<'_, '_>) {
    let store = MemoryStore::new();
    fill(&store);
    let mut text = Vec::new();
    block_on(export(&store, &mut text, |_| ())).unwrap();
    bencher.counter(ItemsCount::new(COMMANDS)).with_inputs(file).bench_local_values(|(folder, store)| {
        let done = block_on(import_events(&store, text.as_slice(), std::io::sink(), |_| ())).unwrap();
        assert_eq!(done.new, u64::from(COMMANDS));
        folder
    });
}

/// Hashing into the log what an append of as many bytes wrote, with reading it back and writing the tiles: against
/// `import_commands_into_a_file` and `append_to_a_file`.
#[divan::bench(args = [1, 10, 100, 1_000], sample_count = 20, sample_size = 1)]
fn log_what_was_appended_to_a_file(bencher: Bencher<'_, '_>, batch: u32) {
    let (folder, store) = file();
    let mut next = 1;
    let mut log = log(folder.path());
    bencher
        .counter(ItemsCount::new(batch))
        .with_inputs(|| {
            next += batch;
            block_on(store.append(&messages(next, batch), u64::from(next - batch - 1), &[])).unwrap();
        })
        .bench_local_values(|()| block_on(log.extend(&store, |_| ())).unwrap());
}

/// The same for events as commands make them, and a checkpoint at the end.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn log_and_sign_what_was_imported_into_a_file(bencher: Bencher<'_, '_>) {
    let (_folder, store) = file();
    fill(&store);
    bencher.counter(ItemsCount::new(COMMANDS)).with_inputs(|| tempfile::tempdir().unwrap()).bench_local_values(
        |beside| {
            block_on(log(beside.path()).checkpoint(&store, &[key()], |_| ())).unwrap().unwrap();
            beside
        },
    );
}

fn key() -> SigningKey {
    SigningKey::from_seed("footing.example/bench", &[1; 32]).unwrap()
}

fn log(folder: &Path) -> Log {
    let places = Places { tiles: folder.join("tiles"), checkpoints: folder.join("checkpoints") };
    Log::new(places, vec![key().verifier()])
}

/// A million leaves, in tiles.
fn million(folder: &Path) -> Tiles {
    let mut tiles = Tiles::empty(folder);
    (0..MILLION).for_each(|n| tiles.push(leaf_hash(&n.to_be_bytes())).unwrap());
    tiles.sync().unwrap();
    tiles
}

const MILLION: u64 = 1_000_000;

#[divan::bench(sample_count = 200, sample_size = 1)]
fn prove_one_event_of_a_million(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().unwrap();
    let tiles = million(folder.path());
    let mut index = 0;
    bencher.bench_local(|| {
        index = (index + 618_033) % MILLION;
        inclusion(&tiles, index, MILLION).unwrap().unwrap()
    });
}

#[divan::bench(sample_count = 200, sample_size = 1)]
fn prove_that_a_million_events_extend_fewer(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().unwrap();
    let tiles = million(folder.path());
    let mut old = 1;
    bencher.bench_local(|| {
        old = (old + 618_033) % MILLION + 1;
        consistency(&tiles, old, MILLION).unwrap().unwrap()
    });
}

fn fold(store: &impl Store) -> World {
    let mut world = World::default();
    let mut reader = Reader::after(store, 0);
    loop {
        let page = block_on(reader.next(1_000)).unwrap();
        if page.is_empty() {
            return world;
        }
        page.iter().for_each(|stored| world.evolve(&recorded(stored).unwrap().envelope));
    }
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn fold_events_of_a_file(bencher: Bencher<'_, '_>) {
    let (_folder, store) = file();
    fill(&store);
    bencher.counter(ItemsCount::new(COMMANDS)).bench_local(|| black_box(fold(&store)));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn fold_events_of_memory(bencher: Bencher<'_, '_>) {
    let store = MemoryStore::new();
    fill(&store);
    bencher.counter(ItemsCount::new(COMMANDS)).bench_local(|| black_box(fold(&store)));
}
