//! What was deducted for a third party is paid to that creditor (SI 2013/380 Sch. 6 and 7), with the award that it was
//! deducted from, and never more than decisions that stand took.

use jiff::civil::Date;
use schemas::events::{Channel, DebtKind, Payee, PayeeLine, PaymentInstructed, PaymentKind, Purpose};
use schemas::{Amount, DebtId, Money, PersonId};

use crate::award_end::ended;
use crate::debt_kinds::{Source, terms_of};
use crate::debts;
use crate::law::Law;
use crate::payments::{Calendar, Horizon, Key, PayDays, Planned, payment_id};
use crate::views::{Debt, MemoryViews, PaymentView, PersonView};

/// What is due to creditors by an evening's horizon and was not instructed: a payment for each debt and period.
///
/// It waits while payments to the debtor are suspended, and until the creditor is recorded.
pub fn plan(horizon: Horizon, world: &MemoryViews, law: &Law) -> Vec<Planned> {
    let day = horizon.day;
    let mut planned = Vec::new();
    for (person, view) in world.people().filter(|(_, view)| !view.is_suspended(day)) {
        for debt in view.debts.iter().filter(|debt| debt.creditor.is_some()) {
            planned.extend(due(horizon, person, debt, world, law));
        }
    }
    planned
}

/// What was deducted for third parties whose creditor is not recorded, and waits for that: whose debt, and how much.
pub fn waiting<'a>(day: Date, world: &'a MemoryViews, law: &Law) -> Vec<(PersonId, &'a Debt, Money)> {
    let mut waiting = Vec::new();
    for (person, view) in world.people() {
        for debt in view.debts.iter().filter(|debt| debt.creditor.is_none()) {
            let due = due(Horizon::next_day(day), person, debt, world, law);
            let sum: Money = due.iter().map(|planned| planned.payment.amount.money()).sum();
            waiting.extend((sum > Money::ZERO).then_some((person, debt, sum)));
        }
    }
    waiting
}

/// Whether anything that was deducted from a person's awards for a creditor who is recorded was not instructed.
pub(crate) fn waits(person: PersonId, view: &PersonView, world: &MemoryViews) -> bool {
    let owes = |debt: &Debt| debt.creditor.is_some() && terms_of(debt.kind).source == Source::ThirdParty;
    let left = |debt| {
        let deducted = debts::account(person, debt, world).deducted;
        let taken: Money = deducted.iter().map(|(_, _, amount)| *amount).sum();
        taken - paid_to(debt.id, view).map(|payment| payment.amount).sum()
    };
    view.debts.iter().any(|debt| owes(debt) && left(debt) > Money::ZERO)
}

/// What was instructed to the creditor of a debt and not called off.
fn paid_to(debt: DebtId, view: &PersonView) -> impl Iterator<Item = &PaymentView> {
    let to_them = move |payment: &&PaymentView| {
        payment.kind == PaymentKind::ThirdParty && payment.payee == Payee::Creditor(debt) && !payment.is_cancelled()
    };
    view.payments.iter().filter(to_them)
}

fn due(
    Horizon { day, due_by }: Horizon,
    person: PersonId,
    debt: &Debt,
    world: &MemoryViews,
    law: &Law,
) -> Vec<Planned> {
    let Some(view) = world.person(person).filter(|_| terms_of(debt.kind).source == Source::ThirdParty) else {
        return Vec::new();
    };
    let payee = Payee::Creditor(debt.id);
    let paid: Vec<_> = paid_to(debt.id, view).collect();
    let deducted = debts::account(person, debt, world).deducted;
    // Where a decision took more than the one that replaced it, the creditor has that of later periods already.
    let taken: Money = deducted.iter().map(|(_, _, amount)| *amount).sum();
    let mut left = (taken - paid.iter().map(|payment| payment.amount).sum()).at_least_zero();
    let mut planned = Vec::new();
    for (id, period, amount) in deducted {
        let Some((claim, rules)) = world.claim(id).and_then(|claim| Some((claim, law.of(claim)?))) else { continue };
        let Some(standing) = claim.standing(period).filter(|standing| standing.on <= day) else { continue };
        let calendar = Calendar::of(&rules.pack, claim.entitled_from.unwrap_or(period.first()));
        let days = PayDays::new(calendar, (id, claim), world, person, Payee::Person(person));
        let on = days.first(period).on.max(claim.known_to_reach(period));
        if on > due_by || ended(claim, world, period, rules).is_some() {
            continue;
        }
        let before = paid.iter().filter(|payment| (payment.claim, payment.period) == (Some(id), Some(period)));
        let amount = (amount - before.clone().map(|payment| payment.amount).sum()).min(left).at_least_zero();
        left -= amount;
        let Some(amount) = Amount::new(amount).ok().filter(|amount| *amount > Amount::ZERO) else { continue };
        let key = Key { claim: id, entitled: person, payee, period, instalment: 1 };
        let attempts = view.payments.iter().filter(|payment| payment.cause == standing.event && payment.payee == payee);
        planned.push(Planned {
            person,
            payment: PaymentInstructed {
                payment: payment_id(&key, PaymentKind::ThirdParty, attempts.count(), standing.event),
                kind: PaymentKind::ThirdParty,
                payee,
                account_holders: Vec::new(),
                lines: vec![PayeeLine { amount, purpose: purpose(debt.kind), for_whom: person, payee }],
                amount,
                due_on: on.max(day),
                next_due: None,
                series: None,
                channel: Channel::FasterPayments,
                claim: Some(id),
                period: Some(period),
                instalment: 1,
                for_days: None,
                cause: standing.event,
                account: debt.creditor.as_ref().map(|creditor| creditor.account.clone()),
                nominal_on: None,
                because: None,
            },
        });
    }
    planned
}

/// What the deduction was for, in the words of lines: it fell on the allowance first (FLOOR.md section 2), but for rent.
const fn purpose(kind: DebtKind) -> Purpose {
    if matches!(kind, DebtKind::RentArrears | DebtKind::OwnerHousingCosts) {
        Purpose::Housing
    } else {
        Purpose::StandardAllowance
    }
}
