//! A claim: who belongs to it, whether it is open, and facts that can be withdrawn. Claimants belong to it as adults from
//! the start; others join.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemas::claim_dates::{self, ClaimDateError};
use schemas::envelope::{Envelope, is_pack_name};
use schemas::events::{
    ClaimClosed, ClaimDates, ClaimEvent, ClaimFact, ClaimFactRecorded, ClaimFactWithdrawn, ClaimJoined, ClaimLeft,
    ClaimMade, ClaimRedated, ClaimReopened, ClaimWithdrawn, Event, Following, LateClaim, PaidTo, PersonClaimEnded,
    PersonClaimed, Role,
};
use schemas::{AssessmentPeriod, ClaimId, Cycle, EventId, PeriodKind, PersonId, Subject};

use crate::assessment;
use crate::command::Command;
use crate::order::ClaimOrder;
use crate::person;
use crate::world::World;

/// A claim is one person's or a couple's (Welfare Reform Act 2012 s. 2).
const MOST_ADULTS: usize = 2;

/// What decisions about a claim rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// Whether it is open.
    pub stage: Stage,
    /// The pack whose rules it is under.
    pub benefit: String,
    /// First day of entitlement; none for a claim never made.
    pub entitled_from: Option<Date>,
    /// First day of the award whose assessment day it keeps, where its own does not give it.
    pub day_of: Option<Date>,
    /// When and why it was made, where its first day is checked against the law.
    pub dates: Option<ClaimDates>,
    /// Who belongs to it now, or did when it was closed, and as what.
    pub members: BTreeMap<PersonId, Role>,
    /// Everybody who ever belonged to it.
    pub ever: BTreeSet<PersonId>,
    /// Records of facts that were not withdrawn.
    pub facts: BTreeSet<EventId>,
}

/// Whether a claim is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Never made.
    #[default]
    NotMade,
    /// Made, and neither withdrawn nor closed.
    Open,
    /// Taken back before it was decided.
    Withdrawn,
    /// The award ended; this is the first day without it.
    Closed(Date),
}

/// Why nothing about a claim may be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// About a person.
    #[error(transparent)]
    Person(#[from] person::Refusal),
    /// A claim is made once.
    #[error("claim {claim} is made already")]
    AlreadyMade {
        /// Which.
        claim: ClaimId,
    },
    /// The claim's stage does not allow it.
    #[error("claim {claim} {stage}")]
    WrongStage {
        /// Which.
        claim: ClaimId,
        /// What it is.
        stage: &'static str,
    },
    /// Nothing holds after the end.
    #[error("claim {claim} ended on {closed}: nothing takes effect on {from}")]
    AfterClosing {
        /// Which.
        claim: ClaimId,
        /// The first day without it.
        closed: Date,
        /// From when the order would hold.
        from: Date,
    },
    /// The name cannot be a pack's.
    #[error("benefit: `{benefit}` is not the name of a pack: lower-case words joined by hyphens")]
    NoSuchBenefit {
        /// The name given.
        benefit: String,
    },
    /// A claim is one person's or a couple's.
    #[error("{field}: a claim is made by one person or by a couple (Welfare Reform Act 2012 s. 2)")]
    WrongNumberOfAdults {
        /// The field.
        field: &'static str,
    },
    /// One open claim for each person and benefit.
    #[error("person {person} has an open claim to {benefit} already: {claim}")]
    HasAClaim {
        /// Who.
        person: PersonId,
        /// To what.
        benefit: String,
        /// The open claim.
        claim: ClaimId,
    },
    /// Members join once.
    #[error("person {person} belongs to claim {claim} already")]
    AlreadyAMember {
        /// Who.
        person: PersonId,
        /// Which claim.
        claim: ClaimId,
    },
    /// Nobody leaves who does not belong.
    #[error("person {person} does not belong to claim {claim}")]
    NotAMember {
        /// Who.
        person: PersonId,
        /// Which claim.
        claim: ClaimId,
    },
    /// Nothing about a claim happens before its first day.
    #[error("effective_from: {from} is before the first day of entitlement, {entitled_from}")]
    BeforeEntitlement {
        /// The day given.
        from: Date,
        /// First day of entitlement.
        entitled_from: Date,
    },
    /// A claim that was decided is closed, not withdrawn.
    #[error("claim {claim} was decided: it can be closed, not withdrawn")]
    Decided {
        /// Which.
        claim: ClaimId,
    },
    /// The law gives no entitlement from the day.
    #[error(transparent)]
    Dates(#[from] ClaimDateError),
    /// An award that follows others names them.
    #[error("dates.follows.awards: it names no award")]
    FollowsNothing,
    /// Days are kept of one's own award only.
    #[error("dates.follows.awards: claim {award} is not an earlier award of a claimant to the same benefit")]
    NotTheirs {
        /// The award named.
        award: ClaimId,
    },
    /// An award is followed when it has ended.
    #[error("dates.follows.awards: claim {award} has not ended for every claimant")]
    NotEnded {
        /// The award named.
        award: ClaimId,
    },
    /// The first day is moved.
    #[error("effective_from: {0} is the first day of entitlement already")]
    SameFirstDay(Date),
    /// What is decided stays a period of the claim.
    #[error(
        "effective_from: from {from} on the claim would not have the period {decided}, which is decided: its decision and what was paid of it come first"
    )]
    DecidedOtherwise {
        /// The first day given.
        from: Date,
        /// The decided period.
        decided: AssessmentPeriod,
    },
    /// A withdrawal names a record.
    #[error("event: {event} is not a record of a fact of this claim, or was withdrawn before")]
    NotARecordedFact {
        /// The event named.
        event: EventId,
    },
}

/// The persons whose histories a decision rests on or adds to.
pub fn rests_on(world: &World, order: &ClaimOrder) -> Vec<PersonId> {
    match order {
        ClaimOrder::Make { claimants, .. } => claimants.clone(),
        ClaimOrder::Join { person, .. } | ClaimOrder::Leave { person, .. } => vec![*person],
        ClaimOrder::Withdraw { claim, .. } | ClaimOrder::Close { claim, .. } | ClaimOrder::Reopen { claim, .. } => {
            world.claim(*claim).claim.adults().collect()
        }
        ClaimOrder::Redate { .. } | ClaimOrder::RecordFact { .. } | ClaimOrder::WithdrawFact { .. } => Vec::new(),
    }
}

/// The claims whose histories a decision rests on beside its own.
pub fn follows(order: &ClaimOrder) -> impl Iterator<Item = ClaimId> {
    let dates = if let ClaimOrder::Make { dates: Some(dates), .. } = order { Some(dates) } else { None };
    let follows = dates.and_then(|dates| dates.follows.as_ref());
    follows.into_iter().flat_map(|follows| follows.awards.iter().copied())
}

/// Says what happened on the claim and on its adults, or why nothing may.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, command: &Command, order: &ClaimOrder) -> Result<Vec<(Subject, Event)>, Refusal> {
    let from = command.effective_from;
    let state = |claim: &ClaimId| &world.claim(*claim).claim;
    let on = |claim: &ClaimId, event: Event| (Subject::Claim(*claim), event);
    Ok(match order {
        ClaimOrder::Make { claim, benefit, claimants, dates } => {
            make(world, *claim, benefit, claimants, from)?;
            let day_of = dates.as_ref().map(|dates| first_day(world, benefit, claimants, dates, from)).transpose()?;
            let (benefit, claimants, day_of) = (benefit.clone(), claimants.clone(), day_of.flatten());
            let made = ClaimMade { benefit, claimants, dates: dates.clone(), day_of };
            let (benefit, claimants) = (&made.benefit.clone(), made.claimants.clone());
            with(on(claim, made.into()), claimants.iter().copied(), claimed(*claim, benefit))
        }
        ClaimOrder::Join { claim, person, role } => {
            join(world, *claim, *person, *role, from)?;
            let joined = ClaimJoined { person: *person, role: *role };
            let adult = (*role == Role::Adult).then_some(*person);
            with(on(claim, joined.into()), adult, claimed(*claim, &state(claim).benefit))
        }
        ClaimOrder::Leave { claim, person } => {
            state(claim).open(*claim, from)?;
            let not_a_member = Refusal::NotAMember { person: *person, claim: *claim };
            let role = *state(claim).members.get(person).ok_or(not_a_member)?;
            let adult = (role == Role::Adult).then_some(*person);
            with(on(claim, ClaimLeft { person: *person }.into()), adult, ended(*claim))
        }
        ClaimOrder::Withdraw { claim, reason } => {
            state(claim).open(*claim, from)?;
            if !world.claim(*claim).assessments.is_empty() {
                return Err(Refusal::Decided { claim: *claim });
            }
            let withdrawn = ClaimWithdrawn { reason: reason.clone() };
            with(on(claim, withdrawn.into()), state(claim).adults(), ended(*claim))
        }
        ClaimOrder::Close { claim, reason } => {
            state(claim).open(*claim, from)?;
            let closed = ClaimClosed { reason: reason.clone() };
            with(on(claim, closed.into()), state(claim).adults(), ended(*claim))
        }
        ClaimOrder::Reopen { claim, reason } => {
            reopen(world, *claim, from)?;
            let reopened = ClaimReopened { reason: reason.clone() };
            with(on(claim, reopened.into()), state(claim).adults(), claimed(*claim, &state(claim).benefit))
        }
        ClaimOrder::Redate { claim, late_because, reason } => {
            let day_of = redate(world, *claim, *late_because, from)?;
            vec![on(claim, ClaimRedated { day_of, late_because: *late_because, reason: reason.clone() }.into())]
        }
        ClaimOrder::RecordFact { claim, fact } => {
            takes_facts(state(claim), *claim, fact, from)?;
            vec![on(claim, ClaimFactRecorded { fact: fact.clone() }.into())]
        }
        ClaimOrder::WithdrawFact { claim, event, reason } => {
            if !state(claim).facts.contains(event) {
                return Err(Refusal::NotARecordedFact { event: *event });
            }
            vec![on(claim, ClaimFactWithdrawn { event: *event, reason: reason.clone() }.into())]
        }
    })
}

fn claimed(claim: ClaimId, benefit: &str) -> Event {
    PersonClaimed { claim, benefit: benefit.into() }.into()
}

fn ended(claim: ClaimId) -> Event {
    PersonClaimEnded { claim }.into()
}

/// The claim's own event, and one beside it on each of these persons.
fn with(own: (Subject, Event), persons: impl IntoIterator<Item = PersonId>, theirs: Event) -> Vec<(Subject, Event)> {
    let beside = persons.into_iter().map(|person| (Subject::Person(person), theirs.clone()));
    std::iter::once(own).chain(beside).collect()
}

fn make(world: &World, claim: ClaimId, benefit: &str, claimants: &[PersonId], from: Date) -> Result<(), Refusal> {
    if world.claim(claim).claim.stage != Stage::NotMade {
        return Err(Refusal::AlreadyMade { claim });
    }
    if !is_pack_name(benefit) {
        return Err(Refusal::NoSuchBenefit { benefit: benefit.into() });
    }
    let distinct: BTreeSet<_> = claimants.iter().collect();
    if claimants.is_empty() || claimants.len() > MOST_ADULTS || distinct.len() < claimants.len() {
        return Err(Refusal::WrongNumberOfAdults { field: "claimants" });
    }
    claimants.iter().try_for_each(|person| may_claim(world, *person, benefit, from))
}

/// The first day of the award whose assessment day the claim keeps, where its own first day does not give it.
fn first_day(
    world: &World,
    benefit: &str,
    claimants: &[PersonId],
    dates: &ClaimDates,
    from: Date,
) -> Result<Option<Date>, Refusal> {
    let Some(follows) = &dates.follows else {
        claim_dates::check_new(from, dates.claimed_on, dates.late_because, dates.no_waiting)?;
        return Ok(None);
    };
    let mut followed: Vec<(Date, Cycle)> = Vec::new();
    for award in &follows.awards {
        followed.push(award_that_ended(world, *award, benefit, claimants, follows.why)?);
    }
    // Of two awards the one that ended earlier (reg. 21(3A)).
    let (ended, cycle) = followed.into_iter().min_by_key(|(ended, _)| *ended).ok_or(Refusal::FollowsNothing)?;
    Ok(claim_dates::follow(from, dates.claimed_on, follows.why, cycle, ended)?.day_of())
}

/// The day that gives the day of the month when the first day of an open claim is moved.
fn redate(world: &World, claim: ClaimId, late_because: Option<LateClaim>, from: Date) -> Result<Date, Refusal> {
    let history = world.claim(claim);
    let state = &history.claim;
    let entitled_from = state.entitled_from.unwrap_or(from);
    state.open(claim, entitled_from)?;
    if state.stage == Stage::Open && from == entitled_from {
        return Err(Refusal::SameFirstDay(from));
    }
    if let Some(ClaimDates { claimed_on, no_waiting, follows: None, .. }) = &state.dates {
        claim_dates::check_new(from, *claimed_on, late_because, *no_waiting)?;
    }
    let day_of = state.day_of.unwrap_or(entitled_from);
    let moved = Claim { entitled_from: Some(from), day_of: Some(day_of), ..Claim::default() };
    match history.assessments.periods().find(|decided| assessment::of_a_cycle(*decided, &moved).is_err()) {
        Some(decided) => Err(Refusal::DecidedOtherwise { from, decided }),
        None => Ok(day_of),
    }
}

/// The last day of an award that one of these claimants had, and its periods.
fn award_that_ended(
    world: &World,
    award: ClaimId,
    benefit: &str,
    claimants: &[PersonId],
    why: Following,
) -> Result<(Date, Cycle), Refusal> {
    let state = &world.claim(award).claim;
    let theirs = state.benefit == benefit && claimants.iter().any(|person| state.ever.contains(person));
    let cycle = state.cycle(PeriodKind::Month).filter(|_| theirs);
    let cycle = cycle.ok_or(Refusal::NotTheirs { award })?;
    let left = || claimants.iter().all(|person| !state.members.contains_key(person));
    match (state.stage, why) {
        (Stage::Closed(closed), _) => Ok((closed.yesterday().unwrap_or(closed), cycle)),
        // The claim of a couple goes on as that of the one who stays.
        (Stage::Open, Following::Separation) if left() => Ok((Date::MAX, cycle)),
        (Stage::Open | Stage::NotMade | Stage::Withdrawn, _) => Err(Refusal::NotEnded { award }),
    }
}

fn may_claim(world: &World, person: PersonId, benefit: &str, from: Date) -> Result<(), Refusal> {
    person::living(world, person, from)?;
    match world.person(person).person.claims.iter().find(|(_, open)| *open == benefit) {
        Some((claim, open)) => Err(Refusal::HasAClaim { person, benefit: open.clone(), claim: *claim }),
        None => Ok(()),
    }
}

fn join(world: &World, claim: ClaimId, person: PersonId, role: Role, from: Date) -> Result<(), Refusal> {
    let state = &world.claim(claim).claim;
    state.open(claim, from)?;
    if state.members.contains_key(&person) {
        return Err(Refusal::AlreadyAMember { person, claim });
    }
    match role {
        Role::Adult if state.adults().count() == MOST_ADULTS => Err(Refusal::WrongNumberOfAdults { field: "role" }),
        Role::Adult => may_claim(world, person, &state.benefit, from),
        Role::Child | Role::YoungPerson | Role::NonDependant => Ok(person::living(world, person, from).map(drop)?),
    }
}

fn reopen(world: &World, claim: ClaimId, from: Date) -> Result<(), Refusal> {
    let state = &world.claim(claim).claim;
    match state.stage {
        Stage::Closed(_) => state.adults().try_for_each(|person| may_claim(world, person, &state.benefit, from)),
        Stage::NotMade => Err(Refusal::WrongStage { claim, stage: "was never made" }),
        Stage::Open => Err(Refusal::WrongStage { claim, stage: "is open" }),
        Stage::Withdrawn => Err(Refusal::WrongStage { claim, stage: "was withdrawn before it was decided" }),
    }
}

/// A closed claim still learns of the days before its end.
fn takes_facts(state: &Claim, claim: ClaimId, fact: &ClaimFact, from: Date) -> Result<(), Refusal> {
    match state.stage {
        Stage::Open => {}
        Stage::Closed(closed) if from < closed => {}
        Stage::Closed(closed) => return Err(Refusal::AfterClosing { claim, closed, from }),
        Stage::NotMade => return Err(Refusal::WrongStage { claim, stage: "was never made" }),
        Stage::Withdrawn => return Err(Refusal::WrongStage { claim, stage: "was withdrawn before it was decided" }),
    }
    match named_in(fact) {
        Some(person) if !state.ever.contains(&person) => Err(Refusal::NotAMember { person, claim }),
        Some(_) | None => Ok(()),
    }
}

/// The member that a fact is about.
const fn named_in(fact: &ClaimFact) -> Option<PersonId> {
    match fact {
        ClaimFact::LiableForRent(person)
        | ClaimFact::MainCarer(person)
        | ClaimFact::ChildcarePayer(person)
        | ClaimFact::PaidInto(person)
        | ClaimFact::PaidTo(PaidTo { payee: person, .. }) => Some(*person),
        ClaimFact::PaidWeekly(_)
        | ClaimFact::ElderWithPartner(_)
        | ClaimFact::QualifyingBenefit(_)
        | ClaimFact::Tenure(_)
        | ClaimFact::Rent(_)
        | ClaimFact::LhaRate(_)
        | ClaimFact::ServiceCharges(_)
        | ClaimFact::Bedrooms(_)
        | ClaimFact::BedroomsNeeded(_)
        | ClaimFact::Capital(_)
        | ClaimFact::Region(_)
        | ClaimFact::ChildcareCharges(_)
        | ClaimFact::ChildcareChildren(_)
        | ClaimFact::TransitionalElement(_)
        | ClaimFact::TransitionalCapitalDisregard(_)
        | ClaimFact::CapGraceUntil(_)
        | ClaimFact::NotionalCapital(_)
        | ClaimFact::CapitalWithCountedIncome(_)
        | ClaimFact::RecentDomesticViolence(_)
        | ClaimFact::SurplusBroughtForward(_)
        | ClaimFact::LastDayOfAward(_)
        | ClaimFact::TransitionalInitial(_)
        | ClaimFact::TotalLegacyAmount(_)
        | ClaimFact::IndicativeUcAmount(_)
        | ClaimFact::IndicativeExcessIncome(_)
        | ClaimFact::SevereDisabilityPremium(_)
        | ClaimFact::SdpEnhancedPremium(_)
        | ClaimFact::SdpDisabilityPremium(_)
        | ClaimFact::SdpDisabledChildren(_)
        | ClaimFact::CapMonthsBeforeClaim(_)
        | ClaimFact::RentEvery(_)
        | ClaimFact::RentFreePayments(_)
        | ClaimFact::JointTenants(_)
        | ClaimFact::JointTenantsClaiming(_)
        | ClaimFact::AdditionalBedrooms(_)
        | ClaimFact::OwnerWaitOver(_)
        | ClaimFact::ChildcareReportedOn(_)
        | ClaimFact::ChildcareLateAccepted(_)
        | ClaimFact::FraudPenalty(_)
        | ClaimFact::FuelCurrent(_)
        | ClaimFact::WaterCurrent(_)
        | ClaimFact::FuelAndWaterConsent(_)
        | ClaimFact::ManagedRent(_)
        | ClaimFact::LateNoticeAllowed(_) => None,
    }
}

impl Claim {
    /// Claimant and partner.
    pub fn adults(&self) -> impl Iterator<Item = PersonId> {
        self.members.iter().filter(|(_, role)| **role == Role::Adult).map(|(person, _)| *person)
    }

    /// Its periods, by rules that decide such ones.
    pub fn cycle(&self, kind: PeriodKind) -> Option<Cycle> {
        Some(Cycle::of_claim(kind, self.entitled_from?, self.day_of))
    }

    /// An open claim, from its first day on.
    fn open(&self, claim: ClaimId, from: Date) -> Result<(), Refusal> {
        let stage = match self.stage {
            Stage::Open => {
                let entitled_from = self.entitled_from.unwrap_or(from);
                let early = from < entitled_from;
                return if early { Err(Refusal::BeforeEntitlement { from, entitled_from }) } else { Ok(()) };
            }
            Stage::NotMade => "was never made",
            Stage::Withdrawn => "was withdrawn before it was decided",
            Stage::Closed(_) => "is closed",
        };
        Err(Refusal::WrongStage { claim, stage })
    }
}

/// Applies what happened.
#[must_use]
pub fn evolve(mut state: Claim, event: &ClaimEvent, envelope: &Envelope) -> Claim {
    match event {
        ClaimEvent::ClaimMade(ClaimMade { benefit, claimants, dates, day_of }) => {
            state.day_of = *day_of;
            state.dates.clone_from(dates);
            state.stage = Stage::Open;
            state.benefit.clone_from(benefit);
            state.entitled_from = Some(envelope.effective_from);
            state.members.extend(claimants.iter().map(|person| (*person, Role::Adult)));
            state.ever.extend(claimants);
        }
        ClaimEvent::ClaimJoined(ClaimJoined { person, role }) => {
            state.members.insert(*person, *role);
            state.ever.insert(*person);
        }
        ClaimEvent::ClaimLeft(ClaimLeft { person }) => {
            state.members.remove(person);
        }
        ClaimEvent::ClaimWithdrawn(_) => state.stage = Stage::Withdrawn,
        ClaimEvent::ClaimClosed(_) => state.stage = Stage::Closed(envelope.effective_from),
        ClaimEvent::ClaimReopened(_) => state.stage = Stage::Open,
        ClaimEvent::ClaimRedated(redated) => {
            state.entitled_from = Some(envelope.effective_from);
            state.day_of = Some(redated.day_of);
        }
        ClaimEvent::ClaimFactRecorded(_) => {
            state.facts.insert(envelope.id);
        }
        ClaimEvent::ClaimFactWithdrawn(ClaimFactWithdrawn { event, .. }) => {
            state.facts.remove(event);
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{DeterminationOrder, Order};
    use crate::testing::{Step, TODAY, amount, check, claim, event, from, june, make_claim, person, register};
    use jiff::civil::date;
    use schemas::events::{Decision, Follows, LateClaim};

    fn make(number: u128, claimants: &[u128]) -> Step {
        let claimants = claimants.iter().map(|n| person(*n)).collect();
        ClaimOrder::Make { claim: claim(number), benefit: "uk-universal-credit".into(), claimants, dates: None }.into()
    }

    fn join(number: u128, role: Role) -> Step {
        ClaimOrder::Join { claim: claim(1), person: person(number), role }.into()
    }

    fn leave(number: u128) -> Step {
        ClaimOrder::Leave { claim: claim(1), person: person(number) }.into()
    }

    fn close() -> ClaimOrder {
        ClaimOrder::Close { claim: claim(1), reason: "earnings".into() }
    }

    fn reopen() -> Step {
        ClaimOrder::Reopen { claim: claim(1), reason: "the closure was wrong".into() }.into()
    }

    fn rent() -> ClaimOrder {
        ClaimOrder::RecordFact { claim: claim(1), fact: ClaimFact::Rent(amount(40_000)) }
    }

    fn given(more: Vec<Step>) -> Vec<Step> {
        [vec![register(1), make_claim()], more].concat()
    }

    #[test]
    fn a_claim_is_made_by_one_or_two_registered_people() {
        let two = [register(1), register(2), register(3)];
        check(&[], make(1, &[1]), Err("is not registered"));
        check(&two, make(1, &[1]), Ok(&["footing.claim.made.v2", "footing.person.claimed.v1"]));
        let couple = ["footing.claim.made.v2", "footing.person.claimed.v1", "footing.person.claimed.v1"];
        check(&two, make(1, &[1, 2]), Ok(&couple));
        for wrong in [&[][..], &[1, 1], &[1, 2, 3]] {
            check(&two, make(1, wrong), Err("by one person or by a couple"));
        }
        let shouted =
            ClaimOrder::Make { claim: claim(1), benefit: "UC".into(), claimants: vec![person(1)], dates: None };
        check(&two, shouted, Err("is not the name of a pack"));
    }

    #[test]
    fn a_person_has_one_open_claim_to_a_benefit() {
        check(&given(vec![]), make(1, &[1]), Err("is made already"));
        check(&given(vec![]), make(2, &[1]), Err("has an open claim to uk-universal-credit already"));
        let made: Result<&[&str], &str> = Ok(&["footing.claim.made.v2", "footing.person.claimed.v1"]);
        check(&given(vec![close().into()]), make(2, &[1]), made);
        let other = ClaimOrder::Make {
            claim: claim(2),
            benefit: "uk-child-benefit".into(),
            claimants: vec![person(1)],
            dates: None,
        };
        check(&given(vec![]), other, made);
        let elsewhere = || [register(1), register(2), make_claim(), make(2, &[2])];
        check(&elsewhere(), join(2, Role::Adult), Err("has an open claim"));
        check(&elsewhere(), join(2, Role::NonDependant), Ok(&["footing.claim.joined.v1"]));
    }

    #[test]
    fn members_join_once_and_may_come_back_after_leaving() {
        let with_child = || given(vec![register(2), join(2, Role::Child)]);
        check(&given(vec![]), join(1, Role::Adult), Err("belongs to claim"));
        check(&given(vec![]), join(2, Role::Child), Err("is not registered"));
        check(&with_child(), join(2, Role::Child), Err("belongs to claim"));
        check(&given(vec![]), leave(2), Err("does not belong"));
        check(&with_child(), leave(2), Ok(&["footing.claim.left.v1"]));
        check(&[with_child(), vec![leave(2)]].concat(), join(2, Role::Child), Ok(&["footing.claim.joined.v1"]));
        let partner = ["footing.claim.joined.v1", "footing.person.claimed.v1"];
        check(&given(vec![register(2)]), join(2, Role::Adult), Ok(&partner));
        let couple = || given(vec![register(2), join(2, Role::Adult), register(3)]);
        check(&couple(), join(3, Role::Adult), Err("role: a claim is made by one person or by a couple"));
        check(&couple(), leave(2), Ok(&["footing.claim.left.v1", "footing.person.claim_ended.v1"]));
    }

    #[test]
    fn a_closed_claim_learns_only_of_the_days_before_its_end() {
        let closed = || given(vec![from(date(2026, 6, 10), close())]);
        check(&given(vec![]), rent(), Ok(&["footing.claim.fact_recorded.v2"]));
        check(&closed(), from(date(2026, 6, 9), rent()), Ok(&["footing.claim.fact_recorded.v2"]));
        check(&closed(), from(date(2026, 6, 10), rent()), Err("ended on 2026-06-10"));
        check(&closed(), close(), Err("is closed"));
        check(&closed(), join(1, Role::Adult), Err("is closed"));
        check(&[], rent(), Err("was never made"));
        check(&given(vec![]), from(date(2026, 5, 31), close()), Err("before the first day of entitlement, 2026-06-01"));
    }

    #[test]
    fn a_closed_claim_is_reopened_unless_a_new_one_took_its_place() {
        let closed = || given(vec![close().into()]);
        check(&given(vec![]), reopen(), Err("is open"));
        check(&closed(), reopen(), Ok(&["footing.claim.reopened.v1", "footing.person.claimed.v1"]));
        check(&[closed(), vec![make(2, &[1])]].concat(), reopen(), Err("has an open claim"));
    }

    #[test]
    fn a_claim_that_was_decided_is_closed_and_not_withdrawn() {
        let withdraw = || ClaimOrder::Withdraw { claim: claim(1), reason: "changed my mind".into() };
        let determine = DeterminationOrder::Determine { claim: claim(1), decision: june(100) };
        check(&given(vec![]), withdraw(), Ok(&["footing.claim.withdrawn.v1", "footing.person.claim_ended.v1"]));
        check(&given(vec![determine.into()]), withdraw(), Err("was decided"));
        check(&given(vec![withdraw().into()]), rent(), Err("was withdrawn"));
        check(&given(vec![withdraw().into()]), reopen(), Err("was withdrawn"));
    }

    #[test]
    fn a_fact_names_a_member_and_a_withdrawal_a_fact() {
        let liable =
            |number| ClaimOrder::RecordFact { claim: claim(1), fact: ClaimFact::LiableForRent(person(number)) };
        check(&given(vec![]), liable(1), Ok(&["footing.claim.fact_recorded.v2"]));
        check(&given(vec![]), liable(2), Err("does not belong"));
        let withdraw =
            |number| ClaimOrder::WithdrawFact { claim: claim(1), event: event(number), reason: "mistyped".into() };
        check(&given(vec![rent().into()]), withdraw(3), Ok(&["footing.claim.fact_withdrawn.v1"]));
        check(&given(vec![rent().into()]), withdraw(2), Err("is not a record of a fact"));
        check(&given(vec![rent().into(), withdraw(3).into()]), withdraw(3), Err("was withdrawn before"));
        assert_eq!(TODAY, date(2026, 6, 15));
    }

    /// Person 1's claim, number 2, to Universal Credit from a day.
    fn claim_from(day: Date, dates: ClaimDates) -> Step {
        let claimants = vec![person(1)];
        let benefit = "uk-universal-credit".into();
        from(day, ClaimOrder::Make { claim: claim(2), benefit, claimants, dates: Some(dates) })
    }

    fn made_on(claimed_on: Date) -> ClaimDates {
        ClaimDates { claimed_on, late_because: None, no_waiting: None, follows: None }
    }

    const MADE: Result<&[&str], &str> = Ok(&["footing.claim.made.v2", "footing.person.claimed.v1"]);

    #[test]
    fn a_claim_is_refused_a_first_day_that_the_law_does_not_give_and_told_the_day_that_it_does() {
        let (may, june) = (date(2026, 5, 11), date(2026, 6, 10));
        let ill = ClaimDates { late_because: Some(LateClaim::Illness), ..made_on(june) };
        check(&[register(1)], claim_from(june, made_on(june)), MADE);
        check(
            &[register(1)],
            claim_from(may, made_on(june)),
            Err("the first day is 2026-06-10 (SI 2013/380 reg. 26(1))"),
        );
        check(&[register(1)], claim_from(may, ill.clone()), MADE);
        let day_before = date(2026, 5, 10);
        check(
            &[register(1)],
            claim_from(day_before, ill),
            Err("the earliest day is 2026-05-11 (SI 2013/380 reg. 26(2))"),
        );
    }

    #[test]
    fn an_award_that_follows_another_begins_on_its_assessment_day() {
        // The award from 1 June ended on 9 June: a claim of 15 June is for the period from 1 June, one of December for none.
        let before = || given(vec![from(date(2026, 6, 10), close())]);
        let follows = Some(Follows { why: Following::Break, awards: vec![claim(1)] });
        let again = |claimed_on| ClaimDates { follows: follows.clone(), ..made_on(claimed_on) };
        check(&before(), claim_from(date(2026, 6, 1), again(TODAY)), MADE);
        check(&before(), claim_from(TODAY, again(TODAY)), Err("the first day is 2026-06-01"));
        let late = date(2026, 12, 10);
        check(&before(), claim_from(date(2026, 12, 1), again(late)), Err("more than six months before"));
        check(&given(vec![]), claim_from(date(2026, 6, 1), again(TODAY)), Err("has an open claim"));
        let strangers = [register(1), register(2), from(date(2026, 6, 1), Order::from(of_person_2()))];
        check(&strangers, claim_from(date(2026, 6, 1), again(TODAY)), Err("is not an earlier award of a claimant"));
    }

    #[test]
    fn the_first_day_is_moved_to_one_that_the_law_gives_and_what_is_decided_stays_a_period_of_the_claim() {
        let redate = |day, late_because| {
            from(day, ClaimOrder::Redate { claim: claim(2), late_because, reason: "asked again".into() })
        };
        let made = |day| vec![register(1), claim_from(day, made_on(day))];
        let (may, june) = (date(2026, 5, 27), date(2026, 6, 10));
        let moved: Result<&[&str], &str> = Ok(&["footing.claim.redated.v1"]);
        let ill = Some(LateClaim::Illness);
        check(&made(june), redate(may, ill), moved);
        check(&made(june), redate(may, None), Err("the first day is 2026-06-10 (SI 2013/380 reg. 26(1))"));
        check(&made(june), redate(june, ill), Err("2026-06-10 is the first day of entitlement already"));
        check(&[register(1)], redate(may, ill), Err("was never made"));
        let decision = Decision { period: AssessmentPeriod::starting(june).unwrap(), ..crate::testing::june(100) };
        let decided = [made(june), vec![DeterminationOrder::Determine { claim: claim(2), decision }.into()]].concat();
        check(&decided, redate(may, ill), moved);
        let later = date(2026, 6, 12);
        check(&made(june), redate(later, None), moved);
        check(
            &decided,
            redate(later, None),
            Err("would not have the period 2026-06-10 to 2026-07-09, which is decided"),
        );
    }

    fn of_person_2() -> ClaimOrder {
        let benefit = "uk-universal-credit".into();
        ClaimOrder::Make { claim: claim(1), benefit, claimants: vec![person(2)], dates: None }
    }

    #[test]
    fn of_two_awards_that_a_couple_had_the_assessment_day_of_the_one_that_ended_earlier_is_kept() {
        let benefit = || "uk-universal-credit".to_string();
        let second = ClaimOrder::Make { claim: claim(3), benefit: benefit(), claimants: vec![person(2)], dates: None };
        let end = |number, day| from(day, ClaimOrder::Close { claim: claim(number), reason: "a couple".into() });
        let before = [
            register(1),
            register(2),
            make_claim(),
            from(date(2026, 6, 5), second),
            end(1, date(2026, 7, 1)),
            end(3, date(2026, 7, 5)),
        ];
        let joint = |day| {
            let follows = Some(Follows { why: Following::Couple, awards: vec![claim(3), claim(1)] });
            let dates = Some(ClaimDates { follows, ..made_on(TODAY) });
            let claimants = vec![person(1), person(2)];
            from(day, ClaimOrder::Make { claim: claim(2), benefit: benefit(), claimants, dates })
        };
        let made = ["footing.claim.made.v2", "footing.person.claimed.v1", "footing.person.claimed.v1"];
        check(&before, joint(date(2026, 7, 1)), Ok(&made));
        check(&before, joint(date(2026, 7, 5)), Err("the first day is 2026-07-01 (SI 2013/376 reg. 21(3A)"));
    }
}
