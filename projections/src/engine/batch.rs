//! Cases of a batch as columns, filled by number and not by name.

use super::case::Held;
use super::civil::day_number;
use super::lower::Tape;
use super::model::{Input, Scope};
use schemas::AssessmentPeriod;

/// The column of a fact. Facts that nothing reads have no column, and setting them does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub(crate) scope: Scope,
    pub(crate) column: Option<u32>,
}

/// Cases side by side. Filling it costs no look-up by name and, once it has grown to its size, no allocation.
#[derive(Clone, Debug)]
pub struct Batch {
    pub(crate) first: Vec<i64>,
    pub(crate) last: Vec<i64>,
    pub(crate) unit: Vec<Column>,
    pub(crate) person: Vec<Column>,
    /// First person of each case, and the end of the last.
    pub(crate) starts: Vec<u32>,
    /// The case of each person.
    pub(crate) owner: Vec<u32>,
}

/// Values of one fact.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub values: Vec<i64>,
    /// What a case that does not state the fact gets; [`UNSTATED`] where it must.
    default: i64,
}

/// Stands for a fact that was not stated and has no default. No fact can be this small.
pub(crate) const UNSTATED: i64 = i64::MIN;

impl Batch {
    pub(crate) fn new(unit: &[&Input], person: &[&Input]) -> Batch {
        let columns = |inputs: &[&Input]| {
            inputs.iter().map(|i| Column { values: Vec::new(), default: i.default.unwrap_or(UNSTATED) }).collect()
        };
        Batch {
            first: Vec::new(),
            last: Vec::new(),
            unit: columns(unit),
            person: columns(person),
            starts: vec![0],
            owner: Vec::new(),
        }
    }

    /// Takes all cases out and keeps the room.
    pub fn clear(&mut self) {
        self.first.clear();
        self.last.clear();
        self.unit.iter_mut().chain(&mut self.person).for_each(|column| column.values.clear());
        self.starts.truncate(1);
        self.owner.clear();
    }

    /// How many cases it holds.
    pub fn len(&self) -> usize {
        self.first.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// How many people all its cases have.
    pub fn people(&self) -> usize {
        self.owner.len()
    }

    /// Begins a case; its facts are the defaults until they are set.
    pub fn add_case(&mut self, period: AssessmentPeriod) {
        self.add_period(day_number(period.first()), day_number(period.last()));
    }

    fn add_period(&mut self, first: i64, last: i64) {
        self.first.push(first);
        self.last.push(last);
        for column in &mut self.unit {
            column.values.push(column.default);
        }
        self.starts.push(self.owner.len() as u32);
    }

    /// Adds a person to the case begun last. Without a case it does nothing.
    pub fn add_person(&mut self) {
        let Some(case) = self.first.len().checked_sub(1) else { return };
        self.owner.push(case as u32);
        for column in &mut self.person {
            column.values.push(column.default);
        }
        if let Some(end) = self.starts.last_mut() {
            *end += 1;
        }
    }

    /// Sets a fact of the case begun last, or of the person added last: pence, a day number, 0 or 1, a count, a rate over its scale, or the number of a word.
    /// The caller answers for the fact's bounds.
    pub fn set(&mut self, slot: Slot, value: i64) {
        let columns = match slot.scope {
            Scope::Unit => &mut self.unit,
            Scope::Person => &mut self.person,
        };
        let column = slot.column.and_then(|c| columns.get_mut(c as usize));
        if let Some(last) = column.and_then(|c| c.values.last_mut()) {
            *last = value;
        }
    }

    /// Sets a fact that is a day.
    pub fn set_day(&mut self, slot: Slot, day: jiff::civil::Date) {
        self.set(slot, day_number(day));
    }

    /// Adds a case that has been read.
    pub(crate) fn add_held(&mut self, tape: &Tape, held: &Held) {
        self.add_period(held.first, held.last);
        for (column, input) in self.unit.iter_mut().zip(&tape.unit_facts) {
            if let Some(last) = column.values.last_mut() {
                *last = held.unit.values[*input];
            }
        }
        for (_, facts) in &held.people {
            self.add_person();
            for (column, input) in self.person.iter_mut().zip(&tape.person_facts) {
                if let Some(last) = column.values.last_mut() {
                    *last = facts.values[*input];
                }
            }
        }
    }

    /// The people of a case.
    pub fn people_of(&self, case: usize) -> std::ops::Range<usize> {
        self.starts[case] as usize..self.starts[case + 1] as usize
    }
}
