//! Carrying out an approved run: instruct what is listed, fix what leaves, let it go.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use ledger::order::{PaymentOrder, RunOrder};
use ledger::{Command, Store, WriteError};
use projections::floor::file::Mode;
use projections::payments::Planned;
use projections::plan::{Fate, Plan, Standpoint};
use projections::runs::{Placed, Stage};
use projections::topups::KeepBack;
use projections::views::PaymentStep;
use schemas::day::london_day;
use schemas::events::{PaymentInstructed, PaymentKind, TopUpRecovered};
use schemas::{CommandId, Digest, PaymentId, PersonId, RunId};

use super::files::{Files, ForBank, Hidden, Out, Writing, in_folder};
use super::{ATTEMPTS, contended};
use crate::business::{ACTOR, AT_ONCE, Business, instruct, refusal};
use crate::desk::random_id;
use crate::error::Failure;
use crate::known::Known;

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
    /// What was kept back of it, because top-ups had been paid for the same days.
    pub kept: Vec<KeepBack>,
    /// What had come back, and left again.
    pub again: Vec<Planned>,
    /// What did not.
    pub stayed: Vec<Stayed>,
    /// How many payments were called off, to be planned again.
    pub called_off: usize,
    /// What the ledger refused: whose, and why.
    pub problems: Vec<(String, String)>,
    /// The files there are now, the manifest last.
    pub files: Vec<PathBuf>,
    /// Who else had these files written, and on which day: a bank must get them once.
    pub written_before: Vec<Placed>,
    /// Whether nothing was done, because the files stand there already.
    pub nothing_done: bool,
}

/// What leaves in a run, fixed.
struct Fixed {
    leaving: Vec<(PersonId, PaymentId, Digest)>,
    stayed: Vec<Stayed>,
    digest: Digest,
    files: Option<Files>,
}

/// An order for a payment, its name, and to whom it is due.
type Ordered = (PersonId, String, PaymentOrder);

impl<S: Store> Business<'_, S> {
    /// Carries out an approved run, or goes on with one that was cut off. Doing it again comes to the same.
    ///
    /// # Errors
    /// The run was not approved; the ledger or a disk failed. Then it can be done again.
    pub fn carry_out(&mut self, run: RunId, out: Out<'_>) -> Result<Carried, Failure> {
        let plan = self.list_of(run)?;
        self.carry_out_list(run, plan, out)
    }

    /// Carries out an approved run into files for the bank, if no other run has to be finished before.
    ///
    /// # Errors
    /// As for [`Business::carry_out`]; another run's files are fixed and not everything of it is recorded.
    pub fn release_run(&mut self, run: RunId, wanted: ForBank<'_>) -> Result<Carried, Failure> {
        self.no_other_is_open(run)?;
        self.carry_out(run, Out::Files(wanted))
    }

    /// Refuses to go on while another run's files are fixed and not everything of it is recorded: what leaves in it does
    /// not look as if it had left.
    fn no_other_is_open(&mut self, run: RunId) -> Result<(), Failure> {
        if let Some(other) = self.unfinished()?.filter(|other| *other != run) {
            return Err(Failure::input(format!(
                "the files of run {other} are fixed, and not everything of it is recorded: release it first"
            )));
        }
        let fixed = self.known.runs.in_order().into_iter().filter(|(_, view)| view.released.is_some());
        self.finished.extend(fixed.map(|(other, _)| other).filter(|other| *other != run));
        Ok(())
    }

    /// The same, where the list of the run is at hand.
    pub(super) fn carry_out_list(&mut self, run: RunId, list: Plan, out: Out<'_>) -> Result<Carried, Failure> {
        let plan = &list;
        self.may_be_released(run)?;
        // Where all that is owed is kept back there is nothing to write.
        let out = if plan.payments().next().is_none() { Out::Listing } else { out };
        if let Out::Files(wanted) = out
            && let Some(carried) = self.written_before(run, wanted)?
        {
            return Ok(carried);
        }
        let mut carried = Carried::default();
        let fixed = match self.released(run)? {
            Some(released) => self.fixed_already(run, plan, out, released, &mut carried)?,
            None => {
                self.instruct_listed(run, plan, &mut carried)?;
                self.fix(run, plan, out, &mut carried)?
            }
        };
        self.let_go(run, &fixed, &mut carried)?;
        if let (Some(files), Out::Files(wanted)) = (fixed.files, out) {
            self.desk.checkpoint()?; // Money leaves with a file: what it rests on is signed before.
            self.place(run, files, wanted, &mut carried)?;
        }
        self.finished.insert(run);
        let left = &self.run(run)?.left;
        let left = list.into_payments().filter(|planned| left.contains(&planned.payment.payment));
        (carried.again, carried.left) = left.partition(|planned| self.was_sent_before(planned));
        carried.stayed = fixed.stayed;
        Ok(carried)
    }

    /// Nothing of a run is instructed before it is approved.
    fn may_be_released(&self, run: RunId) -> Result<(), Failure> {
        let view = self.run(run)?;
        match view.stage() {
            Stage::Approved | Stage::Released => Ok(()),
            Stage::Planned => {
                let (have, need) = (view.approved_by.len(), view.approvals);
                Err(Failure::input(format!("run {run} was not approved: it has {have} of {need} approvals")))
            }
            Stage::Abandoned => Err(Failure::input(format!("run {run} was abandoned"))),
        }
    }

    /// Where it was fixed what leaves in a run, and as what.
    fn released(&self, run: RunId) -> Result<Option<(u64, Digest)>, Failure> {
        Ok(self.run(run)?.released.as_ref().map(|released| (released.at, released.file)))
    }

    /// What is to be answered where the files of a run were written before: nothing is done where they stand already, those
    /// of a release that was stopped before they appeared do so now, and another copy is made for whoever says that it is one.
    fn written_before(&self, run: RunId, wanted: ForBank<'_>) -> Result<Option<Carried>, Failure> {
        let view = self.run(run)?;
        let (Some(digest), Some(Placed { by, on, .. })) = (view.files(), view.placed.first()) else { return Ok(None) };
        if let Some(hidden) = Hidden::left_in(wanted.folder, run, digest)?
            && view.placed.iter().any(|placed| placed.command == hidden.command)
        {
            let written_before = others(&view.placed, hidden.command);
            return Ok(Some(Carried { files: hidden.show()?, written_before, ..Carried::default() }));
        }
        if let Some(files) = in_folder(wanted.folder, run, digest)? {
            return Ok(Some(Carried { files, nothing_done: true, ..Carried::default() }));
        }
        if wanted.writing == Writing::Again {
            return Ok(None);
        }
        Err(Failure::input(format!(
            "the files of run {run} were written before, by {by} on {on}: sending them to the bank a second time would pay \
             everybody twice. Where that was stopped before they appeared, a release into the same folder finishes it. If \
             they are lost and the bank never got them, --again writes the same files once more"
        )))
    }

    /// Records that files appear and for whom, and lets them: whoever sees one can rely on its being in the ledger. The
    /// record rests on nobody's having recorded the same, so that of two who release at the same moment one gets files.
    fn place(&mut self, run: RunId, files: Files, wanted: ForBank<'_>, carried: &mut Carried) -> Result<(), Failure> {
        let (file, day) = (files.digest(), self.run(run)?.day);
        let folder = files.hold()?;
        self.catch_up()?; // What others put there while this one waited for the folder is recorded.
        if self.is_placed_by_others(run, wanted)? {
            drop(folder);
            return self.answer_placed(run, wanted, carried);
        }
        let id = CommandId(random_id());
        let hidden = files.hide(folder, id)?;
        for _ in 0..ATTEMPTS {
            let order = RunOrder::PlaceFiles { run, file };
            let command = Command { id, ..self.command_by(wanted.by, day, "", order.into()) };
            let answer = self.desk.submit_at(command, self.known.world.position());
            self.catch_up()?;
            match answer {
                Ok(_) => {
                    carried.written_before = others(&self.run(run)?.placed, id);
                    carried.files = hidden.show()?;
                    return Ok(());
                }
                Err(WriteError::Moved { .. }) if self.is_placed_by_others(run, wanted)? => {
                    hidden.remove();
                    return self.answer_placed(run, wanted, carried);
                }
                Err(WriteError::Moved { .. }) => {}
                Err(error) => {
                    let why = refusal(error)?; // Where it is not known whether it is recorded, they stay hidden.
                    hidden.remove();
                    let anew = self.run(run)?.files().filter(|fixed| *fixed != file); // By somebody else, meanwhile.
                    return Err(anew.map_or(Failure::input(why), |fixed| other_files(run, fixed, file)));
                }
            }
        }
        hidden.remove();
        Err(contended())
    }

    /// Whether somebody had the files of a run appear, and no further copy was asked for.
    fn is_placed_by_others(&self, run: RunId, wanted: ForBank<'_>) -> Result<bool, Failure> {
        Ok(wanted.writing != Writing::Again && !self.run(run)?.placed.is_empty())
    }

    /// Says of files that somebody else had appear meanwhile what is said of those that were there before.
    fn answer_placed(&mut self, run: RunId, wanted: ForBank<'_>, carried: &mut Carried) -> Result<(), Failure> {
        if let Some(Carried { files, written_before, nothing_done, .. }) = self.written_before(run, wanted)? {
            (carried.files, carried.written_before, carried.nothing_done) = (files, written_before, nothing_done);
        }
        Ok(())
    }

    /// Instructs every payment of the list that may leave as things are now, and before that keeps back what it keeps.
    fn instruct_listed(&mut self, run: RunId, plan: &Plan, carried: &mut Carried) -> Result<(), Failure> {
        self.keep_back(run, plan, carried)?;
        for part in plan.pays.chunks(AT_ONCE) {
            let orders = self.orders(run, plan, part, |Planned { person, payment }| {
                (*person, format!("instruct|{}", payment.payment), instruct(*person, payment))
            })?;
            self.give(plan, orders, carried)?;
        }
        for part in plan.reissues.chunks(AT_ONCE) {
            let orders = self.orders(run, plan, part, |Planned { person, payment }| {
                (*person, format!("reissue|{}|{run}", payment.payment), reissue(*person, payment))
            })?;
            self.give(plan, orders, carried)?;
        }
        self.catch_up()
    }

    /// Keeps back what the list keeps of what leaves as things are now.
    fn keep_back(&mut self, run: RunId, plan: &Plan, carried: &mut Carried) -> Result<(), Failure> {
        let standpoint = self.standpoint(run, plan, &self.known)?;
        // By its place in the list: two of them may be for the same top-up and period.
        let order = |(nth, keep): (usize, &KeepBack)| (keep.person, format!("keep|{run}|{nth}"), recover(keep));
        let orders = plan.keeps.iter().enumerate().filter(|(_, keep)| standpoint.keeps(keep)).map(order).collect();
        self.give(plan, orders, carried)?;
        self.catch_up()?;
        let standpoint = self.standpoint(run, plan, &self.known)?;
        carried.kept = plan.keeps.iter().filter(|keep| standpoint.is_kept(keep)).cloned().collect();
        Ok(())
    }

    /// The orders for those payments that may leave as things are now.
    fn orders(
        &self,
        run: RunId,
        plan: &Plan,
        part: &[Planned],
        order: impl Fn(&Planned) -> Ordered,
    ) -> Result<Vec<Ordered>, Failure> {
        let standpoint = self.standpoint(run, plan, &self.known)?;
        let leaving = part.iter().filter(|planned| standpoint.before_instruction(planned) == Fate::Leaves);
        Ok(leaving.map(order).collect())
    }

    /// Calls off what was instructed for an account that is not the payee's any more, or for more than is due by now.
    fn call_off(&mut self, run: RunId, plan: &Plan, carried: &mut Carried) -> Result<(), Failure> {
        let mut orders: Vec<Ordered> = Vec::new();
        let standpoint = self.standpoint(run, plan, &self.known)?;
        // What is sent again stays as it is: the next plan sends it to the account that is known by then.
        let listed = plan.waiting.iter().chain(&plan.pays);
        let moved = listed.filter(|planned| standpoint.is_to_be_called_off(planned));
        for planned in moved {
            let Planned { person, payment } = planned;
            let (person, payment) = (*person, payment.payment);
            let less = standpoint.fate(planned) == Fate::LessDue;
            let reason = if less { "less is due than was ordered" } else { "account changed" };
            let order = PaymentOrder::Cancel { person, payment, reason: reason.into() };
            orders.push((person, format!("cancel|{payment}|{run}"), order));
        }
        let moved = plan.waiting.iter().filter(|planned| standpoint.is_to_be_called_off(planned));
        let by_hand = moved.filter(|Planned { payment, .. }| nobody_plans(payment, self.rules.floor.mode));
        carried.problems.extend(by_hand.map(called_off));
        carried.called_off += orders.len();
        self.give(plan, orders, carried)?;
        self.catch_up()
    }

    fn was_sent_before(&self, Planned { person, payment }: &Planned) -> bool {
        let view = self.known.world.person(*person).and_then(|view| view.payment(payment.payment));
        view.is_some_and(|payment| payment.steps.iter().any(|step| matches!(step.step, PaymentStep::Reissued(_))))
    }

    fn standpoint<'k>(&'k self, run: RunId, plan: &Plan, known: &'k Known) -> Result<Standpoint<'k>, Failure> {
        let planned_at = self.run(run)?.planned_at;
        let today = known.last.map_or(plan.day, |last| london_day(last).max(plan.day));
        Ok(Standpoint { day: plan.day, today, planned_at, world: &known.world, law: &self.rules.law })
    }

    /// Fixes what leaves: records the digest of it right after everything that it rests on.
    fn fix(&mut self, run: RunId, plan: &Plan, out: Out<'_>, carried: &mut Carried) -> Result<Fixed, Failure> {
        for _ in 0..ATTEMPTS {
            self.call_off(run, plan, carried)?;
            if let Some(released) = self.released(run)? {
                return self.fixed_already(run, plan, out, released, carried); // By somebody else, meanwhile.
            }
            self.no_other_is_open(run)?; // Somebody may have fixed another meanwhile.
            let fixed = self.fixed(run, plan, out, &self.known)?;
            let by = match out {
                Out::Listing => ACTOR,
                Out::Files(_) if fixed.leaving.is_empty() => return Err(nothing_leaves(run, &fixed.stayed)),
                Out::Files(ForBank { by, .. }) => by,
            };
            let (order, known_to) = (RunOrder::Release { run, file: fixed.digest }, self.known.world.position());
            match (self.submit_now(plan.day, &format!("release|{run}"), by, order), self.released(run)?) {
                (Ok(true), Some((position, _))) if position == known_to + 1 => return Ok(fixed),
                // By another process, perhaps in the same words, and by what was known there.
                (Ok(_) | Err(_), Some(released)) => {
                    return self.fixed_already(run, plan, out, released, carried);
                }
                (Ok(_), None) => {}
                (Err(failure), None) => return Err(failure),
            }
        }
        Err(contended())
    }

    /// What was fixed at a position, as files or without any, worked out again.
    fn fixed_already(
        &mut self,
        run: RunId,
        plan: &Plan,
        out: Out<'_>,
        (position, digest): (u64, Digest),
        carried: &mut Carried,
    ) -> Result<Fixed, Failure> {
        if digest == plan.digest() {
            self.fixed_as_list(run, plan, out, position, carried)
        } else {
            self.fixed_before(run, plan, out, position)
        }
    }

    /// What was fixed at a position, worked out again; other files where they are made anew.
    fn fixed_before(&mut self, run: RunId, plan: &Plan, out: Out<'_>, position: u64) -> Result<Fixed, Failure> {
        let mut fixed = self.fixed(run, plan, out, &self.desk.known_at(position - 1)?)?;
        match (self.run(run)?.files(), out) {
            (Some(before), _) if before == fixed.digest => {}
            (_, Out::Files(wanted)) => {
                if wanted.writing == Writing::Anew {
                    self.nothing_is_answered(run, &fixed, "files were fixed for it")?;
                }
                self.file(run, fixed.digest, wanted)?;
                self.say_what_left_without_a_file(run, &mut fixed);
            }
            (before, Out::Listing) => return Err(other_files(run, before.unwrap_or(fixed.digest), fixed.digest)),
        }
        Ok(fixed)
    }

    /// What cannot stand in the files as they are made now, and is recorded as released.
    fn say_what_left_without_a_file(&self, run: RunId, fixed: &mut Fixed) {
        let unsendable = fixed.stayed.iter_mut().filter(|stayed| self.left_in(run, stayed.payment));
        unsendable.for_each(|stayed| {
            stayed.why = format!("{}; it is recorded as released and has to be paid in another way", stayed.why)
        });
    }

    /// What was fixed at a position without files. Where files are wanted for it now they are fixed first, once.
    fn fixed_as_list(
        &mut self,
        run: RunId,
        plan: &Plan,
        out: Out<'_>,
        position: u64,
        carried: &mut Carried,
    ) -> Result<Fixed, Failure> {
        let known = self.desk.known_at(position - 1)?;
        let as_list = self.fixed(run, plan, Out::Listing, &known)?;
        let Out::Files(wanted) = out else { return Ok(as_list) };
        self.let_go(run, &as_list, carried)?;
        if self.run(run)?.filed.is_none() || wanted.writing == Writing::Anew {
            self.nothing_is_answered(run, &as_list, "it left without files")?;
        }
        let mut fixed = self.fixed(run, plan, out, &known)?;
        self.file(run, fixed.digest, wanted)?;
        self.say_what_left_without_a_file(run, &mut fixed);
        Ok(Fixed { leaving: as_list.leaving, ..fixed })
    }

    /// Files are made for payments of which no bank knows yet: what it answered was paid by others.
    fn nothing_is_answered(&self, run: RunId, fixed: &Fixed, how: &str) -> Result<(), Failure> {
        let twice = "it was paid in another way, and files for it now would pay it again";
        for (person, payment, _) in &fixed.leaving {
            if self.is_answered(*person, *payment) {
                return Err(Failure::input(format!(
                    "run {run}: {how}, and a bank has answered payment {payment} of person {person} since: {twice}"
                )));
            }
            if let Some(other) = self.left_elsewhere(run, *payment) {
                return Err(Failure::input(format!(
                    "run {run}: {how}, and payment {payment} of person {person} was released in run {other} since: {twice}"
                )));
            }
        }
        Ok(())
    }

    /// The other run in which a payment left.
    fn left_elsewhere(&self, run: RunId, payment: PaymentId) -> Option<RunId> {
        let mut others = self.known.runs.in_order().into_iter().filter(|(other, _)| *other != run);
        others.find(|(_, view)| view.left.contains(&payment)).map(|(other, _)| other)
    }

    fn left_in(&self, run: RunId, payment: PaymentId) -> bool {
        self.known.runs.get(run).is_some_and(|view| view.left.contains(&payment))
    }

    /// Records the digest of files that are made for a run which left without any, or in the place of others that never
    /// appeared.
    fn file(&mut self, run: RunId, file: Digest, ForBank { by, writing, .. }: ForBank<'_>) -> Result<(), Failure> {
        let name = format!("file|{run}|{file}|{by}");
        let command = self.command_by(by, self.run(run)?.day, &name, RunOrder::File { run, file }.into());
        let answer = match self.run(run)?.files() {
            Some(fixed) if fixed == file => Ok(()),
            Some(fixed) if writing != Writing::Anew => return Err(other_files(run, fixed, file)),
            Some(_) | None => self.submit(vec![command]),
        };
        self.catch_up()?;
        match self.run(run)?.files() {
            Some(fixed) if fixed == file => Ok(()),
            Some(fixed) => answer.and(Err(other_files(run, fixed, file))),
            None => answer,
        }
    }

    /// What of a list leaves, by what was known.
    fn fixed(&self, run: RunId, plan: &Plan, out: Out<'_>, known: &Known) -> Result<Fixed, Failure> {
        let standpoint = self.standpoint(run, plan, known)?;
        let (mut leaving, mut stayed): (Vec<&Planned>, Vec<Stayed>) = (Vec::new(), Vec::new());
        for planned in plan.payments() {
            let fate = standpoint.fate(planned);
            match (fate, fate.why()) {
                (_, None) => leaving.push(planned),
                (Fate::Gone, Some(_)) => stayed.push(Stayed::new(planned, &gone(run, planned, known))),
                (Fate::Leaves | Fate::Held(_) | Fate::AccountChanged | Fate::LessDue, Some(why)) => {
                    stayed.push(Stayed::new(planned, why));
                }
            }
        }
        let Out::Files(wanted) = out else {
            let digest = plan.digest();
            let leaving =
                leaving.into_iter().map(|planned| (planned.person, planned.payment.payment, digest)).collect();
            return Ok(Fixed { leaving, stayed, digest, files: None });
        };
        let created = self.run(run)?.approved_at.unwrap_or(Timestamp::UNIX_EPOCH);
        let (files, unsendable) = Files::make(self, known, run, created, plan.day, wanted, &leaving)?;
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
        let listing = view.released.as_ref().is_some_and(|released| released.file == view.digest);
        for planned in plan.payments().filter(|planned| !view.left.contains(&planned.payment.payment)) {
            let leaves = standpoint.fate(planned) == Fate::Leaves;
            if leaves
                && !self.has_left(planned.person, planned.payment.payment)
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

    /// Whether a payment left, as the bank says or as it was recorded, in this run or by somebody's order in another.
    fn has_left(&self, person: PersonId, payment: PaymentId) -> bool {
        let view = self.known.world.person(person).and_then(|view| view.payment(payment));
        let last = view.and_then(|payment| payment.steps.last()).map(|progress| &progress.step);
        matches!(last, Some(PaymentStep::Released(..))) || self.is_answered(person, payment)
    }

    /// Records of every payment that leaves in which file it left.
    fn let_go(&mut self, run: RunId, fixed: &Fixed, carried: &mut Carried) -> Result<(), Failure> {
        let view = self.run(run)?;
        let is_missing = |(person, payment, _): &&(PersonId, PaymentId, Digest)| {
            !view.left.contains(payment) && !self.has_left(*person, *payment)
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
    fn give(&mut self, plan: &Plan, orders: Vec<Ordered>, carried: &mut Carried) -> Result<(), Failure> {
        let (whose, commands): (Vec<PersonId>, Vec<Command>) = orders
            .into_iter()
            .map(|(person, name, order)| (person, self.command(plan.day, &name, order.into())))
            .unzip();
        let refused = self.refusals(commands)?;
        carried.note(whose.into_iter().zip(refused));
        Ok(())
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

/// Who else had the files of a run appear.
fn others(placed: &[Placed], own: CommandId) -> Vec<Placed> {
    placed.iter().filter(|placed| placed.command != own).cloned().collect()
}

/// The order that keeps something back.
fn recover(KeepBack { person, recovered }: &KeepBack) -> PaymentOrder {
    let TopUpRecovered { top_up, for_whom, days, claim, period, payee, lines, amount, cause } = recovered;
    PaymentOrder::RecoverTopUp {
        person: *person,
        top_up: *top_up,
        for_whom: *for_whom,
        days: *days,
        claim: *claim,
        period: *period,
        payee: *payee,
        lines: lines.clone(),
        amount: *amount,
        cause: *cause,
    }
}

/// Whether a payment that is called off is in no later plan, because somebody ordered it and nothing known gives it.
fn nobody_plans(payment: &PaymentInstructed, floor: Mode) -> bool {
    match payment.kind {
        PaymentKind::CrisisGrant => true,
        PaymentKind::TopUp => floor == Mode::Measure,
        PaymentKind::Arrears => payment.period.is_none(),
        PaymentKind::Award | PaymentKind::Advance | PaymentKind::Hardship | PaymentKind::ThirdParty => false,
    }
}

/// What somebody has to know of a payment that nobody plans again.
fn called_off(Planned { person, payment }: &Planned) -> (String, String) {
    let why = format!(
        "the {} of {} ordered for {} was called off, because the account of the payee changed; it is not planned again: \
         order it again if it is still needed",
        payment.kind, payment.amount, payment.due_on
    );
    (format!("person {person}"), why)
}

/// What became of a listed payment that is there no more for this run to send.
fn gone(run: RunId, Planned { person, payment }: &Planned, known: &Known) -> String {
    let view = known.world.person(*person).and_then(|view| view.payment(payment.payment));
    let Some(view) = view else { return "it was never instructed".into() };
    let elsewhere = known.runs.in_which(payment.payment).find(|other| *other != run);
    let elsewhere = elsewhere.map(|other| format!(" in run {other}")).unwrap_or_default();
    match view.steps.last().map(|progress| (&progress.step, progress.known_on)) {
        Some((PaymentStep::Released(_, on), _)) => format!("it left on {on} already{elsewhere}"),
        Some((PaymentStep::Accepted | PaymentStep::Settled(_), _)) => {
            format!("it left already{elsewhere}, and the bank answered")
        }
        Some((PaymentStep::Returned(on, _), _)) => format!("it left{elsewhere} and came back on {on}"),
        Some((PaymentStep::Cancelled, on)) => format!("it was called off on {on}"),
        Some((PaymentStep::Reissued(_), _)) | None => "it is sent another way".into(),
    }
}

/// Why files are not made for nothing.
fn nothing_leaves(run: RunId, stayed: &[Stayed]) -> Failure {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    stayed.iter().for_each(|stayed| *reasons.entry(&stayed.why).or_default() += 1);
    let reasons: String =
        reasons.iter().map(|(why, count)| format!("\n  {count} of {}: {why}", stayed.len())).collect();
    Failure::input(format!(
        "nothing of run {run} can leave: no file was made, and it stays approved. Release it when that changes, or give it \
         up with `footing pay abandon {run} --reason TEXT`{reasons}"
    ))
}

fn other_files(run: RunId, fixed: Digest, now: Digest) -> Failure {
    let why = "was it another bank file? If they were never written and cannot be made the same any more, --anew makes others \
               in their place";
    Failure::input(format!("the files of run {run} were fixed as {fixed}, and come to {now} now: {why}"))
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
