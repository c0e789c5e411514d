//! What was acknowledged is there once, and what was not is known: lost answers, dead servers, writers that were faster.

use std::time::Duration;

use ledger::contract::{message, person};
use ledger::jetstream::{Address, DropError, InOutbox, Options};
use ledger::{AppendError, Appended, JetStreamStore, Message, ReadError, Store};

use crate::nats_server::{CURRENT, NatsServer};
use crate::place::{beside, elsewhere, fresh, open, runtime};
use crate::proxy::Proxy;

/// Little patience: these servers do not come back by themselves.
fn hurried(server: &NatsServer, name: &str) -> Options {
    let (request, deadline) = (Duration::from_millis(400), Duration::from_millis(900));
    Options { request, deadline, ..Options::beside(beside(server, name)) }
}

fn batch(number: u32, bytes: &str) -> [Message; 2] {
    [message(number, 0, &person(1), 10, bytes), message(number, 1, &person(2), 10, bytes)]
}

/// The same ledger, as it is reached through a proxy.
fn through(proxy: &Proxy, address: &Address) -> Address {
    format!("nats://{}/{}", proxy.address, address.name()).parse().unwrap()
}

/// A ledger with one batch, and a second that lies in the outbox of `slow`, because its server was down when it was sent.
async fn unsent(server: &mut NatsServer) -> Address {
    let (address, _) = fresh(server).await;
    let store = JetStreamStore::open(&address, hurried(server, "slow")).await.unwrap();
    store.append(&batch(1, "first"), 0, &[]).await.unwrap();
    server.kill();
    let unknown = store.append(&batch(2, "slow"), 2, &[]).await;
    assert!(matches!(unknown, Err(AppendError::Storage { .. })), "{unknown:?}");
    server.start_again();
    address
}

/// As [`unsent`], and somebody else stored something at its place.
async fn overtaken(server: &mut NatsServer) -> (Address, JetStreamStore) {
    let address = unsent(server).await;
    elsewhere(server, &address).await.append(&batch(3, "faster"), 2, &[]).await.unwrap();
    let store = JetStreamStore::open(&address, hurried(server, "slow")).await.unwrap();
    (address, store)
}

#[test]
fn a_lost_acknowledgement_is_a_success_once_the_batch_is_found_and_it_stands_there_once() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, _) = fresh(&server).await;
        let proxy = Proxy::before(server.socket());
        let options = Options { request: Duration::from_secs(1), ..Options::beside(beside(&server, "through")) };
        let store = JetStreamStore::open(&through(&proxy, &address), options).await.unwrap();
        for number in 0..3 {
            proxy.lose_next_acknowledgement();
            let after = u64::from(number) * 2;
            let appended = store.append(&batch(number, "x"), after, &[]).await.unwrap();
            assert_eq!(appended, Appended { first: after + 1, last: after + 2 });
        }
        assert_eq!(proxy.lost(), 3, "the acknowledgements were lost");
        assert_eq!(store.read(1, 100).await.unwrap().len(), 6, "each batch is there once");
        assert_eq!(store.outbox().await.unwrap(), InOutbox::default());
    });
}

#[test]
fn a_batch_that_never_reached_the_server_is_published_identical_when_the_ledger_is_opened_again() {
    let (mut server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let address = unsent(&mut server).await;
        let store = JetStreamStore::open(&address, hurried(&server, "slow")).await.unwrap();
        assert_eq!(store.outbox().await.unwrap(), InOutbox::default(), "it is settled");
        let read = store.read(1, 100).await.unwrap();
        let bytes: Vec<&[u8]> = read.iter().map(|stored| stored.bytes.as_slice()).collect();
        assert_eq!(bytes, [b"first".as_slice(), b"first", b"slow", b"slow"]);
    });
}

#[test]
fn a_batch_whose_place_was_taken_meanwhile_is_reported_and_never_moved() {
    let (mut server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, store) = overtaken(&mut server).await;
        assert_eq!(store.outbox().await.unwrap(), InOutbox { waiting: 1, of_others: 0 });
        assert_eq!(store.head().await.unwrap().sequence, 4, "nothing of it was published");
        let left = &store.left().await.unwrap()[0];
        assert_eq!((left.after, &left.messages[..]), (2, &batch(2, "slow")[..]), "what was to be stored");
        assert_eq!(left.instead.as_ref().unwrap(), &batch(3, "faster")[0], "and what stands there");
        assert_eq!((left.recorded.len(), left.commands().len()), (0, 1), "its command is not in the ledger");
        // When its command is submitted again, the batch has nothing left to say.
        store.append(&batch(2, "slow"), 4, &[]).await.unwrap();
        let store = JetStreamStore::open(&address, Options::beside(beside(&server, "slow"))).await.unwrap();
        assert_eq!(store.outbox().await.unwrap(), InOutbox::default());
    });
}

/// Nobody is told that a batch is stored because something of its name is.
#[test]
fn a_batch_in_whose_place_its_names_stand_with_other_bytes_is_reported_and_not_let_go() {
    let (mut server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, store) = fresh(&server).await;
        drop(store);
        let store = JetStreamStore::open(&address, hurried(&server, "slow")).await.unwrap();
        store.append(&batch(1, "first"), 0, &[]).await.unwrap();
        server.kill();
        store.append(&batch(2, "sent"), 2, &[]).await.unwrap_err();
        drop(store);
        server.kill_and_start_again();
        elsewhere(&server, &address).await.append(&batch(2, "other"), 2, &[]).await.unwrap();
        let store = JetStreamStore::open(&address, Options::beside(beside(&server, "slow"))).await.unwrap();
        let left = &store.left().await.unwrap()[0];
        assert_eq!(left.messages, batch(2, "sent"));
        assert_eq!(left.instead.as_ref().unwrap(), &batch(2, "other")[0]);
    });
}

/// What was read back leaves the outbox with the next write; a process that is killed before leaves it there.
#[test]
fn a_batch_that_was_read_back_and_still_lies_in_the_outbox_is_found_in_the_stream_and_let_go() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, store) = fresh(&server).await;
        for number in 1..4 {
            store.append(&batch(number, "x"), u64::from(number - 1) * 2, &[]).await.unwrap();
        }
        // As after a kill: nothing of the first process runs any more that could tidy up.
        let again = JetStreamStore::open(&address, Options::beside(beside(&server, address.name()))).await.unwrap();
        assert_eq!(again.outbox().await.unwrap(), InOutbox::default());
        assert_eq!(again.read(1, 100).await.unwrap().len(), 6, "and nothing was published twice");
        store.append(&batch(4, "x"), 6, &[]).await.unwrap();
        assert_eq!(store.outbox().await.unwrap(), InOutbox::default());
        assert_eq!(again.head().await.unwrap().sequence, 8);
    });
}

#[test]
fn a_batch_that_never_can_be_stored_is_dropped_by_its_number_and_one_that_may_be_is_not() {
    let (mut server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (_, store) = overtaken(&mut server).await;
        let number = store.left().await.unwrap()[0].number;
        let unknown = store.drop_left(number + 1).await;
        assert!(matches!(unknown, Err(DropError::Unknown { .. })), "{unknown:?}");
        assert_eq!(store.drop_left(number).await.unwrap().messages, batch(2, "slow"));
        assert_eq!(store.left().await.unwrap(), []);
        assert_eq!(store.head().await.unwrap().sequence, 4, "nothing of it was published");
        store.append(&batch(2, "slow"), 4, &[]).await.unwrap();
    });
}

#[test]
fn an_event_that_is_too_long_for_the_server_is_refused_and_does_not_stand_in_the_way_of_others() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (_, store) = fresh(&server).await;
        // A server takes one megabyte, unless it is told otherwise.
        let refused = store.append(&batch(1, &"x".repeat(1 << 20)), 0, &[]).await.unwrap_err();
        let said = std::error::Error::source(&refused).unwrap().to_string();
        assert_eq!(
            said,
            "an event of 1048576 bytes is more than the server takes (1046528): have an administrator raise max_payload"
        );
        assert_eq!(store.outbox().await.unwrap(), InOutbox::default());
        store.append(&batch(2, "short"), 0, &[]).await.unwrap();
    });
}

#[test]
fn a_server_that_says_nothing_is_an_error_in_time_and_never_an_end_of_the_stream() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, made) = fresh(&server).await;
        made.append(&batch(1, "x"), 0, &[]).await.unwrap();
        let proxy = Proxy::before(server.socket());
        let store = JetStreamStore::open(&through(&proxy, &address), hurried(&server, "silent")).await.unwrap();
        assert_eq!(store.read(1, 10).await.unwrap().len(), 2);
        proxy.fall_silent();
        assert!(matches!(store.head().await, Err(ReadError::Storage { .. })));
        assert!(matches!(store.read(1, 10).await, Err(ReadError::Storage { .. })));
        assert!(matches!(store.read_subject(&person(1), 1, 10).await, Err(ReadError::Storage { .. })));
        let unknown = store.append(&batch(2, "y"), 2, &[]).await;
        assert!(matches!(unknown, Err(AppendError::Storage { .. })), "{unknown:?}");
    });
}

#[test]
fn the_same_name_with_other_content_is_an_error_and_not_a_silent_duplicate() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, first) = fresh(&server).await;
        let second = elsewhere(&server, &address).await;
        first.append(&batch(1, "x"), 0, &[]).await.unwrap();
        for bytes in ["x", "other"] {
            let refused = second.append(&batch(1, bytes), 2, &[]).await;
            assert!(matches!(refused, Err(AppendError::DuplicateId { .. })), "{bytes}: {refused:?}");
        }
        assert_eq!(first.head().await.unwrap().sequence, 2);
    });
}

/// Every batch has ten messages that say which batch they are of; the server dies between and during them.
#[test]
fn a_server_killed_under_load_loses_no_acknowledged_batch_and_tears_none() {
    let (mut server, runtime) = (NatsServer::start(CURRENT), runtime());
    let rounds = if std::env::var_os("FOOTING_LONG").is_some() { 40 } else { 4 };
    let (address, store) = runtime.block_on(fresh(&server));
    let store = std::sync::Arc::new(store);
    let mut acknowledged: u32 = 0;
    for round in 0..rounds {
        let writer = std::sync::Arc::clone(&store);
        let (first, count) = (acknowledged, 20 + round);
        let (reached, half_way) = std::sync::mpsc::channel();
        let load = runtime.spawn(async move {
            for number in first..first + count {
                let ten: Vec<Message> =
                    (0..10).map(|n| message(number, n, &person(u32::from(n)), 10, &number.to_string())).collect();
                let _ = reached.send(number);
                writer.append(&ten, u64::from(number) * 10, &[]).await.unwrap();
            }
        });
        while half_way.recv().unwrap() < first + 5 + round {}
        server.kill_and_start_again();
        runtime.block_on(load).unwrap();
        acknowledged += count;
    }
    runtime.block_on(async {
        assert_eq!(store.outbox().await.unwrap(), InOutbox::default());
        let read = open(&server, &address).await.unwrap().read(1, 100_000).await.unwrap();
        assert_eq!(read.len(), acknowledged as usize * 10, "no acknowledged message is lost, and none is there twice");
        for (place, stored) in read.iter().enumerate() {
            assert_eq!(stored.bytes, (place / 10).to_string().as_bytes(), "sequence {}", stored.sequence);
        }
    });
}
