//! The write path, alone and among other writers.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use schemas::envelope::Envelope;
use schemas::events::{DebtKind, Event, PersonEvent};
use schemas::{CommandId, Digest, EventId, Subject};

use crate::command::Command;
use crate::contract::block_on;
use crate::order::{ClaimOrder, DebtOrder, Order, PaymentOrder, PersonOrder};
use crate::store::{AppendError, Appended, Head, Message, ReadError, Store, Stored};
use crate::testing::{TODAY, amount, claim, command, debt, event, make_claim, person, register, vault};
use crate::vault::Seal;
use crate::world::{World, decide};
use crate::write::recorded;
use crate::{EmbeddedStore, Ledger, MemoryStore, Outcome, WriteError};

fn submit<S: Store>(ledger: &mut Ledger<S>, command: Command) -> Result<Outcome, WriteError> {
    block_on(ledger.submit(command))
}

fn later(command: Command) -> Command {
    Command { time: command.time.checked_add(1.hour()).unwrap(), ..command }
}

fn all(store: &impl Store) -> Vec<Stored> {
    block_on(store.read(1, usize::MAX)).unwrap()
}

#[test]
fn the_same_command_again_gives_the_first_result_and_another_under_its_id_is_an_error() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    let first = submit(&mut ledger, command(1, &register(1))).unwrap();
    assert_eq!((first.first, first.last, first.repeated), (1, 1, false));
    let again = submit(&mut ledger, later(command(1, &register(1)))).unwrap();
    assert_eq!(again, Outcome { repeated: true, ..first });
    let other = submit(&mut ledger, Command { actor: "somebody else".into(), ..command(1, &register(1)) });
    assert!(matches!(other, Err(WriteError::SameIdOtherContent { .. })), "{other:?}");
    let other = submit(&mut ledger, command(1, &register(2)));
    assert!(matches!(other, Err(WriteError::SameIdOtherContent { .. })), "{other:?}");
    assert_eq!(all(ledger.store()).len(), 1);
}

#[test]
fn a_command_that_comes_twice_in_one_batch_is_carried_out_once() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    let twice = vec![command(1, &register(1)), command(1, &register(1)), command(1, &register(2))];
    let answers = block_on(ledger.submit_many(twice));
    assert!(matches!(&answers[0], Ok(outcome) if !outcome.repeated && outcome.first == 1));
    assert!(matches!(&answers[1], Ok(outcome) if outcome.repeated && outcome.first == 1));
    assert!(matches!(&answers[2], Err(WriteError::SameIdOtherContent { .. })));
}

#[test]
fn the_commands_of_a_batch_rest_on_one_another_and_a_refusal_stops_only_its_own() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    let steps = [make_claim(), register(1), make_claim(), register(1)];
    let answers = block_on(ledger.submit_many((1..).zip(&steps).map(|(n, step)| command(n, step)).collect()));
    let refused = |n: usize| matches!(answers[n], Err(WriteError::Refused(_)));
    assert!(refused(0) && refused(3), "{answers:?}");
    let made = answers[2].as_ref().unwrap();
    assert_eq!((made.first, made.last), (2, 3));
    let names: Vec<_> = made.events.iter().map(|event| event.envelope.event.type_name()).collect();
    assert_eq!(names, ["footing.claim.made.v2", "footing.person.claimed.v1"]);
}

#[test]
fn each_message_holds_the_digest_of_the_one_before_it_on_its_subject() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    block_on(ledger.submit_many(vec![command(1, &register(1)), command(2, &register(2)), command(3, &make_claim())]));
    // A second opening of the same stream has nothing at hand and links all the same.
    let mut ledger = Ledger::new(ledger.store(), vault());
    let died = PersonOrder::RecordDeath { person: person(1), on: TODAY };
    submit(&mut ledger, command(4, &died.into())).unwrap();
    let stream = all(ledger.store());
    let prev = |n: usize| Envelope::from_bytes(&stream[n].bytes).unwrap().prev;
    assert_eq!((prev(0), prev(1), prev(2)), (None, None, None));
    assert_eq!(prev(3), Some(Digest::of(&stream[0].bytes)));
    assert_eq!(prev(4), Some(Digest::of(&stream[3].bytes)));
}

#[test]
fn a_command_of_an_earlier_time_than_the_stream_is_refused_and_may_come_again_later() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    submit(&mut ledger, later(command(1, &register(1)))).unwrap();
    let early = submit(&mut ledger, command(2, &register(2)));
    assert!(matches!(early, Err(WriteError::TimeRunsBackwards { .. })), "{early:?}");
    assert_eq!(submit(&mut ledger, later(command(2, &register(2)))).unwrap().first, 2);
}

#[test]
fn confidential_text_goes_into_the_vault_and_never_into_the_stream() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    submit(&mut ledger, command(1, &register(1))).unwrap();
    let bytes = all(ledger.store()).remove(0).bytes;
    assert!(!bytes.windows(3).any(|w| w == b"Ada"));
    let Event::Person(PersonEvent::PersonRegistered(registered)) = Envelope::from_bytes(&bytes).unwrap().event else {
        panic!("a registration");
    };
    let name = registered.name.unwrap();
    assert_eq!(ledger.vault().open_text(&name).unwrap().as_deref(), Some("Ada"));
    assert_eq!(ledger.vault().check(&name).unwrap(), Seal::Intact);
    assert!(submit(&mut ledger, command(1, &register(1))).unwrap().repeated);
    ledger.vault().erase(&name).unwrap();
    let after = submit(&mut ledger, command(1, &register(1)));
    assert!(matches!(after, Err(WriteError::Erased { field: "name", .. })), "{after:?}");
}

#[test]
fn an_account_that_no_payment_file_could_name_is_refused_before_it_is_sealed_and_never_shown() {
    let account = |number: &str| PersonOrder::RecordAccount {
        person: person(1),
        number: number.into(),
        holders: vec![person(1)],
    };
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    submit(&mut ledger, command(1, &register(1))).unwrap();
    let refused = submit(&mut ledger, command(2, &account("01-02-03 1234567").into())).unwrap_err().to_string();
    assert!(refused.starts_with("number: not an account: write six digits"), "{refused}");
    assert!(!refused.contains("01-02-03 1234567 ") && all(ledger.store()).len() == 1);
    submit(&mut ledger, command(2, &account("01-02-03 12345678").into())).unwrap();
    assert_eq!(all(ledger.store()).len(), 2);
}

#[test]
fn another_text_under_the_same_command_is_another_command() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    let said = |text: &str| {
        let order = PersonOrder::RecordStatement { person: person(1), about: event(1), text: text.into() };
        command(2, &order.into())
    };
    submit(&mut ledger, command(1, &register(1))).unwrap();
    submit(&mut ledger, said("I told you in May")).unwrap();
    assert!(submit(&mut ledger, said("I told you in May")).unwrap().repeated);
    let other = submit(&mut ledger, said("I told you in June"));
    assert!(matches!(other, Err(WriteError::SameIdOtherContent { .. })), "{other:?}");
}

#[test]
fn a_refused_command_leaves_no_text_in_the_vault() {
    let folder = tempfile::tempdir().unwrap();
    let vault = crate::Vault::open(&folder.path().join("vault"), Box::new(|| [7; 32])).unwrap();
    let mut ledger = Ledger::new(MemoryStore::new(), vault);
    let text = "not in any file".into();
    let said = PersonOrder::RecordStatement { person: person(1), about: event(1), text };
    assert!(matches!(submit(&mut ledger, command(1, &said.into())), Err(WriteError::Refused(_))));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(15).any(|w| w == b"not in any file"));
    }
}

/// Stores what it is given and then says that it failed.
struct LosesAcknowledgements(MemoryStore, AtomicBool);

impl Store for LosesAcknowledgements {
    async fn append(&self, events: &[Message], after: u64, reads: &[Subject]) -> Result<Appended, AppendError> {
        let appended = self.0.append(events, after, reads).await?;
        if self.1.swap(false, Ordering::Relaxed) {
            return Err(AppendError::Storage { source: "the connection was lost".into() });
        }
        Ok(appended)
    }
    async fn head(&self) -> Result<Head, ReadError> {
        self.0.head().await
    }
    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.0.read(from, limit).await
    }
    async fn read_subject(&self, subject: &Subject, from: u64, limit: usize) -> Result<Vec<Stored>, ReadError> {
        self.0.read_subject(subject, from, limit).await
    }
    async fn find_commands(&self, ids: &[CommandId]) -> Result<Vec<Vec<Stored>>, ReadError> {
        self.0.find_commands(ids).await
    }
}

#[test]
fn after_a_lost_acknowledgement_the_same_command_finds_its_own_result() {
    let mut ledger = Ledger::new(LosesAcknowledgements(MemoryStore::new(), true.into()), vault());
    let lost = submit(&mut ledger, command(1, &register(1)));
    assert!(matches!(lost, Err(WriteError::Storage { .. })), "{lost:?}");
    let again = submit(&mut ledger, later(command(1, &register(1)))).unwrap();
    assert!(again.repeated && again.first == 1);
    assert_eq!(all(ledger.store()).len(), 1);
}

#[test]
fn a_writer_that_was_overtaken_decides_on_what_the_other_one_added() {
    let store = MemoryStore::new();
    let (mut a, mut b) = (Ledger::new(&store, vault()), Ledger::new(&store, vault()));
    let owe = DebtOrder::Register {
        person: person(1),
        debt: debt(1),
        kind: DebtKind::Overpayment,
        amount: amount(1_000),
        cause: None,
        advance: None,
    };
    let waive = |number, pence| {
        let reason = "hardship".into();
        command(number, &DebtOrder::Waive { person: person(1), debt: debt(1), amount: amount(pence), reason }.into())
    };
    submit(&mut a, command(1, &register(1))).unwrap();
    submit(&mut b, command(2, &owe.into())).unwrap();
    submit(&mut a, waive(3, 600)).unwrap();
    let too_much = submit(&mut b, waive(4, 401));
    assert!(too_much.unwrap_err().to_string().contains("4.01 is more than the 4.00"));
    assert_eq!(submit(&mut b, waive(5, 400)).unwrap().first, 4);
}

/// One of the orders that writers fight over.
fn contested(kind: u8, n: u128, pence: i64) -> Order {
    let (person, debt, claim) = (person(n % 2), debt(n % 3), claim(n));
    match kind {
        0 => PersonOrder::Register { person, birth_date: TODAY, name: None, national_insurance_number: None }.into(),
        1 => {
            let kind = DebtKind::Overpayment;
            DebtOrder::Register { person, debt, kind, amount: amount(pence), cause: None, advance: None }.into()
        }
        2 => DebtOrder::Waive { person, debt, amount: amount(pence / 2), reason: "waived".into() }.into(),
        3 => ClaimOrder::Make { claim, benefit: "uk-universal-credit".into(), claimants: vec![person], dates: None }
            .into(),
        4 => ClaimOrder::Close { claim, reason: "earnings".into() }.into(),
        5 => PaymentOrder::Suspend { person, ground: "doubt".into(), review_on: TODAY }.into(),
        _ => PaymentOrder::Resume { person, reason: "proved".into() }.into(),
    }
}

fn numbered(number: u128, order: Order) -> Command {
    Command { order, ..command(number, &register(1)) }
}

/// Every writer submits its commands in batches of three, each over a ledger of its own.
fn race<S: Store>(store: &S, plans: &[Vec<Command>]) -> Vec<Vec<Result<Outcome, WriteError>>> {
    std::thread::scope(|scope| {
        let write = |plan: &Vec<Command>| {
            let mut ledger = Ledger::new(store, vault());
            let answers = plan.chunks(3).map(|batch| block_on(ledger.submit_many(batch.to_vec())));
            answers.flatten().collect::<Vec<_>>()
        };
        let writers: Vec<_> = plans.iter().map(|plan| scope.spawn(move || write(plan))).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    })
}

/// Takes the commands in the order in which the stream holds them and decides each once more, one after the other.
fn check_serial(stream: &[Stored], plans: &[Vec<Command>], answers: &[Vec<Result<Outcome, WriteError>>]) {
    let commands: Vec<_> = plans.iter().flatten().collect();
    let answers: Vec<_> = answers.iter().flatten().collect();
    let refused: Vec<_> = commands.iter().zip(&answers).filter(|(_, a)| a.is_err()).map(|(c, _)| *c).collect();
    let mut refused_somewhere = vec![false; refused.len()];
    let (mut world, mut done, mut at) = (World::default(), Vec::new(), 0);
    loop {
        for (command, seen) in refused.iter().zip(&mut refused_somewhere) {
            *seen |= decide(&world, command, at as u64).is_err();
        }
        let Some(next) = stream.get(at) else { break };
        let id = recorded(next).unwrap().envelope.id.command;
        let command = commands.iter().find(|command| command.id == id).unwrap();
        let happened = decide(&world, command, at as u64).unwrap();
        for (index, (subject, event)) in (0..).zip(happened) {
            let envelope = recorded(&stream[at]).unwrap().envelope;
            assert_eq!(
                (envelope.id, &envelope.subject, &envelope.event),
                (EventId { command: id, index }, &subject, &event)
            );
            world.evolve(&envelope);
            at += 1;
        }
        done.push(id);
    }
    assert!(refused_somewhere.iter().all(|seen| *seen), "a refusal holds at some point of the order");
    let fresh = answers.iter().filter(|answer| matches!(answer, Ok(outcome) if !outcome.repeated)).count();
    assert_eq!(fresh, done.len(), "each command that was carried out stands in the stream once");
}

fn plans() -> impl Strategy<Value = Vec<Vec<Command>>> {
    let order = (0..7u8, 0..4u128, 1..500i64).prop_map(|(kind, n, pence)| contested(kind, n, pence));
    proptest::collection::vec(proptest::collection::vec(order, 1..12), 2..4).prop_map(|writers| {
        let mut number = 0;
        let mut plans: Vec<Vec<Command>> = writers
            .into_iter()
            .map(|orders| {
                let mut plan = vec![];
                for order in orders {
                    number += 1;
                    plan.push(numbered(number, order));
                }
                plan
            })
            .collect();
        // Some commands are submitted by two writers.
        let shared: Vec<Command> = plans[0].iter().step_by(3).cloned().collect();
        plans[1].extend(shared);
        plans
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_history_of_many_writers_in_memory_equals_some_serial_order(plans in plans()) {
        let store = MemoryStore::new();
        let answers = race(&store, &plans);
        check_serial(&all(&store), &plans, &answers);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_history_of_many_writers_in_one_file_equals_some_serial_order(plans in plans()) {
        let folder = tempfile::tempdir().unwrap();
        let store = EmbeddedStore::open(&folder.path().join("footing.db")).unwrap();
        let answers = race(&store, &plans);
        check_serial(&all(&store), &plans, &answers);
    }
}

#[test]
fn the_time_of_a_command_is_kept_to_the_nanosecond() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    let time: Timestamp = "2026-06-15T12:00:00.123456789Z".parse().unwrap();
    submit(&mut ledger, Command { time, ..command(1, &register(1)) }).unwrap();
    assert_eq!(recorded(&all(ledger.store())[0]).unwrap().envelope.time, time);
}

#[test]
fn what_rests_on_the_whole_stream_comes_right_after_it_or_not_at_all() {
    let mut ledger = Ledger::new(MemoryStore::new(), vault());
    submit(&mut ledger, command(1, &register(1))).unwrap();
    submit(&mut ledger, command(2, &register(2))).unwrap();
    let late = block_on(ledger.submit_at(command(3, &register(3)), 1));
    assert!(matches!(late, Err(WriteError::Moved { position: 1, head: 2 })), "{late:?}");
    assert_eq!(block_on(ledger.submit_at(command(3, &register(3)), 2)).unwrap().first, 3);
    // What is recorded already stays the answer, wherever the stream has gone.
    assert!(block_on(ledger.submit_at(command(3, &register(3)), 2)).unwrap().repeated);
    assert_eq!(submit(&mut ledger, command(4, &register(4))).unwrap().first, 4);
}
