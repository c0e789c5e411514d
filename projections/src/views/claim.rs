//! What is known about one claim.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemas::day::london_day;
use schemas::events::{ClaimEvent, ClaimFact, Decision, Deducted, DeterminationEvent, Event, PackRef, PayeeLine, Role};
use schemas::{
    AssessmentPeriod, ClaimId, Cycle, Digest, Envelope, EventId, Money, PeriodKind, PersonId, Recorded, Subject,
};
use serde::{Deserialize, Serialize};

use super::{Amounts, Late, Projection, What, add};
use crate::facts::{Record, Records, told_on};

/// What is known about one claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimView {
    /// The pack whose rules it is under.
    pub benefit: String,
    /// The event that made it.
    pub made: Option<EventId>,
    /// First day of entitlement.
    pub entitled_from: Option<Date>,
    /// First day of the award whose assessment day it keeps, where its own does not give it.
    pub day_of: Option<Date>,
    /// The day it was made known to us.
    pub claimed_on: Option<Date>,
    /// Who belongs to it, in the order in which they came.
    pub members: Vec<Member>,
    /// The day on which the claim was recorded: nothing can be paid before.
    pub recorded_on: Option<Date>,
    /// The day on which its first day of entitlement was last moved, and what it had been: nothing can be paid earlier for
    /// a period before that.
    pub moved: Option<(Date, Date)>,
    /// Days without an award: from a day on and, where it was reopened, up to the day before another.
    pub closures: Vec<(Date, Option<Date>)>,
    /// Shared facts, by key.
    pub facts: Records<ClaimFact>,
    /// What became known of days that had passed.
    pub late: Vec<Late>,
    /// What was decided, in order; a later decision on a period replaces an earlier one.
    pub determined: Vec<Determined>,
    /// Where the events about it stand.
    pub events: Vec<u64>,
}

/// Somebody who belongs to a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub role: Role,
    /// First day.
    pub from: Date,
    /// First day no longer.
    pub until: Option<Date>,
    /// Where their joining stands, and the day we were told of it.
    pub joined: Told,
    /// The same of their leaving.
    pub left: Option<Told>,
}

/// Where something stands in the stream, and the day we were told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Where.
    pub position: u64,
    /// The day notified, or else the day it was recorded.
    pub on: Date,
}

/// What was decided for one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Determined {
    /// The decision.
    pub event: EventId,
    /// Where it stands.
    pub position: u64,
    /// When it was recorded.
    pub on: Date,
    /// The period.
    pub period: AssessmentPeriod,
    /// Name, version and digest of the pack.
    pub pack: PackRef,
    /// Which meaning of the rule language.
    pub engine: u32,
    /// The facts were those known here.
    pub facts_at: u64,
    /// Digest over the computation.
    pub outcome: Digest,
    /// What the law gives.
    pub award: Money,
    /// What is paid.
    pub payment: Money,
    /// Line by line.
    pub lines: Vec<PayeeLine>,
    /// The claimants of the period.
    pub adults: Vec<PersonId>,
    /// Who is entitled to the lines for a child.
    pub main_carer: PersonId,
    /// What was taken for each debt.
    pub deducted: Vec<Deducted>,
    /// The amounts that made it, as printed.
    pub amounts: Amounts,
}

impl ClaimView {
    /// A shared fact's value on a day.
    pub fn fact(&self, key: &str, day: Date) -> Option<&ClaimFact> {
        self.facts.on(key, day)
    }

    /// The first day on which anything can be paid for a period: by then it was known that the claim reaches it.
    pub fn known_to_reach(&self, period: AssessmentPeriod) -> Date {
        let moved = self.moved.filter(|(_, before)| period.first() < *before).map(|(on, _)| on);
        self.recorded_on.max(moved).unwrap_or(Date::MIN)
    }

    /// Who belongs to it on a day, in the order in which they came.
    pub fn members_on(&self, day: Date) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(move |member| member.from <= day && member.until.is_none_or(|until| day < until))
    }

    /// The adults on a day.
    pub fn adults_on(&self, day: Date) -> impl Iterator<Item = PersonId> {
        self.members_on(day).filter(|member| member.role == Role::Adult).map(|member| member.person)
    }

    /// Takes out what stands at these places: records of facts, and who joined or left.
    pub fn leave_out(&mut self, positions: &BTreeSet<u64>) {
        self.facts.leave_out(positions);
        self.members.retain(|member| !positions.contains(&member.joined.position));
        for member in &mut self.members {
            if member.left.is_some_and(|left| positions.contains(&left.position)) {
                (member.until, member.left) = (None, None);
            }
        }
    }

    /// The decision that stands for a period.
    pub fn standing(&self, period: AssessmentPeriod) -> Option<&Determined> {
        self.determined.iter().rev().find(|determined| determined.period == period)
    }

    /// The decision that stood for a period at a place in the stream.
    pub fn standing_at(&self, period: AssessmentPeriod, position: u64) -> Option<&Determined> {
        self.determined.iter().rev().find(|determined| determined.period == period && determined.position < position)
    }

    /// Whether there is another decision for the period of one: of the one that stands, one that it replaced.
    pub fn is_replacing(&self, determined: &Determined) -> bool {
        self.determined.iter().any(|other| other.period == determined.period && other.event != determined.event)
    }

    /// The decision that stands for the latest period before this one.
    pub fn standing_before(&self, period: AssessmentPeriod) -> Option<&Determined> {
        let earlier = self.determined.iter().map(|determined| determined.period).filter(|other| *other < period);
        earlier.max().and_then(|latest| self.standing(latest))
    }

    /// Whether there is an award on a day, as far as known.
    pub fn is_open_on(&self, day: Date) -> bool {
        self.entitled_from.is_some_and(|from| from <= day) && self.closed_on(day).is_none()
    }

    /// The first day of the closure in which a day lies, if it lies in one.
    pub fn closed_on(&self, day: Date) -> Option<Date> {
        let closed = |(from, until): &&(Date, Option<Date>)| *from <= day && until.is_none_or(|until| day < until);
        self.closures.iter().find(closed).map(|(from, _)| *from)
    }

    /// Its periods, under rules that decide such ones.
    pub fn cycle(&self, kind: PeriodKind) -> Option<Cycle> {
        Some(Cycle::of_claim(kind, self.entitled_from?, self.day_of))
    }

    /// The period in which a day falls, while there is an award.
    pub fn period_on(&self, day: Date, kind: PeriodKind) -> Option<AssessmentPeriod> {
        self.cycle(kind).filter(|_| self.is_open_on(day)).and_then(|cycle| cycle.containing(day))
    }
}

/// The read model of claims.
pub struct Claims;

impl Projection for Claims {
    const NAME: &'static str = "claims_v3";
    type Key = ClaimId;
    type View = ClaimView;

    fn keys(event: &Recorded) -> Vec<ClaimId> {
        match event.envelope.subject {
            Subject::Claim(claim) => vec![claim],
            Subject::Person(_) | Subject::Run(_) | Subject::Pack(_) | Subject::Bank(_) => vec![],
        }
    }

    fn project(view: &mut ClaimView, _: &ClaimId, recorded: &Recorded) {
        view.events.push(recorded.sequence);
        let Recorded { sequence, envelope } = recorded;
        match &envelope.event {
            Event::Claim(event) => {
                view.late.extend(late(view, recorded, event));
                claim(view, *sequence, envelope, event);
            }
            Event::Determination(event) => {
                let decision = decision_of(event);
                // A decision that replaces another or comes before one may change what later periods carry over from it.
                let changes = view.determined.iter().any(|other| decision.period <= other.period);
                let next = decision.period.last().tomorrow().ok().filter(|_| changes);
                view.late.extend(next.and_then(|from| Late::of(recorded, from, What::Carried)));
                add(&mut view.determined, determined(*sequence, envelope, decision));
            }
            Event::Person(_)
            | Event::Income(_)
            | Event::Identity(_)
            | Event::Sanction(_)
            | Event::Debt(_)
            | Event::Payment(_)
            | Event::Dispute(_)
            | Event::Run(_)
            | Event::Pack(_)
            | Event::Bank(_) => {}
        }
    }
}

/// The decision in an event, whichever way it came about.
pub fn decision_of(event: &DeterminationEvent) -> &Decision {
    match event {
        DeterminationEvent::AssessmentDetermined(event) => &event.decision,
        DeterminationEvent::DeterminationRevised(event) => &event.decision,
        DeterminationEvent::DeterminationSuperseded(event) => &event.decision,
        DeterminationEvent::DeterminationCorrected(event) => &event.decision,
    }
}

/// What an event says of days that have passed.
fn late(view: &ClaimView, recorded: &Recorded, event: &ClaimEvent) -> Option<Late> {
    let from = recorded.envelope.effective_from;
    match event {
        ClaimEvent::ClaimJoined(_) | ClaimEvent::ClaimLeft(_) | ClaimEvent::ClaimFactRecorded(_) => {
            Late::of(recorded, from, What::Change)
        }
        ClaimEvent::ClaimFactWithdrawn(withdrawn) => {
            Late::of(recorded, view.facts.record(withdrawn.event)?.from, What::Withdrawn)
        }
        ClaimEvent::ClaimRedated(_) => Late::of(recorded, from, What::Change),
        // Whether there is an award at all is asked of the claim itself.
        ClaimEvent::ClaimMade(_)
        | ClaimEvent::ClaimWithdrawn(_)
        | ClaimEvent::ClaimClosed(_)
        | ClaimEvent::ClaimReopened(_) => None,
    }
}

fn claim(view: &mut ClaimView, position: u64, envelope: &Envelope, event: &ClaimEvent) {
    let from = envelope.effective_from;
    let told = Told { position, on: told_on(envelope) };
    match event {
        ClaimEvent::ClaimMade(made) => {
            view.benefit = made.benefit.clone();
            view.made = Some(envelope.id);
            view.entitled_from = Some(from);
            view.recorded_on = Some(london_day(envelope.time));
            view.claimed_on = Some(made.dates.as_ref().map_or_else(|| told_on(envelope), |dates| dates.claimed_on));
            view.day_of = made.day_of;
            let adult = |person: &PersonId| Member {
                person: *person,
                role: Role::Adult,
                from,
                until: None,
                joined: told,
                left: None,
            };
            made.claimants.iter().for_each(|person| add(&mut view.members, adult(person)));
        }
        ClaimEvent::ClaimJoined(joined) => {
            let member =
                Member { person: joined.person, role: joined.role, from, until: None, joined: told, left: None };
            view.members.push(member);
        }
        ClaimEvent::ClaimLeft(left) => {
            let leaving = view.members.iter_mut().filter(|m| m.person == left.person && m.until.is_none());
            leaving.for_each(|member| (member.until, member.left) = (Some(from), Some(told)));
        }
        ClaimEvent::ClaimWithdrawn(_) => view.closures.extend(view.entitled_from.map(|first| (first, None))),
        ClaimEvent::ClaimClosed(_) => view.closures.push((from, None)),
        ClaimEvent::ClaimReopened(_) => {
            let open_ended = view.closures.iter_mut().filter(|(_, until)| until.is_none());
            open_ended.for_each(|(_, until)| *until = Some(from));
        }
        ClaimEvent::ClaimRedated(redated) => {
            // Who belonged to it from its first day belongs to it from the one it has now.
            let from_the_first = view.members.iter_mut().filter(|member| Some(member.from) == view.entitled_from);
            from_the_first.for_each(|member| member.from = from);
            view.moved = view.entitled_from.map(|before| (london_day(envelope.time), before));
            view.entitled_from = Some(from);
            view.day_of = Some(redated.day_of);
        }
        ClaimEvent::ClaimFactRecorded(recorded) => {
            view.facts.add(&recorded.fact.key(), Record::new(position, envelope, recorded.fact.clone()));
        }
        ClaimEvent::ClaimFactWithdrawn(withdrawn) => view.facts.withdraw(withdrawn.event),
    }
}

fn determined(position: u64, envelope: &Envelope, decision: &Decision) -> Determined {
    Determined {
        event: envelope.id,
        position,
        on: london_day(envelope.time),
        period: decision.period,
        pack: decision.pack.clone(),
        engine: decision.engine,
        facts_at: decision.facts_at,
        outcome: decision.outcome,
        award: decision.award.money(),
        payment: decision.payment.money(),
        lines: decision.lines.clone(),
        adults: decision.adults.clone(),
        main_carer: decision.main_carer,
        deducted: decision.deducted.clone(),
        amounts: decision.amounts.as_slice().into(),
    }
}
