//! Carrying out an approved run: instruct what is listed, fix what leaves, let it go.

use std::path::PathBuf;

use jiff::Timestamp;
use ledger::order::{PaymentOrder, RunOrder};
use ledger::{Command, Store};
use projections::payments::Planned;
use projections::plan::{Fate, Plan, Standpoint};
use projections::views::PaymentStep;
use schemas::day::london_day;
use schemas::{Digest, PaymentId, PersonId, RunId};

use super::files::{Files, Out};
use super::{ATTEMPTS, contended};
use crate::business::{ACTOR, Business, instruct};
use crate::error::Failure;
use crate::known::Known;

/// How many commands are given at once: enough for whole appends, few enough for memory.
const AT_ONCE: usize = 10_000;

/// A listed payment that did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stayed {
    /// Who is entitled.
    pub person: PersonId,
    /// Which.
    pub payment: PaymentId,
    /// Why.
    pub why: String,
}

/// What carrying out a run came to.
#[derive(Debug, Default)]
pub struct Carried {
    /// What left for the first time.
    pub left: Vec<Planned>,
    /// What did not.
    pub stayed: Vec<Stayed>,
    /// How many payments were called off, to be planned again.
    pub called_off: usize,
    /// What the ledger refused: whose, and why.
    pub problems: Vec<(String, String)>,
    /// The files there are now, the manifest last.
    pub files: Vec<PathBuf>,
}

/// What leaves in a run, fixed.
struct Fixed {
    leaving: Vec<(PersonId, PaymentId, Digest)>,
    stayed: Vec<Stayed>,
    digest: Digest,
    files: Option<Files>,
}

impl<S: Store> Business<'_, S> {
    /// Carries out an approved run, or goes on with one that was cut off. Doing it again comes to the same.
    ///
    /// # Errors
    /// The run was not approved; the ledger or a disk failed. Then it can be done again.
    pub fn carry_out(&mut self, run: RunId, out: Out<'_>) -> Result<Carried, Failure> {
        let plan = self.list_of(run)?;
        self.carry_out_list(run, &plan, out)
    }

    /// The same, where the list of the run is at hand.
    pub(super) fn carry_out_list(&mut self, run: RunId, plan: &Plan, out: Out<'_>) -> Result<Carried, Failure> {
        let mut carried = Carried::default();
        let fixed = match self.run(run)?.released {
            Some((position, digest)) => self.fixed_before(run, plan, out, position, digest)?,
            None => {
                self.instruct_listed(run, plan, &mut carried)?;
                self.fix(run, plan, out, &mut carried)?
            }
        };
        self.let_go(run, &fixed, &mut carried)?;
        if fixed.files.is_some() {
            self.desk.checkpoint()?; // Money leaves with a file: what it rests on is signed before.
        }
        carried.files = fixed.files.map(Files::place).transpose()?.unwrap_or_default();
        self.finished.insert(run);
        let left = &self.run(run)?.left;
        let left = plan.payments().filter(|planned| left.contains(&planned.payment.payment));
        carried.left = left.filter(|planned| !self.was_sent_before(planned)).cloned().collect();
        carried.stayed = fixed.stayed;
        Ok(carried)
    }

    /// Instructs every payment of the list that may leave as things are now.
    fn instruct_listed(&mut self, run: RunId, plan: &Plan, carried: &mut Carried) -> Result<(), Failure> {
        let mut orders: Vec<(PersonId, String, PaymentOrder)> = Vec::new();
        let standpoint = self.standpoint(run, plan, &self.known)?;
        for planned in &plan.pays {
            if standpoint.before_instruction(planned) == Fate::Leaves {
                let payment = &planned.payment;
                orders.push((
                    planned.person,
                    format!("instruct|{}", payment.payment),
                    instruct(planned.person, payment),
                ));
            }
        }
        for planned in &plan.reissues {
            let (person, payment) = (planned.person, &planned.payment);
            if standpoint.before_instruction(planned) == Fate::Leaves {
                orders.push((person, format!("reissue|{}|{run}", payment.payment), reissue(person, payment)));
            }
        }
        self.give(plan, orders, carried)
    }

    /// Calls off what was instructed for an account that is not the payee's any more.
    fn call_off(&mut self, run: RunId, plan: &Plan, carried: &mut Carried) -> Result<(), Failure> {
        let mut orders: Vec<(PersonId, String, PaymentOrder)> = Vec::new();
        let standpoint = self.standpoint(run, plan, &self.known)?;
        let moved = plan.payments().filter(|planned| standpoint.is_to_be_called_off(planned));
        for Planned { person, payment } in moved {
            let (person, payment) = (*person, payment.payment);
            let order = PaymentOrder::Cancel { person, payment, reason: "account changed".into() };
            orders.push((person, format!("cancel|{payment}"), order));
        }
        carried.called_off += orders.len();
        self.give(plan, orders, carried)
    }

    fn was_sent_before(&self, Planned { person, payment }: &Planned) -> bool {
        let view = self.known.world.person(*person).and_then(|view| view.payment(payment.payment));
        view.is_some_and(|payment| payment.steps.iter().any(|step| matches!(step.step, PaymentStep::Reissued(_))))
    }

    fn standpoint<'k>(&self, run: RunId, plan: &Plan, known: &'k Known) -> Result<Standpoint<'k>, Failure> {
        let planned_at = self.run(run)?.planned_at;
        let today = known.last.map_or(plan.day, |last| london_day(last).max(plan.day));
        Ok(Standpoint { day: plan.day, today, planned_at, world: &known.world })
    }

    /// Fixes what leaves: records the digest of it right after everything that it rests on.
    fn fix(&mut self, run: RunId, plan: &Plan, out: Out<'_>, carried: &mut Carried) -> Result<Fixed, Failure> {
        for _ in 0..ATTEMPTS {
            self.call_off(run, plan, carried)?;
            let fixed = self.fixed(run, plan, out, &self.known)?;
            let order = RunOrder::Release { run, file: fixed.digest };
            match (self.submit_now(plan.day, &format!("release|{run}"), ACTOR, order), self.run(run)?.released) {
                (Ok(true), _) => return Ok(fixed),
                (Ok(false) | Err(_), Some((position, digest))) => {
                    return self.fixed_before(run, plan, out, position, digest);
                }
                (Ok(false), None) => {}
                (Err(failure), None) => return Err(failure),
            }
        }
        Err(contended())
    }

    /// What was fixed at a position, worked out again.
    fn fixed_before(
        &self,
        run: RunId,
        plan: &Plan,
        out: Out<'_>,
        position: u64,
        digest: Digest,
    ) -> Result<Fixed, Failure> {
        let fixed = self.fixed(run, plan, out, &self.desk.known_at(position - 1)?)?;
        if fixed.digest == digest {
            return Ok(fixed);
        }
        let why = match digest == plan.digest() {
            true => format!("run {run} was released by `footing run`, without files"),
            false => format!(
                "run {run} was released as {digest}, and its files come to {} now: was it another bank file?",
                fixed.digest
            ),
        };
        Err(Failure::input(why))
    }

    /// What of a list leaves, by what was known.
    fn fixed(&self, run: RunId, plan: &Plan, out: Out<'_>, known: &Known) -> Result<Fixed, Failure> {
        let standpoint = self.standpoint(run, plan, known)?;
        let (mut leaving, mut stayed): (Vec<&Planned>, Vec<Stayed>) = (Vec::new(), Vec::new());
        for planned in plan.payments() {
            match standpoint.fate(planned).why() {
                None => leaving.push(planned),
                Some(why) => stayed.push(Stayed::new(planned, why)),
            }
        }
        let Out::Folder { folder, bank } = out else {
            let digest = plan.digest();
            let leaving =
                leaving.into_iter().map(|planned| (planned.person, planned.payment.payment, digest)).collect();
            return Ok(Fixed { leaving, stayed, digest, files: None });
        };
        let created = self.run(run)?.approved_at.unwrap_or(Timestamp::UNIX_EPOCH);
        let (files, unsendable) = Files::make(self, known, run, created, plan.day, (folder, bank), &leaving)?;
        stayed.extend(unsendable.iter().map(|(planned, why)| Stayed::new(planned, why)));
        let by_payment = files.by_payment();
        let in_file = |planned: &Planned| {
            let payment = planned.payment.payment;
            by_payment.get(&payment).map(|file| (planned.person, payment, *file))
        };
        let leaving = leaving.into_iter().filter_map(in_file).collect();
        Ok(Fixed { leaving, stayed, digest: files.digest(), files: Some(files) })
    }

    /// Whether a payment that left by what was fixed at a position is not recorded as released. Whoever pays does not
    /// matter to that, so that no bank file is needed to tell.
    pub(super) fn is_missing_some(&self, run: RunId, position: u64) -> Result<bool, Failure> {
        let (plan, known) = (self.list_of(run)?, self.desk.known_at(position - 1)?);
        let (standpoint, view) = (self.standpoint(run, &plan, &known)?, self.run(run)?);
        let listing = view.released.is_some_and(|(_, file)| file == view.digest);
        for planned in plan.payments().filter(|planned| !view.left.contains(&planned.payment.payment)) {
            let leaves = standpoint.fate(planned) == Fate::Leaves;
            if leaves
                && !self.is_answered(planned.person, planned.payment.payment)
                && (listing || self.outgoing(planned, &known, plan.day)?.is_ok())
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the bank said already what became of a payment: then it left, in whichever file.
    fn is_answered(&self, person: PersonId, payment: PaymentId) -> bool {
        let view = self.known.world.person(person).and_then(|view| view.payment(payment));
        match view.and_then(|payment| payment.steps.last()).map(|progress| &progress.step) {
            Some(PaymentStep::Accepted | PaymentStep::Settled(_) | PaymentStep::Returned(..)) => true,
            None | Some(PaymentStep::Released(..) | PaymentStep::Reissued(_) | PaymentStep::Cancelled) => false,
        }
    }

    /// Records of every payment that leaves in which file it left.
    fn let_go(&mut self, run: RunId, fixed: &Fixed, carried: &mut Carried) -> Result<(), Failure> {
        let view = self.run(run)?;
        let is_missing = |(person, payment, _): &&(PersonId, PaymentId, Digest)| {
            !view.left.contains(payment) && !self.is_answered(*person, *payment)
        };
        let missing: Vec<_> = fixed.leaving.iter().filter(is_missing).collect();
        let (day, mut given) = (view.day, Vec::new());
        for part in missing.chunks(AT_ONCE) {
            let commands = part.iter().map(|(person, payment, file)| {
                let order = PaymentOrder::Release { person: *person, payment: *payment, run, file: *file };
                self.command(day, &format!("release|{payment}|{run}"), order.into())
            });
            let commands: Vec<Command> = commands.collect();
            given.extend(part.iter().map(|(person, ..)| *person).zip(self.refusals(commands)?));
        }
        carried.note(given);
        self.catch_up()
    }

    /// Gives orders, and notes what was refused.
    fn give(
        &mut self,
        plan: &Plan,
        orders: Vec<(PersonId, String, PaymentOrder)>,
        carried: &mut Carried,
    ) -> Result<(), Failure> {
        if orders.is_empty() {
            return Ok(());
        }
        let mut orders = orders.into_iter().peekable();
        while orders.peek().is_some() {
            let (mut whose, mut commands) = (Vec::new(), Vec::new());
            for (person, name, order) in orders.by_ref().take(AT_ONCE) {
                whose.push(person);
                commands.push(self.command(plan.day, &name, order.into()));
            }
            let refused = self.refusals(commands)?;
            carried.note(whose.into_iter().zip(refused));
        }
        self.catch_up()
    }
}

impl Stayed {
    fn new(Planned { person, payment }: &Planned, why: &str) -> Stayed {
        Stayed { person: *person, payment: payment.payment, why: why.into() }
    }
}

impl Carried {
    fn note(&mut self, given: impl IntoIterator<Item = (PersonId, Option<String>)>) {
        let refused = given.into_iter().filter_map(|(person, why)| Some((format!("person {person}"), why?)));
        self.problems.extend(refused);
    }
}

/// The order that sends a returned payment again.
fn reissue(person: PersonId, payment: &schemas::events::PaymentInstructed) -> PaymentOrder {
    PaymentOrder::Reissue {
        person,
        payment: payment.payment,
        due_on: payment.due_on,
        channel: payment.channel,
        account: payment.account.clone(),
        account_holders: Some(payment.account_holders.clone()),
    }
}
