//! A payment run on the real ledger: listed, approved by its digest, instructed, and let go.
//!
//! Nothing of a run is kept but the stream. Its list is the plan that follows from everything recorded before the run was
//! planned; what leaves in it is what of that list could leave when its files were fixed. Both follow again from the same
//! positions, so that a run which was cut off anywhere goes on to the same payments and the same bytes.

mod files;
mod release;
mod stale;

pub use files::{ForBank, Out, Writing};
pub use release::{Carried, Stayed};

use jiff::civil::Date;
use ledger::order::RunOrder;
use ledger::{Store, WriteError};
use projections::payments::derived_uuid;
use projections::plan::Plan;
use projections::runs::{RunView, Stage};
use schemas::{Amount, Digest, RunId};

use crate::business::{ACTOR, Business, Evening, refusal};
use crate::error::Failure;

/// How often something is worked out again because somebody else recorded something meanwhile.
const ATTEMPTS: u32 = 100;

/// A run with its list.
pub struct Planned {
    /// Which run.
    pub run: RunId,
    /// What leaves in it.
    pub plan: Plan,
    /// Whether it was planned before.
    pub known: bool,
}

/// What became of an attempt to plan.
enum Attempt {
    /// A list.
    Planned(Planned),
    /// Nothing has to leave.
    Nothing,
    /// Somebody recorded something first, so that the list may be another one.
    Overtaken,
}

impl<S: Store> Business<'_, S> {
    /// Pays what is due on the evening of a day: goes on with runs that were cut off, then plans and carries out until what
    /// had to be called off is planned again.
    pub(crate) fn pay(&mut self, day: Date, evening: &mut Evening) -> Result<(), Failure> {
        self.desk.checkpoint()?;
        if !self.finish_runs(day, evening)? {
            return Ok(());
        }
        if self.is_left_to_people() {
            return self.abandon_overtaken(day);
        }
        for _ in 0..ATTEMPTS {
            // Somebody may have planned a list while this one was worked out.
            if self.is_with_people(day, evening) {
                return Ok(());
            }
            let planned = match self.plan_once(day, None, ACTOR)? {
                Attempt::Overtaken => continue,
                Attempt::Nothing => return self.abandon_overtaken(day),
                Attempt::Planned(planned) => planned,
            };
            evening.problems.extend(planned.plan.cannot.iter().cloned());
            if !self.approve_own(&planned, evening)? {
                return self.abandon_overtaken(day);
            }
            let carried = self.carry_out_list(planned.run, planned.plan, Out::Listing)?;
            let again = carried.called_off > 0;
            evening.take(carried);
            if !again {
                return self.abandon_overtaken(day);
            }
        }
        Err(contended())
    }

    /// Approves what was planned in the evening; whether it is to be carried out.
    fn approve_own(&mut self, Planned { run, plan, known }: &Planned, evening: &mut Evening) -> Result<bool, Failure> {
        let view = self.run(*run)?;
        match view.stage() {
            Stage::Approved => Ok(true),
            Stage::Released | Stage::Abandoned => Ok(false),
            Stage::Planned if view.approvals > 1 => {
                let why = format!("it waits for approval: footing pay approve {run} --digest {}", view.digest);
                evening.problems.push((format!("run {run}"), why));
                Ok(false)
            }
            Stage::Planned => {
                let (digest, name) = (view.digest, format!("approve|{run}|{ACTOR}"));
                let order = RunOrder::Approve { run: *run, digest };
                // What was planned just now is what would be planned, as long as nothing else is recorded before it.
                if *known || !self.submit_now(plan.day, &name, ACTOR, order)? {
                    self.approve_run(*run, digest, ACTOR)?;
                }
                Ok(true)
            }
        }
    }

    /// Whether every list needs more approvals than this program can give.
    pub fn is_left_to_people(&self) -> bool {
        self.known.runs.approvals().required() > 1
    }

    /// Lists that wait for people to approve or release them, in order of their plan.
    pub fn waiting_lists(&self) -> Vec<(RunId, &RunView)> {
        let waits = |view: &RunView| matches!(view.stage(), Stage::Planned | Stage::Approved);
        self.known.runs.in_order().into_iter().filter(|(_, view)| waits(view)).collect()
    }

    /// Whether a list waits for people to approve or release it. Nothing is paid beside it: what they have before them would
    /// be paid by nobody's approval.
    fn is_with_people(&self, day: Date, evening: &mut Evening) -> bool {
        let theirs = |view: &RunView| view.day <= day && (view.planned_by != ACTOR || view.approvals > 1);
        let open: Vec<(RunId, &RunView)> = self.waiting_lists().into_iter().filter(|(_, view)| theirs(view)).collect();
        for (run, view) in &open {
            let why = format!(
                "the list of {} by {} waits: footing pay approve, release or abandon it; until then nothing is paid here",
                view.day, view.planned_by
            );
            evening.problems.push((format!("run {run}"), why));
        }
        !open.is_empty()
    }

    /// Goes on with what was cut off on a day; whether anything further may be paid.
    fn finish_runs(&mut self, day: Date, evening: &mut Evening) -> Result<bool, Failure> {
        let cut_off = |view: &RunView| {
            let own = view.stage() == Stage::Approved && view.planned_by == ACTOR;
            view.day <= day && own
        };
        let open = self.known.runs.in_order().into_iter().filter(|(_, view)| cut_off(view)).map(|(run, _)| run);
        let mut open: Vec<RunId> = open.collect();
        let last = self.unfinished()?;
        if last.is_none() {
            self.finished.extend(
                self.known.runs.in_order().into_iter().filter(|(_, run)| run.released.is_some()).map(|(run, _)| run),
            );
        }
        open.extend(last.filter(|run| self.day_of(*run) <= Some(day)));
        for run in open {
            let view = self.run(run)?;
            if view.released.as_ref().is_some_and(|released| released.file != view.digest) {
                let why = "its files are fixed, and not every payment of it is recorded as released; nothing else is paid \
                           before: footing pay release finishes it";
                evening.problems.push((format!("run {run}"), why.into()));
                return Ok(false);
            }
            let carried = self.carry_out(run, Out::Listing)?;
            evening.take(carried);
        }
        Ok(true)
    }

    /// The run of which not everything that left is recorded as released: of those whose files are fixed it can only be
    /// the last, because nothing else is paid before.
    ///
    /// # Errors
    /// As for [`Business::list_of`].
    pub fn unfinished(&self) -> Result<Option<RunId>, Failure> {
        let fixed = self
            .known
            .runs
            .in_order()
            .into_iter()
            .filter_map(|(run, view)| Some((view.released.as_ref()?.at, run, view)));
        let Some((position, run, view)) = fixed.max_by_key(|(position, ..)| *position) else { return Ok(None) };
        let whole = usize::try_from(view.payments).is_ok_and(|payments| payments == view.left.len());
        let open = !whole && !self.finished.contains(&run) && self.is_missing_some(run, position)?;
        Ok(open.then_some(run))
    }

    /// Lists what has to leave on the evening of a day and records the list; none where nothing has to.
    ///
    /// # Errors
    /// The ledger failed or refuses the list.
    pub fn plan_run(&mut self, day: Date, approvals: Option<u8>, actor: &str) -> Result<Option<Planned>, Failure> {
        for _ in 0..ATTEMPTS {
            match self.plan_once(day, approvals, actor)? {
                Attempt::Planned(planned) => return Ok(Some(planned)),
                Attempt::Nothing => return Ok(None),
                Attempt::Overtaken => {}
            }
        }
        Err(contended())
    }

    /// The same, unless somebody else records something first.
    fn plan_once(&mut self, day: Date, approvals: Option<u8>, actor: &str) -> Result<Attempt, Failure> {
        let plan = self.plan(day);
        if plan.is_empty() {
            return Ok(Attempt::Nothing);
        }
        let digest = plan.digest();
        let run = self.name_of_run(day, digest);
        if self.known.runs.get(run).is_some() {
            return Ok(Attempt::Planned(Planned { run, plan, known: true }));
        }
        let totals = plan.totals().all;
        let total = Amount::new(totals.amount).map_err(|error| Failure::input(format!("total: {error}")))?;
        let order = RunOrder::Plan { run, day, digest, payments: totals.payments, total, approvals };
        let recorded = self.submit_now(day, &format!("plan|{run}|{actor}"), actor, order)?;
        Ok(if recorded { Attempt::Planned(Planned { run, plan, known: false }) } else { Attempt::Overtaken })
    }

    /// Approves the list of a run as somebody, if it is still the list that would be planned now.
    ///
    /// # Errors
    /// [`Failure::Input`] when it is not, with what changed; when another list is meant; when the actor may not.
    pub fn approve_run(&mut self, run: RunId, digest: Digest, actor: &str) -> Result<(), Failure> {
        for _ in 0..ATTEMPTS {
            let view = self.run(run)?;
            let (day, planned) = (view.day, view.digest);
            if view.stage() == Stage::Planned {
                if view.approved_by.iter().any(|by| by == actor) {
                    let approvals = view.approvals;
                    let why =
                        format!("actor: {actor} approved run {run} already; it needs {approvals} different people");
                    return Err(Failure::input(why));
                }
                let now = self.plan(day);
                if now.digest() != planned {
                    let then = self.list_of(run)?;
                    return Err(Failure::input(stale::changes(run, &then, &now)));
                }
            }
            if self.submit_now(day, &format!("approve|{run}|{actor}"), actor, RunOrder::Approve { run, digest })? {
                return Ok(());
            }
        }
        Err(contended())
    }

    /// Gives up a run that was not released.
    ///
    /// # Errors
    /// The ledger refuses it.
    pub fn abandon_run(&mut self, run: RunId, reason: &str, actor: &str) -> Result<(), Failure> {
        let day = self.run(run)?.day;
        let order = RunOrder::Abandon { run, reason: reason.into() };
        let command = self.command_by(actor, day, &format!("abandon|{run}"), order.into());
        self.submit(vec![command])
    }

    /// Gives up lists of this program's own that were never approved, because the ledger went on before.
    fn abandon_overtaken(&mut self, day: Date) -> Result<(), Failure> {
        let own = |view: &RunView| view.day == day && view.planned_by == ACTOR && view.approvals == 1;
        let runs = self.known.runs.in_order().into_iter();
        let left: Vec<RunId> =
            runs.filter(|(_, view)| own(view) && view.stage() == Stage::Planned).map(|(run, _)| run).collect();
        left.into_iter().try_for_each(|run| self.abandon_run(run, "the ledger went on before it was approved", ACTOR))
    }

    /// The list of a run: the plan that follows from everything recorded before it was planned.
    ///
    /// # Errors
    /// [`Failure::Input`] when other rules give another list.
    pub fn list_of(&self, run: RunId) -> Result<Plan, Failure> {
        let view = self.run(run)?;
        let now = self.plan(view.day);
        if now.digest() == view.digest {
            return Ok(now);
        }
        let then = self.desk.known_at(view.planned_at - 1)?.plan(view.day, self.rules);
        if then.digest() == view.digest {
            return Ok(then);
        }
        let (day, name, was, is) = (view.day, &self.rules.name, view.digest, then.digest());
        let otherwise = match view.stage() {
            Stage::Planned | Stage::Approved => format!(
                "nobody can release it any more: give it up (footing pay abandon {run} --reason TEXT) and plan again \
                 (footing pay plan --day {day})"
            ),
            Stage::Released | Stage::Abandoned => "only the program that planned it can go on with it".into(),
        };
        Err(Failure::input(format!(
            "the list of run {run} cannot be made again: it was planned as {was}, and under {name} it comes to {is}. If it was \
             planned under another rulebook, name that with --rules; if the program or its rules were changed since, {otherwise}"
        )))
    }

    /// What is known of a run.
    ///
    /// # Errors
    /// [`Failure::Input`] when there is no such run.
    pub fn run(&self, run: RunId) -> Result<&RunView, Failure> {
        self.known.runs.get(run).ok_or_else(|| Failure::input(format!("run {run} was never planned")))
    }

    fn day_of(&self, run: RunId) -> Option<Date> {
        self.known.runs.get(run).map(|view| view.day)
    }

    /// Submits an order that rests on everything known; whether it was recorded, or something else was before it.
    pub(super) fn submit_now(&mut self, day: Date, name: &str, actor: &str, order: RunOrder) -> Result<bool, Failure> {
        let command = self.command_by(actor, day, name, order.into());
        let answer = self.desk.submit_at(command, self.known.world.position());
        self.catch_up()?;
        match answer {
            Ok(_) => Ok(true),
            Err(WriteError::Moved { .. }) => Ok(false),
            Err(error) => Err(Failure::input(refusal(error)?)),
        }
    }

    /// The name of a run: of its day and list, and of how often the same list was given up.
    fn name_of_run(&self, day: Date, digest: Digest) -> RunId {
        let given_up = |run: &RunId| self.known.runs.get(*run).is_some_and(|view| view.stage() == Stage::Abandoned);
        let name = |attempt: u32| RunId(derived_uuid(&format!("run|{day}|{digest}|{attempt}")));
        (0..ATTEMPTS).map(name).find(|run| !given_up(run)).unwrap_or_else(|| name(ATTEMPTS))
    }
}

fn contended() -> Failure {
    Failure::input("other programs wrote to the ledger all the time; try again")
}
