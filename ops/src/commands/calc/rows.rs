//! Cases as rows: a header of `name`, `period`, facts of the case (`rent`) and of persons (`a1.birth_date`), then one case
//! to a row. An empty cell states nothing; a person with no cell filled is not in the case.

use csv::StringRecord;
use projections::engine::{Case, Pack, Person, Scope};

use super::facts::{self, period};
use super::source::{At, Places, Stated};

/// What a column holds.
#[derive(Clone, Debug)]
enum Column {
    Name,
    Period,
    Unit(String),
    /// Number of the person, and the fact.
    Person(usize, String),
}

/// What the columns of a file hold.
#[derive(Clone, Debug)]
pub struct Header {
    columns: Vec<Column>,
    /// The ids of the persons that it names.
    pub people: Vec<String>,
}

impl Header {
    /// Reads the names of columns.
    ///
    /// # Errors
    /// There are none, or one is unknown, missing or there twice.
    pub fn read(pack: &Pack, names: &[&str]) -> Result<Header, String> {
        if names.iter().all(|name| name.is_empty()) {
            return Err("the file is empty; expected a header of `name`, `period` and facts".into());
        }
        let mut header = Header { columns: Vec::new(), people: Vec::new() };
        for (at, name) in names.iter().enumerate() {
            if names.iter().take(at).any(|other| other == name) {
                return Err(format!("column `{name}` stands twice; keep one"));
            }
            let column = header.column(pack, name)?;
            header.columns.push(column);
        }
        if !names.contains(&"period") {
            return Err("column `period` is missing; add it with the first day of each period".into());
        }
        Ok(header)
    }

    fn column(&mut self, pack: &Pack, name: &str) -> Result<Column, String> {
        match name {
            "name" => return Ok(Column::Name),
            "period" => return Ok(Column::Period),
            "" => return Err("a column without a name; name it or take it out".into()),
            _ => {}
        }
        let field = name.strip_prefix("people.").unwrap_or(name);
        let known = |scope, fact| facts::known(pack, scope, &format!("column {name}"), fact);
        let Some((person, fact)) = field.split_once('.') else {
            return known(Scope::Unit, field).map(|()| Column::Unit(field.to_string()));
        };
        known(Scope::Person, fact)?;
        let number = self.people.iter().position(|id| id == person);
        let number = number.unwrap_or_else(|| {
            self.people.push(person.to_string());
            self.people.len() - 1
        });
        Ok(Column::Person(number, fact.to_string()))
    }

    /// How messages and results call a row: by its `name`, else by its number.
    pub fn name(&self, row: usize, cells: &StringRecord) -> String {
        let mut cells = self.columns.iter().zip(cells);
        let named = cells.find(|(column, text)| matches!(column, Column::Name) && !text.is_empty());
        named.map_or_else(|| format!("row {row}"), |(_, text)| text.to_string())
    }

    /// The case of a row on a line of the file.
    ///
    /// # Errors
    /// The field, what was found and what was expected.
    pub fn case(&self, pack: &Pack, line: usize, name: &str, cells: &StringRecord) -> Result<Stated, String> {
        if cells.len() != self.columns.len() {
            let (found, expected) = (cells.len(), self.columns.len());
            return Err(format!(
                "found {found} cells, expected {expected} as in the header; leave a cell empty where a fact is not stated"
            ));
        }
        let columns = || self.columns.iter().zip(cells);
        let stated = columns().find(|(column, _)| matches!(column, Column::Period)).map_or("", |(_, text)| text);
        let period = period(pack, stated)?;
        let mut case = Case { name: name.to_string(), period, people: Vec::new(), unit: Vec::new() };
        let mut people: Vec<Person> =
            self.people.iter().map(|id| Person { id: id.clone(), facts: Vec::new() }).collect();
        for (column, text) in columns() {
            match column {
                Column::Name | Column::Period => {}
                Column::Unit(_) | Column::Person(..) if text.is_empty() => {}
                Column::Unit(name) => {
                    case.unit.push((name.clone(), facts::value(pack, Scope::Unit, None, name, text)?));
                }
                Column::Person(person, name) => {
                    let Some(person) = people.get_mut(*person) else { continue };
                    let value = facts::value(pack, Scope::Person, Some(&person.id), name, text)?;
                    person.facts.push((name.clone(), value));
                }
            }
        }
        case.people = people.into_iter().filter(|person| !person.facts.is_empty()).collect();
        Ok(Stated { case, places: Places { case: At { line, column: None }, fields: Vec::new() } })
    }
}
