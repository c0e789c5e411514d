//! A payment run: a list that is proposed, approved by its digest, and released.

use schemas::events::{Event, RunAbandoned, RunApproved, RunEvent, RunPlanned, RunReleased};
use schemas::{Digest, RunId};

use crate::order::RunOrder;
use crate::world::World;

/// How far a run came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Run {
    /// Never planned.
    #[default]
    NotPlanned,
    /// Proposed: exactly the list with this digest.
    Planned(Digest),
    /// Approved.
    Approved,
    /// Every payment of it left.
    Released,
    /// Given up.
    Abandoned,
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
}

/// Says what happened, or why nothing may.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, order: &RunOrder) -> Result<Event, Refusal> {
    let wrong = |run: &RunId, wanted, stage| Err(Refusal::WrongStage { run: *run, wanted, stage });
    match order {
        RunOrder::Plan { run, day, digest, payments, total, approvals } => match world.run(*run) {
            Run::NotPlanned => {
                let planned = RunPlanned {
                    run: *run,
                    day: *day,
                    digest: *digest,
                    payments: *payments,
                    total: *total,
                    approvals: approvals.unwrap_or(1),
                };
                Ok(planned.into())
            }
            Run::Planned(_) | Run::Approved | Run::Released | Run::Abandoned => {
                wrong(run, "planned", "was planned before")
            }
        },
        RunOrder::Approve { run, digest } => match world.run(*run) {
            Run::Planned(planned) if planned == *digest => Ok(RunApproved { run: *run, digest: *digest }.into()),
            Run::Planned(planned) => Err(Refusal::OtherList { run: *run, planned, approved: *digest }),
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

/// Applies what happened.
#[must_use]
pub const fn evolve(_: Run, event: &RunEvent) -> Run {
    match event {
        RunEvent::RunPlanned(RunPlanned { digest, .. }) => Run::Planned(*digest),
        RunEvent::RunApproved(_) => Run::Approved,
        RunEvent::RunReleased(_) => Run::Released,
        RunEvent::RunAbandoned(_) => Run::Abandoned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Step, TODAY, amount, check, run};

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
}
