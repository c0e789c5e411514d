//! A claim: who belongs to it, whether it is open, and facts that can be withdrawn. Claimants belong to it as adults from
//! the start; others join.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::civil::Date;
use schemas::claim_dates::{self, ClaimDateError};
use schemas::envelope::{Envelope, is_pack_name};
use schemas::events::{
    ClaimClosed, ClaimDates, ClaimEvent, ClaimFact, ClaimFactRecorded, ClaimFactWithdrawn, ClaimJoined, ClaimLeft,
    ClaimMade, ClaimRedated, ClaimReopened, ClaimWithdrawn, Event, Following, LandlordAccount, LateClaim, PaidTo,
    PersonClaimEnded, PersonClaimed, Role, Sealed,
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
    /// Who left it last from which day, and from which day they belong to it again.
    left: BTreeMap<PersonId, (Date, Option<Date>)>,
    /// Records of facts that were not withdrawn.
    pub facts: BTreeSet<EventId>,
    /// Accounts ever recorded for the landlord.
    pub landlord_accounts: HashSet<Sealed>,
}

impl Claim {
    /// Whether somebody had left it by a day, and did not belong to it again.
    pub(crate) fn has_left(&self, person: PersonId, day: Date) -> bool {
        self.left.get(&person).is_some_and(|(from, back)| *from <= day && back.is_none_or(|back| day < back))
    }
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
    /// Account numbers are confidential.
    #[error("fact: the landlord's account is recorded with `record_landlord_account`, which seals its number")]
    AccountInClear,
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
        ClaimOrder::Redate { .. }
        | ClaimOrder::RecordFact { .. }
        | ClaimOrder::RecordLandlordAccount { .. }
        | ClaimOrder::WithdrawFact { .. } => Vec::new(),
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
            if matches!(fact, ClaimFact::LandlordAccount(_)) {
                return Err(Refusal::AccountInClear);
            }
            takes_facts(state(claim), *claim, fact, from)?;
            vec![on(claim, ClaimFactRecorded { fact: fact.clone() }.into())]
        }
        ClaimOrder::RecordLandlordAccount { claim, name, account } => {
            let (name, account) = (person::sealed("name", name)?, person::sealed("account", account)?);
            let fact = ClaimFact::LandlordAccount(LandlordAccount { name, account });
            takes_facts(state(claim), *claim, &fact, from)?;
            vec![on(claim, ClaimFactRecorded { fact }.into())]
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
        | ClaimFact::LandlordAccount(_)
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
            if let Some((_, back)) = state.left.get_mut(person) {
                *back = Some(envelope.effective_from);
            }
        }
        ClaimEvent::ClaimLeft(ClaimLeft { person }) => {
            state.members.remove(person);
            state.left.insert(*person, (envelope.effective_from, None));
        }
        ClaimEvent::ClaimWithdrawn(_) => state.stage = Stage::Withdrawn,
        ClaimEvent::ClaimClosed(_) => state.stage = Stage::Closed(envelope.effective_from),
        ClaimEvent::ClaimReopened(_) => state.stage = Stage::Open,
        ClaimEvent::ClaimRedated(redated) => {
            state.entitled_from = Some(envelope.effective_from);
            state.day_of = Some(redated.day_of);
        }
        ClaimEvent::ClaimFactRecorded(ClaimFactRecorded { fact }) => {
            state.facts.insert(envelope.id);
            if let ClaimFact::LandlordAccount(landlord) = fact {
                state.landlord_accounts.insert(landlord.account.clone());
            }
        }
        ClaimEvent::ClaimFactWithdrawn(ClaimFactWithdrawn { event, .. }) => {
            state.facts.remove(event);
        }
    }
    state
}

#[cfg(test)]
#[path = "claim_tests.rs"]
mod tests;
