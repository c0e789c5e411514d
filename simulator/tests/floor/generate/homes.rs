//! Homes of two adults and two children: units that form and split, carers that change, accounts sole, joint and wrong.

#![expect(clippy::expect_used, reason = "a generated home names only its own people: a test stops where it does not")]

use jiff::civil::Date;
use projections::floor::{Account, FloorAmount, Member, PersonLedger, TaggedCredit, UnitId};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use schemas::{PersonId, Timeline};

use super::{Scene, plus, rates, scenes};

/// What bears on the floors of the people of one home: two adults, then two children.
#[derive(Clone, Debug)]
pub struct Home {
    /// Its credits and outflows, and the days judged. The home's people have their own floors.
    pub scene: Scene,
    /// Of each person.
    pub people: Vec<Resident>,
    /// Of each credit: whose account, who else's if it is a joint one, and the person that the payee rule names.
    pub accounts: Vec<(usize, Option<usize>, usize)>,
    /// Of each outflow: who must pay it.
    pub payers: Vec<usize>,
}

/// What changes about one person, and when.
#[derive(Clone, Debug)]
pub struct Resident {
    pub floor: Changes<FloorAmount>,
    pub unit: Changes<Option<u32>>,
    pub carer: Changes<Option<usize>>,
}

/// What holds at first, and later values with the days from which they hold.
#[derive(Clone, Debug)]
pub struct Changes<T>(pub T, pub Vec<(Date, T)>);

const ADULTS: usize = 2;
const PEOPLE: usize = 4;

prop_compose! {
    pub fn homes()(scene in scenes())(
        people in vec(residents(scene.days.from()), PEOPLE),
        accounts in vec((0..PEOPLE, weighted(0.3, 0..PEOPLE), 0..PEOPLE), scene.credits.len()),
        payers in vec(0..PEOPLE, scene.outflows.len()),
        scene in Just(scene),
    ) -> Home {
        let mut home = Home { scene, people, accounts, payers };
        for adult in home.people.iter_mut().take(ADULTS) {
            adult.carer = Changes(None, Vec::new());
        }
        home
    }
}

prop_compose! {
    fn residents(near: Date)(
        floor in changes(near, rates()),
        unit in changes(near, weighted(0.8, 0..2_u32)),
        carer in changes(near, weighted(0.8, 0..ADULTS)),
    ) -> Resident {
        Resident { floor, unit, carer }
    }
}

fn changes<T: Clone + std::fmt::Debug>(
    near: Date,
    values: impl Strategy<Value = T> + Clone,
) -> impl Strategy<Value = Changes<T>> {
    let day = (-150..300_i32).prop_map(move |days| plus(near, days));
    (values.clone(), vec((day, values), 0..4)).prop_map(|(first, later)| Changes(first, later))
}

impl Home {
    /// The home as the interval form takes it. Whose floor is judged does not matter when everyone's is.
    pub fn ledger(&self) -> PersonLedger {
        let people = (0..).zip(&self.people).map(|(place, resident)| self.member(place, resident)).collect();
        let credits = self.scene.credits.iter().zip(&self.accounts).map(|(credit, (one, other, payee))| TaggedCredit {
            credit: *credit,
            settled: match other {
                Some(other) if other != one => Account::Joint(person(*one), person(*other)),
                Some(_) | None => Account::Sole(person(*one)),
            },
            payee: person(*payee),
        });
        PersonLedger::new(person(0), people, credits.collect()).expect("everyone named is there once")
    }

    fn member(&self, place: usize, resident: &Resident) -> Member {
        let outflows = self.scene.outflows.iter().zip(&self.payers);
        Member {
            person: person(place),
            floor: resident.floor.timeline(|amount| amount),
            outflows: outflows.filter(|(_, payer)| **payer == place).map(|(outflow, _)| *outflow).collect(),
            unit: resident.unit.timeline(|unit| unit.map(|number| UnitId(number.into()))),
            carer: resident.carer.timeline(|carer| carer.map(person)),
        }
    }
}

impl<T: Copy> Changes<T> {
    /// As a timeline: of two values from one day on, the later in the list holds.
    pub fn timeline<U: Clone + PartialEq>(&self, to: impl Fn(T) -> U) -> Timeline<U> {
        let mut timeline = Timeline::always(to(self.0));
        let mut later = self.1.clone();
        later.sort_by_key(|(from, _)| *from);
        for (from, value) in later {
            timeline.set_from(from, to(value));
        }
        timeline
    }

    /// As steps, the first of which holds since the first day of the calendar.
    pub fn steps(&self) -> Vec<(Date, T)> {
        std::iter::once((Date::MIN, self.0)).chain(self.1.iter().copied()).collect()
    }
}

fn person(place: usize) -> PersonId {
    format!("00000000-0000-7000-8000-{place:012}").parse().expect("an id")
}
