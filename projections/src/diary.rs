//! Whom an evening has to look at: evenings cost what is due, not what exists.
//!
//! Nothing is due to most homes on most evenings, and what is recorded about a home says until when this stays so. Such a
//! home rests until that evening, or until something is recorded about somebody in it or a claim of theirs. A home is what
//! [`MemoryViews::around`] gives. Where nothing is certain it is looked at every evening: while something that was ordered
//! has not left or came back, while a loan or a creditor waits, while an award stands that had ended.
//!
//! Whoever gives a plan a further kind of payment says here when the next of it may be due. A test holds what is asked of
//! those who are looked at against the same asked of everybody (`ops/tests/paid_once/walked.rs`).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemas::{ClaimId, PersonId, Recorded};

use crate::arrears;
use crate::award_end::overtaken;
use crate::creditors;
use crate::daily::next_to_decide;
use crate::entitlement::Rules;
use crate::floor::file::{FloorFile, Mode};
use crate::law::{Law, Terms};
use crate::lent;
use crate::payments::{Calendar, Horizon, next_leaving};
use crate::plan::is_unsent;
use crate::redecide::next_news;
use crate::topups;
use crate::views::{ClaimView, Claims, MemoryViews, PaymentStep, People, PersonView, Projection};

/// When each person has to be looked at next, under one law and one floor.
///
/// Invariant, once it was turned to a day: everybody to whom something may be due on the evening of that day is awake, or
/// in the home of somebody who is.
#[derive(Clone, Debug, Default)]
pub struct Diary {
    /// The day that it was turned to last, and the terms of claims on it.
    turned_to: Option<(Date, Terms)>,
    awake: BTreeSet<PersonId>,
    /// By the evening until which they rest.
    resting: BTreeMap<Date, Vec<PersonId>>,
}

impl Diary {
    /// Turns to the evening of a day: who rests until then wakes, and of everybody awake it is said until when they rest.
    /// Turned back, it has to look at everybody.
    pub fn turn_to(&mut self, day: Date, world: &MemoryViews, law: &Law, floor: &FloorFile) {
        let terms = law.terms(day);
        match &self.turned_to {
            Some((before, _)) if *before == day => return,
            Some((before, known)) if *before < day && *known == terms => self.wake(day),
            Some(_) | None => {
                self.resting.clear();
                self.awake = world.people().map(|(person, _)| person).collect();
            }
        }
        let mut seen = BTreeSet::new();
        for person in std::mem::take(&mut self.awake) {
            if seen.contains(&person) {
                continue;
            }
            let home = world.around(person);
            let people = || home.people().map(|(id, _)| id);
            match (At { day, law, floor, terms: &terms }).rests_until(&home) {
                Some(until) if until <= day => self.awake.extend(people()),
                Some(until) => self.resting.entry(until).or_default().extend(people()),
                None => {}
            }
            seen.extend(people().filter(|other| *other != person));
        }
        self.turned_to = Some((day, terms));
    }

    fn wake(&mut self, day: Date) {
        while let Some(first) = self.resting.first_entry().filter(|first| *first.key() <= day) {
            self.awake.extend(first.remove());
        }
    }

    /// Notes that something was recorded; `world` knows it already.
    pub fn note(&mut self, event: &Recorded, world: &MemoryViews) {
        if self.turned_to.is_none() {
            return; // Everybody is looked at.
        }
        self.awake.extend(People::keys(event));
        let claims = Claims::keys(event).into_iter().filter_map(|claim| world.claim(claim));
        self.awake.extend(claims.flat_map(|claim| &claim.members).map(|member| member.person));
    }

    /// All that an evening has to look at: the homes of those who are awake. Everybody, on another day than it was turned
    /// to.
    pub fn look<'w>(&self, day: Date, world: &'w MemoryViews) -> Cow<'w, MemoryViews> {
        let turned = self.turned_to.as_ref().is_some_and(|(to, _)| *to == day);
        if !turned || world.people().len() == self.awake.len() {
            return Cow::Borrowed(world);
        }
        Cow::Owned(world.homes(self.awake.iter().copied().collect()))
    }
}

/// An evening, and by what it is told what is due on it.
struct At<'a> {
    day: Date,
    law: &'a Law,
    floor: &'a FloorFile,
    terms: &'a Terms,
}

impl At<'_> {
    /// The first evening, from this one on, on which anything may be due to a home; none until something is recorded.
    fn rests_until(&self, home: &MemoryViews) -> Option<Date> {
        if self.is_uncertain(home) {
            return Some(self.day);
        }
        let claims = home.claims().filter_map(|(id, claim)| self.of_claim(id, claim, self.law.of(claim)?, home));
        let gap = match self.floor.mode {
            Mode::Measure => None,
            Mode::Guarantee => topups::next_gap(self.day, home, self.terms, self.floor),
        };
        claims.chain(next_news(home, self.day)).chain(gap).min()
    }

    /// Whether something waits on every evening, or what is due to a home follows from more than the home.
    fn is_uncertain(&self, home: &MemoryViews) -> bool {
        home.people().any(|(id, view)| self.is_uncertain_of(id, view, home))
            || home.payees_elsewhere().next().is_some()
            || !overtaken(home, self.law).is_empty()
            || !arrears::set_offs(home, self.law).is_empty()
    }

    fn is_uncertain_of(&self, person: PersonId, view: &PersonView, home: &MemoryViews) -> bool {
        let comes =
            view.died.is_some_and(|died| self.day <= died) || view.suspended.iter().any(|(from, _)| self.day <= *from);
        let waits = || {
            let came_back = |step: &PaymentStep| matches!(step, PaymentStep::Returned(..));
            view.payments
                .iter()
                .any(|payment| is_unsent(payment) || payment.steps.last().is_some_and(|last| came_back(&last.step)))
        };
        // Where the child does not lead back to the carer, what is recorded of the child would not wake the home.
        let one_way =
            |child: &PersonId| home.person(*child).is_some_and(|child| child.carers().all(|carer| carer != person));
        let cares_one_way = || view.cares_for.iter().any(one_way);
        comes || waits() || lent::waits(view) || creditors::waits(person, view, home) || cares_one_way()
    }

    /// The first evening on which something is due to a claim.
    fn of_claim(&self, id: ClaimId, claim: &ClaimView, rules: &Rules, home: &MemoryViews) -> Option<Date> {
        let day = self.day;
        let calendar = Calendar::of(&rules.pack, claim.entitled_from?);
        let first = claim.cycle(calendar.periods)?.first();
        if !calendar.first_wait && first.is_some_and(|first| day <= first.last()) {
            return Some(day); // As much as the first period gives leaves at once, by what is known every evening.
        }
        let horizon = |evening| Horizon::of(evening, self.floor);
        let decided = next_to_decide(claim, home, rules, day);
        let leaves = next_leaving(day, horizon, id, claim, home, calendar);
        let owed = arrears::next_owed(day, horizon, id, claim, home, self.law);
        [decided, leaves, owed].into_iter().flatten().min()
    }
}
