//! Ledgers on a server, and what drives them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use ledger::JetStreamStore;
use ledger::jetstream::{Address, Options};
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
