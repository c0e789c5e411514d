//! What is due to whom on which day, and the plan that pays it.
//!
//! A plan is a pure list with a digest; nothing has happened until it was approved and carried out. Names of payments
//! are derived from what they pay, so that the same debt is never paid twice, whoever plans it and however often.

mod calendar;
mod horizon;
mod notes;
mod parts;
mod pay_days;
mod route;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::{Days, Decision, Payee, PayeeLine, PaymentInstructed, PaymentKind};
use schemas::{Amount, AssessmentPeriod, ClaimId, EventId, Money, PaymentId, PersonId};
use sha2::Digest as _;

pub use self::calendar::Calendar;
pub use self::horizon::Horizon;
pub use self::notes::notes;
pub use self::pay_days::{PayDay, PayDays};
pub use self::route::{Leaves, Route, bacs_days, leaves, route};
use crate::views::{ClaimView, Determined, KeptBack, MemoryViews, PaymentView, PersonView};

/// Money that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Under which claim.
    pub claim: ClaimId,
    /// Who is entitled to it: the payment stands on them.
    pub entitled: PersonId,
    /// Who receives it.
    pub payee: Payee,
    /// For which period; the last of them where several are paid together.
    pub period: AssessmentPeriod,
    /// The days of all of them, where several are paid together.
    pub days: Option<Days>,
    /// Which part of what is due for the period: 1, or 0 for the payment that stands in for the first wait.
    pub instalment: u16,
    /// What it consists of.
    pub lines: Vec<PayeeLine>,
    /// When.
    pub due: PayDay,
    /// When the next of the series is due, as scheduled then.
    pub next_due: Option<Date>,
}

/// What makes two payments the same one: everything that names it but its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Under which claim.
    pub claim: ClaimId,
    /// Who is entitled.
    pub entitled: PersonId,
    /// Who receives it.
    pub payee: Payee,
    /// For which period.
    pub period: AssessmentPeriod,
    /// Which part of what is due for the period.
    pub instalment: u16,
}

impl Due {
    /// What names it, its cause aside.
    pub fn key(&self) -> Key {
        Key {
            claim: self.claim,
            entitled: self.entitled,
            payee: self.payee,
            period: self.period,
            instalment: self.instalment,
        }
    }

    /// How much.
    pub fn amount(&self) -> Money {
        self.lines.iter().map(|line| line.amount.money()).sum()
    }

    /// The series that awards of the claim make for one person.
    pub fn series(&self) -> String {
        format!("award {}", self.claim)
    }
}

/// The lines of a decision and who is entitled to them, as they were decided: later changes of the household change
/// neither.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// For which period.
    pub period: AssessmentPeriod,
    /// What is paid.
    pub lines: &'a [PayeeLine],
    /// The claimants.
    pub adults: &'a [PersonId],
    /// Who is entitled to the lines for a child.
    pub main_carer: PersonId,
}

impl<'a> Decided<'a> {
    /// Of a recorded decision.
    pub fn of(determined: &'a Determined) -> Decided<'a> {
        let Determined { period, lines, adults, main_carer, .. } = determined;
        Decided { period: *period, lines, adults, main_carer: *main_carer }
    }

    /// Who is entitled to a line.
    pub fn entitled(&self, line: &PayeeLine) -> PersonId {
        if self.adults.contains(&line.for_whom) { line.for_whom } else { self.main_carer }
    }
}

/// What one person is entitled to for a decided period, to one payee.
struct Share {
    entitled: PersonId,
    payee: Payee,
    lines: Vec<PayeeLine>,
}

impl Share {
    fn amount(&self) -> Money {
        self.lines.iter().map(|line| line.amount.money()).sum()
    }
}

/// The award of one decided period: one share for each person entitled and each payee.
fn shares(decided: Decided<'_>) -> Vec<Share> {
    let mut shares: Vec<Share> = Vec::new();
    for line in decided.lines {
        let entitled = decided.entitled(line);
        match shares.iter_mut().find(|share| share.entitled == entitled && share.payee == line.payee) {
            Some(share) => share.lines.push(line.clone()),
            None => shares.push(Share { entitled, payee: line.payee, lines: vec![line.clone()] }),
        }
    }
    shares
}

/// A payment of the plan, and the person it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Who is entitled.
    pub person: PersonId,
    /// The instruction.
    pub payment: PaymentInstructed,
}

/// The name of a payment: a UUID made of the SHA-256 of what it pays (RFC 9562, version 8). `attempt` counts the payments
/// of the same name that were called off before they left.
pub fn payment_id(key: &Key, kind: PaymentKind, attempt: usize, cause: EventId) -> PaymentId {
    let Key { claim, entitled, payee, period, instalment } = key;
    let what = format!("{claim}|{entitled}|{payee:?}|{}|{kind}|{instalment}|{attempt}|{cause}", period.first());
    PaymentId(derived_uuid(&what))
}

/// A UUID made of a text (RFC 9562, version 8).
pub fn derived_uuid(text: &str) -> uuid::Uuid {
    let hash: [u8; 32] = sha2::Sha256::digest(text.as_bytes()).into();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash).for_each(|(byte, hashed)| *byte = hashed);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The awards of standing decisions, or the parts of them, that leave on an evening, to where they are wanted on the day
/// they are due. What is paid together leaves ahead of the evening before only when all of it is decided.
///
/// A payment to somebody whose payments are suspended stays due. One that is late is due on the day of the plan.
pub fn plan(
    horizon: Horizon,
    claim: ClaimId,
    view: &ClaimView,
    world: &MemoryViews,
    calendar: Calendar,
) -> Vec<Planned> {
    let leaves_now = |due: Due| {
        let whole = calendar.is_decided(view, calendar.paid_with(view, due.period));
        let horizon = if whole { horizon } else { Horizon::next_day(horizon.day) };
        let route = route(due.payee, Some(claim), world, due.due.on);
        match leaves(route.channel, due.due.on, horizon) {
            Leaves::Now(channel, on) => {
                Some((Due { due: PayDay { on, ..due.due }, ..due }, Route { channel, ..route }))
            }
            Leaves::Later => None,
        }
    };
    planned(horizon.day, claim, view, world, calendar, leaves_now)
}

/// The first evening from a day on, on which something of standing decisions leaves, as long as nothing else is recorded;
/// none where nothing of them waits, or payments are held back. `horizon` gives that of an evening.
pub(crate) fn next_leaving(
    day: Date,
    horizon: impl Fn(Date) -> Horizon,
    claim: ClaimId,
    view: &ClaimView,
    world: &MemoryViews,
    calendar: Calendar,
) -> Option<Date> {
    let first = Cell::new(None);
    let note = |due: Due| {
        let whole = calendar.is_decided(view, calendar.paid_with(view, due.period));
        let channel = route(due.payee, Some(claim), world, due.due.on).channel;
        let leaves_on = |evening: &Date| {
            let horizon = if whole { horizon(*evening) } else { Horizon::next_day(*evening) };
            leaves(channel, due.due.on, horizon) != Leaves::Later
        };
        let evening = evenings_before(due.due.on, day).find(leaves_on);
        let earlier = first.get().into_iter().chain(evening).min();
        first.set(earlier);
        None
    };
    planned(day, claim, view, world, calendar, note);
    first.get()
}

/// The evenings from a day on, on which what is due on another may leave.
pub(crate) fn evenings_before(due_on: Date, day: Date) -> impl Iterator<Item = Date> {
    let first = day.max(due_on.saturating_sub(LEAVES_AHEAD_DAYS.days()));
    std::iter::successors(Some(first), |evening| evening.tomorrow().ok())
}

/// The longest time ahead of its day that anything leaves: past the longest lead and the days that Bacs takes, whatever
/// holidays lie in them.
const LEAVES_AHEAD_DAYS: i64 = 31;

/// The awards of standing decisions, and all parts of them, that are still to be instructed and are due by a later day.
pub fn to_come(
    day: Date,
    until: Date,
    claim: ClaimId,
    view: &ClaimView,
    world: &MemoryViews,
    calendar: Calendar,
) -> Vec<Planned> {
    let by_then = |due: Due| (due.due.on <= until).then(|| (route(due.payee, Some(claim), world, due.due.on), due));
    planned(day, claim, view, world, calendar, |due| by_then(due).map(|(route, due)| (due, route)))
}

fn planned(
    day: Date,
    claim: ClaimId,
    view: &ClaimView,
    world: &MemoryViews,
    calendar: Calendar,
    chosen: impl Fn(Due) -> Option<(Due, Route)>,
) -> Vec<Planned> {
    let mut planned: BTreeMap<(Date, Date), Vec<Sent>> = BTreeMap::new();
    for determined in &view.determined {
        let standing = view.standing(determined.period).is_some_and(|standing| standing.event == determined.event);
        // The award of a period may have ended after it was decided, and before it is paid.
        let open = view.is_open_on(calendar.periods.facts_on(determined.period));
        if !standing || !open {
            continue;
        }
        let left = determined.payment
            - instructed(claim, determined.period, view, world)
            - kept_back(claim, determined.period, view, world);
        if left == Money::ZERO {
            continue; // Of most periods, on most evenings.
        }
        let unpaid = unpaid(claim, view, world, calendar, determined);
        // Where a decision that was replaced had been paid to others, the rest is a difference (`arrears`).
        let too_much = || view.is_replacing(determined) && unpaid.iter().map(Unpaid::amount).sum::<Money>() > left;
        if unpaid.is_empty() || too_much() {
            continue;
        }
        // Nothing was paid before anybody knew of the claim.
        let earliest = day.max(view.known_to_reach(determined.period));
        let free = unpaid.into_iter().filter(|unpaid| may_be_paid(unpaid.share.entitled, world, day));
        let dues = free.flat_map(|unpaid| unpaid.dues(claim, determined.period, earliest));
        let sent = dues.filter_map(&chosen).map(|(due, route)| Sent { due, route, cause: determined.event });
        planned.entry(calendar.paid_with(view, determined.period)).or_default().extend(sent);
    }
    let together = planned.into_values().flat_map(paid_together);
    together.filter_map(|sent| instruction(sent, world)).collect()
}

/// The award of one decided period, in its parts, whatever was paid of it.
pub fn awards(
    claim: ClaimId,
    view: &ClaimView,
    decided: Decided<'_>,
    world: &MemoryViews,
    calendar: Calendar,
) -> Vec<Due> {
    let dues = |share: Share| {
        let days = PayDays::new(calendar, (claim, view), world, share.entitled, share.payee);
        Unpaid { days, share, paid: Vec::new(), kept_on: None }.dues(claim, decided.period, Date::MIN)
    };
    shares(decided).into_iter().flat_map(dues).collect()
}

/// What is still to be paid of a share by the plans of this and later days.
struct Unpaid<'w> {
    days: PayDays<'w>,
    share: Share,
    paid: Vec<&'w PaymentView>,
    /// The last day on which some of it was kept back.
    kept_on: Option<Date>,
}

/// The shares of a decision that are not wholly paid, each with what is left of it. A share of which all was paid that was
/// due when its last part was instructed is: if more is due since, the more is arrears.
fn unpaid<'w>(
    claim: ClaimId,
    view: &'w ClaimView,
    world: &'w MemoryViews,
    calendar: Calendar,
    determined: &Determined,
) -> Vec<Unpaid<'w>> {
    let mut unpaid = Vec::new();
    for Share { entitled, payee, lines } in shares(Decided::of(determined)) {
        let days = PayDays::new(calendar, (claim, view), world, entitled, payee);
        let all: Vec<&PaymentView> = days.paid(determined.period).collect();
        let paid: Vec<&PaymentView> = all.iter().copied().filter(|paid| paid.kind == PaymentKind::Award).collect();
        let of_person = world.person(entitled).into_iter();
        let kept = of_person.flat_map(|person| person.kept_back_of(claim, determined.period, world));
        let kept: Vec<&KeptBack> = kept.filter(|kept| kept.payee == payee).collect();
        if is_whole(&paid, &kept, determined.period, view, entitled, payee) {
            continue;
        }
        let had: Vec<&PayeeLine> =
            all.iter().flat_map(|paid| &paid.lines).chain(kept.iter().flat_map(|kept| &kept.lines)).collect();
        let lines = if had.is_empty() { lines } else { parts::rest(&lines, &had) };
        let share = Share { entitled, payee, lines };
        let kept_on = kept.iter().map(|kept| kept.on).max();
        unpaid.extend((share.amount() > Money::ZERO).then_some(Unpaid { days, share, paid, kept_on }));
    }
    unpaid
}

/// Whether these payments, with what was kept back, gave a payee all that was due for a period when the last of them was
/// instructed.
fn is_whole(
    paid: &[&PaymentView],
    kept: &[&KeptBack],
    period: AssessmentPeriod,
    view: &ClaimView,
    entitled: PersonId,
    payee: Payee,
) -> bool {
    let Some(last) = paid.iter().map(|payment| payment.position).max() else { return false };
    let sum: Money = paid.iter().map(|payment| payment.amount).chain(kept.iter().map(|kept| kept.amount)).sum();
    let Some(then) = view.standing_at(period, last) else { return true };
    let own = |share: &&Share| share.entitled == entitled && share.payee == payee;
    sum >= shares(Decided::of(then)).iter().filter(own).map(Share::amount).sum()
}

impl Unpaid<'_> {
    fn amount(&self) -> Money {
        self.share.amount()
    }

    /// The parts in which it is due.
    fn dues(&self, claim: ClaimId, period: AssessmentPeriod, earliest: Date) -> Vec<Due> {
        let Share { entitled, payee, lines } = &self.share;
        let due = |part: parts::Part| Due {
            claim,
            entitled: *entitled,
            payee: *payee,
            period,
            days: None,
            instalment: part.number,
            lines: part.lines,
            due: part.due,
            next_due: part.next.or_else(|| self.days.next(period, part.due.on)),
        };
        parts::parts(lines, &self.paid, self.kept_on, &self.days.of(period), earliest).into_iter().map(due).collect()
    }
}

/// Something due that is sent, how, and why.
struct Sent {
    due: Due,
    route: Route,
    cause: EventId,
}

/// What is due for several periods, one after another, as one sum for each person entitled and each payee, unless it is in
/// parts.
fn paid_together(all: Vec<Sent>) -> Vec<Sent> {
    let mut together: Vec<Sent> = Vec::new();
    for sent in all {
        let due = &sent.due;
        let same = |other: &&mut Sent| {
            let other = &other.due;
            other.entitled == due.entitled && other.payee == due.payee && other.period != due.period
        };
        match together.iter_mut().find(same) {
            None => together.push(sent),
            Some(Sent { due: sum, cause, .. }) => {
                let first = sum.days.map_or(sum.period.first(), Days::first);
                (sum.days, sum.period, *cause) = (Days::new(first, due.period.last()), due.period, sent.cause);
                sent.due.lines.into_iter().for_each(|line| add_line(&mut sum.lines, line));
            }
        }
    }
    together
}

fn add_line(lines: &mut Vec<PayeeLine>, line: PayeeLine) {
    let same = |other: &&mut PayeeLine| (other.purpose, other.for_whom) == (line.purpose, line.for_whom);
    match lines.iter_mut().find(same) {
        Some(other) => other.amount = other.amount + line.amount,
        None => lines.push(line),
    }
}

/// What was instructed for a period of a claim, awards and arrears together, for whomever; what came back and was not
/// sent again included, because it is on its way through the bank and not through here. Of a payment for several periods
/// it is what the decisions that stood for the others when it was instructed leave.
pub fn instructed(claim: ClaimId, period: AssessmentPeriod, view: &ClaimView, world: &MemoryViews) -> Money {
    let members: BTreeSet<PersonId> = view.members.iter().map(|member| member.person).collect();
    let payments = members.into_iter().filter_map(|person| world.person(person)).flat_map(|view| view.payments.iter());
    let of_it: Vec<&PaymentView> = payments
        .filter(|payment| {
            let kind = matches!(payment.kind, PaymentKind::Award | PaymentKind::Arrears) && payment.instalment > 0;
            !payment.is_cancelled() && kind && payment.claim == Some(claim) && payment.is_for_period(period)
        })
        .collect();
    let others: BTreeSet<AssessmentPeriod> = view.determined.iter().map(|determined| determined.period).collect();
    let then = |other: AssessmentPeriod| {
        let last = of_it.iter().filter(|payment| payment.is_for_period(other)).map(|payment| payment.position).max();
        view.standing_at(other, last?).map(|standing| standing.payment)
    };
    let paid: Money = of_it.iter().map(|payment| payment.amount).sum();
    paid - others.into_iter().filter(|other| *other != period).filter_map(then).sum()
}

/// What was kept back of a period of a claim, for whomever.
fn kept_back(claim: ClaimId, period: AssessmentPeriod, view: &ClaimView, world: &MemoryViews) -> Money {
    let members: BTreeSet<PersonId> = view.members.iter().map(|member| member.person).collect();
    let people = members.into_iter().filter_map(|person| world.person(person));
    people.flat_map(|person| person.kept_back_of(claim, period, world)).map(|kept| kept.amount).sum()
}

/// The payment that stands in for the first wait: as much as the first period gives, on the day of the claim.
pub fn plan_first(
    day: Date,
    claim: ClaimId,
    view: &ClaimView,
    world: &MemoryViews,
    decision: &Decision,
    calendar: Calendar,
) -> Vec<Planned> {
    let Some(made) = view.made else { return Vec::new() };
    let Decision { period, lines, adults, main_carer, .. } = decision;
    let decided = Decided { period: *period, lines, adults, main_carer: *main_carer };
    let on = period.first().max(day);
    let first = |Share { entitled, payee, lines }: Share| {
        let usual = PayDays::new(calendar, (claim, view), world, entitled, payee).first(*period).on;
        let (due, next_due) = (PayDay { on, nominal: on }, Some(usual).filter(|usual| on < *usual));
        let due = Due { claim, entitled, payee, period: *period, days: None, instalment: 0, lines, due, next_due };
        Sent { due, route: route(payee, Some(claim), world, on).to_arrive(on, day), cause: made }
    };
    let sent = shares(decided).into_iter().map(first);
    let unpaid = sent.filter(|Sent { due, .. }| may_be_paid(due.entitled, world, day) && !is_paid(due, world));
    unpaid.filter_map(|sent| instruction(sent, world)).collect()
}

/// Whether payments to a person leave on a day: not while they are suspended, nor after a death.
fn may_be_paid(person: PersonId, world: &MemoryViews, day: Date) -> bool {
    let held = |view: &PersonView| view.is_suspended(day) || view.died.is_some_and(|died| died <= day);
    world.person(person).is_some_and(|view| !held(view))
}

fn is_paid(due: &Due, world: &MemoryViews) -> bool {
    world.person(due.entitled).is_some_and(|person| person.payments.iter().any(|payment| pays(payment, due)))
}

/// Whether a payment pays what is due. What stands in for the first wait is paid once, whoever receives it.
pub fn pays(payment: &PaymentView, due: &Due) -> bool {
    !payment.is_cancelled() && is_for(payment, due)
}

/// Whether a payment is, or was before it was called off, for what is due.
fn is_for(payment: &PaymentView, due: &Due) -> bool {
    payment.kind == PaymentKind::Award
        && payment.claim == Some(due.claim)
        && payment.is_for_period(due.period)
        && (payment.payee == due.payee || due.instalment == 0)
        && payment.instalment == due.instalment
}

fn instruction(Sent { due, route, cause }: Sent, world: &MemoryViews) -> Option<Planned> {
    let amount = Amount::new(due.amount()).ok().filter(|amount| *amount > Amount::ZERO)?;
    let person = world.person(due.entitled)?;
    let called_off = person.payments.iter().filter(|payment| payment.is_cancelled() && is_for(payment, &due)).count();
    let series = due.series();
    Some(Planned {
        person: due.entitled,
        payment: PaymentInstructed {
            payment: payment_id(&due.key(), PaymentKind::Award, called_off, cause),
            kind: PaymentKind::Award,
            payee: due.payee,
            account_holders: route.holders,
            amount,
            due_on: due.due.on,
            next_due: due.next_due,
            series: Some(series),
            channel: route.channel,
            claim: Some(due.claim),
            period: Some(due.period),
            instalment: due.instalment,
            for_days: due.days,
            cause,
            account: route.account,
            nominal_on: Some(due.due.nominal).filter(|nominal| due.due.on < *nominal),
            because: None,
            lines: due.lines,
        },
    })
}

#[cfg(test)]
mod tests;
