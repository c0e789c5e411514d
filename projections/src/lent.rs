//! Money that is lent, and paid without anybody's asking once the debt stands: advances (SI 2013/383 regs. 4 to 16) and
//! recoverable hardship payments (SI 2013/376 reg. 115). Those that somebody paid by hand are not paid again.

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::{Payee, PayeeLine, PaymentInstructed, PaymentKind, Purpose};
use schemas::{Amount, ClaimId, Money, PaymentId, PersonId};

use crate::debt_kinds::terms_of;
use crate::law::Law;
use crate::payments::{PayDays, Planned, derived_uuid, route};
use crate::views::{ClaimView, Debt, MemoryViews, PersonView};

/// What was lent by a day and not paid yet, due on the next.
///
/// A suspension holds an advance back and not a hardship payment; nothing is lent to somebody who died.
pub fn plan(day: Date, world: &MemoryViews, law: &Law) -> Vec<Planned> {
    let mut planned = Vec::new();
    for (person, view) in world.people() {
        for (kind, debt, amount) in unpaid(view).into_iter().filter(|(_, debt, _)| debt.from <= day) {
            let held = kind == PaymentKind::Advance && view.is_suspended(day);
            if !held && view.died.is_none_or(|died| day < died) {
                planned.extend(instruction(day, person, kind, debt, amount, world, law));
            }
        }
    }
    planned
}

/// Whether anything lent to a person was not instructed.
pub(crate) fn waits(view: &PersonView) -> bool {
    !view.debts.is_empty() && !unpaid(view).is_empty()
}

/// What of each loan was not instructed. What was given up of an advance before it left is not lent; a hardship payment is
/// due whatever becomes of its debt. A payment that names another cause than a loan counts for the oldest that are not
/// wholly paid.
fn unpaid(view: &PersonView) -> Vec<(PaymentKind, &Debt, Money)> {
    let loans: Vec<(PaymentKind, &Debt)> =
        view.debts.iter().filter_map(|debt| Some((terms_of(debt.kind).source.lends()?, debt))).collect();
    let names_a_loan = |cause| loans.iter().any(|(_, debt)| debt.event == cause);
    let of = |kind: PaymentKind| view.payments.iter().filter(move |paid| paid.kind == kind && !paid.is_cancelled());
    let by_hand = |kind| of(kind).filter(|paid| !names_a_loan(paid.cause)).map(|paid| paid.amount).sum::<Money>();
    let mut by_hand = [PaymentKind::Advance, PaymentKind::Hardship].map(|kind| (kind, by_hand(kind)));
    let mut unpaid = Vec::new();
    for (kind, debt) in &loans {
        let paid: Money = of(*kind).filter(|paid| paid.cause == debt.event).map(|paid| paid.amount).sum();
        let given_up = if *kind == PaymentKind::Advance { debt.waived + debt.written_off } else { Money::ZERO };
        let mut left = (debt.registered - given_up - paid).at_least_zero();
        for (_, loose) in by_hand.iter_mut().filter(|(of, _)| of == kind) {
            let counted = left.min(*loose);
            (left, *loose) = (left - counted, *loose - counted);
        }
        unpaid.extend((left > Money::ZERO).then_some((*kind, *debt, left)));
    }
    unpaid
}

fn instruction(
    day: Date,
    person: PersonId,
    kind: PaymentKind,
    debt: &Debt,
    amount: Money,
    world: &MemoryViews,
    law: &Law,
) -> Option<Planned> {
    let amount = Amount::new(amount).ok()?;
    let payee = Payee::Person(person);
    let purpose = if kind == PaymentKind::Hardship { Purpose::Hardship } else { Purpose::Advance };
    let payments = &world.person(person)?.payments;
    let attempt = payments.iter().filter(|payment| payment.cause == debt.event).count();
    let claim = claim_of(person, world, law, day);
    let due_on = day.saturating_add(1.day());
    let route = route(payee, claim.map(|(id, _)| id), world, due_on).to_arrive(due_on, day);
    // An advance belongs to the series that it anticipates (FLOOR.md section 1).
    let next_due = claim.and_then(|claim| {
        let calendar = law.terms(day).calendar(claim.1);
        let period = claim.1.period_on(day, calendar.periods)?;
        let days = PayDays::new(calendar, claim, world, person, payee);
        let own = days.first(period).on;
        let before = claim.1.cycle(calendar.periods)?.containing(period.first().yesterday().ok()?);
        let earlier = before.map(|before| days.first(before).on).filter(|on| *on > due_on);
        earlier.or_else(|| (own > due_on).then_some(own)).or_else(|| days.next(period, due_on))
    });
    let anticipates = kind == PaymentKind::Advance && next_due.is_some();
    Some(Planned {
        person,
        payment: PaymentInstructed {
            payment: PaymentId(derived_uuid(&format!("{kind}|{person}|{}|{attempt}", debt.id))),
            kind,
            payee,
            account_holders: route.holders,
            lines: vec![PayeeLine { amount, purpose, for_whom: person, payee }],
            amount,
            due_on,
            next_due: next_due.filter(|_| anticipates),
            series: claim.filter(|_| anticipates).map(|(id, _)| format!("award {id}")),
            channel: route.channel,
            claim: claim.map(|(id, _)| id),
            period: None,
            instalment: 1,
            for_days: None,
            cause: debt.event,
            account: route.account,
            nominal_on: None,
            because: None,
        },
    })
}

/// The claim whose award is anticipated: the open one by which the person lives.
fn claim_of<'a>(person: PersonId, world: &'a MemoryViews, law: &Law, day: Date) -> Option<(ClaimId, &'a ClaimView)> {
    let terms = law.terms(day);
    let own = world.person(person)?.claims.iter().filter_map(|id| Some((*id, world.claim(*id)?)));
    let of_them = |claim: &ClaimView| claim.adults_on(day).any(|adult| adult == person);
    own.into_iter().find(|(_, claim)| terms.is_household(claim) && claim.is_open_on(day) && of_them(claim))
}
