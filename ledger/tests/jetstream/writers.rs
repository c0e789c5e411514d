//! Many writers: one wins each place, the others decide again, and the history is that of some serial order.
//!
//! How the history proves it: every sequence is the one before it plus one, and every message names the digest of the
//! message before it on its subject. Each decision was made on the histories of its subjects as they were when its events
//! were stored, because a batch is stored only where the stream still ends at the position that was decided on. The order
//! of the sequences is therefore a serial order in which every command would have been decided the same.

use std::collections::HashMap;

use jiff::civil::date;
use ledger::group::group;
use ledger::order::{ClaimOrder, Order, PersonOrder};
use ledger::verify::verify;
use ledger::write::recorded;
use ledger::{Command, JetStreamStore, Ledger, Vault, WriteError};
use schemas::events::ClaimFact;
use schemas::{Amount, ClaimId, CommandId, Money, PersonId};
use uuid::Uuid;

use crate::nats_server::{CURRENT, NatsServer};
use crate::place::{elsewhere, fresh, runtime};

fn command(number: u128, order: impl Into<Order>) -> Command {
    Command {
        id: CommandId(Uuid::from_u128(number)),
        actor: "tester".into(),
        time: "2026-06-15T12:00:00Z".parse().unwrap(),
        effective_from: date(2026, 6, 15),
        effective_to: None,
        notified_on: None,
        decided_on: None,
        causation: None,
        correlation: None,
        order: order.into(),
    }
}

const CLAIM: ClaimId = ClaimId(Uuid::from_u128(1));

fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

fn register(number: u128) -> Command {
    let birth_date = date(1990, 2, 1);
    command(
        number,
        PersonOrder::Register { person: person(number), birth_date, name: None, national_insurance_number: None },
    )
}

fn claim(number: u128) -> Command {
    let benefit = "uk-universal-credit".into();
    command(number, ClaimOrder::Make { claim: CLAIM, benefit, claimants: vec![person(1)], dates: None })
}

fn rent(number: u128) -> Command {
    let pence = i64::try_from(number % 90_000).unwrap() + 1;
    let fact = ClaimFact::Rent(Amount::new(Money::from_pence(pence)).unwrap());
    command(number, ClaimOrder::RecordFact { claim: CLAIM, fact })
}

fn ledger(store: JetStreamStore) -> Ledger<JetStreamStore> {
    Ledger::new(store, Vault::in_memory(Box::new(|| [7; 32])).unwrap())
}

/// Whole, linked, and with exactly the events of these commands.
async fn check_history(store: &JetStreamStore, commands: u128) {
    let report = verify(store, None, |_| {}).await.unwrap();
    assert_eq!(report.findings, []);
    let mut events: HashMap<CommandId, usize> = HashMap::new();
    let mut reader = ledger::Reader::after(store, 0);
    loop {
        let page = reader.next(1_000).await.unwrap();
        if page.is_empty() {
            break;
        }
        for stored in &page {
            *events.entry(recorded(stored).unwrap().envelope.id.command).or_default() += 1;
        }
    }
    assert_eq!(events.len() as u128, commands, "every command is there");
    // Making a claim is two events, of the claim and of its claimant; every other command here is one.
    let claim = CommandId(Uuid::from_u128(2));
    assert!(events.iter().all(|(id, count)| *count == if *id == claim { 2 } else { 1 }), "and none is there twice");
}

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
