//! People who pay by lists: one plans, two others approve, a fourth releases; and what they do when that is refused.

use std::path::Path;

use jiff::civil::Date;
use ledger::Store;
use ops::bank::Bank;
use ops::business::Business;
use ops::error::Failure;
use ops::payrun::{ForBank, Writing};
use projections::runs::{RunView, Stage};
use schemas::RunId;

const PLANNER: &str = "ann";
const APPROVERS: [&str; 2] = ["bob", "cal"];

/// What people do next with the list that they have before them.
#[derive(Clone, Copy, Debug)]
pub enum Next {
    Plan,
    Approve(RunId, &'static str),
    Release(RunId),
}

/// The next step on the list that waits, or a new one.
pub fn next<S: Store>(business: &Business<'_, S>) -> Next {
    let waits = |view: &RunView| match view.stage() {
        Stage::Planned | Stage::Approved => true,
        Stage::Released => view.placed.is_empty(),
        Stage::Abandoned => false,
    };
    let mut runs = business.runs().in_order().into_iter();
    match runs.rfind(|(_, view)| view.planned_by == PLANNER && waits(view)) {
        None => Next::Plan,
        Some((run, view)) => match APPROVERS.iter().find(|who| !view.approved_by.iter().any(|by| by == *who)) {
            Some(who) if view.stage() == Stage::Planned => Next::Approve(run, who),
            Some(_) | None => Next::Release(run),
        },
    }
}

/// Does it. A list that cannot be approved or released any more is given up.
///
/// # Errors
/// Of the store, or a refusal that nobody would expect.
pub fn act<S: Store>(business: &mut Business<'_, S>, day: Date, next: Next, out: &Path) -> Result<(), Failure> {
    match next {
        Next::Plan => business.plan_run(day, Some(2), PLANNER).map(drop),
        Next::Approve(run, who) => {
            let digest = business.run(run)?.digest;
            let approved = business.approve_run(run, digest, who);
            or_given_up(business, run, approved, "is not what would be planned now")
        }
        Next::Release(run) => {
            let bank = "name: Agency\naccount: 01-02-03 12345678\nservice_user_number: 123456\ncurrency: GBP\n";
            let bank = Bank::parse(bank).unwrap();
            let wanted = ForBank { folder: out, bank: &bank, by: "dee", writing: Writing::Once };
            let released = business.release_run(run, wanted).map(drop);
            or_given_up(business, run, released, "no file was made")
        }
    }
}

fn or_given_up<S: Store>(
    business: &mut Business<'_, S>,
    run: RunId,
    done: Result<(), Failure>,
    expected: &str,
) -> Result<(), Failure> {
    match done {
        Err(why) if why.to_string().contains(expected) => business.abandon_run(run, "it cannot leave", PLANNER),
        done => done,
    }
}

/// Gives up what waits, unless it is released already; then it has to be finished.
///
/// # Errors
/// As for [`act`].
pub fn give_up<S: Store>(business: &mut Business<'_, S>, day: Date, out: &Path) -> Result<(), Failure> {
    match next(business) {
        Next::Plan => Ok(()),
        Next::Approve(run, _) => business.abandon_run(run, "nobody is there", PLANNER),
        Next::Release(run) if business.run(run)?.stage() == Stage::Approved => {
            business.abandon_run(run, "nobody is there", PLANNER)
        }
        finish @ Next::Release(_) => act(business, day, finish, out),
    }
}
