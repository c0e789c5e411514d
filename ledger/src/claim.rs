//! A claim: who belongs to it, whether it is open, and facts that can be withdrawn. Claimants belong to it as adults from
//! the start; others join.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemas::envelope::{Envelope, is_pack_name};
use schemas::events::{
    ClaimClosed, ClaimEvent, ClaimFact, ClaimFactRecorded, ClaimFactWithdrawn, ClaimJoined, ClaimLeft, ClaimMade,
    ClaimReopened, ClaimWithdrawn, Event, PaidTo, PersonClaimEnded, PersonClaimed, Role,
};
use schemas::{ClaimId, EventId, PersonId, Subject};

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
        ClaimOrder::RecordFact { .. } | ClaimOrder::WithdrawFact { .. } => Vec::new(),
    }
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
        ClaimOrder::Make { claim, benefit, claimants } => {
            make(world, *claim, benefit, claimants, from)?;
            let made = ClaimMade { benefit: benefit.clone(), claimants: claimants.clone() };
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
        ClaimEvent::ClaimMade(ClaimMade { benefit, claimants }) => {
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
    use crate::order::DeterminationOrder;
    use crate::testing::{Step, TODAY, amount, check, claim, event, from, june, make_claim, person, register};
    use jiff::civil::date;

    fn make(number: u128, claimants: &[u128]) -> Step {
        let claimants = claimants.iter().map(|n| person(*n)).collect();
        ClaimOrder::Make { claim: claim(number), benefit: "uk-universal-credit".into(), claimants }.into()
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
        check(&two, make(1, &[1]), Ok(&["footing.claim.made.v1", "footing.person.claimed.v1"]));
        let couple = ["footing.claim.made.v1", "footing.person.claimed.v1", "footing.person.claimed.v1"];
        check(&two, make(1, &[1, 2]), Ok(&couple));
        for wrong in [&[][..], &[1, 1], &[1, 2, 3]] {
            check(&two, make(1, wrong), Err("by one person or by a couple"));
        }
        let shouted = ClaimOrder::Make { claim: claim(1), benefit: "UC".into(), claimants: vec![person(1)] };
        check(&two, shouted, Err("is not the name of a pack"));
    }

    #[test]
    fn a_person_has_one_open_claim_to_a_benefit() {
        check(&given(vec![]), make(1, &[1]), Err("is made already"));
        check(&given(vec![]), make(2, &[1]), Err("has an open claim to uk-universal-credit already"));
        let made: Result<&[&str], &str> = Ok(&["footing.claim.made.v1", "footing.person.claimed.v1"]);
        check(&given(vec![close().into()]), make(2, &[1]), made);
        let other =
            ClaimOrder::Make { claim: claim(2), benefit: "uk-child-benefit".into(), claimants: vec![person(1)] };
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
}
