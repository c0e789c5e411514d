//! What every store must do, on the servers that production may have.

use ledger::contract::check_all;
use ledger::{AppendError, Appended, Head, JetStreamStore, Message, ReadError, Store, Stored};
use schemas::{CommandId, Subject};

use crate::nats_server::{CURRENT, NatsServer};
use crate::place::{elsewhere, fresh, runtime};

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

/// One machine writes, another reads: it has nothing at hand of what was written.
struct Apart {
    writer: JetStreamStore,
    reader: JetStreamStore,
}

impl Store for Apart {
    async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        self.writer.append(events, after, reads).await
    }
    async fn head(&self) -> Result<Head, ReadError> {
        self.reader.head().await
    }
    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.reader.read(from, limit).await
    }
    async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.reader.read_subject(subject, from, limit).await
    }
    async fn read_subject_to(
        &self,
        subject: &Subject,
        from: u64,
        position: u64,
        limit: usize,
    ) -> Result<Vec<Stored>, ReadError> {
        self.reader.read_subject_to(subject, from, position, limit).await
    }
    async fn find_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
        self.reader.find_commands(ids).await
    }
}

#[test]
fn what_one_machine_wrote_another_reads_as_the_contract_says() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    let apart = || {
        runtime.block_on(async {
            let (address, writer) = fresh(&server).await;
            Apart { writer, reader: elsewhere(&server, &address).await }
        })
    };
    check_all(&|check| runtime.block_on(check), apart).unwrap();
}
