//! Readers see every message or an error: pages, holes, and an index that can be made again.

use std::fs;
use std::path::Path;

use ledger::contract::{message, person};
use ledger::store::Reader;
use ledger::{JetStreamStore, Message, ReadError, Store};
use serde_json::json;

use crate::nats_server::{CURRENT, NatsServer};
use crate::place::{ask, beside, elsewhere, fresh, open, options, runtime};

/// Appends this many messages of many commands, with bytes that say where they stand.
async fn fill(store: &JetStreamStore, count: u32) {
    let numbers: Vec<u32> = (1..=count).collect();
    for chunk in numbers.chunks(1_000) {
        let batch: Vec<Message> =
            chunk.iter().map(|n| message(*n, 0, &person(n % 7), 10, &format!("message {n} of all"))).collect();
        store.append(&batch, u64::from(chunk[0]) - 1, &[]).await.unwrap();
    }
}

#[test]
fn a_stream_is_read_page_by_page_with_one_consumer_and_whole() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, made) = fresh(&server).await;
        fill(&made, 7_000).await;
        let store = elsewhere(&server, &address).await;
        let mut reader = Reader::after(&store, 0);
        let mut read = 0;
        loop {
            let page = reader.next(300).await.unwrap();
            if page.is_empty() {
                break;
            }
            read += page.len();
            assert_eq!(page[0].bytes, format!("message {} of all", page[0].sequence).as_bytes());
        }
        assert_eq!((read, reader.position()), (7_000, 7_000));
        let info = ask(&server, &format!("STREAM.INFO.{}", address.name()), &json!({})).await;
        assert_eq!(info["state"]["consumer_count"], json!(1), "one consumer for all pages");
    });
}

#[test]
fn an_index_that_is_gone_is_made_again_from_the_stream() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, made) = fresh(&server).await;
        fill(&made, 3_000).await;
        let expected = made.read_subject(&person(3), 1, 5_000).await.unwrap();
        drop(made);
        for end in ["index", "index-wal", "index-shm"] {
            let file = beside(&server, address.name()).with_extension(end);
            assert!(!file.exists() || fs::remove_file(file).is_ok());
        }
        let store = open(&server, &address).await.unwrap();
        assert_eq!(store.read_subject(&person(3), 1, 5_000).await.unwrap(), expected);
        // 3, 10, 17 ... 2,999: every seventh, from 3 on.
        assert_eq!(expected.len(), 429);
    });
}

/// What is done to the bytes of a file.
type Damage = fn(&mut Vec<u8>);

/// A server's own copy brings the stream back with its id. The index is ahead of it until others went on past its end; then
/// what they wrote would be hidden from whoever asks by subject, and decided upon.
#[test]
fn an_index_of_a_stream_that_was_put_back_from_an_older_copy_and_went_on_otherwise_hides_nothing() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, made) = fresh(&server).await;
        fill(&made, 10).await;
        let ledger = made.about().ledger;
        drop(made);
        ask(&server, &format!("STREAM.DELETE.{}", address.name()), &json!({})).await;
        let of_others = options(&server, "another-machine");
        let other = JetStreamStore::create(&address, of_others, ledger).await.unwrap();
        fill(&other, 5).await;
        let later: Vec<Message> = (100..107).map(|n| message(n, 0, &person(8), 10, "what came instead")).collect();
        other.append(&later, 5, &[]).await.unwrap();
        let store = open(&server, &address).await.unwrap();
        let is_found = |error: &ReadError| matches!(error, ReadError::Damaged { sequence: 10, .. });
        assert!(is_found(&store.read_subject(&person(8), 1, 100).await.unwrap_err()));
        let command = [later[0].id.command];
        assert!(is_found(&store.find_commands(&command).await.unwrap_err()));
        assert!(store.append(&[message(200, 0, &person(8), 10, "once more")], 12, &[]).await.is_err());
        assert_eq!(other.head().await.unwrap().sequence, 12);
    });
}

#[test]
fn an_index_that_is_damaged_is_put_aside_and_made_again_and_says_why() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, made) = fresh(&server).await;
        fill(&made, 2_000).await;
        assert_eq!((made.index_made_again(), made.check_index().unwrap()), (None, Vec::new()));
        let expected = made.read_subject(&person(3), 1, 5_000).await.unwrap();
        drop(made);
        let file = beside(&server, address.name()).with_extension("index");
        let damage: [(Damage, &str); 3] = [
            (
                |bytes| *bytes = b"no index at all, and long enough for a header of one\n".repeat(40),
                "not an SQLite file",
            ),
            (|bytes| bytes[8_192..40_960].fill(7), ""),
            (|bytes| bytes.truncate(bytes.len() / 2), ""),
        ];
        for (damage, why) in damage {
            let mut bytes = fs::read(&file).unwrap();
            damage(&mut bytes);
            fs::write(&file, bytes).unwrap();
            let store = open(&server, &address).await.unwrap();
            assert!(store.index_made_again().unwrap().contains(why), "{:?}", store.index_made_again());
            assert_eq!(store.read_subject(&person(3), 1, 5_000).await.unwrap(), expected);
            assert_eq!(store.check_index().unwrap(), Vec::<String>::new());
            drop(store);
            assert_eq!(open(&server, &address).await.unwrap().index_made_again(), None, "it is whole again");
        }
    });
}

/// Flips one bit in the middle of a message in the stream's file.
fn flip_a_bit(messages: &Path, text: &str) {
    let block = messages.join("1.blk");
    let mut bytes = fs::read(&block).unwrap();
    let place = bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    bytes[place] ^= 1;
    fs::write(&block, bytes).unwrap();
}

/// What is found after the server's files were damaged, by who knew the stream before and by who did not.
fn damaged(damage: impl Fn(&Path)) -> (ReadError, Result<u64, ReadError>) {
    let (mut server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, made) = fresh(&server).await;
        fill(&made, 500).await;
        drop(made);
        server.stop();
        damage(&server.folder().join("js/jetstream/$G/streams").join(address.name()).join("msgs"));
        server.start_again();
        let store = open(&server, &address).await.unwrap();
        let by_subject = store.read_subject(&person(4), 1, 1_000).await;
        assert!(matches!(by_subject, Err(ReadError::Gap(_) | ReadError::Damaged { .. })), "{by_subject:?}");
        let found = read_all(&store).await.unwrap_err();
        (found, read_all(&elsewhere(&server, &address).await).await)
    })
}

async fn read_all(store: &JetStreamStore) -> Result<u64, ReadError> {
    let mut reader = Reader::after(store, 0);
    while !reader.next(50).await?.is_empty() {}
    Ok(reader.position())
}

#[test]
fn a_flipped_bit_is_a_gap_that_names_the_message() {
    let (known, new) = damaged(|messages| flip_a_bit(messages, "message 123 of all"));
    for error in [known, new.unwrap_err()] {
        let says = error.to_string();
        assert!(
            says == "the stream has a gap: expected sequence 123, found 124" || says.contains("sequence 123"),
            "{says}"
        );
    }
}

/// Without its index the server takes the stream to end before the damage, and says nothing.
#[test]
fn an_end_that_the_server_lost_without_knowing_is_a_gap_to_whoever_knew_it() {
    let (known, new) = damaged(|messages| {
        flip_a_bit(messages, "message 123 of all");
        fs::remove_file(messages.join("index.db")).unwrap();
    });
    assert_eq!(known.to_string(), "the stream ends at 122 and 500 events were known: its end was lost");
    // Who never knew more can only be told by a checkpoint that is kept elsewhere.
    assert_eq!(new.unwrap(), 122);
}

#[test]
fn a_block_that_was_cut_off_is_a_gap() {
    let (known, _) = damaged(|messages| {
        let block = fs::File::options().write(true).open(messages.join("1.blk")).unwrap();
        block.set_len(block.metadata().unwrap().len() / 2).unwrap();
    });
    assert!(matches!(known, ReadError::Gap(_) | ReadError::Damaged { .. }), "{known:?}");
}
