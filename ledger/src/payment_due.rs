//! How much may be paid: never more than is due for a key, whatever was ordered for it before.

use schemas::events::{Payee, PaymentKind};
use schemas::{Money, PersonId};

use crate::assessment::Decided;
use crate::kept_back::kept_back;
use crate::payment::{Payment, Refusal, Stage};
use crate::world::World;
use crate::{advance, debt, overpaid};

/// What was instructed under the same key, less what was returned and cancelled, stays within what is due.
pub(crate) fn is_due(world: &World, person: PersonId, new: &Payment) -> Result<(), Refusal> {
    let own = &world.person(person).payments;
    let same_cause = |other: &Payment| other.kind == new.kind && other.cause == new.cause;
    let (due, instructed) = match new.kind {
        PaymentKind::Arrears if new.period.is_none() => return Ok(()), // Checked when it was instructed.
        PaymentKind::Award | PaymentKind::Arrears => due_for_period(world, person, new)?,
        PaymentKind::Hardship => {
            let awarded = world.person(person).sanctions.hardship.get(&new.cause);
            (*awarded.ok_or(Refusal::NoHardshipAwarded { cause: new.cause })?, own.sum(same_cause))
        }
        PaymentKind::Advance => {
            // One that names another cause is measured by all that was lent.
            let lent = || world.person(person).debts.by_id.values().filter(|debt| advance::lends(debt.kind));
            let all: Money = lent().map(|debt| debt.amount).sum();
            let paid = own.sum(|other| other.kind == new.kind);
            match lent().find(|debt| debt.event == new.cause) {
                None if all == Money::ZERO => return Err(Refusal::NothingLent { cause: new.cause }),
                Some(debt) if paid + new.amount <= all => (debt.amount - debt.given_up, own.sum(same_cause)),
                None | Some(_) => (all, paid),
            }
        }
        PaymentKind::ThirdParty => {
            let Payee::Creditor(debt) = new.payee else { return Err(Refusal::NoCreditor) };
            let same_payee = |other: &Payment| other.kind == new.kind && other.payee == new.payee;
            (debt::deducted(world, person, debt), own.sum(same_payee))
        }
        PaymentKind::TopUp | PaymentKind::CrisisGrant => return Ok(()),
    };
    // What was ordered to be sent again and has not left since is among what is instructed, and counts once.
    let instructed = if new.stage == Stage::Reissued { instructed - new.amount } else { instructed };
    let too_much = instructed + new.amount > due;
    if too_much { Err(Refusal::MoreThanDue { due, instructed, amount: new.amount }) } else { Ok(()) }
}

/// What the decision on the period, or on each of those paid together, gives this payee, and what all members' payments
/// already give them for any of these.
fn due_for_period(world: &World, person: PersonId, new: &Payment) -> Result<(Money, Money), Refusal> {
    let (claim, period) = new.period.ok_or(Refusal::NoPeriod { kind: new.kind })?;
    let history = world.claim(claim);
    if !history.claim.ever.contains(&person) {
        return Err(Refusal::NotAMember { person, claim });
    }
    let single = history.assessments.decided(period).ok_or(Refusal::NotDetermined { claim, period })?;
    let given = |decided: &Decided| decided.by_payee.get(&new.payee).copied().unwrap_or_default();
    let due = match new.together {
        Some(days) => history.assessments.within(days).map(given).sum(),
        None => given(single),
    };
    let due = due + overpaid::recovered(world, new);
    let same = |other: &Payment| other.pays_awards() && other.shares_a_period(new) && other.payee == new.payee;
    let of_members = || history.claim.ever.iter().map(|member| &world.person(*member).payments);
    let instructed: Money = of_members().map(|payments| payments.sum(same)).sum();
    let kept_back: Money = match (new.payee, new.days()) {
        (Payee::Person(_), Some(days)) => of_members().map(|own| kept_back(world, own, claim, new.payee, days)).sum(),
        (Payee::Person(_), None) | (Payee::Landlord | Payee::Creditor(_), _) => Money::ZERO,
    };
    Ok((due, instructed + kept_back))
}
