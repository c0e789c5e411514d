//! The world as it will be when what is planned for an evening has left: what further plans of the same evening rest on.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemas::day::london_hour;
use schemas::events::{Event, PaymentReleased};
use schemas::{CommandId, Digest, Envelope, EventId, PersonId, Recorded, RunId, Subject};
use uuid::Uuid;

use crate::payments::Planned;
use crate::plan::EVENING;
use crate::views::MemoryViews;

/// Payments that will leave on the evening of a day, by the person entitled.
pub struct Leaving<'a> {
    day: Date,
    by_person: BTreeMap<PersonId, Vec<&'a Planned>>,
}

impl<'a> Leaving<'a> {
    /// These, on this day.
    pub fn new(day: Date, planned: &'a [Planned]) -> Leaving<'a> {
        let mut by_person: BTreeMap<PersonId, Vec<&Planned>> = BTreeMap::new();
        planned.iter().for_each(|planned| by_person.entry(planned.person).or_default().push(planned));
        Leaving { day, by_person }
    }

    /// A piece of the world in which those of its people have left.
    pub fn applied_to(&self, mut world: MemoryViews) -> MemoryViews {
        let people: Vec<PersonId> = world.people().map(|(person, _)| person).collect();
        for person in people {
            for Planned { payment, .. } in self.by_person.get(&person).into_iter().flatten() {
                let known = world.person(person).is_some_and(|view| view.payment(payment.payment).is_some());
                let left = PaymentReleased { payment: payment.payment, run: RunId(Uuid::nil()), file: Digest([0; 32]) };
                let instructed = (!known).then(|| Event::from(payment.clone()));
                for event in instructed.into_iter().chain([left.into()]) {
                    let sequence = world.position() + 1;
                    world.apply(&Recorded { sequence, envelope: expected(self.day, person, event) });
                }
            }
        }
        world
    }
}

/// An event that will be recorded on the evening of a day.
fn expected(day: Date, person: PersonId, event: Event) -> Envelope {
    Envelope {
        id: EventId { command: CommandId(Uuid::nil()), index: 0 },
        subject: Subject::Person(person),
        time: london_hour(day, EVENING),
        effective_from: day,
        effective_to: None,
        notified_on: None,
        decided_on: None,
        causation: None,
        correlation: None,
        actor: String::new(),
        command_hash: Digest([0; 32]),
        prev: None,
        event,
    }
}
