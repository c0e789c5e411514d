//! What a case comes to.

use schemas::Money;

use super::exact::Exact;
use super::model::Ty;
use super::value::show;

/// The results of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The case's name.
    pub case: String,
    /// Results of the case as a whole, by rule.
    pub unit: Vec<(String, Figure)>,
    /// Results of each person, by rule.
    pub people: Vec<PersonAnswer>,
}

/// The results of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonAnswer {
    /// The person's id.
    pub id: String,
    /// Results by rule.
    pub figures: Vec<(String, Figure)>,
}

impl Answer {
    /// A result of the case as a whole.
    pub fn get(&self, rule: &str) -> Option<&Figure> {
        self.unit.iter().find(|(id, _)| id == rule).map(|(_, figure)| figure)
    }

    /// A result of one person.
    pub fn of_person(&self, person: &str, rule: &str) -> Option<&Figure> {
        let person = self.people.iter().find(|p| p.id == person)?;
        person.figures.iter().find(|(id, _)| id == rule).map(|(_, figure)| figure)
    }
}

/// One value, exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Its type.
    pub ty: Ty,
    /// Pounds for money, 0 or 1 for a bool, a day number (0 = 1970-01-01) for a date, an index of the pack's words for an enum.
    pub exact: Exact,
    /// As people read it: `400.14`, `13/3`, `true`, `2025-06-10`, `social`.
    pub text: String,
}

impl Figure {
    pub(crate) fn new(ty: Ty, exact: Exact, words: &[String]) -> Figure {
        Figure { ty, exact, text: show(ty, words, exact) }
    }

    /// The amount to the nearest penny, half a penny away from nought (reg. 6 of SI 2013/376); nothing for what is not money.
    pub fn money(&self) -> Option<Money> {
        let pence = if self.ty == Ty::Money { self.exact.rounded_to(100) } else { None };
        pence.and_then(|pence| i64::try_from(pence).ok()).map(Money::from_pence)
    }
}
