//! Child Benefit that the same ledger pays, as a fact of another benefit's case.

use jiff::civil::Date;
use schemas::events::Role;
use schemas::{Money, PersonId};

use crate::views::MemoryViews;

/// The benefit that claims to Child Benefit name.
const CHILD_BENEFIT: &str = "uk-child-benefit";

/// What a claimant is awarded a week: by the latest decided week that had begun by a day, while the claim lasts. None for
/// somebody without such a claim.
pub fn weekly(person: PersonId, day: Date, world: &MemoryViews) -> Option<Money> {
    let theirs = world.claims().map(|(_, claim)| claim).filter(|claim| {
        let claims = claim.members_on(day).any(|member| member.person == person && member.role == Role::Adult);
        claim.benefit == CHILD_BENEFIT && claim.is_open_on(day) && claims
    });
    let standing = theirs.filter_map(|claim| {
        let begun = claim.determined.iter().map(|made| made.period).filter(|week| week.first() <= day);
        claim.standing(begun.max()?).map(|standing| standing.award)
    });
    standing.reduce(|sum, award| sum + award)
}
