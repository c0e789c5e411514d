//! Who is who, and who may act for whom. A record that turned out to be another's is linked or merged, never edited.

use std::collections::BTreeSet;

use schemas::events::{
    Event, IdentityEvent, IdentityLinked, IdentityMerged, IdentityUnlinked, IdentityUnmerged, RepresentativeGranted,
    RepresentativeRevoked,
};
use schemas::{EventId, PersonId};

use crate::order::IdentityOrder;
use crate::person;
use crate::world::World;

/// What decisions about identity rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Records about the same human being.
    pub linked: BTreeSet<PersonId>,
    /// Records whose history counts here.
    pub merged: BTreeSet<PersonId>,
    /// Grants in force.
    pub grants: BTreeSet<EventId>,
}

/// Why nothing about identity may be recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// About one of the two persons.
    #[error(transparent)]
    Person(#[from] person::Refusal),
    /// A record is itself already.
    #[error("a record is not linked to or merged with itself")]
    Itself,
    /// It says so already.
    #[error("{other} is {how} already")]
    Already {
        /// The other record.
        other: PersonId,
        /// Linked or merged.
        how: &'static str,
    },
    /// There is nothing to take back.
    #[error("{other} is not {how}")]
    Not {
        /// The other record.
        other: PersonId,
        /// Linked or merged.
        how: &'static str,
    },
    /// A revocation names a grant in force.
    #[error("event: {event} is not a grant in force for this person")]
    NotAGrant {
        /// The event named.
        event: EventId,
    },
}

/// The other record that an order is about.
pub fn others(order: &IdentityOrder) -> impl Iterator<Item = PersonId> {
    match order {
        IdentityOrder::Link { other, .. } | IdentityOrder::Unlink { other, .. } => Some(*other),
        IdentityOrder::Merge { from, .. } | IdentityOrder::Unmerge { from, .. } => Some(*from),
        IdentityOrder::GrantRepresentative { .. } | IdentityOrder::RevokeRepresentative { .. } => None,
    }
    .into_iter()
}

/// Says what happened, or why nothing may.
///
/// # Errors
/// [`Refusal`].
pub fn decide(world: &World, order: &IdentityOrder) -> Result<Event, Refusal> {
    let state = |person: &PersonId| &world.person(*person).identity;
    Ok(match order {
        IdentityOrder::Link { person, other, reason } => {
            two_records(world, *person, *other)?;
            not_yet(&state(person).linked, *other, "linked")?;
            IdentityLinked { other: *other, reason: reason.clone() }.into()
        }
        IdentityOrder::Unlink { person, other, reason } => {
            so_far(&state(person).linked, *other, "linked")?;
            IdentityUnlinked { other: *other, reason: reason.clone() }.into()
        }
        IdentityOrder::Merge { person, from, reason } => {
            two_records(world, *person, *from)?;
            not_yet(&state(person).merged, *from, "merged")?;
            // Two records that each ended in the other would leave nobody.
            not_yet(&state(from).merged, *person, "merged")?;
            IdentityMerged { from: *from, reason: reason.clone() }.into()
        }
        IdentityOrder::Unmerge { person, from, reason } => {
            so_far(&state(person).merged, *from, "merged")?;
            IdentityUnmerged { from: *from, reason: reason.clone() }.into()
        }
        IdentityOrder::GrantRepresentative { person, representative, scope, until } => {
            person::registered(world, *person)?;
            let representative = person::sealed("representative", representative)?;
            RepresentativeGranted { representative, scope: scope.clone(), until: *until }.into()
        }
        IdentityOrder::RevokeRepresentative { person, event } => {
            if !state(person).grants.contains(event) {
                return Err(Refusal::NotAGrant { event: *event });
            }
            RepresentativeRevoked { event: *event }.into()
        }
    })
}

fn two_records(world: &World, person: PersonId, other: PersonId) -> Result<(), Refusal> {
    if person == other {
        return Err(Refusal::Itself);
    }
    person::registered(world, person)?;
    person::registered(world, other)?;
    Ok(())
}

fn not_yet(known: &BTreeSet<PersonId>, other: PersonId, how: &'static str) -> Result<(), Refusal> {
    if known.contains(&other) { Err(Refusal::Already { other, how }) } else { Ok(()) }
}

fn so_far(known: &BTreeSet<PersonId>, other: PersonId, how: &'static str) -> Result<(), Refusal> {
    if known.contains(&other) { Ok(()) } else { Err(Refusal::Not { other, how }) }
}

/// Applies what happened.
#[must_use]
pub fn evolve(mut state: Identity, event: &IdentityEvent, id: EventId) -> Identity {
    match event {
        IdentityEvent::IdentityLinked(IdentityLinked { other, .. }) => state.linked.insert(*other),
        IdentityEvent::IdentityUnlinked(IdentityUnlinked { other, .. }) => state.linked.remove(other),
        IdentityEvent::IdentityMerged(IdentityMerged { from, .. }) => state.merged.insert(*from),
        IdentityEvent::IdentityUnmerged(IdentityUnmerged { from, .. }) => state.merged.remove(from),
        IdentityEvent::RepresentativeGranted(_) => state.grants.insert(id),
        IdentityEvent::RepresentativeRevoked(RepresentativeRevoked { event }) => state.grants.remove(event),
    };
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Step, check, event, person, register};

    fn link(other: u128) -> Step {
        IdentityOrder::Link { person: person(1), other: person(other), reason: "same date of birth".into() }.into()
    }

    fn merge(into: u128, from: u128) -> Step {
        IdentityOrder::Merge { person: person(into), from: person(from), reason: "same human being".into() }.into()
    }

    #[test]
    fn a_link_joins_two_known_records_once_and_can_be_taken_back() {
        let unlink =
            || IdentityOrder::Unlink { person: person(1), other: person(2), reason: "twins, two people".into() };
        check(&[register(1)], link(2), Err("is not registered"));
        check(&[register(1)], link(1), Err("not linked to or merged with itself"));
        check(&[register(1), register(2)], link(2), Ok(&["footing.identity.linked.v1"]));
        check(&[register(1), register(2), link(2)], link(2), Err("is linked already"));
        check(&[register(1), register(2)], unlink(), Err("is not linked"));
        check(&[register(1), register(2), link(2)], unlink(), Ok(&["footing.identity.unlinked.v1"]));
    }

    #[test]
    fn two_records_do_not_each_end_in_the_other() {
        let unmerge = || IdentityOrder::Unmerge { person: person(1), from: person(2), reason: "twins".into() };
        let given = || vec![register(1), register(2), merge(1, 2)];
        check(&given(), merge(2, 1), Err("is merged already"));
        check(&given(), unmerge(), Ok(&["footing.identity.unmerged.v1"]));
        check(&[given(), vec![unmerge().into()]].concat(), merge(2, 1), Ok(&["footing.identity.merged.v1"]));
    }

    #[test]
    fn a_revocation_names_a_grant_in_force() {
        let grant = || IdentityOrder::GrantRepresentative {
            person: person(1),
            representative: "Advice Bureau, Leeds".into(),
            scope: "appeals".into(),
            until: None,
        };
        let revoke = |number| IdentityOrder::RevokeRepresentative { person: person(1), event: event(number) };
        let given = || vec![register(1), grant().into()];
        check(&given(), revoke(1), Err("is not a grant in force"));
        check(&given(), revoke(2), Ok(&["footing.representative.revoked.v1"]));
        check(&[given(), vec![revoke(2).into()]].concat(), revoke(2), Err("is not a grant in force"));
    }
}
