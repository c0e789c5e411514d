//! Results as rows: `name`, `period`, then the pack's outputs; those of persons as `a1.child_amount`.

use jiff::civil::Date;
use projections::engine::{Answer, Figure, Pack, Scope, Ty};

use crate::error::Failure;

/// The columns of a file of results.
pub struct Columns {
    unit: Vec<(String, Ty)>,
    /// Outputs of each person.
    person: Vec<(String, Ty)>,
    people: Vec<String>,
}

/// A row of results. The figures of a person who is not in the case, and those of a case without an answer, are missing.
pub struct Row {
    /// The case's name.
    pub name: String,
    /// First day of its period, where that is known.
    pub period: Option<Date>,
    /// One for each column after these two.
    pub figures: Vec<Option<Figure>>,
}

impl Columns {
    /// The columns for a pack and everybody who can be in a case.
    pub fn new(pack: &Pack, people: &[String]) -> Columns {
        let rule = |id: &str| pack.rules().find(|rule| rule.id == id);
        let typed = |id: &str| rule(id).map(|rule| (rule.scope, (rule.id.clone(), rule.ty)));
        let of = |scope: Scope| {
            pack.outputs().filter_map(typed).filter(|(s, _)| *s == scope).map(|(_, column)| column).collect()
        };
        Columns { unit: of(Scope::Unit), person: of(Scope::Person), people: people.to_vec() }
    }

    /// Every column after `name` and `period`, with its type.
    pub fn typed(&self) -> Vec<(String, Ty)> {
        let mut columns = self.unit.clone();
        for person in &self.people {
            columns.extend(self.person.iter().map(|(output, ty)| (format!("{person}.{output}"), *ty)));
        }
        columns
    }

    /// The header.
    ///
    /// # Errors
    /// It cannot be written as CSV; no header is such.
    pub fn header(&self) -> Result<String, Failure> {
        let typed = self.typed().into_iter().map(|(name, _)| name);
        line(&["name".to_string(), "period".to_string()].into_iter().chain(typed).collect::<Vec<_>>())
    }

    /// A case; without an answer all its figures are missing.
    pub fn row(&self, name: &str, period: Option<Date>, answer: Option<Answer>) -> Row {
        let mut figures: Vec<Option<Figure>> = match &answer {
            Some(answer) => answer.unit.iter().map(|(_, figure)| Some(figure.clone())).collect(),
            None => vec![None; self.unit.len()],
        };
        for id in self.people.iter().filter(|_| !self.person.is_empty()) {
            match answer.iter().flat_map(|answer| &answer.people).find(|person| person.id == *id) {
                Some(person) => figures.extend(person.figures.iter().map(|(_, figure)| Some(figure.clone()))),
                None => figures.extend(self.person.iter().map(|_| None)),
            }
        }
        Row { name: name.to_string(), period, figures }
    }
}

impl Row {
    /// As CSV.
    ///
    /// # Errors
    /// It cannot be written as CSV; no case is such.
    pub fn line(&self) -> Result<String, Failure> {
        let mut cells = vec![self.name.clone(), self.period.map(|day| day.to_string()).unwrap_or_default()];
        cells.extend(self.figures.iter().map(|figure| figure.as_ref().map(cell).unwrap_or_default()));
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
