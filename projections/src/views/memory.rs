//! Views in memory: for replays, for a question about the past, and where another process owns the stored ones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use schemas::events::Payee;
use schemas::{ClaimId, PersonId, Recorded};

use super::Projection;
use super::claim::{ClaimView, Claims};
use super::payment::PaymentView;
use super::person::{People, PersonView};

/// Every view in memory, folded up to one position. A piece of it shares its views with the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryViews {
    position: u64,
    people: BTreeMap<PersonId, Arc<PersonView>>,
    claims: BTreeMap<ClaimId, Arc<ClaimView>>,
}

impl MemoryViews {
    /// Folds in the next event.
    pub fn apply(&mut self, event: &Recorded) {
        for key in People::keys(event) {
            People::project(Arc::make_mut(self.people.entry(key).or_default()), &key, event);
        }
        for key in Claims::keys(event) {
            Claims::project(Arc::make_mut(self.claims.entry(key).or_default()), &key, event);
        }
        self.position = event.sequence;
    }

    /// The views that these events make.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> MemoryViews {
        let mut views = MemoryViews::default();
        events.into_iter().for_each(|event| views.apply(event));
        views
    }

    /// A piece of the world that was kept elsewhere.
    pub fn piece(
        position: u64,
        people: BTreeMap<PersonId, PersonView>,
        claims: BTreeMap<ClaimId, ClaimView>,
    ) -> MemoryViews {
        let people = people.into_iter().map(|(id, view)| (id, Arc::new(view))).collect();
        let claims = claims.into_iter().map(|(id, view)| (id, Arc::new(view))).collect();
        MemoryViews { position, people, claims }
    }

    /// The last sequence folded in; 0 for none.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// What is known about a person.
    pub fn person(&self, id: PersonId) -> Option<&PersonView> {
        self.people.get(&id).map(Arc::as_ref)
    }

    /// What is known about a claim.
    pub fn claim(&self, id: ClaimId) -> Option<&ClaimView> {
        self.claims.get(&id).map(Arc::as_ref)
    }

    /// The claims that a person was ever part of.
    pub fn claims_of(&self, person: PersonId) -> impl Iterator<Item = (ClaimId, &ClaimView)> {
        let claims = self.person(person).into_iter().flat_map(|view| &view.claims);
        claims.filter_map(|id| Some((*id, self.claim(*id)?)))
    }

    /// One person, their claims, everyone on those claims, and the recorded carers of any of them, and whom they care for,
    /// with their claims: all that a question about the person needs, and the same piece for everyone in it.
    pub fn around(&self, person: PersonId) -> MemoryViews {
        self.around_all(vec![person])
    }

    fn around_all(&self, mut next: Vec<PersonId>) -> MemoryViews {
        let mut piece = MemoryViews { position: self.position, ..MemoryViews::default() };
        while let Some(id) = next.pop() {
            let Some(view) = self.people.get(&id).filter(|_| !piece.people.contains_key(&id)) else { continue };
            next.extend(view.carers().chain(view.cares_for.iter().copied()));
            piece.people.insert(id, Arc::clone(view));
            for (claim, view) in view.claims.iter().filter_map(|claim| Some((*claim, self.claims.get(claim)?))) {
                next.extend(view.members.iter().map(|member| member.person));
                piece.claims.insert(claim, Arc::clone(view));
            }
        }
        piece
    }

    /// The homes of some people, and those of everybody else whom these are paid through: all that an evening asks about
    /// them.
    pub fn homes(&self, of: Vec<PersonId>) -> MemoryViews {
        let mut homes = self.around_all(of);
        loop {
            let known = homes.payees_elsewhere().filter(|payee| self.people.contains_key(payee));
            let elsewhere: Vec<PersonId> = known.collect();
            if elsewhere.is_empty() {
                return homes;
            }
            let theirs = self.around_all(elsewhere);
            homes.people.extend(theirs.people);
            homes.claims.extend(theirs.claims);
        }
    }

    /// Who receives what somebody here is entitled to, and is not here.
    pub fn payees_elsewhere(&self) -> impl Iterator<Item = PersonId> {
        let lines = self.claims.values().flat_map(|claim| &claim.determined).flat_map(|made| &made.lines);
        let paid = self.people.values().flat_map(|person| &person.payments);
        let payees = lines.map(|line| line.payee).chain(paid.map(|payment| payment.payee));
        let people = payees.filter_map(|payee| match payee {
            Payee::Person(person) => Some(person),
            Payee::Landlord | Payee::Creditor(_) => None,
        });
        people.filter(|person| !self.people.contains_key(person))
    }

    /// What a claim rests on without what stands at these places of the stream.
    pub fn without(&self, claim: &ClaimView, positions: &BTreeSet<u64>) -> MemoryViews {
        let members = claim.members.iter().map(|member| member.person);
        let mut piece = self.around_all(members.collect());
        piece.people.values_mut().for_each(|person| Arc::make_mut(person).facts.leave_out(positions));
        piece.claims.values_mut().for_each(|claim| Arc::make_mut(claim).leave_out(positions));
        piece
    }

    /// As if every fact had been told on the day from which it holds.
    pub fn told_in_time(&self) -> MemoryViews {
        let mut views = self.clone();
        views.people.values_mut().for_each(|person| Arc::make_mut(person).facts.tell_in_time());
        views.claims.values_mut().for_each(|claim| Arc::make_mut(claim).facts.tell_in_time());
        views
    }

    /// Whether a fact was told after the day from which it holds.
    pub fn has_late_facts(&self) -> bool {
        let people = self.people.values().any(|person| person.facts.records().any(|(_, record)| record.is_late()));
        people || self.claims.values().any(|claim| claim.facts.records().any(|(_, record)| record.is_late()))
    }

    /// Those to whom payments are held back on a day, with all that a question about them needs, as it would be if they
    /// were not.
    pub fn as_if_resumed(&self, day: Date) -> (BTreeSet<PersonId>, MemoryViews) {
        let held: BTreeSet<PersonId> =
            self.people().filter(|(_, view)| view.is_suspended(day)).map(|(person, _)| person).collect();
        let mut piece = self.around_all(held.iter().copied().collect());
        let theirs = piece.people.iter_mut().filter(|(person, _)| held.contains(person));
        theirs.for_each(|(_, view)| Arc::make_mut(view).suspended.clear());
        (held, piece)
    }

    /// Changes every payment: for histories that ask what would have been.
    pub fn for_each_payment(&mut self, mut change: impl FnMut(&mut PaymentView)) {
        let people = self.people.values_mut().map(Arc::make_mut);
        people.flat_map(|view| view.payments.iter_mut()).for_each(&mut change);
    }

    /// Everyone, in order of id.
    pub fn people(&self) -> impl ExactSizeIterator<Item = (PersonId, &PersonView)> {
        self.people.iter().map(|(id, view)| (*id, view.as_ref()))
    }

    /// Every claim, in order of id.
    pub fn claims(&self) -> impl Iterator<Item = (ClaimId, &ClaimView)> {
        self.claims.iter().map(|(id, view)| (*id, view.as_ref()))
    }
}
