//! Top-ups for everyone whom a guaranteed floor would leave short (FLOOR.md section 3).

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use schemas::events::{Channel, Days as PaidDays, Payee, PayeeLine, PaymentInstructed, PaymentKind, Purpose};
use schemas::{Amount, ClaimId, PaymentId, PersonId};

use crate::floor::file::FloorFile;
use crate::floor::topup::{Projection, TopUp, plan_top_up, scheduled_wage};
use crate::floor::views::LedgerError;
use crate::floor::views::{View, judge};
use crate::floor::{CreditKind, Days};
use crate::law::Law;
use crate::leaving::Leaving;
use crate::means::{Means, means};
use crate::payments::{Calendar, Planned, account_holders, derived_uuid};
use crate::views::{ClaimView, MemoryViews};

/// How far ahead gaps are looked for: past the longest tranche and the longest wait for the next credit.
const AHEAD_DAYS: i64 = 62;

/// The top-ups to instruct on a day beside what `also` leaves on it, person by person, and those of whom nothing could be
/// worked out. Nobody is paid twice for a day: what was paid counts as money there already.
pub fn plan(
    day: Date,
    world: &MemoryViews,
    also: &[Planned],
    law: &Law,
    file: &FloorFile,
) -> (Vec<Planned>, Vec<(PersonId, LedgerError)>) {
    let (mut planned, mut problems) = (Vec::new(), Vec::new());
    let leaving = Leaving::new(day, also);
    for (person, _) in world.people() {
        let world = leaving.applied_to(world.around(person));
        match means(person, &world, file, &law.terms(day)) {
            Ok(means) => planned.extend(means.and_then(|means| top_up(day, person, &world, law, file, &means))),
            Err(error) => problems.push((person, error)),
        }
    }
    (planned, problems)
}

fn top_up(
    day: Date,
    person: PersonId,
    world: &MemoryViews,
    law: &Law,
    file: &FloorFile,
    means: &Means,
) -> Option<Planned> {
    let terms = law.terms(day);
    let household =
        |claim: &ClaimView| terms.is_household(claim) && claim.is_open_on(day) && belongs(claim, person, day);
    let (claim, view) = world.claims().find(|(_, claim)| household(claim))?;
    let calendar = terms.calendar(view);
    let days = Days::new(day, day.saturating_add(AHEAD_DAYS.days())).ok()?;
    let found = means.scope.apply(&judge(&means.ledger, View::default(), file.counts, days), days);
    let carer =
        means.ledger.people().iter().find(|member| member.person == person).and_then(|member| *member.carer.at(day));
    let payee = carer.unwrap_or(person);
    let scheduled = scheduled(day, payee, &means.ledger, view, calendar);
    let projection = Projection { gaps: &found.gaps, scheduled: &scheduled, cause: None };
    let top_up = plan_top_up(day, &projection, file, is_weekday).filter(|top_up| top_up.release_on <= day)?;
    instruction(person, payee, claim, view, &top_up, world, day)
}

fn belongs(claim: &ClaimView, person: PersonId, day: Date) -> bool {
    claim.members_on(day).any(|member| member.person == person)
}

/// The days on which money is due to a person: payments already made or instructed, the next award of an open claim,
/// and a wage that came on its day three times running.
fn scheduled(
    day: Date,
    person: PersonId,
    ledger: &crate::floor::PersonLedger,
    claim: &ClaimView,
    calendar: Calendar,
) -> Vec<Date> {
    let own: Vec<_> =
        ledger.credits.iter().filter(|tagged| tagged.payee == person).map(|tagged| tagged.credit).collect();
    let mut days: Vec<Date> =
        own.iter().filter(|c| c.kind != CreditKind::TopUp).map(|c| c.usable).filter(|on| *on > day).collect();
    let mut jobs: Vec<_> = own.iter().filter(|c| c.kind == CreditKind::Wage).filter_map(|c| c.series).collect();
    jobs.sort_unstable();
    jobs.dedup();
    days.extend(jobs.into_iter().filter_map(|job| scheduled_wage(&own, job)).map(|wage| wage.usable));
    let last_pay_day = claim.period_on(day, calendar.periods).and_then(|period| {
        let before = claim
            .period_on(period.first().yesterday().ok()?, calendar.periods)
            .map(|before| calendar.pay_day(claim, before));
        before.into_iter().chain([calendar.pay_day(claim, period)]).find(|on| *on > day)
    });
    days.extend(last_pay_day);
    days
}

/// Monday to Friday. Bank holidays are the payment calendar's business, and matter only where the file has a lead.
fn is_weekday(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn instruction(
    person: PersonId,
    payee: PersonId,
    claim: ClaimId,
    view: &ClaimView,
    top_up: &TopUp,
    world: &MemoryViews,
    day: Date,
) -> Option<Planned> {
    let amount = Amount::new(top_up.amount).ok().filter(|amount| *amount > Amount::ZERO)?;
    let cause = view.determined.last().map(|determined| determined.event).or(view.made)?;
    let (first, last) = (top_up.covers.from(), top_up.covers.to());
    let payee = Payee::Person(payee);
    Some(Planned {
        person,
        payment: PaymentInstructed {
            payment: PaymentId(derived_uuid(&format!("top-up|{person}|{first}|{last}|{amount}"))),
            kind: PaymentKind::TopUp,
            payee,
            account_holders: account_holders(payee, world, day),
            lines: vec![PayeeLine { amount, purpose: Purpose::TopUp, for_whom: person, payee }],
            amount,
            due_on: top_up.usable_by,
            next_due: None,
            series: None,
            channel: Channel::FasterPayments,
            claim: Some(claim),
            period: None,
            instalment: 1,
            for_days: PaidDays::new(first, last),
            cause,
            account: None,
            nominal_on: None,
            because: None,
        },
    })
}
