//! Why a gap opens, as far as it is known on the evening on which it is topped up, in the words of FLOOR.md section 2.
//!
//! Each cause is tried by putting right in the credits what went wrong, so that nothing is replayed; the first that closes
//! the first day of the gap is named. `simulator::why` says afterwards what replaying says.

use jiff::civil::Date;
use schemas::events::{GapCause, Payee, PayeeLine, PaymentKind};
use schemas::{ClaimId, Money, PersonId};

use super::home::Home;
use crate::entitlement::decide;
use crate::floor::topup::TopUp;
use crate::floor::views::{Account, Sharing, TaggedCredit};
use crate::floor::{Credit, CreditKind, Purpose};
use crate::means::of_payment;
use crate::views::{ClaimView, Determined, PaymentStep, PaymentView};

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
    let told_in_time = || claim.map_or_else(Vec::new, |claim| told_in_time(home, payee, gap_on, claim));
    match found {
        Some((cause, _)) => cause,
        None if home.cured(place, gap_on, Sharing::Strict, |all| on_their_nominal_day(home, all)) => GapCause::Calendar,
        None if cured(told_in_time()) => GapCause::LateReport,
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

/// The award of a claim that should last over a day.
struct Lasting<'h> {
    award: &'h Determined,
    on: Date,
    next_due: Option<Date>,
}

impl<'h> Lasting<'h> {
    fn over(home: &'h Home<'_>, payee: PersonId, day: Date, (id, claim): (ClaimId, &'h ClaimView)) -> Option<Self> {
        let pay_days = home.terms.pay_days((id, claim), home.piece, payee);
        let paid_by_then = claim.determined.iter().filter(|made| pay_days.first(made.period).on <= day);
        let award = claim.standing(paid_by_then.map(|made| made.period).max()?)?;
        let next = claim.cycle(home.terms.calendar(claim).periods)?.next(award.period);
        let next_due = next.map(|next| pay_days.first(next).on);
        Some(Lasting { award, on: pay_days.first(award.period).on, next_due })
    }

    /// As much more of it, with the rest of it.
    fn more(&self, amount: Money, purpose: Purpose, payee: PersonId) -> TaggedCredit {
        let credit = Credit {
            usable: self.on,
            amount,
            kind: CreditKind::Award,
            purpose,
            series: None,
            next_due: self.next_due,
            pays_for: None,
            position: u64::MAX,
            counts: None,
        };
        TaggedCredit { credit, settled: Account::Sole(payee), payee }
    }
}

/// What a rule took from the award that should last over a day: the payee's part of it, on the day that award was due.
fn not_reduced(
    home: &Home<'_>,
    payee: PersonId,
    gap_on: Date,
    claim: (ClaimId, &ClaimView),
    rule: &str,
) -> Option<TaggedCredit> {
    let lasting = Lasting::over(home, payee, gap_on, claim)?;
    let taken = lasting.award.amounts.get(rule)?;
    let taken = taken.parse::<Money>().ok()?.pence().abs() / Home::adults(claim.1, lasting.award.period.last());
    Some(lasting.more(Money::from_pence(taken), Purpose::StandardAllowance, payee))
}

/// What the award that should last over a day would give the payee beyond what it does, had every fact been told in time.
fn told_in_time(
    home: &Home<'_>,
    payee: PersonId,
    gap_on: Date,
    (id, claim): (ClaimId, &ClaimView),
) -> Vec<TaggedCredit> {
    let lasting = Lasting::over(home, payee, gap_on, (id, claim)).filter(|_| home.piece.has_late_facts());
    let Some((lasting, rules)) = lasting.zip(home.law.of(claim)) else { return Vec::new() };
    let Ok(told) = decide(id, &home.piece.told_in_time(), lasting.award.period, rules) else { return Vec::new() };
    let theirs = |line: &&PayeeLine| line.payee == Payee::Person(payee);
    let given = |line: &PayeeLine| -> Money {
        let same = |other: &&PayeeLine| (other.purpose, other.for_whom) == (line.purpose, line.for_whom);
        lasting.award.lines.iter().filter(theirs).filter(same).map(|line| line.amount.money()).sum()
    };
    let more = told.lines.iter().filter(theirs).map(|line| (line.amount.money() - given(line), line.purpose));
    let more = more.filter(|(more, _)| *more > Money::ZERO);
    more.map(|(more, purpose)| lasting.more(more, purpose, payee)).collect()
}

/// What weekends and bank holidays moved, on the day it would have been due without them.
fn on_their_nominal_day(home: &Home<'_>, credits: &mut [TaggedCredit]) {
    for payment in home.piece.people().flat_map(|(_, view)| &view.payments) {
        let Some(nominal) = payment.nominal_on.filter(|_| payment.usable_on() == Some(payment.due_on)) else {
            continue;
        };
        let of_it = credits.iter_mut().filter(|tagged| tagged.credit.position == payment.position);
        of_it.for_each(|tagged| tagged.credit.usable = nominal);
    }
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
