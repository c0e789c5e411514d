//! What every store must do, on the servers that production may have.

use ledger::contract::check_all;

use crate::nats_server::{CURRENT, NatsServer};
use crate::place::{fresh, runtime};

#[track_caller]
fn check(which: &str) {
    let (server, runtime) = (NatsServer::start(which), runtime());
    check_all(&|check| runtime.block_on(check), || runtime.block_on(fresh(&server)).1).unwrap();
}

#[test]
fn the_store_on_a_server_keeps_the_contract() {
    check(CURRENT);
}

#[test]
fn the_store_on_the_oldest_server_that_is_taken_keeps_the_contract() {
    check("nats-2.12/bin");
}
