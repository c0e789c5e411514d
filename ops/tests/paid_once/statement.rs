//! What was due and what was paid, said a second time: from the raw events alone, in plain sums, without the views, the
//! calendar or the plan of the program.
//!
//! Of each claim, period and payee: due is what the lines of the decision that stands give the payee, and nothing where
//! the award ended by the end of the period (Welfare Reform Act 2012 s. 7(1)); paid is what was instructed, less what
//! came back and was not sent again, less what was called off; and what was kept back for a top-up counts as paid, as long
//! as the top-up did not come back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use projections::views::decision_of;
use schemas::day::london_day;
use schemas::events::{
    ClaimEvent, Decision, Event, Payee, PayeeLine, PaymentEvent, PaymentInstructed, PaymentKind, PersonEvent,
    PersonFact, Role, RunEvent, TopUpRecovered,
};
use schemas::{AssessmentPeriod, ClaimId, Digest, Money, PaymentId, PersonId, Recorded, RunId, Subject};

/// Who acts when nobody in person does.
const PROGRAM: &str = "system:run";

/// Everything that the laws are about.
#[derive(Default)]
pub struct Statement {
    /// How far the stream was read.
    pub position: u64,
    pub claims: BTreeMap<ClaimId, Claim>,
    pub deaths: BTreeMap<PersonId, Date>,
    pub held: BTreeSet<PersonId>,
    /// Whether somebody is paid for a month in parts: then the last of them is due three weeks after the first.
    pub in_parts: bool,
    pub payments: BTreeMap<PaymentId, Payment>,
    /// What was kept back, with whose it was.
    pub kept: Vec<(PersonId, TopUpRecovered)>,
    pub runs: BTreeMap<RunId, Run>,
}

#[derive(Default)]
pub struct Claim {
    pub from: Date,
    /// Who is a claimant, from when, and their first day without.
    adults: Vec<(PersonId, Date, Option<Date>)>,
    /// First day without an award, and the day from which it went on.
    ends: Vec<(Date, Option<Date>)>,
    pub standing: BTreeMap<AssessmentPeriod, Decision>,
}

pub struct Payment {
    pub person: PersonId,
    pub order: PaymentInstructed,
    pub stage: Stage,
    /// How often it left, and how often it came back.
    left: u32,
    back: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Instructed,
    OnItsWay,
    Returned,
    CalledOff,
}

pub struct Run {
    digest: Digest,
    count: u32,
    total: Money,
    approvals: u8,
    approved_by: BTreeSet<String>,
    released: BTreeSet<PaymentId>,
    abandoned: bool,
    /// Who was known to be dead when it was fixed what leaves: later is too late.
    dead: BTreeSet<PersonId>,
}

impl Statement {
    /// Takes the next event.
    ///
    /// # Errors
    /// The law that it breaks.
    pub fn take(&mut self, event: &Recorded) -> Result<(), String> {
        self.position = event.sequence;
        let (envelope, day) = (&event.envelope, event.envelope.effective_from);
        match (&envelope.subject, &envelope.event) {
            (_, Event::Person(PersonEvent::PersonDied(died))) => {
                let Subject::Person(person) = envelope.subject else { return Ok(()) };
                self.deaths.insert(person, died.on);
            }
            (_, Event::Person(PersonEvent::PersonFactRecorded(told))) => {
                self.in_parts |= matches!(told.fact, PersonFact::PaidEvery(_));
            }
            (Subject::Claim(claim), Event::Claim(told)) => self.claim(*claim, day, told),
            (Subject::Claim(claim), Event::Determination(made)) => {
                let decision = decision_of(made).clone();
                let lines: Money = decision.lines.iter().map(|line| line.amount.money()).sum();
                holds(lines == decision.payment.money(), || format!("lines of {} do not add up", decision.period))?;
                self.claims.entry(*claim).or_default().standing.insert(decision.period, decision);
            }
            (Subject::Person(person), Event::Payment(told)) => {
                let by_program = envelope.actor == PROGRAM;
                self.payment(*person, told, by_program, london_day(envelope.time))?;
            }
            (Subject::Run(_), Event::Run(told)) => self.run(told, &envelope.actor, london_day(envelope.time))?,
            _other => {}
        }
        Ok(())
    }

    fn claim(&mut self, id: ClaimId, day: Date, told: &ClaimEvent) {
        let claim = self.claims.entry(id).or_default();
        if let ClaimEvent::ClaimMade(made) = told {
            claim.from = day;
            claim.adults = made.claimants.iter().map(|person| (*person, day, None)).collect();
        } else if let ClaimEvent::ClaimJoined(joined) = told {
            claim.adults.extend((joined.role == Role::Adult).then_some((joined.person, day, None)));
        } else if let ClaimEvent::ClaimLeft(left) = told {
            let of_them =
                claim.adults.iter_mut().filter(|(person, _, until)| *person == left.person && until.is_none());
            of_them.for_each(|(_, _, until)| *until = Some(day));
        } else if let ClaimEvent::ClaimClosed(_) | ClaimEvent::ClaimWithdrawn(_) = told {
            claim.ends.push((day, None));
        } else if let ClaimEvent::ClaimReopened(_) = told
            && let Some((_, again)) = claim.ends.last_mut()
        {
            *again = Some(day);
        }
    }

    fn payment(&mut self, person: PersonId, told: &PaymentEvent, by_program: bool, on: Date) -> Result<(), String> {
        if let PaymentEvent::PaymentInstructed(order) = told {
            holds(!self.payments.contains_key(&order.payment), || format!("{} is instructed twice", order.payment))?;
            let lines: Money = order.lines.iter().map(|line| line.amount.money()).sum();
            holds(lines == order.amount.money(), || format!("lines of {} do not add up", order.payment))?;
            holds(lines > Money::ZERO, || format!("{} is for nothing", order.payment))?;
            let new = Payment { person, order: order.clone(), stage: Stage::Instructed, left: 0, back: 0 };
            self.payments.insert(order.payment, new);
            self.within_what_is_due(order.payment, by_program)?;
            let dead = self.deaths.get(&person).is_some_and(|died| *died <= on) && by_program;
            return holds(!dead, || format!("{} is instructed for somebody who is known to be dead", order.payment));
        }
        if let PaymentEvent::TopUpRecovered(kept) = told {
            self.kept.push((person, kept.clone()));
            return self.kept_within_bounds(kept, by_program);
        }
        if let PaymentEvent::PaymentSuspended(_) = told {
            self.held.insert(person);
        } else if let PaymentEvent::PaymentResumed(_) = told {
            self.held.remove(&person);
        } else if let PaymentEvent::PaymentReleased(released) = told {
            self.leaves_in(released.run, released.payment, by_program)?;
            let payment = self.stage(released.payment, Stage::OnItsWay);
            payment.left += 1;
            let (left, back) = (payment.left, payment.back);
            let dead = by_program && self.runs[&released.run].dead.contains(&person);
            holds(!dead, || format!("{} left for somebody who is known to be dead", released.payment))?;
            return holds(left <= back + 1, || format!("{} left twice", released.payment));
        } else if let PaymentEvent::PaymentReturned(returned) = told {
            self.stage(returned.payment, Stage::Returned).back += 1;
        } else if let PaymentEvent::PaymentReissued(again) = told {
            self.stage(again.payment, Stage::Instructed);
            return self.within_what_is_due(again.payment, by_program);
        } else if let PaymentEvent::PaymentCancelled(off) = told {
            let payment = self.stage(off.payment, Stage::CalledOff);
            return holds(payment.left == payment.back, || format!("{} was called off when it had left", off.payment));
        }
        Ok(())
    }

    fn stage(&mut self, payment: PaymentId, stage: Stage) -> &mut Payment {
        let payment = self.payments.get_mut(&payment).unwrap();
        payment.stage = stage;
        payment
    }

    fn run(&mut self, told: &RunEvent, actor: &str, on: Date) -> Result<(), String> {
        if let RunEvent::RunPlanned(planned) = told {
            let (digest, count, total, approvals) =
                (planned.digest, planned.payments, planned.total.money(), planned.approvals);
            let (approved_by, released, abandoned) = (BTreeSet::new(), BTreeSet::new(), false);
            let dead = BTreeSet::new();
            let run = Run { digest, count, total, approvals, approved_by, released, abandoned, dead };
            self.runs.insert(planned.run, run);
        } else if let RunEvent::RunApproved(approved) = told {
            let run = self.runs.get_mut(&approved.run).unwrap();
            run.approved_by.insert(actor.into());
            return holds(run.digest == approved.digest, || format!("{}: another list was approved", approved.run));
        } else if let RunEvent::RunReleased(released) = told {
            let dead = self.deaths.iter().filter(|(_, died)| **died <= on).map(|(person, _)| *person);
            self.runs.get_mut(&released.run).unwrap().dead = dead.collect();
        } else if let RunEvent::RunAbandoned(abandoned) = told {
            let run = self.runs.get_mut(&abandoned.run).unwrap();
            run.abandoned = true;
            let run = &self.runs[&abandoned.run];
            return holds(run.released.is_empty(), || format!("{} was abandoned when money had left", abandoned.run));
        }
        Ok(())
    }

    /// What leaves in a run was approved, by as many as it takes, and comes to no more than was.
    fn leaves_in(&mut self, run: RunId, payment: PaymentId, by_program: bool) -> Result<(), String> {
        let Some(run) = self.runs.get_mut(&run) else {
            return holds(!by_program, || format!("{payment} left in no run"));
        };
        let enough = run.approved_by.len() >= usize::from(run.approvals) && !run.abandoned;
        holds(enough, || format!("{payment} left in a run that was not approved, or was abandoned"))?;
        run.released.insert(payment);
        let sum: Money = run.released.iter().map(|payment| self.payments[payment].order.amount.money()).sum();
        let within = run.released.len() <= run.count as usize && sum <= run.total;
        holds(within, || {
            format!("with {payment}, {sum} left in a run of {} that was approved for {}", run.count, run.total)
        })
    }

    /// Never more than is due: what a payee has, for the periods of this payment and all that are paid together with one
    /// of them, stays within what the decisions that stand give.
    fn within_what_is_due(&self, payment: PaymentId, by_program: bool) -> Result<(), String> {
        let order = &self.payments[&payment].order;
        let (Some(claim), Some(_), true) = (order.claim, order.period, is_award(order)) else { return Ok(()) };
        let whose = Whose::Payee(order.payee);
        let (periods, paid) = self.paid_together(claim, whose, self.periods_of(order));
        let paid = paid + self.kept_back(claim, whose, &periods);
        let due: Money = periods.iter().map(|period| self.due(claim, *period, whose, by_program)).sum();
        let first = periods.first().map(ToString::to_string).unwrap_or_default();
        holds(paid <= due, || format!("{payment}: {paid} are paid for {first} and on, where {due} are due"))
    }

    /// What is kept back is for a top-up that the same payee has, all of it together is no more than that, and with what
    /// was paid it is no more than is due.
    fn kept_within_bounds(&self, kept: &TopUpRecovered, by_program: bool) -> Result<(), String> {
        let top_up = &self.payments[&kept.top_up];
        let has = top_up.order.kind == PaymentKind::TopUp && top_up.stage == Stage::OnItsWay;
        holds(has && top_up.order.payee == kept.payee, || format!("{} reached nobody", kept.top_up))?;
        let all = self.kept.iter().filter(|(_, other)| other.top_up == kept.top_up);
        let all: Money = all.map(|(_, other)| other.amount.money()).sum();
        let most = top_up.order.amount.money();
        holds(all <= most, || format!("{all} were kept back for {} of {most}", kept.top_up))?;
        let whose = Whose::Payee(kept.payee);
        let (periods, paid) = self.paid_together(kept.claim, whose, BTreeSet::from([kept.period]));
        let paid = paid + self.kept_back(kept.claim, whose, &periods);
        let due: Money = periods.iter().map(|period| self.due(kept.claim, *period, whose, by_program)).sum();
        holds(paid <= due, || format!("{paid} are paid or kept back for {}, where {due} are due", kept.period))
    }

    /// What was kept back of a payee's money for these periods and stands.
    pub fn kept_back(&self, claim: ClaimId, whose: Whose, periods: &BTreeSet<AssessmentPeriod>) -> Money {
        let of_it = self.kept.iter().filter(|(person, kept)| {
            let stands = self.payments[&kept.top_up].stage == Stage::OnItsWay;
            stands && kept.claim == claim && periods.contains(&kept.period) && whose.is(*person, kept.payee)
        });
        of_it.map(|(_, kept)| kept.amount.money()).sum()
    }

    pub fn due(&self, claim: ClaimId, period: AssessmentPeriod, whose: Whose, while_awarded: bool) -> Money {
        let claim = &self.claims[&claim];
        let Some(decision) = claim.standing.get(&period) else { return Money::ZERO };
        if while_awarded && self.has_ended(claim, period.last()) {
            return Money::ZERO;
        }
        let theirs = decision.lines.iter().filter(|line| whose.is(entitled(decision, line), line.payee));
        theirs.map(|line| line.amount.money()).sum()
    }

    /// Whether the award has ended on a day, the last of a period: closed, or all claimants dead or gone.
    pub fn has_ended(&self, claim: &Claim, last: Date) -> bool {
        let closed = claim.ends.iter().any(|(from, again)| *from <= last && again.is_none_or(|again| last < again));
        let dead = |person: &PersonId| self.deaths.get(person).is_some_and(|died| *died <= last);
        let gone = |(person, _, until): &(PersonId, Date, Option<Date>)| {
            dead(person) || until.is_some_and(|until| until <= last)
        };
        let mut ever = claim.adults.iter().filter(|(_, from, _)| *from <= last).peekable();
        closed || ever.peek().is_some() && ever.all(gone)
    }

    pub fn periods_of(&self, order: &PaymentInstructed) -> BTreeSet<AssessmentPeriod> {
        let decided = order.claim.into_iter().flat_map(|claim| self.claims[&claim].standing.keys());
        let among = |period: &AssessmentPeriod| {
            let days = order.for_days.filter(|_| order.kind == PaymentKind::Award);
            days.is_some_and(|days| days.first() <= period.first() && period.last() <= days.last())
        };
        decided.copied().filter(among).chain(order.period).collect()
    }

    /// These periods and those for which a payment was made together with one of them, and the sum.
    pub fn paid_together(
        &self,
        claim: ClaimId,
        whose: Whose,
        mut periods: BTreeSet<AssessmentPeriod>,
    ) -> (BTreeSet<AssessmentPeriod>, Money) {
        let live = |payment: &&Payment| !matches!(payment.stage, Stage::Returned | Stage::CalledOff);
        let theirs = self.payments.values().filter(live).filter(|Payment { person, order, .. }| {
            is_award(order) && order.claim == Some(claim) && whose.is(*person, order.payee)
        });
        let theirs: Vec<_> =
            theirs.map(|payment| (self.periods_of(&payment.order), payment.order.amount.money())).collect();
        loop {
            let touching = || theirs.iter().filter(|(own, _)| !own.is_disjoint(&periods));
            let more: BTreeSet<_> = touching().flat_map(|(own, _)| own).copied().chain(periods.clone()).collect();
            if more == periods {
                let paid = touching().map(|(_, amount)| *amount).sum();
                return (periods, paid);
            }
            periods = more;
        }
    }

    /// What was paid, but for how it is named: two tellings of one history agree on it.
    pub fn paid(&self) -> Vec<String> {
        let line = |Payment { person, order, stage, left, back }: &Payment| {
            let PaymentInstructed { kind, payee, claim, period, for_days, amount, due_on, instalment, .. } = order;
            let what = (claim, period, for_days, instalment);
            format!("{due_on} {person} {kind} {payee:?} {amount} {stage:?} {left} {back} {what:?}")
        };
        let mut paid: Vec<String> = self.payments.values().map(line).collect();
        paid.sort();
        paid
    }
}

/// Whose money is meant.
#[derive(Clone, Copy)]
pub enum Whose {
    /// What this payee receives.
    Payee(Payee),
    /// What is this person's, whoever receives it for them.
    Own(PersonId),
}

impl Whose {
    fn is(self, entitled: PersonId, payee: Payee) -> bool {
        match self {
            Whose::Payee(meant) => meant == payee,
            Whose::Own(person) => owner(entitled, payee) == person,
        }
    }
}

pub fn owner(entitled: PersonId, payee: Payee) -> PersonId {
    match payee {
        Payee::Person(person) => person,
        Payee::Landlord | Payee::Creditor(_) => entitled,
    }
}

/// The claimant whom a line is for, or the main carer of the child.
pub fn entitled(decision: &Decision, line: &PayeeLine) -> PersonId {
    if decision.adults.contains(&line.for_whom) { line.for_whom } else { decision.main_carer }
}

fn holds(law: bool, broken: impl FnOnce() -> String) -> Result<(), String> {
    if law { Ok(()) } else { Err(broken()) }
}

pub fn is_award(order: &PaymentInstructed) -> bool {
    matches!(order.kind, PaymentKind::Award | PaymentKind::Arrears) && order.instalment > 0
}
