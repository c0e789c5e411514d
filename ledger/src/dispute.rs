//! Reconsideration and appeal. That somebody appealed is recorded whether or not the appeal will be admitted: that is for
//! the tribunal to say.

use std::collections::BTreeMap;

use schemas::events::{
    AppealDecided, AppealLapsed, AppealLodged, AppealResponded, AppealWithdrawn, DisputeEvent, Event,
    ReconsiderationDecided, ReconsiderationRequested,
};
use schemas::{ClaimId, EventId, PersonId};

use crate::order::DisputeOrder;
use crate::person;
use crate::world::World;

/// What decisions about disputes rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disputes {
    /// Requests for reconsideration: the decision asked about, and whether it was answered.
    pub requests: BTreeMap<EventId, (EventId, bool)>,
    /// Appeals: how far each came.
    pub appeals: BTreeMap<EventId, Appeal>,
}

/// How far an appeal came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appeal {
    /// Lodged.
    Lodged,
    /// The response was sent.
    Responded,
    /// Decided, lapsed or withdrawn.
    Over(&'static str),
}

/// Why nothing about a dispute may be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A text was not sealed.
    #[error(transparent)]
    Person(#[from] person::Refusal),
    /// Only decisions are disputed.
    #[error("decision: {event} decided nothing on claim {claim} or about its members")]
    NotADecision {
        /// The event named.
        event: EventId,
        /// Which claim.
        claim: ClaimId,
    },
    /// One request is open for a decision at a time.
    #[error("decision: request {request} about {decision} is not answered yet")]
    AlreadyRequested {
        /// The open request.
        request: EventId,
        /// The decision.
        decision: EventId,
    },
    /// An answer names a request that waits for one.
    #[error("request: {request} is not a request that waits for an answer")]
    NotAnOpenRequest {
        /// The event named.
        request: EventId,
    },
    /// There is no such appeal.
    #[error("appeal: {appeal} is not an appeal of this claim")]
    NotAnAppeal {
        /// The event named.
        appeal: EventId,
    },
    /// The appeal is past that.
    #[error("appeal: {appeal} {stage}")]
    WrongStage {
        /// Which.
        appeal: EventId,
        /// How far it came.
        stage: &'static str,
    },
}

/// Everybody who ever belonged to the claim: sanctions and debts of theirs can be disputed too.
pub fn rests_on(world: &World, order: &DisputeOrder) -> Vec<PersonId> {
    match order {
        DisputeOrder::RequestReconsideration { claim, .. } | DisputeOrder::LodgeAppeal { claim, .. } => {
            world.claim(*claim).claim.ever.iter().copied().collect()
        }
        DisputeOrder::DecideReconsideration { .. }
        | DisputeOrder::RespondToAppeal { .. }
        | DisputeOrder::DecideAppeal { .. }
        | DisputeOrder::LapseAppeal { .. }
        | DisputeOrder::WithdrawAppeal { .. } => Vec::new(),
    }
}

/// Says what happened, or why nothing may.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, order: &DisputeOrder) -> Result<Event, Refusal> {
    let state = |claim: &ClaimId| &world.claim(*claim).disputes;
    Ok(match order {
        DisputeOrder::RequestReconsideration { claim, decision, grounds } => {
            is_decision(world, *claim, *decision)?;
            not_requested(state(claim), *decision)?;
            ReconsiderationRequested { decision: *decision, grounds: person::sealed("grounds", grounds)? }.into()
        }
        DisputeOrder::DecideReconsideration { claim, request, changed, reasons } => {
            match state(claim).requests.get(request) {
                Some((_, false)) => {}
                Some((_, true)) | None => return Err(Refusal::NotAnOpenRequest { request: *request }),
            }
            let reasons = person::sealed("reasons", reasons)?;
            ReconsiderationDecided { request: *request, changed: *changed, reasons }.into()
        }
        DisputeOrder::LodgeAppeal { claim, decision, tribunal_reference } => {
            is_decision(world, *claim, *decision)?;
            let tribunal_reference = person::sealed("tribunal_reference", tribunal_reference)?;
            AppealLodged { decision: *decision, tribunal_reference }.into()
        }
        DisputeOrder::RespondToAppeal { claim, appeal, on } => {
            if pending(state(claim), *appeal)? == Appeal::Responded {
                return Err(Refusal::WrongStage { appeal: *appeal, stage: "was responded to already" });
            }
            AppealResponded { appeal: *appeal, on: *on }.into()
        }
        DisputeOrder::DecideAppeal { claim, appeal, allowed, findings, reasons } => {
            pending(state(claim), *appeal)?;
            let reasons = person::sealed("reasons", reasons)?;
            AppealDecided { appeal: *appeal, allowed: *allowed, findings: findings.clone(), reasons }.into()
        }
        DisputeOrder::LapseAppeal { claim, appeal } => {
            pending(state(claim), *appeal)?;
            AppealLapsed { appeal: *appeal }.into()
        }
        DisputeOrder::WithdrawAppeal { claim, appeal } => {
            pending(state(claim), *appeal)?;
            AppealWithdrawn { appeal: *appeal }.into()
        }
    })
}

fn is_decision(world: &World, claim: ClaimId, event: EventId) -> Result<(), Refusal> {
    let history = world.claim(claim);
    let about_member = |person: &PersonId| {
        let member = world.person(*person);
        member.sanctions.decisions.contains(&event) || member.debts.by_id.values().any(|debt| debt.event == event)
    };
    let known = history.assessments.has(event) || history.claim.ever.iter().any(about_member);
    if known { Ok(()) } else { Err(Refusal::NotADecision { event, claim }) }
}

fn not_requested(state: &Disputes, decision: EventId) -> Result<(), Refusal> {
    match state.requests.iter().find(|(_, (about, answered))| *about == decision && !answered) {
        Some((request, _)) => Err(Refusal::AlreadyRequested { request: *request, decision }),
        None => Ok(()),
    }
}

fn pending(state: &Disputes, appeal: EventId) -> Result<Appeal, Refusal> {
    match state.appeals.get(&appeal) {
        Some(Appeal::Over(stage)) => Err(Refusal::WrongStage { appeal, stage }),
        Some(known @ (Appeal::Lodged | Appeal::Responded)) => Ok(*known),
        None => Err(Refusal::NotAnAppeal { appeal }),
    }
}

/// Applies what happened.
#[must_use]
pub fn evolve(mut state: Disputes, event: &DisputeEvent, id: EventId) -> Disputes {
    match event {
        DisputeEvent::ReconsiderationRequested(ReconsiderationRequested { decision, .. }) => {
            state.requests.insert(id, (*decision, false));
        }
        DisputeEvent::ReconsiderationDecided(ReconsiderationDecided { request, .. }) => {
            if let Some((_, answered)) = state.requests.get_mut(request) {
                *answered = true;
            }
        }
        DisputeEvent::AppealLodged(_) => {
            state.appeals.insert(id, Appeal::Lodged);
        }
        DisputeEvent::AppealResponded(AppealResponded { appeal, .. }) => {
            state.appeals.insert(*appeal, Appeal::Responded);
        }
        DisputeEvent::AppealDecided(AppealDecided { appeal, .. }) => {
            state.appeals.insert(*appeal, Appeal::Over("was decided"));
        }
        DisputeEvent::AppealLapsed(AppealLapsed { appeal }) => {
            state.appeals.insert(*appeal, Appeal::Over("lapsed"));
        }
        DisputeEvent::AppealWithdrawn(AppealWithdrawn { appeal }) => {
            state.appeals.insert(*appeal, Appeal::Over("was withdrawn"));
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{DeterminationOrder, SanctionOrder};
    use crate::testing::{Step, TODAY, check, claim, event, june, law, make_claim, person, register, sanction};
    use schemas::events::SanctionLevel;

    fn given(more: Vec<Step>) -> Vec<Step> {
        let determine = DeterminationOrder::Determine { claim: claim(1), decision: june(100) };
        [vec![register(1), make_claim(), determine.into()], more].concat()
    }

    fn request(decision: u128) -> Step {
        let grounds = "the rent is wrong".into();
        DisputeOrder::RequestReconsideration { claim: claim(1), decision: event(decision), grounds }.into()
    }

    fn answer(request: u128) -> Step {
        let (request, reasons) = (event(request), "the tenancy shows it".into());
        DisputeOrder::DecideReconsideration { claim: claim(1), request, changed: true, reasons }.into()
    }

    fn lodge() -> Step {
        let tribunal_reference = "SC001/26/00001".into();
        DisputeOrder::LodgeAppeal { claim: claim(1), decision: event(3), tribunal_reference }.into()
    }

    fn respond() -> Step {
        DisputeOrder::RespondToAppeal { claim: claim(1), appeal: event(4), on: TODAY }.into()
    }

    fn decide_appeal() -> Step {
        let (appeal, reasons) = (event(4), "the rent was proved".into());
        DisputeOrder::DecideAppeal { claim: claim(1), appeal, allowed: true, findings: vec![], reasons }.into()
    }

    #[test]
    fn a_decision_is_reconsidered_on_request_and_each_request_answered_once() {
        check(&given(vec![]), request(2), Err("decided nothing on claim"));
        check(&given(vec![]), request(3), Ok(&["footing.reconsideration.requested.v1"]));
        check(&given(vec![request(3)]), request(3), Err("is not answered yet"));
        check(&given(vec![]), answer(3), Err("is not a request that waits"));
        check(&given(vec![request(3)]), answer(4), Ok(&["footing.reconsideration.decided.v1"]));
        check(&given(vec![request(3), answer(4)]), answer(4), Err("is not a request that waits"));
        check(&given(vec![request(3), answer(4)]), request(3), Ok(&["footing.reconsideration.requested.v1"]));
    }

    #[test]
    fn a_sanction_of_a_member_can_be_disputed_too() {
        let impose = SanctionOrder::Impose {
            person: person(1),
            sanction: sanction(1),
            level: SanctionLevel::Medium,
            failure_on: TODAY,
            from: Some(TODAY),
            days: None,
            days_ground: None,
            complied_on: None,
            rate: None,
            authority: law(),
        };
        check(&given(vec![impose.into()]), request(4), Ok(&["footing.reconsideration.requested.v1"]));
    }

    #[test]
    fn an_appeal_is_responded_to_once_and_ends_once() {
        check(&given(vec![]), respond(), Err("is not an appeal of this claim"));
        check(&given(vec![lodge()]), respond(), Ok(&["footing.appeal.responded.v1"]));
        check(&given(vec![lodge(), respond()]), respond(), Err("was responded to already"));
        check(&given(vec![lodge(), respond()]), decide_appeal(), Ok(&["footing.appeal.decided.v3"]));
        let lapse = || DisputeOrder::LapseAppeal { claim: claim(1), appeal: event(4) };
        let withdraw = || DisputeOrder::WithdrawAppeal { claim: claim(1), appeal: event(4) };
        check(&given(vec![lodge(), decide_appeal()]), lapse(), Err("was decided"));
        check(&given(vec![lodge(), lapse().into()]), withdraw(), Err("lapsed"));
        check(&given(vec![lodge(), withdraw().into()]), respond(), Err("was withdrawn"));
    }
}
