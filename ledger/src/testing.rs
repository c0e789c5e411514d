//! What the tests of the nouns share: a small world built by orders, and one check.

use jiff::civil::{Date, date};
use schemas::envelope::Envelope;
use schemas::events::{ClaimFact, DebtKind, Decision, Event, Mode, PackRef, Payee, PayeeLine, Purpose, Sealed};
use schemas::{
    Amount, AssessmentPeriod, Citation, ClaimId, CommandId, DebtId, Digest, EventId, Money, PaymentId, PersonId, RunId,
    SanctionId, Subject,
};
use uuid::Uuid;

use crate::command::Command;
use crate::order::{ClaimOrder, Confidential, DebtOrder, Order, PersonOrder};
use crate::vault::Vault;
use crate::world::{World, decide};

/// The day on which everything in these tests is recorded.
pub const TODAY: Date = date(2026, 6, 15);

macro_rules! numbered {
    ($($function:ident: $id:ident,)*) => {$(
        pub const fn $function(number: u128) -> $id {
            $id(Uuid::from_u128(number))
        }
    )*};
}

numbered! {
    person: PersonId, claim: ClaimId, sanction: SanctionId, debt: DebtId, payment: PaymentId, run: RunId,
    command_id: CommandId,
}

/// The first event of the command of this number: commands are numbered from 1 in the order given.
pub const fn event(number: u128) -> EventId {
    EventId { command: command_id(number), index: 0 }
}

pub fn amount(pence: i64) -> Amount {
    Amount::new(Money::from_pence(pence)).unwrap()
}

pub fn law() -> Citation {
    Citation::read("SI 2013/376", "reg. 104")
}

/// An order on the day on which things are recorded, unless it says another.
#[derive(Clone)]
pub struct Step {
    order: Order,
    from: Date,
    actor: &'static str,
}

impl<T: Into<Order>> From<T> for Step {
    fn from(order: T) -> Step {
        Step { order: order.into(), from: TODAY, actor: "tester" }
    }
}

/// The order, holding from this day.
pub fn from(from: Date, order: impl Into<Order>) -> Step {
    Step { order: order.into(), from, actor: "tester" }
}

/// The same step, holding from this day.
pub fn holding_from(from: Date, step: Step) -> Step {
    Step { from, ..step }
}

/// The order, given by somebody.
pub fn by(actor: &'static str, order: impl Into<Order>) -> Step {
    Step { order: order.into(), from: TODAY, actor }
}

pub fn command(number: u128, step: &Step) -> Command {
    Command {
        id: command_id(number),
        actor: step.actor.into(),
        time: "2026-06-15T12:00:00Z".parse().unwrap(),
        effective_from: step.from,
        effective_to: None,
        notified_on: None,
        decided_on: None,
        causation: None,
        correlation: None,
        order: step.order.clone(),
    }
}

/// A vault that is gone after the test, with salts that are not secret.
pub fn vault() -> Vault {
    let mut count = 0u64;
    let salts = move || {
        count += 1;
        let mut salt = [0; 32];
        salt[..8].copy_from_slice(&count.to_be_bytes());
        salt
    };
    Vault::in_memory(Box::new(salts)).unwrap()
}

/// So many couples who claim: each claim causes several events.
pub fn couples(count: u32) -> Vec<Command> {
    let count = u128::from(count);
    let people = (1..=2 * count).map(register);
    let claims = (1..=count).map(|n| {
        let (benefit, claimants) = ("uk-universal-credit".into(), vec![person(n), person(n + count)]);
        ClaimOrder::Make { claim: claim(n), benefit, claimants, dates: None }.into()
    });
    let steps: Vec<Step> = people.chain(claims).collect();
    (1..).zip(&steps).map(|(number, step)| command(number, step)).collect()
}

/// Three hundred commands about ten people: registrations, claims, rents, debts and words of their own.
pub fn history() -> Vec<Command> {
    let mut steps: Vec<Step> = (1..=10).map(register).collect();
    steps.extend((1..=10).map(|n| {
        let benefit = "uk-universal-credit".into();
        ClaimOrder::Make { claim: claim(n), benefit, claimants: vec![person(n)], dates: None }.into()
    }));
    steps.extend((20..300u16).map(|n| {
        let (number, pence) = (u128::from(n % 10) + 1, i64::from(n) * 100 + 100);
        match n % 3 {
            0 => ClaimOrder::RecordFact { claim: claim(number), fact: ClaimFact::Rent(amount(pence)) }.into(),
            1 => {
                let (kind, debt) = (DebtKind::Overpayment, debt(u128::from(n)));
                DebtOrder::Register {
                    person: person(number),
                    debt,
                    kind,
                    amount: amount(pence),
                    cause: None,
                    advance: None,
                }
                .into()
            }
            _ => {
                let text = "these are my own words".into();
                PersonOrder::RecordStatement { person: person(number), about: event(1), text }.into()
            }
        }
    }));
    (1..).zip(&steps).map(|(number, step)| command(number, step)).collect()
}

/// What the order says happened after those given, or the words of the refusal.
pub fn outcome(given: &[Step], when: &Step) -> Result<Vec<(Subject, Event)>, String> {
    let mut world = World::default();
    for (number, step) in (1..).zip(given) {
        let happened = decided(&world, number, step).unwrap_or_else(|e| panic!("given {number}: {e}"));
        for (index, (subject, event)) in (0..).zip(happened) {
            let Command { id, time, effective_from, actor, .. } = command(number, step);
            world.evolve(&Envelope {
                id: EventId { command: id, index },
                subject,
                time,
                effective_from,
                effective_to: None,
                notified_on: None,
                decided_on: None,
                causation: None,
                correlation: None,
                actor,
                command_hash: Digest([0; 32]),
                prev: None,
                event,
            });
        }
    }
    decided(&world, given.len() as u128 + 1, when)
}

fn decided(world: &World, number: u128, step: &Step) -> Result<Vec<(Subject, Event)>, String> {
    let mut command = command(number, step);
    for (_, text) in command.order.confidential() {
        *text = Confidential::Sealed(Sealed { r#ref: Uuid::from_u128(number), commitment: Digest([1; 32]) });
    }
    decide(world, &command, 100).map_err(|refusal| refusal.to_string())
}

/// Holds the order's outcome against the names of its events, or against words of the refusal.
#[track_caller]
pub fn check(given: &[Step], when: impl Into<Step>, then: Result<&[&str], &str>) {
    let found = outcome(given, &when.into());
    let names = found.map(|events| events.iter().map(|(_, event)| event.type_name()).collect::<Vec<_>>());
    match (&names, then) {
        (Ok(names), Ok(expected)) => assert_eq!(names, expected),
        (Err(refusal), Err(words)) => assert!(refusal.contains(words), "`{refusal}` does not say `{words}`"),
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => panic!("{names:?} is not {then:?}"),
    }
}

/// Born in 1990, alive.
pub fn register(number: u128) -> Step {
    let birth_date = date(1990, 2, 1);
    let (name, national_insurance_number) = (Some("Ada".into()), None);
    PersonOrder::Register { person: person(number), birth_date, name, national_insurance_number }.into()
}

/// Claim 1 of person 1 from 1 June 2026.
pub fn make_claim() -> Step {
    let order = ClaimOrder::Make {
        claim: claim(1),
        benefit: "uk-universal-credit".into(),
        claimants: vec![person(1)],
        dates: None,
    };
    from(date(2026, 6, 1), order)
}

/// June 2026, a payment of this many pence to person 1.
pub fn june(pence: i64) -> Decision {
    let line = PayeeLine {
        amount: amount(pence),
        purpose: Purpose::StandardAllowance,
        for_whom: person(1),
        payee: Payee::Person(person(1)),
    };
    Decision {
        period: AssessmentPeriod::starting(date(2026, 6, 1)).unwrap(),
        pack: PackRef { name: "uk-universal-credit".into(), version: "2026.4".into(), digest: Digest([2; 32]) },
        engine: 1,
        facts_at: 2,
        outcome: Digest([3; 32]),
        award: amount(pence),
        payment: amount(pence),
        adults: vec![person(1)],
        main_carer: person(1),
        deducted: Vec::new(),
        lines: vec![line],
        amounts: Vec::new(),
        mode: Mode::Automated,
        authority: Vec::new(),
    }
}
