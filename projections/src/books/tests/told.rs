//! A history told by orders, each decided as the ledger decides it, and followed by the books and the views.

use jiff::civil::{Date, date};
use ledger::order::{ClaimOrder, DebtOrder, DeterminationOrder, Order, PaymentOrder, PersonOrder, RunOrder};
use ledger::{Command, World, world};
use schemas::day::london_hour;
use schemas::events::{Channel, DebtKind, Decision, Deducted, Mode, PackRef, Payee, PayeeLine, PaymentKind, Purpose};
use schemas::{
    Amount, AssessmentPeriod, Citation, ClaimId, CommandId, DebtId, Digest, Envelope, EventId, Money, PaymentId,
    PersonId, Recorded, RunId,
};
use uuid::Uuid;

use crate::books::{Account, Balances, Books, Entry};
use crate::views::MemoryViews;

macro_rules! numbered {
    ($($function:ident: $id:ident,)*) => {$(
        pub const fn $function(number: u128) -> $id {
            $id(Uuid::from_u128(number))
        }
    )*};
}

numbered! { person: PersonId, claim: ClaimId, debt: DebtId, payment: PaymentId, run: RunId, command: CommandId, }

pub fn amount(pence: i64) -> Amount {
    Amount::new(Money::from_pence(pence)).unwrap()
}

pub const PERSON: Payee = Payee::Person(person(1));

/// The month from 1 June 2026, or one so many months later.
pub fn month(number: i8) -> AssessmentPeriod {
    AssessmentPeriod::starting(date(2026, 6 + number, 1)).unwrap()
}

/// What a decision is to say.
#[derive(Clone)]
pub struct Decided<'a> {
    pub claim: u128,
    pub period: AssessmentPeriod,
    /// Person and payee of each line, and its pence; what goes to a landlord is for housing.
    pub lines: &'a [(u128, Payee, i64)],
    pub deducted: &'a [(u128, i64)],
}

pub struct Told {
    world: World,
    pub books: Books,
    pub views: MemoryViews,
    pub entries: Vec<Entry>,
    sequence: u64,
    commands: u128,
}

impl Told {
    /// Person 1 is known, and has claim 1 from 1 June 2026.
    pub fn new() -> Told {
        let (books, views) = (Books::default(), MemoryViews::default());
        let mut told = Told { world: World::default(), books, views, entries: Vec::new(), sequence: 0, commands: 0 };
        told.claimant(1);
        // Everything in these tests leaves in one run, which is large enough.
        let (first, digest, total) = (date(2026, 6, 1), Digest([1; 32]), amount(1_000_000_000));
        let plan = RunOrder::Plan { run: run(1), day: first, digest, payments: 1_000_000, total, approvals: None };
        told.on(first, plan).unwrap();
        told.on(first, RunOrder::Approve { run: run(1), digest }).unwrap();
        told
    }

    /// Somebody who claims from 1 June 2026, under the same number.
    pub fn claimant(&mut self, number: u128) {
        let first = date(2026, 6, 1);
        let birth_date = date(1990, 2, 1);
        let (name, national_insurance_number) = (None, None);
        let register = PersonOrder::Register { person: person(number), birth_date, name, national_insurance_number };
        self.on(first, register).unwrap();
        let (benefit, claimants) = ("uk-universal-credit".into(), vec![person(number)]);
        self.on(first, ClaimOrder::Make { claim: claim(number), benefit, claimants, dates: None }).unwrap();
    }

    /// Gives an order on a day; its first event, or why it was refused.
    pub fn on(&mut self, day: Date, order: impl Into<Order>) -> Result<EventId, String> {
        self.from(day, day, order)
    }

    /// The same of an order that holds from another day.
    pub fn from(&mut self, day: Date, effective_from: Date, order: impl Into<Order>) -> Result<EventId, String> {
        self.commands += 1;
        let command = Command {
            id: command(self.commands),
            actor: "tester".into(),
            time: london_hour(day, 12),
            effective_from,
            effective_to: None,
            notified_on: None,
            decided_on: Some(day),
            causation: None,
            correlation: None,
            order: order.into(),
        };
        let happened = world::decide(&self.world, &command, self.sequence).map_err(|refusal| refusal.to_string())?;
        let first = EventId { command: command.id, index: 0 };
        for (index, (subject, event)) in (0..).zip(happened) {
            self.sequence += 1;
            let envelope = Envelope {
                id: EventId { command: command.id, index },
                subject,
                time: command.time,
                effective_from,
                effective_to: None,
                notified_on: None,
                decided_on: command.decided_on,
                causation: None,
                correlation: None,
                actor: command.actor.clone(),
                command_hash: Digest([0; 32]),
                prev: None,
                event,
            };
            self.world.evolve(&envelope);
            let recorded = Recorded { sequence: self.sequence, envelope };
            self.views.apply(&recorded);
            self.entries.extend(self.books.post(&recorded));
        }
        Ok(first)
    }

    pub fn decide(&mut self, day: Date, decided: &Decided<'_>) -> Result<EventId, String> {
        let decision = decision(decided);
        self.on(day, DeterminationOrder::Determine { claim: claim(decided.claim), decision })
    }

    pub fn revise(&mut self, day: Date, replaces: EventId, decided: &Decided<'_>) -> Result<EventId, String> {
        let (claim, decision) = (claim(decided.claim), decision(decided));
        let ground = Citation::read("SI 2013/381", "reg. 9");
        self.on(day, DeterminationOrder::Revise { claim, replaces, ground, decision })
    }

    /// Instructs a payment and releases it on the same day.
    pub fn pay(&mut self, day: Date, usable: Date, mut order: PaymentOrder) {
        let PaymentOrder::Instruct { person, payment, due_on, .. } = &mut order else { panic!("no instruction") };
        *due_on = usable;
        let (person, payment) = (*person, *payment);
        self.on(day, order).unwrap();
        self.release(day, person, payment).unwrap();
    }

    pub fn release(&mut self, day: Date, person: PersonId, payment: PaymentId) -> Result<EventId, String> {
        self.on(day, PaymentOrder::Release { person, payment, run: run(1), file: Digest([1; 32]) })
    }

    pub fn owe(&mut self, day: Date, number: u128, kind: DebtKind, pence: i64, cause: Option<EventId>) -> EventId {
        let (person, debt, amount, advance) = (person(1), debt(number), amount(pence), None);
        self.on(day, DebtOrder::Register { person, debt, kind, amount, cause, advance }).unwrap()
    }

    /// The balances of everything for a day or before.
    pub fn balances(&self, on: Date) -> Balances {
        let mut balances = Balances::default();
        self.entries.iter().filter(|entry| entry.day <= on).for_each(|entry| balances.add(entry));
        balances
    }

    /// Asserts every balance on a day that is not nil, in the order of the chart; a credit is below zero.
    #[track_caller]
    pub fn check(&self, on: Date, expected: &[(Account, &str)]) {
        let balances = self.balances(on);
        let found: Vec<(String, String)> = balances
            .iter()
            .filter(|(_, balance)| balance.net() != Money::ZERO)
            .map(|(account, balance)| (account.to_string(), balance.net().to_string()))
            .collect();
        let expected: Vec<(String, String)> =
            expected.iter().map(|(account, sum)| (account.to_string(), sum.to_string())).collect();
        assert_eq!(found, expected, "on {on}");
    }
}

fn decision(decided: &Decided<'_>) -> Decision {
    let line = |(who, payee, pence): &(u128, Payee, i64)| PayeeLine {
        amount: amount(*pence),
        purpose: if *payee == Payee::Landlord { Purpose::Housing } else { Purpose::StandardAllowance },
        for_whom: person(*who),
        payee: *payee,
    };
    let deducted = |(number, pence): &(u128, i64)| Deducted { debt: debt(*number), amount: amount(*pence) };
    let lines: Vec<PayeeLine> = decided.lines.iter().map(line).collect();
    let payment = lines.iter().map(|line| line.amount).fold(Amount::ZERO, |sum, amount| sum + amount);
    let deducted: Vec<Deducted> = decided.deducted.iter().map(deducted).collect();
    let award = deducted.iter().map(|deducted| deducted.amount).fold(payment, |sum, amount| sum + amount);
    Decision {
        period: decided.period,
        pack: PackRef { name: "uk-universal-credit".into(), version: "2026.4".into(), digest: Digest([2; 32]) },
        engine: 1,
        facts_at: 1,
        outcome: Digest([3; 32]),
        award,
        payment,
        lines,
        adults: vec![person(decided.claim)],
        main_carer: person(decided.claim),
        deducted,
        amounts: Vec::new(),
        mode: Mode::Automated,
        authority: Vec::new(),
    }
}

/// A payment of one line, for claim 1.
pub fn instruct(number: u128, kind: PaymentKind, payee: Payee, pence: i64, cause: EventId) -> PaymentOrder {
    let line = PayeeLine { amount: amount(pence), purpose: Purpose::StandardAllowance, for_whom: person(1), payee };
    PaymentOrder::Instruct {
        person: person(1),
        payment: payment(number),
        kind,
        payee,
        account_holders: Vec::new(),
        lines: vec![line],
        amount: amount(pence),
        due_on: date(2026, 7, 7),
        next_due: None,
        series: None,
        channel: Channel::FasterPayments,
        claim: None,
        period: None,
        instalment: 1,
        for_days: None,
        cause,
        account: None,
        nominal_on: None,
        because: None,
    }
}

/// A payment of the award of a period of claim 1.
pub fn award(number: u128, of: AssessmentPeriod, payee: Payee, pence: i64, cause: EventId) -> PaymentOrder {
    let order = instruct(number, PaymentKind::Award, payee, pence, cause);
    under(order, Some(of))
}

/// The same payment under claim 1.
pub fn under(mut order: PaymentOrder, of: Option<AssessmentPeriod>) -> PaymentOrder {
    if let PaymentOrder::Instruct { claim: under, period, .. } = &mut order {
        (*under, *period) = (Some(claim(1)), of);
    }
    order
}
