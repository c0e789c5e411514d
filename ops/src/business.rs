//! The day's business on the real ledger: decide what ended, and then pay what is due (`payrun`).
//!
//! Everything is derived from the stream: a run that was killed goes on where it stopped, and a run that is repeated
//! finds nothing to do.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::civil::Date;
use ledger::debt::SET_OFF;
use ledger::order::{DebtOrder, DeterminationOrder, PackOrder, PaymentOrder};
use ledger::{Command, Order, Store, WriteError};
use projections::arrears::{self, SetOff};
use projections::award_end::{self, Unpaid};
use projections::daily;
use projections::diary::Diary;
use projections::entitlement::{self, Rules};
use projections::payments::Planned;
use projections::plan::Plan;
use projections::redecide::{self, How, Redecided};
use projections::runs::Runs;
use projections::topups::KeepBack;
use projections::views::MemoryViews;
use schemas::events::PaymentKind;
use schemas::{Amount, AssessmentPeriod, ClaimId, Digest, PersonId, RunId};

use crate::desk::{Desk, broken, chain};
use crate::error::Failure;
use crate::known::Known;
use crate::payrun::Carried;
use crate::place::AnyStore;
use crate::rules::RuleSet;

/// How many commands are given at once: enough for whole appends, few enough for memory.
pub(crate) const AT_ONCE: usize = 1_000;

/// Who acts when nobody in person does.
pub(crate) const ACTOR: &str = "system:run";

/// An open ledger and everything known in it.
pub struct Business<'a, S = AnyStore> {
    pub(crate) desk: &'a mut Desk<S>,
    pub(crate) rules: &'a RuleSet,
    pub(crate) known: Known,
    /// Whom evenings look at.
    diary: Diary,
    /// Runs of which everything is known to be recorded.
    pub(crate) finished: BTreeSet<RunId>,
}

/// What one evening came to.
#[derive(Debug, Default)]
pub struct Evening {
    /// Decisions made: of which claims, and the digest of the pack that each was made by.
    pub decided: Vec<(ClaimId, Digest)>,
    /// Decisions replaced, because of what became known since.
    pub redecided: Vec<(ClaimId, Redecided)>,
    /// Awards and other payments released.
    pub paid: Vec<Planned>,
    /// What had come back and was released again.
    pub sent_again: Vec<Planned>,
    /// Top-ups released.
    pub topped_up: Vec<Planned>,
    /// What was kept back of money owed late, because top-ups had been paid for the same days.
    pub kept: Vec<KeepBack>,
    /// Periods that are not paid because the award ended.
    pub unpaid: Vec<Unpaid>,
    /// Claims that could not be decided or paid, and why.
    pub problems: Vec<(String, String)>,
}

impl Evening {
    /// Adds what a run came to.
    pub(crate) fn take(&mut self, carried: Carried) {
        for planned in carried.left {
            match planned.payment.kind {
                PaymentKind::TopUp => self.topped_up.push(planned),
                PaymentKind::Award
                | PaymentKind::Arrears
                | PaymentKind::Advance
                | PaymentKind::Hardship
                | PaymentKind::CrisisGrant
                | PaymentKind::ThirdParty => self.paid.push(planned),
            }
        }
        self.kept.extend(carried.kept);
        self.sent_again.extend(carried.again);
        self.problems.extend(carried.problems);
    }
}

impl<'a, S: Store> Business<'a, S> {
    /// Reads the ledger to its end.
    ///
    /// # Errors
    /// A gap in the stream or a message that cannot be read.
    pub fn open(desk: &'a mut Desk<S>, rules: &'a RuleSet) -> Result<Business<'a, S>, Failure> {
        let (known, diary) = (Known::default(), Diary::default());
        let mut business = Business { desk, rules, known, diary, finished: BTreeSet::new() };
        business.catch_up()?;
        Ok(business)
    }

    /// Everything known.
    pub fn world(&self) -> &MemoryViews {
        &self.known.world
    }

    /// Turns the diary to the evening of a day; its business does that itself.
    pub fn turn_to(&mut self, day: Date) {
        self.diary.turn_to(day, &self.known.world, &self.rules.law, &self.rules.floor);
    }

    /// All that is looked at on the evening of a day: those of whose homes it is not known that nothing is due to them.
    pub fn looked_at(&self, day: Date) -> Cow<'_, MemoryViews> {
        self.diary.look(day, &self.known.world)
    }

    /// What has to leave on the evening of a day.
    pub(crate) fn plan(&self, day: Date) -> Plan {
        self.known.plan_of(&self.looked_at(day), day, self.rules)
    }

    /// Every payment run.
    pub fn runs(&self) -> &Runs {
        &self.known.runs
    }

    /// The first day on which anything was recorded to hold, if anything was.
    pub fn first_day(&self) -> Option<Date> {
        self.known.world.claims().filter_map(|(_, claim)| claim.entitled_from).min()
    }

    /// Submits commands of somebody's; what is refused is an error of the story or file they came from.
    ///
    /// # Errors
    /// [`Failure::Input`] with the first refusal.
    pub fn submit(&mut self, commands: Vec<Command>) -> Result<(), Failure> {
        for answer in self.record(commands) {
            answer.map_err(|error| refused(&error))?;
        }
        self.catch_up()
    }

    /// Submits commands. What they caused is known at once, as long as nobody else recorded anything in between.
    fn record(&mut self, commands: Vec<Command>) -> Vec<Result<(), WriteError>> {
        let Business { desk, known, diary, .. } = self;
        let answers = desk.submit(commands).into_iter();
        answers
            .map(|answer| {
                for event in answer?.events {
                    if event.sequence == known.world.position() + 1 {
                        known.apply(&event);
                        diary.note(&event, &known.world);
                    }
                }
                Ok(())
            })
            .collect()
    }

    /// Does the business of one evening.
    ///
    /// # Errors
    /// The ledger failed; everything acknowledged is recorded, and the evening can be done again.
    pub fn evening(&mut self, day: Date) -> Result<Evening, Failure> {
        let mut evening = self.decided_evening(day)?;
        self.pay(day, &mut evening)?;
        Ok(evening)
    }

    /// Does the business of one evening but for paying.
    ///
    /// # Errors
    /// As for [`Business::evening`].
    pub fn decided_evening(&mut self, day: Date) -> Result<Evening, Failure> {
        let mut evening = Evening::default();
        self.turn_to(day);
        self.redecide(day, &mut evening)?;
        self.set_off(day, &mut evening)?;
        self.decide(day, &mut evening)?;
        let (world, law) = (self.looked_at(day), &self.rules.law);
        evening.unpaid = award_end::unpaid(day, &world, law);
        let overtaken = award_end::overtaken(&world, law);
        let none = overtaken.is_empty();
        let overpaid = if none { Vec::new() } else { arrears::overpaid(&world, law) };
        for (Unpaid { claim, period, why }, payment) in overtaken {
            // What was paid of it waits for a decision of its own.
            if !overpaid.iter().any(|overpaid| (overpaid.claim, overpaid.period) == (claim, period)) {
                let why = format!("the decision that stands for {period} gives {payment}, but {why}");
                evening.problems.push((format!("claim {claim}"), why));
            }
        }
        Ok(evening)
    }

    /// Lowers debts by what came due after all of the overpayments that made them.
    fn set_off(&mut self, day: Date, evening: &mut Evening) -> Result<(), Failure> {
        let set_offs = arrears::set_offs(&self.looked_at(day), &self.rules.law);
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
            for (claim, redecided) in redecide::due(day, &self.looked_at(day), &self.rules.law) {
                match redecided {
                    Ok(redecided) => changed.push((claim, redecided)),
                    Err(error) => problems.push((format!("claim {claim}"), chain(&error))),
                }
            }
            let needed = changed.iter().map(|(_, changed): &(_, Redecided)| changed.decision.pack.digest);
            if self.publish(day, needed.collect())? {
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
            if self.publish(day, self.needed(day))? {
                continue; // Decisions name the position they were made at: always the one after the rules.
            }
            let mut problems = Vec::new();
            let done = self.determine(day, &mut problems)?;
            let stuck = done.is_empty();
            evening.decided.extend(done);
            if stuck {
                evening.problems.extend(problems);
                return Ok(());
            }
        }
    }

    /// The rules that decide what is due next and do not stand in the stream yet.
    fn needed(&self, day: Date) -> Vec<Digest> {
        let world = self.looked_at(day);
        let decided_by = |(claim, period, rules): (ClaimId, AssessmentPeriod, &Rules)| {
            let unpublished = !self.known.published.has(rules.digest);
            (unpublished && entitlement::decide(claim, &world, period, rules).is_ok()).then_some(rules.digest)
        };
        daily::due(day, &world, &self.rules.law).filter_map(decided_by).collect()
    }

    /// Decides what is due next of every claim and records it, some at a time; the decisions that the ledger took, by their
    /// packs. All rest on the same position: nothing is known of the first before the last is made.
    fn determine(
        &mut self,
        day: Date,
        problems: &mut Vec<(String, String)>,
    ) -> Result<Vec<(ClaimId, Digest)>, Failure> {
        let Business { desk, rules, known, diary, .. } = self;
        let world = diary.look(day, &known.world);
        let mut decisions = daily::decisions(day, &world, &rules.law).peekable();
        let mut done = Vec::new();
        while decisions.peek().is_some() {
            let (mut made, mut commands) = (Vec::new(), Vec::new());
            for (claim, decision) in decisions.by_ref().take(AT_ONCE) {
                match decision {
                    Ok(decision) => {
                        made.push((claim, decision.pack.digest));
                        let name = format!("determine|{claim}|{}|{}", decision.period, decision.facts_at);
                        let order = DeterminationOrder::Determine { claim, decision };
                        commands.push(known.command(ACTOR, day, &name, order.into()));
                    }
                    Err(error) => problems.push((format!("claim {claim}"), chain(&error))),
                }
            }
            for (answer, (claim, pack)) in desk.submit(commands).into_iter().zip(made) {
                match answer {
                    Ok(_) => done.push((claim, pack)),
                    Err(error) => problems.push((format!("claim {claim}"), refusal(error)?)),
                }
            }
        }
        drop(decisions);
        drop(world);
        self.catch_up()?;
        Ok(done)
    }

    /// Makes sure that rules stand in the stream before anything is decided by them; whether any had to be written.
    fn publish(&mut self, day: Date, needed: Vec<Digest>) -> Result<bool, Failure> {
        let named = |rules: &&Rules| needed.contains(&rules.digest);
        let unknown = |rules: &&Rules| named(rules) && !self.known.published.has(rules.digest);
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

    /// Submits commands; of each why it was refused, if it was.
    pub(crate) fn refusals(&mut self, commands: Vec<Command>) -> Result<Vec<Option<String>>, Failure> {
        let answers = self.record(commands).into_iter();
        answers.map(|answer| answer.err().map(refusal).transpose()).collect()
    }

    /// A command of this program's own.
    pub(crate) fn command(&self, day: Date, name: &str, order: Order) -> Command {
        self.command_by(ACTOR, day, name, order)
    }

    /// A command of somebody's for the evening of a day.
    pub(crate) fn command_by(&self, actor: &str, day: Date, name: &str, order: Order) -> Command {
        self.known.command(actor, day, name, order)
    }

    pub(crate) fn catch_up(&mut self) -> Result<(), Failure> {
        let Business { desk, known, diary, .. } = self;
        desk.for_each_after(known.world.position(), |page| {
            for event in &page {
                known.apply(event);
                diary.note(event, &known.world);
            }
            Ok(())
        })
    }
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

/// What a rule forbids, as text; a ledger that failed is the caller's to report.
pub(crate) fn refusal(error: WriteError) -> Result<String, Failure> {
    match error {
        WriteError::Storage { .. } => Err(broken(chain(&error))),
        WriteError::Refused(_)
        | WriteError::SameIdOtherContent { .. }
        | WriteError::Erased { .. }
        | WriteError::TooLarge { .. }
        | WriteError::TimeRunsBackwards { .. }
        | WriteError::Moved { .. }
        | WriteError::Contended => Ok(chain(&error)),
    }
}

fn refused(error: &WriteError) -> Failure {
    Failure::input(chain(error))
}
