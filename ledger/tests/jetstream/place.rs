//! Ledgers on a server, and what drives them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use ledger::JetStreamStore;
use ledger::jetstream::{Address, NatsError, Options};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use crate::nats_server::NatsServer;

/// One thread that goes on between two calls.
pub fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// A new ledger on the server, with files of its own.
pub async fn fresh(server: &NatsServer) -> (Address, JetStreamStore) {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let address = address(server, &format!("ledger-{number}"));
    let id = Uuid::from_u128(u128::from(number));
    let made = JetStreamStore::create(&address, options(server, address.name()), id).await;
    (address, made.unwrap_or_else(|error| panic!("{error}: {}", server.log())))
}

pub fn address(server: &NatsServer, name: &str) -> Address {
    server.address(name).parse().unwrap()
}

pub fn options(server: &NatsServer, name: &str) -> Options {
    Options::beside(beside(server, name))
}

pub fn beside(server: &NatsServer, name: &str) -> PathBuf {
    server.folder().join(name)
}

/// The same ledger, opened once more.
pub async fn open(server: &NatsServer, address: &Address) -> Result<JetStreamStore, NatsError> {
    JetStreamStore::open(address, options(server, address.name())).await
}

/// The same ledger from another machine: with an index and an outbox of its own.
pub async fn elsewhere(server: &NatsServer, address: &Address) -> JetStreamStore {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let options = options(server, &format!("{}-elsewhere-{number}", address.name()));
    JetStreamStore::open(address, options).await.unwrap()
}

/// A connection past the store, as an administrator has it.
pub async fn administrator(server: &NatsServer) -> async_nats::Client {
    async_nats::connect(server.socket().to_string()).await.unwrap()
}

/// What the server answers to an administrator.
pub async fn ask(server: &NatsServer, subject: &str, question: &Value) -> Value {
    let answer = administrator(server).await.request(format!("$JS.API.{subject}"), question.to_string().into()).await;
    serde_json::from_slice(&answer.unwrap().payload).unwrap()
}
