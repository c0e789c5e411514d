//! A payment run: a list that is proposed, approved by its digest by as many people as it asks for, and released.

use std::collections::BTreeSet;

use schemas::events::{
    Event, RunAbandoned, RunApprovalsAsked, RunApproved, RunEvent, RunFiled, RunFilesPlaced, RunPlanned, RunReleased,
};
use schemas::{Digest, RunId};

use crate::approvals::{self, Approvals, one_person};
use crate::order::RunOrder;
use crate::world::World;

/// How far a run came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Run {
    /// Never planned.
    #[default]
    NotPlanned,
    /// Proposed, and not yet approved by everybody who has to.
    Planned(Proposal),
    /// Approved.
    Approved {
        /// The digest of its list.
        listing: Digest,
    },
    /// What leaves is fixed, and every payment of it leaves.
    Released {
        /// The digest of its list.
        listing: Digest,
        /// The digest of the manifest of its files; that of its list where it has no files yet.
        file: Digest,
        /// Whether its files appeared.
        placed: bool,
    },
    /// Given up.
    Abandoned,
    /// No run, but what holds for every one: see [`RunId::EVERY`].
    Every(Approvals),
}

/// A list that waits for approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Exactly the list with this digest.
    pub digest: Digest,
    /// How many different people have to approve it.
    pub approvals: u8,
    /// Who planned it.
    pub planned_by: String,
    /// Who approved it so far, however they typed their name.
    pub approved_by: BTreeSet<String>,
}

/// Why nothing about a run may be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The run's stage does not allow it.
    #[error("run {run} cannot be {wanted}: it {stage}")]
    WrongStage {
        /// Which.
        run: RunId,
        /// What was to be recorded.
        wanted: &'static str,
        /// How far it came.
        stage: &'static str,
    },
    /// Another list was approved.
    #[error("digest: run {run} was planned as {planned}, not as {approved}")]
    OtherList {
        /// Which run.
        run: RunId,
        /// The digest planned.
        planned: Digest,
        /// The digest to be approved.
        approved: Digest,
    },
    /// How many people approve a list is not for whoever plans it to lower.
    #[error("approvals: {given} is fewer than the {required} that every list on this ledger needs")]
    TooFewApprovals {
        /// How many were asked for.
        given: u8,
        /// How many every list needs.
        required: u8,
    },
    /// About the number of approvals that every list needs.
    #[error(transparent)]
    Approvals(#[from] approvals::Refusal),
    /// What holds for every run is no run, and no run is what holds for all.
    #[error("run: {run} {what}")]
    NotARun {
        /// Which.
        run: RunId,
        /// What was wrong.
        what: &'static str,
    },
    /// The files are others than those whose digest is recorded.
    #[error("file: the files of run {run} are those of {fixed}, not of {given}")]
    OtherFiles {
        /// Which run.
        run: RunId,
        /// The digest recorded.
        fixed: Digest,
        /// The digest given.
        given: Digest,
    },
    /// Two approvals are those of two people.
    #[error("actor: {actor} approved run {run} already; it needs {approvals} different people")]
    SameAgain {
        /// Which run.
        run: RunId,
        /// Who.
        actor: String,
        /// How many it needs.
        approvals: u8,
    },
    /// Where several have to approve, whoever planned is not one of them.
    #[error("actor: {actor} planned run {run}; it needs {approvals} others to approve it")]
    OwnPlan {
        /// Which run.
        run: RunId,
        /// Who.
        actor: String,
        /// How many it needs.
        approvals: u8,
    },
}

/// Says what happened, or why nothing may. `actor` is who gives the order.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, order: &RunOrder, actor: &str) -> Result<Event, Refusal> {
    let wrong = |run: &RunId, wanted, stage| Err(Refusal::WrongStage { run: *run, wanted, stage });
    match order {
        RunOrder::Plan { run, day, digest, payments, total, approvals } => match world.run(*run) {
            Run::NotPlanned if *run == RunId::EVERY => is_no_run(*run),
            Run::NotPlanned => {
                let required = world.approvals().required();
                let approvals = approvals.unwrap_or(required);
                if approvals < required {
                    return Err(Refusal::TooFewApprovals { given: approvals, required });
                }
                let (run, day, digest, payments, total) = (*run, *day, *digest, *payments, *total);
                Ok(RunPlanned { run, day, digest, payments, total, approvals }.into())
            }
            Run::Planned(_) | Run::Approved { .. } | Run::Released { .. } | Run::Abandoned => {
                wrong(run, "planned", "was planned before")
            }
            Run::Every(_) => is_no_run(*run),
        },
        RunOrder::Approve { run, digest } => match world.run(*run) {
            Run::Planned(proposal) => approve(*run, *digest, proposal, world.approvals().required(), actor),
            Run::NotPlanned => wrong(run, "approved", "was never planned"),
            Run::Approved { .. } | Run::Released { .. } => wrong(run, "approved", "was approved before"),
            Run::Abandoned => wrong(run, "approved", "was abandoned"),
            Run::Every(_) => is_no_run(*run),
        },
        RunOrder::Release { run, file } => match world.run(*run) {
            Run::Approved { .. } => Ok(RunReleased { run: *run, file: *file }.into()),
            Run::NotPlanned | Run::Planned(_) => wrong(run, "released", "was not approved"),
            Run::Released { .. } => wrong(run, "released", "was released before"),
            Run::Abandoned => wrong(run, "released", "was abandoned"),
            Run::Every(_) => is_no_run(*run),
        },
        RunOrder::File { run, file } => match world.run(*run) {
            // Files that never appeared are with nobody: others may be made in their place.
            Run::Released { listing, file: before, placed } if !placed && file != listing && file != before => {
                Ok(RunFiled { run: *run, file: *file }.into())
            }
            Run::Released { .. } => wrong(run, "filed", "has its files already"),
            Run::NotPlanned | Run::Planned(_) | Run::Approved { .. } => wrong(run, "filed", "was not released"),
            Run::Abandoned => wrong(run, "filed", "was abandoned"),
            Run::Every(_) => is_no_run(*run),
        },
        RunOrder::PlaceFiles { run, file } => match world.run(*run) {
            Run::Released { listing, file: fixed, .. } if fixed == listing => {
                wrong(run, "recorded as placed in files", "has none")
            }
            Run::Released { file: fixed, .. } if fixed != file => {
                Err(Refusal::OtherFiles { run: *run, fixed: *fixed, given: *file })
            }
            Run::Released { .. } => Ok(RunFilesPlaced { run: *run, file: *file }.into()),
            Run::NotPlanned | Run::Planned(_) | Run::Approved { .. } | Run::Abandoned => {
                wrong(run, "recorded as placed in files", "was not released")
            }
            Run::Every(_) => is_no_run(*run),
        },
        RunOrder::AskApprovals { run, approvals } => {
            if *run != RunId::EVERY {
                let what = "is one run; the number of approvals is that of all runs, whose id is all zeros";
                return Err(Refusal::NotARun { run: *run, what });
            }
            world.approvals().may_ask(actor, *approvals)?;
            Ok(RunApprovalsAsked { approvals: *approvals }.into())
        }
        RunOrder::Abandon { run, reason } => match world.run(*run) {
            Run::Planned(_) | Run::Approved { .. } => Ok(RunAbandoned { run: *run, reason: reason.clone() }.into()),
            Run::NotPlanned => wrong(run, "abandoned", "was never planned"),
            Run::Released { .. } => wrong(run, "abandoned", "was released before"),
            Run::Abandoned => wrong(run, "abandoned", "was abandoned before"),
            Run::Every(_) => is_no_run(*run),
        },
    }
}

fn is_no_run(run: RunId) -> Result<Event, Refusal> {
    Err(Refusal::NotARun { run, what: "stands for every run and is none" })
}

fn approve(run: RunId, digest: Digest, proposal: &Proposal, required: u8, actor: &str) -> Result<Event, Refusal> {
    let Proposal { digest: planned, approvals, planned_by, approved_by } = proposal;
    if *planned != digest {
        return Err(Refusal::OtherList { run, planned: *planned, approved: digest });
    }
    let (approvals, actor) = (*approvals, actor.to_string());
    if approvals < required {
        return Err(Refusal::TooFewApprovals { given: approvals, required });
    }
    if approvals > 1 && one_person(planned_by) == one_person(&actor) {
        return Err(Refusal::OwnPlan { run, actor, approvals });
    }
    if approved_by.contains(&one_person(&actor)) {
        return Err(Refusal::SameAgain { run, actor, approvals });
    }
    Ok(RunApproved { run, digest }.into())
}

/// Applies what happened, and who did it.
#[must_use]
pub fn evolve(state: Run, event: &RunEvent, actor: &str) -> Run {
    match (event, state) {
        (RunEvent::RunPlanned(RunPlanned { digest, approvals, .. }), _) => Run::Planned(Proposal {
            digest: *digest,
            approvals: *approvals,
            planned_by: actor.into(),
            approved_by: BTreeSet::new(),
        }),
        (RunEvent::RunApproved(_), Run::Planned(mut proposal)) => {
            proposal.approved_by.insert(one_person(actor));
            let whole = proposal.approved_by.len() >= usize::from(proposal.approvals);
            if whole { Run::Approved { listing: proposal.digest } } else { Run::Planned(proposal) }
        }
        (RunEvent::RunFilesPlaced(_), Run::Released { listing, file, .. }) => {
            Run::Released { listing, file, placed: true }
        }
        (
            RunEvent::RunApproved(_) | RunEvent::RunFilesPlaced(_),
            state @ (Run::NotPlanned
            | Run::Planned(_)
            | Run::Approved { .. }
            | Run::Released { .. }
            | Run::Abandoned
            | Run::Every(_)),
        ) => state,
        (RunEvent::RunReleased(released), state) => {
            Run::Released { listing: state.listing().unwrap_or(released.file), file: released.file, placed: false }
        }
        (RunEvent::RunFiled(filed), state) => {
            Run::Released { listing: state.listing().unwrap_or(filed.file), file: filed.file, placed: false }
        }
        (RunEvent::RunAbandoned(_), _) => Run::Abandoned,
        (RunEvent::RunApprovalsAsked(asked), Run::Every(before)) => Run::Every(before.asked_by(actor, asked.approvals)),
        (
            RunEvent::RunApprovalsAsked(asked),
            Run::NotPlanned | Run::Planned(_) | Run::Approved { .. } | Run::Released { .. } | Run::Abandoned,
        ) => Run::Every(Approvals::default().asked_by(actor, asked.approvals)),
    }
}

impl Run {
    /// The digest of its list, as far as one was recorded.
    fn listing(&self) -> Option<Digest> {
        match self {
            Run::Planned(proposal) => Some(proposal.digest),
            Run::Approved { listing } | Run::Released { listing, .. } => Some(*listing),
            Run::NotPlanned | Run::Abandoned | Run::Every(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Step, TODAY, amount, by, check, run};

    fn plan() -> Step {
        let (day, digest, total) = (TODAY, Digest([1; 32]), amount(100));
        RunOrder::Plan { run: run(1), day, digest, payments: 1, total, approvals: None }.into()
    }

    fn approve(byte: u8) -> Step {
        RunOrder::Approve { run: run(1), digest: Digest([byte; 32]) }.into()
    }

    fn release() -> Step {
        RunOrder::Release { run: run(1), file: Digest([2; 32]) }.into()
    }

    #[test]
    fn a_run_is_planned_approved_by_the_digest_of_its_list_and_released_each_once() {
        check(&[], approve(1), Err("was never planned"));
        check(&[], plan(), Ok(&["footing.run.planned.v2"]));
        check(&[plan()], plan(), Err("was planned before"));
        check(&[plan()], approve(9), Err("not as 0909"));
        check(&[plan()], release(), Err("was not approved"));
        check(&[plan()], approve(1), Ok(&["footing.run.approved.v1"]));
        check(&[plan(), approve(1)], approve(1), Err("was approved before"));
        check(&[plan(), approve(1)], release(), Ok(&["footing.run.released.v1"]));
        check(&[plan(), approve(1), release()], release(), Err("was released before"));
    }

    #[test]
    fn a_run_that_is_abandoned_is_neither_approved_nor_released() {
        let abandon = || -> Step { RunOrder::Abandon { run: run(1), reason: "planned again".into() }.into() };
        check(&[plan()], abandon(), Ok(&["footing.run.abandoned.v1"]));
        check(&[plan(), abandon()], approve(1), Err("was abandoned"));
        check(&[plan(), approve(1), abandon()], release(), Err("was abandoned"));
        check(&[plan(), approve(1), release()], abandon(), Err("was released before"));
    }
    fn planned_for(approvals: u8) -> Step {
        let (day, digest, total) = (TODAY, Digest([1; 32]), amount(100));
        by("ann", RunOrder::Plan { run: run(1), day, digest, payments: 1, total, approvals: Some(approvals) })
    }

    fn approved_by(actor: &'static str) -> Step {
        by(actor, RunOrder::Approve { run: run(1), digest: Digest([1; 32]) })
    }

    #[test]
    fn a_run_that_needs_two_approvals_is_approved_by_two_others_than_its_planner() {
        let approved: Result<&[&str], &str> = Ok(&["footing.run.approved.v1"]);
        check(&[], planned_for(0), Err("approvals: 0 is fewer than the 1"));
        check(&[planned_for(2)], approved_by("ann"), Err("ann planned run"));
        check(&[planned_for(2)], approved_by("bob"), approved);
        check(&[planned_for(2), approved_by("bob")], approved_by("bob"), Err("bob approved run"));
        check(&[planned_for(2), approved_by("bob")], release(), Err("was not approved"));
        check(&[planned_for(2), approved_by("bob")], approved_by("cal"), approved);
        check(&[planned_for(2), approved_by("bob"), approved_by("cal")], release(), Ok(&["footing.run.released.v1"]));
    }

    #[test]
    fn nobody_is_two_people_by_typing_their_name_in_another_way() {
        check(&[planned_for(2)], approved_by("Ann"), Err("planned run"));
        check(&[planned_for(2), approved_by("bob")], approved_by(" BOB "), Err("approved run"));
    }

    #[test]
    fn whoever_planned_a_run_may_approve_it_where_one_approval_is_asked_for() {
        check(&[planned_for(1)], approved_by("ann"), Ok(&["footing.run.approved.v1"]));
    }

    fn asks(actor: &'static str, approvals: u8) -> Step {
        by(actor, RunOrder::AskApprovals { run: RunId::EVERY, approvals })
    }

    #[test]
    fn where_a_ledger_asks_for_two_approvals_no_list_is_planned_or_approved_with_fewer() {
        let asked: Result<&[&str], &str> = Ok(&["footing.run.approvals_asked.v1"]);
        check(&[], asks("ann", 2), asked);
        check(&[asks("ann", 2)], asks("ANN", 2), Err("1 more, have to ask"));
        check(&[asks("ann", 2)], planned_for(1), Ok(&["footing.run.planned.v2"]));
        let two = [asks("ann", 2), asks("bob", 2)];
        check(&two, planned_for(1), Err("approvals: 1 is fewer than the 2 that every list"));
        check(&two, planned_for(3), Ok(&["footing.run.planned.v2"]));
        check(&[planned_for(1), asks("ann", 2), asks("bob", 2)], approved_by("cal"), Err("1 is fewer than the 2"));
        // A list for which no number is given needs as many as the ledger asks for.
        let [ann, bob] = two;
        let unnumbered = [ann, bob, plan(), approved_by("bob")];
        check(&unnumbered, release(), Err("was not approved"));
        check(&[&unnumbered[..], &[approved_by("cal")]].concat(), release(), Ok(&["footing.run.released.v1"]));
    }

    #[test]
    fn what_holds_for_every_run_is_no_run() {
        let approvals = 2;
        check(&[], RunOrder::AskApprovals { run: run(1), approvals }, Err("is one run"));
        let (run, day, digest, total) = (RunId::EVERY, TODAY, Digest([1; 32]), amount(100));
        let plan = || -> Step { RunOrder::Plan { run, day, digest, payments: 1, total, approvals: None }.into() };
        check(&[], plan(), Err("stands for every run"));
        check(&[asks("ann", 2)], plan(), Err("stands for every run"));
    }

    #[test]
    fn files_may_be_fixed_anew_until_they_appear_and_those_that_appear_are_those_that_were_fixed() {
        let as_list = || -> Step { RunOrder::Release { run: run(1), file: Digest([1; 32]) }.into() };
        let file = |byte: u8| -> Step { RunOrder::File { run: run(1), file: Digest([byte; 32]) }.into() };
        let place = |byte: u8| -> Step { RunOrder::PlaceFiles { run: run(1), file: Digest([byte; 32]) }.into() };
        let approved = [plan(), approve(1)];
        check(&approved, file(3), Err("was not released"));
        let refixed: Result<&[&str], &str> = Ok(&["footing.run.filed.v1"]);
        check(&[&approved[..], &[release()]].concat(), file(2), Err("has its files already"));
        check(&[&approved[..], &[release()]].concat(), file(3), refixed);
        check(&[&approved[..], &[release(), place(2)]].concat(), file(3), Err("has its files already"));
        check(&[&approved[..], &[release(), file(3)]].concat(), place(2), Err("not of 0202"));
        check(&[&approved[..], &[release()]].concat(), place(2), Ok(&["footing.run.files_placed.v1"]));
        check(&[&approved[..], &[release()]].concat(), place(3), Err("not of 0303"));
        let without = [&approved[..], &[as_list()]].concat();
        check(&without, place(1), Err("has none"));
        check(&without, file(1), Err("has its files already"));
        check(&without, file(3), Ok(&["footing.run.filed.v1"]));
        check(&[&without[..], &[file(3), place(3)]].concat(), file(4), Err("has its files already"));
        check(&[&without[..], &[file(3)]].concat(), place(3), Ok(&["footing.run.files_placed.v1"]));
        check(&[&without[..], &[file(3), place(3)]].concat(), place(3), Ok(&["footing.run.files_placed.v1"]));
    }
}
