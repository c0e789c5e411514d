//! What is known to come to a home after an evening: payments ordered, awards decided, wages that come on their day. And
//! from which day on that cannot be known yet.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemas::{ClaimId, PaymentId, PersonId};

use super::Beside;
use crate::award_end::{ended, without_overtaken};
use crate::floor::days::plus;
use crate::floor::topup::scheduled_wage;
use crate::floor::views::{Account, PersonLedger, TaggedCredit};
use crate::floor::{Credit, CreditKind};
use crate::law::{Law, Terms};
use crate::means::{households, of_payment};
use crate::payments::{Calendar, Planned, to_come};
use crate::plan::{held_payment, is_unsent};
use crate::views::{ClaimView, MemoryViews, PaymentView};

/// How far ahead of their pay day awards are decided, with weekends and holidays.
const DECIDED_DAYS: i32 = 40;

/// How long after the lawful day the last part of an award may be due.
const AFTER_FIRST_DAYS: i32 = 22;

/// What is known to come.
pub(super) struct Expected {
    /// Scheduled credits that are not in the ledger yet.
    pub credits: Vec<TaggedCredit>,
    /// Of each adult with an award, the next pay day of a period that is not decided: what is missing from then on cannot
    /// be known.
    pub unknown_from: BTreeMap<PersonId, Date>,
}

impl Expected {
    /// What is known on the evening of a day, with what is planned beside the top-ups.
    pub fn on(
        day: Date,
        piece: &MemoryViews,
        beside: &Beside<'_>,
        ledger: &PersonLedger,
        law: &Law,
        terms: &Terms,
    ) -> Expected {
        let mut credits: Vec<TaggedCredit> = Vec::new();
        for payment in coming(day, piece, beside, law).into_values() {
            credits.extend(of_payment(&payment, payment.due_as_ordered().max(day), piece));
        }
        credits.extend(wages(day, ledger));
        Expected { credits, unknown_from: unknown_from(day, piece, law, terms) }
    }
}

/// Payments that are ordered or due and of which no money is there yet, each once.
fn coming(day: Date, piece: &MemoryViews, beside: &Beside<'_>, law: &Law) -> BTreeMap<PaymentId, PaymentView> {
    let until = plus(day, DECIDED_DAYS);
    let due = piece.claims().flat_map(|(id, claim)| due(day, until, id, claim, piece, law));
    let planned = piece.people().filter_map(|(person, _)| beside.get(&person)).flatten().copied().cloned().chain(due);
    let mut coming: BTreeMap<PaymentId, PaymentView> = BTreeMap::new();
    for Planned { payment, .. } in planned {
        coming.entry(payment.payment).or_insert_with(|| PaymentView::new(&payment, u64::MAX, day, day));
    }
    for (_, view) in piece.people() {
        let held = |payment: &PaymentView| held_payment(payment.kind, payment.payee, view, piece, day).is_some();
        for payment in &view.payments {
            if payment.usable_on().is_some() {
                coming.remove(&payment.id);
            } else if is_unsent(payment) && !held(payment) {
                coming.entry(payment.id).or_insert_with(|| payment.clone());
            }
        }
    }
    coming
}

/// Awards of a claim that are decided and not instructed, due after a day.
fn due(day: Date, until: Date, id: ClaimId, claim: &ClaimView, piece: &MemoryViews, law: &Law) -> Vec<Planned> {
    let (Some(rules), Some(from)) = (law.of(claim), claim.entitled_from) else { return Vec::new() };
    let calendar = Calendar::of(&rules.pack, from);
    if claim
        .determined
        .iter()
        .all(|determined| plus(calendar.lawful_day(claim, determined.period), AFTER_FIRST_DAYS) < day)
    {
        return Vec::new();
    }
    to_come(day, until, id, &without_overtaken(claim, piece, rules), piece, calendar)
}

/// The next wage of every job of which the wages came on their day.
fn wages(day: Date, ledger: &PersonLedger) -> Vec<TaggedCredit> {
    let wages: Vec<&TaggedCredit> =
        ledger.credits.iter().filter(|tagged| tagged.credit.kind == CreditKind::Wage).collect();
    let jobs: BTreeSet<_> = wages.iter().filter_map(|tagged| Some((tagged.payee, tagged.credit.series?))).collect();
    let next = |(person, job)| {
        let own: Vec<Credit> =
            wages.iter().filter(|tagged| tagged.payee == person).map(|tagged| tagged.credit).collect();
        let credit = scheduled_wage(&own, job).filter(|wage| day < wage.usable)?;
        Some(TaggedCredit { credit, settled: Account::Sole(person), payee: person })
    };
    jobs.into_iter().filter_map(next).collect()
}

/// Of each adult the pay day of the period they are in, where it is still to be decided and paid.
fn unknown_from(day: Date, piece: &MemoryViews, law: &Law, terms: &Terms) -> BTreeMap<PersonId, Date> {
    let mut unknown: BTreeMap<PersonId, Date> = BTreeMap::new();
    for (id, claim) in households(piece, terms) {
        let calendar = terms.calendar(claim);
        let rules = law.of(claim);
        let period = claim.period_on(day, calendar.periods).filter(|period| claim.standing(*period).is_none());
        let Some((period, rules)) = period.zip(rules) else { continue };
        if ended(claim, piece, period, rules).is_some() {
            continue;
        }
        let paid = |person: &PersonId| piece.person(*person).is_some_and(|view| !view.is_suspended(day));
        for adult in claim.adults_on(day).filter(paid) {
            let pay_day = terms.pay_days((id, claim), piece, adult).first(period).on;
            if pay_day <= day {
                continue;
            }
            let first = unknown.entry(adult).or_insert(pay_day);
            *first = pay_day.min(*first);
        }
    }
    unknown
}
