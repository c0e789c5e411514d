//! What a person owes, how it comes to be owed, and what of it is paid back or given up.
//!
//! An overpayment is owed only when somebody decided so: it may be recovered, in whole or in part, and need not be
//! (Administration Act 1992 s. 71ZB(1), read); and not before the decision that it was paid on was replaced (s. 71ZB(3),
//! read), unless nothing could replace it because the award had ended (SI 2013/384 reg. 5, single source).

use std::collections::{BTreeMap, HashSet};

use jiff::civil::Date;
use schemas::events::{
    DebtCreditorRecorded, DebtDeductionSet, DebtEvent, DebtKind, DebtPlanAgreed, DebtRecoveryDecided, DebtRegistered,
    DebtRepaid, DebtWaived, DebtWrittenOff, Event, Frequency, HardshipAwarded, SanctionEvent, Sealed,
};
use schemas::{Amount, AssessmentPeriod, ClaimId, DebtId, EventId, Money, PersonId, Subject};

use crate::advance;
use crate::assessment::Decided;
use crate::command::Command;
use crate::order::DebtOrder;
use crate::world::{World, recorded_day};
use crate::{overpaid, person};

/// The reason with which the part of a debt is written off that came due after all.
pub const SET_OFF: &str = "set off against arrears for the same period (SI 2013/384 reg. 16)";

/// What decisions about debts rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debts {
    /// Every debt.
    pub by_id: BTreeMap<DebtId, Debt>,
    /// What was decided about overpayments.
    pub recoveries: Vec<Recovery>,
    /// Accounts ever recorded for the creditors of debts.
    pub creditor_accounts: HashSet<(DebtId, Sealed)>,
}

/// What was decided about one overpayment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Under which claim it was paid.
    pub claim: ClaimId,
    /// For which period.
    pub period: AssessmentPeriod,
    /// The determination by which it was too much.
    pub cause: EventId,
    /// How much it was.
    pub overpaid: Money,
    /// The debt that was made of it.
    pub debt: Option<DebtId>,
}

impl Debts {
    /// What of an overpayment came due after all.
    fn set_off(&self, recovery: &Recovery) -> Money {
        recovery.debt.and_then(|debt| self.by_id.get(&debt)).map_or(Money::ZERO, |debt| debt.set_off)
    }
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
    /// How much of what was given up came due after all.
    pub set_off: Money,
    /// How much was paid back, other than by deductions.
    pub repaid: Money,
}

impl Debt {
    const fn new(kind: DebtKind, event: EventId, amount: Money) -> Debt {
        Debt { kind, event, amount, given_up: Money::ZERO, set_off: Money::ZERO, repaid: Money::ZERO }
    }
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
    /// More is given up or paid back than is left.
    #[error("amount: {amount} is more than the {left} that is left of debt {debt}")]
    MoreThanOwed {
        /// Which.
        debt: DebtId,
        /// What is left.
        left: Money,
        /// What would be given up or paid back.
        amount: Money,
    },
    /// An instalment of nothing.
    #[error("per_instalment: an instalment is more than nothing")]
    NoInstalment,
    /// A plan without days.
    #[error("every: instalments come at an interval: weekly, fortnightly, four_weekly or monthly")]
    NoInterval,
    /// Money of the future.
    #[error("on: {on} is later than the day of recording, {recorded}")]
    NotYetPaid {
        /// The day stated.
        on: Date,
        /// The day of recording.
        recorded: Date,
    },
    /// The person has nothing to do with the claim.
    #[error("claim: person {person} never belonged to claim {claim}")]
    NotAMember {
        /// Who.
        person: PersonId,
        /// Which claim.
        claim: ClaimId,
    },
    /// An overpayment is decided on by the decision that stands.
    #[error("cause: {cause} is not the decision that stands for {period} of claim {claim}")]
    NotStanding {
        /// The event named.
        cause: EventId,
        /// Which claim.
        claim: ClaimId,
        /// Which period.
        period: AssessmentPeriod,
    },
    /// Recovery is decided once for a cause.
    #[error("cause: whether the overpayment by {cause} is recovered was decided before")]
    RecoveryDecided {
        /// The determination.
        cause: EventId,
    },
    /// Another sum than was overpaid: the rest would be nobody's to decide.
    #[error("overpaid: {stated} is stated, and {found} was paid to person {person} beyond what {period} gives them")]
    NotOverpaid {
        /// Who.
        person: PersonId,
        /// Which period.
        period: AssessmentPeriod,
        /// What was stated.
        stated: Money,
        /// What was overpaid and not decided on.
        found: Money,
    },
    /// More would be recovered than was overpaid.
    #[error("recoverable: {recoverable} is more than the {overpaid} overpaid")]
    TooMuchRecoverable {
        /// What would be recovered.
        recoverable: Money,
        /// What was overpaid.
        overpaid: Money,
    },
    /// What is recovered is a debt, and what is not is none.
    #[error("debt: {}", if *.recovered { "what is to be recovered becomes a debt: give it an id" } else { "nothing is to be recovered, so that there is no debt" })]
    DebtOrNone {
        /// Whether anything is recovered.
        recovered: bool,
    },
}

/// Subjects beyond the person: the claims whose decisions took something for a debt, or the one that was overpaid with
/// everybody who was paid under it.
pub fn rests_on(world: &World, order: &DebtOrder) -> Vec<Subject> {
    match order {
        DebtOrder::Waive { person, .. } | DebtOrder::WriteOff { person, .. } | DebtOrder::Repay { person, .. } => {
            let claims = world.person(*person).person.ever_claimed.iter().copied();
            // Whether an award has ended turns on whether everybody died to whom it was given.
            let members = claims.clone().flat_map(|claim| &world.claim(claim).claim.ever).copied();
            claims.map(Subject::Claim).chain(members.map(Subject::Person)).collect()
        }
        DebtOrder::DecideRecovery { claim, .. } => {
            let members = world.claim(*claim).claim.ever.iter().copied().map(Subject::Person);
            std::iter::once(Subject::Claim(*claim)).chain(members).collect()
        }
        DebtOrder::Register { .. }
        | DebtOrder::SetDeduction { .. }
        | DebtOrder::AgreePlan { .. }
        | DebtOrder::RecordCreditor { .. } => Vec::new(),
    }
}

/// What was paid back of a person's debt, by deductions that stand and otherwise.
pub(crate) fn recovered(world: &World, person: PersonId, debt: DebtId) -> Money {
    let repaid = world.person(person).debts.by_id.get(&debt).map_or(Money::ZERO, |debt| debt.repaid);
    deducted(world, person, debt) + repaid
}

/// What decisions that stand took for a person's debt, under whichever claim; nothing of an award that ended before.
pub(crate) fn deducted(world: &World, person: PersonId, debt: DebtId) -> Money {
    let claims = world.person(person).person.ever_claimed.iter();
    claims
        .map(|claim| {
            let paid = |decided: &Decided| !overpaid::has_ended(world, *claim, decided);
            world.claim(*claim).assessments.deducted(debt, paid)
        })
        .sum()
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
            within_left(world, *person, *debt, *amount)?;
            DebtWaived { debt: *debt, amount: *amount, reason: reason.clone() }.into()
        }
        DebtOrder::WriteOff { person, debt, amount, reason } => {
            within_left(world, *person, *debt, *amount)?;
            DebtWrittenOff { debt: *debt, amount: *amount, reason: reason.clone() }.into()
        }
        DebtOrder::Repay { person, debt, amount, on, reference } => {
            within_left(world, *person, *debt, *amount)?;
            let recorded = recorded_day(command);
            if *on > recorded {
                return Err(Refusal::NotYetPaid { on: *on, recorded });
            }
            DebtRepaid { debt: *debt, amount: *amount, on: *on, reference: reference.clone() }.into()
        }
        DebtOrder::AgreePlan { person, debt, per_instalment, every, from } => {
            known(&world.person(*person).debts, *debt)?;
            if per_instalment.money() == Money::ZERO {
                return Err(Refusal::NoInstalment);
            }
            if *every == Frequency::Irregular {
                return Err(Refusal::NoInterval);
            }
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
            let amounts = (overpaid.money(), recoverable.money());
            may_be_decided(world, *person, *claim, *period, *cause, amounts, *debt)?;
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

fn within_left(world: &World, person: PersonId, debt: DebtId, amount: Amount) -> Result<(), Refusal> {
    let known = known(&world.person(person).debts, debt)?;
    let (left, amount) = (known.amount - known.given_up - recovered(world, person, debt), amount.money());
    if amount == Money::ZERO {
        return Err(Refusal::Nothing);
    }
    if amount > left { Err(Refusal::MoreThanOwed { debt, left, amount }) } else { Ok(()) }
}

fn may_be_decided(
    world: &World,
    person: PersonId,
    claim: ClaimId,
    period: AssessmentPeriod,
    cause: EventId,
    (overpaid, recoverable): (Money, Money),
    debt: Option<DebtId>,
) -> Result<(), Refusal> {
    person::registered(world, person)?;
    let (debts, history) = (&world.person(person).debts, world.claim(claim));
    if !history.claim.ever.contains(&person) {
        return Err(Refusal::NotAMember { person, claim });
    }
    if history.assessments.decided(period).is_none_or(|standing| standing.event != cause) {
        return Err(Refusal::NotStanding { cause, claim, period });
    }
    if debts.recoveries.iter().any(|known| known.cause == cause) {
        return Err(Refusal::RecoveryDecided { cause });
    }
    if let Some(debt) = debt.filter(|debt| debts.by_id.contains_key(debt)) {
        return Err(Refusal::AlreadyRegistered { debt });
    }
    if overpaid == Money::ZERO {
        return Err(Refusal::Nothing);
    }
    let same = |known: &&Recovery| (known.claim, known.period) == (claim, period);
    let before: Money = debts.recoveries.iter().filter(same).map(|known| known.overpaid - debts.set_off(known)).sum();
    let found = (overpaid::beyond_due(world, person, claim, period) - before).at_least_zero();
    if overpaid != found {
        return Err(Refusal::NotOverpaid { person, period, stated: overpaid, found });
    }
    if recoverable > overpaid {
        return Err(Refusal::TooMuchRecoverable { recoverable, overpaid });
    }
    let recovered = recoverable > Money::ZERO;
    if recovered == debt.is_some() { Ok(()) } else { Err(Refusal::DebtOrNone { recovered }) }
}

/// Applies what happened.
#[must_use]
pub fn evolve(mut state: Debts, event: &DebtEvent, id: EventId) -> Debts {
    match event {
        DebtEvent::DebtRegistered(DebtRegistered { debt, kind, amount, .. }) => {
            state.by_id.insert(*debt, Debt::new(*kind, id, amount.money()));
        }
        DebtEvent::DebtRecoveryDecided(decided) => {
            let DebtRecoveryDecided { claim, period, cause, debt, .. } = *decided;
            let (overpaid, amount) = (decided.overpaid.money(), decided.recoverable.money());
            let registered = Debt::new(DebtKind::Overpayment, id, amount);
            state.by_id.extend(debt.map(|debt| (debt, registered)));
            state.recoveries.push(Recovery { claim, period, cause, overpaid, debt });
        }
        DebtEvent::DebtCreditorRecorded(DebtCreditorRecorded { debt, account, .. }) => {
            state.creditor_accounts.insert((*debt, account.clone()));
        }
        DebtEvent::DebtDeductionSet(_) | DebtEvent::DebtPlanAgreed(_) => {}
        DebtEvent::DebtWaived(DebtWaived { debt, amount, .. }) => {
            if let Some(known) = state.by_id.get_mut(debt) {
                known.given_up += amount.money();
            }
        }
        DebtEvent::DebtWrittenOff(DebtWrittenOff { debt, amount, reason }) => {
            if let Some(known) = state.by_id.get_mut(debt) {
                known.given_up += amount.money();
                known.set_off += if reason == SET_OFF { amount.money() } else { Money::ZERO };
            }
        }
        DebtEvent::DebtRepaid(DebtRepaid { debt, amount, .. }) => {
            if let Some(known) = state.by_id.get_mut(debt) {
                known.repaid += amount.money();
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
            state.by_id.insert(*debt, Debt::new(DebtKind::Hardship, id, amount));
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
    use crate::order::{DeterminationOrder, PaymentOrder};
    use crate::testing::{
        Step, TODAY, amount, check, claim, debt, event, june, law, make_claim, payment, person, register,
    };
    use schemas::events::{Channel, Deducted, Payee, PaymentKind};

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

    fn repay(pence: i64, on: Date) -> Step {
        DebtOrder::Repay { person: person(1), debt: debt(1), amount: amount(pence), on, reference: None }.into()
    }

    #[test]
    fn no_more_of_a_debt_is_paid_back_than_is_left_and_not_before_it_came() {
        let owed = || vec![register(1), owe(10_000), waive(6_000)];
        check(&owed(), repay(4_000, TODAY), Ok(&["footing.debt.repaid.v1"]));
        check(&owed(), repay(4_001, TODAY), Err("40.01 is more than the 40.00 that is left"));
        let again = [owed(), vec![repay(3_000, TODAY)]].concat();
        check(&again, waive(1_001), Err("10.01 is more than the 10.00 that is left"));
        check(&owed(), repay(1, TODAY.tomorrow().unwrap()), Err("is later than the day of recording"));
    }

    #[test]
    fn what_decisions_took_for_a_debt_is_no_longer_left_of_it() {
        let mut decision = june(34_000);
        decision.deducted = vec![Deducted { debt: debt(1), amount: amount(6_000) }];
        let determine = DeterminationOrder::Determine { claim: claim(1), decision };
        let given = [register(1), make_claim(), owe(10_000), determine.into()];
        check(&given, repay(4_000, TODAY), Ok(&["footing.debt.repaid.v1"]));
        check(&given, repay(4_001, TODAY), Err("40.01 is more than the 40.00"));
    }

    #[test]
    fn a_plan_has_instalments_of_something_at_an_interval() {
        let plan = |pence, every| DebtOrder::AgreePlan {
            person: person(1),
            debt: debt(1),
            per_instalment: amount(pence),
            every,
            from: TODAY,
        };
        let owed = [register(1), owe(10_000)];
        check(&owed, plan(1_000, Frequency::Monthly), Ok(&["footing.debt.plan_agreed.v1"]));
        check(&owed, plan(0, Frequency::Monthly), Err("more than nothing"));
        check(&owed, plan(1_000, Frequency::Irregular), Err("come at an interval"));
    }

    /// June was paid with 400.00 and gives 300.00 since: the revision is event 5.
    fn overpaid() -> Vec<Step> {
        let determine = DeterminationOrder::Determine { claim: claim(1), decision: june(40_000) };
        let payee = Payee::Person(person(1));
        let paid = PaymentOrder::Instruct {
            person: person(1),
            payment: payment(1),
            kind: PaymentKind::Award,
            payee,
            account_holders: vec![person(1)],
            lines: june(40_000).lines,
            amount: amount(40_000),
            due_on: TODAY,
            next_due: None,
            series: None,
            channel: Channel::FasterPayments,
            claim: Some(claim(1)),
            period: Some(june(0).period),
            instalment: 1,
            for_days: None,
            cause: event(3),
            account: None,
            nominal_on: None,
            because: None,
        };
        let (replaces, ground, decision) = (event(3), law(), june(30_000));
        let revise = DeterminationOrder::Revise { claim: claim(1), replaces, ground, decision };
        vec![register(1), make_claim(), determine.into(), paid.into(), revise.into()]
    }

    fn recover(who: u128, cause: u128, overpaid: i64, recoverable: i64, is_debt: bool) -> Step {
        DebtOrder::DecideRecovery {
            person: person(who),
            claim: claim(1),
            period: june(0).period,
            cause: event(cause),
            overpaid: amount(overpaid),
            recoverable: amount(recoverable),
            debt: is_debt.then_some(debt(1)),
            ground: law(),
            reason: "told late".into(),
        }
        .into()
    }

    #[test]
    fn recovery_is_decided_once_of_what_was_overpaid_by_the_decision_that_stands_to_who_had_it() {
        let decided: Result<&[&str], &str> = Ok(&["footing.debt.recovery_decided.v1"]);
        check(&overpaid(), recover(1, 5, 10_000, 10_000, true), decided);
        check(&overpaid(), recover(1, 5, 10_000, 4_000, true), decided);
        check(&overpaid(), recover(1, 5, 10_000, 0, false), decided);
        check(&overpaid(), recover(1, 5, 10_001, 0, false), Err("100.01 is stated, and 100.00 was paid"));
        check(&overpaid(), recover(1, 5, 9_999, 0, false), Err("99.99 is stated, and 100.00 was paid"));
        check(&overpaid(), recover(1, 5, 10_000, 10_001, true), Err("100.01 is more than the 100.00 overpaid"));
        check(&overpaid(), recover(1, 5, 10_000, 10_000, false), Err("give it an id"));
        check(&overpaid(), recover(1, 5, 10_000, 0, true), Err("there is no debt"));
        check(&overpaid(), recover(1, 3, 10_000, 10_000, true), Err("is not the decision that stands"));
        let twice = [overpaid(), vec![recover(1, 5, 10_000, 4_000, true)]].concat();
        check(&twice, recover(1, 5, 1, 0, false), Err("was decided before"));
        let other = [overpaid(), vec![register(2)]].concat();
        check(&other, recover(2, 5, 10_000, 0, false), Err("never belonged to claim"));
    }

    #[test]
    fn what_is_to_be_recovered_is_a_debt_and_no_more_than_that() {
        let given = [overpaid(), vec![recover(1, 5, 10_000, 4_000, true)]].concat();
        check(&given, repay(4_000, TODAY), Ok(&["footing.debt.repaid.v1"]));
        check(&given, repay(4_001, TODAY), Err("40.01 is more than the 40.00"));
    }

    fn deduct(last_resort: Option<bool>) -> DebtOrder {
        DebtOrder::SetDeduction { person: person(1), debt: debt(1), per_period: amount(2_000), last_resort }
    }
}
