//! Claims of two people to one benefit for one child, of whom only one is paid.

use jiff::civil::Date;
use schemas::{ClaimId, PersonId};

use crate::views::{ClaimView, MemoryViews};

/// Whether another claim to the same benefit has the child on a day and came first. An award that exists goes on until
/// it is recorded that the child left it (Social Security Contributions and Benefits Act 1992, Sch. 10 para. 1, for the
/// three weeks after the week of the rival claim; who has priority then is a decision of its own).
pub fn another_has_priority(child: PersonId, id: ClaimId, world: &MemoryViews, day: Date) -> bool {
    let Some(own) = world.claim(id) else { return false };
    let came = |claim: &ClaimView| (claim.claimed_on, claim.events.first().copied());
    let mut rivals = world.claims_of(child).filter(|(other, claim)| {
        let has_child = claim.members_on(day).any(|member| member.person == child);
        *other != id && claim.benefit == own.benefit && claim.is_open_on(day) && has_child
    });
    rivals.any(|(_, rival)| came(rival) < came(own))
}
