//! Results as CSV: `name`, `period`, then the pack's outputs; those of persons as `a1.child_amount`.

use projections::engine::{Figure, Pack, Scope};

use super::Done;
use crate::error::Failure;

/// The columns of a file of results.
pub struct Columns {
    unit: Vec<String>,
    /// Outputs of each person.
    person: Vec<String>,
    people: Vec<String>,
}

impl Columns {
    /// The columns for a pack and everybody who can be in a case.
    pub fn new(pack: &Pack, people: &[String]) -> Columns {
        let is_of_person = |output: &&str| pack.rules().any(|rule| rule.id == **output && rule.scope == Scope::Person);
        let (person, unit): (Vec<&str>, Vec<&str>) = pack.outputs().partition(is_of_person);
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_string).collect();
        Columns { unit: owned(unit), person: owned(person), people: people.to_vec() }
    }

    /// The header.
    ///
    /// # Errors
    /// It cannot be written as CSV; no header is such.
    pub fn header(&self) -> Result<String, Failure> {
        let mut cells = vec!["name".to_string(), "period".to_string()];
        cells.extend(self.unit.iter().cloned());
        for person in &self.people {
            cells.extend(self.person.iter().map(|output| format!("{person}.{output}")));
        }
        line(&cells)
    }

    /// A case. The cells of a person who is not in it stay empty.
    ///
    /// # Errors
    /// It cannot be written as CSV; no case is such.
    pub fn row(&self, done: &Done<'_>) -> Result<String, Failure> {
        let mut cells = vec![done.case.name.clone(), done.case.period.first().to_string()];
        cells.extend(done.answer.unit.iter().map(|(_, figure)| cell(figure)));
        for id in self.people.iter().filter(|_| !self.person.is_empty()) {
            match done.answer.people.iter().find(|person| person.id == *id) {
                Some(person) => cells.extend(person.figures.iter().map(|(_, figure)| cell(figure))),
                None => cells.extend(self.person.iter().map(|_| String::new())),
            }
        }
        line(&cells)
    }
}

fn cell(figure: &Figure) -> String {
    figure.money().map_or_else(|| figure.text.clone(), |money| money.to_string())
}

fn line(cells: &[String]) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells).map_err(|e| Failure::input(e.to_string()))?;
    let bytes = writer.into_inner().map_err(|e| Failure::input(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| Failure::input(e.to_string()))
}
