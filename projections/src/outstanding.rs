//! Where payments stand on a day: how many at each stage by channel, what is held back and why, and what nobody has taken.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use schemas::events::{Channel, PaymentKind};
use schemas::{AssessmentPeriod, Money, PaymentId, PersonId};

use crate::law::Law;
use crate::payments::{Horizon, Planned};
use crate::plan::{self, Total, held_payment, held_since, is_unsent};
use crate::views::{MemoryViews, PaymentStep, PaymentView, PersonView};

/// Where payments stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outstanding {
    /// By stage, channel and age since the due day.
    pub by_stage: BTreeMap<(&'static str, Channel, Age), Total>,
    /// What is held back: instructed, or to be sent again; or due, and instructed when it is held no longer.
    pub held: Vec<Held>,
    /// Sent and not taken.
    pub unclaimed: Vec<Unclaimed>,
    /// Kept back of money owed late, for top-ups: how often, and how much.
    pub kept_back: (u32, Money),
}

/// How long ago a payment was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// Not yet.
    NotDue,
    /// Less than a month.
    UpToAMonth,
    /// Less than three months.
    UpToThreeMonths,
    /// Less than twelve months.
    UpToAYear,
    /// Twelve months or more: the right to it is extinguished unless it was asked for in writing, or could not be
    /// (SI 2013/380 reg. 55, read in a summary of it and in the like words of SR (NI) 2016/220 reg. 50).
    Extinguished,
}

/// A payment that is held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Who is entitled.
    pub person: PersonId,
    /// Which; none as long as it is not instructed.
    pub payment: Option<PaymentId>,
    /// What it is.
    pub kind: PaymentKind,
    /// For which period, where it is for one; the last where several are paid together.
    pub period: Option<AssessmentPeriod>,
    /// How much.
    pub amount: Money,
    /// Why.
    pub why: &'static str,
    /// Since which day that is so.
    pub since: Date,
}

/// Money that came back or was never fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclaimed {
    /// Who is entitled.
    pub person: PersonId,
    /// Which.
    pub payment: PaymentId,
    /// How much.
    pub amount: Money,
    /// What became of it.
    pub what: &'static str,
    /// The day of that: when it came back, or when it should have been fetched.
    pub since: Date,
    /// The day it was due: since then it can be asked for.
    pub due_on: Date,
    /// How long that is.
    pub age: Age,
}

/// Where every payment stands on a day.
pub fn outstanding(on: Date, world: &MemoryViews, law: &Law) -> Outstanding {
    let mut found = Outstanding::default();
    for (person, view) in world.people() {
        for kept in view.kept_back.iter().filter(|kept| kept.on <= on && kept.stands(world)) {
            let (times, amount) = found.kept_back;
            found.kept_back = (times.saturating_add(1), amount + kept.amount);
        }
        for payment in &view.payments {
            let age = Age::of(payment.due_on, on);
            let total = found.by_stage.entry((payment.status(), payment.channel, age)).or_default();
            total.payments = total.payments.saturating_add(1);
            total.amount += payment.amount;
            let (id, amount) = (payment.id, payment.amount);
            let what = untaken(payment).filter(|_| payment.due_on < on);
            let due_on = payment.due_on;
            found.unclaimed.extend(what.map(|(what, since)| Unclaimed {
                person,
                payment: id,
                amount,
                what,
                since,
                due_on,
                age,
            }));
        }
    }
    found.held = held_orders(on, world);
    found.held.extend(not_instructed(on, world, law));
    found.unclaimed.sort_by_key(|unclaimed| (unclaimed.due_on, unclaimed.since));
    found
}

/// Payments that were ordered and may not leave on a day. Until one of them leaves or is called off nothing else of its
/// period is paid, so that somebody has to know of it.
pub fn held_orders(on: Date, world: &MemoryViews) -> Vec<Held> {
    let of = |(person, view): (PersonId, &PersonView)| {
        view.payments.iter().filter_map(move |payment| held_order(on, world, person, payment)).collect::<Vec<_>>()
    };
    world.people().flat_map(of).collect()
}

/// The same of one payment; none where it may leave, or did.
pub fn held_order(on: Date, world: &MemoryViews, person: PersonId, payment: &PaymentView) -> Option<Held> {
    let PaymentView { id, kind, payee, period, amount, .. } = *payment;
    let held = || held_payment(kind, payee, world.person(person)?, world, on);
    let (why, since) = is_unsent(payment).then(held).flatten()?;
    Some(Held { person, payment: Some(id), kind, period, amount, why, since })
}

/// What is held, and why.
impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Held { kind, period, amount, why, since, .. } = self;
        let period = period.map(|period| format!(" for {period}")).unwrap_or_default();
        write!(f, "the {kind} of {amount}{period} is held back since {since}: {why}")
    }
}

/// What is due by the day after one, and would leave on the evening were it not for a suspension.
fn not_instructed(on: Date, world: &MemoryViews, law: &Law) -> Vec<Held> {
    let (suspended, resumed) = world.as_if_resumed(on);
    let pays = plan::dues(Horizon::next_day(on), &resumed, law).pays.into_iter();
    let pays = pays.filter(|planned| suspended.contains(&planned.person));
    let held = |Planned { person, payment }: Planned| {
        let (why, since) = held_since(payment.kind, world.person(person)?, on)?;
        let (kind, period, amount) = (payment.kind, payment.period, payment.amount.money());
        Some(Held { person, payment: None, kind, period, amount, why, since })
    };
    pays.filter_map(held).collect()
}

/// Why nobody has the money, and since which day, as far as known: a bank says when it fails, a voucher or cash says when
/// it was fetched.
fn untaken(payment: &PaymentView) -> Option<(&'static str, Date)> {
    match (payment.steps.last().map(|progress| &progress.step), payment.channel) {
        (Some(PaymentStep::Returned(on, _)), _) => Some(("came back", *on)),
        (Some(PaymentStep::Released(..) | PaymentStep::Accepted), Channel::Voucher | Channel::Cash) => {
            Some(("not fetched", payment.usable_on().unwrap_or(payment.due_on)))
        }
        (Some(PaymentStep::Released(..) | PaymentStep::Accepted), Channel::Bacs | Channel::FasterPayments)
        | (Some(PaymentStep::Settled(_) | PaymentStep::Reissued(_) | PaymentStep::Cancelled) | None, _) => None,
    }
}

impl Age {
    /// The age on a day of what was due on another.
    pub fn of(due: Date, on: Date) -> Age {
        let by = |span: Span| due.checked_add(span).is_ok_and(|day| on < day);
        match () {
            () if on <= due => Age::NotDue,
            () if by(1.month()) => Age::UpToAMonth,
            () if by(3.months()) => Age::UpToThreeMonths,
            () if by(12.months()) => Age::UpToAYear,
            () => Age::Extinguished,
        }
    }

    /// The words for it.
    pub const fn name(self) -> &'static str {
        match self {
            Age::NotDue => "not due",
            Age::UpToAMonth => "under 1 month",
            Age::UpToThreeMonths => "1 to 3 months",
            Age::UpToAYear => "3 to 12 months",
            Age::Extinguished => "12 months or more",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_right_to_a_payment_lasts_twelve_months_from_its_due_day() {
        let due = date(2026, 7, 7);
        let ages = [
            (date(2026, 7, 7), Age::NotDue),
            (date(2026, 8, 6), Age::UpToAMonth),
            (date(2026, 8, 7), Age::UpToThreeMonths),
            (date(2026, 10, 7), Age::UpToAYear),
            (date(2027, 7, 6), Age::UpToAYear),
            (date(2027, 7, 7), Age::Extinguished),
        ];
        for (on, age) in ages {
            assert_eq!(Age::of(due, on), age, "{on}");
        }
    }
}
