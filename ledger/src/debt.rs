//! What a person owes, and what of it is given up.

use std::collections::BTreeMap;

use schemas::events::{
    DebtCreditorRecorded, DebtDeductionSet, DebtEvent, DebtKind, DebtPlanAgreed, DebtRecoveryDecided, DebtRegistered,
    DebtRepaid, DebtWaived, DebtWrittenOff, Event, HardshipAwarded, SanctionEvent,
};
use schemas::{Amount, DebtId, EventId, Money};

use crate::advance;
use crate::command::Command;
use crate::order::DebtOrder;
use crate::person;
use crate::world::World;

/// What decisions about debts rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debts {
    /// Every debt.
    pub by_id: BTreeMap<DebtId, Debt>,
}

/// One debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Debt {
    /// Where it comes from.
    pub kind: DebtKind,
    /// The event that registered it.
    pub event: EventId,
    /// How much was owed.
    pub amount: Money,
    /// How much was given up.
    pub given_up: Money,
}

/// Why nothing about a debt may be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// About the person.
    #[error(transparent)]
    Person(#[from] person::Refusal),
    /// A debt is registered once.
    #[error("debt {debt} is registered already")]
    AlreadyRegistered {
        /// Which.
        debt: DebtId,
    },
    /// There is no such debt.
    #[error("debt {debt} is not registered for this person")]
    NotRegistered {
        /// Which.
        debt: DebtId,
    },
    /// About an advance.
    #[error(transparent)]
    Advance(#[from] advance::Refusal),
    /// Only rent and fuel are taken as a last resort.
    #[error(
        "last_resort: {kind} is held by the limit: only rent and fuel may go beyond it (SI 2013/380 Sch. 6 para. 4(4))"
    )]
    NoLastResort {
        /// What the debt is.
        kind: DebtKind,
    },
    /// A sum of nothing.
    #[error("amount: a debt, or a part of one that is given up, is more than nothing")]
    Nothing,
    /// More is given up than is left.
    #[error("amount: {amount} is more than the {left} of debt {debt} that was not given up")]
    MoreThanOwed {
        /// Which.
        debt: DebtId,
        /// What was not given up.
        left: Money,
        /// What would be given up.
        amount: Money,
    },
}

/// Says what happened, or why nothing may.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, command: &Command, order: &DebtOrder) -> Result<Event, Refusal> {
    Ok(match order {
        DebtOrder::Register { person, debt, kind, amount, cause, advance } => {
            person::registered(world, *person)?;
            if world.person(*person).debts.by_id.contains_key(debt) {
                return Err(Refusal::AlreadyRegistered { debt: *debt });
            }
            if amount.money() == Money::ZERO {
                return Err(Refusal::Nothing);
            }
            let recovery = advance::recovery(*kind, *amount, advance.as_ref(), command.effective_from)?;
            DebtRegistered { debt: *debt, kind: *kind, amount: *amount, cause: *cause, advance: *advance, recovery }
                .into()
        }
        DebtOrder::SetDeduction { person, debt, per_period, last_resort } => {
            let kind = known(&world.person(*person).debts, *debt)?.kind;
            let last_resort = *last_resort == Some(true);
            if last_resort && !matches!(kind, DebtKind::RentArrears | DebtKind::Gas | DebtKind::Electricity) {
                return Err(Refusal::NoLastResort { kind });
            }
            DebtDeductionSet { debt: *debt, per_period: *per_period, last_resort }.into()
        }
        DebtOrder::Waive { person, debt, amount, reason } => {
            give_up(&world.person(*person).debts, *debt, *amount)?;
            DebtWaived { debt: *debt, amount: *amount, reason: reason.clone() }.into()
        }
        DebtOrder::WriteOff { person, debt, amount, reason } => {
            give_up(&world.person(*person).debts, *debt, *amount)?;
            DebtWrittenOff { debt: *debt, amount: *amount, reason: reason.clone() }.into()
        }
        DebtOrder::Repay { person, debt, amount, on, reference } => {
            give_up(&world.person(*person).debts, *debt, *amount)?;
            DebtRepaid { debt: *debt, amount: *amount, on: *on, reference: reference.clone() }.into()
        }
        DebtOrder::AgreePlan { person, debt, per_instalment, every, from } => {
            known(&world.person(*person).debts, *debt)?;
            DebtPlanAgreed { debt: *debt, per_instalment: *per_instalment, every: *every, from: *from }.into()
        }
        DebtOrder::RecordCreditor { person, debt, name, account, reference } => {
            known(&world.person(*person).debts, *debt)?;
            DebtCreditorRecorded {
                debt: *debt,
                name: person::sealed("name", name)?,
                account: person::sealed("account", account)?,
                reference: person::sealed_if_any("reference", reference.as_ref())?,
            }
            .into()
        }
        DebtOrder::DecideRecovery { person, claim, period, cause, overpaid, recoverable, debt, ground, reason } => {
            person::registered(world, *person)?;
            if let Some(debt) = debt.filter(|debt| world.person(*person).debts.by_id.contains_key(debt)) {
                return Err(Refusal::AlreadyRegistered { debt });
            }
            DebtRecoveryDecided {
                claim: *claim,
                period: *period,
                cause: *cause,
                overpaid: *overpaid,
                recoverable: *recoverable,
                debt: *debt,
                ground: ground.clone(),
                reason: reason.clone(),
            }
            .into()
        }
    })
}

fn known(state: &Debts, debt: DebtId) -> Result<Debt, Refusal> {
    state.by_id.get(&debt).copied().ok_or(Refusal::NotRegistered { debt })
}

fn give_up(state: &Debts, debt: DebtId, amount: Amount) -> Result<(), Refusal> {
    let known = known(state, debt)?;
    let (left, amount) = (known.amount - known.given_up, amount.money());
    if amount == Money::ZERO {
        return Err(Refusal::Nothing);
    }
    if amount > left { Err(Refusal::MoreThanOwed { debt, left, amount }) } else { Ok(()) }
}

/// Applies what happened.
#[must_use]
pub fn evolve(mut state: Debts, event: &DebtEvent, id: EventId) -> Debts {
    match event {
        DebtEvent::DebtRegistered(DebtRegistered { debt, kind, amount, .. }) => {
            let registered = Debt { kind: *kind, event: id, amount: amount.money(), given_up: Money::ZERO };
            state.by_id.insert(*debt, registered);
        }
        DebtEvent::DebtRecoveryDecided(DebtRecoveryDecided { debt, recoverable, .. }) => {
            let amount = recoverable.money();
            let registered = Debt { kind: DebtKind::Overpayment, event: id, amount, given_up: Money::ZERO };
            state.by_id.extend(debt.map(|debt| (debt, registered)));
        }
        DebtEvent::DebtDeductionSet(_) | DebtEvent::DebtPlanAgreed(_) | DebtEvent::DebtCreditorRecorded(_) => {}
        DebtEvent::DebtWaived(DebtWaived { debt, amount, .. })
        | DebtEvent::DebtWrittenOff(DebtWrittenOff { debt, amount, .. })
        | DebtEvent::DebtRepaid(DebtRepaid { debt, amount, .. }) => {
            if let Some(known) = state.by_id.get_mut(debt) {
                known.given_up += amount.money();
            }
        }
    }
    state
}

/// A hardship payment creates a debt of its own.
#[must_use]
pub fn evolve_hardship(mut state: Debts, event: &SanctionEvent, id: EventId) -> Debts {
    match event {
        SanctionEvent::HardshipAwarded(awarded @ HardshipAwarded { debt, .. }) => {
            let amount = awarded.amount().unwrap_or_default();
            state.by_id.insert(*debt, Debt { kind: DebtKind::Hardship, event: id, amount, given_up: Money::ZERO });
        }
        SanctionEvent::SanctionImposed(_)
        | SanctionEvent::SanctionComplied(_)
        | SanctionEvent::SanctionEnded(_)
        | SanctionEvent::SanctionCancelled(_) => {}
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Step, amount, check, debt, person, register};

    fn owe(pence: i64) -> Step {
        register_debt(DebtKind::Overpayment, pence)
    }

    fn register_debt(kind: DebtKind, pence: i64) -> Step {
        let (amount, cause, advance) = (amount(pence), None, None);
        DebtOrder::Register { person: person(1), debt: debt(1), kind, amount, cause, advance }.into()
    }

    fn waive(pence: i64) -> Step {
        DebtOrder::Waive { person: person(1), debt: debt(1), amount: amount(pence), reason: "official error".into() }
            .into()
    }

    fn write_off(pence: i64) -> Step {
        DebtOrder::WriteOff { person: person(1), debt: debt(1), amount: amount(pence), reason: "insolvent".into() }
            .into()
    }

    #[test]
    fn a_debt_is_registered_once_and_is_more_than_nothing() {
        check(&[register(1)], owe(10_000), Ok(&["footing.debt.registered.v2"]));
        check(&[register(1), owe(10_000)], owe(10_000), Err("is registered already"));
        check(&[register(1)], owe(0), Err("more than nothing"));
    }

    #[test]
    fn no_more_of_a_debt_is_given_up_than_is_left() {
        let given = || vec![register(1), owe(10_000), waive(6_000)];
        check(&given(), write_off(4_000), Ok(&["footing.debt.written_off.v1"]));
        check(&given(), write_off(4_001), Err("40.01 is more than the 40.00"));
        check(&[given(), vec![write_off(4_000)]].concat(), waive(1), Err("0.01 is more than the 0.00"));
        check(&[register(1)], waive(1), Err("is not registered for this person"));
    }

    #[test]
    fn a_deduction_is_for_a_debt_that_is_known() {
        let deduct = || deduct(None);
        check(&[register(1)], deduct(), Err("is not registered for this person"));
        check(&[register(1), owe(10_000)], deduct(), Ok(&["footing.debt.deduction_set.v2"]));
    }
    #[test]
    fn only_rent_and_fuel_are_taken_as_a_last_resort() {
        let owes = |kind| [register(1), register_debt(kind, 10_000)];
        for kind in [DebtKind::RentArrears, DebtKind::Gas, DebtKind::Electricity] {
            check(&owes(kind), deduct(Some(true)), Ok(&["footing.debt.deduction_set.v2"]));
        }
        check(&owes(DebtKind::Fine), deduct(Some(true)), Err("only rent and fuel may go beyond it"));
        check(&owes(DebtKind::Fine), deduct(Some(false)), Ok(&["footing.debt.deduction_set.v2"]));
    }

    fn deduct(last_resort: Option<bool>) -> DebtOrder {
        DebtOrder::SetDeduction { person: person(1), debt: debt(1), per_period: amount(2_000), last_resort }
    }
}
