//! Could a day below the floor have been prevented, and was it seen? What each day turns on is the latest event of the
//! cause that it is counted under; the rest is `projections::floor::preventable`.
//!
//! Whether a payment channel was open is taken to be so, and `footing floor` says that it is: vouchers need no bank, and the
//! ledger records no outage. Its runs do not show one either: on most evenings nothing is due, and none is planned.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;
use projections::facts::told_on;
use projections::floor::cause::{Cause, CauseSet, CausedDays};
use projections::floor::{BreachDay, Channels, Days, FloorAmount, Gaps, Preventable, preventable};
use schemas::events::{ClaimEvent, Event, Nation, PaymentEvent};
use schemas::working_days::is_weekend;
use schemas::{PaymentId, Recorded, WorkingDays};

use crate::why::{is_late_report, is_of};

/// Days in a row below the floor of which the same is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The days.
    pub days: Days,
    /// What was missing over them.
    pub shortfall: FloorAmount,
    /// What the days are counted under.
    pub cause: CauseSet,
    /// The first day on which any public body had the fact that the first of the days turns on, if any did.
    pub notified_on: Option<Date>,
    /// Whether they could have been prevented.
    pub answer: Preventable,
    /// Whether they were believed to be below the floor on the day itself.
    pub believed: bool,
}

/// Says it of every day of breach, in order.
pub fn explain(
    history: &[Recorded],
    causes: &[CausedDays],
    actual: &Gaps,
    believed: &Gaps,
    lead_working_days: u8,
    nation: Nation,
) -> Vec<Explained> {
    let due = due_days(history);
    let is_working_day =
        |day: Date| WorkingDays::shipped().is_working_day(nation, day).unwrap_or_else(|_| !is_weekend(day));
    let mut explained: Vec<Explained> = Vec::new();
    for (day, gap) in actual.by_day() {
        let Some(caused) = causes.iter().find(|caused| caused.days.contains(day)) else { continue };
        let cause = caused.finding.counted_under();
        let notified_on = cause.causes().filter_map(|cause| received(history, cause, day, &due)).max();
        let breach = BreachDay { day, notified_on, channels: Channels::Open };
        let Some(answered) = preventable(&[breach], lead_working_days, is_working_day).pop() else { continue };
        let (answer, believed) = (answered.answer, believed.on(day).is_some());
        let alike = |last: &&mut Explained| {
            let next = last.days.to().tomorrow().ok() == Some(day);
            next && (last.cause, last.answer, last.believed) == (cause, answer, believed)
        };
        match explained.last_mut().filter(alike) {
            Some(last) => {
                last.days = Days::new(last.days.from(), day).unwrap_or(last.days);
                last.shortfall += gap;
            }
            None => {
                let days = Days::one(day);
                explained.push(Explained { days, shortfall: gap, cause, notified_on, answer, believed });
            }
        }
    }
    explained
}

/// When the fact that a cause rests on for a day was received: that of its latest event which matters for the day. The
/// claim stands for causes that no event makes, such as the wait.
fn received(history: &[Recorded], cause: Cause, day: Date, due: &BTreeMap<PaymentId, Date>) -> Option<Date> {
    let of_cause = |event: &&Recorded| {
        (cause == Cause::LateReport && is_late_report(event)) || is_of(event, CauseSet::of(&[cause]), history)
    };
    let latest = |events: &mut dyn Iterator<Item = &Recorded>| {
        let matter = events.map(|event| (matters_from(event, due), Reverse(told_on(&event.envelope))));
        matter.filter(|(from, _)| *from <= day).max().map(|(_, Reverse(first_told))| first_told)
    };
    let claims = |event: &&Recorded| matches!(event.envelope.event, Event::Claim(ClaimEvent::ClaimMade(_)));
    latest(&mut history.iter().filter(of_cause)).or_else(|| latest(&mut history.iter().filter(claims)))
}

/// The first day for which an event matters: of what befell a payment, the day it was due.
fn matters_from(event: &Recorded, due: &BTreeMap<PaymentId, Date>) -> Date {
    let payment = match &event.envelope.event {
        Event::Payment(PaymentEvent::PaymentReturned(returned)) => Some(returned.payment),
        Event::Payment(PaymentEvent::PaymentReissued(reissued)) => Some(reissued.payment),
        Event::Payment(PaymentEvent::PaymentReleased(released)) => Some(released.payment),
        Event::Payment(PaymentEvent::PaymentSettled(settled)) => Some(settled.payment),
        Event::Payment(PaymentEvent::PaymentCancelled(cancelled)) => Some(cancelled.payment),
        Event::Payment(
            PaymentEvent::PaymentInstructed(_)
            | PaymentEvent::PaymentAccepted(_)
            | PaymentEvent::TopUpRecovered(_)
            | PaymentEvent::PaymentSuspended(_)
            | PaymentEvent::PaymentResumed(_),
        )
        | Event::Person(_)
        | Event::Income(_)
        | Event::Identity(_)
        | Event::Sanction(_)
        | Event::Debt(_)
        | Event::Claim(_)
        | Event::Determination(_)
        | Event::Dispute(_)
        | Event::Run(_)
        | Event::Pack(_)
        | Event::Bank(_) => None,
    };
    payment.and_then(|payment| due.get(&payment).copied()).unwrap_or(event.envelope.effective_from)
}

/// The day on which each payment of a history was due.
fn due_days(history: &[Recorded]) -> BTreeMap<PaymentId, Date> {
    let instructed = history.iter().filter_map(|event| match &event.envelope.event {
        Event::Payment(PaymentEvent::PaymentInstructed(payment)) => Some((payment.payment, payment.due_on)),
        Event::Payment(_)
        | Event::Person(_)
        | Event::Income(_)
        | Event::Identity(_)
        | Event::Sanction(_)
        | Event::Debt(_)
        | Event::Claim(_)
        | Event::Determination(_)
        | Event::Dispute(_)
        | Event::Run(_)
        | Event::Pack(_)
        | Event::Bank(_) => None,
    });
    instructed.collect()
}
