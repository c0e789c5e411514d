//! A payment from instruction to bank account. Whatever happens, a key is never paid more than is due for it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemas::day::london_day;
use schemas::events::{
    Channel, Days, Event, Payee, PayeeLine, PaymentAccepted, PaymentCancelled, PaymentEvent, PaymentInstructed,
    PaymentKind, PaymentReissued, PaymentReleased, PaymentResumed, PaymentReturned, PaymentSettled, PaymentSuspended,
    TopUpRecovered,
};
use schemas::{AssessmentPeriod, ClaimId, Envelope, EventId, Money, PaymentId, PersonId, RunId, Subject};

use crate::command::Command;
use crate::grant::is_conceivable;
use crate::kept_back::{self, KeptBack, may_be_recovered};
use crate::order::PaymentOrder;
use crate::payment_due::is_due;
use crate::receiver::{holders, may_receive};
use crate::run::Run;
use crate::world::{World, recorded_day};
use crate::{overpaid, person};

/// What decisions about payments rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payments {
    /// Every payment instructed.
    pub by_id: BTreeMap<PaymentId, Payment>,
    /// What was kept back of what they were owed, for top-ups.
    pub kept_back: Vec<KeptBack>,
    /// Those that came back at least once, whatever became of them since.
    pub came_back: BTreeSet<PaymentId>,
    /// From which day payments are held back (true) or flow (false), in the order in which it was recorded.
    pub held: Vec<(Date, bool)>,
}

/// Whether payments are held back on a day: as was said last of what holds by then. A suspension or resumption holds from
/// its own day, and never before it was recorded: what has left has left.
pub fn is_held_on(said: &[(Date, bool)], day: Date) -> bool {
    said.iter().rev().find(|(from, _)| *from <= day).is_some_and(|(_, held)| *held)
}

/// One payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payment {
    /// How far it came.
    pub stage: Stage,
    /// Why it is made.
    pub kind: PaymentKind,
    /// Who receives it.
    pub payee: Payee,
    /// How much.
    pub amount: Money,
    /// Under which claim, and for which period; the last where several are paid together.
    pub period: Option<(ClaimId, AssessmentPeriod)>,
    /// First and last day of the periods paid together, where it is for several.
    pub together: Option<Days>,
    /// Of a top-up: the days it pays for.
    pub covers: Option<Days>,
    /// What caused it.
    pub cause: EventId,
}

/// How far a payment came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Ordered.
    Instructed,
    /// Left in a file.
    Released,
    /// Taken by the bank.
    Accepted,
    /// Usable.
    Settled,
    /// Come back.
    Returned,
    /// To be sent again, and not released since.
    Reissued,
    /// Called off.
    Cancelled,
}

/// Why nothing about a payment may be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// About the person.
    #[error(transparent)]
    Person(#[from] person::Refusal),
    /// About a top-up that is recovered.
    #[error(transparent)]
    KeptBack(#[from] kept_back::Refusal),
    /// A payment is instructed once.
    #[error("payment {payment} is instructed already")]
    AlreadyInstructed {
        /// Which.
        payment: PaymentId,
    },
    /// There is no such payment.
    #[error("payment {payment} was never instructed for this person")]
    NotInstructed {
        /// Which.
        payment: PaymentId,
    },
    /// The payment's stage does not allow it.
    #[error("payment {payment} cannot be {wanted}: it is {stage}")]
    WrongStage {
        /// Which.
        payment: PaymentId,
        /// What was to be recorded.
        wanted: &'static str,
        /// How far it came.
        stage: &'static str,
    },
    /// A payment of nothing.
    #[error("lines: a payment consists of lines and comes to more than nothing")]
    Nothing,
    /// Lines and amount differ.
    #[error("amount: the lines add up to {lines}, the amount is {amount}")]
    DoesNotAddUp {
        /// The sum of the lines.
        lines: Money,
        /// The amount given.
        amount: Money,
    },
    /// A line goes to somebody else.
    #[error("lines[{line}].payee: the payment has another payee")]
    OtherPayee {
        /// Which line, from 0.
        line: usize,
    },
    /// The next of a series comes after this one.
    #[error("next_due: {next_due} does not come after {due_on}")]
    NextNotAfter {
        /// The next day.
        next_due: Date,
        /// This payment's day.
        due_on: Date,
    },
    /// An award is paid under a claim for a period.
    #[error("claim, period: a payment of kind {kind} names the claim and the period it pays for")]
    NoPeriod {
        /// The kind.
        kind: PaymentKind,
    },
    /// Arrears for days that were decided here name the period.
    #[error("period: {period} is decided, and arrears for days in it name it")]
    DecidedHere {
        /// The period.
        period: AssessmentPeriod,
    },
    /// The person never belonged to the claim.
    #[error("claim: person {person} does not belong to claim {claim}")]
    NotAMember {
        /// Who.
        person: PersonId,
        /// Which claim.
        claim: ClaimId,
    },
    /// Nothing was determined.
    #[error("period: nothing is determined for {period} of claim {claim}")]
    NotDetermined {
        /// Which claim.
        claim: ClaimId,
        /// Which period.
        period: AssessmentPeriod,
    },
    /// A hardship payment follows from its award.
    #[error("cause: {cause} is not the award of a hardship payment to this person")]
    NoHardshipAwarded {
        /// The event named.
        cause: EventId,
    },
    /// An advance is paid of what is lent.
    #[error(
        "cause: nothing is lent to this person by {cause}: register_debt (advance, change_advance or budgeting_advance) first, and name its event"
    )]
    NothingLent {
        /// The event named.
        cause: EventId,
    },
    /// More than is due.
    #[error("amount: {amount} with the {instructed} instructed already is more than the {due} due to this payee")]
    MoreThanDue {
        /// What is due.
        due: Money,
        /// What is instructed, less what was returned and cancelled.
        instructed: Money,
        /// What would be added.
        amount: Money,
    },
    /// A grant that no need explains.
    #[error(
        "amount: {amount} is more than the {most} that a payment of kind {kind} may come to, for the days it is for"
    )]
    BeyondAnyNeed {
        /// The kind.
        kind: PaymentKind,
        /// How much was ordered.
        amount: Money,
        /// The most it may be.
        most: Money,
    },
    /// Nobody redirects money by an order for one payment.
    #[error(
        "account: it was never recorded for this payee; record it with `record_account`, `record_landlord_account` or `record_creditor`"
    )]
    AccountNotRecorded,
    /// Whose account it is stands where the account was recorded.
    #[error(
        "account_holders: the money becomes that of {}; leave them out, or name these",
        if holders.is_empty() { "nobody here".into() } else { holders.iter().map(PersonId::to_string).collect::<Vec<_>>().join(", ") }
    )]
    OtherHolders {
        /// Whose it is.
        holders: Vec<PersonId>,
    },
    /// Money leaves in a list that was approved.
    #[error(
        "run: {run} {stage}; money leaves in a run that was planned and approved (`plan_run`, `approve_run`), also what another system paid"
    )]
    RunNotApproved {
        /// Which.
        run: RunId,
        /// How far it came.
        stage: &'static str,
    },
    /// It is not what was approved.
    #[error("run: all that run {run} lists comes to {total}, so that a payment of {amount} is not among it")]
    NotListed {
        /// Which.
        run: RunId,
        /// What it comes to.
        total: Money,
        /// The payment.
        amount: Money,
    },
    /// What is paid to a third party goes to a creditor.
    #[error("payee: a payment of kind third_party goes to the creditor of a debt")]
    NoCreditor,
    /// Nobody can receive it.
    #[error(
        "person {person} died on {on}: what was due is paid to whom proceeds with the claim: grant_representative (SI 2013/380 reg. 56)"
    )]
    Died {
        /// Who.
        person: PersonId,
        /// When.
        on: Date,
    },
    /// Payments are held back.
    #[error("payments to person {person} are suspended: only top-ups, crisis grants and hardship payments leave")]
    Suspended {
        /// Who.
        person: PersonId,
    },
    /// Nothing is held back.
    #[error("payments to person {person} are not suspended")]
    NotSuspended {
        /// Who.
        person: PersonId,
    },
}

/// Subjects beyond the person: the claim paid under, and everybody who ever belonged to it.
pub fn rests_on(world: &World, order: &PaymentOrder) -> Vec<Subject> {
    let claim = match order {
        PaymentOrder::Instruct { claim, .. } => *claim,
        PaymentOrder::RecoverTopUp { claim, .. } => Some(*claim),
        PaymentOrder::Reissue { person, payment, .. } => {
            let known = world.person(*person).payments.by_id.get(payment);
            known.and_then(|payment| payment.period).map(|(claim, _)| claim)
        }
        PaymentOrder::Release { run, .. } => return vec![Subject::Run(*run)],
        PaymentOrder::Accept { .. }
        | PaymentOrder::Settle { .. }
        | PaymentOrder::Return { .. }
        | PaymentOrder::Cancel { .. }
        | PaymentOrder::Suspend { .. }
        | PaymentOrder::Resume { .. } => None,
    };
    let also = of_payee(world, order).into_iter().chain(of_debts(world, order));
    let Some(claim) = claim else { return also.collect() };
    let members = world.claim(claim).claim.ever.iter().copied();
    // Whether a top-up stands for which something was kept back is known where it was paid.
    let topped_up = members.clone().flat_map(|member| &world.person(member).payments.kept_back);
    let people = members.chain(topped_up.map(|known| known.for_whom)).map(Subject::Person);
    std::iter::once(Subject::Claim(claim)).chain(people).chain(also).collect()
}

/// The payee, where it is another person: whether they live, and which accounts they have.
fn of_payee(world: &World, order: &PaymentOrder) -> Option<Subject> {
    let (person, payee) = match order {
        PaymentOrder::Instruct { person, payee, .. } => (person, *payee),
        PaymentOrder::RecoverTopUp { person, for_whom, .. } => (person, Payee::Person(*for_whom)),
        PaymentOrder::Reissue { person, payment, .. } => {
            (person, world.person(*person).payments.by_id.get(payment)?.payee)
        }
        PaymentOrder::Release { .. }
        | PaymentOrder::Accept { .. }
        | PaymentOrder::Settle { .. }
        | PaymentOrder::Return { .. }
        | PaymentOrder::Cancel { .. }
        | PaymentOrder::Suspend { .. }
        | PaymentOrder::Resume { .. } => return None,
    };
    match payee {
        Payee::Person(payee) => Some(Subject::Person(payee)).filter(|_| payee != *person),
        Payee::Landlord | Payee::Creditor(_) => None,
    }
}

/// For what was taken for a debt: every claim whose decisions may have taken it. Arrears give it back, creditors get it.
fn of_debts(world: &World, order: &PaymentOrder) -> Vec<Subject> {
    let ever = |person: PersonId| world.person(person).person.ever_claimed.iter().copied().map(Subject::Claim);
    match order {
        PaymentOrder::Instruct { person, kind: PaymentKind::ThirdParty, .. } => ever(*person).collect(),
        PaymentOrder::Instruct { kind: PaymentKind::Arrears, payee: Payee::Person(payee), .. }
            if !world.person(*payee).debts.recoveries.is_empty() =>
        {
            std::iter::once(Subject::Person(*payee)).chain(ever(*payee)).collect()
        }
        PaymentOrder::RecoverTopUp { payee: Payee::Person(payee), .. }
            if !world.person(*payee).debts.recoveries.is_empty() =>
        {
            std::iter::once(Subject::Person(*payee)).chain(ever(*payee)).collect()
        }
        PaymentOrder::Reissue { person, payment, .. } => {
            let known = world.person(*person).payments.by_id.get(payment);
            let to_creditor = known.is_some_and(|payment| payment.kind == PaymentKind::ThirdParty);
            ever(*person).filter(|_| to_creditor).collect()
        }
        PaymentOrder::Instruct { .. }
        | PaymentOrder::RecoverTopUp { .. }
        | PaymentOrder::Release { .. }
        | PaymentOrder::Accept { .. }
        | PaymentOrder::Settle { .. }
        | PaymentOrder::Return { .. }
        | PaymentOrder::Cancel { .. }
        | PaymentOrder::Suspend { .. }
        | PaymentOrder::Resume { .. } => Vec::new(),
    }
}

/// Says what happened, or why nothing may.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, command: &Command, order: &PaymentOrder) -> Result<Event, Refusal> {
    let day = recorded_day(command).max(command.effective_from);
    use Stage::{Accepted, Cancelled, Instructed, Reissued, Released, Returned, Settled};
    let at = |person: &PersonId, payment: &PaymentId, stages: &[Stage], wanted: &'static str| {
        at_stage(&world.person(*person).payments, *payment, stages, wanted)
    };
    Ok(match order {
        PaymentOrder::Instruct {
            person,
            payment,
            kind,
            payee,
            account_holders,
            lines,
            amount,
            due_on,
            next_due,
            series,
            channel,
            claim,
            period,
            instalment,
            for_days,
            cause,
            account,
            nominal_on,
            because,
        } => {
            let account_holders = holders(world, *person, *payee, *claim, account.as_ref(), account_holders)?;
            let instructed = PaymentInstructed {
                payment: *payment,
                kind: *kind,
                payee: *payee,
                account_holders,
                lines: lines.clone(),
                amount: *amount,
                due_on: *due_on,
                next_due: *next_due,
                series: series.clone(),
                channel: *channel,
                claim: *claim,
                period: *period,
                instalment: *instalment,
                for_days: *for_days,
                cause: *cause,
                account: account.clone(),
                nominal_on: *nominal_on,
                because: *because,
            };
            instruct(world, *person, &instructed, day)?;
            instructed.into()
        }
        PaymentOrder::Release { person, payment, run, file } => {
            // Once the files of a run are fixed it is too late to hold back or call off what is in them.
            let is_fixed = matches!(world.run(*run), Run::Released { .. });
            let stages: &[Stage] = if is_fixed { &[Instructed, Reissued, Cancelled] } else { &[Instructed, Reissued] };
            let known = at(person, payment, stages, "released")?;
            is_approved(world, *run, known.amount)?;
            if !is_fixed {
                may_leave(world, *person, known.kind, day)?;
            }
            PaymentReleased { payment: *payment, run: *run, file: *file }.into()
        }
        PaymentOrder::Accept { person, payment } => {
            at(person, payment, &[Released, Reissued], "accepted")?;
            PaymentAccepted { payment: *payment }.into()
        }
        PaymentOrder::Settle { person, payment, usable_on } => {
            at(person, payment, &[Released, Reissued, Accepted], "settled")?;
            PaymentSettled { payment: *payment, usable_on: *usable_on }.into()
        }
        PaymentOrder::Return { person, payment, code, on } => {
            at(person, payment, &[Released, Reissued, Accepted, Settled], "returned")?;
            PaymentReturned { payment: *payment, code: code.clone(), on: *on }.into()
        }
        PaymentOrder::Reissue { person, payment, due_on, channel, account, account_holders } => {
            let known = at(person, payment, &[Returned, Reissued], "reissued")?;
            may_leave(world, *person, known.kind, day)?;
            may_receive(world, *person, known.payee, known.kind)?;
            let claim = known.period.map(|(claim, _)| claim);
            let named = account_holders.as_deref().unwrap_or_default();
            let account_holders = match channel {
                // It goes into the account into which it went.
                Channel::Bacs | Channel::FasterPayments if account.is_none() && named.is_empty() => Vec::new(),
                Channel::Bacs | Channel::FasterPayments | Channel::Voucher | Channel::Cash => {
                    holders(world, *person, known.payee, claim, account.as_ref(), named)?
                }
            };
            is_due(world, *person, &known)?;
            let account = account.clone();
            PaymentReissued { payment: *payment, due_on: *due_on, channel: *channel, account, account_holders }.into()
        }
        PaymentOrder::Cancel { person, payment, reason } => {
            at(person, payment, &[Instructed, Reissued], "cancelled")?;
            PaymentCancelled { payment: *payment, reason: reason.clone() }.into()
        }
        PaymentOrder::RecoverTopUp { person, top_up, for_whom, days, claim, period, payee, lines, amount, cause } => {
            let recovered = TopUpRecovered {
                top_up: *top_up,
                for_whom: *for_whom,
                days: *days,
                claim: *claim,
                period: *period,
                payee: *payee,
                lines: lines.clone(),
                amount: *amount,
                cause: *cause,
            };
            person::registered(world, *person)?;
            adds_up(&recovered.lines, *payee, amount.money())?;
            may_be_recovered(world, *person, &recovered)?;
            is_due(world, *person, &Payment::kept(&recovered))?;
            recovered.into()
        }
        PaymentOrder::Suspend { person, ground, review_on } => {
            person::registered(world, *person)?;
            if world.person(*person).payments.is_suspended() {
                return Err(Refusal::Suspended { person: *person });
            }
            PaymentSuspended { ground: ground.clone(), review_on: *review_on }.into()
        }
        PaymentOrder::Resume { person, reason } => {
            if !world.person(*person).payments.is_suspended() {
                return Err(Refusal::NotSuspended { person: *person });
            }
            PaymentResumed { reason: reason.clone() }.into()
        }
    })
}

fn instruct(world: &World, person: PersonId, new: &PaymentInstructed, day: Date) -> Result<(), Refusal> {
    let PaymentInstructed { payment, kind, payee, amount, due_on, .. } = *new;
    person::registered(world, person)?;
    if world.person(person).payments.by_id.contains_key(&payment) {
        return Err(Refusal::AlreadyInstructed { payment });
    }
    adds_up(&new.lines, payee, amount.money())?;
    if let Some(next_due) = new.next_due.filter(|next_due| *next_due <= due_on) {
        return Err(Refusal::NextNotAfter { next_due, due_on });
    }
    may_leave(world, person, kind, day)?;
    may_receive(world, person, payee, kind)?;
    is_conceivable(new)?;
    if kind == PaymentKind::Arrears && new.period.is_none() {
        return decided_elsewhere(world, person, new);
    }
    is_due(world, person, &Payment::of(new))
}

/// Arrears for days that this ledger decided nothing for: the claim and the days are named, and no decided period of
/// the claim shares one of them.
fn decided_elsewhere(world: &World, person: PersonId, new: &PaymentInstructed) -> Result<(), Refusal> {
    let (claim, days) = new.claim.zip(new.for_days).ok_or(Refusal::NoPeriod { kind: new.kind })?;
    let history = world.claim(claim);
    if !history.claim.ever.contains(&person) {
        return Err(Refusal::NotAMember { person, claim });
    }
    match history.assessments.deciding(days) {
        Some(period) => Err(Refusal::DecidedHere { period }),
        None => Ok(()),
    }
}

fn adds_up(lines: &[PayeeLine], payee: Payee, amount: Money) -> Result<(), Refusal> {
    let sum: Money = lines.iter().map(|line| line.amount.money()).sum();
    if lines.is_empty() || amount == Money::ZERO {
        return Err(Refusal::Nothing);
    }
    if sum != amount {
        return Err(Refusal::DoesNotAddUp { lines: sum, amount });
    }
    match lines.iter().position(|line| line.payee != payee) {
        Some(line) => Err(Refusal::OtherPayee { line }),
        None => Ok(()),
    }
}

/// Money leaves in a list that somebody approved: one whose files are fixed already, or that is about to be sent. What is
/// more than all of a list comes to does not stand in it.
fn is_approved(world: &World, run: RunId, amount: Money) -> Result<(), Refusal> {
    let stage = match *world.run(run) {
        Run::Approved { total, .. } | Run::Released { total, .. } if total < amount => {
            return Err(Refusal::NotListed { run, total, amount });
        }
        Run::Approved { .. } | Run::Released { .. } => return Ok(()),
        Run::NotPlanned | Run::Every(_) => "was never planned",
        Run::Planned(_) => "was not approved",
        Run::Abandoned => "was abandoned",
    };
    Err(Refusal::RunNotApproved { run, stage })
}

/// A suspension holds back what is owed, never what keeps somebody from going without.
fn may_leave(world: &World, person: PersonId, kind: PaymentKind, day: Date) -> Result<(), Refusal> {
    match kind {
        PaymentKind::TopUp | PaymentKind::CrisisGrant | PaymentKind::Hardship => Ok(()),
        PaymentKind::Award | PaymentKind::Arrears | PaymentKind::Advance | PaymentKind::ThirdParty => {
            let held = is_held_on(&world.person(person).payments.held, day);
            if held { Err(Refusal::Suspended { person }) } else { Ok(()) }
        }
    }
}

fn at_stage(state: &Payments, payment: PaymentId, stages: &[Stage], wanted: &'static str) -> Result<Payment, Refusal> {
    let known = *state.by_id.get(&payment).ok_or(Refusal::NotInstructed { payment })?;
    let allowed = stages.contains(&known.stage);
    if allowed { Ok(known) } else { Err(Refusal::WrongStage { payment, wanted, stage: known.stage.name() }) }
}

impl Payments {
    /// Whether payments are held back, or are to be, as was said last.
    fn is_suspended(&self) -> bool {
        self.held.last().is_some_and(|(_, held)| *held)
    }

    /// The sum of those payments that neither came back nor were called off.
    pub(crate) fn sum(&self, which: impl Fn(&Payment) -> bool) -> Money {
        self.by_id
            .values()
            .filter(|payment| payment.counts())
            .filter(|payment| which(payment))
            .map(|payment| payment.amount)
            .sum()
    }
}

impl Payment {
    /// The days of the periods it is for.
    pub(crate) fn days(&self) -> Option<Days> {
        self.together.or_else(|| self.period.and_then(|(_, period)| Days::new(period.first(), period.last())))
    }

    /// Whether both are under one claim, and for a period that is the same.
    pub(crate) fn shares_a_period(&self, other: &Payment) -> bool {
        let claim = |payment: &Payment| payment.period.map(|(claim, _)| claim);
        claim(self) == claim(other) && self.days().zip(other.days()).is_some_and(|(a, b)| overpaid::overlap(a, b))
    }

    /// Whether it pays what decisions give.
    pub(crate) const fn pays_awards(&self) -> bool {
        matches!(self.kind, PaymentKind::Award | PaymentKind::Arrears)
    }

    /// Whether it neither came back nor was called off.
    pub(crate) const fn counts(&self) -> bool {
        !matches!(self.stage, Stage::Returned | Stage::Cancelled)
    }

    fn of(new: &PaymentInstructed) -> Payment {
        let PaymentInstructed { kind, payee, amount, claim, period, for_days, cause, .. } = *new;
        let together = for_days.filter(|_| kind == PaymentKind::Award);
        let covers = for_days.filter(|_| kind == PaymentKind::TopUp);
        let (stage, amount, period) = (Stage::Instructed, amount.money(), claim.zip(period));
        Payment { stage, kind, payee, amount, period, together, covers, cause }
    }

    /// What is kept back, as if it were arrears paid: it takes as much of what is due.
    const fn kept(new: &TopUpRecovered) -> Payment {
        let TopUpRecovered { claim, period, payee, cause, .. } = *new;
        let (stage, kind, amount) = (Stage::Instructed, PaymentKind::Arrears, new.amount.money());
        Payment { stage, kind, payee, amount, period: Some((claim, period)), together: None, covers: None, cause }
    }
}

impl Stage {
    const fn name(self) -> &'static str {
        match self {
            Stage::Instructed => "instructed and not released",
            Stage::Released => "released",
            Stage::Accepted => "accepted",
            Stage::Settled => "settled",
            Stage::Returned => "returned",
            Stage::Reissued => "to be sent again and not released",
            Stage::Cancelled => "cancelled",
        }
    }
}

/// Applies what happened.
#[must_use]
pub fn evolve(mut state: Payments, event: &PaymentEvent, envelope: &Envelope) -> Payments {
    let from = envelope.effective_from.max(london_day(envelope.time));
    if let PaymentEvent::PaymentReturned(PaymentReturned { payment, .. }) = event {
        state.came_back.insert(*payment);
    }
    let mut now_at = |payment: &PaymentId, stage: Stage| {
        if let Some(known) = state.by_id.get_mut(payment) {
            known.stage = stage;
        }
    };
    match event {
        PaymentEvent::PaymentInstructed(new) => {
            state.by_id.insert(new.payment, Payment::of(new));
        }
        PaymentEvent::PaymentReleased(PaymentReleased { payment, .. }) => now_at(payment, Stage::Released),
        PaymentEvent::PaymentAccepted(PaymentAccepted { payment }) => now_at(payment, Stage::Accepted),
        PaymentEvent::PaymentSettled(PaymentSettled { payment, .. }) => now_at(payment, Stage::Settled),
        PaymentEvent::PaymentReturned(PaymentReturned { payment, .. }) => now_at(payment, Stage::Returned),
        PaymentEvent::PaymentReissued(PaymentReissued { payment, .. }) => now_at(payment, Stage::Reissued),
        PaymentEvent::PaymentCancelled(PaymentCancelled { payment, .. }) => now_at(payment, Stage::Cancelled),
        PaymentEvent::TopUpRecovered(recovered) => state.kept_back.push(KeptBack::of(recovered)),
        PaymentEvent::PaymentSuspended(_) => state.held.push((from, true)),
        PaymentEvent::PaymentResumed(_) => state.held.push((from, false)),
    }
    state
}

#[cfg(test)]
#[path = "payment_tests.rs"]
mod tests;
