//! Cases as people write them: the YAML or JSON of `footing calc` and of pack tests.
//!
//! ```yaml
//! - name: lone parent
//!   period: 2025-06-10
//!   input: {people: {a1: {birth_date: 1990-02-01}}, unit: {rent: 433.33}}
//!   output: {award: 1.23, people: {a1: {child_amount: 0}}}
//! ```
//!
//! `after: NAME` says that the case follows an earlier one of the file: what the pack carries comes from there.

use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemas::Money;
use schemas::yaml::{self, Node, NodeKind};

use super::case::{Case, Person, check_bounds, fact_index};
use super::civil::date_of;
use super::error::CaseFault;
use super::exact::Exact;
use super::model::{Input, Scope, Ty};
use super::pack::Pack;
use super::value::{Value, read_fact};

/// A case with the results its author expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedCase {
    /// The case.
    pub case: Case,
    /// What is expected of it; empty for a case that only asks.
    pub expected: Vec<Expected>,
    /// By how much a number may differ; 0 unless the case says otherwise.
    pub margin: Exact,
    /// The earlier case of the file from which this one carries, by name.
    pub after: Option<String>,
    /// Line of the file, from 1.
    pub line: usize,
}

/// One expected result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The rule.
    pub rule: String,
    /// The person, for a rule that belongs to persons.
    pub person: Option<String>,
    /// The value as written.
    pub text: String,
}

/// What is wrong with a written case, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct CaseTextError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// The case's name, once it is known.
    pub case: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for CaseTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        if let Some(case) = &self.case {
            write!(f, "{case}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Reads a list of cases, or a single one.
///
/// # Errors
/// Every case that is wrong, each with its first mistake.
pub fn read_cases(pack: &Pack, text: &str) -> Result<Vec<StatedCase>, Vec<CaseTextError>> {
    let error =
        |e: yaml::YamlError| vec![CaseTextError { line: e.line, column: e.column, case: None, message: e.message }];
    let document = yaml::parse(text).map_err(error)?;
    let nodes = match &document.kind {
        NodeKind::List(items) => items.iter().collect(),
        NodeKind::Map(_) | NodeKind::Scalar { .. } => vec![&document],
    };
    let (mut cases, mut errors) = (Vec::new(), Vec::new());
    for node in nodes {
        match read_case(pack, node) {
            Ok(case) => cases.push(case),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(cases) } else { Err(errors) }
}

/// Reads one case from its tree.
///
/// # Errors
/// The first mistake in it.
pub fn read_case(pack: &Pack, node: &Node) -> Result<StatedCase, CaseTextError> {
    let name = node.get("name").and_then(Node::text).map(str::to_string);
    let fail = |node: &Node, message: String| CaseTextError {
        line: node.line,
        column: node.column,
        case: name.clone(),
        message,
    };
    if !matches!(node.kind, NodeKind::Map(_)) {
        return Err(fail(node, "a case is a map with `name`, `period` and `input`".to_string()));
    }
    check_keys(
        node,
        &[
            "name",
            "period",
            "after",
            "input",
            "output",
            "absolute_error_margin",
            "source",
            "note",
            "description",
            "url",
            "keywords",
        ],
    )
    .map_err(|(n, m)| fail(n, m))?;
    let period_node = node
        .get("period")
        .ok_or_else(|| fail(node, "`period` is missing: the first day of the assessment period".to_string()))?;
    let first = period_node.text().and_then(|t| t.parse::<Date>().ok());
    let first = first.ok_or_else(|| {
        fail(
            period_node,
            format!(
                "period: found `{}`, expected a day of the calendar, as `2025-06-10`",
                period_node.text().unwrap_or("a list or map")
            ),
        )
    })?;
    let period = pack.period_starting(first).map_err(|error| fail(period_node, format!("period: {error}")))?;
    let mut case = Case {
        name: name.clone().unwrap_or_else(|| format!("case at line {}", node.line)),
        period,
        people: Vec::new(),
        unit: Vec::new(),
    };
    if let Some(input) = node.get("input") {
        check_keys(input, &["people", "unit"]).map_err(|(n, m)| fail(n, m))?;
        let read = |scope, person: Option<&str>, facts: &Node| {
            read_facts(pack, scope, person, facts).map_err(|(n, m)| fail(n, m))
        };
        case.unit = input.get("unit").map_or(Ok(Vec::new()), |facts| read(Scope::Unit, None, facts))?;
        for (id, facts) in input.get("people").map(Node::entries).unwrap_or_default() {
            let id = id.text().unwrap_or_default();
            case.people.push(Person { id: id.to_string(), facts: read(Scope::Person, Some(id), facts)? });
        }
    }
    let expected = expected(node).map_err(|(n, m)| fail(n, m))?;
    let margin = match node.get("absolute_error_margin") {
        None => Exact::ZERO,
        Some(n) => n
            .text()
            .and_then(Exact::parse)
            .ok_or_else(|| fail(n, "absolute_error_margin: expected a number".to_string()))?,
    };
    let after = node.get("after").and_then(Node::text).map(str::to_string);
    Ok(StatedCase { case, expected, margin, after, line: node.line })
}

impl Pack {
    /// Reads one fact from its text and checks it against the pack: known name, type, bounds. `person` is the id that messages put before the name.
    ///
    /// # Errors
    /// The fact is unknown (with the nearest name), not of its type, or out of bounds.
    pub fn read_fact(&self, scope: Scope, person: Option<&str>, name: &str, text: &str) -> Result<Value, CaseFault> {
        let field = person.map_or_else(|| name.to_string(), |id| format!("{id}.{name}"));
        let index = match fact_index(self, scope, name) {
            Ok(index) => index,
            Err(near) => return Err(CaseFault::Unknown { field, near }),
        };
        let input = &self.inputs[index];
        let held = read_fact(input, &self.words, text).map_err(|wrong| CaseFault::Type {
            field: field.clone(),
            found: wrong.found,
            expected: wrong.expected,
        })?;
        check_bounds(input, &self.words, held, &field)?;
        Ok(self.value_of(input, held))
    }

    fn value_of(&self, input: &Input, held: i64) -> Value {
        match input.ty {
            Ty::Money => Value::Money(Money::from_pence(held)),
            Ty::Rate => Value::Rate(Decimal::new(held, input.scale.ilog10())),
            Ty::Count | Ty::Days => Value::Count(held),
            Ty::Bool => Value::Bool(held != 0),
            Ty::Date => Value::Date(date_of(held)),
            Ty::Enum => {
                Value::Enum(usize::try_from(held).ok().and_then(|i| self.words.get(i)).cloned().unwrap_or_default())
            }
        }
    }
}

type At<'n> = (&'n Node, String);

fn check_keys<'n>(node: &'n Node, known: &[&str]) -> Result<(), At<'n>> {
    for (key, _) in node.entries() {
        let name = key.text().unwrap_or_default();
        if !known.contains(&name) {
            let near = super::error::nearest(name, known.iter().copied())
                .map(|n| format!("; did you mean `{n}`?"))
                .unwrap_or_default();
            return Err((key, format!("found the key `{name}`, expected one of {}{near}", known.join(", "))));
        }
    }
    Ok(())
}

fn read_facts<'n>(
    pack: &Pack,
    scope: Scope,
    person: Option<&str>,
    facts: &'n Node,
) -> Result<Vec<(String, Value)>, At<'n>> {
    let mut out = Vec::new();
    for (key, value) in facts.entries() {
        let name = key.text().unwrap_or_default();
        let fact = pack.read_fact(scope, person, name, value.text().unwrap_or("a list or map"));
        let fact =
            fact.map_err(|why| (if matches!(why, CaseFault::Unknown { .. }) { key } else { value }, why.to_string()))?;
        out.push((name.to_string(), fact));
    }
    Ok(out)
}

fn expected(node: &Node) -> Result<Vec<Expected>, At<'_>> {
    let mut out = Vec::new();
    let single = |value: &Node| value.text().map(str::to_string);
    for (key, value) in node.get("output").map(Node::entries).unwrap_or_default() {
        let rule = key.text().unwrap_or_default();
        if rule != "people" {
            let text = single(value).ok_or_else(|| (value, format!("output.{rule}: expected a single value")))?;
            out.push(Expected { rule: rule.to_string(), person: None, text });
            continue;
        }
        for (id, results) in value.entries() {
            for (key, value) in results.entries() {
                let (id, rule) = (id.text().unwrap_or_default(), key.text().unwrap_or_default());
                let text = single(value)
                    .ok_or_else(|| (value, format!("output.people.{id}.{rule}: expected a single value")))?;
                out.push(Expected { rule: rule.to_string(), person: Some(id.to_string()), text });
            }
        }
    }
    Ok(out)
}
