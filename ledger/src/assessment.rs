//! What was decided for each period of a claim. Each period has one decision that stands; a later one replaces it and
//! says so.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemas::events::{
    AssessmentDetermined, Days, Decision, DeterminationCorrected, DeterminationEvent, DeterminationRevised,
    DeterminationSuperseded, Event, Payee,
};
use schemas::{AssessmentPeriod, ClaimId, Cycle, DebtId, EventId, Money, PeriodError, PeriodKind, PersonId};

use crate::claim::{Claim, Stage};
use crate::order::DeterminationOrder;
use crate::world::World;

/// What decisions about periods rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assessments {
    /// The decision that stands, by the first day of its period.
    standing: BTreeMap<Date, Decided>,
    /// Every decision there was, with the first day of its period.
    every: BTreeMap<EventId, Date>,
}

/// The decision that stands for a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The event that decided it.
    pub event: EventId,
    /// The period.
    pub period: AssessmentPeriod,
    /// How much of it goes to whom.
    pub by_payee: BTreeMap<Payee, Money>,
    /// Who was entitled to it.
    pub adults: Vec<PersonId>,
    /// What was taken for each debt.
    pub deducted: BTreeMap<DebtId, Money>,
    /// What a day of a hardship payment in the period after comes to (SI 2013/376 reg. 118), if the decision says.
    pub hardship_daily: Option<Money>,
}

/// Why nothing about a period may be decided.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The claim does not reach the period.
    #[error("claim {claim} {stage}: {period} cannot be decided")]
    NoClaim {
        /// Which claim.
        claim: ClaimId,
        /// What it is.
        stage: &'static str,
        /// Which period.
        period: AssessmentPeriod,
    },
    /// The period is not one of the claim's.
    #[error("decision.period: {0}")]
    Period(#[from] PeriodError),
    /// The period begins as one of the claim's and ends on another day.
    #[error("decision.period: {given} is not the period of this claim, which is {expected} (SI 2013/376 reg. 21)")]
    OtherCycle {
        /// The period given.
        given: AssessmentPeriod,
        /// The claim's.
        expected: AssessmentPeriod,
    },
    /// The period shares days with one that was decided: months and weeks are not mixed.
    #[error("decision.period: {given} shares days with {decided}, which is decided")]
    Overlaps {
        /// The period given.
        given: AssessmentPeriod,
        /// The one that was decided.
        decided: AssessmentPeriod,
    },
    /// A period is decided for the first time once.
    #[error("{period} was decided by {event}: a new decision says what it replaces")]
    AlreadyDecided {
        /// Which period.
        period: AssessmentPeriod,
        /// The decision that stands.
        event: EventId,
    },
    /// A replacement names the decision that stands for its period.
    #[error("replaces: {event} is not the decision that stands for {period}")]
    NotStanding {
        /// The event named.
        event: EventId,
        /// Which period.
        period: AssessmentPeriod,
    },
    /// Lines and payment differ.
    #[error("decision.lines: the lines add up to {lines}, the payment is {payment}")]
    DoesNotAddUp {
        /// The sum of the lines.
        lines: Money,
        /// The payment given.
        payment: Money,
    },
    /// A line is for or to somebody who has nothing to do with the claim.
    #[error("decision.lines[{line}]: person {person} does not belong to claim {claim}")]
    NotAMember {
        /// Which line, from 0.
        line: usize,
        /// Who.
        person: PersonId,
        /// Which claim.
        claim: ClaimId,
    },
    /// Facts of the future.
    #[error("decision.facts_at: {facts_at} lies beyond the end of the stream, {head}")]
    FactsOfTheFuture {
        /// The position given.
        facts_at: u64,
        /// The last there is.
        head: u64,
    },
}

/// Says what happened, or why nothing may. `head` is the last sequence there is.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, order: &DeterminationOrder, head: u64) -> Result<Event, Refusal> {
    let check = |claim: &ClaimId, decision: &Decision| check(world, *claim, decision, head);
    let replace = |claim: &ClaimId, replaces: &EventId, decision: &Decision| {
        check(claim, decision)?;
        let standing = world.claim(*claim).assessments.decided(decision.period).map(|decided| decided.event);
        let stands = standing == Some(*replaces);
        if stands { Ok(()) } else { Err(Refusal::NotStanding { event: *replaces, period: decision.period }) }
    };
    Ok(match order {
        DeterminationOrder::Determine { claim, decision } => {
            check(claim, decision)?;
            if let Some(decided) = world.claim(*claim).assessments.decided(decision.period) {
                return Err(Refusal::AlreadyDecided { period: decided.period, event: decided.event });
            }
            AssessmentDetermined { decision: decision.clone() }.into()
        }
        DeterminationOrder::Revise { claim, replaces, ground, decision } => {
            replace(claim, replaces, decision)?;
            DeterminationRevised { replaces: *replaces, ground: ground.clone(), decision: decision.clone() }.into()
        }
        DeterminationOrder::Supersede { claim, replaces, ground, decision } => {
            replace(claim, replaces, decision)?;
            DeterminationSuperseded { replaces: *replaces, ground: ground.clone(), decision: decision.clone() }.into()
        }
        DeterminationOrder::Correct { claim, replaces, ground, decision } => {
            replace(claim, replaces, decision)?;
            DeterminationCorrected { replaces: *replaces, ground: ground.clone(), decision: decision.clone() }.into()
        }
    })
}

fn check(world: &World, claim: ClaimId, decision: &Decision, head: u64) -> Result<(), Refusal> {
    let state = &world.claim(claim).claim;
    let period = decision.period;
    let no_claim = |stage| Err(Refusal::NoClaim { claim, stage, period });
    match state.stage {
        Stage::Open => {}
        Stage::Closed(closed) if period.first() < closed => {}
        Stage::Closed(_) => return no_claim("ended before"),
        Stage::Withdrawn => return no_claim("was withdrawn"),
        Stage::NotMade => return no_claim("was never made"),
    }
    of_a_cycle(period, state)?;
    if let Some(decided) = world.claim(claim).assessments.overlapping(period) {
        return Err(Refusal::Overlaps { given: period, decided });
    }
    let lines: Money = decision.lines.iter().map(|line| line.amount.money()).sum();
    if lines != decision.payment.money() {
        return Err(Refusal::DoesNotAddUp { lines, payment: decision.payment.money() });
    }
    for (line, content) in decision.lines.iter().enumerate() {
        let payee = match content.payee {
            Payee::Person(person) => Some(person),
            Payee::Landlord | Payee::Creditor(_) => None,
        };
        let stranger = std::iter::once(content.for_whom).chain(payee).find(|person| !state.ever.contains(person));
        if let Some(person) = stranger {
            return Err(Refusal::NotAMember { line, person, claim });
        }
    }
    if decision.facts_at > head {
        return Err(Refusal::FactsOfTheFuture { facts_at: decision.facts_at, head });
    }
    Ok(())
}

/// Whether a claim with that first day can have the period. Whether its benefit is decided by the month or by the week is
/// in the rules that the decision names, and is checked with them.
pub(crate) fn of_a_cycle(given: AssessmentPeriod, claim: &Claim) -> Result<(), Refusal> {
    let cycle = |kind| claim.cycle(kind).unwrap_or(Cycle::new(kind, given.first()));
    let starting = |kind| cycle(kind).starting(given.first());
    if PeriodKind::ALL.into_iter().any(|kind| starting(kind) == Ok(given)) {
        return Ok(());
    }
    let meant = if given.days() == 7 { PeriodKind::WeekFromMonday } else { PeriodKind::Month };
    Err(Refusal::OtherCycle { given, expected: starting(meant)? })
}

impl Assessments {
    /// Another decided period that shares a day with this one.
    fn overlapping(&self, period: AssessmentPeriod) -> Option<AssessmentPeriod> {
        self.deciding(Days::new(period.first(), period.last())?).filter(|decided| *decided != period)
    }

    /// A decided period that shares a day with these.
    pub fn deciding(&self, days: Days) -> Option<AssessmentPeriod> {
        let shares = |period: &AssessmentPeriod| period.first() <= days.last() && days.first() <= period.last();
        self.standing.values().map(|decided| decided.period).find(shares)
    }

    /// The decisions that stand for the periods that lie within some days.
    pub fn within(&self, days: Days) -> impl Iterator<Item = &Decided> {
        let lies = move |period: AssessmentPeriod| days.first() <= period.first() && period.last() <= days.last();
        self.standing.values().filter(move |decided| lies(decided.period))
    }

    /// What standing decisions took for a debt, those of them that count.
    pub fn deducted(&self, debt: DebtId, counts: impl Fn(&Decided) -> bool) -> Money {
        let taken = self.standing.values().filter_map(|decided| Some((decided, decided.deducted.get(&debt)?)));
        taken.filter(|(decided, _)| counts(decided)).map(|(_, amount)| *amount).sum()
    }

    /// The periods for which a decision stands, in order.
    pub fn periods(&self) -> impl Iterator<Item = AssessmentPeriod> {
        self.standing.values().map(|decided| decided.period)
    }

    /// The decision that stands for the period.
    pub fn decided(&self, period: AssessmentPeriod) -> Option<&Decided> {
        self.standing.get(&period.first()).filter(|decided| decided.period == period)
    }

    /// Whether this event decided a period, be it replaced or not.
    pub fn has(&self, event: EventId) -> bool {
        self.every.contains_key(&event)
    }

    /// Whether nothing was ever decided.
    pub fn is_empty(&self) -> bool {
        self.every.is_empty()
    }
}

/// Applies what happened.
#[must_use]
pub fn evolve(mut state: Assessments, event: &DeterminationEvent, id: EventId) -> Assessments {
    let decision = match event {
        DeterminationEvent::AssessmentDetermined(AssessmentDetermined { decision })
        | DeterminationEvent::DeterminationRevised(DeterminationRevised { decision, .. })
        | DeterminationEvent::DeterminationSuperseded(DeterminationSuperseded { decision, .. })
        | DeterminationEvent::DeterminationCorrected(DeterminationCorrected { decision, .. }) => decision,
    };
    let mut by_payee = BTreeMap::new();
    for line in &decision.lines {
        *by_payee.entry(line.payee).or_default() += line.amount.money();
    }
    let period = decision.period;
    let hardship_daily = decision.amounts.iter().find(|(rule, _)| rule == "hardship_daily");
    let hardship_daily = hardship_daily.and_then(|(_, sum)| sum.parse().ok());
    let adults = decision.adults.clone();
    let mut deducted: BTreeMap<DebtId, Money> = BTreeMap::new();
    for of in &decision.deducted {
        *deducted.entry(of.debt).or_default() += of.amount.money();
    }
    state.standing.insert(period.first(), Decided { event: id, period, by_payee, adults, deducted, hardship_daily });
    state.every.insert(id, period.first());
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::ClaimOrder;
    use crate::testing::{Step, amount, check, claim, event, from, june, law, make_claim, person, register};
    use jiff::civil::date;

    fn determine(decision: Decision) -> Step {
        DeterminationOrder::Determine { claim: claim(1), decision }.into()
    }

    fn revise(replaces: u128, decision: Decision) -> Step {
        DeterminationOrder::Revise { claim: claim(1), replaces: event(replaces), ground: law(), decision }.into()
    }

    fn given(more: Vec<Step>) -> Vec<Step> {
        [vec![register(1), make_claim()], more].concat()
    }

    fn month(year: i16, month: i8, day: i8) -> AssessmentPeriod {
        AssessmentPeriod::starting(date(year, month, day)).unwrap()
    }

    #[test]
    fn a_period_is_decided_once_and_then_replaced() {
        check(&given(vec![]), determine(june(40_000)), Ok(&["footing.assessment.determined.v1"]));
        let decided = || given(vec![determine(june(40_000))]);
        check(&decided(), determine(june(40_000)), Err("a new decision says what it replaces"));
        check(&decided(), revise(3, june(45_000)), Ok(&["footing.determination.revised.v1"]));
        check(&given(vec![]), revise(3, june(45_000)), Err("is not the decision that stands"));
        let revised = || [decided(), vec![revise(3, june(45_000))]].concat();
        check(&revised(), revise(3, june(1)), Err("is not the decision that stands for 2026-06-01 to 2026-06-30"));
        let (replaces, ground, decision) = (event(4), law(), june(1));
        let supersede = DeterminationOrder::Supersede { claim: claim(1), replaces, ground, decision };
        check(&revised(), supersede, Ok(&["footing.determination.superseded.v1"]));
        let (replaces, ground, decision) = (event(4), law(), june(1));
        let correct = DeterminationOrder::Correct { claim: claim(1), replaces, ground, decision };
        check(&revised(), correct, Ok(&["footing.determination.corrected.v1"]));
    }

    #[test]
    fn only_a_period_of_the_claim_is_decided() {
        let of = |period| determine(Decision { period, ..june(100) });
        check(&given(vec![]), of(month(2026, 7, 1)), Ok(&["footing.assessment.determined.v1"]));
        check(&given(vec![]), of(month(2026, 7, 2)), Err("2026-07-02 is not an assessment day"));
        check(&given(vec![]), of(month(2026, 5, 1)), Err("is not an assessment day"));
        check(&[register(1)], of(month(2026, 6, 1)), Err("was never made"));
        // A claim from the 30th and one from the 31st both have a period from 30 April, of different lengths.
        let claimed = ClaimOrder::Make {
            claim: claim(1),
            benefit: "uk-universal-credit".into(),
            claimants: vec![person(1)],
            dates: None,
        };
        let from_31_march = [register(1), from(date(2026, 3, 31), claimed)];
        check(&from_31_march, of(month(2026, 4, 30)), Err("is not the period of this claim, which is"));
    }

    #[test]
    fn a_claim_is_decided_by_the_month_or_by_the_week_and_never_both() {
        let of = |period| determine(Decision { period, ..june(100) });
        let week = |day| Cycle::new(PeriodKind::WeekFromMonday, day).first().unwrap();
        let (first, third) = (week(date(2026, 6, 1)), week(date(2026, 6, 15)));
        let decided: Result<&[&str], &str> = Ok(&["footing.assessment.determined.v1"]);
        check(&given(vec![]), of(first), decided);
        check(&given(vec![of(first)]), of(third), decided);
        check(&given(vec![of(first)]), of(month(2026, 6, 1)), Err("shares days with 2026-06-01 to 2026-06-07"));
        check(&given(vec![of(month(2026, 6, 1))]), of(third), Err("shares days with 2026-06-01 to 2026-06-30"));
        // The claim begins on Monday 1 June: its weeks begin on Mondays.
        let tuesday = Cycle::new(PeriodKind::Week, date(2026, 6, 2)).first().unwrap();
        check(&given(vec![]), of(tuesday), Err("start on 2026-06-01 and every week from there"));
    }

    #[test]
    fn a_closed_claim_is_decided_for_the_periods_it_reached() {
        let close = ClaimOrder::Close { claim: claim(1), reason: "earnings".into() };
        let closed = given(vec![from(date(2026, 7, 10), close)]);
        let of = |period| determine(Decision { period, ..june(100) });
        check(&closed, of(month(2026, 7, 1)), Ok(&["footing.assessment.determined.v1"]));
        check(&closed, of(month(2026, 8, 1)), Err("ended before"));
    }

    #[test]
    fn the_lines_of_a_decision_add_up_to_its_payment_and_are_for_members() {
        let short = Decision { payment: amount(99), ..june(100) };
        check(&given(vec![]), determine(short), Err("add up to 1.00, the payment is 0.99"));
        let mut stranger = june(100);
        stranger.lines[0].for_whom = person(2);
        check(&given(vec![]), determine(stranger), Err("decision.lines[0]: person"));
        let future = Decision { facts_at: 101, ..june(100) };
        check(&given(vec![]), determine(future), Err("facts_at: 101 lies beyond the end of the stream, 100"));
    }
}
