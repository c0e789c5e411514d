//! Why a person was below the floor on a day: the history replayed with one cause removed, then with two, then more
//! (FLOOR.md section 2). Which events make a cause stands here; the search itself is `projections::floor::cause`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use projections::facts::told_on;
use projections::floor::cause::{Cause, CauseSet, CausedDays, causes};
use projections::floor::views::{LedgerError, PersonLedger, TaggedCredit, View};
use projections::floor::{Credit, CreditKind, Days};
use projections::means::means;
use projections::views::{MemoryViews, PaymentStep, decision_of};
use schemas::day::london_hour;
use schemas::events::{
    ClaimEvent, ClaimFact, DebtEvent, Event, IncomeEvent, PayCalendar, PaymentCancelled, PaymentEvent, PaymentKind,
    PaymentReleased, PersonEvent, PersonFact, PersonFactRecorded, SanctionEvent,
};
use schemas::{Money, PaymentId, PersonId, Recorded};

use crate::replay::{Regime, replay_part};

/// The causes of a person's breach days, in runs of days with the same answer.
///
/// `history` holds the events of the person and of everyone they shared a claim with. Causes that no event of the
/// history can be about are not tried; `unclaimed` and `ineligible` have no event yet and never are.
///
/// # Errors
/// A child whose recorded carer is not among the people of the history.
pub fn why(
    person: PersonId,
    history: &[Recorded],
    regime: Regime<'_>,
    days: Days,
) -> Result<Vec<CausedDays>, LedgerError> {
    let candidates = candidates(history);
    let ledgers: RefCell<BTreeMap<CauseSet, PersonLedger>> = RefCell::new(BTreeMap::new());
    let plain = without(person, history, regime, days.to(), CauseSet::default())?;
    let Some(plain) = plain else { return Ok(Vec::new()) };
    let replayed = |removed: &CauseSet| {
        if let Some(known) = ledgers.borrow().get(removed) {
            return known.clone();
        }
        let ledger =
            without(person, history, regime, days.to(), *removed).ok().flatten().unwrap_or_else(|| plain.clone());
        ledgers.borrow_mut().insert(*removed, ledger.clone());
        ledger
    };
    Ok(causes(replayed, candidates, View::default(), regime.floor.counts, days))
}

/// What the person could live on, had the causes not been.
fn without(
    person: PersonId,
    history: &[Recorded],
    regime: Regime<'_>,
    until: Date,
    removed: CauseSet,
) -> Result<Option<PersonLedger>, LedgerError> {
    let mut kept: Vec<Recorded> = history.iter().filter(|event| !is_of(event, removed, history)).cloned().collect();
    if removed.has(Cause::LateReport) {
        kept.iter_mut().for_each(report_on_time);
        kept.sort_by_key(|event| (event.envelope.time, event.sequence));
    }
    if removed.has(Cause::Cap) {
        give_everyone(&mut kept, &PersonFact::DisabilityBenefit(true)); // It lifts the cap (reg. 83).
    }
    if removed.has(Cause::Calendar) {
        give_everyone(&mut kept, &PersonFact::PayCalendar(PayCalendar::ExactDay));
    }
    let regime = Regime { inherit_lateness: regime.inherit_lateness && !removed.has(Cause::LatePayment), ..regime };
    let mut world = replay_part(&kept, history, regime, until).world;
    if removed.has(Cause::Wait) {
        world = first_award_on_the_claim_day(world);
    }
    let terms = regime.law.terms(until);
    let Some(means) = means(person, &world.around(person), regime.floor, &terms)? else { return Ok(None) };
    let mut ledger = means.ledger;
    if removed.has(Cause::EarningsTiming) {
        ledger.credits = ledger.credits.iter().flat_map(spread).collect();
    }
    Ok(Some(ledger))
}

/// The causes that some event of the history could be about.
fn candidates(history: &[Recorded]) -> CauseSet {
    let has = |cause: Cause| history.iter().any(|event| is_of(event, CauseSet::default().with(cause), history));
    let mut found = CauseSet::default().with(Cause::Wait);
    let by_event = [
        Cause::Sanction,
        Cause::Deduction,
        Cause::Suspended,
        Cause::ReturnedPayment,
        Cause::LatePayment,
        Cause::Closed,
        Cause::Separation,
        Cause::Misdirected,
        Cause::WorkCost,
    ];
    for cause in by_event.into_iter().filter(|cause| has(*cause)) {
        found = found.with(cause);
    }
    let any = |test: fn(&Event) -> bool| history.iter().any(|event| test(&event.envelope.event));
    if any(|event| matches!(event, Event::Income(IncomeEvent::EarningsReported(_)))) {
        found = found.with(Cause::EarningsTiming);
    }
    let capped = |amounts: &[(String, String)]| {
        amounts.iter().any(|(rule, sum)| rule == "benefit_cap_reduction" && sum != "0.00")
    };
    let capped_in = |event: &Recorded| {
        if let Event::Determination(event) = &event.envelope.event {
            capped(&decision_of(event).amounts)
        } else {
            false
        }
    };
    if history.iter().any(capped_in) {
        found = found.with(Cause::Cap);
    }
    if any(|event| matches!(event, Event::Payment(PaymentEvent::PaymentInstructed(paid)) if paid.nominal_on.is_some()))
    {
        found = found.with(Cause::Calendar);
    }
    if history.iter().any(is_late_report) {
        found = found.with(Cause::LateReport);
    }
    found
}

/// Whether the event is part of one of the causes, so that without them it had not been.
pub(crate) fn is_of(event: &Recorded, causes: CauseSet, history: &[Recorded]) -> bool {
    let removed = |cause: Cause| causes.has(cause);
    match &event.envelope.event {
        Event::Sanction(event) => removed(Cause::Sanction) && !matches!(event, SanctionEvent::HardshipAwarded(_)),
        Event::Debt(event) => removed(Cause::Deduction) && matches!(event, DebtEvent::DebtDeductionSet(_)),
        Event::Payment(payment) => match payment {
            PaymentEvent::PaymentSuspended(_) | PaymentEvent::PaymentResumed(_) => removed(Cause::Suspended),
            PaymentEvent::PaymentReturned(_) | PaymentEvent::PaymentReissued(_) => removed(Cause::ReturnedPayment),
            PaymentEvent::PaymentReleased(PaymentReleased { payment, .. })
            | PaymentEvent::PaymentCancelled(PaymentCancelled { payment, .. }) => {
                removed(Cause::ReturnedPayment) && came_back_before(*payment, event, history)
            }
            PaymentEvent::PaymentSettled(settled) => {
                let again = came_back_before(settled.payment, event, history);
                let moved = || moved_from(settled.payment, history).is_some_and(|nominal| settled.usable_on < nominal);
                (removed(Cause::Calendar) && moved())
                    || removed(if again { Cause::ReturnedPayment } else { Cause::LatePayment })
            }
            PaymentEvent::PaymentInstructed(_) | PaymentEvent::PaymentAccepted(_) | PaymentEvent::TopUpRecovered(_) => {
                false
            }
        },
        Event::Claim(what) => {
            let away = |fact: &ClaimFact| matches!(fact, ClaimFact::PaidInto(_) | ClaimFact::PaidTo(_));
            (removed(Cause::Closed) && matches!(what, ClaimEvent::ClaimClosed(_)))
                || (removed(Cause::Misdirected)
                    && matches!(what, ClaimEvent::ClaimFactRecorded(known) if away(&known.fact)))
                || (removed(Cause::Separation)
                    && (matches!(what, ClaimEvent::ClaimLeft(_)) || is_of_separation(event, history)))
        }
        Event::Income(event) => removed(Cause::WorkCost) && matches!(event, IncomeEvent::OutflowReported(_)),
        Event::Person(_)
        | Event::Identity(_)
        | Event::Determination(_)
        | Event::Dispute(_)
        | Event::Run(_)
        | Event::Pack(_)
        | Event::Bank(_) => false,
    }
}

/// Whether a payment had come back when an event happened to it.
fn came_back_before(payment: PaymentId, event: &Recorded, history: &[Recorded]) -> bool {
    history.iter().any(|before| {
        let Event::Payment(PaymentEvent::PaymentReturned(returned)) = &before.envelope.event else { return false };
        returned.payment == payment && before.sequence < event.sequence
    })
}

/// The day on which a payment would have been due, where a weekend or a bank holiday moved it.
fn moved_from(payment: PaymentId, history: &[Recorded]) -> Option<Date> {
    history.iter().find_map(|event| match &event.envelope.event {
        Event::Payment(PaymentEvent::PaymentInstructed(paid)) if paid.payment == payment => paid.nominal_on,
        Event::Payment(_)
        | Event::Person(_)
        | Event::Income(_)
        | Event::Identity(_)
        | Event::Sanction(_)
        | Event::Debt(_)
        | Event::Claim(_)
        | Event::Determination(_)
        | Event::Dispute(_)
        | Event::Run(_)
        | Event::Pack(_)
        | Event::Bank(_) => None,
    })
}

/// Whether the event stands on a claim that somebody made when, or after, they left another.
fn is_of_separation(event: &Recorded, history: &[Recorded]) -> bool {
    let made = history.iter().filter(|made| made.envelope.subject == event.envelope.subject).find_map(|made| {
        if let Event::Claim(ClaimEvent::ClaimMade(claim)) = &made.envelope.event {
            Some((&claim.claimants, made.envelope.effective_from))
        } else {
            None
        }
    });
    let Some((claimants, from)) = made else { return false };
    history.iter().any(|left| {
        if let Event::Claim(ClaimEvent::ClaimLeft(leaving)) = &left.envelope.event {
            let elsewhere = left.envelope.subject != event.envelope.subject;
            elsewhere && claimants.contains(&leaving.person) && left.envelope.effective_from <= from
        } else {
            false
        }
    })
}

pub(crate) fn is_late_report(event: &Recorded) -> bool {
    let is_fact = matches!(
        event.envelope.event,
        Event::Person(PersonEvent::PersonFactRecorded(_)) | Event::Claim(ClaimEvent::ClaimFactRecorded(_))
    );
    is_fact && told_on(&event.envelope) > event.envelope.effective_from
}

fn report_on_time(event: &mut Recorded) {
    if is_late_report(event) {
        let on_the_day = london_hour(event.envelope.effective_from, 12);
        event.envelope.time = on_the_day.min(event.envelope.time);
        event.envelope.notified_on = None;
    }
}

/// Everyone has a fact from the first day on.
fn give_everyone(history: &mut Vec<Recorded>, fact: &PersonFact) {
    let mut given: Vec<Recorded> = Vec::with_capacity(history.len());
    for event in history.drain(..) {
        let registered = matches!(event.envelope.event, Event::Person(PersonEvent::PersonRegistered(_)));
        let fact = PersonFactRecorded { fact: fact.clone() };
        let mut with_fact = event.clone();
        with_fact.envelope.event = fact.into();
        with_fact.envelope.effective_from = Date::MIN;
        given.push(event);
        given.extend(registered.then_some(with_fact));
    }
    *history = given;
}

/// The first award of each claim usable on the day the claim was made from.
fn first_award_on_the_claim_day(mut world: MemoryViews) -> MemoryViews {
    let first_days: BTreeMap<_, _> =
        world.claims().filter_map(|(id, claim)| Some((id, claim.entitled_from?))).collect();
    world.for_each_payment(|payment| {
        let first_day = payment.claim.and_then(|claim| first_days.get(&claim));
        let first = payment.period.map(|period| period.first());
        if payment.kind == PaymentKind::Award && first.is_some() && first == first_day.copied() {
            payment.due_on = first.unwrap_or(payment.due_on);
            for progress in &mut payment.steps {
                if let PaymentStep::Settled(on) | PaymentStep::Reissued(on) | PaymentStep::Released(_, on) =
                    &mut progress.step
                {
                    *on = payment.due_on;
                }
            }
        }
    });
    world
}

/// A wage spread evenly over the days from the last pay day to this one; a credit of any other kind as it is.
fn spread(tagged: &TaggedCredit) -> Vec<TaggedCredit> {
    let credit = &tagged.credit;
    let Some(next) = credit.next_due.filter(|_| credit.kind == CreditKind::Wage) else { return vec![*tagged] };
    let days = i64::from((next - credit.usable).get_days()).clamp(1, 31);
    let (each, odd) = (credit.amount.pence() / days, credit.amount.pence() % days);
    let part = |n: i64| Credit {
        usable: credit.usable.saturating_sub((days - 1 - n).days()),
        amount: Money::from_pence(each + i64::from(n < odd)),
        series: None,
        next_due: None,
        ..*credit
    };
    (0..days).map(|n| TaggedCredit { credit: part(n), ..*tagged }).collect()
}
