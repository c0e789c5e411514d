//! The day's business on the real ledger: decide what ended, list what is due, approve the list, pay it.
//!
//! Everything is derived from the stream: a run that was killed goes on where it stopped, and a run that is repeated
//! finds nothing to do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::order::{DeterminationOrder, PackOrder, PaymentOrder, RunOrder};
use ledger::{Command, Order, WriteError};
use projections::daily;
use projections::floor::file::Mode;
use projections::payments::{Planned, derived_uuid, digest};
use projections::published::Published;
use projections::topups;
use projections::views::MemoryViews;
use schemas::day::london_hour;
use schemas::events::{Decision, Event, PaymentEvent, PaymentKind};
use schemas::{Amount, ClaimId, CommandId, Digest, Money, PaymentId, PersonId, RunId};
use simulator::replay::EVENING;

use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::rules::RuleSet;

/// Who acts when nobody in person does.
const ACTOR: &str = "system:run";

/// An open ledger and everything known in it.
pub struct Business<'a> {
    desk: &'a mut Desk,
    rules: &'a RuleSet,
    world: MemoryViews,
    published: Published,
    last: Option<Timestamp>,
    /// Payments that were instructed and not yet released, and the day whose business their instruction was.
    waiting: BTreeMap<PaymentId, Date>,
}

/// What one evening came to.
#[derive(Debug, Default)]
pub struct Evening {
    /// Decisions made.
    pub decided: Vec<(ClaimId, Decision)>,
    /// Awards and other payments released.
    pub paid: Vec<Planned>,
    /// Top-ups released.
    pub topped_up: Vec<Planned>,
    /// Claims that could not be decided or paid, and why.
    pub problems: Vec<(String, String)>,
}

impl<'a> Business<'a> {
    /// Reads the ledger to its end.
    ///
    /// # Errors
    /// A gap in the stream or a message that cannot be read.
    pub fn open(desk: &'a mut Desk, rules: &'a RuleSet) -> Result<Business<'a>, Failure> {
        let (world, published) = (MemoryViews::default(), Published::default());
        let mut business = Business { desk, rules, world, published, last: None, waiting: BTreeMap::new() };
        business.catch_up()?;
        Ok(business)
    }

    /// Everything known.
    pub fn world(&self) -> &MemoryViews {
        &self.world
    }

    /// The first day on which anything was recorded to hold, if anything was.
    pub fn first_day(&self) -> Option<Date> {
        self.world.claims().filter_map(|(_, claim)| claim.entitled_from).min()
    }

    /// Submits commands of somebody's; what is refused is an error of the story or file they came from.
    ///
    /// # Errors
    /// [`Failure::Input`] with the first refusal.
    pub fn submit(&mut self, commands: Vec<Command>) -> Result<(), Failure> {
        for answer in self.desk.submit(commands) {
            answer.map_err(|error| refused(&error))?;
        }
        self.catch_up()
    }

    /// Does the business of one evening.
    ///
    /// # Errors
    /// The ledger failed; everything acknowledged is recorded, and the evening can be done again.
    pub fn evening(&mut self, day: Date) -> Result<Evening, Failure> {
        let mut evening = Evening::default();
        self.decide(day, &mut evening)?;
        let awards = daily::payments(day, &self.world, &self.rules.rules);
        evening.paid = self.pay(day, "awards", awards, &mut evening.problems)?;
        for (claim, period, difference) in daily::differences(&self.world, self.rules.rules.benefit()) {
            let why = format!(
                "the decision that stands for {period} gives {difference} more than was instructed, and nothing plans that yet"
            );
            evening.problems.push((format!("claim {claim}"), why));
        }
        if self.rules.floor.mode == Mode::Guarantee {
            let top_ups = topups::plan(day, &self.world, &self.rules.rules, &self.rules.floor);
            evening.topped_up = self.pay(day, "top-ups", top_ups, &mut evening.problems)?;
        }
        Ok(evening)
    }

    fn decide(&mut self, day: Date, evening: &mut Evening) -> Result<(), Failure> {
        let mut orders = Vec::new();
        for (claim, decision) in daily::decisions(day, &self.world, &self.rules.rules) {
            match decision {
                Ok(decision) => orders.push((claim, decision)),
                Err(error) => evening.problems.push((format!("claim {claim}"), chain(&error))),
            }
        }
        if orders.is_empty() {
            return Ok(());
        }
        self.publish(day)?;
        let command = |(claim, decision): &(ClaimId, Decision)| {
            let name = format!("determine|{claim}|{}|{}", decision.period, decision.facts_at);
            self.command(day, &name, DeterminationOrder::Determine { claim: *claim, decision: decision.clone() }.into())
        };
        let commands = orders.iter().map(command).collect();
        for (answer, (claim, decision)) in self.desk.submit(commands).into_iter().zip(orders) {
            match answer {
                Ok(_) => evening.decided.push((claim, decision)),
                Err(error) => evening.problems.push((format!("claim {claim}"), refusal(error)?)),
            }
        }
        self.catch_up()
    }

    /// Makes sure that the rules stand in the stream before anything is decided by them.
    fn publish(&mut self, day: Date) -> Result<(), Failure> {
        let rules = &self.rules.rules;
        if self.published.has(rules.digest) {
            return Ok(());
        }
        let order = PackOrder::Publish {
            name: rules.pack.name().into(),
            version: rules.pack.version().into(),
            digest: rules.digest,
            in_force_from: rules.pack.in_force().0,
            content: rules.pack.canonical(),
        };
        let command = self.command(day, &format!("publish|{}", rules.digest), order.into());
        self.submit(vec![command])
    }

    /// Lists, approves and releases payments, those instructed earlier and not yet released among them.
    fn pay(
        &mut self,
        day: Date,
        what: &str,
        planned: Vec<Planned>,
        problems: &mut Vec<(String, String)>,
    ) -> Result<Vec<Planned>, Failure> {
        let waiting = self.unreleased(day);
        if planned.is_empty() && waiting.is_empty() {
            return Ok(planned);
        }
        let listing = listing(&planned, &waiting);
        let run = RunId(derived_uuid(&format!("run|{day}|{what}|{listing}")));
        let sums =
            planned.iter().map(|planned| planned.payment.amount.money()).chain(waiting.iter().map(|(_, _, sum)| *sum));
        let total = Amount::new(sums.sum()).unwrap_or_default();
        let count = u32::try_from(planned.len() + waiting.len()).unwrap_or(u32::MAX);
        let step = |name: &str, order: RunOrder| self.command(day, &format!("{name}|{run}"), order.into());
        let mut commands = vec![
            step("plan", RunOrder::Plan { run, day, digest: listing, payments: count, total }),
            step("approve", RunOrder::Approve { run, digest: listing }),
        ];
        for Planned { person, payment } in &planned {
            let order = instruct(*person, payment);
            commands.push(self.command(day, &format!("instruct|{}", payment.payment), order.into()));
        }
        let payments = planned.iter().map(|planned| (planned.person, planned.payment.payment));
        for (person, payment) in payments.chain(waiting.iter().map(|(person, payment, _)| (*person, *payment))) {
            let order = PaymentOrder::Release { person, payment, run, file: listing };
            commands.push(self.command(day, &format!("release|{payment}"), order.into()));
        }
        commands.push(step("release", RunOrder::Release { run, file: listing }));
        for answer in self.desk.submit(commands) {
            if let Err(error) = answer {
                problems.push((format!("run of {day}"), refusal(error)?));
            }
        }
        self.catch_up()?;
        Ok(planned)
    }

    /// Payments that were instructed by this day and, because a run was cut off or somebody else ordered them, never
    /// released. A run that starts again goes through days before the instruction too: nothing is released on those.
    fn unreleased(&self, day: Date) -> Vec<(PersonId, PaymentId, Money)> {
        let mut waiting = Vec::new();
        for (person, view) in self.world.people() {
            let held = |kind: PaymentKind| match kind {
                PaymentKind::Award | PaymentKind::Arrears | PaymentKind::Advance => view.is_suspended(day),
                PaymentKind::TopUp | PaymentKind::CrisisGrant | PaymentKind::Hardship => false,
            };
            let is_due = |payment: &PaymentId| self.waiting.get(payment).is_some_and(|instructed| *instructed <= day);
            let unsent = view
                .payments
                .iter()
                .filter(|payment| payment.steps.is_empty() && !held(payment.kind) && is_due(&payment.id));
            waiting.extend(unsent.map(|payment| (person, payment.id, payment.amount)));
        }
        waiting
    }

    fn command(&self, day: Date, name: &str, order: Order) -> Command {
        let evening = london_hour(day, EVENING);
        Command {
            id: CommandId(derived_uuid(name)),
            actor: ACTOR.into(),
            time: self.last.map_or(evening, |last| last.max(evening)),
            effective_from: day,
            effective_to: None,
            notified_on: None,
            decided_on: Some(day),
            causation: None,
            correlation: None,
            order,
        }
    }

    fn catch_up(&mut self) -> Result<(), Failure> {
        let Business { desk, world, published, last, waiting, .. } = self;
        desk.for_each_after(world.position(), |page| {
            for event in &page {
                world.apply(event);
                published.apply(event);
                *last = Some(event.envelope.time);
                if let Event::Payment(payment) = &event.envelope.event {
                    note_waiting(waiting, payment, event.envelope.effective_from);
                }
            }
            Ok(())
        })
    }
}

fn note_waiting(waiting: &mut BTreeMap<PaymentId, Date>, event: &PaymentEvent, business_of: Date) {
    match event {
        PaymentEvent::PaymentInstructed(instructed) => {
            waiting.insert(instructed.payment, business_of);
        }
        PaymentEvent::PaymentReleased(released) => {
            waiting.remove(&released.payment);
        }
        PaymentEvent::PaymentAccepted(_)
        | PaymentEvent::PaymentSettled(_)
        | PaymentEvent::PaymentReturned(_)
        | PaymentEvent::PaymentReissued(_)
        | PaymentEvent::PaymentCancelled(_)
        | PaymentEvent::PaymentSuspended(_)
        | PaymentEvent::PaymentResumed(_) => {}
    }
}

fn instruct(person: PersonId, payment: &schemas::events::PaymentInstructed) -> PaymentOrder {
    let payment = payment.clone();
    PaymentOrder::Instruct {
        person,
        payment: payment.payment,
        kind: payment.kind,
        payee: payment.payee,
        account_holders: payment.account_holders,
        lines: payment.lines,
        amount: payment.amount,
        due_on: payment.due_on,
        next_due: payment.next_due,
        series: payment.series,
        channel: payment.channel,
        claim: payment.claim,
        period: payment.period,
        instalment: payment.instalment,
        for_days: payment.for_days,
        cause: payment.cause,
    }
}

fn listing(planned: &[Planned], waiting: &[(PersonId, PaymentId, Money)]) -> Digest {
    if waiting.is_empty() {
        return digest(planned);
    }
    let lines: String = waiting.iter().map(|(person, payment, sum)| format!("{payment}|{person}|{sum}\n")).collect();
    Digest::of(format!("{}\n{lines}", digest(planned)).as_bytes())
}

/// What a rule forbids, as text; a ledger that failed is the caller's to report.
fn refusal(error: WriteError) -> Result<String, Failure> {
    match error {
        WriteError::Storage { .. } => Err(broken(chain(&error))),
        WriteError::Refused(_)
        | WriteError::SameIdOtherContent { .. }
        | WriteError::Erased { .. }
        | WriteError::TimeRunsBackwards { .. }
        | WriteError::Contended => Ok(chain(&error)),
    }
}

fn refused(error: &WriteError) -> Failure {
    Failure::input(chain(error))
}
