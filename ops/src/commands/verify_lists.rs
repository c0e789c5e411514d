//! Whether every payment that left stands in the list that was approved for its run.
//!
//! Lists are not kept: the list of a run follows from everything recorded before it was planned. `decide` refuses a payment
//! that is larger than all its run lists, and does not know the list itself, so that an order from elsewhere can name an
//! approved run for a payment that nobody approved. Here each list is made again.

use std::collections::{BTreeMap, BTreeSet};

use projections::diary::Diary;
use schemas::events::{Event, PaymentEvent, RunEvent};
use schemas::{EventId, PaymentId, Recorded, RunId};

use super::verify::Check;
use crate::desk::Desk;
use crate::error::Failure;
use crate::known::Known;
use crate::progress::Progress;
use crate::rules::RuleSet;

/// A payment that left, and where that is recorded.
struct Left {
    payment: PaymentId,
    sequence: u64,
    event: EventId,
}

/// Makes the list of every run again in which something left, and holds what left against it.
pub(super) fn lists(desk: &Desk, rules: &RuleSet) -> Result<Check, Failure> {
    let mut left = left_in_runs(desk)?;
    let bar = Progress::towards(left.len() as u64, "lists");
    let (mut known, mut diary) = (Known::default(), Diary::default());
    let (mut findings, mut held, mut others) = (Vec::new(), 0_usize, 0_usize);
    desk.for_each_after(0, |page| {
        for event in &page {
            if let Event::Run(RunEvent::RunPlanned(planned)) = &event.envelope.event
                && let Some(left) = left.remove(&planned.run)
            {
                bar.add(1);
                diary.turn_to(planned.day, &known.world, &rules.law, &rules.floor);
                let plan = known.plan_of(&diary.look(planned.day, &known.world), planned.day, rules);
                if plan.digest() == planned.digest {
                    let listed: BTreeSet<PaymentId> = plan.payments().map(|one| one.payment.payment).collect();
                    held += left.len();
                    let unlisted = left.iter().filter(|left| !listed.contains(&left.payment));
                    findings.extend(unlisted.map(|left| unlisted_in(planned.run, left)));
                } else {
                    others += 1;
                }
            }
            known.apply(event);
            diary.note(event, &known.world);
        }
        Ok(())
    })?;
    let never = left.into_iter().flat_map(|(run, left)| left.into_iter().map(move |left| never_planned(run, &left)));
    findings.extend(never);
    let unknown = match others {
        0 => String::new(),
        some => {
            format!("; {some} lists do not follow from {}: made elsewhere, or under other rules (--rules)", rules.name)
        }
    };
    let said = format!("{held} payments left as they were listed and approved{unknown}");
    Ok(Check { name: "lists", said, findings })
}

/// What left in each run.
fn left_in_runs(desk: &Desk) -> Result<BTreeMap<RunId, Vec<Left>>, Failure> {
    let mut runs: BTreeMap<RunId, Vec<Left>> = BTreeMap::new();
    desk.for_each_after(0, |page| {
        for Recorded { sequence, envelope } in &page {
            if let Event::Payment(PaymentEvent::PaymentReleased(released)) = &envelope.event {
                let left = Left { payment: released.payment, sequence: *sequence, event: envelope.id };
                runs.entry(released.run).or_default().push(left);
            }
        }
        Ok(())
    })?;
    Ok(runs)
}

fn unlisted_in(run: RunId, Left { payment, sequence, event }: &Left) -> String {
    format!(
        "sequence {sequence}, event {event}: payment {payment} left in run {run}, whose approved list does not have it"
    )
}

fn never_planned(run: RunId, Left { payment, sequence, event }: &Left) -> String {
    format!("sequence {sequence}, event {event}: payment {payment} left in run {run}, which was never planned")
}
