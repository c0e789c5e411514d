//! Why a gap opens, as far as it is known on the evening on which it is topped up, in the words of FLOOR.md section 2.
//!
//! Each cause is tried by putting right in the credits what went wrong, so that nothing is replayed; the first that closes
//! the first day of the gap is named. `simulator::why` says afterwards what replaying says.

use jiff::civil::Date;
use schemas::events::{GapCause, Payee, PaymentKind};
use schemas::{ClaimId, Money, PersonId};

use super::home::Home;
use crate::floor::topup::TopUp;
use crate::floor::views::{Account, Sharing, TaggedCredit};
use crate::floor::{Credit, CreditKind, Purpose};
use crate::means::of_payment;
use crate::views::{ClaimView, PaymentStep, PaymentView};

/// The cause that a top-up is paid for.
pub(super) fn because(home: &Home<'_>, place: usize, payee: PersonId, day: Date, top_up: &TopUp) -> GapCause {
    let gap_on = top_up.covers.from();
    let cured = |credits: Vec<TaggedCredit>| {
        !credits.is_empty() && home.cured(place, gap_on, Sharing::Strict, |all| all.extend(credits))
    };
    if cured(on_their_day(home, payee, came_back)) {
        return GapCause::ReturnedPayment;
    }
    if home.piece.person(payee).is_some_and(|view| view.is_suspended(day)) {
        return GapCause::Suspended;
    }
    if cured(on_their_day(home, payee, |payment| is_late(payment, gap_on))) {
        return GapCause::LatePayment;
    }
    if home.cured(place, gap_on, Sharing::Purpose, |_| {}) {
        return GapCause::Misdirected;
    }
    let claim = home.claim_of(payee, gap_on);
    if let Some(structural) = claim.and_then(|claim| of_claim(home, payee, gap_on, claim)) {
        return structural;
    }
    let reductions = [
        (GapCause::Sanction, "sanction_reduction"),
        (GapCause::Deduction, "deductions_total"),
        (GapCause::Cap, "benefit_cap_reduction"),
    ];
    let restored = |rule: &str| claim.and_then(|claim| not_reduced(home, payee, gap_on, claim, rule));
    let found = reductions.into_iter().find(|(_, rule)| cured(restored(rule).into_iter().collect()));
    match found {
        Some((cause, _)) => cause,
        None if pay_is_to_come(home, place, payee, gap_on) => GapCause::EarningsTiming,
        None => GapCause::RuleLevel,
    }
}

/// The money of a person's payments that went wrong, as if it had been there on its day.
fn on_their_day(home: &Home<'_>, payee: PersonId, wrong: impl Fn(&PaymentView) -> bool) -> Vec<TaggedCredit> {
    let payments = home.piece.people().flat_map(|(_, view)| &view.payments);
    let theirs = payments.filter(|payment| payment.payee == Payee::Person(payee) && !payment.is_cancelled());
    let wrong = theirs.filter(|payment| payment.kind != PaymentKind::TopUp && wrong(payment));
    wrong.flat_map(|payment| of_payment(payment, payment.due_on, home.piece)).collect()
}

fn came_back(payment: &PaymentView) -> bool {
    payment.steps.iter().any(|progress| matches!(progress.step, PaymentStep::Returned(..)))
}

/// Whether a payment that was due by a day is not there on it.
fn is_late(payment: &PaymentView, on: Date) -> bool {
    payment.due_on <= on && payment.usable_on().is_none_or(|usable| on < usable)
}

/// What the claim itself says: there was no award yet, or there is none any more.
fn of_claim(home: &Home<'_>, payee: PersonId, gap_on: Date, (id, claim): (ClaimId, &ClaimView)) -> Option<GapCause> {
    if claim.closed_on(gap_on).is_some() {
        return Some(GapCause::Closed);
    }
    let calendar = home.terms.calendar(claim);
    let first = claim.cycle(calendar.periods)?.first()?;
    let left_another = || {
        let others =
            home.piece.claims().filter(|(_, other)| home.terms.is_household(other) && other.made != claim.made);
        let mut memberships = others.flat_map(|(_, other)| &other.members);
        memberships.any(|member| member.person == payee && member.until.is_some_and(|until| until <= gap_on))
    };
    let waits = gap_on < home.terms.pay_days((id, claim), home.piece, payee).first(first).on;
    waits.then(|| if left_another() { GapCause::Separation } else { GapCause::Wait })
}

/// What a rule took from the award that should last over a day: the payee's part of it, on the day that award was due.
fn not_reduced(
    home: &Home<'_>,
    payee: PersonId,
    gap_on: Date,
    (id, claim): (ClaimId, &ClaimView),
    rule: &str,
) -> Option<TaggedCredit> {
    let calendar = home.terms.calendar(claim);
    let pay_days = home.terms.pay_days((id, claim), home.piece, payee);
    let paid_by_then = claim.determined.iter().filter(|made| pay_days.first(made.period).on <= gap_on);
    let award = claim.standing(paid_by_then.map(|made| made.period).max()?)?;
    let taken =
        award.amounts.get(rule)?.parse::<Money>().ok()?.pence().abs() / Home::adults(claim, award.period.last());
    let next = claim.cycle(calendar.periods)?.next(award.period);
    let credit = Credit {
        usable: pay_days.first(award.period).on,
        amount: Money::from_pence(taken),
        kind: CreditKind::Award,
        purpose: Purpose::StandardAllowance,
        series: None,
        next_due: next.map(|next| pay_days.first(next).on),
        pays_for: None,
        position: u64::MAX,
        counts: None,
    };
    Some(TaggedCredit { credit, settled: Account::Sole(payee), payee })
}

/// Whether a wage that is to come would have been enough for the day, had it come day by day.
fn pay_is_to_come(home: &Home<'_>, place: usize, payee: PersonId, gap_on: Date) -> bool {
    let wages =
        home.ledger.credits.iter().filter(|tagged| tagged.credit.kind == CreditKind::Wage && tagged.payee == payee);
    let later: Vec<&TaggedCredit> = wages.filter(|tagged| gap_on < tagged.credit.usable).collect();
    home.cured(place, gap_on, Sharing::Strict, |credits| {
        credits.extend(later.iter().map(|tagged| {
            let amount = Money::from_pence(tagged.credit.amount.pence() / 31);
            TaggedCredit { credit: Credit { usable: gap_on, amount, ..tagged.credit }, ..**tagged }
        }));
    })
}
