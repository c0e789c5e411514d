//! Commands about one claim, and what a history has to hold after them.

use std::collections::BTreeMap;

use jiff::civil::date;
use ledger::order::{ClaimOrder, Order, PersonOrder};
use ledger::verify::verify;
use ledger::write::recorded;
use ledger::{Command, Ledger, Store, Vault};
use schemas::events::ClaimFact;
use schemas::{Amount, ClaimId, CommandId, Money, PersonId, Subject};
use uuid::Uuid;

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

/// The first command: a person.
pub fn register(number: u128) -> Command {
    let birth_date = date(1990, 2, 1);
    command(
        number,
        PersonOrder::Register { person: person(number), birth_date, name: None, national_insurance_number: None },
    )
}

/// The second command, with two events: of the claim and of its claimant.
pub fn claim(number: u128) -> Command {
    let benefit = "uk-universal-credit".into();
    command(number, ClaimOrder::Make { claim: CLAIM, benefit, claimants: vec![person(1)], dates: None })
}

/// On what every further one stands.
pub const fn subject() -> Subject {
    Subject::Claim(CLAIM)
}

/// Any further one.
pub fn rent(number: u128) -> Command {
    let pence = i64::try_from(number % 90_000).unwrap() + 1;
    let fact = ClaimFact::Rent(Amount::new(Money::from_pence(pence)).unwrap());
    command(number, ClaimOrder::RecordFact { claim: CLAIM, fact })
}

/// A writer; nothing here is confidential.
pub fn ledger<S: Store>(store: S) -> Ledger<S> {
    Ledger::new(store, Vault::in_memory(Box::new(|| [7; 32])).unwrap())
}

/// Whole, linked, and with exactly the commands 1 to `commands`, each of them once; where each begins.
pub async fn check_history(store: &impl Store, commands: u128) -> BTreeMap<u128, u64> {
    assert_eq!(verify(store, None, |_| {}).await.unwrap().findings, []);
    let found = places(store).await;
    assert!(found.keys().copied().eq(1..=commands), "every command is there, and no other");
    found
}

/// Where each command begins; none of them stands there twice, and none in part.
pub async fn places(store: &impl Store) -> BTreeMap<u128, u64> {
    let mut events: BTreeMap<u128, Vec<u64>> = BTreeMap::new();
    let mut reader = ledger::Reader::after(store, 0);
    loop {
        let page = reader.next(1_000).await.unwrap();
        if page.is_empty() {
            break;
        }
        for stored in &page {
            let command = recorded(stored).unwrap().envelope.id.command;
            events.entry(command.0.as_u128()).or_default().push(stored.sequence);
        }
    }
    for (number, places) in &events {
        assert_eq!(places.len(), if *number == 2 { 2 } else { 1 }, "command {number}");
    }
    events.into_iter().map(|(number, places)| (number, places[0])).collect()
}
