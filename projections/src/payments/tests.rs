//! When money is due and in which parts, on a small world told day by day: what is planned leaves on its evening.

mod examples;
mod laws;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use schemas::day::london_hour;
use schemas::events::{
    AssessmentDetermined, ClaimFact, ClaimFactRecorded, ClaimMade, Decision, Event, Mode, PackRef, Payee, PayeeLine,
    PaymentReleased, PersonFact, PersonFactRecorded, PersonRegistered, Purpose, Sealed,
};
use schemas::{
    Amount, AssessmentPeriod, ClaimId, CommandId, Digest, Envelope, EventId, Money, PersonId, Recorded, RunId, Subject,
};
use uuid::Uuid;

use super::{Calendar, Horizon, Planned, derived_uuid, plan};
use crate::views::{MemoryViews, PaymentView};

/// Ann alone, with a claim, told up to the evening before `day`.
struct Told {
    world: MemoryViews,
    day: Date,
    events: u128,
    /// What every period gives, line by line.
    lines: Vec<PayeeLine>,
    /// How many working days ahead money leaves.
    lead: u8,
}

const ANN: PersonId = PersonId(Uuid::from_u128(1));
const CLAIM: ClaimId = ClaimId(Uuid::from_u128(2));

impl Told {
    /// Ann is entitled from a day to these amounts a month: her allowance, and rent that goes to her landlord.
    fn new(from: Date, allowance: &str, rent: &str) -> Told {
        let line = |amount: &str, purpose: Purpose, payee: Payee| PayeeLine {
            amount: pounds(amount),
            purpose,
            for_whom: ANN,
            payee,
        };
        let lines = vec![
            line(allowance, Purpose::StandardAllowance, Payee::Person(ANN)),
            line(rent, Purpose::Housing, Payee::Landlord),
        ];
        let lines = lines.into_iter().filter(|line| line.amount > Amount::ZERO).collect();
        let mut told = Told { world: MemoryViews::default(), day: from, events: 0, lines, lead: 0 };
        let registered = PersonRegistered { birth_date: date(1990, 1, 1), name: None, national_insurance_number: None };
        told.tell(Subject::Person(ANN), None, registered.into());
        let made = ClaimMade { benefit: "uk-universal-credit".into(), claimants: vec![ANN], dates: None, day_of: None };
        told.tell(Subject::Claim(CLAIM), None, made.into());
        told
    }

    fn tell(&mut self, subject: Subject, to: Option<Date>, event: Event) {
        self.events += 1;
        let command = CommandId(Uuid::from_u128(100 + self.events));
        let envelope = Envelope {
            id: EventId { command, index: 0 },
            subject,
            time: london_hour(self.day, 9),
            effective_from: self.day,
            effective_to: to,
            notified_on: None,
            decided_on: None,
            causation: None,
            correlation: None,
            actor: "test".into(),
            command_hash: Digest([0; 32]),
            prev: None,
            event,
        };
        self.world.apply(&Recorded { sequence: self.world.position() + 1, envelope });
    }

    fn fact(&mut self, fact: PersonFact) {
        self.tell(Subject::Person(ANN), None, PersonFactRecorded { fact }.into());
    }

    fn fact_until(&mut self, fact: PersonFact, to: Date) {
        self.tell(Subject::Person(ANN), Some(to), PersonFactRecorded { fact }.into());
    }

    fn claim_fact(&mut self, fact: ClaimFact) {
        self.tell(Subject::Claim(CLAIM), None, ClaimFactRecorded { fact }.into());
    }

    /// Goes on to the evening of a day.
    fn until(&mut self, last: Date) {
        while self.day <= last {
            self.evening();
        }
    }

    fn evening(&mut self) {
        let yesterday = self.day.yesterday().unwrap();
        let cycle = self.world.claim(CLAIM).unwrap().cycle(schemas::PeriodKind::Month).unwrap();
        if let Some(period) = cycle.containing(yesterday).filter(|period| period.last() == yesterday) {
            self.decide(period);
        }
        for Planned { person, payment } in self.planned() {
            let released = PaymentReleased { payment: payment.payment, run: RunId(Uuid::nil()), file: Digest([0; 32]) };
            self.tell(Subject::Person(person), None, payment.into());
            self.tell(Subject::Person(person), None, released.into());
        }
        self.day = self.day.tomorrow().unwrap();
    }

    /// What leaves on the evening of the day.
    fn planned(&self) -> Vec<Planned> {
        plan(
            Horizon::ahead(self.day, self.lead),
            CLAIM,
            self.world.claim(CLAIM).unwrap(),
            &self.world,
            Calendar::default(),
        )
    }

    fn decide(&mut self, period: AssessmentPeriod) {
        let sum: Money = self.lines.iter().map(|line| line.amount.money()).sum();
        let decision = Decision {
            period,
            pack: PackRef { name: "uk-universal-credit".into(), version: "1".into(), digest: Digest([0; 32]) },
            engine: 1,
            facts_at: self.world.position(),
            outcome: Digest([0; 32]),
            award: Amount::new(sum).unwrap(),
            payment: Amount::new(sum).unwrap(),
            lines: self.lines.clone(),
            adults: vec![ANN],
            main_carer: ANN,
            deducted: Vec::new(),
            amounts: Vec::new(),
            mode: Mode::Automated,
            authority: Vec::new(),
        };
        self.tell(Subject::Claim(CLAIM), None, AssessmentDetermined { decision }.into());
    }

    fn payments(&self, payee: Payee) -> impl Iterator<Item = &PaymentView> {
        let payments = self.world.person(ANN).unwrap().payments.iter();
        payments.filter(move |payment| payment.payee == payee)
    }

    /// What a payee was paid: due day, the day it was moved from, and how much.
    #[track_caller]
    fn check(&self, payee: Payee, expected: &[&str]) {
        let line = |payment: &PaymentView| match payment.nominal_on {
            None => format!("{} {}", payment.due_on, payment.amount),
            Some(nominal) => format!("{} (from {nominal}) {}", payment.due_on, payment.amount),
        };
        assert_eq!(self.payments(payee).map(line).collect::<Vec<_>>(), expected);
    }

    fn periods(&self) -> impl Iterator<Item = AssessmentPeriod> {
        self.world.claim(CLAIM).unwrap().determined.iter().map(|determined| determined.period)
    }
}

fn pounds(amount: &str) -> Amount {
    Amount::new(amount.parse().unwrap()).unwrap()
}

fn sealed(name: &str) -> Sealed {
    Sealed { r#ref: derived_uuid(name), commitment: Digest([1; 32]) }
}
