//! What is known about one person.

use jiff::civil::Date;
use ledger::debt::SET_OFF;
use ledger::payment::is_held_on;
use schemas::day::london_day;
use schemas::events::{
    ClaimEvent, DebtEvent, DebtKind, Event, Frequency, IncomeEvent, IncomeKind, OutflowKind, PersonEvent, PersonFact,
    Recovery, SanctionEvent, SanctionRate, Sealed,
};
use schemas::{
    AssessmentPeriod, ClaimId, DebtId, Envelope, EventId, Money, PaymentId, PersonId, Recorded, SanctionId, Subject,
};
use serde::{Deserialize, Serialize};

use super::payment::payment;
use super::{KeptBack, Late, PaymentView, Projection, What, add};
use crate::facts::{Record, Records};

/// What is known about one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    /// When they were born.
    pub born: Option<Date>,
    /// From which day the ledger knows them.
    pub registered: Option<Date>,
    /// When they died.
    pub died: Option<Date>,
    /// Facts, by key.
    pub facts: Records<PersonFact>,
    /// Pay reported.
    pub earnings: Vec<Earnings>,
    /// Money from elsewhere.
    pub incomes: Vec<Income>,
    /// Money that leaves.
    pub outflows: Vec<Outflow>,
    /// Sanctions that were not cancelled.
    pub sanctions: Vec<Sanction>,
    /// Hardship payments: the debt of each, and the first day it was for.
    pub hardship: Vec<(DebtId, Date)>,
    /// Debts.
    pub debts: Vec<Debt>,
    /// What was decided about money paid beyond what was due.
    pub recoveries: Vec<RecoveryDecided>,
    /// Payments to which they are entitled, in the order instructed.
    pub payments: Vec<PaymentView>,
    /// What was kept back of what they were owed, for top-ups that were paid for the same days.
    pub kept_back: Vec<KeptBack>,
    /// Days from which payments are held back (true) or flow (false), in the order in which it was recorded.
    pub suspended: Vec<(Date, bool)>,
    /// Claims they were ever part of.
    pub claims: Vec<ClaimId>,
    /// Children whom they were ever recorded to care for.
    pub cares_for: Vec<PersonId>,
    /// What became known of days that had passed.
    pub late: Vec<Late>,
    /// Where the events about them stand.
    pub events: Vec<u64>,
}

/// Pay on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earnings {
    /// Where it was recorded.
    pub position: u64,
    /// The day it is paid.
    pub paid_on: Date,
    /// Before anything is taken.
    pub gross: Money,
    /// After tax, National Insurance and pension.
    pub net: Money,
    /// How often.
    pub frequency: Frequency,
    /// The next, if known.
    pub next_due: Option<Date>,
    /// Which job.
    pub employment: Option<String>,
}

/// Money from elsewhere on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Income {
    /// Where it was recorded.
    pub position: u64,
    /// The day it can be used.
    pub on: Date,
    /// How much.
    pub amount: Money,
    /// What kind.
    pub kind: IncomeKind,
    /// The next, if known.
    pub next_due: Option<Date>,
}

/// Money that leaves on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outflow {
    /// Where it was recorded.
    pub position: u64,
    /// The day it is due.
    pub on: Date,
    /// How much.
    pub amount: Money,
    /// What kind.
    pub kind: OutflowKind,
}

/// A sanction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sanction {
    /// Which.
    pub id: SanctionId,
    /// Where it was recorded.
    pub position: u64,
    /// The day of the failure.
    pub failure_on: Date,
    /// First day that it may take; not before the failure as long as its days come up one by one.
    pub from: Date,
    /// How many days; none as long as it lasts until the person complies.
    pub days: Option<u16>,
    /// First day without it, where it ended early.
    pub ended: Option<Date>,
    /// Daily rate, as far as one was stated.
    pub rate: Option<SanctionRate>,
}

/// A debt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debt {
    /// Which.
    pub id: DebtId,
    /// Where it comes from.
    pub kind: DebtKind,
    /// Where it was registered: an earlier debt is the older one.
    pub position: u64,
    /// The event that registered it.
    pub event: EventId,
    /// The day on which it was known and held.
    pub from: Date,
    /// What was owed when it was registered.
    pub registered: Money,
    /// What is owed, less what was paid back other than by deductions, waived or written off.
    pub owed: Money,
    /// How it is recovered until something is set.
    pub recovery: Option<Recovery>,
    /// What was set to be taken per period, in the order in which it was.
    pub settings: Vec<Setting>,
    /// What was paid back, other than by deductions, with the day the money came.
    pub repaid: Vec<(Date, Money)>,
    /// What was given up for the person's sake.
    pub waived: Money,
    /// What was given up as not collectable.
    pub written_off: Money,
    /// What of an overpayment came due after all, so that it is not owed.
    pub set_off: Money,
    /// The instalments agreed last.
    pub plan: Option<Instalments>,
    /// Whom what is deducted is paid to.
    pub creditor: Option<Creditor>,
}

/// Where and when a debt was registered.
#[derive(Clone, Copy, Debug)]
pub struct Registered {
    /// Where it stands in the stream.
    pub position: u64,
    /// The event.
    pub event: EventId,
    /// The day on which it was known and held.
    pub from: Date,
}

impl Registered {
    fn of(position: u64, envelope: &Envelope) -> Registered {
        let from = london_day(envelope.time).max(envelope.effective_from);
        Registered { position, event: envelope.id, from }
    }
}

impl Debt {
    /// A debt on which nothing happened yet.
    pub fn new(id: DebtId, kind: DebtKind, recorded: Registered, amount: Money) -> Debt {
        let Registered { position, event, from } = recorded;
        Debt {
            id,
            kind,
            position,
            event,
            from,
            registered: amount,
            owed: amount,
            recovery: None,
            settings: Vec::new(),
            repaid: Vec::new(),
            waived: Money::ZERO,
            written_off: Money::ZERO,
            set_off: Money::ZERO,
            plan: None,
            creditor: None,
        }
    }
}

/// Instalments in which a debt is paid back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instalments {
    /// Each; the last one takes what is left.
    pub each: Money,
    /// How often.
    pub every: Frequency,
    /// The day of the first.
    pub from: Date,
}

/// Whom what is deducted for a debt is paid to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creditor {
    /// Their name.
    pub name: Sealed,
    /// Sort code and number.
    pub account: Sealed,
    /// Under which reference they know the debt.
    pub reference: Option<Sealed>,
}

/// What was decided about money paid beyond what was due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryDecided {
    /// Under which claim it was paid.
    pub claim: ClaimId,
    /// For which period.
    pub period: AssessmentPeriod,
    /// How much it was.
    pub overpaid: Money,
    /// How much of it is recovered.
    pub recoverable: Money,
    /// The debt that this made.
    pub debt: Option<DebtId>,
    /// Why.
    pub reason: String,
}

/// What is set to be taken for a debt, for periods starting from a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// The day.
    pub from: Date,
    /// How much; nothing stops it.
    pub per_period: Money,
    /// Beyond the limit, in the person's best interests.
    pub last_resort: bool,
}

impl PersonView {
    /// A fact's value on a day.
    pub fn fact(&self, key: &str, day: Date) -> Option<&PersonFact> {
        self.facts.on(key, day)
    }

    /// Everyone who was ever recorded to carry this child's floor.
    pub fn carers(&self) -> impl Iterator<Item = PersonId> {
        self.facts.all("carer").filter_map(|fact| if let PersonFact::Carer(carer) = fact { Some(*carer) } else { None })
    }

    /// Whether payments are held back on a day.
    pub fn is_suspended(&self, day: Date) -> bool {
        is_held_on(&self.suspended, day)
    }

    /// From which day they are held back, where they are on a day.
    pub fn suspended_since(&self, day: Date) -> Option<Date> {
        let said = self.suspended.iter().rev().find(|(from, _)| *from <= day);
        said.filter(|(_, held)| *held).map(|(from, _)| *from)
    }

    /// The first day after one on which they are not held back any more, as far as known.
    pub fn resumed_after(&self, day: Date) -> Option<Date> {
        let later = self.suspended.iter().map(|(from, _)| *from).filter(|from| *from > day);
        later.filter(|from| !self.is_suspended(*from)).min()
    }

    /// The payment with this id.
    pub fn payment(&self, id: PaymentId) -> Option<&PaymentView> {
        self.payments.iter().find(|payment| payment.id == id)
    }
}

/// The read model of people.
pub struct People;

impl Projection for People {
    const NAME: &'static str = "people_v5";
    type Key = PersonId;
    type View = PersonView;

    fn keys(event: &Recorded) -> Vec<PersonId> {
        let mut keys = match &event.envelope.subject {
            Subject::Person(person) => std::iter::once(*person).chain(carer_recorded(event)).collect(),
            Subject::Claim(_) => match &event.envelope.event {
                Event::Claim(ClaimEvent::ClaimMade(made)) => made.claimants.clone(),
                Event::Claim(ClaimEvent::ClaimJoined(joined)) => vec![joined.person],
                Event::Claim(ClaimEvent::ClaimLeft(left)) => vec![left.person],
                Event::Claim(
                    ClaimEvent::ClaimWithdrawn(_)
                    | ClaimEvent::ClaimClosed(_)
                    | ClaimEvent::ClaimReopened(_)
                    | ClaimEvent::ClaimRedated(_)
                    | ClaimEvent::ClaimFactRecorded(_)
                    | ClaimEvent::ClaimFactWithdrawn(_),
                )
                | Event::Person(_)
                | Event::Income(_)
                | Event::Identity(_)
                | Event::Sanction(_)
                | Event::Debt(_)
                | Event::Payment(_)
                | Event::Determination(_)
                | Event::Dispute(_)
                | Event::Run(_)
                | Event::Pack(_)
                | Event::Bank(_) => vec![],
            },
            Subject::Run(_) | Subject::Pack(_) | Subject::Bank(_) => vec![],
        };
        keys.dedup();
        keys
    }

    fn project(view: &mut PersonView, key: &PersonId, recorded: &Recorded) {
        if let Subject::Person(child) = recorded.envelope.subject
            && child != *key
        {
            view.cares_for.extend((!view.cares_for.contains(&child)).then_some(child));
            return;
        }
        view.events.push(recorded.sequence);
        view.late.extend(late(view, recorded));
        let Recorded { sequence, envelope } = recorded;
        match &envelope.event {
            Event::Person(event) => person(view, *sequence, envelope, event),
            Event::Income(event) => income(view, *sequence, event),
            Event::Sanction(event) => sanction(view, *sequence, envelope, event),
            Event::Debt(event) => debt(view, *sequence, envelope, event),
            Event::Payment(event) => payment(view, *sequence, envelope, event),
            Event::Claim(_) => claim(view, envelope),
            Event::Identity(_)
            | Event::Determination(_)
            | Event::Dispute(_)
            | Event::Run(_)
            | Event::Pack(_)
            | Event::Bank(_) => {}
        }
    }
}

/// Who is recorded to care for the child whom the event is about.
fn carer_recorded(event: &Recorded) -> Option<PersonId> {
    let Event::Person(PersonEvent::PersonFactRecorded(recorded)) = &event.envelope.event else { return None };
    if let PersonFact::Carer(carer) = &recorded.fact { Some(*carer) } else { None }
}

/// What an event says of days that have passed. Debts are not among it: nothing is taken from a payment afterwards.
fn late(view: &PersonView, recorded: &Recorded) -> Option<Late> {
    let of = |from, what| Late::of(recorded, from, what);
    match &recorded.envelope.event {
        Event::Person(PersonEvent::PersonDied(died)) => of(died.on, What::Change),
        Event::Person(PersonEvent::PersonFactRecorded(_)) => of(recorded.envelope.effective_from, What::Change),
        Event::Person(PersonEvent::PersonFactWithdrawn(withdrawn)) => {
            of(view.facts.record(withdrawn.event)?.from, What::Withdrawn)
        }
        Event::Person(
            PersonEvent::PersonRegistered(_)
            | PersonEvent::PersonClaimed(_)
            | PersonEvent::PersonClaimEnded(_)
            | PersonEvent::StatementRecorded(_),
        ) => None,
        Event::Income(IncomeEvent::EarningsReported(pay)) => of(pay.paid_on, What::Pay),
        Event::Income(IncomeEvent::IncomeReceived(_) | IncomeEvent::OutflowReported(_)) => None,
        Event::Sanction(event) => {
            let from = |id| view.sanctions.iter().find(|sanction| sanction.id == id).map(|sanction| sanction.from);
            match event {
                SanctionEvent::SanctionImposed(imposed) => of(imposed.from, What::Sanction),
                SanctionEvent::SanctionComplied(complied) => of(complied.on, What::Sanction),
                SanctionEvent::SanctionEnded(ended) => of(ended.on, What::Sanction),
                SanctionEvent::SanctionCancelled(cancelled) => of(from(cancelled.sanction)?, What::Sanction),
                SanctionEvent::HardshipAwarded(_) => None,
            }
        }
        Event::Debt(_)
        | Event::Payment(_)
        | Event::Claim(_)
        | Event::Identity(_)
        | Event::Determination(_)
        | Event::Dispute(_)
        | Event::Run(_)
        | Event::Pack(_)
        | Event::Bank(_) => None,
    }
}

fn claim(view: &mut PersonView, envelope: &Envelope) {
    if let Subject::Claim(claim) = envelope.subject
        && !view.claims.contains(&claim)
    {
        add(&mut view.claims, claim);
    }
}

fn person(view: &mut PersonView, position: u64, envelope: &Envelope, event: &PersonEvent) {
    match event {
        PersonEvent::PersonRegistered(registered) => {
            view.born = Some(registered.birth_date);
            view.registered = Some(envelope.effective_from);
        }
        PersonEvent::PersonDied(died) => view.died = Some(died.on),
        PersonEvent::PersonFactRecorded(recorded) => {
            let record = Record::new(position, envelope, recorded.fact.clone());
            view.facts.add(recorded.fact.key(), record);
        }
        PersonEvent::PersonFactWithdrawn(withdrawn) => view.facts.withdraw(withdrawn.event),
        // What the claims themselves say is enough here; these let the ledger decide on one person's history.
        PersonEvent::PersonClaimed(_) | PersonEvent::PersonClaimEnded(_) | PersonEvent::StatementRecorded(_) => {}
    }
}

fn income(view: &mut PersonView, position: u64, event: &IncomeEvent) {
    match event {
        IncomeEvent::EarningsReported(pay) => add(
            &mut view.earnings,
            Earnings {
                position,
                paid_on: pay.paid_on,
                gross: pay.gross.money(),
                net: pay.net(),
                frequency: pay.frequency,
                next_due: pay.next_due,
                employment: pay.employment.clone(),
            },
        ),
        IncomeEvent::IncomeReceived(income) => view.incomes.push(Income {
            position,
            on: income.on,
            amount: income.amount.money(),
            kind: income.kind,
            next_due: income.next_due,
        }),
        IncomeEvent::OutflowReported(outflow) => {
            view.outflows.push(Outflow { position, on: outflow.on, amount: outflow.amount.money(), kind: outflow.kind })
        }
    }
}

fn sanction(view: &mut PersonView, position: u64, envelope: &Envelope, event: &SanctionEvent) {
    match event {
        SanctionEvent::SanctionImposed(imposed) => view.sanctions.push(Sanction {
            id: imposed.sanction,
            position,
            failure_on: imposed.failure_on,
            from: if imposed.until_compliance { imposed.from.max(imposed.failure_on) } else { imposed.from },
            days: (!imposed.until_compliance).then_some(imposed.days),
            ended: None,
            rate: imposed.rate,
        }),
        SanctionEvent::SanctionComplied(complied) => {
            let sanctions = view.sanctions.iter_mut().filter(|s| s.id == complied.sanction);
            sanctions.for_each(|sanction| (sanction.from, sanction.days) = (complied.from, Some(complied.days)));
        }
        SanctionEvent::SanctionEnded(ended) => {
            view.sanctions.iter_mut().filter(|s| s.id == ended.sanction).for_each(|s| s.ended = Some(ended.on));
        }
        SanctionEvent::SanctionCancelled(cancelled) => view.sanctions.retain(|s| s.id != cancelled.sanction),
        SanctionEvent::HardshipAwarded(awarded) => {
            view.hardship.push((awarded.debt, awarded.from));
            let owed = awarded.amount().unwrap_or(Money::ZERO);
            let place = Registered::of(position, envelope);
            view.debts.push(Debt::new(awarded.debt, DebtKind::Hardship, place, owed));
        }
    }
}

fn debt(view: &mut PersonView, position: u64, envelope: &Envelope, event: &DebtEvent) {
    let known = |id: DebtId| move |debt: &&mut Debt| debt.id == id;
    let place = Registered::of(position, envelope);
    match event {
        DebtEvent::DebtRegistered(registered) => {
            let debt = Debt::new(registered.debt, registered.kind, place, registered.amount.money());
            view.debts.push(Debt { recovery: registered.recovery, ..debt });
        }
        DebtEvent::DebtRecoveryDecided(decided) => {
            // Until something is set, as much as the law lets be taken (SI 2013/384 reg. 11(2)): the pack holds the limit.
            let recovery = Recovery { per_period: decided.recoverable, from: envelope.effective_from };
            view.debts.extend(decided.debt.map(|id| {
                let debt = Debt::new(id, DebtKind::Overpayment, place, decided.recoverable.money());
                Debt { recovery: Some(recovery), ..debt }
            }));
            view.recoveries.push(RecoveryDecided {
                claim: decided.claim,
                period: decided.period,
                overpaid: decided.overpaid.money(),
                recoverable: decided.recoverable.money(),
                debt: decided.debt,
                reason: decided.reason.clone(),
            });
        }
        DebtEvent::DebtDeductionSet(set) => {
            let setting = Setting {
                from: envelope.effective_from,
                per_period: set.per_period.money(),
                last_resort: set.last_resort,
            };
            view.debts.iter_mut().filter(known(set.debt)).for_each(|debt| debt.settings.push(setting));
        }
        DebtEvent::DebtWaived(waived) => {
            let amount = waived.amount.money();
            for debt in view.debts.iter_mut().filter(known(waived.debt)) {
                debt.waived += amount;
                debt.owed -= amount;
            }
        }
        DebtEvent::DebtWrittenOff(written_off) => {
            let amount = written_off.amount.money();
            let set_off = written_off.reason == SET_OFF;
            for debt in view.debts.iter_mut().filter(known(written_off.debt)) {
                *(if set_off { &mut debt.set_off } else { &mut debt.written_off }) += amount;
                debt.owed -= amount;
            }
        }
        DebtEvent::DebtRepaid(repaid) => {
            for debt in view.debts.iter_mut().filter(known(repaid.debt)) {
                debt.repaid.push((repaid.on, repaid.amount.money()));
                debt.owed -= repaid.amount.money();
            }
        }
        DebtEvent::DebtPlanAgreed(agreed) => {
            let (each, every, from) = (agreed.per_instalment.money(), agreed.every, agreed.from);
            let plan = Some(Instalments { each, every, from });
            view.debts.iter_mut().filter(known(agreed.debt)).for_each(|debt| debt.plan = plan);
        }
        DebtEvent::DebtCreditorRecorded(recorded) => {
            let (name, account, reference) =
                (recorded.name.clone(), recorded.account.clone(), recorded.reference.clone());
            let creditor = Creditor { name, account, reference };
            view.debts.iter_mut().filter(known(recorded.debt)).for_each(|debt| debt.creditor = Some(creditor.clone()));
        }
    }
}
