//! History again, under the same rules or others: everything that people and the world did stays as it was recorded;
//! what the system decided and paid is worked out anew, day by day.
//!
//! A payment that has the same name as a recorded one, its cause aside, inherits what befell that one: its lateness and
//! its returns. Others arrive on their due day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use projections::daily;
use projections::diary::Diary;
use projections::entitlement::EntitlementError;
use projections::floor::file::{FloorFile, Mode};
use projections::law::Law;
use projections::payments::{Calendar, Horizon, Key, PayDays, Planned, derived_uuid};
use projections::plan::{self, EVENING, Plan};
use projections::redecide::{self, How, Redecided};
use projections::topups::KeepBack;
use projections::views::{ClaimView, MemoryViews, PaymentStep};
use schemas::day::london_hour;
use schemas::events::{
    AssessmentDetermined, DeterminationRevised, DeterminationSuperseded, Event, PaymentEvent, PaymentInstructed,
    PaymentKind, PaymentReleased,
};
use schemas::{
    ClaimId, CommandId, Digest, Envelope, EventId, PaymentId, PeriodKind, PersonId, Recorded, RunId, Subject,
};

/// What history is replayed under.
#[derive(Clone, Copy)]
pub struct Regime<'a> {
    /// The rules of every benefit.
    pub law: &'a Law,
    /// The floor, measured or guaranteed.
    pub floor: &'a FloorFile,
    /// Whether payments inherit the lateness of those recorded.
    pub inherit_lateness: bool,
}

/// A claim that could not be decided in the replay, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// Which claim.
    pub claim: ClaimId,
    /// On which evening.
    pub day: Date,
    /// Why.
    pub reason: String,
}

/// A history replayed.
pub struct Replayed {
    /// Everything known at the end of it.
    pub world: MemoryViews,
    /// Claims that could not be decided.
    pub undecided: Vec<Undecided>,
}

/// Replays a history up to the evening of a day.
pub fn replay(history: &[Recorded], regime: Regime<'_>, until: Date) -> Replayed {
    replay_part(history, history, regime, until)
}

/// Replays a part of a history up to the evening of a day; the whole of it says which payments the system made late.
pub fn replay_part(part: &[Recorded], whole: &[Recorded], regime: Regime<'_>, until: Date) -> Replayed {
    let mut replay = Replay {
        regime,
        world: MemoryViews::default(),
        diary: Diary::default(),
        sequence: 0,
        fates: Fates::of(whole, regime.law),
        undecided: Vec::new(),
    };
    let mut inputs = part.iter().filter(|event| !is_derived(event)).peekable();
    let Some(first) = inputs.peek().map(|event| schemas::day::london_day(event.envelope.time)) else {
        return replay.done();
    };
    let mut day = first;
    while day <= until {
        let evening = london_hour(day, EVENING);
        while let Some(event) = inputs.next_if(|event| event.envelope.time <= evening) {
            replay.input(event);
        }
        replay.evening(day, evening);
        day = day.saturating_add(1.day());
    }
    let end_of_last_day = london_hour(day, 0);
    while let Some(event) = inputs.next_if(|event| event.envelope.time < end_of_last_day) {
        replay.input(event);
    }
    replay.done()
}

/// What the system itself decided or paid: worked out anew. Loans and grants that a person asked for stay.
fn is_derived(event: &Recorded) -> bool {
    match &event.envelope.event {
        Event::Determination(_) | Event::Run(_) | Event::Pack(_) | Event::Bank(_) => true,
        Event::Payment(PaymentEvent::PaymentInstructed(instructed)) => is_worked_out(instructed),
        Event::Payment(PaymentEvent::TopUpRecovered(_)) => true,
        Event::Payment(_)
        | Event::Person(_)
        | Event::Income(_)
        | Event::Identity(_)
        | Event::Sanction(_)
        | Event::Debt(_)
        | Event::Claim(_)
        | Event::Dispute(_) => false,
    }
}

const fn is_worked_out(instructed: &PaymentInstructed) -> bool {
    match instructed.kind {
        PaymentKind::Award | PaymentKind::TopUp | PaymentKind::ThirdParty => true,
        // Arrears for a decided period are what its decisions leave; others were somebody's order.
        PaymentKind::Arrears => instructed.period.is_some(),
        PaymentKind::Advance | PaymentKind::Hardship | PaymentKind::CrisisGrant => false,
    }
}

/// What befell the recorded payments, and which of the replayed ones take their place.
struct Fates {
    /// Recorded awards and arrears by id.
    recorded: BTreeMap<PaymentId, Name>,
    /// How many days after the first day on which it could be paid each was due, where the system was late.
    late: BTreeMap<Key, i32>,
    /// Recorded payments that are not awards and stay as they were.
    kept: BTreeMap<PaymentId, ()>,
    /// The replayed payment in the place of a recorded one.
    replayed: BTreeMap<Name, PaymentId>,
}

/// What a payment is for, its cause aside; of arrears also how many there were before for the same.
type Name = (PaymentKind, Key, usize);

impl Fates {
    fn of(history: &[Recorded], law: &Law) -> Fates {
        let mut fates = Fates {
            recorded: BTreeMap::new(),
            late: BTreeMap::new(),
            kept: BTreeMap::new(),
            replayed: BTreeMap::new(),
        };
        let world = MemoryViews::of(history);
        let mut names = BTreeMap::new();
        for event in history {
            if let (Event::Payment(PaymentEvent::PaymentInstructed(instructed)), Subject::Person(entitled)) =
                (&event.envelope.event, &event.envelope.subject)
            {
                match name(*entitled, instructed, &names) {
                    Some(name) => {
                        fates.recorded.insert(instructed.payment, name);
                        names.insert(name, instructed.payment);
                        let (kind, key, _) = name;
                        let late = (instructed.due_on - payable(&key, &world, law)).get_days().max(0);
                        if kind == PaymentKind::Award {
                            fates.late.insert(key, if key.instalment == 0 { 0 } else { late });
                        }
                    }
                    None if is_worked_out(instructed) => {}
                    None => drop(fates.kept.insert(instructed.payment, ())),
                }
            }
        }
        fates
    }

    /// The payment that an event about a recorded payment is about now; none when there is no such payment.
    fn now(&self, recorded: PaymentId) -> Option<PaymentId> {
        match self.recorded.get(&recorded) {
            Some(name) => self.replayed.get(name).copied(),
            None => self.kept.get(&recorded).map(|()| recorded),
        }
    }
}

/// The first day on which an award could be paid: its pay day as moved by weekends and bank holidays, but not before the claim was known nor while payments
/// were held back, which the replay goes through itself.
///
/// Months are taken to have been paid a week after they ended (SI 2013/380 reg. 47(2)), whatever a reform says of payment.
fn payable(key: &Key, world: &MemoryViews, law: &Law) -> Date {
    let Some(claim) = world.claim(key.claim) else { return key.period.last() };
    let calendar = law.terms(key.period.first()).calendar(claim);
    let lawful = match calendar.periods {
        PeriodKind::Month => Calendar::default(),
        PeriodKind::Week | PeriodKind::WeekFromMonday => calendar,
    };
    let day = pay_day(key, claim, world, lawful).max(claim.known_to_reach(key.period));
    let Some(view) = world.person(key.entitled).filter(|view| view.is_suspended(day)) else { return day };
    view.resumed_after(day).unwrap_or(day)
}

/// The day on which a payment is due by somebody's pay days: a part that they no longer name is due with the last of them.
fn pay_day(key: &Key, claim: &ClaimView, world: &MemoryViews, calendar: Calendar) -> Date {
    let days = PayDays::new(calendar, (key.claim, claim), world, key.entitled, key.payee).of(key.period);
    let part = usize::from(key.instalment.max(1)) - 1;
    days.get(part).or(days.last()).map_or(key.period.last(), |day| day.on)
}

/// The name of an award or of arrears for a decided period, after those `known` already.
fn name(entitled: PersonId, instructed: &PaymentInstructed, known: &BTreeMap<Name, PaymentId>) -> Option<Name> {
    let PaymentInstructed { claim, period, payee, instalment, kind, .. } = instructed;
    let key = Key { claim: (*claim)?, entitled, payee: *payee, period: (*period)?, instalment: *instalment };
    match kind {
        PaymentKind::Award => Some((*kind, key, 0)),
        PaymentKind::Arrears => {
            let before = known.range((*kind, key, 0)..=(*kind, key, usize::MAX));
            Some((*kind, key, before.count()))
        }
        PaymentKind::Advance
        | PaymentKind::Hardship
        | PaymentKind::TopUp
        | PaymentKind::CrisisGrant
        | PaymentKind::ThirdParty => None,
    }
}

struct Replay<'a> {
    regime: Regime<'a>,
    world: MemoryViews,
    diary: Diary,
    sequence: u64,
    fates: Fates,
    undecided: Vec<Undecided>,
}

impl Replay<'_> {
    fn done(self) -> Replayed {
        Replayed { world: self.world, undecided: self.undecided }
    }

    /// Something that happened as it was recorded, or that befalls the payment now in the place of a recorded one.
    fn input(&mut self, event: &Recorded) {
        let Some(what) = self.translated(&event.envelope) else { return };
        self.take(Envelope { event: what, ..event.envelope.clone() });
    }

    fn translated(&self, Envelope { subject, event, .. }: &Envelope) -> Option<Event> {
        let Event::Payment(event) = event else { return Some(event.clone()) };
        let mut event = event.clone();
        let payment = match &mut event {
            PaymentEvent::PaymentInstructed(_)
            | PaymentEvent::PaymentSuspended(_)
            | PaymentEvent::PaymentResumed(_) => {
                return Some(Event::Payment(event));
            }
            PaymentEvent::TopUpRecovered(_) => return None, // Worked out anew.
            PaymentEvent::PaymentReleased(released) => {
                let now = self.fates.now(released.payment)?;
                let is_kept = self.fates.kept.contains_key(&released.payment);
                if !is_kept && !self.is_to_leave_again(subject, now) {
                    return None; // A replayed payment is released when it is replayed.
                }
                &mut released.payment
            }
            PaymentEvent::PaymentAccepted(accepted) => &mut accepted.payment,
            PaymentEvent::PaymentSettled(settled)
                if !self.regime.inherit_lateness && !self.fates.kept.contains_key(&settled.payment) =>
            {
                return None;
            }
            PaymentEvent::PaymentSettled(settled) => &mut settled.payment,
            PaymentEvent::PaymentReturned(returned) => &mut returned.payment,
            PaymentEvent::PaymentReissued(reissued) => &mut reissued.payment,
            PaymentEvent::PaymentCancelled(cancelled) => &mut cancelled.payment,
        };
        *payment = self.fates.now(*payment)?;
        Some(Event::Payment(event))
    }

    /// Whether a replayed payment came back and was sent again, or was called off when it stood in a file already: then it
    /// leaves when the recorded one did.
    fn is_to_leave_again(&self, subject: &Subject, payment: PaymentId) -> bool {
        let person = if let Subject::Person(person) = subject { self.world.person(*person) } else { None };
        let payment = person.and_then(|view| view.payment(payment));
        match payment.and_then(|payment| payment.steps.last()).map(|progress| &progress.step) {
            Some(PaymentStep::Reissued(_) | PaymentStep::Cancelled) => true,
            None
            | Some(
                PaymentStep::Released(..) | PaymentStep::Accepted | PaymentStep::Settled(_) | PaymentStep::Returned(..),
            ) => false,
        }
    }

    /// The business of one evening: decide what ended, pay what is due, and top up where the floor is guaranteed.
    fn evening(&mut self, day: Date, time: Timestamp) {
        let Regime { law, floor, .. } = self.regime;
        self.diary.turn_to(day, &self.world, law, floor);
        while self.redecide(day, time) {}
        while self.decide(day, time) {}
        let plan = {
            let world = self.diary.look(day, &self.world);
            let mut plan = plan::dues(Horizon::of(day, floor), &world, law);
            plan.pays.iter_mut().for_each(|planned| self.delay(planned));
            if floor.mode == Mode::Guarantee {
                plan.top_up(&world, law, floor);
            }
            plan
        };
        self.pay(day, time, plan);
    }

    /// Decides again the first period of every claim that comes out otherwise now; whether anything was decided.
    fn redecide(&mut self, day: Date, time: Timestamp) -> bool {
        let mut any = false;
        let due = redecide::due(day, &self.diary.look(day, &self.world), self.regime.law);
        for (claim, redecided) in due {
            match redecided {
                Ok(Redecided { replaces, how, ground, decision, .. }) => {
                    let name = format!("replayed decision {claim} {} in place of {replaces}", decision.period);
                    let event = match how {
                        How::Revised => DeterminationRevised { replaces, ground, decision }.into(),
                        How::Superseded => DeterminationSuperseded { replaces, ground, decision }.into(),
                    };
                    self.apply(time, Subject::Claim(claim), &name, day, event);
                    any = true;
                }
                Err(error) => self.note_undecided(claim, day, error),
            }
        }
        any
    }

    /// Decides the next period of every claim that has one due; whether anything was decided.
    fn decide(&mut self, day: Date, time: Timestamp) -> bool {
        let mut any = false;
        let decisions: Vec<_> = daily::decisions(day, &self.diary.look(day, &self.world), self.regime.law).collect();
        for (claim, decision) in decisions {
            match decision {
                Ok(decision) => {
                    let name = format!("replayed decision {claim} {}", decision.period);
                    self.apply(time, Subject::Claim(claim), &name, day, AssessmentDetermined { decision }.into());
                    any = true;
                }
                Err(error) => self.note_undecided(claim, day, error),
            }
        }
        any
    }

    fn note_undecided(&mut self, claim: ClaimId, day: Date, error: EntitlementError) {
        let known = self.undecided.iter().any(|undecided| undecided.claim == claim);
        if !known {
            self.undecided.push(Undecided { claim, day, reason: error.to_string() });
        }
    }

    /// Lets a planned payment inherit the lateness of the recorded one in whose place it is.
    fn delay(&self, planned: &mut Planned) {
        let of = name(planned.person, &planned.payment, &self.fates.replayed);
        let key = of.filter(|(kind, ..)| *kind == PaymentKind::Award).map(|(_, key, _)| key);
        let late = key.and_then(|key| self.fates.late.get(&key).copied());
        let late = late.filter(|late| self.regime.inherit_lateness && *late > 0);
        if let (Some(key), Some(late)) = (key, late) {
            // A payment that the replay itself makes late is not late twice.
            let due = &mut planned.payment.due_on;
            *due = (*due).max(self.nominal(&key).saturating_add(late.days()));
        }
    }

    /// Pays the new payments of a plan; those that waited leave when they did in the recorded history.
    fn pay(&mut self, day: Date, time: Timestamp, plan: Plan) {
        let listing = plan.digest();
        for (nth, KeepBack { person, recovered }) in plan.keeps.into_iter().enumerate() {
            let name = format!("replayed keeping back {} {day} {nth}", recovered.top_up);
            self.apply(time, Subject::Person(person), &name, day, recovered.into());
        }
        for Planned { person, payment } in plan.pays {
            let id = payment.payment;
            let of = name(person, &payment, &self.fates.replayed);
            let name = format!("replayed payment {id}");
            self.fates.replayed.extend(of.map(|of| (of, id)));
            self.apply(time, Subject::Person(person), &name, day, payment.into());
            let released = PaymentReleased { payment: id, run: replay_run(day), file: listing };
            self.apply(time, Subject::Person(person), &format!("{name} released"), day, released.into());
        }
    }

    /// When an award is nominally due under the rules of the replay.
    fn nominal(&self, key: &Key) -> Date {
        let Some(claim) = self.world.claim(key.claim) else { return key.period.last() };
        let first = claim.entitled_from.unwrap_or(key.period.first());
        pay_day(key, claim, &self.world, self.regime.law.terms(first).calendar(claim))
    }

    fn apply(&mut self, time: Timestamp, subject: Subject, name: &str, day: Date, event: Event) {
        self.take(Envelope {
            id: EventId { command: CommandId(derived_uuid(name)), index: 0 },
            subject,
            time,
            effective_from: day,
            effective_to: None,
            notified_on: None,
            decided_on: Some(day),
            causation: None,
            correlation: None,
            actor: "replay".into(),
            command_hash: Digest([0; 32]),
            prev: None,
            event,
        });
    }

    fn take(&mut self, envelope: Envelope) {
        self.sequence += 1;
        let event = Recorded { sequence: self.sequence, envelope };
        self.world.apply(&event);
        self.diary.note(&event, &self.world);
    }
}

fn replay_run(day: Date) -> RunId {
    RunId(derived_uuid(&format!("replayed run {day}")))
}
