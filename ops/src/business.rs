//! The day's business on the real ledger: decide what ended, list what is due, approve the list, pay it.
//!
//! Everything is derived from the stream: a run that was killed goes on where it stopped, and a run that is repeated
//! finds nothing to do.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use ledger::debt::SET_OFF;
use ledger::order::{DebtOrder, DeterminationOrder, PackOrder, PaymentOrder, RunOrder};
use ledger::{Command, EmbeddedStore, Order, Store, WriteError};
use projections::arrears::{self, SetOff};
use projections::award_end::{self, Unpaid};
use projections::daily;
use projections::entitlement::Rules;
use projections::floor::file::{FloorFile, Mode};
use projections::payments::{Planned, derived_uuid, digest};
use projections::plan::{self, EVENING};
use projections::published::Published;
use projections::redecide::{self, How, Redecided};
use projections::views::{MemoryViews, is_held};
use schemas::day::{london_day, london_hour};
use schemas::events::{Decision, Event, PaymentEvent, PaymentKind, RunEvent};
use schemas::{Amount, ClaimId, CommandId, Digest, Money, PaymentId, PersonId, Recorded, RunId, Subject};

use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::rules::RuleSet;

/// A payment that was instructed before and waits for its release.
type Waiting = (PersonId, PaymentId, Money);

/// Who acts when nobody in person does.
const ACTOR: &str = "system:run";

/// An open ledger and everything known in it.
pub struct Business<'a, S = EmbeddedStore> {
    desk: &'a mut Desk<S>,
    rules: &'a RuleSet,
    world: MemoryViews,
    published: Published,
    last: Option<Timestamp>,
    runs: BTreeMap<RunId, OpenRun>,
}

/// A run that was planned and of which it is not recorded that it was released.
struct OpenRun {
    day: Date,
    digest: Digest,
    payments: u32,
    /// What was instructed since on its day, in order.
    instructed: Vec<Planned>,
    /// What was released in it.
    released: BTreeSet<PaymentId>,
}

impl OpenRun {
    fn is_whole(&self) -> bool {
        usize::try_from(self.payments).is_ok_and(|payments| payments == self.released.len())
    }
}

/// What one evening came to.
#[derive(Debug, Default)]
pub struct Evening {
    /// Decisions made.
    pub decided: Vec<(ClaimId, Decision)>,
    /// Decisions replaced, because of what became known since.
    pub redecided: Vec<(ClaimId, Redecided)>,
    /// Awards and other payments released.
    pub paid: Vec<Planned>,
    /// Top-ups released.
    pub topped_up: Vec<Planned>,
    /// Periods that are not paid because the award ended.
    pub unpaid: Vec<Unpaid>,
    /// Claims that could not be decided or paid, and why.
    pub problems: Vec<(String, String)>,
}

impl<'a, S: Store> Business<'a, S> {
    /// Reads the ledger to its end.
    ///
    /// # Errors
    /// A gap in the stream or a message that cannot be read.
    pub fn open(desk: &'a mut Desk<S>, rules: &'a RuleSet) -> Result<Business<'a, S>, Failure> {
        let mut business = Business {
            desk,
            rules,
            world: MemoryViews::default(),
            published: Published::default(),
            last: None,
            runs: BTreeMap::new(),
        };
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
        self.close_runs(day, &mut evening.problems)?;
        self.redecide(day, &mut evening)?;
        self.set_off(day, &mut evening)?;
        self.decide(day, &mut evening)?;
        evening.unpaid = award_end::unpaid(day, &self.world, &self.rules.law);
        let overpaid = arrears::overpaid(&self.world, &self.rules.law);
        for (Unpaid { claim, period, why }, payment) in award_end::overtaken(&self.world, &self.rules.law) {
            // What was paid of it waits for a decision of its own.
            if !overpaid.iter().any(|overpaid| (overpaid.claim, overpaid.period) == (claim, period)) {
                let why = format!("the decision that stands for {period} gives {payment}, but {why}");
                evening.problems.push((format!("claim {claim}"), why));
            }
        }
        let plan = plan::plan(day, &self.world, &self.rules.law, self.guaranteed(day));
        evening.problems.extend(plan.cannot);
        let paid = self.pay(day, plan.pays, &mut evening.problems)?;
        let is_top_up = |planned: &Planned| planned.payment.kind == PaymentKind::TopUp;
        (evening.topped_up, evening.paid) = paid.into_iter().partition(is_top_up);
        Ok(evening)
    }

    /// The floor that has to be kept on a day. A top-up for a day already past would be hindsight.
    fn guaranteed(&self, day: Date) -> Option<&FloorFile> {
        let past = self.last.is_some_and(|last| day < london_day(last));
        (self.rules.floor.mode == Mode::Guarantee && !past).then_some(&self.rules.floor)
    }

    /// Lowers debts by what came due after all of the overpayments that made them.
    fn set_off(&mut self, day: Date, evening: &mut Evening) -> Result<(), Failure> {
        let set_offs = arrears::set_offs(&self.world, &self.rules.law);
        let command = |set_off: &SetOff| {
            let SetOff { person, debt, amount, before } = *set_off;
            let amount = Amount::new(amount).unwrap_or_default();
            let order = DebtOrder::WriteOff { person, debt, amount, reason: SET_OFF.into() };
            self.command(day, &format!("set-off|{debt}|{before}"), order.into())
        };
        let commands: Vec<Command> = set_offs.iter().map(command).collect();
        if commands.is_empty() {
            return Ok(());
        }
        for (refused, set_off) in self.refusals(commands)?.into_iter().zip(&set_offs) {
            evening.problems.extend(refused.map(|why| (format!("person {}", set_off.person), why)));
        }
        self.catch_up()
    }

    /// Decides again until every decided period comes out as it stands.
    fn redecide(&mut self, day: Date, evening: &mut Evening) -> Result<(), Failure> {
        loop {
            let (mut changed, mut problems) = (Vec::new(), Vec::new());
            for (claim, redecided) in redecide::due(day, &self.world, &self.rules.law) {
                match redecided {
                    Ok(redecided) => changed.push((claim, redecided)),
                    Err(error) => problems.push((format!("claim {claim}"), chain(&error))),
                }
            }
            let decisions = changed.iter().map(|(_, changed): &(_, Redecided)| &changed.decision);
            if self.publish(day, decisions)? {
                continue; // As in `decide`.
            }
            let command = |(claim, changed): &(ClaimId, Redecided)| {
                let name = format!("redecide|{claim}|{}|{}", changed.decision.period, changed.decision.facts_at);
                self.command(day, &name, replace(*claim, changed).into())
            };
            let commands: Vec<Command> = changed.iter().map(command).collect();
            let mut stuck = true;
            for (refused, (claim, redecided)) in self.refusals(commands)?.into_iter().zip(changed) {
                match refused {
                    None => {
                        stuck = false;
                        evening.redecided.push((claim, redecided));
                    }
                    Some(why) => problems.push((format!("claim {claim}"), why)),
                }
            }
            self.catch_up()?;
            if stuck {
                evening.problems.extend(problems);
                return Ok(());
            }
        }
    }

    /// Decides until no claim has a period due that can be decided.
    fn decide(&mut self, day: Date, evening: &mut Evening) -> Result<(), Failure> {
        loop {
            let (mut orders, mut problems) = (Vec::new(), Vec::new());
            for (claim, decision) in daily::decisions(day, &self.world, &self.rules.law) {
                match decision {
                    Ok(decision) => orders.push((claim, decision)),
                    Err(error) => problems.push((format!("claim {claim}"), chain(&error))),
                }
            }
            if self.publish(day, orders.iter().map(|(_, decision)| decision))? {
                continue; // Decisions name the position they were made at: always the one after the rules.
            }
            let done = self.determine(day, orders, &mut problems)?;
            let stuck = done.is_empty();
            evening.decided.extend(done);
            if stuck {
                evening.problems.extend(problems);
                return Ok(());
            }
        }
    }

    /// Records decisions; those that the ledger took.
    fn determine(
        &mut self,
        day: Date,
        orders: Vec<(ClaimId, Decision)>,
        problems: &mut Vec<(String, String)>,
    ) -> Result<Vec<(ClaimId, Decision)>, Failure> {
        if orders.is_empty() {
            return Ok(orders);
        }
        let command = |(claim, decision): &(ClaimId, Decision)| {
            let name = format!("determine|{claim}|{}|{}", decision.period, decision.facts_at);
            self.command(day, &name, DeterminationOrder::Determine { claim: *claim, decision: decision.clone() }.into())
        };
        let commands = orders.iter().map(command).collect();
        let mut done = Vec::new();
        for (answer, (claim, decision)) in self.desk.submit(commands).into_iter().zip(orders) {
            match answer {
                Ok(_) => done.push((claim, decision)),
                Err(error) => problems.push((format!("claim {claim}"), refusal(error)?)),
            }
        }
        self.catch_up()?;
        Ok(done)
    }

    /// Makes sure that rules stand in the stream before anything is decided by them; whether any had to be written.
    fn publish<'d>(&mut self, day: Date, decisions: impl Iterator<Item = &'d Decision>) -> Result<bool, Failure> {
        let needed: Vec<Digest> = decisions.map(|decision| decision.pack.digest).collect();
        let named = |rules: &&Rules| needed.contains(&rules.digest);
        let unknown = |rules: &&Rules| named(rules) && !self.published.has(rules.digest);
        let commands: Vec<Command> =
            self.rules.law.rules().iter().filter(unknown).map(|rules| self.publication(day, rules)).collect();
        let any = !commands.is_empty();
        self.submit(commands)?;
        Ok(any)
    }

    fn publication(&self, day: Date, rules: &Rules) -> Command {
        let order = PackOrder::Publish {
            name: rules.pack.name().into(),
            version: rules.pack.version().into(),
            digest: rules.digest,
            in_force_from: rules.pack.in_force().0,
            content: rules.pack.canonical(),
        };
        self.command(day, &format!("publish|{}", rules.digest), order.into())
    }

    /// Lists, approves and releases payments, those instructed earlier and not yet released among them; what was released.
    ///
    /// What the ledger refuses is not released and said; a run that is not whole stays open.
    fn pay(
        &mut self,
        day: Date,
        planned: Vec<Planned>,
        problems: &mut Vec<(String, String)>,
    ) -> Result<Vec<Planned>, Failure> {
        let (planned, waiting) = self.whole_list(day, planned);
        if planned.is_empty() && waiting.is_empty() {
            return Ok(planned);
        }
        let listing = listing(&planned, &waiting);
        let run = run_id(day, listing);
        let sums = planned.iter().map(|planned| planned.payment.amount.money()).chain(waiting.iter().map(|w| w.2));
        let total = Amount::new(sums.sum()).unwrap_or_default();
        let count = u32::try_from(planned.len() + waiting.len()).unwrap_or(u32::MAX);
        let plan = RunOrder::Plan { run, day, digest: listing, payments: count, total, approvals: None };
        let named = |name: &str, order: Order| self.command(day, name, order);
        let mut commands = vec![
            named(&format!("plan|{run}"), plan.into()),
            named(&format!("approve|{run}"), RunOrder::Approve { run, digest: listing }.into()),
        ];
        let mut whose = vec![format!("run of {day}"); 2];
        let leaving = planned.iter().map(|planned| (planned.person, planned.payment.payment));
        let leaving: Vec<_> = leaving.chain(waiting.iter().map(|(person, payment, _)| (*person, *payment))).collect();
        for Planned { person, payment } in &planned {
            commands.push(named(&format!("instruct|{}", payment.payment), instruct(*person, payment).into()));
            whose.push(format!("person {person}"));
        }
        for (person, payment) in &leaving {
            let order = PaymentOrder::Release { person: *person, payment: *payment, run, file: listing };
            commands.push(named(&format!("release|{payment}"), order.into()));
            whose.push(format!("person {person}"));
        }
        let mut told: Vec<String> = Vec::new();
        for (refused, who) in self.refusals(commands)?.into_iter().zip(whose) {
            // What follows from the first refusal (the release of what was not instructed) is not said again.
            if let Some(why) = refused.filter(|_| !told.contains(&who)) {
                told.push(who.clone());
                problems.push((who, why));
            }
        }
        self.catch_up()?;
        self.close_runs(day, problems)?;
        let left = |planned: &Planned| {
            let view = self.world.person(planned.person).and_then(|view| view.payment(planned.payment.payment));
            view.is_some_and(|payment| !payment.steps.is_empty())
        };
        Ok(planned.into_iter().filter(left).collect())
    }

    /// Records of every run of which all payments have left that it was released; one that is not whole stays open.
    fn close_runs(&mut self, day: Date, problems: &mut Vec<(String, String)>) -> Result<(), Failure> {
        let whole = self.runs.iter().filter(|(_, run)| run.day <= day && run.is_whole());
        let release = |(id, run): (&RunId, &OpenRun)| {
            let order = RunOrder::Release { run: *id, file: run.digest };
            self.command(run.day, &format!("release|{id}"), order.into())
        };
        let commands: Vec<Command> = whole.map(release).collect();
        if commands.is_empty() {
            return Ok(());
        }
        problems.extend(self.refusals(commands)?.into_iter().flatten().map(|why| (format!("run of {day}"), why)));
        self.catch_up()
    }

    /// Submits commands; of each why it was refused, if it was.
    fn refusals(&mut self, commands: Vec<Command>) -> Result<Vec<Option<String>>, Failure> {
        let answers = self.desk.submit(commands).into_iter();
        answers.map(|answer| answer.err().map(refusal).transpose()).collect()
    }

    /// What is to be paid on a day: new payments, and earlier ones that wait for their release. Where a run of the day was
    /// cut off in the middle it is the list of that run, so that going on with it repeats what was done and does the rest.
    fn whole_list(&self, day: Date, planned: Vec<Planned>) -> (Vec<Planned>, Vec<Waiting>) {
        for (id, open) in self.runs.iter().filter(|(_, open)| open.day == day) {
            let list: Vec<Planned> = open.instructed.iter().chain(&planned).cloned().collect();
            let mut waiting = self.unreleased(day, &open.released);
            waiting.retain(|(_, waiting, _)| list.iter().all(|planned| planned.payment.payment != *waiting));
            if run_id(day, listing(&list, &waiting)) == *id {
                return (list, waiting);
            }
        }
        let waiting = self.unreleased(day, &BTreeSet::new());
        (planned, waiting)
    }

    /// Payments that were instructed by this day and, because a run was cut off or somebody else ordered them, never
    /// released. A run that starts again goes through days before the instruction too: nothing is released on those.
    /// Those named are listed although they were.
    fn unreleased(&self, day: Date, though_released: &BTreeSet<PaymentId>) -> Vec<Waiting> {
        let mut waiting = Vec::new();
        for (person, view) in self.world.people() {
            let held = |kind: PaymentKind| is_held(kind) && view.is_suspended(day);
            let unsent = view.payments.iter().filter(|payment| {
                (payment.steps.is_empty() || though_released.contains(&payment.id)) && payment.ordered_for <= day
            });
            let unsent = unsent.filter(|payment| !held(payment.kind));
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
        let Business { desk, world, published, last, runs, .. } = self;
        desk.for_each_after(world.position(), |page| {
            for event in &page {
                world.apply(event);
                published.apply(event);
                *last = Some(event.envelope.time);
                note_run(runs, event);
            }
            Ok(())
        })
    }
}

/// Follows runs from their plan to their release.
fn note_run(runs: &mut BTreeMap<RunId, OpenRun>, Recorded { envelope, .. }: &Recorded) {
    if let Event::Run(RunEvent::RunPlanned(planned)) = &envelope.event {
        let (day, digest, payments) = (planned.day, planned.digest, planned.payments);
        let open = OpenRun { day, digest, payments, instructed: Vec::new(), released: BTreeSet::new() };
        runs.insert(planned.run, open);
    } else if let Event::Run(RunEvent::RunReleased(released)) = &envelope.event {
        runs.remove(&released.run);
    } else if let Event::Payment(PaymentEvent::PaymentReleased(released)) = &envelope.event
        && let Some(run) = runs.get_mut(&released.run)
    {
        run.released.insert(released.payment);
    } else if let Event::Payment(PaymentEvent::PaymentInstructed(payment)) = &envelope.event
        && let Subject::Person(person) = envelope.subject
    {
        for open in runs.values_mut().filter(|open| open.day == envelope.effective_from) {
            open.instructed.push(Planned { person, payment: payment.clone() });
        }
    }
}

fn run_id(day: Date, listing: Digest) -> RunId {
    RunId(derived_uuid(&format!("run|{day}|{listing}")))
}

/// The order that replaces a decision.
fn replace(claim: ClaimId, Redecided { replaces, how, ground, decision, .. }: &Redecided) -> DeterminationOrder {
    let (replaces, ground, decision) = (*replaces, ground.clone(), decision.clone());
    match how {
        How::Revised => DeterminationOrder::Revise { claim, replaces, ground, decision },
        How::Superseded => DeterminationOrder::Supersede { claim, replaces, ground, decision },
    }
}

/// The order that a planned payment is given with.
pub fn instruct(person: PersonId, payment: &schemas::events::PaymentInstructed) -> PaymentOrder {
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
        account: payment.account,
        nominal_on: payment.nominal_on,
        because: payment.because,
    }
}

fn listing(planned: &[Planned], waiting: &[Waiting]) -> Digest {
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
        | WriteError::Moved { .. }
        | WriteError::Contended => Ok(chain(&error)),
    }
}

fn refused(error: &WriteError) -> Failure {
    Failure::input(chain(error))
}
