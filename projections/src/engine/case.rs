//! A case: the facts of a benefit unit and its people for one period, as stated, and then as held for calculation.

use schemas::AssessmentPeriod;

use super::civil::day_number;
use super::error::{BoundSide, CaseError, CaseFault, nearest};
use super::model::{Input, Scope};
use super::pack::Pack;
use super::value::{Value, show_fact, take_fact};

/// A case for one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// How answers and errors call it.
    pub name: String,
    /// The assessment period.
    pub period: AssessmentPeriod,
    /// Everybody in the case, in an order that ties in `rank` follow.
    pub people: Vec<Person>,
    /// Facts of the case as a whole.
    pub unit: Vec<(String, Value)>,
}

impl Case {
    /// Leaves out the facts that a pack does not ask for: those that matter to another benefit only.
    pub fn keep_known(&mut self, pack: &Pack) {
        let known = |scope| move |(name, _): &(String, Value)| fact_index(pack, scope, name).is_ok();
        self.unit.retain(known(Scope::Unit));
        self.people.iter_mut().for_each(|person| person.facts.retain(known(Scope::Person)));
    }
}

/// Somebody in a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// How answers and errors call them.
    pub id: String,
    /// Their facts.
    pub facts: Vec<(String, Value)>,
}

/// A case that has every fact it needs, each as a whole number over its input's scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub name: String,
    /// Day numbers of the period.
    pub first: i64,
    pub last: i64,
    /// By input; those of persons stand at 0 here.
    pub unit: Facts,
    pub people: Vec<(String, Facts)>,
}

/// Values by input, and whether each was stated or is the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub values: Vec<i64>,
    pub stated: Vec<bool>,
}

impl Held {
    /// Checks a case against the pack's inputs.
    pub fn read(pack: &Pack, case: &Case) -> Result<Held, CaseError> {
        Held::try_read(pack, case).map_err(|why| CaseError { case: case.name.clone(), why })
    }

    fn try_read(pack: &Pack, case: &Case) -> Result<Held, CaseFault> {
        let (first, last) = (case.period.first(), case.period.last());
        if first < pack.from || pack.to.is_some_and(|to| first > to) {
            return Err(CaseFault::NotInForce { first, from: pack.from, to: pack.to });
        }
        let unit = facts(pack, Scope::Unit, "", &case.unit)?;
        let mut people: Vec<(String, Facts)> = Vec::with_capacity(case.people.len());
        for person in &case.people {
            if people.iter().any(|(id, _)| *id == person.id) {
                return Err(CaseFault::Twice { field: person.id.clone() });
            }
            people.push((person.id.clone(), facts(pack, Scope::Person, &format!("{}.", person.id), &person.facts)?));
        }
        Ok(Held { name: case.name.clone(), first: day_number(first), last: day_number(last), unit, people })
    }
}

fn facts(pack: &Pack, scope: Scope, prefix: &str, stated: &[(String, Value)]) -> Result<Facts, CaseFault> {
    let mut out = Facts { values: vec![0; pack.inputs.len()], stated: vec![false; pack.inputs.len()] };
    for (name, value) in stated {
        let field = || format!("{prefix}{name}");
        let index = fact_index(pack, scope, name).map_err(|near| CaseFault::Unknown { field: field(), near })?;
        if out.stated[index] {
            return Err(CaseFault::Twice { field: field() });
        }
        let input = &pack.inputs[index];
        let held = take_fact(input, &pack.words, value).map_err(|wrong| CaseFault::Type {
            field: field(),
            found: wrong.found,
            expected: wrong.expected,
        })?;
        check_bounds(input, &pack.words, held, &field())?;
        (out.values[index], out.stated[index]) = (held, true);
    }
    for (index, input) in pack.inputs.iter().enumerate().filter(|(_, input)| input.scope == scope) {
        if !out.stated[index] {
            out.values[index] =
                input.default.ok_or_else(|| CaseFault::Missing { field: format!("{prefix}{}", input.name) })?;
        }
    }
    Ok(out)
}

/// The input of this name and scope, or the nearest name there is.
pub(crate) fn fact_index(pack: &Pack, scope: Scope, name: &str) -> Result<usize, Option<String>> {
    let found = pack.inputs.iter().position(|input| input.scope == scope && input.name == name);
    let known = || pack.inputs.iter().filter(|input| input.scope == scope).map(|input| input.name.as_str());
    found.ok_or_else(|| nearest(name, known()).map(str::to_string))
}

/// Checks a held value against its input's `min` and `max`.
pub(crate) fn check_bounds(input: &Input, words: &[String], value: i64, field: &str) -> Result<(), CaseFault> {
    let (side, bound) = match (input.min, input.max) {
        (Some(min), _) if value < min => (BoundSide::Below, min),
        (_, Some(max)) if value > max => (BoundSide::Above, max),
        (_, _) => return Ok(()),
    };
    let show = |value| show_fact(input, words, value);
    Err(CaseFault::Bound { field: field.to_string(), value: show(value), side, bound: show(bound) })
}
