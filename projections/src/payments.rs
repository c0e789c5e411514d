//! What is due to whom on which day, and the plan that pays it.
//!
//! A plan is a pure list with a digest; nothing has happened until it was approved and carried out. Names of payments
//! are derived from what they pay, so that the same debt is never paid twice, whoever plans it and however often.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::{Channel, Decision, Event, Payee, PayeeLine, PaymentInstructed, PaymentKind, PersonFact};
use schemas::{Amount, AssessmentPeriod, ClaimId, Digest, EventId, Money, PaymentId, PeriodKind, PersonId};
use sha2::Digest as _;

use crate::engine::Pack;
use crate::views::{ClaimView, Determined, MemoryViews, PaymentView};

/// When awards are paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Which periods an award is for.
    pub periods: PeriodKind,
    /// Days after the last day of the period (SI 2013/380 reg. 45).
    pub days_after_period: i64,
    /// Whether the first award waits for its period to end. Where it does not, as much again is paid on the first day.
    pub first_wait: bool,
}

impl Calendar {
    /// What a pack says about payment for periods starting on a day: seven days after the period, and a first wait,
    /// where it says nothing.
    pub fn of(pack: &Pack, day: Date) -> Calendar {
        let whole = |path: &str| {
            pack.parameter_on(path, day).and_then(|value| value.in_units_of(1)).and_then(|n| i64::try_from(n).ok())
        };
        Calendar {
            periods: pack.periods(),
            days_after_period: whole("payment.days_after_period").unwrap_or(7),
            first_wait: whole("payment.first_wait").unwrap_or(1) != 0,
        }
    }

    /// The day on which the award of a period is due.
    pub fn pay_day(self, period: AssessmentPeriod) -> Date {
        period.last().saturating_add(self.days_after_period.days())
    }
}

/// Money that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Under which claim.
    pub claim: ClaimId,
    /// Who is entitled to it: the payment stands on them.
    pub entitled: PersonId,
    /// Who receives it.
    pub payee: Payee,
    /// For which period.
    pub period: AssessmentPeriod,
    /// Which part of what is due for the period: 1, or 0 for the payment that stands in for the first wait.
    pub instalment: u16,
    /// What it consists of.
    pub lines: Vec<PayeeLine>,
    /// When.
    pub due_on: Date,
    /// When the next of the series is due, as scheduled then.
    pub next_due: Option<Date>,
}

/// What makes two payments the same one: everything that names it but its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Under which claim.
    pub claim: ClaimId,
    /// Who is entitled.
    pub entitled: PersonId,
    /// Who receives it.
    pub payee: Payee,
    /// For which period.
    pub period: AssessmentPeriod,
    /// Which part of what is due for the period.
    pub instalment: u16,
}

impl Due {
    /// What names it, its cause aside.
    pub fn key(&self) -> Key {
        Key {
            claim: self.claim,
            entitled: self.entitled,
            payee: self.payee,
            period: self.period,
            instalment: self.instalment,
        }
    }

    /// How much.
    pub fn amount(&self) -> Money {
        self.lines.iter().map(|line| line.amount.money()).sum()
    }

    /// The series that awards of the claim make for one person.
    pub fn series(&self) -> String {
        format!("award {}", self.claim)
    }
}

/// The lines of a decision and who is entitled to them, as they were decided: later changes of the household change
/// neither.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// For which period.
    pub period: AssessmentPeriod,
    /// What is paid.
    pub lines: &'a [PayeeLine],
    /// The claimants.
    pub adults: &'a [PersonId],
    /// Who is entitled to the lines for a child.
    pub main_carer: PersonId,
}

impl<'a> Decided<'a> {
    /// Of a recorded decision.
    pub fn of(determined: &'a Determined) -> Decided<'a> {
        let Determined { period, lines, adults, main_carer, .. } = determined;
        Decided { period: *period, lines, adults, main_carer: *main_carer }
    }

    fn entitled(&self, line: &PayeeLine) -> PersonId {
        if self.adults.contains(&line.for_whom) { line.for_whom } else { self.main_carer }
    }
}

/// The awards that are due for one decided period: one for each person entitled and each payee.
pub fn awards(claim: ClaimId, view: &ClaimView, decided: Decided<'_>, calendar: Calendar) -> Vec<Due> {
    let mut dues: Vec<Due> = Vec::new();
    for line in decided.lines {
        let entitled = decided.entitled(line);
        match dues.iter_mut().find(|due| due.entitled == entitled && due.payee == line.payee) {
            Some(due) => due.lines.push(line.clone()),
            None => dues.push(Due {
                claim,
                entitled,
                payee: line.payee,
                period: decided.period,
                instalment: 1,
                lines: vec![line.clone()],
                due_on: calendar.pay_day(decided.period),
                next_due: next_pay_day(view, decided.period, calendar.pay_day(decided.period), calendar),
            }),
        }
    }
    dues
}

/// The first pay day after a day, of a period after this one, while the award goes on as far as known.
fn next_pay_day(view: &ClaimView, period: AssessmentPeriod, after: Date, calendar: Calendar) -> Option<Date> {
    let cycle = view.cycle(calendar.periods)?;
    let periods = std::iter::successors(cycle.next(period), |period| cycle.next(*period));
    let next = periods.take(1_200).find(|next| calendar.pay_day(*next) > after)?;
    view.is_open_on(next.last()).then(|| calendar.pay_day(next))
}

/// A payment of the plan, and the person it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Who is entitled.
    pub person: PersonId,
    /// The instruction.
    pub payment: PaymentInstructed,
}

/// The name of a payment: a UUID made of the SHA-256 of what it pays (RFC 9562, version 8). `attempt` counts the payments
/// of the same name that were called off before they left.
pub fn payment_id(key: &Key, kind: PaymentKind, attempt: usize, cause: EventId) -> PaymentId {
    let Key { claim, entitled, payee, period, instalment } = key;
    let what = format!("{claim}|{entitled}|{payee:?}|{}|{kind}|{instalment}|{attempt}|{cause}", period.first());
    PaymentId(derived_uuid(&what))
}

/// A UUID made of a text (RFC 9562, version 8).
pub fn derived_uuid(text: &str) -> uuid::Uuid {
    let hash: [u8; 32] = sha2::Sha256::digest(text.as_bytes()).into();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash).for_each(|(byte, hashed)| *byte = hashed);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The awards of standing decisions that are due by a day and were not instructed yet.
///
/// A payment to somebody whose payments are suspended stays due. One that is late is due on the day of the plan.
pub fn plan(
    day: Date,
    due_by: Date,
    claim: ClaimId,
    view: &ClaimView,
    world: &MemoryViews,
    calendar: Calendar,
) -> Vec<Planned> {
    let mut planned = Vec::new();
    for determined in &view.determined {
        let standing = view.standing(determined.period).is_some_and(|standing| standing.event == determined.event);
        let all_paid = || instructed(claim, determined.period, view, world) == determined.payment;
        if !standing || calendar.pay_day(determined.period) > due_by || all_paid() {
            continue;
        }
        for due in awards(claim, view, Decided::of(determined), calendar) {
            // Nothing was paid before anybody knew of the claim.
            let due_on = due.due_on.max(day).max(view.recorded_on.unwrap_or(Date::MIN));
            let next_due = next_pay_day(view, determined.period, due_on, calendar);
            if due_on <= due_by {
                planned.extend(unpaid(day, Due { due_on, next_due, ..due }, determined.event, world));
            }
        }
    }
    planned
}

/// What was instructed for a period of a claim, awards and arrears together, for whomever; what came back and was not
/// sent again included, because it is on its way through the bank and not through here.
pub fn instructed(claim: ClaimId, period: AssessmentPeriod, view: &ClaimView, world: &MemoryViews) -> Money {
    let members: BTreeSet<PersonId> = view.members.iter().map(|member| member.person).collect();
    let payments = members.into_iter().filter_map(|person| world.person(person)).flat_map(|view| view.payments.iter());
    let of_it = payments.filter(|payment| {
        let kind = matches!(payment.kind, PaymentKind::Award | PaymentKind::Arrears) && payment.instalment == 1;
        !payment.is_cancelled() && kind && payment.claim == Some(claim) && payment.period == Some(period)
    });
    of_it.map(|payment| payment.amount).sum()
}

/// The payment that stands in for the first wait: as much as the first period gives, on the day of the claim.
pub fn plan_first(
    day: Date,
    claim: ClaimId,
    view: &ClaimView,
    world: &MemoryViews,
    decision: &Decision,
    calendar: Calendar,
) -> Vec<Planned> {
    let Some(made) = view.made else { return Vec::new() };
    let Decision { period, lines, adults, main_carer, .. } = decision;
    let decided = Decided { period: *period, lines, adults, main_carer: *main_carer };
    let dues = awards(claim, view, decided, calendar);
    let first = |due: Due| Due { instalment: 0, due_on: period.first().max(day), next_due: Some(due.due_on), ..due };
    dues.into_iter().map(first).filter_map(|due| unpaid(day, due, made, world)).collect()
}

fn unpaid(day: Date, due: Due, cause: EventId, world: &MemoryViews) -> Option<Planned> {
    let person = world.person(due.entitled)?;
    let paid = person.payments.iter().any(|payment| pays(payment, &due));
    let held = person.is_suspended(day) || person.died.is_some_and(|died| died <= day);
    if held || paid { None } else { instruction(day, due, cause, world) }
}

/// Whether a payment pays what is due. What stands in for the first wait is paid once, whoever receives it.
pub fn pays(payment: &PaymentView, due: &Due) -> bool {
    !payment.is_cancelled() && is_for(payment, due)
}

/// Whether a payment is, or was before it was called off, for what is due.
fn is_for(payment: &PaymentView, due: &Due) -> bool {
    payment.kind == PaymentKind::Award
        && payment.claim == Some(due.claim)
        && payment.period == Some(due.period)
        && (payment.payee == due.payee || due.instalment == 0)
        && payment.instalment == due.instalment
}

fn instruction(day: Date, due: Due, cause: EventId, world: &MemoryViews) -> Option<Planned> {
    let amount = Amount::new(due.amount()).ok().filter(|amount| *amount > Amount::ZERO)?;
    let person = world.person(due.entitled)?;
    let called_off = person.payments.iter().filter(|payment| payment.is_cancelled() && is_for(payment, &due)).count();
    Some(Planned {
        person: due.entitled,
        payment: PaymentInstructed {
            payment: payment_id(&due.key(), PaymentKind::Award, called_off, cause),
            kind: PaymentKind::Award,
            payee: due.payee,
            account_holders: account_holders(due.payee, world, day),
            amount,
            due_on: due.due_on,
            next_due: due.next_due,
            series: Some(due.series()),
            channel: Channel::FasterPayments,
            claim: Some(due.claim),
            period: Some(due.period),
            instalment: due.instalment,
            for_days: None,
            cause,
            lines: due.lines,
        },
    })
}

/// Whose account a payee's money goes into on a day: the holders of the account recorded, or the payee's own.
pub fn account_holders(payee: Payee, world: &MemoryViews, day: Date) -> Vec<PersonId> {
    let Payee::Person(person) = payee else { return Vec::new() };
    match world.person(person).and_then(|view| view.fact("account", day)) {
        Some(PersonFact::Account(account)) if !account.holders.is_empty() => account.holders.clone(),
        Some(_) | None => vec![person],
    }
}

/// SHA-256 of a plan's listing, every field of every instruction: what is approved is exactly this.
pub fn digest(plan: &[Planned]) -> Digest {
    let line = |planned: &Planned| {
        let event = Event::from(planned.payment.clone());
        let payment = event.payload().map(|payload| payload.get().to_string()).unwrap_or_default();
        format!("{} {payment}\n", planned.person)
    };
    Digest::of(plan.iter().map(line).collect::<String>().as_bytes())
}
