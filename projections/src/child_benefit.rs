//! Child Benefit that the same ledger pays, as a fact of another benefit's case.

use jiff::civil::Date;
use schemas::events::Role;
use schemas::{Money, PersonId};

use crate::views::{ClaimView, Late, MemoryViews, What};

/// The benefit that claims to Child Benefit name.
const CHILD_BENEFIT: &str = "uk-child-benefit";

/// Whether a claim is one to Child Benefit.
pub fn is_claim(claim: &ClaimView) -> bool {
    claim.benefit == CHILD_BENEFIT
}

/// Every decision about Child Benefit, as news of its week, with the claimant.
pub fn decided(world: &MemoryViews) -> impl Iterator<Item = (PersonId, Late)> {
    let decided = world.claims().filter(|(_, claim)| is_claim(claim)).flat_map(|(_, claim)| &claim.determined);
    decided.flat_map(|made| {
        let (position, recorded, from) = (made.position, made.on, made.period.first());
        let late = Late { position, recorded, from, what: What::OtherBenefit };
        made.adults.iter().map(move |adult| (*adult, late))
    })
}

/// What a claimant is awarded a week: by the latest decided week that had begun by a day, while the claim lasts. None for
/// somebody without such a claim.
pub fn weekly(person: PersonId, day: Date, world: &MemoryViews) -> Option<Money> {
    let theirs = world.claims_of(person).map(|(_, claim)| claim).filter(|claim| {
        let claims = claim.members_on(day).any(|member| member.person == person && member.role == Role::Adult);
        is_claim(claim) && claim.is_open_on(day) && claims
    });
    let standing = theirs.filter_map(|claim| {
        let begun = claim.determined.iter().map(|made| made.period).filter(|week| week.first() <= day);
        claim.standing(begun.max()?).map(|standing| standing.award)
    });
    standing.reduce(|sum, award| sum + award)
}
