//! What was paid beyond what is due, as the ledger can tell: the most that may be called overpaid, and what was taken back
//! of it.

use std::collections::BTreeSet;

use schemas::events::{Days, Payee};
use schemas::{AssessmentPeriod, ClaimId, Money, PersonId};

use crate::assessment::Decided;
use crate::claim::Stage;
use crate::debt;
use crate::payment::Payment;
use crate::world::World;

/// What was paid to a person under a claim for a period, or to a third party for them, beyond what it gives; of periods
/// that were paid together, beyond what they give together. Never less than nothing.
pub(crate) fn beyond_due(world: &World, person: PersonId, claim: ClaimId, period: AssessmentPeriod) -> Money {
    let of_claim = payments(world, claim);
    let Some(days) = paid_together(&of_claim, period) else { return Money::ZERO };
    let theirs = |entitled: PersonId, payee: Payee| match payee {
        Payee::Person(payee) => payee == person,
        Payee::Landlord | Payee::Creditor(_) => entitled == person,
    };
    let (mut payees, mut paid) = (BTreeSet::from([Payee::Person(person)]), Money::ZERO);
    for (entitled, payment) in &of_claim {
        if payment.counts() && shares(payment, days) && theirs(*entitled, payment.payee) {
            payees.insert(payment.payee);
            paid += payment.amount;
        }
    }
    let standing = world.claim(claim).assessments.within(days).filter(|decided| !has_ended(world, claim, decided));
    let given = standing.flat_map(|decided| &decided.by_payee).filter(|(payee, _)| payees.contains(payee));
    (paid - given.map(|(_, sum)| *sum).sum()).at_least_zero()
}

/// What was paid back of what was overpaid to the payee of arrears for the same period: where it is due after all, it is
/// due again.
pub(crate) fn recovered(world: &World, arrears: &Payment) -> Money {
    let (Payee::Person(person), Some((claim, period))) = (arrears.payee, arrears.period) else { return Money::ZERO };
    let recoveries = world.person(person).debts.recoveries.iter();
    let of_it = recoveries.filter(|known| (known.claim, known.period) == (claim, period));
    of_it.filter_map(|known| Some(debt::recovered(world, person, known.debt?))).sum()
}

pub(crate) fn overlap(a: Days, b: Days) -> bool {
    a.first() <= b.last() && b.first() <= a.last()
}

/// Awards and arrears for periods of a claim, with who is entitled.
fn payments(world: &World, claim: ClaimId) -> Vec<(PersonId, &Payment)> {
    let members = world.claim(claim).claim.ever.iter();
    let all = members.flat_map(|member| {
        let payments = world.person(*member).payments.by_id.values();
        payments.map(move |payment| (*member, payment))
    });
    let of_claim = |payment: &Payment| payment.period.is_some_and(|(under, _)| under == claim);
    all.filter(|(_, payment)| payment.pays_awards() && of_claim(payment)).collect()
}

/// The days of a period, and of those that were paid together with it.
fn paid_together(payments: &[(PersonId, &Payment)], period: AssessmentPeriod) -> Option<Days> {
    let mut days = Days::new(period.first(), period.last())?;
    for (_, payment) in payments {
        if let Some(own) = payment.together.filter(|own| overlap(*own, days)) {
            days = Days::new(own.first().min(days.first()), own.last().max(days.last()))?;
        }
    }
    Some(days)
}

fn shares(payment: &Payment, days: Days) -> bool {
    payment.days().is_some_and(|own| overlap(own, days))
}

/// Whether a claim was closed within a decided period or before it, or everybody entitled had died or left it by its end: it
/// gives nothing then, although no decision replaced the one that stands.
pub(crate) fn has_ended(world: &World, claim: ClaimId, decided: &Decided) -> bool {
    let last = decided.period.last();
    let claim = &world.claim(claim).claim;
    let closed = match claim.stage {
        Stage::Closed(first_without) => first_without <= last,
        Stage::Withdrawn => true,
        Stage::NotMade | Stage::Open => false,
    };
    let died = |adult: PersonId| world.person(adult).person.died.is_some_and(|died| died <= last);
    let gone = |adult: &PersonId| died(*adult) || claim.has_left(*adult, last);
    closed || !decided.adults.is_empty() && decided.adults.iter().all(gone)
}
