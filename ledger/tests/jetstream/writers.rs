//! Many writers: one wins each place, the others decide again, and the history is that of some serial order.
//!
//! How the history proves it: every sequence is the one before it plus one, and every message names the digest of the
//! message before it on its subject. Each decision was made on the histories of its subjects as they were when its events
//! were stored, because a batch is stored only where the stream still ends at the position that was decided on. The order
//! of the sequences is therefore a serial order in which every command would have been decided the same.

use ledger::group::group;
use ledger::{Command, WriteError};
use schemas::CommandId;
use uuid::Uuid;

use crate::commands::{check_history, claim, ledger, register, rent};
use crate::nats_server::{CURRENT, NatsServer};
use crate::place::{elsewhere, fresh, runtime};

#[test]
fn of_two_writers_on_one_claim_one_wins_and_the_other_decides_again() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (address, store) = fresh(&server).await;
        let mut a = ledger(store);
        let mut b = ledger(elsewhere(&server, &address).await);
        a.submit(register(1)).await.unwrap();
        a.submit(claim(2)).await.unwrap();
        for number in (3..43).step_by(2) {
            let (first, second) = tokio::join!(a.submit(rent(number)), b.submit(rent(number + 1)));
            assert!(!first.unwrap().repeated && !second.unwrap().repeated);
        }
        check_history(a.store(), 42).await;
    });
}

#[test]
fn ten_callers_of_one_writer_get_their_own_answers_and_share_batches() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    runtime.block_on(async {
        let (_, store) = fresh(&server).await;
        let (callers, writer) = group(ledger(store), 64);
        let writer = tokio::spawn(writer.run());
        callers.submit(register(1)).await.unwrap();
        callers.submit(claim(2)).await.unwrap();
        let writers: Vec<_> = (0..10)
            .map(|writer| {
                let callers = callers.clone();
                tokio::spawn(async move {
                    for number in 0..30 {
                        let number = 3 + writer * 30 + number;
                        let outcome = callers.submit(rent(number)).await.unwrap();
                        assert_eq!(outcome.events[0].envelope.id.command, CommandId(Uuid::from_u128(number)));
                        assert!(
                            callers.submit(rent(number)).await.unwrap().repeated,
                            "the same again is the same answer"
                        );
                    }
                })
            })
            .collect();
        // A refusal is the answer of whoever asked, and nobody else's.
        let refused = callers.submit(register(1)).await;
        assert!(refused.unwrap().repeated);
        for writer in writers {
            writer.await.unwrap();
        }
        drop(callers);
        check_history(writer.await.unwrap().store(), 302).await;
    });
}

/// 100,000 commands with `FOOTING_LONG`.
#[test]
fn ten_writers_with_stores_of_their_own_lose_nothing_and_store_nothing_twice() {
    let (server, runtime) = (NatsServer::start(CURRENT), runtime());
    let each: u128 = if std::env::var_os("FOOTING_LONG").is_some() { 10_000 } else { 100 };
    runtime.block_on(async {
        let (address, store) = fresh(&server).await;
        let mut first = ledger(store);
        first.submit(register(1)).await.unwrap();
        first.submit(claim(2)).await.unwrap();
        let mut writers = Vec::new();
        for writer in 0..10 {
            let mut own = ledger(elsewhere(&server, &address).await);
            writers.push(tokio::spawn(async move {
                let commands: Vec<Command> = (0..each).map(|number| rent(3 + writer * each + number)).collect();
                for chunk in commands.chunks(50) {
                    let mut left = chunk.to_vec();
                    while !left.is_empty() {
                        let answers = own.submit_many(left.clone()).await;
                        let mut again = left.into_iter().zip(answers);
                        left = again
                            .by_ref()
                            .filter_map(|(command, answer)| match answer {
                                Ok(_) => None,
                                Err(WriteError::Contended) => Some(command),
                                Err(error) => panic!("{error}"),
                            })
                            .collect();
                    }
                }
            }));
        }
        for writer in writers {
            writer.await.unwrap();
        }
        check_history(first.store(), 2 + 10 * each).await;
    });
}
