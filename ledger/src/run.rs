//! A payment run: a list that is proposed, approved by its digest by as many people as it asks for, and released.

use std::collections::BTreeSet;

use schemas::events::{Event, RunAbandoned, RunApproved, RunEvent, RunPlanned, RunReleased};
use schemas::{Digest, RunId};

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
    Approved,
    /// Its files are fixed, and every payment of it leaves.
    Released,
    /// Given up.
    Abandoned,
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
    /// Nothing leaves without anybody's approval.
    #[error("approvals: at least one")]
    NoApprovals,
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
            Run::NotPlanned => {
                let approvals = approvals.unwrap_or(1);
                if approvals == 0 {
                    return Err(Refusal::NoApprovals);
                }
                let (run, day, digest, payments, total) = (*run, *day, *digest, *payments, *total);
                Ok(RunPlanned { run, day, digest, payments, total, approvals }.into())
            }
            Run::Planned(_) | Run::Approved | Run::Released | Run::Abandoned => {
                wrong(run, "planned", "was planned before")
            }
        },
        RunOrder::Approve { run, digest } => match world.run(*run) {
            Run::Planned(proposal) => approve(*run, *digest, proposal, actor),
            Run::NotPlanned => wrong(run, "approved", "was never planned"),
            Run::Approved | Run::Released => wrong(run, "approved", "was approved before"),
            Run::Abandoned => wrong(run, "approved", "was abandoned"),
        },
        RunOrder::Release { run, file } => match world.run(*run) {
            Run::Approved => Ok(RunReleased { run: *run, file: *file }.into()),
            Run::NotPlanned | Run::Planned(_) => wrong(run, "released", "was not approved"),
            Run::Released => wrong(run, "released", "was released before"),
            Run::Abandoned => wrong(run, "released", "was abandoned"),
        },
        RunOrder::Abandon { run, reason } => match world.run(*run) {
            Run::Planned(_) | Run::Approved => Ok(RunAbandoned { run: *run, reason: reason.clone() }.into()),
            Run::NotPlanned => wrong(run, "abandoned", "was never planned"),
            Run::Released => wrong(run, "abandoned", "was released before"),
            Run::Abandoned => wrong(run, "abandoned", "was abandoned before"),
        },
    }
}

fn approve(run: RunId, digest: Digest, proposal: &Proposal, actor: &str) -> Result<Event, Refusal> {
    let Proposal { digest: planned, approvals, planned_by, approved_by } = proposal;
    if *planned != digest {
        return Err(Refusal::OtherList { run, planned: *planned, approved: digest });
    }
    let (approvals, actor) = (*approvals, actor.to_string());
    if approvals > 1 && one_person(planned_by) == one_person(&actor) {
        return Err(Refusal::OwnPlan { run, actor, approvals });
    }
    if approved_by.contains(&one_person(&actor)) {
        return Err(Refusal::SameAgain { run, actor, approvals });
    }
    Ok(RunApproved { run, digest }.into())
}

/// A name however it is typed: nobody becomes two people by a capital or a space.
fn one_person(actor: &str) -> String {
    actor.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
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
            if whole { Run::Approved } else { Run::Planned(proposal) }
        }
        (RunEvent::RunApproved(_), state @ (Run::NotPlanned | Run::Approved | Run::Released | Run::Abandoned)) => state,
        (RunEvent::RunReleased(_), _) => Run::Released,
        (RunEvent::RunAbandoned(_), _) => Run::Abandoned,
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
        check(&[], planned_for(0), Err("approvals: at least one"));
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
}
