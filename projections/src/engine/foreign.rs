//! Tests written for OpenFisca or PolicyEngine, read through the pack's alias file.
//!
//! `aliases.yaml` says what their variables are called here and what they mean: which of our facts and results, per year or
//! per month, and how an age becomes a day of birth. A test that says a thing without an alias is wrong, not passed over.
//!
//! ```yaml
//! year_begins: 05-01                      # the period `2025` is the assessment period from 1 May 2025
//! people: [people, persons]               # groups that hold persons
//! unit: [benunits, households, families]  # groups that hold facts of the case
//! members: [members]                      # keys that say who belongs to a group
//! inputs:
//!   age: {as: birth_date, age: true, roles: {child: 0, young_person: 16, adult: 18}}
//!   employment_income: {as: net_earnings, per: year}
//!   region: {as: region, words: {LONDON: london}}
//! outputs:
//!   benefit_cap: {as: benefit_cap, per: year}
//! ignore: [is_parent]                     # variables that change nothing here
//! ```

use jiff::ToSpan;
use jiff::civil::Date;
use schemas::yaml::{self, Node, NodeKind};
use schemas::{AssessmentPeriod, Money};

use super::case::{Case, Person};
use super::case_text::{CaseTextError, Expected, StatedCase};
use super::error::{PackError, Place};
use super::exact::Exact;
use super::model::{Scope, Ty};
use super::pack::Pack;
use super::source::{PackFiles, check_keys, place, shown};

const FILE: &str = "aliases.yaml";

/// What the variables of other programs are called in a pack.
#[derive(Debug)]
pub(crate) struct Aliases {
    /// Month and day on which the assessment period begins that stands for a year.
    year_begins: (i8, i8),
    people: Vec<String>,
    unit: Vec<String>,
    members: Vec<String>,
    ignore: Vec<String>,
    inputs: Vec<Alias>,
    outputs: Vec<Alias>,
}

/// One variable.
#[derive(Debug)]
struct Alias {
    theirs: String,
    ours: String,
    scope: Scope,
    /// How many of our amounts make one of theirs: 12 for a variable of a year.
    per: i64,
    /// Whether it is an age in years, for a fact that is a day of birth.
    age: bool,
    /// Roles by the least age, for a person who states none.
    roles: Vec<(i64, String)>,
    /// Their words for our words.
    words: Vec<(String, String)>,
}

type Wrong<'n> = (&'n Node, String);

/// Whether a test is written for another program: its period is a year or a month, and ours is a day.
pub(crate) fn is_foreign(case: &Node) -> bool {
    let period = case.get("period").and_then(Node::text).map(bare_period);
    period.is_some_and(|text| matches!(text.len(), 4 | 7) && text.starts_with(|c: char| c.is_ascii_digit()))
}

impl Pack {
    /// Everything that is wrong with the alias file among the files of a pack, where there is one.
    pub fn alias_errors(&self, files: &PackFiles) -> Vec<PackError> {
        Aliases::read(self, files).err().unwrap_or_default()
    }
}

impl Aliases {
    /// The alias file of a pack, if it has one.
    pub fn read(pack: &Pack, files: &PackFiles) -> Result<Option<Aliases>, Vec<PackError>> {
        let Some(text) = files.0.get(FILE) else { return Ok(None) };
        let node = yaml::parse(text).map_err(|e| {
            let place = Place { file: FILE.into(), line: e.line, column: e.column };
            vec![PackError::new(place, e.message, "a YAML document")]
        })?;
        let mut errors = Vec::new();
        let keys = ["year_begins", "people", "unit", "members", "ignore", "inputs", "outputs"];
        check_keys(FILE, &node, &keys, &mut errors);
        let list = |key: &str| {
            let items = node.get(key).map(Node::items).unwrap_or_default();
            items.iter().filter_map(Node::text).map(str::to_string).collect()
        };
        let mut alias = |key: &str, of_facts: bool| -> Vec<Alias> {
            let entries = node.get(key).map(Node::entries).unwrap_or_default();
            entries.iter().filter_map(|(theirs, spec)| read_alias(pack, theirs, spec, of_facts, &mut errors)).collect()
        };
        let (inputs, outputs) = (alias("inputs", true), alias("outputs", false));
        let year_begins = match node.get("year_begins") {
            None => Some((1, 1)),
            Some(text) => month_day(text.text().unwrap_or_default()),
        };
        if let (None, Some(at)) = (year_begins, node.get("year_begins")) {
            errors.push(PackError::new(place(FILE, at), shown(at), "a month and a day, as `05-01`"));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Some(Aliases {
            year_begins: year_begins.unwrap_or((1, 1)),
            people: list("people"),
            unit: list("unit"),
            members: list("members"),
            ignore: list("ignore"),
            inputs,
            outputs,
        }))
    }

    /// One test as a case of the pack.
    ///
    /// # Errors
    /// The first thing in it that has no alias, does not fit, or is more than one case.
    pub fn case(&self, pack: &Pack, node: &Node) -> Result<StatedCase, CaseTextError> {
        let name = node.get("name").and_then(Node::text);
        self.read_case(pack, name, node).map_err(|(at, message)| CaseTextError {
            line: at.line,
            column: at.column,
            case: name.map(str::to_string),
            message,
        })
    }

    fn read_case<'n>(&self, pack: &Pack, name: Option<&str>, node: &'n Node) -> Result<StatedCase, Wrong<'n>> {
        let period = self.period(pack, node)?;
        let name = name.map_or_else(|| format!("test at line {}", node.line), str::to_string);
        let mut case = Case { name, period, people: Vec::new(), unit: Vec::new() };
        if let Some(input) = node.get("input") {
            self.people(pack, input, &mut case)?;
            for (key, value) in input.entries() {
                let theirs = key.text().unwrap_or_default();
                if self.unit.iter().any(|group| group == theirs) {
                    self.group(pack, value, &mut case)?;
                } else if !self.people.iter().any(|group| group == theirs) {
                    self.fact(pack, (key, value), None, &mut case)?;
                }
            }
        }
        let margin = match node.get("absolute_error_margin") {
            None => Exact::ZERO,
            Some(n) => {
                n.text().and_then(Exact::parse).ok_or_else(|| (n, format!("found {}, expected a number", shown(n))))?
            }
        };
        let mut expected = Vec::new();
        for (key, value) in node.get("output").map(Node::entries).unwrap_or_default() {
            self.expect((key, value), None, &case, &mut expected)?;
        }
        Ok(StatedCase { case, expected, margin, refused: None, after: None, line: node.line })
    }

    fn period<'n>(&self, pack: &Pack, node: &'n Node) -> Result<AssessmentPeriod, Wrong<'n>> {
        let at = node.get("period").unwrap_or(node);
        let text = bare_period(at.text().unwrap_or_default());
        let day = match text.split_once('-') {
            None => text.parse().ok().and_then(|year| Date::new(year, self.year_begins.0, self.year_begins.1).ok()),
            Some(_) => format!("{text}-01").parse().ok(),
        };
        day.and_then(|day| pack.period_starting(day).ok())
            .ok_or_else(|| (at, format!("period: found {}, expected a year or a month, as `2025-06`", shown(at))))
    }

    /// The persons of all groups that hold persons. Where there is no such group, one person has every fact of persons.
    fn people<'n>(&self, pack: &Pack, input: &'n Node, case: &mut Case) -> Result<(), Wrong<'n>> {
        for group in self.people.iter().filter_map(|group| input.get(group)) {
            for (id, facts) in group.entries() {
                let id = id.text().unwrap_or_default();
                case.people.push(Person { id: id.to_string(), facts: Vec::new() });
                for (key, value) in facts.entries() {
                    self.fact(pack, (key, value), Some(id), case)?;
                }
            }
        }
        if case.people.is_empty() {
            case.people.push(Person { id: "person".into(), facts: Vec::new() });
        }
        Ok(())
    }

    /// The facts of a group that stands for the case.
    fn group<'n>(&self, pack: &Pack, groups: &'n Node, case: &mut Case) -> Result<(), Wrong<'n>> {
        if let [_, (second, _), ..] = groups.entries() {
            return Err((
                second,
                format!("found a second group {}, expected one: a case is one benefit unit", shown(second)),
            ));
        }
        for (key, value) in groups.entries().iter().flat_map(|(_, group)| group.entries()) {
            if !self.members.iter().any(|members| Some(members.as_str()) == key.text()) {
                self.fact(pack, (key, value), None, case)?;
                continue;
            }
            let of_group = |person: &Person| value.items().iter().any(|id| id.text() == Some(&person.id));
            if let Some(other) = case.people.iter().find(|person| !of_group(person)) {
                return Err((
                    value,
                    format!("`{}` is not among the members, and a case is one benefit unit", other.id),
                ));
            }
        }
        Ok(())
    }

    /// States one of their variables as one of our facts, of a person or of the case.
    fn fact<'n>(
        &self,
        pack: &Pack,
        (key, node): (&'n Node, &'n Node),
        person: Option<&str>,
        case: &mut Case,
    ) -> Result<(), Wrong<'n>> {
        let theirs = key.text().unwrap_or_default();
        if self.ignore.iter().any(|ignored| ignored == theirs) {
            return Ok(());
        }
        let alias = find(&self.inputs, key, "inputs")?;
        let text =
            node.text().ok_or_else(|| (node, format!("{theirs}: found {}, expected a single value", shown(node))))?;
        let ours = alias.text(text, case.period).ok_or_else(|| {
            let expected = if alias.age { "an age in whole years" } else { "a number" };
            (node, format!("{theirs}: found `{text}`, expected {expected}"))
        })?;
        let value = pack
            .read_fact(alias.scope, person, &alias.ours, &ours)
            .map_err(|why| (node, format!("{theirs}: {why}")))?;
        if alias.scope == Scope::Unit {
            case.unit.push((alias.ours.clone(), value));
            return Ok(());
        }
        let Some(of) = case.people.iter_mut().find(|p| person.is_none_or(|id| p.id == id)) else { return Ok(()) };
        of.facts.push((alias.ours.clone(), value));
        let role = text.parse::<i64>().ok().and_then(|age| alias.roles.iter().rev().find(|(least, _)| *least <= age));
        if let Some((_, role)) = role {
            let value = pack.read_fact(Scope::Person, person, "role", role).map_err(|why| (node, why.to_string()))?;
            of.facts.push(("role".into(), value));
        }
        Ok(())
    }

    fn expect<'n>(
        &self,
        (key, node): (&'n Node, &'n Node),
        person: Option<&str>,
        case: &Case,
        out: &mut Vec<Expected>,
    ) -> Result<(), Wrong<'n>> {
        let theirs = key.text().unwrap_or_default();
        let is_group = |groups: &[String]| person.is_none() && groups.iter().any(|group| group == theirs);
        if is_group(&self.people) {
            for (id, results) in node.entries() {
                for (key, value) in results.entries() {
                    self.expect((key, value), id.text(), case, out)?;
                }
            }
            return Ok(());
        }
        if is_group(&self.unit) {
            for (key, value) in node.entries().iter().flat_map(|(_, group)| group.entries()) {
                self.expect((key, value), None, case, out)?;
            }
            return Ok(());
        }
        let alias = find(&self.outputs, key, "outputs")?;
        let values: Vec<&Node> =
            if matches!(node.kind, NodeKind::List(_)) { node.items().iter().collect() } else { vec![node] };
        let people: Vec<Option<&str>> = match (alias.scope, person) {
            (Scope::Unit, _) => vec![None],
            (Scope::Person, Some(person)) => vec![Some(person)],
            (Scope::Person, None) => case.people.iter().map(|person| Some(person.id.as_str())).collect(),
        };
        if values.len() != people.len() {
            return Err((node, format!("{theirs}: found {} values, expected {}", values.len(), people.len())));
        }
        for (value, person) in values.into_iter().zip(people) {
            let text = value
                .text()
                .ok_or_else(|| (value, format!("{theirs}: found {}, expected a single value", shown(value))))?;
            out.push(Expected {
                rule: alias.ours.clone(),
                person: person.map(str::to_string),
                text: alias.word(text).to_string(),
                per: alias.per,
            });
        }
        Ok(())
    }
}

impl Alias {
    /// Their value as the text of our fact: an age as a day of birth, an amount of a year as that of a month.
    fn text(&self, text: &str, period: AssessmentPeriod) -> Option<String> {
        if self.age {
            let years: i64 = text.parse().ok().filter(|age| (0..150).contains(age))?;
            return period.first().checked_sub(years.years()).ok().map(|born| born.to_string());
        }
        if self.per == 1 {
            return Some(self.word(text).to_string());
        }
        let monthly = Exact::parse(text)?.checked_mul(Exact::whole(self.per.into()).inverse()?)?;
        i64::try_from(monthly.rounded_to(100)?).ok().map(|pence| Money::from_pence(pence).to_string())
    }

    fn word<'t>(&'t self, text: &'t str) -> &'t str {
        self.words.iter().find(|(theirs, _)| theirs == text).map_or(text, |(_, ours)| ours)
    }
}

fn find<'a, 'n>(aliases: &'a [Alias], key: &'n Node, list: &str) -> Result<&'a Alias, Wrong<'n>> {
    let theirs = key.text().unwrap_or_default();
    aliases.iter().find(|alias| alias.theirs == theirs).ok_or_else(|| {
        let near = super::error::nearest(theirs, aliases.iter().map(|alias| alias.theirs.as_str()));
        let advice = near.map(|near| format!("did you mean `{near}`?"));
        let advice = advice.unwrap_or_else(|| format!("say under `{list}` of {FILE} what it is here"));
        (key, format!("`{theirs}` has no alias; {advice}"))
    })
}

fn read_alias(pack: &Pack, theirs: &Node, spec: &Node, of_facts: bool, errors: &mut Vec<PackError>) -> Option<Alias> {
    let known: &[&str] =
        if of_facts { &["as", "per", "age", "roles", "words", "note"] } else { &["as", "per", "words", "note"] };
    check_keys(FILE, spec, known, errors);
    let facts = || pack.inputs().iter().map(|input| (input.name.as_str(), input.scope, input.ty));
    let rules = || pack.rules().map(|rule| (rule.id.as_str(), rule.scope, rule.ty));
    let all: Vec<(&str, Scope, Ty)> = if of_facts { facts().collect() } else { rules().collect() };
    let Some(ours) = spec.get("as").filter(|node| node.text().is_some()) else {
        errors.push(PackError::new(place(FILE, spec), "an alias without `as`", "`as`, our name for it"));
        return None;
    };
    let name = ours.text().unwrap_or_default();
    let Some((_, scope, ty)) = all.iter().find(|(known, ..)| *known == name) else {
        let expected = if of_facts { "a fact of the pack" } else { "a rule of the pack" };
        errors
            .push(PackError::new(place(FILE, ours), shown(ours), expected).nearest(name, all.iter().map(|(n, ..)| *n)));
        return None;
    };
    let per = match spec.get("per").map(|node| (node, node.text())) {
        None | Some((_, Some("month"))) => 1,
        Some((_, Some("year"))) => 12,
        Some((node, _)) => {
            errors.push(PackError::new(place(FILE, node), shown(node), "`month` or `year`"));
            1
        }
    };
    if per != 1 && *ty != Ty::Money {
        errors.push(PackError::new(
            place(FILE, spec),
            format!("`{name}` per year"),
            "an amount of money: nothing else is per year",
        ));
    }
    let texts = |key: &str| {
        let entries = spec.get(key).map(Node::entries).unwrap_or_default();
        entries.iter().filter_map(|(a, b)| Some((a.text()?.to_string(), b.text()?.to_string()))).collect::<Vec<_>>()
    };
    let mut roles: Vec<(i64, String)> =
        texts("roles").into_iter().filter_map(|(role, least)| Some((least.parse().ok()?, role))).collect();
    roles.sort();
    Some(Alias {
        theirs: theirs.text().unwrap_or_default().to_string(),
        ours: name.to_string(),
        scope: *scope,
        per,
        age: spec.get("age").and_then(Node::text) == Some("true"),
        roles,
        words: texts("words"),
    })
}

/// A period without the word that some tests put before it, as in `year:2025`.
fn bare_period(text: &str) -> &str {
    text.split_once(':').map_or(text, |(_, period)| period)
}

fn month_day(text: &str) -> Option<(i8, i8)> {
    let (month, day) = text.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    Date::new(2025, month, day).is_ok().then_some((month, day))
}
