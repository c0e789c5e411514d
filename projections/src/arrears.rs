//! What a decided period gives beyond what was instructed for it, and what was instructed beyond what it gives.
//!
//! Whatever replaced a decision, be it revised, superseded, corrected or remade, and whatever ended an award after it was
//! decided, the difference is always between what stands now and what was instructed. More is paid without anybody's
//! asking; less is listed until somebody decides whether it is recovered (`debts.rs`).
//!
//! Source: SI 2013/384 reg. 16(1) and (2) (read, as made): what a person was paid for a period is set against their
//! arrears for it under a later decision. Money that went to a landlord for somebody counts as paid to them; money that went
//! to another person does not, so that a partner's gain is not eaten up by the other's loss: a joint award's overpayment
//! may be treated as paid to either (Administration Act 1992 s. 71ZB(6), read), and nothing says that it must.

mod plain;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::events::{Days, Payee, PayeeLine, PaymentInstructed, PaymentKind, Purpose};
use schemas::{Amount, AssessmentPeriod, ClaimId, DebtId, EventId, Money, PersonId};

use self::plain::{Plain, amount_like, came_back};
use crate::award_end::{ended, is_overtaken};
use crate::debts;
use crate::entitlement::Rules;
use crate::law::Law;
use crate::lines::apportion;
use crate::payments::{Calendar, Decided, Due, Horizon, Key, Planned, awards, evenings_before, payment_id, route};
use crate::plan::sent_again;
use crate::views::{ClaimView, Debt, Determined, KeptBack, MemoryViews, PaymentView, RecoveryDecided};

/// The arrears that can be paid on an evening, due on the next day: of every period for which something was instructed
/// before, and that is due by the horizon. `also` is what the same plan pays already.
///
/// What is due to somebody whose payments are held back, or who died, stays due.
pub fn plan(horizon: Horizon, also: &[Planned], world: &MemoryViews, law: &Law) -> Vec<Planned> {
    let day = horizon.day;
    let mut planned = Vec::new();
    for (id, claim) in world.claims() {
        let Some(rules) = law.of(claim) else { continue };
        let plain = Plain::of(id, claim, world);
        for period in decided(claim) {
            let Some(standing) = claim.standing(period).filter(|standing| standing.on <= day) else { continue };
            if plain.is_paid_as_decided(standing, claim) {
                continue; // Most periods, on most evenings: what follows is worth its time only for the others.
            }
            let of_period = Period { id, claim, period, world, rules };
            if claim.known_to_reach(period) > day.saturating_add(1.day()) || !of_period.payments().any(|_| true) {
                continue; // Nobody knew of it, or nothing was paid yet: the award itself is due.
            }
            let mut parts = of_period.by(horizon, of_period.dues(), law);
            for Planned { person, payment } in also {
                let same = payment.claim == Some(id) && payment.period == Some(period) && payment.for_days.is_none();
                let together = payment.for_days.is_some_and(|days| holds(days, period));
                if same && payment.instalment > 0 {
                    parts.take(*person, payment.lines.clone());
                } else if payment.claim == Some(id) && together {
                    parts.take(*person, of_period.given_to(*person, payment.payee));
                }
            }
            for (entitled, payee, lines) in parts.gains(|person| of_period.recovered(person)) {
                planned.extend(of_period.arrears(day, standing, entitled, payee, lines));
            }
        }
    }
    planned
}

/// The first evening from a day on, on which more may be owed for the periods of a claim than was instructed for them, as
/// long as nothing else is recorded; none where everything for which something was instructed was paid as it was decided.
/// `horizon` gives that of an evening.
pub(crate) fn next_owed(
    day: Date,
    horizon: impl Fn(Date) -> Horizon,
    id: ClaimId,
    claim: &ClaimView,
    world: &MemoryViews,
    law: &Law,
) -> Option<Date> {
    let rules = law.of(claim)?;
    let plain = Plain::of(id, claim, world);
    let owed = |period: AssessmentPeriod| {
        let standing = claim.standing(period).filter(|standing| !plain.is_paid_as_decided(standing, claim))?;
        let of_period = Period { id, claim, period, world, rules };
        of_period.payments().next()?;
        let known = standing.on.max(claim.known_to_reach(period).saturating_sub(1.day()));
        if day < known {
            return Some(known);
        }
        let dues = of_period.dues();
        let later = dues.iter().map(|due| due.due.on).filter(|on| horizon(day).due_by < *on).min();
        let gains = of_period.by(horizon(day), dues, law).gains(|person| of_period.recovered(person));
        if !gains.is_empty() {
            return Some(day);
        }
        later.and_then(|on| evenings_before(on, day).find(|evening| on <= horizon(*evening).due_by))
    };
    decided(claim).into_iter().filter_map(owed).min()
}

/// Whether a payment that came back, or was ordered and has not left, is due as it was: what it was for may give less since,
/// or nothing. What is left of one that is not is paid anew: of one that came back as arrears, once there are other details
/// to send it to.
pub fn is_still_due(payment: &PaymentView, world: &MemoryViews, law: &Law) -> bool {
    let Some((id, claim)) = payment.claim.and_then(|id| Some((id, world.claim(id)?))) else { return true };
    if !came_back(payment) && rests_on_what_stands(payment, claim, world) {
        return true; // Of most payments: what follows is worth its time only for the others.
    }
    let Some(rules) = law.of(claim) else { return true };
    let periods = decided(claim).into_iter().filter(|period| payment.is_for_period(*period));
    periods.map(|period| Period { id, claim, period, world, rules }).all(|of_period| of_period.has_room_for(payment))
}

/// Whether a payment for one period was ordered by the decision that stands for it, and the award did not end: then the
/// ledger let it be ordered for what that gives.
fn rests_on_what_stands(payment: &PaymentView, claim: &ClaimView, world: &MemoryViews) -> bool {
    let standing = payment.period.filter(|_| payment.for_days.is_none()).and_then(|period| claim.standing(period));
    standing.is_some_and(|standing| standing.event == payment.cause && !is_overtaken(claim, standing, world))
}

/// Money that was instructed beyond what stands, and of which nobody decided yet whether it is recovered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overpaid {
    /// Whom it was paid to, or for whom, where a landlord had it: it is recovered from them (s. 71ZB(2)(a)).
    pub person: PersonId,
    /// Under which claim.
    pub claim: ClaimId,
    /// For which period.
    pub period: AssessmentPeriod,
    /// Who had it.
    pub payee: Payee,
    /// How much.
    pub amount: Money,
    /// The determination that stands.
    pub cause: EventId,
    /// Why no decision replaced that one, where the award ended.
    pub ended: Option<String>,
}

impl fmt::Display for Overpaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Overpaid { person, period, amount, ended, .. } = self;
        write!(f, "person {person} was paid {amount} too much for {period}")?;
        ended.iter().try_for_each(|why| write!(f, ": {why}"))
    }
}

/// Everything overpaid, in the order of claims, periods and people. Money that came back is not among it.
pub fn overpaid(world: &MemoryViews, law: &Law) -> Vec<Overpaid> {
    let mut overpaid = Vec::new();
    for (id, claim) in world.claims() {
        let Some(rules) = law.of(claim) else { continue };
        let plain = Plain::of(id, claim, world);
        for period in decided(claim) {
            let of_period = Period { id, claim, period, world, rules };
            let as_decided = claim.standing(period).is_some_and(|standing| plain.is_paid_as_decided(standing, claim));
            if as_decided && of_period.ended().is_none() || !of_period.payments().any(|_| true) {
                continue; // As in `plan`; and nothing is too much where nothing was paid.
            }
            overpaid.extend(of_period.overpaid());
        }
    }
    overpaid
}

/// A part of a debt that came due after all, so that it is no longer owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetOff {
    /// Whose debt.
    pub person: PersonId,
    /// Which.
    pub debt: DebtId,
    /// How much.
    pub amount: Money,
    /// How much of it was set off before.
    pub before: Money,
}

/// What has to be set off: more is due now for a period than when it was decided to recover what was overpaid for it. It is
/// set against what is left of the debt; what was recovered already comes back as arrears.
pub fn set_offs(world: &MemoryViews, law: &Law) -> Vec<SetOff> {
    let mut set_offs = Vec::new();
    for (person, view) in world.people() {
        let mut periods: Vec<_> = view.recoveries.iter().map(|known| (known.claim, known.period)).collect();
        periods.sort_unstable();
        periods.dedup();
        for (id, period) in periods {
            let Some(claim) = world.claim(id) else { continue };
            let Some(rules) = law.of(claim) else { continue };
            let of_period = Period { id, claim, period, world, rules };
            let still: Money = of_period.beyond().iter().filter(|(who, ..)| *who == person).map(|(.., sum)| *sum).sum();
            let mut too_much = of_period.decided_on(person) - still;
            for debt in of_period.debts(person) {
                let left = debts::account(person, debt, world).left;
                let amount = too_much.min(left).at_least_zero();
                too_much -= amount;
                if amount > Money::ZERO {
                    set_offs.push(SetOff { person, debt: debt.id, amount, before: debt.set_off });
                }
            }
        }
    }
    set_offs
}

/// The decided periods of a claim, in order.
fn decided(claim: &ClaimView) -> BTreeSet<AssessmentPeriod> {
    claim.determined.iter().map(|determined| determined.period).collect()
}

fn holds(days: Days, period: AssessmentPeriod) -> bool {
    days.first() <= period.first() && period.last() <= days.last()
}

/// A decided period of a claim.
#[derive(Clone, Copy)]
struct Period<'a> {
    id: ClaimId,
    claim: &'a ClaimView,
    period: AssessmentPeriod,
    world: &'a MemoryViews,
    rules: &'a Rules,
}

impl<'a> Period<'a> {
    /// What the decision that stands gives; nothing where the award has ended.
    fn dues(&self) -> Vec<Due> {
        let given = self.claim.standing(self.period).filter(|_| self.ended().is_none());
        let calendar = Calendar::of(&self.rules.pack, self.claim.entitled_from.unwrap_or(self.period.first()));
        given.map_or_else(Vec::new, |standing| awards(self.id, self.claim, Decided::of(standing), self.world, calendar))
    }

    /// What of these dues is due by an evening's horizon, and what was instructed and kept back of all of them.
    fn by(&self, horizon: Horizon, dues: Vec<Due>, law: &Law) -> Parts {
        let mut parts = Parts::default();
        parts.add(dues.into_iter().filter(|due| due.due.on <= horizon.due_by));
        let given_up = |payment: &PaymentView| {
            let again = came_back(payment) && sent_again(payment, horizon.day, self.world).is_some();
            again && !is_still_due(payment, self.world, law)
        };
        let stand = self.payments().filter(|(_, payment)| !given_up(payment));
        stand.for_each(|(entitled, payment)| parts.take(entitled, self.lines_of(payment)));
        self.kept_back().for_each(|(entitled, kept)| parts.take(entitled, kept.lines.clone()));
        parts
    }

    fn ended(&self) -> Option<String> {
        ended(self.claim, self.world, self.period, self.rules).map(|why| why.to_string())
    }

    /// The awards and arrears instructed for it and not called off, with who is entitled. What stands in for the first wait
    /// is paid beside the award, not of it.
    fn payments(self) -> impl Iterator<Item = (PersonId, &'a PaymentView)> {
        let members: BTreeSet<PersonId> = self.claim.members.iter().map(|member| member.person).collect();
        let views = members.into_iter().filter_map(move |person| Some((person, self.world.person(person)?)));
        let payments = views.flat_map(|(person, view)| view.payments.iter().map(move |payment| (person, payment)));
        payments.filter(move |(_, payment)| {
            let of_it = payment.claim == Some(self.id) && (payment.instalment > 0 || payment.period.is_none());
            of_it && !payment.is_cancelled() && self.is_paid_by(payment)
        })
    }

    /// What was kept back of it for top-ups, with who is entitled: owed no more, and paid to nobody.
    fn kept_back(self) -> impl Iterator<Item = (PersonId, &'a KeptBack)> {
        let members: BTreeSet<PersonId> = self.claim.members.iter().map(|member| member.person).collect();
        let views = members.into_iter().filter_map(move |person| Some((person, self.world.person(person)?)));
        views.flat_map(move |(person, view)| {
            view.kept_back_of(self.id, self.period, self.world).map(move |kept| (person, kept))
        })
    }

    /// Whether a payment is for the period: its award, its arrears, or arrears for some of its days from before any of
    /// them was decided here.
    fn is_paid_by(&self, payment: &PaymentView) -> bool {
        let within = |(first, last): (Date, Date)| self.period.first() <= first && last <= self.period.last();
        match payment.kind {
            PaymentKind::Award => payment.is_for_period(self.period),
            PaymentKind::Arrears if payment.period.is_none() => payment.for_days.is_some_and(within),
            PaymentKind::Arrears => payment.period == Some(self.period),
            PaymentKind::Advance
            | PaymentKind::Hardship
            | PaymentKind::TopUp
            | PaymentKind::CrisisGrant
            | PaymentKind::ThirdParty => false,
        }
    }

    /// What of a payment is for this period. Of one for several periods it is what each of them gave when it was
    /// instructed, unless an earlier payment had paid that.
    fn lines_of(&self, payment: &PaymentView) -> Vec<PayeeLine> {
        let Some((first, last)) = payment.for_days.filter(|_| payment.kind == PaymentKind::Award) else {
            return payment.lines.clone();
        };
        let among = |period: &AssessmentPeriod| first <= period.first() && period.last() <= last;
        let periods: Vec<AssessmentPeriod> = decided(self.claim)
            .into_iter()
            .filter(among)
            .filter(|period| !Period { period: *period, ..*self }.was_paid_before(payment))
            .collect();
        let line = |line: &PayeeLine| {
            let given: Vec<Money> = periods.iter().map(|period| self.gave(*period, payment.position, line)).collect();
            let shares = apportion(line.amount.money(), &given);
            let share = periods.iter().zip(shares).find(|(period, _)| **period == self.period)?.1;
            Some(PayeeLine { amount: Amount::new(share).ok()?, ..line.clone() })
        };
        payment.lines.iter().filter_map(line).collect()
    }

    fn was_paid_before(self, payment: &PaymentView) -> bool {
        let earlier = |other: &PaymentView| other.position < payment.position && other.payee == payment.payee;
        self.payments().any(|(_, other)| other.kind == PaymentKind::Award && earlier(other))
    }

    /// What the decision that stood at a place gave for a line.
    fn gave(&self, period: AssessmentPeriod, position: u64, line: &PayeeLine) -> Money {
        self.claim.standing_at(period, position).map_or(Money::ZERO, |standing| amount_like(line, &standing.lines))
    }

    /// What stands now for one person entitled and one payee.
    fn given_to(&self, entitled: PersonId, payee: Payee) -> Vec<PayeeLine> {
        let dues = self.dues().into_iter().filter(|due| due.entitled == entitled && due.payee == payee);
        dues.flat_map(|due| due.lines).collect()
    }

    fn arrears(
        &self,
        day: Date,
        standing: &Determined,
        entitled: PersonId,
        payee: Payee,
        lines: Vec<PayeeLine>,
    ) -> Option<Planned> {
        let person = self.world.person(entitled)?;
        let died = |who: PersonId| self.world.person(who).and_then(|view| view.died).is_some_and(|died| died <= day);
        let to_the_dead = if let Payee::Person(who) = payee { died(who) } else { false };
        if person.is_suspended(day) || died(entitled) || to_the_dead {
            return None;
        }
        let before = person.payments.iter().filter(|payment| {
            let same = payment.kind == PaymentKind::Arrears && payment.cause == standing.event;
            same && payment.payee == payee && payment.period == Some(self.period)
        });
        let key = Key { claim: self.id, entitled, payee, period: self.period, instalment: 1 };
        let due_on = day.saturating_add(1.day());
        let route = route(payee, Some(self.id), self.world, due_on).to_arrive(due_on, day);
        Some(Planned {
            person: entitled,
            payment: PaymentInstructed {
                payment: payment_id(&key, PaymentKind::Arrears, before.count(), standing.event),
                kind: PaymentKind::Arrears,
                payee,
                account_holders: route.holders,
                amount: Amount::new(lines.iter().map(|line| line.amount.money()).sum()).ok()?,
                lines,
                due_on,
                next_due: None,
                series: None,
                channel: route.channel,
                claim: Some(self.id),
                period: Some(self.period),
                instalment: 1,
                for_days: Days::new(self.period.first(), self.period.last()),
                cause: standing.event,
                account: route.account,
                nominal_on: None,
                because: None,
            },
        })
    }

    /// What was overpaid and not decided on.
    fn overpaid(self) -> Vec<Overpaid> {
        let Some(standing) = self.claim.standing(self.period) else { return Vec::new() };
        let mut overpaid: Vec<Overpaid> = Vec::new();
        let mut decided_on: BTreeMap<PersonId, Money> = BTreeMap::new();
        for (person, payee, beyond) in self.beyond() {
            let settled = decided_on.entry(person).or_insert_with(|| self.decided_on(person));
            let amount = (beyond - *settled).at_least_zero();
            *settled = (*settled - beyond).at_least_zero();
            if amount > Money::ZERO {
                let (claim, period, cause, ended) = (self.id, self.period, standing.event, self.ended());
                overpaid.push(Overpaid { person, claim, period, payee, amount, cause, ended });
            }
        }
        overpaid
    }

    /// What was instructed beyond what is due and did not come back: whose it is, who had it, and how much.
    fn beyond(self) -> Vec<(PersonId, Payee, Money)> {
        self.parts(|payment| !came_back(payment)).losses()
    }

    /// What is due, and some of what was instructed.
    fn parts(self, counts: impl Fn(&PaymentView) -> bool) -> Parts {
        let mut parts = Parts::default();
        parts.add(self.dues());
        let paid = self.payments().filter(|(_, payment)| counts(payment));
        paid.for_each(|(entitled, payment)| parts.take(entitled, self.lines_of(payment)));
        parts
    }

    /// Whether nobody would have more than is due to them, and was paid back, if a payment that came back left again.
    fn has_room_for(self, payment: &PaymentView) -> bool {
        let is_other = |other: &PaymentView| other.id != payment.id && !came_back(other);
        let before = self.parts(is_other).losses();
        let beyond = |person: PersonId, all: &[(PersonId, Payee, Money)]| -> Money {
            all.iter().filter(|(who, ..)| *who == person).map(|(.., sum)| *sum).sum()
        };
        let mut with_it = self.parts(|other| other.id == payment.id || is_other(other));
        // Nobody had what was kept back, so that it is never too much; but there is no room in it either.
        self.kept_back().for_each(|(entitled, kept)| with_it.take(entitled, kept.lines.clone()));
        let after = with_it.losses();
        after
            .iter()
            .all(|(person, ..)| beyond(*person, &after) <= beyond(*person, &before).max(self.recovered(*person)))
    }

    /// The debts that were made of what somebody was overpaid for the period.
    fn debts(self, person: PersonId) -> Vec<&'a Debt> {
        let Some(view) = self.world.person(person) else { return Vec::new() };
        let made: Vec<DebtId> = self.recoveries(person).filter_map(|known| known.debt).collect();
        view.debts.iter().filter(|debt| made.contains(&debt.id)).collect()
    }

    fn recoveries(self, person: PersonId) -> impl Iterator<Item = &'a RecoveryDecided> {
        let all = self.world.person(person).into_iter().flat_map(|view| &view.recoveries);
        all.filter(move |known| (known.claim, known.period) == (self.id, self.period))
    }

    /// What of somebody's overpayment was decided on, as far as it did not come due after all.
    fn decided_on(self, person: PersonId) -> Money {
        let decided: Money = self.recoveries(person).map(|known| known.overpaid).sum();
        decided - self.debts(person).iter().map(|debt| debt.set_off).sum()
    }

    /// What somebody paid back of what they had been overpaid.
    fn recovered(self, person: PersonId) -> Money {
        let debts = self.debts(person).into_iter();
        debts.map(|debt| debts::account(person, debt, self.world).recovered()).sum()
    }
}

/// What makes two lines the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    entitled: PersonId,
    payee: Payee,
    purpose: Purpose,
    for_whom: PersonId,
}

/// What is due and what was instructed, line by line, of each person whose money it is.
#[derive(Default)]
struct Parts {
    by_person: BTreeMap<PersonId, BTreeMap<Part, Sums>>,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    due: Money,
    instructed: Money,
}

impl Sums {
    fn gain(self) -> Money {
        (self.due - self.instructed).at_least_zero()
    }

    fn loss(self) -> Money {
        (self.instructed - self.due).at_least_zero()
    }
}

impl Parts {
    fn add(&mut self, dues: impl IntoIterator<Item = Due>) {
        for due in dues {
            due.lines.iter().for_each(|line| self.of(due.entitled, line).due += line.amount.money());
        }
    }

    fn take(&mut self, entitled: PersonId, lines: Vec<PayeeLine>) {
        lines.iter().for_each(|line| self.of(entitled, line).instructed += line.amount.money());
    }

    /// The money of a line is its payee's; what a landlord or a creditor gets is that of the person it is paid for.
    fn of(&mut self, entitled: PersonId, line: &PayeeLine) -> &mut Sums {
        let whose = match line.payee {
            Payee::Person(payee) => payee,
            Payee::Landlord | Payee::Creditor(_) => entitled,
        };
        let part = Part { entitled, payee: line.payee, purpose: line.purpose, for_whom: line.for_whom };
        self.by_person.entry(whose).or_default().entry(part).or_default()
    }

    /// The lines of what is still due, one sum for each person entitled and each payee. `recovered` was paid back by a person
    /// of what they had been overpaid: what is due of that is due again.
    fn gains(&self, recovered: impl Fn(PersonId) -> Money) -> Vec<(PersonId, Payee, Vec<PayeeLine>)> {
        let mut gains: BTreeMap<(PersonId, Payee), Vec<PayeeLine>> = BTreeMap::new();
        for (person, parts) in &self.by_person {
            let net = parts.values().map(|sums| sums.due - sums.instructed).sum::<Money>() + recovered(*person);
            let gained: Money = parts.values().map(|sums| sums.gain()).sum();
            // What comes back of a recovery is for no line that gains: it is for what is due.
            let weight = |sums: &Sums| if net <= gained { sums.gain() } else { sums.due };
            for (part, amount) in spread(parts, net, weight) {
                let Part { entitled, payee, purpose, for_whom } = part;
                let line = Amount::new(amount).map(|amount| PayeeLine { amount, purpose, for_whom, payee });
                gains.entry((entitled, payee)).or_default().extend(line);
            }
        }
        gains.into_iter().map(|((entitled, payee), lines)| (entitled, payee, lines)).collect()
    }

    /// What was too much: whose it is, who had it, and how much.
    fn losses(&self) -> Vec<(PersonId, Payee, Money)> {
        let mut losses: BTreeMap<(PersonId, Payee), Money> = BTreeMap::new();
        for (person, parts) in &self.by_person {
            let net = parts.values().map(|sums| sums.instructed - sums.due).sum();
            for (part, amount) in spread(parts, net, |sums| sums.loss()) {
                *losses.entry((*person, part.payee)).or_default() += amount;
            }
        }
        losses.into_iter().map(|((person, payee), amount)| (person, payee, amount)).collect()
    }
}

/// A sum spread over lines in proportion to their weights; nothing where it is not more than nothing.
fn spread(parts: &BTreeMap<Part, Sums>, sum: Money, weight: impl Fn(&Sums) -> Money) -> Vec<(Part, Money)> {
    let weights: Vec<Money> = parts.values().map(weight).collect();
    let shares = apportion(sum.at_least_zero(), &weights);
    parts.keys().copied().zip(shares).filter(|(_, share)| *share > Money::ZERO).collect()
}
