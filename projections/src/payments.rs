//! What is due to whom on which day, and the plan that pays it.
//!
//! A plan is a pure list with a digest; nothing has happened until it was approved and carried out. Names of payments
//! are derived from what they pay, so that the same debt is never paid twice, whoever plans it and however often.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::{
    Channel, ClaimFact, Days, Decision, Payee, PayeeLine, PaymentInstructed, PaymentKind, PersonFact,
};
use schemas::{Amount, AssessmentPeriod, ClaimId, Cycle, EventId, Money, PaymentId, PeriodKind, PersonId};
use sha2::Digest as _;

use crate::engine::Pack;
use crate::views::{ClaimView, Determined, MemoryViews, PaymentView};

/// When awards are paid.
///
/// The default is what holds where rules say nothing: months, paid seven days after they end, after a first wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Which periods an award is for.
    pub periods: PeriodKind,
    /// Days after the last day of what is paid for (SI 2013/380 reg. 45).
    pub days_after_period: i64,
    /// How many weeks one payment is for, counted from the first of the claim; 1 pays each period by itself.
    pub every_weeks: i64,
    /// Whether the first award waits for its period to end. Where it does not, as much again is paid on the first day.
    pub first_wait: bool,
}

impl Default for Calendar {
    fn default() -> Calendar {
        Calendar { periods: PeriodKind::Month, days_after_period: 7, every_weeks: 1, first_wait: true }
    }
}

impl Calendar {
    /// What a pack says about payment for periods starting on a day.
    pub fn of(pack: &Pack, day: Date) -> Calendar {
        let whole = |path: &str| {
            pack.parameter_on(path, day).and_then(|value| value.in_units_of(1)).and_then(|n| i64::try_from(n).ok())
        };
        let usual = Calendar::default();
        Calendar {
            periods: pack.periods(),
            days_after_period: whole("payment.days_after_period").unwrap_or(usual.days_after_period),
            every_weeks: whole("payment.every_weeks").unwrap_or(usual.every_weeks),
            first_wait: whole("payment.first_wait").map_or(usual.first_wait, |wait| wait != 0),
        }
    }

    /// The day on which the award of a period of the claim is due.
    pub fn pay_day(self, claim: &ClaimView, period: AssessmentPeriod) -> Date {
        let (_, last) = self.paid_with(claim, period);
        last.saturating_add(self.days_after_period.days())
    }

    /// First and last of the days for which one payment is made, this period's among them: the period's own, or those of
    /// as many weeks as are paid together, unless weekly payment was chosen by its first day.
    fn paid_with(self, claim: &ClaimView, period: AssessmentPeriod) -> (Date, Date) {
        let weekly = claim.fact("paid_weekly", period.first()) == Some(&ClaimFact::PaidWeekly(true));
        let start = claim.cycle(self.periods).and_then(Cycle::first).map(AssessmentPeriod::first);
        let Some(start) = start.filter(|_| self.every_weeks > 1 && !weekly) else {
            return (period.first(), period.last());
        };
        let days = 7 * self.every_weeks;
        let before = i64::from((period.first() - start).get_days()) / days * days;
        let first = start.saturating_add(before.days());
        (first, first.saturating_add((days - 1).days()))
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
    /// For which period; the last of them where several are paid together.
    pub period: AssessmentPeriod,
    /// The days of all of them, where several are paid together.
    pub days: Option<Days>,
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
                days: None,
                instalment: 1,
                lines: vec![line.clone()],
                due_on: calendar.pay_day(view, decided.period),
                next_due: next_pay_day(view, decided.period, calendar.pay_day(view, decided.period), calendar),
            }),
        }
    }
    dues
}

/// The first pay day after a day, of a period after this one, while the award goes on as far as known.
fn next_pay_day(view: &ClaimView, period: AssessmentPeriod, after: Date, calendar: Calendar) -> Option<Date> {
    let cycle = view.cycle(calendar.periods)?;
    let periods = std::iter::successors(cycle.next(period), |period| cycle.next(*period));
    let next = periods.take(1_200).find(|next| calendar.pay_day(view, *next) > after)?;
    view.is_open_on(next.last()).then(|| calendar.pay_day(view, next))
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
    let mut unpaid: BTreeMap<(Date, Date), Vec<(Due, EventId)>> = BTreeMap::new();
    for determined in &view.determined {
        let standing = view.standing(determined.period).is_some_and(|standing| standing.event == determined.event);
        // The award of a period may have ended after it was decided, and before it is paid.
        let open = view.is_open_on(calendar.periods.facts_on(determined.period));
        if !standing || !open || calendar.pay_day(view, determined.period) > due_by {
            continue;
        }
        let of_period: Vec<Due> = awards(claim, view, Decided::of(determined), calendar)
            .into_iter()
            .filter(|due| is_unpaid(day, due, world))
            .collect();
        // Where a decision that was replaced had been paid to others, the rest is a difference (`daily::differences`).
        let left = determined.payment - instructed(claim, determined.period, view, world);
        let too_much = || view.is_replacing(determined) && of_period.iter().map(Due::amount).sum::<Money>() > left;
        if left == Money::ZERO || too_much() {
            continue;
        }
        for due in of_period {
            // Nothing was paid before anybody knew of the claim.
            let due_on = due.due_on.max(day).max(view.known_to_reach(determined.period));
            let next_due = next_pay_day(view, determined.period, due_on, calendar);
            if due_on <= due_by {
                let due = Due { due_on, next_due, ..due };
                unpaid.entry(calendar.paid_with(view, determined.period)).or_default().push((due, determined.event));
            }
        }
    }
    let together = unpaid.into_values().flat_map(paid_together);
    together.filter_map(|(due, cause)| instruction(day, due, cause, world)).collect()
}

/// What is due for several periods, one after another, as one sum for each person entitled and each payee.
fn paid_together(dues: Vec<(Due, EventId)>) -> Vec<(Due, EventId)> {
    let mut together: Vec<(Due, EventId)> = Vec::new();
    for (due, cause) in dues {
        let same = |(other, _): &&mut (Due, EventId)| other.entitled == due.entitled && other.payee == due.payee;
        match together.iter_mut().find(same) {
            None => together.push((due, cause)),
            Some((sum, latest)) => {
                let first = sum.days.map_or(sum.period.first(), Days::first);
                due.lines.into_iter().for_each(|line| add_line(&mut sum.lines, line));
                (sum.days, sum.period, *latest) = (Days::new(first, due.period.last()), due.period, cause);
            }
        }
    }
    together
}

fn add_line(lines: &mut Vec<PayeeLine>, line: PayeeLine) {
    let same = |other: &&mut PayeeLine| (other.purpose, other.for_whom) == (line.purpose, line.for_whom);
    match lines.iter_mut().find(same) {
        Some(other) => other.amount = other.amount + line.amount,
        None => lines.push(line),
    }
}

/// What was instructed for a period of a claim, awards and arrears together, for whomever; what came back and was not
/// sent again included, because it is on its way through the bank and not through here. Of a payment for several periods
/// it is what the decisions that stood for the others when it was instructed leave.
pub fn instructed(claim: ClaimId, period: AssessmentPeriod, view: &ClaimView, world: &MemoryViews) -> Money {
    let members: BTreeSet<PersonId> = view.members.iter().map(|member| member.person).collect();
    let payments = members.into_iter().filter_map(|person| world.person(person)).flat_map(|view| view.payments.iter());
    let of_it: Vec<&PaymentView> = payments
        .filter(|payment| {
            let kind = matches!(payment.kind, PaymentKind::Award | PaymentKind::Arrears) && payment.instalment == 1;
            !payment.is_cancelled() && kind && payment.claim == Some(claim) && payment.is_for_period(period)
        })
        .collect();
    let others: BTreeSet<AssessmentPeriod> = view.determined.iter().map(|determined| determined.period).collect();
    let then = |other: AssessmentPeriod| {
        let last = of_it.iter().filter(|payment| payment.is_for_period(other)).map(|payment| payment.position).max();
        view.standing_at(other, last?).map(|standing| standing.payment)
    };
    let paid: Money = of_it.iter().map(|payment| payment.amount).sum();
    paid - others.into_iter().filter(|other| *other != period).filter_map(then).sum()
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
    let unpaid = dues.into_iter().map(first).filter(|due| is_unpaid(day, due, world));
    unpaid.filter_map(|due| instruction(day, due, made, world)).collect()
}

/// Whether what is due was not instructed yet, and may be.
fn is_unpaid(day: Date, due: &Due, world: &MemoryViews) -> bool {
    let Some(person) = world.person(due.entitled) else { return false };
    let held = person.is_suspended(day) || person.died.is_some_and(|died| died <= day);
    !held && !person.payments.iter().any(|payment| pays(payment, due))
}

/// Whether a payment pays what is due. What stands in for the first wait is paid once, whoever receives it.
pub fn pays(payment: &PaymentView, due: &Due) -> bool {
    !payment.is_cancelled() && is_for(payment, due)
}

/// Whether a payment is, or was before it was called off, for what is due.
fn is_for(payment: &PaymentView, due: &Due) -> bool {
    payment.kind == PaymentKind::Award
        && payment.claim == Some(due.claim)
        && payment.is_for_period(due.period)
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
            for_days: due.days,
            cause,
            account: None,
            nominal_on: None,
            because: None,
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
