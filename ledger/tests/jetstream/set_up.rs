//! Servers and streams that are refused, by name.

use ledger::contract::{message, person};
use ledger::jetstream::NatsError;
use ledger::{AppendError, JetStreamStore, ReadError, Store};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::commands::{claim, ledger, register};
use crate::nats_server::{CURRENT, NatsServer};
use crate::place::{address, ask, fresh, open, options, runtime};

#[test]
fn a_server_that_would_ignore_what_keeps_a_batch_whole_is_refused_by_its_version() {
    let server = NatsServer::start("nats-2.11/bin");
    let address = address(&server, "old");
    let made = runtime().block_on(JetStreamStore::create(&address, options(&server, "old"), Uuid::from_u128(1)));
    let refused = made.unwrap_err();
    assert!(matches!(&refused, NatsError::TooOld { version } if version == "2.11.11"), "{refused:?}");
    assert_eq!(
        refused.to_string(),
        "nats-server 2.11.11 is too old: a batch is kept whole from 2.12 on; update the server"
    );
}

#[test]
fn a_ledger_is_made_once_and_one_that_is_not_there_is_named() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, _made) = fresh(&server).await;
        let again = JetStreamStore::create(&address, options(&server, "again"), Uuid::from_u128(2)).await;
        assert!(matches!(again, Err(NatsError::Exists { .. })), "{again:?}");
        let none = open(&server, &self::address(&server, "nobody")).await;
        assert!(matches!(&none, Err(NatsError::NoLedger { name }) if name == "nobody"), "{none:?}");
    });
}

#[test]
fn a_stream_that_an_administrator_set_up_otherwise_is_refused_field_by_field() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, made) = fresh(&server).await;
        made.append(&[message(1, 0, &person(1), 10, "a")], 0, &[]).await.unwrap();
        let mut config = ask(&server, &format!("STREAM.INFO.{}", address.name()), &json!({})).await["config"].take();
        config["max_msgs"] = json!(5);
        config["max_age"] = json!(3_600_000_000_000_u64);
        config["discard"] = json!("old");
        let updated = ask(&server, &format!("STREAM.UPDATE.{}", address.name()), &config).await;
        assert_eq!(updated["error"], Value::Null);
        let Err(NatsError::OtherSetUp { differences, .. }) = open(&server, &address).await else {
            panic!("it is refused");
        };
        let said: Vec<String> = differences.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "discard is \"old\" and has to be \"new\"",
                "max_age is 3600000000000 and has to be 0",
                "max_msgs is 5 and has to be -1",
            ]
        );
    });
}

#[test]
fn a_stream_that_is_set_up_otherwise_while_it_is_used_is_refused_before_the_next_command() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, made) = fresh(&server).await;
        let mut writer = ledger(made);
        writer.submit(register(1)).await.unwrap();
        let mut config = ask(&server, &format!("STREAM.INFO.{}", address.name()), &json!({})).await["config"].take();
        config["max_age"] = json!(3_600_000_000_000_u64);
        let updated = ask(&server, &format!("STREAM.UPDATE.{}", address.name()), &config).await;
        assert_eq!(updated["error"], Value::Null);
        let refused = writer.submit(claim(2)).await.unwrap_err();
        assert!(chain(&refused).contains("max_age is 3600000000000 and has to be 0"), "{}", chain(&refused));
    });
}

#[test]
fn a_server_that_was_replaced_by_an_old_one_is_refused_before_anything_is_stored_there() {
    let (mut server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (_, made) = fresh(&server).await;
        made.append(&[message(1, 0, &person(1), 10, "a")], 0, &[]).await.unwrap();
        server.stop();
        server.start_again_as("nats-2.11/bin");
        let batch = [message(2, 0, &person(1), 10, "b"), message(2, 1, &person(1), 10, "c")];
        let refused = made.append(&batch, 1, &[]).await.unwrap_err();
        assert!(chain(&refused).contains("nats-server 2.11.11 is too old"), "{}", chain(&refused));
        server.stop();
        server.start_again_as(CURRENT);
        // It was kept in the outbox, and is stored before anything else.
        let again = made.append(&batch, 1, &[]).await;
        assert!(matches!(again, Err(AppendError::Conflict { head: 3, .. })), "{again:?}");
        let bytes: Vec<Vec<u8>> = made.read(1, 10).await.unwrap().into_iter().map(|stored| stored.bytes).collect();
        assert_eq!(bytes, [b"a", b"b", b"c"]);
    });
}

/// An error with everything it was caused by.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[test]
fn nobody_deletes_a_message_or_purges_the_stream() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, made) = fresh(&server).await;
        made.append(&[message(1, 0, &person(1), 10, "a")], 0, &[]).await.unwrap();
        for (what, question) in [("MSG.DELETE", json!({"seq": 1})), ("PURGE", json!({}))] {
            let answer = ask(&server, &format!("STREAM.{what}.{}", address.name()), &question).await;
            assert_ne!(answer["error"], Value::Null, "{what}: {answer}");
        }
        assert_eq!(made.read(1, 10).await.unwrap().len(), 1);
    });
}

#[test]
fn a_stream_that_was_deleted_and_made_again_is_not_read_through_the_old_index() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, made) = fresh(&server).await;
        made.append(&[message(1, 0, &person(1), 10, "a"), message(1, 1, &person(1), 10, "b")], 0, &[]).await.unwrap();
        ask(&server, &format!("STREAM.DELETE.{}", address.name()), &json!({})).await;
        let gone = made.read_subject(&person(1), 1, 10).await;
        assert!(matches!(gone, Err(ReadError::Storage { .. })), "{gone:?}");
        let again = JetStreamStore::create(&address, options(&server, "again"), Uuid::from_u128(9)).await.unwrap();
        again.append(&[message(7, 0, &person(7), 10, "other")], 0, &[]).await.unwrap();
        let replaced = made.head().await.unwrap_err();
        let source = std::error::Error::source(&replaced).unwrap().to_string();
        assert!(source.contains("is that of another ledger now"), "{source}");
        // Opened with what lies beside the old one: its index says nothing any more.
        let opened = open(&server, &address).await.unwrap();
        assert!(opened.read_subject(&person(1), 1, 10).await.unwrap().is_empty());
        assert_eq!(opened.read_subject(&person(7), 1, 10).await.unwrap().len(), 1);
    });
}
